"""The budget is a contract: how long, how many trials, how much memory; and the clock that holds us to it."""

from __future__ import annotations

import time
from collections.abc import Callable

from pydantic import Field

from openglm.core.words import Word


class Budget(Word):
    """What a run may spend.

    Parameters
    ----------
    seconds : float or None, default=60
        Wall-clock seconds from the call to the last file on disk, > 0. ``None`` is no limit; then ``trials`` must be set.
    trials : int or None, default=None
        Number of candidates to try, >= 1, baseline not counted.
    memory_mb : int or None, default=None
        Resident memory of one worker process in MiB, >= 100. A trial that exceeds it is stopped and recorded.
    """

    seconds: float | None = Field(default=60.0, gt=0, allow_inf_nan=False)
    trials: int | None = Field(default=None, ge=1)
    memory_mb: int | None = Field(default=None, ge=100)


class Clock:
    """Seconds spent and left, on a time source that tests can set by hand.

    Parameters
    ----------
    seconds : float or None
        The limit; ``None`` never expires.
    spent : float, default=0
        Seconds already spent before this clock started (a resumed run).
    now : callable, default=time.monotonic
        Returns seconds that never go back.

    Examples
    --------
    >>> ticks = iter([0.0, 4.0, 11.0])
    >>> clock = Clock(10, now=lambda: next(ticks))
    >>> clock.remaining()
    6.0
    >>> clock.expired()
    True
    """

    def __init__(self, seconds: float | None, *, spent: float = 0.0, now: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._now = now
        self._start = now() - spent

    def add_spent(self, seconds: float) -> None:
        """Count seconds of an earlier sitting."""
        self._start -= seconds

    def elapsed(self) -> float:
        """Return the seconds since the start, those of earlier sittings included."""
        return self._now() - self._start

    def remaining(self) -> float:
        """Return the seconds left, possibly negative; infinity without a limit."""
        return float("inf") if self.seconds is None else self.seconds - self.elapsed()

    def expired(self) -> bool:
        """Say whether the time is up."""
        return self.remaining() <= 0

    def part(self, seconds: float) -> Clock:
        """Return a clock that starts now and ends after ``seconds`` or with this one, whichever comes first."""
        left = min(seconds, self.remaining())
        return Clock(None if left == float("inf") else left, now=self._now)
