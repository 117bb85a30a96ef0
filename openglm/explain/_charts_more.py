"""Charts of reasons and comparisons: effects along a column, waterfalls of single rows, ranges side by side, the split."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import pairwise

from openglm.core.evidence import Effect, RowReason
from openglm.explain._charts import (
    LABEL_UNITS,
    NARROW,
    WIDTH,
    Caption,
    Plot,
    dot,
    drawing,
    line,
    shorten,
    tick,
    ticks,
    width,
    words_at,
)
from openglm.explain._words import number

SMALL = (372, 236)
"""Width and height of one of the small multiples: two beside each other in the text column."""
MOST_LEVELS = 8
"""Levels of a category in a small chart: more have no room for their names."""
ROW = 26
"""Height of one line of a chart, in CSS pixels."""


@dataclass(frozen=True)
class Range:
    """One line of a forest chart: a name, a number and the ends of its interval (equal to it where there is none)."""

    label: str
    value: float
    low: float
    high: float
    text: str = ""


def forest(items: Sequence[Range], caption: Caption, *, wide: float = WIDTH, zero: bool = False) -> str:
    """Return dots with their intervals below each other on one axis, the value behind each.

    Parameters
    ----------
    items : sequence of Range
        In the order in which they are shown.
    caption : Caption
        ``x`` names the axis.
    wide : float
        Width in pixels.
    zero : bool
        Whether to draw a line at 0.
    """
    shown = [item for item in items if math.isfinite(item.value)]
    units = min(LABEL_UNITS if wide > 500 else 18, max((width(item.label) for item in shown), default=1))
    left, right = units * NARROW + 14, 62.0
    ends = [v for item in shown for v in (item.low, item.value, item.high) if math.isfinite(v)] + [0.0] * zero
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    pad = 0.06 * (high - low) or max(abs(high) * 0.05, 1e-6)
    low, high = low - pad, high + pad
    foot = 4 + ROW * len(shown)

    def x(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (wide - left - right)

    parts = []
    for value in _spaced(ticks(low, high, 4 if wide > 500 else 3), x):
        parts += [line(x(value), 4, x(value), foot, "grid"), words_at(x(value), foot + 16, tick(value), "tick middle")]
    if zero and low < 0 < high:
        parts.append(line(x(0), 4, x(0), foot, "axis"))
    for i, item in enumerate(shown):
        y = 4 + (i + 0.5) * ROW
        tip = f"{item.label}: {number(item.value)} ({number(item.low)} – {number(item.high)}) {item.text}".strip()
        known = math.isfinite(item.low) and math.isfinite(item.high)
        parts.append(
            f"<g><title>{escape(tip)}</title>{words_at(left - 10, y + 4, shorten(item.label, units), 'label end')}"
            f"{line(x(item.low), y, x(item.high), y, 'whisker thick') if known else ''}"
            f"{dot(x(item.value), y, 5, 'dot', tip)}"
            f"{words_at(wide - right + 8, y + 4, number(item.value), 'value')}</g>"
        )
    if caption.x:
        parts.append(words_at(left + (wide - left - right) / 2, foot + 34, caption.x, "axis-name middle"))
    return drawing(wide, foot + (40 if caption.x else 22), caption, parts)


def waterfall(reason: RowReason, caption: Caption, words: tuple[str, str, str], labels: Sequence[str]) -> str:
    """Return how the mean prediction becomes the one of a row, one bar for each term.

    Parameters
    ----------
    reason : RowReason
        Base, terms and output.
    caption : Caption
        For readers who cannot see it.
    words : (str, str, str)
        Names of the first line, of what is not listed, and of the last line.
    labels : sequence of str
        "column=value" of each term.
    """
    steps = [(label, term.amount) for label, term in zip(labels, reason.terms, strict=True)]
    rest = reason.output - reason.base - sum(amount for _, amount in steps)
    if abs(rest) > 1e-3 * max(abs(reason.output - reason.base), *(abs(a) for _, a in steps), 1e-12):
        steps.append((words[1], rest))
    units = min(LABEL_UNITS + 8, max(width(text) for text in (*words, *(name for name, _ in steps))))
    left, right = units * NARROW + 14, 74.0
    path = [reason.base]
    for _, amount in steps:
        path.append(path[-1] + amount)
    low, high = min(path), max(path)
    pad = 0.04 * (high - low) or 1e-6
    low, high = low - pad, high + pad

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (WIDTH - left - right)

    parts = []
    rows: list[tuple[str, float, float, str, str]] = [(words[0], path[0], path[0], number(path[0]), "end")]
    for (name, amount), (before, after) in zip(steps, pairwise(path), strict=True):
        rows.append((name, before, after, signed(amount), "up" if amount > 0 else "down"))
    rows.append((words[2], path[-1], path[-1], number(reason.output), "end"))
    for i, (name, before, after, text, kind) in enumerate(rows):
        y = 4 + (i + 0.5) * 24
        start, stop = sorted((x(before), x(after)))
        parts.append(f"<g><title>{escape(name)}: {escape(text)}</title>")
        parts.append(words_at(left - 10, y + 4, _label(name, units), "label end" + (" strong" * (kind == "end"))))
        if kind == "end":
            parts.append(line(start, y - 9, start, y + 9, "stop"))
        else:
            parts.append(
                f'<rect class="{kind}" x="{start:.1f}" y="{y - 7:.1f}" width="{max(stop - start, 1):.1f}" height="14" rx="2"/>'
            )
        if i < len(rows) - 1:
            parts.append(line(x(after), y + 7, x(after), y + 17, "join"))
        parts.append(words_at(WIDTH - right + 10, y + 4, text, f"value {kind}-text") + "</g>")
    return drawing(WIDTH, 24 * len(rows) + 8, caption, parts)


def effect_chart(effect: Effect, caption: Caption) -> str:
    """Return partial dependence with the band of single rows: a line along numbers and dates, dots for levels."""
    numbers = [v for v in effect.grid if isinstance(v, int | float) and not isinstance(v, bool)]
    if effect.role in ("numeric", "date") and len(numbers) == len(effect.grid) > 1:
        return _along(effect, [float(v) for v in numbers], caption)
    order = range(min(len(effect.grid), MOST_LEVELS))
    items = [Range(str(effect.grid[i]), effect.mean[i], *band(effect, i), text=f"{effect.share[i]:.0%}") for i in order]
    return forest(items, Caption(caption.title, caption.text, caption.y), wide=SMALL[0])


def band(effect: Effect, i: int) -> tuple[float, float]:
    """Return the ends of the band at one place: the quantiles of the centred curves, put around the mean.

    Of a class they are probabilities and end at 0 and 1.
    """
    low, high = effect.mean[i] + min(effect.low[i], 0.0), effect.mean[i] + max(effect.high[i], 0.0)
    return (max(low, 0.0), min(high, 1.0)) if effect.label else (low, high)


def _along(effect: Effect, grid: list[float], caption: Caption) -> str:
    bands = [band(effect, i) for i in range(len(grid))]
    low, high = min(b[0] for b in bands), max(b[1] for b in bands)
    pad = 0.06 * (high - low) or max(abs(high) * 0.05, 1e-6)
    plot = Plot(
        SMALL, (grid[0], grid[-1] if grid[-1] > grid[0] else grid[0] + 1), (low - pad, high + pad),
        x_text=_day if effect.role == "date" else tick,
    )  # fmt: skip
    upper = " ".join(plot.at(v, b[1]) for v, b in zip(grid, bands, strict=True))
    lower = " ".join(plot.at(v, b[0]) for v, b in reversed(list(zip(grid, bands, strict=True))))
    parts = []
    most = max(effect.share, default=0.0) or 1.0
    edges = [grid[0], *((a + b) / 2 for a, b in pairwise(grid)), grid[-1]]
    for i, share in enumerate(effect.share):
        left, right = plot.x(edges[i]), plot.x(edges[i + 1])
        tall = 20 * share / most
        parts.append(
            f'<rect class="share" x="{left:.1f}" y="{plot.bottom - tall:.1f}" width="{max(right - left - 0.5, 0.8):.1f}" '
            f'height="{tall:.1f}"><title>{share:.0%}</title></rect>'
        )
    parts.append(f'<polygon class="band" points="{upper} {lower}"/>')
    line_at = " ".join(plot.at(v, m) for v, m in zip(grid, effect.mean, strict=True))
    parts.append(f'<polyline class="curve" points="{line_at}"/>')
    return plot.svg(caption, parts)


def split_chart(method: str, folds: int, train: int, sealed: int, caption: Caption, words: dict[str, str]) -> str:
    """Return which rows are learned from, judged on and sealed, one line for each fold and one for the last judgement.

    Parameters
    ----------
    method : str
        As in :class:`openglm.core.plan.Split`; along time a fold learns from what comes before it only.
    folds, train, sealed : int
        Folds, and rows of both parts.
    caption : Caption
        ``x`` names the direction of the rows.
    words : dict of str to str
        ``learn``, ``validate``, ``sealed``, ``last``, and ``fold`` with a gap.
    """
    shown = min(folds, 6)
    left, row = 92.0, 20
    wide = WIDTH - left - 8
    cut = left + wide * (train / max(train + sealed, 1))
    timed = method == "time"
    pieces = shown + 1 if timed or shown == 1 else shown
    step = (cut - left) / pieces
    parts = []

    def block(start: float, end: float, y: float, kind: str, tip: str) -> str:
        return (
            f'<rect class="{kind}" x="{start + 0.75:.1f}" y="{y:.1f}" width="{max(end - start - 1.5, 1):.1f}" height="{row - 6}" '
            f'rx="2"><title>{escape(tip)}</title></rect>'
        )

    for i in range(shown):
        y = 4.0 + i * row
        parts.append(words_at(left - 10, y + 11, words["fold"].format(n=i + 1), "label end"))
        place = i + 1 if timed or shown == 1 else i
        for piece in range(pieces):
            kind = "now" if piece == place else "seen" if piece < place or not timed else "empty"
            tip = words["validate"] if kind == "now" else words["learn"] if kind == "seen" else ""
            parts.append(block(left + piece * step, left + (piece + 1) * step, y, kind, tip))
        parts.append(block(cut, left + wide, y, "empty", ""))
    y = 4.0 + shown * row + 4
    parts.append(words_at(left - 10, y + 11, words["last"], "label end strong"))
    parts.append(block(left, cut, y, "seen", words["learn"]))
    parts.append(block(cut, left + wide, y, "shut", words["sealed"]))
    key_y, key_x = y + 36, left
    for kind, key in (("seen", "learn"), ("now", "validate"), ("shut", "sealed")):
        parts.append(f'<rect class="{kind}" x="{key_x:.1f}" y="{key_y - 9:.1f}" width="14" height="10" rx="2"/>')
        parts.append(words_at(key_x + 20, key_y, words[key], "tick"))
        key_x += 40 + NARROW * width(words[key])
    parts.append(words_at(left + wide, key_y, caption.x, "axis-name end"))
    return drawing(WIDTH, key_y + 8, caption, parts)


def _label(text: str, units: int) -> str:
    """Return "column=value" cut to a width: the column gives way first, so that the value stays readable."""
    name, sign, value = text.partition("=")
    room = units - width(value) - 1
    return f"{shorten(name, room)}={value}" if sign and width(text) > units and room >= 8 else shorten(text, units)


def signed(value: float) -> str:
    """Return a change with its sign.

    Examples
    --------
    >>> signed(0.2134), signed(-12.0)
    ('+0.213', '−12.00')
    """
    return f"+{number(value)}" if value > 0 else f"−{number(-value)}" if value < 0 else "0"


def _day(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m")
    except (OverflowError, OSError, ValueError):
        return tick(seconds)


def _spaced(values: list[float], x: object) -> list[float]:
    """Return the ticks, every second one where their words would touch."""
    assert callable(x)
    kept: list[float] = []
    for value in values:
        if not kept or x(value) - x(kept[-1]) > NARROW * (width(tick(value)) + width(tick(kept[-1]))) / 2 + 8:
            kept.append(value)
    return kept
