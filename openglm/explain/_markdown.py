"""The report as Markdown: what the page says, in the same order, for a repository, a wiki or a mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape

from openglm.core.evidence import Interval, RowReason
from openglm.core.report import LeaderRow, Report
from openglm.core.words import Language, Said
from openglm.explain import _words
from openglm.explain._blocks_data import SEVERITY_ORDER, cleaning_said
from openglm.explain._blocks_fair import GAPS, RATES, rate_name
from openglm.explain._blocks_why import because
from openglm.explain._page import FILES, Page
from openglm.explain._words import METRIC_NAMES, between, duration, number, size

MOST_ROWS = 20
"""Lines of a table before the rest is only counted."""
_SIGNS = re.compile(r"([\\`*_{}\[\]#|~])")


def render_markdown(report: Report, language: Language | None = None) -> str:
    """Return the report as Markdown (CommonMark with tables).

    Parameters
    ----------
    report : Report
        What to show.
    language : {"zh", "en"} or None
        By default the report's own.
    """
    page = Page(report, language or report.language)
    verdict = page.text("better" if report.better_than_baseline else "not_better")
    if report.gain is not None:
        sign = "+" if report.gain.value > 0 else ""
        around = f"{page.text('interval')} {_ends(report.gain)}"
        verdict += f"{page.colon}{page.text('gain')} {sign}{number(report.gain.value)} ({around})"
    head = [
        f"# {plain(report.title.text(page.language))}",
        _said(page, report.answer),
        _said(page, report.meaning),
        f"**{verdict}**",
    ]
    parts = [*head, *(block for part in PARTS if (block := part(page)))]
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    r"""Return text in which nothing is read as Markdown or HTML, on one line.

    Examples
    --------
    >>> print(plain("a|b <i>_c_</i>"))
    a\|b &lt;i&gt;\_c\_&lt;/i&gt;
    """
    return _SIGNS.sub(r"\\\1", escape(" ".join(text.split()), quote=False))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; heads that begin with ">" are numbers and stand at the right."""
    rules = ["---:" if head.startswith(">") else "---" for head in heads]
    lines = [[plain(head.removeprefix(">")) for head in heads], rules, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def metrics(page: Page) -> str:
    """Return the metrics with their intervals beside the baseline."""
    r = page.report
    rows = []
    for name, value in r.metrics.items():
        called = METRIC_NAMES[name].text(page.language) if name in METRIC_NAMES else name
        shown = f"**{plain(called)}**" if name == r.metric else plain(called)
        around = r.intervals.get(name)
        rows.append((shown, number(value), _ends(around), number(r.baseline.get(name))))
    heads = (
        page.text("metric"),
        ">" + page.text("this_model"),
        ">" + page.text("interval"),
        ">" + page.text("baseline"),
    )
    return _section(page, "metrics", table(heads, rows), "report", "sealed")


def promises(page: Page) -> str:
    """Return the limits asked for."""
    rows = [
        (plain(page.called(p.constraint)), number(p.limit), number(p.value), _ends(p.interval), page.text(p.state))
        for p in page.report.promises
    ]
    heads = (
        page.text("what"),
        ">" + page.text("limit"),
        ">" + page.text("reached"),
        ">" + page.text("interval"),
        page.text("state"),
    )
    cost = page.report.cost
    parts = [table(heads, rows)] * bool(rows) + ([_said(page, cost.said)] if cost is not None else [])
    return _section(page, "promises", "\n\n".join(parts), "report", "plan") if parts else ""


def understood(page: Page) -> str:
    """Return what the sentence was taken to mean."""
    u = page.report.understood
    rows = [
        (
            plain(page.part(name)),
            plain(page.value(slot.value)), plain(slot.reason.text(page.language)),
        )
        for name, slot in u.slots.items()
        if name != "language"
    ]  # fmt: skip
    text = f"> {plain(u.sentence)}\n\n" if u.sentence else ""
    text += table((page.text("what"), page.text("value"), page.text("why")), rows) if rows else ""
    return _section(page, "understood", text, "goal") if text else ""


def findings(page: Page) -> str:
    """Return the size of the table and what was noticed."""
    d = page.report.data
    text = (
        f"{d.rows:,} {page.text('rows')}, {d.source_columns:,} {page.text('columns')}, {d.inputs:,} {page.text('inputs')}, "
        f"{d.missing:.1%} {page.text('missing')}"
    )
    rows = [
        (
            _words.SEVERITIES[f.severity].text(page.language), f"`{f.code}`", plain(f.column or "–"),
            " → ".join(plain(said.text(page.language)) for said in (f.message, f.fix) if said),
            "–" if f.rows is None else f"{f.rows:,}",
        )
        for f in sorted(page.report.findings, key=lambda f: SEVERITY_ORDER[f.severity])
    ]  # fmt: skip
    heads = (
        page.text("state"),
        page.text("code"),
        page.text("column"),
        page.text("finding"),
        ">" + page.text("touched"),
    )
    text += "\n\n" + (table(heads, rows) if rows else page.text("no_findings"))
    return _section(page, "findings", text, "findings", "report")


def cleaning(page: Page) -> str:
    """Return the steps of cleaning."""
    rows = [
        (
            plain(s.column or "–"),
            plain(cleaning_said(page, s)),
            f"{s.rows:,}",
            plain(s.reason.text(page.language)),
            page.text(s.origin),
        )
        for s in page.report.cleaning
    ]
    heads = (
        page.text("column"),
        page.text("step"),
        ">" + page.text("touched"),
        page.text("because"),
        page.text("state"),
    )
    return _section(page, "cleaning", table(heads, rows), "plan", "data") if rows else ""


def leaks(page: Page) -> str:
    """Return the suspects and their verdicts."""
    rows = [
        (
            plain(s.column), "; ".join(plain(sign.text(page.language)) for sign in s.signs), number(s.alone), number(s.with_it),
            number(s.without_it), number(s.chance), _words.VERDICTS[s.verdict].text(page.language),
            page.text("is_kept" if s.kept else "is_left_out"),
        )
        for s in page.report.leaks
    ]  # fmt: skip
    keys = ("column", "signs", ">alone", ">with_it", ">without_it", ">chance", "verdict", "state")
    return (
        _section(page, "leaks", f"{page.text('leaks_note')}\n\n{table(_heads(page, keys), rows)}", "report")
        if rows
        else ""
    )


def split(page: Page) -> str:
    """Return how rows were kept apart, and what another split would have said."""
    r, d = page.report, page.report.data
    how = _words.SPLITS[d.split].text(page.language) if d.split in _words.SPLITS else d.split
    why = d.split_reason.text(page.language)
    text = f"{how}{page.colon if why else ''}{plain(why)}\n\n{page.text('train')} {d.train:,} · "
    text += f"{page.text('sealed')} {d.sealed:,} · {page.text('folds')} {d.folds}"
    rows = []
    if r.split_check is not None:
        text += f"\n\n{_said(page, r.split_check.said)}"
        for key, around in (("honest", r.split_check.honest), ("random_split", r.split_check.random)):
            rows.append((page.text(key), page.called(r.split_check.metric), number(around.value), _ends(around)))
    if r.repeated is not None:
        name = page.text("repeated", n=r.repeated.repeats)
        rows.append((name, page.called(r.repeated.metric), number(r.repeated.score.value), _ends(r.repeated.score)))
    keys = ("split", "metric", ">score", ">interval")
    text += f"\n\n{table(_heads(page, keys), [(plain(a), plain(b), c, e) for a, b, c, e in rows])}" if rows else ""
    return _section(page, "split", text, "plan", "rows")


def leaderboard(page: Page) -> str:
    """Return the models tried."""
    rows = [
        (
            plain(row.id), plain(row.model),
            _score(page, row) if row.state == "done" else _words.STATES[row.state].text(page.language),
            f"{row.weight:.0%}" if row.weight else "", duration(row.fit_s), number(row.predict_ms), size(row.bytes),
        )
        for row in page.report.leaderboard
    ]  # fmt: skip
    keys = ("row", "model", ">score", ">weight", ">fit", ">predict_ms", ">size")
    heads = [page.text("number"), *_heads(page, keys)[1:]]
    return _section(page, "leaderboard", _cut(page, heads, rows), "trials", "board") if rows else ""


def _score(page: Page, row: LeaderRow) -> str:
    few = "" if row.folds is None else f" ({_words.few_folds(row.folds).text(page.language)})"
    return number(row.score) + few


def importance(page: Page) -> str:
    """Return the columns that matter."""
    r = page.report
    moved = {c.column: c.mean_abs for c in r.contributions}
    known = {i.column: i for i in r.importance}
    rows = [
        (
            plain(name),
            *((number(i.drop), between(i.low, i.high)) if (i := known.get(name)) else ("–", "–")),
            number(moved.get(name)),
        )
        for name in dict.fromkeys([*known, *moved])
    ]
    if not rows:
        return ""
    keys = ("column", ">importance_drop", ">interval", ">contributions")
    return _section(page, "importance", _cut(page, _heads(page, keys), rows), "report", "rows")


def _rows_of(page: Page, key: str, found: Sequence[RowReason]) -> str:
    lines = [
        f"- {page.text('row_n', n=f'{item.row:,}')}{page.colon}{page.text('truth')} {plain(item.truth)}, {page.text('was_said')} "
        f"{plain(item.prediction)} ({number(item.output)}); {plain(because(page, item, most=8))}"
        for item in found
    ]
    return _section(page, key, "\n".join(lines), "report", "sealed") if lines else ""


def reasons(page: Page) -> str:
    """Return the reasons of some typical rows."""
    return _rows_of(page, "reasons", page.report.reasons_of_rows)


def surprises(page: Page) -> str:
    """Return the worst errors."""
    return _rows_of(page, "surprises", page.report.surprises)


def slices(page: Page) -> str:
    """Return where the model is weak."""
    rows = [
        (
            plain(", ".join(s.columns) if page.personal & set(s.columns) else s.condition.text(page.language)), f"{s.rows:,}",
            number(s.loss), number(s.rest), number(s.score), number(s.p_value),
        )
        for s in page.report.slices
    ]  # fmt: skip
    keys = ("condition", ">rows", ">inside", ">outside", ">metric", ">p_value")
    return _section(page, "slices", table(_heads(page, keys), rows), "report", "sealed") if rows else ""


def errors(page: Page) -> str:
    """Return the confusion matrix, or the quantiles of the errors."""
    r = page.report
    if r.confusion is not None and len(r.confusion.labels) <= MOST_ROWS:
        names = [plain(label) for label in r.confusion.labels]
        heads = [f"{page.text('actual')} ↓ {page.text('predicted')} →", *(">" + label for label in r.confusion.labels)]
        rows = [(name, *(f"{n:,}" for n in line)) for name, line in zip(names, r.confusion.counts, strict=True)]
        return _section(page, "confusion", table(heads, rows), "report", "sealed")
    if r.residuals is not None:
        q = r.residuals.quantiles
        note = page.text("residuals_note", low=number(q.get("0.25")), high=number(q.get("0.75")))
        return _section(page, "residuals", note, "report", "sealed")
    return ""


def fairness(page: Page) -> str:
    """Return the rates of groups."""
    parts = []
    for item in page.report.fairness:
        hidden = item.attribute in page.personal
        rates = [rate for rate in RATES if any(getattr(group, rate) is not None for group in item.groups)]
        rows = []
        for n, group in enumerate(item.groups, 1):
            cells = [_with_ends(getattr(group, rate)) for rate in rates]
            rows.append((f"{page.text('group')} {n}" if hidden else plain(group.label), f"{group.rows:,}", *cells))
        heads = [page.text("group"), ">" + page.text("rows"), *(">" + rate_name(page, rate) for rate in rates)]
        gaps = [
            f"- {page.text('difference')}, "
            f"{rate_name(page, gap) if gap in ('calibration', 'error') else page.text(gap)}{page.colon}{_with_ends(found)}"
            for gap in GAPS
            if (found := getattr(item, gap)) is not None
        ]
        parts.append(f"### {plain(item.attribute)}\n\n{_said(page, item.said)}\n\n{table(heads, rows)}")
        parts.append("\n".join(gaps))
    return _section(page, "fairness", "\n\n".join(part for part in parts if part), "report", "sealed") if parts else ""


def label_doubts(page: Page) -> str:
    """Return labels to look at again."""
    rows = [(f"{d.row:,}", plain(d.given), plain(d.likely), f"{d.confidence:.0%}") for d in page.report.label_doubts]
    keys = (">row", "given", "likely", ">margin")
    return _section(page, "label_doubts", _cut(page, _heads(page, keys), rows), "report", "trials") if rows else ""


def limits(page: Page) -> str:
    """Return what the score does not mean."""
    lines = "\n".join(f"- {_said(page, item)}" for item in page.report.limits)
    return _section(page, "limits", lines, "report") if lines else ""


def usage(page: Page) -> str:
    """Return how to use and check the model."""
    blocks = []
    for name, code in page.report.usage.items():
        head = page.text(f"usage_{name}") if f"usage_{name}" in _words.LABELS else name
        blocks.append(f"{head}\n\n```{'python' if name == 'python' else 'bash'}\n{code}\n```")
    return _section(page, "usage", "\n\n".join(blocks)) if blocks else ""


PARTS: tuple[Callable[[Page], str], ...] = (
    metrics, promises, understood, findings, cleaning, leaks, split, leaderboard, importance, reasons, slices, surprises, errors,
    fairness, label_doubts, limits, usage,
)  # fmt: skip
"""In the order of the page."""


def _section(page: Page, key: str, text: str, *sources: str) -> str:
    links = " · ".join(f"[{FILES[name]}]({FILES[name]})" for name in sources)
    return f"## {page.text(key)}\n\n{text}" + (f"\n\n_{page.text('sources')}_{page.colon}{links}" if links else "")


def _heads(page: Page, keys: Iterable[str]) -> list[str]:
    return [(">" if key.startswith(">") else "") + page.text(key.removeprefix(">")) for key in keys]


def _cut(page: Page, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    more = len(rows) - MOST_ROWS
    return table(heads, rows[:MOST_ROWS]) + (f"\n\n{page.text('and_rows', n=more)}" if more > 0 else "")


def _said(page: Page, text: Said) -> str:
    return plain(text.text(page.language))


def _ends(around: Interval | None) -> str:
    return between(around.low, around.high) if around is not None else "–"


def _with_ends(around: Interval | None) -> str:
    return f"{number(around.value)} ({_ends(around)})" if around is not None else "–"
