"""What an interchangeable part must be able to do: learners, feature makers, recipes, searchers and engines, each with a card.

A part is one class in one file; the file name is its id. It is found by scanning (:mod:`openglm.core.registry`), never
listed. Its ``state`` is plain data and arrays, so that a saved part can be loaded without running anybody's code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from openglm.core.budget import Budget, Clock
from openglm.core.schema import Schema
from openglm.core.space import Space
from openglm.core.task import Kind, Task
from openglm.core.trial import Candidate, Trial
from openglm.core.words import Said, Word

if TYPE_CHECKING:
    from openglm.core.dataset import Dataset
    from openglm.core.plan import Plan
    from openglm.core.preset import Preset

Floats = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]
"""Typed columns of a table, all of one length: float64 (numeric; date as seconds since 1970 UTC; missing is NaN) or object
holding str (category, text; missing is None)."""
State = dict[str, Any]
"""What a fitted part is made of: JSON values, numpy arrays (no objects) and bytes (a native model file)."""


@dataclass(frozen=True)
class Output:
    """One column of a matrix: its name, the table column it came from, and its number of levels (0: a quantity)."""

    name: str
    column: str
    levels: int = 0


@dataclass(frozen=True)
class Matrix:
    """What a learner sees.

    Parameters
    ----------
    values : ndarray of shape (rows, features), float32
        In a ``codes`` view a category is a code 0 … levels-1 and NaN is missing or unseen; a ``dense`` view has no NaN.
    outputs : tuple of Output
        One for each feature.
    """

    values: NDArray[np.float32]
    outputs: tuple[Output, ...]

    @property
    def categorical(self) -> list[int]:
        """Positions of the features that hold category codes."""
        return [i for i, output in enumerate(self.outputs) if output.levels]

    def take(self, rows: NDArray[Any] | slice) -> Matrix:
        """Return the matrix of just these rows."""
        return Matrix(self.values[rows], self.outputs)

    def __len__(self) -> int:
        return len(self.values)


class Facts(Word):
    """The size of a problem, from which a learner chooses its search space and a plan its costs."""

    kind: Kind
    rows: int = Field(ge=1)
    columns: int = Field(ge=1)
    classes: int = Field(default=0, ge=0)
    categories: int = Field(default=0, ge=0)


class Card(Word):
    """What a part says about itself.

    Parameters
    ----------
    id : str
        Equal to its file name.
    title : Said
        For people.
    source : str
        Paper, section, equation; or the library's documentation.
    kinds : tuple of Kind
        For a learner: problems it can solve. For a feature part: empty.
    roles : tuple of str
        For a feature part: column roles it takes.
    view : str
        For a learner: ``codes``, ``dense``, or ``none`` when it looks at no column. For a feature part: the view it belongs to.
    package, extra : str
        A module that must be importable, and the extra of ours that installs it; empty when the base install has it.
    cost : float
        For a learner: guess of fit seconds per million cells (rows x features) on one core with its defaults.
    max_rows : int or None
        For a learner: above this it sees a sample of so many rows.
    interpretable : bool
        For a learner: whether a person can read the whole fitted model.
    """

    id: str
    title: Said
    source: str
    kinds: tuple[Kind, ...] = ()
    roles: tuple[str, ...] = ()
    view: str = "codes"
    package: str = ""
    extra: str = ""
    cost: float = Field(default=1.0, gt=0)
    max_rows: int | None = None
    interpretable: bool = False


class Model(Protocol):
    """A learner.

    Constructor: ``(*, kind, classes, seed=0, threads=1, **params)``; every setting after ``*`` has a good default, is stored
    unchanged under its own name and checked in ``fit``.
    """

    card: ClassVar[Card]
    partial: bool
    """Whether the clock cut the last ``fit`` short."""
    rounds: int | None
    """Rounds or epochs kept by early stopping; ``None`` where that means nothing."""

    def __init__(self, *, kind: Kind, classes: int, seed: int = 0, threads: int = 1, **params: Any) -> None: ...

    @classmethod
    def space(cls, facts: Facts) -> Space:
        """Return where good settings may lie for a problem of this size."""
        ...

    def fit(
        self, x: Matrix, y: NDArray[Any], *, valid: tuple[Matrix, NDArray[Any]] | None = None, watch: Clock,
        weight: Floats | None = None, rounds: int | None = None,
    ) -> Self:  # fmt: skip
        """Learn from rows.

        Parameters
        ----------
        x : Matrix of shape (rows, features)
            Left untouched.
        y : ndarray of shape (rows,)
            Class codes 0 … classes-1 (int64), or float64 values for regression.
        valid : (Matrix, ndarray) or None
            Rows for early stopping; without them ``rounds`` says how long to train.
        watch : Clock
            The learner returns in time: what it has learned until then if that is usable (``partial`` is then true).
        weight : ndarray of shape (rows,) or None
            Non-negative row weights.
        rounds : int or None
            Fixed number of rounds, as found earlier with ``valid``.

        Raises
        ------
        TimeoutError
            If the clock ended before there was anything usable.
        """
        ...

    def predict(self, x: Matrix) -> Floats:
        """Return shape (rows, classes) with probabilities that sum to 1, or (rows, 1) for regression."""
        ...

    def state(self) -> State:
        """Return what ``restore`` needs; constructor settings are kept by the caller."""
        ...

    def restore(self, state: State) -> Self:
        """Become the fitted learner that ``state`` describes."""
        ...


@runtime_checkable
class Explained(Protocol):
    """What a learner may be able to do beside :class:`Model`: split every answer into exact parts of the features."""

    def contributions(self, x: Matrix) -> Floats:
        """Return how far each feature moves the raw answer, shape (rows, features + 1, classes or 1); the last one is the base.

        Shapley values. Over features and base they add up to the prediction for a regression, and for classes to scores
        whose softmax is the prediction.
        """
        ...


class Feature(Protocol):
    """A feature maker for some columns of one role, after scikit-learn's fit and transform.

    Constructor: ``(*, columns, seed=0, **params)``.
    """

    card: ClassVar[Card]
    outputs: tuple[Output, ...]
    """Known after ``fit``; may be empty."""

    def __init__(self, *, columns: tuple[str, ...], seed: int = 0, **params: Any) -> None: ...

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn from training rows only. Leaves ``x`` untouched."""
        ...

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, len(outputs)). Never fails on unseen levels or missing values."""
        ...

    def state(self) -> State:
        """Return what ``restore`` needs; constructor settings are kept by the caller."""
        ...

    def restore(self, state: State) -> Self:
        """Become the fitted part that ``state`` describes."""
        ...


class Searcher(Protocol):
    """What to try next. ``ask`` may be called again before earlier candidates are told."""

    card: ClassVar[Card]

    def ask(self) -> Candidate | None:
        """Return the next candidate, or ``None`` when the space is used up."""
        ...

    def tell(self, trial: Trial) -> None:
        """Learn from a finished trial."""
        ...


class Recipe(Protocol):
    """What sort of problem is this, and how is it solved?"""

    card: ClassVar[Card]

    def claims(self, task: Task, schema: Schema) -> float:
        """Return how well this recipe fits, in [0, 1]; the best claim wins."""
        ...

    def plan(self, data: Dataset, budget: Budget, preset: Preset, seed: int) -> Plan:
        """Return how to solve it, each part with its reason."""
        ...


class Message(Word):
    """One turn of a conversation with a language model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Chunk(Word):
    """A piece of an answer as it comes.

    Parameters
    ----------
    text : str
        What is added; may be empty.
    finish : str
        Why the answer ends here: ``stop`` (it is complete), ``length`` (cut off), or the engine's own word; empty before that.
    """

    text: str
    finish: str = ""


class EngineOptions(Word):
    """How an answer is to be made.

    Parameters
    ----------
    max_tokens : int
        Length of the answer at most.
    temperature : float
        In [0, 2]; 0 takes the likeliest word every time.
    seed : int or None
        For engines that know one.
    json_schema : dict or None
        JSON schema of the answer. A wish: an engine that cannot constrain its output leaves it out, so answers are checked.
    deadline_s : float
        Seconds from the call of ``stream`` to the last chunk, > 0.
    """

    max_tokens: int = Field(default=1024, ge=1)
    temperature: float = Field(default=0.0, ge=0, le=2)
    seed: int | None = None
    json_schema: dict[str, Any] | None = None
    deadline_s: float = Field(default=20.0, gt=0, allow_inf_nan=False)


class Engine(Protocol):
    """A language model that can be asked. Optional everywhere: whoever calls one can do without its answer."""

    card: ClassVar[Card]

    def stream(self, messages: Sequence[Message], options: EngineOptions) -> Iterator[Chunk]:
        """Answer, piece by piece; the last piece has a ``finish``.

        Raises
        ------
        EngineError
            If there is no complete answer by the deadline, for whatever reason.
        """
        ...

    def count(self, text: str) -> int:
        """Return how many tokens ``text`` takes, or a guess that is rather too high."""
        ...
