"""Nearest neighbours."""

import numpy as np
import pytest

from openglm.core.errors import PlanError
from openglm.core.parts import Matrix, Output
from openglm.models import knn
from openglm.models.knn import Knn
from openglm.testing import HandClock, toy_matrix


def line(*places):
    return Matrix(np.array(places, dtype=np.float32)[:, None], (Output("a", "a"),))


def test_kernel_weights_worked_by_hand():
    """Asking two of 0, 1, 3 from 0.5: the third is 2.5 away, so both near ones weigh 1 - 0.25/6.25 alike."""
    x, y = line(0.0, 1.0, 3.0), np.array([10.0, 20.0, 90.0])
    model = Knn(kind="regression", classes=0, neighbors=2).fit(x, y, watch=HandClock(None))
    np.testing.assert_allclose(model.predict(line(0.5)), [[15.0]])
    # From 0: distances² 0, 1 and end 9: weights 1 and 8/9.
    np.testing.assert_allclose(model.predict(line(0.0)), [[(10 + 20 * 8 / 9) / (1 + 8 / 9)]])


def test_distance_and_uniform_weights():
    """From 0.25 the neighbours are 0.25 and 0.75 away: weights 3 to 1, or 1 to 1; at a known row that row decides."""
    x, y = line(0.0, 1.0, 30.0), np.array([10.0, 20.0, 90.0])
    by = {
        w: Knn(kind="regression", classes=0, neighbors=2, weights=w).fit(x, y, watch=HandClock(None))
        for w in ("distance", "uniform")
    }
    np.testing.assert_allclose(by["distance"].predict(line(0.25, 1.0)), [[12.5], [20.0]])
    np.testing.assert_allclose(by["uniform"].predict(line(0.25, 1.0)), [[15.0], [15.0]])


def test_class_shares_have_one_voice():
    """Two neighbours say class 0; with the shares (2/3, 1/3) as one more voice that is (2 + 2/3) / 3."""
    x, y = line(0.0, 0.1, 9.0), np.array([0, 0, 1])
    model = Knn(kind="binary", classes=2, neighbors=2, weights="uniform").fit(x, y, watch=HandClock(None))
    np.testing.assert_allclose(model.predict(line(0.05)), [[8 / 9, 1 / 9]])


def test_blocks_do_not_change_answers(monkeypatch):
    """Rows worked out in many small blocks get the answers of one large block."""
    x, y = toy_matrix("multiclass", "dense")
    model = Knn(kind="multiclass", classes=3).fit(x, y, watch=HandClock(None))
    whole = model.predict(x)
    monkeypatch.setattr(knn, "BLOCK_CELLS", 500)
    np.testing.assert_allclose(model.predict(x), whole, rtol=1e-6)


def test_many_features_mean_fewer_rows(monkeypatch):
    """Rows times features are bounded, so that the saved size and the time of one answer are."""
    monkeypatch.setattr(knn, "MOST_CELLS", 400)
    monkeypatch.setattr(knn, "FEWEST_ROWS", 10)
    x, y = toy_matrix("binary", "dense")
    model = Knn(kind="binary", classes=2).fit(x, y, watch=HandClock(None), weight=np.linspace(0.1, 1, 120))
    assert model.state()["x"].shape == (50, 8) and len(model.state()["weight"]) == len(model.state()["y"]) == 50


def test_unknown_weights_are_refused():
    """The message lists what there is."""
    x, y = toy_matrix("binary", "dense")
    with pytest.raises(PlanError, match="kernel"):
        Knn(kind="binary", classes=2, weights="cosine").fit(x, y, watch=HandClock(None))
