"""The words the house knows: bilingual lexicons of the preset, indexed for one pass over a sentence.

A phrase written with a leading ``~`` is a weak hint. What a phrase leads to is a ``Key``; several may share a phrase.
The lexicons are plain JSON, so that a preset of one's own can replace any of them.
"""

from __future__ import annotations

import gc
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from openglm.core.errors import SourceError
from openglm.core.preset import Preset
from openglm.understand._ngrams import Ngrams
from openglm.understand._ngrams import load as load_ngrams
from openglm.understand._normalise import Word, has_han, is_typo, plain_words, stem, words_of

Nature = Literal["flag", "amount", "class", "entity", "id", "date", "place", "text", "mod", "unit", "noise"]
WEAK = 0.55  # a "~" phrase: right more often than wrong, but never against a plain one
_SHORT = 0.9  # strength of a concept behind an abbreviated column name
_TYPO = 0.7  # strength of a concept whose word is misspelt
_SHORTEST_TYPO = 5  # letters; shorter words have too many neighbours
_LONGEST_PHRASE = 6  # words; the longest phrase in the lexicons has five


@dataclass(frozen=True)
class Hit:
    """A phrase found: what it leads to, how strongly, and where."""

    key: str
    weight: float
    start: int
    end: int


@dataclass
class Phrases:
    """An index from Chinese substrings and English stems to keys."""

    han: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    english: dict[tuple[str, ...], list[tuple[str, float]]] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)

    def add(self, phrase: str, key: str) -> None:
        """Let ``phrase`` lead to ``key``."""
        weight = WEAK if phrase.startswith("~") else 1.0
        text = phrase.removeprefix("~")
        text = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
        if not text.isascii() and has_han(text):
            self.han.setdefault(text, []).append((key, weight))
            self.longest[text[0]] = max(len(text), self.longest.get(text[0], 0))
        else:
            stems = tuple(stem(word) for word in plain_words(text))
            if stems:
                self.english.setdefault(stems, []).append((key, weight))

    def find(self, folded: str, words: Iterable[Word] | None = None, *, nested: float = 0.0) -> list[Hit]:
        """Return all hits in order of their place; one inside a longer hit counts ``nested`` times its weight."""
        hits = self._han_hits(folded) + self._english_hits(folded, tuple(words_of(folded) if words is None else words))
        kept: list[Hit] = []
        parts: list[Hit] = []
        for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start)):
            inside = (other for other in kept if other.start <= hit.start and hit.end <= other.end)
            if all((other.start, other.end) == (hit.start, hit.end) for other in inside):
                kept.append(hit)
            elif nested:
                parts.append(Hit(hit.key, hit.weight * nested, hit.start, hit.end))
        kept += parts
        return sorted(kept, key=lambda hit: (hit.start, -hit.end))

    def _han_hits(self, folded: str) -> list[Hit]:
        # A blank beside a Chinese sign says nothing: "只有 cpu" is 只有cpu.
        places = [
            i for i, letter in enumerate(folded)
            if letter != " " or not (has_han(folded[i - 1 : i]) or has_han(folded[i + 1 : i + 2]))
        ]  # fmt: skip
        text = "".join(folded[i] for i in places)
        hits: list[Hit] = []
        for start, letter in enumerate(text):
            for size in range(min(self.longest.get(letter, 0), len(text) - start), 0, -1):
                for key, weight in self.han.get(text[start : start + size], ()):
                    hits.append(Hit(key, weight, places[start], places[start + size - 1] + 1))
        return hits

    def _english_hits(self, folded: str, words: tuple[Word, ...]) -> list[Hit]:
        hits: list[Hit] = []
        for first in range(len(words)):
            stems: list[str] = []
            for last in range(first, min(first + _LONGEST_PHRASE, len(words))):
                if last > first and folded[words[last - 1].end : words[last].start].strip(" -_'./&"):
                    break
                stems.append(words[last].stem)
                for key, weight in self.english.get(tuple(stems), ()):
                    hits.append(Hit(key, weight, words[first].start, words[last].end))
        return hits


@dataclass(frozen=True)
class Lexicon:
    """All word lists of a preset.

    Parameters
    ----------
    characters : dict
        Traditional → simplified.
    natures : dict
        Concept → what sort of thing it is.
    concepts : Phrases
        Words of a sentence → concepts.
    identifiers : dict
        Joined pieces of a column name → concepts.
    pieces : frozenset of str
        Words that a run-together name may be cut into.
    intents, kinds, metrics, models, wishes, turns : Phrases
        Words of a sentence → intents and steps, kinds of problem, metrics, learners, limits and outputs, moves of a dialogue.
    filler : Phrases
        Words that ask for work without saying on what.
    positive, negative : frozenset of str
        Level names that mean yes, and no.
    outcomes : frozenset of str
        Column names that only say "this is the outcome".
    general : frozenset of str
        Concepts that only paraphrase "outcome" or "quantity", besides those named ``…_word``.
    known : frozenset of str
        Stems of all words of all lists; such a word is never a misspelling.
    concept_words : dict
        Concept → its first name in (English, Chinese), for reasons.
    spellings : dict
        First letter → the English words that name a concept alone.
    skeletons : dict
        Consonants of such a word → its concepts, for abbreviations: "dflt".
    weights : dict
        Feature → weight in the choice of the target, see :mod:`openglm.understand._rank`.
    ngrams : Ngrams
        How requests sound, see :mod:`openglm.understand._ngrams`.
    """

    characters: Mapping[str, str]
    natures: Mapping[str, Nature]
    concepts: Phrases
    identifiers: Mapping[str, list[tuple[str, float]]]
    pieces: frozenset[str]
    intents: Phrases
    kinds: Phrases
    metrics: Phrases
    models: Phrases
    wishes: Phrases
    turns: Phrases
    filler: Phrases
    positive: frozenset[str]
    negative: frozenset[str]
    outcomes: frozenset[str]
    general: frozenset[str]
    known: frozenset[str]
    concept_words: Mapping[str, tuple[str, str]]
    spellings: Mapping[str, list[str]]
    skeletons: Mapping[str, list[tuple[str, float]]]
    weights: Mapping[str, float]
    ngrams: Ngrams

    def misspelt(self, words: Iterable[Word], hits: list[Hit]) -> list[Hit]:
        """Return concepts of words that are no known word but one edit away from one: "chrun", "readmissoin"."""
        found: list[Hit] = []
        for word in words:
            if len(word.text) < _SHORTEST_TYPO or not word.text.isascii() or not word.text.isalpha():
                continue
            if word.text in self.pieces or word.stem in self.known or any(h.start <= word.start < h.end for h in hits):
                continue
            for near in self.spellings.get(word.text[0], ()):
                if abs(len(near) - len(word.text)) <= 1 and is_typo(word.text, near, limit=1):
                    keys = self.concepts.english[(stem(near),)]
                    found += [Hit(key, weight * _TYPO, word.start, word.end) for key, weight in keys]
        return found


def load(preset: Preset) -> Lexicon:
    """Return the lexicons of a preset, read once per process and folder.

    Raises
    ------
    SourceError
        If a lexicon is not valid JSON or lacks what it must hold.
    """
    return _load(preset.path, preset.name)


@lru_cache(maxsize=4)
def _load(path: Path, name: str) -> Lexicon:
    preset = Preset(path, name)
    collects = gc.isenabled()
    gc.disable()  # a hundred thousand small lists that all stay: collecting among them takes a third of the time
    try:
        return _build(preset)
    except (KeyError, TypeError, AttributeError, OSError) as error:
        raise SourceError(f"A lexicon of the preset {name} lacks something: {error!r}.") from error
    finally:
        if collects:
            gc.enable()


def _build(preset: Preset) -> Lexicon:
    table = preset.read("lexicon/characters.json")
    characters = dict(zip(table["traditional"], table["simplified"], strict=True))
    natures: dict[str, Nature] = {}
    concepts, identifiers, names = Phrases(), {}, {}  # type: tuple[Phrases, dict[str, dict[str, float]], dict[str, tuple[str, str]]]
    pieces: set[str] = set()
    spellings: dict[str, list[str]] = {}
    skeletons: dict[str, list[tuple[str, float]]] = {}
    about: dict[str, Any] = preset.read("lexicon/about.json")
    for file in about["concepts"]:
        for concept, entry in preset.read(f"lexicon/{file}.json").items():
            natures[concept] = entry["is"]
            names[concept] = (concept.replace("_", " "), (entry["zh"] or [concept])[0].removeprefix("~"))
            for phrase in entry["zh"]:
                concepts.add(phrase, concept)
            for phrase in entry["en"]:
                concepts.add(phrase, concept)
                if phrase.isalpha() and phrase.islower() and len(phrase) >= _SHORTEST_TYPO:
                    spellings.setdefault(phrase[0], []).append(phrase)
                    skeletons.setdefault(skeleton(phrase), []).append((concept, _SHORT))
            for phrase in entry["en"] + entry["ids"]:
                weak = phrase.startswith("~")
                plain = phrase[1:] if weak else phrase
                if has_han(plain):
                    keys = {plain}
                else:
                    words = plain_words(plain.replace("_", " ").casefold())
                    pieces.update([word for word in words if len(word) >= 3 and word.isalpha()])
                    keys = {"".join(words), "".join([stem(word) for word in words])}
                for key in keys:
                    identifiers.setdefault(key, {}).setdefault(concept, WEAK if weak else 1.0)
    cues: dict[str, Any] = preset.read("lexicon/cues.json")
    levels = preset.read("lexicon/levels.json")
    lists = {name: _phrases(table) for name, table in cues.items() if isinstance(table, dict)}
    lists |= {name: _phrases(preset.read(f"lexicon/{name}.json")) for name in ("metrics", "models")}
    filler = _phrases({"filler": cues["filler"]})
    known = frozenset(
        word for phrases in (*lists.values(), filler, concepts) for key in phrases.english for word in key
    )
    return Lexicon(
        characters=characters, natures=natures, concepts=concepts,
        identifiers={key: list(found.items()) for key, found in identifiers.items()}, pieces=frozenset(pieces),
        **lists, filler=filler, positive=frozenset(levels["positive"]), negative=frozenset(levels["negative"]),
        outcomes=frozenset(levels["outcomes"]), general=frozenset(about.get("general", ())),
        known=known, concept_words=names, spellings=spellings,
        skeletons=skeletons, weights=preset.read("lexicon/target.json")["weights"],
        ngrams=load_ngrams(preset.path / "lexicon" / "requests.npz"),
    )  # fmt: skip


def skeleton(word: str) -> str:
    """Return the first letter and the consonants of a word, doubled ones once: default → dflt."""
    kept = word[0]
    for letter in word[1:]:
        if letter not in "aeiou" and letter != kept[-1]:
            kept += letter
    return kept


def _phrases(table: Mapping[str, Iterable[str]]) -> Phrases:
    found = Phrases()
    for key, phrases in table.items():
        for phrase in phrases:
            found.add(phrase, key)
    return found
