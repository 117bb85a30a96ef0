"""What the sentence asked for: the goal, its tasks, its steps, and the words that are the evidence."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from openglm.core import graph
from openglm.core.cleaning import Rule
from openglm.core.schema import Scalar
from openglm.core.words import Language, Said, Word

Kind = Literal["binary", "multiclass", "regression", "forecast", "anomaly", "clustering"]
SUPERVISED: frozenset[str] = frozenset({"binary", "multiclass", "regression", "forecast"})
CLASSIFICATION: frozenset[str] = frozenset({"binary", "multiclass"})

CoarseIntent = Literal[
    "build_model", "predict", "explain", "compare", "deploy", "monitor", "clean_data", "describe_data", "feedback",
    "cancel", "other",
]  # fmt: skip
StepType = Literal[
    "validate_data", "clean_data", "describe_data", "engineer_features", "build_model", "tune", "compare", "evaluate",
    "explain", "predict", "compress", "export", "deploy", "monitor", "retrain", "report",
]  # fmt: skip
Origin = Literal["stated", "inferred", "default"]


class Span(Word):
    """A piece of the sentence: characters ``start`` (included) to ``end`` (excluded), and their text."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class Slot(Word):
    """One thing understood: its value, how sure, and on what evidence.

    Parameters
    ----------
    value : JSON value
        What was understood.
    origin : Origin
        ``stated`` in the sentence, ``inferred`` from the data, or a ``default``.
    score : float
        How sure, in [0, 1].
    evidence : tuple of Span
        The words of the sentence it rests on; empty when nothing in the sentence says it.
    reason : Said
        One sentence that a person can check.
    turn : int
        Which turn of a dialogue said it, counted from 1; the evidence lies in that turn's sentence.
    """

    value: Any
    origin: Origin
    score: float = Field(default=1.0, ge=0, le=1)
    evidence: tuple[Span, ...] = ()
    reason: Said = Said(en="", zh="")
    turn: int = Field(default=1, ge=1)


class Choice(Word):
    """A column that could be the target: its score in [0, 1], and why."""

    column: str
    score: float = Field(ge=0, le=1)
    reason: Said


class Question(Word):
    """Something really open, asked once: at most three options, the first one is the default."""

    slot: str
    text: Said
    options: tuple[Choice, ...] = ()


class Step(Word):
    """One node of the task graph."""

    task_id: str
    type: StepType
    depends_on: tuple[str, ...] = ()
    assigned_to: str


class Constraints(Word):
    """Limits that the user stated.

    Parameters
    ----------
    max_latency_ms : float or None
        Milliseconds for one row.
    max_model_mb : float or None
        Size of the saved model in MiB.
    interpretable, no_gpu : bool
        Wishes that are yes or no.
    fairness_attribute : str or None
        Column by which groups must be treated alike.
    max_false_positive_rate, min_recall, min_precision : float or None
        Shares in [0, 1], to be reached by the decision threshold.
    cost_false_positive, cost_false_negative : float or None
        Of two classes: what a false alarm and a miss cost, in any unit; with both, the threshold is where they cost least.
    """

    max_latency_ms: float | None = Field(default=None, gt=0)
    max_model_mb: float | None = Field(default=None, gt=0)
    interpretable: bool = False
    no_gpu: bool = False
    fairness_attribute: str | None = None
    max_false_positive_rate: float | None = Field(default=None, ge=0, le=1)
    min_recall: float | None = Field(default=None, ge=0, le=1)
    min_precision: float | None = Field(default=None, ge=0, le=1)
    cost_false_positive: float | None = Field(default=None, ge=0)
    cost_false_negative: float | None = Field(default=None, ge=0)

    @property
    def costs(self) -> tuple[float, float] | None:
        """Return what a false alarm and a miss cost; ``None`` unless both are known and not both are free."""
        if self.cost_false_positive is None or self.cost_false_negative is None:
            return None
        known = self.cost_false_positive, self.cost_false_negative
        return known if any(known) else None


class Task(Word):
    """One thing to learn.

    Parameters
    ----------
    kind : Kind
        What sort of problem.
    target : str or None
        Column to predict; ``None`` for anomaly and clustering.
    inputs : tuple of str
        Columns to learn from; empty means every column that carries something.
    excluded, ids : tuple of str
        Columns not to learn from: by the user's word, and because they only name rows.
    metric : str
        Registry name of the metric to optimise, see :mod:`openglm.core.metrics`.
    positive_class : scalar or None
        For ``binary``: the label whose probability is meant.
    time_column, group_column : str or None
        Order of time; rows that belong together.
    split : {"random"} or None
        How to part the rows where neither groups nor time are named; ``None`` leaves it to what the table shows.
    horizon : int or None
        Steps to look ahead, with ``frequency`` (``H``, ``D``, ``W``, ``M`` …).
    models : tuple of str
        Learners the user named; empty leaves the choice to the plan.
    constraints : Constraints
        Limits that the user stated.
    rules : tuple of Rule
        Rules for the data that the user stated.
    sentence : str
        As it was given.
    language : Language
        Of the sentence; reports answer in it.
    """

    kind: Kind
    target: str | None
    inputs: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    metric: str
    positive_class: Scalar | None = None
    time_column: str | None = None
    group_column: str | None = None
    split: Literal["random"] | None = None
    horizon: int | None = Field(default=None, ge=1)
    frequency: str | None = None
    models: tuple[str, ...] = ()
    constraints: Constraints = Constraints()
    rules: tuple[Rule, ...] = ()
    sentence: str = ""
    language: Language = "en"

    @model_validator(mode="after")
    def _check(self) -> Task:
        if self.kind in SUPERVISED and not self.target:
            raise ValueError(f"a {self.kind} task needs a target column")
        return self


class EngineNote(Word):
    """What became of a language model's answer about a sentence.

    Parameters
    ----------
    name : str
        Id of the engine.
    used : bool
        Whether the answer stood the checks, at least in part.
    said : Said
        What it changed, or why it was not used.
    """

    name: str
    used: bool
    said: Said


class Goal(Word):
    """Everything understood from one sentence over one table.

    Parameters
    ----------
    intent : CoarseIntent
        What to do.
    fine_intent : str
        The same, finer: ``build_model.binary``, ``predict.new_rows`` …
    confidence : float
        That the frame as a whole is what was meant, in [0, 1].
    tasks : tuple of Task
        What to learn; empty when the sentence asks for nothing to learn or a question is open.
    steps : tuple of Step
        The task graph; see :mod:`openglm.core.graph`.
    slots : dict of str to Slot
        Every value with its evidence: ``target``, ``task_kind``, ``metric``, ``excluded``, ``time_budget_seconds`` …
    alternatives : tuple of Choice
        Targets that were not taken, best first.
    questions : tuple of Question
        What is still open; nothing can start while one is.
    turn : int
        Which turn of a dialogue the sentence was, counted from 1.
    engine : EngineNote or None
        What became of a language model's answer; ``None`` when none was asked.
    """

    intent: CoarseIntent
    fine_intent: str = ""
    confidence: float = Field(ge=0, le=1)
    tasks: tuple[Task, ...] = ()
    steps: tuple[Step, ...] = ()
    slots: dict[str, Slot] = {}
    alternatives: tuple[Choice, ...] = ()
    questions: tuple[Question, ...] = ()
    turn: int = Field(default=1, ge=1)
    engine: EngineNote | None = None
    sentence: str
    language: Language

    @model_validator(mode="after")
    def _walkable(self) -> Goal:
        graph.check(self.steps)
        return self
