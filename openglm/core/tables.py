"""Any table a caller may hand us → a pandas frame: files of many kinds, frames of other libraries, plain Python data.

Values stay as the source has them; what they mean is decided by the schema. It does not fetch from the network, does not
guess at a missing header row, and reads no format that could run code (pickle, old Excel macros).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from openglm.core._delimited import EXACT
from openglm.core._files import TABLES, plain, read_file
from openglm.core.errors import DataError, SourceError
from openglm.core.words import Said

if TYPE_CHECKING:
    import pandas as pd


def read_table(source: Any, *, sheet: str | int | None = None) -> pd.DataFrame:
    """Return any table as a frame with unique text names and rows numbered from 0.

    Parameters
    ----------
    source : path, DataFrame, polars or Arrow table, dict of columns, list of dicts, or 2-D array
        Files: delimited text (``, ; | tab``; UTF-8, UTF-16, GB18030, cp1252), Parquet, Feather, Excel (.xlsx), JSON lines or a
        JSON list; text and JSON may be compressed (.gz .bz2 .xz .zip). A frame is not copied and not changed.
    sheet : str, int or None
        Of an Excel file, by name or number from 0; the first one by default.

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
    """
    if isinstance(source, str | Path):
        opened = read_file(Path(source), sheet)
        names, frame = opened if isinstance(opened, tuple) else _from_object(opened)
        return _finish(frame, names, Said(en=Path(source).name, zh=f"{Path(source).name} "))
    if sheet is not None:
        raise SourceError(Said(en="Only an Excel file has sheets.", zh="只有 Excel 文件才有工作表。"))
    names, frame = _from_object(source)
    name = source_name(source)
    return _finish(frame, names, Said(en=f"The {name}", zh=f"该 {name} "))


def source_name(source: Any) -> str:
    """Return what to call a source in messages: its path, or its type."""
    return str(source) if isinstance(source, str | Path) else type(source).__name__


def _finish(frame: pd.DataFrame, names: list[str], where: Said) -> pd.DataFrame:
    """Name the columns, refuse duplicates and tables without rows or columns."""
    import pandas as pd

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
    return made_frame


def _from_arrow(table: Any) -> tuple[list[str], pd.DataFrame]:
    """Columns one by one: whole numbers with gaps stay exact, and pandas' own row labels are left out."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    names, columns = [], []
    for name, cells in zip(table.column_names, table.columns, strict=True):
        if name.startswith("__index_level_"):
            continue
        names.append(str(name))
        if pa.types.is_integer(cells.type) and cells.null_count and cells.null_count < len(cells):
            ends = pc.min_max(cells)
            if max(abs(ends["min"].as_py()), abs(ends["max"].as_py())) > EXACT:
                columns.append(pd.Series(cells.to_pylist(), dtype="UInt64" if "u" in str(cells.type) else "Int64"))
                continue
        columns.append(pd.Series(cells.to_pandas()))
    rows = table.num_rows
    frame = pd.concat(columns, axis=1, keys=range(len(columns))) if columns else pd.DataFrame(index=range(rows))
    return names, frame


# ── objects ──


def _from_object(source: Any) -> tuple[list[str], pd.DataFrame]:
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        labels: list[Any] = list(source.columns)
        return ["_".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in labels], source
    if isinstance(source, pd.Series):
        return ["" if source.name is None else str(source.name)], source.to_frame()
    if hasattr(source, "collect") and type(source).__module__.startswith("polars"):
        source = source.collect()
    if hasattr(source, "to_arrow"):
        source = source.to_arrow()
    if hasattr(source, "column_names") and hasattr(source, "num_rows"):
        if not hasattr(source, "columns"):
            raise SourceError(
                Said(en="This Arrow data has no columns in memory.", zh="该 Arrow 数据不在内存中。"), hint=TABLES
            )
        return _from_arrow(source)
    if isinstance(source, Mapping):
        return _from_columns(source)
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Iterable) and not isinstance(source, str | bytes):
        rows = list(source)
        if all(isinstance(row, Mapping) for row in rows):
            names = list(dict.fromkeys(key for row in rows for key in row))
            made = {i: plain([row.get(name) for row in rows]) for i, name in enumerate(names)}
            return [str(name) for name in names], pd.DataFrame(made, index=range(len(rows)))
    name = type(source).__name__
    article = "An" if name[0] in "aeiouAEIOU" else "A"
    raise SourceError(Said(en=f"{article} {name} is no table.", zh=f"{name} 不是表格。"), hint=TABLES)


def _from_columns(source: Mapping[Any, Any]) -> tuple[list[str], pd.DataFrame]:
    import pandas as pd

    def is_cell(value: Any) -> bool:
        return (
            isinstance(value, str | bytes | Mapping)
            or not isinstance(value, Iterable)
            or getattr(value, "ndim", 1) == 0
        )

    names = [str(name) for name in source]
    if all(is_cell(value) for value in source.values()):
        return names, pd.DataFrame({i: plain([value]) for i, value in enumerate(source.values())})
    lengths = {str(name): 1 if is_cell(value) else len(list(value)) for name, value in source.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"'{name}' {count}" for name, count in list(lengths.items())[:5])
        raise DataError(
            Said(en=f"The columns have different lengths: {shown}.", zh=f"各列长度不同: {shown}。"),
            hint=Said(en="Give every column the same number of values.", zh="请让每一列的值个数相同。"),
        )
    columns = {
        i: pd.Series(np.asarray(value)) if isinstance(value, np.ndarray) else value.reset_index(drop=True)
        if isinstance(value, pd.Series) else plain([value] if is_cell(value) else list(value))
        for i, value in enumerate(source.values())
    }  # fmt: skip
    return names, pd.DataFrame(columns)


def _from_array(source: np.ndarray[Any, Any]) -> tuple[list[str], pd.DataFrame]:
    import pandas as pd

    if source.dtype.names:
        return list(source.dtype.names), pd.DataFrame({i: source[name] for i, name in enumerate(source.dtype.names)})
    if source.ndim != 2:
        raise SourceError(
            Said(en=f"An array with {source.ndim} dimensions is no table.", zh=f"{source.ndim} 维数组不是表格。"),
            hint=Said(en="Give two: rows and columns.", zh="请提供二维数组(行与列)。"),
        )
    return [""] * source.shape[1], pd.DataFrame(source)
