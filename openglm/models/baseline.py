"""The naive answer that every learner must beat: how often each class occurs, or the mean. Looks at no feature."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.parts import Card, Floats, Matrix, State
from openglm.core.task import Kind
from openglm.core.words import Said
from openglm.models._learner import Learner, Valid


class Baseline(Learner):
    """Class shares of the training rows, or their mean.

    Parameters
    ----------
    kind : Kind
        Problem.
    classes : int
        Classes, 0 for regression.
    seed, threads : int
        Unused.

    Examples
    --------
    >>> from openglm.core.parts import Matrix
    >>> x = Matrix(np.zeros((4, 0), np.float32), ())
    >>> model = Baseline(kind="binary", classes=2).fit(x, np.array([0, 0, 0, 1]), watch=Clock(None))
    >>> model.predict(x)[0].tolist()
    [0.75, 0.25]
    """

    card: ClassVar[Card] = Card(
        id="baseline",
        title=Said(en="Class shares or mean", zh="基线(类别比例或均值)"),
        source="scikit-learn's DummyClassifier(strategy='prior') and DummyRegressor, in four lines of numpy",
        kinds=("binary", "multiclass", "regression"),
        view="none",
        cost=0.001,
    )
    instant: ClassVar[bool] = True
    exam_skips: ClassVar[dict[str, str]] = {"beats_the_baseline": "it is the baseline"}

    def __init__(self, *, kind: Kind, classes: int, seed: int = 0, threads: int = 1) -> None:
        self._settle(kind, classes, seed, threads)

    def _learn(
        self, x: Matrix, y: NDArray[Any], valid: Valid, watch: Clock, weight: Floats | None, rounds: int | None
    ) -> None:
        """Learn nothing more than the prior."""

    def _answer(self, x: Matrix) -> Floats:
        return np.tile(self._prior, (len(x), 1))

    def _pack(self) -> State:
        return {}

    def _unpack(self, state: State) -> None:
        """Take up nothing more than the prior."""
