"""The task graph of one sentence: steps in the order that its words give them.

Order follows the text; "before", "之前", "after" at the head of a clause turn it around, 同时 and "in parallel" let two steps
hang on the same one. Explaining is a leaf: what follows it waits for the model, not for the explanation.
"""

from __future__ import annotations

import re

from openglm.core.task import CoarseIntent, Step, StepType
from openglm.understand._lexicon import Hit

ROOMS: dict[StepType, str] = {
    "validate_data": "prepare", "clean_data": "prepare", "describe_data": "prepare", "engineer_features": "prepare",
    "build_model": "search", "tune": "search", "compare": "search", "retrain": "search", "evaluate": "explain",
    "explain": "explain", "report": "explain", "predict": "serve", "deploy": "serve", "compress": "ship",
    "export": "ship", "monitor": "watch",
}  # fmt: skip
"""Which room of the house does a step."""

_LEAVES = frozenset({"explain"})
_NOT = re.compile(r"(不要|不用|不必|别|无需|先不|暂不|不|\bno|\bnot|n't|\bwithout|\bnever)\s*(?:急着|着急|yet|to)?\s*$")
_TURN_HEAD = re.compile(r"(?:^|[,.;。;\n]|\s)\s*before\b[^,.;]*$")
_TURN_ZH = re.compile(r"^[^,。;]{0,8}(?:之前|以前|前)\s*[,，]?\s*先?")
_AFTER_MID = re.compile(r"\bafter\s+(?!that|this|which|wards)(?:the\s+)?(?:\w+\s+)?$|\bonce\s+(?:the\s+|it\s+is\s+)?$")
_TOGETHER = re.compile(r"同时|并行|一起|in parallel|at the same time|simultaneously|meanwhile")
_NOT_EXPORTED = re.compile(r"存|excel|csv|结果")


def steps_of(intent: CoarseIntent, hits: list[Hit], folded: str, *, two_models: bool) -> tuple[Step, ...]:
    """Return the task graph.

    Parameters
    ----------
    intent : CoarseIntent
        Of the whole sentence: what a single step is.
    hits : list of Hit
        Cues of intents and steps.
    folded : str
        The sentence.
    two_models : bool
        Whether it asks for a model with a target and for groups as well.
    """
    if intent == "feedback" or intent == "cancel" or intent == "other":  # noqa: PLR1714 - mypy narrows only this form
        return ()
    nodes = _nodes(hits, folded, two_models=two_models)
    only: StepType = intent  # the three intents that are no steps have left above
    if len({kind for kind, _ in nodes}) <= 1 and not two_models:
        nodes = [(only, 0)]
    elif intent in ("build_model", "compare") and all(
        kind not in ("build_model", "compare", "retrain", "tune") for kind, _ in nodes
    ):
        nodes = _insert_build(nodes)
    return _graph(nodes, folded)


def _nodes(hits: list[Hit], folded: str, *, two_models: bool) -> list[tuple[StepType, int]]:
    nodes: list[tuple[StepType, int]] = []
    end = 0
    for hit in hits:
        kind = _type(hit, hits)
        if kind is None or _NOT.search(folded[max(0, hit.start - 8) : hit.start]):
            continue
        if kind == "export" and _NOT_EXPORTED.search(folded[hit.start : hit.end + 6]) and "onnx" not in folded:
            continue
        between = folded[end : hit.start]
        last = nodes[-1][0] if nodes else None
        twice = two_models and kind == "build_model" and sum(k == kind for k, _ in nodes) < 2
        if any(k == kind for k, _ in nodes) and not (
            twice and kind == last and re.search(r"和|与|及|并|,|、|\band\b|\bplus\b", between)
        ):
            end = max(end, hit.end)
            continue
        if nodes and (_turns(folded, nodes[-1][1], end, hit.start) or _AFTER_MID.search(between)):
            nodes.insert(len(nodes) - 1, (kind, hit.start))
        else:
            nodes.append((kind, hit.start))
        end = max(end, hit.end)
    return nodes


def _type(hit: Hit, hits: list[Hit]) -> StepType | None:
    if hit.key in ("other", "cancel", "feedback"):
        return None
    if hit.key == "describe_data" and any(o.key == "validate_data" and o.start == hit.start for o in hits):
        return None
    return hit.key if hit.key in ROOMS else None


def _turns(folded: str, previous: int, end: int, start: int) -> bool:
    """Say whether the clause of the previous step begins with "before", so that this step comes first."""
    if "," not in folded[end:start] and "，" not in folded[end:start] and "先" not in folded[end:start]:
        return False
    return bool(_TURN_HEAD.search(folded[:previous]) or _TURN_ZH.search(folded[end:start]))


def _insert_build(nodes: list[tuple[StepType, int]]) -> list[tuple[StepType, int]]:
    """A model is asked for, but only the steps around it are named: it stands behind all preparation."""
    before = ("validate_data", "clean_data", "describe_data", "engineer_features")
    at = next((i for i, (kind, _) in enumerate(nodes) if kind not in before), len(nodes))
    return [*nodes[:at], ("build_model", nodes[at][1] if at < len(nodes) else 0), *nodes[at:]]


def _graph(nodes: list[tuple[StepType, int]], folded: str) -> tuple[Step, ...]:
    together = _TOGETHER.search(folded)
    steps: list[Step] = []
    trunk: tuple[str, ...] = ()  # what the next step waits for
    siblings: list[str] = []
    for i, (kind, place) in enumerate(nodes):
        name = f"{kind}_{sum(step.type == kind for step in steps) + 1}" if any(s.type == kind for s in steps) else kind
        if siblings and len(siblings) < 2 and together is not None:
            wait = steps[-1].depends_on
        else:
            wait = trunk
        if kind == "report":
            used = {parent for step in steps for parent in step.depends_on}
            wait = tuple(step.task_id for step in steps if step.task_id not in used) or trunk
        steps.append(Step(task_id=name, type=kind, depends_on=wait, assigned_to=ROOMS[kind]))
        opens = together is not None and not siblings and together.start() <= place and i + 1 < len(nodes)
        if opens:
            siblings = [name]
            trunk = (name,)
        elif siblings and len(siblings) == 1:
            siblings.append(name)
            trunk = tuple(siblings)
        elif kind not in _LEAVES or not trunk:
            trunk = (name,)
    return tuple(steps)
