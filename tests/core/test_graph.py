"""The task graph: what is one, in which order it is walked, what it implies, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from openglm.core import graph
from openglm.core.errors import PlanError
from openglm.core.outcome import Outcome
from openglm.core.task import Goal, Slot, Step, Task
from openglm.core.words import Said

CHURN = Task(kind="binary", target="churn", metric="roc_auc", excluded=("phone",))
GROUPS = Task(kind="clustering", target=None, metric="silhouette")


def step(name, *after, kind=None):
    return Step(task_id=name, type=kind or name, depends_on=after, assigned_to="search")


def goal(*steps, tasks=(CHURN,), outputs=()):
    slots = {"outputs": Slot(value=list(outputs), origin="stated")} if outputs else {}
    return Goal(
        intent="build_model", confidence=1, tasks=tasks, steps=steps, slots=slots, sentence="x", language="en"
    )  # fmt: skip


def names(steps):
    return [item.task_id for item in steps]


def waits(made):
    return {item.task_id: set(item.depends_on) for item in made.steps}


def test_a_circle_is_named():
    """The steps of the circle stand in the message, those around it do not; in both languages, with a way out."""
    steps = (step("validate_data"), step("explain", "deploy"), step("deploy", "export"), step("export", "explain"))
    with pytest.raises(PlanError) as caught:
        graph.check(steps)
    for language in ("en", "zh"):
        text = caught.value.text(language)
        assert all(name in text for name in ("explain", "deploy", "export")) and "validate_data" not in text
    assert caught.value.hint.zh


@pytest.mark.parametrize(
    ("steps", "word"),
    [
        ((step("explain"), step("explain")), "explain"),
        ((step("explain", "build_modle"), step("build_model")), "build_model"),
        ((step("explain", "explain"),), "circle"),
    ],
)
def test_other_mistakes(steps, word):
    """Two of one name, a dependency that is not there (with the nearest name), a step that waits for itself."""
    with pytest.raises(PlanError, match=word):
        graph.check(steps)


def test_a_goal_checks_its_own_steps():
    """No goal with a circle can be made or read from a file."""
    with pytest.raises(ValidationError, match="circle: explain → export → explain"):
        goal(step("explain", "export"), step("export", "explain"))


@given(st.data())
def test_the_order_keeps_every_dependency_and_else_the_sentence(data):
    """Any graph without circles, its steps told in any order."""
    size = data.draw(st.integers(1, 8))
    edges = [data.draw(st.sets(st.integers(0, i - 1))) if i else set() for i in range(size)]
    told = data.draw(st.permutations(range(size)))
    steps = [step(f"s{i}", *(f"s{j}" for j in sorted(edges[i])), kind="explain") for i in told]
    order = names(graph.ordered(steps))
    assert sorted(order) == sorted(names(steps))
    assert all(order.index(f"s{j}") < order.index(f"s{i}") for i in range(size) for j in edges[i])
    if told == list(range(size)):  # told in a possible order: that one
        assert order == names(steps)


def test_ancestors_come_nearest_first():
    """Each once."""
    steps = (step("a", kind="explain"), step("b", "a", kind="explain"), step("c", "a", "b", kind="explain"))
    assert graph.ancestors(steps, "c") == ("a", "b")
    assert graph.ancestors(steps, "a") == ()


def test_what_a_sentence_implies():
    """Explaining needs a model; outputs without a step of their own get one; docker belongs to the deployment."""
    made = graph.completed(
        goal(step("validate_data"), step("explain", "validate_data"), outputs=["docker", "deploy", "report"])
    )
    assert waits(made) == {
        "validate_data": set(), "build_model": {"validate_data"}, "explain": {"validate_data", "build_model"},
        "deploy": {"build_model"}, "report": {"build_model"},
    }  # fmt: skip
    assert graph.completed(made) == made
    assert names(graph.completed(goal()).steps) == ["build_model"]
    assert waits(graph.completed(goal(tasks=(CHURN, GROUPS)))) == {
        "build_model": set(),
        "build_model_2": {"build_model"},
    }


def test_no_learning_waits_for_what_needs_a_model():
    """A sentence that says "compress it" too early still trains first, and the compressing comes after."""
    told = (
        step("clean_data"),
        step("compress", "clean_data"),
        step("build_model", "compress"),
        step("monitor", "build_model"),
    )
    made = waits(graph.completed(goal(*told)))
    assert made["build_model"] == {"clean_data"}
    assert "build_model" in made["compress"]
    assert made["monitor"] == {"build_model"}


def test_without_a_task_nothing_is_trained():
    """A look at the table stays one."""
    made = graph.completed(goal(step("describe_data"), tasks=()))
    assert names(made.steps) == ["describe_data"]


def test_triples_before_and_after_the_run():
    """What the graph says, and what came of it."""
    made = goal(step("build_model"), step("explain", "build_model"))
    said = {(t.subject, t.predicate, t.object) for t in graph.triples(made)}
    assert said == {
        ("build_model", "is_a", "build_model"), ("build_model", "assigned_to", "search"),
        ("build_model", "predicts", "churn"), ("build_model", "judged_by", "roc_auc"),
        ("build_model", "leaves_out", "phone"), ("explain", "is_a", "explain"), ("explain", "assigned_to", "search"),
        ("explain", "depends_on", "build_model"),
    }  # fmt: skip
    outcome = Outcome(
        task_id="explain", type="explain", status="done", said=Said(en="x", zh="x"), inputs=("build_model",),
        artifacts={"page": "report.html"},
    )  # fmt: skip
    assert {(t.subject, t.predicate, t.object) for t in graph.triples(made, [outcome])} - said == {
        ("explain", "used", "build_model"), ("explain", "produced", "report.html"), ("explain", "status", "done"),
    }  # fmt: skip
    assert Outcome.from_json(outcome.to_json()) == outcome


def test_the_second_build_learns_the_second_task():
    """In the order of the sentence; tuning and comparing are about the first."""
    made = goal(
        step("compare"),
        step("build_model", "compare"),
        step("build_model_2", "compare", kind="build_model"),
        tasks=(CHURN, GROUPS),
    )
    assert [graph.task_of(made, item) for item in made.steps] == [CHURN, CHURN, GROUPS]
    assert graph.task_of(made, step("explain")) is None
