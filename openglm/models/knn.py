"""Nearest neighbours: rows that look alike have like answers. Exact search over a sample of rows, no index."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.parts import Card, Facts, Floats, Matrix, State
from openglm.core.space import Integer, Options, Space
from openglm.core.task import Kind
from openglm.core.words import Said
from openglm.models._learner import Learner, Valid, require

MOST_CELLS = 4_000_000
"""Rows x features kept at most: 8 MB saved, and one answer in about a millisecond. measured: docs/lab.md."""
FEWEST_ROWS = 2_000
"""But never fewer rows than this for the sake of many features."""
HALF = float(np.finfo(np.float16).max)
BLOCK_CELLS = 4_000_000
"""Distances worked out at once: 16 MB of float32, which stays close to the cache."""


class Knn(Learner):
    """Weighted mean of the nearest training rows, Euclidean distance in the dense view.

    Parameters
    ----------
    kind : Kind
        Problem.
    classes : int
        Classes, 0 for regression.
    seed : int
        Of the row sample.
    threads : int
        Unused.
    neighbors : int, default=30
        Rows to ask, >= 1; fewer when training has fewer.
    weights : {"kernel", "distance", "uniform"}, default="kernel"
        How much each says: falling smoothly to 0 at the next row that is not asked (Epanechnikov kernel of adaptive width;
        Hastie, Tibshirani & Friedman (2009), section 6.1), by 1/distance, or all alike.
    """

    card: ClassVar[Card] = Card(
        id="knn",
        title=Said(en="Nearest neighbours", zh="最近邻"),
        source="Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, 13.3 and 6.1",
        kinds=("binary", "multiclass", "regression"),
        view="dense",
        cost=0.5,
        max_rows=20_000,
    )

    def __init__(
        self, *, kind: Kind, classes: int, seed: int = 0, threads: int = 1, neighbors: int = 30, weights: str = "kernel"
    ) -> None:
        self._settle(kind, classes, seed, threads)
        self.neighbors = neighbors
        self.weights = weights

    @classmethod
    def space(cls, facts: Facts) -> Space:
        """Return from a few to many neighbours, at most a tenth of the rows."""
        return {
            "neighbors": Integer(low=3, high=min(max(facts.rows // 10, 10), 200), log=True),
            "weights": Options(values=("kernel", "distance", "uniform")),
        }

    def _check(self) -> None:
        require(self.neighbors >= 1, "neighbors", self.neighbors, ">= 1")
        require(self.weights in _WEIGHTS, "weights", self.weights, " | ".join(_WEIGHTS))

    def _learn(
        self, x: Matrix, y: NDArray[Any], valid: Valid, watch: Clock, weight: Floats | None, rounds: int | None
    ) -> None:
        most = max(MOST_CELLS // x.values.shape[1], FEWEST_ROWS)
        kept: NDArray[np.int64] | slice = slice(None)
        if len(y) > most:
            kept = np.sort(np.random.default_rng(self.seed).choice(len(y), most, replace=False))
        # Half precision is what is saved; scaled columns lie in (-3, 3), where it tells apart steps of 0.002.
        self._hold(
            np.clip(x.values[kept], -HALF, HALF).astype(np.float16),
            y[kept].astype(np.int32 if self.sorts else np.float64),
            np.ones(0) if weight is None else np.asarray(weight[kept], dtype=np.float64),
        )

    def _hold(self, x: NDArray[np.float16], y: NDArray[Any], weight: Floats) -> None:
        self._saved, self._y, self._weight = x, y, weight
        self._x = x.astype(np.float32)
        self._squares = np.einsum("ij,ij->i", self._x, self._x)

    def _answer(self, x: Matrix) -> Floats:
        out = np.empty((len(x), self.width))
        # Two tables are worked on: all distances, and the near rows cell by cell.
        widest = max(len(self._x), (min(self.neighbors, len(self._x)) + 1) * self._x.shape[1])
        block = max(BLOCK_CELLS // widest, 1)
        for start in range(0, len(x), block):
            out[start : start + block] = self._block(x.values[start : start + block])
        return out

    def _block(self, values: NDArray[np.float32]) -> Floats:
        """Return shape (rows, width) for a few rows."""
        asked = min(self.neighbors, len(self._x))
        # |a - b|² = |a|² - 2ab + |b|²; |a|² is the same for all candidates of a row, so it waits.  (rows, training rows)
        gap = values @ self._x.T
        gap *= -2.0
        gap += self._squares
        more = min(asked + 1, len(self._x))  # one beyond: where the kernel ends
        near = (
            np.argpartition(gap, more - 1, axis=1)[:, :more]
            if more < len(self._x)
            else np.tile(np.arange(more), (len(gap), 1))
        )
        # Near rows again, by differences: the formula above loses digits where distances are small.  (rows, more)
        square = np.square(values[:, None, :] - self._x[near]).sum(axis=2, dtype=np.float64)
        order = np.argsort(square, axis=1, kind="stable")
        near, square = np.take_along_axis(near, order, axis=1), np.take_along_axis(square, order, axis=1)
        says = _WEIGHTS[self.weights](square[:, :asked], square[:, -1:])
        near = near[:, :asked]
        says = says * (asked / says.sum(axis=1, keepdims=True))  # as many voices as neighbours, however shared out
        if len(self._weight):
            says = says * self._weight[near]
        if not self.sorts:
            return np.average(self._y[near], axis=1, weights=says)[:, None]
        # One more voice, that of the class shares: an answer from few neighbours is never quite certain.
        out: Floats = np.tile(self._prior, (len(values), 1))
        np.add.at(out, (np.arange(len(values))[:, None], self._y[near]), says)
        out /= out.sum(axis=1, keepdims=True)
        return out

    def _pack(self) -> State:
        return {"x": self._saved, "y": self._y, "weight": self._weight}

    def _unpack(self, state: State) -> None:
        self._hold(state["x"], state["y"], state["weight"])


def _kernel(square: Floats, end: Floats) -> Floats:
    """Return 1 - d²/end²; a ring of equally far rows, where that is 0 for all, speaks with one voice each."""
    says = 1.0 - square / np.where(end > 0, end, 1.0)
    out: Floats = np.where(says.sum(axis=1, keepdims=True) > 1e-9, says, 1.0)
    return out


def _distance(square: Floats, end: Floats) -> Floats:
    """Return 1/d; rows at distance 0 decide alone."""
    away = np.sqrt(square)
    same = away <= 0
    out: Floats = np.where(same.any(axis=1, keepdims=True), same, 1.0 / np.where(same, 1.0, away))
    return out


def _uniform(square: Floats, end: Floats) -> Floats:
    return np.ones_like(square)


_WEIGHTS = {"kernel": _kernel, "distance": _distance, "uniform": _uniform}
