"""Where the positive class begins: the threshold that is best on validation rows and keeps the user's limits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.metrics import Metric
from openglm.core.metrics import metric as named
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
    judge: Metric, y: NDArray[Any], outputs: Floats, limits: Constraints | None = None
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
        breaks them least is taken.
    """
    positive = outputs[:, 1]
    limited = limits is not None and any(
        value is not None for value in (limits.max_false_positive_rate, limits.min_recall, limits.min_precision)
    )
    if judge.needs != "labels" and not limited:
        return 0.5, judge.score(y, outputs)
    goal = judge if judge.needs == "labels" else named("f1")
    grid = np.unique(
        np.append(np.quantile(positive, np.linspace(0, 1, STEPS + 1)), [0.5, np.nextafter(positive.max(), 2)])
    )
    best, chosen = (float("inf"), float("inf")), 0.5
    for threshold in grid:
        labels = (positive >= threshold).astype(np.int64)
        broken = _excess(y, labels, limits) if limits is not None and limited else 0.0
        key = (broken, goal.loss(goal.score(y, outputs, labels=labels)))
        if key < best or (key == best and abs(threshold - 0.5) < abs(chosen - 0.5)):
            best, chosen = key, float(threshold)
    score = goal.score(y, outputs, labels=(positive >= chosen).astype(np.int64))
    return chosen, score if judge.needs == "labels" else judge.score(y, outputs)


def _excess(y: NDArray[Any], labels: NDArray[np.int64], limits: Constraints) -> float:
    """Return by how much the limits are broken in total; 0 when all are kept."""
    hit = float(np.sum((labels == 1) & (y == 1)))
    false_alarm = float(np.sum((labels == 1) & (y == 0)))
    total = 0.0
    if limits.max_false_positive_rate is not None:
        total += max(0.0, false_alarm / max(float(np.sum(y == 0)), 1.0) - limits.max_false_positive_rate)
    if limits.min_recall is not None:
        total += max(0.0, limits.min_recall - hit / max(float(np.sum(y == 1)), 1.0))
    if limits.min_precision is not None:
        total += max(0.0, limits.min_precision - hit / max(hit + false_alarm, 1.0))
    return total
