"""Explain: the sealed rows are opened once, and what they say is written down - as data first, as a page and as text after.

It judges one finished model. It chooses nothing, trains nothing, and explains single predictions elsewhere
(:meth:`openglm.core.pipeline.Pipeline.explain`).
"""

from __future__ import annotations

from openglm.explain._explain import explain, note_delivery, write
from openglm.explain._graph import graph_svg, graph_text
from openglm.explain._html import render_html
from openglm.explain._text import render_text, summary_lines

__all__ = [
    "explain", "graph_svg", "graph_text", "note_delivery", "render_html", "render_text", "summary_lines", "write",
]  # fmt: skip
