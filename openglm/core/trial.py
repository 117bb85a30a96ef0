"""A candidate and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from pydantic import Field

from openglm.core.schema import Scalar
from openglm.core.words import Word

STOPPED = "stopped by the user"
"""Reason of a board whose search did not end by itself."""

TrialState = Literal["done", "failed", "timeout", "memory", "stopped"]


class Candidate(Word):
    """A learner with all its settings, ready to be tried.

    Parameters
    ----------
    id : str
        ``t0000`` is the baseline; then in the order of asking.
    model, view : str
        Registry id of the learner, and the view of the columns it sees.
    params : dict
        Settings that differ from the learner's defaults.
    seed : int
        For everything random in it.
    origin : str
        Who proposed it: ``baseline``, ``portfolio``, or the searcher's id.
    """

    id: str
    model: str
    view: str
    params: dict[str, Scalar | None] = {}
    seed: int = 0
    origin: str = "portfolio"


class Trial(Word):
    """A candidate with its score - or its failure and why.

    Parameters
    ----------
    candidate : Candidate
        What was tried.
    state : TrialState
        How it ended.
    score : float or None
        Value of the metric on validation rows, in the metric's own direction.
    fold_scores : tuple of float
        The same per fold.
    seconds, cpu_seconds : float
        Wall-clock and processor time, features included.
    bytes : int
        Size of one saved fold model.
    partial : bool
        Whether the learner was cut short by the clock and is usable all the same.
    rounds : int or None
        Boosting rounds or epochs kept by early stopping (median over folds), for the final fit.
    error : str or None
        Why it failed, one line.
    """

    candidate: Candidate
    state: TrialState
    score: float | None = None
    fold_scores: tuple[float, ...] = ()
    seconds: float = Field(default=0.0, ge=0)
    cpu_seconds: float = Field(default=0.0, ge=0)
    bytes: int = Field(default=0, ge=0)
    partial: bool = False
    rounds: int | None = None
    error: str | None = None


def folds_lacking(trials: Iterable[Trial]) -> dict[str, int]:
    """Return candidate id → folds it was scored on, for finished trials that were not scored on all: time ran out."""
    done = {trial.candidate.id: len(trial.fold_scores) for trial in trials if trial.state == "done"}
    most = max(done.values(), default=0)
    return {name: folds for name, folds in done.items() if 0 < folds < most}


def ranked(trials: Sequence[Trial], loss: Callable[[float], float]) -> list[Trial]:
    """Return trials best first, those without a score last.

    What was not scored on all folds comes after what was, as in the choice of the model: such a trial is only taken where no
    learner was scored on all of them.
    """
    lacking = folds_lacking(trials)
    learned = [trial.candidate for trial in trials if trial.state == "done" and trial.candidate.origin != "baseline"]
    is_whole = any(candidate.id not in lacking for candidate in learned)

    def rank(trial: Trial) -> tuple[bool, bool, float]:
        known = trial.score is not None and math.isfinite(trial.score)
        return not known, is_whole and trial.candidate.id in lacking, loss(trial.score or 0.0) if known else 0.0

    return sorted(trials, key=rank)


class Share(Word):
    """A trial's place in the ensemble: its weight, > 0; all weights sum to 1."""

    trial: str
    weight: float = Field(gt=0, le=1)


class Board(Word):
    """What a search found.

    Parameters
    ----------
    shares : tuple of Share
        The ensemble, heaviest first.
    score : float
        Value of the metric for the ensemble on validation rows. Chosen to be good there, so a little optimistic.
    baseline : float or None
        The same for the naive baseline.
    threshold, baseline_threshold : float
        For two classes: where the positive class begins, chosen by the same rule for the ensemble and the baseline.
    reason : str
        Why the search ended.
    """

    shares: tuple[Share, ...] = Field(min_length=1)
    score: float
    baseline: float | None = None
    threshold: float = 0.5
    baseline_threshold: float = 0.5
    reason: str = ""
