"""Written dates that can be read in two ways, in several ways, or that cannot be true."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np

from openglm.core.columns import read_column
from openglm.core.dataset import Raw
from openglm.core.finding import Finding
from openglm.core.words import plural
from openglm.prepare._checks_numbers import spaced
from openglm.prepare._remarks import listed, remark
from openglm.prepare._sight import Sight, sample_rows

LOOKED_AT = 5_000  # different dates whose form is looked at
_SHAPES = (
    ("year first", re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")),
    ("day and month first", re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")),
    ("年月日", re.compile(r"\d{4}年")), ("digits only", re.compile(r"\d{8}$")), ("month in words", re.compile(r".*[A-Za-z]{3}")),
)  # fmt: skip
_NAMED = {"year first": "年在前", "day and month first": "日月在前", "年月日": "年月日", "digits only": "纯数字",
          "month in words": "英文月份"}  # fmt: skip
_DAY_MONTH = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2\d{2,4}")
_ZONE = re.compile(r"\d:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})$")
_CLOCK = re.compile(r"\d:\d{2}")
_UTC = frozenset({"Z", "UTC", "GMT", "+0000", "-0000"})
_AHEAD = re.compile(
    r"\b(?:due|expir\w*|deadline|maturity|planned|scheduled|valid|until|next|forecast|end|expected|target)\b"
    r"|到期|截止|计划|预计|有效期|失效|结束|下次|预约"
)
_STARTS = re.compile(
    r"\b(?:start|begin|from|admission|admitted|opened|open|order|ordered|created|check ?in|hire|birth)\b"
    r"|开始|入职|入院|下单|创建|起始|签订|出生|入住"
)
_ENDS = re.compile(
    r"\b(?:end|finish|stop|to|discharged?|closed?|shipped|delivered|delivery|check ?out|termination|left)\b"
    r"|结束|离职|出院|发货|送达|完成|终止|退房"
)
BROKEN_SHARE = 0.02  # our own: an order that more rows break is no order
MOST_DATES = 10  # date columns compared with each other


def date_findings(sight: Sight) -> Iterator[Finding]:
    """Yield what is remarkable about a column of dates."""
    texts = [item.strip() for item in sight.distinct[:LOOKED_AT] if isinstance(item, str)]
    if texts:
        yield from _orders(sight.column.name, texts)
        yield from _zones(sight.column.name, texts)
    yield from _future(sight)


def _orders(name: str, texts: list[str]) -> Iterator[Finding]:
    """Say when forms are mixed, or when nothing tells the day from the month."""
    forms = Counter(next((label for label, form in _SHAPES if form.match(text)), "") for text in texts)
    del forms[""]
    pairs = [(int(match[1]), int(match[3])) for match in map(_DAY_MONTH.match, texts) if match]
    day_first, month_first = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    if len(forms) > 1 or (day_first and month_first):
        labels = list(forms) if len(forms) > 1 else ["day first", "month first"]
        chinese = [_NAMED[label] for label in forms] if len(forms) > 1 else ["日在前", "月在前"]
        yield remark(
            "warning", "mixed-date-formats", name,
            (f"'{name}' holds dates written in several ways: {', '.join(labels)}; for example {listed(_one_each(texts))[0]}.",
             f"“{name}”的日期写法不一({'、'.join(chinese)}),例如 {listed(_one_each(texts))[1]}。"),
            ("Each is read by its own form; where day and month could be swapped, the column's most frequent order decides. "
             "Write them as 2024-03-05 to be sure.",
             "逐一按各自的写法读取;日月次序不明时按该列最常见的次序。建议统一写成 2024-03-05。"),
        )  # fmt: skip
    elif len(pairs) > 1 and not day_first and not month_first and any(a != b for a, b in pairs):
        yield remark(
            "warning", "ambiguous-dates", name,
            (f"Nothing in '{name}' tells the day from the month, for example {listed(texts)[0]}.",
             f"无法判断“{name}”中日与月的先后,例如 {listed(texts)[1]}。"),
            ("With '/' the month is taken to come first, with '-' and '.' the day. Write them as 2024-03-05 to be sure.",
             "用“/”时按月在前,用“-”或“.”时按日在前。建议写成 2024-03-05。"),
        )  # fmt: skip


def _one_each(texts: list[str]) -> list[str]:
    """Return one example of each way to write."""
    found: dict[str, str] = {}
    for text in texts:
        match = _DAY_MONTH.match(text)
        label = next((label for label, form in _SHAPES if form.match(text)), "")
        if match and (int(match[1]) > 12 or int(match[3]) > 12):
            label += " d" if int(match[1]) > 12 else " m"
        elif match:
            continue
        found.setdefault(label, text)
    return list(found.values())


def _zones(name: str, texts: list[str]) -> Iterator[Finding]:
    """Say when times of several zones are mixed, or such with a zone and days without one."""
    zones: Counter[str] = Counter()
    days = 0
    for text in texts:
        if _CLOCK.search(text):
            match = _ZONE.search(text)
            zones[match[1].replace(":", "") if match else ""] += 1
        else:
            days += 1
    if days and set(zones) - {"", *_UTC}:  # a day counts as its midnight in UTC, which another zone has at another hour
        zones[""] += days
    if len(zones) < 2:
        return
    with_and_without = "" in zones
    shown = [zone or "-" for zone in list(zones)[:4]]
    yield remark(
        "warning" if with_and_without else "note", "mixed-time-zones", name,
        (f"'{name}' mixes times {'with and without a zone' if with_and_without else 'of several zones'} ({', '.join(shown)}).",
         f"“{name}”{'部分时间带时区、部分不带' if with_and_without else '含多个时区的时间'}({', '.join(shown)})。"),
        ("All are turned into UTC; a time without a zone counts as UTC.", "全部换算为 UTC;不带时区的按 UTC 处理。"),
    )  # fmt: skip


def _future(sight: Sight) -> Iterator[Finding]:
    name = sight.column.name
    if _AHEAD.search(spaced(name)):
        return
    now = time.time()
    with np.errstate(invalid="ignore"):
        ahead = sight.read > now + 86400
    rows = sight.rows_where(ahead)
    if not rows or rows > 0.5 * sight.filled:  # mostly ahead: a schedule
        return
    shown = listed([sight.distinct[i] for i in np.flatnonzero(ahead)[:4]])
    yield remark(
        "warning", "future-dates", name,
        (f"{plural(rows, 'date')} of '{name}' {'lies' if rows == 1 else 'lie'} in the future, for example {shown[0]}.",
         f"“{name}”有 {rows} 个日期在未来,例如 {shown[1]}。"),
        ("Kept. Mend them in the source if they are slips.", "已保留。若为笔误,请在数据源中修正。"), rows,
    )  # fmt: skip


def order_findings(raw: Raw) -> Iterator[Finding]:
    """Yield pairs of date columns where one nearly always comes first, and the rows that break it."""
    places = [i for i, column in enumerate(raw.schema.columns) if column.role == "date"][:MOST_DATES]
    if len(places) < 2:
        return
    rows = sample_rows(len(raw.frame))
    some = {i: read_column(raw.frame.iloc[rows, i], raw.schema.columns[i]) for i in places}
    for one in places:
        for two in places:
            if one == two:
                continue
            names = raw.schema.names[one], raw.schema.names[two]
            said = bool(_STARTS.search(spaced(names[0])) and _ENDS.search(spaced(names[1])))
            both = np.isfinite(some[one]) & np.isfinite(some[two])
            wrong = (some[one] > some[two]) & both
            less = (some[one] < some[two]) & both
            limit = (0.2 if said else BROKEN_SHARE) * both.sum()
            if both.sum() < 30 or not wrong.any() or wrong.sum() > limit or less.sum() < 0.5 * both.sum():
                continue
            first, second = (read_column(raw.frame.iloc[:, i], raw.schema.columns[i]) for i in (one, two))
            broken = int((first > second).sum())
            yield remark(
                "warning", "date-order", names[1],
                (f"In {plural(broken, 'row')} '{names[1]}' is before '{names[0]}', though nearly always it is after it.",
                 f"有 {broken} 行的“{names[1]}”早于“{names[0]}”,而通常应在其后。"),
                ("Kept. Look for swapped or mistyped dates.", "已保留。请检查日期是否填反或填错。"), broken,
            )  # fmt: skip
