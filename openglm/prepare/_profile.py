"""A table in numbers: each column is counted once, and what is between columns is looked for on sample rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from openglm.core.dataset import Raw
from openglm.core.profile import QUANTILES, ColumnProfile, Histogram, Level, Profile, Related, Together
from openglm.prepare._checks_rows import correlated, missing_groups, sampled, twins
from openglm.prepare._remarks import short
from openglm.prepare._sight import Sight, dot, sights

BINS = 20  # enough to see a shape, few enough for one line of a terminal
TOP = 10
RELATED, PAIRS = 0.8, 20  # our own: from here on two columns tell much the same story
MASK = "•••"


def profile(raw: Raw) -> Profile:
    """Return a table in numbers.

    Parameters
    ----------
    raw : Raw
        As ``load`` returns it.
    """
    names = raw.schema.names
    sample = sampled(raw, names)
    related = sorted(correlated(raw, sample, least=RELATED), key=lambda pair: -abs(pair[2]))[:PAIRS]
    return Profile(
        rows=len(raw.frame),
        columns=tuple(_column(sight) for sight in sights(raw)),
        missing_together=tuple(Together(columns=group, rows=rows) for group, rows in missing_groups(raw, names)),
        correlated=tuple(Related(one=one, two=two, correlation=round(r, 6)) for one, two, r in related),
        same=tuple(twins(raw, sample)),
    )


def _column(sight: Sight) -> ColumnProfile:
    column = sight.column
    more: dict[str, Any] = {}
    if column.role in ("numeric", "date"):
        more = _numbers(sight)
        more["unreadable"] = sight.rows_where(~np.isfinite(sight.read))
    elif column.role != "empty":
        more = _texts(sight)
    return ColumnProfile(
        name=column.name, role=column.role, dtype=column.dtype, reason=column.reason, missing=column.missing,
        n_unique=column.n_unique, personal=column.personal, **more,
    )  # fmt: skip


def _numbers(sight: Sight) -> dict[str, Any]:
    values, counts = sight.sorted
    if not len(values):
        return {}
    weights = counts / counts.sum()
    mean = dot(weights, values)
    points = sight.quantiles(QUANTILES)
    more: dict[str, Any] = {
        "mean": mean, "sd": float(np.sqrt(dot(weights, (values - mean) ** 2))), "quantiles": tuple(points.tolist()),
        "histogram": _histogram(values, counts, float(points[1]), float(points[-2])),
    }  # fmt: skip
    if sight.column.role == "numeric":
        more |= {"zeros": int(counts[values == 0].sum()), "negative": int(counts[values < 0].sum())}
        if len(values) <= TOP:
            more["top"] = _top([short(float(value)) for value in values], counts)
    return more


def _histogram(values: Any, counts: Any, low: float, high: float) -> Histogram | None:
    if not low < high:
        low, high = float(values[0]), float(values[-1])
    if not low < high:
        return None
    edges = np.linspace(low, high, BINS + 1)
    rows, _ = np.histogram(values.clip(low, high), bins=edges, weights=counts)
    return Histogram(edges=tuple(edges.tolist()), rows=tuple(int(n) for n in rows))


def _texts(sight: Sight) -> dict[str, Any]:
    distinct, counts = sight.distinct, sight.counts
    if not len(counts):
        return {}
    more: dict[str, Any] = {}
    if all(issubclass(kind, str) for kind in set(map(type, distinct))):
        lengths = np.fromiter(map(len, distinct), dtype=np.float64, count=len(distinct))
        more["length"] = (float(lengths.min()), float(lengths @ counts / counts.sum()), float(lengths.max()))
    most = np.argsort(-counts, kind="stable")[:TOP]
    if sight.column.role == "id":
        return more
    truths = sight.is_plain and sight.column.dtype == "bool"
    values = [bool(distinct[place]) if truths else distinct[place] for place in most]
    shown = [MASK if sight.column.personal else short(value) for value in values]
    return {**more, "top": _top(shown, counts[most])}


def _top(names: list[str], counts: Any) -> tuple[Level, ...]:
    return tuple(Level(value=name, rows=int(rows)) for name, rows in zip(names, counts, strict=True))
