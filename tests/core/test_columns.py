"""Typed values: what people write is read, columns and single cells agree."""

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openglm.core.columns import read_column, read_value
from openglm.core.schema import Column

NUMBER = Column(name="x", role="numeric", dtype="float")
DATE = Column(name="x", role="date", dtype="datetime")
LABEL = Column(name="x", role="category", dtype="str")


def like(column: Column, **changes) -> Column:
    return column.model_copy(update=changes)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" 29.85 ", 29.85), ("1,234.5", 1234.5), ("1,234,567", 1234567), ("$84,835.00 ", 84835), ("￥1,200", 1200),
        ("12.5%", 0.125), ("5‰", 0.005), ("(1,234)", -1234), ("-$5", -5), ("$-5", -5), ("−3", -3), ("１２３．５", 123.5),
        ("1.5万", 15000), ("3亿", 3e8), ("1.2万亿", 1.2e12), ("700万元", 7e6), ("1e3", 1000), ("1 234.5", 1234.5), ("+7", 7),
        (".5", 0.5), ("HK$5", 5), ("USD 12", 12),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text, value):
    """Blanks, separators, money, shares, counting words and full-width digits are read."""
    assert read_value(text, NUMBER) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text", ["", "  ", "abc", "inf", "-Infinity", "nan", "1_000", "1,23", "12:30", "1.2.3", "(5", "--5", "-(5)", "5 kg"]
)
def test_what_is_no_number_is_missing(text):
    """No guess is made where the text is not clearly one number."""
    assert math.isnan(read_value(text, NUMBER))


def test_decimal_comma_and_unit_when_the_column_says_so():
    """The same text means different numbers under different formats."""
    comma = like(NUMBER, formats=("decimal_comma",))
    assert [read_value(text, comma) for text in ("1.234,5", "1.234", "0,5", "12,5%")] == [1234.5, 1234.0, 0.5, 0.125]
    assert read_value("1.234", NUMBER) == 1.234
    area = like(NUMBER, formats=("unit:平米",))
    assert [read_value(text, area) for text in ("65.62平米", "65 平米", "70")] == [65.62, 65.0, 70.0]
    assert math.isnan(read_value("65 km", area))


DAY = 86400.0


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-05", "2024-03-05"), ("3/5/24", "2024-03-05"), ("13/5/2024", "2024-05-13"), ("5-3-2024", "2024-03-05"),
        ("5.3.2024", "2024-03-05"), ("2024年3月5日", "2024-03-05"), ("2024年3月", "2024-03-01"), ("20240305", "2024-03-05"),
        ("2024/3/5", "2024-03-05"), ("3/5/69", "1969-03-05"), (" 2024-03-05 ", "2024-03-05"), ("1899-12-31", "1899-12-31"),
    ],
)  # fmt: skip
def test_dates_as_people_write_them(text, day):
    """Digits, Chinese characters and two-digit years are read as calendar days."""
    assert read_value(text, DATE) == (dt.date.fromisoformat(day) - dt.date(1970, 1, 1)).days * DAY


def test_times_of_day_and_zones():
    """A zone moves to UTC; without one the time is taken as UTC."""
    ten = read_value("2024-03-05 10:00:00", DATE)
    assert read_value("2024-03-05T18:00:00+08:00", DATE) == ten
    assert read_value("2024-03-05T10:00:00Z", DATE) == ten
    assert read_value("2024/3/5 10:00", DATE) == ten
    assert read_value("3/5/2024 10:00 AM", DATE) == ten
    assert read_value(pd.Timestamp("2024-03-05 18:00", tz="Asia/Shanghai"), DATE) == ten


def test_own_format_of_the_column_decides():
    """An ambiguous date follows the column's format, not the habit."""
    first = like(DATE, formats=("%d/%m/%Y",))
    assert read_value("03/05/2024", first) == read_value("2024-05-03", DATE)
    assert read_value("3/5/2024 10:30", first) == read_value("2024-05-03 10:30", DATE)
    assert read_value("5 Mar 2024", like(DATE, formats=("%d %b %Y",))) == read_value("2024-03-05", DATE)
    digits = like(DATE, dtype="date", formats=("%Y%m%d",))
    assert read_value(20240305, digits) == read_value(20240305.0, digits) == read_value("2024-03-05", DATE)


@pytest.mark.parametrize(
    "text", ["", "hello", "2024-13-45", "99/99/2024", "12", "20249999", 5, 2.5, None, pd.NaT, float("nan")]
)
def test_what_is_no_date_is_missing(text):
    """Impossible days and plain numbers are no dates."""
    assert math.isnan(read_value(text, DATE))


def test_labels():
    """Whole numbers lose ".0", truth is spelled out, blanks are missing, codes stay."""
    assert [read_value(v, LABEL) for v in (1, 1.0, 1.5, True, " Yes ", "007", "1.0", "", "  ", None, pd.NA, float("inf"))] == [
        "1", "1", "1.5", "True", "Yes", "007", "1.0", None, None, None, None, None,
    ]  # fmt: skip
    assert [read_value(v, like(LABEL, dtype="int")) for v in (1, 1.0, "1", "1.0", True, "x")] == [
        "1",
        "1",
        "1",
        "1",
        "1",
        "x",
    ]
    assert [read_value(v, like(LABEL, dtype="bool")) for v in (True, 1, 0.0, "TRUE", "false", "maybe")] == [
        "True", "True", "False", "True", "False", "maybe",
    ]  # fmt: skip
    assert read_value(2**60 + 1, LABEL) == str(2**60 + 1)
    assert read_value(Decimal("3.0"), LABEL) == "3"


COLUMNS = [
    NUMBER, like(NUMBER, formats=("decimal_comma",)), like(NUMBER, formats=("unit:km", "comma")), DATE,
    like(DATE, formats=("%d/%m/%Y",)), like(DATE, formats=("%Y%m%d",)), LABEL, like(LABEL, dtype="int"),
    like(LABEL, dtype="float"), like(LABEL, dtype="bool"), like(LABEL, dtype="date"), Column(name="x", role="text", dtype="str"),
    Column(name="x", role="id", dtype="str"), Column(name="x", role="empty", dtype="str"),
]  # fmt: skip
COLUMNS += [
    like(NUMBER, marks=("-999", "?", "True"), low=-1000.0, high=100.0), like(NUMBER, digits=True, allowed=("1", "25", "7.0")),
    like(NUMBER, marks=("1",), formats=("unit:km", "comma"), low=2.0), like(NUMBER, allowed=("5%", "1")),
    like(DATE, marks=("2024-03-05",), low=0.0), like(DATE, digits=True, formats=("%Y%m%d",), high=2e9),
    like(LABEL, spelling={"True": "yes", "1": "", "2.5": "1"}, marks=("-999", "7 km"), allowed=("yes", "1,234")),
    like(LABEL, dtype="int", marks=("1.0",), low=-5.0, high=7.0), like(LABEL, dtype="bool", spelling={"$5": "True"}, marks=("0",)),
    Column(name="x", role="id", dtype="str", digits=True, marks=("13/05/2024",)),
    Column(name="x", role="text", dtype="str", marks=("12%",), spelling={"3万": "30000"}, high=40.0),
]  # fmt: skip
WRITTEN = st.sampled_from(
    [
        "1",
        " 2.5 ",
        "1,234",
        "$5",
        "12%",
        "3万",
        "7 km",
        "1.234,5",
        "2024-03-05",
        "3/5/24",
        "13/05/2024",
        "20240305",
        "True",
        "false",
    ]
) | st.text(max_size=6)
CELLS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals(allow_nan=True) | WRITTEN | st.datetimes() | st.dates()
    | st.timedeltas() | st.just(pd.NA) | st.just(pd.NaT) | st.binary(max_size=3)
    | st.datetimes(timezones=st.just(dt.UTC)) | st.lists(st.integers(), max_size=2)
)  # fmt: skip


def same(column: Column, series) -> None:
    """Compare the column with its cells, one by one."""
    together = read_column(series, column)
    single = [read_value(cell, column) for cell in series]
    assert together.dtype == (np.float64 if column.role in ("numeric", "date") else object)
    assert len(together) == len(series)
    for a, b in zip(together.tolist(), single, strict=True):
        assert a == b or (a != a and b != b), (series.dtype, column, a, b)


@given(st.sampled_from(COLUMNS), st.lists(CELLS, max_size=8))
def test_column_and_cell_agree_on_any_objects(column, cells):
    """Whatever Python objects a column mixes, each cell reads the same alone."""
    same(column, pd.Series(cells, dtype=object))


@given(
    st.sampled_from(COLUMNS),
    st.lists(st.none() | WRITTEN, max_size=8),
    st.sampled_from(["object", "string", "str", "category"]),
)
def test_column_and_cell_agree_on_text(column, cells, dtype):
    """The storage of text changes nothing."""
    series = pd.Series(cells, dtype=object)
    same(column, series.dropna().astype("category") if dtype == "category" else series.astype(dtype))


@given(
    st.sampled_from(COLUMNS),
    st.lists(st.integers(-(2**31), 2**31 - 1) | st.none(), max_size=8),
    st.sampled_from(["Int64", "float64", "int64[pyarrow]", "Float32"]),
)
def test_column_and_cell_agree_on_numbers(column, cells, dtype):
    """Nullable, Arrow and plain numbers read alike."""
    same(column, pd.Series(cells, dtype=object).astype("Int64").astype(dtype))


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1.5, np.nan, np.inf, -0.0], dtype="float32"), pd.Series([True, False]),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([2**63, 1], dtype="uint64"),
        pd.Series(pd.to_datetime(["2024-03-05 00:00:00.1", None, "1960-01-01 00:00:01.5"])),
        pd.Series(pd.to_datetime(["2024-03-05", None])).dt.tz_localize("Asia/Shanghai"),
        pd.Series(pd.to_timedelta([1, None], unit="s")),
        pd.Series(np.array(["2024-03-05", "NaT"], dtype="M8[s]")), pd.Series(pd.Categorical([1, 2, None])),
        pd.Series(pd.Categorical(["1", "b", None])), pd.Series(pd.period_range("2024-01", periods=2, freq="M")),
        pd.Series(pd.arrays.ArrowExtensionArray(pa.array([dt.date(2024, 3, 5), None]))),
        pd.Series(pd.arrays.ArrowExtensionArray(pa.array([1, None], type=pa.timestamp("ms")))),
        pd.Series(pd.arrays.ArrowExtensionArray(pa.array([1, None], type=pa.timestamp("us", tz="Asia/Tokyo")))),
        pd.Series(pd.arrays.ArrowExtensionArray(pa.array([1500, None], type=pa.duration("ms")))),
        pd.Series(pd.arrays.ArrowExtensionArray(pa.array([Decimal("1.5"), None]))),
        pd.Series([complex(1, 2)]), pd.Series([np.int8(1), np.float32(0.1), np.str_("a"), np.bool_(True)], dtype=object),
        pd.Series([], dtype=object), pd.Index(["a", "b"]), pd.Series(["a"], index=[7]),
    ],
    ids=lambda series: str(series.dtype) if hasattr(series, "dtype") else None,
)  # fmt: skip
def test_column_and_cell_agree_on_every_dtype(series, column):
    """Every storage that pandas knows is read like its cells."""
    same(column, series)


def test_values_that_mean_missing():
    """Marks are found as they are written and, being numbers, by their value; nothing else is."""
    column = like(NUMBER, marks=("-999", "?"))
    read = read_column(pd.Series([-999, 1, 999]), column)
    assert math.isnan(read[0]) and read[1:].tolist() == [1.0, 999.0]
    assert all(math.isnan(read_value(v, column)) for v in ("-999.0", " -999 ", -999.0, Decimal(-999), "?"))
    label = like(LABEL, marks=("-999", "无"))
    assert [read_value(v, label) for v in (-999.0, "-999.0", "无", " 无 ", "无锡", "999")] == [None] * 4 + [
        "无锡",
        "999",
    ]
    day = like(DATE, marks=("1900-01-01",))
    times = pd.to_datetime(pd.Series(["1900-01-01", "2024-03-05"]))
    assert np.isnan(read_column(times, day)).tolist() == [True, False]
    assert math.isnan(read_value("1/1/1900", day))


def test_digits_only():
    """Signs and letters go, leading zeros stay; what has no digit is missing."""
    card = Column(name="x", role="id", dtype="str", digits=True)
    assert [read_value(v, card) for v in ("6222-0210", "00 12", "６２ａ", 6222.0, "none", None)] == [
        "62220210", "0012", "62", "6222", None, None,
    ]  # fmt: skip
    assert read_value("约 1 200 元", like(NUMBER, digits=True)) == 1200.0


def test_ranges_and_allowed_values():
    """Both ends belong to a range; a value outside is missing, as is a label that is not allowed."""
    age = like(NUMBER, low=18.0, high=65.0)
    assert np.isnan(read_column(np.array([17.9, 18, 65, 65.1]), age)).tolist() == [True, False, False, True]
    assert [read_value(v, like(LABEL, low=18.0)) for v in ("17", "18", "many")] == [None, "18", "many"]
    grade = like(LABEL, spelling={"a": "A", "Ａ": "A"}, allowed=("A", "B"))
    assert [read_value(v, grade) for v in ("a", "Ａ", "B", "C", None)] == ["A", "A", "B", None, None]
    assert read_value("1.0", like(LABEL, dtype="int", allowed=("1",))) == "1"


def test_source_is_left_untouched():
    """Reading never changes the caller's values, not even by sharing memory."""
    values = np.array([1.0, np.inf])
    read_column(values, NUMBER)[0] = 9
    assert values.tolist() == [1.0, np.inf]
    frame = pd.DataFrame({"x": [1.0, np.inf]})
    read_column(frame["x"], NUMBER)[0] = 9
    assert frame["x"].tolist() == [1.0, np.inf]
