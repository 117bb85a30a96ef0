"""Labels and words: values that mean missing, one level in several spellings, damaged text, levels too rare or too many."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from openglm.core.finding import Finding
from openglm.core.words import plural
from openglm.prepare._checks_levels import is_damaged, spellings
from openglm.prepare._checks_marks import disguised_missing
from openglm.prepare._remarks import listed, remark
from openglm.prepare._sight import Sight

NEAR_CONSTANT = (
    0.99  # our own: caret's nearZeroVar (Kuhn 2008) takes 95 to 5, which also hits ordinary yes-or-no columns
)
ENOUGH_ROWS = 100  # our own: below, one row is a percent
RARE_ROWS = 3  # a level in fewer rows cannot be in training, choosing and judging
TOO_MANY = 100  # our own: levels from here on are mostly names
MANY_SHARE = 0.1  # and each comes back ten times at most
LOOKED_AT = 20_000  # different values searched for damaged text


def hidden_gaps(sight: Sight) -> tuple[tuple[str, ...], Iterator[Finding]]:
    """Return the values of a column that mean missing and are not yet read so, and the finding about them."""
    column = sight.column
    known = {mark.casefold() for mark in column.marks}
    found = tuple(m for m in disguised_missing(column, sight.distinct, sight.counts) if m.casefold() not in known)
    return found, _say_gaps(sight, found)


def _say_gaps(sight: Sight, found: tuple[str, ...]) -> Iterator[Finding]:
    if not found:
        return
    name = sight.column.name
    texts, numbers = set(found), {value for value in map(_number, found) if value is not None}
    chosen = np.array(
        [(item.strip() in texts) if isinstance(item, str) else float(item) in numbers for item in sight.distinct]
        if not sight.is_plain else np.isin(sight.distinct.astype(np.float64), list(numbers)), dtype=bool,
    )  # fmt: skip
    rows = sight.rows_where(chosen)
    shown = listed(found)
    yield remark(
        "warning", "disguised-missing", name,
        (f"{shown[0]} in {plural(rows, 'row')} of '{name}' seem{'s' if len(found) == 1 else ''} to mean that "
         "the value is missing.",
         f"“{name}”中的 {shown[1]}(共 {rows} 行)很可能表示缺失。"),
        ("A run reads them as missing; to keep them, take the step out of the plan: openglm plan … > plan.yaml.",
         "训练时按缺失处理;如需保留,请从计划中删除该步骤: openglm plan … > plan.yaml。"), rows,
    )  # fmt: skip


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def text_findings(sight: Sight, gaps: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what is remarkable about a column of labels or words; ``gaps`` are the values that mean missing."""
    yield from _damaged(sight)
    if sight.column.role == "category" and sight.column.dtype == "str":
        yield from _variants(sight, gaps)
        yield from _levels(sight, gaps)


def _damaged(sight: Sight) -> Iterator[Finding]:
    name = sight.column.name
    bad = np.zeros(len(sight.distinct), dtype=bool)
    for place, item in enumerate(sight.distinct[:LOOKED_AT]):
        bad[place] = is_damaged(item)
    rows = sight.rows_where(bad)
    if rows:
        shown = listed([sight.distinct[i] for i in np.flatnonzero(bad)[:4]])
        yield remark(
            "warning", "damaged-text", name,
            (f"{plural(rows, 'row')} of '{name}' {'holds' if rows == 1 else 'hold'} text that was decoded "
             f"wrongly, for example {shown[0]}.",
             f"“{name}”有 {rows} 行文本出现乱码,例如 {shown[1]}。"),
            ("Kept. Export the table again as UTF-8.", "已保留。请重新以 UTF-8 编码导出数据。"), rows,
        )  # fmt: skip


def _variants(sight: Sight, gaps: tuple[str, ...]) -> Iterator[Finding]:
    column = sight.column
    out = {*gaps, *column.marks}
    raw: dict[str, int] = {}
    for item, count in zip(sight.distinct, sight.counts.tolist(), strict=True):
        if isinstance(item, str) and item.strip() and item.strip() not in out:
            raw[item.strip()] = raw.get(item.strip(), 0) + count
    found = {
        key: value for key, value in spellings(tuple(raw), tuple(raw.values())).items() if key not in column.spelling
    }
    if found:
        rows = sum(raw[key] for key in found)
        pairs = [f"{key} → {value}" for key, value in found.items()]
        shown = listed(pairs)
        yield remark(
            "warning", "spelling-variants", column.name,
            (f"'{column.name}' writes the same level in several ways: {shown[0]}.",
             f"“{column.name}”中同一类别有多种写法: {shown[1]}。"),
            ("A run joins them; to keep them apart, take the step out of the plan: openglm plan … > plan.yaml.",
             "训练时合并;如需区分,请从计划中删除该步骤: openglm plan … > plan.yaml。"), rows,
        )  # fmt: skip


def _levels(sight: Sight, gaps: tuple[str, ...]) -> Iterator[Finding]:
    name, total = sight.column.name, sight.filled
    counts = sight.counts
    if len(counts) >= TOO_MANY and len(counts) > MANY_SHARE * total:
        yield remark(
            "note", "many-levels", name,
            (f"'{name}' has {len(counts)} different values in {total} rows: {total / len(counts):.1f} rows for each.",
             f"“{name}”在 {total} 行中有 {len(counts)} 个不同取值,平均每个仅 {total / len(counts):.1f} 行。"),
            ("Kept as a category; rare levels share one code. If it only names things, say in the sentence to leave it out.",
             "按类别保留,少见取值合并编码。若只是名称,可在任务描述中要求不使用该列。"),
        )  # fmt: skip
        return
    out = {None, *gaps, *sight.column.marks}
    rare = (counts < RARE_ROWS) & np.array([level not in out for level in sight.levels])
    if total >= ENOUGH_ROWS and rare.any() and len(counts) > 2:
        rows = sight.rows_where(rare)
        shown = listed([sight.distinct[i] for i in np.flatnonzero(rare)])
        yield remark(
            "note", "rare-levels", name,
            (f"Levels of '{name}' that occur in one or two rows: {int(rare.sum())} ({shown[0]}).",
             f"“{name}”有 {int(rare.sum())} 个取值仅出现一两次: {shown[1]}。"),
            ("Kept; a model can learn nothing certain about them.", "已保留;模型难以从中得出可靠结论。"), rows,
        )  # fmt: skip


def near_constant(sight: Sight) -> Iterator[Finding]:
    """Yield a remark where nearly all rows have one value."""
    total = sight.filled
    if total < ENOUGH_ROWS or len(sight.counts) < 2:
        return
    most = int(np.argmax(sight.counts))
    share = sight.counts[most] / total
    if share < NEAR_CONSTANT:
        return
    name = sight.column.name
    value = listed([sight.distinct[most].item() if sight.is_plain else sight.distinct[most]])
    rows = total - int(sight.counts[most])
    yield remark(
        "note", "near-constant", name,
        (f"'{name}' is {value[0]} in {share:.1%} of its rows.", f"“{name}”有 {share:.1%} 的行为{value[1]}。"),
        (f"Kept: the other {plural(rows, 'row')} may matter.", f"已保留: 其余 {rows} 行可能有用。"), rows,
    )  # fmt: skip
