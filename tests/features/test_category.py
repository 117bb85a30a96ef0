"""Category codes for trees."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from openglm.features.category import Category


def column(*values):
    return {"c": np.array(values, dtype=object)}


def test_codes_follow_frequency_then_spelling():
    """b occurs three times; a and c twice each, so spelling decides; d once."""
    x = column("b", "a", "c", "b", "d", "c", "a", "b", None)
    part = Category(columns=("c",)).fit(x, None)
    assert part.state() == {"levels": [["b", "a", "c", "d"]]}
    np.testing.assert_array_equal(part.transform(column("d", "b", None, "e"))[:, 0], [3, 0, np.nan, np.nan])
    assert part.outputs[0].levels == 4


def test_surplus_levels_are_missing():
    """Only the most frequent levels keep a code."""
    part = Category(columns=("c",), max_levels=1).fit(column("x", "y", "y"), None)
    np.testing.assert_array_equal(part.transform(column("x", "y"))[:, 0], [np.nan, 0])


def test_a_column_without_levels_has_no_output():
    """Nothing seen in training is nothing to tell apart."""
    part = Category(columns=("c",)).fit(column(None, None), None)
    assert part.outputs == ()
    assert part.transform(column("x", None)).shape == (2, 0)


@given(st.lists(st.one_of(st.none(), st.text(max_size=3)), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_equal_cells_have_equal_codes_and_others_not(values):
    """Codes are one to one with levels, whatever the levels are spelled like."""
    x = column(*values)
    part = Category(columns=("c",)).fit(x, None)
    assume(part.outputs)
    codes = part.transform(x)[:, 0]
    levels = part.state()["levels"][0]
    assert [None if np.isnan(code) else levels[int(code)] for code in codes] == values
