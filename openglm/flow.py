"""The whole story on one page: one sentence and a table become a model, a report and predictions.

Every line of ``_walk`` leaves its result in the run folder and is skipped when it is there already; so a run that was cut
off goes on where it stopped. The depth is in the rooms; here are only the doors.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openglm import explain, plan, prepare, search, understand
from openglm.core.budget import Budget, Clock
from openglm.core.dataset import Dataset, Raw
from openglm.core.errors import InputError, QuestionError, SourceError
from openglm.core.events import EventLog, Listener
from openglm.core.finding import Finding
from openglm.core.pipeline import Pipeline
from openglm.core.plan import Plan
from openglm.core.preset import BUNDLED, Preset
from openglm.core.result import Result
from openglm.core.run import Run, Status
from openglm.core.schema import Schema
from openglm.core.sitting import Call, Sitting
from openglm.core.task import Goal, Task
from openglm.core.trial import Share
from openglm.core.words import Language, Said

DEFAULT_SECONDS = 60.0
"""Budget when neither the call nor the sentence names one: a minute is what people wait without doing something else."""
MOST_WORKERS = 4
"""Worker processes at most; each holds the data once, and an ensemble needs few slots."""


def run(  # noqa: PLR0913 - the one call that people make; every argument has a default
    task: str | Task, data: Any, *, time_limit: float | None = None, trials: int | None = None,
    memory_mb: int | None = None, metric: str | None = None, target: str | None = None, seed: int = 0,
    out: str | Path | None = None, plan: Plan | None = None, preset: str = BUNDLED, yes: bool = False,
    language: Language | None = None, sheet: str | None = None, listener: Listener | None = None,
) -> Result:  # fmt: skip
    """Do the whole main job and return its result; the same call again continues a run that was cut off.

    Parameters
    ----------
    task : str or Task
        One sentence in Chinese or English; or a task that is already known.
    data : path, DataFrame, polars frame, Arrow table, list of dict, dict of columns or 2-D array
        The table.
    time_limit : float or None
        Seconds from this call to the last file, > 0. By default what the sentence says, else 60; without limit when only
        ``trials`` is given.
    trials : int or None
        Candidates to try at most.
    memory_mb : int or None
        Resident memory of one worker in MiB at most.
    metric, target : str or None
        Override what the sentence says.
    seed : int
        Of everything random.
    out : path or None
        Folder of the run; by default a new one under ``runs/``.
    plan : Plan or None
        A plan to carry out, as ``make_plan`` returned it and a person edited it.
    preset : str
        Name or folder of the preset.
    yes : bool
        Answer an open question with its first option instead of raising.
    language : {"zh", "en"} or None
        Of the report; by default the sentence's.
    sheet : str or None
        Of an Excel file.
    listener : callable or None
        Gets every event as a dict while the run goes on.

    Raises
    ------
    QuestionError
        If the target is unclear and ``yes`` is false.
    OpenGLMError
        If the data, the sentence or a setting cannot be used; the message says how to mend it.
    """
    budget = _budget(time_limit, trials, memory_mb)
    call = Call(
        sentence=task if isinstance(task, str) else task.sentence, source=_path_of(data), sheet=sheet, seconds=budget.seconds,
        trials=trials, memory_mb=memory_mb, metric=metric, target=target, seed=seed, preset=preset, language=language,
        plan=plan.to_yaml() if plan else None, task=None if isinstance(task, str) else task.to_json(indent=None),
    )  # fmt: skip
    sitting = Sitting(EventLog(listener), Clock(None))
    with _at_work(sitting):
        raw = _load(data, sheet, sitting)
        goal = _understand(call, raw.schema, yes=yes)
        return _walk(sitting.open(call, raw.fingerprint, out), call, goal, raw, sitting)


def resume(path: str | Path, *, listener: Listener | None = None) -> Result:
    """Continue the run in ``path``; a finished one is returned as it is.

    Raises
    ------
    BundleError
        If there is no readable run.
    SourceError
        If the run had not read its table yet and that is not a file.
    """
    found = Run.open(Path(path).resolve())
    if found.state.status == "finished":
        return Result(found)
    if found.is_alive:
        raise InputError(
            Said(
                en=f"Process {found.state.pid} is working on {path} right now.",
                zh=f"进程 {found.state.pid} 正在处理该运行。",
            ),
            hint=Said(en="Wait, or stop it with: openglm stop", zh="请等待,或用 openglm stop 停止它。"),
        )
    call = Call.model_validate(found.state.call)
    sitting = Sitting(EventLog(listener), Clock(None))
    with _at_work(sitting):
        sitting.take(found)
        raw = None
        if not found.has("plan.yaml"):
            if call.source is None:
                raise SourceError("The table of this run was given in memory.", hint="Make the same call again.")
            raw = _load(call.source, call.sheet, sitting)
        goal = found.goal if raw is None else _understand(call, raw.schema, yes=True)
        return _walk(found, call, goal, raw, sitting)


def _walk(run: Run, call: Call, goal: Goal, raw: Raw | None, sitting: Sitting) -> Result:
    """Understand → prepare → plan → search → explain, each line skipped when its result is in the folder."""
    clock, log = sitting.clock, sitting.log
    budget = _agreed(call, goal)
    clock.seconds = budget.seconds
    log.emit("start", run=str(run.path), budget_s=budget.seconds, sentence=call.sentence)
    with sitting.listening(), _pool(run, budget) as pool:
        _say_understood(log, goal)
        if not run.has("plan.yaml"):
            assert raw is not None
            run.write("goal.json", goal)
            run.write("profile.json", raw.schema)
            made, data, findings = _plan(call, goal, raw, budget, log)
            data.save(run.path / "data")
            run.write_findings(findings)
            run.write_plan(made)
            run.mark("running", spent_s=clock.elapsed())
        made, findings = run.plan, run.findings
        data = Dataset.load(run.path / "data", sealed=False)
        sitting.check()

        log.emit("stage", stage="search")
        if not run.has("board.json"):
            run.write("board.json", search.search(made, data, run, pool, clock, log, is_stopped=sitting.is_stopped))
        board = run.board

        log.emit("stage", stage="refit")
        if not sitting.is_stopped():
            search.refit(run, board, pool, clock, log, rows="train", seconds=0.45 * clock.remaining())
        measured = search.assemble(run, board.shares, rows=("train", "model"), threshold=board.threshold)
        measured.save(run.path / "pipeline")

        log.emit("stage", stage="explain")
        naive = search.assemble(run, (Share(trial="t0000", weight=1.0),), rows=("model",))
        report = explain.explain(
            run, Dataset.load(run.path / "data", sealed=True), measured, baseline=naive, trials=run.trials, findings=findings,
            goal=goal, plan=made, clock=clock, seconds=clock.elapsed(), refit=True,
        )  # fmt: skip

        # The score is known and written down; only now may the delivered model learn from the sealed rows too.
        if not sitting.is_stopped() and clock.remaining() > 1.0:
            fitted = search.refit(run, board, pool, clock, log, rows="all", seconds=clock.remaining() - 0.5)
            if fitted == len(board.shares):
                delivered = search.assemble(run, board.shares, rows=("all",), threshold=board.threshold)
                delivered.save(run.path / "pipeline")
        _tidy(run, keep={share.trial for share in board.shares} | {"t0000"})
        status: Status = "stopped" if sitting.is_stopped() else "finished"
        run.mark(status, spent_s=clock.elapsed(), pid=0)
        log.emit(
            "done",
            status=status,
            seconds=round(clock.elapsed(), 2),
            metric=report.metric,
            score=report.metrics[report.metric],
        )
    return Result(run)


def _plan(call: Call, goal: Goal, raw: Raw, budget: Budget, log: EventLog) -> tuple[Plan, Dataset, tuple[Finding, ...]]:
    """Prepare the data and make the plan, or take the plan that the caller brought."""
    given = Plan.from_yaml(call.plan) if call.plan else None
    task = given.task if given else goal.tasks[0]
    log.emit("stage", stage="prepare")
    data, findings = prepare.prepare(raw, task, split=given.split if given else None, seed=call.seed)
    for finding in findings:
        log.emit("finding", **finding.plain(goal.language))
    log.emit("stage", stage="plan")
    if given:
        given = given.model_copy(update={"task": data.task, "split": data.split, "budget": budget})
        plan.check_plan(given, data)
        return given, data, findings
    return plan.make_plan(data, budget, preset=Preset.load(call.preset), seed=call.seed), data, findings


# ── the same doors, one at a time ──


def understand_task(
    task: str, data: Any, *, target: str | None = None, metric: str | None = None, language: Language | None = None,
    preset: str = BUNDLED,
) -> Goal:  # fmt: skip
    """Return what the sentence means for this table, with evidence; open questions are part of the answer."""
    schema = prepare.load(data).schema
    return understand.read(task, schema, preset=Preset.load(preset), target=target, metric=metric, language=language)


def make_plan(  # noqa: PLR0913 - the same arguments as run()
    task: str, data: Any, *, time_limit: float | None = None, trials: int | None = None, memory_mb: int | None = None,
    metric: str | None = None, target: str | None = None, seed: int = 0, preset: str = BUNDLED, yes: bool = False,
    language: Language | None = None, sheet: str | None = None,
) -> Plan:  # fmt: skip
    """Return how the task would be solved, without training; ``run(task, data, plan=...)`` carries it out."""
    budget = _budget(time_limit, trials, memory_mb)
    call = Call(
        sentence=task, sheet=sheet, seconds=budget.seconds, trials=trials, memory_mb=memory_mb, metric=metric, target=target,
        seed=seed, preset=preset, language=language,
    )  # fmt: skip
    raw = prepare.load(data, sheet=sheet)
    goal = _understand(call, raw.schema, yes=yes)
    return _plan(call, goal, raw, _agreed(call, goal), EventLog())[0]


def check(data: Any, target: str | None = None, *, sheet: str | None = None) -> tuple[Finding, ...]:
    """Return what is to be noticed about the table, without training."""
    return prepare.check(prepare.load(data, sheet=sheet), target)


def load(path: str | Path) -> Pipeline:
    """Return the model of a run folder, or of a folder written by ``Pipeline.save``.

    Raises
    ------
    BundleError
        If there is no intact model.
    """
    folder = Path(path)
    return Pipeline.load(folder / "pipeline" if (folder / "pipeline").is_dir() else folder)


# ── helpers of this page ──


def _load(data: Any, sheet: str | None, sitting: Sitting) -> Raw:
    sitting.log.emit("stage", stage="load")
    raw = prepare.load(data, sheet=sheet)
    sitting.log.emit("loaded", source=raw.source, rows=raw.schema.rows, columns=len(raw.schema.columns))
    return raw


def _understand(call: Call, schema: Schema, *, yes: bool) -> Goal:
    """Return a goal with exactly one task, or raise what stands in its way."""
    if call.task is not None:
        known = Task.from_json(call.task)
        return Goal(
            intent="build_model", confidence=1.0, tasks=(known,), sentence=known.sentence, language=known.language
        )
    if call.plan is not None:
        known = Plan.from_yaml(call.plan).task
        return Goal(
            intent="build_model", confidence=1.0, tasks=(known,), sentence=call.sentence or known.sentence,
            language=known.language,
        )  # fmt: skip
    preset = Preset.load(call.preset)

    def read(target: str | None) -> Goal:
        return understand.read(
            call.sentence, schema, preset=preset, target=target, metric=call.metric,
            language=None if call.language is None else ("zh" if call.language == "zh" else "en"),
        )  # fmt: skip

    goal = read(call.target)
    if goal.questions and yes and goal.questions[0].options:
        goal = read(goal.questions[0].options[0].column)
    if goal.questions:
        question = goal.questions[0]
        raise QuestionError(
            question.text,
            hint=Said(
                en="Answer with --target COLUMN (target= in Python), or take the first option with --yes.",
                zh="请用 --target 列名(Python 中为 target=)回答,或用 --yes 采用第一个选项。",
            ),
            options=tuple(option.column for option in question.options),
        )
    if not goal.tasks:
        raise InputError(
            Said(
                en=f"The sentence asks for nothing that can be learned from this table (understood: {goal.intent}).",
                zh=f"这句话没有要求从该表中学习任何内容(理解为: {goal.intent})。",
            ),
            hint=Said(
                en='Say what to predict, e.g. "predict which customers will leave".',
                zh="请说明要预测什么,例如“预测哪些客户会流失”。",
            ),
        )
    return goal


def _say_understood(log: EventLog, goal: Goal) -> None:
    task, slot = goal.tasks[0], goal.slots.get("target")
    log.emit(
        "understood", target=task.target, kind=task.kind, metric=task.metric, confidence=goal.confidence,
        evidence=slot.reason.text(goal.language) if slot else "", alternatives=[choice.column for choice in goal.alternatives],
    )  # fmt: skip


def _budget(time_limit: float | None, trials: int | None, memory_mb: int | None) -> Budget:
    """Return what the caller allows; no seconds yet when the caller names none."""
    from pydantic import ValidationError

    try:
        return Budget(seconds=time_limit, trials=trials, memory_mb=memory_mb)
    except ValidationError as error:
        problem = error.errors()[0]
        raise InputError(
            Said(
                en=f"The budget cannot be used: {problem['loc'][0]} = {problem['input']} ({problem['msg']}).",
                zh=f"预算无效: {problem['loc'][0]} = {problem['input']}。",
            ),
            hint=Said(
                en="Give e.g. --time 60, --trials 20, --memory 2000.", zh="例如 --time 60、--trials 20、--memory 2000。"
            ),
        ) from error


def _agreed(call: Call, goal: Goal) -> Budget:
    """Return the budget: what the call says, else the sentence, else a minute - or no limit when trials are counted."""
    seconds = call.seconds
    stated = goal.slots.get("time_budget_seconds")
    if seconds is None and stated is not None:
        seconds = float(stated.value)
    if seconds is None and call.plan:
        seconds = Plan.from_yaml(call.plan).budget.seconds
    elif seconds is None and call.trials is None:
        seconds = DEFAULT_SECONDS
    return Budget(seconds=seconds, trials=call.trials, memory_mb=call.memory_mb)


@contextlib.contextmanager
def _at_work(sitting: Sitting) -> Iterator[None]:
    """Leave the run in a true state however the work ends."""
    try:
        yield
    except BaseException as error:
        sitting.fail(error)
        raise


@contextlib.contextmanager
def _pool(run: Run, budget: Budget) -> Iterator[search.Pool]:
    """Worker processes where a limit must be enforced, else this process."""
    if budget.seconds is None and budget.memory_mb is None:
        pool: search.Pool = search.InlinePool(run)
    else:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        workers = max(1, min(cores, MOST_WORKERS))
        pool = search.WorkerPool(run, workers=workers, threads=max(1, cores // workers), memory_mb=budget.memory_mb)
    try:
        yield pool
    finally:
        pool.close()


def _path_of(data: Any) -> str | None:
    return str(Path(data).resolve()) if isinstance(data, str | Path) else None


def _tidy(run: Run, keep: set[str]) -> None:
    """Remove the fitted models of trials that are not in the ensemble, and the second fits, which ``pipeline/`` now holds."""
    for folder in (run.path / "trials").iterdir():
        for which in ("model", "train", "all"):
            if which != "model" or folder.name not in keep:
                shutil.rmtree(folder / which, ignore_errors=True)
