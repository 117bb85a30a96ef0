"""Blocks of the page that answer: the sentence, the verdict, the metrics, the limits asked for, and what was understood."""

from __future__ import annotations

from html import escape
from typing import Any

from openglm.core.report import Promise
from openglm.explain import _words
from openglm.explain._page import Page, num, scroll, tag
from openglm.explain._words import between, duration, number, size


def head(page: Page) -> str:
    """Return the answer in one sentence, what it means, and whether it beats the baseline."""
    r = page.report
    spent = duration(r.seconds)
    took = (
        page.word("took", seconds=spent, budget=duration(r.budget_s))
        if r.budget_s
        else page.word("took_only", seconds=spent)
    )
    kicker = f"<b>{page.word('report')}</b><span>{page.say(r.title)}</span><span>{escape(r.created_at[:10])}</span>"
    answer = page.say(r.answer)
    value = number(r.metrics.get(r.metric))
    if value != "–":  # the first place where the score stands is the one the sentence is about
        marked = f' <strong title="report.json › metrics.{escape(r.metric)}">{value}</strong>'
        answer = answer.replace(f" {value}", marked, 1)
    return (
        f'<header><p class="kicker">{kicker}<span>{took}</span></p><h1>{answer}</h1>'
        f'<p class="lead">{page.say(r.meaning)}</p>{_verdict(page)}</header>'
    )


def _verdict(page: Page) -> str:
    r = page.report
    good = r.better_than_baseline
    text = f"<strong>{page.word('better' if good else 'not_better')}</strong>"
    if r.gain is not None:
        sign = "+" if r.gain.value > 0 else ""
        amount = f"{sign}{number(r.gain.value)} {page.metric_name(r.metric)}"
        text += (
            f'<span title="report.json › gain">{page.word("gain")} {amount}</span>'
            f"<span>{page.word('interval')} {between(r.gain.low, r.gain.high)}</span>"
        )
    return f'<div class="verdict{"" if good else " no"}" role="status">{text}</div>'


def metrics(page: Page) -> str:
    """Return every metric of the model with its interval, beside the baseline's."""
    r = page.report
    rows = []
    for name, value in r.metrics.items():
        around = r.intervals.get(name)
        ends = between(around.low, around.high) if around else "–"
        chosen = name == r.metric
        mark = f" {tag('', page.word('chosen'))}" if chosen else ""
        rows.append(
            f"<tr{' class=chosen' if chosen else ''}><td>{page.metric_name(name)}{page.way(name)}{mark}</td>"
            + num(number(value), f"report.json › metrics.{name}")
            + num(ends, f"report.json › intervals.{name}")
            + num(number(r.baseline.get(name)), f"report.json › baseline.{name}")
            + "</tr>"
        )
    heads = [("metric", ""), ("this_model", "num"), ("interval", "num"), ("baseline", "num")]
    legend = page.note(f"↑ {page.word('higher')} · ↓ {page.word('lower')}")
    s = r.speed
    speed = page.word("speed", one=number(s.one_row_ms), batch=number(s.batch_ms), size=size(s.bytes))
    final = page.note(f"{page.word('final')}{page.colon}{escape(r.model)} · {speed}")
    text = page.table(heads, rows) + f"<p></p>{legend}{final}"
    return page.section("metrics", text, "report:metrics", "sealed", "rows", "model")


def promises(page: Page) -> str:
    """Return the limits that the user stated: what was reached, and whether they are kept."""
    found, cost = page.report.promises, page.report.cost
    if not found and cost is None:
        return ""
    paid = f"<p>{page.say(cost.said)}</p>" if cost is not None else ""
    heads = [("what", ""), ("limit", "num"), ("reached", "num"), ("interval", "num"), ("state", "")]
    rows = [_promise(page, i, item) for i, item in enumerate(found)]
    text = (page.table(heads, rows) if rows else "") + paid
    return page.section("promises", text, "report:promises", "sealed", "plan:task.constraints")


def _promise(page: Page, i: int, item: Promise) -> str:
    name = page.say(_words.PROMISES[item.constraint]) if item.constraint in _words.PROMISES else escape(item.constraint)
    ends = between(item.interval.low, item.interval.high) if item.interval is not None else "–"
    state = "kept" if item.kept else "broken"
    origin = f"report.json › promises[{i}]"
    return (
        f"<tr><td>{name}</td>{num(number(item.limit), origin)}{num(number(item.value), origin)}{num(ends, origin)}"
        f"<td>{tag(state, page.word(item.state))}</td></tr>"
    )


def understood(page: Page) -> str:
    """Return what the sentence was taken to mean, with the words that say so marked in it."""
    u = page.report.understood
    text = f"<blockquote>{_marked(u.sentence, u.slots)}</blockquote>" if u.sentence else ""
    rows = []
    for name, slot in u.slots.items():
        if name == "language":  # plain to see
            continue
        label = escape(page.part(name))
        # A class is called by its label: True stays "True".
        value = str(slot.value) if name == "positive_class" else page.value(slot.value)
        quoted = ", ".join(f"“{escape(span.text)}”" for span in slot.evidence if span.text)
        why = " · ".join(part for part in (quoted, page.say(slot.reason)) if part)
        rows.append(
            f'<tr><td class="key">{label}</td><td class="val">{escape(value)}</td>'
            f'<td>{why}<span class="sub">{page.say(_words.ORIGINS[slot.origin])}, {slot.score:.0%}</span></td></tr>'
        )
    if not rows:
        rows = [
            f"<tr><td>{page.say(_words.SLOTS['target'])}</td><td>{escape(str(u.target))}</td><td></td></tr>",
            f"<tr><td>{page.say(_words.SLOTS['task_kind'])}</td><td>{page.say(_words.KINDS[u.kind])}</td><td></td></tr>",
        ]
    text += page.table([("what", ""), ("value", ""), ("why", "")], rows)
    text += "<p></p>" + page.note(f"{page.word('confidence')}{page.colon}{u.confidence:.0%}")
    if u.alternatives:
        others = [
            f"<tr><td>{escape(c.column)}</td>{num(f'{c.score:.0%}', 'goal.json › alternatives')}"
            f"<td>{page.say(c.reason)}</td></tr>"
            for c in u.alternatives
        ]
        heads = [("column", ""), ("confidence", "num"), ("why", "")]
        text += f"<h3>{page.word('alternatives')}</h3>" + page.table(heads, others)
    return page.section("understood", text, "goal", long=True)


def steps(page: Page, graph: str) -> str:
    """Return the drawing of the steps of the goal."""
    return page.section("steps", scroll(graph), "steps", "goal:steps") if graph else ""


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
