"""What concerns the whole table or several columns: names, size, columns that say the same, gaps that come together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_column
from openglm.core.dataset import Raw
from openglm.core.finding import Finding
from openglm.core.schema import Column
from openglm.core.words import plural
from openglm.prepare._checks_levels import is_damaged, plain_level
from openglm.prepare._remarks import listed, remark
from openglm.prepare._sight import coded_at, sample_rows

SAME = 0.9999  # our own, |Pearson|: nothing is left between them but rounding
PAIRS_OF = 300  # numeric columns compared with each other at most
TOGETHER_ROWS = 5  # fewer common gaps may be chance
GROUP_LEVELS = 20  # our own: with fewer levels a fixed attribute is a coincidence
FIRST_ROWS = 20_000  # are looked at for it
GROUP_ROWS = 2.0  # rows of a group on average
_INVISIBLE = re.compile(r"^\s|\s$|\s{2,}|[\u200b-\u200f\ufeff\u00a0\u3000\n\r\t]")


def table_findings(raw: Raw, names: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what is remarkable about names, size and pairs of columns; ``names`` are those that are used."""
    yield from _names(raw)
    yield from _size(raw, names)
    yield from _headers_in_rows(raw)
    yield from _gaps_together(raw, names)
    yield from _same(raw, names)


def _names(raw: Raw) -> Iterator[Finding]:
    for name in raw.schema.names:
        if _INVISIBLE.search(name):
            yield remark(
                "note", "name-blanks", name,
                (f"The name '{name}' has outer, doubled or invisible blanks.", f"列名“{name}”含有首尾、连续或不可见的空白。"),
                ("Kept; it may be written without them.", "已保留;书写时可省略这些空白。"),
            )  # fmt: skip
        if is_damaged(name):
            yield remark(
                "warning", "damaged-text", name,
                (f"The name '{name}' was decoded wrongly.", f"列名“{name}”出现乱码。"),
                ("Kept. Export the table again as UTF-8.", "已保留。请重新以 UTF-8 编码导出数据。"),
            )  # fmt: skip
    alike: dict[str, list[str]] = {}
    for name in raw.schema.names:
        alike.setdefault(plain_level(name), []).append(name)
    for group in alike.values():
        if len(group) > 1:
            shown = listed(group)
            yield remark(
                "note", "similar-names", group[1],
                (f"The names {shown[0]} differ only in case, width or blanks.", f"列名{shown[1]}仅大小写、全半角或空白不同。"),
                ("Both are kept; name them exactly.", "均已保留;引用时请写明确切名称。"),
            )  # fmt: skip


def _size(raw: Raw, names: tuple[str, ...]) -> Iterator[Finding]:
    rows, columns = len(raw.frame), len(names)
    if rows < columns:
        yield remark(
            "warning", "few-rows", None,
            (f"There are more columns ({columns}) than rows ({rows}): patterns by chance are certain.",
             f"列数({columns})多于行数({rows}),必然出现偶然的规律。"),
            ("Kept. Give more rows, or leave out columns that cannot matter.", "未作改动。请增加数据行,或去掉无关的列。"), rows,
        )  # fmt: skip


def _headers_in_rows(raw: Raw) -> Iterator[Finding]:
    """Find the header line again among the rows, as it comes from files that were put together."""
    if any(getattr(dtype, "kind", "O") in "biufmM" for dtype in raw.frame.dtypes):
        return  # a name among the values would have made the column text
    found, hits = np.ones(len(raw.frame), dtype=bool), 0
    for place, name in enumerate(raw.schema.names):
        same = np.asarray((raw.frame.iloc[:, place] == name).fillna(False), dtype=bool)
        if same.any():
            found, hits = found & same, hits + 1
    if hits >= 2 and found.any():
        rows = int(found.sum())
        yield remark(
            "warning", "header-in-rows", None,
            (f"The header line comes again in {plural(rows, 'row')}.", f"有 {rows} 行与表头相同。"),
            ("Kept. Several files were put together with their headers: give them as a list instead.",
             "已保留。可能是多个文件连同表头合并所致: 请改为分别提供各文件。"), rows,
        )  # fmt: skip


def missing_groups(raw: Raw, names: tuple[str, ...]) -> list[tuple[tuple[str, ...], int]]:
    """Return the columns that are missing in exactly the same rows, and how many rows that are."""
    groups: dict[bytes, list[str]] = {}
    rows: dict[bytes, int] = {}
    wanted = set(names)
    for place, column in enumerate(raw.schema.columns):
        if not 0 < column.missing < 1 or column.name not in wanted:
            continue
        gaps = raw.frame.iloc[:, place].isna().to_numpy(dtype=bool)
        count = int(gaps.sum())
        if count >= TOGETHER_ROWS:
            key = hashlib.blake2b(np.packbits(gaps).tobytes(), digest_size=16).digest()
            groups.setdefault(key, []).append(column.name)
            rows[key] = count
    return [(tuple(group), rows[key]) for key, group in groups.items() if len(group) > 1]


def _gaps_together(raw: Raw, names: tuple[str, ...]) -> Iterator[Finding]:
    for group, rows in missing_groups(raw, names):
        shown = listed(group, 5)
        yield remark(
            "note", "missing-together", group[0],
            (f"{shown[0]} are missing in the same {rows} rows.", f"{shown[1]}在相同的 {rows} 行中同时缺失。"),
            ("Kept. The gaps have one cause; ask whether it is known before the prediction.",
             "已保留。缺失应有共同原因;请确认该原因在预测前是否已知。"), rows,
        )  # fmt: skip


# ── columns that say the same ──


Sampled = tuple[list[int], dict[int, NDArray[Any]]]


def sampled(raw: Raw, names: tuple[str, ...]) -> Sampled:
    """Return the places of the columns and their typed values at sample rows."""
    rows, wanted = sample_rows(len(raw.frame)), set(names)
    columns = {
        i: c
        for i, c in enumerate(raw.schema.columns)
        if c.name in wanted and c.role not in ("constant", "empty", "text")
    }
    few = raw.frame.iloc[rows] if len(rows) < len(raw.frame) else raw.frame
    cells = {i: one for i, (_, one) in enumerate(few.items()) if i in columns}
    return list(columns), {i: read_column(cells[i], column) for i, column in columns.items()}


def codes_of(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return a number for each value in the order of first appearance, -1 where missing."""
    import pandas as pd

    return pd.factorize(values)[0].astype(np.int64)


def twins(raw: Raw, sample: Sampled) -> list[tuple[str, str]]:
    """Return pairs of columns that divide the rows alike: the same values, maybe under other names."""
    places, some = sample
    first: dict[bytes, int] = {}
    pairs = []
    for place in places:
        codes = codes_of(some[place])
        if codes.max(initial=-1) < 1:
            continue
        key = hashlib.blake2b(codes.tobytes(), digest_size=16).digest()
        if key not in first:
            first[key] = place
            continue
        one, two = first[key], place
        if _full_codes(raw, one).tobytes() == _full_codes(raw, two).tobytes() and _mean_the_same(raw, one, two):
            pairs.append((raw.schema.names[one], raw.schema.names[two]))
    return pairs


def _full_codes(raw: Raw, place: int) -> NDArray[np.int64]:
    cells = raw.frame.iloc[:, place]
    return codes_of(read_column(cells, raw.schema.columns[place], coded_at(raw.frame, place, cells)))


def _mean_the_same(raw: Raw, one: int, two: int) -> bool:
    """Two columns with another number in every row divide the rows alike whatever they say: they must be equal."""
    columns: tuple[Column, Column] = raw.schema.columns[one], raw.schema.columns[two]
    if min(column.n_unique for column in columns) < 0.5 * len(raw.frame):
        return True
    first, second = (read_column(raw.frame.iloc[:, i], raw.schema.columns[i]) for i in (one, two))
    if first.dtype != second.dtype:
        return False
    return bool(np.array_equal(first, second, equal_nan=first.dtype.kind == "f"))


def correlated(raw: Raw, sample: Sampled, least: float = SAME) -> list[tuple[str, str, float]]:
    """Return pairs of numeric columns with |Pearson| >= ``least`` on sample rows; gaps count as the mean."""
    places, some = sample
    wide = [i for i in places if some[i].dtype.kind == "f" and raw.schema.columns[i].n_unique > 2][:PAIRS_OF]
    if len(wide) < 2:
        return []
    x = np.column_stack([some[i] for i in wide])
    known = np.isfinite(x)
    if len(x) < 10:
        return []
    centred = np.where(known, x - np.nanmean(np.where(known, x, np.nan), axis=0), 0.0)
    scale = np.sqrt((centred**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.nan_to_num((centred / scale).T @ (centred / scale))
    names_of = [raw.schema.columns[i].name for i in wide]
    found = []
    for a, b in zip(*np.nonzero(np.triu(np.abs(r) >= least, 1)), strict=True):
        if (known[:, a] & known[:, b]).sum() >= 10:
            found.append((names_of[a], names_of[b], float(r[a, b])))
    return found


def _same(raw: Raw, names: tuple[str, ...]) -> Iterator[Finding]:
    sample = sampled(raw, names)
    same = twins(raw, sample)
    for one, two in same:
        yield remark(
            "warning", "duplicate-columns", two,
            (f"'{two}' says the same as '{one}' in every row.", f"“{two}”与“{one}”在每一行都表示相同的内容。"),
            (f"Both are kept; importance is shared between them. Leave out '{two}' to see it whole.",
             f"均已保留;重要性会被两列分摊。可在任务描述中去掉“{two}”。"),
        )  # fmt: skip
    for one, two, r in correlated(raw, sample):
        if (one, two) not in same:
            yield remark(
                "note", "correlated-columns", two,
                (f"'{two}' follows from '{one}' (correlation {r:+.5f}).", f"“{two}”可由“{one}”算出(相关系数 {r:+.5f})。"),
                (f"Both are kept. Leave out '{two}' to see the importance of '{one}' whole.",
                 f"均已保留。可在任务描述中去掉“{two}”,以便完整看到“{one}”的重要性。"),
            )  # fmt: skip
    yield from _fixed_in_groups(raw, names)


def _fixed_in_groups(raw: Raw, names: tuple[str, ...]) -> Iterator[Finding]:
    """Find columns that never change within a group, such as the city of a customer."""
    rows, wanted = len(raw.frame), set(names)
    places = [
        i for i, c in enumerate(raw.schema.columns)
        if c.role in ("category", "numeric") and c.name in wanted and c.n_unique > 1 and c.dtype in ("str", "int", "bool")
    ]  # fmt: skip
    groups = [
        i for i in places
        if raw.schema.columns[i].role == "category" and raw.schema.columns[i].n_unique >= GROUP_LEVELS
        and GROUP_ROWS * raw.schema.columns[i].n_unique <= rows
    ]  # fmt: skip
    if not groups:
        return
    head = slice(0, min(rows, FIRST_ROWS))
    coded = {i: codes_of(read_column(raw.frame.iloc[head, i], raw.schema.columns[i])) for i in places}
    for group in groups[:20]:
        fixed = [
            raw.schema.names[other] for other in places
            if other != group and raw.schema.columns[other].n_unique < raw.schema.columns[group].n_unique
            and _is_fixed(coded[group], coded[other])
        ]  # fmt: skip
        if fixed:
            shown = listed(fixed, 5)
            yield remark(
                "note", "constant-within-group", raw.schema.names[group],
                (f"{shown[0]} never change{'s' if len(fixed) == 1 else ''} within one '{raw.schema.names[group]}'.",
                 f"同一“{raw.schema.names[group]}”内,{shown[1]}始终不变。"),
                ("Kept. If new rows bring new groups, keep groups together in the split: 'group by …' in the sentence.",
                 "已保留。若新数据属于新的组,请在任务描述中写明“按…分组”,使同组的行不被分开。"),
            )  # fmt: skip


def _is_fixed(groups: NDArray[np.int64], values: NDArray[np.int64]) -> bool:
    """Say whether each group has one value; missing cells count as a value."""
    known = groups >= 0
    first = np.full(groups.max(initial=0) + 1, -2, dtype=np.int64)
    first[groups[known][::-1]] = values[known][::-1]  # the last one written is the first row of the group
    return bool((first[groups[known]] == values[known]).all())
