"""The words the house knows: bilingual lexicons of the preset, indexed for one pass over a sentence.

A phrase written with a leading ``~`` is a weak hint. What a phrase leads to is a ``Key``; several may share a phrase.
The lexicons are plain JSON, so that a preset of one's own can replace any of them.
"""

from __future__ import annotations

import gc
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

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
K = TypeVar("K")
Lead = tuple[str, float]
"""What a phrase leads to, and how strongly."""
Entry = tuple[str, str]
"""A phrase as it is written in a lexicon, and what it leads to."""


@dataclass(frozen=True)
class Hit:
    """A phrase found: what it leads to, how strongly, and where."""

    key: str
    weight: float
    start: int
    end: int


class Drawers(Mapping[K, list[Lead]]):
    """A dictionary of phrases that lie unread in drawers, by their first letters, until a key of the drawer is asked for.

    A sentence comes near a few of the hundred thousand phrases; reading them all would take most of the start.

    Parameters
    ----------
    keys : callable
        Phrase → the keys under which it is found.
    head : callable
        Key → name of its drawer.
    once : bool, default=False
        Keep of equal names under one key the first only.
    """

    def __init__(self, keys: Callable[[str], Iterable[K]], head: Callable[[K], str], *, once: bool = False) -> None:
        self._keys, self._head, self._once = keys, head, once
        self._drawers: dict[str, list[Entry]] = {}
        self._opened: dict[str, dict[K, list[Lead]]] = {}

    def put(self, head: str, entries: list[Entry]) -> None:
        """Put phrases into a drawer."""
        self._drawers.setdefault(head, []).extend(entries)

    def put_each(self, entries: Iterable[Entry]) -> None:
        """Put phrases into the drawers of their keys."""
        for entry in entries:
            for head in {self._head(key) for key in self._keys(entry[0].removeprefix("~"))}:
                self.put(head, [entry])

    def get(self, key: K, default: Any = None) -> Any:
        """Return where ``key`` leads."""
        return self.drawer(self._head(key)).get(key, default)

    def drawer(self, head: str) -> dict[K, list[Lead]]:
        """Return what is in the drawer ``head``, read now if it was not."""
        known = self._opened.get(head)
        if known is not None:
            return known
        found: dict[K, list[Lead]] = {}
        if head not in self._drawers:  # what is asked for in vain shall not fill the memory
            return found
        for phrase, name in self._drawers[head]:
            lead = (name, WEAK if phrase.startswith("~") else 1.0)
            for key in self._keys(phrase.removeprefix("~")):
                leads = found.setdefault(key, []) if self._head(key) == head else []
                if not self._once or all(name != other for other, _ in leads):
                    leads.append(lead)
        self._opened[head] = found
        return found

    def __getitem__(self, key: K) -> list[Lead]:
        return self.drawer(self._head(key))[key]

    def __contains__(self, key: Any) -> bool:
        return key in self.drawer(self._head(key))

    def __iter__(self) -> Iterator[K]:
        return (key for head in self._drawers for key in self.drawer(head))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Longest:
    """How long the longest phrase that begins with a sign is."""

    def __init__(self, phrases: Drawers[str]) -> None:
        self._phrases = phrases
        self._known: dict[str, int] = {}

    def get(self, sign: str, default: int = 0) -> int:
        """Return the length; ``default`` where no phrase begins so."""
        if sign not in self._known:
            self._known[sign] = max(map(len, self._phrases.drawer(sign)), default=0)
        return self._known[sign] or default


def _stems(phrase: str) -> tuple[tuple[str, ...], ...]:
    """Return the stems of an English phrase."""
    if not phrase.isascii():
        phrase = unicodedata.normalize("NFKC", phrase)
        if has_han(phrase):
            return ()
    found = tuple(stem(word) for word in plain_words(phrase.casefold()))
    return (found,) if found else ()


def _signs(phrase: str) -> tuple[str, ...]:
    """Return a Chinese phrase in folded form."""
    text = unicodedata.normalize("NFKC", phrase).casefold()
    return (text,) if has_han(text) else ()


def _names(phrase: str) -> set[str]:
    """Return how a column name spells a phrase: its words or their stems run together."""
    if not phrase.isascii() and has_han(phrase):
        return {phrase}
    words = plain_words(phrase.replace("_", " ").casefold())
    return {"".join(words), "".join([stem(word) for word in words])}


def _words(phrases: Iterable[str]) -> list[str]:
    """Return the English words and numbers in phrases without a Chinese sign."""
    text = "\n".join([phrase for phrase in phrases if phrase.isascii() or not has_han(phrase)])
    tokens = set(
        unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split()
    )  # each once: thousands instead of a hundred thousand
    return list(set(plain_words(" ".join(tokens))))


class Phrases:
    """An index from Chinese substrings and English stems to keys.

    Parameters
    ----------
    entries : iterable of (str, str)
        Phrases and the keys they lead to.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        han: Drawers[str] = Drawers(_signs, lambda text: text[:1])
        english: Drawers[tuple[str, ...]] = Drawers(_stems, lambda stems: stems[0][:2])
        for head, found in _by_head(entries).items():
            if head.isascii() and head.isalpha() and len(head) == 2:  # no stem loses any of them
                english.put(head.lower(), found)
                han.put_each(entry for entry in found if not entry[0].isascii())
            elif "\u4e00" <= head[:1] <= "\u9fff":
                han.put(head[0], found)
            else:
                english.put_each(found)
                han.put_each(found)
        self.han = han
        self.english = english
        self.longest = Longest(han)

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
            drawer = self.han.drawer(letter)
            for size in range(min(self.longest.get(letter, 0), len(text) - start), 0, -1):
                for key, weight in drawer.get(text[start : start + size], ()):
                    hits.append(Hit(key, weight, places[start], places[start + size - 1] + 1))
        return hits

    def _english_hits(self, folded: str, words: tuple[Word, ...]) -> list[Hit]:
        hits: list[Hit] = []
        for first in range(len(words)):
            stems: list[str] = []
            drawer = self.english.drawer(words[first].stem[:2])
            for last in range(first, min(first + _LONGEST_PHRASE, len(words))):
                if last > first and folded[words[last - 1].end : words[last].start].strip(" -_'./&"):
                    break
                stems.append(words[last].stem)
                for key, weight in drawer.get(tuple(stems), ()):
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
        First letter → the English words that name a concept alone, with it.
    weights : dict
        Feature → weight in the choice of the target, see :mod:`openglm.understand._rank`.
    ngrams : Ngrams
        How requests sound, see :mod:`openglm.understand._ngrams`.
    """

    characters: Mapping[str, str]
    natures: Mapping[str, Nature]
    concepts: Phrases
    identifiers: Mapping[str, list[Lead]]
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
    spellings: Mapping[str, list[Entry]]
    weights: Mapping[str, float]
    ngrams: Ngrams

    @cached_property
    def skeletons(self) -> Mapping[str, list[Lead]]:
        """Consonants of a word that names a concept alone → its concepts, for abbreviations: "dflt"."""
        found: dict[str, list[Lead]] = {}
        for spellings in self.spellings.values():
            for word, concept in spellings:
                found.setdefault(skeleton(word), []).append((concept, _SHORT))
        return found

    def misspelt(self, words: Iterable[Word], hits: list[Hit]) -> list[Hit]:
        """Return concepts of words that are no known word but one edit away from one: "chrun", "readmissoin"."""
        found: list[Hit] = []
        for word in words:
            if len(word.text) < _SHORTEST_TYPO or not word.text.isascii() or not word.text.isalpha():
                continue
            if word.text in self.pieces or word.stem in self.known or any(h.start <= word.start < h.end for h in hits):
                continue
            for near, _ in self.spellings.get(word.text[0], ()):
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
    names: dict[str, tuple[str, str]] = {}
    concepts: list[Entry] = []
    identifiers: list[Entry] = []
    spellings: dict[str, list[Entry]] = {}
    about: dict[str, Any] = preset.read("lexicon/about.json")
    for file in about["concepts"]:
        for concept, entry in preset.read(f"lexicon/{file}.json").items():
            natures[concept] = entry["is"]
            names[concept] = (concept.replace("_", " "), (entry["zh"] or [concept])[0].removeprefix("~"))
            english = [(phrase, concept) for phrase in entry["en"]]
            concepts += [(phrase, concept) for phrase in entry["zh"]]
            concepts += english
            identifiers += english
            identifiers += [(phrase, concept) for phrase in entry["ids"]]
            for phrase in entry["en"]:
                if phrase.isalpha() and phrase.islower() and len(phrase) >= _SHORTEST_TYPO:
                    spellings.setdefault(phrase[0], []).append((phrase, concept))
    cues: dict[str, Any] = preset.read("lexicon/cues.json")
    levels = preset.read("lexicon/levels.json")
    tables = {name: table for name, table in cues.items() if isinstance(table, dict)}
    tables |= {name: preset.read(f"lexicon/{name}.json") for name in ("metrics", "models")}
    said = [phrase for table in tables.values() for phrases in table.values() for phrase in phrases]
    known = _words([*said, *cues["filler"], *(phrase for phrase, _ in concepts)])
    return Lexicon(
        characters=characters, natures=natures, concepts=Phrases(concepts), identifiers=_identifiers(identifiers),
        pieces=frozenset(word for word in _words(name for name, _ in identifiers) if len(word) >= 3 and word.isalpha()),
        **{name: Phrases((phrase, key) for key, phrases in table.items() for phrase in phrases) for name, table in tables.items()},
        filler=Phrases((phrase, "filler") for phrase in cues["filler"]),
        positive=frozenset(levels["positive"]), negative=frozenset(levels["negative"]),
        outcomes=frozenset(levels["outcomes"]), general=frozenset(about.get("general", ())),
        known=frozenset(map(stem, known)), concept_words=names, spellings=spellings,
        weights=preset.read("lexicon/target.json")["weights"],
        ngrams=load_ngrams(preset.path / "lexicon" / "requests.npz"),
    )  # fmt: skip


def _identifiers(entries: Iterable[Entry]) -> Drawers[str]:
    found: Drawers[str] = Drawers(_names, lambda name: name[:2], once=True)
    for head, some in _by_head(entries).items():
        if head.isascii() and head.isalpha() and len(head) == 2 and all(phrase.isascii() for phrase, _ in some):
            found.put(head.lower(), some)
        else:
            found.put_each(some)
    return found


def _by_head(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Return phrases by their first two signs."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry[0].removeprefix("~")[:2]].append(entry)
    return found


def skeleton(word: str) -> str:
    """Return the first letter and the consonants of a word, doubled ones once: default → dflt."""
    kept = word[0]
    for letter in word[1:]:
        if letter not in "aeiou" and letter != kept[-1]:
            kept += letter
    return kept
