"""The numbers of a report, worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from openglm.core.report import Confusion, Roc, Speed
from openglm.core.task import Constraints
from openglm.core.trial import Candidate, Trial
from openglm.explain import _summary
from openglm.explain._resample import single


def _trial(name: str, score: float | None, seconds: float = 1.0, state: str = "done") -> Trial:
    return Trial(candidate=Candidate(id=name, model="m", view="codes"), state=state, score=score, seconds=seconds)


def test_confusion_by_hand() -> None:
    """Rows are what it was, columns what was said."""
    found = _summary.confusion(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0]), ("a", "b", 3))
    assert found.labels == ("a", "b", "3")
    assert found.counts == ((1, 1, 0), (0, 1, 0), (1, 0, 0))


def test_confusion_of_many_classes_keeps_every_row() -> None:
    """Of 60 classes the 39 most frequent are shown and the others counted together; no row is lost."""
    rng = np.random.default_rng(0)
    y = np.concatenate([np.arange(60), rng.integers(10, 30, 500)])
    codes = rng.integers(0, 60, len(y))
    found = _summary.confusion(y, codes, tuple(f"c{i}" for i in range(60)))
    assert len(found.labels) == len(found.counts) == 40
    assert found.labels[-1] == "…"
    assert {f"c{i}" for i in range(10, 30)} <= set(found.labels)
    assert sum(map(sum, found.counts)) == len(y)


def test_roc_by_hand() -> None:
    """Positives .8 .4, negatives .6 .2 and a threshold of .5: up, right, up, right; the point in use is (1/2, 1/2)."""
    found = _summary.roc(np.array([1, 0, 1, 0]), np.array([0.8, 0.6, 0.4, 0.2]), 0.5)
    assert found.false_positive_rate == (0.0, 0.0, 0.5, 0.5, 1.0)
    assert found.true_positive_rate == (0.0, 0.5, 0.5, 1.0, 1.0)
    assert found.at_threshold == (0.5, 0.5)


def test_roc_joins_ties_and_stays_short() -> None:
    """Equal probabilities enter together; a curve has at most 200 points and both ends."""
    tied = _summary.roc(np.array([1, 0, 1, 0]), np.full(4, 0.5), 0.5)
    assert (tied.false_positive_rate, tied.true_positive_rate) == ((0.0, 1.0), (0.0, 1.0))
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 3000)
    long = _summary.roc(y, rng.random(3000), 0.5)
    assert len(long.true_positive_rate) <= 200
    assert (long.true_positive_rate[0], long.true_positive_rate[-1]) == (0.0, 1.0)


def test_no_roc_without_both_classes() -> None:
    """One class alone has no curve."""
    assert _summary.roc(np.ones(3, dtype=np.int64), np.array([0.1, 0.2, 0.3]), 0.5) is None


def test_calibration_by_hand() -> None:
    """Two bins of two rows: promised .15 and .85 on average, came true 0 and 1/2; the mean gap is (.15 + .35) / 2."""
    bins = _summary.calibration(np.array([0, 0, 1, 0]), np.array([0.1, 0.2, 0.8, 0.9]), bins=2)
    assert [(round(b.predicted, 9), b.observed, b.rows) for b in bins] == [(0.15, 0.0, 2), (0.85, 0.5, 2)]
    assert _summary.calibration_gap(bins) == pytest.approx(0.25)


def test_calibration_keeps_every_row_once() -> None:
    """Bins never tear equal probabilities apart and hold all rows, also when all are equal."""
    rng = np.random.default_rng(0)
    p = rng.choice([0.1, 0.5, 0.5001, 0.9], 1000)
    bins = _summary.calibration((rng.random(1000) < p).astype(np.int64), p)
    assert sum(b.rows for b in bins) == 1000
    assert len(bins) <= 4
    assert [b.predicted for b in bins] == sorted(b.predicted for b in bins)
    assert [b.rows for b in _summary.calibration(np.zeros(30, dtype=np.int64), np.full(30, 0.2))] == [30]


def test_wilson_by_the_book() -> None:
    """Newcombe (1998), table I: 15 of 148 gives .0624 to .1605, 0 of 20 gives 0 to .1611."""
    np.testing.assert_allclose(_summary.wilson(15, 148), (0.0624, 0.1605), atol=5e-5)
    np.testing.assert_allclose(_summary.wilson(0, 20), (0.0, 0.1611), atol=5e-5)


def test_residuals_by_hand() -> None:
    """Quantiles of predicted - actual are of all rows, the sample is at most 200 of them."""
    y = np.arange(1001.0)
    found = _summary.residuals(y, y + np.linspace(-1, 1, 1001), seed=0)
    assert len(found.actual) == len(found.predicted) == 200
    np.testing.assert_allclose(list(found.quantiles.values()), [-0.9, -0.5, 0.0, 0.5, 0.9], atol=1e-9)
    assert list(found.quantiles) == ["0.05", "0.25", "0.5", "0.75", "0.95"]


def test_leaderboard_order_follows_the_metric() -> None:
    """Best first in the metric's own direction; what has no score comes last; weights are attached."""
    trials = [_trial("a", 0.3), _trial("b", None, state="failed"), _trial("c", 0.1), _trial("d", math.nan)]
    assert [row.id for row in _summary.leaderboard(trials, "roc_auc", {}, {})] == ["a", "c", "b", "d"]
    found = _summary.leaderboard(trials, "rmse", {"a": 0.25, "c": 0.75}, {"c": 0.01})
    assert [row.id for row in found] == ["c", "a", "b", "d"]
    assert (found[0].weight, found[0].predict_ms, found[1].predict_ms, found[2].weight) == (0.75, 0.01, None, 0.0)


def test_timeline_from_events() -> None:
    """A trial ends with its own event, also when trials run side by side; a later refit does not move it."""
    events = [
        {"at": "2025-01-01T00:00:00.000+00:00", "event": "start"},
        {"at": "2025-01-01T00:00:01.000+00:00", "event": "begun", "id": "a"},
        {"at": "2025-01-01T00:00:04.500+00:00", "event": "trial", "id": "b"},
        {"at": "2025-01-01T00:00:05.000+00:00", "event": "trial", "id": "a"},
        {"at": "2025-01-01T00:00:09.000+00:00", "event": "refit", "id": "a"},
        {"event": "no time"},
    ]
    found = _summary.timeline([_trial("a", 0.3, 4.0), _trial("b", 0.4, 2.0)], events)
    assert [(m.id, m.start_s, m.end_s) for m in found] == [("b", 2.5, 4.5), ("a", 1.0, 5.0)]


def test_timeline_without_events_is_end_to_end() -> None:
    """Without a log trials are laid one behind the other, and the line keeps the last 200."""
    found = _summary.timeline([_trial("a", 0.3, 4.0), _trial("b", 0.4, 2.0)], [])
    assert [(m.start_s, m.end_s) for m in found] == [(0.0, 4.0), (4.0, 6.0)]
    assert len(_summary.timeline([_trial(str(i), 0.1) for i in range(300)], [])) == 200


def test_promises_have_intervals_and_say_how_certain_they_are() -> None:
    """Shares of rows have Wilson's interval; a limit inside it is kept or broken, but not for certain."""
    limits = Constraints(max_false_positive_rate=0.02, min_recall=0.8, min_precision=0.5)
    counts = Confusion(labels=("no", "yes"), counts=((950, 50), (15, 85)))
    at = Roc(false_positive_rate=(0.0, 1.0), true_positive_rate=(0.0, 1.0), at_threshold=(0.05, 0.85))
    reached = {"recall": 0.85, "precision": 85 / 135}
    made = _summary.promises(limits, reached, at, Speed(batch_ms=0, one_row_ms=1), counts)
    found = {p.constraint: p for p in made}
    assert found["max_false_positive_rate"].state == "broken"
    assert found["min_recall"].state == "kept_unsure"
    assert found["min_precision"].state == "kept"
    around = found["min_recall"].interval
    assert around is not None and (around.low, around.high) == pytest.approx(_summary.wilson(85, 100))


def test_cost_of_wrong_answers_by_hand() -> None:
    """Of 1000 rows 10 misses at 100 and 50 false alarms at 5 cost 1250; always no costs 5000 and always yes 4750."""
    y = np.repeat([1, 1, 0, 0], [40, 10, 50, 900]).astype(np.int64)
    codes = np.repeat([1, 0, 1, 0], [40, 10, 50, 900]).astype(np.int64)
    limits = Constraints(cost_false_positive=5, cost_false_negative=100)
    found = _summary.cost(limits, y, codes, units=single(1000), seed=0)
    assert found is not None
    assert (found.per_1000.value, found.always_no, found.always_yes) == pytest.approx((1250, 5000, 4750))
    assert found.per_1000.low < 1250 < found.per_1000.high < 4750
    assert "less than always saying yes" in found.said.en and "低于一律判正" in found.said.zh
    assert _summary.cost(Constraints(cost_false_positive=5), y, codes, units=single(1000), seed=0) is None


def test_promises_are_judged_by_their_direction() -> None:
    """At most and at least; what cannot be known is not kept."""
    limits = Constraints(
        max_false_positive_rate=0.5, min_recall=0.9, min_precision=0.3, max_latency_ms=5, max_model_mb=1
    )
    at = _summary.roc(np.array([1, 0, 1, 0]), np.array([0.8, 0.6, 0.4, 0.2]), 0.5)
    speed = Speed(batch_ms=0.1, one_row_ms=9.0, bytes=0)
    found = {p.constraint: p for p in _summary.promises(limits, {"recall": 0.8, "precision": 0.3}, at, speed)}
    assert {name: p.kept for name, p in found.items()} == {
        "max_false_positive_rate": True, "min_recall": False, "min_precision": True, "max_latency_ms": False,
        "max_model_mb": False,
    }  # fmt: skip
    assert math.isnan(found["max_model_mb"].value)
    assert _summary.promises(Constraints(), {}, None, speed) == ()


def test_scores_hold_the_chosen_metric_first_and_nan_where_there_is_none() -> None:
    """With one class on the sealed rows there is no ROC AUC, and no warning or error either."""
    y, p = np.ones(5, dtype=np.int64), np.full(5, 0.7)
    found = _summary.scores("binary", "matthews_corrcoef", y, np.stack([1 - p, p], axis=1), y)
    assert next(iter(found)) == "matthews_corrcoef"
    assert math.isnan(found["roc_auc"])
    assert found["accuracy"] == 1.0


def test_versions_name_what_took_part() -> None:
    """Python, the platform and our packages."""
    assert {"python", "platform", "numpy", "scikit-learn"} <= set(_summary.versions())


def test_a_score_of_one_fold_comes_after_whole_ones() -> None:
    """One fold says less than five: such a trial is marked, and never leads."""
    whole, lucky = _trial("t0001", 0.74), _trial("t0002", 1.0)
    trials = [
        lucky.model_copy(update={"fold_scores": (1.0,), "partial": True}),
        whole.model_copy(update={"fold_scores": (0.73, 0.75)}),
    ]
    board = _summary.leaderboard(trials, "roc_auc", {}, {})
    assert [(row.id, row.folds) for row in board] == [("t0001", None), ("t0002", 1)]
    naive = trials[1].candidate.model_copy(update={"id": "t0000", "origin": "baseline"})
    trials[1] = trials[1].model_copy(update={"candidate": naive})
    assert [row.id for row in _summary.leaderboard(trials, "roc_auc", {}, {})] == ["t0002", "t0000"], "no other learner"
