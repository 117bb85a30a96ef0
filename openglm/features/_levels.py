"""Levels of a category column: counted in training rows, looked up in new ones. Holds no state of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray


def rank_levels(values: NDArray[Any], *, most: int, at_least: int = 1) -> list[str]:
    """Return the levels by falling frequency, equal ones in the order of their spelling.

    Parameters
    ----------
    values : ndarray of shape (rows,), object
        str, or None where missing.
    most : int
        Return at most so many.
    at_least : int
        Leave out levels seen in fewer rows.

    Examples
    --------
    >>> rank_levels(np.array(["b", "a", None, "b", "a", "c"], dtype=object), most=10, at_least=2)
    ['a', 'b']
    """
    counts = Counter(values.tolist())
    counts.pop(None, None)
    kept = [(-count, level) for level, count in counts.items() if count >= at_least]
    return [level for _, level in sorted(kept)[:most]]


def look_up(values: NDArray[Any], table: Mapping[str | None, float], otherwise: float) -> NDArray[np.float32]:
    """Return ``table[value]`` for each value, or ``otherwise``; shape (rows,).

    ``map`` over ``dict.get`` keeps the loop in C: measured 45 ns per cell, 25 with few levels.
    """
    return np.fromiter(map(table.get, values.tolist(), repeat(otherwise)), dtype=np.float32, count=len(values))
