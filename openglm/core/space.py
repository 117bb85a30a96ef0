"""Search spaces: what a learner's settings may be. Plain values, so that a person can edit them in ``plan.yaml``."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from openglm.core.schema import Scalar
from openglm.core.words import Word


class Real(Word):
    """A real number in [low, high], drawn evenly or evenly in the logarithm."""

    type: Literal["real"] = "real"
    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _check(self) -> Real:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError("a real range needs low < high, and low > 0 when it is logarithmic")
        return self

    def sample(self, rng: np.random.Generator) -> float:
        """Draw one value."""
        if self.log:
            return float(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))
        return float(rng.uniform(self.low, self.high))


class Integer(Word):
    """A whole number in [low, high], both included, drawn evenly or evenly in the logarithm."""

    type: Literal["integer"] = "integer"
    low: int
    high: int
    log: bool = False

    @model_validator(mode="after")
    def _check(self) -> Integer:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError("an integer range needs low < high, and low > 0 when it is logarithmic")
        return self

    def sample(self, rng: np.random.Generator) -> int:
        """Draw one value."""
        if self.log:
            drawn = math.exp(rng.uniform(math.log(self.low - 0.5), math.log(self.high + 0.5)))
            return int(min(max(round(drawn), self.low), self.high))
        return int(rng.integers(self.low, self.high + 1))


class Options(Word):
    """One of a few values."""

    type: Literal["options"] = "options"
    values: tuple[Scalar | None, ...] = Field(min_length=1)

    def sample(self, rng: np.random.Generator) -> Scalar | None:
        """Draw one value."""
        return self.values[int(rng.integers(len(self.values)))]


Dimension = Annotated[Real | Integer | Options, Field(discriminator="type")]
Space = dict[str, Dimension]
"""Setting name → dimension."""


def sample(space: Space, rng: np.random.Generator) -> dict[str, Scalar | None]:
    """Draw one point of ``space``; the same generator state gives the same point."""
    return {name: dimension.sample(rng) for name, dimension in space.items()}
