"""A first look for leaks: an input that is the target in other words, judged on training rows only.

Only what is certain is called a leak: a copy, a renaming of the classes, a perfect ranking, an exact line. Columns that are
merely too good belong to a deeper check.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.finding import Finding
from openglm.core.parts import Columns
from openglm.core.task import CLASSIFICATION, Kind
from openglm.core.words import Said

MIN_ROWS = 30  # with fewer rows even a good column may agree by chance
MIN_CLASS = 10  # rows of the rarer class: 2 of C(30, 10) orders rank 10 of 30 perfectly: once in 15 million columns
MIN_FILLED = 0.5  # a copy with gaps is still a copy
LINE_ERROR = (
    1e-9  # of the target's range: what rounding leaves of an exact line in float64, with room for text with 9 digits
)


def find_leaks(x: Columns, y: NDArray[Any], kind: Kind, target: str, named: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return one finding for each input that gives the target away.

    Parameters
    ----------
    x, y : Columns and ndarray of shape (rows,)
        Training rows, typed; class codes or values.
    kind : Kind
        binary, multiclass or regression.
    target : str
        Name of the target, for the message.
    named : tuple of str
        Inputs that are reported and kept: those the user asked for by name.
    """
    if len(y) < MIN_ROWS:
        return ()
    find = _of_classes if kind in CLASSIFICATION else _of_values
    if kind in CLASSIFICATION and np.bincount(y)[np.unique(y)].min() < MIN_CLASS and len(np.unique(y)) == 2:
        return ()
    found = []
    for name, values in x.items():
        code = find(values, y)
        if code:
            found.append(_finding(code, name, target, name in named, len(y)))
    return tuple(found)


def _of_classes(values: NDArray[Any], y: NDArray[np.int64]) -> str:
    """Name the leak in one column against class codes."""
    import pandas as pd

    codes, distinct = pd.factorize(values)
    known = codes >= 0
    if known.sum() < MIN_FILLED * len(y) or len(distinct) < 2:
        return ""
    classes = len(np.unique(y[known]))
    if classes > 1 and len(distinct) == classes:
        pairs = np.unique(codes[known].astype(np.int64) * (int(y.max()) + 1) + y[known])
        if len(pairs) == classes:
            return "leak-copy"
    if values.dtype == object or classes != 2 or len(np.unique(y)) != 2:
        return ""
    low, high = values[known & (y == y.min())], values[known & (y == y.max())]
    if min(len(low), len(high)) < MIN_CLASS:
        return ""
    return "leak-perfect-ranking" if low.max() < high.min() or high.max() < low.min() else ""


def _of_values(values: NDArray[Any], y: NDArray[np.float64]) -> str:
    """Name the leak in one column against numbers."""
    if values.dtype == object:
        return ""
    known = np.isfinite(values)
    a, b = values[known], y[known]
    if len(a) < max(MIN_ROWS, MIN_FILLED * len(y)) or np.ptp(a) == 0 or np.ptp(b) == 0 or len(np.unique(a)) < MIN_CLASS:
        return ""
    centred = (a - a.mean()) / np.ptp(a)
    slope = float(centred @ (b - b.mean()) / (centred @ centred))
    error = np.abs(b - b.mean() - slope * centred).max() / np.ptp(b)
    if error > LINE_ERROR:
        return ""
    return "leak-copy" if np.array_equal(a, b) else "leak-linear-copy"


KEPT = Said(
    en="Kept, because it was named as an input or nothing else is left; if it is not known in advance, the scores mean nothing.",
    zh="因被明确指定为输入或没有其他列而保留;若预测时无法事先得知,分数将毫无意义。",
)
_WHAT = {
    "leak-copy": ("says the same as the target '{t}'", "与目标列“{t}”一一对应"),
    "leak-perfect-ranking": (
        "alone separates both classes of '{t}' without any error",
        "单独就能毫无差错地区分“{t}”的两个类别",
    ),
    "leak-linear-copy": ("is the target '{t}' in another unit: an exact line", "与目标列“{t}”成精确的线性关系"),
}


def _finding(code: str, name: str, target: str, kept: bool, rows: int) -> Finding:
    en, zh = (text.format(t=target) for text in _WHAT[code])
    left_out = Said(
        en=f"Left out. If it is known before the prediction, name it among the inputs: inputs=['{name}', …].",
        zh=f"已去除。若预测前确实已知该列,请在输入中明确列出以保留: inputs=['{name}', …]。",
    )
    return Finding(
        severity="warning", code=code, column=name, rows=rows, fix=KEPT if kept else left_out,
        message=Said(en=f"'{name}' {en} (seen in {rows} training rows).", zh=f"“{name}”{zh}(查看了 {rows} 行训练数据)。"),
    )  # fmt: skip
