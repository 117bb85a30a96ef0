"""Flat trees, and both forests against the library that grew them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor

from openglm.core.errors import PlanError
from openglm.models import _forest
from openglm.models._forest import Trees, _at_most, flatten
from openglm.models.extra_trees import ExtraTrees
from openglm.models.random_forest import RandomForest
from openglm.testing import HandClock, toy_matrix


def stump(missing_left):
    """One split of the only feature at 2.5: 10 on the left, 20 on the right."""
    feature = np.array([1 if missing_left else 0, -1, -1], dtype=np.int32)
    return Trees(feature, np.array([2.5], np.float32), np.array([[10.0], [20.0]], np.float32), np.array([0]))


@pytest.mark.parametrize(("missing_left", "expected"), [(True, 10.0), (False, 20.0)])
def test_a_stump_by_hand(missing_left, expected):
    """On the threshold is left; missing goes where training sent it."""
    x = np.array([[2.5], [2.6], [np.nan], [-np.finfo(np.float32).max]], dtype=np.float32)
    assert stump(missing_left).mean(x)[:, 0].tolist() == [10.0, 20.0, expected, 10.0]


@pytest.mark.parametrize("grower", [RandomForestClassifier, ExtraTreesClassifier, RandomForestRegressor])
def test_flat_trees_answer_as_scikit_learn(grower):
    """Missing values included, on rows never seen, and when only one side of a split is missing."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    x[rng.random(x.shape) < 0.2] = np.nan
    y = np.isnan(x[:, 0]).astype(int) + (np.nan_to_num(x[:, 1]) > 0)
    forest = grower(n_estimators=7, min_samples_leaf=2, random_state=0).fit(x, y)
    new = rng.normal(size=(200, 4)).astype(np.float32)
    new[rng.random(new.shape) < 0.3] = np.nan
    theirs = forest.predict_proba(new) if hasattr(forest, "predict_proba") else forest.predict(new)[:, None]
    trees = flatten([tree.tree_ for tree in forest.estimators_], 4)
    np.testing.assert_allclose(trees.mean(new), theirs, atol=1e-6)


def test_blocks_do_not_change_answers(monkeypatch):
    """Rows and trees taken in small groups give bit for bit the same."""
    x, y = toy_matrix("binary")
    model = RandomForest(kind="binary", classes=2, trees=9).fit(x, y, watch=HandClock(None))
    whole = model.predict(x)
    monkeypatch.setattr(_forest, "BLOCK_STEPS", 50)
    assert np.array_equal(model.predict(x), whole)


@given(st.floats(allow_nan=False), st.floats(width=32, allow_nan=False, allow_infinity=False))
@settings(max_examples=300, deadline=None)
def test_rounding_a_threshold_moves_no_row(threshold, value):
    """A float32 value is on the same side of the rounded threshold as of the exact one."""
    rounded = _at_most(np.array([threshold]))[0]
    largest = float(np.finfo(np.float32).max)
    assert (value <= float(rounded)) == (value <= min(max(threshold, -largest), largest))


@pytest.mark.parametrize("cls", [RandomForest, ExtraTrees])
def test_large_data_is_bagged(cls):
    """With more rows than a tree may see, each tree sees a sample, so trees differ and leaves get fewer."""
    x, y = toy_matrix("binary", rows=400)
    small = cls(kind="binary", classes=2, trees=5, rows_per_tree=100).fit(x, y, watch=HandClock(None))
    large = cls(kind="binary", classes=2, trees=5).fit(x, y, watch=HandClock(None))
    assert len(small.state()["feature"]) < len(large.state()["feature"])


def test_the_clock_leaves_fewer_trees():
    """A forest cut short has the trees grown until then and says so."""
    x, y = toy_matrix("binary")
    model = RandomForest(kind="binary", classes=2).fit(x, y, watch=HandClock(12.0, tick=1.0))
    assert model.partial and model.rounds == len(model.state()["starts"]) and 1 <= model.rounds < 150


@pytest.mark.parametrize(
    "params", [{"trees": 0}, {"min_leaf": 0}, {"features": 1.5}, {"features": "log2"}, {"rows_per_tree": 1}]
)
def test_settings_out_of_range_are_refused(params):
    """Before anything is grown."""
    x, y = toy_matrix("binary")
    with pytest.raises(PlanError, match=next(iter(params))):
        ExtraTrees(kind="binary", classes=2, **params).fit(x, y, watch=HandClock(None))
