"""What the page of :mod:`openglm.flow` leans on: budgets, the one goal, the pool, the tidy end. No story is told here."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openglm import plan, prepare, search, understand
from openglm.core.budget import Budget
from openglm.core.dataset import Dataset, Raw
from openglm.core.errors import InputError, QuestionError
from openglm.core.events import EventLog
from openglm.core.finding import Finding
from openglm.core.metrics import metric
from openglm.core.plan import Plan
from openglm.core.preset import Preset
from openglm.core.run import Run
from openglm.core.schema import Schema
from openglm.core.sitting import Call, Sitting
from openglm.core.task import Goal, Task
from openglm.core.words import Said

DEFAULT_SECONDS = 60.0
"""Budget when neither the call nor the sentence names one: a minute is what people wait without doing something else."""
MOST_WORKERS = 4
"""Worker processes at most; each holds the data once, and an ensemble needs few slots."""


def plan_for(
    call: Call, goal: Goal, raw: Raw, budget: Budget, log: EventLog
) -> tuple[Plan, Dataset, tuple[Finding, ...]]:
    """Prepare the data and make the plan, or take the plan that the caller brought."""
    given = Plan.from_yaml(call.plan) if call.plan else None
    task = given.task if given else goal.tasks[0]
    log.emit("stage", stage="prepare")
    data, findings = prepare.prepare(raw, task, split=given.split if given else None, seed=call.seed)
    for finding in findings:
        log.emit("finding", **finding.plain(goal.language))
    log.emit("stage", stage="plan")
    if given:
        given = _without_lost_columns(given, raw.schema, data)
        given = given.model_copy(update={"task": data.task, "split": data.split, "budget": budget})
        plan.check_plan(given, data)
        return given, data, findings
    return plan.make_plan(data, budget, preset=Preset.load(call.preset), seed=call.seed), data, findings


def _without_lost_columns(given: Plan, table: Schema, data: Dataset) -> Plan:
    """Return the plan with its views rid of columns of the table that are no longer inputs; a misspelt name stays an error."""
    lost = set(table.names) - set(data.schema.names)
    views = {
        name: tuple(
            step.model_copy(update={"columns": kept})
            for step in steps
            if (kept := tuple(column for column in step.columns if column not in lost))
        )
        for name, steps in given.views.items()
    }
    return given.model_copy(update={"views": views})


def read_table(data: Any, sheet: str | None, sitting: Sitting) -> Raw:
    sitting.log.emit("stage", stage="load")
    raw = prepare.load(data, sheet=sheet)
    sitting.log.emit("loaded", source=raw.source, rows=raw.schema.rows, columns=len(raw.schema.columns))
    return raw


def one_goal(call: Call, schema: Schema, *, yes: bool) -> Goal:
    """Return a goal with exactly one task, or raise what stands in its way."""
    if call.task is not None:
        known = Task.from_json(call.task)
        return Goal(
            intent="build_model", confidence=1.0, tasks=(known,), sentence=known.sentence, language=known.language
        )
    if call.plan is not None:
        known = Plan.from_yaml(call.plan).task
        other_metric = call.metric is not None and metric(call.metric, known.kind).id != known.metric
        other_target = call.target is not None and call.target != known.target
        if other_metric or other_target or (call.sentence and call.sentence != known.sentence):
            raise InputError(
                Said(
                    en="A plan says what to predict and how to judge it; another sentence, metric or target does not go with it.",
                    zh="计划中已写明预测目标与指标,不能再给出不同的句子、指标或目标列。",
                ),
                hint=Said(
                    en="Leave them out, change 'task' in the plan, or make a new plan.",
                    zh="请去掉它们,修改计划中的 task,或重新生成计划。",
                ),
            )
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


def say_understood(log: EventLog, goal: Goal) -> None:
    task, slot = goal.tasks[0], goal.slots.get("target")
    log.emit(
        "understood", target=task.target, kind=task.kind, metric=task.metric, confidence=goal.confidence,
        evidence=slot.reason.text(goal.language) if slot else "", alternatives=[choice.column for choice in goal.alternatives],
    )  # fmt: skip


def budget_of(time_limit: float | None, trials: int | None, memory_mb: int | None) -> Budget:
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


def agreed_budget(call: Call, goal: Goal) -> Budget:
    """Return the budget: what the call says, else the plan, else the sentence, else a minute - or none when trials count."""
    planned = Plan.from_yaml(call.plan).budget if call.plan else None
    trials = call.trials if call.trials is not None or planned is None else planned.trials
    memory_mb = call.memory_mb if call.memory_mb is not None or planned is None else planned.memory_mb
    seconds = call.seconds
    stated = goal.slots.get("time_budget_seconds")
    if seconds is None and planned is not None:
        seconds = planned.seconds
    elif seconds is None and stated is not None:
        seconds = float(stated.value)
    elif seconds is None and trials is None:
        seconds = DEFAULT_SECONDS
    return Budget(seconds=seconds, trials=trials, memory_mb=memory_mb)


@contextlib.contextmanager
def at_work(sitting: Sitting) -> Iterator[None]:
    """Leave the run in a true state however the work ends."""
    try:
        yield
    except BaseException as error:
        sitting.fail(error)
        raise


@contextlib.contextmanager
def pool_for(run: Run, budget: Budget) -> Iterator[search.Pool]:
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


def path_of(data: Any) -> str | None:
    return str(Path(data).resolve()) if isinstance(data, str | Path) else None


def tidy(run: Run, keep: set[str]) -> None:
    """Remove the fitted models of trials that are not in the ensemble, and the second fits, which ``pipeline/`` now holds."""
    for folder in (run.path / "trials").iterdir():
        for which in ("model", "train", "all"):
            if which != "model" or folder.name not in keep:
                shutil.rmtree(folder / which, ignore_errors=True)
