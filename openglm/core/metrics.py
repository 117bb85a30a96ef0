"""Metrics with direction and range, under scikit-learn's scorer names where there is one. Computed by scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.errors import PlanError, did_you_mean
from openglm.core.parts import Floats
from openglm.core.task import CLASSIFICATION, Kind
from openglm.core.words import Said, Word

Labels = NDArray[Any]


class Metric(Word):
    """How good predictions are.

    Parameters
    ----------
    id : str
        scikit-learn's scorer name without ``neg_``, or the field's usual name.
    kinds : tuple of Kind
        Problems it can judge.
    greater_is_better : bool
        Its direction.
    low, high : float
        Its range; infinity where it has no bound.
    needs : {"labels", "probabilities", "values"}
        What it is computed from.
    """

    id: str
    kinds: tuple[Kind, ...]
    greater_is_better: bool
    low: float
    high: float
    needs: str

    def score(self, y: Labels, outputs: Floats, *, labels: Labels | None = None, weight: Floats | None = None) -> float:
        """Return the metric in its own direction.

        Parameters
        ----------
        y : ndarray of shape (rows,)
            Class codes or values.
        outputs : ndarray of shape (rows, classes) or (rows, 1)
            As a learner predicts.
        labels : ndarray of shape (rows,) or None
            Decided class codes; by default the most probable class.
        weight : ndarray of shape (rows,) or None
            Row weights.
        """
        if self.needs == "labels":
            outputs = np.argmax(outputs, axis=1) if labels is None else labels
        return float(_FUNCTIONS[self.id](np.asarray(y), outputs, weight))

    def better(self, a: float, b: float) -> bool:
        """Say whether ``a`` is strictly better than ``b``."""
        return a > b if self.greater_is_better else a < b

    def loss(self, score: float) -> float:
        """Return ``score`` so that smaller is better, for comparing."""
        return -score if self.greater_is_better else score


def _sk(name: str, **fixed: Any) -> Callable[[Labels, Any, Floats | None], float]:
    def call(y: Labels, p: Any, weight: Floats | None) -> float:
        from sklearn import metrics

        return float(getattr(metrics, name)(y, p, sample_weight=weight, **fixed))

    return call


def _ranked(name: str) -> Callable[[Labels, Any, Floats | None], float]:
    """Metrics of a ranking: the positive class for two classes, one against the rest and averaged for more."""

    def call(y: Labels, p: Any, weight: Floats | None) -> float:
        from sklearn import metrics

        function = getattr(metrics, name)
        if p.shape[1] == 2:
            return float(function(y, p[:, 1], sample_weight=weight)) if len(np.unique(y)) == 2 else float("nan")
        # Hand & Till (2001) average over pairs; scikit-learn's one-vs-rest macro average is what users compare with.
        values = [
            float(function(y == c, p[:, c], sample_weight=weight))
            for c in range(p.shape[1])
            if 0 < np.sum(y == c) < len(y)
        ]
        return float(np.mean(values)) if values else float("nan")

    return call


def _log_loss(y: Labels, p: Any, weight: Floats | None) -> float:
    from sklearn import metrics

    return float(metrics.log_loss(y, _proper(p), labels=np.arange(p.shape[1]), sample_weight=weight))


def _brier(y: Labels, p: Any, weight: Floats | None) -> float:
    """Brier (1950), the half-scaled form for two classes, as in scikit-learn."""
    if p.shape[1] == 2:
        return float(np.average((p[:, 1] - y) ** 2, weights=weight))
    truth = np.eye(p.shape[1])[y]
    return float(np.average(np.sum((p - truth) ** 2, axis=1), weights=weight))


def _proper(p: Any) -> Any:
    p = np.clip(p, 1e-15, 1.0)  # scikit-learn's own clipping before version 1.5
    return p / p.sum(axis=1, keepdims=True)


def _values(name: str, **fixed: Any) -> Callable[[Labels, Any, Floats | None], float]:
    def call(y: Labels, p: Any, weight: Floats | None) -> float:
        return _sk(name, **fixed)(y, p[:, 0], weight)

    return call


def _rmsle(y: Labels, p: Any, weight: Floats | None) -> float:
    """Root mean squared logarithmic error; predictions below 0 count as 0, targets must be > -1."""
    error = np.log1p(np.maximum(p[:, 0], 0.0)) - np.log1p(y)
    return float(np.sqrt(np.average(error**2, weights=weight)))


def _smape(y: Labels, p: Any, weight: Floats | None) -> float:
    """Symmetric MAPE in [0, 2] (Makridakis 1993); 0/0 counts as 0."""
    total = np.abs(y) + np.abs(p[:, 0])
    ratio = np.divide(2 * np.abs(y - p[:, 0]), total, out=np.zeros_like(total), where=total > 0)
    return float(np.average(ratio, weights=weight))


_INF = float("inf")
_BOTH: tuple[Kind, ...] = ("binary", "multiclass")
_BINARY: tuple[Kind, ...] = ("binary",)
_VALUE: tuple[Kind, ...] = ("regression", "forecast")
_AVERAGED: dict[str, Any] = {"zero_division": 0.0}

_TABLE: tuple[
    tuple[str, tuple[Kind, ...], bool, float, float, str, Callable[[Labels, Any, Floats | None], float]], ...
] = (
    ("roc_auc", _BOTH, True, 0, 1, "probabilities", _ranked("roc_auc_score")),
    ("average_precision", _BOTH, True, 0, 1, "probabilities", _ranked("average_precision_score")),
    ("log_loss", _BOTH, False, 0, _INF, "probabilities", _log_loss),
    ("brier", _BOTH, False, 0, 2, "probabilities", _brier),
    ("accuracy", _BOTH, True, 0, 1, "labels", _sk("accuracy_score")),
    ("balanced_accuracy", _BOTH, True, 0, 1, "labels", _sk("balanced_accuracy_score")),
    ("f1", _BINARY, True, 0, 1, "labels", _sk("f1_score", **_AVERAGED)),
    ("precision", _BINARY, True, 0, 1, "labels", _sk("precision_score", **_AVERAGED)),
    ("recall", _BINARY, True, 0, 1, "labels", _sk("recall_score", **_AVERAGED)),
    ("f1_macro", _BOTH, True, 0, 1, "labels", _sk("f1_score", average="macro", **_AVERAGED)),
    ("f1_micro", _BOTH, True, 0, 1, "labels", _sk("f1_score", average="micro", **_AVERAGED)),
    ("f1_weighted", _BOTH, True, 0, 1, "labels", _sk("f1_score", average="weighted", **_AVERAGED)),
    ("precision_macro", _BOTH, True, 0, 1, "labels", _sk("precision_score", average="macro", **_AVERAGED)),
    ("recall_macro", _BOTH, True, 0, 1, "labels", _sk("recall_score", average="macro", **_AVERAGED)),
    ("matthews_corrcoef", _BOTH, True, -1, 1, "labels", _sk("matthews_corrcoef")),
    ("quadratic_kappa", _BOTH, True, -1, 1, "labels", _sk("cohen_kappa_score", weights="quadratic")),
    ("rmse", _VALUE, False, 0, _INF, "values", _values("root_mean_squared_error")),
    ("mse", _VALUE, False, 0, _INF, "values", _values("mean_squared_error")),
    ("mae", _VALUE, False, 0, _INF, "values", _values("mean_absolute_error")),
    ("median_absolute_error", _VALUE, False, 0, _INF, "values", _values("median_absolute_error")),
    ("mape", _VALUE, False, 0, _INF, "values", _values("mean_absolute_percentage_error")),
    ("smape", _VALUE, False, 0, 2, "values", _smape),
    ("rmsle", _VALUE, False, 0, _INF, "values", _rmsle),
    ("r2", _VALUE, True, -_INF, 1, "values", _values("r2_score")),
)
_FUNCTIONS = {row[0]: row[-1] for row in _TABLE}
METRICS: dict[str, Metric] = {
    name: Metric(id=name, kinds=kinds, greater_is_better=up, low=low, high=high, needs=needs)
    for name, kinds, up, low, high, needs, _ in _TABLE
}

# Names people use in calls and flags; what a *sentence* says is the business of the lexicon.
ALIASES = {
    "auc": "roc_auc", "rocauc": "roc_auc", "logloss": "log_loss", "ap": "average_precision", "acc": "accuracy",
    "root_mean_squared_error": "rmse", "neg_root_mean_squared_error": "rmse", "mean_squared_error": "mse",
    "neg_mean_squared_error": "mse", "mean_absolute_error": "mae", "neg_mean_absolute_error": "mae", "r_squared": "r2",
    "neg_log_loss": "log_loss", "brier_score": "brier", "neg_brier_score": "brier", "qwk": "quadratic_kappa",
    "mcc": "matthews_corrcoef", "roc_auc_ovr": "roc_auc", "cross_entropy": "log_loss",
}  # fmt: skip
# What stands in where a two-class metric is asked of many classes, as scikit-learn's users write it.
_MANY = {"f1": "f1_macro", "precision": "precision_macro", "recall": "recall_macro"}


def metric(name: str, kind: Kind | None = None) -> Metric:
    """Return the metric called ``name``, alias and case allowed.

    Raises
    ------
    PlanError
        If there is none, or it cannot judge a problem of ``kind``.
    """
    key = name.strip().casefold().replace("-", "_").replace(" ", "_")
    key = ALIASES.get(key, key)
    if kind == "multiclass":
        key = _MANY.get(key, key)
    if key not in METRICS:
        raise PlanError(
            Said(en=f"There is no metric '{name}'.", zh=f"没有名为“{name}”的指标。"), hint=did_you_mean(key, METRICS)
        )
    found = METRICS[key]
    if kind is not None and kind not in found.kinds:
        fitting = ", ".join(item.id for item in METRICS.values() if kind in item.kinds)
        raise PlanError(
            Said(
                en=f"The metric '{found.id}' cannot judge a {kind} problem.",
                zh=f"指标“{found.id}”不适用于 {kind} 问题。",
            ),
            hint=Said(en=f"Fitting ones: {fitting}.", zh=f"可用: {fitting}。"),
        )
    return found


def default_metric(kind: Kind) -> str:
    """Return what is optimised when the user names nothing: ranking for two classes, likelihood for more, RMSE for values."""
    if kind == "binary":
        return "roc_auc"
    return "log_loss" if kind in CLASSIFICATION else "rmse"


THRESHOLD_GOALS = {"recall": "f2", "precision": "f0.5"}
"""Metrics of two classes that a constant answer reaches, and what the threshold is chosen for instead (decision 0006)."""


def search_metric(name: str, kind: Kind) -> str:
    """Return what the search ranks by when the user wants ``name``.

    Recall or precision alone is reached by always or nearly never saying yes, so a search for it learns nothing. It ranks
    by average precision instead, and the threshold then favours the one that was asked for (F2 or F0.5).
    """
    return "average_precision" if kind == "binary" and name in THRESHOLD_GOALS else name


def panel(kind: Kind) -> tuple[str, ...]:
    """Return the metrics that a report shows beside the chosen one."""
    if kind == "binary":
        return (
            "roc_auc",
            "average_precision",
            "log_loss",
            "accuracy",
            "balanced_accuracy",
            "f1",
            "precision",
            "recall",
        )
    if kind == "multiclass":
        return ("log_loss", "accuracy", "balanced_accuracy", "f1_macro", "roc_auc")
    return ("rmse", "mae", "r2", "mape")
