"""How a word of a column name is found in a text: as it is, as a part, or misspelt; and whole names as patterns."""

from __future__ import annotations

import re
from collections.abc import Set
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from openglm.understand._normalise import GAP, Word, has_han, is_typo

How = Literal["name", "part", "typo", "value", "concept"]
Found = tuple[float, How, tuple[int, int], str]
"""Strength, way, place in the folded text, and the concept if that is the way."""

SPLIT, TYPO = 0.97, 0.85
"""Strength of a word of the name standing apart, and of its misspelling."""
CUT_SHORT = 0.6
"""Strength of a word whose beginning the name holds: "placement" for place_off."""

_COMMON = frozenset(
    re.findall(
    "[^ ]+",
    "a an and are as at be by can do for from get has have he how i if in is it its me my no not of on or our out so that "
    "the their them they this to up us use was we what when which who why will with you your",
)
)  # fmt: skip
"""Words too common to be taken for a column of that name unless quoted."""


@lru_cache(maxsize=20_000)
def name_pattern(folded: str) -> re.Pattern[str] | None:
    """A pattern for a whole name; blanks, underscores and hyphens stand for one another."""
    name = folded.strip()
    if not name or name in _COMMON or not re.search(r"\w", name) or GAP in name:
        return None
    body = r"[\s_\-]?".join(re.escape(part) for part in re.split(r"[\s_\-]+", name) if part)
    if has_han(name):
        return re.compile(body) if len(name) > 1 else re.compile(rf"(?<![\u4e00-\u9fff]){body}(?![\u4e00-\u9fff])")
    edge = r"(?![a-z0-9_]|'[a-z])"
    plural = "s?" if len(name) > 3 and name[-1].isalpha() else ""
    return re.compile(rf"(?<![a-z0-9_]){body}{plural}{edge}") if body else None


def piece_matches(
    piece: str, stemmed: str, text: str, words: tuple[Word, ...], known: Set[str]
) -> list[Found]:  # fmt: skip
    """Return where a word of a column name stands in a text; a word of the lexicon (``known``) is no misspelling."""
    if has_han(piece):
        return _han_matches(piece, text)
    if piece.isdigit() or len(piece) < 3 or piece in _COMMON:
        return []
    found: list[Found] = []
    for word in words:
        if word.stem == stemmed:
            found.append((SPLIT, "part", (word.start, word.end), ""))
        elif len(piece) >= 5 and len(word.text) >= 4 and word.stem not in known and is_typo(word.text, piece):
            found.append((TYPO, "typo", (word.start, word.end), ""))
        elif (
            len(word.stem) >= 4
            and len(piece) >= 4
            and piece != word.text
            and (stemmed.startswith(word.stem) or word.stem.startswith(stemmed))
        ):
            share = min(len(word.stem), len(stemmed)) / max(len(word.stem), len(stemmed))
            if share >= 0.6:
                found.append((0.9 * share, "part", (word.start, word.end), ""))
        elif len(word.text) >= len(piece) + 2 and len(word.text) >= 5 and word.text.startswith(piece):
            found.append((CUT_SHORT, "part", (word.start, word.end), ""))
    return found


def _han_matches(piece: str, text: str) -> list[Found]:
    at = text.find(piece)
    if at >= 0:
        return [(SPLIT if len(piece) > 1 else 0.5, "part", (at, at + len(piece)), "")]
    if len(piece) < 3:
        return []
    m = SequenceMatcher(None, piece, text, autojunk=False).find_longest_match()
    if m.size < 2:
        return []
    first, last = max(0, m.b - len(piece) - 2), m.b + m.size + len(piece) + 2
    near = len(set(piece) & set(text[first:last])) / len(set(piece))  # 一档套餐 holds most signs of 套餐档位
    return [(0.9 * max(m.size / len(piece), 0.8 * near if near >= 0.6 else 0.0), "part", (m.b, m.b + m.size), "")]
