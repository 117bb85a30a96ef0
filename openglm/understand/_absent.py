"""Says whether a sentence asks for something that the table does not hold: the weather, of a table of customers.

Only then is the habitual target of a table put to the user instead of taken. Words nobody knows, and words that only
mean "outcome", say nothing of the kind. Whether a column is meant by other words is the linker's business.
"""

from __future__ import annotations

import re
from collections.abc import Set

from openglm.understand._lexicon import Hit, Lexicon
from openglm.understand._linker import Link, Linker
from openglm.understand._normalise import GAP, Text, stem

_OUTCOMES = frozenset({"flag", "amount", "class"})  # natures of what can be predicted; an entity or a unit cannot
_ZH = "预测|预估|估计|估算|判断|识别|推断|检测|诊断|猜"
_EN = r"(?:predict|forecast|estimat|classify|determin|detect|identify|recogni[sz]|guess|infer|diagnos|prognos)"
_ASKS = re.compile(rf"{_ZH}|\b{_EN}\w*")
_BREAK = re.compile(
    r"[,，。;；!?！？\n|]|\.(?:\s|$)|用|根据|基于|按|依据|通过|"
    r"\b(?:from|with|without|using|use|based|given|by|on|for|in|per|at|via|like|as|to|over|than|after|before|because|among)\b"
)
"""Ends the object of a verb: what follows are conditions, inputs or circumstances."""
_STUFF = re.compile(r"\s*(?:data|dataset|records?|table|file|history|logs?|数据|记录|表|文件|历史)")
_HEAD_ZH = re.compile(r"\s*(?:的|做|进行|来)?\s*")
_NAME = re.compile(
    rf"(?:{_ZH}|\b(?i:{_EN})\w*)\s*(?i:the\s+|column\s+)*([A-Za-z][A-Za-z]*)"
    r"(?=\s*(?:$|[,，.。;；!?！？]|用|基于|(?:for|in|with|using|from|by|on|and|or|as)\b))"
)
_ANYTHING = frozenset(
    re.findall("[^ ]+", "it this that them everything anything something whatever who what whether how if x y z")
)
_NOT = re.compile(r"(?:不要|不用|不想|不是|别|无需|\bnot|n't|\bnever|\bwithout)\s*(?:去|to\s+)?$")


def asks_for_absent(text: Text, rest: str, linker: Linker, lexicon: Lexicon) -> bool:
    """Say whether the object of predicting is known, or is a name, and no column stands for it.

    Parameters
    ----------
    text : Text
        The sentence.
    rest : str
        Folded, with everything masked that is spoken for.
    linker : Linker
        For the table.
    lexicon : Lexicon
        Concepts.
    """
    held = {known.concept for profile in linker.profiles for known in profile.known}
    hits = [hit for hit in lexicon.concepts.find(rest) if hit.weight >= 1.0]
    places: dict[tuple[int, int], list[Hit]] = {}
    for hit in hits:
        places.setdefault((hit.start, hit.end), []).append(hit)
    asks = [m.span() for m in _ASKS.finditer(rest)]
    for (start, end), same in places.items():
        keys = {hit.key for hit in same}
        if keys & held or any(is_general(key, lexicon) for key in keys):
            continue
        if not any(lexicon.natures[key] in _OUTCOMES for key in keys) or _STUFF.match(rest, end):
            continue
        if _is_object(start, end, rest, asks):
            return True
    return _unknown_name(text, rest, lexicon)


def takes_back(rest: str, linker: Linker, barred: Set[str]) -> Link | None:
    """Return the column that is to be predicted although the same sentence leaves it out, if there is one."""
    asks = [m.span() for m in _ASKS.finditer(rest)]
    for link in linker.links(rest):
        if link.column in barred and link.score >= 0.8 and _is_object(link.start, link.end, rest, asks):
            return link
    return None


def denied(link: Link, rest: str) -> bool:
    """Say whether the words are the object of "do not predict …", and also of "predict …"."""
    asks = [m.span() for m in _ASKS.finditer(rest)]
    words = {rest[start:end] for start, end in link.spans}
    places = [m.span() for word in words for m in re.finditer(re.escape(word), rest)]
    signs = {
        bool(_NOT.search(rest[:start]))
        for start, end in asks for place in places
        if end <= place[0] and not _BREAK.search(rest[end : place[0]]) and not _ASKS.search(rest[end : place[0]])
    }  # fmt: skip
    return signs == {True, False}


def is_general(key: str, lexicon: Lexicon) -> bool:
    """Say whether a concept only paraphrases "outcome" or "quantity"."""
    return key.endswith("_word") or key in lexicon.general


def _is_object(start: int, end: int, rest: str, asks: list[tuple[int, int]]) -> bool:
    """Behind the verb with no preposition between, or right before it: "sales forecast", "股价的预测"."""
    for first, last in asks:
        if last <= start and not _BREAK.search(rest[last:start]):
            return True
        if end <= first and _HEAD_ZH.fullmatch(rest[end:first]):
            return True
    return False


def _unknown_name(text: Text, rest: str, lexicon: Lexicon) -> bool:
    """A capitalised word behind the verb (any Latin word behind a Chinese one) that no lexicon knows: "predict Foobar"."""
    original = text.original[: len(text.places) + 1]
    for m in _NAME.finditer(original):
        word = m.group(1)
        folded = word.casefold()
        chinese = not original[m.start()].isascii()
        known = folded in _ANYTHING or folded in lexicon.pieces or stem(folded) in lexicon.known
        masked = m.start(1) in text.places and rest[text.places.index(m.start(1))] == GAP
        if len(word) > 1 and not known and not masked and (chinese or word[0].isupper()):
            return True
    return False
