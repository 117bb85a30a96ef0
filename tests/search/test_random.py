"""The searcher: entries in order, then points of spaces, the same for the same seed."""

from openglm.core.budget import Budget
from openglm.core.plan import Entry, Plan, Split
from openglm.core.space import Real
from openglm.core.task import Task
from openglm.core.trial import Trial
from openglm.search.random import DRAWS, RandomSearch


def _plan(seed=0, spaces=True):
    space = {"alpha": Real(low=0.1, high=1.0)} if spaces else {}
    return Plan(
        recipe="tabular", task=Task(kind="regression", target="y", metric="rmse"), views={"codes": ()},
        entries=tuple(Entry(model=name, view="codes", space=space) for name in ("a", "b", "c")),
        split=Split(), budget=Budget(), seed=seed,
    )  # fmt: skip


def test_entries_first_then_points():
    """The first tries are the entries as they stand; later ones are drawn from the spaces, each with an id of its own."""
    searcher = RandomSearch(_plan())
    asked = [searcher.ask() for _ in range(10)]
    assert [candidate.model for candidate in asked[:3]] == ["a", "b", "c"]
    assert all(not candidate.params for candidate in asked[:3])
    assert all(0.1 <= candidate.params["alpha"] <= 1.0 for candidate in asked[3:])
    assert len({candidate.id for candidate in asked}) == 10
    assert asked == [again.ask() for again in [RandomSearch(_plan())] for _ in range(10)]
    assert asked[3:] != [again.ask() for again in [RandomSearch(_plan(seed=1))] for _ in range(10)][3:]


def test_no_space_means_an_end():
    """Without spaces there is nothing after the entries."""
    searcher = RandomSearch(_plan(spaces=False))
    assert [searcher.ask() is None for _ in range(5)] == [False, False, False, True, True]


def test_good_learners_are_drawn_more_often():
    """What did well so far gets most of the further tries."""
    searcher = RandomSearch(_plan())
    for candidate, score in zip([searcher.ask() for _ in range(3)], [3.0, 1.0, 2.0], strict=True):
        searcher.tell(Trial(candidate=candidate, state="done", score=score, fold_scores=(score,)))
    drawn = [searcher.ask().model for _ in range(25)]
    assert drawn.count("b") > drawn.count("c") > drawn.count("a") > 0


def test_a_small_space_is_used_up():
    """One dimension is not drawn from for ever: more points would be copies of each other."""
    searcher = RandomSearch(_plan())
    asked = [searcher.ask() for _ in range(100)]
    assert sum(candidate is not None for candidate in asked) == 3 + 3 * DRAWS
