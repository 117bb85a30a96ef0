"""Plans as YAML: without loss, editable, and with clear errors."""

import numpy as np
import pytest
from pydantic import ValidationError

from openglm.core.budget import Budget
from openglm.core.errors import PlanError
from openglm.core.plan import Entry, FeatureStep, Plan, Split
from openglm.core.space import Integer, Options, Real, sample
from openglm.core.task import Task


@pytest.fixture
def plan():
    return Plan(
        recipe="tabular",
        task=Task(
            kind="binary",
            target="是否购买",
            metric="roc_auc",
            positive_class="是",
            sentence="预测: 购买?",
            language="zh",
        ),
        views={"codes": (FeatureStep(part="numeric", columns=("a", " b: #")),)},
        entries=(
            Entry(
                model="lightgbm",
                view="codes",
                params={"num_leaves": 31, "boosting": "gbdt", "extra": None, "fast": True},
                space={
                    "lr": Real(low=0.01, high=0.3, log=True),
                    "n": Integer(low=1, high=9),
                    "k": Options(values=("a", 1, None)),
                },
            ),
        ),
        split=Split(),
        budget=Budget(seconds=30),
    )


def test_yaml_round_trip(plan):
    """A plan that nobody edited comes back equal, Chinese and odd names included."""
    assert Plan.from_yaml(plan.to_yaml()) == plan
    assert "是否购买" in plan.to_yaml()


def test_an_edit_counts(plan):
    """What a person changes in the text is what is carried out."""
    assert Plan.from_yaml(plan.to_yaml().replace("seconds: 30.0", "seconds: 90")).budget.seconds == 90


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [("folds: 5", "folds: 0", "split → folds"), ("seconds: 30.0", "seconds: soon", "budget → seconds")],
)
def test_mistakes_name_their_place(plan, old, new, place):
    """An impossible value is found and its place is named."""
    with pytest.raises(PlanError, match=place):
        Plan.from_yaml(plan.to_yaml().replace(old, new))


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "\t: x"])
def test_rubbish_is_one_sentence(text):
    """Something that is no plan at all is a clear error."""
    with pytest.raises(PlanError):
        Plan.from_yaml(text)


def test_sampling_stays_inside_and_repeats():
    """Points lie in the space, and the same seed gives the same point."""
    space = {
        "lr": Real(low=0.01, high=0.3, log=True),
        "n": Integer(low=2, high=64, log=True),
        "k": Options(values=("a", 1)),
    }
    points = [sample(space, np.random.default_rng(i)) for i in range(200)]
    assert points == [sample(space, np.random.default_rng(i)) for i in range(200)]
    assert all(0.01 <= p["lr"] <= 0.3 and 2 <= p["n"] <= 64 and p["k"] in ("a", 1) for p in points)
    assert {2, 64} <= {p["n"] for p in points} | {2, 64}
    # Evenly in the logarithm: about half of the rates lie below the geometric mean.
    assert 70 < sum(p["lr"] < np.sqrt(0.01 * 0.3) for p in points) < 130


@pytest.mark.parametrize("bad", [{"low": 1, "high": 1}, {"low": 2, "high": 1}, {"low": 0, "high": 1, "log": True}])
def test_impossible_ranges(bad):
    """Empty ranges and logarithms of zero are refused."""
    with pytest.raises(ValidationError):
        Real(**bad)


@pytest.mark.parametrize(
    ("step", "en", "zh"),
    [
        ("{op: range, column: a, low: 900, high: 5}", "900 … 5 is empty", "下限大于上限"),
        ("{op: rang, column: a}", "'rang' is none of 'missing_marks'", "“rang”不在可选值之内"),
        ("{op: range, column: a, low: much}", "much is not a number", "much 不是数值"),
        ("{column: a}", "this entry is missing", "缺少该项"),
        ("{op: required, colum: a}", "no such entry", "没有这一项"),
        ("{op: required, column: a, rows: -1}", "-1 is below 0", "不应小于 0"),
    ],
)
def test_mistakes_in_a_cleaning_step_are_told_in_both_languages(plan, step, en, zh):
    """The place, and what is wrong there, in words of the house."""
    with pytest.raises(PlanError) as caught:
        Plan.from_yaml(plan.to_yaml().replace("cleaning: []", f"cleaning:\n- {step}"))
    said = caught.value.message
    assert "cleaning → 0" in said.en and en in said.en
    assert zh in said.zh and "Input should" not in said.zh
