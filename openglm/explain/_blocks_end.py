"""Blocks at the end of the page: what the score does not mean, how to use the model, and what took part."""

from __future__ import annotations

from html import escape

from openglm.explain._page import Page
from openglm.explain._words import LABELS


def limits(page: Page) -> str:
    """Return what a reader should know before trusting the score."""
    items = "".join(f"<li>{page.say(item)}</li>" for item in page.report.limits)
    return page.section("limits", f"<ul>{items}</ul>", "report:limits") if items else ""


def usage(page: Page) -> str:
    """Return how to use and check the model: command lines and Python."""
    parts = []
    for name, code in page.report.usage.items():
        head = page.word(f"usage_{name}") if f"usage_{name}" in LABELS else escape(name)
        parts.append(f"<h3>{head}</h3><pre><code>{escape(code)}</code></pre>")
        parts.append(page.note(page.word("check_note")) if name == "verify" else "")
    return page.section("usage", "".join(parts), "model", "manifest", long=True) if parts else ""


def foot(page: Page) -> str:
    """Return seed and versions."""
    listed = " · ".join(f"{escape(name)} {escape(value)}" for name, value in page.report.versions.items())
    return f"<footer>{page.word('seed')} {page.report.seed} · {listed}</footer>"
