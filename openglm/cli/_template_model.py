"""Nearest centroid: a row belongs to the class whose mean row is nearest.

Draws every class as a ball of the same size, so it knows nothing of how columns interact. One pass over the rows.

Source: Hastie, Tibshirani & Friedman (2009), "The Elements of Statistical Learning", section 4.3: linear discriminant
analysis with the covariance taken as a multiple of the identity.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.errors import PlanError
from openglm.core.parts import Card, Facts, Floats, Matrix, State
from openglm.core.space import Real, Space
from openglm.core.task import Kind
from openglm.core.words import Said


class TemplateModel:
    """A small, complete learner for two or more classes.

    Parameters
    ----------
    kind : Kind
        ``binary`` or ``multiclass``.
    classes : int
        Number of classes, >= 1.
    seed, threads : int
        Not used: nothing here is random, and numpy does the sums.
    shrink : float, default=0.0
        How far the class means move towards the mean of all rows, in [0, 1]; helps when classes have few rows.

    Examples
    --------
    >>> from openglm.core.parts import Output
    >>> x = Matrix(np.array([[0.0], [1.0], [9.0], [10.0]], dtype=np.float32), (Output("a", "a"),))
    >>> model = TemplateModel(kind="binary", classes=2).fit(x, np.array([0, 0, 1, 1]), watch=Clock(None))
    >>> model.predict(x).argmax(axis=1).tolist()
    [0, 0, 1, 1]
    """

    card: ClassVar[Card] = Card(
        id="template_model",  # equal to the file name
        title=Said(en="nearest centroid", zh="最近质心"),
        source="Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, section 4.3",
        kinds=("binary", "multiclass"),
        view="dense",  # scaled numbers and 0/1 columns without missing values; "codes" is the other one
        cost=0.05,  # guess of fit seconds per million cells
    )

    def __init__(self, *, kind: Kind, classes: int, seed: int = 0, threads: int = 1, shrink: float = 0.0) -> None:
        self.kind = kind
        self.classes = classes
        self.seed = seed
        self.threads = threads
        self.shrink = shrink
        self.partial = False
        self.rounds: int | None = None

    @classmethod
    def space(cls, facts: Facts) -> Space:
        """Return where good settings may lie."""
        return {"shrink": Real(low=0.0, high=0.9)}

    def fit(
        self, x: Matrix, y: NDArray[Any], *, valid: tuple[Matrix, NDArray[Any]] | None = None, watch: Clock,
        weight: Floats | None = None, rounds: int | None = None,
    ) -> Self:  # fmt: skip
        """Learn the mean row of each class; see :class:`openglm.core.parts.Model`."""
        if not 0 <= self.shrink <= 1:
            raise PlanError(f"'shrink' must be in [0, 1], not {self.shrink}.")
        if watch.expired():
            raise TimeoutError("no time left to look at the rows")
        values = x.values.astype(np.float64)
        weight = np.ones(len(y)) if weight is None else weight
        member = np.eye(self.classes)[y] * weight[:, None]  # (rows, classes)
        mass = member.sum(axis=0)  # (classes,)
        middle = weight @ values / max(weight.sum(), 1e-300)  # (features,)
        means = (member.T @ values) / np.maximum(mass, 1e-300)[:, None]  # (classes, features)
        means = np.where(mass[:, None] > 0, (1 - self.shrink) * means + self.shrink * middle, middle)
        squares = (member * ((values[:, None, :] - means[None]) ** 2).sum(axis=2)).sum()
        self._means = means
        # One variance for all features and classes; never 0, so that identical rows do not divide by it.
        self._variance = max(float(squares) / max(float(mass.sum()) * max(values.shape[1], 1), 1e-300), 1e-6)
        self._prior = (mass + 1) / (mass.sum() + self.classes)  # Laplace's rule: an unseen class stays possible
        return self

    def predict(self, x: Matrix) -> Floats:
        """Return the probability of each class, shape (rows, classes)."""
        values = x.values.astype(np.float64)
        distance = ((values[:, None, :] - self._means[None]) ** 2).sum(axis=2)  # (rows, classes)
        logits = np.log(self._prior) - distance / (2 * self._variance)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        found: Floats = odds / odds.sum(axis=1, keepdims=True)
        return found

    def state(self) -> State:
        """Return what was learned, as arrays and JSON values."""
        return {"means": self._means, "variance": self._variance, "prior": self._prior}

    def restore(self, state: State) -> Self:
        """Become the learner that ``state`` describes."""
        self._means, self._variance, self._prior = state["means"], state["variance"], state["prior"]
        return self
