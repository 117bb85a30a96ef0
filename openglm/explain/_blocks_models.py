"""Blocks of the page about the models that were tried: the leaderboard, and how the search went."""

from __future__ import annotations

from html import escape

from openglm.core.report import LeaderRow
from openglm.explain import _charts, _words
from openglm.explain._blocks_data import SHOWN_ROWS
from openglm.explain._charts import Caption
from openglm.explain._page import Page, num, scroll
from openglm.explain._words import METRIC_NAMES, duration, number, size


def leaderboard(page: Page) -> str:
    """Return every model tried, best first, with the time of its training and of a prediction."""
    board = page.report.leaderboard
    if not board:
        return ""
    heads = [("model", ""), ("score", "num"), ("weight", "num"), ("fit", "num"), ("predict_ms", "num"), ("size", "num")]
    text = page.note(f"{page.metric_name(page.report.metric)} · {page.word('leaderboard_note')}")
    text += page.folded(heads, [_leader(page, row) for row in board], SHOWN_ROWS)
    return page.section("leaderboard", text, "trials", "board", "report:leaderboard", long=True)


def _leader(page: Page, row: LeaderRow) -> str:
    settings = ", ".join(f"{name}={page.value(value)}" for name, value in row.params.items()) or page.text("defaults")
    failed = row.state != "done"
    if failed:
        settings = f"{_words.STATES[row.state].text(page.language)}{': ' if row.error else ''}{row.error or ''}"
    elif row.folds is not None:
        settings += f" · {_words.few_folds(row.folds).text(page.language)}"
    kind = "failed" if failed else "member" if row.weight > 0 else ""
    origin = f"trials.jsonl › {row.id}"
    cells = (
        number(row.score), f"{row.weight:.0%}" if row.weight else "", duration(row.fit_s), number(row.predict_ms),
        size(row.bytes),
    )  # fmt: skip
    return (
        f'<tr class="{kind}"><td>{escape(row.model)}<span class="sub">{escape(row.id)} · {escape(settings)}</span></td>'
        + "".join(num(cell, origin) for cell in cells)
        + "</tr>"
    )


def timeline(page: Page) -> str:
    """Return the scores over the time of the search."""
    r = page.report
    if not r.timeline:
        return ""
    words = Caption(
        page.text("timeline"), page.text("timeline_note"), page.text("seconds"),
        f"{METRIC_NAMES[r.metric].text(page.language)} ↑",
    )  # fmt: skip
    chart = _charts.timeline_chart(r.timeline, r.greater_is_better, words)
    return page.section("timeline", page.note(page.word("timeline_note")) + scroll(chart), "trials", "report:timeline")
