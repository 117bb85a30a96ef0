"""How written values look: formats, units, codes, words and names."""

import pytest

from openglm.prepare._infer import MARKS
from openglm.prepare._shapes import date_formats, is_code, is_id_name, may_be_numbers, number_formats, words_per_value


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "ID",
        "customerID",
        "customer_id",
        "Order No",
        "userid",
        "编号",
        "客户编号",
        "订单号",
        "row_uuid",
        "PassengerId",
    ],
)
def test_names_of_ids(name):
    """Names that promise an id, in both languages and every spelling."""
    assert is_id_name(name)


@pytest.mark.parametrize(
    "name", ["paid", "humidity", "price", "grid_size", "valid", "age", "面积", "width", "Monday", "video"]
)
def test_names_that_only_sound_like_ids(name):
    """Words that merely end in the same letters promise nothing."""
    assert not is_id_name(name)


def test_codes():
    """One shape, hexadecimal digits or mail addresses are codes; words and sentences are not."""
    assert is_code(["7590-VHVEG", "5575-GNVDE", "3668-QPYBK"])
    assert is_code(["M14860", "L47181", "H29424"])
    assert is_code(["1caa410f3d2ab6f5", "174a834b2897befc", "00ffee00ffee00ff"])
    assert is_code(["a@b.com", "cc@d.org"])
    assert not is_code(["red", "green", "blue"])
    assert not is_code(["room 12", "room 13"])
    assert not is_code(["3号楼", "4号楼"])


def test_words():
    """English words are counted by blanks, Chinese ones by characters."""
    assert words_per_value(["one two", "three four five six"]) == 3
    assert 3 < words_per_value(["精装修交通便利"]) < 5
    assert words_per_value([]) == 0


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["2024-03-05", "2024-12-31"], ("%Y-%m-%d",)),
        (["2024-03-05T10:00:00Z", "2024-03-05 10:00"], ("%Y-%m-%d",)),
        (["6/16/14", "1/2/14"], ("%m/%d/%y",)),
        (["16/6/2014", "1/2/2014"], ("%d/%m/%Y",)),
        (["1/2/2014", "3/4/2014"], ("%m/%d/%Y",)),
        (["1-2-2014", "3-4-2014"], ("%d-%m-%Y",)),
        (["1-22-2014", "3-4-2014"], ("%m-%d-%Y",)),
        (["1.2.2014", "3.4.2014"], ("%d.%m.%Y",)),
        (["2014/1/2 10:05", "2014/11/22 23:59"], ("%Y/%m/%d %H:%M",)),
        (["1/2/2014 10:05:30 PM", "1/2/2014 1:05:30 AM"], ("%m/%d/%Y %I:%M:%S %p",)),
        (["2024年3月5日", "2024年12月1日"], ("%Y年%m月%d日",)),
        (["20240305", "20231231"], ("%Y%m%d",)),
        (["2024-03", "2024-12"], ("%Y-%m",)),
        (["5 Mar 2024", "12 Dec 2023"], ("%d %b %Y",)),
        (["March 5, 2024", "December 1, 2023"], ("%B %d, %Y",)),
    ],
)
def test_formats_of_dates(texts, formats):
    """Day and month are told apart by the values, and by habit only where the values are silent."""
    assert date_formats(texts) == formats


@pytest.mark.parametrize(
    "texts",
    [
        ["12", "13"],
        ["1.5", "2.5"],
        ["a", "b"],
        ["99/99/2024", "88/88/2024"],
        ["12345678", "87654321"],
        ["1-2", "3-4"],
        [],
    ],
)
def test_what_is_no_date(texts):
    """Numbers, ranges and impossible days are no dates."""
    assert date_formats(texts) == ()


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["1.5", "2"], ()),
        (["$84,835.00 ", "$57,091.00 "], ("comma", "currency")),
        (["12%", "7.5%"], ("percent",)),
        (["1.234,5", "0,75"], ("decimal_comma",)),
        (["1,234", "56"], ("comma",)),
        (["65.62平米", "51.1平米"], ("unit:平米",)),
        (["120 km/h", "95 km/h"], ("unit:km/h",)),
        (["65㎡", "70㎡"], ("unit:m2",)),
        (["1.5万", "3万"], ()),
        (["1.5万元", "800元"], ("currency",)),
        (["5", "?", "7", "unknown"], ()),
    ],
)
def test_formats_of_numbers(texts, formats):
    """Separators, money, percent and a common unit are recognised; marks for "missing" do not count."""
    assert number_formats(texts, [1] * len(texts), MARKS) == formats


@pytest.mark.parametrize(
    "texts",
    [
        ["007", "012"],
        ["red", "blue"],
        ["14层", "底层(共5层)"],
        ["2室1厅", "3室2厅"],
        ["10-20", "20-30"],
        ["1 cat", "2 dogs"],
        ["?"],
    ],
)
def test_what_is_no_number(texts):
    """Codes with leading zeros, ranges and counts of different things stay text."""
    assert number_formats(texts, [1] * len(texts), MARKS) is None


def test_rare_words_do_not_spoil_numbers_but_frequent_ones_do():
    """Cells count, not distinct values."""
    texts = ["1", "2", "3", "n.b."]
    assert number_formats(texts, [30, 30, 30, 1], MARKS) == ()
    assert number_formats(texts, [1, 1, 1, 30], MARKS) is None


def test_probe_passes_everything_that_can_be_read():
    """The quick look never turns away what the careful one would take."""
    for texts in (
        ["$5"],
        ["(5)"],
        ["−3"],
        ["HK$5"],
        ["５"],
        ["March 5, 2024"],
        ["5 Mar 2024"],
        [" 7"],
        [".5"],
        ["USD 5"],
        ["?", "5"],
    ):
        assert may_be_numbers(texts, MARKS)
    assert not may_be_numbers(["red", "green"], MARKS)
