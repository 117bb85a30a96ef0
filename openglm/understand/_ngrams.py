"""A small linear model over character and word n-grams: how a sentence sounds, where no phrase list has its words.

Logistic regression over the n-grams of a folded sentence (Wang & Manning 2012, "Baselines and bigrams"), learned by
``bench/learn_requests.py`` from requests written for this project; the weights lie in the preset as plain arrays. It supports
the rules of :mod:`_intents` and :mod:`_wishes` and never stands alone for a column, a number or an exclusion.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openglm.core.errors import SourceError
from openglm.understand._normalise import has_han, words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 4  # signs of a Chinese n-gram; most words have two, most idioms four
FAINT = 0.4  # value of an n-gram beside the 1 of a cue, which a person chose to mean something
Piece = tuple[str, int, int]
"""An n-gram and where it stands in the folded text."""


@dataclass(frozen=True)
class Sound:
    """What the n-grams of one sentence say.

    Parameters
    ----------
    intents : dict of str to float
        Probability of each intent; they sum to one.
    flags : dict of str to float
        Probability of each wish, kind (``k:…``) and of ``vague``, each alone.
    """

    intents: dict[str, float]
    flags: dict[str, float]


def pieces(folded: str) -> Iterator[Piece]:
    """Yield the n-grams of a folded text: runs of Chinese signs, English stems alone and in pairs, and both ends."""
    words = words_of(folded)
    before = "^"
    for word in words:
        yield word.stem, word.start, word.end
        yield f"{before} {word.stem}", word.start, word.end
        before = word.stem
    if words:
        yield f"{before} $", words[-1].start, words[-1].end
    signs = "".join(letter if has_han(letter) else " " for letter in folded)
    start = 0
    for run in signs.split(" "):
        for size in range(1, LONGEST + 1):
            for at in range(len(run) - size + 1):
                yield run[at : at + size], start + at, start + at + size
        if run:
            yield f"^{run[:2]}", start, start + 2
            yield f"{run[-2:]}$", start + len(run) - 2, start + len(run)
        start += len(run) + 1
    for mark in "?!":
        if mark in folded:
            yield mark, folded.index(mark), folded.index(mark) + 1


def cue(group: str, name: str) -> str:
    """Return the name of a cue among the n-grams; no n-gram holds its sign."""
    return f"#{group}:{name}"


class Ngrams:
    """The learned weights.

    Parameters
    ----------
    grams : list of str
        One n-gram or cue for each row of ``weights``.
    weights : ndarray of shape (n-grams, outputs), float32
        Log-odds that an n-gram adds.
    bias : ndarray of shape (outputs,), float32
        Log-odds of a sentence without any.
    outputs : tuple of str
        Names; those that start with ``intent:`` exclude one another.
    """

    def __init__(self, grams: list[str], weights: NDArray[Any], bias: NDArray[Any], outputs: tuple[str, ...]) -> None:
        self._grams, self._weights, self._bias, self._outputs = grams, weights, bias, outputs
        self._places = {gram: i for i, gram in enumerate(grams)}

    def hear(self, folded: str, cues: Iterable[str] = ()) -> Sound:
        """Return what a folded sentence sounds like.

        Parameters
        ----------
        folded : str
            The sentence.
        cues : iterable of str
            Names of phrases and patterns found in it, see :func:`cue`.
        """
        said = {gram for gram, _, _ in pieces(folded)} | set(cues)
        rows = sorted(row for gram in said if (row := self._places.get(gram)) is not None)
        loud = [1.0 if "#" in self._grams[row] else FAINT for row in rows]
        sums = self._bias + (loud @ self._weights[rows] if rows else 0.0)
        named = dict(zip(self._outputs, sums.tolist(), strict=True))
        powers = {name[7:]: math.exp(value) for name, value in named.items() if name.startswith("intent:")}
        total = sum(powers.values())
        return Sound(
            {name: power / total for name, power in powers.items()},
            {name: 1 / (1 + math.exp(-value)) for name, value in named.items() if not name.startswith("intent:")},
        )

    def evidence(self, folded: str, output: str) -> tuple[int, int]:
        """Return the place of the n-gram that speaks loudest for ``output``, widened over neighbours that speak for it too."""
        column = self._outputs.index(output)
        loud = [
            (float(self._weights[row, column]), start, end)
            for gram, start, end in pieces(folded) if (row := self._places.get(gram)) is not None
        ]  # fmt: skip
        best = max(loud, default=(0.0, 0, 0))
        near = [(s, e) for value, s, e in loud if value > best[0] / 3 and s <= best[2] + 1 and e >= best[1] - 1]
        return min((s for s, _ in near), default=0), max((e for _, e in near), default=0)


@lru_cache(maxsize=4)
def load(path: Path) -> Ngrams:
    """Return the weights in the file ``path``.

    Raises
    ------
    SourceError
        If the file is not what ``bench/learn_requests.py`` writes.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            grams = bytes(file["grams"]).decode("utf-8").split("\n")
            outputs = tuple(bytes(file["outputs"]).decode("utf-8").split("\n"))
            weights = file["weights"].astype(np.float32)
            return Ngrams(grams, weights, file["bias"], outputs)
    except (OSError, KeyError, ValueError) as error:
        raise SourceError(f"The n-gram weights {path.name} of the preset cannot be read: {error}.") from error
