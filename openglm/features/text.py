"""Short texts for trees: topics and length. For long documents or fine meaning use a language model, not this."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Card, Columns, Output, State
from openglm.core.words import Said
from openglm.features._text import Topics


class Text:
    """Text columns as latent topics, number of characters and number of words; missing is NaN.

    Parameters
    ----------
    columns : tuple of str
        Text columns.
    seed : int
        Of the row sample and of the decomposition.
    topics : int, default=16
        Topics per column, >= 1. measured: more than 16 topics of short texts rarely help trees.
    """

    card: ClassVar[Card] = Card(
        id="text",
        title=Said(en="Topics of short texts", zh="短文本主题"),
        source="Deerwester et al. (1990), Indexing by latent semantic analysis; see openglm/features/_text.py",
        roles=("text",),
        view="codes",
    )

    def __init__(self, *, columns: tuple[str, ...], seed: int = 0, topics: int = 16) -> None:
        self.columns = tuple(columns)
        self.seed = seed
        self.topics = topics
        self.outputs: tuple[Output, ...] = ()

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn vocabulary and topics from training rows."""
        self._become([Topics.fit(x[name], topics=self.topics, seed=self.seed) for name in self.columns])
        return self

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, outputs)."""
        return self._raw(x).astype(np.float32)

    def state(self) -> State:
        """Return vocabulary, idf and components of each column."""
        state: State = {"vocabularies": [list(topics.vocabulary) for topics in self._fitted]}
        for j, topics in enumerate(self._fitted):
            state[f"idf-{j}"], state[f"components-{j}"] = topics.idf, topics.components
        return state

    def restore(self, state: State) -> Self:
        """Become the fitted part that ``state`` describes."""
        self._become(
            [
                Topics({token: i for i, token in enumerate(tokens)}, state[f"idf-{j}"], state[f"components-{j}"])
                for j, tokens in enumerate(state["vocabularies"])
            ]
        )
        return self

    def _become(self, fitted: list[Topics]) -> None:
        self._fitted = fitted
        outputs: list[Output] = []
        for name, topics in zip(self.columns, fitted, strict=True):
            outputs += [Output(f"{name}[topic {i + 1}]", name) for i in range(topics.components.shape[1])]
            outputs += [Output(f"{name}[characters]", name), Output(f"{name}[words]", name)]
        self.outputs = tuple(outputs)

    def _raw(self, x: Columns) -> NDArray[np.float64]:
        rows = len(next(iter(x.values()))) if x else 0
        blocks = [topics.describe(x[name]) for name, topics in zip(self.columns, self._fitted, strict=True)]
        return np.hstack(blocks) if blocks else np.empty((rows, 0))
