"""What the reader does when a sentence asks for what the table lacks, takes itself back, or measures one thing by another."""

from __future__ import annotations

import pytest
from nlu_tables import PRESET, TABLES, table

from openglm.core.errors import InputError
from openglm.core.task import Goal
from openglm.understand import read

CLUB = table("ref|id", "age|int|60", "town|cat|A,B,C", "towel_service|cat|No,Yes", "dues|float", "Left|cat|No,Yes")
INN = table(
    "ref|id",
    "room_kind|cat|double,single",
    "minimum_nights|int|30",
    "reviews|int|200",
    "price|float",
    "free_days|int|300",
)
MAILING = table(
    "cust|id", "income|float", "NumCampaignDeals|int|15", "NumWebVisits|int|20", "Response|few|0-1", "land|cat|X,Y,Z"
)  # fmt: skip


def _target(goal: Goal) -> object:
    return goal.slots["target"].value if "target" in goal.slots else None


@pytest.mark.parametrize(
    "sentence",
    [
        "predict the weather on the moon",
        "predict rainfall",
        "predict Zorblax",
        "predict Zorblax using LightGBM",
        "预测 Zorblax",
        "预测明天的股价",
        "股价预测",
        "forecast sales for next month",
        "predict whether it will be a hit song, the song popularity",
    ],
)
def test_absent_is_asked(sentence: str) -> None:
    """Something known, or a name, that no column stands for is asked about once; the habitual target is an option."""
    goal = read(sentence, CLUB, preset=PRESET)
    assert _target(goal) is None and not goal.tasks
    assert len(goal.questions) == 1
    assert "Left" in [option.column for option in goal.questions[0].options]


@pytest.mark.parametrize(
    "sentence",
    [
        "predict the outcome",
        "对结果建模",
        "predict what our customers will do",
        "预测客户的行为",
        "predict the behaviour of members",
        "predict everything",
    ],
)
def test_general_words_leave_it_to_habit(sentence: str) -> None:
    """Words that mean any outcome, entities and unknown words do not stop the clear habit of a table."""
    goal = read(sentence, CLUB, preset=PRESET)
    assert _target(goal) == "Left" and not goal.questions


@pytest.mark.parametrize("sentence", ["predict churn", "预测违约", "predict the weather"])
def test_marked_outcome_stands(sentence: str) -> None:
    """A column called target may be anything, so it is taken."""
    assert _target(read(sentence, TABLES["plain"], preset=PRESET)) == "target"


@pytest.mark.parametrize("sentence", ["predict Left but not Left", "预测Left,但不要用Left", "预测流失但不要预测流失"])
def test_contradiction_is_refused(sentence: str) -> None:
    """A target named and left out at once is refused, not replaced by another column."""
    with pytest.raises(InputError):
        read(sentence, CLUB, preset=PRESET)


def test_second_best_habit_is_asked() -> None:
    """With the likeliest outcome left out and nothing named, the next column is not taken silently."""
    goal = read("predict the outcome, do not use Left", CLUB, preset=PRESET)
    assert _target(goal) is None and goal.questions


@pytest.mark.parametrize(
    "sentence",
    [
        "estimate what a night costs, lower absolute error is better",
        "how much per night",
        "每晚多少钱",
        "一晚要多少钱",
        "cost of a night",
        "what does a room cost",
    ],
)
def test_measure_is_not_the_target(sentence: str) -> None:
    """What a price is counted by loses to the price."""
    goal = read(sentence, INN, preset=PRESET)
    assert _target(goal) == "price" and goal.slots["task_kind"].value == "regression"


@pytest.mark.parametrize(
    ("sentence", "target"), [("predict minimum nights", "minimum_nights"), ("最少要住几晚", "minimum_nights")]
)
def test_measure_asked_for_is_the_target(sentence: str, target: str) -> None:
    """The same word asked for on its own is the target."""
    assert _target(read(sentence, INN, preset=PRESET)) == target


@pytest.mark.parametrize(
    "sentence",
    [
        "who will answer our campaign",
        "who will reply to the mailing",
        "which customers will accept our offer",
        "哪些客户会响应活动",
        "谁会接受优惠",
    ],
)
def test_who_will_wants_two_values(sentence: str) -> None:
    """ "Who will" asks yes or no, so a two-valued column wins over a count."""
    goal = read(sentence, MAILING, preset=PRESET)
    assert _target(goal) == "Response" and goal.slots["task_kind"].value == "binary"


def test_chinese_reasons_are_chinese() -> None:
    """No role or kind word is left in English."""
    goal = read("预测 Left", CLUB, preset=PRESET)
    assert "(类别)" in goal.slots["task_kind"].reason.zh
    assert goal.slots["metric"].reason.zh == "二分类的常用指标。"


def test_one_row_is_left_to_prepare() -> None:
    """A named target with a single text value becomes no regression, so that the rows are what is complained about."""
    column = table("a|float", "verdict|cat|good", rows=1)
    single = column.columns[1].__class__(name="verdict", role="constant", dtype="str", n_unique=1)
    schema = column.__class__(columns=(column.columns[0], single), rows=1)
    goal = read("predict verdict", schema, preset=PRESET)
    assert _target(goal) == "verdict" and goal.slots["task_kind"].value == "multiclass"


def test_only_column_is_taken() -> None:
    """A table whose only column is named: taken; that there is nothing to learn from is said later."""
    assert _target(read("predict dues", table("dues|float"), preset=PRESET)) == "dues"
