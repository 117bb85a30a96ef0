"""What is drawn, and where the ends of an interval lie."""

from __future__ import annotations

import numpy as np
import pytest

from openglm.core.dataset import Rows
from openglm.core.metrics import metric
from openglm.core.plan import Split
from openglm.explain import _bootstrap
from openglm.explain._resample import Units, counts, left_out, single, tails, units_of


def _rows(**aside: np.ndarray) -> Rows:
    n = len(next(iter(aside.values())))
    return Rows({}, np.zeros(n), np.arange(n), aside)


def test_groups_are_drawn_whole() -> None:
    """All rows of a group come equally often, and as many groups are drawn as there are."""
    who = np.array(["a", "a", "b", "c", "c", "c", None, "b"], dtype=object)
    units = units_of(Split(method="group", group=("who",)), _rows(who=who))
    assert (units.count, units.run) == (4, 1)
    lines = np.concatenate(list(counts(units, 50, 0)))
    assert (lines[:, 0] == lines[:, 1]).all()
    assert (lines[:, 2] == lines[:, 7]).all()
    assert (lines[:, [0, 2, 3, 6]].sum(axis=1) == 4).all()
    np.testing.assert_array_equal(left_out(units)[units.of[0]], [0, 0, 1, 1, 1, 1, 1, 1])


def test_time_is_drawn_in_stretches() -> None:
    """Neighbours in time, wherever they stand in the file, come together; each line has as many rows as there are."""
    late = np.random.default_rng(0).permutation(64).astype(float)
    units = units_of(Split(method="time", time="at"), _rows(at=late))
    assert units.run == 4
    lines = np.concatenate(list(counts(units, 200, 0)))[:, np.argsort(late)]
    assert (lines.sum(axis=1) == 64).all()
    together = np.corrcoef(lines[:, 10], lines[:, 11])[0, 1]
    apart = np.corrcoef(lines[:, 10], lines[:, 40])[0, 1]
    assert together > 0.5 > 0.3 > abs(apart)


def test_exchangeable_rows_are_drawn_one_by_one() -> None:
    """Also where a column was kept aside for another reason."""
    units = units_of(Split(), _rows(sex=np.array(["f", "m"], dtype=object)))
    np.testing.assert_array_equal(units.of, [0, 1])


def test_tails_by_hand() -> None:
    """Without correction and with very many rows the plain percentiles; on ten rows wider by Student's t."""
    values = np.linspace(0, 1, 1001)
    assert tails(values, 0.5, 1e9, None) == pytest.approx((0.025, 0.975), abs=1e-6)
    low, high = tails(values, 0.5, 10, None)
    assert low == pytest.approx(1 - high)
    assert low == pytest.approx(0.00855, abs=1e-4)  # the normal share beyond 2.262 * sqrt(10 / 9) = 2.385
    skewed = tails(values, 0.6, 1e9, np.zeros(5))  # most resamples lie below the value: the ends move up
    assert skewed[0] > 0.025
    assert skewed[1] > 0.975


def test_a_score_without_error_is_not_certain() -> None:
    """Thirty right answers of thirty leave an accuracy of 0.884 possible (Clopper and Pearson)."""
    y = np.ones(30, dtype=np.int64)
    found, _ = _bootstrap.compare(metric("accuracy"), y, (np.zeros((30, 2)), y), None, resamples=200, seed=0)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.884, abs=0.001)


def test_one_group_has_no_interval() -> None:
    """Nothing can be drawn from a single unit."""
    y = np.zeros(20)
    found = _bootstrap.compare(
        metric("rmse"),
        y,
        (np.ones((20, 1)), None),
        None,
        resamples=50,
        seed=0,
        units=Units(np.zeros(20, dtype=np.int64)),
    )
    assert found == (None, None)


def _share(metric_id: str, make, units: Units, true: float, samples: int = 150) -> tuple[float, float]:
    """Return how often intervals hold the true value: with these units, and with single rows."""
    rng, hits = np.random.default_rng(1), [0, 0]
    for seed in range(samples):
        y, outputs = make(rng)
        for i, drawn in enumerate((units, single(len(y)))):
            found, _ = _bootstrap.compare(
                metric(metric_id), y, (outputs, None), None, resamples=300, seed=seed, units=drawn
            )
            hits[i] += found is not None and found.low <= true <= found.high
    return hits[0] / samples, hits[1] / samples


def test_whole_groups_cover_where_rows_do_not() -> None:
    """Twenty customers of ten rows with errors of their own: rows pretend to be 200 customers."""
    of = np.repeat(np.arange(20), 10)

    def make(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        error = np.abs(rng.normal(size=20))[of] + 0.1 * np.abs(rng.normal(size=200))
        return np.zeros(200), error[:, None]

    groups, rows = _share("mae", make, Units(of), float(np.sqrt(2 / np.pi) * 1.1))
    assert groups >= 0.9
    assert rows < 0.6


def test_stretches_cover_better_along_time() -> None:
    """Errors that linger: single rows are far too sure of themselves."""
    n = 216

    def make(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        error = np.zeros(n + 50)
        for i in range(1, n + 50):
            error[i] = 0.7 * error[i - 1] + rng.normal()
        return np.zeros(n), (error[50:] + 10)[:, None]

    stretches, rows = _share("mae", make, Units(np.arange(n), 6), 10.0)
    assert stretches >= 0.82
    assert rows < 0.7


def test_few_rows_cover() -> None:
    """Sixty rows, a quarter positive, an AUC of 0.9: percentiles alone held it in about nine of ten samples."""

    def make(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        y = (np.arange(60) < 15).astype(np.int64)
        p = 1 / (1 + np.exp(-(rng.normal(size=60) + 1.8124 * y)))
        return y, np.stack([1 - p, p], axis=1)

    assert _share("roc_auc", make, single(60), 0.9, samples=300)[0] >= 0.93
