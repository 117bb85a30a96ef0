"""What all learners do the same way."""

import numpy as np
import pytest

from openglm.core.errors import PlanError
from openglm.core.parts import Matrix, Output
from openglm.models._learner import patience_of, require, sigmoid_pair, softmax
from openglm.models.linear import Linear
from openglm.testing import HandClock, toy_matrix


def test_patience_shrinks_with_rows():
    """Long on small and noisy data, short on large."""
    assert [patience_of(rows) for rows in (0, 100, 10_000, 31_623, 100_000, 10**7)] == [100, 100, 100, 65, 30, 30]


def test_softmax_and_sigmoid_bear_huge_scores():
    """No overflow, whatever the scores."""
    assert softmax(np.array([[1e5, 0.0], [0.0, 0.0]])).tolist() == [[1, 0], [0.5, 0.5]]
    np.testing.assert_allclose(sigmoid_pair(np.array([-1e5, 0.0, 1e5])), [[1, 0], [0.5, 0.5], [0, 1]], atol=1e-300)


def test_a_setting_out_of_range_is_a_plan_error():
    """The message names the setting, its value and its range, in both languages."""
    with pytest.raises(PlanError) as caught:
        require(False, "depth", -1, ">= 1")
    for language in ("en", "zh"):
        assert "depth=-1" in caught.value.message.text(language) and ">= 1" in caught.value.message.text(language)


def test_rows_without_weight_are_as_if_absent():
    """Zero weight is bit for bit the same as leaving the row out."""
    x, y = toy_matrix("binary", "dense", rows=60)
    weight = np.where(np.arange(60) < 40, 1.0, 0.0)
    weighed = Linear(kind="binary", classes=2).fit(x, y, watch=HandClock(None), weight=weight)
    without = Linear(kind="binary", classes=2).fit(
        x.take(slice(0, 40)), y[:40], watch=HandClock(None), weight=weight[:40]
    )
    assert np.array_equal(weighed.predict(x), without.predict(x))


def test_no_row_with_weight_is_an_error():
    """There is nothing to learn from."""
    x, y = toy_matrix("binary", "dense", rows=10)
    with pytest.raises(ValueError, match="weight"):
        Linear(kind="binary", classes=2).fit(x, y, watch=HandClock(None), weight=np.zeros(10))


def test_too_many_rows_are_sampled(monkeypatch):
    """Above the card's limit the learner sees so many rows, the same ones for the same seed."""
    monkeypatch.setattr(Linear, "card", Linear.card.model_copy(update={"max_rows": 50}))
    x, y = toy_matrix("regression", "dense", rows=200)
    answers = [
        Linear(kind="regression", classes=0, seed=seed).fit(x, y, watch=HandClock(None)).predict(x)
        for seed in (0, 0, 1)
    ]
    assert np.array_equal(answers[0], answers[1]) and not np.array_equal(answers[0], answers[2])


def test_an_ended_clock_says_so():
    """Without time there is no model, and no half one either."""
    x, y = toy_matrix("binary", "dense")
    with pytest.raises(TimeoutError):
        Linear(kind="binary", classes=2).fit(x, y, watch=HandClock(0.0))


def test_far_targets_lose_no_digits():
    """A target of a million and a bit is learned as well as the bit alone."""
    x = Matrix(np.linspace(-1, 1, 50, dtype=np.float32)[:, None], (Output("a", "a"),))
    y = 1e9 + x.values[:, 0].astype(float)
    model = Linear(kind="regression", classes=0, strength=1e-6).fit(x, y, watch=HandClock(None))
    np.testing.assert_allclose(model.predict(x)[:, 0] - 1e9, y - 1e9, atol=1e-5)
