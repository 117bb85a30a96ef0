"""Which columns the model uses: how much worse it gets when one column of the sealed rows is shuffled.

It describes the model, not the world: columns that say the same share their importance, and shuffling one may make rows
that cannot exist. It never retrains, and it stops when its clock does.

References
----------
Breiman (2001), "Random forests", section 10. Fisher, Rudin & Dominici (2019), "All models are wrong, but many are useful",
section 3, for any model and loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.metrics import Metric
from openglm.core.parts import Columns, Floats
from openglm.core.report import Importance

REPEATS = 5
"""scikit-learn's default in ``permutation_importance``; each adds one prediction per column."""
MOST_COLUMNS = 200
"""Columns measured, those that go with the model's answers first; a report shows a few, each costs ``REPEATS`` predictions."""
SCREEN_ROWS = 500
"""Rows on which columns are put in order when there are more of them than time; our own choice, 0.1 s for 10,000 columns."""
# Two-sided 95 % points of Student's t for 1 … 9 degrees of freedom (Student 1908; any table).
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


def permutation_importance(
    predict: Callable[[Columns], Floats], score: Callable[[Floats], float], x: Columns, *,
    metric: Metric, outputs: Floats, clock: Clock, seed: int, repeats: int = REPEATS,
) -> tuple[Importance, ...]:  # fmt: skip
    """Return the importance of the columns, largest first; those beyond ``MOST_COLUMNS`` or out of the clock's reach are absent.

    Parameters
    ----------
    predict : callable
        Columns → outputs of shape (rows, k).
    score : callable
        Outputs → the metric on these rows.
    x : Columns
        Rows to shuffle within; left untouched.
    metric : Metric
        For its direction.
    outputs : ndarray of shape (rows, k)
        Answers for ``x`` as it is.
    clock : Clock
        When to stop; each column of the first round counts once it is measured.
    seed : int
        Of the shuffles.
    repeats : int, default=5
        How often each column is shuffled, in [1, 10].
    """
    rows = len(outputs)
    rng = np.random.default_rng(seed)
    base = metric.loss(score(outputs))
    order = screen(x, outputs)[:MOST_COLUMNS]
    drops: dict[str, list[float]] = {name: [] for name in order}
    for _ in range(repeats):
        shuffle = rng.permutation(rows)  # one for all columns of a round: columns are compared under the same luck
        for name in order:
            if clock.expired():
                break
            changed = {**x, name: x[name][shuffle]}
            drops[name].append(metric.loss(score(predict(changed))) - base)
    found = [spread(name, values) for name, values in drops.items() if values]
    return tuple(sorted(found, key=lambda item: -item.drop if math.isfinite(item.drop) else math.inf))


def spread(column: str, drops: list[float]) -> Importance:
    """Return the mean of some drops with its 95 % t-interval.

    Examples
    --------
    >>> found = spread("age", [1.0, 3.0])  # mean 2, standard deviation sqrt(2), so 12.706 * sqrt(2) / sqrt(2)
    >>> found.drop, round(found.low, 3), round(found.high, 3)
    (2.0, -10.706, 14.706)
    """
    mean, n = float(np.mean(drops)), len(drops)
    half = _STUDENT[min(n - 1, len(_STUDENT)) - 1] * float(np.std(drops, ddof=1)) / math.sqrt(n) if n > 1 else 0.0
    return Importance(column=column, drop=mean, low=mean - half, high=mean + half, repeats=n)


def screen(x: Columns, outputs: Floats) -> list[str]:
    """Return the column names, those that go with the model's answers first, so that a short clock reaches them.

    The share of the answers' variance (of many classes: of their first principal component) that a column explains:
    squared correlation for numbers, eta squared for levels.
    """
    rows = slice(0, SCREEN_ROWS)
    moved = outputs[rows] - outputs[rows].mean(axis=0)
    centred = moved @ np.linalg.svd(moved, full_matrices=False)[2][0] if moved.shape[1] > 2 else moved[:, -1]
    total = float(centred @ centred)
    if total <= 0:
        return list(x)
    explained = {name: _explained(values[rows], centred) / total for name, values in x.items()}
    return sorted(x, key=lambda name: -explained[name])


def _explained(values: NDArray[Any], centred: Floats) -> float:
    if values.dtype == object:
        _, codes = np.unique(["" if value is None else str(value) for value in values], return_inverse=True)
        sizes = np.bincount(codes)
        # Singletons explain everything of themselves and nothing of others: left out.
        return float(np.sum((np.bincount(codes, centred) ** 2 / sizes)[sizes > 1]))
    known = np.isfinite(values)
    part = values[known] - values[known].mean() if known.any() else values[known]
    square = float(part @ part)
    return float((part @ centred[known]) ** 2 / square) if square > 0 else 0.0
