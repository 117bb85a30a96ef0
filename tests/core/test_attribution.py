"""Sampled Shapley values keep Shapley's promises: they add up, treat equals alike, and give an idle column nothing."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openglm.core.attribution import shapley

RNG = np.random.default_rng(0)


def _columns(rows: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    return {
        "a": rng.normal(size=rows), "b": rng.normal(size=rows), "idle": rng.normal(size=rows),
        "level": rng.choice(np.array(["x", "y", None], dtype=object), rows),
    }  # fmt: skip


def _model(x):
    """Return two outputs with an interaction and a category."""
    level = np.array([{"x": 1.0, "y": -2.0}.get(v, 0.5) for v in x["level"]])
    value = 2 * x["a"] * x["b"] + np.maximum(x["a"], 0) + level * x["b"]
    return np.stack([value, -3 * value + x["a"]], axis=1)


def _exact(model, x, background, row: int):
    """Shapley (1953) by all orders and all background rows."""
    names, back = list(x), len(next(iter(background.values())))
    total = dict.fromkeys(names, 0.0)

    def value(known) -> float:
        mixed = {n: np.repeat(x[n][row : row + 1], back) if n in known else background[n] for n in names}
        return float(model(mixed)[:, 0].mean())

    for order in itertools.permutations(names):
        known: set[str] = set()
        for name in order:
            before = value(known)
            known.add(name)
            total[name] += value(known) - before
    return np.array([total[name] for name in names]) / math.factorial(len(names))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 5), st.integers(1, 40), st.sampled_from([2, 4, 16]))
def test_contributions_add_up_exactly(seed: int, rows: int, back: int, orders: int) -> None:
    """Base plus contributions is the prediction, whatever the sample of orders."""
    x = _columns(rows, seed)
    values, base, full = shapley(_model, x, _columns(back, seed + 1), orders=orders, seed=seed)
    assert values.shape == (rows, 4)
    np.testing.assert_allclose(values.sum(axis=1) + base, full, atol=1e-9)
    np.testing.assert_allclose(full, _model(x)[:, 0], atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_idle_column_gets_exactly_nothing(seed: int) -> None:
    """A column the model never reads has no part in any prediction."""
    values, _, _ = shapley(_model, _columns(3, seed), _columns(10, seed + 1), seed=seed)
    assert (values[:, 2] == 0).all()


def test_additive_model_is_explained_exactly() -> None:
    """Without interactions a contribution is the move of its own term, and the base the mean of the background."""
    x, background = {"a": np.array([3.0]), "b": np.array([-1.0])}, {"a": np.array([1.0]), "b": np.array([1.0])}
    values, base, full = shapley(lambda c: (2 * c["a"] + 5 * c["b"])[:, None], x, background)
    np.testing.assert_allclose(values, [[2 * (3 - 1), 5 * (-1 - 1)]])
    np.testing.assert_allclose([base[0], full[0]], [7.0, 1.0])


def test_equal_columns_get_equal_parts() -> None:
    """Two columns that play the same part in a product share it evenly: an order and its reverse cancel the luck."""
    x, background = {"a": np.array([2.0]), "b": np.array([2.0])}, {"a": np.array([0.0]), "b": np.array([0.0])}
    values, _, _ = shapley(lambda c: (c["a"] * c["b"])[:, None], x, background, orders=2)
    np.testing.assert_allclose(values, [[2.0, 2.0]])


def test_close_to_the_exact_values() -> None:
    """With many orders the sample agrees with the sum over all orders."""
    x, background = _columns(2, 3), _columns(1, 4)
    values, _, _ = shapley(_model, x, background, orders=1000, seed=0)
    exact = np.stack([_exact(_model, x, background, row) for row in range(2)])
    np.testing.assert_allclose(values, exact, atol=0.1)


def test_categories_move_predictions() -> None:
    """A level is replaced as a whole, a missing one included, and its move is its contribution."""
    score = {"x": 1.0, "y": 4.0, None: 10.0}

    def model(c):
        return np.array([[score[v]] for v in c["level"]])

    x = {"level": np.array(["x", None], dtype=object)}
    values, base, full = shapley(model, x, {"level": np.array(["y"], dtype=object)})
    np.testing.assert_allclose(values[:, 0], [-3.0, 6.0])
    np.testing.assert_allclose(base, [4.0, 4.0])
    np.testing.assert_allclose(full, [1.0, 10.0])


def test_focus_chooses_the_output_of_each_row() -> None:
    """Row by row the wanted output is explained; by default the first."""
    x, background = _columns(2), _columns(6, 1)
    first, _, _ = shapley(_model, x, background, seed=1)
    second, _, full = shapley(_model, x, background, seed=1, focus=np.array([1, 0]))
    np.testing.assert_array_equal(second[1], first[1])
    assert (second[0] != first[0]).any()
    np.testing.assert_allclose(full, [_model(x)[0, 1], _model(x)[1, 0]])


def test_seed_fixes_the_result() -> None:
    """The same seed gives the same numbers, another one others."""
    x, background = _columns(2), _columns(30, 1)
    one, again, other = (shapley(_model, x, background, seed=seed)[0] for seed in (7, 7, 8))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_inputs_are_left_untouched() -> None:
    """Neither the rows nor the background change."""
    x, background = _columns(3), _columns(5, 1)
    kept = [{name: values.copy() for name, values in c.items()} for c in (x, background)]
    shapley(_model, x, background)
    for before, after in zip(kept, (x, background), strict=True):
        for name, values in before.items():
            np.testing.assert_array_equal(after[name], values)


def test_no_rows_no_contributions() -> None:
    """An empty table is explained by an empty table."""
    values, base, full = shapley(_model, _columns(0), _columns(3))
    assert values.shape == (0, 4)
    assert len(base) == len(full) == 0


@pytest.mark.parametrize("back", [1, 3])
def test_few_background_rows_are_enough(back: int) -> None:
    """Fewer background rows than orders are used again, and the base stays their mean prediction when there is one."""
    background = _columns(back, 9)
    values, base, full = shapley(_model, _columns(2), background)
    np.testing.assert_allclose(values.sum(axis=1) + base, full)
    if back == 1:
        np.testing.assert_allclose(base, _model(background)[0, 0])
