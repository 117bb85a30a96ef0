"""The naive answer."""

import numpy as np

from openglm.core.parts import Matrix
from openglm.models.baseline import Baseline
from openglm.testing import HandClock

NOTHING = Matrix(np.zeros((4, 0), dtype=np.float32), ())


def test_class_shares():
    """Three of four rows are class 1; class 2 never occurs."""
    model = Baseline(kind="multiclass", classes=3).fit(NOTHING, np.array([1, 1, 0, 1]), watch=HandClock(None))
    assert model.predict(NOTHING)[0].tolist() == [0.25, 0.75, 0.0]


def test_weighted_mean():
    """(1·1 + 3·5) / 4 = 4; rows without weight do not count."""
    weight = np.array([1.0, 0.0, 3.0, 0.0])
    model = Baseline(kind="regression", classes=0).fit(
        NOTHING, np.array([1.0, 99.0, 5.0, 99.0]), watch=HandClock(None), weight=weight
    )
    np.testing.assert_allclose(model.predict(NOTHING), np.full((4, 1), 4.0))


def test_it_needs_no_time():
    """There is always a baseline, even when the clock has ended."""
    model = Baseline(kind="binary", classes=2).fit(NOTHING, np.array([0, 0, 0, 1]), watch=HandClock(0.0))
    assert model.predict(NOTHING)[0].tolist() == [0.75, 0.25]
