"""Which rows are sealed, and in which fold a training row validates. Seeded; exact copies of a row stay on one side.

It knows neither time nor groups of the user's own: rows are exchangeable here.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Columns
from openglm.core.plan import Split
from openglm.core.words import Said

SEALED_SHARE = 0.2  # Joseph (2022), "Optimal ratio for data splitting": sqrt(inputs) : 1, so 0.2 for 16 inputs
FOLDS = 5  # Kohavi (1995), "A study of cross-validation and bootstrap", recommends ten; five cost half as much time
# Beyond, one hold-out part of 20 % costs a fifth of five folds, and an AUC of .8 has a standard error of .007 (half the
# rows positive) to .014 (a tenth); Hanley & McNeil (1982), equation 1.
CROSS_VALIDATED_ROWS = 20_000
HOLDOUT_SHARE, HOLDOUT_ROWS = 0.2, 20_000  # the same standard error at 20,000 validation rows: .003 to .006
COPY_ROWS = 10  # a row seen more often repeats by nature (few columns of few values) and is split like any other
COPY_SHARE = 0.005  # the same, of all rows
SEALED_PER_CLASS = 3  # from so many rows on, a class has at least one sealed row

Ints = NDArray[np.int64]


def default_split(rows: int, stratified: bool, seed: int) -> Split:
    """Return how to split a table of so many usable rows, with the reason."""
    method: Literal["stratified", "random"] = "stratified" if stratified else "random"
    if rows * (1 - SEALED_SHARE) > CROSS_VALIDATED_ROWS:
        reason = Said(
            en=f"more than {CROSS_VALIDATED_ROWS:,} training rows: one hold-out part instead of {FOLDS} folds",
            zh=f"训练数据超过 {CROSS_VALIDATED_ROWS:,} 行，用一份留出数据代替 {FOLDS} 折交叉验证",
        )
        return Split(method=method, sealed_share=SEALED_SHARE, folds=1, seed=seed, reason=reason)
    reason = Said(
        en=f"{FOLDS}-fold cross-validation, since the table is not large", zh=f"数据量不大，采用 {FOLDS} 折交叉验证"
    )
    return Split(method=method, sealed_share=SEALED_SHARE, folds=FOLDS, seed=seed, reason=reason)


def copies(x: Columns, y: NDArray[np.generic]) -> Ints:
    """Return a number for each row, equal for rows that are exact copies of each other, target included.

    Rows are compared by 64-bit hashes; two different rows in a million collide with probability 3e-8.
    """
    import pandas as pd

    total = np.zeros(len(y), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for place, values in enumerate([*x.values(), y]):
            if values.dtype == object:
                bits = pd.factorize(values)[0].astype(np.uint64)
            elif values.dtype.kind == "f":
                bits = np.where(np.isnan(values), np.nan, values + 0.0).view(np.uint64)  # + 0.0 makes -0.0 equal to 0.0
            else:
                bits = values.astype(np.uint64)
            total = _mix(total ^ _mix(bits + np.uint64(place + 1)))
    return pd.factorize(total)[0].astype(np.int64)


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea & Flood 2014, figure 14)."""
    bits = (bits + np.uint64(0x9E3779B97F4A7C15)).astype(np.uint64)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def split_rows(
    y: NDArray[np.generic], groups: Ints, split: Split, *, strata: bool
) -> tuple[Ints, Ints, NDArray[np.int8]]:
    """Return training rows, sealed rows, and the fold of each training row.

    Parameters
    ----------
    y : ndarray of shape (rows,)
        Class codes or values; at least 2 rows.
    groups : ndarray of shape (rows,)
        As ``copies`` returns it.
    split : Split
        Shares, folds and seed.
    strata : bool
        Whether to keep the class shares.

    Returns
    -------
    train, sealed : ndarray of int64
        Row positions in ascending order; disjoint, together all rows, neither empty.
    folds : ndarray of shape (len(train),), int8
        0 … folds-1; with one fold 0 marks the hold-out part and -1 the rest.
    """
    rng = np.random.default_rng(split.seed)
    groups = _small(groups)
    parts = [np.flatnonzero(y == code) for code in np.unique(y)] if strata else [np.arange(len(y))]
    orders = [_shuffled(part, groups, rng) for part in parts]
    sealed = np.zeros(len(y), dtype=bool)
    for order, wanted in zip(orders, _quotas([len(part) for part in parts], split.sealed_share), strict=True):
        sealed[_whole(order, groups, wanted)] = True
    if not sealed.any() or sealed.all():
        longest = max(orders, key=len)
        sealed[:] = False
        sealed[longest[:1]] = True
    train = np.flatnonzero(~sealed)
    return (
        train,
        np.flatnonzero(sealed),
        _folds([order[~sealed[order]] for order in orders], groups, len(y), split, rng)[train],
    )


def _small(groups: Ints) -> Ints:
    """Give every row of a large group its own number: such rows repeat by nature and cannot be kept together."""
    counts = np.bincount(groups)
    large = counts[groups] > max(COPY_ROWS, int(COPY_SHARE * len(groups)))
    made = groups.copy()
    made[large] = groups.max() + 1 + np.arange(int(large.sum()))
    return made


def _shuffled(part: Ints, groups: Ints, rng: np.random.Generator) -> Ints:
    """Return the rows in random order, copies next to each other."""
    _, own = np.unique(groups[part], return_inverse=True)
    rank = rng.permutation(int(own.max()) + 1)[own] if len(part) else own
    return part[np.argsort(rank, kind="stable")]


def _quotas(sizes: list[int], share: float) -> list[int]:
    """Return how many rows of each class to seal: largest remainders, one at least from ``SEALED_PER_CLASS`` rows on."""
    exact = [size * share for size in sizes]
    whole = [int(value) for value in exact]
    rest = round(sum(exact)) - sum(whole)
    for i in sorted(range(len(sizes)), key=lambda i: whole[i] - exact[i])[: max(0, rest)]:
        whole[i] += 1
    return [
        min(max(count, 1), size - 1) if size >= SEALED_PER_CLASS else 0
        for count, size in zip(whole, sizes, strict=True)
    ]  # fmt: skip


def _whole(order: Ints, groups: Ints, wanted: int) -> Ints:
    """Return about ``wanted`` first rows of ``order``, never a part of a group, never all."""
    if wanted <= 0:
        return order[:0]
    starts = np.flatnonzero(np.append(True, groups[order][1:] != groups[order][:-1]))
    edges = np.append(starts[1:], len(order))
    if len(edges) < 2:
        return order[:0]
    return order[: edges[min(int(np.argmin(np.abs(edges - wanted))), len(edges) - 2)]]


def _folds(orders: list[Ints], groups: Ints, rows: int, split: Split, rng: np.random.Generator) -> NDArray[np.int8]:
    """Cut each class into equal runs of its shuffled rows; a random first fold spreads classes of a few rows."""
    folds = np.full(rows, -1, dtype=np.int8)
    left = sum(map(len, orders))
    if split.folds == 1:
        share = min(HOLDOUT_SHARE, HOLDOUT_ROWS / max(1, left))
        for order, wanted in zip(orders, _quotas([len(order) for order in orders], share), strict=True):
            folds[_whole(order, groups, wanted)] = 0
        if not (folds == 0).any():
            folds[max(orders, key=len)[:1]] = 0
        return folds
    used = min(split.folds, left)
    turn = 0
    for order in orders:
        if not len(order):
            continue
        starts = np.append(True, groups[order][1:] != groups[order][:-1])
        begin = np.flatnonzero(starts)[np.cumsum(starts) - 1]  # where the row's group begins
        folds[order] = (begin * used // len(order) + turn) % used
        turn += int(rng.integers(used)) if len(order) >= used else len(order)
    return folds
