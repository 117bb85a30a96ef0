"""Gradient boosting by LightGBM: histograms, leaf-wise trees, native categories. Does not tune itself."""

from __future__ import annotations

import zlib
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.parts import Card, Facts, Floats, Matrix, State
from openglm.core.space import Integer, Options, Real, Space
from openglm.core.task import Kind
from openglm.core.words import Said
from openglm.models._learner import Additive, Valid, patience_of, require, sigmoid_pair, softmax
from openglm.models._tree_shap import Tree, read_lightgbm, tree_shap

BLIND_ROUNDS = 200
"""Rounds without validation rows and without ``rounds``: 200 x the default rate 0.05 is LightGBM's own 100 x 0.1."""
FEW_ROWS = 200
"""Rows up to which LightGBM's own tree SHAP is quicker. measured: 0.4 ms (15 leaves, 200 trees) to 6 ms (63 leaves, 300 trees)
a row, where ours takes 0.2 to 1 s for any number up to some thousand."""


class LightGBM(Additive):
    """Boosted trees.

    Parameters
    ----------
    kind : Kind
        Problem.
    classes : int
        Classes, 0 for regression.
    seed : int
        Of row and feature samples.
    threads : int
        Threads, >= 1.
    max_rounds : int, default=2000
        Rounds at most, >= 1; validation rows end it earlier.
    learning_rate : float, default=0.05
        In (0, 1].
    leaves : int or None, default=None
        Leaves per tree, >= 2; by default 15 below 10,000 rows, 31 below 50,000, else 63.
    min_leaf : int, default=20
        Rows in a leaf, >= 1.
    features : float, default=0.8
        Share of features per tree, in (0, 1].
    rows : float, default=0.9
        Share of rows per tree, in (0, 1].
    l2 : float, default=1.0
        Squared penalty on leaf values, >= 0.
    native_levels : int, default=400
        Categories with more levels are split as numbers, in order of frequency; >= 0.
    random_splits : bool, default=False
        Try one random threshold per feature instead of all: rougher trees, sometimes the better sum.
    """

    card: ClassVar[Card] = Card(
        id="lightgbm",
        title=Said(en="LightGBM", zh="LightGBM 梯度提升树"),
        source="Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree; lightgbm Booster",
        kinds=("binary", "multiclass", "regression"),
        view="codes",
        package="lightgbm",
        cost=4.0,
    )

    def __init__(  # noqa: PLR0913 - one name per setting is the contract
        self, *, kind: Kind, classes: int, seed: int = 0, threads: int = 1, max_rounds: int = 2000,
        learning_rate: float = 0.05, leaves: int | None = None, min_leaf: int = 20, features: float = 0.8, rows: float = 0.9,
        l2: float = 1.0, native_levels: int = 400, random_splits: bool = False,
    ) -> None:  # fmt: skip
        self._settle(kind, classes, seed, threads)
        self.max_rounds = max_rounds
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.min_leaf = min_leaf
        self.features = features
        self.rows = rows
        self.l2 = l2
        self.native_levels = native_levels
        self.random_splits = random_splits

    @classmethod
    def space(cls, facts: Facts) -> Space:
        """Return settings around the defaults; larger trees where there are rows for them."""
        return {
            "learning_rate": Real(low=0.02, high=0.15, log=True),
            "leaves": Integer(low=6, high=31 if facts.rows < 2_000 else 63 if facts.rows < 20_000 else 200, log=True),
            "min_leaf": Integer(low=3, high=100 if facts.rows >= 5_000 else 40, log=True),
            "features": Real(low=0.4, high=1.0),
            "rows": Real(low=0.6, high=1.0),
            "l2": Real(low=0.01, high=30.0, log=True),
            "random_splits": Options(values=(False, True)),
        }

    def _check(self) -> None:
        require(self.max_rounds >= 1, "max_rounds", self.max_rounds, ">= 1")
        require(0 < self.learning_rate <= 1, "learning_rate", self.learning_rate, "(0, 1]")
        require(self.leaves is None or self.leaves >= 2, "leaves", self.leaves, ">= 2")
        require(self.min_leaf >= 1, "min_leaf", self.min_leaf, ">= 1")
        require(0 < self.features <= 1, "features", self.features, "(0, 1]")
        require(0 < self.rows <= 1, "rows", self.rows, "(0, 1]")
        require(self.l2 >= 0, "l2", self.l2, ">= 0")

    def _learn(
        self, x: Matrix, y: NDArray[Any], valid: Valid, watch: Clock, weight: Floats | None, rounds: int | None
    ) -> None:
        import lightgbm

        settings = self._settings(len(y))
        native = [j for j in x.categorical if x.outputs[j].levels <= self.native_levels]
        train = lightgbm.Dataset(x.values, y, weight=weight, categorical_feature=native, params=settings)
        booster = lightgbm.Booster(settings, train)
        if valid is not None:
            booster.add_valid(lightgbm.Dataset(valid[0].values, valid[1], reference=train, params=settings), "valid")
        most = rounds or (BLIND_ROUNDS if valid is None else self.max_rounds)
        best = self._boost(booster, most, 0 if valid is None else patience_of(len(y)), watch)
        self._load(booster.model_to_string(num_iteration=best, importance_type="split"))
        self.rounds = best

    def _settings(self, rows: int) -> dict[str, Any]:
        wide = self.sorts and self.width > 2
        return {
            "objective": "multiclass" if wide else "binary" if self.sorts else "regression",
            "num_class": self.width if wide else 1,
            "learning_rate": self.learning_rate, "num_leaves": self.leaves or _leaves_for(rows),
            "min_data_in_leaf": self.min_leaf, "feature_fraction": self.features, "bagging_fraction": self.rows,
            "bagging_freq": 1 if self.rows < 1 else 0, "lambda_l2": self.l2, "extra_trees": self.random_splits,
            "num_threads": self.threads, "seed": self.seed, "deterministic": True, "force_row_wise": True,
            "feature_pre_filter": False, "verbosity": -1,
        }  # fmt: skip

    def _boost(self, booster: Any, most: int, patience: int, watch: Clock) -> int:
        """Add rounds until the clock, ``most``, or ``patience`` rounds without progress; return the rounds to keep."""
        best, best_loss, before = 0, np.inf, watch.remaining()
        for done in range(1, most + 1):
            stuck = booster.update()
            if patience and not stuck:
                loss = booster.eval_valid()[0][2]
                if loss < best_loss:
                    best, best_loss = done, loss
            left = watch.remaining()
            if stuck or (patience and done - best >= patience):
                break
            if left <= 2 * (before - left) and done < most:  # twice the last round: one more must surely fit
                self.partial = True
                break
            before = left
        return best if patience and best else booster.current_iteration()

    def _load(self, text: str) -> None:
        import lightgbm

        self._text, self._booster = text, lightgbm.Booster(model_str=text)
        self._trees: list[Tree] | None = None  # read when first asked to explain

    def _answer(self, x: Matrix) -> Floats:
        scores = self._booster.predict(x.values, raw_score=True, num_threads=self.threads if len(x) > 1000 else 1)
        if not self.sorts:
            return np.asarray(scores).reshape(-1, 1)
        return sigmoid_pair(scores) if self.width == 2 else softmax(scores)

    def _moves(self, x: Matrix) -> Floats:
        """Tree SHAP: LightGBM's own for a few rows, for many the same values from :mod:`openglm.models._tree_shap`."""
        outputs = self.width if self.sorts and self.width > 2 else 1
        if len(x) <= FEW_ROWS:
            found = self._booster.predict(x.values, pred_contrib=True, num_threads=1)
            return np.asarray(found, dtype=np.float64).reshape(len(x), outputs, -1).transpose(0, 2, 1)
        if self._trees is None:
            self._trees = read_lightgbm(self._text)
        return tree_shap(self._trees, x.values, outputs)

    def _pack(self) -> State:
        return {"model": zlib.compress(self._text.encode("utf-8"))}  # the text shrinks to a third

    def _unpack(self, state: State) -> None:
        self._load(zlib.decompress(state["model"]).decode("utf-8"))


def _leaves_for(rows: int) -> int:
    """Return the default number of leaves. measured: 15 beats 31 on 9 of 14 splits of up to 8,000 rows, at half the time."""
    return 15 if rows < 10_000 else 31 if rows < 50_000 else 63
