"""Explain: the sealed rows are opened once, and what they say is written down - as data first, as a page and as text after.

It judges one finished model. It chooses nothing, trains nothing, and explains single predictions elsewhere
(:meth:`openglm.core.pipeline.Pipeline.explain`).
"""

from __future__ import annotations

from openglm.explain._card import render_card
from openglm.explain._diff import PARTS as DIFF_PARTS
from openglm.explain._diff import compare_runs
from openglm.explain._explain import explain, note_delivery, write
from openglm.explain._graph import graph_svg, graph_text
from openglm.explain._html import render_html
from openglm.explain._markdown import render_markdown
from openglm.explain._reasons import in_words, terms_of
from openglm.explain._text import render_text, summary_lines
from openglm.explain._verify import verify

__all__ = [
    "DIFF_PARTS", "compare_runs", "explain", "graph_svg", "graph_text", "in_words", "note_delivery", "render_card", "render_html",
    "render_markdown", "render_text", "summary_lines", "terms_of", "verify", "write",
]  # fmt: skip
