"""What a finished run gives back: a mapping with attributes, and the plain data that ``--json`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from openglm.core.errors import InputError
from openglm.core.finding import Finding
from openglm.core.outcome import Outcome
from openglm.core.pipeline import Pipeline
from openglm.core.report import Report
from openglm.core.run import Run
from openglm.core.task import Goal, Task
from openglm.core.words import Language, Said


class Result(Mapping[str, Any]):
    """The outcome of a run, read from its folder when asked for.

    Attributes
    ----------
    model : Pipeline
        Ready to predict.
    metrics, baseline : dict of str to float
        On sealed rows: of the model, and of always guessing the most frequent class or the mean.
    leaderboard : list of dict
        Every trial, best first.
    report : Report
        Everything else; ``report.html`` lies in the run folder.
    findings : tuple of Finding
        What was noticed about the data.
    steps : tuple of Outcome
        What came of each step that the sentence asked for.
    run : Run
        The folder.
    task, goal
        What was understood.
    seconds : float
        Wall-clock seconds from the call to the last file.

    A sentence that only looks at the table ("describe this table") learns no model: then ``findings``, ``steps``, ``run``,
    ``goal`` and ``seconds`` are there, and asking for the others raises :class:`~openglm.core.errors.InputError`.
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    @cached_property
    def model(self) -> Pipeline:
        """Ready to predict."""
        self._check_learned()
        return Pipeline.load(self.run.path / "pipeline")

    @cached_property
    def report(self) -> Report:
        """All numbers."""
        self._check_learned()
        return self.run.report

    @property
    def metrics(self) -> dict[str, float]:
        """On sealed rows."""
        return dict(self.report.metrics)

    @property
    def baseline(self) -> dict[str, float]:
        """Of the naive baseline on the same rows."""
        return dict(self.report.baseline)

    @property
    def leaderboard(self) -> list[dict[str, Any]]:
        """Every trial, best first."""
        return [row.model_dump(mode="json") for row in self.report.leaderboard]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed: about the data, and, once there is a report, about the model."""
        return self.run.report.findings if self.run.has("report.json") else self.run.findings

    @cached_property
    def steps(self) -> tuple[Outcome, ...]:
        """What came of each step."""
        return self.run.outcomes

    @property
    def has_model(self) -> bool:
        """Say whether a model was learned, or only the table was looked at."""
        return self.run.has("plan.yaml")

    def _check_learned(self) -> None:
        if not self.has_model:
            raise InputError(
                Said(
                    en="This run learned no model: its sentence only asks to look at the table.",
                    zh="这次运行没有训练模型: 句子只要求查看数据。",
                ),
                hint=Said(
                    en='Say what to predict, e.g. "predict which customers will leave".',
                    zh="请说明要预测什么,例如“预测哪些客户会流失”。",
                ),
            )

    @cached_property
    def goal(self) -> Goal:
        """What was understood."""
        return self.run.goal

    @property
    def task(self) -> Task:
        """What was learned."""
        self._check_learned()
        return self.run.plan.task

    @property
    def seconds(self) -> float:
        """Wall-clock seconds of the run."""
        return self.run.state.spent_s

    _KEYS = (
        "model", "metrics", "baseline", "leaderboard", "report", "findings", "steps", "run", "task", "goal", "seconds",
    )  # fmt: skip
    _LEARNED = ("model", "metrics", "baseline", "leaderboard", "report", "task")

    def __getitem__(self, key: str) -> Any:
        if key not in self._KEYS:
            raise KeyError(f"{key!r}; there are: {', '.join(self)}")
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter([key for key in self._KEYS if self.has_model or key not in self._LEARNED])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        if not self.has_model:
            return f"Result({', '.join(step.type for step in self.steps)}, run={str(self.run.path)!r})"
        metric = self.report.metric
        return f"Result({self.report.model}, {metric}={self.metrics[metric]:.4g}, run={str(self.run.path)!r})"

    def plain(self, language: Language | None = None) -> dict[str, Any]:
        """Return plain JSON data: what ``openglm run --json`` prints. Without a model its keys are ``null`` or empty."""
        spoken = language or (self.report.language if self.has_model else self.goal.language)
        shared = {
            "findings": [finding.plain(spoken) for finding in self.findings],
            "steps": [step.plain(spoken) for step in self.steps],
            "seconds": round(self.seconds, 3),
        }
        state = {"run": str(self.run.path), "status": self.run.state.status}
        if not self.has_model:
            return {
                **state, "task": None, "model": None, "metric": None, "metrics": {}, "baseline": {},
                "better_than_baseline": False, "leaderboard": [], "report": None, **shared,
            }  # fmt: skip
        report = self.report.model_dump(mode="json")  # not-a-number as text: valid JSON
        return {
            **state,
            "task": self.task.model_dump(mode="json"),
            "model": report["model"],
            "metric": report["metric"],
            "metrics": report["metrics"],
            "baseline": report["baseline"],
            "better_than_baseline": report["better_than_baseline"],
            "leaderboard": report["leaderboard"],
            "report": str(self.run.path / "report.html"),
            **shared,
        }
