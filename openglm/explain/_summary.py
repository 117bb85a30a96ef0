"""The numbers of a report: small functions from arrays and words to words. No sentences, no drawing, no files."""

from __future__ import annotations

import math
import platform
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.dataset import Dataset
from openglm.core.evidence import Cost, Interval
from openglm.core.metrics import METRICS, metric, panel
from openglm.core.parts import Floats
from openglm.core.report import (
    CalibrationBin,
    Confusion,
    DataFacts,
    LeaderRow,
    Moment,
    Promise,
    Residuals,
    Roc,
    Speed,
    Understood,
)
from openglm.core.schema import Scalar
from openglm.core.task import Constraints, Goal, Kind, Task
from openglm.core.trial import Trial, folds_lacking, ranked
from openglm.core.words import Said
from openglm.explain._bootstrap import how_many
from openglm.explain._resample import Units, percentile
from openglm.explain._resample import counts as counts_of

MOST_LABELS = 40
"""Classes shown one by one; 40 x 40 cells are still readable on a page 840 pixels wide."""
MOST_POINTS = 200
"""Points of a curve or scatter: more cannot be told apart in a chart of some 400 pixels."""
BINS = 10
"""Calibration bins with equally many rows (Naeini et al. 2015 and scikit-learn's examples use 10)."""
Z95 = 1.959964
"""Two-sided 95 % point of the normal distribution."""
OTHERS = "…"
_PACKAGES = ("openglm", "numpy", "pandas", "scikit-learn", "lightgbm", "catboost")


def scores(
    kind: Kind, chosen: str, y: NDArray[Any], outputs: Floats, codes: NDArray[np.int64] | None
) -> dict[str, float]:
    """Return metric id → value: the chosen one first, then the panel of its kind; not-a-number where one does not exist."""
    found: dict[str, float] = {}
    for name in dict.fromkeys((metric(chosen).id, *panel(kind))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a metric that does not exist here is NaN in the report, not a warning
            try:
                found[name] = METRICS[name].score(y, outputs, labels=codes)
            except ValueError:
                found[name] = math.nan
    return found


def label_names(classes: Iterable[Scalar]) -> tuple[str, ...]:
    """Return labels as text."""
    return tuple(str(label) for label in classes)


def confusion(y: NDArray[np.int64], codes: NDArray[np.int64], classes: Sequence[Scalar]) -> Confusion:
    """Return the counts; beyond ``MOST_LABELS`` classes the rare ones are put together as "…".

    Parameters
    ----------
    y, codes : ndarray of shape (rows,)
        True and decided class codes.
    classes : sequence of scalar
        Labels in the order of the codes.
    """
    k = len(classes)
    table = np.bincount(y * k + codes, minlength=k * k).reshape(k, k)
    names = label_names(classes)
    if k > MOST_LABELS:
        often = np.sort(np.argsort(-table.sum(axis=1), kind="stable")[: MOST_LABELS - 1])
        place = np.full(k, MOST_LABELS - 1)
        place[often] = np.arange(len(often))
        small = np.zeros((MOST_LABELS, MOST_LABELS), dtype=np.int64)
        np.add.at(small, (place[:, None], place[None, :]), table)
        table, names = small, (*(names[i] for i in often), OTHERS)
    return Confusion(labels=names, counts=tuple(tuple(int(cell) for cell in line) for line in table))


def roc(y: NDArray[np.int64], p: Floats, threshold: float) -> Roc | None:
    """Return the ROC curve (Fawcett 2006, algorithm 1), thinned to ``MOST_POINTS``; ``None`` if only one class occurs.

    Parameters
    ----------
    y : ndarray of shape (rows,)
        0 or 1.
    p : ndarray of shape (rows,)
        Probability of class 1.
    threshold : float
        Class 1 is predicted at or above it.
    """
    positives = int(np.sum(y == 1))
    negatives = len(y) - positives
    if not positives or not negatives:
        return None
    order = np.argsort(-p, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)  # rows of equal probability enter together
    true = np.append(0.0, np.cumsum(y[order] == 1)[ends] / positives)
    false = np.append(0.0, np.cumsum(y[order] == 0)[ends] / negatives)
    kept = _thin(len(true))
    taken = p >= threshold
    at = (float(np.sum(taken & (y == 0)) / negatives), float(np.sum(taken & (y == 1)) / positives))
    return Roc(
        false_positive_rate=_rounded(false[kept]), true_positive_rate=_rounded(true[kept]), at_threshold=at
    )  # fmt: skip


def calibration(y: NDArray[np.int64], p: Floats, bins: int = BINS) -> tuple[CalibrationBin, ...]:
    """Return bins of equally many rows, ordered by probability; equal probabilities are never torn apart."""
    order = np.argsort(p, kind="stable")
    edges = np.unique(np.searchsorted(p[order], p[order][np.arange(1, bins) * len(p) // bins], side="left"))
    found = []
    for rows in np.split(order, edges[(edges > 0) & (edges < len(p))]):
        low, high = wilson(int(np.sum(y[rows] == 1)), len(rows))
        observed = float(np.mean(y[rows] == 1))
        found.append(
            CalibrationBin(predicted=float(p[rows].mean()), observed=observed, low=low, high=high, rows=len(rows))
        )  # fmt: skip
    return tuple(found)


def calibration_gap(bins: Sequence[CalibrationBin]) -> float:
    """Return the expected calibration error: the mean distance of promise and outcome (Naeini et al. 2015)."""
    rows = sum(item.rows for item in bins)
    return sum(item.rows * abs(item.predicted - item.observed) for item in bins) / rows if rows else math.nan


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927).

    Examples
    --------
    >>> [round(end, 3) for end in wilson(5, 10)]
    [0.237, 0.763]
    """
    p, z2 = hits / n, Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def residuals(y: Floats, guess: Floats, seed: int) -> Residuals:
    """Return a seeded sample of actual and predicted values, and quantiles of predicted - actual over all rows."""
    rows = np.arange(len(y))
    if len(rows) > MOST_POINTS:
        rows = np.sort(np.random.default_rng(seed).choice(len(y), MOST_POINTS, replace=False))
    shares = (0.05, 0.25, 0.5, 0.75, 0.95)
    quantiles = np.quantile(guess - y, shares) if len(y) else np.full(len(shares), math.nan)
    return Residuals(
        actual=_rounded(y[rows]), predicted=_rounded(guess[rows]),
        quantiles={f"{share:g}": float(value) for share, value in zip(shares, quantiles, strict=True)},
    )  # fmt: skip


def leaderboard(
    trials: Sequence[Trial], chosen: str, weights: Mapping[str, float], predict_ms: Mapping[str, float]
) -> tuple[LeaderRow, ...]:
    """Return trials in their order (:func:`openglm.core.trial.ranked`) as rows.

    Parameters
    ----------
    trials : sequence of Trial
        In any order.
    chosen : str
        Metric id of their scores.
    weights, predict_ms : mapping
        Candidate id → weight in the final model, and measured milliseconds per row.
    """
    lacking = folds_lacking(trials)
    return tuple(
        LeaderRow(
            id=t.candidate.id, model=t.candidate.model, view=t.candidate.view, params=t.candidate.params,
            origin=t.candidate.origin, state=t.state, score=t.score, fit_s=t.seconds,
            predict_ms=predict_ms.get(t.candidate.id), bytes=t.bytes, weight=weights.get(t.candidate.id, 0.0),
            partial=t.partial, folds=lacking.get(t.candidate.id), error=t.error,
        )
        for t in ranked(trials, METRICS[chosen].loss)
    )  # fmt: skip


def data_facts(data: Dataset, source_columns: int, scored: int) -> DataFacts:
    """Return what the table was and how it was divided."""
    roles: dict[str, int] = {}
    for column in data.schema.columns:
        roles[column.role] = roles.get(column.role, 0) + 1
    shares = [column.missing for column in data.schema.columns]
    class_rows: dict[str, tuple[int, int]] = {}
    value_range = None
    if data.classes:
        k = len(data.classes)
        train = np.bincount(data.train.y.astype(np.int64), minlength=k)
        sealed = np.bincount(data.sealed.y.astype(np.int64), minlength=k)
        often = np.argsort(-train, kind="stable")[:MOST_LABELS]
        class_rows = {str(data.classes[i]): (int(train[i]), int(sealed[i])) for i in often}
    elif len(data.train):
        value_range = (float(np.min(data.train.y)), float(np.max(data.train.y)))
    return DataFacts(
        source_columns=max(source_columns, len(shares)), inputs=len(shares), rows=len(data.train) + len(data.sealed),
        train=len(data.train), sealed=len(data.sealed), scored=scored, split=data.split.method,
        split_reason=data.split.reason, folds=data.split.folds, class_rows=class_rows, value_range=value_range,
        roles=roles, missing=float(np.mean(shares)) if shares else 0.0,
    )  # fmt: skip


def understood(goal: Goal, task: Task) -> Understood:
    """Return what the sentence was taken to mean; the task is what was really done."""
    return Understood(
        sentence=goal.sentence or task.sentence, target=task.target, kind=task.kind, metric=task.metric,
        positive_class=task.positive_class, confidence=goal.confidence, slots=goal.slots,
        alternatives=goal.alternatives,
    )  # fmt: skip


def timeline(trials: Sequence[Trial], events: Sequence[Mapping[str, Any]]) -> tuple[Moment, ...]:
    """Return when each trial ran, in seconds since the first event; the last ``MOST_POINTS`` trials.

    A trial ends with its event (``trial``, or ``baseline`` for the first one); without, trials are laid end to end.
    """
    ends = _ends(events)
    found, before = [], 0.0
    for trial in trials:
        end = ends.get(trial.candidate.id, before + trial.seconds)
        before = end
        found.append(
            Moment(
                id=trial.candidate.id, model=trial.candidate.model, start_s=round(max(0.0, end - trial.seconds), 3),
                end_s=round(end, 3), state=trial.state, score=trial.score,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda moment: moment.end_s)[-MOST_POINTS:])


def promises(
    limits: Constraints, metrics: Mapping[str, float], at: Roc | None, speed: Speed, counts: Confusion | None = None
) -> tuple[Promise, ...]:
    """Return each limit the user stated with what was reached on the sealed rows; limits that are no number are left out.

    With the confusion matrix of two classes, shares of rows have an interval.
    """
    false_positives = at.at_threshold[0] if at is not None else math.nan
    megabytes = speed.bytes / 2**20 if speed.bytes else math.nan
    table = (
        ("max_false_positive_rate", limits.max_false_positive_rate, false_positives, False),
        ("min_recall", limits.min_recall, metrics.get("recall", math.nan), True),
        ("min_precision", limits.min_precision, metrics.get("precision", math.nan), True),
        ("max_latency_ms", limits.max_latency_ms, speed.one_row_ms, False),
        ("max_model_mb", limits.max_model_mb, megabytes, False),
    )
    around = _shares(counts) if counts is not None and len(counts.labels) == 2 else {}
    return tuple(
        Promise(
            constraint=name, limit=limit, value=value, kept=value >= limit if upward else value <= limit,
            interval=around.get(name),
        )
        for name, limit, value, upward in table
        if limit is not None
    )  # fmt: skip


def _shares(counts: Confusion) -> dict[str, Interval]:
    """Return limit → interval of the share that it is about."""
    (tn, fp), (fn, tp) = counts.counts
    of = {
        "max_false_positive_rate": (fp, fp + tn), "min_recall": (tp, tp + fn), "min_precision": (tp, tp + fp),
    }  # fmt: skip
    found = {}
    for name, (hits, n) in of.items():
        if n:
            low, high = wilson(hits, n)
            found[name] = Interval(value=hits / n, low=low, high=high)
    return found


def cost(
    limits: Constraints, y: NDArray[np.int64], codes: NDArray[np.int64], *, units: Units, seed: int
) -> Cost | None:
    """Return what wrong answers cost, beside saying always no or always yes; ``None`` unless the user stated both costs.

    Parameters
    ----------
    limits : Constraints
        With the costs.
    y, codes : ndarray of shape (rows,)
        True and decided class codes, 0 or 1.
    units : Units
        What is resampled together.
    seed : int
        Of the resampling.
    """
    if limits.costs is None or not len(y):
        return None
    alarm, miss = limits.costs
    price = 1000.0 * (alarm * ((codes == 1) & (y == 0)) + miss * ((codes == 0) & (y == 1)))
    drawn = [weights @ price / weights.sum(axis=1) for weights in counts_of(units, how_many(len(y)), seed)]
    value = float(price.mean())
    found = percentile(np.concatenate(drawn), value) or Interval(value=value, low=value, high=value)
    no, yes = 1000 * miss * float(np.mean(y == 1)), 1000 * alarm * float(np.mean(y == 0))
    best = min(no, yes)
    saved = (
        ("less than", "低于")
        if found.high < best
        else ("more than", "高于")
        if found.low > best
        else ("about as much as", "接近")
    )
    which = ("always saying no", "一律判负") if no <= yes else ("always saying yes", "一律判正")
    return Cost(
        false_positive=alarm, false_negative=miss, per_1000=found, always_no=no, always_yes=yes,
        said=Said(
            en=f"Wrong answers cost {value:,.5g} per 1000 rows (95 % interval {found.low:,.5g} – {found.high:,.5g}), {saved[0]} "
            f"{which[0]} ({best:,.5g}). Always no: {no:,.5g}; always yes: {yes:,.5g}.",
            zh=f"每 1000 行的误判成本为 {value:,.5g}(95% 区间 {found.low:,.5g} – {found.high:,.5g}),{saved[1]}{which[1]}"
            f"({best:,.5g})。一律判负: {no:,.5g};一律判正: {yes:,.5g}。",
        ),
    )  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of what took part."""
    found = {"python": platform.python_version(), "platform": f"{platform.system()} {platform.machine()}"}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _ends(events: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    ends: dict[str, float] = {}
    first: datetime | None = None
    for event in events:
        try:
            at = datetime.fromisoformat(str(event["at"]))
        except (KeyError, ValueError):
            continue
        first = first or at
        if event.get("event") in ("trial", "baseline"):
            ends[str(event.get("id"))] = (at - first).total_seconds()
    return ends


def _thin(n: int) -> NDArray[np.int64]:
    if n <= MOST_POINTS:
        return np.arange(n)
    return np.unique(np.round(np.linspace(0, n - 1, MOST_POINTS)).astype(np.int64))


def _rounded(values: NDArray[Any]) -> tuple[float, ...]:
    """Six significant digits: a chart shows three."""
    return tuple(float(f"{value:.6g}") for value in values)
