"""What a report shows beside the scores: leaks that were judged, honest against random splits, reasons, slices, groups.

Plain data, made by ``prepare`` and ``explain`` and drawn by the views. Scores are in the metric's own direction.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from openglm.core.schema import Scalar
from openglm.core.words import Said, Word

Verdict = Literal["leak", "doubtful", "cleared"]


class Interval(Word):
    """A number with the range that repeated sampling of the rows gives it.

    Parameters
    ----------
    value : float
        As measured.
    low, high : float
        Ends of the range.
    level : float
        Share of the resampled numbers between them, in (0, 1).
    """

    value: float
    low: float
    high: float
    level: float = Field(default=0.95, gt=0, lt=1)


class Suspect(Word):
    """A column that may give the target away, and how it was judged.

    Parameters
    ----------
    column : str
        Of the table.
    codes : tuple of str
        What made it suspect: ``copy``, ``monotone``, ``too-good``, ``name``, ``after-outcome``, ``future-date``, ``row-order``,
        ``group-statistic``, ``encoded-target``, ``dominant``.
    signs : tuple of Said
        The same in words, one for each code.
    alone, with_it, without_it, chance : float or None
        Score of a small model of this column alone, of all columns, of all but this one, and of knowing nothing; on
        validation folds of the training rows. ``None`` where it was not measured.
    metric : str
        Of these scores.
    verdict : {"leak", "doubtful", "cleared"}
        ``leak``: left out; ``doubtful``: kept, and the user is asked; ``cleared``: kept.
    kept : bool
        Whether the model learned from it.
    """

    column: str
    codes: tuple[str, ...]
    signs: tuple[Said, ...] = ()
    alone: float | None = None
    with_it: float | None = None
    without_it: float | None = None
    chance: float | None = None
    metric: str = ""
    verdict: Verdict
    kept: bool


class SplitCheck(Word):
    """The same learner judged on the honest split and on a random one.

    Parameters
    ----------
    metric, model : str
        What was measured, of which learner.
    honest, random : Interval
        Mean validation score over the folds with its 95 % interval.
    said : Said
        What the difference means.
    """

    metric: str
    model: str
    honest: Interval
    random: Interval
    said: Said


class Repeated(Word):
    """Repeated cross-validation of the final choice on small data.

    ``score`` has the corrected resampled t-interval (Nadeau & Bengio 2003, "Inference for the generalization error", eq. 9).
    """

    metric: str
    score: Interval
    folds: int = Field(ge=2)
    repeats: int = Field(ge=1)


class Contribution(Word):
    """How far one column moves predictions on average: mean absolute Shapley value over sealed rows, in the output's unit."""

    column: str
    mean_abs: float
    rows: int = Field(ge=1)


class Effect(Word):
    """Partial dependence (Friedman 2001, section 8.2) of one column, with the spread of single rows (ICE, Goldstein 2015).

    Parameters
    ----------
    column : str
        Of the table.
    grid : tuple of scalar
        Values or levels; seconds since 1970 for dates.
    mean, low, high : tuple of float
        Mean prediction at each grid value, and the 10 % and 90 % quantiles over rows of the centred single-row curves, as
        distances from the mean.
    share : tuple of float
        Share of rows near each grid value; sums to about 1.
    role : str
        Of the column.
    label : str
        For classes: the one whose probability is shown.
    """

    column: str
    grid: tuple[Scalar, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    share: tuple[float, ...]
    role: str
    label: str = ""


class Term(Word):
    """One column's part in one prediction: its value as written, and by how much it moved the output."""

    column: str
    value: str
    amount: float


class RowReason(Word):
    """Why the model said what it said for one sealed row.

    Parameters
    ----------
    row : int
        Row of the source, counted from 0.
    truth, prediction : str
        Labels or values.
    output, base : float
        The explained output (a probability or a value), and the model's starting point; ``base`` + all amounts = ``output``.
    loss : float
        How wrong: log loss (classes) or absolute error.
    terms : tuple of Term
        Largest first; at most eight.
    """

    row: int
    truth: str
    prediction: str
    output: float
    base: float
    loss: float
    terms: tuple[Term, ...] = ()


class Slice(Word):
    """Rows on which the model does worse than elsewhere.

    Parameters
    ----------
    condition : Said
        Such as "Contract = monthly and age < 30".
    columns : tuple of str
        That the condition speaks of.
    rows : int
        Sealed rows in it.
    loss, rest : float
        Mean loss inside and outside.
    score : float or None
        The report's metric inside, where it can be computed.
    p_value : float
        Of a one-sided Welch test of the losses, times the number of slices looked at (Bonferroni), at most 1.
    """

    condition: Said
    columns: tuple[str, ...]
    rows: int = Field(ge=1)
    loss: float
    rest: float
    score: float | None = None
    p_value: float


class FairGroup(Word):
    """One group of a sensitive attribute on the sealed rows; each rate with its 95 % interval, ``None`` where it has no meaning.

    Parameters
    ----------
    label : str
        Of the group.
    rows : int
        Sealed rows.
    selected : Interval or None
        Share predicted positive.
    true_positive_rate, false_positive_rate : Interval or None
        Among the truly positive and negative rows.
    calibration : Interval or None
        Mean predicted probability minus observed share.
    error : Interval or None
        Mean (predicted - actual) for a regression; share of wrong answers with many classes.
    """

    label: str
    rows: int = Field(ge=1)
    selected: Interval | None = None
    true_positive_rate: Interval | None = None
    false_positive_rate: Interval | None = None
    calibration: Interval | None = None
    error: Interval | None = None


class Fairness(Word):
    """Group metrics of one sensitive attribute.

    Parameters
    ----------
    attribute : str
        Column of the table.
    stated : bool
        Whether the sentence named it; else it was found by its name and values.
    used : bool
        Whether the model learned from it.
    groups : tuple of FairGroup
        Largest first; small groups are left out and counted in ``left_out``.
    parity, odds, calibration, error : Interval or None
        Largest difference between two groups: of the selected share (demographic parity), of the true or false positive rate
        (equalised odds, Hardt, Price & Srebro 2016), of the calibration, of the error.
    left_out : int
        Rows in groups too small to judge, or without a value.
    said : Said
        What it means in one sentence.
    """

    attribute: str
    stated: bool
    used: bool
    groups: tuple[FairGroup, ...]
    parity: Interval | None = None
    odds: Interval | None = None
    calibration: Interval | None = None
    error: Interval | None = None
    left_out: int = Field(default=0, ge=0)
    said: Said


class Cost(Word):
    """What wrong answers cost on the sealed rows, in the unit the user stated.

    Parameters
    ----------
    false_positive, false_negative : float
        As stated, of one false alarm and one miss.
    per_1000 : Interval
        Of the model at its threshold, for 1000 rows.
    always_no, always_yes : float
        For 1000 rows, if nobody or everybody were taken for positive.
    said : Said
        What it means.
    """

    false_positive: float
    false_negative: float
    per_1000: Interval
    always_no: float
    always_yes: float
    said: Said


class LabelDoubt(Word):
    """A training row whose label is probably wrong (confident learning; Northcutt, Jiang & Chuang 2021, section 3).

    Parameters
    ----------
    row : int
        Row of the source, counted from 0.
    given, likely : str
        The label as given, and the one that out-of-fold predictions speak for.
    confidence : float
        Probability of ``likely`` minus that of ``given``, in [0, 1].
    """

    row: int
    given: str
    likely: str
    confidence: float
