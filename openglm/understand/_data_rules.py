"""Rules that a sentence states about the data: "卡号只保留数字", "amounts between 0 and 1 million", "drop rows without a price".

A rule needs a column, and words that make it one: a bare statement that is a clause of its own ("年龄不超过60", "age at most
60"; one that speaks of time, size or errors of the model is a limit), a duty ("must be", "必须") or a verb of cleaning. A range
that only tells which rows are asked about ("will customers between 18 and 65 churn?") is none. "X between a and b" says what
is an error: values outside become missing. "Only customers with X between a and b" says what is learned from: rows outside,
and rows of which it is not known, are left out (a range and ``required``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openglm.core.cleaning import Rule
from openglm.core.schema import Column, Scalar
from openglm.understand import _numbers
from openglm.understand._linker import Link, Linker
from openglm.understand._normalise import GAP, mask

SURE = 0.6  # of a link to a column; below, the words may mean something else
NEAR = 24  # characters between the column and what is said about it; our own: a clause, not a sentence
_CLAUSE = re.compile(r"(?:[^,，;；。!！\n.]|\.(?!\s|$)|(?<=\d),(?=\d))+")
_ASKS = re.compile(
    r"预测|判断|预估|估计|估算|是否|是不是|会不会|能不能|有没有|多少|哪些?|谁|概率|可能性|吗|\?|"
    r"\b(?:predict|forecast|whether|how|which|what|who|estimate|classify|likely|probability|chance|if|will|does|is it)\b"
)
_N = (
    r"[$¥€£]?\s*(?P<{0}>-?\d{{1,3}}(?:,\d{{3}})+|-?\d+(?:\.\d+)?|[零一二两三四五六七八九十百千万亿]+|"
    r"\b(?:zero|one|two|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b)\s*"
    r"(?P<{0}x>万亿|百万|千万|万|亿|千|k\b|m\b|million\b|thousand\b|%)?"
    r"\s*(?:元|块钱?|周?岁|年|天|小时|公斤|千克|斤|厘米|米|平米?|分(?!钟)|次|个|度|usd\b|dollars?\b|euros?\b|yuan\b|rmb\b|kg\b|cm\b|"
    r"years?(?: old| of age)?\b|yrs?\b)?\s*"
)
_A, _B = _N.format("a"), _N.format("b")
_ZH_BETWEEN = rf"{_A}(?:到|至|-|~|—|–|和|与)\s*{_B}"
_EN_BETWEEN = rf"(?:between|from|within|in)\s+{_A}(?:and|to|-|–)\s*{_B}"
_END = r"\s*(?:之间|以内|范围内?|内)?\s*(?:才(?:算|是)?(?:有效|正常|合理|合法|对)的?|才对|为准|就行|即可)?\s*[.~]*$"
_MUST_ZH = r"(?:必须|应该|应当|一定要?|只能|需要|应|需|要|得|只允许|限制?|控制)\s*(?:是|为)?\s*"
_MUST_EN = r"\b(?:must|should|has to|have to|needs? to|ought to|can only|may only|is always|are always)\s+(?:all\s+)?(?:be|lie|fall|stay)?\s*"
_NOT_ZH, _NOT_EN = (
    r"(?:不能|不得|不可以?|不应该?|不允许|不会)\s*",
    r"\b(?:must not|mustn't|can't|cannot|can not|may not|should not|shouldn't|never)\s+(?:be\s+)?",
)
_MORE_ZH, _LESS_ZH = r"(?:大于|高于|超过|多于|>)(?!等于|=)\s*", r"(?:小于|低于|少于|不足|<)(?!等于|=)\s*"
_MORE_EN = r"(?:(?:greater|more|larger|higher|bigger|older) than|above|over|exceed(?:s|ing)?|>(?!=))\s*"
_LESS_EN = r"(?:(?:less|smaller|lower|fewer|younger) than|below|under|<(?!=))\s*"
_GE = r"(?:大于等于|>=|≥|至少(?:是|为)?|不(?:小于|低于|少于)|at least|(?:no|not) (?:less|lower|smaller) than)\s*"
_LE = r"(?:小于等于|<=|≤|至多(?:是|为)?|最多(?:是|为)?|不(?:大于|高于|多于|超过)|at most|(?:no|not) (?:more|higher|greater) than)\s*"
_PER = r"(?:(?:/|每|per\s)\s*[\u4e00-\u9fff\w²]{1,6}\s*)*"
_LEAD = re.compile(
    rf"(?:[\s{GAP}]|且|并且?|而且|其中|要求|同时|另外|此外|所有|每个?|的|(?:and|but|also|where|with|the|all|every|each|values? of|note that)\b)*"
)
_BOUND = re.compile(rf"{_GE}|{_LE}|[<>]")  # said without a duty; "over 60" may ask or define
_BOUNDS = tuple(
    (re.compile(rf"{words}{_A}{_PER}(?P<next>$|且|并且?|而且|和|and\b|but\b)\s*"), side)
    for words, side in ((_GE, ">="), (_LE, "<="), (r">(?!=)\s*", ">"), (r"<(?!=)\s*", "<"))
)
_COPULA = re.compile(r"(?:\s|的值?|值|都|均|是|为|:|(?:is|are|values?)\b)*")
_WRONG_ZH = (
    r"的?\s*(?:值|数据|记录|行|样本)?\s*(?:都|就|一律|全)?\s*(?:算|当作?|当成|视为|看作|看成|按|记为|设为|置为|是|属于)\s*(?:作|成)?\s*"
    r"(?:缺失|空|无效|异常|错误|脏|不合法|录入错|填错|错的)(?:值|数据|处理)?"
)
_WRONG_EN = (
    r"\s*(?:values?|entries)?\s*(?:is|are|counts?|means?|should be|must be|can be|gets?|as)\s*(?:treated|considered|taken)?\s*(?:as|to be)?\s*"
    r"(?:an?\s+)?(?:missing|wrong|errors?|invalid|typos?|mistakes?|bad|impossible|nonsense)\b"
)
_ROWS_ZH = r"(?:行|数据|记录|样本|客户|用户|顾客|订单|病人|患者|人|学生|员工|单子|房子|房源)"
_ROWS_EN = r"(?:rows?|records?|lines?|entries|samples?|cases?|customers?|clients?|people|persons?|users?|patients?|orders?|houses?|listings?|those|the ones|students?|employees)"
_OUT_ZH = r"(?:去掉|去除|删掉|删除|删了|剔除|丢掉|丢弃|不要|排除|过滤掉?|扔掉|清掉)"
_OUT_EN = r"\b(?:drop|remove|delete|discard|skip|ignore|exclude|leave out|throw (?:out|away)|filter out|get rid of)\s+(?:all\s+|any\s+|the\s+)*"


@dataclass(frozen=True)
class Stated:
    """A rule with the words that state it (folded positions)."""

    rules: tuple[Rule, ...]
    start: int
    end: int


def read_rules(folded: str, linker: Linker) -> list[Stated]:
    """Return the rules for the data that a folded sentence states, in its order; no two share words."""
    found: list[Stated] = []
    for clause in _CLAUSE.finditer(folded):
        text, begin = clause.group(), clause.start()
        for _ in range(3):  # "18 到 65 岁, 不能为空" in one breath
            hit = next(filter(None, (form(text, linker) for gate, form in _FORMS if gate.search(text))), None)
            if hit is None:
                break
            rules, start, end = hit
            words = text[start:end].strip()
            said = tuple(rule.model_copy(update={"words": words}) for rule in rules)
            found.append(Stated(said, begin + start, begin + end))
            text = mask(text, [(start, end)])
    return found


Hit = tuple[tuple[Rule, ...], int, int]


# ── the column that is meant ──


def _subject(text: str, linker: Linker, roles: tuple[str, ...] = ()) -> Link | None:
    """Return the column named last in ``text``."""
    links = [
        link for link in linker.links(text)
        if link.score >= SURE and link.how != "value" and (not roles or linker.by_name[link.column].column.role in roles)
    ]  # fmt: skip
    return max(links, key=lambda link: (link.end, link.score), default=None)


def _before(text: str, at: int, linker: Linker, roles: tuple[str, ...] = ()) -> Link | None:
    link = _subject(text[:at], linker, roles)
    return link if link is not None and at - link.end <= NEAR else None


NUMBERS = ("numeric",)


def _value(match: re.Match[str], name: str, other: str = "") -> float | None:
    """Return the number of a group; "10 到 100 万" means both in 万."""
    found = _numbers.number(match[name])
    if found is None:
        return None
    times = match[f"{name}x"] or (match[f"{other}x"] if other and match[f"{other}x"] not in (None, "%") else "") or ""
    scale = {"万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12, "千": 1e3, "k": 1e3, "thousand": 1e3, "m": 1e6,
             "million": 1e6, "%": 0.01}  # fmt: skip
    return found * scale.get(times, 1.0)


def _range(column: Column, low: float | None, high: float | None, *, strict: bool = False) -> tuple[Rule, ...]:
    if low is not None and high is not None and low > high:
        return ()
    return (Rule(column=column.name, op="range", low=low, high=high, strict=strict),)


# ── one function for each way of saying it ──


def _only_rows(text: str, linker: Linker) -> Hit | None:
    """Read "only customers with ages between 18 and 65", "只看年龄在18到65岁的客户", "ages 18 to 65 only"."""
    zh = rf"(?:只|仅)(?:要|看|用|保留|留下?|考虑|取|分析|针对|研究|算|对)?(?P<s>[^\d]{{1,{NEAR}}}?)(?:在|介于|处于|是|为)?\s*"
    for pattern in (
        rf"{zh}{_ZH_BETWEEN}(?:之间|以内|范围内?)?\s*的\s*{_ROWS_ZH}?",
        rf"\bonly\s+(?:keep\s+|use\s+|for\s+|the\s+)*{_ROWS_EN}(?P<s>[^\d]{{0,{NEAR}}}?){_EN_BETWEEN}",
        rf"\b(?:keep|use|take|consider|want)\s+only\s+(?:the\s+)?(?P<s>[^\d]{{1,{NEAR}}}?){_EN_BETWEEN}",
        rf"(?P<s>[^\d]{{1,{NEAR}}}?)\s(?:between\s+|from\s+)?{_A}(?:and|to|-|–)\s*{_B}\s*(?:only\b|are wanted\b)",
    ):
        for match in re.finditer(pattern, text):
            link = _subject(match["s"], linker, NUMBERS)
            low, high = _value(match, "a", "b"), _value(match, "b")
            if link is not None and low is not None and high is not None:
                rules = _range(linker.by_name[link.column].column, low, high)
                if rules:
                    required = Rule(column=link.column, op="required")
                    start = (
                        match.start()
                        if "only" in match.group()[:12] or match.group()[0] in "只仅"
                        else match.start("s") + link.start
                    )
                    return (*rules, required), start, match.end()
    return _only_side(text, linker)


def _only_side(text: str, linker: Linker) -> Hit | None:
    """Read "only customers older than 18", "只保留金额大于0的订单"."""
    zh = rf"(?:只|仅)(?:要|看|用|保留|留下?|考虑|取|分析|针对)(?P<s>[^\d]{{1,{NEAR}}}?)"
    en = rf"\b(?:only\s+(?:keep\s+|use\s+)?|keep only\s+)(?:the\s+)?{_ROWS_EN}\s+(?:with|whose|where)(?P<s>[^\d]{{1,{NEAR}}}?)(?:is |are )?"
    for head, tail in ((zh, rf"\s*的\s*{_ROWS_ZH}?"), (en, "")):
        for words, side in (
            (_GE, ">="),
            (_LE, "<="),
            (_MORE_ZH, ">"),
            (_LESS_ZH, "<"),
            (_MORE_EN, ">"),
            (_LESS_EN, "<"),
        ):
            match = re.search(rf"{head}{words}{_A}{tail}", text)
            link = _subject(match["s"], linker, NUMBERS) if match else None
            if match and link is not None and (value := _value(match, "a")) is not None:
                rules = _side(linker.by_name[link.column].column, side, value)
                return (*rules, Rule(column=link.column, op="required")), match.start(), match.end()
    return None


def _side(column: Column, side: str, value: float) -> tuple[Rule, ...]:
    """Return the range on one side of a number; of whole numbers "above 18" is "from 19"."""
    strict = not side.endswith("=")
    if strict and column.dtype == "int" and value.is_integer():
        value, strict = value + (1 if side == ">" else -1), False
    return _range(column, value, None, strict=strict) if side[0] == ">" else _range(column, None, value, strict=strict)


def _between(text: str, linker: Linker) -> Hit | None:
    """Read "金额在 0 到 100 万之间", "ages must be between 18 and 65"."""
    if _ASKS.search(text):
        return None
    for pattern in (
        rf"{_MUST_ZH}(?:在|介于|处于|落在)?\s*{_ZH_BETWEEN}{_END}",
        rf"(?:在|介于|处于|落在)\s*{_ZH_BETWEEN}(?:之间|以内|范围内?)\s*{_END}",
        rf"(?:的)?(?:范围|取值|区间)(?:范围)?(?:是|为|在)\s*{_ZH_BETWEEN}{_END}",
        rf"{_MUST_EN}{_EN_BETWEEN}\s*[.]*$",
        rf"{_EN_BETWEEN}\s*[.]*$",
    ):
        match = re.search(pattern, text)
        if match is None:
            continue
        link = _before(text, match.start(), linker, NUMBERS)
        low, high = _value(match, "a", "b"), _value(match, "b")
        if link is None or low is None or high is None or re.search(_ROWS_EN, text[: link.start]):
            continue
        rules = _range(linker.by_name[link.column].column, low, high)
        if rules:
            return rules, link.start, match.end()
    return None


def _must_compare(text: str, linker: Linker) -> Hit | None:
    """Read "价格必须大于0", "age must not exceed 120", "price can't be negative"."""
    if _ASKS.search(text):
        return None
    sides = ((_GE, ">="), (_LE, "<="), (_MORE_ZH, ">"), (_LESS_ZH, "<"), (_MORE_EN, ">"), (_LESS_EN, "<"))
    turned = ((_MORE_ZH, "<="), (_LESS_ZH, ">="), (_MORE_EN, "<="), (_LESS_EN, ">="))
    forms = [(rf"(?:{_NOT_ZH}|{_NOT_EN}){words}{_A}$", side) for words, side in turned]
    forms += [(rf"(?:{_MUST_ZH}|{_MUST_EN}){words}{_A}$", side) for words, side in sides]
    for pattern, side in forms:
        match = re.search(pattern, text.rstrip(" ."))
        if match and (value := _value(match, "a")) is not None:
            link = _before(text, match.start(), linker, NUMBERS)
            if link is not None:
                return _side(linker.by_name[link.column].column, side, value), link.start, match.end()
    for pattern, side in (
        (
            rf"(?:{_NOT_ZH}(?:是|为|有|出现)?负(?:数|的|值)?|{_NOT_EN}negative\b|{_MUST_ZH}非负数?|{_MUST_EN}non-?negative\b)",
            ">=",
        ),
        (rf"(?:{_MUST_ZH}正(?:数|的|值)|{_MUST_EN}positive\b)", ">"),
    ):
        match = re.search(pattern, text)
        link = _before(text, match.start(), linker, NUMBERS) if match else None
        if match and link is not None:
            return _side(linker.by_name[link.column].column, side, 0.0), link.start, match.end()
    return None


def _plain_bounds(text: str, linker: Linker) -> Hit | None:
    """Read "年龄不超过60", "amount at least 10 and at most 1k": a clause that says nothing else, and is no limit of the model."""
    text = text.rstrip(" .")
    if _ASKS.search(text) or any(_numbers.role(item, text, ahead=False) for item in _numbers.quantities(text)):
        return None
    begins = _BOUND.search(text)
    first = begins.start() if begins else 0
    link = _before(text, first, linker, NUMBERS)
    if link is None or not _LEAD.fullmatch(text[: link.start]) or not _COPULA.fullmatch(text[link.end : first]):
        return None
    column = linker.by_name[link.column].column
    rules: list[Rule] = []
    at = end = first
    while hit := next(((m, side) for form, side in _BOUNDS if (m := form.match(text, at))), None):
        match, side = hit
        value = _value(match, "a")
        if value is None:
            return None
        rules += _side(column, side, value)
        at, end = match.end(), match.start("next")
    more = text[at:]  # "age at most 60 and amount at least 10": the other column is read next
    return (tuple(rules), link.start, end) if rules and (not more or _BOUND.search(more)) else None


def _wrong_beyond(text: str, linker: Linker) -> Hit | None:
    """Read "年龄超过120的算缺失", "ages over 120 are errors"."""
    for words, side in ((_MORE_ZH, "<="), (_LESS_ZH, ">="), (_MORE_EN, "<="), (_LESS_EN, ">=")):
        match = re.search(rf"{words}{_A}(?:{_WRONG_ZH}|{_WRONG_EN})", text)
        link = _before(text, match.start(), linker, NUMBERS) if match else None
        if match and link is not None and (value := _value(match, "a")) is not None:
            return _side(linker.by_name[link.column].column, side, value), link.start, match.end()
    return None


def _digits(text: str, linker: Linker) -> Hit | None:
    """Read "卡号只保留数字", "keep only the digits of the phone number"."""
    zh = r"(?:里|里面|中|列|字段)?\s*(?:请|都)?(?:只|仅)(?:需|能)?(?:保留|留下?|要|取|提取|用)?(?:其中的?|里面的?)?纯?数字(?:部分|字符|就行|即可)?"
    after = (
        r"\b(?:keep|use|take|want|need|leave|extract)\s+(?:only\s+|just\s+)(?:the\s+)?digits\s+(?:of|in|from)\s+(?:the\s+|each\s+)?",
        r"\b(?:only|just)\s+(?:keep\s+|use\s+)?(?:the\s+)?digits\s+(?:of|in|from|for)\s+(?:the\s+|each\s+)?",
        r"\bdigits only\s+(?:for|in|of)\s+(?:the\s+)?",
        r"\b(?:strip|remove|drop)\s+(?:everything but digits|all but (?:the )?digits|non-?digits?(?: characters)?)\s+from\s+(?:the\s+)?",
    )
    before = (
        zh, r"(?:里|里面|中)的?\s*(?:非数字|符号|横线|横杠|空格)(?:字符)?(?:都|全)?(?:去掉|删掉|去除|删除)",
        r"\b(?:should|must|may|can)?\s*(?:only\s+)?(?:contain|be|hold|keep)?\s*(?:only\s+|just\s+)(?:the\s+)?digits\b", r"\s*[:,]?\s*digits only\b",
    )  # fmt: skip
    for pattern in after:
        match = re.search(pattern, text)
        link = _first(text, match.end(), linker) if match else None
        if match and link is not None:
            return (Rule(column=link.column, op="digits"),), match.start(), match.end() + link.end
    for pattern in before:
        match = re.search(pattern, text)
        link = _before(text, match.start(), linker) if match else None
        if match and link is not None:
            return (Rule(column=link.column, op="digits"),), link.start, match.end()
    return None


def _first(text: str, at: int, linker: Linker) -> Link | None:
    links = [
        link for link in linker.links(text[at:]) if link.score >= SURE and link.how != "value" and link.start <= NEAR
    ]
    return min(links, key=lambda link: (link.start, -link.score), default=None)


def _required(text: str, linker: Linker) -> Hit | None:
    """Read "drop rows without a price", "没有价格的行去掉", "电话不能为空"."""
    gap_zh, gap_en = (
        r"(?:为空|是空的?|缺失|没填|没写|没有值|空着|缺)",
        r"(?:missing|empty|null|blank|unknown|not given|nan)",
    )
    after = (
        rf"{_OUT_EN}{_ROWS_EN}\s+(?:without|with no|lacking|that (?:have|has) no|with (?:a |an )?(?:missing|empty|blank|unknown)|where)\s+"
        r"(?:a |an |any |the )?",
        rf"{_OUT_ZH}(?:掉|所有|全部|那些)*(?:没有|缺少|缺失|没填|没写|缺)",
        r"^\s*(?:没有|缺少|缺失|没填|没写)(?=[^,]{1,16}的)",
    )
    for place, pattern in enumerate(after):
        match = re.search(pattern, text)
        link = _first(text, match.end(), linker) if match else None
        if not match or link is None:
            continue
        rest = text[match.end() + link.end :]
        tail = re.match(
            (
                rf"\s*(?:(?:is|are) {gap_en})?",
                rf"(?:{gap_zh})?的?{_ROWS_ZH}?",
                rf"的{_ROWS_ZH}?(?:都|全部?|就|统统)?{_OUT_ZH}",
            )[place],
            rest,
        )
        if tail and not ("where" in match.group() and not tail.group().strip()):
            return (Rule(column=link.column, op="required"),), match.start(), match.end() + link.end + tail.end()
    for pattern in (
        rf"{_NOT_ZH}{gap_zh}", r"(?:是)?必填|必须有值|必须填写?|" rf"{gap_zh}的{_ROWS_ZH}?(?:都|全部?|就)?{_OUT_ZH}",
        rf"{_NOT_EN}(?:be\s+)?{gap_en}", r"\b(?:is|are) (?:required|mandatory)\b",
    ):  # fmt: skip
        match = re.search(pattern, text)
        link = _before(text, match.start(), linker) if match else None
        if match and link is not None:
            return (Rule(column=link.column, op="required"),), link.start, match.end()
    return None


def _one_of(text: str, linker: Linker) -> Hit | None:
    """Read "status must be A or B", "状态只能是 有效 或 无效": values of which the column has one at least."""
    if re.search(r"\b(?:predict|whether|how)\b|预测|是否", text):
        return None
    for pattern, cut in (
        (rf"{_MUST_EN}(?:one of|either)?\s*(?P<v>[^\d.][^.]*|\w[^.]*)$", r"\s*(?:,|/|、|\bor\b|\band\b)\s*"),
        (r"(?:必须|只能|只可能|只允许|应该)(?:是|为|取)\s*(?P<v>.+?)(?:这(?:两|三|几|四)?(?:种|个|类)(?:值|取值)?|之一|中的一(?:个|种))?$",
         r"\s*(?:或者|或是|或|、|/|,|和|与|跟|以及)\s*"),
    ):  # fmt: skip
        match = re.search(pattern, text.rstrip())
        link = _before(text, match.start(), linker) if match else None
        if not match or link is None:
            continue
        levels = {str(level).strip().casefold(): level for level in linker.by_name[link.column].column.levels}
        said = [item.strip(" '\"“”‘’「」") for item in re.split(cut, match["v"].strip()) if item.strip()]
        values: list[Scalar] = [levels.get(item, item) for item in said]
        if len(said) >= 2 and any(item in levels for item in said) and all(len(item) <= NEAR for item in said):
            return (Rule(column=link.column, op="one_of", values=tuple(values)),), link.start, match.end()
    return None


_DUTY = r"必|应|一定|只|需|要|得|不能|不可|不允许|不会|限|控制|must|should|ha[sv]e? to|need|ought|can only|may only|always|can't|cannot|can not|may not|never"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[str, Linker], Hit | None]], ...] = tuple(
    (re.compile(gate), form)  # a form is only tried where a word of it stands: most clauses end here
    for gate, form in (
        ("数字|digit|符号|横线|横杠|空格", _digits), (r"[只仅].*的|only", _only_rows),
        ("缺失|空|无效|异常|错|脏|不合法|missing|wrong|error|invalid|typo|mistake|bad|impossible|nonsense", _wrong_beyond),
        ("没有|缺|没填|没写|空|必填|必须|without|lacking|no |missing|empty|null|blank|unknown|required|mandatory|nan", _required),
        (r"[在到至]|取值|范围|区间|between|from|within|in ", _between), (_DUTY, _must_compare), (_DUTY, _one_of),
        (_BOUND.pattern, _plain_bounds),
    )
)  # fmt: skip


def spans(stated: list[Stated]) -> Iterator[tuple[int, int]]:
    """Yield the words that are spoken for."""
    for item in stated:
        yield item.start, item.end
