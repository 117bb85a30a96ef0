"""Quantities for learners that add or compare them: one scale, nothing missing. See :mod:`openglm.features._scaling`."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Card, Columns, Output, State
from openglm.core.words import Said
from openglm.features._numbers import stack
from openglm.features._scaling import Scaler


class Scaled:
    """Numeric columns standardised, by rank where they have many values, and "was missing" where training had missing cells.

    Parameters
    ----------
    columns : tuple of str
        Numeric columns.
    seed : int
        Unused.
    """

    card: ClassVar[Card] = Card(
        id="scaled",
        title=Said(en="Scaled numbers", zh="标准化数值"),
        source="Holzmüller et al. (2024), Better by default, section 3 (smooth clip); van der Waerden normal scores",
        roles=("numeric",),
        view="dense",
    )

    def __init__(self, *, columns: tuple[str, ...], seed: int = 0) -> None:
        self.columns = tuple(columns)
        self.seed = seed
        self.outputs: tuple[Output, ...] = ()

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn scales and ranks from training rows."""
        return self.restore(Scaler.fit(stack(x, self.columns), ranks=True).state())

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, outputs), each about within (-3, 3)."""
        return self._scaler.transform(stack(x, self.columns))

    def state(self) -> State:
        """Return the scales."""
        return self._scaler.state()

    def restore(self, state: State) -> Self:
        """Become the fitted part that ``state`` describes."""
        self._scaler = Scaler.restore(state)
        ranked = [self.columns[j] for j in self._scaler.ranked]
        missing = [self.columns[j] for j in self._scaler.flagged]
        self.outputs = (
            *(Output(name, name) for name in self.columns),
            *(Output(f"{name}[rank]", name) for name in ranked),
            *(Output(f"{name}[missing]", name) for name in missing),
        )
        return self
