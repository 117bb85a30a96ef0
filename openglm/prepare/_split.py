"""Which rows are sealed, and in which fold a training row validates. Seeded.

Exchangeable rows are shuffled, exact copies of a row stay on one side; groups stay whole; time is never turned back: what is
judged lies behind what was learned from.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Columns
from openglm.core.plan import Split
from openglm.core.words import Said
from openglm.prepare._groups import Bonds

SEALED_SHARE = 0.2  # Joseph (2022), "Optimal ratio for data splitting": sqrt(inputs) : 1, so 0.2 for 16 inputs
FOLDS = 5  # Kohavi (1995), "A study of cross-validation and bootstrap", recommends ten; five cost half as much time
# Beyond, one hold-out part of 20 % costs a fifth of five folds, and an AUC of .8 has a standard error of .007 (half the
# rows positive) to .014 (a tenth); Hanley & McNeil (1982), equation 1.
CROSS_VALIDATED_ROWS = 20_000
HOLDOUT_SHARE, HOLDOUT_ROWS = 0.2, 20_000  # the same standard error at 20,000 validation rows: .003 to .006
COPY_ROWS = 10  # a row seen more often repeats by nature (few columns of few values) and is split like any other
COPY_SHARE = 0.005  # the same, of all rows
TIME_FOLDS = 3  # parts of the second half of the training time, each judged by what lies before it
FIRST_LEARNED = 0.5  # of the training rows: models of fewer say little about the final one; our own choice
STRATIFIED_GROUPS = (
    3000  # scikit-learn's balanced assignment takes about 0.3 ms a group; with more, chance balances as well
)
STRATIFIED_CLASSES = (
    100  # the same work grows with the classes, and with many of them most groups hold few; our own choice
)
REPEATED_ROWS, REPEATS = (
    2000,
    5,
)  # up to so many training rows the folds are luck, and another round costs little; our own
SEALED_PER_CLASS = 3  # from so many rows on, a class has at least one sealed row

Ints = NDArray[np.int64]


def default_split(rows: int, stratified: bool, seed: int, bonds: Bonds | None = None) -> Split:
    """Return how to split a table of so many usable rows, with the reason.

    Parameters
    ----------
    rows : int
        Usable rows.
    stratified : bool
        Whether there are classes.
    seed : int
        Of the shuffle.
    bonds : Bonds or None
        What ties rows together. Groups whose members share the target, or that are all there is, stay whole; else time decides,
        since known customers come back.
    """
    bonds = bonds or Bonds()
    if bonds.group or bonds.time:
        return _tied_split(rows, seed, bonds)
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
    repeats = REPEATS if rows * (1 - SEALED_SHARE) <= REPEATED_ROWS else 1
    return Split(
        method=method, sealed_share=SEALED_SHARE, folds=FOLDS, seed=seed, repeats=repeats, reason=reason
    )  # fmt: skip


def _tied_split(rows: int, seed: int, bonds: Bonds) -> Split:
    """Return the split of rows that are tied by groups, time or both."""
    names = ", ".join(f"'{name}'" for name in bonds.group)
    zh_names = "、".join(f"“{name}”" for name in bonds.group)
    folds = FOLDS if rows * (1 - SEALED_SHARE) <= CROSS_VALIDATED_ROWS else 1
    if bonds.group and (bonds.time is None or bonds.belongs):
        method: Literal["group", "group-time"] = "group" if bonds.time is None else "group-time"
        later = (", the latest groups last" if bonds.time else "", ",较晚出现的组用于检验" if bonds.time else "")
        reason = Said(
            en=f"all rows of one {names} stay on one side{later[0]}: {bonds.reason.en}",
            zh=f"同一{zh_names}的行不会同时用于训练和检验{later[1]}:{bonds.reason.zh}",
        )
        time = bonds.time if method == "group-time" else None
        if time:
            folds = min(folds, TIME_FOLDS)
        repeats = REPEATS if time is None and rows * (1 - SEALED_SHARE) <= REPEATED_ROWS else 1
        return Split(
            method=method, sealed_share=SEALED_SHARE, folds=folds, seed=seed, group=bonds.group, time=time,
            repeats=repeats, reason=reason,
        )  # fmt: skip
    reason = Said(
        en=f"learned from the past, judged on what came later: {bonds.reason.en}",
        zh=f"用过去训练,用之后的数据检验:{bonds.reason.zh}",
    )
    return Split(
        method="time",
        sealed_share=SEALED_SHARE,
        folds=min(folds, TIME_FOLDS),
        seed=seed,
        time=bonds.time,
        reason=reason,
    )


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


# ── groups and time ──


def group_rows(
    y: NDArray[np.generic], groups: Ints, split: Split, *, strata: bool
) -> tuple[Ints, Ints, NDArray[np.int8]]:
    """Return training rows, sealed rows and folds as ``split_rows`` does, every group on one side.

    scikit-learn's ``StratifiedGroupKFold`` where there are classes and not too many groups; else the larger groups first, each
    to the part with the fewest rows so far. Of the parts the one is sealed that has the wanted size and two classes.

    Parameters
    ----------
    y, groups : ndarray of shape (rows,)
        Class codes or values; a number for each row, equal within a group. At least 3 groups.
    split : Split
        Shares, folds and seed.
    strata : bool
        Whether to keep the class shares.
    """
    parts = max(2, round(1 / split.sealed_share))
    part = _parts(y, groups, parts, split.seed, strata)
    sealed = part == _fittest(part, y, split.sealed_share, strata)
    train = np.flatnonzero(~sealed)
    if split.folds == 1:
        inner = _parts(y[train], groups[train], round(1 / HOLDOUT_SHARE), split.seed + 1, strata)
        folds = np.where(inner == 0, 0, -1).astype(np.int8)
    else:
        folds = _parts(y[train], groups[train], split.folds, split.seed + 1, strata).astype(np.int8)
    return train, np.flatnonzero(sealed), folds


def _fittest(part: Ints, y: NDArray[np.generic], share: float, strata: bool) -> int:
    """Return the part whose size is nearest to the share; one with a single class only when all have one."""
    sizes = np.bincount(part) / len(part)
    lone = np.array([strata and len(np.unique(y[part == number])) < 2 for number in range(len(sizes))])
    return int(np.lexsort((np.abs(sizes - share), lone))[0])


def _parts(y: NDArray[np.generic], groups: Ints, parts: int, seed: int, strata: bool) -> Ints:
    """Return the part of each row, 0 … parts-1, groups whole."""
    import warnings

    names, own = np.unique(groups, return_inverse=True)
    parts = max(2, min(parts, len(names)))
    if not strata or len(names) > STRATIFIED_GROUPS or len(np.unique(y)) > STRATIFIED_CLASSES:
        return _even(np.bincount(own), parts, np.random.default_rng(seed))[own]
    from sklearn.model_selection import StratifiedGroupKFold

    part = np.zeros(len(y), dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class with fewer rows than parts: it is in some parts only
        maker = StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
        for number, (_, held) in enumerate(maker.split(np.zeros(len(y)), y, groups)):
            part[held] = number
    return part


def _even(sizes: Ints, parts: int, rng: np.random.Generator) -> Ints:
    """Return the part of each group: larger groups first, each to the part with the fewest rows so far.

    Longest processing time first (Graham 1969, "Bounds on multiprocessing timing anomalies"), sizes taken to the power of two,
    so that groups of about one size come in random order.
    """
    import heapq

    shuffled = rng.permutation(len(sizes))
    order = shuffled[np.argsort(-np.floor(np.log2(sizes[shuffled])), kind="stable")]
    part = np.empty(len(sizes), dtype=np.int64)
    filled = [(0, number) for number in range(parts)]
    for group in order.tolist():
        rows, number = filled[0]
        part[group] = number
        heapq.heapreplace(filled, (rows + int(sizes[group]), number))
    return part


def again(y: NDArray[np.generic], copied: Ints, groups: Ints | None, split: Split, *, strata: bool) -> NDArray[np.int8]:
    """Return other folds of the training rows, by the seed of ``split``.

    Parameters
    ----------
    y : ndarray of shape (rows,)
        Of the training rows.
    copied : ndarray of shape (rows,)
        As ``copies`` returns it, of the training rows.
    groups : ndarray of shape (rows,) or None
        Groups to keep whole; ``None`` for rows that are taken as exchangeable.
    split : Split
        Folds and seed.
    strata : bool
        Whether to keep the class shares.
    """
    if groups is not None:
        parts = _parts(y, groups, round(1 / HOLDOUT_SHARE) if split.folds == 1 else split.folds, split.seed, strata)
        return np.where(parts == 0, 0, -1).astype(np.int8) if split.folds == 1 else parts.astype(np.int8)
    rng = np.random.default_rng(split.seed)
    small = _small(copied)
    each = [np.flatnonzero(y == code) for code in np.unique(y)] if strata else [np.arange(len(y))]
    return _folds([_shuffled(part, small, rng) for part in each], small, len(y), split, rng)


def time_rows(
    times: NDArray[np.float64], split: Split, groups: Ints | None = None
) -> tuple[Ints, Ints, NDArray[np.int8]]:
    """Return training rows, sealed rows and folds, the sealed rows being the latest and fold k+1 later than fold k.

    Rows of one moment stay together where that is possible. With ``groups`` a row counts as late as the first row of its
    group, so that groups stay whole. Training rows before the first fold have -1 and are always learned from.

    Parameters
    ----------
    times : ndarray of shape (rows,)
        In any unit; rows without a time (NaN) count as the earliest.
    split : Split
        Shares and folds.
    groups : ndarray of shape (rows,) or None
        A number for each row, equal within a group.
    """
    late = np.where(np.isnan(times), -np.inf, times)
    if groups is not None:
        first = np.full(int(groups.max()) + 1, np.inf)
        np.minimum.at(first, groups, late)
        late = np.where(np.isinf(first[groups]), -np.inf, first[groups])
        # Ties between groups are cut by their number, never inside a group.
        late = np.unique(np.stack([late, groups.astype(np.float64)], axis=1), axis=0, return_inverse=True)[1].astype(
            float
        )
    order = np.argsort(late, kind="stable")
    rows = len(late)
    cuts = [1 - split.sealed_share]
    if split.folds == 1:
        cuts = [(1 - split.sealed_share) * (1 - HOLDOUT_SHARE), *cuts]
    else:
        inner = np.linspace(FIRST_LEARNED, 1, split.folds + 1)[:-1]
        cuts = [float(share * (1 - split.sealed_share)) for share in inner] + cuts
    edges = [_edge(late[order], round(cut * rows)) for cut in cuts]
    block = np.searchsorted(np.array(edges), np.arange(rows), side="right") - 1  # -1, then 0 … folds
    folds = np.empty(rows, dtype=np.int64)
    folds[order] = block
    last = len(cuts) - 1
    train = np.flatnonzero(folds < last)
    sealed = np.flatnonzero(folds == last)
    return train, sealed, _without_gaps(folds[train]).astype(np.int8)


def _edge(ordered: NDArray[np.float64], wanted: int) -> int:
    """Return the cut nearest to ``wanted`` that does not part rows of one moment, and leaves rows on both sides."""
    starts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    if not len(starts):
        return min(max(wanted, 1), len(ordered) - 1)
    return int(starts[np.argmin(np.abs(starts - wanted))])


def _without_gaps(folds: Ints) -> Ints:
    """Number the folds from 0 without gaps: few moments can leave a fold without rows. There is always one to learn from."""
    known = np.unique(folds)
    if known[0] >= 0:
        folds = folds - known[0] - 1
        known = known - known[0] - 1
    return np.searchsorted(known, folds).astype(np.int64) - 1
