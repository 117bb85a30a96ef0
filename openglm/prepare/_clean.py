"""What a table needs before anything is learned from it, as steps that a person can read, edit and carry out again.

Steps are found in the data (missing values in disguise, one level written in several ways, numbers and dates written as text)
or stated in the sentence. An edited plan is the truth: what it no longer holds is not done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from openglm.core.cleaning import CleanStep, Rule
from openglm.core.columns import read_value
from openglm.core.dataset import Raw
from openglm.core.errors import PlanError
from openglm.core.finding import Finding
from openglm.core.schema import Column, Scalar
from openglm.core.task import Task
from openglm.core.words import Said, plural
from openglm.prepare._apply import Cleaned, apply, is_text
from openglm.prepare._checks_levels import spellings
from openglm.prepare._checks_marks import SENTINELS, disguised_missing
from openglm.prepare._remarks import Pair, listed, remark
from openglm.prepare._sight import Sight

if TYPE_CHECKING:
    import pandas as pd

MUCH = 0.5  # a stated rule that empties half of a column's cells or rows is worth a warning; our own choice
SHARES = 1.5  # a column of percentages holds shares: from here on the bounds of its range are meant in percent
CODES = {"missing_marks": "disguised-missing", "spelling": "spelling-variants"}
OVERRIDE: Pair = (
    "To decide otherwise: openglm plan … > plan.yaml, remove or change the step under 'cleaning', and run with --plan plan.yaml.",
    "如需更改: openglm plan … > plan.yaml,删除或修改 cleaning 中的该步骤,再用 --plan plan.yaml 运行。",
)


def clean(raw: Raw, task: Task, given: Sequence[CleanStep] | None = None) -> tuple[Cleaned, tuple[Finding, ...]]:
    """Return the cleaned table, and what is said about it.

    Parameters
    ----------
    raw : Raw
        As it was loaded.
    task : Task
        Its rules become steps; columns that it excludes are left as they are.
    given : sequence of CleanStep or None
        The steps of an edited plan: they alone are carried out. ``None`` proposes them.

    Raises
    ------
    ColumnError, PlanError, DataError
        If a step cannot be carried out.
    """
    steps = propose(raw, task) if given is None else tuple(given)
    if task.target is not None:
        _spare_target(raw, task.target, steps)
    cleaned = apply(raw, steps, is_whole=given is not None)
    if given is None:
        cleaned = Cleaned(cleaned.raw, cleaned.rows, tuple(s for s in cleaned.steps if s.rows or s.origin == "stated"))
    return cleaned, tuple(finding for step in cleaned.steps for finding in _said(step, len(raw.frame)))


def propose(raw: Raw, task: Task) -> tuple[CleanStep, ...]:
    """Return the steps that the table and the sentence ask for, columns in table order, stated rules last.

    Parameters
    ----------
    raw : Raw
        As it was loaded.
    task : Task
        With its rules. Columns that are not used get no step of their own.
    """
    found: list[CleanStep] = []
    used = _used(raw, task)
    for place, column in enumerate(raw.schema.columns):
        cells = raw.frame.iloc[:, place]
        found.extend(_reading(column, cells))
        if column.name in used and not column.personal:
            found.extend(_in_column(column, cells))
    stated = [step for rule in task.rules for step in _stated(rule, raw)]
    return (*found, *stated)


def mended(raw: Raw) -> Raw:
    """Return the table with the steps that are found in the data, whatever shall be learned from it."""
    steps: list[CleanStep] = []
    for place, column in enumerate(raw.schema.columns):
        if not column.personal:
            steps.extend(_in_column(column, raw.frame.iloc[:, place]))
    return apply(raw, steps).raw if steps else raw


def _used(raw: Raw, task: Task) -> set[str]:
    if not task.inputs:
        return set(raw.schema.names) - set(task.excluded)
    named = (*task.inputs, task.target, task.time_column, task.group_column)
    return {raw.schema.resolve(name) for name in named if name}


def _spare_target(raw: Raw, target: str, steps: Sequence[CleanStep]) -> None:
    for step in steps:
        if step.op == "drop_column" and step.column and raw.schema.resolve(step.column) == raw.schema.resolve(target):
            raise PlanError(
                Said(
                    en=f"The cleaning step 'drop_column' would drop the target '{step.column}'.",
                    zh=f"清洗步骤 drop_column 会删除目标列“{step.column}”。",
                ),
                hint=Said(en="Remove that step under 'cleaning'.", zh="请在 cleaning 中删除该步骤。"),
            )


# ── found in the data ──


def _reading(column: Column, cells: pd.Series) -> Iterator[CleanStep]:
    """Say how text is read."""
    if column.role not in ("numeric", "date"):
        return
    if column.role == "date" and not is_text(cells) and "%Y%m%d" in column.formats:
        yield _step("dates", column, column.formats, "whole numbers that are calendar days", "八位数字表示日期")
    elif is_text(cells):
        op, en, zh = ("numbers", "numbers", "数值") if column.role == "numeric" else ("dates", "dates", "日期")
        yield _step(op, column, column.formats, f"{en} written as text", f"以文本书写的{zh}")


def _in_column(column: Column, cells: pd.Series) -> Iterator[CleanStep]:
    if column.role not in ("numeric", "date", "category") or column.dtype == "bool" or _is_free_of_codes(column, cells):
        return
    sight = Sight(column, cells)
    marks = disguised_missing(column, sight.distinct, sight.counts)
    if marks:
        shown = listed(marks)
        yield _step(
            "missing_marks",
            column,
            marks,
            f"{shown[0]} stand{'s' if len(marks) == 1 else ''} for a missing value",
            f"{shown[1]}表示缺失",
        )
    if column.role == "category" and column.dtype == "str":
        labels: dict[str, int] = {}
        for item, count in zip(sight.distinct, sight.counts.tolist(), strict=True):
            label = read_value(item, column)
            if isinstance(label, str) and label not in marks:
                labels[label] = labels.get(label, 0) + count
        spelling = spellings(list(labels), list(labels.values()))
        if spelling:
            shown = listed(f"{wrong} → {right}" for wrong, right in spelling.items())
            yield _step(
                "spelling",
                column,
                (),
                f"one level written in several ways: {shown[0]}",
                f"同一类别有多种写法: {shown[1]}",
            ).model_copy(update={"spelling": spelling})


def _is_free_of_codes(column: Column, cells: pd.Series) -> bool:
    """Say at once that plain numbers hold no code for "missing"; counting a million different values would take longer."""
    if column.role != "numeric" or not isinstance(cells.dtype, np.dtype) or cells.dtype.kind not in "iuf":
        return False
    return not np.isin(cells.to_numpy(), (0, *SENTINELS)).any()


def _step(op: str, column: Column, values: Sequence[Scalar], en: str, zh: str) -> CleanStep:
    return CleanStep.model_validate(
        {"op": op, "column": column.name, "values": tuple(values), "reason": Said(en=en, zh=zh)}
    )


# ── stated in the sentence ──


def _stated(rule: Rule, raw: Raw) -> Iterator[CleanStep]:
    """Return the step of a rule; a number is not spoiled by "digits only"."""
    column = raw.schema[raw.schema.resolve(rule.column)]
    quoted = Said(
        en=f"the sentence says “{rule.words}”" if rule.words else "stated",
        zh=f"按要求“{rule.words}”" if rule.words else "按要求",
    )
    step = CleanStep(
        op=rule.op, column=column.name, low=rule.low, high=rule.high, strict=rule.strict, origin="stated", reason=quoted
    )
    if rule.op == "digits" and column.role in ("numeric", "date"):
        cells = raw.frame.iloc[:, raw.schema.names.index(column.name)]
        if is_text(cells):
            op = "numbers" if column.role == "numeric" else "dates"
            yield _step(op, column, column.formats, quoted.en, quoted.zh).model_copy(update={"origin": "stated"})
        return
    if rule.op == "one_of":
        step = step.model_copy(update={"values": tuple(_level(value, column) for value in rule.values)})
    ends = [end for end in (rule.low, rule.high) if end is not None]
    if rule.op == "range" and "percent" in column.formats and max(map(abs, ends)) > SHARES:
        step = step.model_copy(
            update={
                "low": None if rule.low is None else rule.low / 100,
                "high": None if rule.high is None else rule.high / 100,
            }
        )
    yield step


def _level(value: Scalar, column: Column) -> Scalar:
    """Return a level as the table spells it."""
    folded = str(value).strip().casefold()
    return next((level for level in column.levels if str(level).strip().casefold() == folded), value)


# ── said ──


def _said(step: CleanStep, total: int) -> Iterator[Finding]:
    """Return the finding for a step; how text is read is said where it is read."""
    rows, name = step.rows, step.column
    where: Pair = (f"'{name}'", f"“{name}”")
    if step.op in ("numbers", "dates"):
        return
    what: dict[str, tuple[Pair, Pair]] = {
        "missing_marks": (
            (f"In {where[0]}, {step.reason.en} ({plural(rows, 'cell')}).", f"{where[1]}中,{step.reason.zh}({rows} 个单元格)。"),
            ("They count as missing.", "已视为缺失。"),
        ),
        "spelling": (
            (f"{where[0]} has {step.reason.en} ({plural(rows, 'cell')}).", f"{where[1]}中{step.reason.zh}({rows} 个单元格)。"),
            ("The levels are merged.", "已合并为同一类别。"),
        ),
        "digits": (
            (f"Only the digits of {where[0]} are kept ({plural(rows, 'cell')}).", f"{where[1]}只保留数字({rows} 个单元格)。"),
            ("Done in training and in prediction.", "训练与预测时均如此处理。"),
        ),
        "range": (
            (f"{plural(rows, 'value')} of {where[0]} {_ends(step)[0]}.", f"{where[1]}有 {rows} 个值{_ends(step)[1]}。"),
            ("They count as missing.", "已视为缺失。"),
        ),
        "one_of": (
            (
                f"{plural(rows, 'value')} of {where[0]} {'is' if rows == 1 else 'are'} not among {listed(step.values, 5)[0]}.",
                f"{where[1]}有 {rows} 个值不在 {listed(step.values, 5)[1]} 之中。",
            ),
            ("They count as missing.", "已视为缺失。"),
        ),
        "required": (
            (f"{plural(rows, 'row')} {'has' if rows == 1 else 'have'} no usable "
             f"{where[0]}.", f"有 {rows} 行缺少有效的{where[1]}。"),
            ("Nothing is learned from them; such a row is predicted all the same.", "不用于学习;预测时仍会给出结果。"),
        ),
        "drop_rows": (
            (f"{plural(rows, 'row')} {'is' if rows == 1 else 'are'} named to be left out.", f"按要求去除 {rows} 行。"),
            ("Left out.", "已去除。"),
        ),
        "drop_column": ((f"{where[0]} is named to be left out.", f"按要求去除{where[1]}。"), ("Left out.", "已去除。")),
    }  # fmt: skip
    message, fix = (_in_order(step) or what[step.op]) if not rows else what[step.op]
    found = step.origin == "found" and step.op in CODES  # the checks say the same of a table that is only looked at
    severe = found or (step.op != "drop_column" and rows > MUCH * total)
    code = CODES[step.op] if found else f"cleaned-{step.op.replace('_', '-')}"
    fix = (f"{fix[0]} {OVERRIDE[0]}", f"{fix[1]}{OVERRIDE[1]}")
    yield remark("warning" if severe else "note", code, name, message, fix, rows)


def _in_order(step: CleanStep) -> tuple[Pair, Pair] | None:
    """Return what is said of a step that found nothing to change; ``None`` where that is said as always."""
    if step.op not in ("range", "one_of", "required"):
        return None
    message = (
        f"Every value of '{step.column}' is as the rule wants it.", f"“{step.column}”的所有值均符合规则。",
    )  # fmt: skip
    if step.op == "required":
        message = f"Every row has a usable '{step.column}'.", f"所有行都有有效的“{step.column}”。"
        return message, ("Nothing is left out.", "无需去除任何行。")
    return message, ("Values of later rows that break it count as missing.", "以后的数据若不符合规则,仍按缺失处理。")


def _ends(step: CleanStep) -> Pair:
    """Say where the values lie that a range forbids."""
    be, lie = ("is", "lies") if step.rows == 1 else ("are", "lie")
    low, high = (None if end is None else f"{end:.10g}" for end in (step.low, step.high))
    if high is None:
        return (f"{be} not above {low}", f"不大于 {low}") if step.strict else (f"{be} below {low}", f"小于 {low}")
    if low is None:
        return (f"{be} not below {high}", f"不小于 {high}") if step.strict else (f"{be} above {high}", f"大于 {high}")
    ends = (", ends left out", "(不含两端)") if step.strict else ("", "")
    return f"{lie} outside {low} to {high}{ends[0]}", f"不在 {low} 到 {high} 之间{ends[1]}"
