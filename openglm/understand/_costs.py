"""What a wrong answer costs: "漏一个损失100, 误报损失5", "a miss costs ten times a false alarm".

A miss is a positive row that is taken for negative, a false alarm the other way round. Costs have no unit: only their ratio
decides where the threshold lies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from openglm.understand._numbers import number

MISS, ALARM = "cost_false_negative", "cost_false_positive"
SLOTS = frozenset({MISS, ALARM})

_MISSES = (
    r"漏(?:掉|过|报|判|检|诊|抓|放|网)?(?:的|了)?(?:每)?(?:一[个单条笔次例位件台]|一个[^\s,，。;]{1,4}|[个单条笔例])?|假阴性?|没抓(?:到|住)(?:一[个单条笔次例])?|"
    r"(?:each |every |one |a |an )?(?:miss(?:ed)?|missing)(?: (?:of )?(?:a|an|one|each|every))?(?: (?:single |real |true |actual )?"
    r"(?:case|fraud|churner|defect|customer|patient|failure|positive|one|fault|event|sale|default|default(?:er)?|leak)s?)?|"
    r"(?:each |every |one |a )?false[- ]negatives?|(?:each |every |one |an )?undetected (?:case|fraud|defect|failure|fault)s?|\bfns?\b"
)
_ALARMS = (
    r"(?:每)?(?:误报|误判|误杀|误伤|错杀|错报|虚报|虚警|误抓|误检|假阳性?|冤枉)(?:掉|了)?(?:每)?(?:一[个单条笔次例位件台]|一个[^\s,，。;]{1,4}|一次)?|"
    r"(?:each |every |one |a )?false[- ](?:alarm|positive|alert)s?|(?:each |every |one |an )?unnecessary (?:call|check|inspection|offer|visit)s?|"
    r"\bfps?\b"
)
_VERB = (
    r"(?:的)?(?:平均)?(?:只|仅|才)?(?:要|会|就|得|大约|大概|约)?(?:损失|成本|代价|亏损?|赔|罚款?|花费?|费用|浪费)(?:大约|大概|约)?(?:是|为|算|有|掉|了)?|"
    r"(?:would |will |can |may |usually |each )?(?:costs?|is worth|are worth|sets? us back|loses?|wastes?)(?: us| me| about| around| roughly)*|"
    r"(?:is|are|=|:) ?(?:a )?(?:cost|loss|penalty)(?: of)?|costing(?: us)?|(?:的)?权重(?:是|为)?|cost ?[=:]"
)
_HAN = "零〇一二两三四五六七八九十百千万亿"
_WORD = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred|thousand|a|an"
_AMOUNT = (
    rf"(?:约|大约|about|around)?\s*(?:[$¥￥€£]|rmb|usd)?\s*(?P<{{0}}>\d+(?:,\d{{{{3}}}})*(?:\.\d+)?|[{_HAN}]+|"
    rf"(?:{_WORD})(?:[ -](?:{_WORD}))*)\s*(?P<{{0}}_times>万|千|k\b)?(?!\d|\.\d|\s*(?:%|percent|分之|个?百分点|成\b))"
)
_GAP = r"\s*[,，:：]?\s*"
_JOIN = r"\s*(?:[,，;；、。.]|and|but|while|whereas|而|但|,? ?vs\.?|versus)*\s*(?:只|仅|only|just|but|and)?\s*"


def _amount(name: str) -> str:
    return _AMOUNT.format(name)


_PLAIN = {
    role: re.compile(rf"(?:{words}){_GAP}(?:{_VERB})\s*(?:是|为|of)?\s*{_amount('n')}")
    for role, words in ((MISS, _MISSES), (ALARM, _ALARMS))
}
_SHORT = {  # the second half of a pair may leave the verb out: "a miss costs 100, a false alarm 5"
    role: re.compile(rf"(?:{words})\s*(?:only|just|只|仅|就)?\s*{_amount('n')}")
    for role, words in ((MISS, _MISSES), (ALARM, _ALARMS))
}
_THAN = r"(?:的代价|的成本|的损失|代价|成本|损失)?(?:是|相当于|等于|比|顶|抵|抵得上|costs?(?: us)?|is|are|is as bad as|hurts?|weighs?|counts?(?: for)?|equals?)\s*"
_WORSE = r"(?:的代价|的成本|的损失|代价|成本|损失)?(?:的)?"
_RATIO = {
    (first, second): (
        # "漏报的代价是误报的10倍", "漏一个比误报严重10倍"
        re.compile(
            rf"(?:{a})(?:的代价|的成本|的损失|代价|成本|损失)?\s*(?:是|比|相当于|等于)\s*(?:{b}){_WORSE}\s*(?:要)?(?:高|贵|严重|大|多|糟)?(?:出)?\s*"
            rf"{_amount('n')}\s*倍"
        ),
        # "漏一个顶十个误报"
        re.compile(rf"(?:{a})\s*(?:顶|抵|抵得上|相当于|等于|换)\s*{_amount('n')}\s*(?:个|次|条|单)\s*(?:{b})"),
        # "a miss costs 10 times (as much as) a false alarm", "missing one is 10x worse than a false positive"
        re.compile(
            rf"(?:{a})\s*(?:costs?|is|are|hurts?|weighs?|counts?)(?: us)?(?: about| roughly| around| at least)?\s*{_amount('n')}\s*(?:x|times|-?fold)"
            rf"(?:\s*(?:the cost of|what|as much as|as costly as|as bad as|as expensive as|worse than|more than|more expensive than|costlier than|more costly "
            rf"than|more|as many as|that of|as))?\s*(?:for )?(?:{b})"
        ),
        # "a miss is worth 10 false alarms"
        re.compile(
            rf"(?:{a})\s*(?:is worth|are worth|is as bad as|equals?|costs as much as|counts as)\s*{_amount('n')}\s*(?:{b})"
        ),
    )
    for first, second, a, b in ((MISS, ALARM, _MISSES, _ALARMS), (ALARM, MISS, _ALARMS, _MISSES))
}


@dataclass(frozen=True)
class Cost:
    """One cost: its slot, its value, and its place in the text."""

    slot: str
    value: float
    start: int
    end: int


def costs(folded: str) -> tuple[Cost, ...]:
    """Return what a miss and a false alarm cost, both or neither; of a ratio the smaller one costs 1.

    Parameters
    ----------
    folded : str
        The sentence.

    Examples
    --------
    >>> [(cost.slot, cost.value) for cost in costs("漏一个损失100, 误报损失5")]
    [('cost_false_negative', 100.0), ('cost_false_positive', 5.0)]
    >>> [(cost.slot, cost.value) for cost in costs("a miss costs ten times a false alarm")]
    [('cost_false_negative', 10.0), ('cost_false_positive', 1.0)]
    """
    for (more, less), patterns in _RATIO.items():
        for pattern in patterns:
            found = pattern.search(folded)
            value = _value(found) if found else None
            if found and value:
                span = found.span()
                both = {more: Cost(more, value, *span), less: Cost(less, 1.0, *span)}
                return both[MISS], both[ALARM]
    plain = {role: pattern.search(folded) for role, pattern in _PLAIN.items()}
    for role, other in ((MISS, ALARM), (ALARM, MISS)):
        known = plain[role]
        if known and not plain[other]:
            plain[other] = _SHORT[other].search(folded, known.end())
    made = [
        Cost(role, value, *found.span())
        for role, found in plain.items()
        if found is not None and (value := _value(found)) is not None
    ]
    return tuple(made) if len(made) == 2 and any(cost.value for cost in made) else ()


def _value(found: re.Match[str]) -> float | None:
    value = number(found["n"])
    return None if value is None else value * {"万": 1e4, "千": 1e3, "k": 1e3}.get(found["n_times"] or "", 1.0)
