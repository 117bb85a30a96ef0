"""Greedy selection: never worse than the best member on its own rows, small, and exact on a case worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openglm.core.budget import Clock
from openglm.core.metrics import metric
from openglm.search._ensemble import select

RMSE = metric("rmse")


def test_two_opposite_errors_cancel():
    """Predictions that err by +1 and -1 are mixed half and half."""
    y = np.array([1.0, 2.0, 3.0, 4.0])
    weights, score = select([y[:, None] + 1, y[:, None] - 1], [1.0, 1.0], y, RMSE, max_members=8, clock=Clock(None))
    assert weights == pytest.approx([0.5, 0.5])
    assert score == pytest.approx(0.0)


def test_a_useless_member_is_left_out():
    """Noise far worse than the rest gets no weight."""
    y = np.linspace(0, 1, 50)
    noise = np.random.default_rng(0).normal(0, 100, 50)
    weights, _ = select([y[:, None], noise[:, None]], [0.0, 100.0], y, RMSE, max_members=8, clock=Clock(None))
    assert weights == [1.0, 0.0]


@given(seed=st.integers(0, 1000), members=st.integers(1, 6), limit=st.integers(1, 4))
def test_promises(seed, members, limit):
    """Weights sum to one, at most ``max_members`` are used, and the best single member is never beaten by the mix's score."""
    rng = np.random.default_rng(seed)
    y = rng.normal(size=40)
    outputs = [y[:, None] + rng.normal(0, 0.2 + i, (40, 1)) for i in range(members)]
    scores = [RMSE.score(y, o) for o in outputs]
    weights, score = select(outputs, scores, y, RMSE, max_members=limit, clock=Clock(None))
    assert sum(weights) == pytest.approx(1)
    assert 1 <= sum(w > 0 for w in weights) <= limit
    assert score <= min(scores) + 1e-9
