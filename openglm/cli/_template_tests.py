"""The learner keeps the promises of all learners, and does what its own idea says."""

from __future__ import annotations

import numpy as np

from openglm.cli._template_model import TemplateModel
from openglm.core.budget import Clock
from openglm.core.parts import Matrix, Output
from openglm.testing import check_model


def _rows(values: list[list[float]]) -> Matrix:
    outputs = tuple(Output(f"x{i}", f"x{i}") for i in range(len(values[0])))
    return Matrix(np.array(values, dtype=np.float32), outputs)


def test_it_passes_the_exam_of_all_learners() -> None:
    """Same seed same answer, inputs untouched, saving, one row, one class, budget kept, and the rest."""
    check_model(TemplateModel)


def test_a_row_between_two_classes_is_undecided() -> None:
    """Classes of the same size around 0 and 10: the row at 5 is as near to one as to the other."""
    model = TemplateModel(kind="binary", classes=2)
    model.fit(_rows([[-1.0], [1.0], [9.0], [11.0]]), np.array([0, 0, 1, 1]), watch=Clock(None))

    assert np.allclose(model.predict(_rows([[5.0]])), [[0.5, 0.5]])
