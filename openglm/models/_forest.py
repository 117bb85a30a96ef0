"""Many trees as a few flat arrays, and one way down them for every prediction, fresh or loaded.

Trees are grown by scikit-learn, a few at a time until the clock ends, and kept in about five bytes per node. Nodes of a
tree lie in breadth-first order, so the children of its j-th inner node are its nodes 2j+1 and 2j+2 and need no pointers.
scikit-learn's own objects are not kept: they could only be saved by pickle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.parts import Card, Facts, Floats, Matrix, State
from openglm.core.space import Integer, Options, Space
from openglm.core.task import Kind
from openglm.models._learner import Learner, Valid, require

BLOCK_STEPS = 32_768
"""Rows x trees that go down together: their places and values (about 1 MB) fit the second-level cache."""
LIMIT = np.finfo(np.float32).max
LEAF = -1
MOST_TREES_AT_ONCE = 16
"""Trees between two looks at the clock."""


@dataclass(frozen=True)
class Trees:
    """Fitted trees.

    Parameters
    ----------
    feature : ndarray of shape (nodes,), int32
        Feature compared at a node, plus the number of features where a missing value goes left; LEAF for a leaf.
    number : ndarray of shape (inner nodes,), float32
        Thresholds (left: value <= threshold), in the order of the inner nodes.
    value : ndarray of shape (leaves, width), float32
        Answers.
    starts : ndarray of shape (trees,), int64
        First node of each tree.
    """

    feature: NDArray[np.int32]
    number: NDArray[np.float32]
    value: NDArray[np.float32]
    starts: NDArray[np.int64]

    def __post_init__(self) -> None:
        leaf = self.feature == LEAF
        inner = np.cumsum(~leaf) - 1  # running number of inner nodes over all trees
        first = np.concatenate([[0], np.cumsum(~leaf)])[self.starts]  # inner nodes before each tree
        tree = np.repeat(np.arange(len(self.starts)), np.diff(np.append(self.starts, len(leaf))))
        left = self.starts[tree] + 2 * (inner - first[tree]) + 1
        left[leaf] = np.flatnonzero(leaf)  # a leaf leads to itself
        object.__setattr__(self, "_left", left)
        object.__setattr__(self, "_feature", np.where(leaf, 0, self.feature).astype(np.intp))
        number = np.full(len(leaf), np.inf, dtype=np.float32)
        number[~leaf] = self.number
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_place", np.cumsum(leaf) - 1)

    def mean(self, values: NDArray[np.float32]) -> Floats:
        """Return the mean answer of all trees, shape (rows, width), for features of shape (rows, features)."""
        missing = np.isnan(values)
        # Missing is beyond every threshold in the first half, and before every one in the second.  (rows, 2 x features)
        shown = np.hstack(
            [np.where(missing, np.float32(np.inf), values), np.where(missing, np.float32(-np.inf), values)]
        )
        rows, trees = len(shown), len(self.starts)
        out = np.zeros((rows, self.value.shape[1]))
        block = min(rows, BLOCK_STEPS)
        group = max(BLOCK_STEPS // max(block, 1), 1)
        for row in range(0, rows, BLOCK_STEPS):
            part = shown[row : row + BLOCK_STEPS]
            for tree in range(0, trees, group):
                leaves = self._descend(part, self.starts[tree : tree + group])
                out[row : row + BLOCK_STEPS] += self.value[leaves].sum(axis=0, dtype=np.float64)
        return out / trees

    def _descend(self, shown: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the leaf that each row reaches in each tree, shape (trees, rows)."""
        left, feature, number = self._left, self._feature, self._number  # type: ignore[attr-defined]
        rows, width = shown.shape
        flat = shown.ravel()
        node = np.repeat(starts, rows)  # (trees x rows,)
        base = np.tile(np.arange(rows) * width, len(starts))
        ended = node.copy()
        active = np.arange(len(node))
        while len(active):
            for _ in range(
                4
            ):  # steps between two clearances: dropping rows that arrived costs about as much as two steps
                node = left.take(node) + (flat.take(base + feature.take(node)) > number.take(node))
            going = self.feature.take(node) != LEAF
            arrived = ~going
            ended[active[arrived]] = node[arrived]
            active, node, base = active[going], node[going], base[going]
        place: NDArray[np.int64] = self._place[ended].reshape(len(starts), rows)  # type: ignore[attr-defined]
        return place


def flatten(trees: list[Any], features: int) -> Trees:
    """Return scikit-learn's fitted trees (``tree_`` objects) as flat arrays.

    Parameters
    ----------
    trees : list
        Of ``sklearn.tree._tree.Tree``: its documented arrays ``children_left``, ``feature``, ``threshold``,
        ``missing_go_to_left`` and ``value``.
    features : int
        Number of features.
    """
    parts: list[tuple[NDArray[Any], ...]] = []
    sizes = [tree.node_count for tree in trees]
    for tree in trees:
        order = _breadth_first(tree.children_left, tree.children_right)
        leaf = tree.children_left[order] < 0
        feature = tree.feature[order] + features * tree.missing_go_to_left[order].astype(np.int64)
        value = tree.value[order[leaf], 0, :]
        number = _at_most(tree.threshold[order[~leaf]])
        parts.append((np.where(leaf, LEAF, feature).astype(np.int32), number, value.astype(np.float32)))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    feature, number, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Trees(feature, number, value, starts)


def _breadth_first(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the nodes of a tree level by level, siblings side by side."""
    level, order = np.zeros(1, dtype=np.int64), []
    while len(level):
        order.append(level)
        inner = level[left[level] >= 0]
        level = np.stack([left[inner], right[inner]], axis=1).ravel()
    return np.concatenate(order)


def _at_most(threshold: Floats) -> NDArray[np.float32]:
    """Return the largest float32 that is not above each threshold: a float32 value is <= one just when <= the other.

    An infinite threshold (missing against the rest) becomes the largest finite value, so that missing stays beyond it.
    """
    near = np.clip(threshold, -LIMIT, LIMIT).astype(np.float32)
    with np.errstate(over="ignore"):  # below the smallest value there is none, but there nothing was rounded up either
        return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)


class Forest(Learner):
    """Base of the two forests; see :mod:`openglm.models.random_forest` and :mod:`openglm.models.extra_trees`."""

    card: ClassVar[Card]
    trees: int
    min_leaf: int | None
    features: str | float | None
    rows_per_tree: int
    leaf_of_kind: ClassVar[tuple[int, int]] = (3, 2)
    """Default rows in a leaf: for classes, for values. measured: docs/lab.md."""
    features_of_kind: ClassVar[tuple[str | float, str | float]] = ("sqrt", 0.5)
    """Default features tried at a split: for classes, for values. measured: docs/lab.md."""

    @classmethod
    def space(cls, facts: Facts) -> Space:
        """Return leaf sizes and shares of features around the defaults."""
        return {
            "min_leaf": Integer(low=1, high=20 if facts.kind != "regression" else 6, log=True),
            "features": Options(values=("sqrt", 0.3, 0.5, 0.8)),
        }

    def _check(self) -> None:
        require(self.trees >= 1, "trees", self.trees, ">= 1")
        require(self.min_leaf is None or self.min_leaf >= 1, "min_leaf", self.min_leaf, ">= 1")
        good = self.features in (None, "sqrt") or (isinstance(self.features, int | float) and 0 < self.features <= 1)
        require(good, "features", self.features, "'sqrt' | (0, 1]")
        require(self.rows_per_tree >= 100, "rows_per_tree", self.rows_per_tree, ">= 100")

    def _grower(self) -> Callable[..., Any]:
        """Return scikit-learn's class for this problem."""
        raise NotImplementedError

    def _bags(self) -> bool:
        """Say whether every tree sees a bootstrap sample even when it could see all rows."""
        raise NotImplementedError

    def _learn(
        self, x: Matrix, y: NDArray[Any], valid: Valid, watch: Clock, weight: Floats | None, rounds: int | None
    ) -> None:
        many = len(y) > self.rows_per_tree
        grower = self._grower()(
            n_estimators=0, min_samples_leaf=self.min_leaf or self.leaf_of_kind[not self.sorts],
            max_features=self.features or self.features_of_kind[not self.sorts], warm_start=True,
            bootstrap=self._bags() or many, max_samples=self.rows_per_tree if many else None,
            random_state=self.seed, n_jobs=self.threads,
        )  # fmt: skip
        wanted, step = self.trees if rounds is None else min(rounds, self.trees), max(self.threads, 1)
        while grower.n_estimators < wanted:
            before = watch.remaining()
            step = min(step, wanted - grower.n_estimators)
            grower.n_estimators += step
            grower.fit(x.values, y, sample_weight=weight)
            left = watch.remaining()
            step = min(2 * step, MOST_TREES_AT_ONCE)
            if left <= 2 * (before - left) and grower.n_estimators < wanted:
                self.partial = True
                break
        self._trees = flatten([tree.tree_ for tree in grower.estimators_], x.values.shape[1])
        self.rounds = len(grower.estimators_)

    def _answer(self, x: Matrix) -> Floats:
        mean = self._trees.mean(x.values)
        return mean / mean.sum(axis=1, keepdims=True) if self.sorts else mean

    def _pack(self) -> State:
        trees = self._trees
        small = trees.feature.astype(np.int16) if trees.feature.max() < 2**15 else trees.feature
        return {"feature": small, "number": trees.number, "value": trees.value, "starts": trees.starts}

    def _unpack(self, state: State) -> None:
        self._trees = Trees(state["feature"].astype(np.int32), state["number"], state["value"], state["starts"])


def kind_class(kind: Kind, classifier: str, regressor: str) -> Callable[..., Any]:
    """Return the class of ``sklearn.ensemble`` for this problem."""
    import sklearn.ensemble

    chosen: Callable[..., Any] = getattr(sklearn.ensemble, regressor if kind == "regression" else classifier)
    return chosen
