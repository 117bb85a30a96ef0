"""Calendar parts of points in time, in the proleptic Gregorian calendar, UTC. Knows no holidays.

Arithmetic by numpy's ``datetime64``; the epoch 1970-01-01 was a Thursday.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DAY_S = 86_400.0
EARLIEST_S, LATEST_S = -62_135_596_800.0, 253_402_300_799.0
"""Years 1 to 9999, the range of ISO 8601 dates."""
PARTS = ("year", "month", "day", "weekday", "hour", "day_of_year", "elapsed_days")
"""Columns of ``split``: month 1-12, day 1-31, weekday 0 (Monday) - 6, hour 0-23, day_of_year 1-366, elapsed_days real."""


def split(seconds: NDArray[np.float64], origin_s: float) -> NDArray[np.float64]:
    """Return the calendar parts, shape (rows, len(PARTS)); NaN where ``seconds`` is NaN.

    Parameters
    ----------
    seconds : ndarray of shape (rows,)
        Seconds since 1970-01-01 UTC.
    origin_s : float
        Where ``elapsed_days`` is 0.

    Examples
    --------
    >>> split(np.array([86_400.0 * 59 + 3_600]), 0.0).tolist()  # 1 March 1970, a Sunday, one o'clock
    [[1970.0, 3.0, 1.0, 6.0, 1.0, 60.0, 59.041666666666664]]
    """
    missing = np.isnan(seconds)
    known = np.clip(np.where(missing, 0.0, seconds), EARLIEST_S, LATEST_S)
    whole = np.floor(known / DAY_S).astype(np.int64)
    days = whole.astype("datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    out = np.empty((len(seconds), len(PARTS)))
    out[:, 0] = years.astype(np.int64) + 1970
    out[:, 1] = months.astype(np.int64) % 12 + 1
    out[:, 2] = (days - months).astype(np.int64) + 1
    out[:, 3] = (whole + 3) % 7
    out[:, 4] = (known - whole * DAY_S) // 3600
    out[:, 5] = (days - years).astype(np.int64) + 1
    out[:, 6] = (known - origin_s) / DAY_S
    out[missing] = np.nan
    return out


def origin_of(seconds: NDArray[np.float64]) -> float:
    """Return the earliest known point in time, or 0 without any."""
    known = seconds[~np.isnan(seconds)]
    return float(np.clip(known.min(), EARLIEST_S, LATEST_S)) if len(known) else 0.0


def varying(parts: NDArray[np.float64]) -> list[int]:
    """Return the positions of parts with at least two different known values."""
    kept = []
    for j in range(parts.shape[1]):
        known = parts[:, j][~np.isnan(parts[:, j])]
        if len(known) and known.min() < known.max():
            kept.append(j)
    return kept
