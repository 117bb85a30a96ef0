"""The extremely randomised trees' own promises; the shared ones are in test_forest.py."""

import numpy as np

from openglm.models.extra_trees import ExtraTrees
from openglm.testing import HandClock, toy_matrix


def test_every_tree_sees_every_row():
    """Without samples, a fully grown tree knows the training rows by heart."""
    x, y = toy_matrix("regression", "dense")
    model = ExtraTrees(kind="regression", classes=0, min_leaf=1, trees=3).fit(x, y, watch=HandClock(None))
    np.testing.assert_allclose(model.predict(x)[:, 0], y, rtol=1e-5)


def test_seeds_differ():
    """Thresholds are drawn from the seed."""
    x, y = toy_matrix("regression", "dense")
    a, b = (ExtraTrees(kind="regression", classes=0, seed=s, trees=3).fit(x, y, watch=HandClock(None)) for s in (0, 1))
    assert not np.array_equal(a.predict(x), b.predict(x))
