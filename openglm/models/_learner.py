"""What every learner does the same way, written once: which rows it sees, which classes occur, what saving keeps.

A learner inherits :class:`Learner` and fills in ``_learn``, ``_answer``, ``_pack`` and ``_unpack``; it then never meets rows
without weight, a target with one value, missing classes, or values far from 0. A learner may also do all this itself:
the contract is :class:`openglm.core.parts.Model`, not this class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.errors import PlanError
from openglm.core.parts import Card, Facts, Floats, Matrix, State
from openglm.core.space import Space
from openglm.core.task import CLASSIFICATION, Kind
from openglm.core.words import Said

Valid = tuple[Matrix, NDArray[Any]] | None
IMPOSSIBLE = -700.0
"""Logarithm of the probability of a class that training never showed: exp(-700) is 0 beside any other."""


class Learner(ABC):
    """Base of learners.

    ``_learn`` sees compact class codes 0 … ``self.width``-1, all of which occur, or a target with mean 0 and deviation 1.
    """

    card: ClassVar[Card]
    instant: ClassVar[bool] = False
    """Whether it needs no time worth measuring and so learns even when the clock has ended."""
    kind: Kind
    classes: int
    seed: int
    threads: int
    partial: bool
    rounds: int | None

    def _settle(self, kind: Kind, classes: int, seed: int, threads: int) -> None:
        """Store what every learner is told."""
        self.kind = kind
        self.classes = classes
        self.seed = seed
        self.threads = threads
        self.partial = False
        self.rounds = None

    @property
    def sorts(self) -> bool:
        """Whether the answer is a class."""
        return self.kind in CLASSIFICATION

    @property
    def width(self) -> int:
        """Classes that occur in training, or 1 for a value."""
        return len(self._seen) if self.sorts else 1

    @classmethod
    def space(cls, facts: Facts) -> Space:
        """Return where good settings may lie for a problem of this size."""
        return {}

    def fit(
        self, x: Matrix, y: NDArray[Any], *, valid: Valid = None, watch: Clock,
        weight: Floats | None = None, rounds: int | None = None,
    ) -> Self:  # fmt: skip
        """Learn from rows; see :meth:`openglm.core.parts.Model.fit`."""
        self._check()
        self.partial, self.rounds = False, None
        x, y, weight = self._rows(x, np.asarray(y), weight)
        y = self._compact(y, weight)
        if self._flat(x):
            return self
        if watch.expired() and not self.instant:
            raise TimeoutError(f"no time left for {self.card.id}")
        self._learn(x, y, self._compact_valid(valid), watch, weight, rounds)
        return self

    def predict(self, x: Matrix) -> Floats:
        """Return shape (rows, classes) with probabilities that sum to 1, or (rows, 1) for a value."""
        if self._only_prior or not len(x):
            answer = np.tile(self._prior, (len(x), 1))
        else:
            answer = self._answer(x)
        if not self.sorts:
            return answer * self._spread + self._center
        if self.width == self.classes:
            return answer
        out = np.zeros((len(x), self.classes))
        out[:, self._seen] = answer
        return out

    def state(self) -> State:
        """Return what ``restore`` needs."""
        common: State = {
            "seen": [int(code) for code in self._seen], "center": self._center, "spread": self._spread,
            "prior": self._prior, "only_prior": self._only_prior,
        }  # fmt: skip
        return common if self._only_prior else {**common, **self._pack()}

    def restore(self, state: State) -> Self:
        """Become the fitted learner that ``state`` describes."""
        self._seen = np.array(state["seen"], dtype=np.int64)
        self._center, self._spread = float(state["center"]), float(state["spread"])
        self._prior, self._only_prior = state["prior"], bool(state["only_prior"])
        if not self._only_prior:
            self._unpack(state)
        return self

    # ── what a learner fills in ──

    def _check(self) -> None:  # noqa: B027 - a learner without settings has nothing to check
        """Raise PlanError if a setting is out of range."""

    @abstractmethod
    def _learn(
        self, x: Matrix, y: NDArray[Any], valid: Valid, watch: Clock, weight: Floats | None, rounds: int | None
    ) -> None:
        """Learn; set ``partial`` and ``rounds``."""

    @abstractmethod
    def _answer(self, x: Matrix) -> Floats:
        """Return shape (rows, width)."""

    @abstractmethod
    def _pack(self) -> State:
        """Return what ``_unpack`` needs."""

    @abstractmethod
    def _unpack(self, state: State) -> None:
        """Take up what ``_pack`` returned."""

    # ── the common steps, in order ──

    def _rows(self, x: Matrix, y: NDArray[Any], weight: Floats | None) -> tuple[Matrix, NDArray[Any], Floats | None]:
        """Leave out rows without weight, then draw a sample where the card says that all are too many."""
        if weight is not None and not np.all(weight > 0):
            kept = weight > 0
            x, y, weight = x.take(kept), y[kept], weight[kept]
        if not len(y):
            raise ValueError("there is no row with a weight above 0")
        most = self.card.max_rows
        if most is not None and len(y) > most:
            drawn = np.sort(np.random.default_rng(self.seed).choice(len(y), most, replace=False))
            x, y, weight = x.take(drawn), y[drawn], None if weight is None else weight[drawn]
        return x, y, weight

    def _compact(self, y: NDArray[Any], weight: Floats | None) -> NDArray[Any]:
        """Remember classes or scale, and the prior; return the target as ``_learn`` sees it."""
        self._seen, self._center, self._spread = np.zeros(0, np.int64), 0.0, 1.0
        if self.sorts:
            self._seen, y = np.unique(y, return_inverse=True)
            counts = np.bincount(y, weights=weight, minlength=len(self._seen))
            self._prior = counts / counts.sum()
            return y
        self._center = float(np.average(y, weights=weight))
        self._is_constant = bool(np.ptp(y) == 0)
        self._spread = 1.0 if self._is_constant else float(np.sqrt(np.average((y - self._center) ** 2, weights=weight)))
        self._prior = np.zeros(1)
        return (y - self._center) / self._spread

    def _flat(self, x: Matrix) -> bool:
        """Say whether there is nothing to tell apart: one class, one value, or no feature."""
        one = self.width == 1 if self.sorts else self._is_constant
        self._only_prior = bool(one or not x.values.shape[1])
        return self._only_prior

    def _compact_valid(self, valid: Valid) -> Valid:
        """Return the validation rows as ``_learn`` sees them, without classes that training never showed."""
        if valid is None or not len(valid[1]):
            return None
        x, y = valid[0], np.asarray(valid[1])
        if not self.sorts:
            return x, (y - self._center) / self._spread
        known = np.isin(y, self._seen)
        if not known.any():
            return None
        if not known.all():
            x, y = x.take(known), y[known]
        return x, np.searchsorted(self._seen, y)


class Additive(Learner):
    """Base of learners that can split every answer into exact parts of the features; they fill in ``_moves`` too."""

    def contributions(self, x: Matrix) -> Floats:
        """Return what each feature adds to each answer; see :meth:`openglm.core.parts.Explained.contributions`."""
        rows, width = len(x), x.values.shape[1]
        out = np.zeros((rows, width + 1, max(self.classes, 1)))
        if not self.sorts:
            if not self._only_prior and rows:
                out[:, :, :] = self._moves(x) * self._spread
            out[:, -1] += self._center
            return out
        out[:, -1] = IMPOSSIBLE
        out[:, -1, self._seen] = 0.0
        if self._only_prior or not rows:
            out[:, -1, self._seen] = np.log(self._prior)
        elif self.width == 2:
            out[:, :, self._seen[1]] = self._moves(x)[:, :, 0]
        else:
            out[:, :, self._seen] = self._moves(x)
        return out

    @abstractmethod
    def _moves(self, x: Matrix) -> Floats:
        """Return shape (rows, features + 1, 1 for two classes or a value, else width): parts of the raw answer."""


def require(good: bool, name: str, value: object, what: str) -> None:
    """Raise PlanError unless ``good``.

    Parameters
    ----------
    good : bool
        Whether the setting can be used.
    name, value : str, object
        The setting.
    what : str
        What it must be, e.g. ">= 1".
    """
    if not good:
        raise PlanError(
            Said(en=f"The setting {name}={value!r} must be {what}.", zh=f"参数 {name}={value!r} 无效,应为 {what}。"),
            hint=Said(en="Mend it in the plan.", zh="请在计划文件中修改。"),
        )


def patience_of(rows: int) -> int:
    """Return the rounds without progress after which boosting stops: 100 up to 10,000 rows, 30 from 100,000 rows on.

    Small validation sets are noisy, so there it waits longer; AutoGluon's boosters go from 300 to 20 in the same way.
    """
    return round(float(np.interp(np.log10(max(rows, 1)), [4, 5], [100, 30])))


def softmax(scores: Floats) -> Floats:
    """Return probabilities, shape as ``scores``."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    out: Floats = powers / powers.sum(axis=1, keepdims=True)
    return out


def sigmoid_pair(scores: Floats) -> Floats:
    """Return the probabilities of two classes, shape (rows, 2), for scores of shape (rows,)."""
    p = 1.0 / (1.0 + np.exp(-np.clip(scores, -700.0, 700.0)))  # exp(710) is the largest float64
    return np.stack([1.0 - p, p], axis=1)
