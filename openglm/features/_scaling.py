"""Brings quantities to one scale for learners that add or compare them, and fills what is missing.

Each quantity is centred on its median and divided by its interquartile range, then bent smoothly into (-BEND, BEND), so that
no outlier dominates a sum or a distance: Holzmüller, Grinsztajn & Steinwart (2024), "Better by default: strong pre-tuned
MLPs and boosted trees on tabular data", section 3 ("robust scaling and smooth clipping"). A strongly skewed quantity goes
through its own distribution to normal scores first. Missing becomes the median, which is 0, and gets its own column where
it occurred in training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BEND = 3.0
"""Limit of the smooth clip, as in the paper."""
TINY = 1e-12
"""Spread below this share of the centre is rounding noise of float64, not information."""


@dataclass(frozen=True)
class Scaler:
    """Fitted scales.

    Parameters
    ----------
    center, scale : ndarray of shape (quantities,), float64
        Median, and spread (> 0).
    flagged : tuple of int
        Positions of quantities that get a column "was missing".
    """

    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    flagged: tuple[int, ...]

    @classmethod
    def fit(cls, values: NDArray[np.float64], may_flag: tuple[int, ...] | None = None) -> Scaler:
        """Return the scales of training rows.

        Parameters
        ----------
        values : ndarray of shape (rows, quantities)
            May hold NaN, but no infinities.
        may_flag : tuple of int or None
            Quantities that may get a "was missing" column; all by default.
        """
        width = values.shape[1]
        center, scale = np.zeros(width), np.ones(width)
        for j in range(width):
            known = values[:, j][~np.isnan(values[:, j])]
            if len(known):
                center[j], scale[j] = _spread(known)
        allowed = range(width) if may_flag is None else may_flag
        flagged = tuple(j for j in allowed if 0 < np.isnan(values[:, j]).sum() < len(values))
        return cls(center, scale, flagged)

    def transform(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return shape (rows, quantities + len(flagged)), float32 without NaN."""
        rows, width = values.shape
        out = np.empty((rows, width + len(self.flagged)), dtype=np.float32)
        missing = np.isnan(values)
        with np.errstate(over="ignore"):
            z = (values - self.center) / self.scale
        np.clip(z, -1e6, 1e6, out=z)  # beyond this the bend is flat to float32 precision
        z[missing] = 0.0
        out[:, :width] = z / np.sqrt(1.0 + (z / BEND) ** 2)
        if self.flagged:
            out[:, width:] = missing[:, self.flagged]
        return out

    def state(self) -> dict[str, Any]:
        """Return plain data and arrays; ``restore`` is the inverse."""
        return {"center": self.center, "scale": self.scale, "flagged": list(self.flagged)}

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Scaler:
        """Return the scaler that ``state`` describes."""
        return cls(state["center"], state["scale"], tuple(state["flagged"]))


def _spread(known: NDArray[np.float64]) -> tuple[float, float]:
    """Return median and spread; where the middle half is one value, the spread of the whole range takes over."""
    low, quarter, middle, rest, high = np.quantile(known, [0.0, 0.25, 0.5, 0.75, 1.0])
    for width in (rest - quarter, (high - low) / 2):
        if width > TINY * max(abs(middle), TINY):
            return float(middle), float(width)
    return float(middle), 1.0
