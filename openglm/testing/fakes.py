"""Fakes that behave: a clock set by hand and a learner that only counts. Each does in full what its contract says."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.parts import Card, Facts, Floats, Matrix, State
from openglm.core.space import Space
from openglm.core.task import CLASSIFICATION, Kind
from openglm.core.words import Said


class HandClock(Clock):
    """A clock on which time passes only when told, or a fixed step with every look.

    Parameters
    ----------
    seconds : float or None
        The limit; ``None`` never expires.
    tick : float, default=0
        Seconds that pass with every look at it.

    Examples
    --------
    >>> clock = HandClock(10)
    >>> clock.advance(4)
    >>> clock.remaining()
    6.0
    """

    def __init__(self, seconds: float | None, *, tick: float = 0.0) -> None:
        self.at = 0.0
        self.tick = tick
        self.looks = 0
        super().__init__(seconds, now=self._look)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += seconds

    def _look(self) -> float:
        self.looks += 1
        self.at += self.tick
        return self.at


class MajorityModel:
    """A learner that answers with class shares or the mean, written against the contract alone: it shows how little that is.

    Parameters
    ----------
    kind : Kind
        Problem.
    classes : int
        Classes, 0 for regression.
    seed, threads : int
        Unused.
    """

    card: ClassVar[Card] = Card(
        id="fakes",
        title=Said(en="Majority", zh="多数类"),
        source="our own: a fake for tests",
        kinds=("binary", "multiclass", "regression"),
        cost=0.001,
    )
    exam_skips: ClassVar[dict[str, str]] = {"beats_the_baseline": "it is a baseline"}

    def __init__(self, *, kind: Kind, classes: int, seed: int = 0, threads: int = 1) -> None:
        self.kind = kind
        self.classes = classes
        self.seed = seed
        self.threads = threads
        self.partial = False
        self.rounds: int | None = None

    @classmethod
    def space(cls, facts: Facts) -> Space:
        """Return nothing to choose."""
        return {}

    def fit(
        self, x: Matrix, y: NDArray[Any], *, valid: tuple[Matrix, NDArray[Any]] | None = None, watch: Clock,
        weight: Floats | None = None, rounds: int | None = None,
    ) -> Self:  # fmt: skip
        """Count."""
        if self.kind in CLASSIFICATION:
            counts = np.bincount(y, weights=weight, minlength=self.classes)
            self._answer = counts / counts.sum()
        else:
            self._answer = np.array([np.average(y, weights=weight)])
        return self

    def predict(self, x: Matrix) -> Floats:
        """Return the same answer for every row."""
        return np.tile(self._answer, (len(x), 1))

    def state(self) -> State:
        """Return the answer."""
        return {"answer": self._answer}

    def restore(self, state: State) -> Self:
        """Take up the answer."""
        self._answer = state["answer"]
        return self
