"""Frames of other libraries and plain Python data → table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from openglm.core._opened import TABLES, Opened, from_arrow, plain
from openglm.core.errors import DataError, SourceError
from openglm.core.words import Said


def from_object(source: Any) -> Opened:
    """Return a frame, an Arrow table, a dict of columns, a list of dicts or an array as a table.

    Raises
    ------
    SourceError, DataError
        If it is none.
    """
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        labels: list[Any] = list(source.columns)
        return Opened(["_".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in labels], source)
    if isinstance(source, pd.Series):
        return Opened(["" if source.name is None else str(source.name)], source.to_frame())
    if hasattr(source, "collect") and type(source).__module__.startswith("polars"):
        source = source.collect()
    if hasattr(source, "to_arrow"):
        source = source.to_arrow()
    if hasattr(source, "column_names") and hasattr(source, "num_rows"):
        if not hasattr(source, "columns"):
            raise SourceError(
                Said(en="This Arrow data has no columns in memory.", zh="该 Arrow 数据不在内存中。"), hint=TABLES
            )
        return from_arrow(source)
    if isinstance(source, Mapping):
        return from_columns(source)
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Iterable) and not isinstance(source, str | bytes):
        rows = list(source)
        if all(isinstance(row, Mapping) for row in rows):
            return from_python(rows)
    name = type(source).__name__
    article = "An" if name[0] in "aeiouAEIOU" else "A"
    raise SourceError(Said(en=f"{article} {name} is no table.", zh=f"{name} 不是表格。"), hint=TABLES)


def from_python(found: Any) -> Opened:
    """Return rows (list of dict) as a table: objects in them one level flat, keys of all rows; else columns or one row."""
    import pandas as pd

    if isinstance(found, Mapping):
        return from_columns(found)
    rows = [flat(row) for row in found]
    names = list(dict.fromkeys(key for row in rows for key in row))
    opened = {str(key) for row in found for key, value in row.items() if isinstance(value, Mapping) and value}
    names = [n for n in names if str(n) not in opened or any(row.get(n) is not None for row in rows)]
    made = {i: plain([row.get(name) for row in rows]) for i, name in enumerate(names)}
    return Opened([str(name) for name in names], pd.DataFrame(made, index=range(len(rows))))


def flat(row: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return a row whose objects are columns: {"a": {"b": 1}} → {"a.b": 1}. What is deeper stays one value.

    Examples
    --------
    >>> flat({"id": 1, "size": {"x": 2, "y": {"z": 3}}})
    {'id': 1, 'size.x': 2, 'size.y': {'z': 3}}
    """
    if not any(isinstance(value, Mapping) and value for value in row.values()):
        return row
    made: dict[Any, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping) and value:
            made.update({f"{key}.{inner}": item for inner, item in value.items() if f"{key}.{inner}" not in row})
        else:
            made[key] = value
    return made


def from_columns(source: Mapping[Any, Any]) -> Opened:
    """Return columns of one length, or one row of single values."""
    import pandas as pd

    def is_cell(value: Any) -> bool:
        return (
            isinstance(value, str | bytes | Mapping)
            or not isinstance(value, Iterable)
            or getattr(value, "ndim", 1) == 0
        )

    names = [str(name) for name in source]
    if all(is_cell(value) for value in source.values()):
        return Opened(names, pd.DataFrame({i: plain([value]) for i, value in enumerate(source.values())}))
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
    return Opened(names, pd.DataFrame(columns))


def _from_array(source: np.ndarray[Any, Any]) -> Opened:
    import pandas as pd

    if source.dtype.names:
        made = {i: source[name] for i, name in enumerate(source.dtype.names)}
        return Opened(list(source.dtype.names), pd.DataFrame(made))
    if source.ndim != 2:
        raise SourceError(
            Said(en=f"An array with {source.ndim} dimensions is no table.", zh=f"{source.ndim} 维数组不是表格。"),
            hint=Said(en="Give two: rows and columns.", zh="请提供二维数组(行与列)。"),
        )
    return Opened([""] * source.shape[1], pd.DataFrame(source))
