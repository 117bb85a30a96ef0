"""Suspects: inputs that may give the target away, by their values, their name, their time or their order; training rows only.

Here is only looked, cheaply, at every column; :mod:`openglm.prepare._court` judges who was noticed. A sign is *certain* when
chance and honest data cannot make it (a copy, an exact line, the target's own group means), *near* when the column alone is
nearly perfect, and a *hint* when name, time or order say that the column is known only afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Columns
from openglm.core.schema import Column
from openglm.core.task import CLASSIFICATION, Kind
from openglm.core.words import Said
from openglm.prepare._lone import Floats, Ints, Lone, Truth, bins_of, distinct, lone, ranks
from openglm.prepare._shapes import is_id_name
from openglm.prepare._sight import dot

MIN_ROWS = 30  # with fewer rows even a good column may agree by chance
MIN_CLASS = 10  # rows of the rarer class: 2 of C(30, 10) orders rank 10 of 30 perfectly: once in 15 million columns
MIN_FILLED = 0.5  # a copy with gaps is still a copy
LINE_ERROR = (
    1e-9  # of the target's range: what rounding leaves of an exact line in float64, with room for text with 9 digits
)
# Of errors avoided (classes) or variance explained (numbers) by one column. The best honest columns of the tables in
# scikit-learn and of ten public ones reach 0.91 (petal length of iris) and 0.87 (diamonds): our own choice above them.
NEAR_SKILL = 0.96
NEAR_GINI = 0.98  # the same for two classes where one is rare: AUC .99
NEAR_LEVELS = 0.9  # for a category: levels are given by somebody, and the honest ones of those tables reach 0.57
RENAMED_SKILL = 0.85  # for a column with one value for each class, which no measurement has
STRONG_SKILL, STRONG_GINI, STRONG_SIDE = 0.5, 0.8, 0.7  # where name, time or order speak against a column too
SIDED = 0.9  # Cohen's kappa between "filled" (or the most frequent value) and one class
CUT = 0.95  # of the variance that any division of the rows into parts of these sizes could explain
CUT_SKILL = 0.3  # and it must explain something: a part of a few rows is no division
CUT_ROWS = 5  # rows of a level on average
RARE, KEY_LEVELS = 0.02, 50  # a gap in fewer cells says little; a category with more levels is a key
OWN_MEANS = 0.6  # see _own_means; where 80 % of a group's rows are looked at, the ratio is 0.25
EQUAL, EQUAL_SHARE = 1e-6, 0.1  # of a group's standard deviation; of the groups that vary
OWN_MEANS_P, OWN_MEANS_SURE = 1e-3, 1e-6  # chance of it in honest data: suspicious, certain
MEANS_R2 = 0.02  # of the target's variance: below, a group statistic helps nobody
IN_ORDER = 0.99  # Spearman correlation with the row number: a running number, give or take late entries
UNIQUE = 0.95
LATER = 0.99  # share of rows in which a date lies after another one

EXACT = frozenset({"copy", "linear-copy", "monotone", "perfect-ranking"})  # what exact() finds

_AFTER = re.compile(
    r"cancel|churn|refund|reason|outcome|result|(?:^|_)(?:after|post|final|actual|label|target|prediction|predicted|pred)(?:_|$)|"
    r"(?:^|_)(?:close|closed|closing|ended|exit|left|leaving|departure|death|died|deceased|discharge|discharged|resolution|"
    r"resolved|return|returned|chargeoff|charge_off|charged_off|recovery|recoveries|payout|settled|settlement|terminated|"
    r"termination|collection|followup|follow_up|repaid|defaulted|deactivated|unsubscribed|completed|finished|compensation|"
    r"chargeback|fraud|winner|awarded|approved|rejected|repair|repaired|downtime)(?:_|$)|claim_(?:paid|amount)|"
    r"total_(?:paid|pymnt)|end_date|date_end|last_pymnt"
)
_AFTER_ZH = re.compile(
    r"流失|退订|取消|注销|销户|退款|退货|赔付|理赔|赔偿|结案|结清|结算|逾期|核销|催收|离职|离开|出院|死亡|确诊|结果|结局|最终|事后|之后|后续|完成|"
    r"关闭|解决|实际|标签|预测|原因|处理|回访|到账|追回|违约|停机|维修|批准|拒绝|获奖"
)
_PLAIN = frozenset({"target", "label", "class", "y", "标签", "目标", "类别"})


@dataclass(frozen=True)
class Sign:
    """One reason to look at a column more closely; the flags are explained at the top of the file."""

    code: str
    said: Said
    certain: bool = False
    near: bool = False
    hint: bool = False


@dataclass
class Seen:
    """What was seen in one column: its score alone, the signs, and what a model should see beside the column itself."""

    alone: Lone = field(default_factory=Lone)
    signs: list[Sign] = field(default_factory=list)
    extra: dict[str, Floats] = field(default_factory=dict)
    key: bool = False

    @property
    def strong(self) -> bool:
        """Whether the column alone is strong enough for a hint to count."""
        return is_strong(self.alone)


def is_strong(alone: Lone) -> bool:
    """Say whether a column of this score alone is suspicious where name, time or order speak against it."""
    return alone.skill >= STRONG_SKILL or alone.gini >= STRONG_GINI or alone.side >= STRONG_SIDE


def look(
    x: Columns, y: NDArray[Any], truth: Truth, *, columns: tuple[Column, ...], kind: Kind, target: str, keys: Columns,
    times: NDArray[np.float64] | None, order: Ints,
) -> dict[str, Seen]:  # fmt: skip
    """Return what was seen in each column; most have no sign.

    Parameters
    ----------
    x, y : Columns and ndarray of shape (rows,)
        Training rows, typed; class codes or values.
    truth : Truth
        The target with its folds, as the models of one column see it.
    columns : tuple of Column
        Of the schema, for roles and types.
    kind, target
        Of the task.
    keys : Columns
        Columns that are no inputs and may be the key of a group statistic: groups of the split.
    times : ndarray of shape (rows,) or None
        When each row happened, if that is known.
    order : ndarray of shape (rows,)
        Row numbers of the source.
    """
    if len(order) < MIN_ROWS or not truth.judged or (truth.classes == 2 and np.bincount(truth.y).min() < MIN_CLASS):
        return {}
    by_name = {column.name: column for column in columns}
    coded = {name: distinct(values) for name, values in x.items()}
    seen: dict[str, Seen] = {}
    for name, values in x.items():
        codes, count = coded[name]
        one = Seen()
        code = exact(values, y, kind)
        if code:
            one.signs.append(certain(code))
        if count:
            _by_values(one, values, codes, count, truth, by_name.get(name))
            _by_order(one, name, values, count, order, by_name.get(name))
        hint = name_hint(name, target)
        if hint:
            one.signs.append(Sign("name", hint, hint=True))
        seen[name] = one
    _by_time(seen, x, by_name, truth, times)
    _by_groups(seen, x, coded, _goals(y, truth), keys)
    return seen


# ── certain: values ──


def exact(values: NDArray[Any], y: NDArray[Any], kind: Kind) -> str:
    """Return which certain leak a column is: ``copy``, ``linear-copy``, ``monotone``, ``perfect-ranking``, or nothing.

    Parameters
    ----------
    values : ndarray of shape (rows,)
        Typed.
    y : ndarray of shape (rows,)
        Class codes or values.
    kind : Kind
        Of the task.
    """
    if len(y) < MIN_ROWS:
        return ""
    return _exact_classes(values, y) if kind in CLASSIFICATION else _exact_numbers(values, y)


def _exact_classes(values: NDArray[Any], y: NDArray[np.int64]) -> str:
    present = np.unique(y)
    if len(present) == 2 and np.bincount(y)[present].min() < MIN_CLASS:
        return ""
    codes, count = distinct(values)
    known = codes >= 0
    if known.sum() < MIN_FILLED * len(y) or count < 2:
        return ""
    classes = len(np.unique(y[known]))
    if classes > 1 and count == classes:
        pairs = np.unique(codes[known] * (int(y.max()) + 1) + y[known])
        if len(pairs) == classes:
            return "copy"
    if values.dtype == object or classes < 2 or classes != len(present):
        return ""
    return "perfect-ranking" if _in_runs(values[known], y[known]) else ""


def _in_runs(values: Floats, y: NDArray[np.int64]) -> bool:
    """Say whether each class fills an interval of its own."""
    sizes = np.bincount(y)
    if sizes[sizes > 0].min() < MIN_CLASS:
        return False
    low, high = np.full(len(sizes), np.inf), np.full(len(sizes), -np.inf)
    np.minimum.at(low, y, values)
    np.maximum.at(high, y, values)
    order = [int(code) for code in np.argsort(low, kind="stable") if sizes[code]]
    return all(high[a] < low[b] for a, b in pairwise(order))


def _exact_numbers(values: NDArray[Any], y: NDArray[np.float64]) -> str:
    if values.dtype == object:
        return ""
    known = np.isfinite(values)
    a, b = values[known], y[known]
    if len(a) < max(MIN_ROWS, MIN_FILLED * len(y)) or np.ptp(a) == 0 or np.ptp(b) == 0 or len(np.unique(a)) < MIN_CLASS:
        return ""
    centred = (a - a.mean()) / np.ptp(a)
    slope = dot(centred, b - b.mean()) / dot(centred, centred)
    error = np.abs(b - b.mean() - slope * centred).max() / np.ptp(b)
    if error <= LINE_ERROR:
        return "copy" if np.array_equal(a, b) else "linear-copy"
    order = np.lexsort((b, a))
    step_a, step_b = np.diff(a[order]), np.diff(b[order])
    same = step_b[step_a == 0]
    falls = step_b[step_a > 0]
    one_way = not same.any() and (bool((falls >= 0).all()) or bool((falls <= 0).all()))
    return "monotone" if one_way and len(np.unique(b)) >= MIN_CLASS else ""


def certain(code: str) -> Sign:
    """Return the sign of an exact leak."""
    words = {
        "copy": Said(en="says the same as the target", zh="与目标列一一对应"),
        "linear-copy": Said(en="is the target in another unit: an exact line", zh="与目标列成精确的线性关系"),
        "monotone": Said(en="is an increasing or falling function of the target", zh="是目标列的单调变换"),
        "perfect-ranking": Said(en="alone separates the classes without any error", zh="单独就能毫无差错地区分各类别"),
    }
    return Sign(code, words[code], certain=code != "perfect-ranking", near=True)


# ── near: one column's model ──


def _by_values(one: Seen, values: NDArray[Any], codes: Ints, count: int, truth: Truth, column: Column | None) -> None:
    """Note how far the column alone goes, and whether its gaps, its levels or its most frequent value divide the target."""
    rows, ordered = len(codes), values.dtype != object
    if ordered or count <= rows / 1.2:  # words that hardly ever come back say nothing about other rows
        one.alone = lone(*bins_of(codes, count, ordered, truth), truth)
    whole = column is not None and column.dtype == "int" and column.role != "date"
    if (whole or not ordered) and max(KEY_LEVELS, rows / 20) < count <= rows / 1.3:
        as_key = lone(*bins_of(codes, count, False, truth), truth, key=True)
        if as_key.skill >= max(one.alone.skill, NEAR_SKILL):
            one.alone, one.key = as_key, True
    alone = one.alone
    if truth.classes and count == truth.classes and alone.skill >= RENAMED_SKILL and _one_each(codes, truth.y):
        said = (
            Said(en="has one value for each class, without exception", zh="每个类别各对应一个取值,无一例外")
            if alone.skill >= 1 - 1e-12
            else Said(en="has one value for each class, with few exceptions", zh="几乎每个类别各对应一个取值")
        )
        one.signs.append(Sign("too-good", said, near=True))
    elif alone.skill >= (NEAR_SKILL if ordered or not truth.classes else NEAR_LEVELS) or alone.gini >= NEAR_GINI:
        one.signs.append(Sign("encoded-target" if not ordered or one.key else "too-good", _TOO_GOOD, near=True))
    elif _cuts(codes, count, alone, truth):
        said = Said(
            en="divides the rows by the target, as well as parts of these sizes can",
            zh="按取值几乎就能将各行依目标大小分开",
        )
        one.signs.append(Sign("encoded-target", said, near=True))
    _sided(one, values, codes, count, truth)


_TOO_GOOD = Said(en="alone tells the target nearly perfectly", zh="单独就几乎能完全确定目标")


def _one_each(codes: Ints, y: Ints) -> bool:
    known = codes >= 0
    table = np.zeros((int(codes.max()) + 1, int(y.max()) + 1))
    np.add.at(table, (codes[known], y[known]), 1)
    return len(np.unique(table.argmax(1))) == len(table)


def _cuts(codes: Ints, count: int, alone: Lone, truth: Truth) -> bool:
    """Say whether a few levels explain about as much of a number as levels of these sizes can."""
    if truth.classes or alone.skill < CUT_SKILL or not 3 <= count <= KEY_LEVELS or len(codes) < CUT_ROWS * count:
        return False
    known = codes >= 0
    return _share(codes[known], truth.y[known]) >= CUT and known.mean() >= MIN_FILLED


def _share(codes: Ints, y: Floats) -> float:
    """Return the variance between levels over that of the same numbers of rows cut from the sorted target."""
    size = np.maximum(np.bincount(codes), 1)
    means = np.bincount(codes, y) / size
    rank = np.argsort(np.argsort(means, kind="stable"), kind="stable")
    best = np.sort(rank[codes])  # rows of the lowest level first
    ordered = np.sort(y)
    top = np.bincount(best, ordered) / np.maximum(np.bincount(best), 1)
    whole = y.mean()
    between, possible = float(((means[codes] - whole) ** 2).sum()), float(((top[best] - whole) ** 2).sum())
    return between / possible if possible > 0 else 0.0


def _sided(one: Seen, values: NDArray[Any], codes: Ints, count: int, truth: Truth) -> None:
    """Note that being filled, or being the most frequent value, goes with one class, or with low or high targets."""
    sizes = np.bincount(codes[codes >= 0], minlength=count)
    flags = [(codes < 0, True)]
    if count > max(2, truth.classes):
        flags.append((codes == int(sizes.argmax()), False))
    for flag, gap in flags:
        share = float(flag.mean())
        if not RARE <= share <= 1 - RARE:
            continue
        if _agreement(flag, truth) < SIDED:
            continue
        if not gap and not truth.classes and _explained(flag, truth.y) < CUT_SKILL:
            continue  # a most frequent value in a few rows of low targets is what every honest column has
        said = (
            Said(en="is filled almost only for one outcome", zh="几乎只在某一种结果下才有值")
            if gap
            else Said(
                en="has its most frequent value almost only for one outcome", zh="最常见的取值几乎只出现在某一种结果下"
            )
        )
        if not any(sign.certain for sign in one.signs):
            one.signs.insert(0, Sign("after-outcome", said, near=True, hint=gap))
        return


def _agreement(flag: NDArray[np.bool_], truth: Truth) -> float:
    """Return Cohen's kappa between the flag and the class it fits best; for numbers, its correlation over the possible one."""
    if not truth.classes:
        size = min(float(flag.sum()), float((~flag).sum()))
        return float(np.sqrt(_share(flag.astype(np.int64), truth.y))) if size >= MIN_CLASS else 0.0
    p = float(flag.mean())
    both = np.bincount(truth.y[flag], minlength=truth.classes) / len(flag)
    q = np.bincount(truth.y, minlength=truth.classes) / len(flag)
    usable = (q > 0) & (q < 1)
    both, q = both[usable], q[usable]
    agree = 1 - p - q + 2 * both
    chance = p * q + (1 - p) * (1 - q)
    flipped = 1 - agree
    return float(np.maximum((agree - chance) / (1 - chance), (flipped - (1 - chance)) / chance).max(initial=0.0))


def _explained(flag: NDArray[np.bool_], y: Floats) -> float:
    return float(np.corrcoef(flag, y)[0, 1] ** 2) if np.ptp(y) else 0.0


# ── hints: names, order, time ──


def name_hint(name: str, target: str) -> Said | None:
    """Return why a name speaks of what is known only afterwards: it names the outcome, or the target itself."""
    plain = _plain(name)
    own = _plain(target)
    if own not in _PLAIN and len(own) >= (2 if not own.isascii() else 4) and own in plain:
        return Said(en=f"is named after the target '{target}'", zh=f"名称中含有目标列“{target}”")
    if _AFTER.search(plain) or _AFTER_ZH.search(plain):
        return Said(en="is named like something known only afterwards", zh="名称像是事后才知道的信息")
    return None


def _plain(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", unicodedata.normalize("NFKC", name).strip())
    return re.sub(r"[\W_]+", "_", spaced).strip("_").casefold()


def _by_order(one: Seen, name: str, values: NDArray[Any], count: int, order: Ints, column: Column | None) -> None:
    """Note a running number, or an id kept as input, that tells the target."""
    if values.dtype == object or count < UNIQUE * len(order) or (column is not None and column.role == "date"):
        return
    whole = bool((values[np.isfinite(values)] % 1 == 0).all())
    if not (one.strong and (is_id_name(name) or (whole and in_order(values, order)))):
        return
    said = Said(en="runs along with the row number, which tells the target", zh="随行号递增,而行号就能透露目标")
    one.signs.append(Sign("row-order", said, hint=True))


def in_order(values: Floats, order: Ints) -> bool:
    """Say whether values rise or fall with the row number."""
    known = np.isfinite(values)
    if known.sum() < MIN_ROWS or np.ptp(values[known]) == 0:
        return False
    found = np.corrcoef(ranks(values[known]), ranks(order[known]))[0, 1]
    return bool(abs(found) >= IN_ORDER)


def order_alone(order: Ints, truth: Truth) -> Lone:
    """Return how much the row number tells of the target."""
    if len(order) < MIN_ROWS or not truth.judged:
        return Lone()
    codes, count = distinct(order.astype(np.float64))
    return lone(*bins_of(codes, count, True, truth), truth)


def _by_time(
    seen: dict[str, Seen], x: Columns, by_name: dict[str, Column], truth: Truth, times: NDArray[np.float64] | None
) -> None:
    """Note dates that lie after other dates of their row and whose distance tells the target."""
    dates = {name: values for name, values in x.items() if name in by_name and by_name[name].role == "date"}
    clocks: dict[str, Floats] = dict(dates)
    if times is not None:
        clocks["\x00"] = times  # the time of the event itself, which need not be an input
    for name, late in dates.items():
        if times is not None and np.array_equal(late, times, equal_nan=True):
            continue
        for other, early in clocks.items():
            known = np.isfinite(late) & np.isfinite(early)
            gap = np.where(known, late - early, np.nan)
            if other == name or known.sum() < MIN_ROWS or (gap[known] >= 0).mean() < LATER or not gap[known].any():
                continue
            codes, count = distinct(gap)
            alone = lone(*bins_of(codes, count, True, truth), truth)
            one = seen[name]
            if is_strong(alone):
                one.alone = one.alone.best(alone)
                one.extra[f"{name}\x00{other}"] = gap
                near = alone.skill >= NEAR_SKILL or alone.gini >= NEAR_GINI
                said = Said(
                    en="is a later date than the others of its row, and the distance tells the target",
                    zh="晚于同一行的其他日期,且相隔时间就能透露目标",
                )
                one.signs = [sign for sign in one.signs if sign.code != "future-date"]
                one.signs.insert(0, Sign("future-date", said, near=near, hint=True))


# ── certain: the target's own means ──


def _by_groups(
    seen: dict[str, Seen], x: Columns, coded: dict[str, tuple[Ints, int]], goals: list[Floats], keys: Columns
) -> None:
    """Note numbers that are means of the target itself over the rows that share them, or share a key."""
    rows = len(goals[0])
    by_key = {name: distinct(values) for name, values in keys.items()}
    by_key.update({name: pair for name, pair in coded.items() if name not in by_key and pair[1] < rows / 1.3})
    groups = {name: codes for name, (codes, count) in by_key.items() if count >= MIN_CLASS and _repeats(codes)}
    for name, values in x.items():
        if values.dtype == object or coded[name][1] < 5:
            continue
        known = np.isfinite(values)
        v = np.where(known, values, values[known].mean() if known.any() else 0.0)
        v = v - v.mean()
        power = dot(v, v)
        if not power:
            continue
        usable = [goal for goal in goals if dot(v, goal) ** 2 >= MEANS_R2 * power * len(goal) * float(goal.var())]
        own = [codes for other, codes in groups.items() if other == name or _fixed(values, codes)] if usable else []
        chance = min((_own_means(codes, values, goal) for goal in usable for codes in own), default=1.0)
        if chance < OWN_MEANS_P:
            said = Said(
                en="holds means of the target over groups of rows, made with the answers of these very rows",
                zh="是按组统计的目标均值,统计时用到了这些行自身的答案",
            )
            place = len([sign for sign in seen[name].signs if sign.certain])
            seen[name].signs.insert(place, Sign("group-statistic", said, chance < OWN_MEANS_SURE, near=True))


def _repeats(codes: Ints) -> bool:
    counts = np.bincount(codes[codes >= 0])
    return bool((counts >= 2).sum() >= MIN_CLASS)


def _goals(y: NDArray[Any], truth: Truth) -> list[Floats]:
    """Return what a statistic may be the mean of: the value, or one class."""
    if not truth.classes:
        return [y.astype(np.float64)]
    frequent = np.argsort(-np.bincount(truth.y), kind="stable")[: 1 if truth.classes == 2 else 5]
    flags = [(truth.y == code).astype(np.float64) for code in frequent]
    if truth.classes > 2:
        flags.append(truth.y.astype(np.float64))
    return flags


def _fixed(values: Floats, codes: Ints) -> bool:
    """Say whether a number is the same in all rows of a group."""
    known = (codes >= 0) & np.isfinite(values)
    if known.sum() < MIN_ROWS:
        return False
    low = np.full(int(codes.max()) + 1, np.inf)
    high = np.full(len(low), -np.inf)
    np.minimum.at(low, codes[known], values[known])
    np.maximum.at(high, codes[known], values[known])
    there = np.isfinite(low)
    return bool((high[there] == low[there]).mean() >= UNIQUE)


def _own_means(codes: Ints, values: Floats, goal: Floats) -> float:
    """Return the chance that group means of honest data lie as close to a line in ``values`` as these do.

    A number that was known before lies beside the mean of its group by the error of that mean, so the ratio of both is 1 or
    more (the lack-of-fit test of regression, read from its lower end). Means that were made of the very same rows lie closer.
    Degrees of freedom by Satterthwaite (1946), since groups differ in spread.
    """
    known = (codes >= 0) & np.isfinite(values)
    own = np.unique(codes[known], return_inverse=True)[1]
    y, v = goal[known], values[known]
    size = np.bincount(own).astype(np.float64)
    several = size >= 2
    if several.sum() < MIN_CLASS:
        return 1.0
    mean = np.bincount(own, y) / size
    spread = np.bincount(own, (y - mean[own]) ** 2) / np.maximum(size - 1, 1)
    place = np.bincount(own, v) / size
    w, m, p = size[several], mean[several], place[several]
    centre, middle = np.average(p, weights=w), np.average(m, weights=w)
    moved = float((w * (p - centre) ** 2).sum())
    if not moved:
        return 1.0
    slope = float((w * (p - centre) * (m - middle)).sum()) / moved
    explained = slope**2 * moved / float(((y - y.mean()) ** 2).sum())
    lack = w * (m - middle - slope * (p - centre)) ** 2
    s2 = spread[several]
    if explained < MEANS_R2 or not s2.any():
        return 1.0
    varied = s2 > 0
    equal = np.abs(m - p)[varied] <= EQUAL * np.sqrt(s2[varied])  # the very means, where all rows of a group are here
    if equal.sum() >= MIN_CLASS and equal.mean() >= EQUAL_SHARE and not _small_whole(y):
        return 0.0
    ratio = float(lack.sum() / s2.sum())
    freedom = max(float(s2.sum() ** 2 / (s2**2).sum()) - 2, 1.0)
    if ratio >= OWN_MEANS:
        return 1.0
    from scipy.special import chdtr  # the distribution of chi-squared; scipy.stats takes a second to import

    return float(chdtr(freedom, ratio * freedom))


def _small_whole(y: Floats) -> bool:
    """Say whether there are so few different targets that a mean may equal a number by chance."""
    return len(np.unique(y)) < KEY_LEVELS
