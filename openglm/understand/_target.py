"""Which column is to be predicted: candidates with scores, from the words of the sentence and from the table.

What the words say and what the table's habits say (last column, two values, a name such as "target") is weighed by
:mod:`_rank`; a candidate is only taken when it is likelier than "none is meant clearly", else the choice is put to the user.
"""

from __future__ import annotations

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
from openglm.understand._rank import CLAUSE, Features, column_features, none_features, place_features, probabilities
from openglm.understand._said import choice_reason

LEXICAL = 0.3  # a link below this is chance: one shared entity word ("customer") scores 0.3 at most
SURE = 0.5  # words this clear make a wrong kind of problem a contradiction instead of a better guess
HABIT, HABIT_LEAD = 0.38, 0.12
"""A column that looks like an outcome, and that much more than any other, is taken for words that name none; measured on
invented tables, tests/understand."""
VAGUE = 0.5  # chance of a sentence that does not say what to predict from which on no habit decides
EVEN = 0.8  # two columns that no word names and that are this close are a real question
NAMED = 0.8  # with a column named this clearly nothing asked for is absent
CLEAR = 0.85  # a column that no word names must be this likely where the sentence speaks of something the table lacks
RIVAL = 0.5  # of two columns named by the same words the second must be half as likely, or it is no question
LEAD = 0.06  # two candidates closer than this on the same words are a real question
_NAMED_ONLY = ("id", "constant", "empty")  # nobody's guess, but if named, it is said why they cannot be learned

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
    """All candidates, best first; the chance that none is meant clearly; whether anything is asked, or anything the table lacks."""

    found: list[Candidate]
    none: float
    content: bool
    absent: bool
    vague: float
    rows: list[tuple[str, Features]]


def candidates(
    text: str, linker: Linker, lexicon: Lexicon, cues: Mapping[str, Hit], *, barred: frozenset[str], content: bool, absent: bool,
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
    content : bool
        Whether the sentence says anything beyond "make a model".
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
            strengths, cues, content=content, absent=absent, tied=tied, work=work, columns=len(usable),
            marked=any(profile.marked for profile in usable), vague=sound.flags.get("vague", 0.0),
        )
    )  # fmt: skip
    chances = probabilities(rows, lexicon.weights)
    names = [*(profile.name for profile, _ in kept), ""]
    found = [Candidate(profile, chance, link) for (profile, link), chance in zip(kept, chances, strict=False)]
    return Choices(
        sorted(found, key=lambda item: (-item.score, item.profile.position)),
        chances[-1],
        content,
        absent,
        sound.flags.get("vague", 0.0),
        list(zip(names, rows, strict=True)),
    )


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
    if unsaid and choices.content and not choices.absent and choices.vague < VAGUE:
        usual = sorted(found, key=lambda item: -item.profile.prior)
        runner = usual[1].profile.prior if len(usual) > 1 else 0.0
        if usual[0] is first and first.profile.prior >= HABIT and first.profile.prior - runner >= HABIT_LEAD:
            return first, found[1:]
    if choices.none >= first.score or (unsaid and ((choices.absent and first.score < CLEAR) or not choices.content)):
        return None, found
    if unsaid and len(found) > 1 and found[1].score >= EVEN * first.score:
        return None, found
    rival = next((item for item in found[1:] if item.link and first.link and _same_words(first.link, item.link)), None)
    if rival is not None and rival.lexical >= first.lexical - LEAD and rival.score >= RIVAL * first.score:
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


def says_something(text: str) -> bool:
    """Say whether anything is left once cues and filler are masked."""
    han = sum(has_han(letter) for letter in text)
    return han >= 2 or bool(re.search(r"[a-z]{3,}|[^\W\d_a-z]{2,}", text))
