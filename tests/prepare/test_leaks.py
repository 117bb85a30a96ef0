"""Leaks: what gives the target away is noticed, honest columns are left in peace."""

import numpy as np
import pytest

from openglm.core.schema import Column
from openglm.prepare._leaks import exact, look, name_hint
from openglm.prepare._lone import bins_of, distinct, lone, truth_of

RNG = np.random.default_rng(0)
Y = np.array([0, 0, 1] * 40)
VALUE = RNG.normal(50, 9, 120)


def words(values):
    return np.array(values, dtype=object)


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (Y.astype(float), "copy"),
        (1.0 - Y, "copy"),
        (words(np.where(Y == 1, "left", "stayed").tolist()), "copy"),
        (words([None if i % 3 == 0 else "ab"[y] for i, y in enumerate(np.tile([0, 1], 60))])[:120], ""),
        (Y + RNG.uniform(0, 0.9, 120), "perfect-ranking"),
        (-Y - RNG.uniform(0, 0.9, 120), "perfect-ranking"),
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
    assert exact(column, Y, "binary") == code


def test_a_copy_with_gaps_is_a_copy():
    """Missing cells do not hide a copy."""
    column = words(["left" if y else "stayed" for y in Y])
    column[::5] = None
    assert exact(column, Y, "binary") == "copy"


def test_several_classes():
    """One name or one interval for each class, in any order, gives it away; a coarser column does not."""
    y = np.tile([0, 1, 2], 40)
    assert exact(words([("x", "y", "z")[i] for i in y]), y, "multiclass") == "copy"
    assert exact(words([("x", "y", "y")[i] for i in y]), y, "multiclass") == ""
    assert exact(y * 7.0, y, "multiclass") == "copy"
    assert exact((y + 1) % 3 + RNG.uniform(0, 0.9, 120), y, "multiclass") == "perfect-ranking"


@pytest.mark.parametrize(
    ("column", "code"),
    [
        (VALUE, "copy"),
        (VALUE * 10_000 + 3, "linear-copy"),
        (-VALUE / 7, "linear-copy"),
        (np.log(VALUE), "monotone"),
        (-(VALUE**3), "monotone"),
        (VALUE + RNG.normal(size=120), ""),
        (RNG.normal(size=120), ""),
        (np.full(120, 3.0), ""),
        (words(["a"] * 120), ""),
    ],
)
def test_numbers(column, code):
    """The target in another unit or through a rising function is a leak; a close relation is not certain."""
    assert exact(column, VALUE, "regression") == code


def test_tiny_tables_prove_nothing():
    """With few rows, or few of one class, agreement may be chance."""
    assert exact(Y[:20].astype(float), Y[:20], "binary") == ""
    rare = np.array([1] * 3 + [0] * 97)
    assert exact(rare.astype(float), rare, "binary") == ""


@pytest.mark.parametrize(
    ("name", "target", "speaks"),
    [
        ("cancel_date", "churn", True), ("ChurnReason", "left", True), ("refund_amount", "y", True), ("流失原因", "是否流失", True),
        ("赔付金额", "欺诈", True), ("结案日期", "欺诈", True), ("final_result", "grade", True), ("price_level", "price", True),
        ("tenure", "churn", False), ("median_income", "median_house_value", False), ("afternoon_temp", "load", False),
        ("建筑面积", "总价万元", False), ("target_group", "target", True), ("classroom", "class", False),
    ],
)  # fmt: skip
def test_names(name, target, speaks):
    """A name that speaks of the outcome, or of the target, is a hint in both languages."""
    assert bool(name_hint(name, target)) == speaks


# ── one column alone ──


def truth(y, kind, forward=False):
    return truth_of(y, kind, np.arange(len(y)) % 5, forward)


def alone(values, t):
    codes, count = distinct(values)
    return lone(*bins_of(codes, count, values.dtype != object, t), t)


def test_lone_scores_by_hand():
    """A copy is perfect, noise is chance, a copy with a tenth of its labels wrong avoids what it should."""
    y = np.tile([0, 1], 500)
    t = truth(y, "binary")
    assert alone(y * 3.0, t).skill == 1
    assert abs(alone(RNG.normal(size=1000), t).gini) < 0.15
    wrong = y.copy()
    wrong[:1000:10] = 1 - wrong[:1000:10]  # 100 of 1,000 rows, chance is 500 errors
    assert alone(wrong * 1.0, t).skill == pytest.approx(0.8)
    assert alone(wrong * 1.0, t).gini == pytest.approx(0.8, abs=0.02)


def test_lone_is_judged_on_other_rows():
    """A category with a level for each pair of rows of one fold knows nothing about other folds."""
    y = RNG.integers(0, 2, 1000)
    level = words([f"{i % 5}-{i // 10}" for i in range(1000)])
    assert alone(level, truth(y, "binary")).skill < 0.1


def test_forward_folds_learn_from_the_past_only():
    """Along time the first fold learns from the rows before it, and never from later ones."""
    folds = np.repeat([-1, 0, 1, 2], 50)
    t = truth_of(np.tile([0.0, 1.0], 100), "regression", folds, True)
    assert [int(t.learned(fold).sum()) for fold in t.judged] == [50, 100, 150]


# ── signs ──


def signs(x, y, kind, columns=(), times=None, order=None):
    order = np.arange(len(y)) if order is None else order
    seen = look(
        x, y, truth(y, kind), columns=columns, kind=kind, target="y", keys={}, times=times, order=order,
    )  # fmt: skip
    return {name: [sign.code for sign in one.signs] for name, one in seen.items() if one.signs}


def test_gaps_that_go_with_the_outcome():
    """A column filled for one class only is a sign; one with random gaps is not."""
    y = RNG.integers(0, 2, 1000)
    late = np.where((y == 1) ^ (RNG.random(1000) < 0.02), RNG.normal(size=1000), np.nan)
    some = np.where(RNG.random(1000) < 0.5, RNG.normal(size=1000), np.nan)
    found = signs({"late": late, "some": some}, y, "binary")
    assert found["late"][0] == "after-outcome"
    assert "some" not in found


def test_own_means_are_told_from_honest_scores():
    """A mean over the rows themselves is certain; a forecast made before them, however good, is no group statistic."""
    group = RNG.integers(0, 300, 2000)
    level = RNG.uniform(0.1, 0.9, 300)
    y = (RNG.random(2000) < level[group]).astype(int)
    means = np.bincount(group, y, 300) / np.bincount(group, minlength=300)
    x = {"key": words([f"k{g}" for g in group]), "means": means[group], "known": level[group]}
    found = signs(x, y, "binary")
    assert "group-statistic" in found["means"]
    assert "known" not in found


def test_a_later_date_whose_distance_tells():
    """Days until the end that depend on the outcome are a sign; a due date fixed in advance is not."""
    y = RNG.integers(0, 2, 800)
    start = RNG.integers(0, 400, 800) * 86400.0
    x = {"from": start, "until": start + (5 + 60 * y + RNG.integers(0, 50, 800)) * 86400, "due": start + 30 * 86400}
    columns = tuple(Column(name=name, role="date", dtype="date") for name in x)
    found = signs(x, y, "binary", columns)
    assert found["until"][0] == "future-date"
    assert set(found) == {"until"}


def test_a_running_number_in_a_sorted_table():
    """In a table sorted by class a number that counts its rows is noticed; in a shuffled one it is not."""
    y = np.sort(RNG.integers(0, 2, 600))
    number = 500.0 + np.cumsum(RNG.integers(1, 9, 600))
    assert "row-order" in signs({"no": number}, y, "binary")["no"]
    assert signs({"no": number}, RNG.permutation(y), "binary") == {}


def test_a_key_that_determines_the_target():
    """Levels that come back with the same answer every time are noticed."""
    key = np.repeat(np.arange(300), 4)
    y = RNG.integers(0, 2, 300)[key]
    order = RNG.permutation(len(key))
    found = signs({"key": words([f"k{k}" for k in key[order]])}, y[order], "binary")
    assert found == {"key": ["encoded-target"]}
