"""What every reader of tables hands back, and what they share: remarks, gaps, Python values and Arrow columns as pandas."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from openglm.core.errors import SourceError
from openglm.core.finding import Finding, Severity
from openglm.core.words import Said

if TYPE_CHECKING:
    import pandas as pd

EXACT = 2**53  # whole numbers up to here are exact in float64 (IEEE 754 binary64)
TABLES = Said(
    en="Give a CSV, TSV, Excel (.xlsx), Parquet, Feather, ORC or JSON-lines file, a folder of them, a database address, "
    "a data frame, an Arrow table or a list of dicts.",
    zh="请提供 CSV、TSV、Excel (.xlsx)、Parquet、Feather、ORC、JSON-lines 文件或其所在目录、数据库地址,或 DataFrame、"
    "Arrow 表、字典列表。",
)
DAMAGED = Said(en="Export it again, or give a CSV file.", zh="请重新导出,或提供 CSV 文件。")


@dataclass
class Opened:
    """A table as a reader found it.

    Parameters
    ----------
    names : list of str
        One for each column; may hold blanks and duplicates.
    frame : DataFrame
        Columns numbered from 0.
    findings : list of Finding
        What was noticed or decided while reading.
    label : str
        What to call it in messages, where it is one of several.
    extra : dict
        Values of every row that its folder names: {"year": "2024"} of ``year=2024/``.
    """

    names: list[str]
    frame: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    label: str = ""
    extra: dict[str, str | None] = field(default_factory=dict)


def remark(
    code: str, en: str, zh: str, *, fix: tuple[str, str] | None = None, severity: Severity = "note",
    column: str | None = None, rows: int | None = None,
) -> Finding:  # fmt: skip
    """Return a finding about the source itself; its code begins with "source-"."""
    return Finding(
        severity=severity, code=f"source-{code}", column=column, rows=rows, message=Said(en=en, zh=zh),
        fix=Said(en=fix[0], zh=fix[1]) if fix else None,
    )  # fmt: skip


def empty(name: str) -> SourceError:
    """Return the error for a source with nothing in it."""
    return SourceError(
        Said(en=f"{name} is empty.", zh=f"{name} 是空文件。"),
        hint=Said(en="Give a table with a header line and rows.", zh="请提供带表头和数据行的表格。"),
    )


def damaged(name: str, en: str, zh: str) -> SourceError:
    """Return the error for a file that is not what it says it is; ``en`` as in "no intact Arrow file"."""
    return SourceError(
        Said(en=f"{name} cannot be read: it is {en}.", zh=f"无法读取 {name}: 它不是完好的{zh.removeprefix('不是')}。"),
        hint=DAMAGED,
    )


def plain(values: list[Any]) -> pd.Series:
    """Return Python values as a column: typed where all agree and nothing is lost, else as they are.

    Times of several zones become UTC; decimals become floats where these have the same digits, else text.
    """
    import pandas as pd

    filled = [value for value in values if value is not None]
    kinds = {type(value) for value in filled}
    if kinds <= {dict, list} and filled:
        return pd.Series(
            [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in values], dtype=object
        )
    if not filled:
        return pd.Series([np.nan] * len(values), dtype=np.float64)
    if kinds == {dt.datetime}:
        return _times(values, filled)
    if decimal.Decimal in kinds:
        values = [_undecimal(value) for value in values]
        filled = [value for value in values if value is not None]
        kinds = {type(value) for value in filled}
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


def _times(values: list[Any], filled: list[dt.datetime]) -> pd.Series:
    """Times without a zone stay as they are; with zones they are in UTC; a mixture takes those without one as UTC."""
    import pandas as pd

    if any(value.tzinfo is not None for value in filled):
        values = [None if v is None else v.astimezone(dt.UTC) if v.tzinfo else v.replace(tzinfo=dt.UTC) for v in values]
        values = [None if v is None else v.replace(tzinfo=None) for v in values]
    return pd.Series(np.array(values, dtype="datetime64[us]"))


def _undecimal(value: Any) -> Any:
    """Fifteen digits are what float64 keeps of any decimal (C standard, DBL_DIG)."""
    if not isinstance(value, decimal.Decimal):
        return value
    if not value.is_finite():
        return None
    return float(value) if len(value.normalize().as_tuple().digits) <= 15 else str(value)


def from_arrow(table: Any) -> Opened:
    """Columns one by one: whole numbers with gaps stay exact, and pandas' own row labels are left out."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    names, columns = [], []
    for name, cells in zip(table.column_names, table.columns, strict=True):
        if name.startswith("__index_level_"):
            continue
        names.append(str(name))
        if pa.types.is_decimal(cells.type):
            columns.append(plain(cells.to_pylist()))
            continue
        if pa.types.is_integer(cells.type) and cells.null_count and cells.null_count < len(cells):
            ends = pc.min_max(cells)
            if max(abs(ends["min"].as_py()), abs(ends["max"].as_py())) > EXACT:
                columns.append(pd.Series(cells.to_pylist(), dtype="UInt64" if "u" in str(cells.type) else "Int64"))
                continue
        columns.append(pd.Series(cells.to_pandas()))
    rows = table.num_rows
    frame = pd.concat(columns, axis=1, keys=range(len(columns))) if columns else pd.DataFrame(index=range(rows))
    return Opened(names, frame)
