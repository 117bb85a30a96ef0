"""The models of a conversation: folders ``01-churn``, ``02-churn`` …, found again by what they learned and within what.

The same task with the same budget is never trained twice; one that was cut off goes on in its own folder.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openglm import flow
from openglm.chat import _talk as talk
from openglm.core.errors import BundleError
from openglm.core.events import Listener
from openglm.core.result import Result
from openglm.core.run import Run, chat_runs, run_name
from openglm.core.sitting import RUNS, Call
from openglm.core.task import Task

Limits = tuple[float | None, int | None]
"""Seconds and candidates of a training."""


@dataclass(frozen=True)
class Models:
    """The trainings in the folder of a chat.

    Parameters
    ----------
    out : Path
        The folder.
    """

    out: Path

    def runs(self) -> list[Run]:
        """Return the folders of trainings, oldest first; damaged ones are passed over."""
        found = []
        for folder in chat_runs(self.out):
            try:
                found.append(Run.open(folder))
            except BundleError:
                continue
        return found

    def results(self) -> tuple[Result, ...]:
        """Return the models, oldest first."""
        return tuple(Result(run) for run in self.runs() if is_made(run))

    def of(self, task: Task, limits: Limits) -> Run | None:
        """Return the folder in which this task was trained within these limits, if it holds a model."""
        return next((run for run in self.runs() if is_made(run) and _key_of(run) == _key(task, *limits)), None)

    def train(
        self, task: Task, data: Any, limits: Limits, *, on: bool, seed: int, preset: str, sheet: str | None,
        listener: Listener | None,
    ) -> tuple[Run, bool]:  # fmt: skip
        """Return the model of the task, and whether it was trained now; with ``on`` one stopped early goes on."""
        runs = self.runs()
        there = next((run for run in runs if _key_of(run) == _key(task, *limits)), None)
        if there is not None and is_made(there) and not (on and there.state.status == "stopped"):
            return there, False
        if there is None:
            number = 1 + max((int(run.path.name.partition("-")[0]) for run in runs), default=0)
            place = self.out / f"{number:02d}-{slug(task.target or task.kind)}"
        else:  # cut off: the very same call goes on in the very same folder
            place, task = there.path, Task.from_json(Call.model_validate(there.state.call).task or "")
        result = flow.run(
            task, data, time_limit=limits[0], trials=limits[1], seed=seed, out=place, preset=preset, sheet=sheet,
            listener=listener,
        )  # fmt: skip
        return result.run, True


def new_folder(data: Any) -> Path:
    """Return where a chat about ``data`` goes when nobody names a folder."""
    named = str(data) if isinstance(data, str | Path) else "table"
    stamp, _, name = run_name("", named).partition("-")
    clock, _, name = name.partition("-")
    path, number = RUNS / f"chat-{name}-{stamp}-{clock}", 2
    while path.exists():
        path, number = path.with_name(f"chat-{name}-{stamp}-{clock}-{number}"), number + 1
    return path


def slug(name: str) -> str:
    """Return a name as part of a folder's or a file's."""
    return re.sub(r"[^\w]+", "-", name).strip("-")[:40] or "model"


def is_made(run: Run) -> bool:
    """Say whether the training has ended with a model."""
    return run.state.status in ("finished", "stopped") and run.has("report.json") and run.has("pipeline")


def made_of(run: Run) -> talk.Made:
    """Return a model as :mod:`openglm._talk` speaks of it."""
    return talk.Made(run.path.name, run.plan.task, run.report)


def _key_of(run: Run) -> str | None:
    call = Call.model_validate(run.state.call)
    return None if call.task is None else _key(Task.from_json(call.task), call.seconds, call.trials)


def _key(task: Task, seconds: float | None, trials: int | None) -> str:
    """Return the hash of what is learned, within what; the words and the language that asked for it do not matter."""
    bare = task.model_copy(update={"sentence": "", "language": "en"})
    return hashlib.sha256(f"{bare.to_json(indent=None)} {seconds} {trials}".encode()).hexdigest()
