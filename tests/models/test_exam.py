"""Every learner that is found takes the whole exam, on every kind of problem on its card."""

import pytest

from openglm.core.registry import is_available, parts
from openglm.testing.model import MODEL_CHECKS

CASES = [
    (name, kind, check) for name, cls in parts("models").items() for kind in cls.card.kinds for check in MODEL_CHECKS
]


@pytest.mark.parametrize(("name", "kind", "check"), CASES, ids=["-".join(case) for case in CASES])
def test_learner_keeps_its_promise(name, kind, check):
    """A learner keeps each promise of the contract, or says on its class why it cannot."""
    cls = parts("models")[name]
    if not is_available(cls.card):
        pytest.skip(f"{cls.card.package} is not installed")
    if reason := getattr(cls, "exam_skips", {}).get(check):
        pytest.skip(reason)
    MODEL_CHECKS[check](cls, kind)


def test_all_kinds_have_a_learner_and_a_baseline():
    """Whatever the problem, there is a naive answer and something to beat it."""
    known = parts("models")
    for kind in ("binary", "multiclass", "regression"):
        assert kind in known["baseline"].card.kinds
        assert sum(kind in cls.card.kinds for cls in known.values()) >= 5


def test_skips_name_real_checks():
    """A skip for a check that does not exist would hide nothing and mislead everybody."""
    for cls in parts("models").values():
        assert set(getattr(cls, "exam_skips", {})) <= set(MODEL_CHECKS)
