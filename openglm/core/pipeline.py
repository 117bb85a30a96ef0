"""The fitted thing that predicts: features, weighted members, labels. It checks its input and says what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openglm.core import attribution, bundle
from openglm.core.columns import read_column, read_value
from openglm.core.dataset import labels_of
from openglm.core.errors import ColumnError, did_you_mean
from openglm.core.parts import Columns, Explained, Feature, Floats, Matrix, Model, Output, State
from openglm.core.plan import FeatureStep
from openglm.core.registry import part
from openglm.core.schema import Scalar, Schema
from openglm.core.task import CLASSIFICATION, Task
from openglm.core.trial import Candidate
from openglm.core.words import Said

if TYPE_CHECKING:
    import pandas as pd

FAST_ROWS = 8
"""Up to so many rows given as dicts are read cell by cell; a data frame alone costs more. measured: bench/one_row.py."""
EXPLAIN_ROWS = 16_384
"""Rows explained at once; with 50 features and 10 classes their parts take 65 MB."""


@dataclass
class FeatureView:
    """Fitted feature makers that together show the columns in one way."""

    name: str
    steps: tuple[FeatureStep, ...]
    makers: list[Feature] = field(default_factory=list)

    @classmethod
    def fit(
        cls, name: str, steps: tuple[FeatureStep, ...], x: Columns, y: NDArray[Any] | None, seed: int
    ) -> FeatureView:
        """Fit every step on training rows."""
        makers = [_maker(step, seed).fit(x, y) for step in steps]
        return cls(name, steps, makers)

    @property
    def outputs(self) -> tuple[Output, ...]:
        """All features, in the order of the matrix."""
        return tuple(output for maker in self.makers for output in maker.outputs)

    def transform(self, x: Columns) -> Matrix:
        """Return what a learner sees of these rows."""
        rows = len(next(iter(x.values()))) if x else 0
        blocks = [maker.transform(x) for maker in self.makers]
        values = np.hstack(blocks) if blocks else np.zeros((rows, 0), dtype=np.float32)
        return Matrix(np.ascontiguousarray(values, dtype=np.float32), self.outputs)


@dataclass
class Member:
    """One fitted learner of the ensemble, its settings, and its weight."""

    candidate: Candidate
    model: Model
    weight: float


class Pipeline:
    """From raw rows to answers.

    Parameters
    ----------
    task : Task
        What was learned.
    schema : Schema
        Of the input columns.
    classes : tuple of scalar
        Labels in the order of the probability columns; empty for regression.
    views : dict of str to FeatureView
        Fitted features.
    members : list of Member
        Fitted learners; weights sum to 1.
    background : Columns
        A few training rows against which contributions are explained.
    threshold : float
        For two classes: the positive class is predicted at or above this probability.
    notes : dict
        JSON data to keep with the model, e.g. how it was validated.
    """

    def __init__(
        self, *, task: Task, schema: Schema, classes: tuple[Scalar, ...], views: dict[str, FeatureView],
        members: list[Member], background: Columns, threshold: float = 0.5, notes: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.task = task
        self.schema = schema
        self.classes = classes
        self.views = views
        self.members = members
        self.background = background
        self.threshold = threshold
        self.notes = notes or {}

    def __repr__(self) -> str:
        return f"Pipeline({self.title!r}, target={self.task.target!r}, inputs={len(self.schema.columns)})"

    @property
    def title(self) -> str:
        """Name for people: the learner, or the ensemble with its weights."""
        if len(self.members) == 1:
            return self.members[0].candidate.model
        ranked = sorted(self.members, key=lambda member: -member.weight)
        return "ensemble(" + ", ".join(f"{m.candidate.model} {m.weight:.2f}" for m in ranked) + ")"

    # ── predicting ──

    def predict(self, data: Any) -> NDArray[Any]:
        """Return one label or value for each row.

        Parameters
        ----------
        data : DataFrame, Arrow table, list of dict, dict, or path
            Rows with at least the input columns; others are ignored. One dict is one row.

        Returns
        -------
        ndarray of shape (rows,)
            Labels as in the training table, or float64 values.

        Raises
        ------
        ColumnError
            If an input column is missing.
        """
        return self.decide(self.outputs(self.read(data)))

    def predict_proba(self, data: Any) -> Floats:
        """Return the probability of each class, shape (rows, len(classes)), columns in the order of ``classes``.

        Raises
        ------
        ColumnError
            If an input column is missing, or the task has no classes.
        """
        if self.task.kind not in CLASSIFICATION:
            raise ColumnError(f"A {self.task.kind} model has no class probabilities.", hint="Use predict().")
        return self.outputs(self.read(data))

    def explain(self, data: Any, *, seed: int = 0) -> pd.DataFrame:
        """Return how much each input column moves each prediction away from the base.

        Explained is the probability of the positive (binary) or most probable (multiclass) class, or the value. A row's
        contributions and ``base`` add up to its ``prediction``; see :meth:`contributions` for what they are.

        Returns
        -------
        DataFrame of shape (rows, inputs + 2)
            One column per input, then ``base`` and ``prediction``.
        """
        import pandas as pd

        x = self.read(data)
        values, base, full = self.contributions(x, focus=self.focus(self.outputs(x)), seed=seed)
        frame = pd.DataFrame(values, columns=list(x))
        return frame.assign(base=base, prediction=full)

    def focus(self, outputs: Floats) -> NDArray[np.int64] | None:
        """Return which output of each row is explained: the positive class, of many the most probable; ``None`` for a value."""
        if self.task.kind not in CLASSIFICATION:
            return None
        if len(self.classes) == 2:
            return np.ones(len(outputs), dtype=np.int64)
        chosen: NDArray[np.int64] = np.argmax(outputs, axis=1).astype(np.int64)
        return chosen

    @property
    def explains_itself(self) -> bool:
        """Whether every member knows its exact contributions."""
        return all(isinstance(member.model, Explained) for member in self.members)

    def contributions(
        self, x: Columns, *, focus: NDArray[np.int64] | None, seed: int = 0
    ) -> tuple[Floats, Floats, Floats]:
        """Return contributions of shape (rows, inputs), base (rows,) and prediction (rows,) of typed columns.

        Where all members know their exact Shapley values (tree SHAP of boosted trees, coefficients of linear models), each
        member's parts of its raw answer (log odds for classes) are summed over the features made from one input column,
        turned into the unit of the output by :func:`openglm.core.attribution.in_unit`, and averaged with the members'
        weights. For one member and a regression these are its exact Shapley values; probabilities are shared out in
        proportion to the log odds, and an ensemble of them member by member. The base is what the members answer at the
        mean of their raw answers. Else they are sampled Shapley values against a few training rows
        (:func:`openglm.core.attribution.shapley`), and the base is the mean answer of those.

        Parameters
        ----------
        x : Columns
            As of :meth:`read`.
        focus : ndarray of shape (rows,) or None
            Class to explain in each row; ``None`` for a value.
        seed : int
            Of the samples, where there are any.
        """
        if not self.explains_itself:
            return attribution.shapley(self.outputs, x, self.background, focus=focus, seed=seed)
        rows, names = len(next(iter(x.values()))) if x else 0, list(x)
        values, base, full = np.zeros((rows, len(names))), np.zeros(rows), np.zeros(rows)
        for start in range(0, rows, EXPLAIN_ROWS):
            block = slice(start, start + EXPLAIN_ROWS)
            part = {name: cells[block] for name, cells in x.items()}
            shown = {name: view.transform(part) for name, view in self.views.items()}
            for member in self.members:
                assert isinstance(member.model, Explained)
                matrix = shown[member.candidate.view]
                parts = _by_column(member.model.contributions(matrix), matrix.outputs, names)
                found = attribution.in_unit(parts, None if focus is None else focus[block])
                for total, one in zip((values, base, full), found, strict=True):
                    total[block] += member.weight * one
        return values, base, full

    def read(self, data: Any) -> Columns:
        """Return the typed input columns of whatever the caller brings."""
        if isinstance(data, Mapping) and not any(
            isinstance(v, Sequence | np.ndarray) and not isinstance(v, str) for v in data.values()
        ):
            data = [data]
        if isinstance(data, list) and 0 < len(data) <= FAST_ROWS and all(isinstance(row, Mapping) for row in data):
            return self._read_few(data)
        from openglm.core.tables import read_table

        frame = read_table(data)
        found = self._match([str(name) for name in frame.columns])
        return {c.name: read_column(frame.iloc[:, found[c.name]], c) for c in self.schema.columns}

    def outputs(self, x: Columns) -> Floats:
        """Return the weighted mean of the members, shape (rows, classes) or (rows, 1)."""
        shown = {name: view.transform(x) for name, view in self.views.items()}
        total: Floats | None = None
        for member in self.members:
            answer = member.weight * member.model.predict(shown[member.candidate.view])
            total = answer if total is None else total + answer
        assert total is not None
        return total

    def decide(self, outputs: Floats) -> NDArray[Any]:
        """Return labels or values for outputs."""
        if self.task.kind not in CLASSIFICATION:
            return outputs[:, 0]
        return labels_of(self.classes, self.decide_codes(outputs))

    def decide_codes(self, outputs: Floats) -> NDArray[np.int64]:
        """Return class codes: by threshold for two classes, else the most probable one."""
        if len(self.classes) == 2:
            return (outputs[:, 1] >= self.threshold).astype(np.int64)
        chosen: NDArray[np.int64] = np.argmax(outputs, axis=1).astype(np.int64)
        return chosen

    def _match(self, names: list[str]) -> dict[str, int]:
        """Return the position of each input column; outer blanks and case may differ where that is unambiguous."""
        places = {name: i for i, name in reversed(list(enumerate(names)))}
        found, missing = {}, []
        folded: dict[str, list[int]] | None = None
        for column in self.schema.columns:
            if column.name in places:
                found[column.name] = places[column.name]
                continue
            if folded is None:
                folded = {}
                for i, name in enumerate(names):
                    folded.setdefault(name.strip().casefold(), []).append(i)
            close = folded.get(column.name.strip().casefold(), [])
            if len(close) == 1:
                found[column.name] = close[0]
            else:
                missing.append(column.name)
        if missing:
            shown = ", ".join(f"'{name}'" for name in missing[:5]) + (
                f" … ({len(missing)})" if len(missing) > 5 else ""
            )
            raise ColumnError(
                Said(
                    en=f"The new rows lack {shown}, which the model learned from.",
                    zh=f"新数据缺少模型所需的列: {shown}。",
                ),
                hint=did_you_mean(missing[0], names),
            )
        return found

    def _read_few(self, rows: list[Mapping[str, Any]]) -> Columns:
        x: dict[str, NDArray[Any]] = {}
        if all(all(c.name in row for c in self.schema.columns) for row in rows):
            for column in self.schema.columns:
                values = [read_value(row[column.name], column) for row in rows]
                numeric = column.role in ("numeric", "date")
                x[column.name] = np.array(values, dtype=np.float64 if numeric else object)
            return x
        keys = list(dict.fromkeys(key for row in rows for key in row))
        found = self._match(keys)
        renamed: list[Mapping[str, Any]] = [
            {c.name: row.get(keys[found[c.name]]) for c in self.schema.columns} for row in rows
        ]
        return self._read_few(renamed)

    # ── saving ──

    def save(self, folder: str | Path) -> int:
        """Write the pipeline as a bundle and return its size in bytes; see :mod:`openglm.core.bundle`."""
        states: dict[str, State] = {}
        for name, view in self.views.items():
            states.update({f"view-{name}-{i}": maker.state() for i, maker in enumerate(view.makers)})
        states.update({f"member-{i}": member.model.state() for i, member in enumerate(self.members)})
        states["background"] = {
            "columns": [
                [name, [None if v is None or _is_nan(v) else v for v in values.tolist()]]
                for name, values in self.background.items()
            ]
        }
        content = {
            "task": self.task.model_dump(mode="json"),
            "schema": self.schema.model_dump(mode="json"),
            "classes": list(self.classes),
            "views": {n: [step.model_dump(mode="json") for step in view.steps] for n, view in self.views.items()},
            "members": [
                {
                    "candidate": member.candidate.model_dump(mode="json"), "weight": member.weight,
                    "rounds": member.model.rounds, "partial": member.model.partial,
                }
                for member in self.members
            ],
            "threshold": self.threshold,
            "notes": self.notes,
        }  # fmt: skip
        return bundle.save(Path(folder), content, states)

    @classmethod
    def load(cls, folder: str | Path) -> Pipeline:
        """Return the pipeline that ``save`` wrote.

        Raises
        ------
        BundleError
            If the folder holds no intact bundle.
        """
        content, states = bundle.load(Path(folder))
        task, schema = Task.model_validate(content["task"]), Schema.model_validate(content["schema"])
        views = {}
        for name, steps in content["views"].items():
            known = tuple(FeatureStep.model_validate(step) for step in steps)
            makers = [_maker(step, 0).restore(states[f"view-{name}-{i}"]) for i, step in enumerate(known)]
            views[name] = FeatureView(name, known, makers)
        classes = tuple(content["classes"])
        members = []
        for i, entry in enumerate(content["members"]):
            candidate = Candidate.model_validate(entry["candidate"])
            model = make_model(candidate, task, len(classes)).restore(states[f"member-{i}"])
            model.rounds, model.partial = entry["rounds"], entry["partial"]
            members.append(Member(candidate, model, entry["weight"]))
        background = {
            name: np.array(values, dtype=np.float64 if schema[name].role in ("numeric", "date") else object)
            for name, values in states["background"]["columns"]
        }
        return cls(
            task=task, schema=schema, classes=classes, views=views, members=members, background=background,
            threshold=content["threshold"], notes=content["notes"],
        )  # fmt: skip


def make_model(candidate: Candidate, task: Task, classes: int, *, threads: int = 1) -> Model:
    """Return the unfitted learner that a candidate describes.

    Raises
    ------
    PlanError
        If there is no such learner or it has no such setting.
    """
    from openglm.core.errors import PlanError

    try:
        made: Model = part("models", candidate.model)(
            kind=task.kind, classes=classes, seed=candidate.seed, threads=threads, **candidate.params
        )
    except TypeError as error:
        raise PlanError(f"The learner '{candidate.model}' cannot take these settings: {error}.") from error
    return made


def _by_column(parts: Floats, outputs: tuple[Output, ...], names: list[str]) -> Floats:
    """Sum the parts of features that were made from one input column; shape (rows, columns + 1, k), the base last."""
    place = {name: i for i, name in enumerate(names)}
    belongs = np.zeros((len(names) + 1, len(outputs) + 1))
    belongs[-1, -1] = 1.0
    for i, output in enumerate(outputs):
        belongs[place[output.column], i] = 1.0
    return np.asarray(belongs @ parts)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _maker(step: FeatureStep, seed: int) -> Feature:
    made: Feature = part("features", step.part)(columns=step.columns, seed=seed, **step.params)
    return made
