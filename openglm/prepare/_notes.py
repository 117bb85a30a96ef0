"""What is said about columns: each finding with its two languages, and many of one kind folded into one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from openglm.core.columns import read_value
from openglm.core.finding import Finding, Severity
from openglm.core.schema import Column
from openglm.core.words import Said, plural

if TYPE_CHECKING:
    import pandas as pd

FOLD_ABOVE = 20  # more findings of one code than this are told in one sentence
NAMES_SHOWN = 5
EXAMPLES = 20  # different values tried for an example that can be read
MUCH_MISSING = 0.5  # half the cells: worth a warning, since the filled half speaks for it


def fold(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, those with a code that occurs more than 20 times folded into one; order is kept."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.code, []).append(finding)
    result: list[Finding] = []
    for code, group in groups.items():
        if len(group) <= FOLD_ABOVE:
            result.extend(group)
            continue
        shown = ", ".join(f"'{item.column}'" for item in group[:NAMES_SHOWN])
        worst: Severity = "warning" if any(item.severity != "note" for item in group) else "note"
        first = group[0]
        result.append(
            Finding(
                severity=worst, code=code, column=None, rows=None, fix=first.fix,
                message=Said(
                    en=f"{len(group)} columns alike ({shown} …). For example: {first.message.en}",
                    zh=f"{len(group)} 列情况相同({shown} 等)。例如: {first.message.zh}",
                ),
            )
        )  # fmt: skip
    return tuple(result)


def dropped(column: Column) -> Finding:
    """Return the finding for a column that carries nothing to learn."""
    name = column.name
    if column.role == "id":
        message = Said(
            en=f"'{name}' only names the rows: {column.reason}.",
            zh=f"“{name}”只是行的标识: {column.n_unique} 个不同取值,不含可学习的信息。",
        )
        return Finding(severity="note", code="id-dropped", column=name, message=message, fix=_kept_if_named(name))
    if column.role == "constant":
        shown = column.examples[0] if column.examples else ""
        message = Said(en=f"'{name}' is '{shown}' in every row.", zh=f"“{name}”在所有行中都是“{shown}”。")
        return Finding(severity="note", code="constant-dropped", column=name, message=message, fix=_OUT)
    message = Said(en=f"'{name}' has no value in any row.", zh=f"“{name}”在所有行中都缺失。")
    return Finding(severity="warning", code="empty-dropped", column=name, message=message, fix=_OUT)


_OUT = Said(en="Left out.", zh="已去除。")


def _kept_if_named(name: str) -> Said:
    return Said(
        en=f"Left out. Name it among the inputs to keep it: inputs=['{name}', …].",
        zh=f"已去除。如需保留,请在输入中明确列出: inputs=['{name}', …]。",
    )


def excluded(name: str) -> Finding:
    """Return the finding for a column that the user does not want."""
    return Finding(
        severity="note", code="user-excluded", column=name, fix=_OUT,
        message=Said(en=f"'{name}' is left out as asked.", zh=f"按要求去除“{name}”。"),
    )  # fmt: skip


def group_left_out(name: str) -> Finding:
    """Return the finding for the column that names the group."""
    return Finding(
        severity="note", code="group-dropped", column=name,
        message=Said(
            en=f"'{name}' names the group a row belongs to; new rows belong to groups that are not known yet.",
            zh=f"“{name}”标明行所属的组,而新数据属于未见过的组。",
        ),
        fix=_kept_if_named(name),
    )  # fmt: skip


def entity_left_out(name: str) -> Finding:
    """Return the finding for the id of an entity in a split along time."""
    return Finding(
        severity="note", code="group-dropped", column=name,
        message=Said(
            en=f"'{name}' only names whom a row belongs to; the same ones come back, but their number says nothing.",
            zh=f"“{name}”只标明行所属的对象;同一对象会多次出现,但编号本身没有含义。",
        ),
        fix=_kept_if_named(name),
    )  # fmt: skip


def read_as(column: Column, cells: pd.Series, typed: Any) -> list[Finding]:
    """Return how text was read as numbers, and whether one column mixes kinds of values.

    Parameters
    ----------
    column : Column
        With its formats.
    cells : Series of shape (rows,)
        As the source has them.
    typed : ndarray of shape (rows,)
        As ``read_column`` returns them.
    """
    import pandas as pd

    if getattr(cells.dtype, "kind", "O") in "biufmM" or isinstance(cells.dtype, pd.CategoricalDtype):
        return []
    name, found = column.name, []
    lost = 0
    if column.role in ("numeric", "date"):
        lost = int((cells.notna().to_numpy(dtype=bool) & np.isnan(typed)).sum())
    kind = pd.api.types.infer_dtype(cells, skipna=True) if cells.dtype.kind == "O" else "string"
    if kind.startswith("mixed") and kind != "mixed-integer-float":
        as_what = ("numbers", "数值") if column.role == "numeric" else ("labels", "标签")
        more = (
            (
                f"; {plural(lost, 'cell')} without one {'counts' if lost == 1 else 'count'} as missing",
                f",其中 {lost} 个无法读取的单元格视为缺失",
            )
            if lost
            else ("", "")
        )
        found.append(
            Finding(
                severity="warning", code="mixed-types", column=name, rows=lost or None,
                message=Said(en=f"'{name}' mixes numbers and text.", zh=f"“{name}”混有数值和文本。"),
                fix=Said(en=f"All of it is read as {as_what[0]}{more[0]}.", zh=f"统一按{as_what[1]}读取{more[1]}。"),
            )
        )  # fmt: skip
    elif column.role == "numeric" and kind == "string":
        example = column.examples[0] if column.examples else ""
        more = (
            (
                f"; {plural(lost, 'cell')} without a number {'counts' if lost == 1 else 'count'} as missing",
                f";{lost} 个非数值单元格视为缺失",
            )
            if lost
            else ("", "")
        )
        found.append(
            Finding(
                severity="note", code="number-as-text", column=name, rows=lost or None,
                message=Said(
                    en=f"'{name}' holds numbers written as text, for example '{example}'.",
                    zh=f"“{name}”中的数值写成了文本,例如“{example}”。",
                ),
                fix=Said(en=f"Read as numbers{more[0]}.", zh=f"已按数值读取{more[1]}。"),
            )
        )  # fmt: skip
    elif column.role == "date" and lost:
        found.append(
            Finding(
                severity="note", code="date-unreadable", column=name, rows=lost,
                message=Said(en=f"{plural(lost, 'cell')} of '{name}' {'is' if lost == 1 else 'are'} no "
                                "date.", zh=f"“{name}”中有 {lost} 个单元格不是日期。"),
                fix=Said(en="They count as missing.", zh="已视为缺失。"),
            )
        )  # fmt: skip
    return found


def target_read_as(column: Column, cells: pd.Series) -> list[Finding]:
    """Return how a numeric target written as text is read, with an example: 万 and 亿 multiply, % divides."""
    if getattr(cells.dtype, "kind", "O") in "biufmM":
        return []
    for text in cells.dropna().unique()[:EXAMPLES]:
        value = read_value(text, column.model_copy(update={"role": "numeric", "dtype": "float"}))
        if isinstance(text, str) and isinstance(value, float) and np.isfinite(value):
            return [
                Finding(
                    severity="note", code="number-as-text", column=column.name,
                    message=Said(
                        en=f"The target '{column.name}' holds numbers written as text.",
                        zh=f"目标列“{column.name}”中的数值写成了文本。",
                    ),
                    fix=Said(
                        en=f"Read as numbers, for example '{text.strip()}' as {value:.10g}; so are predictions and errors.",
                        zh=f"已按数值读取,例如“{text.strip()}”读作 {value:.10g};预测值和误差均以此为准。",
                    ),
                )
            ]  # fmt: skip
    return []


def missing(column: Column, typed: Any) -> Finding | None:
    """Return what will be done about the gaps of an input column, ``None`` when it has none."""
    gaps = np.isnan(typed) if typed.dtype != object else np.array([value is None for value in typed], dtype=bool)
    count = int(gaps.sum())
    if not count:
        return None
    share = count / len(typed)
    filled = {
        "numeric": ("the median of the training rows", "训练数据的中位数"),
        "date": ("the median of the training rows", "训练数据的中位数"),
        "text": ("an empty text", "空文本"),
    }.get(column.role, ("the most frequent value of the training rows", "训练数据的众数"))
    return Finding(
        severity="warning" if share >= MUCH_MISSING else "note", code="missing-filled", column=column.name, rows=count,
        message=Said(
            en=f"'{column.name}' is missing in {plural(count, 'row')} "
               f"({share:.1%}).", zh=f"“{column.name}”有 {count} 行缺失({share:.1%})。"
        ),
        fix=Said(
            en=f"Learners that need every value see {filled[0]}; tree learners see the gap itself.",
            zh=f"需要完整数据的模型以{filled[1]}填补;树模型直接处理缺失。",
        ),
    )  # fmt: skip


def copied(count: int, rows: int) -> Finding:
    """Return the finding for rows that occur more than once."""
    return Finding(
        severity="warning" if count > rows / 10 else "note", code="duplicates", rows=count,
        message=Said(en=f"{plural(count, 'row')} {'is an exact copy' if count == 1 else 'are exact copies'} of "
                        "another row.", zh=f"有 {count} 行与其他行完全相同。"),
        fix=Said(
            en="Copies stay on one side of every split, so that no copy of a training row is used to judge; a row that occurs "
            "very often repeats by nature and is split like any other.",
            zh="相同的行在划分时保持在同一侧,训练行的副本不会用于评估;出现次数很多的行属于自然重复,按普通行划分。",
        ),
    )  # fmt: skip
