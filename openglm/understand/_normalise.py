"""Folds a sentence so that it can be compared, and remembers where every character came from.

Unicode compatibility forms (full-width digits, ligatures) by NFKC, case by case folding, traditional characters to
simplified ones by a table of the lexicon. It does not translate, correct or segment anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from openglm.core.task import Span
from openglm.core.words import Language

LONGEST = 1000
"""Characters that are read. The longest of 150 hand-written instructions had 140; a paste of a whole file is no sentence."""

GAP = "|"
"""Stands where words were taken out: no word, number or list of names goes across it."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+(?:\.\d+)?|[^\W\d_a-z\u3400-\u4dbf\u4e00-\u9fff]+")
_WHOLE = frozenset(
    re.findall(
    "[^ ]+",
    "rating listing housing building clothing marketing heating cooling engineering training nothing something anything "
    "everything meeting evening morning during string spring king ring wing thing wedding bedding ceiling always "
    "previous status class loss gas bus less across process access address success business process plus minus species "
    "series news analysis basis iris campus virus bonus census tennis crisis diagnosis rings shed red bed need speed "
    "seed feed breed weed hundred",
)
)  # fmt: skip
"""Words that only look inflected; cutting them would merge different words ("rating" and "rate")."""


@dataclass(frozen=True)
class Word:
    """An English word or a number: its stem, and where it stands in the folded text."""

    stem: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Text:
    """A sentence in folded form.

    Parameters
    ----------
    original : str
        As it was given.
    folded : str
        As it is read.
    places : tuple of int
        For each folded character, the position of the original character it came from.
    """

    original: str
    folded: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """Return the piece of the original sentence that folded characters ``start`` to ``end`` stand for."""
        while start < end and self.folded[start].isspace():
            start += 1
        while end > start and self.folded[end - 1].isspace():
            end -= 1
        if start >= end:
            at = self.places[start] if start < len(self.places) else 0
            return Span(start=at, end=at, text="")
        first, last = self.places[start], self.places[end - 1] + 1
        return Span(start=first, end=last, text=self.original[first:last])


def fold(sentence: str, characters: Mapping[str, str]) -> Text:
    """Return ``sentence`` folded, invisible characters dropped; of a longer text than ``LONGEST`` its beginning and its end."""
    letters: list[str] = []
    places: list[int] = []
    before = -1
    for place in _read_places(len(sentence)):
        letter = sentence[place]
        if place and place - 1 != before:
            letters.append("\n")
            places.append(place)
        before = place
        simple = characters.get(letter, letter)
        for piece in unicodedata.normalize("NFKC", simple).casefold():
            if unicodedata.category(piece) in ("Cf", "Mn", "Cs"):
                continue  # zero-width marks, variation selectors, lone halves of a pair
            letters.append(characters.get(piece, " " if piece.isspace() and piece != "\n" else piece))
            places.append(place)
    return Text(sentence, "".join(letters).replace("’", "'").replace("‘", "'"), tuple(places))


def _read_places(size: int) -> Iterator[int]:
    """People put a request before or after what they paste: three quarters of the room for the beginning, one for the end."""
    head = LONGEST * 3 // 4
    return (
        chain(range(min(size, LONGEST))) if size <= LONGEST else chain(range(head), range(size - LONGEST + head, size))
    )


def language_of(sentence: str) -> Language:
    """Return ``zh`` when Chinese characters carry the sentence, counting one of them like half an English word."""
    head = sentence[:LONGEST]
    han, words = len(_HAN.findall(head)), len(re.findall(r"[A-Za-z]+", head))
    return "zh" if han > 0 and han >= 2 * words else ("zh" if han >= 4 and han >= words else "en")


def words_of(folded: str) -> tuple[Word, ...]:
    """Return the words and numbers of a folded text, in order; Chinese is left to the lexicon."""
    return tuple(Word(stem(m.group()), m.group(), m.start(), m.end()) for m in _WORD.finditer(folded))


def plain_words(folded: str) -> list[str]:
    """Return the words and numbers of a folded text without their places: quicker, for the ten thousands of a lexicon."""
    return _WORD.findall(folded)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return a word without its common English endings.

    A light stemmer after Harman (1991), "How effective is suffixing?": plural, past, -ing, and the silent e that the
    last two hide. Words in a list of exceptions stay whole.

    Examples
    --------
    >>> [stem(word) for word in ("prices", "pricing", "churned", "companies", "dropped", "rating")]
    ['pric', 'pric', 'churn', 'company', 'drop', 'rating']
    """
    word = word.removesuffix("'s")
    if word in _WHOLE or len(word) < 4 or not word.isascii():
        return word
    if word.endswith(("ies", "ied")):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("sses", "ches", "shes", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word in _WHOLE:
        return word
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3 and re.search("[aeiouy]", root):
            if root[-1] == root[-2] and (root[-1] not in "lsz" or (root[-1] == "l" and len(root) > 5)):
                root = root[:-1]
            return root[:-1] if root.endswith("e") and len(root) > 3 else root
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def mask(folded: str, spans: list[tuple[int, int]]) -> str:
    """Return the text with each span replaced by ``GAP`` characters, so that all positions stay."""
    letters = list(folded)
    for start, end in spans:
        letters[start:end] = GAP * (min(end, len(letters)) - start)
    return "".join(letters)


def has_han(text: str) -> bool:
    """Say whether there is a Chinese character in ``text``."""
    return bool(_HAN.search(text))


def is_typo(word: str, name: str, limit: int | None = None) -> bool:
    """Say whether ``word`` is ``name`` misspelt: within ``limit`` edits or swaps.

    By default one edit up to seven letters, two above; the first letters must agree or be swapped.
    The optimal string alignment distance (Damerau 1964: these four edits make 80 % of misspellings).
    """
    limit = (1 if len(name) <= 7 else 2) if limit is None else limit
    if word == name or abs(len(word) - len(name)) > limit or not (set(word[:2]) & set(name[:2])):
        return False
    rows = [list(range(len(name) + 1))]
    for i, a in enumerate(word, 1):
        row = [i]
        for j, b in enumerate(name, 1):
            cost = min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == name[j - 2] and b == word[i - 2]:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
        if min(row) > limit:
            return False
    return rows[-1][-1] <= limit
