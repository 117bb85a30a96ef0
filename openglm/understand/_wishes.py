"""What a sentence wishes besides the target: metric, learners, limits, outputs, time, horizon.

Every wish keeps its place in the text, so that it can be shown as evidence and is no longer evidence for a column. Values
are taken as said; whether a metric fits the problem or a limit can be kept is checked later.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from openglm.understand import _costs, _numbers
from openglm.understand._lexicon import Hit, Lexicon
from openglm.understand._ngrams import Sound
from openglm.understand._normalise import words_of
from openglm.understand._numbers import Quantity
from openglm.understand._patterns import MEMBERS

OUTPUTS = ("deploy", "export_onnx", "report", "predictions_file", "docker")
PREFERENCES = ("faster", "more_accurate", "smaller", "simpler")
NUMBERED = {"smaller": "max_model_mb", "faster": "max_latency_ms"}
"""Preference → the limit that says the same as a number; the number replaces the vague wish."""
HEARD = 0.6  # chance at which the sound of a sentence alone is a wish; five-fold precision there is above 0.85
_HEARD = frozenset({*OUTPUTS, *PREFERENCES, "interpretable", "no_gpu", "fair", "recall", "precision", "last", "best"})
_NEGATED = re.compile(
    r"(不要|不用|不必|别|无需|先不|暂不|不|not|n't|no|never|without)\s*(?:急着|着急|马上|现在|yet|to|any|it)?\s*$"
)
_BOOL_NEGATED = re.compile(r"(不需要|不要求|无需|不必|no need (?:for|to be)|not necessarily|don't need)\s*(?:an?\s+)?$")
_SCORE_LIMIT = re.compile(
    r"^\s*(?:率|要|需|不|must be|should be|of)?\s*(?:低于|至少|大于|高于|超过|达到|到|小于|控制在|at least|"
    r"above|over|>=?|≥)\s*(?:0?\.?\d|百分|[一二三四五六七八九]成)"
)
_NOT_FAIR = re.compile(r"\s+(?:game|enough|price|value|share|weather)\b")
_FAIR_GAME = re.compile(r"\bfair" + _NOT_FAIR.pattern)
_OF_ERROR = re.compile(r"(?:误差|损失|偏差|差|error|loss|rmse|mae|mape|mse)\s*(?:要|得|is|as)?\s*$")
_IN_REPORT = re.compile(r"[^,，。;]{0,8}报告|[^,.;]{0,20}\breport")
_WHEN_LIVE = re.compile(r"\s*(?:之后|以后|后(?![端台]))")
_CORRECTED = re.compile(
    r"换成|改成|改为|说错|不对|no sorry|no, sorry|no wait|actually|i mean|sorry|rather than that|or rather|"
    r"make that|而是|scratch that"
)


@dataclass
class Wishes:
    """All wishes of a sentence, each with its place (folded positions).

    Parameters
    ----------
    metric : Hit or None
        Key is the metric's name; ``implied`` says that it was only meant ("不能漏").
    implied : bool
        See ``metric``.
    models : list of Hit
        Learners named.
    limits : dict of str to (float, start, end)
        Role of :mod:`_numbers` → value.
    horizon : Quantity or None
        A length of time to look ahead.
    step : Quantity or None
        Time between two points of a forecast.
    flags : dict of str to Hit
        Other wishes: interpretable, no_gpu, fair, outputs, preferences, last, best.
    spans : list of (int, int)
        Words that are spoken for.
    impossible : list of (int, int)
        Amounts that can be no limit: zero seconds, 101 %.
    """

    metric: Hit | None = None
    implied: bool = False
    models: list[Hit] = field(default_factory=list)
    limits: dict[str, tuple[float, int, int]] = field(default_factory=dict)
    horizon: Quantity | None = None
    step: Quantity | None = None
    flags: dict[str, Hit] = field(default_factory=dict)
    spans: list[tuple[int, int]] = field(default_factory=list)
    impossible: list[tuple[int, int]] = field(default_factory=list)


def read_wishes(folded: str, lexicon: Lexicon, *, protected: list[tuple[int, int]], ahead: bool) -> Wishes:
    """Return the wishes of a folded sentence.

    Parameters
    ----------
    folded : str
        The sentence.
    lexicon : Lexicon
        Word lists.
    protected : list of (int, int)
        Words that name a column where a column is wanted ("predict accuracy"); they are no wishes.
    ahead : bool
        Whether the sentence looks into the future over a table with a date.
    """
    words = words_of(folded)
    wishes = Wishes()

    def free(hit: Hit | Quantity) -> bool:
        return not any(start < hit.end and hit.start < end for start, end in protected)

    wishes.models = [hit for hit in lexicon.models.find(folded, words) if free(hit)]
    _flags(wishes, [hit for hit in lexicon.wishes.find(folded, words) if free(hit)], folded)
    things = lexicon.concepts.find(folded, words)
    metrics = [hit for hit in lexicon.metrics.find(folded, words) if free(hit) and not _part_of(hit, things)]
    said = [item for item in _numbers.quantities(folded) if free(item)]
    quantities = [item for item in said if math.isfinite(item.value) and item.value > 0]
    wishes.impossible = [
        (item.start, item.end)
        for item in said
        if item not in quantities
        or (item.dimension == "share" and item.value > 1 and _numbers.role(item, folded, ahead=ahead))
    ]
    _limits(wishes, quantities, folded, ahead=ahead)
    _price(wishes, folded)
    _step(wishes, folded)
    _metric(wishes, metrics, folded)
    accurate, written = wishes.flags.get("more_accurate"), wishes.flags.get("predictions_file")
    if accurate and any(hit.start < accurate.end + 2 and accurate.start < hit.end + 2 for hit in metrics):
        del wishes.flags["more_accurate"]  # "top accuracy" names the metric
    if written and "report" in wishes.flags and _IN_REPORT.match(folded[written.end :]):
        del wishes.flags["predictions_file"]
    wishes.spans += [(hit.start, hit.end) for hit in [*wishes.models, *metrics, *wishes.flags.values()]]
    return wishes


def hear_wishes(wishes: Wishes, sound: Sound, folded: str, lexicon: Lexicon) -> None:
    """Add the flags that no phrase list has words for but that the sentence clearly sounds like."""
    for key, chance in sound.flags.items():
        if key in PREFERENCES and wishes.metric is not None:
            continue  # "the smaller the error the better" is no wish for a small model
        if key == "fair" and _FAIR_GAME.search(folded):
            continue
        if chance >= HEARD and key in _HEARD and key not in wishes.flags:
            wishes.flags[key] = Hit(key, chance, *lexicon.ngrams.evidence(folded, key))
    if wishes.metric is None and not wishes.implied:
        _metric(wishes, [], folded)


def _part_of(hit: Hit, things: list[Hit]) -> bool:
    """Say whether a cue is only a piece of a longer word: 精度 in 酒精度."""
    return any(
        thing.start <= hit.start and hit.end <= thing.end and thing.end - thing.start > hit.end - hit.start
        for thing in things
    )


def _flags(wishes: Wishes, hits: list[Hit], folded: str) -> None:
    for hit in hits:
        before = folded[max(0, hit.start - 10) : hit.start]
        if hit.key in (*OUTPUTS, *PREFERENCES) and _NEGATED.search(before):
            continue
        if hit.key == "deploy" and _WHEN_LIVE.match(folded[hit.end : hit.end + 8]):
            continue
        if hit.key == "fair" and _NOT_FAIR.match(folded[hit.end :]):
            continue
        if hit.key == "smaller" and _OF_ERROR.search(before):
            continue
        if hit.key == "interpretable" and _BOOL_NEGATED.search(before):
            continue
        wishes.flags.setdefault(hit.key, _without_members(hit, folded) if hit.key == "fair" else hit)


def _without_members(hit: Hit, folded: str) -> Hit:
    """Leave the group in the text that a cue for fairness names: "treat men and women …"."""
    found = [m.span() for pattern in MEMBERS.values() for m in pattern.finditer(folded, hit.start, hit.end)]
    if not found:
        return hit
    first, last = min(start for start, _ in found), max(end for _, end in found)
    return Hit(hit.key, hit.weight, hit.start, first) if first > hit.start else Hit(hit.key, hit.weight, last, hit.end)


def _limits(wishes: Wishes, quantities: list[Quantity], folded: str, *, ahead: bool) -> None:
    roles = [(item, _numbers.role(item, folded, ahead=ahead)) for item in quantities]
    for item, role in roles:
        if role == "horizon":
            wishes.horizon = _later(wishes.horizon, item, folded)
            if not _numbers.is_relative(folded[item.start : item.end]):  # "tomorrow" may also be part of a name
                wishes.spans.append((item.start, item.end))
        elif role == "step":
            wishes.step = item
            wishes.spans.append((item.start, item.end))
        elif role is not None:
            value = item.value * 1000 if role == "max_latency_ms" else item.value
            if item.dimension == "share" and value > 1:
                continue  # 101 % is no share; the sentence is read without it
            old = wishes.limits.get(role)
            if old is None or _CORRECTED.search(folded, old[2], item.start):
                wishes.limits[role] = (value, item.start, item.end)
            wishes.spans.append((item.start, item.end))


def _price(wishes: Wishes, folded: str) -> None:
    """What wrong answers cost decides the threshold; its words wish for nothing else."""
    for cost in _costs.costs(folded):
        wishes.limits[cost.slot] = (cost.value, cost.start, cost.end)
        wishes.spans.append((cost.start, cost.end))
        for key in ("recall", "precision"):
            hit = wishes.flags.get(key)
            if hit is not None and hit.start < cost.end and cost.start < hit.end:
                del wishes.flags[key]


def _step(wishes: Wishes, folded: str) -> None:
    """Words for a step count only beside a horizon: "a daily report" is none."""
    if wishes.horizon is not None and wishes.step is None:
        wishes.step = _numbers.step_told(folded)


def _later(old: Quantity | None, new: Quantity, folded: str) -> Quantity:
    """The first horizon counts, unless it was corrected; a counted one ("48h ahead") beats "tomorrow"."""
    if old is None or _CORRECTED.search(folded, old.end, new.start):
        return new
    counted = re.compile(r"[\d半一二两三四五六七八九十]|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve)\b")
    return (
        new if not counted.search(folded[old.start : old.end]) and counted.search(folded[new.start : new.end]) else old
    )


def _metric(wishes: Wishes, hits: list[Hit], folded: str) -> None:
    stated: Hit | None = None
    for hit in hits:
        if hit.key in ("recall", "precision") and _SCORE_LIMIT.match(folded[hit.end : hit.end + 14]):
            continue  # "召回率不低于90%" is a limit, not what to optimise
        before = folded[max(0, hit.start - 12) : hit.start]
        if re.search(r"(不要用?|不用|别用|别看|不看|而不是|不是|over|than|instead of|not|rather than)\s*$", before):
            continue
        if stated is None or _CORRECTED.search(folded, stated.end, hit.start):
            stated = hit
    if stated is None and not _costs.SLOTS & wishes.limits.keys():  # what errors cost replaces the vague wish
        implied = [wishes.flags[key] for key in ("recall", "precision") if key in wishes.flags]
        stated, wishes.implied = (implied[0] if implied else None), bool(implied)
    wishes.metric = stated
