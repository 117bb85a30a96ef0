"""Weak spots that were planted are found and named; where there are none, none are."""

import numpy as np
import pytest

from openglm.core.schema import Column, Schema
from openglm.explain._slices import worst_slices

SCHEMA = Schema(
    columns=(
        Column(name="age", role="numeric", dtype="int"), Column(name="city", role="category", dtype="str"),
        Column(name="fee", role="numeric", dtype="float"), Column(name="words", role="text", dtype="str"),
    ),
    rows=0,
)  # fmt: skip


def _table(rows=2000, seed=0):
    rng = np.random.default_rng(seed)
    x = {
        "age": rng.integers(18, 80, rows).astype(float), "city": rng.choice(np.array(["北京", "上海", None], dtype=object), rows),
        "fee": rng.normal(50, 9, rows), "words": np.array(["w"] * rows, dtype=object),
    }  # fmt: skip
    x["fee"][rng.random(rows) < 0.1] = np.nan
    return x, rng.exponential(0.3, rows)


def _find(x, losses, **more):
    return worst_slices(SCHEMA, x, losses, list(x), seed=0, **more)


def test_one_weak_level_is_found_alone():
    """The wide slice is reported; its parts, which are no worse than it, are not."""
    x, losses = _table()
    weak = x["city"] == "上海"
    found = _find(x, losses + 0.8 * weak, score=lambda rows: float(len(rows)))
    assert [piece.condition.zh for piece in found] == ["city = 上海"]
    assert found[0].rows == weak.sum() == found[0].score
    assert found[0].loss > found[0].rest + 0.7 and found[0].p_value < 1e-6


def test_missing_cells_are_a_condition():
    """A gap can be where the model fails."""
    x, losses = _table()
    found = _find(x, losses + 1.0 * np.isnan(x["fee"]))
    assert found[0].condition.en == "fee is missing" and found[0].condition.zh == "fee 缺失"


def test_two_conditions_where_one_does_not_say_it():
    """Young people in one city: the pair is worse than either."""
    x, losses = _table()
    young = x["age"] < np.quantile(x["age"], 0.25)
    found = _find(x, losses + 3.0 * (young & (x["city"] == "北京")))
    pair = [piece for piece in found if len(piece.columns) == 2]
    assert pair and set(pair[0].columns) == {"age", "city"} and " 且 " in pair[0].condition.zh


@pytest.mark.parametrize("seed", range(10))
def test_where_nothing_is_weak_nothing_is_said(seed):
    """Noise has no weak spots."""
    assert _find(*_table(seed=seed)) == ()


def test_small_and_trifling_slices_are_passed_over():
    """Fewer than 30 rows, or a difference that only a million rows could show, is nothing to act on."""
    x, losses = _table(rows=200)
    few = np.arange(200) < 20
    x["city"][few] = "小镇"
    assert all("小镇" not in piece.condition.en for piece in _find(x, losses + 5.0 * few))
    x, losses = _table(rows=10_000)
    assert _find(x, losses + 0.03 * (x["city"] == "上海")) == ()


def test_at_most_five_and_no_table_no_slice():
    """Many weak spots are cut to the five that cost most; few rows have none."""
    x, losses = _table(rows=8000)
    x = {**x, **{f"k{i}": np.random.default_rng(i).integers(0, 9, 8000).astype(float) for i in range(9)}}
    more = tuple(Column(name=f"k{i}", role="numeric", dtype="int") for i in range(9))
    losses = losses + sum(0.6 * (x[f"k{i}"] >= 6) for i in range(9))
    schema = Schema(columns=SCHEMA.columns + more, rows=0)
    assert len(worst_slices(schema, x, losses, list(x), seed=0)) == 5
    assert _find({name: values[:10] for name, values in x.items() if name in SCHEMA}, losses[:10]) == ()
