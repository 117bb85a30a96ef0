"""Where the positive class begins: worked by hand."""

import numpy as np
import pytest

from openglm.core.metrics import metric
from openglm.core.task import Constraints
from openglm.search._decide import best_threshold

Y = np.array([0, 0, 0, 0, 1, 0, 1, 1])
POSITIVE = np.array([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4])
OUTPUTS = np.column_stack([1 - POSITIVE, POSITIVE])


def test_labels_get_a_threshold():
    """All probabilities lie below 0.5, yet F1 is good at a lower threshold: 3 hits, 1 false alarm."""
    threshold, score = best_threshold(metric("f1"), Y, OUTPUTS)
    assert 0.2 < threshold <= 0.25
    assert score == pytest.approx(2 * 3 / (2 * 3 + 1))


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
