"""The cleaning of a plan as a program of its own: a pandas script that makes the same table, byte for byte.

The helpers that read single cells are copied from :mod:`openglm.core.columns` and :mod:`openglm.core.written` by their source,
and only those that the columns of this table need; so the script cannot say something else than the product does.
"""

from __future__ import annotations

import ast
import bz2
import csv
import gzip
import inspect
import io
import lzma
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from openglm import prepare
from openglm.core import columns as reading
from openglm.core import written as writing
from openglm.core._delimited import MISSING, decode, find_separator
from openglm.core.cleaning import CleanStep
from openglm.core.columns import read_column
from openglm.core.dataset import Dataset, Raw
from openglm.core.errors import SourceError
from openglm.core.schema import Column
from openglm.core.task import CLASSIFICATION
from openglm.core.words import Said

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_RULES = ("formats", "marks", "spelling", "digits", "low", "high", "allowed")
TITLES = 50  # records at the top among which the header is looked for
PROVIDED = {"_plain", "_label", "Column"}  # the script has its own, for text only


@dataclass(frozen=True)
class Cleaning:
    """What becomes of a table before anything is learned from it.

    Parameters
    ----------
    raw : Raw
        As it was loaded.
    data : Dataset
        As ``prepare`` made it from ``raw``.
    """

    raw: Raw
    data: Dataset

    @property
    def steps(self) -> tuple[CleanStep, ...]:
        """What was done, each step with its reason and its rows."""
        return self.data.cleaning

    def to_csv(self) -> str:
        """Return the cleaned table: usable rows in the order of the source, the inputs, then the target."""
        return cleaned_csv(self.data)

    def to_python(self) -> str:
        """Return a standalone pandas script that makes :meth:`to_csv` from the same file, byte for byte.

        Raises
        ------
        SourceError
            If the table is not one file of delimited text.
        """
        return cleaning_script(self.raw, self.data)


def cleaned_csv(data: Dataset) -> str:
    """Return the cleaned table of a data set: usable rows in the order of the source, the inputs, then the target."""
    order = np.argsort(np.concatenate([data.train.index, data.sealed.index]), kind="stable")
    table: dict[str, list[str]] = {}
    for column in data.schema.columns:
        values = np.concatenate([data.train.x[column.name], data.sealed.x[column.name]])[order]
        table[column.name] = [writing.write_cell(value, column.role) for value in values.tolist()]
    y = np.concatenate([data.train.y, data.sealed.y])[order]
    role = "category" if data.task.kind in CLASSIFICATION else "numeric"
    table[str(data.task.target)] = [writing.write_cell(value, role) for value in data.label(y).tolist()]
    return writing.write_csv(table)


def cleaning_script(raw: Raw, data: Dataset) -> str:
    """Return a Python program that makes :func:`cleaned_csv` from the same file.

    Parameters
    ----------
    raw : Raw
        The table as it was loaded; from one file of delimited text, or from memory (the script then reads UTF-8 with commas).
    data : Dataset
        As ``prepare`` made it from ``raw``.

    Raises
    ------
    SourceError
        If the table is of another kind.
    """
    cleaned = prepare.clean(raw, data.task, data.cleaning)[0]
    table = cleaned.raw.schema
    is_class = data.task.kind in CLASSIFICATION
    target = table[str(data.task.target)]
    target = target.model_copy(update={"role": "category"} if is_class else {"role": "numeric", "dtype": "float"})
    required = [table[step.column] for step in data.cleaning if step.op == "required" and step.column]
    single, other = _left_out(cleaned, data, target)
    facts: list[tuple[str, str, Any]] = [
        ("NAMES", "as the table calls its columns, in the order of the file", list(raw.schema.names)),
        ("INPUTS", "", list(data.schema.names)),
        ("TARGET", "", target.name),
    ]
    if required:
        facts.append(("REQUIRED", "rows without a value here are left out", [column.name for column in required]))
    numbers = sorted({int(row) for step in data.cleaning if step.op == "drop_rows" for row in step.values} | set(other))
    if numbers:
        facts.append(("DROPPED", "row numbers of the file, counted from 0", numbers))
    if single:
        facts.append(("SINGLE", "classes of a single row cannot be both learned and checked", single))
    whole = [c.name for c in (*data.schema.columns, target, *required) if _may_be_written_as_float(raw, c)]
    if whole:
        facts.append(("WHOLE", "whole numbers that the file may write as 20240305.0", whole))
    listed = {column.name: column for column in (*required, *data.schema.columns, target)}
    helpers = _helpers(listed.values(), has_whole=bool(whole))
    return "\n".join(
        [_head(raw, data), *_imports(helpers), "", *_source(raw), *_constants(facts), "", "", _COLUMN, "", "",
         _columns_part(listed, data.cleaning), "", helpers, "", "", _clean_part({name for name, _, _ in facts}), ""]
    )  # fmt: skip


# ── which rows ──


def _left_out(cleaned: prepare.Cleaned, data: Dataset, target: Column) -> tuple[list[str], list[int]]:
    """Return the classes of single rows, and the row numbers that are left out for another reason than the steps say."""
    cells = cleaned.raw.frame.iloc[:, cleaned.raw.schema.names.index(target.name)]
    typed = read_column(cells, target)
    known = (
        np.isfinite(typed) if typed.dtype != object else np.array([value is not None for value in typed], dtype=bool)
    )
    used = np.isin(cleaned.rows, np.concatenate([data.train.index, data.sealed.index]))
    out = np.flatnonzero(known & ~used)
    labels, counts = np.unique(typed[known].astype(str), return_counts=True)
    once = set(labels[counts < 2].tolist()) if typed.dtype == object else set()
    single = sorted(str(typed[i]) for i in out if typed[i] in once)
    return single, [int(cleaned.rows[i]) for i in out if typed[i] not in once]


def _may_be_written_as_float(raw: Raw, column: Column) -> bool:
    kind = getattr(raw.frame.iloc[:, raw.schema.names.index(column.name)].dtype, "kind", "O")
    return kind == "f" and (column.role == "date" or column.digits)


# ── parts of the text ──


def _head(raw: Raw, data: Dataset) -> str:
    name = Path(raw.source).name
    said = data.task.sentence or f"predict {data.task.target}"
    lines = [
        f"Clean {name} for the task: {' '.join(said.split())}",
        "",
        f"    python clean.py {name} cleaned.csv",
        "",
        "The result holds the usable rows in the order of the file: the inputs, then the target. Numbers stand in the shortest",
        "form that reads back exactly, dates as 2024-03-05 or 2024-03-05 10:00:00 (UTC), missing values as empty cells; UTF-8.",
    ]
    text = "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{text}\n"""\n\nfrom __future__ import annotations\n'


def _imports(helpers: str) -> list[str]:
    """Return the import lines for what the script uses."""
    wanted = {
        "import csv": "csv.", "import datetime as dt": "dt.", "import io": "io.", "import math": "math.", "import re": "re.",
        "import unicodedata": "unicodedata.",
    }  # fmt: skip
    lines = [line for line, use in wanted.items() if use in helpers]
    lines.append("import sys")
    abstract = [name for name in ("Callable", "Iterable", "Mapping", "Sequence") if f"{name}[" in helpers]
    if abstract:
        lines.append(f"from collections.abc import {', '.join(abstract)}")
    lines.append("from dataclasses import dataclass, field")
    if "lru_cache" in helpers:
        lines.append("from functools import lru_cache")
    if "Any" in helpers:
        lines.append("from typing import Any")
    return [*sorted(lines, key=lambda line: (line.startswith("from"), line)), "", "import pandas as pd"]


def _source(raw: Raw) -> list[str]:
    """Return how the file is written, as assignments."""
    encoding, separator, skip = _dialect(raw)
    lines = [f"ENCODING, SEPARATOR = {encoding!r}, {separator!r}"]
    lines.append(f"HEADER_LINES = {skip}")
    lines.append("MISSING = [  # these cells are empty")
    lines.extend(_wrapped(repr(mark) for mark in MISSING))
    lines.append("]")
    return lines


def _dialect(raw: Raw) -> tuple[str, str, int]:
    """Return encoding, separator, and how many records end with the header."""
    path = Path(raw.source)
    if not path.is_file():
        if raw.source.isidentifier():  # a table in memory
            return "utf-8-sig", ",", 1
        raise _no_text(raw.source)
    with _OPENERS.get(path.suffix.lower(), open)(path, "rb") as file:
        content = file.read()
    try:
        text = decode(content, path.name)
    except SourceError as error:
        raise _no_text(raw.source) from error
    separator = find_separator(text, tabs_first=any(mark in path.name.lower() for mark in (".tsv", ".tab")))
    names = raw.schema.names
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator if len(separator) == 1 else ",")
    for skip, record in enumerate(islice(records, TITLES), start=1):
        if len(record) == len(names) and all(not a.strip() or a == b for a, b in zip(record, names, strict=True)):
            found = _encoding(content, text), separator, skip
            if _reads_alike(raw, path, *found):
                return found
            break
    raise _no_text(raw.source)


def _reads_alike(raw: Raw, path: Path, encoding: str, separator: str, skip: int) -> bool:
    """Say whether pandas, told this, finds the same cells: some files are mended while they are read, and a script is not."""
    import pandas as pd

    try:
        table = pd.read_csv(
            path, sep=separator, encoding=encoding, header=None, names=list(raw.schema.names), skiprows=skip, index_col=False,
            dtype=str, keep_default_na=False, na_values=list(MISSING),
        )  # fmt: skip
    except (ValueError, UnicodeError):
        return False
    if len(table) != len(raw.frame):
        return False
    for place in range(table.shape[1]):
        ours, theirs = raw.frame.iloc[:, place], table.iloc[:, place]
        gaps = theirs.isna().to_numpy()
        if not np.array_equal(ours.isna().to_numpy(), gaps):
            return False
        texts = ours[~gaps]
        if (
            len(texts)
            and isinstance(texts.iloc[0], str)
            and not np.array_equal(texts.to_numpy(), theirs[~gaps].to_numpy())
        ):
            return False
    return True


def _encoding(content: bytes, text: str) -> str:
    for name in ("utf-8-sig", "gb18030", "cp1252", "utf-16", "utf-32"):
        try:
            if content.decode(name) == text:
                return name
        except UnicodeDecodeError:
            continue
    return "utf-8-sig"


def _no_text(source: str) -> SourceError:
    return SourceError(
        Said(
            en=f"A cleaning script reads one even file of delimited text, and {Path(source).name} is none.",
            zh=f"清洗脚本只能读取单个格式规整的分隔文本文件,而 {Path(source).name} 不是。",
        ),
        hint=Said(
            en="Save the table as CSV, or write the cleaned table itself: openglm plan … --cleaned FILE.csv",
            zh="请将表格另存为 CSV,或直接输出清洗后的表格: openglm plan … --cleaned FILE.csv",
        ),
    )


def _constants(facts: list[tuple[str, str, Any]]) -> list[str]:
    lines: list[str] = []
    for name, comment, value in facts:
        note = f"  # {comment}" if comment else ""
        if not isinstance(value, list) or len(repr(value)) < 90:
            lines.append(f"{name} = {value!r}{note}")
        else:
            lines.extend([f"{name} = [{note}", *_wrapped(map(repr, value)), "]"])
    return lines


def _wrapped(items: Iterable[str], width: int = 116) -> list[str]:
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) + 2 > width:
            lines.append(line)
            line = "   "
        line += f" {item},"
    return [*lines, line]


_COLUMN = '''@dataclass(frozen=True)
class Column:
    """How a column is read; values outside its rules are missing."""

    name: str
    role: str
    dtype: str
    formats: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()  # mean missing
    spelling: dict[str, str] = field(default_factory=dict)  # as written -> as called
    digits: bool = False  # only digits count
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()

    @property
    def has_rules(self) -> bool:
        within = self.low is not None or self.high is not None
        return bool(self.marks or self.spelling or self.digits or self.allowed or within)'''

_PLAIN = {
    "numeric": ('    if column.role == "numeric":\n        return _number_in(text, column.formats)', "_number_in"),
    "date": ('    if column.role == "date":\n        return date_in(text, column.formats)', "date_in"),
    "text": ('    if column.role == "text":\n        return text.strip() or None', ""),
}
_LABEL = """def _label(text: str, dtype: str) -> str | None:
    return _label_in(text.strip(), dtype)"""
_READ = '''def read_cells(cells: pd.Series, column: Column) -> list[float | str | None]:
    """Return the typed values of a column; every different text is read once."""
    codes, texts = pd.factorize({cells})
    values = [read_value(text, column) for text in texts]
    return [values[code] if code >= 0 else None for code in codes]'''
_WHOLE = """def whole(text: str) -> str:
    number = float(text)
    return str(int(number)) if number.is_integer() else text"""


def _helpers(listed: Iterable[Column], *, has_whole: bool) -> str:
    """Return the helpers that read and write single cells."""
    listed = list(listed)
    roles = {column.role for column in listed}
    plain = [
        'def _plain(text: str, column: Column) -> float | str | None:\n    """Return one cell as its column reads it."""'
    ]
    roots = {"_label_in"}
    for role, (lines, root) in _PLAIN.items():
        if role in roles:
            plain.append(lines)
            roots.add(root)
    plain.append("    return _label_in(text.strip(), column.dtype)")
    read = "def read_value(value: str, column: Column) -> float | str | None:\n    return _plain(value, column)"
    if any(column.has_rules for column in listed):
        read = ""
        roots.add("read_value")
    parts = [*_reached(reading, roots), "\n".join(plain)]
    if any("_label(" in part for part in parts):
        parts.append(_LABEL)
    parts.extend([read] if read else [])
    parts.extend([_WHOLE] if has_whole else [])
    picked = "cells.map(whole, na_action='ignore') if column.name in WHOLE else cells" if has_whole else "cells"
    parts.append(_READ.replace("{cells}", picked))
    parts.extend(_reached(writing, {"write_cell", "write_csv"}))
    constants = [part for part in parts if not part.startswith(("def ", "@"))]
    functions = [part for part in parts if part.startswith(("def ", "@"))]
    return "\n\n\n".join(["\n".join(constants), *functions])


def _reached(module: ModuleType, roots: set[str]) -> list[str]:
    """Return the source of everything at the top of a module that ``roots`` need, in its order."""
    source = inspect.getsource(module)
    lines = source.splitlines()
    parts: dict[str, tuple[str, set[str]]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            names, first = [node.name], min([node.lineno, *(item.lineno for item in node.decorator_list)])
        elif isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
            names, first = [target.id for target in node.targets if isinstance(target, ast.Name)], node.lineno
        else:
            continue
        text = "\n".join(lines[first - 1 : node.end_lineno])
        used = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
        parts.update(dict.fromkeys(names, (text, used)))
    needed, todo = set(), [root for root in roots if root]
    while todo:
        name = todo.pop()
        if name in parts and name not in needed and name not in PROVIDED:
            needed.add(name)
            todo.extend(parts[name][1])
    return list(dict.fromkeys(text for name, (text, _) in parts.items() if name in needed))


def _columns_part(listed: dict[str, Column], steps: tuple[CleanStep, ...]) -> str:
    """Return the columns, each under the reasons of its steps."""
    lines = ["COLUMNS = ["]
    for column in listed.values():
        for step in steps:
            if step.column == column.name:
                origin = "stated" if step.origin == "stated" else "found"
                lines.append(f"    # {step.op} ({origin}, {step.rows} rows): {step.reason.en}".replace("\n", " "))
        made = [repr(column.name), f"role={column.role!r}", f"dtype={column.dtype!r}"]
        made += [
            f"{name}={value!r}"
            for name in _RULES
            if (value := getattr(column, name)) not in ((), {}) and value is not None and value is not False
        ]
        line = f"    Column({', '.join(made)}),"
        lines.append(
            line
            if len(line) <= 120
            else "    Column(\n" + "\n".join(_wrapped(made, 112)).replace("    ", "        ") + "\n    ),"
        )
    return "\n".join([*lines, "]"])


def _clean_part(names: set[str]) -> str:
    """Return the function that does the work."""
    lines = [
        "def clean(source: str, result: str) -> None:",
        '    """Read the table in ``source`` and write the cleaned one to ``result``."""',
        "    table = pd.read_csv(",
        "        source, sep=SEPARATOR, encoding=ENCODING, header=None, names=NAMES, skiprows=HEADER_LINES, index_col=False,",
        "        dtype=str, keep_default_na=False, na_values=MISSING,",
        "    )",
        "    read = {column.name: read_cells(table[column.name], column) for column in COLUMNS}",
        "    text = {",
        "        column.name: [write_cell(value, column.role) for value in read[column.name]] for column in COLUMNS",
        "    }",
        '    keep = [cell != "" for cell in text[TARGET]]  # nothing to learn from without an answer',
    ]
    if "REQUIRED" in names:
        lines += [
            "    for name in REQUIRED:",
            '        keep = [kept and cell != "" for kept, cell in zip(keep, text[name])]',
        ]
    if "DROPPED" in names:
        lines += ["    for row in DROPPED:", "        keep[row] = False"]
    if "SINGLE" in names:
        lines.append("    keep = [kept and cell not in SINGLE for kept, cell in zip(keep, text[TARGET])]")
    lines += [
        "    made = {name: [cell for cell, kept in zip(text[name], keep) if kept] for name in [*INPUTS, TARGET]}",
        '    with open(result, "w", encoding="utf-8", newline="") as file:',
        "        file.write(write_csv(made))",
        "",
        "",
        'if __name__ == "__main__":',
        "    if len(sys.argv) != 3:",
        '        sys.exit(f"Usage: python {sys.argv[0]} IN.csv OUT.csv")',
        "    clean(sys.argv[1], sys.argv[2])",
    ]
    return "\n".join(lines)
