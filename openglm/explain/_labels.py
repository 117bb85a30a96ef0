"""Labels that are probably wrong, by confident learning; and values far from what all other rows speak for.

Works on out-of-fold probabilities: what a learner says of a row that it has not learned from. A row counts as another class
when that class is as probable as it is, on average, for the rows that carry its label; what such rows are of all is the
estimated share of wrong labels. Only those are named in which the other class leads as clearly as it does in half of all rows.

References
----------
Northcutt, Jiang & Chuang (2021), "Confident learning: estimating uncertainty in dataset labels", sections 3.1 and 3.2.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openglm.core import store
from openglm.core.dataset import Dataset, Rows
from openglm.core.evidence import LabelDoubt
from openglm.core.finding import Finding
from openglm.core.metrics import METRICS
from openglm.core.parts import Floats
from openglm.core.run import Run
from openglm.core.task import CLASSIFICATION
from openglm.core.trial import Trial
from openglm.core.words import Said

MOST = 50
"""Doubts in a report; all of them are in :data:`FILE`."""
FILE = "label_doubts.csv"
CLEAR = 0.65
"""Lead in probability of the likeliest class that at least half of the rows must have: where the classes overlap more, a wrong
label looks like a rare case and nothing is said. Measured on simulated tables, see ``docs/report.md``."""
EVEN = 0.45
"""Wrong labels strike the surest rows as often as others: of the doubts among the surer half of all rows, 0.6 then lie among the
surest 30 %. Hard cases get rarer the surer the model is; without wrong labels at most 0.36 were measured."""
UPPER = 0.5, 0.7
"""Quantiles of the lead that these two parts begin at."""
KAPPA = 0.2
"""Cohen's kappa of confident and given classes below which nothing is said of classes: less is "slight" agreement (Landis & Koch
1977), and a learner that agrees so little with the labels cannot judge them."""
FEWEST = 50
"""Rows below which mean probabilities of a class say nothing; our own choice."""
WORTH, WORTH_SHARE = 3, 0.005
"""Doubts, and their share of the rows, below which nothing is said: tables without any wrong label had up to 0.35 %."""
SLICE_ROWS, SLICE_SHARE = 20, 0.5
"""A slice is wrong as a whole when more than half of at least so many rows are doubted."""
FAR = 6.0
"""Robust standard deviations from which a value is an outlier; a normal error lies there once in 500 million rows."""
TAIL = 0.01
"""More such values than this are a heavy tail, not mistakes; our own choice."""
BASELINE = "baseline"


@dataclass(frozen=True)
class Doubts:
    """What was found: doubted labels (all of them, the clearest first), and what to say."""

    labels: tuple[LabelDoubt, ...] = ()
    findings: tuple[Finding, ...] = ()


def label_doubts(run: Run, data: Dataset, trials: Sequence[Trial], chosen: str) -> Doubts:
    """Return the doubts about training labels from the best finished trial, and write :data:`FILE` when there are any.

    Parameters
    ----------
    run : Run
        With ``trials/<id>/oof.npy``.
    data : Dataset
        Its training rows.
    trials : sequence of Trial
        As tried.
    chosen : str
        Metric id of their scores.
    """
    answers = _best(run, trials, chosen)
    if answers is None or len(answers) != len(data.train):
        return Doubts()
    known = np.flatnonzero(np.isfinite(answers).all(axis=1))
    rows, outputs = data.train.take(known), answers[known].astype(np.float64)
    if len(rows) < FEWEST:
        return Doubts()
    if data.task.kind not in CLASSIFICATION:
        found = outliers(rows, outputs[:, 0])
        return Doubts(findings=(found,) if found else ())
    made = doubted(rows, outputs, tuple(str(label) for label in data.classes))
    if made.labels:
        store.write_text(run.path / FILE, _csv(made.labels))
    return made


def _best(run: Run, trials: Sequence[Trial], chosen: str) -> Floats | None:
    loss = METRICS[chosen].loss
    done = [
        trial
        for trial in trials
        if trial.state == "done" and trial.score is not None and np.isfinite(trial.score)
        and trial.candidate.model != BASELINE and run.has(f"trials/{trial.candidate.id}/oof.npy")
    ]  # fmt: skip
    if not done:
        return None
    best = min(done, key=lambda trial: loss(trial.score or 0.0))
    answers: Floats = np.load(run.path / "trials" / best.candidate.id / "oof.npy", allow_pickle=False)
    return answers


# ── classes ──


def confident_class(y: NDArray[np.int64], p: Floats) -> NDArray[np.int64]:
    """Return for each row the class it confidently belongs to, -1 for none: equation 2 of the paper.

    Parameters
    ----------
    y : ndarray of shape (rows,)
        Given class codes.
    p : ndarray of shape (rows, classes)
        Out-of-fold probabilities.
    """
    classes = p.shape[1]
    totals, sizes = np.zeros(classes), np.bincount(y, minlength=classes)
    np.add.at(totals, y, p[np.arange(len(y)), y])
    threshold = np.where(sizes > 0, totals / np.maximum(sizes, 1), np.inf)
    enough = p >= threshold
    best = np.argmax(np.where(enough, p, -1.0), axis=1)
    return np.where(enough.any(axis=1), best, -1).astype(np.int64)


def noise_share(y: NDArray[np.int64], confident: NDArray[np.int64], classes: int) -> float:
    """Return the estimated share of wrong labels: off the diagonal of the confident joint, rows scaled to the given counts."""
    counted = confident >= 0
    joint = np.bincount(y[counted] * classes + confident[counted], minlength=classes**2).reshape(classes, classes)
    of_each = joint.sum(axis=1, keepdims=True)
    scaled = joint / np.maximum(of_each, 1) * np.bincount(y, minlength=classes)[:, None]
    total = float(scaled.sum())
    return 1 - float(np.trace(scaled)) / total if total else 0.0


def agreement(y: NDArray[np.int64], confident: NDArray[np.int64], classes: int) -> float:
    """Return Cohen's kappa of given and confident classes, over the rows that have one; 0 where it does not exist.

    Examples
    --------
    >>> agreement(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), 2)
    0.0
    """
    counted = confident >= 0
    table = np.bincount(y[counted] * classes + confident[counted], minlength=classes**2).reshape(classes, classes)
    n = max(int(table.sum()), 1)
    chance = float(table.sum(axis=0) @ table.sum(axis=1)) / n**2
    return (float(np.trace(table)) / n - chance) / (1 - chance) if chance < 1 else 0.0


def doubted(rows: Rows, p: Floats, labels: tuple[str, ...]) -> Doubts:
    """Return the labels that are probably wrong, and the findings about them.

    Parameters
    ----------
    rows : Rows
        Training rows.
    p : ndarray of shape (rows, classes)
        Out-of-fold probabilities for them.
    labels : tuple of str
        Of the class codes.
    """
    y = rows.y.astype(np.int64)
    confident = confident_class(y, p)
    if agreement(y, confident, p.shape[1]) < KAPPA:
        return Doubts()
    every = np.arange(len(y))
    lead = np.where(confident >= 0, p[every, confident] - p[every, y], 0.0)
    two = np.sort(p, axis=1)[:, -2:]
    sure, surest = np.quantile(two[:, 1] - two[:, 0], UPPER)
    other = (confident >= 0) & (confident != y)
    clear = other & (lead >= max(sure, CLEAR))
    picked = np.flatnonzero(clear)[np.argsort(-lead[clear], kind="stable")]
    is_even = np.sum(other & (lead >= surest)) >= EVEN * len(picked)
    if sure < CLEAR or not is_even or len(picked) < max(WORTH, WORTH_SHARE * len(y)):
        return Doubts()
    found = tuple(
        LabelDoubt(
            row=int(rows.index[i]), given=labels[y[i]], likely=labels[confident[i]], confidence=min(float(lead[i]), 1.0)
        )
        for i in picked
    )  # fmt: skip
    share = max(noise_share(y, confident, p.shape[1]), 0.0)
    findings = [_noise(found, len(y), share)]
    wrong = _slice(rows, other)
    if wrong is not None:
        findings.append(wrong)
    return Doubts(found, tuple(findings))


def _noise(found: tuple[LabelDoubt, ...], rows: int, share: float) -> Finding:
    clear = len(found) / rows
    shown = ", ".join(str(item.row) for item in found[:5])
    return Finding(
        severity="warning", code="label-noise", rows=len(found),
        message=Said(
            en=f"{len(found)} training labels ({clear:.1%}) are probably wrong, for example in rows {shown}; counting cases "
            f"that are hard to tell, {max(share, clear):.1%} (confident learning).",
            zh=f"{len(found)} 个训练标签({clear:.1%})很可能有误,例如第 {shown} 行;计入难以判断的样本,估计为 "
            f"{max(share, clear):.1%}(置信学习)。",
        ),
        fix=Said(
            en=f"Nothing was changed. {FILE} in the run folder lists them all: check them, correct the source, and train again. "
            "Rows that are right stay as they are.",
            zh=f"未作改动。完整清单见运行目录中的 {FILE};请核对并修正数据后重新训练。",
        ),
    )  # fmt: skip


def _slice(rows: Rows, doubted: NDArray[np.bool_]) -> Finding | None:
    """Return the level of a column in which most labels are doubted, if there is one."""
    best: tuple[int, str, str] | None = None
    for name, values in rows.x.items():
        if values.dtype != object:
            continue
        words = np.array(["" if value is None else str(value) for value in values])
        levels, place, sizes = np.unique(words, return_inverse=True, return_counts=True)
        hits = np.bincount(place[doubted], minlength=len(levels))
        for i in np.flatnonzero((sizes >= SLICE_ROWS) & (hits > SLICE_SHARE * sizes) & (levels != "")):
            if best is None or hits[i] > best[0]:
                best = int(hits[i]), name, str(levels[i])
    if best is None or np.mean(doubted) > SLICE_SHARE:
        return None
    count, name, level = best
    return Finding(
        severity="warning", code="label-slice", column=name, rows=count,
        message=Said(
            en=f"Most labels of the rows with {name} = '{level}' are probably wrong ({count} of them).",
            zh=f"“{name}”为“{level}”的行中,多数标签({count} 个)很可能有误。",
        ),
        fix=Said(
            en="Nothing was changed. Ask where these rows come from: their labels may be swapped or mean something else.",
            zh="未作改动。请核实这些行的来源,其标签可能互换或含义不同。",
        ),
    )  # fmt: skip


def _csv(found: Sequence[LabelDoubt]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "given", "likely", "confidence"])
    writer.writerows([item.row, item.given, item.likely, f"{item.confidence:.4f}"] for item in found)
    return text.getvalue()


# ── values ──


def outliers(rows: Rows, guess: Floats) -> Finding | None:
    """Return the finding for values that lie far from what the other rows speak for; ``None`` without any.

    The spread is 1.4826 times the median absolute deviation (Hampel 1974), which outliers do not move.
    """
    error = rows.y.astype(np.float64) - guess
    centre = float(np.median(error))
    spread = 1.4826 * float(np.median(np.abs(error - centre)))
    values = rows.y.astype(np.float64)
    if spread <= 0 or np.mean(np.abs(error)) >= np.mean(np.abs(values - np.median(values))):  # it knows nothing
        return None
    far = np.abs(error - centre) / spread
    picked = np.flatnonzero(far > FAR)
    if not len(picked) or len(picked) > TAIL * len(error):
        return None
    picked = picked[np.argsort(-far[picked], kind="stable")]
    shown = ", ".join(f"{rows.index[i]} ({rows.y[i]:.6g}, {guess[i]:.6g})" for i in picked[:3])
    return Finding(
        severity="note", code="target-outliers", rows=len(picked),
        message=Said(
            en=f"{len(picked)} target values lie more than {FAR:g} robust standard deviations from their prediction: row (value, "
            f"prediction) {shown}.",
            zh=f"{len(picked)} 个目标值与预测相差超过 {FAR:g} 倍稳健标准差: 行(实际, 预测) {shown}。",
        ),
        fix=Said(
            en="Nothing was changed. If they are mistakes, correct them or leave these rows out, and train again.",
            zh="未作改动。若确为错误,请更正或剔除这些行后重新训练。",
        ),
    )  # fmt: skip
