r"""Typed values back to text, so that a cleaned table is the same bytes wherever it is written.

Numbers stand in the shortest form that reads back exactly (``repr``), whole ones without ".0"; dates as ``2024-03-05`` or
``2024-03-05 10:00:00`` (UTC, with microseconds where there are any); labels as they are called; a missing value is an empty
cell. Tables are CSV after RFC 4180 with commas, in UTF-8 and with "\n" at the end of a line.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from typing import Any

EXACT = 2**53  # whole numbers up to here are exact in float64 (IEEE 754 binary64)


def write_cell(value: Any, role: str) -> str:
    """Return one typed value as text; ``role`` is that of its column."""
    if value is None or value != value:  # noqa: PLR0124 - not a number
        return ""
    if role == "date":
        return _date(float(value))
    return _number(float(value)) if role == "numeric" else str(value)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) <= EXACT else repr(value)


def _date(seconds: float) -> str:
    try:
        text = (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)).isoformat(sep=" ")
    except OverflowError:  # beyond the year 9999
        return _number(seconds)
    return text.removesuffix(" 00:00:00")


def write_csv(columns: Mapping[str, Iterable[str]]) -> str:
    """Return a table of text cells, name → cells, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()
