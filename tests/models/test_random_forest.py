"""The random forest's own promises; the shared ones are in test_forest.py."""

import numpy as np

from openglm.models.random_forest import RandomForest
from openglm.testing import HandClock, toy_matrix


def test_a_leaf_has_at_least_so_many_rows():
    """With leaves as large as the data every tree is a root, and its answer about the class shares."""
    x, y = toy_matrix("binary")
    model = RandomForest(kind="binary", classes=2, min_leaf=120, trees=20).fit(x, y, watch=HandClock(None))
    np.testing.assert_allclose(model.predict(x), 0.5, atol=0.1)
    assert len(model.state()["feature"]) == 20


def test_it_is_small():
    """A forest for 120 rows is a few hundred bytes per tree."""
    x, y = toy_matrix("binary")
    model = RandomForest(kind="binary", classes=2).fit(x, y, watch=HandClock(None))
    assert sum(values.nbytes for values in model.state().values() if isinstance(values, np.ndarray)) < 150 * 1_500
