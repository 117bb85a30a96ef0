"""Dates on circles."""

import numpy as np

from openglm.features.date_dense import DateDense

DAY = 86_400.0


def test_the_ends_of_the_year_are_neighbours():
    """31 December is nearer to 1 January than 1 July is, on the circle of the year."""
    x = {"t": np.arange(0, 730, dtype=float) * DAY}
    part = DateDense(columns=("t",)).fit(x, None)
    circle = [i for i, output in enumerate(part.outputs) if "day_of_year" in output.name]
    assert len(circle) == 2
    found = part.transform(x)[:, circle]
    assert np.linalg.norm(found[364] - found[0]) < 0.1 * np.linalg.norm(found[181] - found[0])


def test_only_circles_that_vary():
    """Plain dates have no hour; missing cells in training get a column."""
    part = DateDense(columns=("t",)).fit({"t": np.array([0.0, 40 * DAY, np.nan])}, None)
    names = [output.name for output in part.outputs]
    assert names == [
        "t[day_of_year sin]", "t[day_of_year cos]", "t[weekday sin]", "t[weekday cos]", "t[elapsed_days]", "t[missing]",
    ]  # fmt: skip
    found = part.transform({"t": np.array([np.nan])})[0]
    assert found.tolist() == [0, 0, 0, 0, 0, 1]
