"""Weighted sums: logistic and ridge regression, fitted by scikit-learn, answered in numpy. Makes no interactions itself."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.parts import Card, Facts, Floats, Matrix, State
from openglm.core.space import Real, Space
from openglm.core.task import Kind
from openglm.core.words import Said
from openglm.models._learner import Additive, Valid, require, sigmoid_pair, softmax

FIRST_STEPS, MOST_STEPS = 25, 400
"""L-BFGS iterations between looks at the clock (doubled each time), and in all. Scaled columns rarely need more than 200."""


class Linear(Additive):
    """Logistic regression for classes, ridge regression for values.

    Parameters
    ----------
    kind : Kind
        Problem.
    classes : int
        Classes, 0 for regression.
    seed : int
        Of the row sample.
    threads : int
        Of the matrix products, >= 1.
    strength : float, default=1.0
        Strength of the squared penalty (scikit-learn's ``1/C`` and ``alpha``), > 0.
    """

    card: ClassVar[Card] = Card(
        id="linear",
        title=Said(en="Linear model", zh="线性模型"),
        source="scikit-learn LogisticRegression (L-BFGS) and Ridge; Hastie, Tibshirani & Friedman (2009), 4.4 and 3.4.1",
        kinds=("binary", "multiclass", "regression"),
        view="dense",
        cost=0.3,
        max_rows=50_000,
        interpretable=True,
    )

    def __init__(self, *, kind: Kind, classes: int, seed: int = 0, threads: int = 1, strength: float = 1.0) -> None:
        self._settle(kind, classes, seed, threads)
        self.strength = strength

    @classmethod
    def space(cls, facts: Facts) -> Space:
        """Return five powers of ten, more above the default than below: too little penalty harms more often."""
        return {"strength": Real(low=1e-2, high=1e3, log=True)}

    def _check(self) -> None:
        require(self.strength > 0, "strength", self.strength, "> 0")

    def _learn(
        self, x: Matrix, y: NDArray[Any], valid: Valid, watch: Clock, weight: Floats | None, rounds: int | None
    ) -> None:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        values = x.values.astype(np.float64)
        self._mean = np.average(values, axis=0, weights=weight)
        # Left alone, BLAS wakes all cores for each of many tiny products: measured 16 times the CPU for 120 rows.
        with threadpool_limits(self.threads, user_api="blas"):
            self._coef, self._intercept = (
                self._logistic(values, y, watch, weight) if self.sorts else self._ridge(values, y, weight)
            )

    def _logistic(self, values: Floats, y: NDArray[Any], watch: Clock, weight: Floats | None) -> tuple[Floats, Floats]:
        """Return coefficients (classes or 1, features) and intercepts; stops between bouts of iterations."""
        import warnings

        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        learner = LogisticRegression(C=1.0 / self.strength, max_iter=FIRST_STEPS, warm_start=True)
        done, bout = 0, FIRST_STEPS
        while True:
            before = watch.remaining()
            learner.max_iter = bout
            with warnings.catch_warnings():  # not converged yet is what the loop is for
                warnings.simplefilter("ignore", ConvergenceWarning)
                learner.fit(values, y, sample_weight=weight)
            done += bout
            if int(np.max(learner.n_iter_)) < bout or done >= MOST_STEPS:
                break
            left = watch.remaining()
            bout *= 2
            if left <= 2 * (before - left):
                self.partial = True
                break
        return learner.coef_, learner.intercept_

    def _ridge(self, values: Floats, y: Floats, weight: Floats | None) -> tuple[Floats, Floats]:
        from sklearn.linear_model import Ridge

        learner = Ridge(alpha=self.strength, solver="cholesky").fit(values, y, sample_weight=weight)
        return np.atleast_2d(learner.coef_), np.atleast_1d(learner.intercept_)

    def _answer(self, x: Matrix) -> Floats:
        scores = x.values.astype(np.float64) @ self._coef.T + self._intercept
        if not self.sorts:
            return scores
        return sigmoid_pair(scores[:, 0]) if self.width == 2 else softmax(scores)

    def _moves(self, x: Matrix) -> Floats:
        """Coefficient times distance from the training mean (Štrumbelj & Kononenko 2014, eq. 5)."""
        moved = x.values.astype(np.float64) - self._mean
        base = np.broadcast_to(self._mean @ self._coef.T + self._intercept, (len(x), 1, len(self._coef)))
        return np.concatenate([moved[:, :, None] * self._coef.T[None], base], axis=1)

    def _pack(self) -> State:
        return {"coef": self._coef, "intercept": self._intercept, "mean": self._mean}

    def _unpack(self, state: State) -> None:
        self._coef, self._intercept = state["coef"], state["intercept"]
        # Models saved before the mean was kept: dense features are centred, so 0 is near it.
        self._mean = state.get("mean", np.zeros(self._coef.shape[1]))
