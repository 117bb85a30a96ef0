"""Points in time for learners that add or compare: places on the year, week and day circle, and elapsed days.

Sine and cosine put 31 December next to 1 January; see :mod:`openglm.features.date` for trees, which do not need that.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Card, Columns, Output, State
from openglm.core.words import Said
from openglm.features._dates import PARTS, origin_of, split, varying
from openglm.features._scaling import Scaler

CIRCLES = {"day_of_year": 365.25, "weekday": 7.0, "hour": 24.0}
"""Length of each circle in units of its part (mean Julian year)."""


class DateDense:
    """Date columns as sine and cosine of the circles that vary in training, elapsed days, and "was missing".

    Parameters
    ----------
    columns : tuple of str
        Date columns, seconds since 1970-01-01 UTC.
    seed : int
        Unused.
    """

    card: ClassVar[Card] = Card(
        id="date_dense",
        title=Said(en="Dates on circles", zh="日期周期编码"),
        source="our own; the usual sine-cosine coding of cyclic quantities",
        roles=("date",),
        view="dense",
    )

    def __init__(self, *, columns: tuple[str, ...], seed: int = 0) -> None:
        self.columns = tuple(columns)
        self.seed = seed
        self.outputs: tuple[Output, ...] = ()

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn the earliest day, which circles vary, and the scales."""
        self._origins = [origin_of(x[name]) for name in self.columns]
        self._circles = []
        for name, origin in zip(self.columns, self._origins, strict=True):
            moving = {PARTS[j] for j in varying(split(x[name], origin))}
            self._circles.append([circle for circle in CIRCLES if circle in moving])
        ends = np.cumsum([2 * len(circles) + 1 for circles in self._circles])
        scaler = Scaler.fit(self._raw(x), may_flag=tuple(int(end) - 1 for end in ends))
        return self.restore({"origins": self._origins, "circles": self._circles, **scaler.state()})

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, outputs) without NaN."""
        return self._scaler.transform(self._raw(x))

    def _raw(self, x: Columns) -> NDArray[np.float64]:
        """Return for each column: sine and cosine of its circles, then elapsed days; NaN where missing."""
        rows = len(next(iter(x.values()))) if x else 0
        blocks: list[NDArray[np.float64]] = []
        for name, origin, circles in zip(self.columns, self._origins, self._circles, strict=True):
            parts = split(x[name], origin)
            for circle in circles:
                angle = parts[:, PARTS.index(circle)] * (2 * np.pi / CIRCLES[circle])
                blocks += [np.sin(angle), np.cos(angle)]
            blocks.append(parts[:, PARTS.index("elapsed_days")])
        return np.stack(blocks, axis=1) if blocks else np.empty((rows, 0))

    def state(self) -> State:
        """Return origins, circles and scales."""
        return {"origins": self._origins, "circles": self._circles, **self._scaler.state()}

    def restore(self, state: State) -> Self:
        """Become the fitted part that ``state`` describes."""
        self._origins, self._circles = state["origins"], state["circles"]
        self._scaler = Scaler.restore(state)
        outputs: list[Output] = []
        for name, circles in zip(self.columns, self._circles, strict=True):
            for circle in circles:
                outputs += [Output(f"{name}[{circle} sin]", name), Output(f"{name}[{circle} cos]", name)]
            outputs.append(Output(f"{name}[elapsed_days]", name))
        flags = [outputs[j].column for j in self._scaler.flagged]
        self.outputs = (*outputs, *(Output(f"{name}[missing]", name) for name in flags))
        return self
