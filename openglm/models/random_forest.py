"""Random forest: many trees, each on its own sample of rows and features. Grown by scikit-learn, kept as flat arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from openglm.core.parts import Card
from openglm.core.task import Kind
from openglm.core.words import Said
from openglm.models._forest import Forest, kind_class


class RandomForest(Forest):
    """Mean of trees grown on bootstrap samples.

    Parameters
    ----------
    kind : Kind
        Problem.
    classes : int
        Classes, 0 for regression.
    seed : int
        Of samples and features.
    threads : int
        Trees grown at once, >= 1.
    trees : int, default=150
        Number of trees, >= 1; fewer when the clock ends.
    min_leaf : int or None, default=None
        Rows in a leaf, >= 1; by default 3 for classes and 2 for values.
    features : "sqrt", float or None, default=None
        Features tried at a split: their square root, or a share in (0, 1]; by default "sqrt" for classes and 0.5 for values.
    rows_per_tree : int, default=50_000
        Rows that one tree sees at most, >= 100. Bounds the time of one tree, between two looks at the clock.
    """

    card: ClassVar[Card] = Card(
        id="random_forest",
        title=Said(en="Random forest", zh="随机森林"),
        source="Breiman (2001), Random forests; scikit-learn RandomForestClassifier and RandomForestRegressor",
        kinds=("binary", "multiclass", "regression"),
        view="codes",
        cost=20.0,
    )

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
        return kind_class(self.kind, "RandomForestClassifier", "RandomForestRegressor")

    def _bags(self) -> bool:
        return True
