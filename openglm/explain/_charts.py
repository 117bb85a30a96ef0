"""Charts as inline SVG text: no script, no network, readable aloud (title and desc) and in dark or light.

Colours come from the page's CSS variables; a chart knows numbers and words only.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from openglm.core.report import CalibrationBin, Confusion, Importance, Moment, Residuals, Roc
from openglm.explain._words import duration, number

WIDTH = 760
"""Width of a full chart in CSS pixels: the text column of the page."""
SQUARE = (372, 330)
"""Width and height of half-page charts: two beside each other."""
LABEL_UNITS = 30
"""Longest label in units of half an em; a Chinese sign takes two."""
NARROW = 6.6
"""Pixels of one unit at 12 px."""
MOST_BARS = 20
"""Bars before the rest is only counted: a screen's height."""
SHOWN_COUNTS = 14
"""Up to so many classes a count fits into its cell."""


@dataclass(frozen=True)
class Caption:
    """What a reader who cannot see the chart hears, and the words on its axes."""

    title: str
    text: str
    x: str = ""
    y: str = ""


def shorten(text: str, units: int = LABEL_UNITS) -> str:
    """Return ``text`` cut to a display width; wide (Chinese) signs count twice.

    Examples
    --------
    >>> shorten("customer_lifetime_value_in_euro", 12), shorten("客户生命周期价值", 9)
    ('customer_li…', '客户生命…')
    """
    if width(text) <= units:
        return text
    kept, used = [], 1
    for sign in text:
        used += width(sign)
        if used > units:
            break
        kept.append(sign)
    return "".join(kept) + "…"


def width(text: str) -> int:
    """Return the display width in units of half an em."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round numbers between ``low`` and ``high``, about ``wanted`` of them.

    Examples
    --------
    >>> ticks(0, 1), ticks(3, 47)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [10.0, 20.0, 30.0, 40.0])
    """
    span = high - low
    if not span > 1e-12 * max(abs(low), abs(high), 1e-200):  # nothing between them that a float could tell apart
        return [low]
    raw = span / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first
    return [round((first + i) * step, 12) for i in range(count + 1)]


def bars(items: Sequence[Importance], caption: Caption, units: int = LABEL_UNITS) -> str:
    """Return horizontal bars with whiskers for their intervals, the value behind each."""
    shown = [item for item in items if math.isfinite(item.drop)][:MOST_BARS]
    row, left, right = 26, min(units, max((width(i.column) for i in shown), default=1)) * NARROW + 14, 84
    reach = max((max(item.high, item.drop) for item in shown), default=0.0) or 1.0
    # One repeat or two give whiskers many times longer than any bar: the axis follows the bars, whiskers are clipped.
    top = min(reach, 1.25 * max((item.drop for item in shown), default=0.0) or reach)
    low = min(0.0, max(-0.25 * top, min((item.low for item in shown), default=0.0)))
    scale = (WIDTH - left - right) / ((top - low) or 1.0)

    def x(value: float) -> float:
        return left + (min(max(value, low), top) - low) * scale

    parts = [line(x(0.0), 4, x(0.0), row * len(shown) + 4, "axis")]
    for i, item in enumerate(shown):
        y = 4 + i * row + row / 2
        start, end = sorted((x(0.0), x(item.drop)))
        tip = f"{item.column}: {number(item.drop)} ({number(item.low)} – {number(item.high)})"
        parts.append(
            f"<g><title>{escape(tip)}</title>"
            f"{words_at(left - 10, y + 4, shorten(item.column, units), 'label end')}"
            f'<rect class="bar" x="{start:.1f}" y="{y - 8:.1f}" width="{max(end - start, 1):.1f}" height="16" rx="2"/>'
            f"{line(x(item.low), y, x(item.high), y, 'whisker')}"
            f"{words_at(WIDTH - right + 12, y + 4, number(item.drop), 'value')}</g>"
        )
    return drawing(WIDTH, row * len(shown) + 8, caption, parts)


def roc_chart(roc: Roc, caption: Caption) -> str:
    """Return the ROC curve over its diagonal, with the point at the threshold."""
    plot = Plot(SQUARE, (0.0, 1.0), (0.0, 1.0))
    points = list(zip(roc.false_positive_rate, roc.true_positive_rate, strict=True))
    path = " ".join(plot.at(*point) for point in points)
    x, y = plot.x(roc.at_threshold[0]), plot.y(roc.at_threshold[1])
    area = f"{plot.at(0, 0)} {path} {plot.at(1, 0)}"
    return plot.svg(caption, [
        plot.diagonal(), f'<polygon class="under" points="{area}"/>', f'<polyline class="curve" points="{path}"/>',
        f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="5"><title>{number(roc.at_threshold[0])}, '
        f"{number(roc.at_threshold[1])}</title></circle>",
    ])  # fmt: skip


def calibration_chart(bins: Sequence[CalibrationBin], caption: Caption) -> str:
    """Return observed over predicted shares with their intervals."""
    plot = Plot(SQUARE, (0.0, 1.0), (0.0, 1.0))
    parts = [plot.diagonal()]
    for item in bins:
        x = plot.x(item.predicted)
        parts.append(line(x, plot.y(item.low), x, plot.y(item.high), "whisker"))
    parts.append('<polyline class="curve" points="' + " ".join(plot.at(b.predicted, b.observed) for b in bins) + '"/>')
    for item in bins:
        tip = f"{number(item.predicted)} → {number(item.observed)} ({item.rows:,})"
        parts.append(dot(plot.x(item.predicted), plot.y(item.observed), 4, "dot", tip))
    return plot.svg(caption, parts)


def scatter(residuals: Residuals, caption: Caption) -> str:
    """Return predicted over actual values and the line on which they agree."""
    values = [v for v in (*residuals.actual, *residuals.predicted) if math.isfinite(v)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    pad = 0.03 * (high - low) or 1.0
    plot = Plot((WIDTH, 400), (low - pad, high + pad), (low - pad, high + pad))
    parts = [plot.diagonal()]
    for actual, predicted in zip(residuals.actual, residuals.predicted, strict=True):
        if math.isfinite(actual) and math.isfinite(predicted):
            parts.append(
                dot(plot.x(actual), plot.y(predicted), 3.5, "dot soft", f"{number(actual)} → {number(predicted)}")
            )
    return plot.svg(caption, parts)


def heat(confusion: Confusion, caption: Caption) -> str:
    """Return the confusion counts as cells, darker for a larger share of their row."""
    k = len(confusion.labels)
    units = LABEL_UNITS if k <= 4 else 14
    left = 34 + NARROW * min(units, max(width(label) for label in confusion.labels))
    cell_w = max(11.0, min(170.0, (WIDTH - left - 8) / k))
    cell_h = max(11.0, min(62.0, cell_w * 0.62 if k <= SHOWN_COUNTS else cell_w))
    longest = max(width(shorten(label, units)) for label in confusion.labels) * NARROW
    # Level where a name fits over its cell (or can be cut to), slanted where not, on end over cells narrower than letters.
    level = longest <= cell_w - 6 or cell_w >= 90
    angle = 0 if level else 45 if cell_w >= 24 else 90
    top = 34 + {0: 14.0, 45: longest * 0.71 + 6, 90: longest + 4}[angle]
    small = "tiny" if cell_h < 15 else "label"
    parts = [
        words_at(left + k * cell_w / 2, 14, caption.x, "axis-name middle"),
        f'<text class="axis-name middle" transform="translate(14 {top + k * cell_h / 2:.0f}) rotate(-90)">'
        f"{escape(caption.y)}</text>",
    ]
    for i, label in enumerate(confusion.labels):
        name = shorten(label, units)
        head = shorten(label, min(units, int((cell_w - 6) / NARROW))) if level else name
        x, y = left + (i + 0.5) * cell_w + (3.5 if angle == 90 else 0.0), top - 8
        turn = f' transform="rotate(-{angle} {x:.1f} {y:.1f})"' if angle else ""
        side = "" if angle else " middle"
        parts.append(f'<text class="{small}{side}" x="{x:.1f}" y="{y:.1f}"{turn}>{escape(head)}</text>')
        parts.append(words_at(left - 8, top + (i + 0.5) * cell_h + 4, name, f"{small} end"))
    for i, line in enumerate(confusion.counts):
        total = sum(line)
        for j, count in enumerate(line):
            parts.append(_cell(confusion, (i, j), (left + j * cell_w, top + i * cell_h, cell_w, cell_h), count, total))
    return drawing(
        WIDTH,
        top + k * cell_h + 6,
        caption,
        parts,
        most=left + k * cell_w + (longest * 0.6 if angle == 45 else 0.0) + 8,
    )


def _cell(
    confusion: Confusion, place: tuple[int, int], box: tuple[float, float, float, float], count: int, total: int
) -> str:
    i, j = place
    x, y, w, h = box
    share = count / total if total else 0.0
    tip = f"{confusion.labels[i]} → {confusion.labels[j]}: {count:,} ({share:.0%})"
    kind = "hit" if i == j else "miss"
    # An opacity of at least 0.08 keeps single rows visible among thousands.
    opacity = 0.0 if not count else 0.08 + 0.87 * share
    drawn = (
        f'<g><title>{escape(tip)}</title><rect class="empty" x="{x + 1:.1f}" y="{y + 1:.1f}" width="{w - 2:.1f}" '
        f'height="{h - 2:.1f}" rx="2"/><rect class="{kind}" fill-opacity="{opacity:.2f}" x="{x + 1:.1f}" '
        f'y="{y + 1:.1f}" width="{w - 2:.1f}" height="{h - 2:.1f}" rx="2"/>'
    )
    if len(confusion.labels) <= SHOWN_COUNTS:
        tone = "on-strong" if share > 0.55 else "label"
        roomy = h >= 40
        drawn += words_at(
            x + w / 2,
            y + h / 2 + (-3 if roomy else 4),
            f"{count:,}",
            f"{tone} big middle" if roomy else f"{tone} middle",
        )
        drawn += words_at(x + w / 2, y + h / 2 + 15, f"{share:.0%}", f"{tone} middle") if roomy else ""
    return drawn + "</g>"


def timeline_chart(moments: Sequence[Moment], greater_is_better: bool, caption: Caption) -> str:
    """Return scores over time with the best so far; models that did not finish are crosses at the foot."""
    done = [m for m in moments if m.score is not None and math.isfinite(m.score)]
    end = max((m.end_s for m in moments), default=1.0) or 1.0
    low, high = _visible([m.score for m in done if m.score is not None], greater_is_better)
    plot = Plot((WIDTH, 250), (0.0, end * 1.02), (low, high), flip=not greater_is_better, left=70)

    def inside(score: float) -> float:
        return min(max(score, low), high)

    best = math.nan
    parts: list[str] = []
    path: list[str] = []
    for moment in sorted(done, key=lambda m: m.end_s):
        score = moment.score if moment.score is not None else math.nan
        if math.isnan(best) or (score > best if greater_is_better else score < best):
            if path:
                path.append(plot.at(moment.end_s, inside(best)))
            best = score
            path.append(plot.at(moment.end_s, inside(best)))
    if path:
        path.append(plot.at(end * 1.02, inside(best)))
    parts.append(f'<polyline class="curve" points="{" ".join(path)}"/>')
    for moment in moments:
        tip = f"{moment.id} {moment.model}: {number(moment.score)}, {duration(moment.end_s)}"
        x = plot.x(moment.end_s)
        if moment.score is not None and math.isfinite(moment.score):
            parts.append(dot(x, plot.y(inside(moment.score)), 4, "dot", tip))
        else:
            y = plot.bottom - 8
            cross = f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"
            parts.append(f'<path class="cross" d="{cross}"><title>{escape(tip)}</title></path>')
    return plot.svg(caption, parts)


def _visible(scores: list[float], greater_is_better: bool) -> tuple[float, float]:
    """Return the range to show: a hopeless model is put on the edge instead of flattening all others."""
    if not scores:
        return 0.0, 1.0
    ranked = sorted(scores, reverse=greater_is_better)
    best, middle = ranked[0], ranked[len(ranked) // 2]
    worst = ranked[-1]
    reach = 4 * abs(middle - best) or abs(worst - best)
    if abs(worst - best) > reach:
        worst = best - reach if greater_is_better else best + reach
    low, high = sorted((best, worst))
    pad = 0.08 * (high - low) or max(abs(high) * 0.01, 1e-6)
    return low - pad, high + pad


# ── frame and pieces ──


class Plot:
    """Axes with round ticks, and where a pair of numbers lies on them."""

    def __init__(
        self,
        size: tuple[int, int],
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        flip: bool = False,
        left: int = 0,
        x_text: Callable[[float], str] | None = None,
    ) -> None:
        self.width, self.height = size
        self._x_text = x_text or tick
        self._x, self._y, self._flip = x, y, flip
        self._y_ticks = ticks(*y)
        self.left = max(left, 34 + NARROW * max((len(tick(v)) for v in self._y_ticks), default=1))
        self.right, self.top, self.bottom = self.width - 14.0, 12.0, self.height - 44.0

    def x(self, value: float) -> float:
        low, high = self._x
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def y(self, value: float) -> float:
        low, high = self._y
        share = (value - low) / (high - low)
        return self.bottom - (1 - share if self._flip else share) * (self.bottom - self.top)

    def at(self, x: float, y: float) -> str:
        return f"{self.x(x):.1f},{self.y(y):.1f}"

    def diagonal(self) -> str:
        low, high = max(self._x[0], self._y[0]), min(self._x[1], self._y[1])
        return line(self.x(low), self.y(low), self.x(high), self.y(high), "guide")

    def svg(self, caption: Caption, parts: list[str]) -> str:
        frame = []
        for value in self._y_ticks:
            y = self.y(value)
            frame += [
                line(self.left, y, self.right, y, "grid"),
                words_at(self.left - 8, y + 4, tick(value), "tick end"),
            ]
        end = -math.inf  # of the last word: the next one must not touch it
        for value in ticks(*self._x):
            text = self._x_text(value)
            half, x = NARROW * width(text) / 2, self.x(value)
            if x - half > end + 6:
                end = min(x + half, self.width)
                frame.append(words_at(min(x, self.width - half), self.bottom + 18, text, "tick middle"))
        frame.append(line(self.left, self.bottom, self.right, self.bottom, "axis"))
        middle = (self.top + self.bottom) / 2
        frame.append(words_at((self.left + self.right) / 2, self.height - 6, caption.x, "axis-name middle"))
        frame.append(
            f'<text class="axis-name middle" transform="translate(14 {middle:.0f}) rotate(-90)">{escape(caption.y)}</text>'
        )
        return drawing(self.width, self.height, caption, frame + parts)


def tick(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    return f"{value:,.10g}"


def drawing(wide: float, high: float, caption: Caption, parts: Sequence[str], most: float | None = None) -> str:
    wide = max(wide, most or 0.0)
    return (
        f'<svg class="chart" viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}" role="img">'
        f"<title>{escape(caption.title)}</title><desc>{escape(caption.text)}</desc>{''.join(parts)}</svg>"
    )


def words_at(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def dot(x: float, y: float, radius: float, kind: str, tip: str) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"><title>{escape(tip)}</title></circle>'
