"""Permutation importance finds what a formula uses, stops with its clock and leaves its input alone."""

from __future__ import annotations

import numpy as np

from openglm.core.budget import Clock
from openglm.core.metrics import metric
from openglm.explain._importance import permutation_importance, screen, spread

RNG = np.random.default_rng(0)
X = {
    "idle": RNG.normal(size=300), "weak": RNG.normal(size=300), "strong": RNG.normal(size=300),
    "level": RNG.choice(np.array(["a", "b", None], dtype=object), 300),
}  # fmt: skip


def formula(x):
    return (3 * x["strong"] + x["weak"] + 3.0 * (x["level"] == "a"))[:, None]


def _importance(clock=None, seed=0, repeats=3):
    y = formula(X)[:, 0]
    return permutation_importance(
        formula, lambda outputs: metric("rmse").score(y, outputs), X, metric=metric("rmse"), outputs=formula(X),
        clock=clock or Clock(None), seed=seed, repeats=repeats,
    )  # fmt: skip


def test_columns_in_the_order_of_their_use() -> None:
    """The strong column first, then the others, and an unused one costs exactly nothing."""
    found = {item.column: item for item in _importance()}
    assert list(found) == ["strong", "level", "weak", "idle"]
    assert found["idle"].drop == found["idle"].low == found["idle"].high == 0.0
    assert 0 < found["weak"].low < found["weak"].drop < found["weak"].high
    assert found["weak"].repeats == 3


def test_shuffling_a_lone_linear_column_costs_its_variance() -> None:
    """For y = w x shuffled, the expected squared error is 2 w² var(x): RMSE near 3 * sqrt(2 * var)."""
    strong = next(item for item in _importance(repeats=5) if item.column == "strong")
    assert abs(strong.drop - 3 * np.sqrt(2 * X["strong"].var())) < 0.3


def test_same_seed_same_result_and_input_untouched() -> None:
    """Nothing is shuffled in place."""
    before = {name: values.copy() for name, values in X.items()}
    assert _importance(seed=4) == _importance(seed=4) != _importance(seed=5)
    for name, values in X.items():
        np.testing.assert_array_equal(values, before[name])


def test_clock_stops_it_likely_columns_first() -> None:
    """With time for two columns those that go with the answers are measured, once each."""
    ticks = iter([0.0, 0.0, 0.0, 99.0, 99.0, 99.0, *[99.0] * 20])
    found = _importance(clock=Clock(10, now=lambda: next(ticks)))
    assert {item.column for item in found} == {"strong", "level"}
    assert all(item.repeats == 1 and item.low == item.drop == item.high for item in found)


def test_no_time_no_columns() -> None:
    """An expired clock gives an empty answer, not an error."""
    assert _importance(clock=Clock(0.0)) == ()


def test_spread_by_hand() -> None:
    """Of 1, 2, 3: mean 2, standard deviation 1, t(2) = 4.303, so 2 ± 4.303 / sqrt(3)."""
    found = spread("c", [1.0, 2.0, 3.0])
    assert (found.drop, found.repeats) == (2.0, 3)
    np.testing.assert_allclose([found.low, found.high], [2 - 4.303 / 3**0.5, 2 + 4.303 / 3**0.5])


def test_screen_by_hand() -> None:
    """A column equal to the answer explains all of it, the levels half, a constant or a column of gaps nothing."""
    answer = np.array([0.0, 0.0, 2.0, 4.0])
    x = {
        "gaps": np.full(4, np.nan), "constant": np.ones(4), "same": answer,
        "half": np.array(["a", "a", None, None], dtype=object),
    }  # fmt: skip
    outputs = np.stack([-answer, answer], axis=1)
    assert screen(x, outputs)[:2] == ["same", "half"]
    assert screen(x, np.zeros((4, 2))) == list(x)


def test_screen_follows_many_classes() -> None:
    """With more than two outputs the direction in which they move most decides."""
    moving = np.array([0.0, 1, 2, 3, 4, 5])
    outputs = np.stack([moving, -moving, np.zeros(6)], axis=1)
    assert screen({"other": np.array([1.0, -1, 1, -1, 1, -1]), "moving": moving}, outputs)[0] == "moving"
