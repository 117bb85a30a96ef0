"""A run is a folder: one sentence turned into one result. The single truth that command line, pages and API read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError

from openglm.core import store
from openglm.core.errors import BundleError, InputError
from openglm.core.finding import Finding
from openglm.core.graph import triples
from openglm.core.outcome import Outcome
from openglm.core.plan import Plan
from openglm.core.report import Report
from openglm.core.task import Goal
from openglm.core.trial import Board, Trial
from openglm.core.words import Said, Word

Status = Literal["running", "finished", "stopped", "failed"]
CHAT = "chat.jsonl"
"""The log that makes a folder the folder of a conversation; its trainings lie in it as ``01-churn``, ``02-churn`` …"""
W = TypeVar("W", bound=Word)


class RunState(Word):
    """Where a run stands.

    Parameters
    ----------
    status : Status
        ``stopped`` means ended early by the user with a valid result.
    fingerprint : str
        Of sentence, data and settings: the same call finds the same run by it.
    call : dict
        The call that started it, for ``openglm resume``.
    spent_s : float
        Wall-clock seconds of all sittings so far.
    pid, pid_started : int, float
        Process that works on it now, and when it started (seconds since 1970), since numbers are used again.
    """

    status: Status
    fingerprint: str
    call: dict[str, Any] = {}
    spent_s: float = Field(default=0.0, ge=0)
    pid: int = 0
    pid_started: float = 0.0
    created_at: str = ""
    updated_at: str = ""


class Run:
    """The folder of a run, read and written through names.

    ====================  ==================================================================
    ``state.json``        where it stands
    ``goal.json``         what was understood
    ``profile.json``      the schema of the table
    ``columns.json``      its columns in numbers
    ``findings.json``     what was noticed about the data
    ``plan.yaml``         how it is solved
    ``data/``             training and sealed rows, typed
    ``trials.jsonl``      one line per finished trial; ``trials/`` holds their validation predictions
    ``board.json``        the ensemble that the search chose
    ``split_check.json``  the same learner on random folds, where rows are not exchangeable
    ``repeated.json``     repeated cross-validation, on small data
    ``steps.json``        what came of each step of the goal; ``steps/`` holds runs of their own
    ``graph.jsonl``       the task graph as triples, one a line
    ``events.jsonl``      everything that happened, with times
    ``pipeline/``         the model, usable from the first seconds on
    ``report.json``       the report; ``report.html``, ``report.md`` and ``MODEL_CARD.md`` are drawn from it
    ``manifest.json``     the hash of every other file, of the data and of the code
    ====================  ==================================================================
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Run:
        """Return the run in an existing folder.

        Raises
        ------
        BundleError
            If the folder holds no readable run.
        """
        run = cls(path)
        if not run.path.is_dir() or not (run.path / "state.json").exists():
            raise BundleError(
                Said(en=f"There is no run in {path}.", zh=f"{path} 中没有运行记录。"),
                hint=Said(en="See what there is with: openglm list", zh="用 openglm list 查看已有的运行。"),
            )
        _ = run.state
        return run

    # ── words ──

    @property
    def state(self) -> RunState:
        """Where the run stands."""
        return self._read("state.json", RunState)

    @property
    def goal(self) -> Goal:
        """What was understood."""
        return self._read("goal.json", Goal)

    @property
    def plan(self) -> Plan:
        """How it is solved."""
        return Plan.from_yaml(self._text("plan.yaml"))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed about the data."""
        return tuple(Finding.model_validate_json(json.dumps(item)) for item in json.loads(self._text("findings.json")))

    @property
    def board(self) -> Board:
        """What the search found."""
        return self._read("board.json", Board)

    @property
    def report(self) -> Report:
        """What the sealed rows said."""
        return self._read("report.json", Report)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What came of each step so far, in the order in which they were carried out."""
        if not self.has("steps.json"):
            return ()
        try:
            found = json.loads(self._text("steps.json"))
            return tuple(Outcome.model_validate_json(json.dumps(item)) for item in found)
        except (TypeError, ValueError) as error:
            raise self._unreadable("steps.json") from error

    @property
    def trials(self) -> list[Trial]:
        """Finished trials in the order in which they ended."""
        return [Trial.model_validate_json(json.dumps(line)) for line in store.read_lines(self.path / "trials.jsonl")]

    @property
    def events(self) -> list[dict[str, Any]]:
        """Everything that happened."""
        return store.read_lines(self.path / "events.jsonl")

    def found(self, name: str, word: type[W]) -> W | None:
        """Return the word in the file ``name``, ``None`` when there is no such file."""
        return self._read(name, word) if self.has(name) else None

    def has(self, name: str) -> bool:
        """Say whether the file ``name`` is there."""
        return (self.path / name).exists()

    def write(self, name: str, word: Word) -> None:
        """Write one word as JSON."""
        store.write_text(self.path / name, word.to_json() + "\n")

    def write_findings(self, findings: tuple[Finding, ...]) -> None:
        """Write all findings as one JSON list."""
        store.write_json(self.path / "findings.json", [item.model_dump(mode="json") for item in findings])

    def write_outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """Write what came of the steps, and the graph with it."""
        outcomes = tuple(outcomes)
        store.write_json(self.path / "steps.json", [item.model_dump(mode="json") for item in outcomes])
        lines = [item.to_json(indent=None) for item in triples(self.goal, outcomes)]
        store.write_text(self.path / "graph.jsonl", "".join(f"{line}\n" for line in lines))

    def write_plan(self, plan: Plan) -> None:
        """Write the plan as YAML."""
        store.write_text(self.path / "plan.yaml", plan.to_yaml())

    def add_trial(self, trial: Trial) -> None:
        """Append one finished trial."""
        store.append_line(self.path / "trials.jsonl", trial.to_json(indent=None))

    def mark(self, status: Status, **changes: Any) -> None:
        """Write where the run stands now."""
        state = self.state.model_copy(update={"status": status, "updated_at": _now(), **_me(), **changes})
        self.write("state.json", state)

    def start(self, fingerprint: str, call: dict[str, Any]) -> None:
        """Make the folder and write its first state."""
        self.write(
            "state.json",
            RunState(
                status="running", fingerprint=fingerprint, call=call, created_at=_now(), updated_at=_now(), **_me()
            ),
        )

    @property
    def is_alive(self) -> bool:
        """Say whether a process works on this run right now."""
        import psutil

        state = self.state
        if state.status != "running" or state.pid <= 0:
            return False
        try:
            return abs(psutil.Process(state.pid).create_time() - state.pid_started) < 1.0
        except psutil.Error:
            return False

    def check_free(self) -> None:
        """Do nothing when nobody works on this run.

        Raises
        ------
        InputError
            If a living process does.
        """
        if self.is_alive:
            pid = self.state.pid
            raise InputError(
                Said(en=f"Process {pid} is working on {self.path} right now.", zh=f"进程 {pid} 正在处理 {self.path}。"),
                hint=Said(en="Wait, or stop it with: openglm stop", zh="请等待,或用 openglm stop 停止它。"),
            )

    # ── stopping from outside ──

    def ask_to_stop(self) -> None:
        """Ask the process that works on this run to finish with the best so far."""
        store.write_text(self.path / "stop", "")

    def is_asked_to_stop(self) -> bool:
        """Say whether somebody asked."""
        return self.has("stop")

    def forget_stop(self) -> None:
        """Take the request back, when the run is resumed."""
        (self.path / "stop").unlink(missing_ok=True)

    def _text(self, name: str) -> str:
        try:
            return (self.path / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self._unreadable(name) from error

    def _read(self, name: str, word: type[W]) -> W:
        try:
            return word.from_json(self._text(name))
        except ValidationError as error:
            raise self._unreadable(name) from error

    def _unreadable(self, name: str) -> BundleError:
        return BundleError(
            Said(
                en=f"The run in {self.path} cannot be read: {name} is missing or damaged.",
                zh=f"无法读取 {self.path} 中的运行: {name} 缺失或损坏。",
            ),
            hint=Said(en="Start it again in another folder (--out).", zh="请用 --out 指定其他目录重新运行。"),
        )


def chat_runs(folder: Path) -> list[Path]:
    """Return the folders of trainings in the folder of a conversation, oldest first."""
    found = [item for item in folder.glob("[0-9]*-*") if (item / "state.json").exists()]
    return sorted(found, key=lambda item: int(item.name.partition("-")[0]))


def run_name(sentence: str, source: str, at: datetime | None = None) -> str:
    """Return a short folder name a person can recognise: time, then the file's stem."""
    stamp = (at or datetime.now()).strftime("%Y%m%d-%H%M%S")
    words = re.sub(r"[^\w]+", "-", Path(source).name.split(".")[0] or sentence).strip("-")[:40]
    return f"{stamp}-{words or 'run'}"


def _me() -> dict[str, Any]:
    import psutil

    return {"pid": os.getpid(), "pid_started": psutil.Process().create_time()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
