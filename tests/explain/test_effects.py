"""Partial dependence of formulas is known, so it can be compared."""

import numpy as np

from openglm.core.budget import Clock
from openglm.core.schema import Column, Schema
from openglm.explain._effects import effects
from openglm.testing import HandClock

SCHEMA = Schema(
    columns=(
        Column(name="a", role="numeric", dtype="float"), Column(name="b", role="numeric", dtype="float"),
        Column(name="level", role="category", dtype="str"), Column(name="day", role="date", dtype="date"),
        Column(name="words", role="text", dtype="str"), Column(name="same", role="numeric", dtype="float"),
    ),
    rows=0,
)  # fmt: skip


def _rows(n=400):
    rng = np.random.default_rng(0)
    return {
        "a": rng.normal(size=n), "b": rng.normal(size=n), "level": rng.choice(np.array(["x", "y", None], dtype=object), n),
        "day": 86_400.0 * rng.integers(19_000, 19_300, n), "words": np.array(["w"] * n, dtype=object), "same": np.ones(n),
    }  # fmt: skip


def _model(x):
    level = np.array([{"x": 1.0, "y": -1.0}.get(v, 0.0) for v in x["level"]])
    return (3 * x["a"] + x["a"] * x["b"] + level)[:, None]


def _effects(columns, clock=None, **more):
    x = _rows()
    return effects(_model, SCHEMA, x, columns, clock=clock or Clock(None), row_s=1e-6, seed=0, **more)


def test_a_number_follows_the_formula():
    """The mean line has the slope of the formula, and the band the spread of its interaction."""
    (found,) = _effects(["a"])
    grid, mean = np.array(found.grid), np.array(found.mean)
    assert 10 <= len(grid) <= 20 and found.role == "numeric" and found.label == ""
    slope = np.polyfit(grid, mean, 1)[0]
    assert abs(slope - 3) < 0.25
    assert all(low <= 0 <= high for low, high in zip(found.low, found.high, strict=True))
    assert found.high[0] > 1 > found.high[len(grid) // 2], "rows differ at the ends, where the interaction shows"
    assert abs(sum(found.share) - 1) < 1e-3


def test_levels_dates_and_what_has_no_effect_to_show():
    """Levels come by frequency, dates in seconds; text and constants are passed over."""
    found = {effect.column: effect for effect in _effects(["words", "same", "level", "day"])}
    assert set(found) == {"level", "day"}
    mean = dict(zip(found["level"].grid, found["level"].mean, strict=True))
    assert abs(mean["x"] - mean["y"] - 2) < 1e-4
    assert sum(found["level"].share) < 0.8, "a third of the rows has no level"
    assert np.ptp(found["day"].mean) < 1e-4 and found["day"].role == "date"


def test_of_many_classes_the_one_that_moves_most():
    """Its name is told; of two classes it is the second."""

    def three(x):
        p = 1 / (1 + np.exp(-x["a"]))
        return np.stack([0.1 * np.ones_like(p), 0.9 * p, 0.9 * (1 - p)], axis=1)

    found = effects(three, SCHEMA, _rows(), ["a"], clock=Clock(None), row_s=1e-6, seed=0, labels=["k", "l", "m"])
    assert found[0].label in ("l", "m")
    two = effects(
        lambda x: three(x)[:, 1:], SCHEMA, _rows(), ["a"], clock=Clock(None), row_s=1e-6, seed=0, labels=["l", "m"]
    )
    assert two[0].label == "m" and two[0].mean[0] > two[0].mean[-1]


def test_the_clock_is_kept():
    """Without time there is nothing; with a slow model fewer columns."""
    assert _effects(["a", "b"], clock=HandClock(0.0)) == ()
    x = _rows()
    few = effects(_model, SCHEMA, x, ["a", "b", "day"], clock=HandClock(1.0, tick=0.1), row_s=1e-3, seed=0)
    assert 1 <= len(few) < 3
    assert effects(_model, SCHEMA, {k: v[:0] for k, v in x.items()}, ["a"], clock=Clock(None), row_s=1e-6, seed=0) == ()
