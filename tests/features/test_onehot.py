"""One column per level."""

import numpy as np

from openglm.features.onehot import OneHot


def column(*values):
    return {"c": np.array(values, dtype=object)}


def names(part):
    return [output.name for output in part.outputs]


def test_frequent_levels_other_and_missing():
    """a has 3 rows, b 2; c is too rare and becomes "other", which unseen levels join; None has its own column."""
    part = OneHot(columns=("c",), min_rows=2).fit(column("a", "a", "a", "b", "b", "c", None), None)
    assert names(part) == ["c=a", "c=b", "c[other]", "c[missing]"]
    found = part.transform(column("a", "b", "c", None, "unseen"))
    assert found.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, 0]]


def test_what_training_never_had_is_all_zeros():
    """Without rare levels and missing cells in training, unseen and missing have no place."""
    part = OneHot(columns=("c",), min_rows=1).fit(column("a", "b"), None)
    assert names(part) == ["c=a", "c=b"]
    assert part.transform(column("unseen", None)).tolist() == [[0, 0], [0, 0]]


def test_missing_is_never_other():
    """A missing cell does not join the rare levels, even when training had none missing."""
    part = OneHot(columns=("c",), min_rows=2).fit(column("a", "a", "b"), None)
    assert names(part) == ["c=a", "c[other]"]
    assert part.transform(column(None)).tolist() == [[0, 0]]


def test_a_column_that_is_the_same_everywhere_has_no_output():
    """One level, or only missing, or only rare levels: nothing to add up."""
    for values in (("a", "a"), (None, None), ("a", "b")):
        assert OneHot(columns=("c",), min_rows=2).fit(column(*values), None).outputs == ()


def test_at_most_so_many_levels():
    """The rarest levels above the limit share "other"."""
    part = OneHot(columns=("c",), max_levels=2, min_rows=1).fit(column("a", "a", "a", "b", "b", "c"), None)
    assert names(part) == ["c=a", "c=b", "c[other]"]
