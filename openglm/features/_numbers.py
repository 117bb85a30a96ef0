"""Numeric columns side by side, limited to what float32 can hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Columns

LIMIT = float(np.finfo(np.float32).max)


def stack(x: Columns, columns: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the columns as shape (rows, columns), float64, clipped to the range of float32; NaN stays.

    Always a new array: the caller may write on it.
    """
    rows = len(next(iter(x.values()))) if x else 0
    values = np.empty((rows, len(columns)))
    for j, name in enumerate(columns):
        values[:, j] = x[name]
    return np.clip(values, -LIMIT, LIMIT, out=values)
