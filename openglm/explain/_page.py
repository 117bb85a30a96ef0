"""What every block of the report page is made with: words in one language, numbers with their origin, tables, sections."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from openglm.core.metrics import METRICS
from openglm.core.report import Report
from openglm.core.words import Language, Said
from openglm.explain import _words
from openglm.explain._charts import Caption
from openglm.explain._words import LABELS, METRIC_NAMES, number

HIDDEN = "•••"
"""Shown instead of a value of a column that holds personal data."""
FILES = {
    "report": "report.json", "sealed": "sealed_predictions.csv", "trials": "trials.jsonl", "findings": "findings.json",
    "plan": "plan.yaml", "rows": "data/sealed.feather", "train": "data/train.feather", "data": "data/data.json",
    "goal": "goal.json", "profile": "profile.json", "steps": "steps.json", "board": "board.json",
    "model": "pipeline/manifest.json", "manifest": "manifest.json",
}  # fmt: skip
"""Short name → file of the run folder that a number may come from."""
_MEASURE = re.compile(r"(?<=[\d%]) (?=[\u4e00-\u9fff])")
_RANGE = re.compile(r"[^\s(（]+\u00a0–\u00a0[^\s)）]+")


class Page:
    """One report in one language; the blocks ask it for words and pieces.

    Parameters
    ----------
    report : Report
        What to show.
    language : {"zh", "en"}
        Of the page.
    """

    def __init__(self, report: Report, language: Language) -> None:
        self.report = report
        self.language: Language = language
        self.colon, self.stop, self.comma = ("：", "。", "、") if language == "zh" else (": ", ".", ", ")
        self.personal = personal_columns(report)

    # ── words ──

    def text(self, key: str, **values: Any) -> str:
        """Return a fixed word as it is, its gaps filled."""
        text = LABELS[key].text(self.language)
        return text.format(**values) if values else text

    def word(self, key: str, **values: Any) -> str:
        """Return a fixed word, escaped, its gaps filled."""
        return escape(self.text(key, **values))

    def say(self, text: Said) -> str:
        """Return a message, escaped; a dash or the blank before a measure word may end a line, so both are kept by hand."""
        kept = _MEASURE.sub("\u00a0", text.text(self.language))
        return _RANGE.sub(r'<span class="keep">\g<0></span>', escape(kept))

    def metric_name(self, name: str) -> str:
        """Return the name of a metric, escaped."""
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
                ", ".join(f"{self.part(str(key))}{self.colon}{self._of(str(key), item)}" for key, item in known.items())
                or "–"
            )
        return self.called(str(value))

    def called(self, name: str) -> str:
        """Return what an id is called, or the id."""
        for words in (METRIC_NAMES, _words.KINDS, _words.PROMISES):
            if name in words:
                return words[name].text(self.language)
        return name

    def part(self, name: str) -> str:
        """Return what a slot, or a part of its value, is called; ids of columns are never looked up here."""
        for words in (_words.SLOTS, _words.PROMISES, _words.RULES):
            if name in words:
                return words[name].text(self.language)
        return name.replace("_", " ")

    def _of(self, key: str, item: Any) -> str:
        """Return the value of one part: the fixed words of a rule or a split are translated."""
        if key in ("op", "method") and item in _words.RULES:
            return _words.RULES[item].text(self.language)
        return self.value(item)

    def shown(self, column: str, value: str) -> str:
        """Return a cell of the table for people: hidden where the column holds personal data. Not escaped."""
        return HIDDEN if column in self.personal else value

    # ── pieces ──

    def way(self, name: str) -> str:
        """Return an arrow that says which direction is better, and says it aloud."""
        up = METRICS[name].greater_is_better if name in METRICS else True
        return f'<span class="way" title="{self.word("higher" if up else "lower")}">{"↑" if up else "↓"}</span>'

    def caption(self, key: str, *, x: str = "", y: str = "") -> Caption:
        """Return the words of a chart: its heading, its note up to the first gap, and its axes."""
        note = LABELS[f"{key}_note"].text(self.language).split("{")[0] if f"{key}_note" in LABELS else ""
        axes = [LABELS[name].text(self.language) if name else "" for name in (x, y)]
        return Caption(LABELS[key].text(self.language), note, *axes)

    def section(self, key: str, text: str, *sources: str, long: bool = False) -> str:
        """Return a section with its heading; below it the files its numbers come from.

        Parameters
        ----------
        key : str
            Of the heading in ``LABELS``; also the place that the contents lead to.
        text : str
            HTML.
        *sources : str
            Keys of :data:`FILES`; what is behind a colon names the place inside the file.
        long : bool
            Whether it may be broken over two printed pages.
        """
        head = f'<section id="{key}"{" class=long" if long else ""}><h2>{self.word(key)}</h2>{text}'
        return f"{head}{self.sources(*sources)}</section>"

    def sources(self, *names: str) -> str:
        """Return one line of links to the files of the run folder."""
        if not names:
            return ""
        links = []
        for name in names:
            key, _, place = name.partition(":")
            shown = f"{FILES[key]}{f' › {place}' if place else ''}"
            links.append(f'<a href="{FILES[key]}">{escape(shown)}</a>')
        return f'<p class="from">{self.word("sources")}{self.colon}{" · ".join(links)}</p>'

    def tiles(self, items: Iterable[tuple[str, str]]) -> str:
        """Return numbers in large with a word below each."""
        inner = "".join(f'<div class="tile"><b>{v}</b><span>{k}</span></div>' for v, k in items)
        return f'<div class="tiles">{inner}</div>'

    def table(self, heads: Sequence[tuple[str, str]], rows: Sequence[str]) -> str:
        """Return a table; heads are (key of the word, "num" or "")."""
        first = "".join(
            f'<th scope="col"{f" class={kind}" if kind else ""}>{self.word(key)}</th>' for key, kind in heads
        )
        return scroll(f"<table><thead><tr>{first}</tr></thead><tbody>{''.join(rows)}</tbody></table>")

    def folded(self, heads: Sequence[tuple[str, str]], rows: Sequence[str], shown: int) -> str:
        """Return a table whose rows behind the first ``shown`` are folded away."""
        text = self.table(heads, rows[:shown])
        if len(rows) > shown:
            more = self.word("and_rows", n=len(rows) - shown)
            text += f"<details><summary>{more}</summary>{self.table(heads, rows[shown:])}</details>"
        return text

    def note(self, text: str) -> str:
        """Return a quiet paragraph; ``text`` is HTML."""
        return f'<p class="note">{text}</p>'


def num(text: str, origin: str = "") -> str:
    """Return a cell with a number, which says on hovering where it stands in the run folder."""
    tip = f' title="{escape(origin)}"' if origin else ""
    return f'<td class="num"{tip}>{text}</td>'


def tag(kind: str, text: str) -> str:
    """Return a word in a coloured band; ``text`` is HTML."""
    return f'<span class="tag {kind}">{text}</span>'


def scroll(text: str) -> str:
    """Return a part that scrolls by itself where it is wider than the screen."""
    return f'<div class="scroll">{text}</div>'


def personal_columns(report: Report) -> frozenset[str]:
    """Return the columns that the findings call personal; their values are shown nowhere."""
    return frozenset(f.column for f in report.findings if f.column and f.code.startswith("personal"))
