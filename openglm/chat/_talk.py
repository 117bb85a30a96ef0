"""What :class:`openglm.chat.Chat` says: sentences made from a goal, a report or a few runs. Decides and writes nothing.

Numbers and the names of metrics are those of the report; a difference is called one only where the intervals allow it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openglm.core.metrics import METRICS
from openglm.core.schema import Schema
from openglm.core.words import Language, Said
from openglm.explain._words import KINDS, METRIC_NAMES, PROMISES, ROLES, SLOTS, number

if TYPE_CHECKING:
    from openglm.core.dataset import Dataset
    from openglm.core.finding import Finding
    from openglm.core.pipeline import Pipeline
    from openglm.core.report import Importance, Report
    from openglm.core.task import Goal, Question, Slot, Task

SHOWN = 5
"""Lines of a list in an answer; the report has them all."""
SAMPLE_ROWS = 500
"""Sealed rows on which the direction of a column is looked at: the mean of 500 probabilities is sure to ±0.02 (0.5/√500)."""
_NAMES = SLOTS | PROMISES | {
    "interpretable": Said(en="must be explainable", zh="要求可解释"), "no_gpu": Said(en="no GPU", zh="不使用 GPU"),
    "fairness_attribute": Said(en="fair across", zh="公平性列"), "frequency": Said(en="time step", zh="时间步长"),
    "preferences": Said(en="wishes", zh="偏好"), "excluded": Said(en="left out", zh="不使用"),
    "inputs": Said(en="only from", zh="只使用"), "models": Said(en="learners", zh="模型"),
}  # fmt: skip
_WISHES = {
    "faster": Said(en="faster", zh="更快"), "more_accurate": Said(en="more accurate", zh="更准"),
    "smaller": Said(en="smaller", zh="更小"), "simpler": Said(en="simpler", zh="更简单"),
}  # fmt: skip
_LIMITS = ("models", "inputs", "max_false_positive_rate", "min_recall", "min_precision", "max_latency_ms", "max_model_mb",
           "interpretable", "no_gpu", "fairness_attribute", "horizon", "group_column", "time_column")  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One slot that a turn has changed.

    Parameters
    ----------
    slot : str
        Its name, as in :attr:`openglm.core.task.Goal.slots`.
    before, after : JSON value
        ``None`` where it was, or is, not set.
    """

    slot: str
    before: Any
    after: Any


def say(language: Language, en: str, zh: str) -> str:
    """Return the text in ``language``."""
    return zh if language == "zh" else en


def short(path: Path) -> str:
    """Return a path as a person would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def value(name: str, item: Any, language: Language) -> str:
    """Return a slot's value for people."""
    if item is None:
        return say(language, "none", "无")
    if name == "metric":
        return METRIC_NAMES[item].text(language) if item in METRIC_NAMES else str(item)
    if name == "task_kind":
        return KINDS[item].text(language)
    if isinstance(item, list | tuple):
        words = [_WISHES[one].text(language) if one in _WISHES else str(one) for one in item]
        return say(language, ", ", "、").join(words)
    if isinstance(item, bool):
        return say(language, "yes" if item else "no", "是" if item else "否")
    return number(float(item)) if isinstance(item, float) else str(item)


# ── what is understood ──


def understood(goal: Goal, task: Task, budget: str, language: Language) -> list[str]:
    """Return the whole frame: target and kind, why, what is left out and limited, the budget."""
    slots = goal.slots
    kind, metric = KINDS[task.kind].text(language), value("metric", task.metric, language)
    positive = (
        ""
        if task.positive_class is None
        else say(language, f", in question: {task.positive_class}", f",正类 {task.positive_class}")
    )
    what = say(language, f"'{task.target}': ", f"“{task.target}”:") if task.target else ""
    lines = [
        say(
            language,
            f"Predict {what}{kind}{positive}; judged by {metric}.",
            f"预测{what}{kind}{positive};以{_gap(metric)}评判。",
        )
    ]
    reason = slots["target"].reason.text(language) if "target" in slots and slots["target"].evidence else ""
    if reason:
        lines.append(say(language, f"Because {reason}", f"依据:{reason}"))
    if task.excluded or task.ids:
        only = say(language, " (only names rows)", "(只标识各行)")
        left = [*task.excluded, *(f"{name}{only}" for name in task.ids if name not in task.excluded)]
        lines.append(f"{_NAMES['excluded'].text(language).capitalize()}: {say(language, ', ', '、').join(left)}")
    limits = [
        f"{_name(name, language)} {value(name, slots[name].value, language)}" for name in _LIMITS if name in slots
    ]
    lines.append(say(language, "; ", ";").join([*limits, budget]))
    return lines


def _gap(metric: str) -> str:
    """Put blanks around a Latin word inside Chinese."""
    return f" {metric} " if metric[-1].isascii() else f"“{metric}”"


def _name(slot: str, language: Language) -> str:
    return _NAMES[slot].text(language) if slot in _NAMES else slot


def edited(changes: Sequence[Change], budgets: tuple[str, str], language: Language) -> list[str]:
    """Return only what a turn has changed."""
    lines = []
    arrow = say(language, " → ", " → ")
    for change in changes:
        if change.slot in ("time_budget_seconds", "preferences"):
            continue
        name = _name(change.slot, language).capitalize()
        before, after = (value(change.slot, item, language) for item in (change.before, change.after))
        listed = isinstance(change.after, list | tuple) or isinstance(change.before, list | tuple)
        lines.append(f"{name}: {after}" if listed or change.before is None else f"{name}: {before}{arrow}{after}")
    if budgets[0] != budgets[1]:
        lines.append(f"{budgets[0]}{arrow}{budgets[1]}")
    wishes = next((change.after or () for change in changes if change.slot == "preferences"), ())
    idle = [item for item in wishes if item in ("smaller", "simpler")]
    if idle:
        lines.append(
            say(
                language,
                f"Noted: {value('preferences', idle, 'en')}. A number decides more, e.g. 'at most 5 MB'.",
                f"已记下:{value('preferences', idle, 'zh')}。给出数字更有效,例如“模型不超过 5 MB”。",
            )
        )
    return lines


def asked(question: Question, language: Language) -> str:
    """Return an open question with its numbered options."""
    lines = [question.text.text(language)]
    for i, option in enumerate(question.options, 1):
        reason = option.reason.text(language)
        lines.append(f"  {i}. {option.column}" + (f" - {reason}" if reason else ""))
    if question.options:
        lines.append(say(language, "Answer with a number or a name.", "请回答编号或列名。"))
    return "\n".join(lines)


# ── what a model has to say ──


def trained(report: Report, page: Path, language: Language, *, stopped: bool) -> list[str]:
    """Return the answer of a new model: how good, what that means, which limits hold, where to read on."""
    lines = [report.answer.text(language), report.meaning.text(language)]
    for promise in report.promises:
        name = PROMISES[promise.constraint].text(language) if promise.constraint in PROMISES else promise.constraint
        state = say(language, "kept" if promise.kept else "NOT kept", "满足" if promise.kept else "未满足")
        if promise.state.endswith("_unsure"):
            state += say(language, ", not for certain", "，但不确定")
        lines.append(f"{name} {number(promise.limit)}: {state} ({number(promise.value)})")
    serious = [item for item in report.findings if item.severity != "note"][:2]
    lines += [say(language, "Careful: ", "注意:") + item.message.text(language) for item in serious]
    if stopped:
        lines.append(say(language, "Stopped early, with the best so far.", "已提前停止,保留了目前最好的模型。"))
    lines.append(say(language, f"Report: {short(page)}", f"报告:{short(page)}"))
    return lines


def explained(report: Report, columns: Sequence[str], ways: Mapping[str, str], language: Language) -> list[str]:
    """Return why: the score against the baseline first, then the columns, one sentence each.

    Parameters
    ----------
    report : Report
        Of the model.
    columns : sequence of str
        That the turn asks about; else the ones that matter most.
    ways : dict of str to str
        Column → the sentence about its direction.
    """
    lines = [report.answer.text(language)]
    ranked = [item for item in report.importance if math.isfinite(item.drop)]
    used = [item for item in ranked if item.drop > 0]
    metric = value("metric", report.metric, language)
    if not ranked:
        nothing = (
            "Which columns matter was not measured: there was too little time.",
            "时间不足,未能测量各列的重要性。",
        )
        return [*lines, say(language, *nothing)]
    for name in columns:
        place = next((i for i, item in enumerate(ranked) if item.column == name), None)
        if place is None:
            lines.append(_not_used(report, name, language))
        else:
            where = say(
                language, f"{name} (place {place + 1} of {len(ranked)})", f"{name}(第 {place + 1}/{len(ranked)} 位)"
            )
            lines.append(_column(ranked[place], where, metric, language))
            lines += [ways[name]] if name in ways else []
    if columns:
        return lines
    head = (f"What the model looks at, of {len(ranked)} columns:", f"模型主要依据以下列(共 {len(ranked)} 列):")
    lines.append(say(language, *head))
    for i, item in enumerate(used[:SHOWN], 1):
        way = say(language, " ", "") + ways[item.column] if item.column in ways and item.low > 0 else ""
        lines.append("  " + _column(item, f"{i}. {item.column}", metric, language) + way)
    lines.append(
        say(language, "This is what the model uses, not what causes the outcome.", "这是模型所用的信息,并不等于原因。")
    )
    return lines


def _column(item: Importance, name: str, metric: str, language: Language) -> str:
    around = f"{number(item.low)} – {number(item.high)}"
    if item.low <= 0:
        return say(
            language,
            f"{name}: no effect that could be told from chance (95 % interval of the loss in {metric}: {around}).",
            f"{name}:看不出与偶然有别的作用(打乱后{_gap(metric)}变差的 95% 区间为 {around})。",
        )
    return say(
        language,
        f"{name}: shuffled, {metric} gets worse by {number(item.drop)} (95 % {around}).",
        f"{name}:打乱后{_gap(metric)}变差 {number(item.drop)}(95% 区间 {around})。",
    )


def _not_used(report: Report, name: str, language: Language) -> str:
    if name in report.understood.slots or name == report.target:
        return say(language, f"{name} is what is predicted.", f"{name} 是要预测的列。")
    return say(
        language,
        f"{name}: the model does not use it (left out, only names rows, or carries nothing).",
        f"{name}:模型没有使用它(被排除、只标识各行,或不含信息)。",
    )


def direction(name: str, model: Pipeline, data: Dataset, language: Language) -> str | None:
    """Return how the mean prediction moves with one column: partial dependence (Friedman 2001, section 8.2) at two places.

    Numbers are set to their first and third quartile, words to the two levels with the lowest and the highest mean among the
    five most frequent ones; all other columns stay. ``None`` where there is nothing to compare.

    Parameters
    ----------
    name : str
        An input column.
    model : Pipeline
        To ask.
    data : Dataset
        Its sealed rows, of which up to ``SAMPLE_ROWS`` are used.
    """
    import numpy as np

    if name not in model.schema.names or model.task.kind == "multiclass" or not len(data.sealed):
        return None
    x = {column: values[:SAMPLE_ROWS] for column, values in data.sealed.x.items()}
    values = x[name]
    is_number = values.dtype != object
    places: list[Any]
    if is_number:
        known = values[np.isfinite(values)]
        places = [float(q) for q in np.unique(np.quantile(known, (0.25, 0.75)))] if len(known) else []
        if len(places) < 2 and len(known):  # most rows share one value: the ends tell more
            places = [float(known.min()), float(known.max())]
    else:
        words, count = np.unique([str(v) for v in values if v is not None], return_counts=True)
        places = [str(words[i]) for i in np.argsort(-count)[:5]]
    if len(set(places)) < 2 or model.schema[name].role == "date":
        return None
    means = []
    for place in places:
        moved = np.full(len(values), place, dtype=values.dtype)
        means.append(float(model.outputs({**x, name: moved})[:, -1].mean()))
    low, high = (0, len(places) - 1) if is_number else (int(np.argmin(means)), int(np.argmax(means)))
    shown = [f"{place:.4g}" if is_number else str(place) for place in places]
    target = model.task.target
    what = (f"{target}", f"{target} 预测值")
    if model.task.kind == "binary":
        what = (f"probability of {target} = {model.classes[-1]}", f"{target}={model.classes[-1]} 的概率")
    return say(
        language,
        f"From {shown[low]} to {shown[high]} the mean predicted {what[0]} goes from {number(means[low])} to "
        f"{number(means[high])}.",
        f"从 {shown[low]} 到 {shown[high]},{what[1]}平均由 {number(means[low])} 变为 {number(means[high])}。",
    )


def judged(report: Report, language: Language) -> list[str]:
    """Return how good a model is: every metric with interval and baseline, what it means, and the first caveats."""
    lines = [report.answer.text(language), report.meaning.text(language)]
    for name, score in report.metrics.items():
        around = report.intervals.get(name)
        ends = f"{number(around.low)} – {number(around.high)}" if around else ""
        range_ = say(language, f" (95 % {ends})", f"(95% 区间 {ends})") if ends else ""
        naive = say(
            language, f", baseline {number(report.baseline.get(name))}", f",基线 {number(report.baseline.get(name))}"
        )
        lines.append(f"  {value('metric', name, language)}: {number(score)}{range_}{naive}")
    if not report.better_than_baseline:
        lines.append(
            say(language, "Do not rely on it: it does not clearly beat guessing.", "不建议使用:它没有明显优于猜测。")
        )
    return lines + [item.text(language) for item in report.limits[:2]]


@dataclass(frozen=True)
class Made:
    """A model of this chat: its folder's name, what it learned, and its report."""

    name: str
    task: Task
    report: Report


def compared(now: Made, others: Sequence[Made], language: Language) -> list[str]:
    """Return the learners of one run side by side, then the models of the chat on the metric of the one in force."""
    report, metric = now.report, value("metric", now.report.metric, language)
    score, around = report.metrics[report.metric], report.intervals.get(report.metric)
    best: dict[str, float] = {}
    for row in report.leaderboard:
        if row.score is not None:
            best.setdefault(row.model, row.score)
    heads = (
        f"Learners of {now.name}, {metric} on validation rows, best first:",
        f"{now.name} 中各模型在验证数据上的 {metric}(由好到差):",
    )
    lines = [say(language, *heads)]
    lines += [f"  {name} {number(item)}" for name, item in best.items()]
    lines.append(
        say(language, f"Models of this chat, {metric} on sealed rows:", f"本次对话的模型在封存数据上的 {metric}:")
    )
    lines.append(f"  {say(language, 'naive baseline', '朴素基线')} {number(report.baseline.get(report.metric))}")
    near: list[str] = []
    for made in (*others, now):
        theirs = made.report.metrics.get(report.metric)
        if made.task.target != now.task.target or theirs is None:
            other = (
                f"  {made.name} predicts something else ({made.task.target}) or lacks this metric",
                f"  {made.name} 预测的是另一目标({made.task.target})或没有该指标",
            )
            lines.append(say(language, *other))
            continue
        mark = say(language, " ← in force", " ← 当前") if made is now else ""
        how = _differences(now.task, made.task, language) if made is not now else ""
        lines.append(f"  {made.name} {number(theirs)}{how}{mark}")
        if made is not now:
            near.append(_verdict(made, theirs, score, around, report.metric, language))
    if not others:
        lines.append(say(language, "There is no earlier model in this chat yet.", "本次对话还没有更早的模型。"))
    return lines + near


def _verdict(made: Made, theirs: float, score: float, around: Any, metric: str, language: Language) -> str:
    """Say who is better only where neither score lies in the other's interval: both were measured on few rows."""
    other = made.report.intervals.get(metric)
    near = around is not None and around.low <= theirs <= around.high
    if near or (other is not None and other.low <= score <= other.high):
        same = (
            f"Against {made.name}: the difference lies within the 95 % intervals; neither is clearly better.",
            f"与 {made.name} 相比:差异在 95% 区间之内,不能说谁更好。",
        )
        return say(language, *same)
    better = METRICS[metric].better(score, theirs)
    return say(
        language,
        f"Against {made.name}: the present one is {'better' if better else 'worse'} by {number(abs(score - theirs))}.",
        f"与 {made.name} 相比:当前模型{'更好' if better else '更差'},相差 {number(abs(score - theirs))}。",
    )


def _differences(now: Task, other: Task, language: Language) -> str:
    """Say in brackets what an earlier model did otherwise."""
    found = []
    if other.metric != now.metric:
        name = value("metric", other.metric, language)
        found.append(say(language, f"tuned for {name}", f"以{_gap(name)}优化"))
    for names, en, zh in (
        (set(now.excluded) - set(other.excluded), "with", "使用了"),
        (set(other.excluded) - set(now.excluded), "without", "未使用"),
    ):
        if names:
            found.append(f"{say(language, en, zh)} {', '.join(sorted(names))}")
    return say(language, f" ({'; '.join(found)})", f"({';'.join(found)})") if found else ""


# ── the table ──


def columns(schema: Schema, language: Language) -> str:
    """Return the columns of a table by role, in one line."""
    roles: dict[str, list[str]] = {}
    for column in schema.columns:
        roles.setdefault(column.role, []).append(column.name)
    return say(language, "; ", ";").join(
        f"{ROLES[role].text(language)}: {', '.join(names)}" for role, names in roles.items()
    )


def noticed(findings: Sequence[Finding], language: Language) -> list[str]:
    """Return what was noticed about the table, the most serious first."""
    order = {"blocker": 0, "warning": 1, "note": 2}
    ranked = sorted(findings, key=lambda item: order[item.severity])
    marks = {"blocker": "!!", "warning": "!", "note": "·"}
    lines = [f"  {marks[item.severity]} {item.message.text(language)}" for item in ranked[:SHOWN]]
    more = len(ranked) - SHOWN
    return lines + ([say(language, f"  … and {more} more", f"  … 另有 {more} 条")] if more > 0 else [])


def changes_of(before: Mapping[str, Slot] | None, after: Mapping[str, Slot]) -> tuple[Change, ...]:
    """Return the slots whose values differ, those that hold no choice of the user left out."""
    old = {} if before is None else before
    idle = ("language", "ids", "modality", "model_ref", "outputs")
    found = []
    for name in dict.fromkeys([*after, *old]):
        pair = [slots[name].value if name in slots else None for slots in (old, after)]
        if name not in idle and pair[0] != pair[1]:
            found.append(Change(name, *pair))
    return tuple(found)
