"""Finds runs by what a person types, and lists them. Reads only; a damaged folder is listed and breaks nothing."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openglm.core.errors import BundleError, InputError, did_you_mean
from openglm.core.run import Run
from openglm.core.words import Language, Said

RUNS = Path("runs")


def find(name: str) -> Path:
    """Return the folder that ``name`` means: a folder, the name of one in ./runs, or "last".

    Raises
    ------
    BundleError
        If there is none.
    """
    folder = Path(name)
    if folder.is_dir():
        return folder
    if (RUNS / name).is_dir():
        return RUNS / name
    known = [item.name for item in folders(RUNS)]
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
    """Return the run folders in ``root``, newest first."""
    if not root.is_dir():
        return []
    found = [item for item in root.iterdir() if item.is_dir() and (item / "state.json").exists()]
    return sorted(found, key=lambda item: (_created_at(item), item.name), reverse=True)


def _created_at(folder: Path) -> str:
    """Return when the run began; for a damaged folder when it was last touched. ISO 8601 in UTC sorts as text."""
    with contextlib.suppress(BundleError):
        return Run(folder).state.created_at
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat(timespec="seconds")


def language_of_run(folder: Path, otherwise: Language) -> Language:
    """Return the language in which the run was asked for."""
    with contextlib.suppress(BundleError):
        return Run.open(folder).goal.language
    return otherwise


def is_alive(run: Run) -> bool:
    """Say whether a process works on the run now."""
    import psutil

    state = run.state
    return state.status == "running" and state.pid > 0 and bool(psutil.pid_exists(state.pid))


def summary(folder: Path) -> dict[str, Any]:
    """Return one line of the list: name, status, target, metric, score, seconds; what cannot be read is ``None``.

    ``status`` is the run's own, or "interrupted" (no process works on it any more), or "damaged".
    """
    line: dict[str, Any] = {
        "run": folder.name, "path": str(folder), "status": "damaged", "created_at": None, "target": None, "kind": None,
        "metric": None, "score": None, "baseline": None, "seconds": None,
    }  # fmt: skip
    run = Run(folder)
    with contextlib.suppress(BundleError):
        state = run.state
        status = "interrupted" if state.status == "running" and not is_alive(run) else state.status
        line.update(status=status, created_at=state.created_at, seconds=round(state.spent_s, 1))
    with contextlib.suppress(BundleError):
        if run.goal.tasks:
            task = run.goal.tasks[0]
            line.update(target=task.target, kind=task.kind, metric=task.metric)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        metric = report["metric"]
        line.update(metric=metric, score=report["metrics"].get(metric), baseline=report["baseline"].get(metric))
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
        report = read_report(folder)
        return report.metric, [row.model_dump(mode="json") for row in report.leaderboard]
    from openglm.core.metrics import metric

    name = run.plan.metric if run.has("plan.yaml") else run.goal.tasks[0].metric if run.goal.tasks else ""
    judge = metric(name) if name else None
    rows = [
        {
            **item.candidate.model_dump(mode="json", exclude={"seed"}), "state": item.state, "score": item.score,
            "fit_s": item.seconds, "bytes": item.bytes, "weight": 0.0, "partial": item.partial, "error": item.error,
        }
        for item in run.trials
    ]  # fmt: skip
    rows.sort(
        key=lambda row: (row["score"] is None, judge.loss(row["score"]) if judge and row["score"] is not None else 0.0)
    )
    return name, rows


def read_report(folder: Path) -> Any:
    """Return the :class:`~openglm.core.report.Report` of a run.

    Raises
    ------
    BundleError
        If there is no readable run, or it has no report yet.
    """
    from pydantic import ValidationError

    from openglm.core.report import Report

    run = Run.open(folder)
    if not run.has("report.json"):
        raise BundleError(
            Said(
                en=f"The run {folder} has no report yet ({run.state.status}).",
                zh=f"运行 {folder} 还没有报告({run.state.status})。",
            ),
            hint=Said(en=f"Finish it with: openglm resume {folder}", zh=f"请运行: openglm resume {folder}"),
        )
    try:
        return Report.from_json((folder / "report.json").read_bytes())
    except (ValidationError, OSError) as error:
        raise BundleError(
            Said(en=f"The report of {folder} is damaged.", zh=f"{folder} 的报告已损坏。"),
            hint=Said(
                en=f"Delete its report.json and write it again with: openglm resume {folder}",
                zh=f"请删除 report.json 后运行: openglm resume {folder}",
            ),
        ) from error


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
    if not is_alive(run):
        raise InputError(
            Said(
                en=f"No process works on {run.path} any more: it was interrupted.",
                zh=f"没有进程在处理 {run.path}: 它已被中断。",
            ),
            hint=Said(en=f"Go on with: openglm resume {run.path}", zh=f"继续请运行: openglm resume {run.path}"),
        )
