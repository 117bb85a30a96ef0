"""Every word turns into JSON and back without loss."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from openglm.core.finding import Finding
from openglm.core.schema import Column, Schema
from openglm.core.task import Choice, Goal, Slot, Span, Task
from openglm.core.trial import Board, Candidate, Share, Trial
from openglm.core.words import Said, Word

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)


def test_words_are_frozen():
    """A word cannot be changed after it was made."""
    with pytest.raises(ValidationError, match="frozen"):
        Said(en="a", zh="b").en = "c"


def test_unknown_fields_are_refused():
    """A misspelt field is an error and not silently dropped."""
    with pytest.raises(ValidationError, match="extra"):
        Task(kind="binary", target="y", metric="roc_auc", tarrget="z")


@given(st.floats(), st.text(max_size=10), st.dictionaries(st.text(max_size=5), scalars, max_size=4))
def test_trial_round_trip(score, name, params):
    """A trial with any score, infinities included, comes back equal; NaN comes back as NaN."""
    trial = Trial(candidate=Candidate(id="t1", model=name, view="codes", params=params), state="done", score=score)
    text = trial.to_json()
    json.loads(text, parse_constant=lambda token: pytest.fail(f"{token} is not JSON"))
    back = Trial.from_json(text)
    if score == score:
        assert back == trial
    else:
        assert back.score != back.score
        assert back.candidate == trial.candidate


def test_goal_round_trip():
    """A goal with slots, evidence and alternatives comes back equal."""
    goal = Goal(
        intent="build_model",
        confidence=0.8,
        tasks=(Task(kind="binary", target="是否流失", metric="roc_auc", positive_class=True, language="zh"),),
        slots={
            "target": Slot(
                value="是否流失", origin="inferred", score=0.7, evidence=(Span(start=2, end=4, text="流失"),)
            )
        },
        alternatives=(Choice(column="性别", score=0.1, reason=Said(en="two values", zh="两个取值")),),
        sentence="预测流失",
        language="zh",
    )
    assert Goal.from_json(goal.to_json()) == goal


def test_true_is_not_one():
    """A label keeps its JSON type: true, 1, 1.5 and "1" stay four different things."""
    column = Column(name="a", role="category", dtype="str", levels=(True, 1, 1.5, "1"))
    back = Column.from_json(column.to_json())
    assert [type(level) for level in back.levels] == [bool, int, float, str]


def test_supervised_task_needs_a_target():
    """A task that must predict something names what."""
    with pytest.raises(ValidationError, match="needs a target"):
        Task(kind="regression", target=None, metric="rmse")


def test_schema_resolves_names():
    """Case and outer blanks do not matter; a near miss is named in the error."""
    schema = Schema(columns=(Column(name=" Income ", role="numeric", dtype="float"),), rows=3)
    assert schema.resolve("income") == " Income "
    with pytest.raises(Exception, match="Did you mean ' Income '"):
        schema.resolve("Incom")


def test_finding_plain_speaks_one_language():
    """What --json prints has the five promised keys and one language."""
    finding = Finding(severity="note", code="id-dropped", column="id", message=Said(en="an id", zh="编号"))
    assert finding.plain("zh")["message"] == "编号"
    assert {"severity", "code", "column", "message"} <= set(finding.plain("en"))


def test_board_needs_a_member():
    """An ensemble of nothing cannot be written down."""
    with pytest.raises(ValidationError):
        Board(shares=(), score=0.5)
    assert Board(shares=(Share(trial="t1", weight=1.0),), score=0.5).threshold == 0.5


def test_every_word_class_is_a_word():
    """All classes that travel as JSON share one base, and with it the lossless settings."""
    assert all(issubclass(kind, Word) for kind in (Task, Goal, Trial, Finding, Schema))
