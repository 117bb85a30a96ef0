"""The report as one self-contained page: no script, no network, Chinese or English, dark or light, screen or paper.

It draws what :class:`~openglm.core.report.Report` holds and computes nothing. Every text that came from data is escaped. The
blocks stand in files of their own; here is their order, the frame, and the contents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from openglm.core.report import Report
from openglm.core.words import Language
from openglm.explain import _blocks_answer, _blocks_data, _blocks_end, _blocks_fair, _blocks_models, _blocks_why
from openglm.explain._page import Page
from openglm.explain._style import STYLE

_SECTION = re.compile(r'<section id="(\w+)"[^>]*><h2>(.*?)</h2>')
FEWEST_CONTENTS = 4
"""Sections below which a page needs no contents."""


def render_html(report: Report, language: Language | None = None, *, graph: str = "") -> str:
    """Return the page.

    Parameters
    ----------
    report : Report
        What to show.
    language : {"zh", "en"} or None
        By default the report's own.
    graph : str
        The steps of the goal as SVG; empty when there is only one.
    """
    page = Page(report, language or report.language)
    answer, data, why = _blocks_answer, _blocks_data, _blocks_why
    blocks = [
        answer.metrics(page), answer.promises(page), answer.understood(page), answer.steps(page, graph),
        data.findings(page), data.cleaning(page), data.leaks(page), data.split(page),
        _blocks_models.leaderboard(page), _blocks_models.timeline(page),
        why.importance(page), why.effects(page), why.reasons(page), why.slices(page), why.surprises(page), why.errors(page),
        why.probabilities(page), _blocks_fair.fairness(page), data.label_doubts(page),
        _blocks_end.limits(page), _blocks_end.usage(page), _blocks_end.foot(page),
    ]  # fmt: skip
    blocks = [answer.head(page), _contents(page, blocks), *blocks]
    lang = "zh-CN" if page.language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(report.title.text(page.language))}</title><style>{STYLE}</style></head>\n"
        f"<body><main>\n{''.join(block + chr(10) for block in blocks if block)}</main></body></html>\n"
    )


def _contents(page: Page, blocks: Sequence[str]) -> str:
    """Return links to the sections that are there."""
    found = [match.groups() for block in blocks for match in _SECTION.finditer(block)]
    if len(found) < FEWEST_CONTENTS:
        return ""
    links = "".join(f'<a href="#{key}">{head}</a>' for key, head in found)
    return f'<nav aria-label="{page.word("contents")}">{links}</nav>'
