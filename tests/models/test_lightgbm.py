"""LightGBM's own promises."""

import zlib

import numpy as np
import pytest

from openglm.core.errors import PlanError
from openglm.core.parts import Matrix, Output
from openglm.models.lightgbm import LightGBM, _leaves_for
from openglm.testing import HandClock, toy_matrix


def test_early_stopping_keeps_the_best_rounds():
    """On pure noise hardly any round helps, so few are kept, and the model has just those."""
    rng = np.random.default_rng(0)
    x = Matrix(rng.normal(size=(400, 3)).astype(np.float32), tuple(Output(n, n) for n in "abc"))
    y = rng.integers(0, 2, 400)
    model = LightGBM(kind="binary", classes=2, max_rounds=150).fit(
        x.take(slice(0, 200)), y[:200], valid=(x.take(slice(200, None)), y[200:]), watch=HandClock(None)
    )
    assert 1 <= model.rounds < 60
    assert zlib.decompress(model.state()["model"]).count(b"Tree=") == model.rounds


def test_categories_are_split_as_sets():
    """Levels 1, 3, 5 against 0, 2, 4: one split tells them apart natively, none does by order."""
    codes = np.tile(np.arange(6), 50)
    x = Matrix(codes[:, None].astype(np.float32), (Output("城市", "城市", 6),))
    y = codes % 2
    settings = {"kind": "binary", "classes": 2, "leaves": 2, "learning_rate": 0.5, "rows": 1.0}
    native = LightGBM(**settings).fit(x, y, watch=HandClock(None), rounds=5).predict(x)
    ordered = LightGBM(**settings, native_levels=5).fit(x, y, watch=HandClock(None), rounds=5).predict(x)
    wrong = [np.abs(p[:, 1] - y).mean() for p in (native, ordered)]
    assert wrong[0] < 0.7 * wrong[1]


def test_leaves_grow_with_rows():
    """Small data gets small trees unless told otherwise."""
    assert [_leaves_for(rows) for rows in (500, 9_999, 10_000, 50_000)] == [15, 15, 31, 63]


def test_rounds_are_kept_exactly():
    """A given number of rounds is trained, even beyond ``max_rounds``: it was found with validation rows."""
    x, y = toy_matrix("binary")
    model = LightGBM(kind="binary", classes=2, max_rounds=3).fit(x, y, watch=HandClock(None), rounds=7)
    assert model.rounds == 7 and zlib.decompress(model.state()["model"]).count(b"Tree=") == 7


@pytest.mark.parametrize(
    "params",
    [
        {"max_rounds": 0},
        {"learning_rate": 0.0},
        {"leaves": 1},
        {"min_leaf": 0},
        {"features": 0.0},
        {"rows": 2.0},
        {"l2": -1.0},
    ],
)
def test_settings_out_of_range_are_refused(params):
    """The error names the setting instead of the library failing somewhere inside."""
    x, y = toy_matrix("binary")
    with pytest.raises(PlanError, match=next(iter(params))):
        LightGBM(kind="binary", classes=2, **params).fit(x, y, watch=HandClock(None))
