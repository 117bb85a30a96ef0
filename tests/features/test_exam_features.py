"""Every feature maker that is found takes the whole exam."""

import pytest

from openglm.core.registry import parts
from openglm.testing.feature import FEATURE_CHECKS

CASES = [(name, check) for name in parts("features") for check in FEATURE_CHECKS]


@pytest.mark.parametrize(("name", "check"), CASES, ids=["-".join(case) for case in CASES])
def test_feature_maker_keeps_its_promise(name, check):
    """A feature maker keeps each promise of the contract, or says on its class why it cannot."""
    cls = parts("features")[name]
    if reason := getattr(cls, "exam_skips", {}).get(check):
        pytest.skip(reason)
    FEATURE_CHECKS[check](cls)


def test_every_role_has_a_maker_in_both_views():
    """No column that carries something is invisible to any learner."""
    for view in ("codes", "dense"):
        roles = {role for cls in parts("features").values() if cls.card.view == view for role in cls.card.roles}
        assert roles == {"numeric", "category", "date", "text"}
