"""The work of the room: a source becomes ``Raw``, a task over it becomes a ``Dataset``, and what was noticed is said."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.cleaning import CleanStep
from openglm.core.columns import read_column
from openglm.core.dataset import Dataset, Raw, Rows
from openglm.core.errors import DataError, PlanError
from openglm.core.evidence import Suspect
from openglm.core.finding import Finding
from openglm.core.plan import Split
from openglm.core.schema import Column, Schema
from openglm.core.tables import read_table, remarks, source_name
from openglm.core.task import CLASSIFICATION, Task
from openglm.core.words import Said
from openglm.prepare import _notes, _personal
from openglm.prepare._checks import look
from openglm.prepare._clean import clean
from openglm.prepare._court import court, findings_of, table_findings
from openglm.prepare._divide import asked, checked, divide
from openglm.prepare._groups import entity_column, find_bonds
from openglm.prepare._infer import infer_schema
from openglm.prepare._sensitive import find_sensitive, read_sensitive
from openglm.prepare._sight import coded_at, is_words, repeats
from openglm.prepare._split import default_split
from openglm.prepare._target import Target, guess_kind, read_target

if TYPE_CHECKING:
    import pandas as pd

NOTHING_TO_LEARN = ("id", "constant", "empty")
COPIES = ("copy", "linear-copy")  # the target itself: not even the last column is kept then


def load(source: Any, *, sheet: str | int | None = None) -> Raw:
    """Return a table with its schema and fingerprint.

    Parameters
    ----------
    source : path, DataFrame, polars or Arrow table, dict of columns, list of dicts, 2-D array, or Raw
        See :func:`openglm.core.tables.read_table`.
    sheet : str, int or None
        Of an Excel file.

    Raises
    ------
    SourceError, DataError
        If it cannot be read or is no table with rows.
    """
    if isinstance(source, Raw):
        return source
    frame = read_table(source, sheet=sheet)
    return Raw(frame, infer_schema(frame), source_name(source), fingerprint(frame))


def fingerprint(frame: pd.DataFrame) -> str:
    """Return a hash of all names and values, the same in every process: 32 hexadecimal digits."""
    import pandas as pd

    total = hashlib.blake2b(digest_size=16)
    total.update(repr((len(frame), list(frame.columns))).encode("utf-8", errors="replace"))
    for place, (_, cells) in enumerate(frame.items()):
        words = coded_at(frame, place, cells)
        if words is not None:
            texts = pd.util.hash_array(words.distinct.to_numpy(dtype=object), categorize=False)
            total.update(np.append(texts, np.uint64(2**64 - 1))[words.codes].tobytes())
            continue
        values = cells.to_numpy() if getattr(cells.dtype, "kind", "O") in "biuf" else None
        if values is not None and values.dtype != object:
            total.update(values.dtype.str.encode() + np.ascontiguousarray(values).tobytes())
            continue
        try:
            hashes = pd.util.hash_pandas_object(cells, index=False)
        except (TypeError, ArithmeticError):  # cells without a hash, such as lists
            hashes = pd.util.hash_pandas_object(cells.map(repr).astype(object), index=False)
        total.update(hashes.to_numpy().tobytes())
    return total.hexdigest()


def prepare(
    raw: Raw, task: Task, *, split: Split | str | None = None, cleaning: Sequence[CleanStep] | None = None, seed: int = 0,
    seconds: float | None = None,
) -> tuple[Dataset, tuple[Finding, ...]]:  # fmt: skip
    """Return the typed and split data of a task, and everything noticed on the way.

    Parameters
    ----------
    raw : Raw
        As ``load`` returns it; left untouched.
    task : Task
        What to learn. ``inputs`` are the only columns used when given, and are kept even if they look useless or leaky;
        ``excluded`` are left out. Names may differ in case and outer blanks.
    split : Split, str or None
        How to keep rows apart, or a text such as ``group:customer_id``; chosen by what ties rows together when missing.
    cleaning : sequence of CleanStep or None
        All that shall be done to the table, as in an edited plan; proposed by the data and the task's rules when ``None``.
    seed : int
        Of the split, when ``split`` does not bring its own.
    seconds : float or None
        About as much CPU time as looking for leaks may cost; on large tables fewer rows are looked at.

    Returns
    -------
    dataset : Dataset
        Its task has ``inputs``, ``ids``, ``kind`` and, for two classes, ``positive_class`` filled in.
    findings : tuple of Finding
        More than 20 of one code are folded into one.

    Raises
    ------
    ColumnError
        If the task names a column that does not exist.
    DataError
        If nothing can be learned from the table.
    """
    task = _resolved(raw.schema, task)
    noticed = remarks(raw.frame)
    cleaned, said = clean(raw, task, cleaning)
    raw = cleaned.raw
    target = read_target(raw, task)
    index = cleaned.rows[target.rows]
    findings = [*noticed, *said, *target.findings]
    if target.kind == "regression":
        place = raw.schema.names.index(target.name)
        findings.extend(_notes.target_read_as(raw.schema[target.name], raw.frame.iloc[:, place]))
    columns, ids = _inputs(raw.schema, task, target, findings)
    x = _typed(raw, columns, target.rows, findings)
    groups = repeats(x, target.y)
    repeated = len(groups) - int(groups.max()) - 1
    if repeated:
        findings.append(_notes.copied(repeated, len(groups)))
    unused = set(raw.schema.names) - {column.name for column in columns} - {target.name}
    findings.extend(look(raw, target=target.name, without=unused))
    split = split or task.split
    if isinstance(split, str):
        split = asked(raw, target, split, seed)
    elif split is not None:
        split = checked(raw, target, split)
    else:
        bonds = find_bonds(raw, target.name, target.y, target.rows, group=task.group_column, time=task.time_column)
        split = default_split(len(target.rows), target.kind in CLASSIFICATION, seed, bonds)
    wanted, train, sealed, folds, aside = divide(raw, target, groups, split, findings)
    columns = _without_groups(columns, wanted, task, findings)
    columns = _without_entity(columns, raw, target, wanted, task, findings)
    x = {column.name: x[column.name] for column in columns}
    train_rows = Rows(x, target.y, index, aside).take(train)
    suspects = _leaks(
        train_rows, folds, wanted, target, columns=columns, named=task.inputs, seconds=seconds, findings=findings
    )
    out = {suspect.column for suspect in suspects if not suspect.kept}
    kept = [column for column in columns if column.name not in out]
    sensitive = find_sensitive(raw.schema, task.constraints.fairness_attribute, without=[target.name])
    aside = {**read_sensitive(raw, sensitive, target.rows), **aside}
    rows = Rows({column.name: x[column.name] for column in kept}, target.y, index, aside)
    done = task.model_copy(
        update={
            "kind": target.kind, "target": target.name, "inputs": tuple(column.name for column in kept), "ids": ids,
            "positive_class": target.classes[1] if target.kind == "binary" else None,
        }
    )  # fmt: skip
    schema = Schema(columns=tuple(kept), rows=raw.schema.rows)
    dataset = Dataset(
        done,
        schema,
        target.classes,
        wanted,
        rows.take(train),
        folds,
        rows.take(sealed),
        cleaned.steps,
        suspects,
        sensitive,
    )
    return dataset, _notes.fold(findings)


def check(raw: Raw, target: str | None = None) -> tuple[Finding, ...]:
    """Return what is noticed about a table without training.

    Parameters
    ----------
    raw : Raw
        As ``load`` returns it.
    target : str or None
        Column that shall be predicted: it and its leaks are checked too. What makes learning impossible is a ``blocker``.

    Raises
    ------
    ColumnError
        If there is no such target.
    """
    if target is not None:
        name = raw.schema.resolve(target)
        kind = guess_kind(raw.schema[name])
        try:
            return prepare(raw, Task(kind=kind, target=name, metric=""))[1]
        except DataError as error:
            blocker = Finding(
                severity="blocker", code="target-unusable", column=name, message=error.message, fix=error.hint
            )
        return (blocker, *(item for item in check(raw) if item.column != name))  # nothing is done with a target
    findings: list[Finding] = [*remarks(raw.frame)]
    findings += [_personal.finding(c, kept=False) for c in raw.schema.columns if c.personal]
    plain = [column for column in raw.schema.columns if not column.personal]
    findings.extend(_notes.dropped(c) for c in plain if c.role in NOTHING_TO_LEARN)
    columns = [column for column in plain if column.role not in NOTHING_TO_LEARN]
    x = _typed(raw, columns, np.arange(len(raw.frame)), findings)
    groups = repeats(x, np.zeros(len(raw.frame)))
    repeated = len(groups) - int(groups.max()) - 1
    if repeated and columns:
        findings.append(_notes.copied(repeated, len(groups)))
    findings.extend(look(raw, without=[column.name for column in raw.schema.columns if column.personal]))
    return _notes.fold(findings)


def _resolved(schema: Schema, task: Task) -> Task:
    """Spell every column as the table does."""
    if task.kind not in ("binary", "multiclass", "regression"):
        raise PlanError(
            Said(en=f"Tables are not yet prepared for {task.kind} tasks.", zh=f"暂不支持为 {task.kind} 任务准备表格。"),
            hint=Said(en="Ask for classification or regression.", zh="请使用分类或回归任务。"),
        )
    inputs = tuple(dict.fromkeys(schema.resolve(name) for name in task.inputs))
    excluded = tuple(dict.fromkeys(schema.resolve(name) for name in task.excluded))
    limits, fair = task.constraints, task.constraints.fairness_attribute
    if fair is not None:
        limits = limits.model_copy(update={"fairness_attribute": schema.resolve(fair)})
    return task.model_copy(update={"inputs": inputs, "excluded": excluded, "constraints": limits})


def _inputs(
    schema: Schema, task: Task, target: Target, findings: list[Finding]
) -> tuple[list[Column], tuple[str, ...]]:
    """Return the columns to learn from and the ids left out; say why each other column is not used."""
    columns: list[Column] = []
    ids: list[str] = []
    for column in schema.columns:
        if column.name == target.name:
            continue
        if column.name in task.excluded:
            findings.append(_notes.excluded(column.name))
        elif task.inputs and column.name not in task.inputs:
            continue
        elif column.personal and not task.inputs:
            findings.append(_personal.finding(column, kept=False))
            ids.extend([column.name] if column.role == "id" else [])
        elif column.role in NOTHING_TO_LEARN and not (column.role == "id" and task.inputs):
            findings.append(_notes.dropped(column))
            ids.extend([column.name] if column.role == "id" else [])
        elif column.role == "id":  # asked for by name
            columns.append(
                column.model_copy(update={"role": "numeric" if column.dtype in ("int", "float") else "category"})
            )
        else:
            columns.append(column)
    findings.extend(_personal.finding(column, kept=True) for column in columns if column.personal)
    if not columns:
        raise DataError(
            Said(
                en=f"Besides the target '{target.name}' no column is left to learn from.",
                zh=f"除目标“{target.name}”外没有可供学习的列。",
            ),
            hint=Said(
                en="Ids, constants and empty columns carry nothing; add others, or exclude fewer.",
                zh="标识列、常量列和空列不含信息;请增加其他列,或减少排除的列。",
            ),
        )
    return columns, tuple(ids)


def _typed(
    raw: Raw, columns: list[Column], rows: NDArray[np.int64], findings: list[Finding]
) -> dict[str, NDArray[Any]]:
    """Read the columns at ``rows`` and say what reading them meant."""
    places = {name: (i, cells) for i, (name, cells) in enumerate(zip(raw.schema.names, _cells(raw.frame), strict=True))}
    whole = len(rows) == len(raw.frame)
    x: dict[str, NDArray[Any]] = {}
    for column in columns:
        place, cells = places[column.name]
        typed = read_column(cells, column, coded_at(raw.frame, place, cells))
        findings.extend(_notes.read_as(column, cells, typed))
        x[column.name] = typed if whole else typed[rows]
        full = is_words(cells) and typed.dtype == object and not column.missing and not column.has_rules
        gap = None if full else _notes.missing(column, x[column.name])
        if gap is not None:
            findings.append(gap)
    return x


def _cells(frame: pd.DataFrame) -> Iterator[pd.Series]:
    """Yield the columns of a frame; one after the other they come several times faster than by place."""
    return (cells for _, cells in frame.items())


def _leaks(
    rows: Rows, folds: NDArray[np.int8], split: Split, target: Target, *, columns: list[Column], named: tuple[str, ...],
    seconds: float | None, findings: list[Finding],
) -> tuple[Suspect, ...]:  # fmt: skip
    """Judge the inputs that may give the target away; what is no copy of it is kept where there is nothing else to learn from.

    Raises
    ------
    DataError
        If every input is a copy of the target.
    """
    times = rows.aside[split.time] if split.time else None
    times = times if times is not None and times.dtype != object else None
    forward = split.time is not None
    suspects = court(
        rows.x, rows.y, folds, columns=tuple(columns), kind=target.kind, target=target.name, named=named, keys=rows.aside,
        times=times, forward=forward, order=rows.index, seconds=seconds, seed=split.seed,
    )  # fmt: skip
    out = {suspect.column for suspect in suspects if not suspect.kept}
    if out >= set(rows.x):
        spared = {suspect.column for suspect in suspects if not suspect.kept and suspect.codes[0] not in COPIES}
        suspects = tuple(s.model_copy(update={"kept": True}) if s.column in spared else s for s in suspects)
        if not spared:
            raise DataError(
                Said(
                    en=f"Every input column gives the target '{target.name}' away, so there is nothing to learn.",
                    zh=f"所有输入列都直接泄露目标“{target.name}”,没有可学习的内容。",
                ),
                hint=Said(
                    en="If they really are known before the prediction, name them as inputs: inputs=[…].",
                    zh="若预测前确实已知这些列,请明确指定为输入: inputs=[…]。",
                ),
            )
    findings.extend(findings_of(suspects, len(rows)))
    findings.extend(
        table_findings(rows.x, rows.y, folds, kind=target.kind, times=times, forward=forward, order=rows.index)
    )
    return suspects


def _without_groups(columns: list[Column], split: Split, task: Task, findings: list[Finding]) -> list[Column]:
    """Return the inputs without the column that names the group: the rows to come belong to groups that are not known yet."""
    if split.method not in ("group", "group-time") or len(split.group) != 1 or split.group[0] in task.inputs:
        return columns
    left = [column for column in columns if column.name != split.group[0]]
    if len(left) < len(columns) and left:
        findings.append(_notes.group_left_out(split.group[0]))
        return left
    return columns


def _without_entity(
    columns: list[Column], raw: Raw, target: Target, split: Split, task: Task, findings: list[Finding]
) -> list[Column]:
    """Return the inputs of a split along time without the id of the entity: as a number it is no quantity."""
    if split.method != "time":
        return columns
    entity = entity_column(raw, target.name, target.rows)
    left = [column for column in columns if entity is None or column.name != entity.name]
    if entity is None or entity.name in task.inputs or len(left) == len(columns) or not left:
        return columns
    findings.append(_notes.entity_left_out(entity.name))
    return left
