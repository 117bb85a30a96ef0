"""The plan: how a task will be solved, each part with its reason. As YAML a person can edit and run it."""

from __future__ import annotations

import json
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from openglm.core._mistakes import mistake
from openglm.core.budget import Budget
from openglm.core.cleaning import CleanStep
from openglm.core.errors import PlanError
from openglm.core.metrics import search_metric
from openglm.core.schema import Scalar
from openglm.core.space import Space
from openglm.core.task import Task
from openglm.core.words import Said, Word

# libyaml's safe reader and writer where the package has them: ten times as fast on a table of 10,000 columns.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

View = str
"""Name of one way to show the same columns to learners: ``codes`` (trees) or ``dense`` (linear, distances)."""


class FeatureStep(Word):
    """One feature part applied to some columns, e.g. ``category`` on all categories."""

    part: str
    columns: tuple[str, ...]
    params: dict[str, Scalar | None] = {}
    reason: str = ""


class Entry(Word):
    """A learner to try: fixed ``params`` first, then points of ``space``; both override the learner's own defaults.

    Parameters
    ----------
    model : str
        Registry id of the learner.
    view : str
        Which view of the columns it sees; a key of ``Plan.views``.
    params : dict
        Settings of the first try.
    space : Space
        Where to look afterwards; empty means just once.
    cost : float
        Guess of its seconds relative to the others; cheap entries come first.
    reason : str
        Why it is here.
    """

    model: str
    view: View
    params: dict[str, Scalar | None] = {}
    space: Space = {}
    cost: float = Field(default=1.0, gt=0)
    reason: str = ""


class Split(Word):
    """How rows are kept apart.

    Parameters
    ----------
    method : {"stratified", "random", "group", "time", "group-time"}
        How the sealed rows are drawn: ``stratified`` keeps the class shares; ``group`` keeps all rows of one group on one side;
        ``time`` seals the latest rows; ``group-time`` keeps groups whole and seals those that began last.
    sealed_share : float
        Share of rows that no choice is made on; opened once, for the report. In (0, 0.5].
    folds : int
        Cross-validation folds on the other rows; 1 is a single hold-out part.
    seed : int
        Of the shuffle.
    group : tuple of str
        Columns whose values together name the group; two coordinates stand for cells of a grid.
    time : str or None
        Column that orders the rows.
    repeats : int
        How often the final choice is cross-validated again with other folds, on small data; 1 is not.
    reason : Said
        Why so.
    """

    method: Literal["stratified", "random", "group", "time", "group-time"] = "stratified"
    sealed_share: float = Field(default=0.2, gt=0, le=0.5)
    folds: int = Field(default=5, ge=1, le=20)
    seed: int = 0
    group: tuple[str, ...] = ()
    time: str | None = None
    repeats: int = Field(default=1, ge=1, le=100)
    reason: Said = Said(en="", zh="")


class Plan(Word):
    """Everything the search needs to know. Ids and numbers only; no code."""

    format: Literal[1] = 1
    recipe: str
    task: Task
    views: dict[View, tuple[FeatureStep, ...]]
    entries: tuple[Entry, ...]
    split: Split
    cleaning: tuple[CleanStep, ...] = ()
    budget: Budget
    searcher: str = "random"
    max_members: int = Field(default=8, ge=1, le=50)
    seed: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def metric(self) -> str:
        """What the search ranks by; follows from ``task.metric``, see :func:`openglm.core.metrics.search_metric`."""
        return search_metric(self.task.metric, self.task.kind)

    def to_yaml(self) -> str:
        """Return the plan as YAML that a person can edit; ``from_yaml`` reads it back without loss."""
        return yaml.dump(self.model_dump(mode="json"), Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=110)

    @classmethod
    def from_yaml(cls, text: str) -> Plan:
        """Return the plan that ``to_yaml`` wrote, edited or not.

        Raises
        ------
        PlanError
            If the text is not YAML or not a plan; the message names the place.
        """
        try:
            data: Any = yaml.load(text, Loader=_LOADER)  # a safe loader, see above
        except yaml.YAMLError as error:
            first = str(error).replace("\n", " ")
            raise PlanError(
                Said(en=f"The plan is not valid YAML: {first}.", zh=f"计划文件不是有效的 YAML: {first}。"),
                hint=_MEND,
            ) from error
        try:
            return cls.model_validate_json(yaml_json(data))
        except ValidationError as error:
            first_problem = error.errors()[0]
            place = " → ".join(str(part) for part in first_problem["loc"]) or "top"
            what = mistake(first_problem)
            raise PlanError(
                Said(en=f"The plan has a mistake at {place}: {what.en}.", zh=f"计划文件在 {place} 处有误: {what.zh}。"),
                hint=_MEND,
            ) from error


_MEND = Said(
    en="Mend it, or write a new one with: openglm plan SENTENCE DATA > plan.yaml",
    zh="请修改,或用 openglm plan 句子 数据 > plan.yaml 重新生成。",
)


def yaml_json(data: Any) -> str:
    """Return parsed YAML as JSON text, so that strict parsing treats lists as tuples."""
    return json.dumps(data, ensure_ascii=False, default=str)
