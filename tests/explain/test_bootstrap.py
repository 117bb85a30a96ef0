"""Resampled metrics equal the metric of repeated rows; intervals are the textbook's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from openglm.core.metrics import METRICS, metric
from openglm.explain import _bootstrap

KINDS = {"binary": 2, "multiclass": 4}


def _example(name: str, seed: int):
    """Return y, outputs and decided codes with ties, for a metric of that name."""
    rng = np.random.default_rng(seed)
    chosen = METRICS[name]
    classes = 2 if "binary" in chosen.kinds and seed % 2 == 0 else 4 if "multiclass" in chosen.kinds else 2
    if chosen.needs == "values":
        y = rng.gamma(2.0, 3.0, 40)
        return y, (y + rng.normal(size=40)).round(1)[:, None], None
    outputs = rng.dirichlet(np.ones(classes), 40).round(1) + 0.01
    outputs /= outputs.sum(axis=1, keepdims=True)
    y = np.where(rng.random(40) < 0.5, np.argmax(outputs, axis=1), rng.integers(0, classes, 40))
    codes = np.where(outputs[:, 1] >= 0.3, 1, 0) if classes == 2 else np.argmax(outputs, axis=1)
    return y.astype(np.int64), outputs, codes.astype(np.int64)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", sorted(METRICS))
def test_resampled_equals_the_metric_of_repeated_rows(name: str, seed: int) -> None:
    """Row counts as weights give exactly what the metric says of the rows written out that often - for every metric."""
    y, outputs, codes = _example(name, seed)
    weights = next(_bootstrap.counts(_bootstrap.single(40), 6, seed))
    expected = []
    for line in weights.astype(int):
        rows = np.repeat(np.arange(40), line)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a class may be absent from a resample
            expected.append(METRICS[name].score(y[rows], outputs[rows], labels=None if codes is None else codes[rows]))
    np.testing.assert_allclose(_bootstrap.resampled(name, y, outputs, codes, weights), expected, rtol=1e-9, atol=1e-12)


def test_auc_by_hand() -> None:
    """Positives .8 .4, negatives .6 .2: three of four pairs are in order; doubling the worst positive makes it four of six."""
    y, p = np.array([1, 0, 1, 0]), np.array([0.8, 0.6, 0.4, 0.2])
    weights = np.array([[1.0, 1, 1, 1], [1, 1, 2, 1], [1, 0, 1, 0]])
    found = _bootstrap.resampled("roc_auc", y, np.stack([1 - p, p], axis=1), None, weights)
    np.testing.assert_allclose(found, [3 / 4, 4 / 6, np.nan])


def test_counts_are_resamples() -> None:
    """Each line draws as many rows as there are, blocks add up to the number asked, and a seed fixes them."""
    blocks = list(_bootstrap.counts(_bootstrap.single(300_000), 7, 1))
    assert [len(block) for block in blocks] == [6, 1]
    assert all((block.sum(axis=1) == 300_000).all() for block in blocks)
    nine = _bootstrap.single(9)
    np.testing.assert_array_equal(next(_bootstrap.counts(nine, 2, 5)), next(_bootstrap.counts(nine, 2, 5)))
    assert (next(_bootstrap.counts(nine, 2, 5)) != next(_bootstrap.counts(nine, 2, 6))).any()


def test_percentile_by_hand() -> None:
    """The middle 95 % of 0 … 100 runs from 2.5 to 97.5, and resamples without a value do not count."""
    values = np.append(np.arange(101.0), np.nan)
    found = _bootstrap.percentile(values, 50.0)
    assert (found.value, found.level) == (50.0, 0.95)
    np.testing.assert_allclose([found.low, found.high], [2.5, 97.5])


def test_no_interval_from_mostly_missing_values() -> None:
    """Where the metric exists in less than half of the resamples, nothing is claimed."""
    assert _bootstrap.percentile(np.array([1.0, np.nan, np.nan]), 1.0) is None


def test_interval_of_a_mean_is_close_to_the_normal_one() -> None:
    """For accuracy on 400 rows with 80 % right the interval is 0.8 ± 1.96 * sqrt(.8 * .2 / 400) = ± 0.0392."""
    y = np.ones(400, dtype=np.int64)
    codes = (np.arange(400) >= 80).astype(np.int64)
    found, gain = _bootstrap.compare(metric("accuracy"), y, (np.zeros((400, 2)), codes), None, resamples=1000, seed=0)
    assert gain is None
    assert found.value == 0.8
    assert found.low == pytest.approx(0.8 - 0.0392, abs=0.006)
    assert found.high == pytest.approx(0.8 + 0.0392, abs=0.006)


def test_pairs_see_what_single_intervals_cannot() -> None:
    """A model right wherever the other is, and once more, is better though the two intervals overlap almost wholly."""
    y = np.ones(200, dtype=np.int64)
    other = (np.arange(200) >= 60).astype(np.int64)
    model = (np.arange(200) >= 50).astype(np.int64)
    outputs = np.zeros((200, 2))
    found, gain = _bootstrap.compare(metric("accuracy"), y, (outputs, model), (outputs, other), resamples=500, seed=0)
    assert found.low < 0.7 < found.high
    assert gain.value == pytest.approx(0.05)
    assert gain.low > 0


@pytest.mark.parametrize(("name", "better"), [("rmse", 1.0), ("r2", 0.0)])
def test_gain_has_the_metrics_direction(name: str, better: float) -> None:
    """A smaller error and a larger share explained are both gains > 0."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=100)
    good, bad = (y + 0.1)[:, None], (y + 2.0)[:, None]
    _, gain = _bootstrap.compare(metric(name), y, (good, None), (bad, None), resamples=50, seed=0)
    assert gain.low > better


def test_resamples_shrink_with_rows_and_hurry() -> None:
    """A thousand on usual data, never fewer than two hundred."""
    assert [_bootstrap.how_many(n) for n in (0, 1000, 40_000, 10_000_000)] == [1000, 1000, 500, 200]
    assert _bootstrap.how_many(1000, hurry=True) == 200
