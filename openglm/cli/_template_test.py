"""The new learner keeps the promises of every learner, and learns what its own idea says it can."""

from __future__ import annotations

import numpy as np

from openglm.cli._template_model import TemplateModel
from openglm.core.budget import Clock
from openglm.core.parts import Matrix, Output


def _rows(values: list[list[float]]) -> Matrix:
    outputs = tuple(Output(f"x{i}", f"x{i}") for i in range(len(values[0])))
    return Matrix(np.array(values, dtype=np.float32), outputs)


def test_a_row_between_two_classes_is_undecided() -> None:
    """Classes of the same size around 0 and 10: the row at 5 is as near to one as to the other."""
    model = TemplateModel(kind="binary", classes=2)
    model.fit(_rows([[-1.0], [1.0], [9.0], [11.0]]), np.array([0, 0, 1, 1]), watch=Clock(None))

    assert np.allclose(model.predict(_rows([[5.0]])), [[0.5, 0.5]])


def test_saved_and_restored_it_predicts_the_same() -> None:
    """``restore(state())`` loses nothing."""
    x, y = _rows([[0.0, 1.0], [1.0, 0.0], [4.0, 4.0], [5.0, 5.0]]), np.array([0, 0, 1, 1])
    fitted = TemplateModel(kind="binary", classes=2, shrink=0.2).fit(x, y, watch=Clock(None))
    again = TemplateModel(kind="binary", classes=2, shrink=0.2).restore(fitted.state())

    assert np.array_equal(again.predict(x), fitted.predict(x))
