"""Files → what is in them: finds the file, sees what kind it is, unpacks it, and reads text, Excel, Arrow, Parquet, ORC and JSON.

The first bytes decide before the suffix does: a Parquet file called .csv is a Parquet file. Every way in which a file can be
wrong ends in one sentence; none ends in a traceback. Names are checked by :mod:`openglm.core.tables`.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openglm.core._delimited import read_delimited
from openglm.core._encoding import decode
from openglm.core._excel import OLD_EXCEL, read_excel, read_ods
from openglm.core._objects import from_python
from openglm.core._opened import TABLES, Opened, damaged, empty, from_arrow, remark
from openglm.core.errors import SourceError, did_you_mean
from openglm.core.finding import Finding
from openglm.core.words import Said

_OBJECTS = Said(
    en="Give one JSON object per line, or a list of objects.", zh="请每行提供一个 JSON 对象,或提供对象列表。"
)
_COMPRESSED = (".gz", ".bz2", ".xz", ".zip")
_FILE_KINDS = {
    ".parquet": "parquet", ".pq": "parquet", ".feather": "arrow", ".arrow": "arrow", ".arrows": "arrow", ".ipc": "arrow",
    ".orc": "orc", ".xlsx": "excel", ".xlsm": "excel", ".xls": "xls", ".xlsb": "xlsb", ".ods": "ods", ".jsonl": "json",
    ".ndjson": "json", ".json": "json",
}  # fmt: skip
_KIND_NAMES = {"parquet": "Parquet", "arrow": "Arrow", "orc": "ORC", "excel": "Excel", "ods": "OpenDocument"}
DATABASES = (".db", ".sqlite", ".sqlite3", ".db3", ".duckdb", ".ddb")
SUFFIXES = {*_FILE_KINDS, ".csv", ".tsv", ".txt", ".tab", ".dat", *_COMPRESSED}
_SHEETS = ("excel", "ods")


def read_file(path: Path, sheet: str | int | None) -> list[Opened]:
    """Return the table in a file; several of a .zip archive.

    Raises
    ------
    SourceError
        If the file cannot be read.
    MissingExtraError
        If it needs an optional package.
    """
    data, findings = _bytes_of(path)
    opened = _from_bytes(data, path.name, path.name, sheet)
    opened[0].findings[:0] = findings
    return opened


def _from_bytes(data: bytes, name: str, shown: str, sheet: str | int | None) -> list[Opened]:
    """Unpack as long as it is packed, then read what is inside; ``shown`` is the name for messages."""
    if not data:
        raise empty(shown)
    packed = _packed(data, name)
    if packed == ".zip":
        return _from_zip(data, shown, sheet)
    if packed:
        inner = name[: -len(packed)] if name.lower().endswith(packed) else name
        return _from_bytes(_unpack(data, shown, packed), inner, shown, sheet)
    named = _FILE_KINDS.get(Path(name).suffix.lower(), "text")
    kind = _kind(data) or named
    if sheet is not None and kind not in _SHEETS:
        raise SourceError(
            Said(en=f"{shown} is no Excel file and has no sheets.", zh=f"{shown} 不是 Excel 文件,没有工作表。")
        )
    opened = _read(data, kind, shown, sheet, name)
    if kind != named and kind in _KIND_NAMES:
        what = _KIND_NAMES[kind]
        article = "an" if what[0] in "AEO" else "a"
        opened.findings.insert(
            0,
            remark(
                "other-kind", f"{shown} is {article} {what} file, whatever its name says.",
                f"{shown} 实际上是 {what} 文件。",
                fix=("It is read as such.", "已按此格式读取。"),
            ),
        )  # fmt: skip
    return [opened]


def _read(data: bytes, kind: str, shown: str, sheet: str | int | None, name: str) -> Opened:
    if kind == "json":
        return from_python(_from_json(decode(data, shown), shown))
    if kind == "excel":
        return read_excel(data, shown, sheet)
    if kind == "ods":
        return read_ods(data, shown, sheet)
    if kind in ("parquet", "arrow", "orc"):
        return from_arrow(_arrow_table(data, kind, shown))
    if kind == "xlsb" or data.startswith(OLD_EXCEL):
        raise _old_excel(shown, data)
    if data.lstrip()[:15].lower().startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        raise SourceError(
            Said(en=f"{shown} is a web page or XML, no table file.", zh=f"{shown} 是网页或 XML,而不是表格文件。"),
            hint=Said(
                en="Open it in a spreadsheet program and save it as .xlsx or CSV.",
                zh="请用电子表格软件打开后另存为 .xlsx 或 CSV。",
            ),
        )
    return read_delimited(data, name if name.lower().endswith((".tsv", ".tab")) else shown)


def _old_excel(name: str, data: bytes) -> SourceError:
    if b"E\0n\0c\0r\0y\0p\0t" in data:
        what = ("is protected by a password", "有密码保护")
    else:
        what = ("is an old or binary Excel file (.xls, .xlsb)", "是旧版或二进制 Excel 文件(.xls、.xlsb)")
    return SourceError(
        Said(en=f"{name} {what[0]}.", zh=f"{name} {what[1]}。"),
        hint=Said(
            en="Open it in Excel or LibreOffice and save it as .xlsx without a password, or as CSV.",
            zh="请用 Excel 或 WPS 打开,另存为不带密码的 .xlsx 或 CSV。",
        ),
    )


# ── what a file is ──


def _packed(data: bytes, name: str) -> str:
    """Return how the data is compressed: by its first bytes, else by its name."""
    for magic, suffix in ((b"\x1f\x8b", ".gz"), (b"BZh", ".bz2"), (b"\xfd7zXZ", ".xz"), (b"PK\x03\x04", ".zip")):
        if data.startswith(magic):
            return "" if suffix == ".zip" and _office(data, name) else suffix
    suffix = Path(name).suffix.lower()
    return suffix if suffix in _COMPRESSED else ""


def _office(data: bytes, name: str) -> str:
    """Return "excel", "xlsb" or "ods" for the archives that such files are."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        named = _FILE_KINDS.get(Path(name).suffix.lower(), "")
        return named if named in ("excel", "xlsb", "ods") else ""
    if "xl/workbook.bin" in inside:
        return "xlsb"
    if "xl/workbook.xml" in inside:
        return "excel"
    return "ods" if {"mimetype", "content.xml"} <= inside else ""


def _kind(data: bytes) -> str:
    """Return what the first bytes say, empty where they say nothing."""
    if data.startswith(b"PK\x03\x04"):
        return _office(data, "")
    marks = {b"PAR1": "parquet", b"ARROW1": "arrow", b"FEA1": "arrow", b"ORC": "orc"}
    for magic, kind in marks.items():
        if data.startswith(magic) and (kind != "orc" or data[-4:-1] == b"ORC"):
            return kind
    return ""


# ── bytes ──


def _bytes_of(path: Path) -> tuple[bytes, list[Finding]]:
    """Return the content; a file that grew meanwhile is read once more.

    Raises
    ------
    SourceError
        If there is no such file, or it keeps changing.
    """
    where = str(path)
    if "://" in where.replace("\\", "/") or where.startswith(("http:", "https:", "ftp:", "s3:")):
        raise SourceError(
            Said(en=f"{where} is an address, not a file.", zh=f"{where} 是网址而不是文件。"),
            hint=Said(en="Download it first and give the path.", zh="请先下载,再给出文件路径。"),
        )
    try:
        before = path.stat()
        data = path.read_bytes()
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            return data, []
        before, data, after = after, path.read_bytes(), path.stat()
    except FileNotFoundError as error:
        raise SourceError(
            Said(en=f"There is no file {where}.", zh=f"文件 {where} 不存在。"), hint=neighbours(path)
        ) from error
    except PermissionError as error:
        raise SourceError(
            Said(en=f"No permission to read {where}.", zh=f"没有读取 {where} 的权限。"),
            hint=Said(en="Change its permissions or copy it elsewhere.", zh="请修改权限或复制到其他位置。"),
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(
            Said(en=f"Cannot read {where[:200]}: {reason}.", zh=f"无法读取 {where[:200]}: {reason}。"), hint=TABLES
        ) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise SourceError(
            Said(en=f"{where} changes while it is being read.", zh=f"{where} 在读取过程中不断变化。"),
            hint=Said(
                en="Wait until it is written, or give a copy of it.", zh="请等写入完成后再试,或提供该文件的副本。"
            ),
        )
    said = remark(
        "changed-while-read", f"{path.name} was written to while it was being read.", f"{path.name} 在读取过程中被写入。",
        severity="warning",
        fix=("It was read once more; its last rows may be of a moment.", "已重新读取一次;末尾的行可能尚不完整。"),
    )  # fmt: skip
    return data, [said]


def neighbours(path: Path) -> Said:
    """Return which table files lie where the missing one was looked for."""
    try:
        near = sorted(
            item.name
            for item in path.parent.iterdir()
            if item.is_file() and item.suffix.lower() in {*SUFFIXES, *DATABASES}
        )
    except OSError:
        near = []
    return did_you_mean(path.name, near) if near else Said(en="Check the path.", zh="请检查路径。")


_FAILURES = (
    OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError,
)  # fmt: skip


def _unpack(data: bytes, name: str, suffix: str) -> bytes:
    opened: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress,
    }  # fmt: skip
    try:
        return opened[suffix](data)
    except _FAILURES as error:
        raise damaged(name, f"not intact {suffix} data", f"{suffix} 压缩数据") from error


def _from_zip(data: bytes, name: str, sheet: str | int | None) -> list[Opened]:
    """Return every table of an archive, or the one whose name ``sheet`` is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [item for item in archive.namelist() if _is_member(item)]
            if isinstance(sheet, str) and sheet in members:
                members, sheet = [sheet], None
            parts = {item: archive.read(item) for item in members}
    except _FAILURES as error:
        raise damaged(name, "not intact .zip data", ".zip 压缩数据") from error
    tables = {item: part for item, part in parts.items() if Path(item).suffix.lower() in SUFFIXES} or parts
    if not tables:
        raise SourceError(
            Said(en=f"{name} holds no file.", zh=f"{name} 中没有文件。"),
            hint=TABLES,
        )
    found = []
    for item, part in tables.items():
        shown = name if len(tables) == 1 else f"{name}/{item}"
        for opened in _from_bytes(part, Path(item).name, shown, sheet):
            opened.label = opened.label or shown
            found.append(opened)
    return found


def _is_member(item: str) -> bool:
    last = item.rsplit("/", 1)[-1]
    return bool(last) and "__MACOSX" not in item and not last.startswith(".")


# ── Arrow and its kin ──


def _arrow_table(data: bytes, kind: str, name: str) -> Any:
    import pyarrow as pa
    from pyarrow import feather, parquet

    reader = pa.BufferReader(data)
    try:
        if kind == "parquet":
            return parquet.ParquetFile(reader).read()
        if kind == "orc":
            from pyarrow import orc

            return orc.ORCFile(reader).read()
        try:
            return feather.read_table(reader)
        except (pa.ArrowException, OSError, ValueError):
            return pa.ipc.open_stream(data).read_all()
    except (pa.ArrowException, OSError, ValueError, ImportError) as error:
        what = _KIND_NAMES[kind]
        raise damaged(name, f"no intact {what} file", f" {what} 文件") from error


# ── JSON ──


def _from_json(text: str, name: str) -> Any:
    text = text.strip()
    if not text:
        raise empty(name)
    line = 1
    try:
        try:
            found = json.loads(text)
        except ValueError:
            if text.startswith("["):
                raise
            found = []
            for line, row in enumerate(text.splitlines(), start=1):  # noqa: B007
                if row.strip():
                    found.append(json.loads(row))
    except (ValueError, RecursionError) as error:
        raise SourceError(
            Said(
                en=f"{name} is not valid JSON near line {line}: {error}.",
                zh=f"{name} 第 {line} 行附近不是有效的 JSON: {error}。",
            ),
            hint=_OBJECTS,
        ) from error
    if isinstance(found, dict):
        return _rows_inside(found)
    if isinstance(found, list) and all(isinstance(row, dict) for row in found):
        return found
    raise SourceError(
        Said(en=f"{name} holds JSON that is no table.", zh=f"{name} 中的 JSON 不是表格。"),
        hint=_OBJECTS,
    )


def _rows_inside(found: dict[str, Any]) -> Any:
    """Return the one list of objects in an envelope such as {"count": 2, "data": [{…}, {…}]}, else the object itself."""
    lists = [
        value
        for value in found.values()
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    ]
    others = [value for value in found.values() if isinstance(value, list)]
    return lists[0] if len(lists) == 1 and len(others) == 1 else found
