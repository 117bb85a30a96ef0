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
_TURN_ZH = re.compile(r"^[^,。;]{0,16}(?:之前|以前|前)\s*[,，]?\s*先?")
_AFTER_MID = re.compile(r"\bafter\s+(?!that|this|which|wards)(?:the\s+)?(?:\w+\s+)?$|\bonce\s+(?:the\s+|it\s+is\s+)?$")
_TOGETHER = re.compile(
    r"同时|并行|一起|分别|各(?:训|建|做)|另|\banother\b|side by side|in parallel|at the same time|simultaneously|meanwhile"
)
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
    long = _said_at_length(folded, hits)
    hits = [hit for hit in hits if all(hit.end <= other.start or other.end <= hit.start for other in long)] + long
    two = _TWO.search(folded)
    if two and intent == "build_model":
        two_models = True
        hits.append(Hit("build_model", 0.8, two.end() - 1, two.end()))
    nodes = _nodes(sorted(hits, key=lambda hit: hit.start), folded, two_models=two_models)
    for i, (kind, place) in enumerate(nodes[:-1]):
        if kind in ("report", "monitor") and _AT_LAST.search(folded[max(0, place - 12) : place + 8]):
            nodes.append(nodes.pop(i))
            break
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
            twice and kind == last and re.search(r"和|与|及|并|,|、|再|另|\band\b|\bplus\b|\banother\b", between)
        ):
            end = max(end, hit.end)
            continue
        if nodes and (_turns(folded, nodes[-1][1], end, hit.start) or _AFTER_MID.search(between)):
            nodes.insert(len(nodes) - 1, (kind, hit.start))
        else:
            nodes.append((kind, hit.start))
        end = max(end, hit.end)
    return nodes


_AT_LAST = re.compile(r"最后|末了|finally|at the end|\blast(?:ly)?\b|to finish|finish with")
_TWO = re.compile(
    r"两个模型|俩模型|分别(?:训|建|做|预测)|各(?:训|建|做)一个|另(?:外)?(?:再)?(?:训|建|做|来)?一个|再(?:训|建|做|来)(?:一)?个|"
    r"\b(?:another|a second|one more|second) (?:one|model)?\b(?=[^.]*\b(?:for|on|who|how|what|predict|model)\b)|"
    r"\bmodels? and an?\b[^.]*\bmodel\b|\btwo models\b"
)
_AT_LENGTH: tuple[tuple[StepType, re.Pattern[str]], ...] = (
    ("engineer_features", re.compile(
        r"(?:攒|做|造|构造|加|搞|衍生|弄|派生|拼|挖|建)[^,，。;]{0,8}特征|\b(?:build|make|create|engineer|add|derive|craft|construct|cook up|work out)\w*"
        r"\s+(?:\w+\s+){0,3}features?\b"
    )),
    ("predict", re.compile(
        r"(?:跑|打)(?:一遍|一下|个)?(?:新|这批|那批|下个?月|下周|明天)|(?:跑|给|对|拿)[^,，。;]{0,6}(?:新数据|新的?[一二]?批|新[^,，。;]{1,6})[^,，。;]{0,4}(?:预测|打分|跑)|"
        r"\b(?:run|apply|use)\s+(?:it|the model|that)\s+(?:on|for|to|over)\b|\bscore\s+(?:the|this|these|next|new|our|all)\b"
    )),
    ("clean_data", re.compile(
        r"(?:把|将)[^,，。;]{1,14}(?:清掉|清一清|清理|删掉|删了|去掉|补上|补齐|填上|修好|改对|统一|剔掉|剔除)|\b(?:fix|drop|remove|throw out|get rid of|patch|fill)\s+"
        r"(?:the|all|any)?\s*(?:\w+\s+){0,2}(?:rows|records|duplicates|blanks|gaps|missing|nulls|outliers|zeros|garbage|typos)\b"
    )),
    ("describe_data", re.compile(
        r"(?:看|瞧|瞅|过|扫)(?:一下|一眼|一遍|看)?[^,，。;]{0,4}(?:数据|表)(?!质量|有没有|对不对)|数据[^,，。;]{0,6}(?:长啥样|长什么样|啥样|过一眼|看一眼|看看|摸个底|摸一下底)|"
        r"\b(?:look at|look over|get to know|profile|go over|eyeball)\s+(?:the|our|these|this|my)?\s*(?:data|table|file|rows|\w+ first)"
    )),
    ("validate_data", re.compile(
        r"(?:查|检查|核对|核实|验)(?:查|一下|一遍|验)?[^,，。;]{0,4}(?:数据|表)|数据[^,，。;]{0,6}(?:有没有(?:毛病|问题|错)|对不对|干不干净|靠不靠谱)|"
        r"\b(?:check|verify|make sure|sanity[- ]check|audit)\b[^.;,]{0,20}\b(?:data|table|file|columns|numbers)\b"
    )),
)  # fmt: skip
"""Steps told in words that vary too much for a list; they count only in sentences of several steps."""


def _said_at_length(folded: str, hits: list[Hit]) -> list[Hit]:
    """Return cues of steps told at length where no listed phrase stands already."""
    if not _ORDERED.search(folded):
        return []
    found: list[Hit] = []
    for kind, pattern in _AT_LENGTH:
        m = pattern.search(folded)
        if m and all(hit.key != kind for hit in hits):
            found.append(Hit(kind, 0.8, m.start(), m.end()))
    return found


_ORDERED = re.compile(
    r"先|然后|再|接着|随后|之前|最后|完了|\b(?:first|then|before|after|afterwards|finally|next|lastly|once|followed by)\b"
)


def _type(hit: Hit, hits: list[Hit]) -> StepType | None:
    if hit.key in ("other", "cancel", "feedback"):
        return None
    if hit.key == "describe_data" and any(o.key == "validate_data" and o.start == hit.start for o in hits):
        return None
    return hit.key if hit.key in ROOMS else None


def _turns(folded: str, previous: int, end: int, start: int) -> bool:
    """Say whether the clause of the previous step begins with "before", so that this step comes first."""
    if re.match(r"\s*(?:之前|以前|前)", folded[end:start]):
        return True  # "训之前把 … 清一清"
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
        pair = [kind, *(other for other, _ in nodes[i + 1 : i + 2])] == ["build_model", "build_model"]
        opens = together is not None and not siblings and (pair or together.start() <= place) and i + 1 < len(nodes)
        if opens:
            siblings = [name]
            trunk = (name,)
        elif siblings and len(siblings) == 1:
            siblings.append(name)
            trunk = tuple(siblings)
        elif kind not in _LEAVES or not trunk:
            trunk = (name,)
    return tuple(steps)
