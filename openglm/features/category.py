"""Categories for trees: codes by falling frequency. Does not combine levels and never looks at the target."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Card, Columns, Output, State
from openglm.core.words import Said
from openglm.features._levels import look_up, rank_levels


class Category:
    """Category columns as codes 0 … levels-1, most frequent level first; missing, unseen and surplus levels are NaN.

    A column without any level in training has no output.

    Parameters
    ----------
    columns : tuple of str
        Category columns.
    seed : int
        Unused.
    max_levels : int, default=10_000
        Levels kept per column, >= 1; the rarest go. The default is far above what a tree can use and bounds the saved size.

    Examples
    --------
    >>> part = Category(columns=("city",)).fit({"city": np.array(["北京", "上海", "北京", None], dtype=object)}, None)
    >>> part.transform({"city": np.array(["上海", "广州"], dtype=object)}).tolist()
    [[1.0], [nan]]
    """

    card: ClassVar[Card] = Card(
        id="category",
        title=Said(en="Category codes", zh="类别编码"),
        source="our own: ordinal codes in order of frequency; learners split on them natively where they can",
        roles=("category",),
        view="codes",
    )

    def __init__(self, *, columns: tuple[str, ...], seed: int = 0, max_levels: int = 10_000) -> None:
        self.columns = tuple(columns)
        self.seed = seed
        self.max_levels = max_levels
        self.outputs: tuple[Output, ...] = ()

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn the levels of training rows."""
        return self.restore({"levels": [rank_levels(x[name], most=self.max_levels) for name in self.columns]})

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, columns that have levels)."""
        rows = len(next(iter(x.values()))) if x else 0
        out = np.empty((rows, len(self._tables)), dtype=np.float32)
        for j, (name, table) in enumerate(self._tables):
            out[:, j] = look_up(x[name], table, np.nan)
        return out

    def state(self) -> State:
        """Return the levels of each column in the order of their codes."""
        return {"levels": self._levels}

    def restore(self, state: State) -> Self:
        """Become the fitted part that ``state`` describes."""
        self._levels: list[list[str]] = state["levels"]
        used = [(name, levels) for name, levels in zip(self.columns, self._levels, strict=True) if levels]
        self._tables = [(name, {level: float(i) for i, level in enumerate(levels)}) for name, levels in used]
        self.outputs = tuple(Output(name, name, len(levels)) for name, levels in used)
        return self
