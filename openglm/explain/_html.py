"""The report as one self-contained page: no script, no network, Chinese or English, dark or light, screen or paper.

It draws what :class:`~openglm.core.report.Report` holds and computes nothing. Every text that came from data is escaped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from openglm.core.metrics import METRICS
from openglm.core.report import LeaderRow, Report
from openglm.core.words import Language, Said
from openglm.explain import _charts, _words
from openglm.explain._charts import Caption
from openglm.explain._style import STYLE
from openglm.explain._summary import calibration_gap
from openglm.explain._words import LABELS, METRIC_NAMES, between, duration, number, size

SHOWN_ROWS = 15
"""Lines of the leaderboard that are open at once; the rest folds."""
_RANGE = re.compile(r"[^\s(（]+\u00a0–\u00a0[^\s)）]+")
SHOWN_CLASSES = 12
"""Lines of the class table that are open at once."""


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
    page = _Page(report, language or report.language)
    blocks = (
        page.head(), page.metrics(), page.promises(), page.understood(), page.steps(graph), page.findings(), page.split(),
        page.leaderboard(), page.importance(), page.errors(), page.probabilities(), page.timeline(), page.limits(),
        page.usage(), page.foot(),
    )  # fmt: skip
    lang = "zh-CN" if page.language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(report.title.text(page.language))}</title><style>{STYLE}</style></head>\n"
        f"<body><main>\n{''.join(block + chr(10) for block in blocks if block)}</main></body></html>\n"
    )


class _Page:
    def __init__(self, report: Report, language: Language) -> None:
        self.report = report
        self.language: Language = language
        self.colon, self.stop = ("：", "。") if language == "zh" else (": ", ".")

    def word(self, key: str, **values: Any) -> str:
        """Return a fixed word, escaped, its gaps filled."""
        text = LABELS[key].text(self.language)
        return escape(text.format(**values) if values else text)

    def say(self, text: Said) -> str:
        # A dash may end a line, so a range is kept together by hand.
        return _RANGE.sub(r'<span class="keep">\g<0></span>', escape(text.text(self.language)))

    def metric_name(self, name: str) -> str:
        return self.say(METRIC_NAMES[name]) if name in METRIC_NAMES else escape(name)

    def value(self, value: Any) -> str:
        """Return a JSON value as people write it; ids that have a name are called by it. Not escaped."""
        if value is None:
            return "–"
        if isinstance(value, bool):
            return LABELS["yes" if value else "no"].text(self.language)
        if isinstance(value, float):
            return f"{value:g}" if math.isfinite(value) else number(value)
        if isinstance(value, list | tuple):
            return ", ".join(self.value(item) for item in value) or "–"
        if isinstance(value, dict):
            known = {key: item for key, item in value.items() if item not in (None, False, [], ())}
            return (
                ", ".join(f"{self._called(str(key))}{self.colon}{self.value(item)}" for key, item in known.items())
                or "–"
            )
        return self._called(str(value))

    def _called(self, name: str) -> str:
        for words in (METRIC_NAMES, _words.KINDS, _words.PROMISES):
            if name in words:
                return words[name].text(self.language)
        return name

    # ── blocks, in reading order ──

    def head(self) -> str:
        r = self.report
        spent = duration(r.seconds)
        took = (
            self.word("took", seconds=spent, budget=duration(r.budget_s))
            if r.budget_s
            else self.word("took_only", seconds=spent)
        )
        kicker = f"<b>{self.word('report')}</b><span>{self.say(r.title)}</span><span>{escape(r.created_at[:10])}</span>"
        answer = self.say(r.answer)
        value = number(r.metrics.get(r.metric))
        if value != "–":  # the first place where the score stands is the one the sentence is about
            answer = answer.replace(f" {value}", f" <strong>{value}</strong>", 1)
        return (
            f'<header><p class="kicker">{kicker}<span>{took}</span></p><h1>{answer}</h1>'
            f'<p class="lead">{self.say(r.meaning)}</p>{self._verdict()}</header>'
        )

    def _verdict(self) -> str:
        r = self.report
        good = r.better_than_baseline
        text = f"<strong>{self.word('better' if good else 'not_better')}</strong>"
        if r.gain is not None:
            sign = "+" if r.gain.value > 0 else ""
            text += (
                f"<span>{self.word('gain')} {sign}{number(r.gain.value)} {self.metric_name(r.metric)}</span>"
                f"<span>{self.word('interval')} {between(r.gain.low, r.gain.high)}</span>"
            )
        return f'<div class="verdict{"" if good else " no"}" role="status">{text}</div>'

    def metrics(self) -> str:
        r = self.report
        rows = []
        for name, value in r.metrics.items():
            around = r.intervals.get(name)
            ends = between(around.low, around.high) if around else "–"
            chosen = name == r.metric
            tag = f' <span class="tag">{self.word("chosen")}</span>' if chosen else ""
            rows.append(
                f"<tr{' class=chosen' if chosen else ''}><td>{self.metric_name(name)}{self._way(name)}{tag}</td>"
                f'<td class="num">{number(value)}</td><td class="num">{ends}</td>'
                f'<td class="num">{number(r.baseline.get(name))}</td></tr>'
            )
        heads = [("metric", ""), ("this_model", "num"), ("interval", "num"), ("baseline", "num")]
        legend = f'<p class="note">↑ {self.word("higher")} · ↓ {self.word("lower")}</p>'
        final = f'<p class="note">{self.word("final")}{self.colon}{escape(r.model)} · {self._speed()}</p>'
        return self._section("metrics", self._table(heads, rows) + f"<p></p>{legend}{final}")

    def _speed(self) -> str:
        s = self.report.speed
        return self.word("speed", one=number(s.one_row_ms), batch=number(s.batch_ms), size=size(s.bytes))

    def promises(self) -> str:
        if not self.report.promises:
            return ""
        rows = [
            f"<tr><td>{self.say(_words.PROMISES[p.constraint]) if p.constraint in _words.PROMISES else escape(p.constraint)}"
            f'</td><td class="num">{number(p.limit)}</td><td class="num">{number(p.value)}</td>'
            f'<td><span class="tag {"kept" if p.kept else "broken"}">{self.word("kept" if p.kept else "broken")}</span></td></tr>'
            for p in self.report.promises
        ]
        heads = [("what", ""), ("limit", "num"), ("reached", "num"), ("state", "")]
        return self._section("promises", self._table(heads, rows))

    def understood(self) -> str:
        u = self.report.understood
        text = f"<blockquote>{_marked(u.sentence, u.slots)}</blockquote>" if u.sentence else ""
        rows = []
        for name, slot in u.slots.items():
            if name == "language":  # plain to see
                continue
            label = self.say(_words.SLOTS[name]) if name in _words.SLOTS else escape(name.replace("_", " "))
            # A class is called by its label: True stays "True".
            value = str(slot.value) if name == "positive_class" else self.value(slot.value)
            quoted = ", ".join(f"“{escape(span.text)}”" for span in slot.evidence if span.text)
            why = " · ".join(part for part in (quoted, self.say(slot.reason)) if part)
            rows.append(
                f'<tr><td class="key">{label}</td><td class="val">{escape(value)}</td>'
                f'<td>{why}<span class="sub">{self.say(_words.ORIGINS[slot.origin])}, {slot.score:.0%}</span></td></tr>'
            )
        if not rows:
            rows = [
                f"<tr><td>{self.say(_words.SLOTS['target'])}</td><td>{escape(str(u.target))}</td><td></td></tr>",
                f"<tr><td>{self.say(_words.SLOTS['task_kind'])}</td><td>{self.say(_words.KINDS[u.kind])}</td><td></td></tr>",
            ]
        text += self._table([("what", ""), ("value", ""), ("why", "")], rows)
        text += f'<p></p><p class="note">{self.word("confidence")}{self.colon}{u.confidence:.0%}</p>'
        if u.alternatives:
            others = [
                f'<tr><td>{escape(c.column)}</td><td class="num">{c.score:.0%}</td><td>{self.say(c.reason)}</td></tr>'
                for c in u.alternatives
            ]
            heads = [("column", ""), ("confidence", "num"), ("why", "")]
            text += f"<h3>{self.word('alternatives')}</h3>" + self._table(heads, others)
        return self._section("understood", text, long=True)

    def steps(self, graph: str) -> str:
        return self._section("steps", _scroll(graph)) if graph else ""

    def findings(self) -> str:
        d = self.report.data
        roles = "、" if self.language == "zh" else ", "
        listed = roles.join(
            f"{self.say(_words.ROLES[name])} {n}" for name, n in d.roles.items() if name in _words.ROLES
        )
        tiles = self._tiles([
            (f"{d.rows:,}", self.word("rows")), (f"{d.source_columns:,}", self.word("columns")),
            (f"{d.inputs:,}", self.word("inputs")), (f"{d.missing:.1%}", self.word("missing")),
        ])  # fmt: skip
        text = tiles + (f'<p class="note">{listed}</p>' if listed else "")
        order = {"blocker": 0, "warning": 1, "note": 2}
        rows = [
            f'<tr><td><span class="tag {f.severity}">{self.say(_words.SEVERITIES[f.severity])}</span></td>'
            f'<td class="val">{escape(f.column or "–")}</td>'
            f"<td>{self.say(f.message)}"
            f'{f"""<span class="sub">{self.say(f.fix)}</span>""" if f.fix else ""}</td></tr>'
            for f in sorted(self.report.findings, key=lambda f: order[f.severity])
        ]
        heads = [("state", ""), ("column", ""), ("finding", "")]
        text += self._folded(heads, rows, SHOWN_ROWS) if rows else f"<p>{self.word('no_findings')}</p>"
        return self._section("findings", text, long=True)

    def split(self) -> str:
        d = self.report.data
        share = 100 * d.sealed / d.rows if d.rows else 0.0
        text = (
            f'<div class="shares" role="img" aria-label="{d.train:,} / {d.sealed:,}"><i style="width:{100 - share:.1f}%"></i>'
            f'<i class="sealed" style="width:{share:.1f}%"></i></div>'
        )
        text += self._tiles([
            (f"{d.train:,}", self.word("train")), (f"{d.sealed:,}", self.word("sealed")), (str(d.folds), self.word("folds")),
        ])  # fmt: skip
        how = self.say(_words.SPLITS[d.split]) if d.split in _words.SPLITS else escape(d.split)
        text += f"<p>{how}{self.colon if d.split_reason.en else self.stop}{self.say(d.split_reason)}</p>"
        rows = [
            f'<tr><td>{escape(label)}</td><td class="num">{train:,}</td><td class="num">{sealed:,}</td>'
            f'<td class="num">{train / max(d.train, 1):.1%}</td></tr>'
            for label, (train, sealed) in d.class_rows.items()
        ]
        heads = [("class_shares", ""), ("train", "num"), ("sealed", "num"), ("share", "num")]
        return self._section("split", text + (self._folded(heads, rows, SHOWN_CLASSES) if rows else ""), long=True)

    def leaderboard(self) -> str:
        rows = [self._leader(row) for row in self.report.leaderboard]
        if not rows:
            return ""
        heads = [("model", ""), ("score", "num"), ("weight", "num"), ("fit", "num"), ("size", "num")]
        text = f'<p class="note">{self.metric_name(self.report.metric)} · {self.word("leaderboard_note")}</p>'
        return self._section("leaderboard", text + self._folded(heads, rows, SHOWN_ROWS), long=True)

    def _leader(self, row: LeaderRow) -> str:
        settings = ", ".join(f"{name}={self.value(value)}" for name, value in row.params.items()) or self.word(
            "defaults"
        )
        failed = row.state != "done"
        if failed:
            settings = f"{_words.STATES[row.state].text(self.language)}{': ' if row.error else ''}{row.error or ''}"
        kind = "failed" if failed else "member" if row.weight > 0 else ""
        return (
            f'<tr class="{kind}"><td>{escape(row.model)}<span class="sub">{escape(row.id)} · {escape(settings)}</span></td>'
            f'<td class="num">{number(row.score)}</td><td class="num">{f"{row.weight:.0%}" if row.weight else ""}</td>'
            f'<td class="num">{duration(row.fit_s)}</td><td class="num">{size(row.bytes)}</td></tr>'
        )

    def importance(self) -> str:
        items = self.report.importance
        if not items:
            return ""
        note = self.word("importance_note", rows=f"{self.report.importance_rows:,}")
        chart = _charts.bars(items, Caption(LABELS["importance"].text(self.language), _spoken(items)))
        more = len(items) - _charts.MOST_BARS
        tail = f'<p class="note">{self.word("and_more", n=more)}</p>' if more > 0 else ""
        return self._section("importance", f'<p class="note">{note}</p>{_scroll(chart)}{tail}')

    def errors(self) -> str:
        r = self.report
        text = ""
        if r.confusion is not None:
            caption = self._caption("confusion", x="predicted", y="actual")
            text = f'<p class="note">{self.word("confusion_note")}</p>{_scroll(_charts.heat(r.confusion, caption))}'
            if r.threshold is not None:
                label = r.confusion.labels[-1]
                text += f'<p></p><p class="note">{self.word("threshold_note", label=label, threshold=number(r.threshold))}</p>'
            return self._section("confusion", text)
        if r.residuals is not None:
            q = r.residuals.quantiles
            note = self.word("residuals_note", low=number(q.get("0.25")), high=number(q.get("0.75")))
            caption = self._caption("residuals", x="actual", y="predicted")
            return self._section(
                "residuals", f'<p class="note">{note}</p>{_scroll(_charts.scatter(r.residuals, caption))}'
            )
        return text

    def probabilities(self) -> str:
        r = self.report
        halves = []
        if r.calibration:
            note = self.word("calibration_note", gap=f"{calibration_gap(r.calibration):.1%}")
            chart = _charts.calibration_chart(
                r.calibration, self._caption("calibration", x="probability", y="observed")
            )
            halves.append(self._section("calibration", f'<p class="note">{note}</p>{chart}'))
        if r.roc is not None:
            chart = _charts.roc_chart(r.roc, self._caption("roc", x="fpr", y="tpr"))
            halves.append(self._section("roc", f'<p class="note">{self.word("roc_note")}</p>{chart}'))
        return f'<div class="two">{"".join(halves)}</div>' if halves else ""

    def timeline(self) -> str:
        r = self.report
        if not r.timeline:
            return ""
        words = Caption(
            LABELS["timeline"].text(self.language), LABELS["timeline_note"].text(self.language),
            LABELS["seconds"].text(self.language), f"{METRIC_NAMES[r.metric].text(self.language)} ↑",
        )  # fmt: skip
        chart = _charts.timeline_chart(r.timeline, r.greater_is_better, words)
        return self._section("timeline", f'<p class="note">{self.word("timeline_note")}</p>{_scroll(chart)}')

    def limits(self) -> str:
        items = "".join(f"<li>{self.say(item)}</li>" for item in self.report.limits)
        return self._section("limits", f"<ul>{items}</ul>") if items else ""

    def usage(self) -> str:
        parts = []
        for name, code in self.report.usage.items():
            head = self.word(f"usage_{name}") if f"usage_{name}" in LABELS else escape(name)
            parts.append(f"<h3>{head}</h3><pre><code>{escape(code)}</code></pre>")
        return self._section("usage", "".join(parts), long=True) if parts else ""

    def foot(self) -> str:
        listed = " · ".join(f"{escape(name)} {escape(value)}" for name, value in self.report.versions.items())
        return f"<footer>{self.word('seed')} {self.report.seed} · {listed}</footer>"

    # ── pieces ──

    def _way(self, name: str) -> str:
        """Return an arrow that says which direction is better, and says it aloud."""
        up = METRICS[name].greater_is_better if name in METRICS else True
        return f'<span class="way" title="{self.word("higher" if up else "lower")}">{"↑" if up else "↓"}</span>'

    def _caption(self, key: str, *, x: str, y: str) -> Caption:
        said = [LABELS[name].text(self.language) for name in (key, f"{key}_note", x, y)]
        return Caption(said[0], said[1].split("{")[0], said[2], said[3])

    def _section(self, key: str, text: str, *, long: bool = False) -> str:
        return f'<section id="{key}"{" class=long" if long else ""}><h2>{self.word(key)}</h2>{text}</section>'

    def _tiles(self, items: Iterable[tuple[str, str]]) -> str:
        return (
            '<div class="tiles">'
            + "".join(f'<div class="tile"><b>{v}</b><span>{k}</span></div>' for v, k in items)
            + "</div>"
        )

    def _table(self, heads: Sequence[tuple[str, str]], rows: Sequence[str]) -> str:
        first = "".join(
            f'<th scope="col"{f" class={kind}" if kind else ""}>{self.word(key)}</th>' for key, kind in heads
        )
        return _scroll(f"<table><thead><tr>{first}</tr></thead><tbody>{''.join(rows)}</tbody></table>")

    def _folded(self, heads: Sequence[tuple[str, str]], rows: Sequence[str], shown: int) -> str:
        text = self._table(heads, rows[:shown])
        if len(rows) > shown:
            more = self.word("and_rows", n=len(rows) - shown)
            text += f"<details><summary>{more}</summary>{self._table(heads, rows[shown:])}</details>"
        return text


def _scroll(text: str) -> str:
    return f'<div class="scroll">{text}</div>'


def _marked(sentence: str, slots: dict[str, Any]) -> str:
    """Return the sentence, escaped, with the words that are evidence for something marked."""
    covered = [False] * len(sentence)
    for slot in slots.values():
        for span in slot.evidence:
            covered[span.start : span.end] = [True] * len(covered[span.start : span.end])
    text, start = "", 0
    for i in range(1, len(sentence) + 1):
        if i == len(sentence) or covered[i] != covered[start]:
            piece = escape(sentence[start:i])
            text += f"<mark>{piece}</mark>" if covered[start] else piece
            start = i
    return text


def _spoken(items: Sequence[Any]) -> str:
    return "; ".join(f"{item.column} {number(item.drop)}" for item in items[:5])
