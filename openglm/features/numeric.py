"""Quantities for trees: passed on as they are, missing kept. Does not scale, fill or bin: trees need none of it."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Card, Columns, Output, State
from openglm.core.words import Said
from openglm.features._numbers import stack


class Numeric:
    """Numeric columns as float32 with NaN.

    Parameters
    ----------
    columns : tuple of str
        Numeric columns.
    seed : int
        Unused.

    Examples
    --------
    >>> part = Numeric(columns=("age",)).fit({"age": np.array([31.0, np.nan])}, None)
    >>> part.transform({"age": np.array([1e300])})[0, 0] == np.finfo(np.float32).max
    np.True_
    """

    card: ClassVar[Card] = Card(
        id="numeric",
        title=Said(en="Numbers as they are", zh="原样数值"),
        source="our own: float32 is what scikit-learn's trees and LightGBM compare; values beyond its range are clipped to it",
        roles=("numeric",),
        view="codes",
    )

    def __init__(self, *, columns: tuple[str, ...], seed: int = 0) -> None:
        self.columns = tuple(columns)
        self.seed = seed
        self.outputs: tuple[Output, ...] = ()

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn nothing but the names."""
        return self.restore({})

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, columns)."""
        return stack(x, self.columns).astype(np.float32)

    def state(self) -> State:
        """Return nothing: the columns are settings."""
        return {}

    def restore(self, state: State) -> Self:
        """Become fitted."""
        self.outputs = tuple(Output(name, name) for name in self.columns)
        return self
