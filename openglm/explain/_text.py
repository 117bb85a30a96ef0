"""The report as plain text for a terminal, and the few lines at the end of a run. Columns line up, Chinese included."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openglm.core.report import Confusion, Report
from openglm.core.words import Language
from openglm.explain import _words
from openglm.explain._charts import shorten, width
from openglm.explain._words import LABELS, METRIC_NAMES, between, duration, number, size

WIDE = 88
"""Signs in a line: fits beside another window."""
BAR = 24
"""Signs of the longest importance bar."""
SHOWN = 12
"""Lines of a list before it is cut."""
_NUMBER_AND_BLANK = re.compile(r"\d[%\d.,]* $")
_CLOSING = "，。；：、？！）”"
MOST_CLASSES = 10
"""Classes of a confusion table that still fits a terminal."""


def render_text(report: Report, language: Language | None = None) -> str:
    """Return the report as text; each part begins with its heading in capitals or Chinese and a rule.

    Parameters
    ----------
    report : Report
        What to show.
    language : {"zh", "en"} or None
        By default the report's own.
    """
    spoken = language or report.language
    blocks = [
        [*_wrap(report.answer.text(spoken), ""), "", *_wrap(report.meaning.text(spoken), "")],
        _verdict(report, spoken), _metrics(report, spoken), _promises(report, spoken), _understood(report, spoken),
        _data(report, spoken), _leaderboard(report, spoken), _importance(report, spoken), _errors(report, spoken),
        _limits(report, spoken), _usage(report, spoken),
    ]  # fmt: skip
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def summary_lines(report: Report, language: Language | None = None) -> list[str]:
    """Return what the end of a run prints: the answer, the verdict, the columns that matter most, and serious findings."""
    spoken = language or report.language
    lines = _wrap(report.answer.text(spoken), "") + _wrap(report.meaning.text(spoken), "") + _verdict(report, spoken)
    used = [item.column for item in report.importance if item.drop > 0][:5]
    if used:
        lines.append(f"{LABELS['importance'].text(spoken)}: {', '.join(used)}")
    lines += [f"! {item.message.text(spoken)}" for item in report.findings if item.severity in ("blocker", "warning")][
        :5
    ]
    return lines


def _verdict(report: Report, language: Language) -> list[str]:
    line = LABELS["better" if report.better_than_baseline else "not_better"].text(language)
    if report.gain is not None:
        line += (
            f": {LABELS['gain'].text(language)} {number(report.gain.value)} "
            f"({LABELS['interval'].text(language)} {between(report.gain.low, report.gain.high)})"
        )
    return [("✓ " if report.better_than_baseline else "✗ ") + line]


def _metrics(report: Report, language: Language) -> list[str]:
    rows = [_said(language, "metric", "this_model", "interval", "baseline")]
    for name, value in report.metrics.items():
        around = report.intervals.get(name)
        title = METRIC_NAMES[name].text(language) if name in METRIC_NAMES else name
        rows.append((
            ("* " if name == report.metric else "  ") + title, number(value),
            between(around.low, around.high) if around else "–", number(report.baseline.get(name)),
        ))  # fmt: skip
    speed = LABELS["speed"].text(language).format(
        one=number(report.speed.one_row_ms), batch=number(report.speed.batch_ms), size=size(report.speed.bytes)
    )  # fmt: skip
    final = _wrap(f"{LABELS['final'].text(language)}: {report.model}; {speed}", "  ")
    return _head("metrics", language) + _table(rows, right=(1, 2, 3)) + final


def _promises(report: Report, language: Language) -> list[str]:
    rows = [
        (_words.PROMISES[p.constraint].text(language) if p.constraint in _words.PROMISES else p.constraint, number(p.limit),
         number(p.value), LABELS[p.state].text(language))
        for p in report.promises
    ]  # fmt: skip
    paid = _wrap(report.cost.said.text(language), "  ") if report.cost is not None else []
    lines = (_table(rows, right=(1, 2)) if rows else []) + paid
    return _head("promises", language) + lines if lines else []


def _understood(report: Report, language: Language) -> list[str]:
    u = report.understood
    lines = _wrap(f"{u.sentence}”", "  “") if u.sentence else []
    rows = [
        (_words.SLOTS["target"].text(language), str(u.target)),
        (_words.SLOTS["task_kind"].text(language), _words.KINDS[u.kind].text(language)),
        (_words.SLOTS["metric"].text(language), METRIC_NAMES[u.metric].text(language) if u.metric in METRIC_NAMES else u.metric),
        (LABELS["confidence"].text(language), f"{u.confidence:.0%}"),
    ]  # fmt: skip
    lines += _table(rows)
    slot = u.slots.get("target")
    if slot is not None and slot.reason.text(language):
        lines += _wrap(f"{LABELS['why'].text(language)}: {slot.reason.text(language)}", "  ")
    if u.alternatives:
        listed = ", ".join(f"{c.column} ({c.score:.0%})" for c in u.alternatives[:6])
        lines += _wrap(f"{LABELS['alternatives'].text(language)}: {listed}", "  ")
    return _head("understood", language) + lines


def _data(report: Report, language: Language) -> list[str]:
    d = report.data
    rows, columns, train, sealed = _said(language, "rows", "columns", "train", "sealed")
    lines = [f"  {d.rows:,} {rows}, {d.source_columns:,} {columns}; {train} {d.train:,}, {sealed} {d.sealed:,}"]
    how = _words.SPLITS[d.split].text(language) if d.split in _words.SPLITS else d.split
    why = d.split_reason.text(language)
    lines += _wrap(f"{LABELS['split'].text(language)}: {how}{'; ' + why if why else ''}", "  ")
    order = {"blocker": 0, "warning": 1, "note": 2}
    signs = {"blocker": "!!", "warning": "! ", "note": "· "}
    found = sorted(report.findings, key=lambda f: order[f.severity])
    for f in found[:SHOWN]:
        fix = f" → {f.fix.text(language)}" if f.fix else ""
        lines += _wrap(f"{f.message.text(language)}{fix}", f"  {signs[f.severity]} ")
    return _head("findings", language) + lines + _rest(len(found), language)


def _leaderboard(report: Report, language: Language) -> list[str]:
    if not report.leaderboard:
        return []
    rows = [("", *_said(language, "model", "score", "weight", "fit", "size"))]
    board = report.leaderboard
    for row in (*board[:SHOWN], *(row for row in board[SHOWN:] if row.weight)):
        score = number(row.score) if row.state == "done" else _words.STATES[row.state].text(language)
        rows.append(
            (row.id, row.model, score, f"{row.weight:.0%}" if row.weight else "", duration(row.fit_s), size(row.bytes))
        )
    return (
        _head("leaderboard", language)
        + _table(rows, right=(2, 3, 4, 5))
        + _rest(len(board) - len(rows) + 1 + SHOWN, language)
    )


def _importance(report: Report, language: Language) -> list[str]:
    items = report.importance
    if not items:
        return []
    top = max((item.drop for item in items if item.drop > 0), default=1.0)
    rows = [
        (
            shorten(item.column, 30),
            "█" * (round(BAR * item.drop / top) if item.drop > 0 else 0) or "▏",
            number(item.drop),
        )
        for item in items[:SHOWN]
    ]
    return _head("importance", language) + _table(rows, right=(2,)) + _rest(len(items), language)


def _errors(report: Report, language: Language) -> list[str]:
    if report.confusion is not None and len(report.confusion.labels) <= MOST_CLASSES:
        return _head("confusion", language) + _confusion(report.confusion, language)
    if report.residuals is not None:
        q = report.residuals.quantiles
        note = LABELS["residuals_note"].text(language).format(low=number(q.get("0.25")), high=number(q.get("0.75")))
        return _head("residuals", language) + _wrap(note, "  ")
    return []


def _confusion(confusion: Confusion, language: Language) -> list[str]:
    corner = f"{LABELS['actual'].text(language)} ↓  {LABELS['predicted'].text(language)} →"
    names = [shorten(label, 12) for label in confusion.labels]
    rows = [(corner, *names)]
    rows += [(name, *(f"{count:,}" for count in line)) for name, line in zip(names, confusion.counts, strict=True)]
    return _table(rows, right=range(1, len(names) + 1))


def _limits(report: Report, language: Language) -> list[str]:
    lines = [line for item in report.limits for line in _wrap(item.text(language), "  · ")]
    return _head("limits", language) + lines if lines else []


def _usage(report: Report, language: Language) -> list[str]:
    lines = [f"  {line}" for name in ("predict", "python") for line in report.usage.get(name, "").splitlines()]
    return _head("usage", language) + lines if lines else []


# ── pieces ──


def _said(language: Language, *keys: str) -> tuple[str, ...]:
    return tuple(LABELS[key].text(language) for key in keys)


def _head(key: str, language: Language) -> list[str]:
    title = LABELS[key].text(language)
    return [f"── {title} " + "─" * max(0, WIDE - 4 - width(title))]


def _rest(n: int, language: Language) -> list[str]:
    return [f"  {LABELS['and_rows'].text(language).format(n=n - SHOWN)}"] if n > SHOWN else []


def _table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    if not rows:
        return []
    wide = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for i, cell in enumerate(row):
            pad = " " * (wide[i] - width(cell))
            cells.append(pad + cell if i in right else cell + pad)
        lines.append(("  " + "  ".join(cells)).rstrip())
    return lines


def _wrap(text: str, lead: str) -> list[str]:
    """Break a paragraph at blanks, or anywhere between Chinese signs; later lines stand under the first one's text."""
    lines, line = [], lead
    for piece in _pieces(text):
        if width(line) + width(piece.rstrip()) > WIDE and line.strip() and len(line) > len(lead):
            lines.append(line.rstrip())
            line = " " * width(lead) + piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    found, piece = [], ""
    for at, sign in enumerate(text):
        if width(sign) == 2 and sign not in _CLOSING:  # a closing sign never begins a line
            if _NUMBER_AND_BLANK.search(piece):  # "336 行" is not torn apart
                piece += sign
                continue
            found += [piece] if piece else []
            piece = sign
        elif sign == " ":
            piece += sign
            if not (_NUMBER_AND_BLANK.search(piece) and width(text[at + 1 : at + 2]) == 2):
                found.append(piece)
                piece = ""
        else:
            piece += sign
    return [*found, piece] if piece else found
