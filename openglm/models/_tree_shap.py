"""Exact Shapley values of boosted trees, all rows at once.

LightGBM's own ``pred_contrib`` walks every row down every tree with quadratic work in the depth; here the work per leaf is
done once for each pattern of decisions and looked up for the rows. The values are the same to rounding: what a tree says
when some features are unknown is the mean over its branches, weighted by the training rows that took them.

References
----------
Lundberg et al. (2020), "From local explanations to global understanding with explainable AI for trees", algorithm 2 (path
dependent). Owen (1972), "Multilinear extensions of games": a Shapley value is an integral over the share of known features,
here a polynomial that Gauss-Legendre nodes integrate exactly, as in Yu, Xu, Wen & Zhang (2022), "Linear TreeShap".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.parts import Floats

MOST_ROWS = 16_384
"""Rows looked up at once: their indices (128 kB) stay in the second-level cache."""
MOST_BITS = 10
"""Features on a path up to which all patterns are tabled (1,024 of them); beyond, only those that occur."""
LEAST_SHARE = 1e-12
"""Of rows on a branch, so that a branch without training rows divides nothing by 0."""


@dataclass(frozen=True)
class Tree:
    """One fitted tree; children below 0 are leaves, ``~child`` their number.

    Parameters
    ----------
    feature : ndarray of shape (nodes,), int64
        Feature compared at each inner node.
    threshold : ndarray of shape (nodes,)
        Left is value <= threshold; of a category, the number of its set in ``sets``.
    decision : ndarray of shape (nodes,), int64
        LightGBM's bits: 1 category, 2 missing goes left, then what counts as missing: 4 zero, 8 not-a-number.
    left, right : ndarray of shape (nodes,), int64
        Children.
    value, count : ndarray of shape (leaves,)
        Answer of each leaf, and its training rows.
    sets : tuple of ndarray of int64
        Codes that go left.
    """

    feature: NDArray[np.int64]
    threshold: Floats
    decision: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats
    count: Floats
    sets: tuple[NDArray[np.int64], ...] = ()


@dataclass
class _Leaf:
    """A leaf with the features on its path, in the order in which they are met, and the share of rows each lets through."""

    number: int
    features: tuple[int, ...]
    shares: tuple[float, ...]
    steps: tuple[tuple[int, bool], ...] = field(repr=False, default=())


def read_lightgbm(text: str) -> list[Tree]:
    """Return the trees of a model that LightGBM wrote as text (``Booster.model_to_string``)."""
    trees = []
    for block in text.split("\nTree=")[1:]:
        lines = dict(line.split("=", 1) for line in block.split("\n\n", 1)[0].splitlines() if "=" in line)

        def numbers(name: str, kind: type, lines: dict[str, str] = lines) -> NDArray[Any]:
            return np.array(lines.get(name, "").split(), dtype=kind)

        edges, words = numbers("cat_boundaries", np.int64), numbers("cat_threshold", np.int64)
        count = numbers("leaf_count", np.float64)
        value = numbers("leaf_value", np.float64)
        trees.append(
            Tree(
                feature=numbers("split_feature", np.int64), threshold=numbers("threshold", np.float64),
                decision=numbers("decision_type", np.int64), left=numbers("left_child", np.int64),
                right=numbers("right_child", np.int64), value=value, count=count if len(count) else np.ones(len(value)),
                sets=tuple(_set(words[a:b]) for a, b in pairwise(edges)),
            )
        )  # fmt: skip
    return trees


def tree_shap(trees: list[Tree], values: NDArray[np.float32], outputs: int) -> Floats:
    """Return contributions, shape (rows, features + 1, outputs); the last one is the mean answer.

    Parameters
    ----------
    trees : list of Tree
        Tree t speaks for output ``t % outputs``; the answer is their sum.
    values : ndarray of shape (rows, features)
        Missing is NaN.
    outputs : int
        Answers per row.
    """
    rows, width = values.shape
    found = np.zeros((outputs, width + 1, rows))
    for number, tree in enumerate(trees):
        part = found[number % outputs]
        part[width] += float(tree.value @ tree.count) / float(tree.count.sum())
        if not len(tree.feature):
            continue
        leaves = _leaves(tree)
        tables = _tables(tree, leaves, rows)
        for start in range(0, rows, MOST_ROWS):
            block = slice(start, start + MOST_ROWS)
            _look_up(tree, leaves, tables, values[block], part[:, block])
    return np.ascontiguousarray(found.transpose(2, 1, 0))


def _set(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers whose bits are set in words of 32 bits."""
    bits = (words[:, None] >> np.arange(32)) & 1
    return np.flatnonzero(bits.ravel())


def _goes_left(tree: Tree, node: int, values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which rows go left at a node, as LightGBM decides (``tree.h``)."""
    cells = values[:, tree.feature[node]].astype(np.float64)
    decision, missing = int(tree.decision[node]), np.isnan(cells)
    if decision & 1:
        codes = np.where(missing | (cells < 0), -1, np.minimum(cells, 2**31 - 1)).astype(np.int64)
        left: NDArray[np.bool_] = np.isin(codes, tree.sets[int(tree.threshold[node])])
        return left
    if not decision & 8:
        cells = np.where(missing, 0.0, cells)
        missing = np.abs(cells) <= 1e-35 if decision & 4 else np.zeros(len(cells), dtype=bool)
    left = cells <= tree.threshold[node]
    left[missing] = bool(decision & 2)
    return left


def _leaves(tree: Tree) -> list[_Leaf]:
    """Return the leaves, each with the features on its path."""
    below = np.zeros(len(tree.feature))

    def weigh(child: int) -> float:
        if child < 0:
            return float(tree.count[~child])
        return float(below[child])

    for node in _bottom_up(tree):
        below[node] = weigh(int(tree.left[node])) + weigh(int(tree.right[node]))
    found: list[_Leaf] = []
    stack: list[tuple[int, dict[int, float], tuple[tuple[int, bool], ...]]] = [(0, {}, ())]
    while stack:
        node, shares, steps = stack.pop()
        if node < 0:
            found.append(_Leaf(~node, tuple(shares), tuple(shares.values()), steps))
            continue
        feature = int(tree.feature[node])
        for child, is_left in ((int(tree.right[node]), False), (int(tree.left[node]), True)):
            share = max(weigh(child) / max(below[node], 1e-300), LEAST_SHARE)
            stack.append((child, {**shares, feature: shares.get(feature, 1.0) * share}, (*steps, (node, is_left))))
    return found


def _bottom_up(tree: Tree) -> list[int]:
    """Return the inner nodes, children before parents."""
    order, at = [0], 0
    while at < len(order):
        order += [int(child) for child in (tree.left[order[at]], tree.right[order[at]]) if child >= 0]
        at += 1
    return order[::-1]


def _tables(tree: Tree, leaves: list[_Leaf], rows: int) -> dict[int, Floats]:
    """Return leaf number → contributions for every pattern, shape (features on the path, patterns); long paths have none."""
    found: dict[int, Floats] = {}
    most = min(MOST_BITS, max(6, rows.bit_length()))
    by_length: dict[int, list[_Leaf]] = {}
    for leaf in leaves:
        if len(leaf.features) <= most:
            by_length.setdefault(len(leaf.features), []).append(leaf)
    for length, group in by_length.items():
        bits = ((np.arange(1 << length)[None, :] >> np.arange(length)[:, None]) & 1).astype(np.float64)
        made = _moved(bits, np.array([leaf.shares for leaf in group]), tree.value[[leaf.number for leaf in group]])
        found.update({leaf.number: made[i] for i, leaf in enumerate(group)})
    return found


def _moved(bits: Floats, shares: Floats, values: Floats) -> Floats:
    """Return the Shapley values of some leaves for some patterns, shape (leaves, features, patterns).

    Parameters
    ----------
    bits : ndarray of shape (features, patterns)
        1 where the row meets the path's conditions on a feature.
    shares : ndarray of shape (leaves, features)
        Share of training rows that do.
    values : ndarray of shape (leaves,)
        Answers of the leaves.
    """
    length = len(bits)
    nodes, weights = _nodes((length + 1) // 2)
    total = np.zeros((len(shares), *bits.shape))
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        met = (1 - node) * shares[:, :, None] + node * bits[None]
        whole = np.prod(met, axis=1, keepdims=True) * (weight * values)[:, None, None]
        total += whole / met
    total *= bits[None] - shares[:, :, None]
    return total


@lru_cache
def _nodes(count: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes, weights


def _look_up(
    tree: Tree, leaves: list[_Leaf], tables: dict[int, Floats], values: NDArray[np.float32], out: Floats
) -> None:
    """Add the contributions of one tree to ``out``, shape (features + 1, rows)."""
    rows = len(values)
    going = [_goes_left(tree, node, values).astype(np.int64) for node in range(len(tree.feature))]
    buffer = np.empty(rows)
    # A pattern has one bit per feature of the path: whether the row meets all its conditions there. Leaves come in the
    # order of a walk, so the patterns along the way are kept and only the steps that changed are made again.
    trail: list[tuple[tuple[int, bool], NDArray[np.int64]]] = []
    for leaf in leaves:
        shared = 0
        while shared < min(len(trail), len(leaf.steps)) and trail[shared][0] == leaf.steps[shared]:
            shared += 1
        del trail[shared:]
        for node, is_left in leaf.steps[shared:]:
            feature = int(tree.feature[node])
            place = leaf.features.index(feature)
            before = trail[-1][1] if trail else None
            met = going[node] if is_left else 1 - going[node]
            is_new = all(int(tree.feature[step[0]]) != feature for step, _ in trail)
            if is_new:
                pattern = met << place if before is None else before | (met << place)
            else:
                assert before is not None
                pattern = before & ~((1 - met) << place)
            trail.append(((node, is_left), pattern))
        pattern = trail[-1][1]
        table = tables.get(leaf.number)
        if table is None:
            kept, pattern = np.unique(pattern, return_inverse=True)
            bits = ((kept[None, :] >> np.arange(len(leaf.features))[:, None]) & 1).astype(np.float64)
            table = _moved(bits, np.array([leaf.shares]), tree.value[[leaf.number]])[0]
        for feature, line in zip(leaf.features, table, strict=True):
            np.take(line, pattern, out=buffer, mode="clip")
            out[feature] += buffer
