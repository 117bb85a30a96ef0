"""Blocks of the page that explain: which columns matter, in what way, for which rows, and where the model is weak or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from openglm.core.evidence import RowReason
from openglm.core.report import Importance
from openglm.explain import _charts, _charts_more
from openglm.explain._charts import Caption, shorten
from openglm.explain._charts_more import signed
from openglm.explain._page import Page, num, scroll
from openglm.explain._summary import calibration_gap
from openglm.explain._words import number

OPEN_REASONS = 3
"""Single rows that are drawn at once; the rest folds."""
MOST_EFFECTS = 6
"""Columns whose effect is drawn: three lines of small charts, a screen."""


def importance(page: Page) -> str:
    """Return how much the metric suffers when a column is shuffled, and how far columns move predictions."""
    r = page.report
    if not r.importance and not r.contributions:
        return ""
    text = ""
    if r.importance:
        chart = _charts.bars(r.importance, Caption(page.text("importance"), _spoken(r.importance)))
        text = page.note(page.word("importance_note", rows=f"{r.importance_rows:,}")) + scroll(chart)
        text += _more(page, len(r.importance))
    if r.contributions:
        items = [
            Importance(column=c.column, drop=c.mean_abs, low=c.mean_abs, high=c.mean_abs, repeats=1)
            for c in r.contributions
        ]
        note = page.word("contributions_note", rows=f"{max(c.rows for c in r.contributions):,}")
        chart = _charts.bars(items, Caption(page.text("contributions"), _spoken(items)))
        text += f"<h3>{page.word('contributions')}</h3>{page.note(note)}{scroll(chart)}{_more(page, len(items))}"
    return page.section("importance", text, "report:importance", "report:contributions", "rows", "model", long=True)


def _more(page: Page, n: int) -> str:
    more = n - _charts.MOST_BARS
    return page.note(page.word("and_more", n=more)) if more > 0 else ""


def effects(page: Page) -> str:
    """Return partial dependence of the most important columns as small charts."""
    shown = [e for e in page.report.effects[:MOST_EFFECTS] if e.grid]
    if not shown:
        return ""
    # Levels of a personal column are never drawn.
    shown = [e for e in shown if e.column not in page.personal or e.role in ("numeric", "date")]
    unit = output_name(page)
    charts = [
        f"<figure><figcaption>{escape(e.column)}</figcaption>"
        f"{_charts_more.effect_chart(e, Caption(e.column, page.text('effects'), '', unit))}</figure>"
        for e in shown
    ]
    text = page.note(page.word("effects_note")) + f'<div class="small">{"".join(charts)}</div>'
    return page.section("effects", text, "report:effects", "rows", "model", long=True)


def output_name(page: Page) -> str:
    """Return what the explained output is: a probability, or the target, whose name often says its unit. Not escaped."""
    if page.report.kind in ("binary", "multiclass"):
        return page.text("probability")
    return shorten(page.report.target or page.text("predicted"), 24)


def reasons(page: Page) -> str:
    """Return why the model said what it said for some typical rows."""
    found = page.report.reasons_of_rows
    if not found:
        return ""
    text = page.note(page.word("reasons_note")) + _cards(page, found)
    return page.section("reasons", text, "report:reasons_of_rows", "rows", "model", long=True)


def surprises(page: Page) -> str:
    """Return the worst errors, each with its reasons."""
    found = page.report.surprises
    if not found:
        return ""
    text = page.note(page.word("surprises_note")) + _cards(page, found)
    return page.section("surprises", text, "report:surprises", "sealed", "rows", long=True)


def _cards(page: Page, found: Sequence[RowReason]) -> str:
    cards = [_card(page, item) for item in found]
    text = "".join(cards[:OPEN_REASONS])
    if len(cards) > OPEN_REASONS:
        more = page.word("and_rows", n=len(cards) - OPEN_REASONS)
        text += f"<details><summary>{more}</summary>{''.join(cards[OPEN_REASONS:])}</details>"
    return text


def _card(page: Page, item: RowReason) -> str:
    labels = term_labels(page, item)
    name = page.text("row_n", n=f"{item.row:,}")
    caption = Caption(name, because(page, item))
    words = (page.text("base"), page.text("rest"), page.text("this_row"))
    right = page.report.kind == "regression" or item.truth == item.prediction
    return (
        f'<div class="card"><p class="card-head"><b title="sealed_predictions.csv › row {item.row}">{escape(name)}</b>'
        f"<span>{page.word('truth')} <b>{escape(item.truth)}</b></span>"
        f'<span class="{"" if right else "wrong"}">{page.word("was_said")} <b>{escape(item.prediction)}</b></span>'
        f"<span>{page.word('loss')} {number(item.loss)}</span></p>"
        f"{scroll(_charts_more.waterfall(item, caption, words, labels))}"
        f'<p class="note">{escape(because(page, item))}</p></div>'
    )


def term_labels(page: Page, item: RowReason) -> list[str]:
    """Return "column=value" for each term, personal values hidden. Not escaped."""
    return [f"{term.column}={page.shown(term.column, term.value)}" for term in item.terms]


def because(page: Page, item: RowReason, most: int = 3) -> str:
    """Return the reasons in words: "因为 合同类型=按月, +0.21". Not escaped."""
    pairs = list(zip(term_labels(page, item), item.terms, strict=True))[:most]
    return f"{page.text('reason_because')} " + "; ".join(f"{label}, {signed(term.amount)}" for label, term in pairs)


def slices(page: Page) -> str:
    """Return the groups of rows on which the model does worse."""
    found = page.report.slices
    if not found:
        return ""
    rows = []
    for i, item in enumerate(found):
        origin = f"report.json › slices[{i}]"
        hidden = any(column in page.personal for column in item.columns)
        what = escape(page.comma.join(item.columns)) if hidden else page.say(item.condition)
        cells = (f"{item.rows:,}", number(item.loss), number(item.rest), number(item.score), number(item.p_value))
        rows.append(f'<tr><td class="val">{what}</td>{"".join(num(cell, origin) for cell in cells)}</tr>')
    heads = [
        ("condition", ""),
        ("rows", "num"),
        ("inside", "num"),
        ("outside", "num"),
        ("metric", "num"),
        ("p_value", "num"),
    ]
    name = page.note(
        f"{page.word('slices_note')} {page.word('metric')}{page.colon}{page.metric_name(page.report.metric)}"
    )
    return page.section("slices", name + page.table(heads, rows), "report:slices", "sealed", "rows", long=True)


def errors(page: Page) -> str:
    """Return the confusion matrix, or predicted over actual values."""
    r = page.report
    if r.confusion is not None:
        caption = page.caption("confusion", x="predicted", y="actual")
        text = page.note(page.word("confusion_note")) + scroll(_charts.heat(r.confusion, caption))
        if r.threshold is not None:
            label = r.confusion.labels[-1]
            note = page.word("threshold_note", label=label, threshold=number(r.threshold))
            text += "<p></p>" + page.note(note)
        return page.section("confusion", text, "report:confusion", "sealed")
    if r.residuals is not None:
        q = r.residuals.quantiles
        note = page.word("residuals_note", low=number(q.get("0.25")), high=number(q.get("0.75")))
        caption = page.caption("residuals", x="actual", y="predicted")
        chart = _charts.scatter(r.residuals, caption)
        return page.section("residuals", page.note(note) + scroll(chart), "report:residuals", "sealed")
    return ""


def probabilities(page: Page) -> str:
    """Return calibration and ROC beside each other."""
    r = page.report
    halves = []
    if r.calibration:
        note = page.word("calibration_note", gap=f"{calibration_gap(r.calibration):.1%}")
        chart = _charts.calibration_chart(r.calibration, page.caption("calibration", x="probability", y="observed"))
        halves.append(page.section("calibration", page.note(note) + chart, "report:calibration", "sealed"))
    if r.roc is not None:
        chart = _charts.roc_chart(r.roc, page.caption("roc", x="fpr", y="tpr"))
        halves.append(page.section("roc", page.note(page.word("roc_note")) + chart, "report:roc", "sealed"))
    return f'<div class="two">{"".join(halves)}</div>' if halves else ""


def _spoken(items: Sequence[Any]) -> str:
    return "; ".join(f"{item.column} {number(item.drop)}" for item in items[:5])
