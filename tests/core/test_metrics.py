"""Metrics agree with numbers worked by hand, and know their direction."""

import numpy as np
import pytest

from openglm.core.errors import PlanError
from openglm.core.metrics import METRICS, default_metric, metric, panel

Y = np.array([0, 0, 1, 1])
P = np.array([[0.9, 0.1], [0.6, 0.4], [0.65, 0.35], [0.2, 0.8]])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("roc_auc", 0.75),  # of the four pairs one is in the wrong order
        ("accuracy", 0.75),
        ("recall", 0.5),
        ("precision", 1.0),
        ("f1", 2 / 3),
        ("brier", (0.01 + 0.16 + 0.4225 + 0.04) / 4),
        ("log_loss", -np.mean(np.log([0.9, 0.6, 0.35, 0.8]))),
    ],
)
def test_two_classes_by_hand(name, expected):
    """Numbers worked on paper."""
    assert metric(name).score(Y, P) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("rmse", np.sqrt(2.5)), ("mae", 1.5), ("mape", (1 / 1 + 2 / 4) / 2), ("smape", (2 * 1 / 3 + 2 * 2 / 6) / 2)],
)
def test_values_by_hand(name, expected):
    """Errors of 1 and 2 on values 1 and 4."""
    assert metric(name).score(np.array([1.0, 4.0]), np.array([[2.0], [2.0]])) == pytest.approx(expected)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_perfect_is_best_and_in_range(name):
    """A perfect prediction reaches the good end of the range, and beats a bad one."""
    judge = METRICS[name]
    if judge.kinds[0] == "regression":
        y = np.array([1.0, 2.0, 3.0])
        good, bad = y[:, None], y[::-1][:, None]
    else:
        y, good = Y, np.eye(2)[Y]
        bad = np.eye(2)[1 - Y]
    best, worst = judge.score(y, good), judge.score(y, bad)
    assert judge.better(best, worst)
    assert best == pytest.approx(judge.high if judge.greater_is_better else judge.low, abs=1e-9)
    assert judge.low <= worst <= judge.high
    assert judge.loss(best) < judge.loss(worst)


def test_names_as_people_write_them():
    """Aliases and case are allowed; a two-class metric of many classes is averaged."""
    assert metric("AUC").id == "roc_auc"
    assert metric("neg-log-loss").id == "log_loss"
    assert metric("f1", "multiclass").id == "f1_macro"


def test_wrong_metrics_are_explained():
    """An unknown name gets a suggestion, a misfit the list of fitting ones."""
    with pytest.raises(PlanError, match="Did you mean 'accuracy'"):
        metric("acuracy")
    with pytest.raises(PlanError, match="cannot judge a regression"):
        metric("roc_auc", "regression")


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_defaults_fit(kind):
    """The default metric and the panel can judge their kind."""
    assert kind in metric(default_metric(kind), kind).kinds
    assert all(kind in METRICS[name].kinds for name in panel(kind))


def test_one_class_has_no_ranking():
    """Ranking rows of a single class is not a number, not a crash."""
    assert np.isnan(metric("roc_auc").score(np.zeros(4, dtype=int), P))
