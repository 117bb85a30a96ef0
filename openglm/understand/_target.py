"""Which column is to be predicted: candidates with scores, from the words of the sentence and from the table.

What the sentence spells beats what it paraphrases, and that beats the habits of tables (last column, two values, a name
such as "target"). A candidate is only taken when it clearly leads; else the choice is put to the user.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openglm.core.task import Choice
from openglm.understand._columns import Profile
from openglm.understand._lexicon import Hit, Lexicon
from openglm.understand._linker import Link, Linker
from openglm.understand._normalise import has_han
from openglm.understand._said import choice_reason

LEXICAL = 0.3  # a link below this is chance: one shared entity word ("customer") scores 0.3 at most
SURE = 0.5  # enough evidence to be taken alone
LEAD = 0.06  # two candidates closer than this on the same words are a real question
PRIOR_LEAD = 0.12  # without words, the table's habits must lead by this; measured on invented tables, tests/understand
_NAMED_ONLY = ("id", "constant", "empty")  # nobody's guess, but if named, it is said why they cannot be learned
_WORDS = 0.78  # share of the words in a score, the rest is the table's habits

_VERB = re.compile(
    r"预测|预估|估计|估算|估价|估|判断|判别|辨别|识别|分类|区分|回归|推断|检测|诊断|评估|猜|训练|影响|"
    r"\b(?:predict|forecast|estimat|classif|regress|determin|detect|identif|recogni|guess|infer|model|tell|diagnos|affect|influenc|driv)\w*"
)
_CLAUSE = re.compile(r"[,，。;；!?！？\n]|\.(?:\s|$)")
_UNIT_BEFORE = re.compile(
    r"(?:\b(?:per|each|every)\s+|每个?|"
    r"\b(?:costs?|prices?|rates?|fees?|charges?|rent)\s+(?:of|for)\s+(?:an?|one|the|each|every)\s+)(?:\w+\s+)?$"
)
_UNIT_AFTER = re.compile(
    r"\s*(?:costs?|is worth|goes for|sells? for|is priced)\b|晚?上?\s*(?:要|得|需要?)?(?:花|付)?(?:多少钱|什么价)"
)
_ONE = re.compile(r"(?:\b(?:an?|one|each|every|the|does an?|will an?)\s+|[一每]个?)(?:\w+\s+)?$")
_JOINED = re.compile(r"\s*(?:和|与|及|以及|、|跟|,?\s*\band\b|,|&|\+)\s*(?:the\s+)?")


@dataclass(frozen=True)
class Candidate:
    """A column that could be the target: score in [0, 1], the words for it if any, and what the table's habits say alone."""

    profile: Profile
    score: float
    link: Link | None
    habit: float = 0.0

    @property
    def lexical(self) -> float:
        """Strength of the words for it."""
        return self.link.score if self.link else 0.0

    def choice(self, lexicon: Lexicon, text: str) -> Choice:
        """Return it as an alternative that a person can judge."""
        return Choice(column=self.profile.name, score=round(self.score, 3), reason=choice_reason(self, lexicon, text))


def candidates(
    text: str, linker: Linker, cues: Mapping[str, Hit], *, barred: frozenset[str], content: bool
) -> list[Candidate]:  # fmt: skip
    """Return all columns that could be the target, best first.

    Parameters
    ----------
    text : str
        Folded, with everything masked that is spoken for.
    linker : Linker
        For the table.
    cues : mapping
        Words for kinds of problem.
    barred : frozenset of str
        Columns that are inputs or left out.
    content : bool
        Whether the sentence says anything beyond "make a model".
    """
    links = {link.column: link for link in linker.links(text)}
    spelled = {span for link in links.values() if link.literal and link.score >= 0.93 for span in link.spans}
    verbs = [(m.start(), m.end()) for m in _VERB.finditer(text)]
    headed = any(link.score >= 0.45 and not _measures(link, text) for link in links.values())
    spoken = any(link.score >= 0.45 for link in links.values())
    found: list[Candidate] = []
    for profile in linker.profiles:
        link = links.get(profile.name)
        exact = link is not None and link.how == "name"
        if profile.name in barred or (not profile.usable and not (exact and profile.column.role in _NAMED_ONLY)):
            continue
        words = _in_context(link, text, verbs) if link else 0.0
        if link is not None and not link.literal and set(link.spans) <= spelled:
            words *= 0.7  # these words already spell another column
        if link is not None and re.search(r"(?<![\w.])\d+\s*$", text[: link.start]):
            words *= 0.75  # "with 3 bedrooms" is a condition
        if link is not None and headed and _measures(link, text):
            words *= 0.5  # "per night", "what a night costs" only say of what
        score = (_WORDS * words + (1 - _WORDS) * profile.prior) * _fits(profile, cues)
        if profile.marked and content and not spoken:
            score = max(score, 0.6)
        if profile.column.role in ("text", "id"):
            score *= 0.6
        kept = Link(link.column, words, link.how, link.spans, link.concept) if link and words > 0 else None
        found.append(Candidate(profile, min(score, 1.0), kept, profile.prior * _fits(profile, cues)))
    return sorted(found, key=lambda item: (-item.score, item.profile.position))


def _measures(link: Link, text: str) -> bool:
    """Say whether all its words are a measure of something else: "per night", "cost of a room", "what a night costs"."""
    return link.how != "name" and all(
        _UNIT_BEFORE.search(text[:start]) or (_ONE.search(text[:start]) and _UNIT_AFTER.match(text[end:]))
        for start, end in link.spans
    )


def _in_context(link: Link, text: str, verbs: Sequence[tuple[int, int]]) -> float:
    """Words behind a verb of learning in the same clause count in full, words in other clauses less."""
    if not verbs:
        return link.score
    best = 0.85
    for start, end in verbs:
        between = text[end : link.start] if link.start >= end else text[link.end : start]
        if not _CLAUSE.search(between):
            best = max(best, 1.0 if link.start >= end else 0.96)
    return link.score * best


def _fits(profile: Profile, cues: Mapping[str, Hit]) -> float:
    """How well the column's values fit the asked kind: "how much" wants a number, "会不会" two values."""
    keys = set(cues)
    if "regression" in keys or ("number" in keys and not keys & {"binary", "classification", "multiclass"}):
        return 1.0 if profile.numeric and not profile.two_valued else 0.5
    if "binary" in keys:
        return 1.0 if profile.two_valued else (0.75 if profile.column.n_unique <= 3 else 0.55)
    if keys & {"classification", "multiclass"}:
        few = profile.column.role == "category" or profile.column.n_unique <= 20
        return (0.8 if "multiclass" in keys and profile.two_valued else 1.0) if few else 0.6
    if "forecast" in keys:
        return 1.0 if profile.numeric and not profile.two_valued else 0.85
    return 1.0


def decide(
    found: list[Candidate], text: str, *, content: bool, absent: bool = False
) -> tuple[Candidate | None, list[Candidate]]:
    """Return the target, or ``None`` and the candidates to ask about (possibly none).

    Parameters
    ----------
    found : list of Candidate
        From :func:`candidates`.
    text : str
        The text they were found in.
    content : bool
        Whether the sentence says anything beyond "make a model".
    absent : bool
        Whether the sentence asks for something that the table does not hold; then its habits do not decide.
    """
    if not found:
        return None, []
    first = found[0]
    rivals = [item for item in found[1:] if first.score - item.score < LEAD and item.lexical >= LEXICAL]
    if first.lexical >= LEXICAL:
        joined = [item for item in found[1:] if _both_asked(first, item, text)]
        if joined:
            return None, sorted([first, *joined], key=lambda item: item.link.start if item.link else 0)
        if (
            rivals
            and any(_same_words(first, item) for item in rivals)
            and not (first.link and first.link.how == "name")
        ):
            return None, [first, *rivals]
        if first.score >= SURE * _WORDS or first.score - (found[1].score if len(found) > 1 else 0.0) >= 2 * LEAD:
            return first, found[1:]
        return None, found
    if first.profile.marked and first.profile.usable:
        return first, found[1:]
    if absent:
        return None, found
    first, *others = sorted(found, key=lambda item: -item.habit)
    lead = first.habit - max((item.habit for item in others), default=0.0)
    if content and first.habit >= 0.38 and lead >= PRIOR_LEAD:
        return first, others
    if len(found) == 1 and content:
        return first, []
    return None, found


def _same_words(a: Candidate, b: Candidate) -> bool:
    if a.link is None or b.link is None:
        return False
    ours, theirs = set(a.link.spans), set(b.link.spans)
    return bool(ours & theirs) and not ours > theirs  # more words for the first settle it


def _both_asked(a: Candidate, b: Candidate, text: str) -> bool:
    """Say whether two columns are enumerated as targets: "预测振动和压力", "predict temperature and pressure"."""
    if a.link is None or b.link is None or not (a.link.literal and b.link.literal) or min(a.lexical, b.lexical) < 0.85:
        return False
    left, right = sorted((a.link, b.link), key=lambda link: link.start)
    if not _JOINED.fullmatch(text[left.end : right.start]):
        return False
    return any(not text[m.end() : left.start].strip(" 一下the:") for m in _VERB.finditer(text[: left.start]))


def says_something(text: str) -> bool:
    """Say whether anything is left once cues and filler are masked."""
    han = sum(has_han(letter) for letter in text)
    return han >= 2 or bool(re.search(r"[a-z]{3,}|[^\W\d_a-z]{2,}", text))
