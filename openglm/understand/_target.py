"""Which column is to be predicted: candidates with scores, from the words of the sentence and from the table.

What the words say and what the table's habits say (last column, two values, a name such as "target") is weighed by
:mod:`_rank`; a candidate is only taken when it is likelier than "none is meant clearly", else the choice is put to the user.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openglm.core.task import Choice, Kind
from openglm.understand._absent import is_general
from openglm.understand._columns import Profile
from openglm.understand._lexicon import WEAK, Hit, Lexicon
from openglm.understand._linker import Link, Linker
from openglm.understand._ngrams import Sound
from openglm.understand._normalise import has_han
from openglm.understand._rank import (
    CLAUSE,
    SPOKEN,
    WIDEST,
    Features,
    Scene,
    column_features,
    doubt,
    doubt_features,
    none_features,
    place_features,
    probabilities,
)
from openglm.understand._said import choice_reason

LEXICAL = SPOKEN
SURE = 0.5  # words this clear make a wrong kind of problem a contradiction instead of a better guess
DOUBT = (
    0.45  # chance that a question is right from which on it is asked; between 0.3 and 0.6 as many sentences are right
)
EVEN = 0.95  # two columns of two values that no word names and that are this close are a real question
NAMED = 0.8  # with a column named this clearly nothing asked for is absent
CLEAR = 0.85  # a column that no word names must be this likely where the sentence speaks of something the table lacks
RIVAL = 0.5  # options of a question that are half as likely as the first stand in the table's order
LEAD = 0.06  # two candidates closer than this on the same words are named equally well
_NAMED_ONLY = ("id", "constant", "empty")  # nobody's guess, but if named, it is said why they cannot be learned

CONTENT = 2  # size from which on a sentence says anything beyond "make a model"
FEW = 20  # values of a number that can still be classes
_ASKING = frozenset({"binary", "number", "multiclass", "forecast"})
_VERB = re.compile(
    r"预测|预估|估计|估算|估价|估|判断|判别|辨别|识别|分类|区分|回归|推断|检测|诊断|评估|猜|训练|影响|"
    r"\b(?:predict|forecast|estimat|classif|regress|determin|detect|identif|recogni|guess|infer|model|tell|diagnos|affect|influenc|driv)\w*"
)
_UNIT_BEFORE = re.compile(
    r"(?:\b(?:per|each|every)\s+|每个?|"
    r"\b(?:costs?|prices?|rates?|fees?|charges?|rent)\s+(?:of|for)\s+(?:an?|one|the|each|every)\s+)(?:\w+\s+)?$"
)
_UNIT_AFTER = re.compile(
    r"\s*(?:costs?|is worth|goes for|sells? for|is priced)\b|晚?上?\s*(?:要|得|需要?)?(?:花|付)?(?:多少钱|什么价)"
)
_ONE = re.compile(r"(?:\b(?:an?|one|each|every|the|does an?|will an?)\s+|[一每]个?)(?:\w+\s+)?$")
_EITHER = re.compile(r"\s*(?:或者?|还是|,?\s*\bor\b)\s*(?:the\s+)?")
_JOINED = re.compile(r"\s*(?:和|与|及|以及|、|跟|,?\s*\band\b|,|&|\+)\s*(?:the\s+)?")


@dataclass(frozen=True)
class Candidate:
    """A column that could be the target: the probability that it is, and the words for it if any."""

    profile: Profile
    score: float
    link: Link | None

    @property
    def lexical(self) -> float:
        """Strength of the words for it."""
        return self.link.score if self.link else 0.0

    def choice(self, lexicon: Lexicon, text: str) -> Choice:
        """Return it as an alternative that a person can judge."""
        return Choice(column=self.profile.name, score=round(self.score, 3), reason=choice_reason(self, lexicon, text))


@dataclass(frozen=True)
class Choices:
    """All candidates, best first, and the chance that a question is right.

    ``absent`` says that something is asked for that the table lacks; ``rows`` and ``scene`` are what the chances come from.
    """

    found: list[Candidate]
    doubt: float
    absent: bool
    rows: list[tuple[str, Features]]
    scene: Scene


def candidates(
    text: str, linker: Linker, lexicon: Lexicon, cues: Mapping[str, Hit], *, barred: frozenset[str], size: int, absent: bool,
    work: bool, sound: Sound, judged: frozenset[Kind],
) -> Choices:  # fmt: skip
    """Return all columns that could be the target, best first.

    Parameters
    ----------
    text : str
        Folded, with everything masked that is spoken for.
    linker, lexicon : Linker, Lexicon
        For the table; the word lists and the learned weights.
    cues : mapping
        Words for kinds of problem.
    barred : frozenset of str
        Columns that are inputs or left out.
    size : int
        How much the sentence says beyond "make a model", see :func:`size_of`.
    absent : bool
        Whether the sentence asks for something that the table does not hold.
    work : bool
        Whether it asks for anything to be learned; a mere mention of data chooses no column.
    sound : Sound
        What the sentence sounds like.
    judged : frozenset of Kind
        Kinds of problem that the stated metric can judge; empty without one.
    """
    links = {link.column: link for link in linker.links(text)}
    spelled = {span for link in links.values() if link.literal and link.score >= 0.93 for span in link.spans}
    verbs = [(m.start(), m.end()) for m in _VERB.finditer(text)]
    headed = any(link.score >= 0.45 and not _measures(link, text) for link in links.values())
    kept: list[tuple[Profile, Link | None]] = []
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
        if link is not None and link.how == "concept" and len(link.spans) == 1 and is_general(link.concept, lexicon):
            words *= 0.7  # "the number", "the result": of what?
        if link is not None and headed and _measures(link, text):
            words *= 0.5  # "per night", "what a night costs" only say of what
        kept.append(
            (profile, Link(link.column, words, link.how, link.spans, link.concept) if link and words > 0 else None)
        )
    strengths = [link.score if link else 0.0 for _, link in kept]
    most = max(strengths, default=0.0)
    absent = absent and most < NAMED
    priors = [*sorted((profile.prior for profile, _ in kept), reverse=True), 0.0, 0.0]
    spoken = [link for _, link in kept if link and link.score >= LEXICAL]
    rows = [
        (place_features(link, text, spoken) if link and link.score >= LEXICAL else {})
        | column_features(
            profile, link, link.score if link else 0.0, cues, behind_verb=link is not None and _follows_verb(link, text, verbs),
            natures=frozenset(lexicon.natures[item.concept] for item in profile.known if item.weight >= WEAK), most=most,
            heard=sound.flags, judged=judged,
            lead=profile.prior - (priors[1] if profile.prior == priors[0] else priors[0]),
        )
        for profile, link in kept
    ]  # fmt: skip
    leaders = [link for _, link in kept if link and link.score >= max(most - LEAD, LEXICAL)]
    tied = any(_same_words(a, b) for i, a in enumerate(leaders) for b in leaders[i + 1 :])
    usable = [profile for profile, _ in kept if profile.usable]
    rows.append(
        none_features(
            strengths, cues, content=size >= CONTENT, absent=absent, tied=tied, work=work, columns=len(usable),
            marked=any(profile.marked for profile in usable), vague=sound.flags.get("vague", 0.0),
        )
    )  # fmt: skip
    chances = probabilities(rows, lexicon.weights)
    scene = Scene(
        words=strengths,
        priors=[profile.prior for profile, _ in kept],
        marked=[profile.marked for profile, _ in kept],
        fits=[profile.usable and _fits(profile, cues) for profile, _ in kept],
        tied=[
            frozenset(j for j, (_, b) in enumerate(kept) if a and b and a is not b and _named_alike(a, b)) for _, a in kept
        ],
        said={
            "content": float(size >= CONTENT), "size": math.log1p(size), "vague": sound.flags.get("vague", 0.0),
            "absent": float(absent), "work": float(work), "asks": float(bool(cues.keys() & _ASKING)),
            "table": math.log(min(max(len(usable), 1), WIDEST)),
        },
    )  # fmt: skip
    names = [*(profile.name for profile, _ in kept), ""]
    found = [Candidate(profile, chance, link) for (profile, link), chance in zip(kept, chances, strict=False)]
    return Choices(
        sorted(found, key=lambda item: (-item.score, item.profile.position)),
        doubt(doubt_features(scene, chances), lexicon.weights),
        absent,
        list(zip(names, rows, strict=True)),
        scene,
    )


def _fits(profile: Profile, cues: Mapping[str, Hit]) -> bool:
    """Say whether a column is of the kind that is asked for, if any is."""
    if "number" in cues or "regression" in cues or "forecast" in cues:
        return profile.numeric and not profile.two_valued
    if "binary" in cues:
        return profile.two_valued
    if "multiclass" in cues:
        return not profile.two_valued and (profile.column.role == "category" or profile.column.n_unique <= FEW)
    return True


def _named_alike(a: Link, b: Link) -> bool:
    return min(a.score, b.score) >= max(LEXICAL, RIVAL * max(a.score, b.score)) and _same_words(a, b)


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
        if not CLAUSE.search(between):
            best = max(best, 1.0 if link.start >= end else 0.96)
    return link.score * best


def _follows_verb(link: Link, text: str, verbs: Sequence[tuple[int, int]]) -> bool:
    return any(end <= link.start and not CLAUSE.search(text[end : link.start]) for _, end in verbs)


def decide(choices: Choices, text: str) -> tuple[Candidate | None, list[Candidate]]:
    """Return the target, or ``None`` and the candidates to ask about (possibly none).

    Parameters
    ----------
    choices : Choices
        From :func:`candidates`.
    text : str
        The text they were found in.
    """
    found = choices.found
    if not found:
        return None, []
    first = found[0]
    joined = [item for item in found[1:] if _both_asked(first, item, text)]
    if joined:
        return None, sorted([first, *joined], key=lambda item: item.link.start if item.link else 0)
    unsaid = first.lexical < LEXICAL and not first.profile.marked
    flags = first.profile.two_valued and len(found) > 1 and found[1].profile.two_valued
    if unsaid and flags and found[1].score >= EVEN * first.score:
        return None, found
    if choices.doubt >= DOUBT or (unsaid and choices.absent and first.score < CLEAR):
        return None, found
    return first, found[1:]


def _same_words(a: Link, b: Link) -> bool:
    """Say whether the same words name both equally: neither has a word more that would settle it."""
    if "name" in (a.how, b.how):
        return False
    ours, theirs = set(a.spans), set(b.spans)
    return bool(ours & theirs) and not (ours > theirs or theirs > ours)


def _both_asked(a: Candidate, b: Candidate, text: str) -> bool:
    """Say whether two columns are enumerated as targets: "预测振动和压力", "gre or toefl"."""
    if a.link is None or b.link is None or not (a.link.literal and b.link.literal) or min(a.lexical, b.lexical) < 0.85:
        return False
    left, right = sorted((a.link, b.link), key=lambda link: link.start)
    if _EITHER.fullmatch(text[left.end : right.start]):
        return True
    if not _JOINED.fullmatch(text[left.end : right.start]):
        return False
    return any(not text[m.end() : left.start].strip(" 一下the:") for m in _VERB.finditer(text[: left.start]))


def size_of(text: str) -> int:
    """Return how much is left once cues and filler are masked: Chinese signs, and two for each other word."""
    han = sum(has_han(letter) for letter in text)
    return han + 2 * len(re.findall(r"[a-z]{3,}|[^\W\d_a-z]{2,}", re.sub(r"[\u3400-\u9fff]", " ", text)))


def says_something(text: str) -> bool:
    """Say whether anything is left once cues and filler are masked."""
    return size_of(text) >= CONTENT
