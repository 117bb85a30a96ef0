"""Rules for the kind of problem: they look at the words of the sentence and at the values of the target alike."""

from __future__ import annotations

import re
from collections.abc import Mapping

from openglm.core.schema import Column, Scalar
from openglm.core.task import Kind
from openglm.understand._columns import Profile
from openglm.understand._lexicon import Hit, Lexicon
from openglm.understand._ngrams import Sound

FEW = 10
"""At most this many whole numbers are classes where the words leave it open: marks from 1 to 10 are the usual scale."""

_YES_NO = re.compile(
    r"[会能要是有][^,。?!;|]{1,10}[吗么](?![^?。!\s])|^\W*(?:will|does|do|did|is|are|was|were|has|have|can|could|"
    r"would|should)\b(?! you| i )"
)


_WHO_WILL = re.compile(
    r"\bwho(?:'ll|\s+(?:will|would|is going to|is likely to|might))\b|"
    r"\bwhich (?:\w+ )?\w+s (?:will|would|are (?:going|likely) to)\b|"
    r"谁会|(?:哪些|哪几个|哪位)[^,。?!;|]{0,8}会"
)
"""Asks yes or no of each row, unless it asks for an amount or a kind as well."""
_COMPARES = re.compile(r"\b(?:most|least|more|less|highest|lowest|best|worst|how)\b|最|更|多少|几")


_TELL_ME = re.compile(
    r"[^,，。;]{0,8}(?:喊|叫|告诉|通知|提醒|招呼|报警|告警|吱一?声)(?:我|一声|$|一下|人)|[^,.;]{0,30}\b(?:alert|ping|tell|warn|call|shout|notify)\b"
)
"""What is wrong is to be told once the model is live; that is watching, no search for outliers."""


def kind_words(hits: list[Hit], folded: str) -> dict[str, Hit]:
    """Return the first cue of each kind of problem; a yes-no question is one for two classes."""
    found: dict[str, Hit] = {}
    for hit in hits:
        if not (hit.key == "anomaly" and _TELL_ME.match(folded[hit.end :])):
            found.setdefault(hit.key, hit)
    m = _YES_NO.search(folded)
    if m and "number" not in found and not re.search(r"\b(?:predict|forecast|estimat|train)", folded):
        found.setdefault("binary", Hit("binary", 0.8, m.start(), m.end()))
    who = _WHO_WILL.search(folded)
    if (
        who
        and not found.keys() & {"number", "regression", "multiclass", "classification"}
        and not _COMPARES.search(folded)
    ):
        found.setdefault("binary", Hit("binary", 0.8, who.start(), who.end()))
    return found


_KINDS = {
    "k:binary": "binary", "k:class": "multiclass", "k:number": "number", "k:clustering": "clustering", "k:anomaly": "anomaly",
}  # fmt: skip
_SURE_KIND = 0.7  # chance at which the sound of a sentence alone is a cue for a kind of problem
_SURE_FREE = 0.5  # the same for problems without a target, whose five-fold precision is above 0.9 from there on


def hear_kinds(cues: dict[str, Hit], sound: Sound, folded: str, lexicon: Lexicon) -> None:
    """Add the kind of problem that a sentence sounds like when no phrase names one."""
    if cues.keys() & {"binary", "multiclass", "classification", "number", "regression", "clustering", "anomaly"}:
        return
    best = max(_KINDS, key=lambda name: sound.flags.get(name, 0.0))
    free = _KINDS[best] in ("clustering", "anomaly")
    if sound.flags.get(best, 0.0) < (_SURE_FREE if free else _SURE_KIND):
        return
    start, end = lexicon.ngrams.evidence(folded, best)
    if not (_KINDS[best] == "anomaly" and _TELL_ME.match(folded[end:])):
        cues[_KINDS[best]] = Hit(_KINDS[best], sound.flags[best], start, end)


def open_kind(cues: Mapping[str, Hit], folded: str, *, literal_target: bool, cleaning: bool) -> Kind | None:
    """Return anomaly or clustering when the sentence asks for a problem without a target.

    A literal target wins: "predict the segment", "预测是否异常" over such a column are classification.
    """
    if "clustering" in cues and not literal_target and not re.search(r"\bpredict|预测", folded):
        return "clustering"
    if (
        "clustering" in cues
        and re.search(r"聚类|无监督|unsupervised|\bcluster", folded)
        and not re.search(r"(?:预测|predict)\w* (?:the )?cluster", folded)
    ):
        return "clustering"
    if (
        "anomaly" in cues
        and not literal_target
        and not cleaning
        and not re.search(r"处理|去掉|删|清|remove|drop|clean|异常值", folded)
    ):
        return "anomaly"
    return None


def kind_of(profile: Profile, cues: Mapping[str, Hit], *, looks_ahead: bool) -> Kind:
    """Return the kind of problem that predicting a column is.

    Parameters
    ----------
    profile : Profile
        The target.
    cues : mapping
        Words for kinds of problem in the sentence.
    looks_ahead : bool
        Whether the sentence asks for the future and the table has a date.
    """
    column = profile.column
    if column.n_unique == 2 and not (column.role == "numeric" and "regression" in cues):
        return "binary"
    if column.role in ("category", "text") or (column.role == "constant" and column.dtype not in ("int", "float")):
        return "multiclass"
    if looks_ahead:
        return "forecast"
    whole = column.dtype == "int" or all(
        float(level).is_integer() for level in column.levels if isinstance(level, int | float)
    )
    few = whole and 2 < column.n_unique <= FEW
    if "regression" in cues or (not few and not {"classification", "multiclass"} & set(cues)):
        return "regression"
    if few and (not cues.keys() & {"number"} or cues.keys() & {"classification", "multiclass"}):
        return "multiclass"
    return (
        "multiclass"
        if {"classification", "multiclass"} & set(cues) and whole and column.n_unique <= 50
        else "regression"
    )


def contradiction(profile: Profile, cues: Mapping[str, Hit], folded: str) -> str | None:
    """Return ``regression`` or ``classification`` where the sentence asks it of a column that cannot be so predicted."""
    column = profile.column
    if "regression" in cues and column.role in ("category", "text") and not _all_numbers(column):
        return "regression"
    hit = cues.get("classification")
    explicit = hit is not None and folded[hit.start : hit.end].startswith(("分类", "归类", "classif", "categor"))
    many = column.role == "numeric" and column.dtype == "float" and column.n_unique > 50
    if explicit and many and "regression" not in cues:
        return "classification"
    return None


def _all_numbers(column: Column) -> bool:
    return bool(column.levels) and all(
        isinstance(level, int | float) and not isinstance(level, bool) for level in column.levels
    )


def positive_level(column: Column, lexicon: Lexicon, folded: str) -> Scalar | None:
    """Return the level of a two-valued column that is meant by "it happens": a yes word, else the one the sentence names, else the rarer."""
    levels = column.levels
    if len(levels) != 2:
        return None
    names = [str(level).casefold().strip() for level in levels]
    for level, name in zip(levels, names, strict=True):
        others = [other for other in names if other != name]
        if level is True or (
            name in lexicon.positive and name not in lexicon.negative and others[0] not in ("yes", "是", "true", "1")
        ):
            return level
    for level, other in zip(levels, reversed(names), strict=True):
        if other in lexicon.negative:
            return level
    named = [level for level, name in zip(levels, names, strict=True) if len(name) > 1 and name in folded]
    if len(named) == 1:
        return named[0]
    return column.rarer if column.rarer is not None else max(levels, key=str)
