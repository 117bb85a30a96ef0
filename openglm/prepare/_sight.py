"""A column as the checks and the profile look at it: its different values, how often each occurs, and its numbers.

One column at a time: what is needed of all rows is counted once and let go before the next column comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_value
from openglm.core.dataset import Raw
from openglm.core.schema import Column

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
SAMPLE_ROWS = 10_000  # what is found between two columns is looked for here first, and then counted on all rows


class Sight:
    """One column under the eye.

    Parameters
    ----------
    column : Column
        As the schema has it.
    cells : Series of shape (rows,)
        As the source has them.
    """

    def __init__(self, column: Column, cells: pd.Series) -> None:
        self.column, self.cells = column, cells

    @cached_property
    def is_plain(self) -> bool:
        """Whether the source holds numpy's own numbers or truth values."""
        return isinstance(self.cells.dtype, np.dtype) and self.cells.dtype.kind in "biuf"

    @cached_property
    def counted(self) -> tuple[Any, NDArray[np.int64], NDArray[np.int64]]:
        """Different values of the source, rows of each, and the number of its value for every row (-1 where missing)."""
        import pandas as pd

        if self.is_plain:
            values = self.cells.to_numpy()
            if values.dtype.kind == "b":
                values = values.astype(np.int8)
            if values.dtype.kind == "f":
                values = values[~np.isnan(values)]
            distinct, counts = np.unique(values, return_counts=True)
            return distinct, counts.astype(np.int64), np.zeros(0, dtype=np.int64)
        try:
            codes, found = pd.factorize(self.cells, use_na_sentinel=True)
        except (TypeError, ArithmeticError):  # lists and other things without a hash
            codes, found = pd.factorize(self.cells.map(repr).astype(object), use_na_sentinel=True)
        counts = np.bincount(codes[codes >= 0], minlength=len(found))
        return found.tolist(), counts.astype(np.int64), codes.astype(np.int64)

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
            found = self.distinct.astype(np.float64)
            return np.where(np.isinf(found), np.nan, found)
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


def sights(raw: Raw, names: tuple[str, ...] | None = None) -> Iterator[Sight]:
    """Yield the columns of a table, or those with these names, one after the other."""
    for place, column in enumerate(raw.schema.columns):
        if names is None or column.name in names:
            yield Sight(column, raw.frame.iloc[:, place])


def sample_rows(rows: int) -> NDArray[np.int64]:
    """Return evenly spread rows, at most 10,000."""
    return np.unique(np.linspace(0, rows - 1, min(rows, SAMPLE_ROWS)).astype(np.int64))
