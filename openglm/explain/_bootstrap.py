"""Intervals by resampling rows, every resample of a metric at once where that is possible.

A resample is a vector of row counts, so a metric of resampled rows is a weighted metric, and most weighted metrics are a few
sums; :func:`resampled` computes them for all resamples together, which is some 50 times faster than calling a metric for
each. What has no such form is computed one by one. What is drawn, and where the ends lie: :mod:`openglm.explain._resample`.

References
----------
Efron & Tibshirani (1993), "An Introduction to the Bootstrap", chapter 16 (paired samples).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from openglm.core.evidence import Interval
from openglm.core.metrics import METRICS, Metric
from openglm.core.parts import Floats
from openglm.explain._resample import MOST_CORRECTED, Units, counts, left_out, percentile, single, tails, without_error

RESAMPLES = 1000
"""Efron & Tibshirani (1993), section 13.3: percentile intervals want at least 1000."""
FEWEST = 200
"""Ends from fewer resamples vary too much (ibid., section 14.5); on very many rows or in a hurry this is enough."""
MOST_CELLS = 20_000_000
"""Row counts in all, about half a second of work; beyond it the number of resamples shrinks towards ``FEWEST``."""

Answers = tuple[Floats, NDArray[np.int64] | None]
"""Outputs of a model, and for classes the codes it decided on."""


def how_many(rows: int, *, hurry: bool = False) -> int:
    """Return how many resamples ``rows`` rows are worth."""
    return FEWEST if hurry else int(np.clip(MOST_CELLS // max(rows, 1), FEWEST, RESAMPLES))


def compare(
    metric: Metric, y: NDArray[np.generic], model: Answers, baseline: Answers | None, *, resamples: int, seed: int,
    units: Units | None = None,
) -> tuple[Interval | None, Interval | None]:  # fmt: skip
    """Return the interval of the model's score, and of its gain over the baseline (> 0: better) on the same resamples.

    Parameters
    ----------
    metric : Metric
        What to compute.
    y : ndarray of shape (rows,)
        Class codes or values.
    model, baseline : (outputs, codes)
        Answers of both for the same rows.
    resamples : int
        How many, >= 1.
    seed : int
        Of the resampling.
    units : Units or None
        What is drawn together; by default single rows. ``None`` comes back for a single unit, of which nothing can be drawn.
    """
    units = units or single(len(y))
    if units.count < 2:
        return None, None
    one = _scorer(metric, y, model)
    two = _scorer(metric, y, baseline) if baseline is not None else None
    scores: list[Floats] = []
    gains: list[Floats] = []
    for weights in counts(units, resamples, seed):
        scores.append(one(weights))
        if two is not None:
            gains.append(gain(metric, scores[-1], two(weights)))
    even = np.ones((1, len(y)))
    effective = min(_rows_that_count(metric, y, model[0]), units.independent)
    without = left_out(units) if _is_corrected(metric, units) else None
    each = one(without) if without is not None else None
    interval = _between(np.concatenate(scores), float(one(even)[0]), effective, each)
    if interval is not None:
        interval = without_error(interval, metric, effective)
    if two is None:
        return interval, None
    value = float(gain(metric, one(even), two(even))[0])
    paired = None if without is None or each is None else gain(metric, each, two(without))
    return interval, _between(np.concatenate(gains), value, effective, paired)


def _between(values: Floats, value: float, effective: float, each: Floats | None) -> Interval | None:
    return percentile(values, value, tails=tails(values, value, effective, each))


def _is_corrected(metric: Metric, units: Units) -> bool:
    """Say whether scores without each unit are worth their time: not along time, nor where each score is a call."""
    one_by_one = metric.id == "median_absolute_error"
    small = units.count <= MOST_CORRECTED and units.count * len(units.of) <= MOST_CELLS // 5
    return small and units.run == 1 and not one_by_one


def _rows_that_count(metric: Metric, y: NDArray[np.generic], outputs: Floats) -> float:
    """Return the rows that a score rests on: of two classes the rarer one's, unless every row adds to it alike."""
    if outputs.shape[1] != 2 or metric.id in ("accuracy", "f1_micro", "log_loss", "brier"):
        return float(len(y))
    return float(min(np.sum(y == 1), np.sum(y != 1)))


def gain(metric: Metric, score: Floats, other: Floats) -> Floats:
    """Return by how much ``score`` is better than ``other``, in the metric's unit."""
    return score - other if metric.greater_is_better else other - score


def resampled(
    metric_id: str, y: NDArray[np.generic], outputs: Floats, codes: NDArray[np.int64] | None, weights: Floats
) -> Floats:
    """Return the metric for each line of whole-number row counts.

    Parameters
    ----------
    metric_id : str
        A name in :data:`openglm.core.metrics.METRICS`.
    y : ndarray of shape (rows,)
        Class codes or values.
    outputs : ndarray of shape (rows, classes) or (rows, 1)
        As a learner predicts.
    codes : ndarray of shape (rows,) or None
        Decided class codes; by default the most probable class.
    weights : ndarray of shape (resamples, rows)
        Row counts, whole numbers >= 0.

    Returns
    -------
    ndarray of shape (resamples,)
        Not-a-number where the metric does not exist.
    """
    return _scorer(METRICS[metric_id], y, (outputs, codes))(weights)


# ── one scorer per family of metrics: prepared once, then called for each block of weights ──

Scorer = Callable[[Floats], Floats]


def _scorer(metric: Metric, y: NDArray[np.generic], answers: Answers) -> Scorer:
    outputs, codes = answers
    if metric.id in _CONFUSION:
        guess = np.argmax(outputs, axis=1) if codes is None else codes
        return _from_confusion(metric, y.astype(np.int64), guess.astype(np.int64), outputs.shape[1])
    if metric.id in ("roc_auc", "average_precision"):
        return _from_ranking(metric.id, y.astype(np.int64), outputs)
    if metric.id == "r2":
        return _r2(y.astype(np.float64), outputs[:, 0])
    losses = _row_losses(metric.id, y, outputs)
    if losses is None:
        return _one_by_one(metric, y, outputs, codes)
    root = metric.id in ("rmse", "rmsle")

    def mean(weights: Floats) -> Floats:
        average: Floats = weights @ losses / weights.sum(axis=1)
        return np.sqrt(average) if root else average

    return mean


def _row_losses(name: str, y: NDArray[np.generic], outputs: Floats) -> Floats | None:
    """Return what each row adds to a metric that is a mean over rows (or the root of one), else ``None``."""
    if name == "log_loss":
        p = np.clip(outputs, 1e-15, 1.0)  # as openglm.core.metrics does
        p = p / p.sum(axis=1, keepdims=True)
        return np.asarray(-np.log(p[np.arange(len(y)), y.astype(np.int64)]))
    if name == "brier":
        if outputs.shape[1] == 2:
            return np.asarray((outputs[:, 1] - y.astype(np.float64)) ** 2)
        return np.asarray(np.sum((outputs - np.eye(outputs.shape[1])[y.astype(np.int64)]) ** 2, axis=1))
    truth, guess = y.astype(np.float64), outputs[:, 0]
    error = np.abs(truth - guess)
    if name in ("rmse", "mse"):
        return np.asarray(error**2)
    if name == "mae":
        return error
    if name == "mape":
        return np.asarray(error / np.maximum(np.abs(truth), np.finfo(np.float64).eps))  # scikit-learn's guard
    if name == "smape":
        total = np.abs(truth) + np.abs(guess)
        return np.asarray(np.divide(2 * error, total, out=np.zeros_like(total), where=total > 0))
    if name == "rmsle":
        return np.asarray((np.log1p(np.maximum(guess, 0.0)) - np.log1p(truth)) ** 2)
    return None


def _one_by_one(metric: Metric, y: NDArray[np.generic], outputs: Floats, codes: NDArray[np.int64] | None) -> Scorer:
    def each(weights: Floats) -> Floats:
        found = np.empty(len(weights))
        for i, line in enumerate(weights):
            rows = np.repeat(np.arange(len(y)), line.astype(np.int64))
            found[i] = metric.score(y[rows], outputs[rows], labels=None if codes is None else codes[rows])
        return found

    return each


def _r2(y: Floats, guess: Floats) -> Scorer:
    # Shifted by the mean, so that the sum of squares does not cancel for large values.
    centre = float(y.mean())
    sums = np.stack([np.ones_like(y), y - centre, (y - centre) ** 2, (y - guess) ** 2], axis=1)  # (rows, 4)

    def score(weights: Floats) -> Floats:
        n, first, second, residual = (weights @ sums).T
        total = second - first**2 / n
        return np.where(
            total > 1e-12 * np.maximum(second, 1e-300), 1 - residual / np.where(total > 0, total, 1.0), np.nan
        )

    return score


def _from_ranking(name: str, y: NDArray[np.int64], outputs: Floats) -> Scorer:
    """ROC AUC and average precision from one sort per class; ties count as scikit-learn counts them."""
    binary = outputs.shape[1] == 2
    rankings = [_ranking(y == c, outputs[:, c]) for c in ([1] if binary else range(outputs.shape[1])) if np.any(y == c)]
    formula = _auc if name == "roc_auc" else _average_precision

    def score(weights: Floats) -> Floats:
        each = np.array([formula(weights, *ranking) for ranking in rankings])  # (classes, resamples)
        if not len(each):
            return np.full(len(weights), np.nan)
        known = np.isfinite(each)
        present = known.sum(axis=0)
        return np.where(present > 0, np.where(known, each, 0.0).sum(axis=0) / np.maximum(present, 1), np.nan)

    return score


def _ranking(truth: NDArray[np.bool_], p: Floats) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Return rows from most to least probable, their truth, and where each group of equal probabilities ends."""
    order = np.argsort(-p, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)
    return order, truth[order], ends


def _cumulated(
    weights: Floats, order: NDArray[np.int64], truth: NDArray[np.bool_], ends: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Return positives and rows at or above each distinct probability, shape (resamples, groups)."""
    sorted_ = weights[:, order]
    every = np.cumsum(sorted_, axis=1)[:, ends]
    np.multiply(sorted_, truth, out=sorted_)
    return np.cumsum(sorted_, axis=1)[:, ends], every


def _auc(weights: Floats, order: NDArray[np.int64], truth: NDArray[np.bool_], ends: NDArray[np.int64]) -> Floats:
    positive, every = _cumulated(weights, order, truth, ends)
    negative = every - positive
    steps = np.diff(negative, axis=1, prepend=0.0)
    higher = np.hstack([np.zeros((len(weights), 1)), positive[:, :-1]])
    pairs = positive[:, -1] * negative[:, -1]
    area = np.sum(steps * (positive + higher), axis=1) / 2  # trapezoids: half a pair for a tie
    return np.where(pairs > 0, area / np.maximum(pairs, 1), np.nan)


def _average_precision(
    weights: Floats, order: NDArray[np.int64], truth: NDArray[np.bool_], ends: NDArray[np.int64]
) -> Floats:
    positive, every = _cumulated(weights, order, truth, ends)
    precision = positive / np.maximum(every, 1)
    total = positive[:, -1]
    area = np.sum(np.diff(positive, axis=1, prepend=0.0) * precision, axis=1)
    return np.where((total > 0) & (total < every[:, -1]), area / np.maximum(total, 1), np.nan)


def _from_confusion(metric: Metric, y: NDArray[np.int64], guess: NDArray[np.int64], classes: int) -> Scorer:
    """Metrics of decided classes: resampled confusion counts, then a formula over all of them."""
    classes = max(classes, int(max(y.max(), guess.max())) + 1)
    cells = y * classes + guess
    order = np.argsort(cells, kind="stable")
    filled, starts = np.unique(cells[order], return_index=True)
    formula = _CONFUSION[metric.id]

    def score(weights: Floats) -> Floats:
        table = np.zeros((len(weights), classes * classes))
        table[:, filled] = np.add.reduceat(weights[:, order], starts, axis=1)
        return formula(table.reshape(-1, classes, classes))

    return score


def _rates(table: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return hits, rows of each class, rows taken for each class, and which classes occur; each (resamples, classes)."""
    hits = np.einsum("bii->bi", table)
    true, taken = table.sum(axis=2), table.sum(axis=1)
    return hits, true, taken, ((true + taken) > 0).astype(np.float64)


def _accuracy(table: Floats) -> Floats:
    return np.asarray(np.einsum("bii->b", table) / table.sum(axis=(1, 2)))


def _balanced(table: Floats) -> Floats:
    hits, true, _, _ = _rates(table)
    present = true > 0
    return np.asarray(np.sum(hits / np.maximum(true, 1), axis=1) / np.maximum(present.sum(axis=1), 1))


def _per_class(table: Floats, what: str) -> tuple[Floats, Floats, Floats]:
    hits, true, taken, occurs = _rates(table)
    if what == "f1":
        return 2 * hits / np.maximum(true + taken, 1), true, occurs
    return hits / np.maximum(taken if what == "precision" else true, 1), true, occurs


def _positive(what: str) -> Scorer:
    return lambda table: _per_class(table, what)[0][:, 1]


def _macro(what: str) -> Scorer:
    def score(table: Floats) -> Floats:
        value, _, occurs = _per_class(table, what)
        return np.asarray((value * occurs).sum(axis=1) / np.maximum(occurs.sum(axis=1), 1))

    return score


def _weighted_f1(table: Floats) -> Floats:
    value, true, _ = _per_class(table, "f1")
    return np.asarray((value * true).sum(axis=1) / true.sum(axis=1))


def _matthews(table: Floats) -> Floats:
    """Gorodkin (2004), "Comparing two K-category assignments by a K-category correlation coefficient"; 0 if undefined."""
    hits, true, taken, _ = _rates(table)
    n = table.sum(axis=(1, 2))
    top = hits.sum(axis=1) * n - (true * taken).sum(axis=1)
    below = np.sqrt((n**2 - (true**2).sum(axis=1)) * (n**2 - (taken**2).sum(axis=1)))
    return np.asarray(np.divide(top, below, out=np.zeros_like(top), where=below > 0))


def _quadratic_kappa(table: Floats) -> Floats:
    """Cohen (1968), weighted kappa with squared distances of the class codes."""
    places = np.arange(table.shape[1])
    distance = (places[:, None] - places[None, :]) ** 2.0
    _, true, taken, _ = _rates(table)
    seen = (table * distance).sum(axis=(1, 2))
    expected = np.einsum("bi,ij,bj->b", true, distance, taken) / table.sum(axis=(1, 2))
    return np.where(expected > 0, 1 - seen / np.where(expected > 0, expected, 1.0), np.nan)


_CONFUSION: dict[str, Scorer] = {
    "accuracy": _accuracy,
    "f1_micro": _accuracy,  # equal when every row has one class
    "balanced_accuracy": _balanced,
    "f1": _positive("f1"),
    "precision": _positive("precision"),
    "recall": _positive("recall"),
    "f1_macro": _macro("f1"),
    "precision_macro": _macro("precision"),
    "recall_macro": _macro("recall"),
    "f1_weighted": _weighted_f1,
    "matthews_corrcoef": _matthews,
    "quadratic_kappa": _quadratic_kappa,
}
