"""Are groups of people treated alike? Rates of each group on the sealed rows, and the largest differences between two of them.

Rates have Wilson intervals; differences are resampled, all groups on the same resamples. The largest of several differences is
looked for, so its interval is widened for the number of pairs it was chosen from (Bonferroni): it holds for all of them at once.

References
----------
Hardt, Price & Srebro (2016), "Equality of opportunity in supervised learning" (equalised odds).
Barocas, Hardt & Narayanan (2023), "Fairness and machine learning", chapter 3 (demographic parity, calibration by group).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.dataset import Dataset, Rows
from openglm.core.evidence import FairGroup, Fairness, Interval
from openglm.core.finding import Finding
from openglm.core.parts import Floats
from openglm.core.words import Said
from openglm.explain._bootstrap import how_many
from openglm.explain._resample import LEVEL, Units, counts, percentile, single
from openglm.explain._summary import Z95, wilson

FEWEST = 30
"""Sealed rows of a group below which its rates say nothing: the Wilson interval of one half is then 34 points wide."""
MOST_GROUPS = 12
"""Groups compared, the largest ones; more cannot be read in a chart. Our own choice."""
FOUR_FIFTHS = 0.8
"""Share of the largest selection rate below which a smaller one counts as adverse impact in the United States: Uniform
Guidelines on Employee Selection Procedures (EEOC 1978), 29 CFR 1607.4 (D)."""
GAP = 0.1
"""Difference of two shares from which it is worth a warning: what four fifths allow where every second row is selected."""
MILD = 0.1
"""The same for a mean error, in standard deviations of the target: half of what Cohen (1988) calls a small effect."""
AGES = (25.0, 40.0, 60.0)
"""Ends of the age groups: below 25, 25 to 39, 40 to 59, 60 and above."""
BINS = 4
"""Groups of another number or date: quarters of its values."""
FEW_VALUES = 8
"""A number with so few values is a code (1 and 2 for the sexes): each is a group."""


@dataclass(frozen=True)
class Answers:
    """What the model said about the sealed rows: outputs, decided codes (``None`` for a regression), and the truth."""

    y: NDArray[np.generic]
    outputs: Floats
    codes: NDArray[np.int64] | None


def fairness(
    data: Dataset, rows: Rows, answers: Answers, *, units: Units | None = None, seed: int = 0
) -> tuple[tuple[Fairness, ...], tuple[Finding, ...]]:
    """Return the comparison of groups for each sensitive attribute, and a warning where one clearly fares worse.

    Parameters
    ----------
    data : Dataset
        Its ``sensitive`` names the attributes; task and schema say whether one was stated, and used.
    rows : Rows
        Scored sealed rows, the attributes in ``aside``.
    answers : Answers
        For the same rows.
    units : Units or None
        What is resampled together; single rows by default.
    seed : int
        Of the resampling.
    """
    compared: list[Fairness] = []
    findings: list[Finding] = []
    stated = data.task.constraints.fairness_attribute
    for name in data.sensitive:
        if name not in rows.aside:
            continue
        labels, codes = groups_of(name, rows.aside[name])
        sizes = np.bincount(codes[codes >= 0], minlength=len(labels))
        big = [int(g) for g in np.argsort(-sizes, kind="stable")[:MOST_GROUPS] if sizes[g] >= FEWEST]
        left_out = len(rows) - int(sizes[big].sum())
        if len(big) < 2:
            continue
        made = _compare(
            data, answers, [labels[g] for g in big], [codes == g for g in big], units or single(len(rows)), seed
        )
        item = Fairness(
            attribute=name, stated=name == stated, used=name in data.schema, left_out=left_out,
            said=Said(en="", zh=""), **made,
        )  # fmt: skip
        mild = _tolerable(answers)
        worst = _worst(item, mild)
        compared.append(item.model_copy(update={"said": _said(item, worst, mild, len(data.classes))}))
        if worst is not None:
            findings.append(_finding(item, *worst))
    return tuple(compared), tuple(findings)


# ── groups ──


def groups_of(name: str, values: NDArray[np.generic]) -> tuple[list[str], NDArray[np.int64]]:
    """Return the labels of the groups and each row's group, -1 without a value.

    Categories as they are; ages in four groups; a number of few values by value, another one, or a date, in quarters.

    Examples
    --------
    >>> labels, codes = groups_of("age", np.array([19.0, 33.0, 33.5, 71.0, 44.0, 52.0, 80.0, 28.0, 61.0, np.nan]))
    >>> labels, codes.tolist()
    (['< 25', '25–39', '40–59', '≥ 60'], [0, 1, 1, 3, 2, 2, 3, 1, 3, -1])
    """
    if values.dtype == object:
        known = [str(value) for value in values if value is not None]
        labels = sorted(set(known))
        place = {label: i for i, label in enumerate(labels)}
        return labels, np.array([-1 if v is None else place[str(v)] for v in values], dtype=np.int64)
    numbers = values.astype(np.float64)
    filled = np.isfinite(numbers)
    distinct = np.unique(numbers[filled])
    if len(distinct) <= FEW_VALUES:
        codes = np.searchsorted(distinct, np.where(filled, numbers, np.inf))
        return [f"{value:g}" for value in distinct], np.where(filled, codes, -1).astype(np.int64)
    is_age = distinct[0] >= 0 and distinct[-1] <= 125 and np.median(distinct) < 100
    cuts = (
        np.array(AGES)
        if is_age and _is_age(name)
        else np.unique(np.quantile(numbers[filled], np.arange(1, BINS) / BINS))
    )
    codes = np.where(filled, np.searchsorted(cuts, numbers, side="right"), -1).astype(np.int64)
    return _labels(cuts, is_day=bool(np.abs(distinct).max() > 1e6)), codes


def _is_age(name: str) -> bool:
    folded = name.casefold()
    return "age" in folded or "年龄" in folded or "岁" in folded


def _labels(cuts: Floats, *, is_day: bool) -> list[str]:
    """Return the names of the groups between the cuts; large numbers are points in time."""
    if is_day:
        days = [str(np.datetime64(int(cut), "s").astype("datetime64[D]")) for cut in cuts]
        inner = [f"{a} – {b}" for a, b in pairwise(days)]
        return [f"< {days[0]}", *inner, f"≥ {days[-1]}"]
    whole = all(float(cut).is_integer() for cut in cuts)
    ends = [f"{a:g}–{b - 1:g}" if whole else f"{a:g}–{b:g}" for a, b in pairwise(cuts)]
    return [f"< {cuts[0]:g}", *ends, f"≥ {cuts[-1]:g}"]


# ── rates ──


def _compare(
    data: Dataset, answers: Answers, labels: Sequence[str], masks: Sequence[NDArray[np.bool_]], units: Units, seed: int
) -> dict[str, Any]:
    """Return groups and gaps as fields of :class:`Fairness`."""
    tops, bottoms = _sums(answers, len(data.classes))
    rates = list(tops)
    value = {rate: np.array([_ratio(tops[rate][m].sum(), bottoms[rate][m].sum()) for m in masks]) for rate in rates}
    drawn = _resample(tops, bottoms, masks, units, seed)
    clustered = units.run > 1 or units.count < len(units.of)
    groups = []
    for g, (label, mask) in enumerate(zip(labels, masks, strict=True)):
        found: dict[str, Interval | None] = {}
        for rate in rates:
            hits, n = float(tops[rate][mask].sum()), float(bottoms[rate][mask].sum())
            found[rate] = _around(rate, tops[rate][mask], hits, n)
            if clustered and found[rate] is not None:
                found[rate] = percentile(drawn[rate][:, g], value[rate][g])
        groups.append(FairGroup(label=label, rows=int(mask.sum()), **found))
    gaps: dict[str, Interval | None] = {"parity": None, "odds": None, "calibration": None, "error": None}
    for gap, of in (("parity", ["selected"]), ("odds", ["true_positive_rate", "false_positive_rate"]),
                    ("calibration", ["calibration"]), ("error", ["error"])):  # fmt: skip
        known = [rate for rate in of if rate in value]
        gaps[gap] = _gap([value[rate] for rate in known], [drawn[rate] for rate in known]) if known else None
    return {"groups": tuple(groups), **gaps}


def _sums(answers: Answers, classes: int) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return for each rate what a row adds to the numerator and to the denominator."""
    n = len(answers.y)
    every = np.ones(n)
    if answers.codes is None:
        return {"error": answers.outputs[:, 0] - answers.y.astype(np.float64)}, {"error": every}
    truth = answers.y.astype(np.int64)
    if classes != 2:
        return {"error": (answers.codes != truth).astype(np.float64)}, {"error": every}
    taken, positive = (answers.codes == 1).astype(np.float64), (truth == 1).astype(np.float64)
    tops = {
        "selected": taken, "true_positive_rate": taken * positive, "false_positive_rate": taken * (1 - positive),
        "calibration": answers.outputs[:, 1] - positive,
    }  # fmt: skip
    bottoms = {
        "selected": every, "true_positive_rate": positive, "false_positive_rate": 1 - positive, "calibration": every,
    }  # fmt: skip
    return tops, bottoms


def _ratio(top: float, bottom: float) -> float:
    """Return a rate; not-a-number of too few rows."""
    return top / bottom if bottom >= FEWEST else math.nan


def _around(rate: str, tops: Floats, hits: float, n: float) -> Interval | None:
    """Return a rate with its interval: Wilson (1927) for a share, Student's t for a mean; nothing of too few rows."""
    from scipy import stats

    if n < FEWEST:
        return None
    is_share = rate not in ("calibration", "error") or bool(np.isin(tops, (0.0, 1.0)).all())
    if is_share:
        low, high = wilson(round(hits), round(n))
        return Interval(value=hits / n, low=low, high=high, level=LEVEL)
    half = float(stats.t.ppf((1 + LEVEL) / 2, n - 1) * tops.std(ddof=1) / math.sqrt(n))
    return Interval(value=hits / n, low=hits / n - half, high=hits / n + half, level=LEVEL)


def _resample(
    tops: dict[str, Floats], bottoms: dict[str, Floats], masks: Sequence[NDArray[np.bool_]], units: Units, seed: int
) -> dict[str, Floats]:
    """Return each rate of each group on the resamples, shape (resamples, groups)."""
    groups = np.stack(masks, axis=1).astype(np.float64)
    blocks: dict[str, list[Floats]] = {rate: [] for rate in tops}
    for weights in counts(units, how_many(len(units.of)), seed):
        for rate, top in tops.items():
            above, below = weights @ (groups * top[:, None]), weights @ (groups * bottoms[rate][:, None])
            blocks[rate].append(np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0))
    return {rate: np.concatenate(found) for rate, found in blocks.items()}


def _gap(values: Sequence[Floats], drawn: Sequence[Floats]) -> Interval | None:
    """Return the largest difference between two groups, over all rates given, with an interval that holds for all pairs."""
    from scipy import stats

    best: tuple[float, Floats] | None = None
    pairs = 0
    for value, samples in zip(values, drawn, strict=True):
        known = np.flatnonzero(np.isfinite(value))
        if len(known) < 2:
            continue
        pairs += len(known) * (len(known) - 1) // 2
        high, low = int(known[np.argmax(value[known])]), int(known[np.argmin(value[known])])
        size = float(value[high] - value[low])
        if best is None or size > best[0]:
            best = size, samples[:, high] - samples[:, low]
    if best is None:
        return None
    found = percentile(best[1], best[0])
    if found is None:
        return None
    wider = float(stats.norm.ppf(1 - (1 - LEVEL) / 2 / pairs)) / Z95
    # Percentiles of a difference need not lie around it where groups are small.
    below, above = max(found.value - found.low, 0.0), max(found.high - found.value, 0.0)
    least = max(found.value - wider * below, 0.0)  # the largest difference cannot be negative
    return found.model_copy(update={"low": least, "high": found.value + wider * above})


# ── what it means ──

_NAMES = {
    "parity": Said(en="the share predicted positive", zh="被判为正类的比例"),
    "odds": Said(en="the true or false positive rate", zh="真正率或假正率"),
    "error": Said(en="the error", zh="误差"),
}


def _tolerable(answers: Answers) -> float:
    return MILD * float(np.std(answers.y.astype(np.float64))) if answers.codes is None and len(answers.y) else GAP


def _gaps(item: Fairness) -> list[tuple[str, Interval]]:
    return [(gap, around) for gap in ("parity", "odds", "error") if (around := getattr(item, gap)) is not None]


def _worst(item: Fairness, mild: float) -> tuple[str, Interval] | None:
    """Return the gap that clearly exceeds what is tolerable, the furthest one."""
    found = [(gap, around) for gap, around in _gaps(item) if around.low > mild]
    return max(found, key=lambda pair: pair[1].low) if found else None


def _pair(item: Fairness, gap: str) -> tuple[FairGroup, FairGroup, str]:
    """Return the groups with the highest and lowest value of the rate behind a gap, and the rate."""
    rates = {"parity": ["selected"], "odds": ["true_positive_rate", "false_positive_rate"]}.get(gap, [gap])
    best: tuple[float, FairGroup, FairGroup, str] | None = None
    for rate in rates:
        known = [(around.value, g) for g in item.groups if (around := getattr(g, rate)) is not None]
        if len(known) >= 2:
            high, low = max(known, key=lambda pair: pair[0]), min(known, key=lambda pair: pair[0])
            if best is None or high[0] - low[0] > best[0]:
                best = high[0] - low[0], high[1], low[1], rate
    assert best is not None
    return best[1], best[2], best[3]


def _number(value: float, *, share: bool) -> str:
    return f"{value:.0%}" if share else f"{value:.3g}"


def _said(item: Fairness, worst: tuple[str, Interval] | None, mild: float, classes: int) -> Said:
    """Return what the comparison means; where fairness was asked for, whether it is reached.

    Without a clear gap it is the one of which least is certain: fair is only what is tolerable up to the end of its interval.
    """
    share = classes > 0
    known = _gaps(item)
    if not known:
        return Said(en="Too few rows to compare groups.", zh="数据太少,无法比较各组。")
    gap, around = worst or max(known, key=lambda pair: pair[1].high)
    head = ("", "")
    if item.stated:
        state = ("Not fair", "未达到公平要求") if worst else ("Fair as far as can be seen", "未发现不公平")
        if worst is None and around.high > mild:
            state = ("Not certain to be fair", "尚不能确定公平")
        head = (f"{state[0]}: ", f"{state[1]}: ")
    name = _NAMES[gap]
    ends = f"{_number(around.low, share=share)} – {_number(around.high, share=share)}"
    size = _number(around.value, share=share)
    if worst is None:
        return Said(
            en=f"{head[0]}between the groups of '{item.attribute}', {name.en} differs by {size} at most (95 % interval {ends}).",
            zh=f"{head[1]}“{item.attribute}”各组之间,{name.zh}最多相差 {size}(95% 区间 {ends})。",
        )
    high, low, rate = _pair(item, gap)
    a, b = (_number(getattr(g, rate).value, share=share) for g in (high, low))
    return Said(
        en=f"{head[0]}for '{high.label}', {name.en} is {a}, for '{low.label}' {b}: {size} apart (95 % interval {ends}).",
        zh=f"{head[1]}“{high.label}”的{name.zh}为 {a},“{low.label}”为 {b},相差 {size}(95% 区间 {ends})。",
    )


def _finding(item: Fairness, gap: str, around: Interval) -> Finding:
    said = _NAMES[gap]
    ratio = None
    if gap == "parity":
        high, low, _ = _pair(item, gap)
        if high.selected is not None and low.selected is not None and high.selected.value > 0:
            ratio = low.selected.value / high.selected.value
    more = ("", "")
    if ratio is not None and ratio < FOUR_FIFTHS:
        more = (
            f" The lower share is {ratio:.0%} of the higher one, less than four fifths (EEOC 1978).",
            f" 较低比例仅为较高比例的 {ratio:.0%},低于五分之四准则(EEOC 1978)。",
        )
    used = (
        ("The model learns from this column.", "模型使用了该列。")
        if item.used
        else (
            "The model does not learn from this column; others may stand for it.",
            "模型未使用该列,但其他列可能与其相关。",
        )
    )
    return Finding(
        severity="warning", code="fairness-gap", column=item.attribute,
        message=Said(
            en=f"Groups of '{item.attribute}' are treated differently: {said.en} differs by {around.value:.3g} (at least "
            f"{around.low:.3g}).{more[0]}",
            zh=f"模型对“{item.attribute}”各组的结果不一致: {said.zh}相差 {around.value:.3g}(至少 {around.low:.3g})。{more[1]}",
        ),
        fix=Said(
            en=f"Nothing was changed. {used[0]} A different threshold, other inputs or more rows of the smaller group may help.",
            zh=f"未作改动。{used[1]}可调整阈值、更换输入列,或为较小的组补充数据。",
        ),
    )  # fmt: skip
