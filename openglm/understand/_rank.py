"""How likely each column is the target: a conditional logit over a dozen features, with "none of them" as one more choice.

The features say how a column is spoken of (link, verb, clause), what it looks like (last, two values, an outcome by name) and
whether it fits the kind asked for. The weights are learned by ``bench/learn_target.py`` from the project's own sentences and
lie in the preset; the probabilities are the scores that people see. McFadden 1974, "Conditional logit analysis of
qualitative choice behavior", equation 12.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from openglm.understand._columns import Profile
from openglm.understand._lexicon import Hit
from openglm.understand._linker import Link

Features = dict[str, float]
_FAINT = 0.25  # a link below this says nothing about where it stands


def column_features(
    profile: Profile, link: Link | None, words: float, cues: Mapping[str, Hit], *, behind_verb: bool, natures: frozenset[str],
    most: float,
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
    silent = found["silent"]
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
    """
    most = max(words, default=0.0)
    found = {
        "none": 1.0,
        "none words": most,
        "none content": float(content),
        "none absent": float(absent),
        "none tied": float(tied),
        "none many": math.log(max(columns, 1)),
        "none marked": float(marked),
        "none idle": float(not work),
        "none asks": float(bool(cues.keys() & {"binary", "number", "multiclass"})),
    }
    return {name: value for name, value in found.items() if value}


def probabilities(rows: list[Features], weights: Mapping[str, float]) -> list[float]:
    """Return the softmax of the weighted sums."""
    if not rows:
        return []
    sums = [sum(weights.get(name, 0.0) * value for name, value in row.items()) for row in rows]
    top = max(sums)
    powers = [math.exp(item - top) for item in sums]
    total = sum(powers)
    return [power / total for power in powers]
