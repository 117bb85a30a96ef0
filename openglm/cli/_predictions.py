"""New rows in, answers out in the same order: ``prediction``, and one ``proba_<class>`` for each class."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from openglm.core import store
from openglm.core.columns import read_value
from openglm.core.errors import InputError
from openglm.core.task import CLASSIFICATION
from openglm.core.words import Language, Said

if TYPE_CHECKING:
    import pandas as pd

    from openglm.core.pipeline import Pipeline

WRITERS = (".csv", ".tsv", ".parquet", ".jsonl")
_NOTHING = re.compile(
    r"\W*|#.*|n\.?/?a\.?|none|null|nil|nan|nat|missing|unknown|unk|不详|未知|暂无|暂无数据|无|缺失|空", re.I
)
"""What people write where a value is missing: marks without a letter or digit, errors of Excel, and these words."""

_EXAMPLE = 40
"""Characters of an example: a warning is one line."""


@dataclass(frozen=True)
class Unreadable:
    """Cells of a number or date column that are filled but cannot be read, and so count as missing."""

    column: str
    role: str
    cells: int
    example: str

    def text(self, language: Language) -> str:
        """Return it as a sentence."""
        kind = ("date", "日期") if self.role == "date" else ("number", "数值")
        cells = "1 cell" if self.cells == 1 else f"{self.cells} cells"
        return Said(
            en=f"Column '{self.column}': {cells} cannot be read as a {kind[0]} and count as missing, e.g. '{self.example}'",
            zh=f"列“{self.column}”: {self.cells} 个单元格无法读作{kind[1]},按缺失处理,例如“{self.example}”",
        ).text(language)

    def plain(self, language: Language) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "code": "unreadable", "column": self.column, "cells": self.cells, "example": self.example,
            "message": self.text(language),
        }  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """Predictions and what was noticed about the new rows.

    Parameters
    ----------
    frame : DataFrame
        ``prediction`` and, for classes, ``proba_<class>``; one row for each new row.
    ignored : tuple of str
        Columns that the model does not use; the target is not among them.
    unseen : dict of str to int
        Category column → cells with a value that training never showed.
    unreadable : tuple of Unreadable
        Number and date columns with cells that became missing.
    """

    frame: pd.DataFrame
    ignored: tuple[str, ...]
    unseen: dict[str, int]
    unreadable: tuple[Unreadable, ...] = ()

    def remarks(self, language: Language) -> list[str]:
        """Return what was noticed as sentences."""
        said = []
        if self.ignored:
            names = ", ".join(self.ignored[:8]) + (" …" if len(self.ignored) > 8 else "")
            said.append(
                Said(en=f"Ignored columns the model does not use: {names}", zh=f"已忽略模型未使用的列: {names}").text(
                    language
                )
            )
        for name, cells in self.unseen.items():
            said.append(
                Said(
                    en=f"Column '{name}': {cells} cells with values unseen in training, treated as unknown",
                    zh=f"列“{name}”: {cells} 个单元格的取值在训练中未出现,按未知处理",
                ).text(language)
            )
        return said + [item.text(language) for item in self.unreadable]


def predict(pipeline: Pipeline, source: str, sheet: str | None = None) -> Answers:
    """Return the answers for every row of ``source``.

    Raises
    ------
    SourceError, ColumnError
        If the table cannot be read or lacks a column.
    """
    import pandas as pd

    from openglm.core.tables import read_table

    table = read_table(source, sheet=sheet)
    x = pipeline.read(table)
    outputs = pipeline.outputs(x)
    answers: dict[str, Any] = {"prediction": pipeline.decide(outputs)}
    if pipeline.task.kind in CLASSIFICATION:
        answers |= {f"proba_{label}": outputs[:, i] for i, label in enumerate(pipeline.classes)}
    used = {name.strip().casefold() for name in (*pipeline.schema.names, pipeline.task.target or "")}
    ignored = tuple(str(name) for name in table.columns if str(name).strip().casefold() not in used)
    return Answers(pd.DataFrame(answers), ignored, _unseen(pipeline, x), _unreadable(pipeline, table, x))


def _unreadable(pipeline: Pipeline, table: pd.DataFrame, x: Any) -> tuple[Unreadable, ...]:
    places = {str(name): i for i, name in reversed(list(enumerate(table.columns)))}
    folded = {
        name.strip().casefold(): i for name, i in places.items()
    }  # names were matched like this when they were read
    found = []
    for column in pipeline.schema.columns:
        if column.role not in ("numeric", "date"):
            continue
        place = places[column.name] if column.name in places else folded[column.name.strip().casefold()]
        cells = table[table.columns[place]][np.isnan(x[column.name])].dropna()
        lost = [text for text in map(str, cells) if not _NOTHING.fullmatch(text.strip())]
        if lost:
            found.append(Unreadable(column.name, column.role, len(lost), lost[0][:_EXAMPLE]))
    return tuple(found)


def _unseen(pipeline: Pipeline, x: Any) -> dict[str, int]:
    found = {}
    for column in pipeline.schema.columns:
        if column.role == "category" and column.levels:  # levels are listed up to 50; beyond that it would not be cheap
            known = {read_value(level, column) for level in column.levels}
            cells = sum(value is not None and value not in known for value in np.asarray(x[column.name], dtype=object))
            if cells:
                found[column.name] = int(cells)
    return found


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write the answers in one step, in the format that the file's ending names.

    Raises
    ------
    InputError
        If the ending is none of :data:`WRITERS`.
    StorageError
        If the place cannot be written.
    """
    suffix = path.suffix.casefold()
    if suffix == ".parquet":
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        store.write_bytes(path, buffer.getvalue())
    else:
        store.write_text(path, text(frame, suffix))


def check_file(path: Path) -> None:
    """Refuse an unknown ending, a folder, or a place in a folder that does not exist, before any work is done."""
    if path.is_dir():
        raise InputError(
            Said(en=f"{path} is a folder.", zh=f"{path} 是一个目录。"),
            hint=Said(en=f"Name a file in it: -o {path / 'pred.csv'}", zh=f"请指定其中的文件: -o {path / 'pred.csv'}"),
        )
    if path.suffix.casefold() not in WRITERS:
        known = " ".join(WRITERS)
        raise InputError(
            Said(en=f"Predictions cannot be written as '{path.name}'.", zh=f"无法将预测写成“{path.name}”。"),
            hint=Said(en=f"Use one of these endings: {known}", zh=f"请使用以下后缀之一: {known}"),
        )
    if not path.parent.is_dir():
        raise InputError(
            Said(en=f"The folder {path.parent} does not exist.", zh=f"目录 {path.parent} 不存在。"),
            hint=Said(
                en=f"Make it first, or write here: -o {path.name}", zh=f"请先创建该目录,或写到当前目录: -o {path.name}"
            ),
        )


def text(frame: pd.DataFrame, suffix: str = ".csv") -> str:
    """Return the answers as CSV, TSV or JSON lines."""
    if suffix == ".jsonl":
        return str(frame.to_json(orient="records", lines=True, force_ascii=False))
    return str(frame.to_csv(index=False, sep="\t" if suffix == ".tsv" else ",", lineterminator="\n"))
