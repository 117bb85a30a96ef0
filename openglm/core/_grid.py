"""Rows of cells → where the table in them begins and ends: titles above the header, headers of two rows or none, totals below.

Shared by delimited text and spreadsheets. Each rule fires only on clear signs; in doubt the first row is the header and every
row below it is data.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from openglm.core._opened import remark
from openglm.core.finding import Finding
from openglm.core.words import plural

if TYPE_CHECKING:
    import pandas as pd

SEEN_ROWS = 60  # enough to tell a header from data; more only costs time
MOST_TITLES = 20  # lines above a header at most; our own choice: longer preambles are documents
_NUMBER = re.compile(r"[-+]?[$¥€£]?\s?\d[\d,.' ]*(?:[eE][-+]?\d+)?\s?[%‰]?$|[-+]?\.\d+$")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([T ]\d{1,2}:\d{2}.*)?$|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$")
_PAIR = re.compile(r"[^::]{1,20}[::]\s*\S")  # "Author: Li", "日期:2024-03-05"
_YEAR = re.compile(r"(19|20)\d\d$")
_TOTAL = re.compile(
    r"(grand\s*|sub)?totals?\s*[::]?$|sum\s*[::]?$|(合|总|小)\s*计\s*[::]?$|总\s*和\s*[::]?$", re.IGNORECASE
)


@dataclass(frozen=True)
class Header:
    """Rows to pass over, then how many rows of names: none, one or two."""

    skip: int
    rows: int


def is_blank(cell: Any) -> bool:
    """Say whether a cell holds nothing."""
    return (
        cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, float) and math.isnan(cell))
    )


def is_data(cell: Any) -> bool:
    """Say whether a cell is a number, a date or a truth value, as headers rarely are."""
    if isinstance(cell, str):
        text = cell.strip()
        return bool(_NUMBER.match(text) or _DATE.match(text))
    return isinstance(cell, bool | int | float | dt.date | dt.time | dt.timedelta) and not is_blank(cell)


def find_header(grid: Sequence[Sequence[Any]], width: int, *, merged: Set[int] = frozenset()) -> Header:
    """Return where the names stand in the first rows of a table.

    Parameters
    ----------
    grid : sequence of rows
        The first rows, at most ``SEEN_ROWS`` are looked at; rows may be shorter than the table.
    width : int
        Columns of most rows.
    merged : set of int
        Rows with cells merged across columns.
    """
    rows = [list(row) for row in grid[:SEEN_ROWS]]
    filled = [[i for i, cell in enumerate(row) if not is_blank(cell)] for row in rows]
    start = next((i for i, row in enumerate(filled) if row), 0)
    at = start
    while at < min(len(rows), start + MOST_TITLES) and (
        _is_title(rows[at], filled[at], width, at in merged)
        or _is_note(rows, at, filled[at], width, merged, is_below_title=at > start)
    ):
        at += 1
    if at == start or at >= len(rows) or not _is_header_like(rows[at], filled[at], width):
        at = start
    if at >= len(rows):
        return Header(start, 1)
    if at == start and _is_without_header(rows[at:], width):
        return Header(at, 0)
    return Header(at, 2 if _is_two_rows(rows, at, width, merged) else 1)


def _is_title(row: list[Any], filled: list[int], width: int, is_merged: bool) -> bool:
    """A blank row, one cell of several columns, or a pair such as "Author: Li" far narrower than the table."""
    if not filled:
        return True
    if width < 2:
        return False
    if len(filled) == 1:
        return width >= 3 or len(row) < width
    if is_merged and len({str(row[i]) for i in filled}) == 1:
        return filled[0] == 0 and width >= 2
    return (
        len(row) < width - 1
        or (filled == [0, 1] and width >= 5)
        or (len(row) < width and ", " in ",".join(map(str, row)))
    )


def _is_note(
    rows: list[list[Any]], at: int, filled: list[int], width: int, merged: Set[int], *, is_below_title: bool
) -> bool:
    """Pairs such as "Author: Li" and "Date: 5 March" apart from each other, or below a title a line far from full."""
    if not filled or len(filled) >= width:
        return False
    if all(isinstance(rows[at][i], str) and _PAIR.match(rows[at][i].strip()) for i in filled):
        return True
    return is_below_title and 2 * len(filled) < width and not _is_two_rows(rows, at, width, merged)


def _is_header_like(row: list[Any], filled: list[int], width: int) -> bool:
    names = [row[i] for i in filled]
    return len(filled) >= max(2, 0.5 * width) and not any(
        is_data(cell) and not _YEAR.match(str(cell).strip()) for cell in names
    )


def _is_without_header(rows: list[list[Any]], width: int) -> bool:
    """Say whether every cell of the first row is a value like those below it.

    That is: a number above numbers, or a text that occurs again in its column; and one number at least. Names that count
    (0, 1, 2 …, or years) are names.
    """
    first = rows[0]
    if len(first) != width or len(rows) < 3 or any(is_blank(cell) for cell in first):
        return False
    numbers = [cell for cell in first if is_data(cell)]
    if not numbers or (len(numbers) == width and _counts_up(numbers)):
        return False
    for i, cell in enumerate(first):
        below = [row[i] for row in rows[1:] if i < len(row) and not is_blank(row[i])]
        if not below:
            return False
        if is_data(cell):
            if sum(map(is_data, below)) < 0.9 * len(below):
                return False
        elif cell not in below:
            return False
    return True


def _counts_up(cells: list[Any]) -> bool:
    """Say whether the cells are whole numbers, each one more than the one before."""
    texts = [str(cell).strip() for cell in cells]
    if len(texts) < 2 or not all(text.isascii() and text.isdigit() and len(text) < 10 for text in texts):
        return len(texts) == 1 and bool(_YEAR.match(texts[0]) or texts[0] == "0")
    values = [int(text) for text in texts]
    return all(b == a + 1 for a, b in pairwise(values))


def _is_two_rows(rows: list[list[Any]], at: int, width: int, merged: Set[int]) -> bool:
    """Say whether the names stand in two rows: groups above, some over several columns, and what is in them below."""
    if at + 2 >= len(rows):
        return False
    top, bottom = _padded(rows[at], width), _padded(rows[at + 1], width)
    gaps = [i for i in range(width) if is_blank(top[i])]
    wide = at in merged or any(i > 0 and not is_blank(top[i - 1]) for i in gaps)
    if not wide or any(is_data(cell) for cell in (*top, *bottom)):
        return False
    if any(is_blank(bottom[i]) for i in gaps) or sum(not is_blank(cell) for cell in bottom) < 2:
        return False
    below = rows[at + 2 :]
    for i in range(width):
        cells = [row[i] for row in below if i < len(row) and not is_blank(row[i])]
        if cells and not is_blank(bottom[i]) and sum(map(is_data, cells)) >= 0.9 * len(cells):
            return True
    return False


def _padded(row: list[Any], width: int) -> list[Any]:
    return [*row[:width], *[None] * (width - len(row))]


def names_of(grid: Sequence[Sequence[Any]], header: Header, width: int) -> list[str]:
    """Return the names as written, those of two rows joined by " / "; blank ones where there is none."""
    if not header.rows:
        return [""] * width
    top = [_text(cell) for cell in _padded(list(grid[header.skip]), width)]
    if header.rows == 1:
        return top
    bottom = [_text(cell) for cell in _padded(list(grid[header.skip + 1]), width)]
    names = []
    for i in range(width):
        if not top[i].strip() and i > 0:
            top[i] = top[i - 1]
        parts = [part.strip() for part in (top[i], bottom[i]) if part.strip()]
        names.append(" / ".join(dict.fromkeys(parts)))
    return names


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def header_remarks(name: str, grid: Sequence[Sequence[Any]], header: Header) -> list[Finding]:
    """Return what is to be said about a header that is not simply the first row."""
    findings = []
    passed = [row for row in grid[: header.skip] if any(not is_blank(cell) for cell in row)]
    if passed:
        shown = " ".join(_text(cell).strip() for cell in passed[0] if not is_blank(cell))[:60]
        findings.append(
            remark(
                "title-lines", f"{plural(len(passed), 'line')} of {name} "
                               f"{'stands' if len(passed) == 1 else 'stand'} above the header, the first one is '{shown}'.",
                f"{name} 的表头上方有 {len(passed)} 行说明文字,首行为“{shown}”。",
                fix=("They are left out.", "已略过这些行。"),
            )
        )  # fmt: skip
    if header.rows == 0:
        findings.append(
            remark(
                "no-header", f"{name} has no header: its first line holds values like the others.",
                f"{name} 没有表头: 首行与其余各行一样是数据。", severity="warning",
                fix=(
                    "The columns are called column_1, column_2 … Add a header line to give them names.",
                    "各列命名为 column_1、column_2……。如需列名,请补上表头行。",
                ),
            )
        )  # fmt: skip
    if header.rows == 2:
        findings.append(
            remark(
                "two-header-rows", f"The names of {name} stand in two rows.", f"{name} 的表头占两行。",
                fix=("They are joined with ' / '.", "已用“ / ”连接。"),
            )
        )  # fmt: skip
    return findings


def without_totals(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the rows without a last one that holds the sums of those above, and what is to be said about it.

    The row is left out only where it says so ("Total", "合计") and a number in it *is* the sum of its column.
    """
    if len(frame) < 3:
        return frame, []
    last = frame.iloc[-1]
    label = next((cell for cell in last if isinstance(cell, str) and cell.strip()), "")
    if not _TOTAL.match(label.strip()):
        return frame, []
    for i in range(frame.shape[1]):
        cells = frame.iloc[:, i]
        if cells.dtype.kind not in "if" or not np.isfinite(float(cells.iloc[-1])):
            continue
        total = float(cells.iloc[:-1].sum())
        if math.isclose(total, float(cells.iloc[-1]), rel_tol=1e-6):  # sums are often rounded for display
            said = remark(
                "totals-row", f"The last row of {name} ('{label.strip()}') holds the sums of those above.",
                f"{name} 的最后一行(“{label.strip()}”)是上面各行的合计。", rows=1,
                fix=("It is left out.", "已去除该行。"),
            )  # fmt: skip
            return frame.iloc[:-1], [said]
    said = remark(
        "totals-row", f"The last row of {name} is called '{label.strip()}'.", f"{name} 的最后一行名为“{label.strip()}”。",
        severity="warning", rows=1,
        fix=(
            "It is kept: no number in it is the sum of its column. Delete it if it is no row of data.",
            "已保留: 其中没有数值等于该列之和。如果它不是数据行,请将其删除。",
        ),
    )  # fmt: skip
    return frame, [said]
