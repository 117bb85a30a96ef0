"""The exams themselves: they pass what keeps its promises and catch what does not."""

import numpy as np
import pytest

from openglm.core.parts import Output
from openglm.features.numeric import Numeric
from openglm.testing import HandClock, MajorityModel, check_feature, check_model, toy_columns, toy_matrix
from openglm.testing.feature import FEATURE_CHECKS
from openglm.testing.model import MODEL_CHECKS
from openglm.testing.toys import CLASSES, TOY_ROLES


class Forgetful(MajorityModel):
    """Saves nothing of what it learned."""

    def restore(self, state):
        """Take up something else."""
        self._answer = np.full_like(state["answer"], 1.0 / len(state["answer"]))
        return self


class Meddling(MajorityModel):
    """Changes its input."""

    def fit(self, x, y, **rest):
        """Overwrite the first cell."""
        x.values[0, 0] = 99.0
        return super().fit(x, y, **rest)


class Boastful(MajorityModel):
    """Answers with more than certainty."""

    def predict(self, x):
        """Double everything."""
        return 2.0 * super().predict(x)


class Unstoppable(MajorityModel):
    """Trains 500 rounds, whatever the clock says."""

    def fit(self, x, y, *, watch, rounds=None, **rest):
        """Look at the clock in vain."""
        for _ in range(rounds or 1):
            watch.remaining()
        self.rounds = rounds
        return super().fit(x, y, watch=watch, rounds=rounds, **rest)


class Deaf(MajorityModel):
    """Ignores weights."""

    def fit(self, x, y, *, weight=None, **rest):
        """Count every row."""
        return super().fit(x, y, **rest)


class Changeable(MajorityModel):
    """Turns its settings into something else."""

    def __init__(self, *, kind, classes, seed=0, threads=1, depth=3):
        super().__init__(kind=kind, classes=classes, seed=seed, threads=threads)
        self.depth = depth + 1


@pytest.mark.parametrize(
    ("cls", "check", "kind"),
    [
        (Forgetful, "saving_keeps_predictions", "regression"),
        (Meddling, "inputs_stay_untouched", "binary"),
        (Boastful, "probabilities_are_valid", "binary"),
        (Unstoppable, "budget_is_kept", "binary"),
        (Deaf, "weights_are_respected", "regression"),
        (Changeable, "settings_are_kept", "binary"),
        (MajorityModel, "beats_the_baseline", "multiclass"),
    ],
)
def test_a_broken_promise_is_caught(cls, check, kind):
    """Each of these learners breaks one promise, and just that check says so."""
    with pytest.raises(AssertionError):
        MODEL_CHECKS[check](cls, kind)


def test_the_fake_learner_passes_its_own_exam():
    """A learner needs nothing but the contract: the fake does not inherit the house's base class."""
    check_model(MajorityModel)


def test_skips_are_honoured():
    """What the class excuses is not asked."""
    excused = type("Excused", (Boastful,), {"exam_skips": dict.fromkeys(MODEL_CHECKS, "all of it")})
    check_model(excused, kind="binary")


class Leaky(Numeric):
    """Learns from the rows it is shown."""

    def transform(self, x):
        """Add the number of calls."""
        self.calls = getattr(self, "calls", 0) + 1
        return super().transform(x) + np.float32(self.calls)


class Unnamed(Numeric):
    """Promises more columns than it makes."""

    def restore(self, state):
        """Add an output."""
        super().restore(state)
        self.outputs = (*self.outputs, Output("more", self.columns[0]))
        return self


def test_broken_feature_makers_are_caught():
    """State that grows while transforming, and outputs that do not fit."""
    for cls, check in ((Leaky, "transforming_learns_nothing"), (Unnamed, "outputs_fit_the_matrix")):
        with pytest.raises(AssertionError):
            FEATURE_CHECKS[check](cls)
    check_feature(Numeric)


def test_toys_are_what_they_say():
    """Same seed, same table; every role; all classes; missing cells."""
    for kind, classes in CLASSES.items():
        x, y = toy_columns(kind)
        again, _ = toy_columns(kind)
        assert set(x) == set(TOY_ROLES) and all(len(values) == len(y) for values in x.values())
        assert [a is None or a == a for a in x["城市"]] == [a is None or a == a for a in again["城市"]]
        assert classes == 0 or set(y) == set(range(classes))
        assert np.isnan(x["年龄"]).any() and None in x["评论"].tolist()
        for view in ("codes", "dense"):
            matrix, target = toy_matrix(kind, view)
            assert matrix.values.dtype == np.float32 and len(matrix) == len(target)
            assert bool(matrix.categorical) == (view == "codes")
            assert np.isnan(matrix.values).any() == (view == "codes")


def test_the_hand_clock():
    """Time passes when told, or with every look."""
    clock = HandClock(10.0)
    clock.advance(4.0)
    assert clock.remaining() == 6.0 and not clock.expired()
    clock.advance(6.0)
    assert clock.expired()
    ticking = HandClock(2.5, tick=1.0)
    assert [ticking.remaining() for _ in range(3)] == [1.5, 0.5, -0.5]
