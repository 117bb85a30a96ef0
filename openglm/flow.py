"""The whole story on one page: one sentence and a table become a model, a report and whatever else the sentence asks for.

The table is prepared once; then every step of the goal is carried out in its order, and what came of it is written down.
Plan, trials, ensemble and finished steps are kept in the run folder and not made again when they are there; so a run that
was cut off goes on where it stopped, and only its last fits and the report are done anew. The depth is in the rooms; here
are the doors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openglm import _steps as steps
from openglm import explain, prepare, search, understand
from openglm._doors import Work, carry_out
from openglm._steps import agreed_budget, at_work, budget_of, one_goal, path_of, plan_for, pool_for, read_table
from openglm.core import graph, manifest
from openglm.core.budget import Budget, Clock
from openglm.core.dataset import Dataset, Raw
from openglm.core.errors import OpenGLMError, SourceError
from openglm.core.events import EventLog, Listener
from openglm.core.expectations import Expectations
from openglm.core.finding import Finding
from openglm.core.outcome import Outcome
from openglm.core.parts import Engine
from openglm.core.pipeline import Pipeline
from openglm.core.plan import Plan
from openglm.core.preset import BUNDLED, Preset
from openglm.core.profile import Profile
from openglm.core.result import Result
from openglm.core.run import Run, Status
from openglm.core.sitting import Call, Sitting, earlier
from openglm.core.task import Goal, Step, Task
from openglm.core.trial import Share
from openglm.core.words import Language
from openglm.plan import Cleaning


def run(  # noqa: PLR0913 - the one call that people make; every argument has a default
    task: str | Task, data: Any, *, time_limit: float | None = None, trials: int | None = None,
    memory_mb: int | None = None, metric: str | None = None, target: str | None = None, seed: int = 0,
    out: str | Path | None = None, plan: Plan | None = None, preset: str = BUNDLED, yes: bool = False,
    language: Language | None = None, sheet: str | None = None, listener: Listener | None = None,
    engine: Engine | str | None = None, split: str | None = None,
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
    engine : Engine, str or None
        A language model that reads the sentence too, or the URL of a server with the OpenAI protocol; see ``docs/engines.md``.
    split : str or None
        How rows are kept apart: ``random``, ``group:COLUMN``, ``time:COLUMN`` or ``group-time:COLUMN,TIME``. By default what the
        plan or the sentence says, else what the table shows; see ``docs/data.md``.

    Raises
    ------
    QuestionError
        If the target is unclear and ``yes`` is false.
    OpenGLMError
        If the data, the sentence or a setting cannot be used; the message says how to mend it.
    """
    budget, engine = budget_of(time_limit, trials, memory_mb), steps.engine_of(engine)
    call = Call(
        sentence=task if isinstance(task, str) else task.sentence, source=path_of(data), sheet=sheet, seconds=budget.seconds,
        trials=trials, memory_mb=memory_mb, metric=metric, target=target, seed=seed, preset=preset, language=language,
        plan=plan.to_yaml() if plan else None, task=None if isinstance(task, str) else task.to_json(indent=None),
        split=split, **steps.named(engine),
    )  # fmt: skip
    sitting = Sitting(EventLog(listener), Clock(None))
    with at_work(sitting):
        raw = read_table(data, sheet, sitting)
        before = None if engine is None else earlier(call, raw.fingerprint, out)
        if before is not None and before.has("goal.json"):
            goal = before.goal  # what was understood stands: a language model may answer otherwise today
        else:
            goal = one_goal(call, raw.schema, yes=yes, only_data=True, engine=engine)
        opened = sitting.open(call, raw.fingerprint, out)
        return Result(opened) if opened.state.status == "finished" else _walk(opened, call, goal, raw, sitting)


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
    found.check_free()
    call = Call.model_validate(found.state.call)
    sitting = Sitting(EventLog(listener), Clock(None))
    with at_work(sitting):
        sitting.take(found)
        raw = None
        if steps.needs_table(found):
            if call.source is None:
                raise SourceError("The table of this run was given in memory.", hint="Make the same call again.")
            raw = read_table(call.source, call.sheet, sitting)
        goal = (
            found.goal
            if raw is None or found.has("goal.json")
            else one_goal(call, raw.schema, yes=True, only_data=True, engine=steps.engine_again(call))
        )
        return _walk(found, call, goal, raw, sitting)


def _walk(run: Run, call: Call, goal: Goal, raw: Raw | None, sitting: Sitting) -> Result:
    """Prepare once, then every step of the goal in its order; what is in the folder already is not made again."""
    clock, log = sitting.clock, sitting.log
    goal, budget = graph.completed(goal), agreed_budget(call, goal)
    clock.seconds = budget.seconds
    (run.path / manifest.MANIFEST).unlink(missing_ok=True)  # of a sitting that was stopped: it no longer holds
    log.emit("start", run=str(run.path), budget_s=budget.seconds, sentence=call.sentence)
    with sitting.listening(), pool_for(run, goal, budget) as pool:
        steps.say_understood(log, goal)
        if not run.has("plan.yaml" if goal.tasks else "findings.json"):
            _prepare(run, call, goal, raw, budget, sitting)
        sitting.check()
        ledger = steps.Ledger(run, goal)
        for step in ledger.todo():
            log.emit("step", state="begin", task_id=step.task_id, type=step.type)
            outcome, part = None, steps.part_of(goal, step)  # a part: what another model is about
            if part is not None:
                outcome = _learn_apart(run, step, call, part, raw, budget=budget, sitting=sitting)
            elif step.type in graph.LEARNING and not ledger.has_learned:
                with steps.ending_early(clock, goal):
                    _learn(run, goal, pool, clock, sitting)
            outcome = outcome or carry_out(Work(run, goal, step, ledger.before(step), clock, call.source))
            ledger.add(outcome)
            log.emit("step", state="end", **outcome.plain(goal.language))
        status: Status = "stopped" if sitting.is_stopped() else "finished"
        if status == "finished":
            steps.tidy(run)
        if len(goal.steps) > 1 and goal.tasks:
            explain.write(run, run.report)  # the page again, now with what came of the steps
        run.mark(status, spent_s=clock.elapsed(), pid=0)
        log.emit("done", status=status, seconds=round(clock.elapsed(), 2), **steps.scored(run))
    manifest.write(run.path, seed=call.seed)  # last: it holds the hash of every other file
    return Result(run)


def _prepare(run: Run, call: Call, goal: Goal, raw: Raw | None, budget: Budget, sitting: Sitting) -> None:
    """Write down what was understood and what the table looks like; type, split and plan it when there is something to learn."""
    assert raw is not None
    run.write("goal.json", goal)
    run.write("profile.json", raw.schema)
    run.write("columns.json", prepare.profile(raw))
    size = raw.schema.rows, len(raw.schema.columns)
    run.write(manifest.SOURCE, manifest.Source(fingerprint=raw.fingerprint, rows=size[0], columns=size[1]))
    if not goal.tasks:
        run.write_findings(steps.look(goal, raw, sitting.log))
        return
    made, data, findings = plan_for(call, goal, raw, budget, sitting.log)
    data.save(run.path / "data")
    run.write_findings(findings)
    run.write_plan(made)
    run.mark("running", spent_s=sitting.clock.elapsed())


def _learn(run: Run, goal: Goal, pool: search.Pool, clock: Clock, sitting: Sitting) -> None:
    """Search → final fits → the sealed rows are opened and the report is written → the delivered model learns from all rows."""
    log, made, findings = sitting.log, run.plan, run.findings
    data = Dataset.load(run.path / "data", sealed=False)

    log.emit("stage", stage="search")
    if not run.has("board.json"):
        run.write("board.json", search.search(made, data, run, pool, clock, log, is_stopped=sitting.is_stopped))
    board = run.board
    if not sitting.is_stopped():
        search.check(made, data, run, pool, clock, log)  # the same learners on other folds; nothing is chosen by it

    log.emit("stage", stage="refit")
    again = 0
    if not sitting.is_stopped():
        again = search.refit(run, board, pool, clock, log, rows="train", seconds=0.45 * clock.remaining())
    measured = search.assemble(run, board.shares, rows=("train", "model"), threshold=board.threshold)
    measured.save(run.path / "pipeline")

    log.emit("stage", stage="explain")
    naive = search.assemble(
        run, (Share(trial=search.BASELINE_ID, weight=1.0),), rows=("model",), threshold=board.baseline_threshold
    )
    report = explain.explain(
        run, Dataset.load(run.path / "data", sealed=True), measured, baseline=naive, trials=run.trials, findings=findings,
        goal=goal, plan=made, clock=clock, seconds=clock.elapsed(), refit=again == len(board.shares),
    )  # fmt: skip

    # The score is known and written down; only now may the delivered model learn from the sealed rows too.
    if not sitting.is_stopped() and clock.remaining() > 1.0:
        fitted = search.refit(run, board, pool, clock, log, rows="all", seconds=clock.remaining() - 0.5)
        if fitted == len(board.shares):
            search.assemble(run, board.shares, rows=("all",), threshold=board.threshold).save(run.path / "pipeline")
            explain.note_delivery(run, report)


def _learn_apart(
    run: Run, step: Step, call: Call, part: Goal, raw: Raw | None, *, budget: Budget, sitting: Sitting
) -> Outcome | None:
    """Train another model in a run folder of its own, ``steps/<task_id>/``; return what went wrong, if anything."""
    own = Run(run.path / "steps" / step.task_id)
    try:
        budget = steps.budget_apart(run, part, budget, sitting)
        if not own.has("state.json"):
            own.start(run.state.fingerprint, call.model_dump(mode="json"))
        clock = Clock(budget.seconds)
        with pool_for(own, part, budget) as pool:
            if not own.has("plan.yaml"):
                _prepare(own, call, part, raw, budget, sitting)
            _learn(own, part, pool, clock, sitting)
        own.mark("finished", spent_s=clock.elapsed(), pid=0)
        steps.tidy(own)
        manifest.write(own.path, seed=call.seed)
    except OpenGLMError as error:
        return steps.went_wrong(step, part, error)
    return None


# ── the same doors, one at a time ──


def understand_task(
    task: str, data: Any, *, target: str | None = None, metric: str | None = None, language: Language | None = None,
    preset: str = BUNDLED, sheet: str | None = None, engine: Engine | str | None = None,
) -> Goal:  # fmt: skip
    """Return what the sentence means for this table, with evidence; open questions are part of the answer."""
    engine, lexicons = steps.engine_of(engine), Preset.load(preset)
    schema = prepare.load(data, sheet=sheet).schema
    goal = understand.read(task, schema, preset=lexicons, target=target, metric=metric, language=language)
    return goal if engine is None else understand.refine(goal, schema, engine, preset=lexicons)


def make_plan(  # noqa: PLR0913 - the same arguments as run()
    task: str, data: Any, *, time_limit: float | None = None, trials: int | None = None, memory_mb: int | None = None,
    metric: str | None = None, target: str | None = None, seed: int = 0, preset: str = BUNDLED, yes: bool = False,
    language: Language | None = None, sheet: str | None = None, engine: Engine | str | None = None, split: str | None = None,
) -> Plan:  # fmt: skip
    """Return how the task would be solved, without training; ``run(task, data, plan=...)`` carries it out."""
    budget, engine = budget_of(time_limit, trials, memory_mb), steps.engine_of(engine)
    call = Call(
        sentence=task, sheet=sheet, seconds=budget.seconds, trials=trials, memory_mb=memory_mb, metric=metric, target=target,
        seed=seed, preset=preset, language=language, split=split,
    )  # fmt: skip
    raw = prepare.load(data, sheet=sheet)
    goal = one_goal(call, raw.schema, yes=yes, engine=engine)
    return plan_for(call, goal, raw, agreed_budget(call, goal), EventLog())[0]


def clean(plan: Plan, data: Any, *, sheet: str | None = None) -> Cleaning:
    """Return what the cleaning of a plan makes of a table: the cleaned table, and a script that makes it again."""
    raw = prepare.load(data, sheet=sheet)
    made = prepare.prepare(raw, plan.task, split=plan.split, cleaning=plan.cleaning, seed=plan.seed)[0]
    return Cleaning(raw, made)


def check(
    data: Any, target: str | None = None, *, sheet: str | None = None, like: Any = None,
    expect: str | Path | Expectations | None = None,
) -> tuple[Finding, ...]:  # fmt: skip
    """Return what is to be noticed about the table, without training.

    Parameters
    ----------
    data : path or table
        What is looked at.
    target : str or None
        Column to predict; it and its leaks are looked at too.
    sheet : str or None
        Of an Excel file.
    like : Run, path or table, optional
        What was learned from, a run folder or a table: what is different in ``data`` is said instead.
    expect : Expectations or path, optional
        What ``data`` must fulfil: every violation is said first, as a blocker.
    """
    raw = prepare.load(data, sheet=sheet)
    found: tuple[Finding, ...] = ()
    if expect is not None:
        rules = expect if isinstance(expect, Expectations) else Expectations.read(expect)
        found += prepare.hold(raw, rules)
    return found + (prepare.check(raw, target) if like is None else prepare.compare(raw, like))


def profile(data: Any, *, sheet: str | None = None) -> Profile:
    """Return the table in numbers: ranges, quantiles, levels, gaps, correlations."""
    return prepare.profile(prepare.load(data, sheet=sheet))


def expectations(data: Any, *, sheet: str | None = None) -> Expectations:
    """Return what can be expected of tables like this one, for a person to edit."""
    return prepare.expectations(prepare.load(data, sheet=sheet))


def load(path: str | Path) -> Pipeline:
    """Return the model of a run folder, or of a folder written by ``Pipeline.save``.

    Raises
    ------
    BundleError
        If there is no intact model.
    """
    folder = Path(path)
    return Pipeline.load(folder / "pipeline" if (folder / "pipeline").is_dir() else folder)
