"""Gradient boosting by CatBoost: symmetric trees, categories by ordered target statistics. Does not tune itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.parts import Card, Facts, Floats, Matrix, State
from openglm.core.space import Integer, Real, Space
from openglm.core.task import Kind
from openglm.core.words import Said
from openglm.models._learner import Additive, Valid, patience_of, require, sigmoid_pair, softmax

BLIND_ROUNDS = 300
"""Rounds without validation rows and without ``rounds``. measured: docs/lab.md."""
_UNDATED = ("model_guid", "train_finish_time")
"""What CatBoost writes into a model besides: a random number and the time. Without them equal fits are equal files."""
MISSING = b"-"
"""Level that stands for missing and unseen."""


class CatBoost(Additive):
    """Boosted symmetric trees.

    Parameters
    ----------
    kind : Kind
        Problem.
    classes : int
        Classes, 0 for regression.
    seed : int
        Of permutations and samples.
    threads : int
        Threads, >= 1.
    max_rounds : int, default=1000
        Rounds at most, >= 1; validation rows end it earlier.
    learning_rate : float, default=0.06
        In (0, 1].
    depth : int, default=6
        Depth of the trees, in [1, 12].
    l2 : float, default=3.0
        Squared penalty on leaf values, > 0.
    one_hot_levels : int, default=10
        Categories with at most so many levels become one-hot, others target statistics; >= 2.
    """

    card: ClassVar[Card] = Card(
        id="catboost",
        title=Said(en="CatBoost", zh="CatBoost 梯度提升树"),
        source="Prokhorenkova et al. (2018), CatBoost: unbiased boosting with categorical features; catboost CatBoost",
        kinds=("binary", "multiclass", "regression"),
        view="codes",
        package="catboost",
        extra="catboost",
        cost=25.0,
    )

    def __init__(
        self, *, kind: Kind, classes: int, seed: int = 0, threads: int = 1, max_rounds: int = 1000,
        learning_rate: float = 0.06, depth: int = 6, l2: float = 3.0, one_hot_levels: int = 10,
    ) -> None:  # fmt: skip
        self._settle(kind, classes, seed, threads)
        self.max_rounds = max_rounds
        self.learning_rate = learning_rate
        self.depth = depth
        self.l2 = l2
        self.one_hot_levels = one_hot_levels

    @classmethod
    def space(cls, facts: Facts) -> Space:
        """Return settings around the defaults."""
        return {
            "learning_rate": Real(low=0.03, high=0.2, log=True),
            "depth": Integer(low=4, high=6 if facts.rows < 2_000 else 8),
            "l2": Real(low=0.5, high=30.0, log=True),
        }

    def _check(self) -> None:
        require(self.max_rounds >= 1, "max_rounds", self.max_rounds, ">= 1")
        require(0 < self.learning_rate <= 1, "learning_rate", self.learning_rate, "(0, 1]")
        require(1 <= self.depth <= 12, "depth", self.depth, "[1, 12]")
        require(self.l2 > 0, "l2", self.l2, "> 0")
        require(self.one_hot_levels >= 2, "one_hot_levels", self.one_hot_levels, ">= 2")

    def _learn(
        self, x: Matrix, y: NDArray[Any], valid: Valid, watch: Clock, weight: Floats | None, rounds: int | None
    ) -> None:
        import catboost

        self._levels = [output.levels for output in x.outputs]
        self._arrange()
        settings = self._settings(rounds or (BLIND_ROUNDS if valid is None else self.max_rounds))
        booster = catboost.CatBoost(settings)
        train = catboost.Pool(self._show(x), y, weight=weight)
        stop = _Stop(watch)
        kept: dict[str, Any] = {}
        if valid is not None:
            kept = {
                "eval_set": catboost.Pool(self._show(valid[0]), valid[1]), "use_best_model": True,
                "early_stopping_rounds": patience_of(len(y)),
            }  # fmt: skip
        booster.fit(train, callbacks=[stop], **kept)
        self.partial = stop.stopped
        self.rounds = int(booster.tree_count_)
        for key in _UNDATED:
            booster.get_metadata()[key] = ""
        self._load(_bytes_of(booster))

    def _settings(self, rounds: int) -> dict[str, Any]:
        return {
            "loss_function": "RMSE" if not self.sorts else "Logloss" if self.width == 2 else "MultiClass",
            "iterations": rounds, "learning_rate": self.learning_rate, "depth": self.depth, "l2_leaf_reg": self.l2,
            "one_hot_max_size": self.one_hot_levels, "random_seed": self.seed, "thread_count": self.threads,
            "allow_writing_files": False, "logging_level": "Silent",
        }  # fmt: skip

    def _arrange(self) -> None:
        """Work out which features are categories, and the spelling of each code."""
        self._numbers = [j for j, levels in enumerate(self._levels) if not levels]
        self._categories = [j for j, levels in enumerate(self._levels) if levels]
        most = max(self._levels, default=0)
        self._spelling = np.array([*(str(code).encode() for code in range(most)), MISSING], dtype=object)

    def _show(self, x: Matrix) -> Any:
        """Return the features as CatBoost takes them fastest: numbers apart from the spelled codes."""
        import catboost

        numbers = np.ascontiguousarray(x.values[:, self._numbers], dtype=np.float32)
        if not self._categories:
            return numbers
        codes = x.values[:, self._categories]
        places = np.where(np.isnan(codes), np.float32(len(self._spelling) - 1), codes).astype(np.intp)
        return catboost.FeaturesData(num_feature_data=numbers, cat_feature_data=self._spelling[places])

    def _load(self, blob: bytes) -> None:
        import catboost

        self._blob = blob
        self._booster = catboost.CatBoost().load_model(blob=blob)

    def _answer(self, x: Matrix) -> Floats:
        threads = self.threads if len(x) > 1000 else 1
        scores = self._booster.predict(self._show(x), prediction_type="RawFormulaVal", thread_count=threads)
        scores = np.asarray(scores, dtype=np.float64)
        if not self.sorts:
            return scores.reshape(-1, 1)
        return sigmoid_pair(scores) if self.width == 2 else softmax(scores)

    def _moves(self, x: Matrix) -> Floats:
        """CatBoost's own tree SHAP; it lists numbers before categories."""
        import catboost

        found = self._booster.get_feature_importance(
            data=catboost.Pool(self._show(x)), type="ShapValues", thread_count=self.threads if len(x) > 1000 else 1
        )
        found = np.asarray(found, dtype=np.float64).reshape(
            len(x), -1, x.values.shape[1] + 1
        )  # (rows, outputs, features + 1)
        out = np.empty((len(x), x.values.shape[1] + 1, found.shape[1]))
        out[:, [*self._numbers, *self._categories, -1]] = found.transpose(0, 2, 1)
        return out

    def _pack(self) -> State:
        return {"model": self._blob, "levels": self._levels}

    def _unpack(self, state: State) -> None:
        self._levels = [int(levels) for levels in state["levels"]]
        self._arrange()
        self._load(state["model"])


class _Stop:
    """CatBoost's callback: asked after every round whether to go on."""

    def __init__(self, watch: Clock) -> None:
        self.watch = watch
        self.before = watch.remaining()
        self.stopped = False

    def after_iteration(self, info: SimpleNamespace) -> bool:
        """Return whether another round fits: twice the last one must be left."""
        left = self.watch.remaining()
        self.stopped = left <= 2 * (self.before - left)
        self.before = left
        return not self.stopped


def _bytes_of(booster: Any) -> bytes:
    """Return the model in CatBoost's own binary format, which the library writes only to files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.cbm"
        booster.save_model(str(path))
        return path.read_bytes()
