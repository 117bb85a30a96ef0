"""Spreadsheets → table: the sheet, the place of the table in it, its header of one or two rows, merged cells and dates."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

from openglm.core._delimited import MISSING
from openglm.core._grid import SEEN_ROWS, find_header, header_remarks, is_blank, names_of, without_totals
from openglm.core._opened import Opened, damaged, empty, plain, remark
from openglm.core.errors import MissingExtraError, OpenGLMError, SourceError, did_you_mean
from openglm.core.finding import Finding
from openglm.core.words import Said, plural

if TYPE_CHECKING:
    import pandas as pd

OLD_EXCEL = b"\xd0\xcf\x11\xe0"  # [MS-CFB]: .xls, and .xlsx behind a password
# What a cell holds whose formula failed (ECMA-376, 18.17.3).
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#SPILL!"})
_MERGED = re.compile(rb'<mergeCell [^>]*?ref="\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)"')

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column; from 0."""


def read_excel(data: bytes, name: str, sheet: str | int | None) -> Opened:
    """Return the table on a sheet of an .xlsx file.

    Raises
    ------
    SourceError
        If the file is damaged or there is no such sheet.
    """
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # openpyxl warns of styles and checks that it leaves out; values are not touched
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            pages = {page.title: page for page in book.worksheets}  # charts have no cells
            title, findings = _choose(pages, name, sheet)
            page = pages[title]
            page.reset_dimensions()  # some programs write a wrong size; the cells themselves do not lie
            rows = [list(row) for row in page.iter_rows(values_only=True)]
            areas = _merged_areas(data, getattr(page, "_worksheet_path", ""))
            book.close()
    except OpenGLMError:
        raise
    except Exception as error:  # a damaged archive of XML fails in any way
        raise damaged(name, "no intact Excel (.xlsx) file", " Excel (.xlsx) 文件") from error
    opened = _from_rows(rows, areas, name)
    _check_rows(opened, name, title, list(pages))
    opened.findings[:0] = findings
    return opened


def read_ods(data: bytes, name: str, sheet: str | int | None) -> Opened:
    """Return the table on a sheet of an OpenDocument file.

    Raises
    ------
    MissingExtraError
        If the extra ``ods`` is not installed.
    SourceError
        If the file is damaged or there is no such sheet.
    """
    import pandas as pd

    try:
        pages = pd.read_excel(io.BytesIO(data), sheet_name=None, header=None, engine="odf", keep_default_na=False)
    except ImportError as error:
        raise MissingExtraError("odfpy", "ods", purpose=f"{name} (.ods)") from error
    except Exception as error:  # a damaged archive of XML fails in any way
        raise damaged(name, "no intact OpenDocument file", " OpenDocument 文件") from error
    title, findings = _choose({str(key): page for key, page in pages.items()}, name, sheet)
    page = pages[title].astype(object)
    rows = [
        [item.to_pydatetime() if isinstance(item, pd.Timestamp) else item for item in row]
        for row in page.to_numpy().tolist()
    ]
    opened = _from_rows(rows, [], name)
    _check_rows(opened, name, title, [str(key) for key in pages])
    opened.findings[:0] = findings
    return opened


# ── sheets ──


def _choose(pages: dict[str, Any], name: str, sheet: str | int | None) -> tuple[str, list[Finding]]:
    """Return the title of the sheet; by default the first one that holds a table, and say so when there are others."""
    titles = list(pages)
    if not titles:
        raise empty(name)
    if isinstance(sheet, int) and not isinstance(sheet, bool) and -len(titles) <= sheet < len(titles):
        return titles[sheet], []
    if sheet is not None:
        folded = {title.strip().casefold(): title for title in reversed(titles)}
        found = sheet if sheet in pages else folded.get(str(sheet).strip().casefold())
        if found is None:
            raise SourceError(
                Said(en=f"{name} has no sheet '{sheet}'.", zh=f"{name} 中没有工作表“{sheet}”。"),
                hint=did_you_mean(str(sheet), titles),
            )
        return str(found), []
    filled = [title for title in titles if _has_cells(pages[title])]
    tables = filled if len(filled) < 2 else [title for title in filled if _has_table(pages[title])] or filled
    chosen = tables[0] if tables else titles[0]
    others = [title for title in filled if title != chosen]
    if not others:
        return chosen, []
    shown = ", ".join(f"'{title}'" for title in others[:5]) + (" …" if len(others) > 5 else "")
    said = remark(
        "sheets", f"{name} has {len(filled)} sheets; besides '{chosen}' also {shown}.",
        f"{name} 有 {len(filled)} 个工作表,除“{chosen}”外还有 {shown}。",
        fix=(f"'{chosen}' is read. Choose another one with --sheet (sheet=…).",
             f"读取“{chosen}”。如需其他工作表,请用 --sheet(sheet=…)指定。"),
    )  # fmt: skip
    return chosen, [said]


def _check_rows(opened: Opened, name: str, title: str, titles: list[str]) -> None:
    """Raise SourceError for a sheet without a row of data, and name the other sheets."""
    if len(opened.frame) or not opened.names:
        return
    others = [other for other in titles if other != title][:5]
    raise SourceError(
        Said(
            en=f"The sheet '{title}' of {name} holds no table: there is no row below the first one.",
            zh=f"{name} 的工作表“{title}”中没有表格: 首行之下没有数据。",
        ),
        hint=Said(
            en=f"Choose another sheet with --sheet: {', '.join(others)}."
            if others
            else "Add the rows below the header.",
            zh=f"请用 --sheet 选择其他工作表: {'、'.join(others)}。" if others else "请在表头之下补上数据行。",
        ),
    )


def _has_cells(page: Any) -> bool:
    """Say whether one of the first rows holds a value."""
    if not hasattr(page, "iter_rows"):
        return bool(len(page))
    return any(not is_blank(cell) for row in page.iter_rows(max_row=SEEN_ROWS, values_only=True) for cell in row)


def _has_table(page: Any) -> bool:
    """Say whether two of the first rows hold more than one value: a sheet of remarks does not."""
    first = (
        page.iter_rows(max_row=SEEN_ROWS, values_only=True)
        if hasattr(page, "iter_rows")
        else page.head(SEEN_ROWS).to_numpy().tolist()
    )
    return sum(sum(not is_blank(cell) for cell in row) > 1 for row in first) > 1


def _merged_areas(data: bytes, path: str) -> list[Area]:
    """Return the merged cells of a sheet; openpyxl's quick reader leaves them out."""
    if not path:
        return []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read(path.lstrip("/"))
    start = text.rfind(b"<mergeCells")
    found = _MERGED.findall(text, start) if start >= 0 else []
    return [(int(top) - 1, _column(left), int(bottom) - 1, _column(right)) for left, top, right, bottom in found]


def _column(letters: bytes) -> int:
    """Return the place of a column: A is 0, AA is 26."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


# ── cells ──


def _from_rows(rows: list[list[Any]], areas: list[Area], name: str) -> Opened:
    """Return the table in the cells of a sheet."""
    import pandas as pd

    findings: list[Finding] = []
    merged_rows = {top for top, left, _, right in areas if right > left}
    below = _fill_merged(rows, areas)
    numbers = [i for i, row in enumerate(rows) if any(not is_blank(cell) for cell in row)]
    if not numbers:
        raise empty(name)
    grid = [rows[i] for i in numbers]
    places = [i for i in range(max(map(len, grid))) if any(i < len(row) and not is_blank(row[i]) for row in grid)]
    titles = {at for at, i in enumerate(numbers) if i in merged_rows}
    places = _inner(places, grid, titles)
    grid = [[row[i] if i < len(row) else None for i in places] for row in grid]
    kept = [at for at, row in enumerate(grid) if any(not is_blank(cell) for cell in row)]
    grid, titles = [grid[at] for at in kept], {place for place, at in enumerate(kept) if at in titles}
    header = find_header(grid, len(places), merged=titles)
    findings.extend(header_remarks(name, grid, header))
    names = names_of(grid, header, len(places))
    body = grid[header.skip + header.rows :]
    if below > header.skip + header.rows and below:
        findings.append(
            remark(
                "merged-cells", f"{name} has cells merged over several rows.", f"{name} 中有跨多行的合并单元格。",
                fix=("Each of these rows gets their value.", "其中每一行都取合并单元格的值。"),
            )
        )  # fmt: skip
    frame, failed = _columns(body, len(places))
    if failed:
        findings.append(
            remark(
                "formula-errors", f"{plural(failed, 'cell')} of {name} {'holds' if failed == 1 else 'hold'} a "
                                  "failed formula, such as #DIV/0!.",
                f"{name} 中有 {failed} 个单元格的公式出错(如 #DIV/0!)。", severity="warning",
                fix=("They count as missing.", "视为缺失。"),
            )
        )  # fmt: skip
    frame, said = without_totals(frame, name)
    return Opened(names, frame if len(places) else pd.DataFrame(), [*findings, *said])


def _fill_merged(rows: list[list[Any]], areas: list[Area]) -> int:
    """Write the value of merged cells into each of them, and return the last row with cells merged downwards."""
    last = 0
    for top, left, bottom, right in areas:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        if is_blank(value):
            continue
        for row in rows[top : bottom + 1]:
            row.extend([None] * (right + 1 - len(row)))
            row[left : right + 1] = [value] * (right + 1 - left)
        if bottom > top:
            last = max(last, bottom)
    return last


def _inner(places: list[int], grid: list[list[Any]], titles: set[int]) -> list[int]:
    """Return the columns of the table: those that only a title reaches into are none of it."""
    body = [row for at, row in enumerate(grid) if at not in titles] or grid
    used = [i for i in places if any(i < len(row) and not is_blank(row[i]) for row in body)]
    return used or places


def _columns(body: list[list[Any]], width: int) -> tuple[pd.DataFrame, int]:
    """Return the cells as typed columns, and how many of them hold a failed formula."""
    import pandas as pd

    failed = 0
    columns: dict[int, pd.Series] = {}
    for i in range(width):
        cells = [row[i] for row in body]
        texts = {cell for cell in cells if isinstance(cell, str)}
        wrong = texts & _ERRORS
        if wrong:
            failed += sum(cell in wrong for cell in cells if isinstance(cell, str))
        lost = wrong | (texts & set(MISSING)) | {text for text in texts if not text.strip()}
        if lost or any(isinstance(cell, float) for cell in cells):
            cells = [None if is_blank(cell) or (isinstance(cell, str) and cell in lost) else cell for cell in cells]
        columns[i] = plain(cells)
    return pd.DataFrame(columns, index=range(len(body))), failed
