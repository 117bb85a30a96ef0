"""The steps of a goal as a graph: is it one, in which order it is walked, and what it says as triples.

It knows words only and carries nothing out; that is the page of :mod:`openglm.flow`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from openglm.core.errors import PlanError, did_you_mean
from openglm.core.words import Said, Word

if TYPE_CHECKING:
    from openglm.core.outcome import Outcome
    from openglm.core.task import Goal, Step, StepType, Task

DATA: frozenset[StepType] = frozenset({"validate_data", "clean_data", "describe_data", "engineer_features"})
"""Steps that look at the table and need no model."""
LEARNING: frozenset[StepType] = frozenset({"build_model", "tune", "retrain", "compare"})
"""Steps that a search carries out; one search serves all of them that are about the same task."""
NAMES: dict[str, Said] = {
    "validate_data": Said(en="check the data", zh="检查数据"),
    "clean_data": Said(en="clean the data", zh="清洗数据"),
    "describe_data": Said(en="describe the data", zh="描述数据"),
    "engineer_features": Said(en="make features", zh="构造特征"),
    "build_model": Said(en="train a model", zh="训练模型"),
    "tune": Said(en="tune it", zh="调优模型"),
    "compare": Said(en="compare models", zh="对比模型"),
    "evaluate": Said(en="evaluate", zh="评估模型"),
    "explain": Said(en="explain", zh="解释模型"),
    "predict": Said(en="predict", zh="预测"),
    "compress": Said(en="compress", zh="压缩模型"),
    "export": Said(en="export", zh="导出模型"),
    "deploy": Said(en="deploy", zh="部署"),
    "monitor": Said(en="monitor", zh="监控"),
    "retrain": Said(en="train again", zh="重新训练"),
    "report": Said(en="write a report", zh="撰写报告"),
}
"""What a person reads."""
_OUTPUTS: dict[str, tuple[StepType, str]] = {
    "deploy": ("deploy", "serve"), "docker": ("deploy", "serve"), "export_onnx": ("export", "ship"),
    "report": ("report", "explain"), "predictions_file": ("predict", "serve"),
}  # fmt: skip
"""Which step delivers a stated output, and the room that does it."""


class Triple(Word):
    """One statement of the graph: ``explain depends_on build_model``."""

    subject: str
    predicate: str
    object: str


def check(steps: Sequence[Step]) -> None:
    """Do nothing when the steps are a graph that can be walked.

    Raises
    ------
    PlanError
        If two steps have one id, a step waits for one that does not exist, or steps wait for each other in a circle.
    """
    known: set[str] = set()
    for step in steps:
        if step.task_id in known:
            raise PlanError(
                Said(en=f"Two steps are called '{step.task_id}'.", zh=f"有两个步骤都叫“{step.task_id}”。"),
                hint=Said(en="Give every step an id of its own.", zh="请为每个步骤使用不同的标识。"),
            )
        known.add(step.task_id)
    for step in steps:
        for name in step.depends_on:
            if name not in known:
                raise PlanError(
                    Said(
                        en=f"The step '{step.task_id}' waits for '{name}', which does not exist.",
                        zh=f"步骤“{step.task_id}”依赖的“{name}”不存在。",
                    ),
                    hint=did_you_mean(name, sorted(known)),
                )
    try:
        TopologicalSorter({step.task_id: step.depends_on for step in steps}).prepare()
    except CycleError as error:
        circle = error.args[1]  # each waits for the one before it, the first stands again at the end
        raise PlanError(
            Said(
                en=f"The steps wait for each other in a circle: {' → '.join(circle)}.",
                zh=f"步骤之间循环依赖: {' → '.join(circle)}。",
            ),
            hint=Said(en="Leave out one of these dependencies.", zh="请去掉其中一个依赖。"),
        ) from error


def ordered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps so that each stands behind those it waits for; where that leaves a choice, as in the sentence.

    Raises
    ------
    PlanError
        If they are no graph; see :func:`check`.
    """
    check(steps)
    place = {step.task_id: i for i, step in enumerate(steps)}
    sorter = TopologicalSorter({step.task_id: step.depends_on for step in steps})
    sorter.prepare()
    ready, found = list(sorter.get_ready()), []
    while ready:
        first = min(ready, key=place.__getitem__)
        ready.remove(first)
        found.append(steps[place[first]])
        sorter.done(first)
        ready.extend(sorter.get_ready())
    return tuple(found)


def ancestors(steps: Sequence[Step], task_id: str) -> tuple[str, ...]:
    """Return all steps that ``task_id`` waits for, directly or not, the nearest first."""
    by_id = {step.task_id: step for step in steps}
    found: dict[str, None] = {}
    level: Sequence[str] = by_id[task_id].depends_on
    while level:
        found.update(dict.fromkeys(level))
        level = [parent for name in level for parent in by_id[name].depends_on if parent not in found]
    return tuple(found)


def task_of(goal: Goal, step: Step) -> Task | None:
    """Return what a learning step learns: the n-th ``build_model`` the n-th task, any other the first one."""
    if step.type not in LEARNING or not goal.tasks:
        return None
    builds = [item.task_id for item in goal.steps if item.type == "build_model"]
    place = builds.index(step.task_id) if step.type == "build_model" else 0
    return goal.tasks[place] if place < len(goal.tasks) else goal.tasks[0]


def completed(goal: Goal) -> Goal:
    """Return the goal with the steps that its words imply: a model to explain must be trained, a stated output delivered.

    Afterwards every task has a step that learns it, every stated output a step that delivers it, and whatever needs a model
    stands behind a step that trains one.
    """
    steps = list(goal.steps)
    if goal.tasks:
        if not any(step.type in LEARNING for step in steps):
            heads = [step.task_id for step in steps if step.type in DATA]
            last = tuple(name for name in heads if not any(name in s.depends_on and s.type in DATA for s in steps))
            at = next((i for i, step in enumerate(steps) if step.type not in DATA), len(steps))
            steps.insert(at, _step(steps, "build_model", "search", last))
        trained = next(step.task_id for step in steps if step.type in LEARNING)
        for _ in goal.tasks[sum(step.type == "build_model" for step in steps) or 1 :]:
            steps.append(_step(steps, "build_model", "search", (trained,)))
        steps = _behind_the_model(steps)
    if steps:
        base = next((step for step in reversed(steps) if step.type in LEARNING), steps[-1])
        wanted = goal.slots["outputs"].value if "outputs" in goal.slots else ()
        for kind, room in (_OUTPUTS[name] for name in wanted if name in _OUTPUTS):
            if not any(step.type == kind for step in steps):
                steps.append(_step(steps, kind, room, (base.task_id,)))
    return goal.model_copy(update={"steps": tuple(steps)})


def _step(steps: Sequence[Step], kind: StepType, room: str, depends_on: tuple[str, ...]) -> Step:
    from openglm.core.task import Step

    taken, name, number = {step.task_id for step in steps}, str(kind), 2
    while name in taken:
        name, number = f"{kind}_{number}", number + 1
    return Step(task_id=name, type=kind, depends_on=depends_on, assigned_to=room)


def _behind_the_model(steps: list[Step]) -> list[Step]:
    """Let no learning step wait for one that needs a model ("compress it, then train" said the wrong way round)."""
    by_id = {step.task_id: step for step in steps}
    first = next(step.task_id for step in ordered(steps) if step.type in LEARNING)

    def around(names: Sequence[str]) -> list[str]:
        """Return the steps to wait for, those that need a model replaced by what they wait for themselves."""
        found: list[str] = []
        for name in names:
            found += [name] if by_id[name].type in DATA | LEARNING else around(by_id[name].depends_on)
        return list(dict.fromkeys(found))

    mended = []
    for step in steps:
        waits = step.depends_on
        if step.type in DATA | LEARNING:
            waits = tuple(around(waits))
        elif not any(by_id[name].type in LEARNING for name in ancestors(steps, step.task_id)):
            waits = (*waits, first)
        mended.append(step.model_copy(update={"depends_on": waits}))
    return mended


def triples(goal: Goal, outcomes: Iterable[Outcome] = ()) -> tuple[Triple, ...]:
    """Return what the graph says, step by step, and what came of it.

    Predicates: ``is_a``, ``assigned_to``, ``depends_on``; of a step that learns also ``predicts``, ``judged_by``,
    ``learns_from``, ``leaves_out``; afterwards ``status``, ``used`` and ``produced``.

    Examples
    --------
    >>> from openglm.core.task import Goal, Step
    >>> step = Step(task_id="explain", type="explain", assigned_to="explain")
    >>> goal = Goal(intent="explain", confidence=1, steps=(step,), sentence="why?", language="en")
    >>> [(t.subject, t.predicate, t.object) for t in triples(goal)]
    [('explain', 'is_a', 'explain'), ('explain', 'assigned_to', 'explain')]
    """
    found: list[tuple[str, str, str]] = []
    ended = {outcome.task_id: outcome for outcome in outcomes}
    for step in ordered(goal.steps):
        name = step.task_id
        found += [(name, "is_a", step.type), (name, "assigned_to", step.assigned_to)]
        found += [(name, "depends_on", other) for other in step.depends_on]
        task = task_of(goal, step)
        if task is not None:
            found += [(name, "predicts", task.target)] if task.target else []
            found += [(name, "judged_by", task.metric)]
            found += [(name, "learns_from", column) for column in task.inputs]
            found += [(name, "leaves_out", column) for column in task.excluded]
        if name in ended:
            outcome = ended[name]
            found += [(name, "used", other) for other in outcome.inputs]
            found += [(name, "produced", path) for path in outcome.artifacts.values()]
            found += [(name, "status", outcome.status)]
    return tuple(Triple(subject=s, predicate=p, object=o) for s, p, o in found)
