"""A new table beside the one that was learned from: what is missing, new or other, and whether the values have moved.

How far a column moved is its population stability index (PSI); whether that is more than chance is tested with Kolmogorov and
Smirnov (numbers) or chi-squared (labels), all columns together at 5 % (Holm 1979).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_column
from openglm.core.dataset import Dataset, Raw
from openglm.core.finding import Finding
from openglm.core.run import Run
from openglm.core.schema import Column, Schema
from openglm.core.words import plural
from openglm.prepare._remarks import listed, remark, short

SMALL_SHIFT, LARGE_SHIFT = (
    0.1,
    0.25,
)  # PSI: below no change, above a large one (Siddiqi 2006, Credit Risk Scorecards, chapter 9)
LEVEL = 0.05  # for all columns together
BINS = 10  # as PSI is usually computed
TINY = 1e-4  # share of an empty bin
MOST_LEVELS = 30  # rarer levels share one bin
ROWS = 50_000  # of each table for the tests, spread evenly: enough to see a PSI of 0.001
FEW = 30  # rows below which nothing is said about a shift
_TRAIN = ("Kept. If the change is real, train again on newer data: openglm run.",
          "未作改动。若变化属实,请用新数据重新训练: openglm run。")  # fmt: skip


def compare(new: Raw, like: Any, *, sheet: str | None = None) -> tuple[Finding, ...]:
    """Return what is different in a new table.

    Parameters
    ----------
    new : Raw
        As ``load`` returns it.
    like : Run, Raw, path or any table
        What was learned from: a run (its training rows) or a table.
    sheet : str or None
        Of an Excel file.

    Raises
    ------
    SourceError, DataError, BundleError
        If what was learned from cannot be read.
    """
    if isinstance(like, str | Path) and (Path(like) / "state.json").is_file():
        like = Run.open(like)
    if isinstance(like, Run):
        data = Dataset.load(like.path / "data", sealed=False)
        known = Schema.from_json((like.path / "profile.json").read_bytes())
        return _compare(new, data.schema.columns, data.train.x, known.names)
    from openglm.prepare._prepare import load

    old = load(like, sheet=sheet)
    columns = old.schema.columns
    read = {
        column.name: read_column(old.frame.iloc[:, place], column)
        for place, column in enumerate(columns)
        if column.role not in ("id", "empty")
    }
    return _compare(new, columns, read, old.schema.names)


def _compare(
    new: Raw, columns: tuple[Column, ...], known: Mapping[str, NDArray[Any]], names: tuple[str, ...]
) -> tuple[Finding, ...]:
    """Compare with typed values; a column without values is only looked for, ``names`` are all that the old table had."""
    places = {name.strip().casefold(): i for i, name in enumerate(new.schema.names)}
    found: list[Finding] = []
    moved: list[_Moved] = []
    for column in columns:
        exact = column.name in new.schema
        place = new.schema.names.index(column.name) if exact else places.get(column.name.strip().casefold())
        if place is None:
            found.append(_gone(column))
            continue
        if column.name not in known:
            continue
        values = read_column(new.frame.iloc[:, place], column)
        typed = list(_type_changed(column, new.schema.columns[place], values))
        found.extend(typed)
        if not typed:
            found.extend(_outside(column, known[column.name], values))
            moved.extend(_moved(column, known[column.name], values))
    before = {name.strip().casefold() for name in names}
    more = [name for name in new.schema.names if name.strip().casefold() not in before]
    if more:
        shown = listed(more, 5)
        en, zh = f"Columns that were not there before: {shown[0]}.", f"新出现的列: {shown[1]}。"
        fix = ("A model that is trained already does not use them.", "已训练的模型不使用这些列。")
        found.append(remark("note", "like-column-new", more[0], (en, zh), fix))
    return (*found, *_significant(moved))


def _gone(column: Column) -> Finding:
    return remark(
        "blocker" if column.role not in ("id", "constant", "empty") else "note", "like-column-missing", column.name,
        (f"The column '{column.name}' is missing.", f"缺少列“{column.name}”。"),
        ("A model that learned from it cannot predict. If it is the target or was not used, this does not matter.",
         "使用该列训练的模型无法预测;若它是目标列或未被使用,则无影响。"),
    )  # fmt: skip


def _is_missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    if values.dtype != object:
        return np.asarray(np.isnan(values), dtype=bool)
    return np.array([value is None for value in values], dtype=bool)


def _type_changed(column: Column, other: Column, values: NDArray[Any]) -> Iterator[Finding]:
    if column.role not in ("numeric", "date") or other.role == "empty":
        return
    lost = float(_is_missing(values).mean()) - other.missing
    if lost > 0.05:
        rows = round(lost * len(values))
        kinds = {"numeric": ("numbers", "数值"), "date": ("dates", "日期")}[column.role]
        yield remark(
            "blocker" if lost > 0.5 else "warning", "like-type-changed", column.name,
            (f"'{column.name}' held {kinds[0]}; {plural(rows, 'row')} of the new table cannot be read so.",
             f"“{column.name}”原为{kinds[1]},新表中有 {rows} 行无法这样读取。"),
            ("They count as missing. Mend the column in the source.", "这些值视为缺失。请在数据源中修正该列。"), rows,
        )  # fmt: skip


def _outside(column: Column, old: NDArray[Any], new: NDArray[Any]) -> Iterator[Finding]:
    """Say which values the learned-from table never had."""
    name = column.name
    if column.role in ("category", "constant") and old.dtype == object:
        known = set(old[~_is_missing(old)])
        unseen = np.array([value is not None and value not in known for value in new], dtype=bool)
        rows = int(unseen.sum())
        levels = list(dict.fromkeys(new[unseen]))
        if rows and len(known) < 0.5 * len(old):
            shown = listed([] if column.personal else levels)
            yield remark(
                "warning", "like-levels-new", name,
                (f"'{name}' has {plural(len(levels), 'level')} never seen before, in {plural(rows, 'row')}: {shown[0]}.",
                 f"“{name}”有 {len(levels)} 个从未见过的取值,共 {rows} 行: {shown[1]}。"),
                ("A model treats them as unknown.", "模型将其视为未知取值。"), rows,
            )  # fmt: skip
    elif column.role == "numeric" and np.isfinite(old).any():
        low, high = float(np.nanmin(old)), float(np.nanmax(old))
        room = 0.1 * (high - low)  # our own: single values a little further out are usual
        with np.errstate(invalid="ignore"):
            rows = int(((new < low - room) | (new > high + room)).sum())
        if rows:
            yield remark(
                "warning" if rows > 0.001 * len(new) else "note", "like-range-left", name,
                (f"{plural(rows, 'value')} of '{name}' {'lies' if rows == 1 else 'lie'} far outside "
                 f"{short(low)} … {short(high)}, where it was learned.",
                 f"“{name}”有 {rows} 个值远超训练时的范围 {short(low)} … {short(high)}。"),
                ("Kept. Trees answer as at the end of the range; other learners go on beyond it.",
                 "已保留。树模型按范围边界给出结果,其他模型会外推。"), rows,
            )  # fmt: skip


# ── shift ──


@dataclass(frozen=True)
class _Moved:
    column: Column
    psi: float
    p: float
    said: tuple[str, str]


def _spread(values: NDArray[Any]) -> NDArray[Any]:
    if len(values) <= ROWS:
        return values
    return values[np.linspace(0, len(values) - 1, ROWS).astype(np.int64)]


def _moved(column: Column, old: NDArray[Any], new: NDArray[Any]) -> list[_Moved]:
    """Return how far a column moved and how likely that is by chance; nothing for words to read and small tables."""
    old, new = _spread(old), _spread(new)
    names = old.dtype == object and column.n_unique > 0.5 * len(old)
    if min(len(old), len(new)) < FEW or column.role == "text" or names:
        return []
    counts = _binned(old, new)
    shares = counts / counts.sum(axis=1, keepdims=True)
    clipped = np.maximum(shares, TINY)
    # Equal tables have a PSI of about (bins - 1)(1/n + 1/m) by chance (Yurdakul 2018); that part says nothing.
    chance = (counts.shape[1] - 1) * (1 / len(old) + 1 / len(new))
    psi = float(((clipped[1] - clipped[0]) * np.log(clipped[1] / clipped[0])).sum()) - chance
    return [_Moved(column, max(0.0, psi), _p_value(old, new, counts), _said(old, new, shares))]


def _binned(old: NDArray[Any], new: NDArray[Any]) -> NDArray[np.float64]:
    """Return rows in each bin, missing last; row 0 of the old table, row 1 of the new one."""
    gaps = [_is_missing(old), _is_missing(new)]
    if old.dtype == object:
        levels, rows = np.unique(old[~gaps[0]].astype(str), return_counts=True)
        most = levels[np.argsort(-rows, kind="stable")[:MOST_LEVELS]]
        place = {str(level): i for i, level in enumerate(most)}
        codes = [
            np.array([place.get(str(v), len(place)) for v in part[~gap]])
            for part, gap in zip((old, new), gaps, strict=True)
        ]
        width = len(place) + 1
    else:
        known = old[~gaps[0]]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.zeros(0)
        codes = [np.searchsorted(edges, part[~gap], side="right") for part, gap in zip((old, new), gaps, strict=True)]
        width = len(edges) + 1
    made = [np.bincount(code.astype(np.int64), minlength=width) for code in codes]
    full = np.array([[*rows, gap.sum()] for rows, gap in zip(made, gaps, strict=True)], dtype=np.float64)
    return full[:, full.sum(axis=0) > 0]


def _p_value(old: NDArray[Any], new: NDArray[Any], counts: NDArray[np.float64]) -> float:
    from scipy import stats

    p = 1.0
    if counts.shape[1] > 1:
        p = float(stats.chi2_contingency(counts).pvalue)
    if old.dtype != object:
        one, two = old[np.isfinite(old)], new[np.isfinite(new)]
        if min(len(one), len(two)) >= FEW:
            gaps = np.array([[len(one), len(old) - len(one) + 0.5], [len(two), len(new) - len(two) + 0.5]])
            gap = float(stats.chi2_contingency(gaps).pvalue)
            # Two looks at one column, the values and the gaps: Bonferroni.
            p = min(1.0, 2 * min(float(stats.ks_2samp(one, two, method="asymp").pvalue), gap))
    return p


def _said(old: NDArray[Any], new: NDArray[Any], shares: NDArray[np.float64]) -> tuple[str, str]:
    """Return in words what moved: the mean, or the share of gaps."""
    gaps = float(_is_missing(old).mean()), float(_is_missing(new).mean())
    if abs(gaps[0] - gaps[1]) > 0.05:
        return (f"missing {gaps[0]:.1%} → {gaps[1]:.1%}", f"缺失率 {gaps[0]:.1%} → {gaps[1]:.1%}")
    if old.dtype != object:
        middle = short(float(np.nanmedian(old))), short(float(np.nanmedian(new)))
        return (f"median {middle[0]} → {middle[1]}", f"中位数 {middle[0]} → {middle[1]}")
    most = float(np.abs(shares[1] - shares[0]).max())
    return (f"the share of a level moved by {most:.1%}", f"某一取值的占比变化 {most:.1%}")


def _significant(moved: list[_Moved]) -> list[Finding]:
    """Say which columns moved, by Holm's step-down at 5 %."""
    found, left = [], len(moved)
    for item in sorted(moved, key=lambda one: one.p):
        if item.p > LEVEL / left:
            break
        left -= 1
        if item.psi < SMALL_SHIFT:
            continue
        large = item.psi >= LARGE_SHIFT
        name = item.column.name
        en = f"'{name}' has moved {'far' if large else 'somewhat'}: {item.said[0]} (PSI {item.psi:.2f})."
        zh = f"“{name}”的分布变化{'很大' if large else '较小'}: {item.said[1]}(PSI {item.psi:.2f})。"
        found.append(remark("warning" if large else "note", "like-shift", name, (en, zh), _TRAIN))
    return found
