"""Files → what is in them: finds the file, unpacks it, and reads delimited text, Excel, Arrow, Parquet and JSON.

Every way in which a file can be wrong ends in one sentence; none ends in a traceback. Names are checked by
:mod:`openglm.core.tables`.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from openglm.core._delimited import EXACT, MISSING, decode, empty, read_delimited
from openglm.core.errors import SourceError, did_you_mean
from openglm.core.words import Said

if TYPE_CHECKING:
    import pandas as pd

TABLES = Said(
    en="Give a CSV, TSV, Excel (.xlsx), Parquet, Feather or JSON-lines file, a data frame, an Arrow table or a list of dicts.",
    zh="请提供 CSV、TSV、Excel (.xlsx)、Parquet、Feather、JSON-lines 文件,或 DataFrame、Arrow 表、字典列表。",
)
_DAMAGED = Said(en="Export it again, or give a CSV file.", zh="请重新导出,或提供 CSV 文件。")
_OBJECTS = Said(
    en="Give one JSON object per line, or a list of objects.", zh="请每行提供一个 JSON 对象,或提供对象列表。"
)
_COMPRESSED = (".gz", ".bz2", ".xz", ".zip")
_FILE_KINDS = {
    ".parquet": "parquet", ".pq": "parquet", ".feather": "arrow", ".arrow": "arrow", ".ipc": "arrow", ".xlsx": "excel",
    ".xlsm": "excel", ".jsonl": "json", ".ndjson": "json", ".json": "json",
}  # fmt: skip
_SHOWN_SUFFIXES = {*_FILE_KINDS, ".csv", ".tsv", ".txt", ".tab", *_COMPRESSED}


# ── files ──


def read_file(path: Path, sheet: str | int | None) -> Any:
    """Return names and frame, an Arrow table, or the Python data of a JSON file.

    Raises
    ------
    SourceError
        If the file cannot be read.
    """
    data = _bytes_of(path)
    name = path.name
    for suffix in path.suffixes[::-1]:
        if suffix.lower() not in _COMPRESSED:
            break
        data, name = _unpack(data, name, suffix.lower())
    kind = _FILE_KINDS.get(Path(name).suffix.lower(), "text")
    if not data:
        raise empty(path.name)
    if sheet is not None and kind != "excel":
        raise SourceError(
            Said(en=f"{path.name} is no Excel file and has no sheets.", zh=f"{path.name} 不是 Excel 文件,没有工作表。")
        )
    if kind == "text":
        return read_delimited(data, name)
    if kind == "json":
        return _from_json(decode(data, path.name), path.name)
    if kind == "excel":
        return _from_excel(data, path.name, sheet)
    return _from_arrow_file(data, kind, path.name)


def _bytes_of(path: Path) -> bytes:
    where = str(path)
    if "://" in where.replace("\\", "/") or where.startswith(("http:", "https:")):
        raise SourceError(
            Said(en=f"{where} is an address, not a file.", zh=f"{where} 是网址而不是文件。"),
            hint=Said(en="Download it first and give the path.", zh="请先下载,再给出文件路径。"),
        )
    try:
        if path.is_dir():
            inside = sorted(item.name for item in path.iterdir() if item.suffix.lower() in _SHOWN_SUFFIXES)
            raise SourceError(
                Said(en=f"{where} is a folder, not a file.", zh=f"{where} 是目录而不是文件。"),
                hint=did_you_mean("", inside) if inside else TABLES,
            )
        return path.read_bytes()
    except SourceError:  # also a ValueError
        raise
    except FileNotFoundError as error:
        raise SourceError(
            Said(en=f"There is no file {where}.", zh=f"文件 {where} 不存在。"), hint=_neighbours(path)
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


def _neighbours(path: Path) -> Said:
    """Return which table files lie where the missing one was looked for."""
    try:
        near = sorted(
            item.name for item in path.parent.iterdir() if item.is_file() and item.suffix.lower() in _SHOWN_SUFFIXES
        )
    except OSError:
        near = []
    return did_you_mean(path.name, near) if near else Said(en="Check the path.", zh="请检查路径。")


def _unpack(data: bytes, name: str, suffix: str) -> tuple[bytes, str]:
    inner = name[: -len(suffix)]
    try:
        if suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = [item for item in archive.namelist() if not item.endswith("/") and "__MACOSX" not in item]
                if len(members) != 1:
                    raise SourceError(
                        Said(
                            en=f"{name} holds {len(members)} files, not one table.",
                            zh=f"{name} 中有 {len(members)} 个文件,而不是一个表格。",
                        ),
                        hint=Said(en="Unpack it and give one file.", zh="请解压后指定其中一个文件。"),
                    )
                return archive.read(members[0]), Path(members[0]).name
        opened: dict[str, Callable[[bytes], bytes]] = {
            ".gz": gzip.decompress,
            ".bz2": bz2.decompress,
            ".xz": lzma.decompress,
        }
        return opened[suffix](data), inner
    except SourceError:  # also a ValueError
        raise
    except (
        OSError,
        EOFError,
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as error:
        raise _damaged(name, f"not intact {suffix} data", f"{suffix} 压缩数据") from error


def _damaged(name: str, en: str, zh: str) -> SourceError:
    return SourceError(
        Said(en=f"{name} cannot be read: it is {en}.", zh=f"无法读取 {name}: 它不是完好的{zh.removeprefix('不是')}。"),
        hint=_DAMAGED,
    )


def _from_arrow_file(data: bytes, kind: str, name: str) -> Any:
    import pyarrow as pa
    from pyarrow import feather, parquet

    try:
        reader = pa.BufferReader(data)
        table = parquet.ParquetFile(reader).read() if kind == "parquet" else feather.read_table(reader)
    except (pa.ArrowException, OSError, ValueError) as error:
        if kind == "arrow":
            try:
                table = pa.ipc.open_stream(data).read_all()
            except (pa.ArrowException, OSError, ValueError):
                raise _damaged(name, "no intact Arrow file", " Arrow 文件") from error
        else:
            raise _damaged(name, "no intact Parquet file", " Parquet 文件") from error
    return table


def _from_excel(data: bytes, name: str, sheet: str | int | None) -> tuple[list[str], pd.DataFrame]:
    import pandas as pd
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # openpyxl warns of styles and checks that it leaves out; values are not touched
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            page = _sheet(book, name, sheet)
            rows = [row for row in page.iter_rows(values_only=True) if any(cell not in (None, "") for cell in row)]
            book.close()
    except SourceError:
        raise
    except Exception as error:  # a damaged archive of XML fails in any way
        raise _damaged(name, "no intact Excel (.xlsx) file", " Excel (.xlsx) 文件") from error
    if not rows:
        raise empty(name)
    width = max(max((i + 1 for i, cell in enumerate(row) if cell not in (None, "")), default=0) for row in rows)
    names = ["" if i >= len(rows[0]) or rows[0][i] is None else str(rows[0][i]) for i in range(width)]
    lost = {None, *MISSING}
    columns = {
        i: plain([None if i >= len(row) or row[i] in lost else row[i] for row in rows[1:]]) for i in range(width)
    }
    return names, pd.DataFrame(columns)


def _sheet(book: Any, name: str, sheet: str | int | None) -> Any:
    titles = book.sheetnames
    if isinstance(sheet, int) and -len(titles) <= sheet < len(titles):
        return book[titles[sheet]]
    if sheet is None:
        return book[titles[0]]
    if sheet not in titles:
        raise SourceError(
            Said(en=f"{name} has no sheet '{sheet}'.", zh=f"{name} 中没有工作表“{sheet}”。"),
            hint=did_you_mean(str(sheet), titles),
        )
    return book[sheet]


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
            hint=Said(
                en="Give one JSON object per line, or a list of objects.",
                zh="请每行提供一个 JSON 对象,或提供对象列表。",
            ),
        ) from error
    if isinstance(found, list) and all(isinstance(row, dict) for row in found):
        return found
    if isinstance(found, dict):
        return found
    raise SourceError(
        Said(en=f"{name} holds JSON that is no table.", zh=f"{name} 中的 JSON 不是表格。"),
        hint=_OBJECTS,
    )


def plain(values: list[Any]) -> pd.Series:
    """Return Python values as a column: typed where all agree and nothing is lost, else as they are."""
    import pandas as pd

    filled = [value for value in values if value is not None]
    kinds = {type(value) for value in filled}
    if kinds <= {dict, list} and filled:
        return pd.Series(
            [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in values], dtype=object
        )
    if not filled:
        return pd.Series([np.nan] * len(values), dtype=np.float64)
    if kinds == {int} and max(map(abs, filled)) > EXACT:
        fits = len(filled) == len(values) and max(map(abs, filled)) < 2**63  # int64
        return pd.Series(values, dtype=np.int64 if fits else object)
    if kinds <= {int, float}:
        whole = kinds == {int} and len(filled) == len(values)
        exact = all(abs(value) <= EXACT for value in filled if type(value) is int)
        if exact:
            return pd.Series([np.nan if v is None else v for v in values], dtype=np.int64 if whole else np.float64)
    if kinds == {bool} and len(filled) == len(values):
        return pd.Series(values, dtype=bool)
    return pd.Series(values, dtype=object)
