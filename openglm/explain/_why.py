"""What moves the predictions and where they are weak: contributions, reasons of rows, slices and effects, cut to the clock.

In order of what a reader asks first; a part there is no time for is left out, and the report says so. Without a time limit
every size is fixed, so that equal runs have equal reports.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.dataset import Dataset, Rows
from openglm.core.evidence import Contribution, Effect, RowReason, Slice
from openglm.core.finding import Finding
from openglm.core.parts import Floats
from openglm.core.pipeline import Pipeline
from openglm.core.words import Said
from openglm.explain import _reasons
from openglm.explain._effects import effects
from openglm.explain._slices import worst_slices

SECONDS = 2.0
"""For all of it when there is time; with the last block that is on its way it stays below 3 s."""
SHARE = 0.2
"""Most of the remaining time: the final fit on all rows comes after it."""
HURRY_S = 1.5
"""Seconds left below which none of it is made; as for importance."""
PARTS = (0.5, 0.8)
"""Share of the time at which contributions and then slices are over; the rest is for effects."""
EXACT_ROWS, SAMPLED_ROWS = 500, 100
"""Rows whose mean contributions are shown, where learners know them and where they are sampled: the standard error of a mean
of 500 is 4 % of the rows' spread; a sampled row costs some hundred predictions."""
FEWEST_ROWS = 20
"""Below that a mean over rows is left out."""
ROWS_AT_ONCE = 50
"""Rows between two looks at the clock."""

NO_REASONS = Said(
    en="How far each column moves the predictions was not measured: too little time or too few rows were left.",
    zh="剩余时间或数据行不足，未计算各列对预测的影响。",
)
NO_EFFECTS = Said(
    en="How predictions change along the columns was left out, or shown for fewer columns: time was short.",
    zh="时间有限，未展示（或仅部分展示）预测随各列取值的变化。",
)
NO_SLICES = Said(
    en="Groups of rows on which the model is weak were not searched for: time was short.",
    zh="时间有限，未查找模型较弱的数据子集。",
)


@dataclass(frozen=True)
class Why:
    """The parts of a report that say why; empty where there was no time or nothing to say."""

    contributions: tuple[Contribution, ...] = ()
    reasons: tuple[RowReason, ...] = ()
    surprises: tuple[RowReason, ...] = ()
    slices: tuple[Slice, ...] = ()
    effects: tuple[Effect, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Said, ...] = ()


def why(  # noqa: PLR0913 - what has been measured on the sealed rows already
    data: Dataset, pipeline: Pipeline, rows: Rows, outputs: Floats, codes: NDArray[np.int64] | None, *,
    clock: Clock, row_s: float, order: Sequence[str], sentence: str, seed: int,
    score: Callable[[NDArray[np.int64]], float | None],
) -> Why:  # fmt: skip
    """Return why the model says what it says about these sealed rows.

    Parameters
    ----------
    data, pipeline
        The data set and its final model.
    rows : Rows
        Scored sealed rows.
    outputs : ndarray of shape (rows, k)
        Answers for them.
    codes : ndarray of shape (rows,) or None
        Decided classes.
    clock : Clock
        Of the run.
    row_s : float
        Seconds one row of a batch takes.
    order : sequence of str
        Columns, most important first, used where contributions are missing.
    sentence : str
        What the user said; a column named there may dominate.
    seed : int
        Of samples.
    score : callable
        Positions of rows → the report's metric on them.
    """
    n, names = len(rows), list(rows.x)
    if clock.remaining() < HURRY_S or n < 2 or not names:
        return Why(notes=(NO_REASONS,))
    allowed = math.inf if clock.seconds is None else min(SECONDS, SHARE * clock.remaining())
    own = clock.part(allowed)
    losses = _reasons.row_losses(rows.y, outputs, classes=codes is not None)
    notes: list[Said] = []

    asked = _Asked(pipeline, rows, outputs, seed)
    first = own.part(PARTS[0] * allowed)
    typical = _reasons.typical_rows(rows.y, outputs, codes, pipeline.threshold)
    worst = _reasons.worst_rows(losses, rows.y, codes)
    shown = asked.answer([*typical, *worst], first)
    told = {row: _reason(asked, data, codes, float(losses[row]), row, found) for row, found in shown.items()}
    most = min(n, EXACT_ROWS if pipeline.explains_itself else SAMPLED_ROWS)
    picked = np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
    sample = asked.answer(picked.tolist(), first)
    values = np.array([found[0] for found in sample.values()])
    mean = _reasons.on_average(names, values) if len(values) >= min(FEWEST_ROWS, n) else ()
    if not mean:
        notes.append(NO_REASONS)
    known = [item.column for item in mean] or [*order, *(name for name in names if name not in order)]

    slices: tuple[Slice, ...] = ()
    if own.expired():
        notes.append(NO_SLICES)
    else:
        slices = worst_slices(data.schema, rows.x, losses, known, seed=seed, score=score)

    labels = [str(label) for label in data.classes]
    drawn = effects(pipeline.outputs, data.schema, rows.x, known, clock=own, row_s=row_s, seed=seed, labels=labels)
    if not drawn or (own.expired() and len(drawn) < min(len(names), len(_shown_by_effects(data)))):
        notes.append(NO_EFFECTS)
    dominant = _reasons.dominant_column(mean, sentence)
    return Why(
        contributions=mean, reasons=tuple(told[row] for row in typical if row in told),
        surprises=tuple(told[row] for row in worst if row in told), slices=slices, effects=drawn,
        findings=(dominant,) if dominant else (), notes=tuple(notes),
    )  # fmt: skip


def _shown_by_effects(data: Dataset) -> list[str]:
    return [column.name for column in data.schema.columns if column.role != "text"]


@dataclass
class _Asked:
    """Contributions of rows by position, a few rows at a time while the clock allows."""

    pipeline: Pipeline
    rows: Rows
    outputs: Floats
    seed: int

    def answer(self, wanted: Sequence[int], clock: Clock) -> dict[int, tuple[Floats, float, float]]:
        """Return contributions, base and prediction of the rows that there was time for, in their order."""
        found: dict[int, tuple[Floats, float, float]] = {}
        at_once, spent = ROWS_AT_ONCE if self.pipeline.explains_itself else 2, 0.0
        places = list(dict.fromkeys(wanted))
        while len(found) < len(places):
            if clock.remaining() <= spent:
                break
            block = np.array(places[len(found) : len(found) + at_once])
            start = time.perf_counter()
            part = self.rows.take(block)
            values, base, full = self.pipeline.contributions(
                part.x, focus=self.pipeline.focus(self.outputs[block]), seed=self.seed + int(block[0])
            )
            found.update({int(row): (values[i], float(base[i]), float(full[i])) for i, row in enumerate(block)})
            spent = time.perf_counter() - start
            # As many as fit into a tenth of a second, so that the clock is looked at often and calls do not count.
            at_once = int(np.clip(len(block) * 0.1 / max(spent, 1e-6), 1, EXACT_ROWS)) if clock.seconds else EXACT_ROWS
            spent *= at_once / len(block)
        return found


def _reason(asked: _Asked, data: Dataset, codes: NDArray[np.int64] | None, loss: float, row: int,
            found: tuple[Floats, float, float]) -> RowReason:  # fmt: skip
    rows, (amounts, base, full) = asked.rows, found
    if codes is None:
        truth, guess = (f"{float(value):.6g}" for value in (rows.y[row], asked.outputs[row, 0]))
    else:
        truth, guess = (str(label) for label in data.label(np.array([rows.y[row], codes[row]])).tolist())
    return RowReason(
        row=int(rows.index[row]), truth=truth, prediction=guess, output=full, base=base, loss=loss,
        terms=_reasons.terms_of(data.schema, rows.x, row, amounts),
    )  # fmt: skip
