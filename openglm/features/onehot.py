"""Categories for learners that add up: one column per level. Does not encode rare levels apart: they share "other"."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Card, Columns, Output, State
from openglm.core.words import Said
from openglm.features._levels import look_up, rank_levels


class OneHot:
    """Category columns as columns of 0 and 1: each frequent level, then "other", then "missing".

    "other" exists where training had rarer levels, and then also takes unseen ones; "missing" exists where training had
    missing cells. Without them such a cell is all zeros. A column that would be the same for every row has no output.

    Parameters
    ----------
    columns : tuple of str
        Category columns.
    seed : int
        Unused.
    max_levels : int, default=50
        Levels with their own column, >= 1.
    min_rows : int, default=5
        Training rows that a level needs for its own column, >= 1. Below about five a coefficient is mostly noise
        (the usual rule for expected counts, Cochran 1954, "Some methods for strengthening the common chi-squared tests").
    """

    card: ClassVar[Card] = Card(
        id="onehot",
        title=Said(en="One column per level", zh="独热编码"),
        source="our own, after scikit-learn's OneHotEncoder(min_frequency=..., max_categories=...)",
        roles=("category",),
        view="dense",
    )

    def __init__(self, *, columns: tuple[str, ...], seed: int = 0, max_levels: int = 50, min_rows: int = 5) -> None:
        self.columns = tuple(columns)
        self.seed = seed
        self.max_levels = max_levels
        self.min_rows = min_rows
        self.outputs: tuple[Output, ...] = ()

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn the levels of training rows."""
        levels, other, missing = [], [], []
        for name in self.columns:
            kept = rank_levels(x[name], most=self.max_levels, at_least=self.min_rows)
            present = set(x[name].tolist())
            absent = None in present
            present.discard(None)
            rest = len(present) > len(kept)
            levels.append(kept if len(kept) + rest + absent > 1 else [])
            other.append(rest and bool(levels[-1] or absent))
            missing.append(absent and bool(levels[-1] or rest))
        return self.restore({"levels": levels, "other": other, "missing": missing})

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, outputs) of 0 and 1."""
        rows = len(next(iter(x.values()))) if x else 0
        out = np.zeros((rows, len(self.outputs) + 1), dtype=np.float32)  # the last column takes what has no place
        line = np.arange(rows)
        for name, table, unseen in self._tables:
            out[line, look_up(x[name], table, unseen).astype(np.intp)] = 1.0
        return out[:, :-1]

    def state(self) -> State:
        """Return the levels with their own column, and whether there is "other" and "missing"."""
        return {"levels": self._levels, "other": self._other, "missing": self._missing}

    def restore(self, state: State) -> Self:
        """Become the fitted part that ``state`` describes."""
        self._levels, self._other, self._missing = state["levels"], state["other"], state["missing"]
        outputs: list[Output] = []
        places: list[tuple[str, dict[str | None, int], int | None]] = []
        for name, levels, other, missing in zip(self.columns, self._levels, self._other, self._missing, strict=True):
            table: dict[str | None, int] = {level: len(outputs) + i for i, level in enumerate(levels)}
            outputs += [Output(f"{name}={level}", name) for level in levels]
            unseen = len(outputs) if other else None
            outputs += [Output(f"{name}[other]", name)] * other
            if missing:
                table[None] = len(outputs)
                outputs.append(Output(f"{name}[missing]", name))
            if table or other:
                places.append((name, table, unseen))
        self.outputs = tuple(outputs)
        nowhere = len(outputs)
        # A missing cell is never "other", even where training had none missing.
        self._tables = [(n, {None: nowhere, **table}, nowhere if u is None else u) for n, table, u in places]
        return self
