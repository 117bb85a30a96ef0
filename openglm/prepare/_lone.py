"""What one column alone says about the target: the means of a few bins, learned and judged on the data set's own folds.

A model of one column needs no library: a tree of few leaves on one column is a list of bins. Counting rows per fold, bin and
class once gives every fold's model and its score, so that all columns of a table cost less than a single boosted model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.task import CLASSIFICATION, Kind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_BINS, ROWS_PER_BIN = 8, 10  # on average, in small tables
BINS = 48  # at most: a copy of the target in so many bins is still a copy to 0.1 % of the variance; our own choice
OWN_BINS = 64  # up to so many distinct values each has a bin of its own
MOST_CLASSES = 40  # the others count as one class: they are rare, and a table of 5,000 classes stays small
CLIP = 0.01  # of each end of a numeric target is clipped: a few extreme values would decide every sum of squares
KEY_ROWS = 0.1  # of the rows must be judged; a hold-out part is a fifth of them, and some of a key's values come back
MOST_CELLS = 4_000_000  # folds x bins x classes; a column of more distinct values than that allows is not looked at


@dataclass(frozen=True)
class Truth:
    """The target, ready to be asked about many columns.

    Parameters
    ----------
    y : ndarray of shape (rows,)
        Class codes 0 … classes-1 (int64), or clipped values (float64).
    classes : int
        0 for numbers.
    folds : ndarray of shape (rows,), int64
        -1 for rows that are always learned from.
    forward : bool
        Whether a fold is judged by what the folds before it teach.
    """

    y: NDArray[Any]
    classes: int
    folds: Ints
    forward: bool

    def learned(self, fold: int) -> NDArray[np.bool_]:
        """Return which rows teach the model of a fold."""
        found: NDArray[np.bool_] = self.folds < fold if self.forward else self.folds != fold
        return found

    @cached_property
    def judged(self) -> list[int]:
        """Folds that hold rows and have rows to learn from."""
        known = np.unique(self.folds[self.folds >= 0]).tolist()
        return [fold for fold in known if self.learned(fold).any()]

    def take(self, rows: Ints) -> Truth:
        """Return the truth of some rows."""
        return Truth(self.y[rows], self.classes, self.folds[rows], self.forward)


@dataclass(frozen=True)
class Lone:
    """How far one column alone goes, on rows that its bins were not learned from.

    Parameters
    ----------
    skill : float
        Share of the errors that it avoids (classes; Goodman & Kruskal 1954, lambda) or share of the variance it explains
        (numbers); 1 is perfect, 0 is chance.
    gini : float
        2 AUC - 1 of the two classes; 0 with more classes or with numbers.
    side : float
        With classes the largest skill at telling one of them from all others.
    """

    skill: float = 0.0
    gini: float = 0.0
    side: float = 0.0

    def best(self, other: Lone) -> Lone:
        """Return the larger of each."""
        return Lone(max(self.skill, other.skill), max(self.gini, other.gini), max(self.side, other.side))


def truth_of(y: NDArray[Any], kind: Kind, folds: NDArray[Any], forward: bool) -> Truth:
    """Return the target with rare classes joined or extreme values clipped."""
    wide = folds.astype(np.int64)
    if kind not in CLASSIFICATION:
        low, high = np.quantile(y, [CLIP, 1 - CLIP])
        values = np.clip(y.astype(np.float64), low, high) if low < high else y.astype(np.float64)
        return Truth(values, 0, wide, forward)
    codes = joined(np.unique(y, return_inverse=True)[1].astype(np.int64), MOST_CLASSES)
    return Truth(codes, int(codes.max(initial=0)) + 1, wide, forward)


def joined(codes: Ints, most: int) -> Ints:
    """Return class codes of which all but the ``most`` - 1 most frequent have become one."""
    counts = np.bincount(codes)
    if len(counts) <= most:
        return codes
    rank = np.empty(len(counts), dtype=np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    made: Ints = np.minimum(rank, most - 1)[codes]
    return made


def distinct(values: NDArray[Any]) -> tuple[Ints, int]:
    """Return a code for each row, -1 for missing, in ascending order of the values where they are numbers; and their count."""
    import pandas as pd

    if values.dtype == object:
        codes, found = pd.factorize(values)
        return codes.astype(np.int64), len(found)
    codes = np.full(len(values), -1, dtype=np.int64)
    known = np.isfinite(values)
    found, own = np.unique(values[known], return_inverse=True)
    codes[known] = own
    return codes, len(found)


def ranks(values: NDArray[Any]) -> Floats:
    """Return the rank of each value from 1 on; equal values share the mean of theirs."""
    import pandas as pd

    return np.asarray(pd.Series(values).rank(), dtype=np.float64)


def bins_of(codes: Ints, count: int, ordered: bool, truth: Truth) -> tuple[Ints, int]:
    """Return the bin of each row, the last one for missing, and the number of bins.

    Ordered values share bins, of about equal weight: half of it counts rows, half counts classes alike, so that a rare class
    has bins too.
    """
    most = int(np.clip(len(codes) // ROWS_PER_BIN, FEWEST_BINS, BINS))
    if not ordered or count <= min(OWN_BINS, 2 * most):
        return np.where(codes < 0, count, codes), count + 1
    known = codes >= 0
    weights = np.full(int(known.sum()), 0.5 / max(1, known.sum()))
    if truth.classes:
        sizes = np.bincount(truth.y[known], minlength=truth.classes)
        weights += 0.5 / (max(1, int((sizes > 0).sum())) * sizes[truth.y[known]])
    else:
        weights *= 2
    own = np.bincount(codes[known], weights, count)
    mass = np.cumsum(own)
    place = np.minimum((mass - own) * most / mass[-1], most - 1).astype(np.int64)
    return np.where(known, place[codes], most), most + 1


def lone(bins: Ints, count: int, truth: Truth, *, key: bool = False) -> Lone:
    """Return how well the bins alone tell the target of rows in other folds.

    Parameters
    ----------
    bins : ndarray of shape (rows,)
        0 … count-1.
    count : int
        Bins.
    truth : Truth
        The target.
    key : bool
        Whether bins are the values of a key: then rows are judged only where other folds know their value, since a key says
        nothing about new values, and nothing is added to few rows.
    """
    depth = int(truth.folds.max(initial=-1)) + 2
    if count * depth * max(1, truth.classes) > MOST_CELLS or not truth.judged:
        return Lone()
    place = (truth.folds + 1) * count + bins
    return (_of_classes if truth.classes else _of_numbers)(place, count, depth, truth, key)


def _learned(table: Floats, fold: int, forward: bool) -> Floats:
    """Return what the other folds have counted; the table's first axis is the fold, from -1 on."""
    made: Floats = table[: fold + 1].sum(0) if forward else table.sum(0) - table[fold + 1]
    return made


def _of_classes(place: Ints, count: int, depth: int, truth: Truth, key: bool) -> Lone:
    k = truth.classes
    flat = np.bincount(place * k + truth.y, minlength=depth * count * k)
    table: Floats = flat.astype(np.float64).reshape(depth, count, k)
    folds = np.array(truth.judged, dtype=np.int64)
    learned, held = np.stack([_learned(table, fold, truth.forward) for fold in truth.judged]), table[folds + 1]
    if key:
        held = held * (learned.sum(2, keepdims=True) > 0)
    prior = learned.sum(1) / learned.sum((1, 2))[:, None]
    # One row's weight of prior; our own choice.
    proba = (learned + prior[:, None]) / (learned.sum(2, keepdims=True) + 1)
    right = float(np.take_along_axis(held, proba.argmax(2)[..., None], 2).sum())
    chance = float(held[np.arange(len(folds)), :, prior.argmax(1)].sum())
    size = held.sum((0, 1))
    rows = float(size.sum())
    likely = proba > 0.5
    missed = np.where(likely, held.sum(2, keepdims=True) - held, held).sum((0, 1))
    area = _area_of(proba[..., 1], held) if k == 2 else 0.5
    skill = 1 - (rows - right) / (rows - chance) if rows > chance else 0.0
    fewer = np.minimum(size, rows - size)
    side = float(np.max(1 - missed[fewer > 0] / fewer[fewer > 0], initial=0.0))
    return Lone(skill, 2 * area - 1, side) if rows >= KEY_ROWS * len(truth.y) else Lone()


def _area_of(proba: Floats, held: Floats) -> float:
    """Return the mean area under the ROC curve of the folds that hold both classes, weighted by rows of the second."""
    order = np.argsort(proba, axis=1, kind="stable")
    below, above = (np.take_along_axis(held[..., code], order, 1) for code in (0, 1))
    ones = above.sum(1)
    pairs = below.sum(1) * ones
    wins = (above * (np.cumsum(below, axis=1) - below / 2)).sum(1)  # ties inside a bin count half
    both = pairs > 0
    return float(np.average(wins[both] / pairs[both], weights=ones[both])) if both.any() else 0.5


def _of_numbers(place: Ints, count: int, depth: int, truth: Truth, key: bool) -> Lone:
    y = truth.y - truth.y.mean()
    size, total, square = (
        np.asarray(np.bincount(place, weights, depth * count), dtype=np.float64).reshape(depth, count)
        for weights in (np.ones(len(y)), y, y * y)
    )
    error = whole = rows = 0.0
    for fold in truth.judged:
        n, s = _learned(size, fold, truth.forward), _learned(total, fold, truth.forward)
        prior = s.sum() / n.sum()
        mean = s / np.maximum(n, 1) if key else (s + prior) / (n + 1)
        there = n > 0 if key else np.ones(count, dtype=bool)
        held, held_s, held_q = size[fold + 1] * there, total[fold + 1] * there, square[fold + 1] * there
        rows += float(held.sum())
        error += float((held_q - 2 * mean * held_s + mean**2 * held).sum())
        whole += float(held_q.sum() - 2 * prior * held_s.sum() + prior**2 * held.sum())
    return Lone(1 - error / whole) if whole > 0 and rows >= KEY_ROWS * len(y) else Lone()
