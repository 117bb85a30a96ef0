"""The block of the page about fairness: for each sensitive attribute, rates of its groups beside each other."""

from __future__ import annotations

from html import escape

from openglm.core.evidence import Fairness, Interval
from openglm.explain import _charts_more
from openglm.explain._charts import Caption
from openglm.explain._charts_more import Range
from openglm.explain._page import Page, num
from openglm.explain._words import between, number

RATES = ("selected", "true_positive_rate", "false_positive_rate", "calibration", "error")
GAPS = ("parity", "odds", "calibration", "error")


def fairness(page: Page) -> str:
    """Return one part for each attribute: what it means, the rates of its groups, the largest differences."""
    found = page.report.fairness
    if not found:
        return ""
    text = page.note(page.word("fairness_note")) + "".join(_attribute(page, i, item) for i, item in enumerate(found))
    return page.section("fairness", text, "report:fairness", "sealed", "rows", long=True)


def rate_name(page: Page, rate: str) -> str:
    """Return what a rate is called. Not escaped."""
    if rate == "selected":
        r = page.report
        label = r.confusion.labels[-1] if r.confusion is not None else str(r.understood.positive_class)
        return page.text("selected", label=label)
    if rate == "calibration":
        return page.text("calibration_error")
    if rate == "error" and page.report.kind == "multiclass":
        return page.text("error_share")
    return page.text(rate)


def _attribute(page: Page, i: int, item: Fairness) -> str:
    hidden = item.attribute in page.personal
    names = [f"{page.text('group')} {n}" if hidden else group.label for n, group in enumerate(item.groups, 1)]
    used = page.word("is_input" if item.used else "is_no_input")
    text = f"<h3>{escape(item.attribute)}</h3><p>{page.say(item.said)} {used}</p>"
    charts = []
    for rate in RATES:
        lines = [
            Range(f"{name} ({group.rows:,})", found.value, found.low, found.high)
            for name, group in zip(names, item.groups, strict=True)
            if (found := getattr(group, rate)) is not None
        ]
        if lines:
            name = rate_name(page, rate)
            chart = _charts_more.forest(
                lines, Caption(f"{item.attribute}: {name}", ""), wide=372, zero=rate == "calibration"
            )
            charts.append(f"<figure><figcaption>{escape(name)}</figcaption>{chart}</figure>")
    text += f'<div class="small">{"".join(charts)}</div>'
    rows = [_gap(page, i, gap, found) for gap in GAPS if (found := getattr(item, gap)) is not None]
    text += page.table([("difference", ""), ("value", "num"), ("interval", "num")], rows) if rows else ""
    return text + (page.note(page.word("left_out_rows", n=f"{item.left_out:,}")) if item.left_out else "")


def _gap(page: Page, i: int, gap: str, found: Interval) -> str:
    origin = f"report.json › fairness[{i}].{gap}"
    name = escape(rate_name(page, gap) if gap in ("calibration", "error") else page.text(gap))
    return f"<tr><td>{name}</td>{num(number(found.value), origin)}{num(between(found.low, found.high), origin)}</tr>"
