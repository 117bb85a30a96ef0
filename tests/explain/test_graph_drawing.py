"""The task graph drawn: a tree of text and an SVG."""

from xml.dom import minidom

import pytest

from openglm.core.graph import NAMES
from openglm.core.outcome import Outcome
from openglm.core.task import Goal, Step, Task
from openglm.core.words import Said
from openglm.explain import _style, graph_svg, graph_text
from openglm.explain._graph import BOX, ROOMS


def make(*steps, target="y"):
    made = tuple(Step(task_id=name, type=kind, depends_on=after, assigned_to=room) for name, kind, room, after in steps)
    task = Task(kind="binary", target=target, metric="f1")
    return Goal(intent="build_model", confidence=1, tasks=(task,), steps=made, sentence="x", language="en")


DIAMOND = make(
    ("check", "validate_data", "prepare", ()), ("build", "build_model", "search", ("check",)),
    ("why", "explain", "explain", ("build",)), ("out", "export", "ship", ("build",)),
    ("page", "report", "explain", ("why", "out", "check")),
)  # fmt: skip


def test_the_tree():
    """Each step once, below the last one it waits for, in both languages."""
    assert graph_text(DIAMOND).splitlines() == [
        "check the data (check · prepare)",
        "└─ train a model (build · search): predicts 'y', judged by f1",
        "   ├─ explain (why · explain)",
        "   └─ export (out · ship)",
        "      └─ write a report (page · explain) [also after check, why]",
    ]
    said = Said(en="x", zh="x")
    ended = [Outcome(task_id="out", type="export", status="failed", said=said)]
    chinese = graph_text(DIAMOND, ended, language="zh")
    assert "导出模型 (out · ship)  ✗ 失败" in chinese and "[还需等待 check, why]" in chinese


def boxes(svg):
    return {
        group.getElementsByTagName("text")[0].firstChild.data: group.getElementsByTagName("rect")[0]
        for group in minidom.parseString(svg).getElementsByTagName("g")
    }


def test_the_svg_is_xml_with_layers_from_left_to_right():
    """One box a step, none on another; what waits stands to the right; one edge for each dependency."""
    svg = graph_svg(DIAMOND)
    found = boxes(svg)
    x = {name: float(box.getAttribute("x")) for name, box in found.items()}
    assert x["check the data"] < x["train a model"] < x["explain"] == x["export"] < x["write a report"]
    places = [(float(box.getAttribute("x")), float(box.getAttribute("y"))) for box in found.values()]
    for i, one in enumerate(places):
        assert all(abs(one[0] - two[0]) >= BOX[0] or abs(one[1] - two[1]) >= BOX[1] for two in places[:i])
    assert svg.count('class="og-edge"') == sum(len(step.depends_on) for step in DIAMOND.steps)
    root = minidom.parseString(svg).documentElement
    assert all(at[0] + BOX[0] < float(root.getAttribute("width")) for at in places)
    assert all(at[1] + BOX[1] < float(root.getAttribute("height")) for at in places)


def test_texts_are_escaped():
    """Names from data can hold anything, even what XML does not know."""
    svg = graph_svg(make(("build", "build_model", "search", ()), target="</text><script>\x00&\ud800"))
    minidom.parseString(svg.encode("utf-8"))
    assert "<script" not in svg and "&lt;script&gt;" in svg


@pytest.mark.parametrize("status", ["done", "failed", "skipped", "not_available"])
def test_the_state_is_drawn_and_said(status):
    """Word and mark, and the whole sentence for who points at it."""
    outcome = Outcome(task_id="build", type="build_model", status=status, said=Said(en="so it was", zh="如此"))
    svg = graph_svg(make(("build", "build_model", "search", ())), [outcome], language="zh")
    assert f"og-{status}" in svg and "如此" in svg


def contrast(one, two):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(two)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_rooms_can_be_read_on_both_papers():
    """WCAG 2.1, AA: at least 4.5 : 1; every room of a step has a colour."""
    for pair in ROOMS.values():
        assert contrast(pair[0], _style.LIGHT["card"]) >= 4.5
        assert contrast(pair[1], _style.DARK["card"]) >= 4.5
    from openglm.understand._steps import ROOMS as KNOWN

    assert set(KNOWN.values()) <= set(ROOMS) and set(KNOWN) == set(NAMES)
