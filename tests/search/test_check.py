"""Further folds judge what was found: random ones beside honest ones, and repeats; nothing of it is a candidate."""

import numpy as np
import pytest
from scipy import stats

from openglm.core.budget import Budget, Clock
from openglm.core.dataset import Dataset, Rows
from openglm.core.events import EventLog
from openglm.core.evidence import Repeated, SplitCheck
from openglm.core.plan import Split
from openglm.core.schema import Column, Schema
from openglm.core.task import Task
from openglm.search import InlinePool, check, search
from openglm.search._check import corrected
from tests.search.conftest import make_data


def tied(method, rows=400, drift=0.0, seed=0):
    """Ten rows a customer, whose mood one column gives away to those who know the customer; along time the weather drifts."""
    rng = np.random.default_rng(seed)
    who, at = np.repeat(np.arange(rows // 10), 10), np.arange(rows) / rows
    mark = rng.normal(size=rows // 10)[who]
    mood = rng.normal(size=rows // 10)[who]
    a = rng.normal(size=rows)
    y = (mood * (method == "group") + 0.3 * a + drift * np.sin(20 * at) > 0).astype(np.int64)
    x = {"a": a, "b": mark if method == "group" else at}
    aside = {"who": np.array([f"C{i}" for i in who], dtype=object)} if method == "group" else {"at": at}
    every = Rows(x, y, np.arange(rows), aside)
    train, sealed = every.take(np.arange(rows - 80)), every.take(np.arange(rows - 80, rows))
    schema = Schema(columns=tuple(Column(name=n, role="numeric", dtype="float") for n in x), rows=rows)
    task = Task(kind="binary", target="y", metric="roc_auc", inputs=("a", "b"), positive_class=1)
    split = Split(
        method=method, folds=3, group=("who",) if method == "group" else (), time=None if method == "group" else "at"
    )
    fold = who[: rows - 80] % 3 if method == "group" else np.digitize(at[: rows - 80], (0.4, 0.55, 0.68)) - 1
    return Dataset(task, schema, (0, 1), split, train, fold.astype(np.int8), sealed)


def judged(make_run, data, models=("lightgbm",), **changes):
    run, plan, data = make_run(models, data, budget=Budget(seconds=None, trials=2), **changes)
    pool, clock, log = InlinePool(run), Clock(None), EventLog()
    run.write("board.json", search(plan, data, run, pool, clock, log, is_stopped=lambda: False))
    before = (run.path / "trials.jsonl").read_bytes()
    check(plan, data, run, pool, clock, log)
    assert (run.path / "trials.jsonl").read_bytes() == before
    assert not (run.path / "checks").exists()
    return run


def test_random_folds_flatter_where_customers_come_back(make_run):
    """Who knows the customer knows the answer: the random score is far higher, and the report's sentence says why."""
    run = judged(make_run, tied("group"))
    found = run.found("split_check.json", SplitCheck)
    assert found.model == "lightgbm"
    assert found.random.value > found.honest.value + 0.15
    assert found.honest.low < found.honest.value < found.honest.high
    assert "too good" in found.said.en
    assert "“who”" in found.said.zh
    done = next(t for t in run.trials if t.candidate.model == "lightgbm")
    assert found.honest.value == pytest.approx(np.mean(done.fold_scores))


def test_random_folds_flatter_where_time_drifts(make_run):
    """Interpolating between past and future is easier than looking ahead."""
    found = judged(make_run, tied("time", drift=1.5)).found("split_check.json", SplitCheck)
    assert found.random.value > found.honest.value + 0.1
    assert "same time" in found.said.en


def test_one_hold_out_part_has_an_interval_too(make_run):
    """With a single part the interval comes from batches of its rows."""
    data = tied("group", rows=1200)
    data = Dataset(
        data.task, data.schema, data.classes, data.split.model_copy(update={"folds": 1}), data.train,
        np.where(data.folds == 0, 0, -1).astype(np.int8), data.sealed,
    )  # fmt: skip
    found = judged(make_run, data).found("split_check.json", SplitCheck)
    assert found.honest.low < found.honest.value < found.honest.high
    assert found.random.value > found.honest.value


def test_small_data_are_cross_validated_again(make_run):
    """Five times two folds, with an interval; exchangeable rows need no look at random folds."""
    data = make_data()
    split = data.split.model_copy(update={"repeats": 5})
    data = Dataset(data.task, data.schema, data.classes, split, data.train, data.folds, data.sealed)
    run = judged(make_run, data, ("linear", "lightgbm"))
    found = run.found("repeated.json", Repeated)
    assert (found.folds, found.repeats) == (2, 5)
    assert found.score.low < found.score.value < found.score.high
    assert found.score.value == pytest.approx(run.board.score, abs=0.1)
    assert run.found("split_check.json", SplitCheck) is None


def test_without_time_nothing_is_checked(make_run):
    """What does not fit into its share of the budget is left out."""
    run, plan, data = make_run(("lightgbm",), tied("group"), budget=Budget(seconds=None, trials=1))
    pool, log = InlinePool(run), EventLog()
    run.write("board.json", search(plan, data, run, pool, Clock(None), log, is_stopped=lambda: False))
    hurried = plan.model_copy(update={"budget": Budget(seconds=0.01)})
    check(hurried, data, run, pool, Clock(0.01), log)
    assert not run.has("split_check.json")


def test_the_corrected_interval_by_hand():
    """Equation 9 of Nadeau and Bengio: four scores of variance 1/6 · 10⁻², validation rows a third of those learned from."""
    found = corrected([0.7, 0.8, 0.75, float("nan"), 0.75], 1 / 3)
    half = stats.t.ppf(0.975, 3) * np.sqrt((1 / 4 + 1 / 3) * 0.005 / 3)
    assert found.value == pytest.approx(0.75)
    assert found.high - found.value == pytest.approx(half)
    assert np.isnan(corrected([0.5], 0.25).low)


def test_the_corrected_interval_covers():
    """Repeated folds of one small sample: a mean's interval holds the truth, where the naive one holds it far less often."""
    rng, hits, naive = np.random.default_rng(0), 0, 0
    for _ in range(200):
        sample = rng.normal(size=50)
        scores = [part.mean() for _ in range(5) for part in np.array_split(rng.permutation(sample), 5)]
        found, plain = corrected(scores, 0.25), corrected(scores, 0.0)
        hits += found.low <= 0 <= found.high
        naive += plain.low <= 0 <= plain.high
    assert hits >= 185
    assert naive < 175
