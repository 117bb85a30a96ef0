"""How likely each column is the target: a conditional logit over a dozen features, with "none of them" as one more choice.

The features say how a column is spoken of (link, verb, clause), what it looks like (last, two values, an outcome by name) and
whether it fits the kind asked for. The weights are learned by ``bench/learn_target.py`` from the project's own sentences and
lie in the preset; the probabilities are the scores that people see. McFadden 1974, "Conditional logit analysis of
qualitative choice behavior", equation 12.

Whether to ask instead of taking the likeliest column is a second model, a logistic regression over how clear the choice is
(:func:`doubt_features`), learned by the same script.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openglm.core.task import Kind
from openglm.understand._columns import Profile
from openglm.understand._lexicon import Hit
from openglm.understand._linker import Link

Features = dict[str, float]
WIDEST = 30  # columns from which on a table being wider says nothing more; the tables learned from have up to fourteen
MANY = 30  # classes; names of places and people have more, outcomes fewer
_FAINT = 0.25  # a link below this says nothing about where it stands
SPOKEN = 0.3  # a link below this names no column; one shared entity word ("customer") scores 0.3 at most
_FAR = 6.0  # log-odds beyond which a choice is as clear as it gets


CLAUSE = re.compile(r"[,，。;；!?！？\n—–]|\.(?:\s|$)|\s-\s")
_ASKED = re.compile(
    r"多少|几|多久|多长|多[大高重快远贵深厚]|会不会|能不能|要不要|是不是|有没有|是否|会否|能否|哪|谁|吗|什么|啥|怎么走|怎样|走势|"
    r"预测|预估|估|判断|判别|识别|猜|分类|推断|算出|预警|揪|抓|找出|"
    r"\b(?:how|which|who|whom|what|whether|will|would|does|is (?:it|this)|forecast|predict|estimate|classify|guess|tell|work out|figure out|infer|detect|find|catch|spot)\b"
)
_GIVEN_BEFORE = re.compile(
    r"(?:按照?|靠|凭|用|拿|根据|依据|基于|通过|从|由|考虑|知道|已知|有了?|结合|参考|看|给了?|输入|特征|加上|除了|连同|"
    r"\b(?:from|given|knowing|using|use|based on|with|by|considering|out of|via|through|take|looking at|plus|including|besides|know|have|has|use of)\b)"
    r"(?:\s|的|the|a|an|its|their|our|[\"“「'])*$"
)
_GIVEN_AFTER = re.compile(
    r"\s*(?:这些?|那些?|几列|这列|列|等)?(?:的)?(?:都|也|就|是|先)?(?:可以|能|可)?(?:用上?|参考|知道|已知|考虑|拿来|算进去|有了?$|看$|来|推|估|算|当参考|做参考|作参考)|"
    r"\s*(?:columns?\s+)?(?:can|may|could|should|will|is|are)\s+(?:also\s+)?(?:be\s+)?(?:used|known|available|there|fine|ok|okay|allowed|in hand|given|considered|included|fair)"
)
_CONDITION = re.compile(
    r"\s*(?:以后|之后|的时候|时候?(?![长间])|的话|以上|以下|超过|大于|小于|低于|高于|为\d|是\d|[=<>]|(?:above|below|over|under|more than|less than)\b)"
)
_OTHERWISE = re.compile(
    r"\b(?:for|when|if|after|during|among|in|on|at|per|each|every|of|than|between|because of)\s+(?:the |a |an |our |their |each |every )?(?:\w+\s)?$"
)
_LIST = re.compile(r"\s*(?:、|和|与|及|以及|跟|,|，|/|&|\+|\band\b|\bor\b)\s*(?:the\s+)?")


def place_features(link: Link, text: str, others: Iterable[Link]) -> Features:
    """Return where a column is spoken of: in a list, as something given, under a condition, in the clause that asks.

    Parameters
    ----------
    link : Link
        The column.
    text : str
        Folded.
    others : iterable of Link
        The other columns spoken of.
    """
    bounds = [0, *(end for m in CLAUSE.finditer(text) for end in (m.start(), m.end())), len(text)]
    start = max(at for at in bounds if at <= link.start)
    end = min((at for at in bounds if at >= link.end), default=len(text))
    before, after, clause = text[start : link.start], text[link.end : end], text[start:end]
    listed = any(
        (other.end <= link.start and _LIST.fullmatch(text[other.end : link.start]))
        or (link.end <= other.start and _LIST.fullmatch(text[link.end : other.start]))
        for other in others
        if not (other.start < link.end and link.start < other.end)
    )
    found = {
        "listed": listed,
        "given before": bool(_GIVEN_BEFORE.search(before)),
        "given after": bool(_GIVEN_AFTER.match(after)),
        "condition": bool(_CONDITION.match(after)),
        "circumstance": bool(_OTHERWISE.search(before)),
        "asked here": bool(_ASKED.search(clause)),
        "asked elsewhere": not _ASKED.search(clause) and bool(_ASKED.search(text)),
        "asked just before": bool(_ASKED.search(before[-8:])),
        "asked just after": bool(_ASKED.match(after.lstrip())),
        "first clause": start == 0,
    }
    return {name: 1.0 for name, value in found.items() if value}


def column_features(
    profile: Profile, link: Link | None, words: float, cues: Mapping[str, Hit], *, behind_verb: bool, natures: frozenset[str],
    most: float, heard: Mapping[str, float], judged: frozenset[Kind],
    lead: float,
) -> Features:  # fmt: skip
    """Return the features of one column.

    Parameters
    ----------
    profile : Profile
        The column.
    link : Link or None
        Words of the sentence for it.
    words : float
        Strength of these words where they stand, in [0, 1].
    cues : mapping
        Words for kinds of problem.
    behind_verb : bool
        Whether the words follow a verb of learning in the same clause.
    natures : frozenset of str
        Of the concepts in its name.
    most : float
        Strength of the best-linked column of the table.
    heard : mapping
        Chances of the kinds that the sentence sounds like, see :mod:`_ngrams`.
    judged : frozenset of Kind
        Kinds of problem that the stated metric can judge; empty without one.
    lead : float
        How much more the column looks like an outcome than the next best, in [-1, 1].
    """
    numeric, two = profile.numeric and not profile.two_valued, profile.two_valued
    few = profile.column.role == "category" or profile.column.n_unique <= 20
    number = "number" in cues or "regression" in cues
    classes = "multiclass" in cues or "classification" in cues
    spoken = words >= _FAINT and link is not None
    found: Features = {
        "words": words,
        "words squared": words * words,
        "leads": float(words > 0 and words >= most - 1e-9),
        "behind": most - words,
        "by name": words if spoken and link and link.how == "name" else 0.0,
        "by concept": words if spoken and link and link.how == "concept" else 0.0,
        "by value": words if link and link.how == "value" else 0.0,
        "behind verb": float(spoken and behind_verb),
        "silent": float(most < _FAINT),
        "marked": float(profile.marked),
        "last": float(profile.last),
        "two values": float(two),
        "outcome by name": float("flag" in natures),
        "amount by name": float("amount" in natures),
        "attribute by name": float(bool(natures) and not natures & {"flag", "amount", "class"}),
        "text": float(profile.column.role == "text"),
        "names rows": float(profile.column.role in ("id", "date", "constant", "empty")),
        "binary fits": float("binary" in cues and two),
        "binary misfits": float("binary" in cues and not two and not number),
        "number fits": float(number and numeric),
        "number misfits": float(number and not numeric),
        "class fits": float(classes and few and not (two and "multiclass" in cues)),
        "class misfits": float(classes and not few),
        "ahead fits": float("forecast" in cues and numeric),
        "ahead misfits": float("forecast" in cues and not numeric),
    }
    for name, fits in (("k:binary", two), ("k:number", numeric), ("k:class", few and not two), ("k:forecast", numeric)):
        found[f"sounds {name[2:]}, {'fits' if fits else 'misfits'}"] = heard.get(name, 0.0)
    classes_judged, numbers_judged = bool(judged & {"binary", "multiclass"}), "regression" in judged
    if classes_judged != numbers_judged:
        found["metric fits"] = float(few or two) if classes_judged else float(numeric)
        found["metric misfits"] = 1.0 - found["metric fits"]
    found["many classes"] = float(profile.column.role == "category" and profile.column.n_unique > MANY)
    silent = found["silent"]
    found["silent habit"], found["silent lead"] = silent * profile.prior, silent * max(0.0, lead)
    for name in ("marked", "last", "two values", "outcome by name", "amount by name"):
        found[f"silent {name}"] = silent * found[name]
    return {name: value for name, value in found.items() if value}


def none_features(
    words: Iterable[float],
    cues: Mapping[str, Hit],
    *,
    content: bool,
    absent: bool,
    tied: bool,
    work: bool,
    columns: int,
    marked: bool,
    vague: float,
) -> Features:
    """Return the features of "no column is meant clearly enough".

    Parameters
    ----------
    words : iterable of float
        Strengths of all columns.
    cues : mapping
        Words for kinds of problem.
    content : bool
        Whether the sentence says anything beyond "make a model".
    absent : bool
        Whether it asks for something that the table does not hold.
    tied : bool
        Whether the same words name two columns equally well.
    work : bool
        Whether the sentence asks for anything to be learned.
    columns : int
        Columns that could be predicted.
    marked : bool
        Whether a column's name only says that it is the outcome.
    vague : float
        Chance that the sentence sounds like one that does not say what to predict.
    """
    most = max(words, default=0.0)
    found = {
        "none": 1.0,
        "none words": most,
        "none content": float(content),
        "none absent": float(absent),
        "none tied": float(tied),
        "none many": math.log(min(max(columns, 1), WIDEST)),
        "none marked": float(marked),
        "none idle": float(not work),
        "none vague": vague,
        "none asks": float(bool(cues.keys() & {"binary", "number", "multiclass"})),
    }
    return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class Scene:
    """What sentence and table say about all candidates together; one entry per candidate, in the order of the rows.

    Parameters
    ----------
    words : sequence of float
        Strength of the words for each.
    priors : sequence of float
        How much each looks like an outcome.
    marked : sequence of bool
        Whether its name only says that it is the outcome.
    fits : sequence of bool
        Whether it is of the kind asked for; all true where no kind is.
    tied : sequence of frozenset of int
        The others that the same words name as well.
    said : dict of str to float
        Of the sentence: content, size, vague, absent, work, asks.
    """

    words: Sequence[float]
    priors: Sequence[float]
    marked: Sequence[bool]
    fits: Sequence[bool]
    tied: Sequence[frozenset[int]]
    said: Features


def doubt_features(scene: Scene, chances: Sequence[float]) -> Features:
    """Return the features of "this must be asked": how far the likeliest column leads, and what the sentence says at all.

    Parameters
    ----------
    scene : Scene
        The candidates.
    chances : sequence of float
        From :func:`probabilities`; the last is that of "none".
    """
    order = sorted(range(len(scene.words)), key=lambda i: -chances[i])
    if not order:
        return {}
    first = order[0]
    gaps = [min(math.log((chances[first] + 1e-6) / (chances[i] + 1e-6)), _FAR) for i in order[1:]]
    twin = max(scene.tied[first], key=lambda i: chances[i], default=None)
    none = max(min(math.log((chances[-1] + 1e-6) / (chances[first] + 1e-6)), _FAR), -_FAR)
    state = "silent" if scene.words[first] < SPOKEN else "named"
    usual = sorted((prior for i, prior in enumerate(scene.priors) if i != first and scene.fits[i]), reverse=True)
    found = {
        "none": none,
        "lead": min(gaps, default=_FAR),
        "words": scene.words[first],
        "even": math.exp(-min(gaps, default=_FAR)),
        "tied": float(twin is not None),
        "tied chance": chances[twin] / (chances[first] + 1e-6) if twin is not None else 0.0,
        "tied words": scene.words[twin] / (scene.words[first] + 1e-6) if twin is not None else 0.0,
        "habit": scene.priors[first],
        "habit lead": max(scene.priors[first] - (usual[0] if usual else 0.0), 0.0),
        "marked": float(scene.marked[first]),
        "fits": float(scene.fits[first]),
        "rivals": math.log1p(sum(scene.fits)),
        **scene.said,
    }
    return {f"ask {state}": 1.0} | {f"ask {state} {name}": value for name, value in found.items() if value}


def doubt(features: Features, weights: Mapping[str, float]) -> float:
    """Return the probability that a question is right."""
    return 1 / (1 + math.exp(-sum(weights.get(name, 0.0) * value for name, value in features.items())))


def probabilities(rows: list[Features], weights: Mapping[str, float]) -> list[float]:
    """Return the softmax of the weighted sums."""
    if not rows:
        return []
    sums = [sum(weights.get(name, 0.0) * value for name, value in row.items()) for row in rows]
    top = max(sums)
    powers = [math.exp(item - top) for item in sums]
    total = sum(powers)
    return [power / total for power in powers]
