"""Tables on their way to a model: ``Raw`` as it was read, ``Dataset`` typed and split. They hold arrays, so they are not JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openglm.core import store
from openglm.core.cleaning import CleanStep
from openglm.core.evidence import Suspect
from openglm.core.parts import Columns, Facts
from openglm.core.plan import Split
from openglm.core.schema import Scalar, Schema
from openglm.core.task import CLASSIFICATION, Task
from openglm.core.words import Word

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Raw:
    """A table as it was read.

    Parameters
    ----------
    frame : DataFrame
        Values as the source has them, column names as it spells them.
    schema : Schema
        Of every column.
    source : str
        For people: a path, or "DataFrame".
    fingerprint : str
        Hash of all values and names; equal tables have equal fingerprints.
    """

    frame: pd.DataFrame
    schema: Schema
    source: str
    fingerprint: str


@dataclass(frozen=True)
class Rows:
    """Typed rows: input columns, target, the place of each row in the source, and columns that are only looked at.

    Parameters
    ----------
    x : Columns
        Typed input columns.
    y : ndarray of shape (rows,)
        Class codes (int64) or float64 values.
    index : ndarray of shape (rows,), int64
        Row numbers in the source, counted from 0.
    aside : Columns
        Columns that no model learns from and that the split or the report needs: groups, times, sensitive attributes.
    """

    x: Columns
    y: NDArray[Any]
    index: NDArray[np.int64]
    aside: Columns = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: NDArray[Any]) -> Rows:
        """Return just these rows; ``rows`` are positions or a mask."""
        return Rows(
            {name: values[rows] for name, values in self.x.items()}, self.y[rows], self.index[rows],
            {name: values[rows] for name, values in self.aside.items()},
        )  # fmt: skip


class _Meta(Word):
    task: Task
    inputs: Schema
    classes: tuple[Scalar, ...]
    split: Split
    cleaning: tuple[CleanStep, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    sensitive: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """What a search works on.

    Parameters
    ----------
    task : Task
        With its inputs filled in.
    schema : Schema
        Of the input columns.
    classes : tuple of scalar
        Labels in the order of their codes; empty for regression.
    split : Split
        As it was carried out.
    train : Rows
        Every row that choices may be made on.
    folds : ndarray of shape (len(train),), int8
        Number of the fold in which a training row is a validation row, 0 … folds-1; -1 marks rows that are always trained on.
        Along time a fold is judged by what the folds before it teach.
    sealed : Rows
        Opened once, by the report.
    cleaning, suspects
        What was done to the table, and which columns were judged as leaks.
    sensitive : tuple of str
        Columns of ``aside`` whose groups the report compares; one that the user named for fairness comes first.
    """

    task: Task
    schema: Schema
    classes: tuple[Scalar, ...]
    split: Split
    train: Rows
    folds: NDArray[np.int8]
    sealed: Rows = field(repr=False)
    cleaning: tuple[CleanStep, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    sensitive: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """Return the size of the problem, training rows only."""
        roles = [column.role for column in self.schema.columns]
        return Facts(
            kind=self.task.kind, rows=len(self.train), columns=len(roles), classes=len(self.classes),
            categories=roles.count("category"),
        )  # fmt: skip

    def fold(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the positions in ``train`` to learn from and to validate on."""
        valid = self.folds == number
        learn = self.folds < number if self.split.time else ~valid
        return np.flatnonzero(learn), np.flatnonzero(valid)

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.folds.max()) + 1

    def save(self, folder: Path) -> None:
        """Write the data set as Feather files and JSON, training and sealed rows apart."""
        _write_rows(folder / "sealed.feather", self.sealed, None)
        _write_rows(folder / "train.feather", self.train, self.folds)
        meta = _Meta(
            task=self.task, inputs=self.schema, classes=self.classes, split=self.split, cleaning=self.cleaning,
            suspects=self.suspects, sensitive=self.sensitive,
        )  # fmt: skip
        store.write_text(folder / "data.json", meta.to_json())

    @classmethod
    def load(cls, folder: Path, *, sealed: bool) -> Dataset:
        """Read what ``save`` wrote.

        Parameters
        ----------
        folder : Path
            Where.
        sealed : bool
            Whether to read the sealed rows too; those who make choices must not, and get none.
        """
        meta = _Meta.from_json((folder / "data.json").read_bytes())
        train, folds = _read_rows(folder / "train.feather")
        if sealed:
            closed, _ = _read_rows(folder / "sealed.feather")
        else:
            closed = train.take(np.zeros(0, dtype=np.int64))
        known = meta.cleaning, meta.suspects, meta.sensitive
        return cls(meta.task, meta.inputs, meta.classes, meta.split, train, folds, closed, *known)

    def label(self, codes: NDArray[Any]) -> NDArray[Any]:
        """Return the labels of class codes; values of a regression come back as they are."""
        return labels_of(self.classes, codes) if self.task.kind in CLASSIFICATION else codes


def labels_of(classes: tuple[Scalar, ...], codes: NDArray[Any]) -> NDArray[Any]:
    """Return class labels in their own type where all agree (bool, int, float), else as objects."""
    kinds = {type(item) for item in classes}
    table = np.array(classes) if len(kinds) == 1 and kinds <= {bool, int, float} else np.array(classes, dtype=object)
    return table[np.asarray(codes, dtype=np.int64)]


def _write_rows(path: Path, rows: Rows, folds: NDArray[np.int8] | None) -> None:
    """Columns are numbered, not named, so that any name fits; the metadata has the names in the same order."""
    import io

    import pyarrow as pa
    from pyarrow import feather

    columns: dict[str, Any] = {}
    for letter, block in (("x", rows.x), ("a", rows.aside)):
        for i, values in enumerate(block.values()):
            kind = pa.string() if values.dtype == object else pa.float64()
            made = pa.array(values, type=kind, from_pandas=False)
            columns[f"{letter}{i}"] = made.dictionary_encode() if values.dtype == object else made
    columns["y"] = pa.array(rows.y)
    columns["index"] = pa.array(rows.index)
    if folds is not None:
        columns["fold"] = pa.array(folds)
    names = {"names": "\x00".join(rows.x), "aside": "\x00".join(rows.aside)}
    table = pa.table(columns).replace_schema_metadata(names)
    sink = io.BytesIO()
    feather.write_feather(table, sink, compression="lz4")
    store.write_bytes(path, sink.getvalue())


def _read_rows(path: Path) -> tuple[Rows, NDArray[np.int8]]:
    from pyarrow import feather

    table = feather.read_table(path, memory_map=False)
    y = table.column("y").to_numpy()
    folds = table.column("fold").to_numpy() if "fold" in table.column_names else np.full(len(y), -1, dtype=np.int8)
    x, aside = _read_block(table, "x", b"names"), _read_block(table, "a", b"aside")
    return Rows(x, y, table.column("index").to_numpy(), aside), folds


def _read_block(table: Any, letter: str, key: bytes) -> dict[str, NDArray[Any]]:
    import pyarrow as pa

    joined = (table.schema.metadata or {}).get(key, b"").decode()
    block: dict[str, NDArray[Any]] = {}
    for i, name in enumerate(joined.split("\x00") if joined else []):
        column = table.column(f"{letter}{i}").combine_chunks()
        if pa.types.is_dictionary(column.type):
            words = np.array([*column.dictionary.to_pylist(), None], dtype=object)
            block[name] = words[column.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)]
        else:
            block[name] = column.to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    return block
