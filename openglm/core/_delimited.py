"""Delimited text → table: finds the encoding and the separator, reads with Arrow, and loses nothing.

Every cell is read as text first; a column becomes a number only when all its cells are numbers *and* writing them back
would lose nothing but trailing zeros: codes such as "007" and whole numbers beyond 2**53 stay text. It does not guess at a
missing header, and it refuses text whose encoding is not clear: a wrong guess is worse than an error.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from openglm.core.errors import SourceError
from openglm.core.words import Said

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = (",", "\t", ";", "|")
SAMPLE_RECORDS = 200  # enough to see how records are cut; more only costs time
SAMPLE_CHARS = 1_000_000  # bounds the sample when records are long
EXACT = 2**53  # whole numbers up to here are exact in float64 (IEEE 754 binary64)
BLOCK_BYTES = (1 << 20, 1 << 26)  # a block must hold the longest record; larger than 64 MiB only costs memory
# pandas' own list (pandas.io.parsers, documented under `na_values`): only these are missing.
MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
    "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_TRUE, _FALSE = ("True", "TRUE", "true"), ("False", "FALSE", "false")
_FLOAT = r"^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^-?[iI][nN][fF]([iI][nN][iI][tT][yY])?$"
_MAGIC = {
    b"\x89PNG": "PNG", b"PK\x03\x04": "zip", b"%PDF": "PDF", b"\x1f\x8b": "gzip", b"GIF8": "GIF", b"\xff\xd8\xff": "JPEG",
    b"\xd0\xcf\x11\xe0": "old Office (.xls, .doc)", b"PAR1": "Parquet", b"ARROW1": "Arrow", b"SQLite format 3": "SQLite",
    b"\x7fELF": "ELF", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x80\x04": "pickle",
}  # fmt: skip


def read_delimited(data: bytes, name: str) -> tuple[list[str], pd.DataFrame]:
    """Return the header as written and the cells of delimited text.

    Parameters
    ----------
    data : bytes
        Content of the file, decompressed.
    name : str
        For messages.

    Returns
    -------
    names : list of str
        One for each column; may hold blanks and duplicates.
    frame : DataFrame
        Columns numbered from 0.

    Raises
    ------
    SourceError
        If it is no text, or not a table.
    """
    text = decode(data, name)
    if not text.strip():
        raise empty(name)
    separator = find_separator(text, tabs_first=".tsv" in name.lower() or ".tab" in name.lower())
    header, offset = _header(text, separator)
    return header, _cells(text[offset:].encode("utf-8", errors="replace"), text, separator, len(header), name)


def empty(name: str) -> SourceError:
    """Return the error for a file with nothing in it."""
    return SourceError(
        Said(en=f"{name} is empty.", zh=f"{name} 是空文件。"),
        hint=Said(en="Give a table with a header line and rows.", zh="请提供带表头和数据行的表格。"),
    )


# ── encoding ──


def decode(data: bytes, name: str) -> str:
    """Return the text of ``data``: by byte order mark, else UTF-8, else GB18030, else cp1252 where that makes sense.

    Raises
    ------
    SourceError
        If it is a binary file or the encoding is not clear.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise _undecodable(name) from error
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise _binary(name, f"a {kind} file", f"{kind} 文件")
    if b"\0" in data:
        raise _binary(name, "binary, not text (it holds null bytes)", "二进制文件而不是文本(含有空字节)")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    chinese, western = _try(data, "gb18030"), _try(data, "cp1252")
    if chinese is not None and _chinese_share(chinese) >= 0.9:  # mistaken Western text rarely falls into GB 2312 at all
        return chinese
    if western is not None and _is_western(western):
        return western
    if (
        chinese is not None and _chinese_share(chinese) >= 0.6
    ):  # traditional characters and rare names lie outside GB 2312
        return chinese
    raise _undecodable(name)


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _foreign(text: str) -> Counter[str]:
    """Count the characters beyond ASCII; a million of them say enough."""
    sample = text[: 10 * SAMPLE_CHARS] if not text[:SAMPLE_CHARS].isascii() else text
    return Counter(c for c in sample if c > "\x7f")


def _chinese_share(text: str) -> float:
    """Return the share of characters beyond ASCII that GB 2312 holds, the everyday part of GB 18030."""
    counts = _foreign(text)
    common = sum(n for c, n in counts.items() if _try_encode(c))
    return common / max(1, sum(counts.values()))


def _try_encode(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _is_western(text: str) -> bool:
    """Say whether the characters beyond ASCII are letters or signs of Western text, and mostly stand alone in a word."""
    counts = _foreign(text)
    total = sum(counts.values())
    signs = "€£¥§°²³µ·ºª–—‘’“”…«»©®™¿¡\xa0"
    fitting = sum(n for c, n in counts.items() if (c.isalpha() and c < "\u0180") or c in signs)
    pairs = sum(1 for a, b in pairwise(text[: 10 * SAMPLE_CHARS]) if a > "\x7f" and b > "\x7f")
    # "naïve café": no pairs; Chinese or Cyrillic bytes read as cp1252: nearly all are pairs.
    return fitting >= 0.95 * total and pairs <= 0.2 * total


def _undecodable(name: str) -> SourceError:
    return SourceError(
        Said(en=f"The text encoding of {name} is not clear.", zh=f"无法确定 {name} 的文本编码。"),
        hint=Said(
            en="Save it as UTF-8 (Excel: 'CSV UTF-8') and try again.",
            zh="请另存为 UTF-8 编码(Excel 中选择“CSV UTF-8”)后重试。",
        ),
    )


def _binary(name: str, en: str, zh: str) -> SourceError:
    return SourceError(
        Said(en=f"{name} is {en}.", zh=f"{name} 是{zh}。"),
        hint=Said(
            en="Give a CSV, TSV, Excel (.xlsx), Parquet, Feather or JSON-lines table, with the fitting suffix.",
            zh="请提供 CSV、TSV、Excel (.xlsx)、Parquet、Feather 或 JSON-lines 表格,并使用相应的扩展名。",
        ),
    )


# ── separator and header ──


def find_separator(text: str, *, tabs_first: bool = False) -> str:
    """Return the character that cuts the sample's records into the most even rows; quoted fields count as one.

    A text of one column gets a separator that does not occur in it.
    """
    head = text[:SAMPLE_CHARS]
    lines = head.splitlines(keepends=True)[: SAMPLE_RECORDS * 4]
    best, best_score = "", (0.0, 0)
    order = ("\t", ",", ";", "|") if tabs_first else SEPARATORS
    for separator in order:
        if not any(separator in line for line in lines[:50]):
            continue
        widths = _widths(lines, separator)
        if not widths or widths[0] < 2:
            continue
        even = sum(width == widths[0] for width in widths) / len(widths)
        score = (round(even, 2), widths[0])
        if score > best_score and (even >= 0.5 or len(widths) == 1):
            best, best_score = separator, score
    if best:
        return best
    return next((mark for mark in (*order, "\x1f") if mark not in head), "\x1f")


def _widths(lines: list[str], separator: str) -> list[int]:
    """Return the number of fields of each record of the sample; the last one may be cut and is left out."""
    widths = []
    try:
        for record in csv.reader(lines, delimiter=separator):
            if record:
                widths.append(len(record))
            if len(widths) > SAMPLE_RECORDS:
                break
    except csv.Error:
        pass
    return widths[:-1] if len(widths) > SAMPLE_RECORDS else widths


def _header(text: str, separator: str) -> tuple[list[str], int]:
    """Return the names in the first record that is not blank, and where the next one starts."""
    used = 0

    def lines() -> Any:
        nonlocal used
        for line in io.StringIO(text[: 10 * SAMPLE_CHARS], newline=""):
            used += len(line)
            yield line

    for record in csv.reader(lines(), delimiter=separator):
        if any(field.strip() for field in record):
            return record, used
    return [], used


# ── cells ──


def _cells(body: bytes, text: str, separator: str, width: int, name: str) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    if not body.strip():
        return pd.DataFrame({i: [] for i in range(width)})
    names = [str(i) for i in range(width)]
    try:
        cells = _arrow(body, separator, names)
    except pa.ArrowInvalid as error:
        raise _ragged(text, separator, width, name, str(error)) from error
    return pd.concat([from_text(cells.column(i)) for i in range(width)], axis=1, keys=range(width))


def _arrow(body: bytes, separator: str, names: list[str]) -> Any:
    """Parse with Arrow, every column as text."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    quoted = b'"' in body
    longest = max(len(body) // max(1, body.count(b"\n")), len(names)) * 64
    block = len(body) + 1 if quoted or longest > BLOCK_BYTES[0] else BLOCK_BYTES[0]
    return arrow_csv.read_csv(
        pa.BufferReader(body),
        read_options=arrow_csv.ReadOptions(
            column_names=names, block_size=max(BLOCK_BYTES[0], min(block, BLOCK_BYTES[1]))
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=quoted),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=list(MISSING), strings_can_be_null=True
        ),
    )


def _ragged(text: str, separator: str, width: int, name: str, message: str) -> SourceError:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    start = 1
    try:
        for record in reader:
            if record and len(record) != width:
                return SourceError(
                    Said(
                        en=f"Line {start} of {name} has {len(record)} values, but the header has {width}.",
                        zh=f"{name} 第 {start} 行有 {len(record)} 个值,而表头有 {width} 个。",
                    ),
                    hint=Said(
                        en="Put values that contain the separator in double quotes, or mend that line.",
                        zh="请将含有分隔符的值用双引号括起来,或修正该行。",
                    ),
                )
            start = reader.line_num + 1
    except csv.Error as error:
        message = str(error)
    return SourceError(
        Said(
            en=f"{name} cannot be read as a table near line {start}: {message}.",
            zh=f"{name} 第 {start} 行附近无法读取: {message}。",
        ),
        hint=Said(en="Check quotes and separators there.", zh="请检查该处的引号和分隔符。"),
    )


def from_text(cells: Any) -> pd.Series:
    """Return a column of text as numbers or truth values where nothing is lost by it, else as text.

    Parameters
    ----------
    cells : pyarrow.ChunkedArray of strings, shape (rows,)
        As written; null where missing.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if cells.null_count == len(cells):
        return pd.Series([float("nan")] * len(cells))
    sample = [item for item in cells.slice(0, 4096).to_pylist() if item is not None][:20]
    if all(item[:1] in "-.0123456789iI" for item in sample):
        made = _numbers(cells)
        if made is not None:
            return made
    elif set(sample) <= {*_TRUE, *_FALSE}:
        distinct = set(pc.unique(cells).to_pylist()) - {None}
        if any(distinct <= {yes, no} for yes, no in zip(_TRUE, _FALSE, strict=True)):
            truth = pc.equal(pc.utf8_lower(cells), "true")
            return pd.Series(truth.to_pylist(), dtype=object) if cells.null_count else pd.Series(truth.to_numpy())
    return pd.Series(cells.cast(pa.large_string()).to_pandas(deduplicate_objects=True))


def _numbers(cells: Any) -> pd.Series | None:
    """Return numbers that stand for their text without loss, else ``None``.

    The forms are checked before the cast, because a cast that fails takes twenty times as long as one that succeeds.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.any(pc.match_substring_regex(cells, r"^-?0\d")).as_py():
        return None  # codes: "007"
    try:
        if pc.all(pc.match_substring_regex(cells, r"^-?\d+$")).as_py():
            whole = cells.cast(pa.int64())
            if not whole.null_count:
                return pd.Series(whole.to_numpy())
            ends = pc.min_max(whole)
            exact = max(abs(ends["min"].as_py()), abs(ends["max"].as_py())) <= EXACT
            return pd.Series(whole.cast(pa.float64()).to_numpy()) if exact else None
        if not pc.all(pc.match_substring_regex(cells, _FLOAT)).as_py():
            return None
        # Whole numbers beyond float64's exact range would change: they are ids, and stay text.
        if pc.any(pc.match_substring_regex(cells, r"^-?\d{16,}$")).as_py():
            return None
        return pd.Series(cells.cast(pa.float64()).to_numpy())
    except pa.ArrowInvalid:
        return None
