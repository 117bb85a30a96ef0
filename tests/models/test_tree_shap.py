"""Tree SHAP in numpy: LightGBM's own values, shap's, and what single rows and many rows have in common."""

import numpy as np
import pytest

from openglm.models import _tree_shap, lightgbm
from openglm.models._tree_shap import read_lightgbm, tree_shap
from openglm.models.lightgbm import LightGBM
from openglm.testing import HandClock, toy_matrix


def _fit(kind, rows=600, rounds=25, **params):
    x, y = toy_matrix(kind, rows=rows, seed=1)
    classes = {"binary": 2, "multiclass": 3, "regression": 0}[kind]
    return LightGBM(kind=kind, classes=classes, **params).fit(x, y, watch=HandClock(None), rounds=rounds), x


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("leaves", [2, 8, 60])
def test_values_are_those_of_lightgbm(kind, leaves):
    """Missing cells, categories, one tree per class, shallow and deep trees: the same to rounding."""
    model, x = _fit(kind, leaves=leaves, min_leaf=3)
    outputs = 3 if kind == "multiclass" else 1
    own = model._booster.predict(x.values, pred_contrib=True).reshape(len(x), outputs, -1).transpose(0, 2, 1)
    found = tree_shap(read_lightgbm(model._text), x.values, outputs)
    np.testing.assert_allclose(found, own, atol=1e-10)


def test_rows_that_never_occurred_are_explained_too():
    """Unseen codes, huge values and empty rows go down the trees as in a prediction."""
    model, x = _fit("binary", leaves=20)
    strange = x.values[:8].copy()
    strange[0], strange[1], strange[2], strange[3] = np.nan, 1e30, -1e30, 0.0
    strange[4:, 4] = [4.0, 77.0, -1.0, 2.0]
    own = model._booster.predict(strange, pred_contrib=True)
    np.testing.assert_allclose(tree_shap(read_lightgbm(model._text), strange, 1)[:, :, 0], own, atol=1e-10)


def test_zero_as_missing_is_read():
    """LightGBM can take zeros for missing; so do the values."""
    import lightgbm as library

    x, y = toy_matrix("binary", rows=500, seed=1)
    x.values[::3, :2] = 0.0
    settings = {"objective": "binary", "zero_as_missing": True, "verbosity": -1, "num_leaves": 12}
    booster = library.train(settings, library.Dataset(x.values, y), 15)
    own = booster.predict(x.values, pred_contrib=True)
    np.testing.assert_allclose(
        tree_shap(read_lightgbm(booster.model_to_string()), x.values, 1)[:, :, 0], own, atol=1e-10
    )


def test_long_paths_take_another_way_to_the_same_values(monkeypatch):
    """Paths with more features than are tabled are worked out for the patterns that occur."""
    model, x = _fit("regression", leaves=40, min_leaf=3)
    tabled = tree_shap(read_lightgbm(model._text), x.values, 1)
    monkeypatch.setattr(_tree_shap, "MOST_BITS", 1)
    np.testing.assert_allclose(tree_shap(read_lightgbm(model._text), x.values, 1), tabled, atol=1e-12)


def test_blocks_of_rows_fit_together(monkeypatch):
    """More rows than are looked up at once are the same rows."""
    model, x = _fit("binary")
    whole = tree_shap(read_lightgbm(model._text), x.values, 1)
    monkeypatch.setattr(_tree_shap, "MOST_ROWS", 70)
    np.testing.assert_array_equal(tree_shap(read_lightgbm(model._text), x.values, 1), whole)


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_few_rows_and_many_agree(kind, monkeypatch):
    """A few rows go through LightGBM's code, many through ours."""
    model, x = _fit(kind)
    many = model.contributions(x)
    monkeypatch.setattr(lightgbm, "FEW_ROWS", 10**6)
    np.testing.assert_allclose(model.contributions(x), many, atol=1e-8)


@pytest.mark.filterwarnings("ignore")  # what shap warns of is its own
@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_shap_says_the_same(kind):
    """A second opinion: the package of the method's authors."""
    shap = pytest.importorskip("shap", reason="the extra shap is not installed")
    model, x = _fit(kind)
    theirs = np.asarray(shap.TreeExplainer(model._booster).shap_values(x.values))
    ours = tree_shap(read_lightgbm(model._text), x.values, 1)[:, :-1, 0]
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_an_unused_feature_gets_nothing():
    """What no tree looks at moves nothing."""
    model, x = _fit("regression", rounds=1, leaves=2, features=1.0)
    found = tree_shap(read_lightgbm(model._text), x.values, 1)[:, :-1, 0]
    assert (np.abs(found).sum(axis=0) > 0).sum() == 1
