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
MAX_FIT_ROWS = 20_000
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
    found: list[str] = []
    for east, word in _RUNS.findall(unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).lower()):
        if east:
            found += east
            found += [east[i : i + 2] for i in range(len(east) - 1)]
        else:
            marked = f"<{word}>"
            found.append(word)
            found += ["#" + marked[i : i + 3] for i in range(len(marked) - 2)]
    return found


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
        counts = [Counter(tokens_of(text)) for text in known]
        seen = Counter(token for count in counts for token in count)
        common = sorted((-n, token) for token, n in seen.items() if n >= MIN_ROWS)[:MAX_VOCABULARY]
        vocabulary = {token: i for i, (_, token) in enumerate(common)}
        idf = np.array([np.log((1 + len(known)) / (1 - n)) + 1 for n, _ in common], dtype=np.float32)
        width = min(topics, len(vocabulary) - 1, len(known) - 1)
        if width < 1:
            return cls({}, np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
        blank = cls(vocabulary, idf, np.zeros((len(idf), width), np.float32))
        components = _decompose([blank.weigh(count) for count in counts], (len(counts), len(idf)), width, seed)
        return cls(vocabulary, idf, components)

    def weigh(self, counts: Counter[str]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the known tokens of one text and their TF-IDF weights, of length 1."""
        pairs = [(place, count) for token, count in counts.items() if (place := self.vocabulary.get(token)) is not None]
        if not pairs:
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        table = np.array(pairs, dtype=np.intp)
        weights = (1.0 + np.log(table[:, 1])).astype(np.float32) * self.idf[table[:, 0]]
        return table[:, 0], (weights / np.sqrt(weights @ weights)).astype(np.float32)

    def describe(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return shape (rows, topics + 2): topics, characters, words; NaN where the text is missing.

        Equal texts are worked out once. Words are runs; an East Asian character counts as one word.
        """
        out = np.full((len(values), self.components.shape[1] + 2), np.nan)
        done: dict[str, NDArray[np.float64]] = {}
        for row, text in enumerate(values.tolist()):
            if text is None:
                continue
            if text not in done:
                done[text] = self._one(text)
            out[row] = done[text]
        return out

    def _one(self, text: str) -> NDArray[np.float64]:
        found = tokens_of(text)
        line = np.zeros(self.components.shape[1] + 2)
        if self.vocabulary:
            places, weights = self.weigh(Counter(found))
            line[:-2] = weights @ self.components[places]
        line[-2] = len(text)
        line[-1] = sum(len(east) or 1 for east, _ in _RUNS.findall(text[:MAX_CHARACTERS]))
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
