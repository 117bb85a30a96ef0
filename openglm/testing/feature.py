"""The exam for feature makers: one function per promise of :class:`openglm.core.parts.Feature`. Asserts no wall time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core import bundle
from openglm.core.parts import Card, Columns
from openglm.testing.toys import TOY_ROLES, toy_columns


def check_feature(cls: Any) -> None:
    """Put a feature maker to the exam; ``exam_skips`` on its class names checks it cannot pass, with the reason.

    Parameters
    ----------
    cls : class
        The feature maker.

    Raises
    ------
    AssertionError
        With the promise that is broken.
    """
    for name, check in FEATURE_CHECKS.items():
        if name not in getattr(cls, "exam_skips", {}):
            check(cls)


def fitted(cls: Any, x: Columns, y: NDArray[Any] | None = None, seed: int = 0) -> Any:
    """Return a maker fitted on those of the columns that it takes."""
    columns = tuple(name for name in x if TOY_ROLES[name] in cls.card.roles)
    return cls(columns=columns, seed=seed).fit(x, y)


def card_is_complete(cls: Any) -> None:
    """The card says everything, and the id is the file name."""
    card: Card = cls.card
    assert card.id == cls.__module__.rsplit(".", 1)[-1], "card.id must equal the file name"
    assert card.source and card.title.en and card.title.zh, "card needs a source and a title in both languages"
    assert card.roles and card.view, "card needs roles and a view"
    assert cls.__doc__, "the class needs a docstring"


def outputs_fit_the_matrix(cls: Any) -> None:
    """There is one output per feature, each from a known column, with its own name; codes stay below their levels."""
    x, y = toy_columns("binary")
    part = fitted(cls, x, y)
    values = part.transform(x)
    assert values.dtype == np.float32
    assert values.shape == (len(y), len(part.outputs))
    assert len({output.name for output in part.outputs}) == len(part.outputs)
    for j, output in enumerate(part.outputs):
        assert output.column in part.columns
        if output.levels:
            known = values[:, j][~np.isnan(values[:, j])]
            assert np.array_equal(known, np.floor(known)) and known.min() >= 0 and known.max() < output.levels


def values_are_usable(cls: Any) -> None:
    """No value is infinite, and a dense view has none missing, whatever comes in."""
    x, _ = toy_columns("binary")
    part = fitted(cls, x)
    for table in (x, _strange(x), _emptied(x)):
        values = part.transform(table)
        assert not np.isinf(values).any(), "values must be finite"
        if cls.card.view == "dense":
            assert not np.isnan(values).any(), "a dense view has no missing values"


def same_seed_same_output(cls: Any) -> None:
    """Two fits with the same seed agree bit for bit."""
    x, _ = toy_columns("binary")
    assert _same(fitted(cls, x, seed=5).transform(x), fitted(cls, x, seed=5).transform(x))


def inputs_stay_untouched(cls: Any) -> None:
    """Neither fitting nor transforming changes the columns."""
    x, y = toy_columns("binary")
    before, _ = toy_columns("binary")
    fitted(cls, x, y).transform(x)
    for name, values in x.items():
        assert _equal_cells(values, before[name]), f"column {name} must stay as it was"


def transforming_learns_nothing(cls: Any) -> None:
    """What was shown in between does not change a row's features."""
    x, _ = toy_columns("binary")
    part = fitted(cls, x)
    first = part.transform(x)
    part.transform(_strange(x))
    assert _same(part.transform(x), first)


def saving_keeps_features(cls: Any) -> None:
    """A maker saved to a folder and loaded again makes bit for bit the same, and can be saved again."""
    x, _ = toy_columns("binary")
    part = fitted(cls, x)
    loaded = part
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            bundle.save(Path(folder), {}, {"part": loaded.state()})
            loaded = cls(columns=part.columns).restore(bundle.load(Path(folder))[1]["part"])
        assert loaded.outputs == part.outputs
        assert _same(loaded.transform(_strange(x)), part.transform(_strange(x)))


def one_row_is_enough(cls: Any) -> None:
    """A row gets the same features alone as among others; no row is no error."""
    x, _ = toy_columns("binary")
    part = fitted(cls, x)
    together = part.transform(x)
    for row in (0, 3, 50):
        assert _same(part.transform({name: values[row : row + 1] for name, values in x.items()})[0], together[row])
    assert part.transform({name: values[:0] for name, values in x.items()}).shape == (0, len(part.outputs))


def odd_training_is_no_error(cls: Any) -> None:
    """All missing, one value, one row: fitting goes through, and so do later rows."""
    x, _ = toy_columns("binary")
    one = {name: values[:1] for name, values in x.items()}
    constant = {name: values[[0] * 20] for name, values in x.items()}
    for training in (_emptied(x), one, constant):
        part = fitted(cls, training)
        for table in (x, _strange(x), _emptied(x)):
            values = part.transform(table)
            assert values.shape == (120, len(part.outputs))
            assert not np.isinf(values).any()
            assert cls.card.view != "dense" or not np.isnan(values).any()


FEATURE_CHECKS: dict[str, Callable[[Any], None]] = {
    check.__name__: check
    for check in (
        card_is_complete, outputs_fit_the_matrix, values_are_usable, same_seed_same_output, inputs_stay_untouched,
        transforming_learns_nothing, saving_keeps_features, one_row_is_enough, odd_training_is_no_error,
    )
}  # fmt: skip
"""Name → promise; the names are what ``exam_skips`` refers to."""


def _strange(x: Columns) -> Columns:
    """Return the columns with cells that training never showed: huge, tiny, other levels, empty text, emoji."""
    numbers = np.array([1e308, -1e308, np.inf, -np.inf, 0.0, 1e-300])
    words = np.array(["", "从未见过", "\u0000", "🙂 🙂", "a" * 3_000, " 北京 "], dtype=object)
    strange = {}
    for name, values in x.items():
        new = values.copy()
        rare = numbers if values.dtype == np.float64 else words
        new[::2] = np.resize(rare, len(new[::2]))
        strange[name] = new
    return strange


def _emptied(x: Columns) -> Columns:
    return {name: np.full_like(values, np.nan if values.dtype == np.float64 else None) for name, values in x.items()}


def _same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return np.array_equal(a, b, equal_nan=True)


def _equal_cells(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return np.array_equal(a, b, equal_nan=True) if a.dtype == np.float64 else a.tolist() == b.tolist()
