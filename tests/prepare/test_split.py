"""The split: nothing lost, nothing twice, shares kept, copies together, the same seed the same rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openglm.core.plan import Split
from openglm.prepare._split import CROSS_VALIDATED_ROWS, HOLDOUT_ROWS, copies, default_split, split_rows

TARGETS = st.lists(st.integers(0, 3), min_size=4, max_size=120)


@given(TARGETS, st.integers(1, 6), st.floats(0.05, 0.5), st.booleans(), st.integers(0, 9), st.integers(1, 60))
def test_every_row_is_on_exactly_one_side(labels, folds, share, strata, seed, distinct):
    """Training and sealed rows are disjoint and complete, neither empty; small groups are never cut."""
    y = np.array(labels)
    groups = copies({"x": (np.arange(len(y)) % distinct).astype(float)}, y)
    split = Split(sealed_share=share, folds=folds, seed=seed)
    train, sealed, fold = split_rows(y, groups, split, strata=strata)
    assert np.array_equal(np.sort(np.concatenate([train, sealed])), np.arange(len(y)))
    assert len(train)
    assert len(sealed)
    assert len(fold) == len(train)
    assert fold.min() >= (-1 if folds == 1 else 0)
    assert 0 <= fold.max() < folds
    again = split_rows(y, groups, split, strata=strata)
    assert all(np.array_equal(a, b) for a, b in zip((train, sealed, fold), again, strict=True))
    cut = set(groups[train]) & set(groups[sealed]) & set(np.flatnonzero(np.bincount(groups) <= 10).tolist())
    # Where every class is one group of copies, nothing but a single row can be sealed.
    assert not cut or len(sealed) == 1


def test_class_shares_are_kept():
    """Each class has its share of the sealed rows and of every fold, to the row."""
    y = np.repeat([0, 1, 2], [900, 90, 10])
    train, sealed, folds = split_rows(y, np.arange(1000), Split(), strata=True)
    assert np.bincount(y[sealed]).tolist() == [180, 18, 2]
    for fold in range(5):
        assert np.abs(np.bincount(y[train][folds == fold], minlength=3) - [144, 14.4, 1.6]).max() <= 1


def test_rare_classes_are_on_both_sides():
    """Three rows are enough to learn, to choose and to judge; two stay for learning."""
    y = np.repeat([0, 1, 2], [95, 3, 2])
    train, sealed, folds = split_rows(y, np.arange(100), Split(), strata=True)
    assert np.bincount(y[sealed], minlength=3)[1:].tolist() == [1, 0]
    assert len(set(folds[y[train] == 1].tolist())) == 2
    assert len(set(folds[y[train] == 2].tolist())) == 2


def test_random_split_has_the_wanted_size():
    """Without classes the share is met to the row."""
    train, sealed, folds = split_rows(
        np.random.default_rng(0).normal(size=1000), np.arange(1000), Split(), strata=False
    )
    assert (len(train), len(sealed)) == (800, 200)
    assert np.bincount(folds).tolist() == [160] * 5


def test_seeds_differ():
    """Another seed draws other rows."""
    y = np.zeros(100)
    one, other = (split_rows(y, np.arange(100), Split(seed=seed), strata=False)[1] for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_copies_stay_together():
    """No copy of a training row is sealed, nor in another fold."""
    rng = np.random.default_rng(0)
    x = {
        "a": np.repeat(rng.normal(size=100), 3),
        "b": np.array(["u", None, "v"] * 100, dtype=object)[np.repeat(np.arange(100), 3)],
    }
    y = np.repeat(rng.integers(0, 2, 100), 3)
    groups = copies(x, y)
    assert len(np.unique(groups)) == 100
    train, sealed, folds = split_rows(y, groups, Split(), strata=True)
    assert not set(groups[train]) & set(groups[sealed])
    for group in np.unique(groups[train]):
        assert len(set(folds[groups[train] == group].tolist())) == 1
    assert abs(len(sealed) - 60) <= 3


def test_what_counts_as_a_copy():
    """Missing equals missing, -0 equals 0, another target is another row."""
    x = {"a": np.array([np.nan, np.nan, 0.0, -0.0, 1.0]), "b": np.array(["x", "x", None, None, "x"], dtype=object)}
    assert copies(x, np.array([0, 0, 1, 1, 1])).tolist() == [0, 0, 1, 1, 2]
    assert copies(x, np.array([0, 1, 1, 1, 1])).tolist() == [0, 1, 2, 2, 3]


def test_swapped_columns_are_no_copy():
    """The place of a value matters."""
    assert copies({"a": np.array([1.0, 2.0]), "b": np.array([2.0, 1.0])}, np.zeros(2)).tolist() == [0, 1]


def test_rows_that_repeat_by_nature_are_split():
    """A table of few columns with few values still has the wanted share on each side."""
    x = {"a": np.random.default_rng(0).integers(0, 2, 1000).astype(float)}
    train, sealed, _ = split_rows(np.zeros(1000), copies(x, np.zeros(1000)), Split(), strata=False)
    assert (len(train), len(sealed)) == (800, 200)


@pytest.mark.parametrize(("rows", "folds"), [(1000, 5), (CROSS_VALIDATED_ROWS * 2, 1)])
def test_default_split(rows, folds):
    """Large tables get one hold-out part, others cross-validation; the reason is said."""
    split = default_split(rows, True, 7)
    assert (split.folds, split.method, split.seed) == (folds, "stratified", 7)
    assert split.reason


def test_holdout_part_is_capped():
    """Validation rows of a large table are at most as many as help."""
    y = np.zeros(300_000)
    train, _, folds = split_rows(y, np.arange(len(y)), Split(folds=1), strata=False)
    assert (folds == 0).sum() == HOLDOUT_ROWS
    assert (folds == -1).sum() == len(train) - HOLDOUT_ROWS
