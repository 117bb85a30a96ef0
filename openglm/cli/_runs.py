"""Finds runs by what a person types, and lists them. Reads only; a damaged folder is listed and breaks nothing."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from openglm.core.errors import BundleError, InputError, did_you_mean
from openglm.core.metrics import metric
from openglm.core.report import LeaderRow, Report
from openglm.core.run import CHAT, Run, chat_runs
from openglm.core.trial import Trial, folds_lacking, ranked
from openglm.core.words import Said

RUNS = Path("runs")


def find(name: str) -> Path:
    """Return the folder that ``name`` means: a folder, the name of one in ./runs, or "last"; of a conversation its last model.

    Raises
    ------
    BundleError
        If there is none.
    """
    folder = Path(name)
    if folder.is_dir():
        return _last_of_chat(folder.resolve() if folder.name in ("", "..") else folder)  # "." says little in a message
    if (RUNS / name).is_dir():
        return _last_of_chat(RUNS / name)
    known = [_name(item) for item in folders(RUNS)]
    if name == "last" and known:
        return RUNS / known[0]
    here = RUNS.resolve()
    raise BundleError(
        Said(en=f"There is no run yet in {here}.", zh=f"{here} 中还没有运行。")
        if name == "last"
        else Said(en=f"There is no run or saved model '{name}'.", zh=f"没有名为“{name}”的运行或模型。"),
        hint=did_you_mean(name, known)
        if known
        else Said(en="Start one with: openglm run SENTENCE DATA", zh="请先运行: openglm run 句子 数据"),
    )


def folders(root: Path) -> list[Path]:
    """Return the run folders in ``root``, newest first; those of a conversation lie one folder deeper."""
    if not root.is_dir():
        return []
    found: list[Path] = []
    for item in root.iterdir():
        if (item / "state.json").exists():
            found.append(item)
        elif (item / CHAT).is_file():
            found += chat_runs(item)
    return sorted(found, key=lambda item: (_created_at(item), item.name), reverse=True)


def _last_of_chat(folder: Path) -> Path:
    """Return the training made last in the folder of a conversation, any other folder as it is."""
    made = chat_runs(folder) if (folder / CHAT).is_file() else []
    return made[-1] if made else folder


def _name(folder: Path) -> str:
    """Return how a run is called in ./runs: "20260102-customers", in a conversation "chat-customers/01-churn"."""
    chat = folder.resolve().parent
    return f"{chat.name}/{folder.name}" if (chat / CHAT).is_file() else folder.name


def _created_at(folder: Path) -> str:
    """Return when the run began; for a damaged folder when it was last touched. ISO 8601 in UTC sorts as text."""
    with contextlib.suppress(BundleError):
        return Run(folder).state.created_at
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat(timespec="seconds")


def summary(folder: Path) -> dict[str, Any]:
    """Return one line of the list: name, status, target, metric, score, seconds; what cannot be read is ``None``.

    ``status`` is the run's own, or "interrupted" (no process works on it any more), or "damaged".
    """
    line: dict[str, Any] = {
        "run": _name(folder), "path": str(folder), "status": "damaged", "created_at": None, "target": None, "kind": None,
        "metric": None, "score": None, "baseline": None, "seconds": None,
    }  # fmt: skip
    run = Run(folder)
    with contextlib.suppress(BundleError):
        state = run.state
        status = "interrupted" if state.status == "running" and not run.is_alive else state.status
        line.update(status=status, created_at=state.created_at, seconds=round(state.spent_s, 1))
    with contextlib.suppress(BundleError):
        if run.goal.tasks:
            task = run.goal.tasks[0]
            line.update(target=task.target, kind=task.kind, metric=task.metric)
    with contextlib.suppress(BundleError):
        if run.has("report.json"):
            report = run.report
            name = report.metric
            line.update(metric=name, score=report.metrics.get(name), baseline=report.baseline.get(name))
    return line


def leaderboard(folder: Path) -> tuple[str, list[dict[str, Any]]]:
    """Return metric and rows, best first: of the report, or of the trials so far while there is none.

    Raises
    ------
    BundleError
        If the folder holds no readable run.
    """
    run = Run.open(folder)
    if run.has("report.json"):
        return run.report.metric, [row.model_dump(mode="json") for row in run.report.leaderboard]
    if not run.has("plan.yaml"):
        return "", []
    judge = metric(run.plan.metric)
    try:
        trials = ranked(run.trials, judge.loss)
    except ValidationError as error:
        raise BundleError(
            Said(en=f"The trials of {folder} are damaged.", zh=f"{folder} 的尝试记录已损坏。"),
            hint=Said(en="Start it again in another folder (--out).", zh="请用 --out 指定其他目录重新运行。"),
        ) from error
    lacking = folds_lacking(trials)
    return judge.id, [_row(trial, lacking.get(trial.candidate.id)) for trial in trials]


def _row(trial: Trial, folds: int | None) -> dict[str, Any]:
    candidate = trial.candidate
    row = LeaderRow(
        id=candidate.id, model=candidate.model, view=candidate.view, params=candidate.params, origin=candidate.origin,
        state=trial.state, score=trial.score, fit_s=trial.seconds, bytes=trial.bytes, partial=trial.partial, folds=folds,
        error=trial.error,
    )  # fmt: skip
    return row.model_dump(mode="json")


def read_report(folder: Path) -> Report:
    """Return the report of a run.

    Raises
    ------
    BundleError
        If there is no readable run, or it has no report yet.
    """
    run = Run.open(folder)
    if run.has("report.json"):
        return run.report
    status = summary(folder)["status"]
    if status == "finished" and not run.has("plan.yaml"):
        raise BundleError(
            Said(
                en=f"The run {folder} has no report: it only looked at the table and learned no model.",
                zh=f"运行 {folder} 没有报告: 它只查看了数据,没有训练模型。",
            ),
            hint=Said(
                en='What it found is in findings.json and profile.json there. For a model: openglm run "predict …" DATA',
                zh='查看结果在该目录的 findings.json 与 profile.json 中。训练模型: openglm run "预测…" 数据',
            ),
        )
    raise BundleError(
        Said(en=f"The run {folder} has no report yet ({status}).", zh=f"运行 {folder} 还没有报告({status})。"),
        hint=Said(
            en="Wait until it is finished, or see: openglm leaderboard",
            zh="请等待其完成,或用 openglm leaderboard 查看。",
        )
        if run.is_alive
        else Said(en=f"Finish it with: openglm resume {folder}", zh=f"请运行: openglm resume {folder}"),
    )


def refuse_to_stop(run: Run) -> None:
    """Raise where there is nothing to stop, saying what to do instead.

    Raises
    ------
    InputError
        If the run has ended, or no process works on it.
    """
    status = run.state.status
    if status != "running":
        raise InputError(
            Said(
                en=f"The run {run.path} is not running: it is {status}.",
                zh=f"运行 {run.path} 已经结束({status}),无需停止。",
            ),
            hint=Said(en=f"See it with: openglm report {run.path}", zh=f"查看结果: openglm report {run.path}"),
        )
    if not run.is_alive:
        raise InputError(
            Said(
                en=f"No process works on {run.path} any more: it was interrupted.",
                zh=f"没有进程在处理 {run.path}: 它已被中断。",
            ),
            hint=Said(en=f"Go on with: openglm resume {run.path}", zh=f"继续请运行: openglm resume {run.path}"),
        )
