"""Carry cleaning steps out on a table: columns learn how they must be read, rows leave, and every step counts what it changed.

The cells stay as the source has them: a step on a column changes its :class:`~openglm.core.schema.Column`, so that a row that
is served later is cleaned in the same way. Only whole rows and whole columns are really taken out.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.cleaning import CleanStep
from openglm.core.columns import read_column, read_value
from openglm.core.dataset import Raw
from openglm.core.errors import DataError, PlanError
from openglm.core.schema import Column, Schema
from openglm.core.words import Said
from openglm.prepare._infer import LONG_CODE, NEAR_UNIQUE, as_words, infer_column, recounted

if TYPE_CHECKING:
    import pandas as pd

LABELS = ("category", "id", "constant", "text")
_WORD = Column(name="", role="category", dtype="str")


@dataclass(frozen=True)
class Cleaned:
    """A table after its steps.

    Parameters
    ----------
    raw : Raw
        Rows that stay, columns that stay, the schema by which they are read.
    rows : ndarray of shape (rows,), int64
        The row number of each in the source, counted from 0.
    steps : tuple of CleanStep
        As they were carried out, with the rows that each changed.
    """

    raw: Raw
    rows: NDArray[np.int64]
    steps: tuple[CleanStep, ...]


def apply(raw: Raw, steps: Sequence[CleanStep], *, is_whole: bool = False) -> Cleaned:
    """Return the table as the steps make it.

    Parameters
    ----------
    raw : Raw
        As it was loaded; left untouched.
    steps : sequence of CleanStep
        On columns in this order; then rows leave.
    is_whole : bool
        Whether these are all steps there shall be, as in an edited plan: text that no step reads as numbers or dates then
        stays words.

    Raises
    ------
    ColumnError
        If a step is about a column that does not exist.
    PlanError
        If a step does not fit its column.
    DataError
        If no row or no column is left.
    """
    places = {name: i for i, name in enumerate(raw.schema.names)}
    columns = dict(raw.schema.by_name)
    done: list[CleanStep] = []
    changed: set[str] = set()
    for step in steps:
        name = None if step.column is None else raw.schema.resolve(step.column)
        if name is None:
            if step.op != "drop_rows":
                raise _no_column(step)
            done.append(step)
            continue
        cells = raw.frame.iloc[:, places[name]]
        new, rows = _on_column(step, columns[name], cells)
        if new != columns[name]:
            columns[name] = new
            changed.add(name)
        done.append(step.model_copy(update={"column": name, "rows": rows}))
    if is_whole:
        read = {step.column for step in done if step.op in ("numbers", "dates")}
        for name, column in columns.items():
            if name not in read and column.role in ("numeric", "date") and is_text(raw.frame.iloc[:, places[name]]):
                columns[name] = as_words(column, raw.frame.iloc[:, places[name]])
    keep, done = _rows(raw, columns, done)
    frame = raw.frame if keep.all() else raw.frame.loc[keep].reset_index(drop=True)
    if not keep.all():
        changed.update(columns)
    dropped = {step.column for step in done if step.op == "drop_column"}
    names = [name for name in raw.schema.names if name not in dropped]
    if not names:
        raise DataError(Said(en="The cleaning steps leave no column.", zh="清洗步骤去除了所有列。"))
    made = [
        recounted(columns[name], frame.iloc[:, places[name]]) if name in changed else columns[name] for name in names
    ]
    frame = frame if not dropped else frame.iloc[:, [places[name] for name in names]]
    schema = Schema(columns=tuple(made), rows=len(frame))
    return Cleaned(Raw(frame, schema, raw.source, raw.fingerprint), np.flatnonzero(keep), tuple(done))


def is_text(cells: pd.Series) -> bool:
    """Say whether the source holds text (or a mixture) rather than numbers, truth values or times of its own."""
    import pandas as pd

    if isinstance(cells.dtype, pd.CategoricalDtype):
        return is_text(cells.cat.categories.to_series())
    kind = getattr(cells.dtype, "kind", "O")
    return kind not in "biufmM" and pd.api.types.infer_dtype(cells, skipna=True) in ("string", "mixed", "mixed-integer")


# ── columns ──


def _on_column(step: CleanStep, column: Column, cells: pd.Series) -> tuple[Column, int]:
    """Return the column as the step makes it, and how many cells it changed."""
    if step.op == "required":
        return column, 0
    if step.op == "drop_column":
        return column, len(cells)
    if step.op in ("numbers", "dates"):
        return _read_as(step, column, cells)
    if step.op == "missing_marks":
        marks = tuple(dict.fromkeys((*column.marks, *(_word(value) for value in step.values))))
        new = column.model_copy(update={"marks": marks})
        plain = _WORD if is_text(cells) else column
        return new, _lost(cells, plain, plain.model_copy(update={"marks": marks}))
    if step.op == "spelling":
        if column.role not in LABELS:
            raise _unfitting(step, column, "holds no labels", "不是标签列")
        new = column.model_copy(update={"spelling": column.spelling | step.spelling})
        return new, _differing(cells, column, new)
    if step.op == "digits":
        new = _digits(column, cells)
        return new, _differing(cells, _WORD, _WORD.model_copy(update={"digits": True}))
    if step.op == "one_of":
        allowed = tuple(_word(value) for value in step.values)
        if not allowed:
            raise _unfitting(step, column, "needs the allowed values", "缺少允许的取值")
        new = column.model_copy(update={"allowed": allowed})
        return new, _lost(cells, column, new)
    if step.op == "range":
        return _range(step, column, cells)
    raise _no_column(step)


def _range(step: CleanStep, column: Column, cells: pd.Series) -> tuple[Column, int]:
    if step.low is None and step.high is None:
        raise _unfitting(step, column, "needs 'low' or 'high'", "缺少 low 或 high")
    if column.role not in ("numeric", "date", "empty"):
        as_number = column.model_copy(update={"role": "numeric"})
        if not np.isfinite(read_column(cells, as_number)).any():
            raise _unfitting(step, column, "holds no numbers", "不是数值列")
    ends = {"low": column.low, "high": column.high} | {
        name: _past(end, way) if step.strict else end
        for name, end, way in (("low", step.low, math.inf), ("high", step.high, -math.inf))
        if end is not None
    }
    new = column.model_copy(update=ends)
    return new, _lost(cells, column, new)


def _past(end: float, way: float) -> float:
    """Return the nearest number beyond an end that is itself outside; next to 0 the smallest that is not subnormal."""
    return math.nextafter(end, way) if end else math.copysign(sys.float_info.min, way)


def _read_as(step: CleanStep, column: Column, cells: pd.Series) -> tuple[Column, int]:
    """Read a column as numbers or dates, in the formats of the step."""
    role, dtype = ("numeric", "float") if step.op == "numbers" else ("date", "datetime")
    formats = tuple(str(value) for value in step.values)
    new = column
    if column.role not in (role, "id", "constant", "empty") or formats != column.formats:
        kept = column.role if column.role in ("id", "constant", "empty") else role
        new = column.model_copy(
            update={"role": kept, "dtype": column.dtype if column.role == kept else dtype, "formats": formats,
                    "reason": "read so by a cleaning step"}
        )  # fmt: skip
    if new is column:  # as it was inferred already
        return column, round(len(cells) * (1 - column.missing))
    readable = np.isfinite(read_column(cells, new.model_copy(update={"role": role})))
    if not readable.any() and column.role != "empty":
        what = ("holds nothing that reads as a number so", "中没有可按此读取的数值")
        if step.op == "dates":
            what = ("holds nothing that reads as a date so", "中没有可按此读取的日期")
        raise _unfitting(step, column, *what)
    return new, int(readable.sum())


def _digits(column: Column, cells: pd.Series) -> Column:
    """Return the column of which only digits count: an id stays one, long numbers are codes, short ones may be quantities."""
    import pandas as pd

    if column.role == "id":
        return column.model_copy(update={"digits": True, "dtype": "str" if is_text(cells) else column.dtype})
    as_code = _WORD.model_copy(update={"digits": True, "marks": column.marks})
    texts = pd.Series(read_column(cells, as_code), dtype=object)
    found = infer_column(texts, column.name)
    role, dtype = found.role, found.dtype
    known = texts.dropna()
    lengths = known.str.len()
    if role == "numeric" and len(known) and lengths.median() >= LONG_CODE:
        role, dtype = ("id" if known.nunique() >= NEAR_UNIQUE * len(known) else "category"), "str"
    formats = found.formats if role in ("numeric", "date") else ()
    return column.model_copy(
        update={
            "digits": True,
            "role": role,
            "dtype": dtype,
            "formats": formats,
            "reason": f"digits only; {found.reason}",
        }
    )


def _word(value: Any) -> str:
    text = read_value(value, _WORD)
    return "" if text is None else str(text)


def _lost(cells: pd.Series, old: Column, new: Column) -> int:
    """Return how many cells one way of reading finds and the other does not."""
    return int(_is_known(read_column(cells, old)).sum() - _is_known(read_column(cells, new)).sum())


def _differing(cells: pd.Series, old: Column, new: Column) -> int:
    before, after = read_column(cells, old), read_column(cells, new)
    return sum(a != b for a, b in zip(before.tolist(), after.tolist(), strict=True))


def _is_known(typed: NDArray[Any]) -> NDArray[np.bool_]:
    if typed.dtype == object:
        return np.array([value is not None for value in typed], dtype=bool)
    known: NDArray[np.bool_] = np.isfinite(typed)
    return known


# ── rows ──


def _rows(
    raw: Raw, columns: dict[str, Column], steps: list[CleanStep]
) -> tuple[NDArray[np.bool_], list[CleanStep]]:  # fmt: skip
    """Return which rows stay, and the steps with the rows that they take out."""
    total = len(raw.frame)
    keep = np.ones(total, dtype=bool)
    done: list[CleanStep] = []
    for step in steps:
        if step.op == "drop_rows":
            out = np.zeros(total, dtype=bool)
            out[_numbers(step, total)] = True
        elif step.op == "required":
            name = str(step.column)
            out = ~_is_known(read_column(raw.frame.iloc[:, raw.schema.names.index(name)], columns[name]))
        else:
            done.append(step)
            continue
        done.append(step.model_copy(update={"rows": int((keep & out).sum())}))
        keep &= ~out
        if not keep.any():
            about = ("", "") if step.column is None else (f" on '{step.column}'", f"(“{step.column}”)")
            raise DataError(
                Said(
                    en=f"The cleaning step '{step.op}'{about[0]} leaves no row.",
                    zh=f"清洗步骤 {step.op}{about[1]}去除了所有行。",
                ),
                hint=Said(en="Remove or change that step.", zh="请删除或修改该步骤。"),
            )
    return keep, done


def _numbers(step: CleanStep, total: int) -> list[int]:
    wrong = [
        value
        for value in step.values
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < total
    ]
    if wrong:
        raise PlanError(
            Said(
                en=f"The cleaning step 'drop_rows' names row {wrong[0]!r}, but rows are numbered from 0 to {total - 1}.",
                zh=f"清洗步骤 drop_rows 中的行号 {wrong[0]!r} 无效,行号应在 0 到 {total - 1} 之间。",
            ),
            hint=Said(en="Name row numbers of this table.", zh="请使用该表中的行号。"),
        )
    return [int(value) for value in step.values]


# ── mistakes ──


def _no_column(step: CleanStep) -> PlanError:
    return PlanError(
        Said(en=f"The cleaning step '{step.op}' names no column.", zh=f"清洗步骤 {step.op} 没有指明列。"),
        hint=Said(en="Give it a 'column'; only 'drop_rows' has none.", zh="请写明 column;只有 drop_rows 不需要。"),
    )


def _unfitting(step: CleanStep, column: Column, en: str, zh: str) -> PlanError:
    subject = ("it", "该步骤") if "needs" in en else (f"'{column.name}'", f"“{column.name}”")
    return PlanError(
        Said(
            en=f"The cleaning step '{step.op}' on '{column.name}' cannot be carried out: {subject[0]} {en}.",
            zh=f"无法对“{column.name}”执行清洗步骤 {step.op}: {subject[1]}{zh}。",
        ),
        hint=Said(en="Remove or change that step under 'cleaning'.", zh="请在 cleaning 中删除或修改该步骤。"),
    )
