"""Numbers, durations, sizes and percentages in Chinese and English, and what each is meant for.

First every quantity is found with its unit (一个半小时, "45 mins", 三万五, 2%), then words near it decide its role: time
budget, horizon, latency, model size or a limit on errors. Dates and money are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Dimension = Literal["time", "size", "share", "count"]
Role = Literal[
    "time_budget_seconds", "horizon", "step", "max_latency_ms", "max_model_mb", "max_false_positive_rate", "min_recall",
    "min_precision",
]  # fmt: skip

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_TENS = {"十": 10, "百": 100, "千": 1000}
_ENGLISH = {
    word: value for value, word in enumerate(
        re.findall(
    "[^ ]+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen",
)
    )
}  # fmt: skip
_ENGLISH |= {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_ENGLISH |= {"a": 1, "an": 1, "couple": 2, "hundred": 100, "thousand": 1000, "dozen": 12}

_SECONDS = {
    "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "D": 86400.0, "W": 604800.0, "F": 1209600.0, "M": 2592000.0, "Q": 7776000.0,
    "Y": 31536000.0,
}  # fmt: skip
"""Seconds of a unit; a month counts 30 days, a quarter 90, a year 365."""
STEP_SECONDS = {"D": 86400.0, "H": 3600.0, "min": 60.0, "30min": 1800.0, "15min": 900.0}
"""Seconds of one step of a horizon, see :func:`horizon`."""
_UNITS = (
    ("ms", r"毫秒|ms\b|milliseconds?\b|millis\b|msec\b"),
    ("s", r"秒钟?|secs?\b|seconds?\b|s\b"),
    ("min", r"分钟|分(?![之类群成组])|mins?\b|minutes?\b|m\b(?!\s*(?:b|²|2))"),
    ("h", r"小时|钟头|个?钟(?!头)|h\b|hrs?\b|hours?\b"),
    ("D", r"天|日(?!期)|days?\b|d\b"),
    ("W", r"周|星期|礼拜|weeks?\b|wks?\b"),
    ("F", r"fortnights?\b"),
    ("M", r"月(?!份)|months?\b"),
    ("Q", r"季度|季|quarters?\b"),
    ("Y", r"年(?![龄薪级收])|years?\b|yrs?\b"),
)
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS)
_HAN_NUMBER = r"[零〇一二两俩三四五六七八九十百千万亿]+"
_WORDS = "|".join(sorted(_ENGLISH, key=len, reverse=True))
_WORD_NUMBER = rf"\b(?:{_WORDS})\b(?:[ -](?:of|{_WORDS})\b)*"
_NUMBER = rf"(?P<number>\d+(?:,\d{{3}})+|\d+(?:\.\d+)?|半|{_HAN_NUMBER}|half an?|half|{_WORD_NUMBER})"
_DURATION = re.compile(
    rf"{_NUMBER}(?P<half1>\s*个半|\s*and a half|\s+1/2)?\s*[个-]?\s*(?P<half0>半)?\s*(?:{_UNIT})(?P<half2>半|"
    rf"\s*and a half\b)?"
)
_QUARTERS = re.compile(
    rf"(?P<number>\d|{_HAN_NUMBER})刻钟|\b(?P<en>quarter|three quarters) of an hour\b|\b(?P<q>quarter) hour\b"
)
_CLOCK = re.compile(r"\b(\d+)\s*h(?:ours?)?\s*(?:and\s*)?(\d+)\s*m(?:ins?|inutes?)?\b|(\d+)小时(\d+)分钟?")
_SIZE = re.compile(
    rf"(?<![a-z_\d.])(?P<number>\d+(?:\.\d+)?|{_HAN_NUMBER})\s*-?\s*(?P<unit>kb|mb|gb|mib|gib|kib|兆|megabytes?|megs?|"
    rf"gigabytes?|kilobytes?|k字节|g(?![a-z])|m(?![a-z²³/2]))"
)
_SHARE = re.compile(
    rf"(?P<number>\d+(?:\.\d+)?)\s*(?:%|percent\b|pct\b)|百分之(?P<han>{_HAN_NUMBER}|\d+(?:\.\d+)?)|"
    rf"(?P<cheng>{_HAN_NUMBER})成(?![几为])|(?<![\d.])(?P<part>0?\.\d+)(?![\d.])"
)
_NEXT = re.compile(
    r"(?P<F>(?:next|coming|following)\s+fortnight)|"
    r"(?P<D>day[- ]ahead|明儿个?|明天|后天|明日|次日|第二天|tomorrow|next day)|(?P<W>下(?:个|一)?(?:周|星期|礼拜)|next week|"
    r"coming week|upcoming week)|"
    r"(?P<M>下(?:个|一)?月|次月|next month|coming month)|(?P<Q>下(?:个|一)?季度|next quarter|coming quarter)|"
    r"(?P<Y>明年|下一?年|来年|next year|coming year)|(?P<h>下(?:一)?个?小时|next hour)"
)  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """A number with its dimension: ``value`` in seconds (time), MiB (size) or as a share; ``unit`` and ``amount`` as said."""

    dimension: Dimension
    value: float
    amount: float
    unit: str
    start: int
    end: int


def number(text: str) -> float | None:
    """Return the number that digits, Chinese numerals or English words spell, or ``None``.

    Examples
    --------
    >>> [number(text) for text in ("三万五", "一百零五", "两", "半", "twenty five", "1,200")]
    [35000.0, 105.0, 2.0, 0.5, 25.0, 1200.0]
    """
    text = text.strip().casefold()
    try:
        return float(text.replace(",", ""))
    except ValueError:
        pass
    if text in ("半", "half", "half a", "half an"):
        return 0.5
    if re.fullmatch(_HAN_NUMBER, text):
        return _han(text)
    words = [word for word in re.split(r"[ -]+", text) if word and word not in ("of", "and")]
    if not words or any(word not in _ENGLISH for word in words):
        return None
    total = 0.0
    for word in words:
        value = _ENGLISH[word]
        total = (
            max(total, 1) * value
            if value in (2, 12, 100, 1000)
            and total in (1, *range(1, 100))
            and word in ("couple", "dozen", "hundred", "thousand")
            else total + value
        )
    return total


def _han(text: str) -> float:
    """Chinese numerals; a digit after the last unit counts in tenths of it (三万五 is 35,000), after 零 in ones."""
    above = total = section = digit = 0.0  # what 亿 closed, what 万 closed, what is open, the last digit
    last = 1.0  # value of the last unit read
    zero = False
    for letter in text:
        if letter in _TENS:
            section += (digit or 1) * _TENS[letter]
            digit, last, zero = 0.0, float(_TENS[letter]), False
        elif letter == "万":
            total += (section + digit or 1) * 1e4
            section, digit, last, zero = 0.0, 0.0, 1e4, False
        elif letter == "亿":
            above = (above + total + section + digit or 1) * 1e8
            total, section, digit, last, zero = 0.0, 0.0, 0.0, 1e8, False
        else:
            zero = zero or letter in "零〇"
            digit = digit * 10 + _DIGITS[letter] if digit and last == 1 else float(_DIGITS[letter])
    tail = digit * last / 10 if digit and last >= 100 and not zero else digit
    return above + total + section + tail


def quantities(folded: str) -> list[Quantity]:
    """Return all quantities of a folded text with a unit, in order, none overlapping."""
    found: list[Quantity] = []

    def add(item: Quantity) -> None:
        if all(item.end <= other.start or other.end <= item.start for other in found):
            found.append(item)

    for m in _CLOCK.finditer(folded):
        hours, minutes = (int(part) for part in m.groups() if part)
        add(Quantity("time", hours * 3600.0 + minutes * 60.0, hours * 60.0 + minutes, "min", m.start(), m.end()))
    for m in _QUARTERS.finditer(folded):
        n = (
            number(m.group("number") or "")
            if m.group("number")
            else (3.0 if m.group("en") == "three quarters" else 1.0)
        )
        add(Quantity("time", (n or 1.0) * 900.0, (n or 1.0) * 15.0, "min", m.start(), m.end()))
    for m in _SIZE.finditer(folded):
        n, unit = number(m.group("number")), m.group("unit")
        if n is not None and not re.match(r"\s*(?:in|分)", folded[m.end() :]):
            add(Quantity("size", n * {"k": 1 / 1024, "g": 1024.0}.get(unit[0], 1.0), n, unit, m.start(), m.end()))
    for m in _DURATION.finditer(folded):
        n = number(m.group("number"))
        unit = next(name for name, _ in _UNITS if m.group(name))
        if n is None or not _is_duration(folded, m, unit):
            continue
        n += 0.5 if m.group("half1") or m.group("half0") or m.group("half2") else 0.0
        add(Quantity("time", n * _SECONDS[unit], n, unit, m.start(), m.end()))
    for m in _SHARE.finditer(folded):
        percent = m.group("number") or m.group("han")
        n = number(percent or m.group("cheng") or m.group("part"))
        if n is not None:
            n = n / 100 if percent else (n / 10 if m.group("cheng") else n)
            add(Quantity("share", n, n, "share", m.start(), m.end()))
    for m in _NEXT.finditer(folded):
        unit = next(name for name, value in m.groupdict().items() if value)
        add(Quantity("time", _SECONDS[unit], 1.0, unit, m.start(), m.end()))
    return sorted(found, key=lambda item: item.start)


def _is_duration(folded: str, m: re.Match[str], unit: str) -> bool:
    """Tell a length of time from a date (2024年3月1日), an ordinal (第三天) or a word that only contains one (十分)."""
    before, number_text = folded[max(0, m.start() - 2) : m.start()], m.group("number")
    if before.endswith(("第", "周", "星期")) or re.search(r"[a-z_]$", before):
        return False
    if unit in ("Y", "M", "D") and re.fullmatch(r"(?:19|20)\d\d", number_text):
        return False
    if unit in ("M", "D") and re.search(r"[年月]\s*$", before):
        return False
    if unit == "M" and "个" not in m.group(0) and has_no_latin(m.group(0)) and number_text.isdigit():
        return False  # 3月 is March, 3个月 are three months
    return not (
        unit == "min" and m.group("min") == "分" and not re.search(r"内|钟|搞定|跑|完", folded[m.end() : m.end() + 6])
    )


def is_relative(text: str) -> bool:
    """Say whether a horizon is told by a word ("tomorrow", 下个月) and not by a number."""
    return bool(_NEXT.fullmatch(text))


def has_no_latin(text: str) -> bool:
    """Say whether there is no Latin letter in ``text``."""
    return not re.search("[a-z]", text)


_LATENCY = re.compile(
    r"(?:报|查|算|判|跑|打|测|出|预测|处理)[^,，。]{0,3}一[台条单次个笔张份位辆件行]|每[一]?[台单笔张份位辆件行个]|per (?:shipment|order|item|customer|call|query|case|image|photo)|"
    r"延迟|时延|响应|推理|每条|单条|每次|每行|latency|inference|respon|per row|per prediction|per request|per sample|"
    r"single prediction|each prediction"
)
_BUDGET_BEFORE = re.compile(
    r"(预算|限时|时限|限你|限|时间|最多|撑死|顶多|至多|不超过|不要超过|别超过|不能超过|控制在|给你|给|只有|花|跑|训练|用时|within|you've got|you have got|got|run over|longer than|beyond|exceed|in|under|max|"
    r"maximum|budget|limit|"
    r"limited to|at most|up to|no more than|less than|stop after|spend|take|takes|for|only have|you have|"
    r"have|time)\D{0,8}$"
)
_BUDGET_AFTER = re.compile(
    r"^\s*(之?内|以内|左右|封顶|顶天|为限|搞掂|打住|够|跑完|搞定|出|给|的?时间|的?预算|max|tops|limit|budget|at most|or less|"
    r"at the most|maximum|"
    r"is enough|is fine|flat|time limit|of training|training|只|就|,|;|$|\.|。|，|!|:|!)"
)
_AHEAD = re.compile(
    r"(下一?个?(?:班|班次|期|轮|批)[(]?|next (?:shift|run|batch)[(]?|未来|接下来|往后推?|向后推|今后|后续|此后|向后|提前|horizon|next|ahead|coming|following|forecast\w*|over the|"
    r"预测)\s*的?\s*[=:为是]?\s*$"
)
_AHEAD_AFTER = re.compile(
    r"^\s*(后|之后|以后|ahead|out|in advance|into the future|的?走势|的?预测|from now|forecast|horizon|提前量)"
)
_SIZE_LIMIT = re.compile(
    r"不超过|不能超|别超|以内|以下|之内|小于|低于|控制|压到|压在|撑死|最多|封顶|顶多|顶天|至多|上限|限制|体积|大小|尺寸|模型|"
    r"under|below|within|at most|less than|max|tops|smaller|limit|no more|up to|size|model|exceed|fit in|beyond"
)
_PAST = re.compile(r"(过去|最近|近|前|上|历史|past|last|previous|recent|prior|trailing)\s*的?\s*$")
_NOT_LIMIT = re.compile(
    r"((?<!不)(?<!不要)(?<!别)(超过|大于|多于|长于|晚于)|more than|over|longer than|exceed\w*|at least|"
    r"older than|after|"
    r"takes|every|每隔?|隔)\s*$"
)
_PAST_AFTER = re.compile(
    r"^\s*(前|以前|之前|ago|的?数据|的?历史|of data|of history|worth of|以上|or more|or longer|late|old)"
)

_STEP_EVERY = re.compile(
    r"(?:每隔?|间隔|步长|粒度|频率|(?:every|(?:steps?|intervals?|resolution|frequency|granularity|increments)(?: of)?)\b)\s*[:=为是]?\s*$"
)
_STEP_AFTER = re.compile(
    r"\s*(?:一个?(?:数据)?(?:点|值|步|档|格)|一(?:次|报|步|格|跳|条)(?![^,，。;]{0,4}模型)|(?:的?(?:间隔|粒度|步长|分辨率|频率|颗粒度))|"
    r"-?\s*(?:steps?|intervals?|resolution|granularity|buckets?|bins?|slots?|increments?|apart|grid|frequency|data)\b)"
)
_STEP_WORDS = (
    ("min", 30.0, re.compile(r"half[- ]hourly|every half(?: an)? hour|半小时一个点|逐半小时|每半个?小时")),
    ("min", 15.0, re.compile(r"quarter[- ]hourly|每刻钟|一刻钟一个点|逐?刻钟")),
    (
        "h",
        1.0,
        re.compile(
            r"(?<!half-)(?<!half )\bhourly\b|\bhour[- ]by[- ]hour\b|\b(?:every|each|per) hour\b|逐个?小时|逐时|每个?小时|按小时|一小时一个点|小时级"
        ),
    ),
    (
        "D",
        1.0,
        re.compile(
            r"\bdaily\b|\bday[- ]by[- ]day\b|\b(?:every|each|per) day\b|逐日|逐天|每一?天|每日|按天|按日|日度|一天一个点"
        ),
    ),
)
"""Steps of a series told by a word; each with its unit and number."""


def step_told(folded: str) -> Quantity | None:
    """Return the step that a word gives ("hourly", 逐日), the finest if several do."""
    for unit, amount, pattern in _STEP_WORDS:
        m = pattern.search(folded)
        if m:
            return Quantity("time", amount * _SECONDS[unit], amount, unit, *m.span())
    return None


def role(item: Quantity, folded: str, *, ahead: bool) -> Role | None:
    """Return what a quantity is meant for, by the words near it.

    Parameters
    ----------
    item : Quantity
        From :func:`quantities`.
    folded : str
        The text it stands in.
    ahead : bool
        Whether the sentence looks into the future over a table with a date: days and longer are then a horizon.
    """
    clause_start = max((folded.rfind(mark, 0, item.start) for mark in ",。;；!?、\n"), default=-1) + 1
    before, after = folded[clause_start : item.start], folded[item.end : item.end + 16]
    if item.dimension == "size":
        limited = _SIZE_LIMIT.search(before[-14:]) or _SIZE_LIMIT.search(after)
        if re.search(r"(数据|内存|data|memory|\bram|显存|disk)[^,;。]{0,6}$", before):
            return None
        if re.search(r"(文件|file)[^,;。]{0,6}$", before) or item.unit in ("g", "m"):
            return "max_model_mb" if limited else None  # "5G", "a 3 MB file" are no limits
        return "max_model_mb"
    if item.dimension == "share":
        return _share_role(folded[max(0, item.start - 30) : item.start], folded[item.end : item.end + 30])
    if item.unit == "ms" or item.value < 1 or (item.value < 60 and _LATENCY.search(before + after)):
        return "max_latency_ms"
    if _PAST.search(before) or _PAST_AFTER.search(after):
        return None
    if ahead and item.value < 86400 and (_STEP_AFTER.match(after) or _STEP_EVERY.search(before)):
        return "step"
    if _NOT_LIMIT.search(before) and not re.search(
        r"(?:(?:stop|finish\w*|done|不能|不得|不可|no) (?:more )?\w*\s*\w*\s*|(?:n't|not|dont|never)\s+(?:\w+\s+){0,3}(?:over|more than|longer than|exceed\w*)\s*)$",
        before,
    ):
        return None
    long = item.value >= 86400
    if (
        _AHEAD.search(before)
        or _AHEAD_AFTER.search(after)
        or (ahead and _NEXT.fullmatch(folded[item.start : item.end]))
    ):
        return "horizon" if ahead or long else None
    if long and not re.search(r"预算|限时|budget|time limit", before + after):
        return "horizon" if ahead else None
    if _BUDGET_BEFORE.search(before) or _BUDGET_AFTER.search(after) or not before.strip():
        return "time_budget_seconds"
    return None


def _share_role(before: str, after: str) -> Role | None:
    near = {
        "max_false_positive_rate": r"误报|误判|误伤|假阳|false positive|false alarm|fpr|false-positive",
        "min_recall": r"召回|查全|recall|sensitivity|抓住|抓到|catch|find",
        "min_precision": r"精确率|查准|精准率|precision",
    }
    best: tuple[int, Role] | None = None
    for name, pattern in near.items():
        for side, text in ((0, before), (1, after)):
            for m in re.finditer(pattern, text):
                gap = m.start() + 20 if side else len(before) - m.end()
                if best is None or gap < best[0]:
                    best = (gap, name)  # type: ignore[assignment]
    return best[1] if best else None


def horizon(item: Quantity, step: Quantity | None = None) -> tuple[int, str]:
    """Return a length of time as whole steps and their frequency: half a month is 15 D, two weeks are 14 D.

    Weeks, months and quarters are told in days, because tables have days more often; the plan may convert. A step that
    is shorter than the horizon sets the frequency: four hours in steps of 15 minutes are 16 15min.
    """
    if step is not None and step.value < item.value and round(step.value) % 60 == 0:
        if step.value >= STEP_SECONDS["D"]:
            count, unit = step.value / STEP_SECONDS["D"], "D"
        elif round(step.value) % 3600 == 0:
            count, unit = step.value / STEP_SECONDS["H"], "H"
        else:
            count, unit = step.value / STEP_SECONDS["min"], "min"
        return max(1, round(item.value / step.value)), unit if count == 1 else f"{round(count)}{unit}"
    unit = {"W": "D", "F": "D", "M": "D", "Q": "D", "Y": "D", "h": "H", "min": "min", "s": "min", "ms": "min"}.get(
        item.unit, item.unit
    )
    return max(1, round(item.value / STEP_SECONDS[unit])), unit
