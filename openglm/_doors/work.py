"""What a step of a goal is given to work with, and how it answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from openglm.core.budget import Clock
from openglm.core.outcome import Outcome, OutcomeStatus
from openglm.core.report import Report
from openglm.core.run import Run
from openglm.core.schema import Scalar
from openglm.core.task import Goal, Step
from openglm.core.words import Said

if TYPE_CHECKING:
    from openglm.core.pipeline import Pipeline

Values = Mapping[str, Scalar | None]


@dataclass
class Work:
    """What a step is given.

    Parameters
    ----------
    run : Run
        The folder of the whole run.
    goal, step : Goal, Step
        The whole graph, and this node of it.
    before : tuple of Outcome
        Of the steps it waits for, directly or not, the nearest first.
    clock : Clock
        Of the budget.
    source : str or None
        File of the table, to find other files beside it.
    """

    run: Run
    goal: Goal
    step: Step
    before: tuple[Outcome, ...]
    clock: Clock
    source: str | None
    used: list[str] = field(default_factory=list)

    def take(self, name: str) -> Path | None:
        """Return the artifact ``name`` of the nearest step before this one that has it, and note that it was used."""
        for outcome in self.before:
            if name in outcome.artifacts:
                if outcome.task_id not in self.used:
                    self.used.append(outcome.task_id)
                return self.run.path / outcome.artifacts[name]
        return None

    def place(self, name: str) -> Path:
        """Return an artifact that must be there: every step that needs a model stands behind one that trains it."""
        path = self.take(name)
        assert path is not None, name
        return path

    def model(self) -> Pipeline:
        """Return the delivered pipeline of the learning step before this one."""
        from openglm.core.pipeline import Pipeline

        return Pipeline.load(self.place("pipeline"))

    def report(self) -> Report:
        """Return what the sealed rows said about that model."""
        return Run(self.place("report").parent).report

    def end(
        self, status: OutcomeStatus, said: Said, artifacts: dict[str, str] | None = None, values: Values | None = None
    ) -> Outcome:
        """Return the outcome; values that do not exist (``None``, not-a-number) are left out."""
        known: dict[str, Scalar] = {
            name: value
            for name, value in (values or {}).items()
            if value is not None and not (isinstance(value, float) and not math.isfinite(value))
        }
        return Outcome(
            task_id=self.step.task_id, type=self.step.type, status=status, said=said, inputs=tuple(self.used),
            artifacts=artifacts or {}, values=known,
        )  # fmt: skip

    def done(self, en: str, zh: str, artifacts: dict[str, str] | None = None, values: Values | None = None) -> Outcome:
        """Return the outcome of a step that did its work."""
        return self.end("done", Said(en=en, zh=zh), artifacts, values)


def counted(count: int, noun: str) -> str:
    """Return a count with its English noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
