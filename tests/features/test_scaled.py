"""Scaled numbers, and the scaler behind all dense parts."""

import numpy as np

from openglm.features._scaling import SIDE_WEIGHT, Scaler, normal_scores
from openglm.features.scaled import Scaled


def test_standardised_then_bent():
    """Mean 2 and deviation 2: 6 is two deviations out, bent to 2 / sqrt(1 + (2/3)²) = 1.6641."""
    x = {"a": np.array([0.0, 0.0, 4.0, 4.0])}
    part = Scaled(columns=("a",)).fit(x, None)
    np.testing.assert_allclose(part.transform({"a": np.array([2.0, 6.0])})[:, 0], [0.0, 1.6641], atol=1e-4)


def test_no_outlier_leaves_the_band():
    """However far, a standardised value stays within three."""
    part = Scaled(columns=("a",)).fit({"a": np.array([0.0, 1.0])}, None)
    assert np.abs(part.transform({"a": np.array([1e300, -np.inf])})).max() <= 3.0


def test_missing_is_zero_and_flagged():
    """Missing becomes the centre; the flag exists only where training had missing cells."""
    x = {"a": np.array([1.0, 3.0, np.nan]), "b": np.array([1.0, 2.0, 3.0])}
    part = Scaled(columns=("a", "b")).fit(x, None)
    assert [output.name for output in part.outputs] == ["a", "b", "a[missing]"]
    assert part.transform({"a": np.array([np.nan]), "b": np.array([np.nan])}).tolist() == [[0.0, 0.0, 1.0]]


def test_many_values_are_also_shown_by_rank():
    """The rank of a skewed quantity is that of its logarithm; the standardised value steps back."""
    skewed = np.exp(np.linspace(-6, 6, 1001))
    part = Scaled(columns=("a",)).fit({"a": skewed}, None)
    assert [output.name for output in part.outputs] == ["a", "a[rank]"]
    shown = part.transform({"a": np.array([1.0, np.exp(3.0), 1e9, 0.0])})
    np.testing.assert_allclose(shown[:, 1], [0.0, 0.6745, 2.5758, -2.5758], atol=2e-2)  # quantiles .5, .75, top, bottom
    z = (1e9 - skewed.mean()) / skewed.std()
    np.testing.assert_allclose(shown[2, 0], SIDE_WEIGHT * z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-4)


def test_ties_share_a_score():
    """Half the rows are 0: they take the score of their middle, the first quarter."""
    at, score = normal_scores(np.concatenate([np.zeros(500), np.linspace(1, 2, 501)]))
    assert at[0] == 0.0
    np.testing.assert_allclose(score[0], -0.6745, atol=2e-2)
    assert len(at) == len(score) == 101 and (np.diff(at) >= 0).all() and (np.diff(score) >= 0).all()


def test_a_constant_is_zero():
    """A quantity without spread has nothing to say, and says nothing large about a new value either."""
    scaler = Scaler.fit(np.full((5, 1), 1e9))
    assert scaler.transform(np.full((1, 1), 1e9)).tolist() == [[0.0]]
