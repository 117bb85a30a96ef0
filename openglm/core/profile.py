"""What the values of a table look like: the numbers behind every column, and what columns have in common."""

from __future__ import annotations

from pydantic import Field

from openglm.core.schema import DType, Role
from openglm.core.words import Word

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
"""The shares whose quantiles a profile holds."""


class Level(Word):
    """A value and the rows it stands in."""

    value: str
    rows: int = Field(ge=0)


class Histogram(Word):
    """Counts between edges; the last edge belongs to the last bin."""

    edges: tuple[float, ...]
    rows: tuple[int, ...]


class ColumnProfile(Word):
    """One column in numbers.

    Parameters
    ----------
    name, role, dtype, reason
        As in :class:`openglm.core.schema.Column`.
    missing : float
        Share of missing cells, in [0, 1].
    n_unique : int
        Different values, missing not counted.
    unreadable : int
        Rows whose value is no number or date though the column is one.
    mean, sd : float or None
        Of numbers; the mean of dates is in seconds since 1970 (UTC).
    quantiles : tuple of float
        At :data:`QUANTILES`; empty for labels and words. Dates in seconds since 1970 (UTC).
    histogram : Histogram or None
        Of numbers and dates, equal widths between the first and the last percentile; what lies outside is in the outer bins.
    zeros, negative : int
        Rows of a number that is 0, or below.
    top : tuple of Level
        Most frequent values, at most ten; personal data masked.
    length : tuple of float
        Characters of text: least, mean, most; empty for others.
    personal : str
        Sort of personal data, or nothing.
    """

    name: str
    role: Role
    dtype: DType
    reason: str = ""
    missing: float = 0.0
    n_unique: int = 0
    unreadable: int = 0
    mean: float | None = None
    sd: float | None = None
    quantiles: tuple[float, ...] = ()
    histogram: Histogram | None = None
    zeros: int = 0
    negative: int = 0
    top: tuple[Level, ...] = ()
    length: tuple[float, ...] = ()
    personal: str = ""


class Together(Word):
    """Columns that are missing in exactly the same rows."""

    columns: tuple[str, ...]
    rows: int


class Related(Word):
    """Two numeric columns and their correlation (Pearson), on at most 10,000 rows spread evenly."""

    one: str
    two: str
    correlation: float


class Profile(Word):
    """A table in numbers.

    Parameters
    ----------
    rows : int
        Of the table.
    columns : tuple of ColumnProfile
        In table order.
    missing_together : tuple of Together
        Common gaps.
    correlated : tuple of Related
        The strongest pairs, at most twenty, |correlation| >= 0.8.
    same : tuple of tuple of str
        Pairs of columns that say the same.
    """

    rows: int
    columns: tuple[ColumnProfile, ...]
    missing_together: tuple[Together, ...] = ()
    correlated: tuple[Related, ...] = ()
    same: tuple[tuple[str, str], ...] = ()
