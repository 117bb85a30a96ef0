"""Help for the tests of the command line: a caller, and run folders made by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from openglm.cli import app
from openglm.core.budget import Budget
from openglm.core.plan import Entry, Plan, Split
from openglm.core.run import Run
from openglm.core.task import Choice, Goal, Slot, Span, Task
from openglm.core.trial import Candidate, Trial
from openglm.core.words import Said

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An English terminal session in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in ("OPENGLM_DEBUG", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.fixture
def call() -> Call:
    """Call the command line in this process."""

    def run(*words: str, **more: Any) -> Any:
        return CliRunner().invoke(app, list(words), prog_name="openglm", **more)

    return run


@pytest.fixture
def call_json(call: Call) -> Call:
    """Call with ``--json`` and return (exit code, the one JSON value on standard output)."""

    def run(*words: str) -> tuple[int, Any]:
        done = call(*words, "--json")
        return done.exit_code, json.loads(done.stdout)

    return run


TASK = Task(kind="binary", target="Churn", metric="roc_auc", sentence="predict churn")
GOAL = Goal(
    intent="build_model", fine_intent="build_model.binary", confidence=0.9, tasks=(TASK,), sentence="predict churn",
    language="en", alternatives=(Choice(column="Gender", score=0.3, reason=Said(en="two values", zh="两个取值")),),
    slots={
        "target": Slot(
            value="Churn", origin="stated", score=0.95, evidence=(Span(start=8, end=13, text="churn"),),
            reason=Said(en="the sentence names it", zh="句中写明"),
        ),
        "metric": Slot(value="roc_auc", origin="default"),
    },
)  # fmt: skip
PLAN = Plan(
    recipe="tabular", task=TASK, views={"codes": ()}, entries=(Entry(model="lightgbm", view="codes"),), split=Split(),
    budget=Budget(),
)  # fmt: skip


def trial(name: str, model: str, score: float | None, **more: Any) -> Trial:
    return Trial(
        candidate=Candidate(id=name, model=model, view="codes"),
        state="done" if score else "failed",
        score=score,
        **more,
    )


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Run]:
    """Make a run folder without running anything."""

    def make(name: str, status: str = "finished", *, root: Path | None = None, created_at: str | None = None) -> Run:
        run = Run((root or tmp_path / "runs") / name)
        run.start("fingerprint", {})
        alive = {"pid": os.getpid()} if status == "running" else {"pid": 0}
        run.mark(status, spent_s=12.34, **alive, **({"created_at": created_at} if created_at else {}))  # type: ignore[arg-type]
        run.write("goal.json", GOAL)
        run.write_plan(PLAN)
        for item in (
            trial("t0001", "knn", 0.7),
            trial("t0002", "lightgbm", 0.9, seconds=1.5),
            trial("t0003", "linear", None, error="no luck"),
        ):
            run.add_trial(item)
        return run

    return make
