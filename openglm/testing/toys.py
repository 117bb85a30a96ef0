"""Small made-up tables with a known signal, for exams and tests. Not for benchmarks: they are far too easy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Columns, Matrix, Output
from openglm.core.schema import Role
from openglm.core.task import Kind

CLASSES: dict[str, int] = {"binary": 2, "multiclass": 3, "regression": 0}
TOY_ROLES: dict[str, Role] = {
    "年龄": "numeric", "income, \"net\" {€}": "numeric", "constant": "numeric", "城市": "category", "plan": "category",
    "opened": "date", "评论": "text",
}  # fmt: skip
"""Role of each column of ``toy_columns``; the names are as awkward as real ones."""
_CITIES = ("北京", "上海", "Köln", "São Paulo", "1")
_PRAISE, _BLAME = ("很好 推荐 fast delivery", "质量不错,满意 great"), ("太差 退货 slow", "不满意 broken, 退款")


def toy_columns(kind: Kind, rows: int = 120, seed: int = 0) -> tuple[Columns, NDArray[Any]]:
    """Return typed columns of every role, with missing cells, and a target that depends on all but the constant.

    Parameters
    ----------
    kind : {"binary", "multiclass", "regression"}
        Problem.
    rows : int
        Number of rows, >= 10.
    seed : int
        Same seed, same table.

    Returns
    -------
    columns : dict of str to ndarray of shape (rows,)
        See ``TOY_ROLES``.
    y : ndarray of shape (rows,)
        Class codes or values.
    """
    rng = np.random.default_rng(seed)
    age, skewed = rng.normal(40, 12, rows), rng.lognormal(8, 1.2, rows)
    city, happy = rng.integers(len(_CITIES), size=rows), rng.random(rows) < 0.5
    day = rng.integers(0, 900, rows)
    signal = (age - 40) / 12 + np.log(skewed) - 8 + (city % 2) + 2.0 * happy + day / 900
    comments = [str(rng.choice(_PRAISE if good else _BLAME)) for good in happy]
    x: dict[str, NDArray[Any]] = {
        "年龄": age,
        'income, "net" {€}': skewed,
        "constant": np.full(rows, 7.0),
        "城市": np.array([_CITIES[i] for i in city], dtype=object),
        "plan": np.array([f"p{i}" for i in rng.integers(0, max(rows // 4, 2), rows)], dtype=object),
        "opened": 1.6e9 + day * 86_400.0,
        "评论": np.array(comments, dtype=object),
    }
    for name, values in x.items():
        if name != "constant":
            values[rng.random(rows) < 0.08] = np.nan if values.dtype == np.float64 else None
    return x, _target(signal, kind, rng)


def toy_matrix(kind: Kind, view: str = "codes", rows: int = 120, seed: int = 0) -> tuple[Matrix, NDArray[Any]]:
    """Return what a learner sees, and a target.

    Parameters
    ----------
    kind : {"binary", "multiclass", "regression"}
        Problem.
    view : {"codes", "dense"}
        Codes with missing values, or scaled columns without.
    rows, seed : int
        Size, and what to draw from.
    """
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(rows, 4))
    code = rng.integers(0, 4, rows)
    signal = 2 * numbers[:, 0] - numbers[:, 1] + 2.0 * (code == 1)
    y = _target(signal, kind, rng)
    names = ("价格", "a b", 'quote " , {x}', "噪声")
    if view == "dense":
        values = np.hstack([numbers, np.eye(4)[code]])
        outputs = (*(Output(name, name) for name in names), *(Output(f"城市={i}", "城市") for i in range(4)))
        return Matrix(values.astype(np.float32), outputs), y
    values = np.hstack([numbers, code[:, None]])
    values[rng.random(values.shape) < 0.05] = np.nan
    outputs = (*(Output(name, name) for name in names), Output("城市", "城市", 5))  # code 4 never occurs
    return Matrix(values.astype(np.float32), outputs), y


def _target(signal: NDArray[np.float64], kind: Kind, rng: np.random.Generator) -> NDArray[Any]:
    noisy = signal + rng.normal(0, 0.3, len(signal))
    if kind == "regression":
        return 1_000.0 + 50.0 * noisy
    return np.digitize(noisy, np.quantile(noisy, np.linspace(0, 1, CLASSES[kind] + 1)[1:-1])).astype(np.int64)
