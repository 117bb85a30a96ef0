"""The clock, with hands set by the test."""

import pytest
from pydantic import ValidationError

from openglm.core.budget import Budget, Clock


class Hand:
    """A time source that a test moves."""

    def __init__(self):
        self.at = 100.0

    def __call__(self):
        return self.at


def test_clock_counts_earlier_sittings():
    """Seconds spent before count against the limit."""
    hand = Hand()
    clock = Clock(10, spent=4, now=hand)
    assert clock.remaining() == 6
    hand.at += 5
    clock.add_spent(1)
    assert clock.remaining() == 0
    assert clock.expired()


def test_part_never_outlives_its_whole():
    """A part of a clock ends with it at the latest."""
    clock = Clock(10, spent=7, now=Hand())
    assert clock.part(5).remaining() == 3
    assert clock.part(1).remaining() == 1


def test_no_limit_never_expires():
    """Without seconds there is always time."""
    assert Clock(None, now=Hand()).remaining() == float("inf")
    assert Clock(None, now=Hand()).part(float("inf")).seconds is None


@pytest.mark.parametrize("bad", [{"seconds": 0}, {"seconds": float("inf")}, {"trials": 0}, {"memory_mb": 1}])
def test_impossible_budgets_are_refused(bad):
    """Zero seconds, no trials and a hundredth of the memory are mistakes."""
    with pytest.raises(ValidationError):
        Budget(**bad)
