"""The steps of a goal as a picture: a tree of text for terminals, and an SVG for browsers and the report.

Layers go from left to right, a step stands one layer behind the last one it waits for (longest path, Sugiyama, Tagawa & Toda
1981); edges over several layers are led through places of their own, and each layer is ordered once by the mean place of its
parents (their barycentre method).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from openglm.core.graph import NAMES, ordered, task_of
from openglm.core.outcome import STATUS_NAMES, Outcome
from openglm.core.task import Goal, Step
from openglm.core.words import Language, Said
from openglm.explain._charts import shorten, width
from openglm.explain._style import DARK, LIGHT

ROOMS = {
    "prepare": ("#0b7285", "#66c6dc"), "search": ("#5f3dc4", "#b197fc"), "explain": ("#2b6a30", "#8ce99a"),
    "ship": ("#a3501a", "#ffc078"), "serve": ("#a61e4d", "#faa2c1"), "watch": ("#5c5f00", "#d8d85a"),
}  # fmt: skip
"""Room → its colour on light and on dark paper; contrast with the box at least 4.5 : 1 (WCAG 2.1, AA), checked in the tests."""
_OTHER = ("#495057", "#ced4da")
BOX, GAP, MARGIN = (168, 62), (40, 18), 14
"""Width and height of a box, space between boxes across and down, and around the picture, in CSS pixels."""
LETTERS = 21
"""Longest text in a box, in units of half an em at 13 px."""
_MARKS = {"done": "✓", "skipped": "–", "not_available": "○", "failed": "✗"}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (section 2.2) does not allow."""


def graph_text(goal: Goal, outcomes: Iterable[Outcome] = (), *, language: Language | None = None) -> str:
    """Return the steps as an indented tree, each below the last one it waits for.

    Parameters
    ----------
    goal : Goal
        With its steps.
    outcomes : iterable of Outcome
        What came of them; empty before the run.
    language : {"zh", "en"} or None
        By default the goal's.
    """
    spoken = language or goal.language
    steps, ended = ordered(goal.steps), {outcome.task_id: outcome for outcome in outcomes}
    place = {step.task_id: i for i, step in enumerate(steps)}
    below: dict[str, list[Step]] = {}
    for step in steps:
        parent = max(step.depends_on, key=place.__getitem__, default="")
        below.setdefault(parent, []).append(step)
    lines: list[str] = []

    def draw(step: Step, first: str, rest: str) -> None:
        lines.append(first + _line(goal, step, ended.get(step.task_id), place, spoken))
        children = below.get(step.task_id, [])
        for i, child in enumerate(children):
            last = i == len(children) - 1
            draw(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))

    for root in below.get("", []):
        draw(root, "", "")
    return "\n".join(lines)


def _line(goal: Goal, step: Step, outcome: Outcome | None, place: dict[str, int], language: Language) -> str:
    text = f"{NAMES[step.type].text(language)} ({step.task_id} · {step.assigned_to})"
    learns = _learns(goal, step)
    if learns is not None:
        text += f": {learns.text(language)}"
    others = sorted(step.depends_on, key=place.__getitem__)[:-1]
    if others:
        listed = ", ".join(others)
        text += Said(en=f" [also after {listed}]", zh=f" [还需等待 {listed}]").text(language)
    if outcome is not None:
        text += f"  {_MARKS[outcome.status]} {STATUS_NAMES[outcome.status].text(language)}"
    return text


def _learns(goal: Goal, step: Step) -> Said | None:
    task = task_of(goal, step)
    if task is None:
        return None
    if task.target is None:
        return Said(en=f"{task.kind}, judged by {task.metric}", zh=f"{task.kind},以 {task.metric} 评判")
    return Said(
        en=f"predicts '{task.target}', judged by {task.metric}", zh=f"预测“{task.target}”,以 {task.metric} 评判"
    )


def graph_svg(goal: Goal, outcomes: Iterable[Outcome] = (), *, language: Language | None = None) -> str:
    """Return the steps as one SVG element, readable on light and dark paper, without script or network.

    Parameters
    ----------
    goal : Goal
        With its steps.
    outcomes : iterable of Outcome
        What came of them; empty before the run.
    language : {"zh", "en"} or None
        By default the goal's.
    """
    spoken = language or goal.language
    steps, ended = ordered(goal.steps), {outcome.task_id: outcome for outcome in outcomes}
    layers, routes = _layers(steps)
    at = _places(layers)
    wide = 2 * MARGIN + len(layers) * (BOX[0] + GAP[0]) - (GAP[0] if layers else 0)
    most = max((len(layer) for layer in layers), default=0)
    high = 2 * MARGIN + most * (BOX[1] + GAP[1]) - (GAP[1] if most else 0)
    title = Said(en="The steps and what they wait for", zh="步骤及其依赖").text(spoken)
    spoken_steps = "; ".join(
        f"{step.task_id}{' ← ' + ', '.join(step.depends_on) if step.depends_on else ''}" for step in steps
    )
    parts = [
        f'<svg class="og" xmlns="http://www.w3.org/2000/svg" role="img" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}">',
        f"<title>{_xml(title)}</title><desc>{_xml(spoken_steps)}</desc><style>{_STYLE}</style>",
        '<defs><marker id="og-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="og-tip" d="M0 0 8 4 0 8z"/></marker></defs>',
        f'<rect class="og-paper" width="{wide}" height="{high}" rx="10"/>',
        *(_edge([at[name] for name in route]) for route in routes),
        *(_box(goal, step, ended.get(step.task_id), at[step.task_id], spoken) for step in steps),
        "</svg>",
    ]
    return "\n".join(parts)


def _layers(steps: Sequence[Step]) -> tuple[list[list[str]], list[list[str]]]:
    """Return the names in each layer, and for each edge the names that it is led through."""
    depth: dict[str, int] = {}
    for step in steps:
        depth[step.task_id] = max((depth[name] + 1 for name in step.depends_on), default=0)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    parents: dict[str, list[str]] = {}
    routes = []
    for step in steps:
        layers[depth[step.task_id]].append(step.task_id)
        for name in step.depends_on:
            # A name with a blank before it cannot be a step's: places that only lead an edge past a layer.
            between = [f" {name}>{step.task_id}@{i}" for i in range(depth[name] + 1, depth[step.task_id])]
            for i, passing in enumerate(between, depth[name] + 1):
                layers[i].append(passing)
            route = [name, *between, step.task_id]
            routes.append(route)
            for before, after in pairwise(route):
                parents.setdefault(after, []).append(before)
    for number, layer in enumerate(layers[1:], 1):
        above = {name: i for i, name in enumerate(layers[number - 1])}
        layer.sort(key=lambda name: sum(above[p] for p in parents[name]) / len(parents[name]))
    return layers, routes


def _places(layers: Sequence[Sequence[str]]) -> dict[str, tuple[float, float]]:
    """Return the upper left corner of every name; shorter layers are centred."""
    most = max((len(layer) for layer in layers), default=0)
    at: dict[str, tuple[float, float]] = {}
    for i, layer in enumerate(layers):
        top = MARGIN + (most - len(layer)) * (BOX[1] + GAP[1]) / 2
        for j, name in enumerate(layer):
            at[name] = (MARGIN + i * (BOX[0] + GAP[0]), top + j * (BOX[1] + GAP[1]))
    return at


def _edge(corners: Sequence[tuple[float, float]]) -> str:
    """Return a curve from the right side of the first box to the left side of the last, past the places between."""
    half = BOX[1] / 2
    x, y = corners[0][0] + BOX[0], corners[0][1] + half
    path = f"M{x:g} {y:g}"
    for i, (left, top) in enumerate(corners[1:], 1):
        end = left - (2 if i == len(corners) - 1 else 0)
        path += f"C{x + GAP[0] / 2:g} {y:g} {end - GAP[0] / 2:g} {top + half:g} {end:g} {top + half:g}"
        x, y = left, top + half
        if i < len(corners) - 1:
            x += BOX[0]
            path += f"H{x:g}"
    return f'<path class="og-edge" d="{path}" marker-end="url(#og-tip)"/>'


def _box(goal: Goal, step: Step, outcome: Outcome | None, corner: tuple[float, float], language: Language) -> str:
    x, y = corner
    name, learns = NAMES[step.type].text(language), _learns(goal, step)
    task = task_of(goal, step)
    about = (task.target or task.kind) if task else ""
    second = f"{step.assigned_to} · {about}" if about else step.assigned_to
    told = [f"{step.task_id} ({step.assigned_to})", learns.text(language) if learns else ""]
    state, kind = "", ""
    if outcome is not None:
        kind = f" og-{outcome.status}"
        told += [STATUS_NAMES[outcome.status].text(language) + ": " + outcome.said.text(language)]
        second = shorten(second, LETTERS - width(STATUS_NAMES[outcome.status].text(language)) - 4)
        state = (
            f'<text class="og-state" x="{x + BOX[0] - 12:g}" y="{y + 46:g}">{_MARKS[outcome.status]} '
            f"{_xml(STATUS_NAMES[outcome.status].text(language))}</text>"
        )
    room = step.assigned_to if step.assigned_to in ROOMS else "other"
    return (
        f'<g class="og-step og-{room}{kind}"><title>{_xml(". ".join(filter(None, told)))}</title>'
        f'<rect class="og-box" x="{x:g}" y="{y:g}" width="{BOX[0]}" height="{BOX[1]}" rx="8"/>'
        f'<rect class="og-bar" x="{x:g}" y="{y + 8:g}" width="4" height="{BOX[1] - 16}" rx="2"/>'
        f'<text class="og-name" x="{x + 14:g}" y="{y + 25:g}">{_xml(shorten(name, LETTERS))}</text>'
        f'<text class="og-room" x="{x + 14:g}" y="{y + 46:g}">{_xml(shorten(second, LETTERS))}</text>{state}</g>'
    )


def _xml(text: str) -> str:
    """Return text for XML: escaped, and without the characters that XML does not know."""
    return escape(_FORBIDDEN.sub("\ufffd", text))


def _colours(which: int, palette: dict[str, str]) -> str:
    rooms = {**{name: pair[which] for name, pair in ROOMS.items()}, "other": _OTHER[which]}
    return (
        f".og-paper{{fill:{palette['paper']}}}.og-box{{fill:{palette['card']};stroke:{palette['line']}}}"
        f".og-edge{{stroke:{palette['muted']}}}.og-tip{{fill:{palette['muted']}}}.og-name{{fill:{palette['ink']}}}"
        + "".join(f".og-{name} .og-bar,.og-{name} .og-room{{fill:{colour}}}" for name, colour in rooms.items())
        + f".og-state{{fill:{palette['muted']}}}.og-done .og-state{{fill:{palette['good']}}}"
        f".og-failed .og-state{{fill:{palette['bad']}}}"
    )


_STYLE = (
    '.og{font:13px/1 "Inter","Segoe UI",system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}'
    ".og-edge{fill:none;stroke-width:1.5}.og-name{font-weight:600}.og-room,.og-state{font-size:12px}"
    ".og-state{text-anchor:end}.og-skipped .og-box,.og-not_available .og-box{stroke-dasharray:5 4}"
    + _colours(0, LIGHT)
    + "@media (prefers-color-scheme:dark){"
    + _colours(1, DARK)
    + "}@media print{.og{max-width:100%;height:auto}"
    + _colours(0, LIGHT)
    + "}"
)
