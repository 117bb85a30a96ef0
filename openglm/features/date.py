"""Points in time for trees: calendar parts and elapsed days. Knows no holidays and compares no two columns."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Card, Columns, Output, State
from openglm.core.words import Said
from openglm.features._dates import PARTS, origin_of, split, varying


class Date:
    """Date columns as year, month, day, weekday, hour, day of year, and days since the earliest training row.

    A part that is the same in all training rows (the hour of plain dates, say) has no output. Missing stays NaN.

    Parameters
    ----------
    columns : tuple of str
        Date columns, seconds since 1970-01-01 UTC.
    seed : int
        Unused.
    """

    card: ClassVar[Card] = Card(
        id="date",
        title=Said(en="Calendar parts", zh="日期分解"),
        source="our own; calendar arithmetic of numpy.datetime64",
        roles=("date",),
        view="codes",
    )

    def __init__(self, *, columns: tuple[str, ...], seed: int = 0) -> None:
        self.columns = tuple(columns)
        self.seed = seed
        self.outputs: tuple[Output, ...] = ()

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn the earliest day and which parts vary."""
        origins = [origin_of(x[name]) for name in self.columns]
        kept = [varying(split(x[name], origin)) for name, origin in zip(self.columns, origins, strict=True)]
        return self.restore({"origins": origins, "kept": kept})

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, outputs)."""
        rows = len(next(iter(x.values()))) if x else 0
        blocks = [
            split(x[name], origin)[:, kept]
            for name, origin, kept in zip(self.columns, self._origins, self._kept, strict=True)
            if kept
        ]
        values = np.hstack(blocks) if blocks else np.empty((rows, 0))
        return values.astype(np.float32)

    def state(self) -> State:
        """Return the earliest days and the parts kept."""
        return {"origins": self._origins, "kept": self._kept}

    def restore(self, state: State) -> Self:
        """Become the fitted part that ``state`` describes."""
        self._origins, self._kept = state["origins"], state["kept"]
        self.outputs = tuple(
            Output(f"{name}[{PARTS[j]}]", name)
            for name, kept in zip(self.columns, self._kept, strict=True)
            for j in kept
        )
        return self
