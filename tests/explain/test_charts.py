"""Charts stay inside their frame, speak for themselves and shorten what is too long."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openglm.core.report import Importance, Moment, Residuals
from openglm.explain import _charts
from openglm.explain._charts import Caption
from openglm.explain._style import DARK, LIGHT
from openglm.explain._words import between, duration, number, size

few = settings(max_examples=40, deadline=None)
CAPTION = Caption("Title <1>", "Text & more", "x", "y")
numbers = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


def _points(svg: str) -> list[tuple[float, float]]:
    """Return every coordinate of a chart."""
    found = [(float(x), float(y)) for x, y in re.findall(r'c?x="([-\d.e]+)" c?y="([-\d.e]+)"', svg)]
    for points in re.findall(r'points="([^"]*)"', svg):
        found += [tuple(map(float, pair.split(","))) for pair in points.split()]
    return found


def _inside(svg: str) -> bool:
    root = ElementTree.fromstring(svg)
    _, _, wide, high = map(float, root.attrib["viewBox"].split())
    return all(-1 <= x <= wide + 1 and -1 <= y <= high + 1 for x, y in _points(svg))


def _is_spoken(svg: str) -> bool:
    root = ElementTree.fromstring(svg)
    return root.attrib["role"] == "img" and [root[0].tag, root[1].tag, root[0].text] == ["title", "desc", CAPTION.title]


@few
@given(st.lists(st.tuples(st.text(max_size=60), numbers, st.floats(0, 1e6)), max_size=30))
def test_bars(items) -> None:
    """Any names, any drops, any intervals: valid XML, inside the frame, at most twenty bars."""
    shown = [
        Importance(column="".join(c for c in name if c.isprintable()), drop=v, low=v - d, high=v + d, repeats=2)
        for name, v, d in items
    ]
    svg = _charts.bars(shown, CAPTION)
    assert _inside(svg)
    assert _is_spoken(svg)
    assert svg.count('class="bar"') == min(len(items), 20)


@few
@given(st.lists(st.tuples(numbers, numbers), max_size=20))
def test_scatter(pairs) -> None:
    """Any values, also all equal or none."""
    actual, predicted = tuple(a for a, _ in pairs), tuple(b for _, b in pairs)
    svg = _charts.scatter(Residuals(actual=actual, predicted=predicted, quantiles={}), CAPTION)
    assert _inside(svg)
    assert svg.count('class="dot soft"') == len(pairs)


@few
@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.floats(-1e6, 1e6), st.just(float("nan"))), st.floats(0, 1e5)), max_size=20
    ),
    st.booleans(),
)
def test_timeline(items, up: bool) -> None:
    """Any scores: one sign per trial, crosses for those without a score, all inside."""
    moments = [
        Moment(id=str(i), model="m", start_s=0, end_s=end, state="done" if score is not None else "failed", score=score)
        for i, (score, end) in enumerate(items)
    ]
    svg = _charts.timeline_chart(moments, up, CAPTION)
    assert _inside(svg)
    scored = sum(score is not None and score == score for score, _ in items)
    assert svg.count('class="dot"') == scored
    assert svg.count('class="cross"') == len(items) - scored


@pytest.mark.parametrize("up", [True, False])
def test_timeline_climbs_towards_better(up: bool) -> None:
    """Better is up for a score and for a loss, and the line only climbs."""
    scores = [0.5, 0.8, 0.7, 0.9] if up else [0.9, 0.7, 0.8, 0.5]
    moments = [
        Moment(id=str(i), model="m", start_s=i, end_s=i + 1, state="done", score=s) for i, s in enumerate(scores)
    ]
    svg = _charts.timeline_chart(moments, up, CAPTION)
    line = re.search(r'class="curve" points="([^"]*)"', svg)[1]
    heights = [float(pair.split(",")[1]) for pair in line.split()]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] < heights[0]


def test_a_hopeless_model_does_not_flatten_the_others() -> None:
    """One loss of a million among losses near one is put on the edge."""
    moments = [
        Moment(id=str(i), model="m", start_s=0, end_s=i, state="done", score=s)
        for i, s in enumerate([1e6, 1.0, 1.1, 1.2, 1.3])
    ]
    svg = _charts.timeline_chart(moments, False, CAPTION)
    heights = [float(y) for y in re.findall(r'class="dot" cx="[\d.]+" cy="([\d.]+)"', svg)]
    assert max(heights[1:]) - min(heights[1:]) > 40


@few
@given(st.text(max_size=80), st.integers(2, 40))
def test_shorten(text: str, units: int) -> None:
    """The result fits, and what fits already is left alone."""
    found = _charts.shorten(text, units)
    assert _charts.width(found) <= units
    assert found == text if _charts.width(text) <= units else found.endswith("…")


@few
@given(numbers, st.floats(1e-6, 1e9))
def test_ticks(low: float, span: float) -> None:
    """Round numbers in order, inside the range, not too many."""
    found = _charts.ticks(low, low + span)
    assert found == sorted(found)
    assert len(found) <= 12
    assert all(low - span * 0.01 <= value <= low + span * 1.01 for value in found)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_contrast(palette: dict[str, str]) -> None:
    """Text has a contrast of at least 4.5 : 1 on every ground it stands on (WCAG 2.1, 1.4.3)."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    pairs = [(ink, ground) for ink in ("ink", "muted", "accent") for ground in ("paper", "card", "soft")]
    pairs += [
        ("good", "good-soft"),
        ("bad", "bad-soft"),
        ("warn", "warn-soft"),
        ("ink", "good-soft"),
        ("ink", "bad-soft"),
    ]
    pairs += [("on-accent", "accent")]
    for ink, ground in pairs:
        low, high = sorted((light(palette[ink]), light(palette[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_numbers_for_people() -> None:
    """Four digits that count, thousands apart, a dash for what is not there."""
    values = [0.0, 0.5, 1.23456, 12.3456, 123.456, 1234.5, 1.5e12, -0.00012, 3e-9, float("nan"), None, float("inf")]
    assert [number(v) for v in values] == [
        "0", "0.500", "1.235", "12.35", "123.5", "1,234", "1.5e+12", "-0.00012", "3.0e-09", "–", "–", "∞"
    ]  # fmt: skip
    assert between(-1.0, 1.0) == "-1.000\u00a0–\u00a01.000"
    assert [size(n) for n in (0, 1023, 1024, 2**20)] == ["–", "1023 B", "1 KB", "1.0 MB"]
    assert [duration(s) for s in (0.0, 59.94, 60, 3600)] == ["0.00 s", "59.9 s", "1 min 0 s", "1 h 0 min"]
