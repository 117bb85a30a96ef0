"""Which input column moved a prediction: sampled Shapley values for any model.

Štrumbelj & Kononenko (2014), "Explaining prediction models and individual predictions with feature contributions",
Algorithm 1, with antithetic orders (Mitchell, Cooper, Frank & Holmes 2022, "Sampling permutations for Shapley value
estimation", section 4.1). Absent columns take the values of a background row. The contributions of one row add up exactly
to its prediction minus the mean prediction of the background rows that were used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Columns, Floats

ORDERS = 16
"""Orders per row, half of them reversed ones. Error falls with 1/sqrt(orders); 16 keeps 20 columns under 350 predictions."""


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
    for row in range(rows):
        halves = [rng.permutation(width) for _ in range(orders // 2)]
        chain = [order for half in halves for order in (half, half[::-1])]
        # A forward order and its reverse share one background row, which is what makes them antithetic.
        chosen = np.repeat(rng.choice(n_back, size=orders // 2, replace=n_back < orders // 2), 2)
        # Known columns at each step of each order: none at first, then one more each time.  (orders, width + 1, width)
        known = np.zeros((orders, width + 1, width), dtype=bool)
        for i, order in enumerate(chain):
            rank = np.empty(width, dtype=np.int64)
            rank[order] = np.arange(width)
            known[i] = rank[None, :] < np.arange(width + 1)[:, None]
        flat, back = known.reshape(-1, width), np.repeat(chosen, width + 1)
        mixed: dict[str, NDArray[Any]] = {}
        for j, name in enumerate(names):
            cells = background[name][back]
            cells[flat[:, j]] = x[name][row]
            mixed[name] = cells
        answer = outputs(mixed)[:, 0 if focus is None else int(focus[row])].reshape(orders, width + 1)
        steps = np.diff(answer, axis=1)
        for i, order in enumerate(chain):
            values[row, order] += steps[i]
        values[row] /= orders
        base[row], full[row] = answer[:, 0].mean(), answer[0, -1]
    return values, base, full
