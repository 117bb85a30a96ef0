"""Several files of one schema → one table: found by folder, pattern or list, columns matched by name, types agreed."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from openglm.core._delimited import from_text
from openglm.core._files import SUFFIXES
from openglm.core._opened import Opened, remark
from openglm.core.errors import SourceError, did_you_mean
from openglm.core.finding import Finding
from openglm.core.words import Said

if TYPE_CHECKING:
    import pandas as pd

_PARTITION = re.compile(r"([^=/\\]+)=(.*)$")
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # Hive's name for a missing value in a folder's name
SHARED = 0.5  # of all columns that files must share to be of one schema; our own choice: with fewer, they are different tables
SHOWN = 5  # names in a message
_LAKES = {"_delta_log": "Delta Lake", "metadata": "Iceberg", ".hoodie": "Hudi"}

Part = tuple[Path, dict[str, str | None]]
"""A file, and what its folders say of all its rows."""


def files_of(path: Path) -> list[Part]:
    """Return the table files in a folder or those that match a pattern, in natural order; none if ``path`` is a single file.

    Raises
    ------
    SourceError
        If there is none, or the folder belongs to a table format with a log of its own.
    """
    where = str(path)
    try:
        if path.is_file() or "://" in where:
            return []
        is_folder = path.is_dir()
    except (OSError, ValueError):
        return []
    if is_folder:
        return _inside(path)
    if not glob.has_magic(where):
        return []
    found = [Path(item) for item in glob.glob(where, recursive=True)]  # noqa: PTH207 - Path.glob takes no absolute patterns
    files = sorted((item for item in found if item.is_file()), key=_natural)
    if not files:
        raise SourceError(
            Said(en=f"No file matches {where}.", zh=f"没有与 {where} 匹配的文件。"),
            hint=Said(en="Check folder and pattern.", zh="请检查目录和通配符。"),
        )
    return [(item, {}) for item in files]


def _inside(folder: Path) -> list[Part]:
    for mark, lake in _LAKES.items():
        if (folder / mark).is_dir() and (mark != "metadata" or (folder / "data").is_dir()):
            raise SourceError(
                Said(
                    en=f"{folder} is a {lake} table: its files also hold rows that were deleted.",
                    zh=f"{folder} 是 {lake} 表,其文件中还含有已删除的行。",
                ),
                hint=Said(
                    en=f"Export its current rows with a {lake} reader.", zh=f"请用支持 {lake} 的工具导出当前数据。"
                ),
            )
    parts = _hive(folder, {}) or [
        (item, {})
        for item in sorted(folder.iterdir(), key=_natural)
        if item.is_file() and item.suffix.lower() in SUFFIXES and not item.name.startswith((".", "_"))
    ]
    if not parts:
        names = sorted(item.name for item in folder.iterdir() if not item.name.startswith("."))
        raise SourceError(
            Said(en=f"{folder} is a folder without table files.", zh=f"目录 {folder} 中没有表格文件。"),
            hint=did_you_mean("", names) if names else Said(en="It is empty.", zh="该目录为空。"),
        )
    return parts


def _hive(folder: Path, known: dict[str, str | None]) -> list[Part]:
    """Return the files below folders called ``name=value``; any suffix or none, as Hive and Spark write them."""
    parts: list[Part] = []
    for item in sorted(folder.iterdir(), key=_natural):
        found = _PARTITION.match(item.name)
        if item.is_dir() and found:
            value = None if found[2] == _NO_VALUE else unquote(found[2])
            parts.extend(_hive(item, {**known, unquote(found[1]): value}))
        elif known and item.is_file() and not item.name.startswith((".", "_")):
            parts.append((item, known))
    return parts


def _natural(path: Path) -> list[Any]:
    """Order part-2 before part-10."""
    return [(0, int(word), "") if word.isdigit() else (1, 0, word) for word in re.split(r"(\d+)", str(path))]


# ── one table ──


def combine(parts: Sequence[Opened], name: str) -> Opened:
    """Return tables of one schema one below the other: names in the first one's order and spelling.

    Names may differ in case and outer blanks. A column that some files lack is missing in their rows.

    Raises
    ------
    SourceError
        If two of the files share less than half of their columns.
    """
    import pandas as pd

    findings = [finding for part in parts for finding in part.findings]
    filled = [part for part in parts if len(part.frame)]
    bare = [part.label for part in parts if not len(part.frame)]
    if bare and filled:
        findings.append(
            remark(
                "empty-files", f"{len(bare)} of {len(parts)} files of {name} have no rows: {_listed(bare)}.",
                f"{name} 的 {len(parts)} 个文件中有 {len(bare)} 个没有数据行: {_listed(bare)}。",
                fix=("They are left out.", "已略过。"),
            )
        )  # fmt: skip
    filled = filled or list(parts[:1])
    names, places = _matched(filled, name, findings)
    columns = [_column(title, filled, places, at, findings) for at, title in enumerate(names)]
    for title in dict.fromkeys(key for part in filled for key in part.extra):
        if title not in names:
            names.append(title)
            columns.append(_folder_column(title, filled))
    frame = pd.concat(columns, axis=1, keys=range(len(columns))) if columns else pd.DataFrame()
    return Opened(names, frame, _told_once(findings))


def _matched(parts: Sequence[Opened], name: str, findings: list[Finding]) -> tuple[list[str], list[list[int | None]]]:
    """Return the names of all columns, and for each where it stands in each part."""
    names: list[str] = []
    known: dict[str, int] = {}
    places: list[list[int | None]] = []
    first = parts[0]
    for number, part in enumerate(parts):
        folded = [_folded(title, place) for place, title in enumerate(part.names)]
        if number and folded != list(known)[: len(folded)]:
            _check_shared(first, part, set(known), set(folded))
        for place, key in enumerate(folded):
            if key not in known:
                known[key] = len(names)
                names.append(part.names[place])
                places.append([None] * len(parts))
            elif places[known[key]][number] is not None:  # twice in one file: refused with its name
                names.append(part.names[place])
                places.append([None] * len(parts))
                places[-1][number] = place
                continue
            places[known[key]][number] = place
    for title, where in zip(names, places, strict=True):
        lacking = [part.label for part, place in zip(parts, where, strict=True) if place is None]
        if lacking:
            rows = sum(len(part.frame) for part, place in zip(parts, where, strict=True) if place is None)
            findings.append(
                remark(
                    "column-missing", f"{len(lacking)} of {len(parts)} files have no column '{title}': {_listed(lacking)}.",
                    f"{len(parts)} 个文件中有 {len(lacking)} 个没有“{title}”列: {_listed(lacking)}。", column=title, rows=rows,
                    severity="warning", fix=("It is missing in their rows.", "这些文件的行中该列视为缺失。"),
                )
            )  # fmt: skip
    return names, places


def _folded(title: str, place: int) -> str:
    return title.strip().casefold() or f"\0{place}"


def _check_shared(first: Opened, part: Opened, known: set[str], own: set[str]) -> None:
    """Raise if two files are different tables rather than two parts of one."""
    if len(known & own) >= SHARED * len(known | own) or len(known & own) == min(len(known), len(own)) > 1:
        return
    titles = {title.strip().casefold(): title for title in (*part.names, *first.names)}
    only_first = [titles.get(key, key) for key in sorted(known - own)]
    only_part = [titles.get(key, key) for key in sorted(own - known)]
    raise SourceError(
        Said(
            en=f"{first.label} and {part.label} are different tables: only the first has {_listed(only_first)}; "
            f"only the second has {_listed(only_part)}.",
            zh=f"{first.label} 与 {part.label} 不是同一种表格: 前者独有 {_listed(only_first)};后者独有 {_listed(only_part)}。",
        ),
        hint=Said(
            en="Give only files with the same columns, by a pattern such as 'data/2024-*.csv' or as one file.",
            zh="请只给出列相同的文件(可用通配符,如 'data/2024-*.csv'),或只给一个文件。",
        ),
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{item}'" for item in names[:SHOWN])
    return (shown + " …" if len(names) > SHOWN else shown) or "–"


def _column(
    title: str, parts: Sequence[Opened], places: list[list[int | None]], at: int, findings: list[Finding]
) -> pd.Series:
    """Return one column of all parts; where some hold text and others numbers, all of it is text."""
    import pandas as pd

    pieces: list[pd.Series] = []
    kinds: dict[str, str] = {}
    for part, place in zip(parts, places[at], strict=True):
        if place is None:
            pieces.append(pd.Series([None] * len(part.frame), dtype=object))
            continue
        cells = part.frame.iloc[:, place]
        pieces.append(cells)
        if not cells.isna().all():
            kinds.setdefault(_kind(cells), part.label)
    gap = [piece.isna().all() for piece in pieces]
    if "number" in kinds and "text" in kinds:
        findings.append(
            remark(
                "types-differ",
                f"'{title}' holds numbers in '{kinds['number']}' and text in '{kinds['text']}'.",
                f"“{title}”在 {kinds['number']} 中是数值,在 {kinds['text']} 中是文本。", column=title, severity="warning",
                fix=("All of it is read as text.", "统一按文本读取。"),
            )
        )  # fmt: skip
        pieces = [_as_text(piece) if _kind(piece) == "number" else piece for piece in pieces]
    rest = [piece for piece, is_gap in zip(pieces, gap, strict=True) if not is_gap]
    if not rest:
        return pd.Series([float("nan")] * sum(map(len, pieces)))
    if any(gap):
        dtypes = {piece.dtype for piece in rest}
        numeric = all(dtype.kind in "iuf" for dtype in dtypes)
        like: Any = "float64" if numeric else next(iter(dtypes)) if len(dtypes) == 1 else object
        like = object if getattr(like, "kind", "O") == "b" else like
        pieces = [
            pd.Series([None] * len(piece), dtype=like) if is_gap else piece
            for piece, is_gap in zip(pieces, gap, strict=True)
        ]
    return pd.concat(pieces, ignore_index=True)


def _kind(cells: pd.Series) -> str:
    kind = getattr(cells.dtype, "kind", "O")
    if kind in "iuf":
        return "number"
    return {"b": "truth", "M": "time", "m": "span"}.get(kind, "text")


def _as_text(cells: pd.Series) -> pd.Series:
    """Write numbers as they most likely stood there: whole ones without a point."""
    import pandas as pd

    texts: list[str | None] = []
    for value in cells.tolist():
        if pd.isna(value):
            texts.append(None)
        else:
            texts.append(str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
    return pd.Series(texts, dtype=object)


def _folder_column(title: str, parts: Sequence[Opened]) -> pd.Series:
    """Return the values that the folders of the files name, as numbers where they are numbers."""
    import numpy as np
    import pyarrow as pa

    values = pa.array([part.extra.get(title) for part in parts], pa.string())
    typed = from_text(pa.chunked_array([values]))
    return typed.iloc[np.repeat(np.arange(len(parts)), [len(part.frame) for part in parts])].reset_index(drop=True)


def _told_once(findings: list[Finding]) -> list[Finding]:
    """Return the findings, those of one code about many files folded into the first."""
    kept: dict[tuple[str, str | None], Finding] = {}
    counts: dict[tuple[str, str | None], int] = {}
    for finding in findings:
        key = (finding.code, finding.column)
        counts[key] = counts.get(key, 0) + 1
        kept.setdefault(key, finding)
    return [
        finding
        if counts[key] == 1
        else finding.model_copy(
            update={
                "message": Said(
                    en=f"{finding.message.en} The same in {counts[key] - 1} more files.",
                    zh=f"{finding.message.zh}另有 {counts[key] - 1} 个文件情况相同。",
                )
            }
        )
        for key, finding in kept.items()
    ]
