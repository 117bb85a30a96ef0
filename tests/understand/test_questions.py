"""When the reader asks and when it takes the likeliest column; what sounds like a reason, a comparison, an outlier."""

from __future__ import annotations

import pytest
from nlu_tables import PRESET, table

from openglm.core.task import Goal
from openglm.understand import read

BARN = table(
    "tag|id", "breed|cat|A,B,C", "age|int|12", "feed_kg|float", "barn_temp|float", "morning_milk|float", "evening_milk|float",
    "sold|cat|no,yes",
)  # fmt: skip
KILN = table("day|date", "crew|cat|A,B,C", "glaze|cat|x,y,z", "heat|float", "gas_m3|float", "cracked|few|0-1")
TWINS = table("no|id", "size|float", "q1|few|0-1", "q2|few|0-1", "note|cat|a,b,c")


def _goal(name: str, sentence: str) -> Goal:
    return read(sentence, {"barn": BARN, "kiln": KILN, "twins": TWINS}[name], preset=PRESET)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("barn", "predict the milk"),
        ("barn", "make me a model"),
        ("barn", "帮我跑个模型看看"),
        ("barn", "the boss wants something with ai, here is the table"),
        ("twins", "which of them are about to bolt"),
    ],
)
def test_what_is_open_is_asked(name: str, sentence: str) -> None:
    """Two columns of equal right, or no word for an outcome at all: one question and no task."""
    goal = _goal(name, sentence)
    assert not goal.tasks
    assert [question.slot for question in goal.questions] == ["target"]


@pytest.mark.parametrize(
    ("name", "sentence", "target"),
    [
        ("kiln", "will a pot go to bits", "cracked"),
        ("kiln", "which pots are going to end up in the bin?", "cracked"),
        ("kiln", "哪些罐子会报销", "cracked"),
        ("barn", "predict the evening milk", "evening_milk"),
    ],
)
def test_a_clear_outcome_is_taken(name: str, sentence: str, target: str) -> None:
    """Words that no lexicon knows are no reason to ask when one column of the right nature leads."""
    goal = _goal(name, sentence)
    assert not goal.questions
    assert goal.slots["target"].value == target


@pytest.mark.parametrize(
    ("sentence", "intent"),
    [
        ("裂的那么多,是火候还是釉料闹的?", "explain"),
        ("what pushes the gas up the most?", "explain"),
        ("heat and glaze, which matters more for cracking?", "explain"),
        ("裂不裂,随机森林和逻辑回归哪个更准", "compare"),
        ("random forest or a decision tree for cracked pots, which has the smaller error?", "compare"),
        ("predict gas_m3 from heat, crew should have an effect", "build_model"),
        ("预测 cracked,heat 是事后才知道的,去掉", "build_model"),
        ("run it on this week's pots", "predict"),
        ("先把最好的模型上线,上线后盯着", "deploy"),
    ],
)
def test_intents_without_their_usual_words(sentence: str, intent: str) -> None:
    """Reasons, comparisons, remarks and orders are told apart by how they are put."""
    assert _goal("kiln", sentence).intent == intent


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("pick out the firings that look nothing like the rest", "anomaly"),
        ("哪几天跟平时不一样,给我标出来", "anomaly"),
        ("lump similar firings together, no answers given", "clustering"),
        ("gas ten days out", "forecast"),
    ],
)
def test_kinds_without_their_usual_words(sentence: str, kind: str) -> None:
    """Outliers, groups and the future need no technical term."""
    assert [task.kind for task in _goal("kiln", sentence).tasks] == [kind]


def test_an_alarm_is_no_search_for_outliers() -> None:
    """What is to be told once the model is live says nothing about the kind of problem."""
    goal = _goal("kiln", "预测 gas_m3,训好就上线,上线以后数据不对劲就喊我")
    assert [(task.target, task.kind) for task in goal.tasks] == [("gas_m3", "regression")]
