"""New rows in, answers out in the same order: ``prediction``, and one ``proba_<class>`` for each class."""

from __future__ import annotations

import io
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
    """

    frame: pd.DataFrame
    ignored: tuple[str, ...]
    unseen: dict[str, int]

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
        return said


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
    return Answers(pd.DataFrame(answers), ignored, _unseen(pipeline, x))


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


def check_ending(path: Path) -> None:
    """Refuse an unknown ending or a folder before any work is done."""
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


def text(frame: pd.DataFrame, suffix: str = ".csv") -> str:
    """Return the answers as CSV, TSV or JSON lines."""
    if suffix == ".jsonl":
        return str(frame.to_json(orient="records", lines=True, force_ascii=False))
    return str(frame.to_csv(index=False, sep="\t" if suffix == ".tsv" else ",", lineterminator="\n"))
