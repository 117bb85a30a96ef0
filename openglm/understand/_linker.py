"""Links words of a sentence to columns: by name, by parts of it, despite typos, by values, and by shared concepts.

For each column every word of its name is explained to a degree by something in the text; the name as a whole is linked by
its best word and by how much of it is explained. Ideas from schema linking for text-to-SQL (Lei et al. 2020,
"Re-examining the role of schema linking in text-to-SQL"; Wang et al. 2020, RAT-SQL, section 4.1) without a trained model.
It decides nothing: which column becomes the target, an input or an exclusion is said elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openglm.understand._columns import Profile, name_parts
from openglm.understand._lexicon import Hit, Lexicon
from openglm.understand._match import SPLIT, Found, How, name_pattern, piece_matches
from openglm.understand._normalise import words_of

NAME, CONCEPT, ENTITY = 1.0, 0.9, 0.3
"""Strength of an exact name, of a shared concept, and of a mere "customer"."""

NESTED = 0.5  # of a word inside a longer one that means something else: "price" in "unit price"
FEW_LEVELS = 12  # a column with more is told by its name, not by its levels
_ENOUGH = 0.5  # a word of a name explained to this degree counts as covered


@dataclass(frozen=True)
class Link:
    """A column that words of the sentence may mean: how strongly, how it was found, and the words (folded positions)."""

    column: str
    score: float
    how: How
    spans: tuple[tuple[int, int], ...]
    concept: str = ""

    @property
    def start(self) -> int:
        """First position of its words."""
        return min(start for start, _ in self.spans)

    @property
    def end(self) -> int:
        """Position behind its words."""
        return max(end for _, end in self.spans)

    @property
    def literal(self) -> bool:
        """Whether the sentence spells the column, at least in part."""
        return self.how in ("name", "part", "typo")


class Linker:
    """Finds columns in pieces of text.

    Parameters
    ----------
    profiles : sequence of Profile
        Columns of the table.
    lexicon : Lexicon
        Concepts.
    """

    def __init__(self, profiles: Sequence[Profile], lexicon: Lexicon) -> None:
        self.profiles = tuple(profiles)
        self.by_name = {profile.name: profile for profile in profiles}
        self._lexicon = lexicon
        self._tokens = [tuple(part for part in re.split(r"[\s_\-]+", profile.folded) if part) for profile in profiles]
        self._pieces = {
            piece.text: piece for profile in profiles for piece in profile.pieces if not piece.text.isdigit()
        }

    def links(self, text: str) -> list[Link]:
        """Return at most one link per column, strongest first.

        Parameters
        ----------
        text : str
            A folded text, parts of it possibly masked.
        """
        words = words_of(text)
        hits = self._lexicon.concepts.find(text, words, nested=NESTED)
        hits += self._lexicon.misspelt(words, hits)
        hits = [hit for hit in hits if not _LEARNS.fullmatch(text[hit.start : hit.end])]
        taken = self._within(self._exact(text), hits)
        covered = [span for link in taken.values() for span in link.spans]
        known = self._lexicon.known
        spelled = {
            name: piece_matches(piece.text, piece.stem, text, words, known) for name, piece in self._pieces.items()
        }
        meant: dict[str, list[Hit]] = {}
        for hit in hits:
            meant.setdefault(hit.key, []).append(hit)
        found: list[Link] = []
        for profile in self.profiles:
            link = taken.get(profile.name) or self._partial(profile, text, spelled, meant, covered)
            value = self._values(profile, text, meant)
            best = max((item for item in (link, value) if item), key=lambda item: item.score, default=None)
            if best:
                found.append(best)
        return sorted(found, key=lambda link: (-link.score, self.by_name[link.column].position))

    def exact(self, text: str) -> dict[str, Link]:
        """Return the columns whose whole name stands in the text."""
        return self._exact(text)

    def best(self, text: str, *, at_least: float) -> Link | None:
        """Return the column a short piece of text means, if one is clearly strongest."""
        links = self.links(text)
        return links[0] if links and links[0].score >= at_least else None

    def sharing(self, text: str) -> Link | None:
        """Return a column of groups that is about the thing named: "every store" → store_id. Names of rows come second."""
        hits = self._lexicon.concepts.find(text)
        for hit in hits:
            rows = [
                (profile.column.role == "id", profile.position, profile.name)
                for profile in self.profiles
                if profile.column.role in ("category", "id")
                and any(known.concept == hit.key for known in profile.known)
            ]
            if rows:
                return Link(min(rows)[2], ENTITY, "concept", ((hit.start, hit.end),), hit.key)
        return None

    def _exact(self, text: str) -> dict[str, Link]:
        """Whole names; a name inside a longer one that also matches there does not count."""
        found: list[tuple[int, int, str]] = []
        for profile, tokens in zip(self.profiles, self._tokens, strict=True):
            if not all(token in text for token in tokens):
                continue  # spares compiling a pattern for each of ten thousand columns
            pattern = name_pattern(profile.folded)
            found += [(m.start(), m.end(), profile.name) for m in pattern.finditer(text)] if pattern else []
        result: dict[str, Link] = {}
        for start, end, name in found:
            inside = any(s <= start and end <= e and e - s > end - start for s, e, _ in found)
            if not inside:
                old = result.get(name)
                spans = (*(old.spans if old else ()), (start, end))
                result[name] = Link(name, NAME, "name", spans)
        return result

    def _within(self, taken: dict[str, Link], hits: list[Hit]) -> dict[str, Link]:
        """Demote a name that is only a part of a longer expression for another column: "crop" in "crop yield"."""
        known = {
            item.concept: profile.name for profile in self.profiles for item in profile.known if item.weight >= 0.9
        }
        for name, link in list(taken.items()):
            longer = [
                hit for hit in hits for start, end in link.spans
                if hit.start <= start and end <= hit.end and hit.end - hit.start > end - start and hit.key in known
            ]  # fmt: skip
            own = {item.concept for item in self.by_name[name].known}
            if longer and len(link.spans) == 1 and not any(hit.key in own for hit in longer):
                taken[name] = Link(name, 0.6, "part", link.spans)
        return taken

    def _partial(
        self, profile: Profile, text: str, spelled: dict[str, list[Found]], meant: dict[str, list[Hit]],
        covered: list[tuple[int, int]],
    ) -> Link | None:  # fmt: skip
        if not any(spelled.get(piece.text) for piece in profile.pieces) and not any(
            k.concept in meant for k in profile.known
        ):
            return None
        degrees: list[Found] = []
        for i, piece in enumerate(profile.pieces):
            options = list(spelled.get(piece.text, ()))
            for known in profile.known:
                if i in known.pieces and not (known.concept == "number_of" and profile.column.role == "id"):
                    strength = CONCEPT * known.weight * self._specific(known.concept)
                    options += [
                        (strength * hit.weight, "concept", (hit.start, hit.end), known.concept)
                        for hit in meant.get(known.concept, ())
                    ]  # fmt: skip
            # Words that already spell another column in full are that column's.
            options = [o if not _inside(o[2], covered) else (o[0] * 0.5, *o[1:]) for o in options]
            degrees.append(
                max(
                    options,
                    key=lambda o: (round(o[0], 6), self._namesake(o, text)),
                    default=(0.0, "concept", (0, 0), ""),
                )
            )
        total = sum(piece.weight for piece in profile.pieces)
        if not total or not any(degree[0] for degree in degrees):
            return None
        share = sum(p.weight * min(1.0, d[0] / _ENOUGH) for p, d in zip(profile.pieces, degrees, strict=True)) / total
        head = max((d[0] * p.weight, n) for n, (p, d) in enumerate(zip(profile.pieces, degrees, strict=True)))
        best = degrees[head[1]]
        score = head[0] * (0.55 + 0.45 * share)
        spans = tuple(sorted({degree[2] for degree in degrees if degree[0] >= 0.4})) or (best[2],)
        return Link(profile.name, min(score, SPLIT), best[1], spans, best[3]) if score > 0.05 else None

    def _namesake(self, option: Found, text: str) -> bool:
        """Say whether the words are the concept's own name; among equals that one reads best in a reason."""
        return text[slice(*option[2])] in self._lexicon.concept_words.get(option[3], ())

    def _specific(self, concept: str) -> float:
        return ENTITY / CONCEPT if self._lexicon.natures[concept] in ("entity", "noise", "unit") else 1.0

    @staticmethod
    def _marks(levels: Sequence[object], text: str) -> list[tuple[int, int]]:
        names = {str(level).casefold().strip() for level in levels}
        for m in _MARKS.finditer(text):
            found = [
                (m.start() + w.start(), m.start() + w.end())
                for w in re.finditer(r"(?<![a-z])[a-z0-9](?![a-z])", m.group())
            ]
            if len(found) >= 2 and all(text[start:end] in names for start, end in found):
                return found
        return []

    def _translated(self, levels: Sequence[object], meant: dict[str, list[Hit]]) -> list[tuple[int, int]]:
        spans: dict[tuple[int, int], str] = {}
        for level in levels:
            if isinstance(level, str) and len(level) >= 2:
                for known in name_parts(level, self._lexicon)[1]:
                    for hit in meant.get(known.concept, ()):
                        if known.weight >= 0.9 and hit.weight >= 0.9:
                            spans.setdefault((hit.start, hit.end), level)
        return sorted(spans) if len(set(spans.values())) >= 2 else []

    def _values(self, profile: Profile, text: str, meant: dict[str, list[Hit]]) -> Link | None:
        """Level names of a category: two of them ("good or bad") mean the column, one is a hint.

        A level may be told in the other language (praise, complaint … of 表扬/投诉), and marks of one letter in a list ("S, A or B").
        """
        column = profile.column
        if column.role != "category" or len(column.levels) > 50:
            return None
        spans: list[tuple[int, int]] = []
        for level in column.levels:
            name = str(level).casefold().strip()
            if (
                len(name) < 2
                or not isinstance(level, str)
                or name in ("yes", "no", "true", "false", "unknown", "other", "none")
            ):
                continue
            pattern = name_pattern(name)
            m = pattern.search(text) if pattern else None
            if m:
                spans.append((m.start(), m.end()))
        if len(column.levels) <= FEW_LEVELS and not spans:
            spans = self._marks(column.levels, text) or self._translated(column.levels, meant)
        if len({start for start, _ in spans}) >= 2:
            return Link(profile.name, 0.9, "value", tuple(sorted(spans)))
        return Link(profile.name, 0.35, "value", tuple(spans)) if spans else None


_LEARNS = re.compile(r"预测|预估|估计|估算|\b(?:predict|forecast|estimat|model|train)\w*")
"""Verbs of learning; a column "predicted_power" or "预测功率" is meant by its other words."""
_MARKS = re.compile(
    r"(?<![a-z0-9])[a-z0-9](?:\s*(?:[,，、/]|\bor\b|或者?|还是|和)\s*(?:\bor\b\s*)?[a-z0-9](?![a-z0-9])){1,6}"
)


def _inside(span: tuple[int, int], covered: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in covered)
