"""Any table becomes a frame without loss; anything else becomes one clear sentence."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openglm.core._delimited import MISSING, find_separator
from openglm.core.errors import DataError, SourceError
from openglm.core.tables import read_table

FRAME = pd.DataFrame({"name": ["Ann", "Bo", "李"], "age": [31, 42, 53], "score": [0.5, np.nan, 1.25]})


def written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return path


def same_values(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_dtype=False, check_column_type=False)


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_in_any_encoding_and_separator(tmp_path, separator, encoding):
    """Separator and encoding are found, numbers are numbers, gaps are gaps."""
    frame = FRAME.assign(name=["北京市海淀区", "上海市", "李"])
    path = written(tmp_path, "t.csv", frame.to_csv(sep=separator, index=False).encode(encoding))
    same_values(read_table(path), frame)


def test_western_text_is_not_taken_for_chinese(tmp_path):
    """cp1252 is accepted where it makes sense."""
    text = "city,price\nMünchen,1 €\nZürich,2 €\nMálaga,3 €\n"
    assert read_table(written(tmp_path, "t.csv", text.encode("cp1252")))["city"].tolist() == [
        "München",
        "Zürich",
        "Málaga",
    ]


def test_unclear_encoding_is_refused(tmp_path):
    """A wrong guess would be worse than an error."""
    noise = bytes(range(128, 256)) * 20
    with pytest.raises(SourceError, match="encoding"):
        read_table(written(tmp_path, "t.csv", b"a,b\n" + noise + b",1\n"))


PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("suffix", [*PACKERS, ".zip"])
def test_compressed_files(tmp_path, suffix):
    """Packed files are read as what is in them."""
    data = FRAME.to_csv(index=False).encode()
    if suffix == ".zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("inner.csv", data)
        data = packed.getvalue()
    else:
        data = PACKERS[suffix](data)
    same_values(read_table(written(tmp_path, f"t.csv{suffix}", data)), FRAME)
    with pytest.raises(SourceError, match="cannot be read"):
        read_table(written(tmp_path, f"broken.csv{suffix}", data[: len(data) // 2]))


@pytest.mark.parametrize("suffix", [".parquet", ".feather", ".xlsx", ".jsonl", ".json"])
def test_other_kinds_of_files(tmp_path, suffix):
    """Parquet, Feather, Excel and JSON give the same table; half of such a file gives one sentence."""
    path = tmp_path / f"t{suffix}"
    if suffix == ".parquet":
        FRAME.to_parquet(path)
    elif suffix == ".feather":
        FRAME.to_feather(path)
    elif suffix == ".xlsx":
        FRAME.to_excel(path, index=False)
    else:
        FRAME.to_json(path, orient="records", lines=suffix == ".jsonl", force_ascii=False)
    same_values(read_table(path), FRAME)
    broken = written(tmp_path, f"broken{suffix}", path.read_bytes()[:-5])
    with pytest.raises(SourceError):
        read_table(broken)


def test_excel_sheets(tmp_path):
    """A sheet is chosen by name or number; an unknown one names those there are."""
    path = tmp_path / "t.xlsx"
    with pd.ExcelWriter(path) as book:
        FRAME.to_excel(book, sheet_name="first", index=False)
        FRAME[["age"]].to_excel(book, sheet_name="second", index=False)
    assert list(read_table(path, sheet="second").columns) == ["age"]
    assert list(read_table(path, sheet=1).columns) == ["age"]
    with pytest.raises(SourceError, match="Did you mean 'second'"):
        read_table(path, sheet="secnd")
    with pytest.raises(SourceError, match="sheets"):
        read_table(FRAME, sheet="second")


@pytest.mark.parametrize(
    "source",
    [
        FRAME, FRAME.set_index(pd.Index([5, 5, 5])), pl.from_pandas(FRAME), pl.from_pandas(FRAME).lazy(),
        pa.Table.from_pandas(FRAME),
        FRAME.to_dict("list"), FRAME.to_dict("records"), {name: FRAME[name] for name in FRAME},
    ],
    ids=["pandas", "index", "polars", "lazy", "arrow", "columns", "rows", "series"],
)  # fmt: skip
def test_objects(source):
    """Frames of other libraries and plain Python data give the same table, rows numbered from 0."""
    read = read_table(source)
    same_values(read, FRAME)
    assert read.index.equals(pd.RangeIndex(3))


def test_names_of_frames_and_arrays():
    """Names become text; an array's columns are called by their place; the caller's frame stays as it is."""
    frame = pd.DataFrame([[1, 2]], columns=[0, ("a", "b")])
    assert list(read_table(frame).columns) == ["0", "a_b"]
    assert list(frame.columns) == [0, ("a", "b")]
    assert list(read_table(np.zeros((2, 2))).columns) == ["column_1", "column_2"]


def test_nothing_is_lost(tmp_path):
    """Codes keep their zeros, long ids every digit, and only pandas' own marks are missing."""
    text = (
        "code,id,gap,n,flag\n007,9007199254740993,9007199254740993,1,True\n012,12345678901234567890,,2,False\n"
        "100,1,5,NA,True\n"
    )
    read = read_table(written(tmp_path, "t.csv", text))
    assert read["code"].tolist() == ["007", "012", "100"]
    assert [str(value) for value in read["id"]] == ["9007199254740993", "12345678901234567890", "1"]
    assert read["gap"].dropna().astype(str).tolist() == ["9007199254740993", "5"]
    assert read["n"].tolist()[:2] == [1, 2]
    assert read["n"].isna().tolist() == [False, False, True]
    assert read["flag"].tolist() == [True, False, True]
    whole = read_table(written(tmp_path, "u.csv", "id\n9007199254740993\n9007199254740995\n"))
    assert whole["id"].tolist() == [9007199254740993, 9007199254740995]
    rows = [{"id": 9007199254740993}, {"id": None}]
    assert read_table(rows)["id"].tolist()[0] == 9007199254740993
    assert int(read_table(pa.Table.from_pylist(rows))["id"][0]) == 9007199254740993


def test_quotes_and_line_breaks(tmp_path):
    """Separators, quotes and line breaks inside quoted fields belong to the value."""
    frame = pd.DataFrame({"text": ['a,b;c\t|"d"', "two\nlines", "plain"], "n": [1, 2, 3]})
    same_values(read_table(written(tmp_path, "t.csv", frame.to_csv(index=False))), frame)


def test_decimal_commas_do_not_confuse_the_separator():
    """A semicolon file whose numbers have commas is cut at semicolons."""
    assert find_separator("a;b;c\n1,5;2,5;3,5\n2,5;3,5;4,5\n") == ";"
    assert find_separator('a,b\n"1;2;3",4\n"1;2;3",5\n') == ","
    assert find_separator("text\nHello, world\nGood, bad, ugly\n") not in ", "


def test_text_of_one_column(tmp_path):
    """Commas in the only column are no separators."""
    assert read_table(written(tmp_path, "t.txt", "review\ngood, really\nbad\n"))["review"].tolist() == [
        "good, really",
        "bad",
    ]


def test_blank_names_are_places(tmp_path):
    """A blank header cell is called by its place, without taking a name that is there."""
    read = read_table(written(tmp_path, "t.csv", ",b,,column_1\n1,2,3,4\n"))
    assert list(read.columns) == ["column_1_2", "b", "column_3", "column_1"]


def test_leading_blank_lines_and_one_row(tmp_path):
    """Blank lines before the header are passed over; one row is a table."""
    assert read_table(written(tmp_path, "t.csv", "\n\na,b\n1,2\n")).to_dict("list") == {"a": [1], "b": [2]}


def test_json_with_nested_values():
    """Objects are one level flat; what is deeper, and lists, stay readable as text."""
    read = read_table([{"id": 1, "a": {"b": 1, "c": {"d": 2}}, "l": [1, 2]}, {"id": 2, "a": None, "l": None}])
    assert list(read.columns) == ["id", "a.b", "a.c", "l"]
    assert read["a.b"].tolist()[0] == 1
    assert read["a.c"].tolist() == ['{"d": 2}', None]
    assert read["l"].tolist() == ["[1, 2]", None]


def test_one_dict_is_one_row():
    """A mapping of single values is a table of one row."""
    assert read_table({"a": 1, "b": "x"}).to_dict("records") == [{"a": 1, "b": "x"}]


BAD_FILES = {
    "empty.csv": (b"", "empty"), "blank.csv": (b" \n\n", "empty"), "header.csv": (b"a,b\n", "no rows"),
    "twice.csv": (b"a,b,a\n1,2,3\n", "more than one column called 'a'"),
    "ragged.csv": (b"a,b\n1,2\n1,2,3\n", "Line 3 .* 3 values"),
    "short.csv": (b"a,b\n1,2\n\n1\n", "Line 4 .* 1 value,"),
    "quoted.csv": (b'a,b\n"x\ny",2\n1,2,3\n', "Line 4 "),
    "picture.csv": (b"\x89PNG\r\n\x1a\n123", "PNG"), "book.csv": (b"PK\x03\x04" + b"x" * 40, "zip"),
    "paper.csv": (b"%PDF-1.7 ..", "PDF"),

    "null.csv": (b"a,b\n1,\x00\x00\x00\x01\x02\x03\x04\x00\n", "null bytes"), "rows.json": (b"[1, 2]", "no table"),
    "bad.jsonl": (b'{"a": 1}\n{"a":\n', "line 2"),
    "none.xlsx": (b"a,b\n1,2\n", "Excel"), "none.parquet": (b"a,b\n1,2\n", "Parquet"), "none.feather": (b"a,b\n1,2\n", "Arrow"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_give_one_sentence(tmp_path, name):
    """What, where, and how to mend it, in both languages; never a traceback of another library."""
    data, message = BAD_FILES[name]
    with pytest.raises((SourceError, DataError), match=message) as caught:
        read_table(written(tmp_path, name, data))
    assert name in caught.value.message.en
    assert name in caught.value.message.zh
    assert caught.value.hint.en
    assert caught.value.hint.zh


def test_missing_file_and_folder(tmp_path):
    """A slip of the pen gets the right name back; a folder without tables says so."""
    written(tmp_path, "customers.csv", "a\n1\n")
    with pytest.raises(SourceError, match=r"Did you mean 'customers\.csv'"):
        read_table(tmp_path / "custmers.csv")
    (tmp_path / "notes").mkdir()
    with pytest.raises(SourceError, match="folder without table files"):
        read_table(tmp_path / "notes")
    with pytest.raises(SourceError, match="no file"):
        read_table(tmp_path / "nowhere" / "x.csv")
    with pytest.raises(SourceError, match="address"):
        read_table("https://example.com/x.csv")


def test_no_permission(tmp_path, monkeypatch):
    """A file that may not be read says so."""
    path = written(tmp_path, "t.csv", "a\n1\n")

    def refuse(self):
        raise PermissionError(13, "denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SourceError, match="No permission"):
        read_table(path)


@pytest.mark.parametrize("source", [None, 5, np.zeros(3), np.zeros((2, 2, 2)), [1, 2], object()])
def test_what_is_no_table(source):
    """Other objects are refused by name."""
    with pytest.raises(SourceError, match="no table"):
        read_table(source)


@pytest.mark.parametrize("source", [[], {}, pd.DataFrame({"a": []}), np.zeros((0, 3)), {"a": [1], "b": [1, 2]}])
def test_tables_without_rows(source):
    """A table needs columns of one length and a row."""
    with pytest.raises(DataError):
        read_table(source)


def test_unknown_suffix_is_tried_as_text(tmp_path):
    """The suffix is a hint, not a condition."""
    same_values(read_table(written(tmp_path, "t.data", FRAME.to_csv(index=False))), FRAME)


# Text that survives a round trip by design: no marks for "missing", no numbers (they become numbers), no outer quotes games.
WORDS = st.text(st.sampled_from("abcXYZ ,;|\t\"'\n-_北京上海的是了"), min_size=1, max_size=8).filter(
    lambda text: text.strip() not in MISSING and not any(c in text for c in "\r\x00") and "-" not in text[:1]
)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.tuples(*[WORDS if i % 2 == 0 else st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) for i in range(width)]),
        min_size=3, max_size=8,
    )
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLES, st.sampled_from([",", "\t", ";", "|"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
def test_round_trip(tmp_path, rows, separator, encoding):
    """What is written comes back, whatever stands in the cells."""
    frame = pd.DataFrame(rows, columns=[f"列{i}" for i in range(len(rows[0]))])
    path = written(tmp_path, "t.csv", frame.to_csv(sep=separator, index=False, lineterminator="\n").encode(encoding))
    read = read_table(path)
    assert list(read.columns) == list(frame.columns)
    for name in frame.columns:
        assert read[name].tolist() == frame[name].tolist()


@given(st.binary(max_size=200))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_table_or_one_sentence(tmp_path, data):
    """No bytes whatsoever lead to a traceback."""
    for name in ("t.csv", "t.jsonl", "t.xlsx", "t.parquet", "t.feather", "t.csv.gz", "t.zip"):
        try:
            read_table(written(tmp_path, name, data))
        except (SourceError, DataError) as error:
            assert error.message.en


def test_any_json_is_a_table_or_one_sentence(tmp_path):
    """JSON of other shapes is refused politely."""
    for value in (1, "x", None, [], {}, [[1]], [{"a": 1}, 2], {"a": {"b": 1}}, {"a": [1, 2]}):
        try:
            assert len(read_table(written(tmp_path, "t.json", json.dumps(value))))
        except (SourceError, DataError) as error:
            assert error.message.zh
