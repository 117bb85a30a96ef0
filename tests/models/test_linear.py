"""Weighted sums."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from openglm.core.parts import Matrix, Output
from openglm.models.linear import Linear
from openglm.testing import HandClock, toy_matrix


def test_a_line_is_found():
    """y = 3 + 2a needs two numbers."""
    x = Matrix(np.array([[0.0], [1.0], [2.0]], dtype=np.float32), (Output("a", "a"),))
    model = Linear(kind="regression", classes=0, strength=1e-9).fit(x, np.array([3.0, 5.0, 7.0]), watch=HandClock(None))
    far = Matrix(np.array([[10.0]], dtype=np.float32), x.outputs)
    np.testing.assert_allclose(model.predict(far), [[23.0]], rtol=1e-6)


def test_numpy_answers_are_those_of_scikit_learn():
    """Two classes and three: the same probabilities as the library that fitted."""
    for kind, classes in (("binary", 2), ("multiclass", 3)):
        x, y = toy_matrix(kind, "dense")
        ours = Linear(kind=kind, classes=classes, strength=2.0).fit(x, y, watch=HandClock(None)).predict(x)
        theirs = LogisticRegression(C=0.5, max_iter=2_000).fit(x.values.astype(float), y).predict_proba(x.values)
        np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_stopped_between_bouts_is_partial():
    """A clock that ends after the first bout leaves a usable, partial fit; one that does not end, a whole one."""
    rng = np.random.default_rng(0)
    hard = Matrix(rng.normal(size=(300, 30)).astype(np.float32) * np.logspace(0, 3, 30, dtype=np.float32), ())
    y = (hard.values[:, 0] > 0).astype(np.int64)
    cut = Linear(kind="binary", classes=2, strength=1e-2).fit(hard, y, watch=HandClock(4.0, tick=1.0))
    whole = Linear(kind="binary", classes=2, strength=1e-2).fit(hard, y, watch=HandClock(None))
    assert cut.partial and not whole.partial
    assert np.isfinite(cut.predict(hard)).all()
