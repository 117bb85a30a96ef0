"""Numbers for trees."""

import numpy as np

from openglm.features.numeric import Numeric

BIGGEST = np.finfo(np.float32).max


def test_values_pass_and_missing_stays():
    """What comes in goes out, in the order of the columns, missing included."""
    x = {"b": np.array([1.5, np.nan]), "a": np.array([-2.0, 0.0])}
    part = Numeric(columns=("a", "b")).fit(x, None)
    np.testing.assert_array_equal(part.transform(x), np.array([[-2.0, 1.5], [0.0, np.nan]], dtype=np.float32))
    assert [output.name for output in part.outputs] == ["a", "b"]


def test_what_float32_cannot_hold_is_clipped_to_its_range():
    """Huge and infinite values become the largest finite ones, without a warning."""
    x = {"a": np.array([1e300, -1e300, np.inf, -np.inf])}
    found = Numeric(columns=("a",)).fit(x, None).transform(x)[:, 0]
    assert found.tolist() == [BIGGEST, -BIGGEST, BIGGEST, -BIGGEST]
