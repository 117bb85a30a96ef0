"""Calendar parts for trees."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from openglm.features._dates import PARTS, split
from openglm.features.date import Date


def seconds(*texts):
    return np.array([np.nan if t is None else datetime.fromisoformat(t).replace(tzinfo=UTC).timestamp() for t in texts])


def test_parts_of_a_known_day():
    """29 February 2024 was a Thursday and the 60th day of the year; 18:30 is 0.25 days after 12:30."""
    x = {"t": seconds("2024-02-29T12:30", "2024-02-29T18:30", "2023-01-01T00:00", None)}
    part = Date(columns=("t",)).fit(x, None)
    assert [output.name for output in part.outputs] == [f"t[{name}]" for name in PARTS]
    found = part.transform({"t": x["t"][:1]})[0]
    np.testing.assert_allclose(found, [2024, 2, 29, 3, 12, 60, 424 + 12.5 / 24], rtol=1e-6)
    assert np.isnan(part.transform({"t": x["t"][3:]})).all()


def test_parts_that_never_vary_are_left_out():
    """Plain dates of one month have no hour, no month, no year."""
    part = Date(columns=("t",)).fit({"t": seconds("2024-03-01", "2024-03-09")}, None)
    assert {output.name for output in part.outputs} == {"t[day]", "t[weekday]", "t[day_of_year]", "t[elapsed_days]"}


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)))
@settings(max_examples=100, deadline=None)
def test_parts_agree_with_the_standard_library(moment):
    """Every point in time of years 2 to 9998 is split as Python's datetime splits it."""
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    since = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    expected = [moment.year, moment.month, moment.day, moment.weekday(), moment.hour, moment.timetuple().tm_yday]
    assert split(np.array([since]), 0.0)[0, :6].tolist() == expected
