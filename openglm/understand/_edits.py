"""What a turn of a dialogue takes back or swaps: columns put back, limits lifted, outputs unwished, a bare number.

Only what a single sentence cannot say stands here; everything else a turn says is read like a first sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from openglm.core.task import Slot
from openglm.understand import _numbers
from openglm.understand._lexicon import Hit, Lexicon
from openglm.understand._linker import Link, Linker
from openglm.understand._numbers import Quantity
from openglm.understand._wishes import OUTPUTS, PREFERENCES

_LINKED = 0.5  # a column put back must be named at least this clearly, as an enumerated one must (see _scopes.ITEM)

_X = r"(?P<x>[^,，。;；!?！？\n]{1,40}?)"
_BACK = (
    re.compile(
        rf"\b(?:add|put|bring|include|use|take|keep|leave|want|need|let|with|have|get)\s+{_X}\s+(?:back(?:\s+in)?|again|after all|in again)\b"
    ),
    re.compile(
        r"\b(?:restore|reinstate|re-?include|re-?add|unexclude|(?:do not|don't|dont|no need to|stop)\s+"
        r"(?:drop|exclude|remove|ignor|leave out|skip)\w*|(?:also|please|actually)\s+(?:keep|include|use|add)|keep|include|add)"
        r"\s+(?P<x>[^,，。;；!?！？\n]{1,40})"
    ),
    re.compile(r"(?P<x>[\w ]{1,40}?)\s+(?:is|are|was|were)\s+(?:fine|ok|okay|allowed|good)\s+after all\b"),
    re.compile(
        rf"(?:把|将)?{_X}(?:再|也|都|给|又|重新|还是|应该|可以){{0,3}}(?:加回来|加回去|加回|放回来|放回去|放回|拿回来|补回来|找回来|"
        r"加进来|加进去|用回来|用回|要回来|弄回来|捡回来|留着|留下|保留|恢复|算进来|要用|得用|还是要|还是用|可以用|能用)"
    ),
    re.compile(
        r"(?:加回|放回|恢复|用回|保留|留下|(?:别|不要|不用|不必|先别|不该)(?:去掉|排除|删掉?|剔除|扔掉?)|还是用上?|还是要用?|"
        r"重新用上?|重新加上?|加上|用上|带上|算上|加入)\s*(?P<x>[^,，。;；!?！？\n]{1,30})"
    ),
)  # fmt: skip
_OFF = re.compile(r"不|别|没|无|去掉|排除|删|扔|\bno\b|\bnot\b|n't|\bwithout\b|\bdrop|\bexclude|\bremove")

_MATTERS_NOT_ZH = r"(?:都|也|就|可以|现在)*(?:无所谓|没关系|不限|不限制|没限制|没有限制|不重要|不要紧|不管|不用管|不要求|随便|没要求|不卡)"
_MATTERS_NOT_EN = (
    r"(?:\s+\w+){0,2}\s*(?:doesn't matter|does not matter|don't matter|isn't important|is not important|"
    r"is not an issue|isn't an issue|is no issue|can be anything|is unlimited|whatever)"
)
_FORGET_EN = r"(?:no|forget(?: about)?|drop|remove|lift|ignore|scrap|don't care about|never mind|without)\s+(?:the|any|that|a)?\s*"


def _lift(zh: str, en: str) -> re.Pattern[str]:
    """Return a pattern for "X does not matter any more" in both languages."""
    return re.compile(
        rf"(?:{zh}){_MATTERS_NOT_ZH}|(?:不限|不管|不限制|不用管|取消|去掉|放开|别管)(?:{zh})|"
        rf"\b(?:{en}){_MATTERS_NOT_EN}|\b{_FORGET_EN}(?:{en})(?:\s+(?:limit|budget|constraint|cap|requirement))?"
    )


_LIFTED: dict[str, re.Pattern[str]] = {
    "time_budget_seconds": re.compile(
        _lift(r"(?:训练)?(?:时间|时长|时限|耗时|多久)(?:的)?(?:限制|预算)?", r"(?:training )?time|time limit|time budget").pattern
        + r"|\btake (?:all )?(?:the|your|as much) time\b|\bas long as (?:it|you)\b|慢慢(?:来|跑|训)"
    ),
    "max_latency_ms": _lift(r"(?:延迟|时延|响应|响应时间|推理速度)(?:的)?(?:限制|要求)?", r"latency|response time|inference speed"),
    "max_model_mb": _lift(r"(?:模型)?(?:大小|体积|尺寸)(?:的)?(?:限制|要求)?", r"(?:model )?size|the megabytes"),
    "interpretable": re.compile(
        _lift(r"(?:可)?解释性?", r"interpretability|explainability").pattern
        + r"|(?:不用|不需要|不要求|不必)(?:再)?(?:可|能)?解释|黑盒也?(?:行|可以|没关系)|\bblack[- ]?box is (?:fine|ok|okay)|"
        r"\b(?:needn't|doesn't (?:have|need) to|no longer (?:has|needs) to|not) be (?:interpretable|explainable)"
    ),
    "no_gpu": re.compile(r"(?:可以|能|有)(?:用)?(?:gpu|显卡)|\bgpu (?:is )?(?:ok|okay|fine|available|allowed)|\b(?:can|may) use (?:the |a )?gpu"),
    "fairness_attribute": _lift(r"公平性?", r"fairness"),
    "faster": re.compile(r"慢(?:一)?(?:点|些)(?:也|都)?(?:没关系|无所谓|可以|行|没事)|不(?:着|用)?急|\bno (?:hurry|rush)\b|\bslow(?:er)? is (?:fine|ok|okay)|\bspeed (?:doesn't|does not) matter"),
    "group_column": re.compile(
        r"(?:不|别)(?:再|用|要)?(?:按|分)(?:照)?[^,，。;]{0,8}?(?:了|分|预测|看)?(?=[,，。;\s]|$)|(?:合在一起|总体|整体|汇总)(?:预测|来|看|就)?|"
        r"不用?分[^,，。;]{0,6}了|"
        r"\b(?:not|no longer|don't (?:split|group)|never mind|forget|drop|scrap|without|no)\s+(?:the\s+)?(?:by|per|split|grouping|breakdown|separate)\b(?:\s+\w+)?(?:\s+(?:bit|thing|part|split))?|"
        r"\b(?:all together|in total|overall|ungrouped|one (?:single |big )?(?:total|series|number|figure)|one overall)\b"
    ),
    "time_column": re.compile(
        r"(?:不|别)(?:再|用|要)?按(?:照)?(?:时间|日期|先后)[^,，。;]{0,8}|\b(?:don't|do not|no longer|not|stop)\s+(?:split|validate)\w*\s+(?:by|along|over)\s+(?:the )?(?:time|dates?)\b"
    ),
    "split": re.compile(r"(?:不|别)(?:再|用|要)?(?:做)?随机(?:划分|切分|拆分|验证)了?|\b(?:don't|do not|no longer|not|stop)\s+(?:split\w*\s+(?:at random|randomly)|(?:a )?random split)\b"),
    "metric": re.compile(r"(?:用|换回|改回|恢复)?默认(?:的)?指标|\b(?:the )?default metric\b"),
    "models": re.compile(r"(?:什么|任何|哪种|随便什么)(?:模型|算法)都(?:行|可以)|\bany (?:model|algorithm|learner) (?:is|will|would)"),
    "horizon": re.compile(r"不(?:用|要|再)?看(?:未来|以后)"),
}  # fmt: skip
"""Slot (or preference) → words that take it back."""

_EVERYTHING = re.compile(
    r"(?:用|使用|用上|用回)?(?:所有|全部)的?(?:列|字段|特征|变量)(?:都)?(?:用上?|要)?|\b(?:use |with )?(?:all|every)(?: of)?(?: the)? "
    r"(?:columns?|features?|fields?|variables?)\b|\buse everything\b"
)
_BUT = re.compile(r"除|以外|之外|\bbut\b|\bexcept|\bwithout\b|\bapart\b|\bother than\b")
_UNWISHED = re.compile(
    r"(?:不要|不用|不必|别|无需|先不|暂不|不|去掉|取消|\bno|\bnot|n't|\bwithout|\bskip|\bdrop|\bforget|\bcancel)\s*"
    r"(?:再|急着|着急|the|a|an|about|need|want|any|to|it)?\s*(?:the|a|an|to)?\s*$"
)
_BARE = re.compile(
    r"(?:(?:make|change|set|bump|raise|lower|cut|extend|shorten|increase|reduce)\s+(?:it|that|this)(?:\s+(?:to|down to|up to))?|"
    r"(?:^|[\s,])(?:to|now|try|rather|say)|改成|改为|换成|变成|调成|调到|设成|加到|减到|缩到|降到|升到|涨到|放到|放宽到?|放宽至|收紧到?|压到|砍到|延长到|缩短到|提高到|改|要|就)\s*"
    r"(?P<n>\d+(?:\.\d+)?|[一二两三四五六七八九十百半]+)(?!\s*[%\d.])\s*个?(?=\s*(?:吧|就行|就好|好了|可以|please|instead|steps?|步|点|[,，。.;!]|$))"
)
_BARE_ALONE = re.compile(
    r"^\W*(?P<n>\d+(?:\.\d+)?|[一二两三四五六七八九十百]+)(?:\s+instead|\s+please|吧|就行|好了|\W)*$"
)
_TIMES = re.compile(r"\b(?P<double>double|twice)\b|翻倍|加倍|\b(?P<halve>halve|half)\b(?!\s+an?\b)|减半|一半")


@dataclass
class Edits:
    """What one turn takes back, and the words that said so (folded positions)."""

    back: list[Link] = field(default_factory=list)
    lifted: set[str] = field(default_factory=set)
    unwished: set[str] = field(default_factory=set)
    everything: bool = False
    spans: list[tuple[int, int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.back or self.lifted or self.unwished or self.everything)


def taken_back(
    folded: str, linker: Linker, lexicon: Lexicon, *, excluded: Set[str], inputs: Set[str], known: Set[str]
) -> Edits:
    """Return what a turn takes back.

    Parameters
    ----------
    folded : str
        The turn.
    linker, lexicon : Linker, Lexicon
        Of the table and the preset.
    excluded, inputs : set of str
        Columns left out, and the only ones used, in the frame in force.
    known : set of str
        Slots of the frame in force, and its outputs and preferences.
    """
    edits = Edits()
    for pattern in _BACK:
        for m in pattern.finditer(folded):
            start = m.start("x") + max(m.group("x").rfind("把"), m.group("x").rfind("将")) + 1
            links = _named(folded[start : m.end("x")], start, linker)
            wanted = [link for link in links if link.column in excluded or (inputs and link.column not in inputs)]
            if wanted and not _OFF.search(folded[start : m.end("x")]):
                edits.back += [link for link in wanted if all(link.column != other.column for other in edits.back)]
                edits.spans.append((start if start > m.start("x") else m.start(), m.end()))
    for name, pattern in _LIFTED.items():
        found = pattern.search(folded)
        if found and name in known:
            edits.lifted.add(name)
            edits.spans.append(found.span())
    everything = _EVERYTHING.search(folded)
    if everything and (excluded or inputs) and not _BUT.search(folded):
        edits.everything = True
        edits.spans.append(everything.span())
    for hit in lexicon.wishes.find(folded):
        if hit.key in (*OUTPUTS, *PREFERENCES) and hit.key in known and _UNWISHED.search(folded[: hit.start]):
            edits.unwished.add(hit.key)
            edits.spans.append((hit.start, hit.end))
    return edits


def _named(piece: str, offset: int, linker: Linker) -> list[Link]:
    """Return the columns that a short piece of text enumerates; words used by a better link name no second one."""
    taken: list[Link] = []
    for link in linker.links(piece):
        if link.score < _LINKED or link.how == "value":
            continue
        if any(link.start < other.end and other.start < link.end for other in taken):
            continue
        taken.append(link)
    return [
        Link(link.column, link.score, link.how, tuple((s + offset, e + offset) for s, e in link.spans), link.concept)
        for link in taken
    ]  # fmt: skip


def columns_of(folded: str, linker: Linker) -> list[Link]:
    """Return the columns that a turn of few words enumerates, in the order of their words."""
    return sorted(_named(folded, 0, linker), key=lambda link: link.start)


NUMERIC = ("horizon", "time_budget_seconds", "max_latency_ms", "max_model_mb")
"""Slots that "make it 48" can mean."""


def new_number(
    folded: str, slots: Mapping[str, Slot], spoken: list[tuple[int, int]]
) -> tuple[str, float | Quantity, int, int] | None:
    """Return which slot a turn sets to a number whose meaning only the dialogue tells, with the value and its place.

    A number with a unit goes to the slot of its dimension, a bare one to the numeric slot changed last, in the unit it was
    said in: after "10分钟" a "改成20" means twenty minutes.

    Parameters
    ----------
    folded : str
        The turn.
    slots : mapping
        Of the frame in force.
    spoken : list of (int, int)
        Places of numbers that already have a meaning.
    """
    there = [name for name in NUMERIC if name in slots and slots[name].origin == "stated"]
    for item in _numbers.quantities(folded):
        if any(start < item.end and item.start < end for start, end in spoken):
            continue
        if item.dimension == "size":
            return "max_model_mb", item.value, item.start, item.end
        if item.dimension == "time":
            name = _of_time(item, slots, there)
            return (
                name,
                item if name == "horizon" else item.value * (1000 if name == "max_latency_ms" else 1),
                item.start,
                item.end,
            )
    last = max(there, key=lambda name: slots[name].turn, default=None)
    if last is None:
        return None
    m = _BARE.search(folded) or _BARE_ALONE.search(folded)
    if m and not any(start < m.end("n") and m.start("n") < end for start, end in spoken):
        value = _numbers.number(m.group("n"))
        return (last, value * _unit(slots[last], last), m.start("n"), m.end("n")) if value else None
    times = _TIMES.search(folded)
    if times:
        doubles = bool(times.group("double")) or times.group().startswith(("翻", "加"))
        return last, float(slots[last].value) * (2 if doubles else 0.5), times.start(), times.end()
    return None


_OF_WORK = re.compile(
    r"预算|限时|时间|跑|训练|搜索|花|以内|之内|内$|最多|budget|within|\b(?:run|train|spend|search|finish|time|limit|tops|max|in)\b"
)


def means_horizon(folded: str, slots: Mapping[str, Slot]) -> bool:
    """Say whether a length of time in a turn goes on about the horizon, which was the number said last: "改成8小时"."""
    there = [name for name in NUMERIC if name in slots and slots[name].origin == "stated"]
    last = max(there, key=lambda name: slots[name].turn, default="")
    return last == "horizon" and not _OF_WORK.search(folded)


def _of_time(item: Quantity, slots: Mapping[str, Slot], there: list[str]) -> str:
    """Milliseconds are a latency; lengths of the series' step are a horizon, unless time was what was said last."""
    if item.unit == "ms" or ("max_latency_ms" in there and item.value < 1):
        return "max_latency_ms"
    frequency = str(slots["frequency"].value) if "frequency" in slots else ""
    step = _numbers.STEP_SECONDS.get(frequency, 0.0)
    latest = max(there, key=lambda name: slots[name].turn, default="")
    if step and item.value >= step and (latest != "time_budget_seconds" or item.value >= 86400.0):
        return "horizon"
    return "time_budget_seconds"


def _unit(slot: Slot, name: str) -> float:
    """Return the factor from the unit that a slot was said in to the unit it is kept in."""
    if name == "horizon":
        told = [item for span in slot.evidence for item in _numbers.quantities(span.text.casefold())]
        if not told or not told[0].amount:
            return 1.0
        return _numbers.horizon(told[0], told[1] if len(told) > 1 else None)[0] / told[0].amount
    for span in slot.evidence:
        for item in _numbers.quantities(span.text.casefold()):
            if item.amount:
                return item.value * (1000 if name == "max_latency_ms" else 1) / item.amount
    return 1.0


def moves(folded: str, lexicon: Lexicon) -> dict[str, Hit]:
    """Return the first cue of each move of a dialogue: undo, go, agree, fresh, same, swap, first … quality."""
    found: dict[str, Hit] = {}
    for hit in lexicon.turns.find(folded):
        found.setdefault(hit.key, hit)
    return found


_SHORT = 14  # characters of an answer that is nothing but "yes", "the second" or a number


def is_short(folded: str, hit: Hit) -> bool:
    """Say whether a turn is little more than its move."""
    return len(folded.strip()) - (hit.end - hit.start) <= _SHORT
