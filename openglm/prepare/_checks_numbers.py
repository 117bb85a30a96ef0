"""Numbers that cannot be, or that look as if they were measured otherwise than the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from openglm.core.finding import Finding
from openglm.core.words import plural
from openglm.prepare._remarks import remark, short
from openglm.prepare._sight import Floats, Sight, dot

ENOUGH = 50  # our own: below, a far value may be the tail
FEW_OUTLIERS = 0.002  # our own: what is far more often than this is a part of the distribution
# In spans of the middle 99 %, our own: beyond what samples of normal, lognormal and t distributions leave.
GAP_RAW, GAP_LOG, GAP_POSITIVE = 1.0, 0.4, 0.3
IMPOSSIBLE_SHARE = 0.05  # our own: where more rows break the rule, the column is something else (standardised, say)
CAPPED_TIMES, CAPPED_SHARE = 5, 0.005  # our own: so many times the usual rows of its neighbours, and so many rows
BESIDE = 30  # neighbours looked at
CAPPED_LEVELS = 50  # our own: a scale with fewer values ends where it ends
UNIT_STEPS = {2: "100", 3: "1,000", 4: "10,000", 6: "1,000,000"}  # m/cm and %; kg/g; 万; millions
HEAVY_INPUT, HEAVY_TARGET = 30.0, 2.0  # our own, skewness; 2 is that of the exponential distribution
NATURAL_ENDS = (0.0, 1.0, 10.0, 100.0)  # shares, marks and percentages end here by nature


@dataclass(frozen=True)
class Range:
    """What values a name allows."""

    name: re.Pattern[str]
    low: float
    high: float
    en: str
    zh: str


_RANGES = (
    Range(re.compile(r"\bages?\b|年龄|岁数"), 0, 130, "an age", "年龄"),
    Range(re.compile(r"\b(?:percent|percentage|pct)\b|百分比|百分率|占比"), 0, 100, "a percentage", "百分比"),
    Range(re.compile(r"\b(?:latitude|lat)\b|纬度"), -90, 90, "a latitude", "纬度"),
    Range(re.compile(r"\b(?:longitude|lng|lon)\b|经度"), -180, 180, "a longitude", "经度"),
    Range(re.compile(r"\b(?:probability|prob)\b|概率"), 0, 100, "a probability", "概率"),
    Range(
        re.compile(r"\b(?:count|quantity|qty|num|number of|n of)\b|数量|次数|人数|个数|件数|天数"), 0, np.inf, "a count", "计数"
    ),
    Range(re.compile(r"\b(?:price|salary|income|height|weight|duration|distance)\b|价格|单价|工资|收入|身高|体重|面积|时长|距离"),
          0, np.inf, "such a quantity", "该类数值"),
)  # fmt: skip


def spaced(name: str) -> str:
    """Return a column name as lower-case words: "PatientAge_years" → "patient age years"."""
    return re.sub(r"[_\-./]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)).casefold()


def number_findings(sight: Sight, out: set[float], *, target: bool = False) -> Iterator[Finding]:
    """Yield what is remarkable about a numeric column.

    Parameters
    ----------
    sight : Sight
        Of role ``numeric``.
    out : set of float
        Values that stand for "missing"; they are left out.
    target : bool
        Whether this column shall be predicted.
    """
    values, counts = sight.sorted
    if out:
        keep = ~np.isin(values, list(out))
        values, counts = values[keep], counts[keep]
    yield from _infinite(sight)
    if len(values) < 3:
        return
    yield from _impossible(sight.column.name, values, counts)
    if counts.sum() < ENOUGH:
        return
    mixed = list(_mixed_units(sight.column.name, values, counts))
    yield from mixed or _outliers(sight.column.name, values, counts)
    yield from _capped(sight.column.name, values, counts, target)
    yield from _heavy(sight.column.name, values, counts, target)


def _infinite(sight: Sight) -> Iterator[Finding]:
    if not sight.is_plain or sight.cells.dtype.kind != "f":
        return
    rows = sight.rows_where(np.isinf(sight.distinct))
    if rows:
        name = sight.column.name
        yield remark(
            "warning", "infinite-values", name,
            (f"'{name}' is infinite in {plural(rows, 'row')}.", f"“{name}”有 {rows} 行为无穷大。"),
            ("They count as missing. Look for a division by zero where the table is made.",
             "已视为缺失。请检查数据来源中是否除以零。"), rows,
        )  # fmt: skip


def natural_range(name: str, values: Floats, counts: np.ndarray) -> tuple[float, float]:
    """Return what the name of a column allows, without ends where too many values break it."""
    rule = next((rule for rule in _RANGES if rule.name.search(spaced(name))), None)
    if rule is None or counts[(values < rule.low) | (values > rule.high)].sum() > IMPOSSIBLE_SHARE * counts.sum():
        return -np.inf, np.inf
    return rule.low, rule.high


def _impossible(name: str, values: Floats, counts: np.ndarray) -> Iterator[Finding]:
    words = spaced(name)
    for rule in _RANGES:
        if not rule.name.search(words):
            continue
        bad = (values < rule.low) | (values > rule.high)
        rows = int(counts[bad].sum())
        if rows and rows <= max(1.0, IMPOSSIBLE_SHARE * counts.sum()):
            worst = short(float(values[bad][0] if values[bad][0] < rule.low else values[bad][-1]))
            limits = f">= {rule.low:g}" if rule.high == np.inf else f"{rule.low:g} … {rule.high:g}"
            yield remark(
                "warning", "impossible-values", name,
                (f"{plural(rows, 'value')} of '{name}' {'is' if rows == 1 else 'are'} impossible for {rule.en}, "
                 f"for example {worst}; expected {limits}.",
                 f"“{name}”有 {rows} 个值不符合{rule.zh}的合理范围({limits}),例如 {worst}。"),
                (f"Kept. Say '{name} between a and b' in the sentence, and values outside count as missing.",
                 f"已保留。在任务描述中写明“{name} 在 a 到 b 之间”,范围外的值即视为缺失。"), rows,
            )  # fmt: skip
        return


def _outliers(name: str, values: Floats, counts: np.ndarray) -> Iterator[Finding]:
    """Far single values: beyond a gap that neither a normal nor a heavy tail leaves."""
    total = int(counts.sum())
    places = np.cumsum(counts)

    def at(share: float) -> float:
        return float(values[np.searchsorted(places, max(1, share * total))])

    middle, scale = at(0.5), (at(0.75) - at(0.25)) / 2
    if scale <= 0 or len(values) < 20:
        return
    few = max(3, int(FEW_OUTLIERS * total))
    found, sides, rest_of = 0, [], [0, len(values)]  # the values that are no outliers
    for turned, tallies in ((values, counts), (-values[::-1], counts[::-1])):
        centre = middle if turned is values else -middle
        far = int(np.searchsorted(np.cumsum(tallies[::-1]), few, side="right"))
        if not far:
            continue
        tail = turned[len(turned) - far - 1 :]  # the last ordinary value, then at most ``few`` rows
        logs = np.arcsinh((tail - centre) / scale)
        gaps_raw, gaps_log = np.diff(tail), np.diff(logs)
        rest = turned[: len(turned) - far]
        ends = rest[[int(0.005 * (len(rest) - 1)), len(rest) - 1]]
        span_raw, span_log = float(np.ptp(ends)), float(np.ptp(np.arcsinh((ends - centre) / scale)))
        far_off = (gaps_raw > GAP_RAW * span_raw) & (gaps_log > GAP_LOG * span_log)
        if turned is values and values[0] > 0:  # a lognormal tail is ordinary on its own scale
            far_off &= np.diff(np.log(tail)) > GAP_POSITIVE * float(np.ptp(np.log(ends)))
        wide = np.flatnonzero(far_off)
        if len(wide):
            first = len(turned) - far + int(wide[0])
            found += int(tallies[first:].sum())
            rest_of[turned is values] = first if turned is values else len(turned) - first
            sides.append(float(turned[-1]) if turned is values else -float(turned[-1]))
    if found:
        shown = ", ".join(short(side) for side in sides)
        usual_ones = slice(*rest_of)
        places, total = np.cumsum(counts[usual_ones]), int(counts[usual_ones].sum())
        values = values[usual_ones]
        usual = f"{short(at(0.005))} … {short(at(0.995))}"
        yield remark(
            "warning", "outliers", name,
            (f"{plural(found, 'value')} of '{name}' {'lies' if found == 1 else 'lie'} far from all others: "
             f"{shown}; nearly all are in {usual}.",
             f"“{name}”有 {found} 个值远离其他值: {shown};绝大多数在 {usual} 之间。"),
            (f"Kept. If they are errors, say '{name} between a and b' in the sentence, or mend them in the source.",
             f"已保留。若为错误,请在任务描述中写明“{name} 在 a 到 b 之间”,或在数据源中修正。"), found,
        )  # fmt: skip


def _mixed_units(name: str, values: Floats, counts: np.ndarray) -> Iterator[Finding]:
    """Two clouds of positive numbers of the same shape, a power of ten apart."""
    if values[0] <= 0 or len(values) < 20:
        return
    logs, total = np.log10(values), int(counts.sum())
    inner = np.diff(logs)
    place = int(np.argmax(inner)) + 1
    small = int(counts[:place].sum()) <= int(counts[place:].sum())
    few, many = (slice(0, place), slice(place, None)) if small else (slice(place, None), slice(0, place))
    rows = int(counts[few].sum())
    if rows < max(8, 0.01 * total) or rows > 0.4 * total or len(counts[few]) < 3:
        return

    def points(part: slice) -> Floats:
        sums = np.cumsum(counts[part])
        return np.asarray(logs[part][np.searchsorted(sums, np.array([0.1, 0.5, 0.9]) * sums[-1])])

    one, other = points(few), points(many)
    shift = abs(one[1] - other[1])
    step = round(shift)
    spread, wide = one[2] - one[0], other[2] - other[0]
    alike = 0.25 * wide <= spread <= 2.5 * wide
    if (
        step not in UNIT_STEPS
        or abs(shift - step) > max(0.15, 0.5 * wide)
        or not alike
        or inner[place - 1] < max(0.3, spread)
    ):
        return
    if shift < 1.2 * wide:  # otherwise it is one broad cloud with a hole
        return
    yield remark(
        "warning", "mixed-units", name,
        (f"'{name}' seems to mix two units: {rows} values are about {UNIT_STEPS[step]} times "
         f"{'smaller' if small else 'larger'} than the others (median {short(10 ** one[1])} and {short(10 ** other[1])}).",
         f"“{name}”可能混用了两种单位: {rows} 个值约为其他值的 {UNIT_STEPS[step]} 分之一或倍数"
         f"(中位数分别为 {short(10 ** one[1])} 和 {short(10 ** other[1])})。"),
        ("Kept. Bring them to one unit in the source.", "已保留。请在数据源中统一单位。"), rows,
    )  # fmt: skip


def _capped(name: str, values: Floats, counts: np.ndarray, target: bool) -> Iterator[Finding]:
    total = int(counts.sum())
    if len(values) < CAPPED_LEVELS:
        return
    for end, en, zh in ((-1, "largest", "最大值"), (0, "smallest", "最小值")):
        value, rows = float(values[end]), int(counts[end])
        if value in NATURAL_ENDS or rows < max(10.0, CAPPED_SHARE * total):
            continue
        beside = counts[-1 - BESIDE : -1] if end else counts[1 : 1 + BESIDE]
        if rows < CAPPED_TIMES * float(np.quantile(beside, 0.9)):
            continue
        yield remark(
            "warning" if target else "note", "capped-values", name,
            (f"{rows} rows ({rows / total:.1%}) have the {en} value of '{name}', {short(value)}: it looks cut off there.",
             f"“{name}”有 {rows} 行({rows / total:.1%})恰为{zh} {short(value)},可能被截断。"),
            ("Kept; what lies beyond cannot be learned." if target else "Kept. Treat this value as 'so much or more'.",
             "已保留;超出该值的部分无法学习。" if target else "已保留。该值的含义可能是“不低于或不高于”。"), rows,
        )  # fmt: skip


def _heavy(name: str, values: Floats, counts: np.ndarray, target: bool) -> Iterator[Finding]:
    weights = counts / counts.sum()
    mean = dot(weights, values)
    spread = float(np.sqrt(dot(weights, (values - mean) ** 2)))
    if spread <= 0 or len(values) < 20:
        return
    z = (values - mean) / spread
    skew = dot(weights, z * z * z)  # numpy's power is ten times slower
    if abs(skew) <= (HEAVY_TARGET if target else HEAVY_INPUT):
        return
    yield remark(
        "note", "heavy-tail", name,
        (f"'{name}' has a heavy tail (skewness {skew:.1f}): a few values are far larger than most." if skew > 0 else
         f"'{name}' has a heavy tail (skewness {skew:.1f}): a few values are far smaller than most.",
         f"“{name}”呈重尾分布(偏度 {skew:.1f}): 少数值远{'大' if skew > 0 else '小'}于多数值。"),
        ("Kept. Squared errors then follow the few; mae counts every row alike: --metric mae." if target
         else "Kept. Trees do not mind; other learners see standardised or ranked values.",
         "已保留。平方误差主要取决于少数大值;若希望各行同等重要,请用 --metric mae。" if target
         else "已保留。树模型不受影响;其他模型使用标准化或排序后的值。"),
    )  # fmt: skip
