"""Titles, comments, totals, odd separators, encodings and spreadsheets: read as a person would, and said."""

import os

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from openglm.core._files import read_file
from openglm.core.errors import DataError, MissingExtraError, SourceError
from openglm.core.tables import read_table, remarks

TEXTS = {
    "titles": ("Sales report\n\nname,price,n\nAnn,1.5,2\nBo,2.5,3\n", {"name": ["Ann", "Bo"], "price": [1.5, 2.5], "n": [2, 3]}, {"source-title-lines"}),
    "comma in title": ("Report, Q1\nname,price,n\nAnn,1,2\nBo,2,3\n", {"name": ["Ann", "Bo"], "price": [1, 2], "n": [2, 3]}, {"source-title-lines"}),
    "sep line": ("sep=;\na;b\n1,5;x\n2,5;y\n", {"a": ["1,5", "2,5"], "b": ["x", "y"]}, set()),
    "comments": ("# by x\na,b\n1,x\n# no\n2,y\n", {"a": [1, 2], "b": ["x", "y"]}, {"source-comment-lines"}),
    "hash name": ("#id,b\n1,x\n2,y\n", {"#id": [1, 2], "b": ["x", "y"]}, set()),
    "no header": ("5.1,a\n4.9,a\n4.7,b\n", {"column_1": [5.1, 4.9, 4.7], "column_2": ["a", "a", "b"]}, {"source-no-header"}),
    "counted names": ("0,1\n5,6\n7,8\n", {"0": [5, 7], "1": [6, 8]}, set()),
    "caret": ("a^b\n1^x\n2^y\n", {"a": [1, 2], "b": ["x", "y"]}, set()),
    "hive": ("a\x01b\n1\x01x\n2\x01y\n", {"a": [1, 2], "b": ["x", "y"]}, set()),
    "blanks": (" name  n\nAnn   1\nBo 2\n", {"name": ["Ann", "Bo"], "n": [1, 2]}, set()),
    "two colons": ("a::b\n1::x\n2::y\n", {"a": [1, 2], "b": ["x", "y"]}, set()),
    "full width": ("姓名\uff0c年龄\n李雷\uff0c\uff11\uff12\n韩梅\uff0c\uff11\uff13\n", {"姓名": ["李雷", "韩梅"], "年龄": ["\uff11\uff12", "\uff11\uff13"]}, set()),
    "last separator": ("a,b\n1,2,\n3,4,\n5,6,\n", {"a": [1, 3, 5], "b": [2, 4, 6]}, set()),
    "row names": ("a,b\nx,1,2\ny,3,4\nz,3,4\n", {"column_1": ["x", "y", "z"], "a": [1, 3, 3], "b": [2, 4, 4]}, set()),
    "totals": ("shop,n\nA,1\nB,3\n合计,4\n", {"shop": ["A", "B"], "n": [1, 3]}, {"source-totals-row"}),
    "null bytes": ("a,b\n1,\0\0\n2,x\n", {"a": [1, 2], "b": [None, "x"]}, {"source-null-bytes"}),
    "two rows of names": (",Q1,,Q2,\nshop,a,b,a,b\nX,1,2,3,4\nY,1,2,3,4\n",
                          {"shop": ["X", "Y"], "Q1 / a": [1, 1], "Q1 / b": [2, 2], "Q2 / a": [3, 3], "Q2 / b": [4, 4]}, {"source-two-header-rows"}),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXTS)
def test_messy_text(tmp_path, case):
    text, table, said = TEXTS[case]
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    read = read_table(path)
    assert {name: [None if pd.isna(v) else v for v in read[name].tolist()] for name in read} == table
    assert {item.code for item in remarks(read)} == said


@pytest.mark.parametrize(
    ("codec", "text"),
    [("big5", "姓名,城市\n王小明,臺北市大安區\n陳美麗,高雄市\n"), ("shift_jis", "名前,都市\n田中さくら,東京都\n鈴木,大阪\n"),
     ("gb18030", "姓名,城市\n瞿颖,北京市\n李雷,上海\n"), ("utf-16-le", "姓名,城市\n王,北京\n"), ("utf-16-be", "姓名,城市\n王,北京\n"),
     ("cp1252", "name,city\nJosé,São Paulo\nZoë,Köln\n")],
)  # fmt: skip
def test_encodings_without_mark(tmp_path, codec, text):
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(codec))
    assert read_table(path).to_csv(index=False) == text


def test_few_odd_lines_are_mended_and_said(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + "1,2,3\n" * 300 + "1,2\n1,2,3,4\n1,2,3,,\n")
    read = read_table(path)
    assert len(read) == 303
    assert read.iloc[300:].isna().sum(axis=1).tolist() == [1, 3, 0]
    assert [item.message.en[-4:] for item in remarks(read)] == ["302.", "303."]


def test_wrong_names_and_kinds(tmp_path):
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    frame.to_parquet(tmp_path / "p.csv")
    frame.to_excel(tmp_path / "e.xlsx", index=False)
    (tmp_path / "e.xlsx").rename(tmp_path / "e.csv")
    frame.to_orc(tmp_path / "o.orc")
    with (
        pa.OSFile(str(tmp_path / "s.arrows"), "wb") as file,
        pa.ipc.new_stream(file, pa.schema([("a", pa.int64()), ("b", pa.string())])) as out,
    ):
        out.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}))
    for name, said in (("p.csv", 1), ("e.csv", 1), ("o.orc", 0), ("s.arrows", 0)):
        read = read_table(tmp_path / name)
        assert read.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
        assert len(remarks(read)) == said
    for name, data, match in (
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old or binary Excel"), ("page.xls", b"<html><table>", "web page"),
        ("noise.csv", bytes(range(256)) * 20, "binary"), ("line.csv", b"a" * 11_000_000, "one line"),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(data)
        with pytest.raises((SourceError, DataError), match=match):
            read_table(tmp_path / name)


def test_a_file_that_grows(tmp_path, monkeypatch):
    """Read once more and said; a file that never rests is refused."""
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")
    real, times = type(path).read_bytes, []

    def growing(self):
        data = real(self)
        if len(times) < most:
            times.append(1)
            with self.open("ab") as file:
                file.write(b"2\n")
            os.utime(self, ns=(len(times) * 10**9, len(times) * 10**9))
        return data

    monkeypatch.setattr(type(path), "read_bytes", growing)
    most = 1
    assert read_file(path, None)[0].findings[0].code == "source-changed-while-read"
    most = 9
    with pytest.raises(SourceError, match="changes while it is being read"):
        read_table(path)


def test_spreadsheet(tmp_path):
    book = openpyxl.Workbook()
    page = book.active
    page.title = "data"
    for row in [["Report 2024"], [], [None, "shop", "sales", None, "day"], [None, None, "n", "share", None],
                [None, "A", 1, 0.05, pd.Timestamp("2024-03-01")], [None, None, 3, "#DIV/0!", pd.Timestamp("2024-03-02")],
                [None, "B", 5, 0.5, pd.Timestamp("2024-03-03")], [None, "合计", 9, None, None]]:  # fmt: skip
        page.append(row)
    for area in ("A1:E1", "B3:B4", "C3:D3", "E3:E4", "B5:B6"):
        page.merge_cells(area)
    book.create_sheet("other").append(["x"])
    book.save(tmp_path / "t.xlsx")
    read = read_table(tmp_path / "t.xlsx")
    assert list(read.columns) == ["shop", "sales / n", "sales / share", "day"]
    assert read["shop"].tolist() == ["A", "A", "B"]
    assert read["sales / n"].tolist() == [1, 3, 5]
    assert read["day"].dtype.kind == "M"
    codes = {item.code for item in remarks(read)}
    assert codes == {
        "source-sheets",
        "source-title-lines",
        "source-two-header-rows",
        "source-merged-cells",
        "source-formula-errors",
        "source-totals-row",
    }


def test_open_document(tmp_path):
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    try:
        frame.to_excel(tmp_path / "t.ods", index=False, engine="odf")
    except ImportError:
        (tmp_path / "t.ods").write_bytes(b"PK\x03\x04")
        with pytest.raises(MissingExtraError, match="odfpy"):
            read_table(tmp_path / "t.ods")
        return
    assert read_table(tmp_path / "t.ods").to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def write_book(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(path)


BODY = [["客户", "等级", "金额", "标签", "分"], *([i, "A", 2 * i, "x", 0.5 * i] for i in range(4))]


@pytest.mark.parametrize(
    "above",
    [
        [["2024年3月客户流失统计表"], ["制表人: 王伟", None, "日期: 2024-03-31"]],
        [["2024年3月客户流失统计表"], ["制表人: 王伟", None, "日期: 2024-03-31"], []],
        [["Author: Li", None, "Date: 5 March"]],
    ],
)
def test_several_lines_above_the_header_of_a_sheet(tmp_path, above):
    """A title, then pairs apart from each other, maybe a blank row: none of it is the header."""
    write_book(tmp_path / "t.xlsx", {"s": [*above, *BODY]})
    read = read_table(tmp_path / "t.xlsx")
    assert list(read) == BODY[0]
    assert len(read) == 4
    assert {item.code for item in remarks(read)} == {"source-title-lines"}


def test_the_sheet_with_the_table_is_read(tmp_path):
    """Not a first one with a remark; a sheet without rows names the others."""
    path = tmp_path / "t.xlsx"
    write_book(path, {"说明": [["数据见下一页"]], "三月": BODY})
    read = read_table(path)
    assert list(read) == BODY[0]
    (said,) = remarks(read)
    assert "'三月' is read" in said.fix.en
    with pytest.raises(SourceError, match="'说明'") as caught:
        read_table(path, sheet="说明")
    assert "三月" in caught.value.hint.zh and "--sheet" in caught.value.hint.en


def test_one_broken_cell_is_one_cell(tmp_path):
    """No "1 cells"."""
    write_book(tmp_path / "t.xlsx", {"s": [["a", "b"], [1, "#DIV/0!"], [2, 3.5]]})
    (said,) = remarks(read_table(tmp_path / "t.xlsx"))
    assert said.message.en.startswith("1 cell of t.xlsx holds")
