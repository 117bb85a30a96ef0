"""Honest parts: groups whole, time not turned back, and what cannot be split so is split at random and said."""

import numpy as np
import pandas as pd
import pytest

from openglm.core.errors import ColumnError, InputError
from openglm.core.plan import Split
from openglm.core.task import Task
from openglm.prepare import fold_again, load, prepare
from openglm.prepare._split import copies, group_rows, time_rows
from tests.prepare.test_groups import customers_over_months, patients_with_visits, sales


def prepared(frame, split=None, kind="binary", **task):
    return prepare(load(frame), Task(kind=kind, target="y", metric="", **task), split=split)


def codes(findings):
    return [finding.code for finding in findings]


# ── groups ──


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strata", [False, True])
@pytest.mark.parametrize("folds", [1, 5])
def test_groups_of_wildly_different_sizes(seed, strata, folds):
    """No group is cut, nothing is lost, and the sealed part has about its share though one group holds a third of the rows."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(60), np.r_[400, 150, rng.integers(1, 30, 58)])
    y = rng.integers(0, 2, len(groups))
    train, sealed, fold = group_rows(y, groups, Split(folds=folds, seed=seed), strata=strata)
    assert np.array_equal(np.sort(np.r_[train, sealed]), np.arange(len(y)))
    assert not set(groups[train]) & set(groups[sealed])
    assert 0.1 < len(sealed) / len(y) < 0.35
    for number in range(folds):
        inside = fold == number
        assert inside.any()
        assert not set(groups[train][inside]) & set(groups[train][~inside])
    assert all(
        np.array_equal(a, b)
        for a, b in zip(
            (train, sealed, fold), group_rows(y, groups, Split(folds=folds, seed=seed), strata=strata), strict=True
        )
    )


def test_many_groups_are_even():
    """Ten thousand groups: parts of equal size, and another seed draws others."""
    groups = np.repeat(np.arange(10_000), 3)
    one = group_rows(np.zeros(30_000), groups, Split(seed=0), strata=True)
    assert len(one[1]) == 6000
    assert np.ptp(np.bincount(one[2])) <= 3
    assert not np.array_equal(one[1], group_rows(np.zeros(30_000), groups, Split(seed=1), strata=True)[1])


def test_five_thousand_classes():
    """More classes than can be balanced are split by groups all the same."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(2000), 5)
    y = rng.integers(0, 5000, 10_000)
    train, sealed, _ = group_rows(y, groups, Split(), strata=True)
    assert not set(groups[train]) & set(groups[sealed])
    assert 0.15 < len(sealed) / 10_000 < 0.25


def test_a_table_of_customers():
    """Customers over months: learned from the past; patients: whole, without their number, and both are said with the way out."""
    data, findings = prepared(customers_over_months())
    assert (data.split.method, data.split.time) == ("time", "month")
    assert data.train.aside["month"].max() < data.sealed.aside["month"].min()
    assert "split-time" in codes(findings)
    for number in range(data.n_folds):
        learn, valid = data.fold(number)
        assert data.train.aside["month"][learn].max() <= data.train.aside["month"][valid].min()
    data, findings = prepared(patients_with_visits())
    assert (data.split.method, data.split.group) == ("group", ("病历号",))
    assert "病历号" not in data.schema
    chosen = next(f for f in findings if f.code == "split-group")
    assert "--split" in chosen.fix.en
    assert "--split" in chosen.fix.zh
    assert not set(data.train.aside["病历号"]) & set(data.sealed.aside["病历号"])


# ── what is asked ──


@pytest.mark.parametrize(
    ("asked", "method"),
    [
        ("random", "random"), ("group:city", "group"), ("time:order_date", "time"),
        ("group-time:store_id,order_date", "group-time"), ("group:city,product_id", "group"),
    ],
)  # fmt: skip
def test_a_text_overrides(asked, method):
    """What the caller says is done, whatever was found."""
    data, findings = prepared(sales(), split=asked, kind="regression")
    assert data.split.method == method
    assert "asked" in data.split.reason.en
    assert "split-fallback" not in codes(findings)
    assert set(data.train.aside) == set(data.split.group) | ({data.split.time} - {None})
    if method == "group-time":
        shops = data.train.aside, data.sealed.aside
        assert not set(shops[0]["store_id"]) & set(shops[1]["store_id"])


def test_a_plan_overrides():
    """The split of an edited plan is obeyed, its columns in any case; columns of another method are dropped."""
    data, _ = prepared(
        sales(), split=Split(method="group", group=("CITY",), time="order_date", folds=3), kind="regression"
    )
    assert (data.split.method, data.split.group, data.split.time, data.n_folds) == ("group", ("city",), None, 3)
    assert prepared(sales(), split=Split(method="random"), kind="regression")[0].split.method == "random"


@pytest.mark.parametrize(
    ("split", "error", "says"),
    [
        ("group:y", InputError, "to be predicted"), ("group:town", ColumnError, "town"), ("by city", InputError, "no way"),
        (Split(method="group"), InputError, "needs a column"), (Split(method="time"), InputError, "needs a column"),
        (Split(method="time", time="when"), ColumnError, "when"),
    ],
)  # fmt: skip
def test_a_split_that_cannot_be_meant(split, error, says):
    """One clear sentence each."""
    with pytest.raises(error, match=says):
        prepared(sales(), split=split, kind="regression")


def test_the_task_overrides():
    """Columns that the sentence names are taken."""
    assert prepared(sales(), kind="regression", group_column="city")[0].split.group == ("city",)
    both = prepared(sales(), kind="regression", group_column="store_id", time_column="order_date")[0].split
    assert (both.method, both.group, both.time) == ("group-time", ("store_id",), "order_date")
    assert prepared(sales(column="d1"), kind="regression", time_column="d1")[0].split.time == "d1"


# ── what cannot be split ──


def broken(name):
    rng = np.random.default_rng(0)
    made = pd.DataFrame({"z": rng.normal(size=300), "y": rng.integers(0, 2, 300)})
    at = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(300), unit="h")
    if name == "one group":
        return made.assign(who="a", other=made.z > 0), "group:who"
    if name == "two groups":
        return made.assign(who=np.where(made.z > 0, "a", "b")), "group:who"
    if name == "one moment":
        return made.assign(at=at[0]), "time:at"
    if name == "one moment for nearly all":
        return made.assign(at=at.where(np.arange(300) > 288, at[0])), "time:at"
    if name == "no times":
        return made.assign(at=["soon", "later", "2024-01-01"] * 100), "time:at"
    if name == "one class at the end":
        return made.assign(at=at, y=(np.arange(300) < 150).astype(int) * rng.integers(0, 2, 300)), "time:at"
    return made.assign(who=np.arange(300) % 3 + 1, y=np.arange(300) % 3 % 2), "group:who"  # a class per group


@pytest.mark.parametrize(
    "name",
    [
        "one group",
        "two groups",
        "one moment",
        "one moment for nearly all",
        "no times",
        "one class at the end",
        "a class a group",
    ],
)
def test_what_cannot_be_split_so_is_split_at_random_and_said(name):
    """The reason stands in the finding and in the plan, in both languages; both parts have both classes."""
    frame, split = broken(name)
    data, findings = prepared(frame, split=split)
    fallen = next(f for f in findings if f.code == "split-fallback")
    assert fallen.severity == "warning"
    assert data.split.method == "stratified"
    assert data.split.reason.en
    assert data.split.reason.zh
    assert len(np.unique(data.train.y)) == len(np.unique(data.sealed.y)) == 2


def test_times_in_mixed_formats():
    """Days, moments and Chinese dates in one column are one order; the sealed rows are the latest."""
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(200), unit="D")
    forms = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S")
    frame = pd.DataFrame(
        {
            "日期": [day.strftime(forms[i % 4]) for i, day in enumerate(days)],
            "z": np.arange(200) % 7,
            "y": np.arange(200) % 2,
        }
    )
    data, _ = prepared(frame.sample(frac=1, random_state=0), split="time:日期")
    assert data.split.method == "time"
    assert data.train.aside["日期"].max() < data.sealed.aside["日期"].min()


@pytest.mark.parametrize("folds", [1, 3])
def test_rows_of_one_moment_stay_together(folds):
    """Ties in time are not cut, and every fold has earlier rows to learn from."""
    times = np.repeat(np.arange(12.0), 10)
    train, sealed, fold = time_rows(times, Split(method="time", folds=folds))
    assert not set(times[train]) & set(times[sealed])
    for number in range(fold.max() + 1):
        assert times[train][fold < number].max() < times[train][fold == number].min()


# ── further folds ──


def test_folds_once_more():
    """Further folds keep groups whole when they shall, copies always, and differ by seed."""
    data, _ = prepared(patients_with_visits())
    who = data.train.aside["病历号"]
    honest = [fold_again(data, seed, honest=True) for seed in (2, 3)]
    assert not np.array_equal(*honest)
    assert not np.array_equal(honest[0], data.folds)
    for folds in honest:
        assert sorted(np.unique(folds)) == list(range(data.n_folds))
        assert all(len(set(folds[who == one])) == 1 for one in np.unique(who))
    random = fold_again(data, 2, honest=False)
    assert any(len(set(random[who == one])) > 1 for one in np.unique(who))
    twice, _ = prepared(pd.concat([sales()] * 2, ignore_index=True), split="random", kind="regression")
    same = copies(twice.train.x, twice.train.y)
    folds = fold_again(twice, 5, honest=True)
    assert all(len(set(folds[same == one])) == 1 for one in np.unique(same))
