"""How predictions change along one column, all others as they are: partial dependence, and how single rows differ from it.

It asks the model about rows that may not exist (a child with a pension); the share of rows near each value says where it
is on firm ground.

References
----------
Friedman (2001), "Greedy function approximation", section 8.2. Goldstein, Kapelner, Bleich & Pitkin (2015), "Peeking inside
the black box", section 3 (single rows, centred).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.evidence import Effect
from openglm.core.parts import Columns, Floats
from openglm.core.schema import Schema

COLUMNS = 6
"""Columns shown, the most important ones: a page of charts."""
GRID = 20
"""Values of a number or date; scikit-learn's default of 100 is finer than a small chart shows."""
LEVELS = 10
"""Levels of a category, the most frequent."""
ENDS = (0.01, 0.99)
"""Quantiles between which the grid lies, so that one outlier does not stretch the chart; our own choice."""
BAND = (0.1, 0.9)
"""Quantiles of the single rows."""
MOST_ROWS = 200
"""Rows whose curves are averaged. Our own choice: the standard error of a mean of 200 is a fourteenth of the rows' spread."""
FEWEST_ROWS = 30
"""Below that the band is a guess, so that fewer columns are better than fewer rows."""


def effects(
    outputs: Callable[[Columns], Floats], schema: Schema, x: Columns, columns: Sequence[str], *,
    clock: Clock, row_s: float, seed: int, labels: Sequence[str] = (),
) -> tuple[Effect, ...]:  # fmt: skip
    """Return the effects of the first columns that have one, in their order; those the clock does not allow are absent.

    Parameters
    ----------
    outputs : callable
        Columns → (rows, k).
    schema : Schema
        Of the columns.
    x : Columns
        Rows whose values and shares are shown; a sample of them is predicted.
    columns : sequence of str
        Most important first. Text columns, and those with fewer than two values, are passed over.
    clock : Clock
        When to stop.
    row_s : float
        Seconds that one row of a batch takes.
    seed : int
        Of the sample.
    labels : sequence of str
        Classes; of more than two the one that moves most along a column is shown, of two the second.
    """
    n = len(next(iter(x.values()))) if x else 0
    if not n:
        return ()
    affordable = min(
        clock.remaining() / (COLUMNS * GRID * max(row_s, 1e-9)), MOST_ROWS
    )  # without a limit always as many
    rows = max(int(affordable), FEWEST_ROWS)
    picked = np.sort(np.random.default_rng(seed).choice(n, min(rows, n), replace=False))
    part = {name: values[picked] for name, values in x.items()}
    found: list[Effect] = []
    for name in columns:
        if len(found) == COLUMNS:
            break
        grid, share = _grid(x[name], schema[name].role)
        if len(grid) < 2:
            continue
        if clock.remaining() < len(grid) * len(picked) * row_s or clock.expired():
            break
        curves = _curves(outputs, part, name, grid)  # (values, rows, k)
        found.append(_effect(name, schema[name].role, grid, share, curves, labels))
    return tuple(found)


def _grid(values: NDArray[Any], role: str) -> tuple[NDArray[Any], Floats]:
    """Return the values to try, and the share of rows near each."""
    if role == "text":
        return np.zeros(0), np.zeros(0)
    if values.dtype == object:
        known = np.array([value for value in values if value is not None], dtype=object)
        levels, counts = np.unique(known.astype(str), return_counts=True) if len(known) else (np.zeros(0), np.zeros(0))
        order = np.argsort(-counts, kind="stable")[:LEVELS]
        return levels[order].astype(object), counts[order] / len(values)
    known = values[np.isfinite(values)]
    if not len(known):
        return known, known
    grid = np.unique(np.quantile(known, np.linspace(*ENDS, GRID), method="nearest"))
    nearest = np.searchsorted((grid[1:] + grid[:-1]) / 2, known)
    return grid, np.bincount(nearest, minlength=len(grid)) / len(values)


def _curves(outputs: Callable[[Columns], Floats], x: Columns, name: str, grid: NDArray[Any]) -> Floats:
    """Return the answers for every row with every value in its place, shape (values, rows, k)."""
    rows = len(x[name])
    many = {other: np.tile(values, len(grid)) for other, values in x.items()}
    many[name] = np.repeat(grid, rows)
    answers = np.asarray(outputs(many), dtype=np.float64)
    return answers.reshape(len(grid), rows, answers.shape[1])


def _effect(name: str, role: str, grid: NDArray[Any], share: Floats, curves: Floats, labels: Sequence[str]) -> Effect:
    mean = curves.mean(axis=1)  # (values, k)
    shown = int(np.argmax(np.ptp(mean, axis=0))) if curves.shape[2] > 2 else curves.shape[2] - 1
    line, rows = mean[:, shown], curves[:, :, shown]
    centred = (rows - rows.mean(axis=0)) - (line - line.mean())[
        :, None
    ]  # how each row's curve bends away from the mean one
    low, high = np.quantile(centred, BAND, axis=1)
    return Effect(
        column=name, grid=tuple(grid.tolist()), mean=_six(line), low=_six(low), high=_six(high), share=_six(share),
        role=role, label=labels[shown] if len(labels) > shown else "",
    )  # fmt: skip


def _six(values: Floats) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values)
