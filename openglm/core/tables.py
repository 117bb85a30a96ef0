"""Any table a caller may hand us → a pandas frame: files of many kinds, several of one schema, databases, frames, plain data.

Values stay as the source has them; what they mean is decided by the schema. It does not fetch files from the network, and reads
no format that could run code (pickle, old Excel macros). What was passed over or mended on the way goes along as ``remarks``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openglm.core import _sql
from openglm.core._files import read_file
from openglm.core._many import combine, files_of
from openglm.core._objects import from_object
from openglm.core._opened import TABLES, Opened
from openglm.core.errors import DataError, SourceError
from openglm.core.finding import Finding
from openglm.core.words import Said

if TYPE_CHECKING:
    import pandas as pd

REMARKS = "openglm.remarks"
"""Where a frame keeps what was remarked while it was read: ``DataFrame.attrs``, as JSON text."""
SOURCE_FILE = "source_file"


def read_table(source: Any, *, sheet: str | int | None = None, name_files: bool = False) -> pd.DataFrame:
    """Return any table as a frame with unique text names and rows numbered from 0.

    Parameters
    ----------
    source : path, list of paths, database address, DataFrame, polars or Arrow table, dict of columns, list of dicts, or 2-D array
        Files: delimited text (any separator; UTF-8, UTF-16, GB18030, Big5, Shift-JIS, cp1252), Parquet, Feather and Arrow, ORC,
        Excel (.xlsx), OpenDocument (.ods), JSON lines or a JSON list; text and JSON may be compressed (.gz .bz2 .xz .zip).
        A folder, a pattern (``data/2024-*.csv``), a list of paths or an archive is several files of one schema, one below the
        other. ``sqlite:///shop.db``, ``duckdb:///f.duckdb`` or any other SQLAlchemy URL is a database, and so is a file of these
        two; ``${NAME}`` in it stands for an environment variable. A frame is not copied and not changed.
    sheet : str, int or None
        Sheet of an Excel file, by name or number from 0; by default the first one with cells. Of a database: the name of a table
        or a ``SELECT``; by default its only table. Of an archive: the name of one file in it.
    name_files : bool
        Whether a column ``source_file`` tells which of several files a row comes from.

    Returns
    -------
    DataFrame of shape (rows, columns), rows >= 1
        Values as the source has them. A column without a name is called by its place, ``column_3``.

    Raises
    ------
    SourceError
        If it cannot be read.
    DataError
        If it was read but is no table with rows, or two columns have the same name.
    MissingExtraError
        If it needs an optional package.
    """
    if isinstance(source, str | Path) and _sql.is_database(source):
        return _finish(_sql.read_sql(str(source), sheet), Said(en=source_name(source), zh=f"{source_name(source)} "))
    if isinstance(source, str | Path):
        one = Path(source)
        files = files_of(one)
        opened = _from_files(files, one.name, sheet, name_files=name_files) if files else read_file(one, sheet)
        whole = _one(opened, one.name, name_files=name_files)
        return _finish(whole, Said(en=one.name or str(source), zh=f"{one.name or source} "))
    if _are_paths(source):
        files = [(Path(item), {}) for item in source]
        name = source_name(source)
        whole = _one(_from_files(files, name, sheet, name_files=name_files), name, name_files=name_files)
        return _finish(whole, Said(en=name, zh=f"{name} "))
    if sheet is not None:
        raise SourceError(Said(en="Only an Excel file has sheets.", zh="只有 Excel 文件才有工作表。"))
    name = source_name(source)
    return _finish(from_object(source), Said(en=f"The {name}", zh=f"该 {name} "))


def source_name(source: Any) -> str:
    """Return what to call a source in messages and files: its path or address without password, or its type."""
    if isinstance(source, str | Path):
        return _sql.without_password(str(source)) if _sql.is_address(source) else str(source)
    if _are_paths(source):
        first, more = Path(source[0]).name, len(source) - 1
        return f"{first} + {more}" if more else first
    return type(source).__name__


def remarks(frame: pd.DataFrame) -> tuple[Finding, ...]:
    """Return what was noticed or decided while the frame was read: lines passed over, names made up, files that differ."""
    return tuple(Finding.model_validate(item) for item in json.loads(frame.attrs.get(REMARKS, "[]")))


def _are_paths(source: Any) -> bool:
    return (
        isinstance(source, Sequence)
        and not isinstance(source, str | bytes)
        and len(source) > 0
        and all(isinstance(item, str | Path) for item in source)
    )


def _from_files(
    files: Sequence[tuple[Path, dict[str, str | None]]], name: str, sheet: str | int | None, *, name_files: bool
) -> list[Opened]:
    """Return the tables of several files, those of one file side by side with the values that its folders name."""
    found = []
    names = Counter(path.name for path, _ in files)
    for path, extra in files:
        for opened in read_file(path, sheet):
            opened.label = opened.label or (path.name if names[path.name] == 1 else str(path))
            opened.extra = extra
            found.append(opened)
    return found


def _one(opened: list[Opened], name: str, *, name_files: bool) -> Opened:
    """Return several tables as one."""
    import pandas as pd

    whole = opened[0] if len(opened) == 1 and not opened[0].extra else combine(opened, name)
    if name_files:
        labels = [part.label or name for part in opened for _ in range(len(part.frame))]
        if len(labels) == len(whole.frame):
            place = whole.frame.shape[1]
            whole.frame = whole.frame.assign(**{SOURCE_FILE: labels}).rename(columns={SOURCE_FILE: place})
            whole.names = [*whole.names, SOURCE_FILE]
        assert isinstance(whole.frame, pd.DataFrame)
    return whole


def _finish(opened: Opened, where: Said) -> pd.DataFrame:
    """Name the columns, refuse duplicates and tables without rows or columns."""
    import pandas as pd

    names, frame = opened.names, opened.frame
    taken = {name for name in names if name.strip()}
    full = []
    for place, name in enumerate(names, start=1):
        made, more = name, 2
        if not name.strip():
            made = f"column_{place}"
            while made in taken:
                made, more = f"column_{place}_{more}", more + 1
            taken.add(made)
        full.append(made)
    twice = [name for name, count in Counter(full).items() if count > 1]
    if twice:
        shown = ", ".join(f"'{name}'" for name in twice[:5])
        raise DataError(
            Said(en=f"{where.en} has more than one column called {shown}.", zh=f"{where.zh}中有重名的列: {shown}。"),
            hint=Said(en="Rename or remove the duplicates.", zh="请重命名或删除重复的列。"),
        )
    if not full or not len(frame):
        if not len(frame):
            what = ("has a header but no rows", "只有表头,没有数据行") if full else ("has no rows", "没有数据行")
        else:
            what = ("has no columns", "没有列")
        raise DataError(Said(en=f"{where.en} {what[0]}.", zh=f"{where.zh}{what[1]}。"), hint=TABLES)
    made_frame = frame.copy(deep=False)
    made_frame.columns = pd.Index(full, dtype=object)
    made_frame.index = pd.RangeIndex(len(frame))
    if opened.findings:
        made_frame.attrs[REMARKS] = json.dumps(
            [item.model_dump(mode="json") for item in opened.findings], ensure_ascii=False
        )
    return made_frame
