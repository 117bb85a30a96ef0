"""Weighted greedy ensemble: Caruana, Niculescu-Mizil, Crew & Ksikes (2004), "Ensemble selection from libraries of models".

Selection with replacement (section 2.1) from the best trials only; it stops when nothing improves, and members whose
share comes out tiny are dropped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.metrics import Metric
from openglm.core.parts import Floats
from openglm.search._decide import decided_score

ROUNDS = 25
"""Picks with replacement; weights are multiples of 1/25. AutoGluon's default for its medium preset is also 25."""
LIBRARY = 12
"""Trials that take part, best first: pruning the library avoids over-fitting (Caruana et al. 2006, section 4)."""
ROWS = 20_000
"""Validation rows used for choosing weights; more changes the third digit of a weight and costs seconds."""


def select(
    outputs: list[Floats],
    scores: list[float],
    y: NDArray[Any],
    judge: Metric,
    *,
    max_members: int,
    clock: Clock,
    seed: int = 0,
) -> tuple[list[float], float]:
    """Return one weight for each trial (0 for those left out; they sum to 1) and the ensemble's score on all rows.

    Parameters
    ----------
    outputs : list of ndarray of shape (rows, classes) or (rows, 1)
        Validation predictions of each trial, at least one.
    scores : list of float
        Their scores, to prune the library.
    y : ndarray of shape (rows,)
        Truth.
    judge : Metric
        To be good at.
    max_members : int
        At most so many weights above 0.
    clock : Clock
        No further pick is begun when it has ended; the picks made so far count.
    seed : int
        Of the choice of rows when there are many.
    """
    rows = np.arange(len(y))
    if len(y) > ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(y), ROWS, replace=False))
    truth = y[rows]
    library = sorted(range(len(outputs)), key=lambda i: judge.loss(scores[i]))[:LIBRARY]
    shown = {i: outputs[i][rows].astype(np.float64) for i in library}
    counts = dict.fromkeys(library, 0)
    total = np.zeros_like(shown[library[0]])
    best, kept = float("inf"), dict(counts)
    for done in range(ROUNDS):
        if done and clock.expired():
            break
        full = sum(1 for count in counts.values() if count) >= max_members
        losses = {
            i: judge.loss(decided_score(judge, truth, (total + shown[i]) / (done + 1)))
            for i in library
            if counts[i] or not full
        }
        chosen = min(losses, key=lambda i: losses[i])
        counts[chosen] += 1
        total += shown[chosen]
        if losses[chosen] < best - 1e-12:
            best, kept = losses[chosen], dict(counts)
        elif done - sum(kept.values()) >= 5:  # five picks without gain: our own choice
            break
    picks = sum(kept.values())
    weights = [kept.get(i, 0) / picks for i in range(len(outputs))]
    mixed = np.sum([w * o for w, o in zip(weights, outputs, strict=True) if w], axis=0)
    return weights, decided_score(judge, y, mixed)
