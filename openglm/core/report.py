"""What a run has to say: numbers on sealed rows first, pictures and sentences made from them. Plain data, no drawing.

Every list is short (at most a few hundred entries), so that ``report.json`` can be read by people and sent over a wire.
A number that does not exist for this problem is not-a-number and travels as ``"NaN"`` (see :mod:`openglm.core.words`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from openglm.core.cleaning import CleanStep
from openglm.core.evidence import (
    Contribution,
    Cost,
    Effect,
    Fairness,
    Interval,
    LabelDoubt,
    Repeated,
    RowReason,
    Slice,
    SplitCheck,
    Suspect,
)
from openglm.core.finding import Finding
from openglm.core.schema import Scalar
from openglm.core.task import Choice, Kind, Slot
from openglm.core.trial import TrialState
from openglm.core.words import Language, Said, Word


class LeaderRow(Word):
    """One tried learner, or the final model.

    Parameters
    ----------
    id, model, view : str
        Candidate id, registry id of the learner, and the view it saw.
    params : dict
        Settings that differ from the learner's defaults.
    origin : str
        Who proposed it.
    state : TrialState
        How the trial ended.
    score : float or None
        Validation score in the metric's own direction.
    fit_s : float
        Wall-clock seconds of the whole trial.
    predict_ms : float or None
        Milliseconds for one row of a batch, where measured.
    bytes : int
        Size of one saved fold model.
    weight : float
        Share in the final model, in [0, 1]; 0 when it is not part of it.
    partial : bool
        Whether the clock cut it short.
    folds : int or None
        Folds behind the score where time ran out before all of them: it is not comparable then, and comes after the others.
    error : str or None
        Why it failed.
    """

    id: str
    model: str
    view: str
    params: dict[str, Scalar | None] = {}
    origin: str = ""
    state: TrialState
    score: float | None = None
    fit_s: float = Field(default=0.0, ge=0)
    predict_ms: float | None = None
    bytes: int = Field(default=0, ge=0)
    weight: float = Field(default=0.0, ge=0)
    partial: bool = False
    folds: int | None = None
    error: str | None = None


class Importance(Word):
    """How much worse the metric gets when one column is shuffled: > 0 means that the model uses it.

    Parameters
    ----------
    column : str
        Of the table.
    drop : float
        Mean loss of the metric over the repeats, in the metric's unit.
    low, high : float
        95 % t-interval of that mean over the repeats; equal to ``drop`` when there was one repeat only.
    repeats : int
        How often the column was shuffled.
    """

    column: str
    drop: float
    low: float
    high: float
    repeats: int = Field(ge=1)


class Confusion(Word):
    """Counts of sealed rows: ``counts[i][j]`` rows of class ``labels[i]`` were taken for ``labels[j]``.

    With very many classes the rare ones are counted together under the last label, "…".
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Roc(Word):
    """Points of the ROC curve, from (0, 0) to (1, 1), and the point at the decision threshold."""

    false_positive_rate: tuple[float, ...]
    true_positive_rate: tuple[float, ...]
    at_threshold: tuple[float, float]


class CalibrationBin(Word):
    """Sealed rows with similar probabilities: what was predicted on average, and what came true.

    ``low`` and ``high`` are the 95 % Wilson (1927) interval of the observed share.
    """

    predicted: float
    observed: float
    low: float
    high: float
    rows: int = Field(ge=1)


class Residuals(Word):
    """Actual and predicted values of a sample of sealed rows, and quantiles of (predicted - actual) over all of them."""

    actual: tuple[float, ...]
    predicted: tuple[float, ...]
    quantiles: dict[str, float]


class Promise(Word):
    """A limit the user stated, what was reached on the sealed rows, and whether it is kept.

    Parameters
    ----------
    constraint : str
        Name of the limit.
    limit, value : float
        What was asked for, and what was reached.
    kept : bool
        Whether ``value`` keeps the limit.
    interval : Interval or None
        Wilson (1927) interval of ``value``, where it is a share of rows.
    """

    constraint: str
    limit: float
    value: float
    kept: bool
    interval: Interval | None = None

    @property
    def state(self) -> Literal["kept", "kept_unsure", "broken_unsure", "broken"]:
        """Return whether it is kept, and whether other rows could have said otherwise: the interval holds the limit."""
        if self.interval is not None and self.interval.low < self.limit < self.interval.high:
            return "kept_unsure" if self.kept else "broken_unsure"
        return "kept" if self.kept else "broken"


class DataFacts(Word):
    """The table and how it was divided.

    Parameters
    ----------
    source_columns, inputs : int
        Columns of the table; columns the model learned from.
    rows, train, sealed : int
        Rows used in all, for learning, and kept for this report.
    scored : int
        Sealed rows this report really used; fewer than ``sealed`` only where time was too short for all.
    split, split_reason : str
        How the sealed rows were drawn, and why so.
    folds : int
        Parts of the cross-validation; 1 is a single hold-out part.
    class_rows : dict of str to (int, int)
        Label → training and sealed rows; the most frequent 40. Empty for values.
    value_range : (float, float) or None
        Smallest and largest training value, for a regression.
    roles : dict of str to int
        Role → number of input columns.
    missing : float
        Share of missing input cells, in [0, 1].
    """

    source_columns: int = Field(ge=0)
    inputs: int = Field(ge=0)
    rows: int = Field(ge=0)
    train: int = Field(ge=0)
    sealed: int = Field(ge=0)
    scored: int = Field(ge=0)
    split: str
    split_reason: Said = Said(en="", zh="")
    folds: int = Field(ge=1)
    class_rows: dict[str, tuple[int, int]] = {}
    value_range: tuple[float, float] | None = None
    roles: dict[str, int] = {}
    missing: float = Field(default=0.0, ge=0, le=1)


class Understood(Word):
    """What the sentence was taken to mean, on what evidence, and what was not taken."""

    sentence: str
    target: str | None
    kind: Kind
    metric: str
    positive_class: Scalar | None = None
    confidence: float = Field(ge=0, le=1)
    slots: dict[str, Slot] = {}
    alternatives: tuple[Choice, ...] = ()


class Moment(Word):
    """One trial on the time line: seconds since the run began, and its validation score."""

    id: str
    model: str
    start_s: float
    end_s: float
    state: TrialState
    score: float | None = None


class Speed(Word):
    """Size and speed of the final model, measured on the machine of the run.

    Parameters
    ----------
    batch_ms : float
        Milliseconds per row when many rows come at once.
    one_row_ms : float
        Median milliseconds for a single row, from typed columns to outputs.
    bytes : int
        Of the saved model; 0 when it had not been saved.
    """

    batch_ms: float
    one_row_ms: float
    bytes: int = Field(default=0, ge=0)


class Report(Word):
    """Everything a run has to say, on rows that no choice was made on.

    Parameters
    ----------
    language : Language
        The views speak it unless asked otherwise.
    title, answer, meaning : Said
        What it is about; the result in one sentence; what the metric's value means in everyday words.
    target, kind, metric : str
        What was learned, and what was optimised.
    greater_is_better : bool
        Direction of the metric.
    model : str
        Name of the final model.
    metrics, baseline : dict of str to float
        Metric id → value on sealed rows, of the model and of the naive baseline.
    intervals : dict of str to Interval
        95 % percentile bootstrap intervals of metrics (Efron & Tibshirani 1993, chapter 13).
    gain : Interval or None
        By how much the model beats the baseline in the chosen metric (> 0: better), paired on the same resampled rows.
    better_than_baseline : bool
        Whether ``gain`` lies above 0 as a whole.
    validation_score : float or None
        Of the final model (or the best single one) on validation rows, for comparison with the sealed rows.
    leaderboard : tuple of LeaderRow
        Best first; failures last.
    importance : tuple of Importance
        Permutation importance on sealed rows (Breiman 2001; Fisher, Rudin & Dominici 2019), largest first.
    importance_rows : int
        Sealed rows it was measured on; 0 when there was no time for it.
    confusion, roc, calibration, residuals
        Where they apply.
    threshold : float or None
        For two classes: probability from which the positive class is predicted.
    promises : tuple of Promise
        Limits the user stated.
    cost : Cost or None
        Of wrong answers, where the user stated what they cost.
    findings : tuple of Finding
        What was noticed about the data.
    cleaning : tuple of CleanStep
        What was done to the table.
    leaks : tuple of Suspect
        Columns that may give the target away, and how they were judged.
    split_check : SplitCheck or None
        The honest split beside a random one, where rows are not exchangeable.
    repeated : Repeated or None
        Repeated cross-validation, on small data.
    contributions, effects, reasons_of_rows, surprises, slices
        What moves the predictions: on average, along a column, for some typical rows, for the worst errors; and
        where the model is weak.
    fairness : tuple of Fairness
        One for each sensitive attribute.
    label_doubts : tuple of LabelDoubt
        Training rows whose label is probably wrong, the clearest first; at most 50.
    data : DataFacts
        The table and how it was divided.
    understood : Understood
        What the sentence was taken to mean.
    timeline : tuple of Moment
        Trials in the order in which they ended; at most 200.
    limits : tuple of Said
        What the score does and does not mean, and what this report left out.
    usage : dict of str to str
        ``predict``, ``python`` …: how to use the model.
    speed : Speed
        Of the final model.
    seconds : float
        Wall-clock seconds of the run when the report was begun.
    budget_s : float or None
        Seconds it was allowed.
    refit : bool
        Whether the final model was trained again on all training rows.
    delivered : {"training rows", "all rows"}
        What the delivered model has learned from; the scores are always those of a model that never saw the sealed rows.
    reasons : tuple of str
        Of the plan.
    versions : dict of str to str
        Packages, Python and platform.
    seed : int
        Of the run.
    created_at : str
        ISO 8601, UTC.
    """

    format: Literal[1] = 1
    language: Language
    title: Said
    answer: Said
    meaning: Said
    target: str | None
    kind: Kind
    metric: str
    greater_is_better: bool
    model: str
    metrics: dict[str, float]
    baseline: dict[str, float]
    intervals: dict[str, Interval] = {}
    gain: Interval | None = None
    better_than_baseline: bool = False
    validation_score: float | None = None
    leaderboard: tuple[LeaderRow, ...] = ()
    importance: tuple[Importance, ...] = ()
    importance_rows: int = Field(default=0, ge=0)
    confusion: Confusion | None = None
    roc: Roc | None = None
    calibration: tuple[CalibrationBin, ...] = ()
    residuals: Residuals | None = None
    threshold: float | None = None
    promises: tuple[Promise, ...] = ()
    cost: Cost | None = None
    findings: tuple[Finding, ...] = ()
    cleaning: tuple[CleanStep, ...] = ()
    leaks: tuple[Suspect, ...] = ()
    split_check: SplitCheck | None = None
    repeated: Repeated | None = None
    contributions: tuple[Contribution, ...] = ()
    effects: tuple[Effect, ...] = ()
    reasons_of_rows: tuple[RowReason, ...] = ()
    surprises: tuple[RowReason, ...] = ()
    slices: tuple[Slice, ...] = ()
    fairness: tuple[Fairness, ...] = ()
    label_doubts: tuple[LabelDoubt, ...] = ()
    data: DataFacts
    understood: Understood
    timeline: tuple[Moment, ...] = ()
    limits: tuple[Said, ...] = ()
    usage: dict[str, str] = {}
    speed: Speed
    seconds: float = Field(ge=0)
    budget_s: float | None = None
    refit: bool = True
    delivered: Literal["training rows", "all rows"] = "training rows"
    reasons: tuple[str, ...] = ()
    versions: dict[str, str] = {}
    seed: int = 0
    created_at: str = ""
