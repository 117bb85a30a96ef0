"""Rows on which the model does worse than elsewhere, told by one or two conditions that people can read.

References
----------
Chung, Kraska, Polyzotis, Tae & Whang (2019), "Slice Finder: automated data slicing for model validation": slices of few
conditions, the wider ones first, kept when the loss differs by size (effect) and by Welch's (1947) test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.evidence import Slice
from openglm.core.parts import Columns, Floats
from openglm.core.schema import Column, Schema
from openglm.core.words import Said
from openglm.explain._reasons import as_written

MOST = 5
"""Slices shown."""
COLUMNS = 20
"""Columns looked at, the most important ones: with six conditions each some 7,000 slices, which Bonferroni still allows."""
LEVELS = 8
"""Levels of a category, the most frequent."""
BINS = 4
"""Parts of a number or date: quarters of the rows."""
MOST_ROWS = 10_000
"""More sealed rows find smaller differences only; our own choice, a tenth of a second."""
FEWEST_ROWS, FEWEST_SHARE = 30, 0.02
"""A slice has at least so many rows, and so large a part of them: fewer say little and concern few."""
ALPHA = 0.05
"""Level of the test, after Bonferroni."""
EFFECT = 0.3
"""Least difference of mean losses in standard deviations, so that large data do not report trifles. Our own choice between
Cohen's (1988) small (0.2) and medium (0.5); the paper recommends 0.4 and leaves it to the user."""
OVERLAP = 0.6
"""Share of common rows (Jaccard) from which two slices are the same one under two names."""


@dataclass(frozen=True)
class _Condition:
    """One condition, in words, and the rows that meet it."""

    column: str
    said: Said
    rows: NDArray[np.bool_]


def worst_slices(
    schema: Schema, x: Columns, losses: Floats, columns: Sequence[str], *, seed: int,
    score: Callable[[NDArray[np.int64]], float | None] = lambda rows: None,
) -> tuple[Slice, ...]:  # fmt: skip
    """Return slices with a larger mean loss than the other rows, those with the largest share of the excess loss first.

    Parameters
    ----------
    schema : Schema
        Of the columns.
    x : Columns
        Sealed rows.
    losses : ndarray of shape (rows,)
        Of each row.
    columns : sequence of str
        Most important first.
    seed : int
        Of the sample, where there are many rows.
    score : callable
        Positions of rows → the report's metric on them.
    """
    picked = np.arange(len(losses))
    if len(picked) > MOST_ROWS:
        picked = np.sort(np.random.default_rng(seed).choice(len(losses), MOST_ROWS, replace=False))
    loss, n = losses[picked], len(picked)
    fewest = max(FEWEST_ROWS, int(np.ceil(FEWEST_SHARE * n)))
    known: list[_Condition] = []
    for name in columns[:COLUMNS]:
        known += [c for c in _conditions(schema[name], x[name][picked]) if fewest <= c.rows.sum() <= n - fewest]
    if not known:
        return ()
    inside = np.stack([c.rows for c in known]).astype(np.float64)
    # Counts, sums and sums of squares of every pair of conditions; the diagonal is the condition alone.
    count = inside @ inside.T
    centred = loss - loss.mean()  # sums of squares lose fewer digits
    total, square = (inside * centred) @ inside.T, (inside * centred**2) @ inside.T
    owner = np.array([sorted({c.column for c in known}).index(c.column) for c in known])
    open_ = np.triu(owner[:, None] != owner[None, :]) | np.eye(len(known), dtype=bool)
    open_ &= (count >= fewest) & (count <= n - fewest)
    looked_at = int(open_.sum())
    p, effect = _welch(count, total, square, n - count, centred.sum() - total, (centred**2).sum() - square)
    good = open_ & (p * looked_at <= ALPHA) & (effect >= EFFECT)
    excess = np.where(good, total, -np.inf)  # summed loss above the mean
    taken: list[tuple[NDArray[np.bool_], Slice]] = []
    order = sorted(np.argwhere(good).tolist(), key=lambda pair: (pair[0] != pair[1], -excess[pair[0], pair[1]]))
    for i, j in order:  # single conditions first: a wider slice says more
        rows = known[i].rows & known[j].rows
        if i != j and not _adds(i, j, count, total, square, looked_at):
            continue
        if any((rows & other).sum() > OVERLAP * (rows | other).sum() for other, _ in taken):
            continue
        places = picked[rows]
        both = [known[i]] if i == j else [known[i], known[j]]
        taken.append((rows, _slice(both, loss, rows, min(1.0, float(p[i, j]) * looked_at), score(places))))
        if len(taken) == 4 * MOST:
            break
    taken.sort(key=lambda item: -item[1].rows * (item[1].loss - item[1].rest))
    return tuple(one for _, one in taken[:MOST])


def _slice(both: list[_Condition], loss: Floats, rows: NDArray[np.bool_], p: float, score: float | None) -> Slice:
    return Slice(
        condition=Said(en=" and ".join(c.said.en for c in both), zh=" 且 ".join(c.said.zh for c in both)),
        columns=tuple(c.column for c in both), rows=int(rows.sum()), loss=float(loss[rows].mean()),
        rest=float(loss[~rows].mean()), score=score, p_value=p,
    )  # fmt: skip


def _adds(i: int, j: int, count: Floats, total: Floats, square: Floats, looked_at: int) -> bool:
    """Say whether a pair of conditions is worse than what each leaves: else the wider slice has said it."""
    for one in (i, j):
        left = count[one, one] - count[i, j]
        if left < 2:
            continue
        p, _ = _welch(
            count[i, j], total[i, j], square[i, j], left, total[one, one] - total[i, j], square[one, one] - square[i, j]
        )  # fmt: skip
        if float(p) * looked_at > ALPHA:
            return False
    return True


def _welch(n1: Any, s1: Any, q1: Any, n2: Any, s2: Any, q2: Any) -> tuple[Any, Any]:
    """Return one-sided p of mean 1 > mean 2, and their difference in standard deviations, from counts, sums and squares."""
    from scipy.stats import t as student

    n1, n2 = np.maximum(n1, 2.0), np.maximum(n2, 2.0)
    m1, m2 = s1 / n1, s2 / n2
    v1 = np.maximum(q1 - n1 * m1**2, 0.0) / (n1 - 1)
    v2 = np.maximum(q2 - n2 * m2**2, 0.0) / (n2 - 1)
    e1, e2 = v1 / n1, v2 / n2
    error = np.maximum(e1 + e2, 1e-300)
    freedom = np.maximum(error**2 / np.maximum(e1**2 / (n1 - 1) + e2**2 / (n2 - 1), 1e-300), 1.0)
    effect = (m1 - m2) / np.sqrt(np.maximum((v1 + v2) / 2, 1e-300))
    return student.sf((m1 - m2) / np.sqrt(error), freedom), effect


# ── conditions ──


def _conditions(column: Column, values: NDArray[Any]) -> list[_Condition]:
    """Return the conditions on one column: its missing cells, its frequent levels, or quarters of its range."""
    name = column.name
    if values.dtype == object:
        missing = np.array([value is None for value in values], dtype=bool)
    else:
        missing = np.isnan(values)
    found = [_Condition(name, Said(en=f"{name} is missing", zh=f"{name} 缺失"), missing)] if missing.any() else []
    if column.role == "text" or column.personal:
        return found
    if values.dtype == object:
        return found + _levels(column, values, missing)
    return found + _quarters(column, values, missing)


def _levels(column: Column, values: NDArray[Any], missing: NDArray[np.bool_]) -> list[_Condition]:
    words = values[~missing].astype(str)
    levels, counts = np.unique(words, return_counts=True)
    found = []
    for level in levels[np.argsort(-counts, kind="stable")[:LEVELS]]:
        rows = np.zeros(len(values), dtype=bool)
        rows[~missing] = words == level
        text = f"{column.name} = {as_written(str(level), column)}"
        found.append(_Condition(column.name, Said(en=text, zh=text), rows))
    return found


def _quarters(column: Column, values: NDArray[Any], missing: NDArray[np.bool_]) -> list[_Condition]:
    known = values[~missing]
    if not len(known):
        return []
    distinct = np.unique(known)
    name = column.name
    if len(distinct) <= BINS:
        texts = [(f"{name} = {as_written(float(v), column)}", values == v) for v in distinct]
    else:
        cuts = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="higher"))
        cuts = cuts[cuts > distinct[0]]
        shown = [as_written(float(cut), column) for cut in cuts]
        with np.errstate(invalid="ignore"):
            texts = [(f"{name} < {shown[0]}", values < cuts[0])] if len(cuts) else []
            texts += [
                (f"{shown[i]} ≤ {name} < {shown[i + 1]}", (values >= cuts[i]) & (values < cuts[i + 1]))
                for i in range(len(cuts) - 1)
            ]
            texts += [(f"{name} ≥ {shown[-1]}", values >= cuts[-1])] if len(cuts) else []
    return [_Condition(name, Said(en=text, zh=text), rows & ~missing) for text, rows in texts]
