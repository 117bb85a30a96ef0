"""Extremely randomised trees: many trees with thresholds drawn at random. Grown by scikit-learn, kept as flat arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from openglm.core.parts import Card
from openglm.core.task import Kind
from openglm.core.words import Said
from openglm.models._forest import Forest, kind_class


class ExtraTrees(Forest):
    """Mean of trees that choose the best of a few random splits, grown on all rows.

    Parameters
    ----------
    kind : Kind
        Problem.
    classes : int
        Classes, 0 for regression.
    seed : int
        Of thresholds and features.
    threads : int
        Trees grown at once, >= 1.
    trees : int, default=150
        Number of trees, >= 1; fewer when the clock ends.
    min_leaf : int or None, default=None
        Rows in a leaf, >= 1; by default 5 for classes and 2 for values.
    features : "sqrt", float or None, default=None
        Features tried at a split: their square root, or a share in (0, 1]; by default 0.5 for classes and 1 for values.
    rows_per_tree : int, default=50_000
        Rows that one tree sees at most, >= 100. Bounds the time of one tree, between two looks at the clock.
    """

    card: ClassVar[Card] = Card(
        id="extra_trees",
        title=Said(en="Extremely randomised trees", zh="极端随机树"),
        source="Geurts, Ernst & Wehenkel (2006), Extremely randomized trees; scikit-learn ExtraTreesClassifier, …Regressor",
        kinds=("binary", "multiclass", "regression"),
        view="codes",
        cost=15.0,
    )

    leaf_of_kind: ClassVar[tuple[int, int]] = (5, 2)
    features_of_kind: ClassVar[tuple[str | float, str | float]] = (0.5, 1.0)

    def __init__(
        self, *, kind: Kind, classes: int, seed: int = 0, threads: int = 1, trees: int = 150, min_leaf: int | None = None,
        features: str | float | None = None, rows_per_tree: int = 50_000,
    ) -> None:  # fmt: skip
        self._settle(kind, classes, seed, threads)
        self.trees = trees
        self.min_leaf = min_leaf
        self.features = features
        self.rows_per_tree = rows_per_tree

    def _grower(self) -> Callable[..., Any]:
        return kind_class(self.kind, "ExtraTreesClassifier", "ExtraTreesRegressor")

    def _bags(self) -> bool:
        return False
