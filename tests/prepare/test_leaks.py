"""Leaks: copies of the target are found, honest columns are left in peace."""

import numpy as np
import pytest

from openglm.prepare._leaks import KEPT, find_leaks

RNG = np.random.default_rng(0)
Y = np.array([0, 0, 1] * 40)
VALUE = RNG.normal(50, 9, 120)


def codes(x, y=Y, kind="binary", named=()):
    return [finding.code for finding in find_leaks({"c": np.asarray(x)}, y, kind, "y", named)]


def words(values):
    return np.array(values, dtype=object)


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (Y.astype(float), "leak-copy"),
        (1.0 - Y, "leak-copy"),
        (words(np.where(Y == 1, "left", "stayed").tolist()), "leak-copy"),
        (words([None if i % 3 == 0 else "ab"[y] for i, y in enumerate(np.tile([0, 1], 60))])[:120], ""),
        (Y + RNG.uniform(0, 0.9, 120), "leak-perfect-ranking"),
        (-Y - RNG.uniform(0, 0.9, 120), "leak-perfect-ranking"),
        (Y + RNG.uniform(0, 1.1, 120), ""),
        (RNG.normal(size=120), ""),
        (words(RNG.choice(["a", "b"], 120).tolist()), ""),
        (words([f"{i}" for i in range(120)]), ""),
        (np.full(120, np.nan), ""),
        (words([None] * 120), ""),
    ],
)
def test_two_classes(column, code):
    """Renamed classes and perfect rankings are leaks; a column of row names is not."""
    assert codes(column) == ([code] if code else [])


def test_a_copy_with_gaps_is_a_copy():
    """Missing cells do not hide a copy."""
    column = words(["left" if y else "stayed" for y in Y])
    column[::5] = None
    assert codes(column) == ["leak-copy"]


def test_several_classes():
    """One name for each class, in any order, is a copy; a coarser or finer one is not."""
    y = np.tile([0, 1, 2], 40)
    assert codes(words([("x", "y", "z")[i] for i in y]), y, "multiclass") == ["leak-copy"]
    assert codes(words([("x", "y", "y")[i] for i in y]), y, "multiclass") == []
    assert codes(y * 7.0, y, "multiclass") == ["leak-copy"]


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (VALUE, "leak-copy"),
        (VALUE * 10_000 + 3, "leak-linear-copy"),
        (-VALUE / 7, "leak-linear-copy"),
        (VALUE + RNG.normal(size=120) * 1e-3, ""),
        (VALUE**2, ""),
        (RNG.normal(size=120), ""),
        (np.full(120, 3.0), ""),
        (words(["a"] * 120), ""),
    ],
)
def test_numbers(column, code):
    """The target in another unit is a leak; a close relation is not."""
    assert codes(column, VALUE, "regression") == ([code] if code else [])


def test_tiny_tables_prove_nothing():
    """With few rows, or few of one class, agreement may be chance."""
    assert codes(Y[:20].astype(float), Y[:20]) == []
    rare = np.array([1] * 3 + [0] * 97)
    assert codes(rare.astype(float), rare) == []


def test_named_inputs_are_kept_and_reported():
    """Who asks for a column by name gets it, with the warning."""
    (finding,) = find_leaks({"c": Y.astype(float)}, Y, "binary", "y", ("c",))
    assert finding.fix == KEPT
    assert finding.severity == "warning"
    (other,) = find_leaks({"c": Y.astype(float)}, Y, "binary", "y", ())
    assert "inputs=['c'" in other.fix.en
