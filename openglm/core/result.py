"""What a finished run gives back: a mapping with attributes, and the plain data that ``--json`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from openglm.core.finding import Finding
from openglm.core.pipeline import Pipeline
from openglm.core.report import Report
from openglm.core.run import Run
from openglm.core.task import Goal, Task
from openglm.core.words import Language


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
    run : Run
        The folder.
    task, goal
        What was understood.
    seconds : float
        Wall-clock seconds from the call to the last file.
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    @cached_property
    def model(self) -> Pipeline:
        """Ready to predict."""
        return Pipeline.load(self.run.path / "pipeline")

    @cached_property
    def report(self) -> Report:
        """All numbers."""
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
        """What was noticed about the data."""
        return self.run.findings

    @cached_property
    def goal(self) -> Goal:
        """What was understood."""
        return self.run.goal

    @property
    def task(self) -> Task:
        """What was learned."""
        return self.run.plan.task

    @property
    def seconds(self) -> float:
        """Wall-clock seconds of the run."""
        return self.run.state.spent_s

    _KEYS = ("model", "metrics", "baseline", "leaderboard", "report", "findings", "run", "task", "goal", "seconds")

    def __getitem__(self, key: str) -> Any:
        if key not in self._KEYS:
            raise KeyError(f"{key!r}; there are: {', '.join(self._KEYS)}")
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._KEYS)

    def __len__(self) -> int:
        return len(self._KEYS)

    def __repr__(self) -> str:
        metric = self.report.metric
        return f"Result({self.report.model}, {metric}={self.metrics[metric]:.4g}, run={str(self.run.path)!r})"

    def plain(self, language: Language | None = None) -> dict[str, Any]:
        """Return plain JSON data: what ``openglm run --json`` prints."""
        spoken = language or self.report.language
        report = self.report.model_dump(mode="json")  # not-a-number as text: valid JSON
        return {
            "run": str(self.run.path),
            "status": self.run.state.status,
            "task": self.task.model_dump(mode="json"),
            "model": report["model"],
            "metric": report["metric"],
            "metrics": report["metrics"],
            "baseline": report["baseline"],
            "better_than_baseline": report["better_than_baseline"],
            "leaderboard": report["leaderboard"],
            "report": str(self.run.path / "report.html"),
            "findings": [finding.plain(spoken) for finding in self.findings],
            "seconds": round(self.seconds, 3),
        }
