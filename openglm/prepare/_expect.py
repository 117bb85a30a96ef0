"""Expectations of a table: proposed from one that is good, and checked against the next one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import date_in, read_value
from openglm.core.dataset import Raw
from openglm.core.errors import InputError
from openglm.core.expectations import ColumnRule, Expectations, Kind
from openglm.core.finding import Finding
from openglm.core.schema import Column
from openglm.core.words import Said, plural
from openglm.prepare._checks_numbers import natural_range
from openglm.prepare._clean import mended
from openglm.prepare._remarks import listed, remark, short
from openglm.prepare._sight import Sight

ALLOWED = 20  # levels that are written down; more are no closed list
FEWER = 10  # our own: a table with less than a tenth of the rows is probably cut off
ROOM = 0.1  # our own: proposed ranges leave a tenth of the spread on both sides, but do not cross zero
ROOM_MISSING = 0.05  # our own: and gaps may be so much more frequent
_FIX = ("Blocks: the table does not fit the expectations. Mend the data, or edit the rule in the file.",
        "不符合预期,已阻断。请修正数据,或修改预期文件中的规则。")  # fmt: skip


def expectations(raw: Raw) -> Expectations:
    """Return what can be expected of tables like this one; a proposal for a person to edit.

    Values that stand for "missing", variants of a level and impossible numbers are mistakes of this table, no expectation.
    """
    raw = mended(raw)
    columns = {column.name: _proposed(column, raw) for column in raw.schema.columns}
    return Expectations(rows_at_least=max(1, len(raw.frame) // FEWER), columns=columns)


def _proposed(column: Column, raw: Raw) -> ColumnRule:
    missing = math.ceil(100 * min(1.0, column.missing + ROOM_MISSING)) / 100 if column.missing else 0.0
    kind = _kind(column)
    more: dict[str, Any] = {}
    if column.role == "empty":
        return ColumnRule()
    if column.personal:  # a name or a number of a person is words, whatever its digits
        return ColumnRule(type="text", missing_at_most=missing)
    if column.role == "numeric" and column.minimum is not None and column.maximum is not None:
        more = _span(column, raw)
    elif column.role == "category" and 0 < len(column.levels) <= ALLOWED and kind != "boolean":
        more = {"allowed": tuple(str(level) for level in column.levels)}
    unique = column.role == "id" and column.n_unique == len(raw.frame)
    return ColumnRule(type=kind, unique=unique, missing_at_most=missing, **more)


def _span(column: Column, raw: Raw) -> dict[str, float]:
    """Return the range of a column with some room, within what its name allows."""
    values, counts = Sight(column, raw.frame.iloc[:, raw.schema.names.index(column.name)]).sorted
    least, most = natural_range(column.name, values, counts)
    values = values[(values >= least) & (values <= most) & np.isfinite(values)]
    low, high = float(values[0]), float(values[-1])
    room = ROOM * (high - low)
    lower = _rounded(max(0.0, low - room) if low >= 0 else low - room, math.floor)
    upper = _rounded(min(0.0, high + room) if high <= 0 else high + room, math.ceil)
    if column.dtype == "int":
        lower, upper = float(math.floor(lower)), float(math.ceil(upper))
    return {"min": max(lower, least), "max": min(upper, most)}


def _rounded(value: float, towards: Any) -> float:
    """Return three significant digits, rounded away from the data."""
    if value == 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    return float(f"{towards(value / step) * step:.6g}")


def _kind(column: Column) -> Kind | None:
    if column.role == "date":
        return "date"
    if column.dtype == "bool":
        return "boolean"
    if column.role == "numeric" or (column.role == "id" and column.dtype in ("int", "float")):
        return "integer" if column.dtype == "int" else "number"
    if column.role in ("constant", "empty"):
        return None
    return "category" if column.role == "category" else "text"


# ── checking ──


def hold(raw: Raw, expected: Expectations) -> tuple[Finding, ...]:
    """Return every violation as a blocker: code ``expect-…``, rows and examples.

    Raises
    ------
    InputError
        If a rule of the file cannot be used, such as a minimum that is no date.
    """
    found: list[Finding] = []
    rows = len(raw.frame)
    if rows < expected.rows_at_least:
        least = expected.rows_at_least
        en, zh = (
            f"The table has {plural(rows, 'row')}; at least {least} {'is' if least == 1 else 'are'} expected.",
            f"表中只有 {rows} 行,预期至少 {least} 行。",
        )
        found.append(_broken("rows", None, en, zh, rows))
    places = {name.strip().casefold(): i for i, name in enumerate(raw.schema.names)}
    at: list[int] = []
    for name, rule in expected.columns.items():
        place = raw.schema.names.index(name) if name in raw.schema else places.get(name.strip().casefold())
        if place is not None:
            at.append(place)
            found.extend(_column(Sight(raw.schema.columns[place], raw.frame.iloc[:, place]), name, rule))
        elif rule.required:
            found.append(_broken("column-missing", name, f"The column '{name}' is not there.", f"缺少列“{name}”。"))
    others = [name for i, name in enumerate(raw.schema.names) if i not in at]
    if others and not expected.other_columns:
        shown = listed(others, 5)
        found.append(
            _broken(
                "other-columns", None, f"Columns that are not expected: {shown[0]}.", f"出现预期之外的列: {shown[1]}。"
            )
        )
    if expected.same_order and at != sorted(at):
        found.append(_broken("order", None, "The columns stand in another order.", "列的顺序与预期不同。"))
    return tuple(found)


def _broken(code: str, column: str | None, en: str, zh: str, rows: int | None = None) -> Finding:
    return remark("blocker", f"expect-{code}", column, (en, zh), _FIX, rows)


def _column(sight: Sight, name: str, rule: ColumnRule) -> Iterator[Finding]:
    gap = 1 - sum(int(n) for n, blank in zip(sight.counts, _blank(sight), strict=True) if not blank) / max(
        1, len(sight.cells)
    )
    if gap > rule.missing_at_most + 1e-12:
        rows = round(gap * len(sight.cells))
        yield _broken(
            "missing", name, f"'{name}' is missing in {plural(rows, 'row')} ({gap:.1%}); at most "
                             f"{rule.missing_at_most:.1%} is expected.",
            f"“{name}”有 {rows} 行缺失({gap:.1%}),预期不超过 {rule.missing_at_most:.1%}。", rows,
        )  # fmt: skip
    filled = ~_blank(sight)
    if rule.type is not None:
        yield from _told(sight, name, "type", filled & ~_fits(sight, rule.type),
                         f"is not of type {rule.type}", f"不是 {rule.type} 类型")  # fmt: skip
    if rule.min is not None or rule.max is not None:
        yield from _range(sight, name, rule, filled)
    if rule.allowed is not None:
        allowed = {text.strip() for text in rule.allowed}
        good = np.array([_label(item, sight.column) in allowed for item in sight.distinct], dtype=bool)
        yield from _told(sight, name, "allowed", filled & ~good, "is not allowed", "不在允许的取值之内")
    if rule.pattern is not None:
        form = re.compile(rule.pattern)
        fit = np.array([form.fullmatch(_label(item, sight.column)) is not None for item in sight.distinct], dtype=bool)
        yield from _told(
            sight, name, "pattern", filled & ~fit, f"does not fit {rule.pattern}", f"不符合格式 {rule.pattern}"
        )
    if rule.unique:
        yield from _told(sight, name, "unique", filled & (sight.counts > 1), "comes more than once", "重复出现")


def _blank(sight: Sight) -> NDArray[np.bool_]:
    if sight.is_plain:
        return np.zeros(len(sight.distinct), dtype=bool)
    return np.array([isinstance(item, str) and not item.strip() for item in sight.distinct], dtype=bool)


def _told(sight: Sight, name: str, code: str, bad: NDArray[np.bool_], en: str, zh: str) -> Iterator[Finding]:
    if not bad.any():
        return
    rows = sight.rows_where(bad)
    values = [] if sight.column.personal else [sight.distinct[i] for i in np.flatnonzero(bad)[:4]]
    shown = listed([value.item() if hasattr(value, "item") else value for value in values])
    yield _broken(
        code, name, f"'{name}' {en} in {plural(rows, 'row')}{': ' + shown[0] if shown[0] else ''}.",
        f"“{name}”有 {rows} 行{zh}{': ' + shown[1] if shown[1] else ''}。", rows,
    )  # fmt: skip


_NUMBER = Column(name="", role="numeric", dtype="float")
_DATE = Column(name="", role="date", dtype="datetime")
_TRUTHS = frozenset({"true", "false", "yes", "no", "0", "1", "y", "n", "t", "f", "是", "否", "真", "假", "0.0", "1.0"})


def _reader(sight: Sight, role: str) -> Column:
    """Return how to read the cells as numbers or dates: as the table itself does where it says so."""
    return sight.column if sight.column.role == role else _NUMBER if role == "numeric" else _DATE


def _values(sight: Sight, role: str) -> NDArray[np.float64]:
    if sight.is_plain and role == "numeric":
        return np.asarray(sight.distinct, dtype=np.float64)
    column = _reader(sight, role)
    return np.array([read_value(item, column) for item in sight.distinct], dtype=np.float64)


def _fits(sight: Sight, kind: Kind) -> NDArray[np.bool_]:
    if kind in ("text", "category"):
        return np.ones(len(sight.distinct), dtype=bool)
    if kind == "date":
        return np.isfinite(_values(sight, "date"))
    if kind == "boolean":
        return np.array([_label(item, sight.column).casefold() in _TRUTHS for item in sight.distinct], dtype=bool)
    values = _values(sight, "numeric")
    return np.isfinite(values) & ((values == np.floor(values)) if kind == "integer" else True)


def _range(sight: Sight, name: str, rule: ColumnRule, filled: NDArray[np.bool_]) -> Iterator[Finding]:
    dated = isinstance(rule.min, str) or isinstance(rule.max, str)
    values = _values(sight, "date" if dated else "numeric")
    low, high = _end(name, "min", rule.min, dated, -math.inf), _end(name, "max", rule.max, dated, math.inf)
    with np.errstate(invalid="ignore"):
        below, above = filled & (values < low), filled & (values > high)
    yield from _told(sight, name, "min", below, f"is below {_shown(rule.min)}", f"低于 {_shown(rule.min)}")
    yield from _told(sight, name, "max", above, f"is above {_shown(rule.max)}", f"高于 {_shown(rule.max)}")


def _shown(end: float | str | None) -> str:
    return end if isinstance(end, str) else short(end)


def _end(name: str, word: str, end: float | str | None, dated: bool, nothing: float) -> float:
    if end is None:
        return nothing
    found = date_in(str(end), ()) if dated else float(end)
    if math.isnan(found):
        raise InputError(
            Said(
                en=f"The expectations have a mistake at columns → {name} → {word}: '{end}' is no number and no date.",
                zh=f"预期文件在 columns → {name} → {word} 处有误: “{end}”不是数值,也不是日期。",
            ),
            hint=Said(en="Write dates as 2024-03-05.", zh="日期请写成 2024-03-05。"),
        )
    return found


def _label(item: Any, column: Column) -> str:
    """Return a value as a level of the schema is written."""
    label = read_value(item, column.model_copy(update={"role": "category"}))
    return "" if label is None else str(label)
