"""CatBoost's own promises."""

import numpy as np
import pytest

from openglm.core.errors import PlanError
from openglm.core.parts import Matrix, Output
from openglm.testing import HandClock, toy_matrix

pytest.importorskip("catboost")

from openglm.models.catboost import CatBoost


def test_categories_are_categories():
    """Levels in no order are told apart by one-hot and by target statistics, with numbers before, between and after."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 30, 400)
    odd = codes % 2
    values = np.stack([rng.normal(size=400), codes, rng.normal(size=400), codes // 10], axis=1).astype(np.float32)
    values[:9, 1] = np.nan
    outputs = (Output("a", "a"), Output("城市", "城市", 30), Output("b", "b"), Output("区", "区", 3))
    x = Matrix(values, outputs)
    for one_hot in (2, 40):
        model = CatBoost(kind="binary", classes=2, one_hot_levels=one_hot, depth=4).fit(
            x, odd, watch=HandClock(None), rounds=80
        )
        assert np.mean((model.predict(x)[:, 1] > 0.5) == odd) > 0.85


def test_early_stopping_keeps_the_best_rounds():
    """On pure noise hardly any round helps, so few are kept."""
    rng = np.random.default_rng(0)
    x = Matrix(rng.normal(size=(200, 3)).astype(np.float32), tuple(Output(n, n) for n in "abc"))
    y = rng.integers(0, 2, 200)
    model = CatBoost(kind="binary", classes=2, max_rounds=120, depth=3).fit(
        x.take(slice(0, 100)), y[:100], valid=(x.take(slice(100, None)), y[100:]), watch=HandClock(None)
    )
    assert 1 <= model.rounds < 60 and not model.partial


def test_nothing_is_written_beside(tmp_path, monkeypatch):
    """The library's habit of leaving a catboost_info folder in the working directory is off."""
    monkeypatch.chdir(tmp_path)
    x, y = toy_matrix("binary")
    CatBoost(kind="binary", classes=2).fit(x, y, watch=HandClock(None), rounds=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "params", [{"max_rounds": 0}, {"learning_rate": 0.0}, {"depth": 17}, {"l2": 0.0}, {"one_hot_levels": 1}]
)
def test_settings_out_of_range_are_refused(params):
    """The error names the setting instead of the library failing somewhere inside."""
    x, y = toy_matrix("binary")
    with pytest.raises(PlanError, match=next(iter(params))):
        CatBoost(kind="binary", classes=2, **params).fit(x, y, watch=HandClock(None))
