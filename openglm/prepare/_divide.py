"""Carry a split out over the usable rows, as far as they allow, and keep aside what ties them together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_column
from openglm.core.dataset import Dataset, Raw
from openglm.core.errors import InputError
from openglm.core.finding import Finding
from openglm.core.plan import Split
from openglm.core.task import CLASSIFICATION
from openglm.core.words import Said, plural
from openglm.prepare._groups import Bonds, as_asked, group_codes, time_values
from openglm.prepare._split import again, copies, default_split, group_rows, split_rows, time_rows
from openglm.prepare._target import Target

Ints = NDArray[np.int64]
Divided = tuple[Split, Ints, Ints, NDArray[np.int8], dict[str, NDArray[Any]]]

FEWEST_GROUPS = 3  # one to seal, two to learn from
SEALED_BETWEEN = 0.25, 2.5  # times the wanted share; outside, one group or moment holds most rows. Our own choice


def divide(raw: Raw, target: Target, copies: Ints, split: Split, findings: list[Finding]) -> Divided:
    """Return the split as it was carried out, training rows, sealed rows, folds, and the columns kept aside.

    Parameters
    ----------
    raw : Raw
        With the columns of group and time.
    target : Target
        Class codes or values of the usable rows.
    copies : ndarray of shape (rows,)
        As :func:`openglm.prepare._split.copies` returns it.
    split : Split
        As wanted. Where the rows do not allow it (one group, one moment, a sealed part with a single class), rows are drawn at
        random instead, and a finding says so.
    findings : list of Finding
        Grows.
    """
    strata = target.kind in CLASSIFICATION
    aside = _aside(raw, target.rows, split)
    if split.method in ("group", "group-time", "time"):
        problem = _problem(split, aside)
        if problem is None:
            wanted = _fitting(split, target, strata)
            parts = _tied(wanted, target, aside, strata)
            problem = _one_sided(target, *parts) or _lopsided(wanted, *parts[:2])
            if problem is None:
                findings.append(_chosen(wanted))
                used = int(parts[2].max()) + 1
                return wanted.model_copy(update={"folds": used}), *parts, _values(raw, target.rows, split)
        findings.append(_fallen_back(split, problem))
        split = split.model_copy(update={"method": "random", "group": (), "time": None, "reason": _instead(problem)})
    wanted = _fitting(split, target, strata)
    return wanted, *split_rows(target.y, copies, wanted, strata=strata), {}


def asked(raw: Raw, target: Target, text: str, seed: int) -> Split:
    """Return the split that a text such as ``group:customer_id`` asks for.

    Raises
    ------
    InputError, ColumnError
        If it asks for nothing known, or for the target.
    """
    method, group, time = as_asked(raw.schema, text)
    bonds = Bonds(group, time, method == "group-time", Said(en="as asked", zh="按要求"))
    strata = target.kind in CLASSIFICATION
    split = default_split(len(target.rows), strata, seed, bonds)
    if method in ("random", "stratified"):
        reason = Said(en=f"as asked; {split.reason.en}", zh=f"按要求；{split.reason.zh}")
        split = split.model_copy(update={"method": "stratified" if strata else "random", "reason": reason})
    return checked(raw, target, split)


def checked(raw: Raw, target: Target, split: Split) -> Split:
    """Return a split that a person wrote, its columns spelt as the table does.

    Raises
    ------
    InputError, ColumnError
        If a column is missing, unknown or the target.
    """
    group = tuple(raw.schema.resolve(name) for name in split.group)
    time = None if split.time is None else raw.schema.resolve(split.time)
    if split.method in ("group", "group-time") and not group:
        raise InputError(Said(en="A split by groups needs a column.", zh="按组划分需要指定分组列。"), hint=OVERRIDE)
    if split.method in ("time", "group-time") and time is None:
        raise InputError(Said(en="A split along time needs a column.", zh="按时间划分需要指定时间列。"), hint=OVERRIDE)
    if target.name in (*group, time):
        raise InputError(
            Said(
                en=f"'{target.name}' is to be predicted; the rows cannot be split by it.",
                zh=f"“{target.name}”是预测目标，不能用来划分数据。",
            ),
            hint=OVERRIDE,
        )
    tied = {"group": (group, None), "time": ((), time), "group-time": (group, time)}.get(split.method, ((), None))
    return split.model_copy(update={"group": tied[0], "time": tied[1]})


def fold_again(data: Dataset, seed: int, *, honest: bool) -> NDArray[np.int8]:
    """Return other folds of the training rows: as the split wants them, or as if all rows were exchangeable.

    Parameters
    ----------
    data : Dataset
        With its training rows.
    seed : int
        Of the folds.
    honest : bool
        Whether groups stay whole. Exact copies of a row stay together in any case. Time is not turned back by other folds, so
        a split along time has none.
    """
    rows = data.train
    groups = None
    if honest and data.split.method == "group":
        groups = _joint([rows.aside[name] for name in data.split.group])
    split = data.split.model_copy(update={"seed": seed, "folds": data.n_folds})
    return again(rows.y, copies(rows.x, rows.y), groups, split, strata=data.task.kind in CLASSIFICATION)


def _joint(columns: list[NDArray[Any]]) -> Ints:
    """Return a number for each row, equal where all columns are; a row with a gap is a group of its own."""
    import pandas as pd

    total, gap = np.zeros(len(columns[0]), dtype=np.int64), np.zeros(len(columns[0]), dtype=bool)
    for values in columns:
        codes = pd.factorize(values)[0].astype(np.int64)
        gap |= codes < 0
        total = np.unique(total * (codes.max(initial=0) + 1) + np.maximum(codes, 0), return_inverse=True)[1]
    total[gap] = total.max(initial=0) + 1 + np.arange(int(gap.sum()))
    return total.astype(np.int64)


def _aside(raw: Raw, rows: Ints, split: Split) -> dict[str, NDArray[Any]]:
    """Return group numbers and times of the rows."""
    made: dict[str, NDArray[Any]] = {}
    if split.method in ("group", "group-time"):
        made["group"] = group_codes(raw, split.group, rows)
    if split.method in ("time", "group-time"):
        made["time"] = time_values(raw, str(split.time), rows)
    return made


def _values(raw: Raw, rows: Ints, split: Split) -> dict[str, NDArray[Any]]:
    """Return the columns themselves, typed, under their own names."""
    made: dict[str, NDArray[Any]] = {}
    for name in split.group:
        column = raw.schema[name]
        role = column.role if column.role in ("numeric", "date") else "category"
        cells = raw.frame.iloc[:, raw.schema.names.index(name)]
        made[name] = read_column(cells, column.model_copy(update={"role": role}))[rows]
    if split.time:
        made[split.time] = time_values(raw, split.time, rows)
    return made


def _problem(split: Split, aside: dict[str, NDArray[Any]]) -> Said | None:
    """Return why the rows cannot be split so."""
    if "group" in aside:
        count = len(np.unique(aside["group"]))
        if count < FEWEST_GROUPS:
            return Said(
                en=f"there {'is' if count == 1 else 'are'} only {plural(count, 'group')}", zh=f"只有 {count} 个组"
            )
    if "time" in aside:
        known = aside["time"][np.isfinite(aside["time"])]
        if len(np.unique(known)) < 2 or len(known) < len(aside["time"]) / 2:
            return Said(en=f"'{split.time}' holds too few different times", zh=f"“{split.time}”中不同的时间点太少")
    return None


def _tied(
    split: Split, target: Target, aside: dict[str, NDArray[Any]], strata: bool
) -> tuple[Ints, Ints, NDArray[np.int8]]:
    if split.method == "group":
        return group_rows(target.y, aside["group"], split, strata=strata)
    return time_rows(aside["time"], split, aside.get("group"))


def _one_sided(target: Target, train: Ints, sealed: Ints, folds: NDArray[np.int8]) -> Said | None:
    """Return what is wrong with parts that hold nothing, or a single class."""
    if not len(sealed) or not len(train) or not (folds >= 0).any() or folds.max() < 0:
        return Said(en="one part would be empty", zh="某一部分会没有数据")
    if target.kind in CLASSIFICATION and min(len(np.unique(target.y[part])) for part in (train, sealed)) < 2:
        return Said(en="one part would hold a single class", zh="某一部分会只有一个类别")
    return None


def _lopsided(split: Split, train: Ints, sealed: Ints) -> Said | None:
    """Return what is wrong with parts of quite another size than wanted."""
    share = len(sealed) / (len(sealed) + len(train))
    if SEALED_BETWEEN[0] <= share / split.sealed_share <= SEALED_BETWEEN[1] and share <= 0.6:
        return None
    what = ("moment", "时间点") if split.method == "time" else ("group", "组")
    return Said(
        en=f"one {what[0]} holds so many rows that {share:.0%} of them would be sealed",
        zh=f"单个{what[1]}的行数过多，封存部分会占 {share:.0%}",
    )


def _instead(problem: Said) -> Said:
    return Said(en=f"at random, because {problem.en}", zh=f"改为随机划分，因为{problem.zh}")


OVERRIDE = Said(
    en="To split otherwise, say so: --split random, group:COLUMN, time:COLUMN or group-time:COLUMN,TIME_COLUMN (in Python "
    "split=…), or change 'split' in the plan.",
    zh="如需其他划分方式，请使用 --split random、group:列名、time:列名 或 group-time:列名,时间列名(Python 中为 split=…)，"
    "或修改计划中的 split。",
)


def _chosen(split: Split) -> Finding:
    """Return what is said about rows that are not split at random."""
    what = {
        "group": ("by groups", "按组划分"), "time": ("along time", "按时间划分"),
        "group-time": ("by groups along time", "按组和时间划分"),
    }[split.method]  # fmt: skip
    return Finding(
        severity="note", code="split-time" if split.method == "time" else "split-group",
        column=split.time if split.method == "time" else split.group[0],
        message=Said(
            en=f"The rows are split {what[0]}: {split.reason.en}.", zh=f"数据{what[1]}：{split.reason.zh}。"
        ),
        fix=OVERRIDE,
    )  # fmt: skip


def _fallen_back(split: Split, problem: Said) -> Finding:
    what = {"group": ("groups", "分组"), "time": ("time", "时间"), "group-time": ("groups and time", "分组与时间")}
    en, zh = what[split.method]
    return Finding(
        severity="warning", code="split-fallback",
        message=Said(en=f"The rows cannot be split by {en}: {problem.en}.", zh=f"无法按{zh}划分: {problem.zh}。"),
        fix=Said(
            en="They are split at random instead; if they depend on each other, the scores are too good.",
            zh="已改为随机划分;若各行并不独立,分数会偏高。",
        ),
    )  # fmt: skip


def _fitting(split: Split, target: Target, strata: bool) -> Split:
    """Make the split possible: folds for the rows and the rarer class there are, strata only where there are classes."""
    rows = len(target.y)
    train = max(2, rows - max(1, round(rows * split.sealed_share)))
    most = train
    if target.kind == "binary":
        rare = int(np.bincount(target.y).min())
        most = max(2, rare - max(1, round(rare * split.sealed_share)))
    folds = split.folds if split.folds == 1 else max(2, min(split.folds, most))
    method = split.method
    if method in ("stratified", "random"):
        method = "stratified" if strata else "random"
    reason = split.reason
    if folds != split.folds:
        reason = (
            Said(en=f"{folds} folds, because the rarer class has few rows", zh=f"{folds} 折，因为少数类的行数很少")
            if target.kind == "binary"
            else Said(en=f"{folds} folds: few rows", zh=f"{folds} 折：行数很少")
        )
    return split.model_copy(update={"method": method, "folds": folds, "reason": reason})
