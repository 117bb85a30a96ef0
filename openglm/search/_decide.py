"""Where the positive class begins: the threshold that is best on validation rows and keeps the user's limits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.metrics import Metric
from openglm.core.parts import Floats
from openglm.core.task import Constraints

STEPS = 100
"""Thresholds tried: quantiles of the predicted probabilities, so that every one moves about 1 % of the rows."""


def decided_score(judge: Metric, y: NDArray[Any], outputs: Floats) -> float:
    """Return the metric; for two classes judged by labels, at the best threshold, which is tuned later anyway."""
    if judge.needs == "labels" and outputs.shape[1] == 2:
        return best_threshold(judge, y, outputs)[1]
    return judge.score(y, outputs)


def best_threshold(
    judge: Metric, y: NDArray[Any], outputs: Floats, limits: Constraints | None = None, *, goal: str | None = None
) -> tuple[float, float]:
    """Return the threshold for two classes and the metric there.

    A metric of probabilities does not depend on the threshold: then F1 decides among those that keep the limits, and
    without limits it stays 0.5.

    Parameters
    ----------
    judge : Metric
        To be good at.
    y : ndarray of shape (rows,)
        Class codes 0 and 1.
    outputs : ndarray of shape (rows, 2)
        Probabilities.
    limits : Constraints or None
        Largest false positive rate, least recall, least precision. Where no threshold keeps all of them, the one that
        breaks them least is taken. Where both errors have a cost, the threshold is the one that costs least.
    goal : str or None
        What the threshold is chosen for when that is not ``judge``: "f2" where recall was asked for, "f0.5" for precision.
    """
    positive = outputs[:, 1]
    limited = limits is not None and any(
        value is not None for value in (limits.max_false_positive_rate, limits.min_recall, limits.min_precision)
    )
    costs = limits.costs if limits is not None else None
    if judge.needs != "labels" and goal is None and not limited and costs is None:
        return 0.5, judge.score(y, outputs)
    grid = np.unique(
        np.append(np.quantile(positive, np.linspace(0, 1, STEPS + 1)), [0.5, np.nextafter(positive.max(), 2)])
    )
    counts = _counts(y, positive, grid)
    aim = goal or (judge.id if judge.needs == "labels" else "f1")
    worth = _from_counts(aim, *counts) if costs is None else -(costs[0] * counts[1] + costs[1] * counts[2])
    broken = _excess(limits, *counts) if limits is not None and limited else np.zeros(len(grid))
    # Least broken first, then the best, then the nearest to one half.
    best = int(np.lexsort((np.abs(grid - 0.5), -worth, broken))[0])
    score = judge.score(y, outputs, labels=(positive >= grid[best]).astype(np.int64))
    return float(grid[best]), score


def _counts(y: NDArray[Any], positive: Floats, grid: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return true positives, false positives, false negatives and true negatives at each threshold of the grid."""
    total, all_hits = float(len(y)), float(np.sum(y == 1))
    order = np.argsort(positive)
    hits_below = np.append(0.0, np.cumsum(y[order] == 1))[np.searchsorted(positive[order], grid, side="left")]
    taken = total - np.searchsorted(positive[order], grid, side="left")
    hits = all_hits - hits_below
    false_alarms = taken - hits
    return hits, false_alarms, all_hits - hits, (total - all_hits) - false_alarms


def _from_counts(name: str, tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Return a metric of two classes for many counts at once; definitions as in scikit-learn's user guide, 0/0 is 0.

    F2 and F0.5 are van Rijsbergen (1979), chapter 7: recall counts twice, or half, as much as precision.
    """

    def ratio(a: Floats, b: Floats) -> Floats:
        return np.divide(a, b, out=np.zeros_like(a), where=b > 0)

    def f(beta: float, hit: Floats, alarm: Floats, miss: Floats) -> Floats:
        return ratio((1 + beta**2) * hit, (1 + beta**2) * hit + beta**2 * miss + alarm)

    n = tp + fp + fn + tn
    f_yes, f_no = f(1, tp, fp, fn), f(1, tn, fn, fp)
    correct = (tp + tn) / n
    chance = ((tp + fp) * (tp + fn) + (tn + fn) * (tn + fp)) / n**2
    table = {
        "f1": f_yes,
        "f2": f(2, tp, fp, fn),
        "f0.5": f(0.5, tp, fp, fn),
        "accuracy": correct,
        "f1_micro": correct,
        "balanced_accuracy": (ratio(tp, tp + fn) + ratio(tn, tn + fp)) / 2,
        "recall_macro": (ratio(tp, tp + fn) + ratio(tn, tn + fp)) / 2,
        "precision_macro": (ratio(tp, tp + fp) + ratio(tn, tn + fn)) / 2,
        "f1_macro": (f_yes + f_no) / 2,
        "f1_weighted": ((tp + fn) * f_yes + (tn + fp) * f_no) / n,
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "matthews_corrcoef": ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))),
        "quadratic_kappa": ratio(correct - chance, 1 - chance),  # of two classes all disagreements weigh the same
    }
    return table[name]


def _excess(limits: Constraints, tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Return by how much the limits are broken in total at each threshold; 0 when all are kept."""
    total = np.zeros(len(tp))
    if limits.max_false_positive_rate is not None:
        total += np.maximum(0.0, fp / np.maximum(fp + tn, 1.0) - limits.max_false_positive_rate)
    if limits.min_recall is not None:
        total += np.maximum(0.0, limits.min_recall - tp / np.maximum(tp + fn, 1.0))
    if limits.min_precision is not None:
        total += np.maximum(0.0, limits.min_precision - tp / np.maximum(tp + fp, 1.0))
    return total
