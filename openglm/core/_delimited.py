"""Delimited text → table: finds encoding, separator and header, reads with Arrow, and loses nothing.

Every cell is read as text first; a column becomes a number only when all its cells are numbers *and* writing them back
would lose nothing but trailing zeros: codes such as "007" and whole numbers beyond 2**53 stay text. It refuses text whose
encoding is not clear: a wrong guess is worse than an error. Whatever is passed over or mended is said.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openglm.core._encoding import SAMPLE_CHARS, decode, find_coding, without_nulls
from openglm.core._grid import SEEN_ROWS, Header, find_header, header_remarks, is_data, names_of, without_totals
from openglm.core._opened import EXACT, Opened, empty, remark
from openglm.core.errors import SourceError
from openglm.core.finding import Finding
from openglm.core.words import Said, plural

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MISSING", "SEPARATORS", "decode", "find_separator", "from_text", "read_delimited"]

SEPARATORS = (",", "\t", ";", "|")
RARE_SEPARATORS = ("\x01", "^", "\x1f", "~", "\uff0c", "\u3001", "::")  # tried where none of the others cuts the lines
BLANKS = " "  # stands for one or more blanks between fields
SAMPLE_RECORDS = 200  # enough to see how records are cut; more only costs time
BLOCK_BYTES = (1 << 22, 1 << 26)  # a block must hold the longest record; larger than 64 MiB only costs memory
# Share of lines with another number of values that are mended; with more the separator is in doubt. Our own choice.
MOST_RAGGED = 0.01
# pandas' own list (pandas.io.parsers, documented under `na_values`): only these are missing.
MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL",
    "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
_WORD = re.compile(r'"(?:[^"]|"")*"|\S+')
_TRUE, _FALSE = ("True", "TRUE", "true"), ("False", "FALSE", "false")
_ZERO, _MINUS, _PLUS = b"0-+"
_CODED = np.array([byte not in b".eE" for byte in range(256)])  # after a zero: then it leads a code
_SMALL = 1 << 16  # cells; of fewer the pieces are joined, since each costs more than its cells
_LONG = 16  # digits from which a whole number may lie beyond 2**53


def read_delimited(data: bytes, name: str) -> Opened:
    """Return names as written, cells and remarks of delimited text.

    Parameters
    ----------
    data : bytes
        Content of the file, decompressed.
    name : str
        For messages.

    Raises
    ------
    SourceError
        If it is no text, or not a table.
    """
    body, start, findings = _as_utf8(data, name)
    head = _head(body, start, name)
    if not head.strip():
        raise empty(name)
    first = _sep_line(head)
    given = head[4] if first and head[4] not in "\r\n" else None
    comments = _comment_lines(head[first:])
    text = head[first + comments :]
    separator = given or find_separator(text, tabs_first=".tsv" in name.lower() or ".tab" in name.lower())
    at = start + len(head[: first + comments].encode("utf-8", "replace"))
    if comments:
        findings.append(_comments_left_out(name, head[first : first + comments]))
        body, at = _without_comments(body, at), 0
        text = _head(body, at, name)
    if separator == BLANKS or len(separator.encode()) > 1:
        body, at, separator = _recut(body, at, separator), 0, "\x1f"
        text = _head(body, at, name)
    records, ends = _first_records(text, separator)
    header, width, names = _header(records)
    findings.extend(header_remarks(name, records, header))
    end = header.skip + header.rows
    at += len(text[: ends[end - 1]].encode("utf-8", "replace")) if end else 0
    frame = _cells(body, at, separator, width, name, findings)
    last = width - 1
    if last > 0 and not names[last].strip() and frame.shape[1] == width and frame[last].isna().all() and len(frame):
        names, frame = names[:-1], frame.iloc[:, :-1]  # every line ends with a separator
    frame, said = without_totals(frame, name)
    return Opened(names, frame, [*findings, *said])


# ── encoding ──


def _as_utf8(data: bytes, name: str) -> tuple[bytes, int, list[Finding]]:
    """Return the text in UTF-8, where it begins, and what is to be said; UTF-8 itself is not copied."""
    coding = find_coding(data, name)
    findings = list(coding.findings)
    if coding.codec == "utf-8" and coding.errors == "strict":
        if b"\0" in data:
            return data[coding.skip :].replace(b"\0", b""), 0, findings
        return data, coding.skip, findings
    text = without_nulls(data[coding.skip :].decode(coding.codec, coding.errors))
    return text.encode("utf-8", "replace"), 0, findings


def _head(body: bytes, start: int, name: str) -> str:
    """Return the first million characters; the first line is whole.

    Raises
    ------
    SourceError
        If the first line is longer than ten times that.
    """
    line = _line_end(body, start, 10 * SAMPLE_CHARS)
    if line is None and len(body) - start > 10 * SAMPLE_CHARS:
        raise SourceError(
            Said(
                en=f"The first {10 * SAMPLE_CHARS} bytes of {name} are one line: it is no table with a row on each line.",
                zh=f"{name} 的前 {10 * SAMPLE_CHARS} 个字节是同一行,不是一行一条记录的表格。",
            ),
            hint=Said(en="Put a line break after every row.", zh="请在每条记录后换行。"),
        )
    end = len(body) if line is None else line + SAMPLE_CHARS
    return body[start:end].decode("utf-8", "ignore")


def _line_end(body: bytes, start: int, most: int) -> int | None:
    """Return where the first line that is not blank ends."""
    first = re.compile(rb"\S").search(body, start, start + most)
    found = re.compile(rb"[\r\n]").search(body, first.end(), first.end() + most) if first else None
    return found.end() if found else None


# ── what stands above the table ──


def _sep_line(head: str) -> int:
    """Return the length of Excel's own first line "sep=;", 0 without it."""
    found = re.match(r"(?i:sep)=[^\r\n]?\r?\n", head)
    return found.end() if found else 0


def _comment_lines(head: str) -> int:
    """Return the length of the lines at the top that begin with "#", without the last of them where that is the header."""
    lines: list[str] = []
    rest = ""
    for line in io.StringIO(head, newline=""):
        if line.startswith("#") or (lines and not line.strip()):
            lines.append(line)
        else:
            rest = line
            break
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return 0
    for separator in SEPARATORS:
        width = rest.count(separator)
        if width and lines[-1].count(separator) == width and any(map(is_data, rest.split(separator))):
            lines.pop()  # "#id,name": the header itself
            break
    else:
        if len(lines) == 1 and not any(mark in rest for mark in SEPARATORS) and is_data(rest):
            return 0  # one column called "#…"
    return sum(map(len, lines))


def _comments_left_out(name: str, lines: str) -> Finding:
    shown = lines.splitlines()[0][:60]
    return remark(
        "comment-lines", f"Lines of {name} that begin with '#' are comments, such as '{shown}'.",
        f"{name} 中以“#”开头的行是注释,例如“{shown}”。", fix=("They are left out.", "已略过这些行。"),
    )  # fmt: skip


def _without_comments(body: bytes, at: int) -> bytes:
    """Return what follows ``at`` without lines that begin with "#"; quoted text is left alone."""
    rest = body[at:]
    if b'"' in rest or not re.search(rb"[\r\n]#", rest):
        return rest
    first, *lines = re.split(rb"(?<=\n)", rest)
    return b"".join([first, *(line for line in lines if not line.startswith(b"#"))])


def _recut(body: bytes, at: int, separator: str) -> bytes:
    """Return the text cut at one character, where it was cut at blanks or at a longer separator; quotes hold."""
    text = body[at:].decode("utf-8", "replace")
    if separator != BLANKS:
        if '"' not in text:
            return text.replace(separator, "\x1f").encode()
        pattern = re.compile(r'("(?:[^"]|"")*")|' + re.escape(separator))
        return pattern.sub(lambda found: found[1] or "\x1f", text).encode()
    pattern = re.compile(r'("(?:[^"]|"")*")|[ \t\u3000]+')
    return "\n".join(
        pattern.sub(lambda found: found[1] or "\x1f", line.strip()) for line in re.split(r"\r\n|\r|\n", text)
    ).encode()


# ── separator and header ──


def find_separator(text: str, *, tabs_first: bool = False) -> str:
    """Return what cuts the sample's records into the most even rows; quoted fields count as one.

    A text of one column gets a separator that does not occur in it. One blank stands for any number of blanks.
    """
    head = text[:SAMPLE_CHARS]
    lines = list(islice(io.StringIO(head, newline=""), SAMPLE_RECORDS * 4))
    order = ("\t", ",", ";", "|") if tabs_first else SEPARATORS
    best, best_score = "", (0.0, 0)
    for separator in (*order, *RARE_SEPARATORS):
        if best and separator not in order:
            break
        if not any(separator in line for line in lines[:50]):
            continue
        widths = _widths(lines, separator)
        even, width = _evenness(widths)
        if width < 2 or (widths[0] < 2 and not _is_below_titles(lines, separator, width)):
            continue
        score = (round(even, 2), width)
        if score > best_score and (even >= 0.5 or len(widths) == 1):
            best, best_score = separator, score
    if best:
        return best
    if _is_cut_by_blanks(lines):
        return BLANKS
    return next((mark for mark in (*order, "\x1f") if mark not in head), "\x1f")


def _evenness(widths: list[int]) -> tuple[float, int]:
    """Return the share of the most frequent width, and that width; the first record's where it is as frequent."""
    if not widths:
        return 0.0, 0
    counts = Counter(widths)
    width = max(counts, key=lambda one: (counts[one], one == widths[0]))
    return counts[width] / len(widths), width


def _is_below_titles(lines: list[str], separator: str, width: int) -> bool:
    """Say whether lines without separator are titles above a table, and not its first rows."""
    records = [record for record in _read(lines, separator) if record][:SEEN_ROWS]
    return find_header(records, width).skip > 0 and width > 2


def _is_cut_by_blanks(lines: list[str]) -> bool:
    """Say whether blanks cut nearly all lines alike, with a column of numbers under a name that is none."""
    rows = [_WORD.findall(line) for line in lines if line.strip()]
    even, width = _evenness([len(row) for row in rows[1:]])
    if len(rows) < 3 or width < 2 or even < 0.95 or len(rows[0]) not in (width, width - 1):
        return False
    body = [row for row in rows[1:] if len(row) == width]
    return any(all(is_data(row[i]) for row in body) for i in range(width))


def _read(lines: list[str], separator: str) -> Iterator[list[str]]:
    """Yield the records until one cannot be read."""
    if len(separator) > 1:
        lines, separator = [line.replace(separator, "\x1f") for line in lines], "\x1f"
    try:
        yield from _reader(lines, separator)
    except csv.Error:
        return


def _reader(lines: Any, separator: str) -> Any:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # the standard's 131072 refuses long texts
    return csv.reader(lines, delimiter=separator)


def _widths(lines: list[str], separator: str) -> list[int]:
    """Return the number of fields of each record of the sample; the last one may be cut and is left out."""
    widths = [len(record) for record in islice((r for r in _read(lines, separator) if r), SAMPLE_RECORDS + 1)]
    return widths[:-1] if len(widths) > SAMPLE_RECORDS else widths


def _first_records(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """Return the first records and where each of them ends in ``text``."""
    used = 0

    def lines() -> Iterator[str]:
        nonlocal used
        for line in io.StringIO(text, newline=""):
            used += len(line)
            yield line

    records, ends = [], []
    try:
        for record in _reader(lines(), separator):
            records.append(record)
            ends.append(used)
            if len(records) > SEEN_ROWS:
                break
    except csv.Error:
        pass
    return records, ends


def _header(records: list[list[str]]) -> tuple[Header, int, list[str]]:
    """Return where the header is, the number of columns, and their names."""
    sizes = [len(record) for record in records if any(cell.strip() for cell in record)]
    if len(sizes) > SEEN_ROWS:
        sizes.pop()
    even, width = _evenness(sizes)
    header = find_header(records, width)
    if not header.rows:
        return header, width, names_of(records, header, width)
    if not records:
        return Header(0, 0), 0, []
    top = records[header.skip]
    if header.rows == 1 and len(top) != width:
        body = [record for record in records[header.skip + 1 :] if record]
        if len(top) == width - 1 and even >= 0.5 and len(body) > 1 and all(len(record) == width for record in body):
            if all(not record[-1].strip() for record in body):
                return header, width, [*top, ""]  # every line ends with a separator
            if all(is_data(record[-1]) or not record[-1] for record in body) and not any(map(is_data, top)):
                return header, width, ["", *top]  # R's write.table: row names without a name
        width = len(top)
    return header, width, names_of(records, header, width)


# ── cells ──


def _cells(body: bytes, at: int, separator: str, width: int, name: str, findings: list[Finding]) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    if not re.compile(rb"\S").search(body, at) or not width:
        return pd.DataFrame({i: [] for i in range(width)})
    names = [str(i) for i in range(width)]
    try:
        cells = _arrow(pa.py_buffer(body).slice(at), body, at, separator, names)
    except pa.ArrowInvalid as error:
        mended = _mended(body, at, separator, width, name, findings)
        if mended is None:
            raise _unreadable(body, at, separator, width, name, str(error)) from error
        try:
            cells = _arrow(pa.py_buffer(mended), mended, 0, separator, names)
        except pa.ArrowInvalid as again:
            raise _unreadable(body, at, separator, width, name, str(again)) from again
    left = cells.columns[::-1]
    del cells
    columns = {}
    for place in range(width):
        columns[place] = from_text(left.pop())  # its text is not needed any more
    return pd.DataFrame(columns, copy=False)


def _arrow(body: Any, data: bytes, at: int, separator: str, names: list[str]) -> Any:
    """Parse with Arrow, every column as text.

    Line breaks inside quotes are rare, and looking for them costs a core: blocks are first cut at any line break. Where one
    lies inside a value the parser falls out of step with the blocks, says so, and the text is read again.
    """
    import pyarrow as pa

    quoted = data.find(b'"', at) >= 0
    size = len(data) - at
    longest = max(size // max(1, data.count(b"\n", at)), len(names)) * 64
    if quoted:
        try:
            return _parse(body, separator, names, max(BLOCK_BYTES[0], min(longest, BLOCK_BYTES[1])), breaks=False)
        except pa.ArrowInvalid:
            return _parse(body, separator, names, max(BLOCK_BYTES[0], min(size + 1, BLOCK_BYTES[1])), breaks=True)
    block = size + 1 if longest > BLOCK_BYTES[0] else BLOCK_BYTES[0]
    return _parse(body, separator, names, max(BLOCK_BYTES[0], min(block, BLOCK_BYTES[1])), breaks=False)


def _parse(body: Any, separator: str, names: list[str], block: int, *, breaks: bool) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    return arrow_csv.read_csv(
        pa.BufferReader(body),
        read_options=arrow_csv.ReadOptions(column_names=names, block_size=block),
        parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=breaks),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=list(MISSING), strings_can_be_null=True,
            check_utf8=False,
        ),
    )  # fmt: skip


# ── lines that do not fit ──


def _records(body: bytes, at: int, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the line in the whole text where each record starts, and the record."""
    reader = _reader(io.StringIO(body[at:].decode("utf-8", "replace"), newline=""), separator)
    above = len(re.findall(rb"\r\n|\r|\n", body[:at]))
    line = above + 1
    for record in reader:
        if record:
            yield line, record
        line = above + reader.line_num + 1


def _mended(body: bytes, at: int, separator: str, width: int, name: str, findings: list[Finding]) -> bytes | None:
    """Return the text with every line as long as the header, or ``None`` where too many are not.

    Short lines get gaps at their end. Blank values too many are dropped. A line with other values too many is an empty row:
    which of them belongs where is not known, and the rows below keep their places.
    """
    short: list[int] = []
    long: list[int] = []
    made = io.StringIO()
    writer = csv.writer(made, delimiter=separator, lineterminator="\n")
    count = 0
    try:
        for line, record in _records(body, at, separator):
            count += 1
            row = record
            if len(record) > width:
                row = record[:width] if not any(cell.strip() for cell in record[width:]) else [""] * width
                if not any(row):
                    long.append(line)
            elif len(record) < width:
                short.append(line)
                row = [*record, *[""] * (width - len(record))]
            writer.writerow(row)
    except csv.Error:
        return None
    if not short and not long:
        return made.getvalue().encode("utf-8", "replace")
    if len(short) + len(long) > MOST_RAGGED * count:
        return None
    for lines, code, en, zh, fix in (
        (short, "short-lines", "fewer", "少", ("What is lacking at their end counts as missing.", "行末缺少的值视为缺失。")),
        (long, "long-lines", "more", "多", ("They are read as empty rows. Put values that hold the separator in double quotes.",
                                           "这些行读作空行。请将含有分隔符的值用双引号括起来。")),
    ):  # fmt: skip
        if lines:
            shown = ", ".join(map(str, lines[:3])) + (" …" if len(lines) > 3 else "")
            findings.append(
                remark(
                    code, f"{plural(len(lines), 'line')} of {name} {'has' if len(lines) == 1 else 'have'} {en} "
                          f"values than the header's {width}: {shown}.",
                    f"{name} 有 {len(lines)} 行的值比表头的 {width} 个{zh}: 第 {shown} 行。", fix=fix, severity="warning",
                    rows=len(lines),
                )
            )  # fmt: skip
    return made.getvalue().encode("utf-8", "replace")


def _unreadable(body: bytes, at: int, separator: str, width: int, name: str, message: str) -> SourceError:
    """Return the error for text that is no even table: the first line that does not fit, or what the parser says."""
    line = 1
    try:
        for line, record in _records(body, at, separator):
            if len(record) != width:
                return SourceError(
                    Said(
                        en=f"Line {line} of {name} has {plural(len(record), 'value')}, but the header has {width}.",
                        zh=f"{name} 第 {line} 行有 {len(record)} 个值,而表头有 {width} 个。",
                    ),
                    hint=Said(
                        en="Put values that contain the separator in double quotes, or mend that line.",
                        zh="请将含有分隔符的值用双引号括起来,或修正该行。",
                    ),
                )
    except csv.Error as error:
        message = str(error)
    return SourceError(
        Said(
            en=f"{name} cannot be read as a table near line {line}: {message}.",
            zh=f"{name} 第 {line} 行附近无法读取: {message}。",
        ),
        hint=Said(en="Check quotes and separators there.", zh="请检查该处的引号和分隔符。"),
    )


# ── columns ──


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
    sample = cells.slice(0, 4096).drop_null().slice(0, 20).to_pylist()
    if all(item[:1] in "-.0123456789iI" for item in sample):
        made = _numbers(cells, whole=all(item.lstrip("-").isdigit() for item in sample))
        if made is not None:
            return made
    elif set(sample) <= {*_TRUE, *_FALSE}:
        distinct = set(pc.unique(cells).to_pylist()) - {None}
        if any(distinct <= {yes, no} for yes, no in zip(_TRUE, _FALSE, strict=True)):
            truth = pc.equal(pc.utf8_lower(cells), "true")
            return pd.Series(truth.to_pylist(), dtype=object) if cells.null_count else pd.Series(truth.to_numpy())
    return pd.Series(cells.cast(pa.large_string()).to_pandas(deduplicate_objects=True))


def _numbers(cells: Any, *, whole: bool) -> pd.Series | None:
    """Return numbers that stand for their text without loss, else ``None``.

    Arrow casts; what a cast would lose or take that is no plain number (007, 0x1F, "nan") is seen from the first bytes of the
    cells, their lengths and the result: many times faster than a pattern on each cell. ``whole`` says whether the first cells
    are whole numbers; a cast that fails takes twenty times as long as one that succeeds.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(cells) <= _SMALL and cells.num_chunks > 1:
        cells = pa.chunked_array([cells.combine_chunks()])
    shapes = [_shape(piece) for piece in cells.chunks if len(piece) > piece.null_count]
    if any(is_code for is_code, _ in shapes):
        return None  # codes: "007"
    if whole:
        with contextlib.suppress(pa.ArrowInvalid):
            return _whole(cells.cast(pa.int64()))
    # Whole numbers beyond float64's exact range would change: they are ids, and stay text.
    longest = max(length for _, length in shapes)
    if longest >= _LONG and pc.any(pc.match_substring_regex(cells, rf"^-?\d{{{_LONG},}}$")).as_py():
        return None
    try:
        values = cells.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    gaps = values.null_count
    made = _array(values)
    if int(np.isnan(made).sum()) > gaps:
        return None  # a text such as "NAN"
    return pd.Series(made, copy=False)


def _array(values: Any) -> NDArray[Any]:
    """Return numbers of Arrow, gaps as NaN, as an array that may be written to."""
    made = np.empty(len(values), dtype=values.type.to_pandas_dtype())
    at = 0
    for piece in values.chunks:
        made[at : at + len(piece)] = piece.to_numpy(zero_copy_only=False)
        at += len(piece)
    return made


def _whole(numbers: Any) -> pd.Series | None:
    """Return whole numbers; with gaps as floats where these are exact, else ``None``."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if not numbers.null_count:
        return pd.Series(_array(numbers), copy=False)
    ends = pc.min_max(numbers)
    exact = max(abs(ends["min"].as_py()), abs(ends["max"].as_py())) <= EXACT
    return pd.Series(_array(numbers.cast(pa.float64())), copy=False) if exact else None


def _shape(piece: Any) -> tuple[bool, int]:
    """Return whether a cell is a code (a zero before digits, a plus or a hexadecimal mark), and the length of the longest."""
    _, places, letters = piece.buffers()
    offsets = np.frombuffer(places, dtype=np.int32)[piece.offset : piece.offset + len(piece) + 1]
    data = np.frombuffer(letters, dtype=np.uint8)
    size = np.diff(offsets)
    longest = int(size.max(initial=0))
    at: NDArray[Any] = offsets[:-1]
    if not size.all():
        at, size = at[size > 0], size[size > 0]
    first = data[at]
    if (first == _PLUS).any():
        return True, longest
    zeros = at[(first == _ZERO) & (size > 1)] + 1
    signed = (first == _MINUS) & (size > 2)
    if signed.any():
        after = at[signed] + 1
        zeros = np.append(zeros, after[data[after] == _ZERO] + 1)
    return bool(_CODED[data[zeros]].any()), longest
