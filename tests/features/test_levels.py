"""Counting and looking up levels."""

import numpy as np

from openglm.features._levels import look_up, rank_levels


def test_ranked_by_count_then_spelling():
    """Missing cells are no level; rare levels can be left out; the list can be cut."""
    values = np.array(["b", "a", None, "b", "a", "c"], dtype=object)
    assert rank_levels(values, most=10) == ["a", "b", "c"]
    assert rank_levels(values, most=10, at_least=2) == ["a", "b"]
    assert rank_levels(values, most=1) == ["a"]


def test_look_up_falls_back():
    """What the table lacks gets the other value, None included."""
    found = look_up(np.array(["x", None, "y"], dtype=object), {"x": 4.0}, -1.0)
    assert found.dtype == np.float32 and found.tolist() == [4.0, -1.0, -1.0]
