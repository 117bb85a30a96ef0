"""What the page of :mod:`openglm.flow` leans on: budgets, the one goal, the pool, the ledger of steps, the tidy end."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openglm import plan, prepare, search, understand
from openglm.core import graph
from openglm.core.budget import Budget, Clock
from openglm.core.dataset import Dataset, Raw
from openglm.core.errors import InputError, OpenGLMError, PlanError, QuestionError, StoppedError
from openglm.core.events import EventLog
from openglm.core.finding import Finding
from openglm.core.metrics import metric
from openglm.core.outcome import Outcome, OutcomeStatus
from openglm.core.parts import Engine
from openglm.core.plan import Plan
from openglm.core.preset import Preset
from openglm.core.registry import is_available, part, parts
from openglm.core.run import Run
from openglm.core.schema import Schema
from openglm.core.sitting import Call, Sitting
from openglm.core.tables import source_name
from openglm.core.task import Goal, Slot, Step, Task
from openglm.core.words import Said

DEFAULT_SECONDS = 60.0
"""Budget when neither the call nor the sentence names one: a minute is what people wait without doing something else."""
PACE = {"faster": 0.5, "more_accurate": 2.0}
"""What a wish does to the budget of a training. Our own choice: a step that is felt, and that can be said again as a number."""
ENGINE_SHARE = 0.25
"""Of the budget, for a language model's answer at most: the search must not starve for a sentence. Our own choice."""
LEAK_SHARE = 0.1
"""Of the budget, for looking for leaks at most: a run of ten seconds may spend one on it. Our own choice."""
MOST_WORKERS = 4
"""Worker processes at most; each holds the data once, and an ensemble needs few slots."""


def plan_for(
    call: Call, goal: Goal, raw: Raw, budget: Budget, log: EventLog
) -> tuple[Plan, Dataset, tuple[Finding, ...]]:
    """Prepare the data and make the plan, or take the plan that the caller brought."""
    given = Plan.from_yaml(call.plan) if call.plan else None
    task = given.task if given else goal.tasks[0]
    log.emit("stage", stage="prepare")
    wanted = call.split or (given.split if given else None)
    cleaning = given.cleaning if given and "cleaning" in given.model_fields_set else None
    seconds = LEAK_SHARE * budget.seconds if budget.seconds else None
    data, findings = prepare.prepare(raw, task, split=wanted, cleaning=cleaning, seed=call.seed, seconds=seconds)
    for finding in findings:
        log.emit("finding", **finding.plain(goal.language))
    log.emit("stage", stage="plan")
    if given:
        given = _without_lost_columns(given, raw.schema, data)
        given = given.model_copy(
            update={"task": data.task, "split": data.split, "cleaning": data.cleaning, "budget": budget}
        )
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


def look(goal: Goal, raw: Raw, log: EventLog) -> tuple[Finding, ...]:
    """Return what is to be noticed about a table that nothing is learned from."""
    log.emit("stage", stage="prepare")
    target = goal.slots.get("target")
    findings = prepare.check(raw, str(target.value) if target else None)
    for finding in findings:
        log.emit("finding", **finding.plain(goal.language))
    return findings


def read_table(data: Any, sheet: str | None, sitting: Sitting) -> Raw:
    sitting.log.emit("stage", stage="load")
    raw = prepare.load(data, sheet=sheet)
    sitting.log.emit("loaded", source=raw.source, rows=raw.schema.rows, columns=len(raw.schema.columns))
    return raw


def engine_of(engine: Engine | str | None) -> Engine | None:
    """Return the language model to ask; a URL stands for a server with the OpenAI protocol.

    Raises
    ------
    InputError, MissingExtraError
        If the URL cannot be used, or the extra is not installed.
    """
    if not isinstance(engine, str):
        return engine
    made: Engine = part("engines", "openai_http")(engine)
    return made


def named(engine: Engine | None) -> dict[str, str | None]:
    """Return what a call keeps of an engine."""
    if engine is None:
        return {}
    return {"engine": getattr(engine, "url", engine.card.id), "engine_model": getattr(engine, "model", None)}


def engine_again(call: Call) -> Engine | None:
    """Return the engine of a call that is continued, where an address is all it takes."""
    if call.engine is None or "://" not in call.engine:
        return None
    again: Engine = part("engines", "openai_http")(call.engine, model=call.engine_model)
    return again


def second_reading(goal: Goal, schema: Schema, engine: Engine | None, *, preset: Preset, seconds: float | None) -> Goal:
    """Return the goal as a language model refines it, within a quarter of the budget."""
    if engine is None:
        return goal
    most = ENGINE_SHARE * (seconds or DEFAULT_SECONDS)
    return understand.refine(goal, schema, engine, preset=preset, seconds=min(understand.SECONDS, most))


def one_goal(
    call: Call, schema: Schema, *, yes: bool, only_data: bool = False, engine: Engine | None = None
) -> Goal:  # fmt: skip
    """Return a goal with something to learn, or raise what stands in its way.

    With ``only_data`` a goal without a task will do when all that it asks for is a look at the table.
    """
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

    goal = second_reading(read(call.target), schema, engine, preset=preset, seconds=call.seconds)
    if goal.questions and yes and goal.questions[0].options:
        goal = read(goal.questions[0].options[0].column).model_copy(update={"engine": goal.engine})
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
    if not goal.tasks and not (only_data and _looks_only(goal)):
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


def _looks_only(goal: Goal) -> bool:
    """Say whether the steps look at the table and train nothing."""
    kinds = {step.type for step in goal.steps}
    return bool(kinds & graph.DATA) and not kinds & graph.LEARNING


def say_understood(log: EventLog, goal: Goal) -> None:
    if goal.engine is not None:
        log.emit("note", message_en=goal.engine.said.en, message_zh=goal.engine.said.zh)
    if not goal.tasks:
        return
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
    """Return the budget: what the call says, else the plan, else the sentence, else a minute - or none when trials count.

    A minute nobody asked for is paced by a wish of the sentence, see :func:`paced`.
    """
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
        seconds, _ = paced(DEFAULT_SECONDS, None, goal.slots)
    return Budget(seconds=seconds, trials=trials, memory_mb=memory_mb)


def paced(seconds: float | None, trials: int | None, slots: Mapping[str, Slot]) -> tuple[float | None, int | None]:
    """Return seconds and trials after the wish said last: "faster" halves, "more accurate" doubles them.

    A time that is said with the wish or after it stands as it is.
    """
    time, wishes = slots.get("time_budget_seconds"), slots.get("preferences")
    pace = [item for item in (wishes.value if wishes else ()) if item in PACE]
    if wishes is None or not pace or (time is not None and wishes.turn <= time.turn):
        return seconds, trials
    factor = PACE[pace[-1]]
    return (
        None if seconds is None else seconds * factor,
        None if trials is None else max(1, round(trials * factor)),
    )


@contextlib.contextmanager
def at_work(sitting: Sitting) -> Iterator[None]:
    """Leave the run in a true state however the work ends."""
    try:
        yield
    except BaseException as error:
        sitting.fail(error)
        raise


@contextlib.contextmanager
def pool_for(run: Run, goal: Goal, budget: Budget) -> Iterator[search.Pool]:
    """Worker processes where a limit must be enforced, else this process."""
    if not goal.tasks or (budget.seconds is None and budget.memory_mb is None):
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
    if not isinstance(data, str | Path):
        return None
    return source_name(data) if "://" in str(data) else str(Path(data).resolve())


# ── steps ──


class Ledger:
    """What came of the steps of a run. Outcomes of an earlier sitting are kept, and their steps not carried out again.

    Steps that failed or were skipped are tried again; so is everything from the learning on when the search goes on.
    """

    def __init__(self, run: Run, goal: Goal) -> None:
        self.run, self.goal = run, goal
        kept = {outcome.task_id: outcome for outcome in run.outcomes if outcome.status in ("done", "not_available")}
        if not run.has("board.json"):
            kept = {name: outcome for name, outcome in kept.items() if outcome.type in graph.DATA}
        self.outcomes = kept
        self._steps = graph.ordered(goal.steps)
        self._write()

    def todo(self) -> Iterator[Step]:
        """Yield the steps to be carried out, each behind those it waits for."""
        yield from [step for step in self._steps if step.task_id not in self.outcomes]

    def before(self, step: Step) -> tuple[Outcome, ...]:
        """Return the outcomes that the step is given, the nearest first."""
        return tuple(self.outcomes[name] for name in graph.ancestors(self.goal.steps, step.task_id))

    def add(self, outcome: Outcome) -> None:
        """Write down what came of a step."""
        self.outcomes[outcome.task_id] = outcome
        self._write()

    @property
    def has_learned(self) -> bool:
        """Say whether the model of the first task is there."""
        return any(outcome.type in graph.LEARNING for outcome in self.outcomes.values())

    def _write(self) -> None:
        known = [self.outcomes.get(step.task_id) for step in self._steps]
        self.run.write_outcomes(outcome for outcome in known if outcome is not None)


def part_of(goal: Goal, step: Step) -> Goal | None:
    """Return what a step is about that trains a model of its own, beside the one of the run; else ``None``."""
    task = graph.task_of(goal, step)
    if task is None or task is goal.tasks[0]:
        return None
    return goal.model_copy(update={"tasks": (task,), "steps": (step.model_copy(update={"depends_on": ()}),)})


def has_recipe(task: Task) -> bool:
    """Say whether this version can solve such a problem."""
    return any(task.kind in recipe.card.kinds for recipe in parts("plan").values() if is_available(recipe.card))


def needs_table(run: Run) -> bool:
    """Say whether a run that is to go on has to read its table: before it is prepared, or for another model."""
    if not run.has("plan.yaml"):
        return True
    others = [step for step in run.goal.steps if (part := part_of(run.goal, step)) and has_recipe(part.tasks[0])]
    return any(not run.has(f"steps/{step.task_id}/plan.yaml") for step in others)


# Share of the budget that the search leaves to a step after it. Our own choice: saving and zipping a model of 50 MB takes
# about two seconds, a file of new rows is read and predicted at some 0.1 ms a row, the others only read what is there.
KEPT_SHARE: dict[str, float] = {"export": 0.03, "predict": 0.05, "compare": 0.01}


def _share_of_a_model(goal: Goal) -> float:
    """Return the share of the budget, in (0, 1], that each model gets."""
    models = max(sum(map(has_recipe, goal.tasks)), 1)
    return (1 - sum(KEPT_SHARE.get(step.type, 0.0) for step in goal.steps)) / models


@contextlib.contextmanager
def ending_early(clock: Clock, goal: Goal) -> Iterator[None]:
    """End the clock early while the block lasts, so that other models and the steps behind get their share afterwards."""
    whole = clock.seconds
    clock.seconds = None if whole is None else _share_of_a_model(goal) * whole
    try:
        yield
    finally:
        clock.seconds = whole


def budget_apart(run: Run, part: Goal, budget: Budget, sitting: Sitting) -> Budget:
    """Return what another model may spend: its share of the whole, or what is left of it.

    Raises
    ------
    PlanError
        If there is no recipe for its kind.
    StoppedError
        If the user wants to end.
    """
    kind = part.tasks[0].kind
    if not has_recipe(part.tasks[0]):
        kinds = {"clustering": "聚类", "anomaly": "异常检测", "forecast": "时间序列预测"}
        raise PlanError(
            Said(
                en=f"There is no recipe for {kind} problems in this version.",
                zh=f"当前版本还没有解决{kinds.get(kind, kind)}问题的方案。",
            )
        )
    sitting.check()
    if budget.seconds is None:
        return budget
    goal = run.goal
    share = _share_of_a_model(goal)
    kept = 1 - share * max(sum(map(has_recipe, goal.tasks)), 1)
    left = sitting.clock.remaining() - kept * budget.seconds
    return budget.model_copy(update={"seconds": max(min(share * budget.seconds, left), 1.0)})


def went_wrong(step: Step, part: Goal, error: OpenGLMError) -> Outcome:
    said = Said(en=error.text("en"), zh=error.text("zh"))
    status: OutcomeStatus = "skipped" if isinstance(error, StoppedError) else "failed"
    if not has_recipe(part.tasks[0]):
        status = "not_available"
    return Outcome(task_id=step.task_id, type=step.type, status=status, said=said)


def scored(run: Run) -> dict[str, Any]:
    """Return the score for the last event; nothing where nothing was learned."""
    if not run.has("report.json"):
        return {}
    report = run.report
    return {"metric": report.metric, "score": report.metrics[report.metric]}


def tidy(run: Run) -> None:
    """Remove the fitted models of trials that are not in the ensemble, and the second fits, which ``pipeline/`` now holds."""
    if not run.has("board.json"):
        return
    keep = {share.trial for share in run.board.shares} | {search.BASELINE_ID}
    for folder in (run.path / "trials").iterdir():
        for which in ("model", "train", "all"):
            if which != "model" or folder.name not in keep:
                shutil.rmtree(folder / which, ignore_errors=True)
