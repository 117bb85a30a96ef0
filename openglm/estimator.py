"""``AutoModel``: the search as a scikit-learn estimator, for those who have X and y and want no sentence.

It keeps scikit-learn's promises (``check_estimator``): settings unchanged by ``fit``, clones, pickles, same seed same
result. The fitted model lives in memory; its run folder is temporary and removed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import assert_all_finite
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from openglm import flow
from openglm.core.metrics import default_metric, metric
from openglm.core.parts import Floats
from openglm.core.task import CLASSIFICATION, Kind, Task

TARGET = "target"
"""Name of the target column in the table that the search sees; input columns are renamed if one is called so."""


class AutoModel(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Search for the best ensemble for X and y.

    Parameters
    ----------
    kind : {"auto", "classification", "regression"}, default="auto"
        What to learn; ``auto`` decides by y: floats with fractions are values, anything else is classes.
    time_limit : float or None, default=None
        Seconds for ``fit``, > 0; without it ``trials`` counts.
    trials : int, default=8
        Candidates to try at most.
    metric : str or None, default=None
        What to be good at; by default ROC AUC, log loss or RMSE.
    seed : int, default=0
        Of everything random.

    Attributes
    ----------
    pipeline_ : Pipeline
        The fitted model.
    metrics_ : dict of str to float
        On rows kept apart; empty where there were too few rows to keep any.
    classes_ : ndarray of shape (n_classes,)
        Labels in sorted order, for classification.
    kind_ : {"binary", "multiclass", "regression"}
        What was learned.
    n_features_in_ : int
        Columns of X.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> X, y = load_wine(return_X_y=True)
    >>> model = AutoModel(trials=1).fit(X, y)
    >>> model.predict_proba(X[:2]).shape
    (2, 3)
    """

    def __init__(
        self, *, kind: Literal["auto", "classification", "regression"] = "auto", time_limit: float | None = None,
        trials: int = 8, metric: str | None = None, seed: int = 0,
    ) -> None:  # fmt: skip
        self.kind = kind
        self.time_limit = time_limit
        self.trials = trials
        self.metric = metric
        self.seed = seed

    def fit(self, X: Any, y: Any) -> Self:
        """Search and fit.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            Numbers, or any columns when it is a data frame; missing cells are allowed.
        y : array-like of shape (n_samples,)
            Labels or values.
        """
        frame = self._frame(X, reset=True)
        target = column_or_1d(_required(y), warn=True)
        assert_all_finite(target, input_name="y")
        if len(target) != len(frame):
            raise ValueError(f"X has {len(frame)} rows and y has {len(target)}: inconsistent numbers of samples.")
        if len(target) < 2:
            raise ValueError("Found n_samples=1; at least two are needed.")
        self.kind_ = self._kind_of(target)
        if self.kind_ in CLASSIFICATION:
            self.classes_, codes = np.unique(target, return_inverse=True)
            if len(self.classes_) == 1:
                raise ValueError(f"y has only one class, {self.classes_[0]!r}; there is nothing to learn.")
            told: NDArray[Any] = np.array([f"c{code:06d}" for code in codes], dtype=object)
        else:
            told = target.astype(np.float64)
        task = Task(
            kind=self.kind_, target=TARGET, metric=metric(self.metric or default_metric(self.kind_), self.kind_).id,
            inputs=tuple(frame.columns),
        )  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="openglm-", ignore_cleanup_errors=True) as folder:
            result = flow.run(
                task, frame.assign(**{TARGET: told}), time_limit=self.time_limit, trials=self.trials, seed=self.seed,
                out=Path(folder) / "run",
            )  # fmt: skip
            self.pipeline_ = result.model
            self.metrics_ = result.metrics
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return labels or values, shape (n_samples,)."""
        outputs = self._outputs(X)
        if self.kind_ not in CLASSIFICATION:
            return outputs[:, 0]
        chosen: NDArray[Any] = self.classes_[self._places()[self.pipeline_.decide_codes(outputs)]]
        return chosen

    @available_if(lambda self: getattr(self, "kind_", self.kind) != "regression")  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Floats:
        """Return probabilities, shape (n_samples, n_classes), columns in the order of ``classes_``; not for a regression."""
        outputs = self._outputs(X)
        full = np.zeros((len(outputs), len(self.classes_)))
        full[:, self._places()] = outputs
        return full

    def score(self, X: Any, y: Any) -> float:
        """Return accuracy or R², as scikit-learn's classifiers and regressors do."""
        from sklearn.metrics import accuracy_score, r2_score

        judge = accuracy_score if hasattr(self, "classes_") else r2_score
        return float(judge(y, self.predict(X)))

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn what this estimator takes and gives."""
        from sklearn.utils import ClassifierTags, RegressorTags

        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = True
        if self.kind == "classification":
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        elif self.kind == "regression":
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        return tags

    def _kind_of(self, y: NDArray[Any]) -> Kind:
        if self.kind == "regression":
            return "regression"
        found = type_of_target(y, input_name="y")
        if self.kind == "auto" and found == "continuous":
            return "regression"
        check_classification_targets(y)
        return "binary" if len(np.unique(y)) == 2 else "multiclass"

    def _frame(self, X: Any, *, reset: bool) -> pd.DataFrame:
        """Return X as a data frame with names that do not clash with the target."""
        if isinstance(X, pd.DataFrame) and not all(pd.api.types.is_numeric_dtype(kind) for kind in X.dtypes):
            validate_data(self, X=X, reset=reset, skip_check_array=True)
            values = X.copy(deep=False)
        else:
            checked = validate_data(self, X=X, reset=reset, dtype="numeric", ensure_all_finite="allow-nan")
            values = pd.DataFrame(np.asarray(checked, dtype=np.float64))
        values.columns = [f"x{i}" for i in range(values.shape[1])]
        return values.reset_index(drop=True)

    def _outputs(self, X: Any) -> Floats:
        check_is_fitted(self, "pipeline_")
        return self.pipeline_.outputs(self.pipeline_.read(self._frame(X, reset=False)))

    def _places(self) -> NDArray[np.int64]:
        """Return the position in ``classes_`` of each class of the pipeline (one with too few rows may be missing)."""
        return np.array([int(str(name)[1:]) for name in self.pipeline_.classes], dtype=np.int64)


def _required(y: Any) -> Any:
    if y is None:
        raise ValueError("This AutoModel estimator requires y to be passed, but the target y is None.")
    return y
