"""What a column's name says: its words, the concepts behind them, and how much it looks like an outcome.

A name is split at case, digits and underscores, run-together words are cut with the lexicon's vocabulary, and Chinese
names are segmented by longest match. Nothing here looks at a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from openglm.core.schema import Column, Schema
from openglm.understand._lexicon import Lexicon
from openglm.understand._normalise import fold, has_han, stem

_WEIGHTS = {"unit": 0.1, "noise": 0.1, "mod": 0.4, "entity": 0.45}
"""How much of a name's meaning a word of this nature carries, against 1 for its head. Our own; see tests/understand."""

HEAD = (
    0.55  # strength of the concept of a compound's last word, which says less than the whole: as weak as a "~" phrase
)
_MEDIA = re.compile(r"\.(?:(jpe?g|png|gif|bmp|tiff?|webp)|(wav|mp3|flac|ogg|m4a))$", re.IGNORECASE)
_TRUTHS = (
    ("0", "1"),
    ("no", "yes"),
    ("false", "true"),
    ("n", "y"),
    ("否", "是"),
    ("f", "t"),
    ("无", "有"),
    ("0.0", "1.0"),
)
_CERTAIN = frozenset({"target", "groundtruth", "目标", "目标变量", "目标值", "因变量"})
"""Outcome names that hold wherever the column stands; "class" or "标签" in the middle of a table may be an attribute."""
_FLAG_NAME = re.compile(
    r"^(?:is|has|was|will|did|flag)[_\s]|^(?:是否|有无|是不是)|[_\s](?:flag|ind|yn)$", re.IGNORECASE
)


@dataclass(frozen=True)
class Piece:
    """One word of a column name, and the share of its meaning it carries."""

    text: str
    stem: str
    weight: float


@dataclass(frozen=True)
class Known:
    """A concept found in a column name: how strongly, and which pieces say it."""

    concept: str
    weight: float
    pieces: frozenset[int]


@dataclass(frozen=True)
class Profile:
    """A column as the linker sees it.

    Parameters
    ----------
    column : Column
        From the schema.
    position : int
        Counted from 0.
    folded : str
        Its name, folded.
    pieces : tuple of Piece
        Words of its name.
    known : tuple of Known
        Concepts of its name.
    prior : float
        How much it looks like an outcome before anything is read, in [0, 1].
    marked : bool
        Whether its name only says "this is the outcome": target, label, y, 标签 …
    media : {"", "image", "audio"}
        What its values point to.
    last : bool
        Whether it is the last of two columns or more.
    """

    column: Column
    position: int
    folded: str
    pieces: tuple[Piece, ...]
    known: tuple[Known, ...]
    prior: float
    marked: bool
    media: str
    last: bool

    @property
    def name(self) -> str:
        """Name as the table spells it."""
        return self.column.name

    @property
    def usable(self) -> bool:
        """Whether it can be predicted at all."""
        return self.column.role not in ("id", "constant", "empty", "date") and not self.media

    @property
    def two_valued(self) -> bool:
        """Whether it has exactly two values."""
        return self.column.n_unique == 2

    @property
    def numeric(self) -> bool:
        """Whether its values are quantities."""
        return self.column.role == "numeric"


def profiles(schema: Schema, lexicon: Lexicon) -> tuple[Profile, ...]:
    """Return a profile for each column of a table."""
    last = len(schema.columns) - 1
    folded = {column.name.strip().casefold() for column in schema.columns}
    place = {"x", "z"} & folded  # y beside x is a place, unless it has two values
    return tuple(_profile(column, i, last, lexicon, place=bool(place)) for i, column in enumerate(schema.columns))


def _profile(column: Column, position: int, last: int, lexicon: Lexicon, *, place: bool) -> Profile:
    pieces, known = name_parts(column.name, lexicon)
    folded = fold(column.name, lexicon.characters).folded.strip()
    plain = re.sub(r"[\s_\-.]", "", folded)
    marked = (
        plain in lexicon.outcomes
        and not (plain == "y" and place and column.n_unique != 2)
        and (plain in _CERTAIN or position in (0, last) or column.n_unique == 2)
    )
    natures = {lexicon.natures[item.concept] for item in known if item.weight >= 0.9}
    media = _media(column)
    return Profile(
        column, position, folded, pieces, known, _prior(column, position, last, marked, "flag" in natures), marked, media,
        0 < position == last,
    )  # fmt: skip


def _prior(column: Column, position: int, last: int, marked: bool, outcome: bool) -> float:
    if column.role in ("id", "constant", "empty", "date"):
        return 0.0
    score = 0.12 + 0.55 * marked + 0.3 * (position == last) + 0.05 * (position == 0)
    levels = tuple(sorted(str(level).casefold() for level in column.levels))
    score += 0.2 * (column.n_unique == 2) + 0.1 * (levels in _TRUTHS)
    score += 0.2 * outcome + 0.05 * bool(_FLAG_NAME.search(column.name))
    if column.role == "text":
        score *= 0.3
    return min(score, 1.0)


def _media(column: Column) -> str:
    if not column.examples or column.role == "numeric":
        return ""
    matches = [_MEDIA.search(example.strip()) for example in column.examples]
    if not all(matches):
        return ""
    return "image" if matches[0] and matches[0].group(1) else "audio"


def name_parts(name: str, lexicon: Lexicon) -> tuple[tuple[Piece, ...], tuple[Known, ...]]:
    """Return the words and the concepts of a column name."""
    table = _Frozen(lexicon)
    return _name_parts(name[:120], table)  # longer names are text that slipped into a header


class _Frozen:
    """A lexicon as a cache key: by identity, which is enough because lexicons are loaded once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def __hash__(self) -> int:
        return id(self.lexicon)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and other.lexicon is self.lexicon


@lru_cache(maxsize=20_000)
def _name_parts(name: str, frozen: _Frozen) -> tuple[tuple[Piece, ...], tuple[Known, ...]]:
    lexicon = frozen.lexicon
    words = [word for run in _runs(fold_case_kept(name, lexicon.characters)) for word in _cut(run, lexicon)]
    known = _concepts(words, lexicon)
    weights = [_weight(i, word, known, lexicon) for i, word in enumerate(words)]
    if words and max(weights) < 1.0:  # the heaviest word is the head, whatever its nature
        weights[weights.index(max(weights))] = 1.0
    return tuple(Piece(w, stem(w), x) for w, x in zip(words, weights, strict=True)), tuple(known)


def fold_case_kept(name: str, characters: Mapping[str, str]) -> str:
    """Return the name with width and script folded, but with its capitals, which say where words begin."""
    import unicodedata

    return "".join(characters.get(letter, letter) for letter in unicodedata.normalize("NFKC", name))


def _runs(name: str) -> list[str]:
    """Split at case, digits, punctuation and between scripts: "SalePrice_usd2" → sale, price, usd, 2."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return re.findall(
        r"[\u3400-\u4dbf\u4e00-\u9fff]+|[^\W\d_\u3400-\u4dbf\u4e00-\u9fff]+|\d+(?:\.\d+)?", name.casefold()
    )


def _cut(run: str, lexicon: Lexicon) -> list[str]:
    if has_han(run):
        return _cut_han(run, lexicon)
    if len(run) < 6 or run in lexicon.pieces or stem(run) in lexicon.identifiers or run in lexicon.identifiers:
        return [run]
    return _cut_latin(run, lexicon.pieces) or [run]


def _cut_han(run: str, lexicon: Lexicon) -> list[str]:
    words, start, loose = [], 0, ""
    while start < len(run):
        size = next(
            (n for n in range(min(lexicon.concepts.longest.get(run[start], 0), len(run) - start), 0, -1)
             if run[start : start + n] in lexicon.concepts.han and (n > 1 or len(run) <= 2)), 0,
        )  # fmt: skip
        if size:
            words += [loose] * bool(loose) + [run[start : start + size]]
            loose = ""
        else:
            loose += run[start]
        start += size or 1
    return words + [loose] * bool(loose)


def _cut_latin(run: str, pieces: frozenset[str]) -> list[str]:
    """Cut a run-together name into at most four known words of three letters or more; fewest words win."""
    best: list[list[str] | None] = [[]] + [None] * len(run)
    for end in range(3, len(run) + 1):
        for begin in range(max(0, end - 14), end - 2):
            head = best[begin]
            word = run[begin:end]
            if head is None or not (word in pieces or word.removesuffix("s") in pieces):
                continue
            now = best[end]
            if len(head) < 4 and (now is None or len(head) + 1 < len(now)):
                best[end] = [*head, word]
    return best[-1] or []


def _concepts(words: list[str], lexicon: Lexicon) -> list[Known]:
    found: dict[str, Known] = {}
    for i, word in enumerate(words):
        if has_han(word) and len(word) > 2:  # 抗拉强度 is also a 强度
            for size in range(len(word) - 1, 1, -1):
                heads = lexicon.concepts.han.get(word[-size:], [])
                for concept, weight in heads:
                    found.setdefault(concept, Known(concept, weight * HEAD, frozenset({i})))
                if heads:
                    break
    for first in range(len(words)):
        for last in range(first + 1, min(first + 4, len(words)) + 1):
            part = words[first:last]
            for concept, weight in _lookup(part, lexicon):
                old = found.get(concept)
                if old is None or (weight, last - first) > (old.weight, len(old.pieces)):
                    found[concept] = Known(concept, weight, frozenset(range(first, last)))
    return list(found.values())


def _lookup(part: list[str], lexicon: Lexicon) -> list[tuple[str, float]]:
    if has_han("".join(part)):
        known: list[tuple[str, float]] = lexicon.concepts.han.get("".join(part), [])
        return known + lexicon.identifiers.get("".join(part), [])
    joined, stems = "".join(part), "".join(stem(word) for word in part)
    found = lexicon.identifiers.get(joined) or lexicon.identifiers.get(stems)
    if found is None and len(part) == 1 and len(joined) >= 4 and not set(joined[1:]) & set("aeiou"):
        return lexicon.skeletons.get(joined, [])
    return found or []


def _weight(i: int, word: str, known: list[Known], lexicon: Lexicon) -> float:
    """A word of several natures counts by the lightest; one of digits hardly counts."""
    if word.replace(".", "").isdigit():
        return 0.1
    natures = [lexicon.natures[k.concept] for k in known if k.pieces == {i} and k.weight >= 0.9]
    if i == 0 and "mod" in natures:
        return _WEIGHTS["mod"]  # "min_temp" is a minimum, "delivery_min" are minutes
    weights = [_WEIGHTS.get(nature, 1.0) for nature in natures]
    return min(weights, default=1.0)
