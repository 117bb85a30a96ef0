"""Which input column moved a prediction: exact parts of learners that know them, sampled Shapley values for any model.

Exact parts come in a learner's raw answer (log odds); :func:`in_unit` turns them into probabilities that still add up.

Sampled ones follow Štrumbelj & Kononenko (2014), "Explaining prediction models and individual predictions with feature
contributions", Algorithm 1, with antithetic orders (Mitchell, Cooper, Frank & Holmes 2022, "Sampling permutations for
Shapley value estimation", section 4.1). Absent columns take the values of a background row. The contributions of one row add
up exactly to its prediction minus the mean prediction of the background rows that were used.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Columns, Floats

ORDERS = 16
"""Orders per row, half of them reversed ones. Error falls with 1/sqrt(orders); 16 keeps 20 columns under 350 predictions."""
MIXED_ROWS = 20_000
"""Mixed rows that are predicted at once: enough that the cost of a call does not count, and a few MB."""
NODES = 32
"""Gauss-Legendre nodes of the integral for three or more classes. measured (five classes, random parts): they miss 1e-12 of
a probability while scores move by 13, and 2e-7 at 40; what is missing is shared out, so that rows add up anyway."""


def shapley(
    outputs: Callable[[Columns], Floats], x: Columns, background: Columns, *,
    focus: NDArray[np.int64] | None = None, orders: int = ORDERS, seed: int = 0,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return contributions (rows, columns), base (rows,) and prediction (rows,).

    Parameters
    ----------
    outputs : callable
        Columns → (rows, k).
    x : Columns
        Rows to explain.
    background : Columns
        Rows that stand for "nothing known"; at least one.
    focus : ndarray of shape (rows,) or None
        Which output to explain for each row; the first by default.
    orders : int
        Even number of column orders per row, >= 2.
    seed : int
        Of the orders and of the choice of background rows.
    """
    names = list(x)
    rows, width, n_back = len(next(iter(x.values()))), len(names), len(next(iter(background.values())))
    rng = np.random.default_rng(seed)
    values = np.zeros((rows, width))
    base, full = np.zeros(rows), np.zeros(rows)
    at_once = max(MIXED_ROWS // (orders * (width + 1)), 1)
    for start in range(0, rows, at_once):
        these = range(start, min(start + at_once, rows))
        chains, known, chosen = [], [], []
        for _ in these:
            halves = [rng.permutation(width) for _ in range(orders // 2)]
            chains.append([order for half in halves for order in (half, half[::-1])])
            # A forward order and its reverse share one background row, which is what makes them antithetic.
            chosen.append(np.repeat(rng.choice(n_back, size=orders // 2, replace=n_back < orders // 2), 2))
            # Known columns at each step of each order: none at first, then one more each time.  (orders, width + 1, width)
            rank = np.argsort(np.array(chains[-1]), axis=1)
            known.append(rank[:, None, :] < np.arange(width + 1)[None, :, None])
        flat = np.concatenate(known).reshape(-1, width)
        back = np.repeat(np.concatenate(chosen), width + 1)
        here = np.repeat(np.arange(these.start, these.stop), orders * (width + 1))
        mixed = {name: np.where(flat[:, j], x[name][here], background[name][back]) for j, name in enumerate(names)}
        answers = outputs(mixed)
        wanted = np.zeros(len(here), dtype=np.int64) if focus is None else focus[here]
        picked = answers[np.arange(len(here)), wanted].reshape(len(these), orders, width + 1)
        for row, answer, chain in zip(these, picked, chains, strict=True):
            steps = np.diff(answer, axis=1)
            for i, order in enumerate(chain):
                values[row, order] += steps[i]
            values[row] /= orders
            base[row], full[row] = answer[:, 0].mean(), answer[0, -1]
    return values, base, full


def in_unit(parts: Floats, focus: NDArray[np.int64] | None) -> tuple[Floats, Floats, Floats]:
    """Turn parts of raw answers into parts of the output; return contributions (rows, columns), base and prediction.

    A value is its own raw answer. Of classes the raw answers are scores s whose softmax is the prediction. The scores are
    led on a straight line from the base to the row, and every column gets its share of the way the probability makes there:
    the integral of its gradient times the column's part of the scores. For two classes that is the part times the
    probability's change over the score's change, exactly; for more it is integrated numerically and what is missing
    (rounding) is shared out in proportion. So base + contributions = prediction in every row, and the signs and order of a
    row's columns are those of the log odds for two classes.

    Parameters
    ----------
    parts : ndarray of shape (rows, columns + 1, classes or 1)
        As of :meth:`openglm.core.parts.Explained.contributions`; the base last.
    focus : ndarray of shape (rows,) or None
        Which class to explain for each row; ``None`` for a value.

    References
    ----------
    Aumann & Shapley (1974), "Values of non-atomic games"; Sundararajan, Taly & Yan (2017), "Axiomatic attribution for deep
    networks" (the straight line); Shrikumar, Greenside & Kundaje (2017), "Learning important features through propagating
    activation differences", section 3.2 (the rescale rule, which this is for two classes).
    """
    rows = np.arange(len(parts))
    start, moves = parts[:, -1], parts[:, :-1]
    if focus is None:
        return moves[:, :, 0], start[:, 0], parts[:, :, 0].sum(axis=1)
    end = parts.sum(axis=1)
    base, full = _softmax(start)[rows, focus], _softmax(end)[rows, focus]
    if parts.shape[2] == 2:
        ahead = moves[rows, :, focus] - moves[rows, :, 1 - focus]
        way = ahead.sum(axis=1)
        slope = np.where(np.abs(way) > 1e-9, (full - base) / np.where(np.abs(way) > 1e-9, way, 1.0), base * (1 - base))
        return _complete(ahead * slope[:, None], full - base), base, full
    places, weights = np.polynomial.legendre.leggauss(NODES)
    pull = np.zeros_like(start)  # mean gradient of the probability along the line
    for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
        p = _softmax(start + place * (end - start))
        own = p[rows, focus][:, None]
        gradient = -own * p
        gradient[rows, focus] += own[:, 0]
        pull += weight * gradient
    return _complete(np.einsum("rck,rk->rc", moves, pull), full - base), base, full


def _complete(values: Floats, wanted: Floats) -> Floats:
    """Return values whose rows sum to ``wanted``: what is missing is shared out in proportion to their size."""
    missing = wanted - values.sum(axis=1)
    size = np.abs(values)
    total = size.sum(axis=1, keepdims=True)
    even = np.full_like(size, 1.0 / max(size.shape[1], 1))
    out: Floats = values + missing[:, None] * np.where(total > 0, size / np.where(total > 0, total, 1.0), even)
    return out


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    out: Floats = powers / powers.sum(axis=1, keepdims=True)
    return out
