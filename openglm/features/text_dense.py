"""Short texts for learners that add or compare: the same topics and lengths as :mod:`openglm.features.text`, scaled."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Card, Columns, Output, State
from openglm.core.words import Said
from openglm.features._scaling import Scaler
from openglm.features.text import Text


class TextDense(Text):
    """Text columns as scaled topics and lengths, and a column "was missing" where training had missing cells.

    Parameters
    ----------
    columns : tuple of str
        Text columns.
    seed : int
        Of the row sample and of the decomposition.
    topics : int, default=16
        Topics per column, >= 1.
    """

    card: ClassVar[Card] = Card(
        id="text_dense",
        title=Said(en="Scaled topics of short texts", zh="短文本主题(标准化)"),
        source="Deerwester et al. (1990), Indexing by latent semantic analysis; see openglm/features/_text.py",
        roles=("text",),
        view="dense",
    )

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn vocabulary, topics and scales from training rows."""
        super().fit(x, y)
        ends = np.cumsum([topics.components.shape[1] + 2 for topics in self._fitted])
        self._flag(Scaler.fit(self._raw(x), may_flag=tuple(int(end) - 1 for end in ends)))
        return self

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, outputs) without NaN."""
        return self._scaler.transform(self._raw(x))

    def state(self) -> State:
        """Return vocabulary, idf, components and scales."""
        return {**super().state(), **self._scaler.state()}

    def restore(self, state: State) -> Self:
        """Become the fitted part that ``state`` describes."""
        super().restore(state)
        self._flag(Scaler.restore(state))
        return self

    def _flag(self, scaler: Scaler) -> None:
        self._scaler = scaler
        flags = [self.outputs[j].column for j in scaler.flagged]
        self.outputs = (*self.outputs, *(Output(f"{name}[missing]", name) for name in flags))
