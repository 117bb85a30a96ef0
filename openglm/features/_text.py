"""Short texts as a few numbers: TF-IDF over words and pieces of words, then latent topics. No word lists, no language model.

Latent semantic analysis: Deerwester, Dumais, Furnas, Landauer & Harshman (1990), "Indexing by latent semantic analysis";
weights as in Manning, Raghavan & Schütze (2008), "Introduction to Information Retrieval", section 6.4.1 (sublinear tf) with
smoothed idf. Chinese, Japanese and Korean runs are cut into characters and pairs, so that no segmenter is needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_CHARACTERS = 400
"""Characters read of one text: "short text" is what this part is for; the limit bounds time and memory."""
MAX_VOCABULARY = 5_000
"""Tokens kept, the most frequent ones; 16 topics of 5,000 float32 are 0.3 MB."""
MAX_FIT_ROWS = 10_000
"""Rows from which vocabulary and topics are learned; the decomposition of a larger sample moves little and takes long."""
MIN_ROWS = 2
"""A token seen in one row only cannot relate two rows."""
NOISE = 1e-4
"""A direction weaker than this share of the strongest is rounding of float32 over a few thousand terms."""
_EAST = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
"""Kana, CJK ideographs with extension A, Hangul syllables, compatibility ideographs (Unicode blocks)."""
_RUNS = re.compile(rf"([{_EAST}]+)|([^\W{_EAST}]+)")


def tokens_of(text: str) -> list[str]:
    """Return the tokens of a text: words and their character triples; characters and pairs of East Asian runs.

    Examples
    --------
    >>> tokens_of("Big 学区房")
    ['big', '#<bi', '#big', '#ig>', '学', '区', '房', '学区', '区房']
    """
    return [token for east, word in _runs_of(text) for token in _pieces_of(east, word)]


def _runs_of(text: str) -> list[tuple[str, str]]:
    """Return the runs of letters as (East Asian, other), one of them empty."""
    found: list[tuple[str, str]] = _RUNS.findall(unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).lower())
    return found


def _pieces_of(east: str, word: str) -> list[str]:
    if east:
        return [*east, *(east[i : i + 2] for i in range(len(east) - 1))]
    marked = f"<{word}>"
    return [word, *("#" + marked[i : i + 3] for i in range(len(marked) - 2))]


Memory = dict[tuple[str, str], list[int]]
"""Run → places of its known tokens in the vocabulary; lives as long as one call."""


@dataclass(frozen=True)
class Topics:
    """Fitted topics of one column.

    Parameters
    ----------
    vocabulary : dict of str to int
        Token → row of ``components``.
    idf : ndarray of shape (tokens,), float32
        Inverse document frequencies.
    components : ndarray of shape (tokens, topics), float32
        Directions of the topics.
    """

    vocabulary: dict[str, int]
    idf: NDArray[np.float32]
    components: NDArray[np.float32]

    @classmethod
    def fit(cls, values: NDArray[Any], *, topics: int, seed: int) -> Topics:
        """Learn from texts.

        Parameters
        ----------
        values : ndarray of shape (rows,), object
            str, or None where missing.
        topics : int
            At most so many; fewer when rows or tokens are few.
        seed : int
            Of the row sample and of the randomized decomposition.
        """
        known = [value for value in values.tolist() if value]
        rng = np.random.default_rng(seed)
        if len(known) > MAX_FIT_ROWS:
            known = [known[i] for i in np.sort(rng.choice(len(known), MAX_FIT_ROWS, replace=False))]
        seen: Counter[str] = Counter()
        for text in known:
            seen.update(set(tokens_of(text)))
        common = sorted((-n, token) for token, n in seen.items() if n >= MIN_ROWS)[:MAX_VOCABULARY]
        vocabulary = {token: i for i, (_, token) in enumerate(common)}
        idf = np.array([np.log((1 + len(known)) / (1 - n)) + 1 for n, _ in common], dtype=np.float32)
        width = min(topics, len(vocabulary) - 1, len(known) - 1)
        if width < 1:
            return cls({}, np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
        blank, memory = cls(vocabulary, idf, np.zeros((len(idf), width), np.float32)), Memory()
        weighed = [blank.weigh(_runs_of(text), memory) for text in known]
        return cls(vocabulary, idf, _decompose(weighed, (len(known), len(idf)), width, seed))

    def weigh(self, runs: list[tuple[str, str]], memory: Memory) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the known tokens of one text and their TF-IDF weights, of length 1."""
        found: list[int] = []
        for run in runs:
            places = memory.get(run)
            if places is None:
                places = [place for token in _pieces_of(*run) if (place := self.vocabulary.get(token)) is not None]
                memory[run] = places
            found += places
        if not found:
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        counts = Counter(found)
        at = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        often = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))
        weights = (1.0 + np.log(often)) * self.idf[at]
        return at, (weights / np.sqrt(weights @ weights)).astype(np.float32)

    def describe(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return shape (rows, topics + 2): topics, characters, words; NaN where the text is missing.

        Equal texts are worked out once, equal words cut up once. An East Asian character counts as a word.
        """
        out = np.full((len(values), self.components.shape[1] + 2), np.nan)
        done: dict[str, NDArray[np.float64]] = {}
        memory = Memory()
        for row, text in enumerate(values.tolist()):
            if text is None:
                continue
            if text not in done:
                done[text] = self._one(text, memory)
            out[row] = done[text]
        return out

    def _one(self, text: str, memory: Memory) -> NDArray[np.float64]:
        runs = _runs_of(text)
        line = np.zeros(self.components.shape[1] + 2)
        if self.vocabulary:
            at, weights = self.weigh(runs, memory)
            line[:-2] = weights @ self.components[at]
        line[-2:] = len(text), sum(len(east) or 1 for east, _ in runs)
        return line


def _decompose(
    weighed: list[tuple[NDArray[np.intp], NDArray[np.float32]]], shape: tuple[int, int], width: int, seed: int
) -> NDArray[np.float32]:
    """Return at most ``width`` strongest directions of the rows, shape (tokens, directions); none that is mere noise."""
    from scipy.sparse import csr_matrix
    from sklearn.utils.extmath import randomized_svd

    ends = np.cumsum([0, *(len(places) for places, _ in weighed)])
    places = np.concatenate([places for places, _ in weighed])
    weights = np.concatenate([weights for _, weights in weighed])
    matrix = csr_matrix((weights, places, ends), shape=shape)
    _, strength, found = randomized_svd(matrix, width, n_iter=5, random_state=seed)
    kept = strength > NOISE * strength[0]
    return np.ascontiguousarray(found[kept].T, dtype=np.float32)
