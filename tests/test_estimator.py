"""``AutoModel`` keeps scikit-learn's promises, checked by scikit-learn itself."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_wine
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from openglm import AutoModel


@parametrize_with_checks(
    [AutoModel(kind="classification", trials=1), AutoModel(kind="regression", trials=1), AutoModel(trials=1)]
)
def test_scikit_learn_contract(estimator, check):
    """Every check that scikit-learn has for an estimator."""
    check(estimator)


def test_classes_of_any_type():
    """Labels come back in their own type, probabilities in the order of ``classes_``, data frames are taken as they are."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    X = X.assign(kind=np.where(X["alcohol"] > 13, "strong", "light"))
    names = np.array(["甲", "乙", "丙"])[y]
    model = AutoModel(trials=2).fit(X, names)
    assert set(model.predict(X)) == {"甲", "乙", "丙"}
    assert model.score(X, names) > 0.9
    proba = model.predict_proba(X)
    assert proba.sum(axis=1) == pytest.approx(1)
    assert (model.classes_[proba.argmax(axis=1)] == model.predict(X)).all()


def test_in_scikit_learns_tools():
    """Clones and cross-validation work."""
    X, y = load_diabetes(return_X_y=True)
    scores = cross_val_score(clone(AutoModel(kind="regression", trials=2)), X, y, cv=2)
    assert scores.mean() > 0.3


def test_missing_cells_are_allowed():
    """Not-a-number in X is a missing cell."""
    X, y = load_diabetes(return_X_y=True)
    X[::3, 0] = np.nan
    assert np.isfinite(AutoModel(trials=1).fit(pd.DataFrame(X), y).predict(X)).all()
