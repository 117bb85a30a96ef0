"""Where the positive class begins: worked by hand."""

import numpy as np
import pytest

from openglm.core.metrics import METRICS, metric
from openglm.core.task import Constraints
from openglm.search._decide import _counts, _from_counts, best_threshold

Y = np.array([0, 0, 0, 0, 1, 0, 1, 1])
POSITIVE = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4])
OUTPUTS = np.column_stack([1 - POSITIVE, POSITIVE])


def test_labels_get_a_threshold():
    """All probabilities lie below 0.5, yet F1 is good at a lower threshold: 3 hits, 1 false alarm."""
    threshold, score = best_threshold(metric("f1"), Y, OUTPUTS)
    assert 0.2 < threshold <= 0.25
    assert score == pytest.approx(2 * 3 / (2 * 3 + 1))


@pytest.mark.parametrize("name", [m.id for m in METRICS.values() if m.needs == "labels"])
def test_counts_agree_with_scikit_learn(name):
    """The closed forms over all thresholds give the metric itself at each of them."""
    rng = np.random.default_rng(0)
    y = (rng.random(200) < 0.3).astype(int)
    positive = np.clip(0.3 * y + rng.random(200) * 0.7, 0, 1).round(2)
    grid = np.unique(np.append(positive[::7], [0.0, 1.1]))
    closed = _from_counts(name, *_counts(y, positive, grid))
    outputs = np.column_stack([1 - positive, positive])
    direct = [METRICS[name].score(y, outputs, labels=(positive >= t).astype(int)) for t in grid]
    np.testing.assert_allclose(closed, direct, atol=1e-12)


@pytest.mark.parametrize(("alarm", "miss"), [(5, 100), (1, 1), (100, 5)])
def test_costs_set_the_threshold_where_theory_puts_it(alarm, miss):
    """With true probabilities the cheapest threshold is alarm / (alarm + miss) (Elkan 2001, section 1)."""
    rng = np.random.default_rng(1)
    p = rng.random(60_000)
    y = (rng.random(60_000) < p).astype(int)
    limits = Constraints(cost_false_positive=alarm, cost_false_negative=miss)
    threshold, _ = best_threshold(metric("roc_auc"), y, np.column_stack([1 - p, p]), limits)
    assert threshold == pytest.approx(alarm / (alarm + miss), abs=0.04)


def test_a_limit_comes_before_the_cost():
    """The cheapest threshold would raise many false alarms; the limit on them is kept first."""
    limits = Constraints(cost_false_positive=1, cost_false_negative=1000, max_false_positive_rate=0.0)
    threshold, _ = best_threshold(metric("roc_auc"), Y, OUTPUTS, limits)
    assert np.all(POSITIVE[Y == 0] < threshold)


def test_recall_is_not_bought_with_always_yes():
    """Asked for recall, the threshold favours it (F2) and still says no to the clear cases."""
    threshold, _ = best_threshold(metric("average_precision"), Y, OUTPUTS, goal="f2")
    assert 0.2 < threshold <= 0.25


def test_probabilities_keep_one_half():
    """A ranking metric does not depend on the threshold, so it stays at one half."""
    assert best_threshold(metric("roc_auc"), Y, OUTPUTS)[0] == 0.5


def test_limits_are_kept():
    """No false alarm allowed: only the two surest rows are taken."""
    threshold, _ = best_threshold(metric("roc_auc"), Y, OUTPUTS, Constraints(max_false_positive_rate=0.0))
    assert 0.3 < threshold <= 0.35


def test_limits_that_cannot_be_kept_are_broken_least():
    """Perfect recall and perfect precision at once are impossible here; the total excess is smallest."""
    threshold, _ = best_threshold(metric("f1"), Y, OUTPUTS, Constraints(min_recall=1.0, min_precision=1.0))
    labels = threshold <= POSITIVE
    recall, precision = labels[Y == 1].mean(), Y[labels].mean()
    # Taking rows from 0.25: recall 1, precision 3/4, excess 1/4. Taking two: recall 2/3, excess 1/3.
    assert (recall, precision) == (1.0, 0.75)
