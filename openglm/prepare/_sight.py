"""A column as the checks and the profile look at it: its different values, how often each occurs, and its numbers.

One column at a time: what is needed of all rows is counted once and let go before the next column comes.
"""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_column, read_value
from openglm.core.dataset import Raw
from openglm.core.parts import Columns
from openglm.core.schema import Column

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
TELLING = 8  # columns of numbers, which tell the rows of most tables apart
SAMPLE_ROWS = 10_000  # what is found between two columns is looked for here first, and then counted on all rows


class Coded(NamedTuple):
    """A column of text or objects as numbers: of its value for every row (-1 where missing), and the different values."""

    codes: NDArray[np.integer[Any]]
    distinct: pd.Index


def coded(cells: pd.Series) -> Coded:
    """Return the numbers and the different values of a column in the order in which they appear.

    Raises
    ------
    TypeError, ArithmeticError
        If a cell has no hash, such as a list.
    """
    import pandas as pd

    codes, found = pd.factorize(cells, use_na_sentinel=True)
    return Coded(codes.astype(np.int32, copy=False), pd.Index(found, copy=False))


_KNOWN: dict[int, dict[int, Coded]] = {}


def known(frame: pd.DataFrame) -> dict[int, Coded]:
    """Return what was counted so far of the columns of text of a frame, by place; it is forgotten with the frame.

    Frames of this room are never changed, and to count a million texts takes as long as to read them.
    """
    if id(frame) not in _KNOWN:
        _KNOWN[id(frame)] = {}
        weakref.finalize(frame, _KNOWN.pop, id(frame), None)
    return _KNOWN[id(frame)]


def is_words(cells: pd.Series) -> bool:
    """Say whether a column holds text of one type, so that equal values read alike and may be counted once."""
    import pandas as pd

    return isinstance(cells.dtype, pd.StringDtype)


def coded_at(frame: pd.DataFrame, place: int, cells: pd.Series) -> Coded | None:
    """Return a column of text as numbers, counted once for all who ask; ``None`` for a column of another kind."""
    if not is_words(cells):
        return None
    found = known(frame)
    if place not in found:
        found[place] = coded(cells)
    return found[place]


def counted_numbers(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the different numbers in ascending order, and the rows of each; there must be no NaN among them."""
    if values.dtype.kind in "iu" and len(values):
        low, high = int(values.min()), int(values.max())
        if high - low < len(values) and low > -(2**62) and high < 2**62:
            counts = np.bincount(values.astype(np.int64, copy=False) - low)
            there = np.flatnonzero(counts)
            return (there + low).astype(values.dtype), counts[there].astype(np.int64, copy=False)
    distinct, counts = np.unique(values, return_counts=True)
    return distinct, counts.astype(np.int64, copy=False)


class Sight:
    """One column under the eye.

    Parameters
    ----------
    column : Column
        As the schema has it.
    cells : Series of shape (rows,)
        As the source has them.
    known : Coded or None
        What was counted of them already.
    """

    def __init__(self, column: Column, cells: pd.Series, known: Coded | None = None) -> None:
        self.column, self.cells, self.known = column, cells, known

    @cached_property
    def is_plain(self) -> bool:
        """Whether the source holds numpy's own numbers or truth values."""
        return isinstance(self.cells.dtype, np.dtype) and self.cells.dtype.kind in "biuf"

    @cached_property
    def counted(self) -> tuple[Any, NDArray[np.int64], NDArray[np.integer[Any]]]:
        """Different values of the source, rows of each, and the number of its value for every row (-1 where missing)."""
        if self.is_plain:
            values = self.cells.to_numpy()
            if values.dtype.kind == "b":
                values = values.astype(np.int8)
            if values.dtype.kind == "f":
                values = values[~np.isnan(values)]
            return *counted_numbers(values), np.zeros(0, dtype=np.int32)
        try:
            codes, found = self.known or coded(self.cells)
        except (TypeError, ArithmeticError):  # lists and other things without a hash
            codes, found = coded(self.cells.map(repr).astype(object))
        return found.tolist(), rows_of(codes, len(found)), codes

    @property
    def distinct(self) -> Any:
        """Different values of the source."""
        return self.counted[0]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each."""
        return self.counted[1]

    @cached_property
    def levels(self) -> list[str | None]:
        """The different values as text; ``None`` for what is blank or no text."""
        return [(item.strip() or None) if isinstance(item, str) else None for item in self.distinct]

    @cached_property
    def read(self) -> Floats:
        """The different values as numbers (dates: seconds), NaN where one cannot be read."""
        if self.is_plain and self.column.role == "numeric":
            return np.asarray(read_column(self.distinct, self.column))
        if self.column.role not in ("numeric", "date"):
            return np.full(len(self.distinct), np.nan)
        return np.array([read_value(item, self.column) for item in self.distinct], dtype=np.float64)

    @cached_property
    def sorted(self) -> tuple[Floats, NDArray[np.int64]]:
        """The finite numbers in ascending order, and the rows of each."""
        keep = np.isfinite(self.read)
        values, counts = self.read[keep], self.counts[keep]
        if self.is_plain:
            return values, counts  # np.unique has sorted them
        order = np.argsort(values, kind="stable")
        values, counts = values[order], counts[order]
        if len(values) and (np.diff(values) == 0).any():  # "1" and "1.0"
            first = np.flatnonzero(np.append(True, np.diff(values) != 0))
            return values[first], np.add.reduceat(counts, first)
        return values, counts

    @property
    def filled(self) -> int:
        """Rows with a value."""
        return int(self.counts.sum())

    def quantiles(self, shares: tuple[float, ...]) -> Floats:
        """Return the values below which these shares of the finite numbers lie."""
        values, counts = self.sorted
        places = np.cumsum(counts)
        wanted = np.ceil(np.asarray(shares) * places[-1]).clip(1)
        return np.asarray(values[np.searchsorted(places, wanted)])

    def rows_where(self, chosen: NDArray[np.bool_]) -> int:
        """Return in how many rows the chosen ones of the different values stand."""
        return int(self.counts[chosen].sum())


def dot(one: Floats, two: Floats) -> float:
    """Return the sum of products; BLAS would wake all cores for vectors as short as these."""
    return float((one * two).sum())


def rows_of(codes: NDArray[np.integer[Any]], count: int) -> NDArray[np.int64]:
    """Return in how many rows each of ``count`` values stands; -1 is none of them."""
    return np.bincount(codes + 1, minlength=count + 1)[1:].astype(np.int64, copy=False)


def sights(raw: Raw, names: Collection[str] | None = None) -> Iterator[Sight]:
    """Yield the columns of a table, or those with these names, one after the other."""
    wanted = None if names is None else set(names)
    for place, (column, (_, cells)) in enumerate(zip(raw.schema.columns, raw.frame.items(), strict=True)):
        if wanted is None or column.name in wanted:
            yield Sight(column, cells, coded_at(raw.frame, place, cells))


def repeats(x: Columns, y: NDArray[Any]) -> NDArray[np.int64]:
    """Return a number for each row, equal for rows that are exact copies of each other, as ``copies`` does.

    Where a few columns of numbers and the target tell all rows apart, the other columns are not looked at.
    """
    from openglm.prepare._split import copies

    few = {name: values for name, values in x.items() if values.dtype.kind == "f"}
    few = dict(list(few.items())[:TELLING])
    if len(few) < len(x):
        found = copies(few, y)
        if len(found) and int(found[-1]) == len(found) - 1:
            return found
    return copies(x, y)


def sample_rows(rows: int) -> NDArray[np.int64]:
    """Return evenly spread rows, at most 10,000."""
    return np.unique(np.linspace(0, rows - 1, min(rows, SAMPLE_ROWS)).astype(np.int64))
