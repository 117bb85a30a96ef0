"""Blocks of the page about the data: what was noticed, what was done about it, leaks, the split, and doubtful labels."""

from __future__ import annotations

from html import escape

from openglm.core.cleaning import CleanStep
from openglm.core.evidence import Interval, Suspect
from openglm.explain import _charts_more, _words
from openglm.explain._charts import Caption
from openglm.explain._charts_more import Range
from openglm.explain._page import HIDDEN, Page, num, scroll, tag
from openglm.explain._words import METRIC_NAMES, between, number

SHOWN_ROWS = 15
"""Lines of a table that are open at once; the rest folds."""
SHOWN_CLASSES = 12
"""Lines of the class table that are open at once."""
SHOWN_VALUES = 5
"""Values that a cleaning step names."""
SEVERITY_ORDER = {"blocker": 0, "warning": 1, "note": 2}


def findings(page: Page) -> str:
    """Return the size of the table and what was noticed about it, the serious things first."""
    d = page.report.data
    listed = page.comma.join(
        f"{page.say(_words.ROLES[name])} {n}" for name, n in d.roles.items() if name in _words.ROLES
    )
    text = page.tiles([
        (f"{d.rows:,}", page.word("rows")), (f"{d.source_columns:,}", page.word("columns")),
        (f"{d.inputs:,}", page.word("inputs")), (f"{d.missing:.1%}", page.word("missing")),
    ]) + (page.note(listed) if listed else "")  # fmt: skip
    rows = [
        f"<tr><td>{tag(f.severity, page.say(_words.SEVERITIES[f.severity]))}</td>"
        f'<td class="val">{escape(f.column or "–")}</td><td>{page.say(f.message)}'
        f'{f"""<span class="sub">{page.say(f.fix)}</span>""" if f.fix else ""}</td>'
        f"{num(f'{f.rows:,}' if f.rows is not None else '–', f'findings.json › {f.code}')}</tr>"
        for f in sorted(page.report.findings, key=lambda f: SEVERITY_ORDER[f.severity])
    ]
    heads = [("state", ""), ("column", ""), ("finding", ""), ("touched", "num")]
    text += page.folded(heads, rows, SHOWN_ROWS) if rows else f"<p>{page.word('no_findings')}</p>"
    return page.section("findings", text, "findings", "report:data", "profile", long=True)


def cleaning(page: Page) -> str:
    """Return the steps of cleaning: what, to which column, how many rows, and why."""
    steps = page.report.cleaning
    if not steps:
        return ""
    rows = [
        f'<tr><td class="val">{escape(step.column or "–")}</td><td>{escape(cleaning_said(page, step))}</td>'
        f"{num(f'{step.rows:,}', f'plan.yaml › cleaning[{i}]')}"
        f'<td>{page.say(step.reason)}<span class="sub">{page.word(step.origin)}</span></td></tr>'
        for i, step in enumerate(steps)
    ]
    heads = [("column", ""), ("step", ""), ("touched", "num"), ("because", "")]
    return page.section("cleaning", page.folded(heads, rows, SHOWN_ROWS), "plan:cleaning", "data", long=True)


def cleaning_said(page: Page, step: CleanStep) -> str:
    """Return one step in words, not escaped; values of personal columns are hidden."""
    hidden = step.column in page.personal
    cut = "…" if len(step.values) > SHOWN_VALUES else ""
    values = HIDDEN if hidden else page.comma.join(str(v) for v in step.values[:SHOWN_VALUES]) + cut
    pairs = [f"{a} → {b}" for a, b in list(step.spelling.items())[:SHOWN_VALUES]]
    spelling = HIDDEN if hidden else page.comma.join(pairs) + ("…" if len(step.spelling) > SHOWN_VALUES else "")
    low, high = number(step.low), number(step.high)
    key = "to_high" if step.low is None else "from_low" if step.high is None else "between"
    key = f"{key}_strict" if step.strict else key
    words = _words.CLEANING[step.op].text(page.language)
    return words.format(values=values, spelling=spelling, range=page.text(key, low=low, high=high))


def leaks(page: Page) -> str:
    """Return the columns that may give the target away and how each was judged."""
    suspects = page.report.leaks
    if not suspects:
        return ""
    text = page.note(page.word("leaks_note"))
    heads = [
        ("column", ""), ("signs", ""), ("alone", "num"), ("with_it", "num"), ("without_it", "num"), ("chance", "num"),
        ("verdict", ""),
    ]  # fmt: skip
    text += page.folded(heads, [_suspect(page, i, item) for i, item in enumerate(suspects)], SHOWN_ROWS)
    return page.section("leaks", text, "report:leaks", "data:suspects", "train", long=True)


def _suspect(page: Page, i: int, item: Suspect) -> str:
    origin = f"report.json › leaks[{i}]"
    kind = {"leak": "broken", "doubtful": "warning", "cleared": "kept"}[item.verdict]
    signs = "<br>".join(page.say(sign) for sign in item.signs) or escape(", ".join(item.codes))
    name = f'<span class="sub">{page.metric_name(item.metric)}</span>' if item.metric else ""
    scores = "".join(num(number(v), origin) for v in (item.alone, item.with_it, item.without_it, item.chance))
    kept = page.word("is_kept" if item.kept else "is_left_out")
    return (
        f'<tr><td class="val">{escape(item.column)}{name}</td><td>{signs}</td>{scores}'
        f'<td>{tag(kind, page.say(_words.VERDICTS[item.verdict]))}<span class="sub">{kept}</span></td></tr>'
    )


def split(page: Page) -> str:
    """Return how the rows were kept apart, drawn, and how much another split would have flattered."""
    d = page.report.data
    text = page.tiles([
        (f"{d.train:,}", page.word("train")), (f"{d.sealed:,}", page.word("sealed")), (str(d.folds), page.word("folds")),
    ])  # fmt: skip
    how = page.say(_words.SPLITS[d.split]) if d.split in _words.SPLITS else escape(d.split)
    text += f"<p>{how}{page.colon if d.split_reason.en else page.stop}{page.say(d.split_reason)}</p>"
    order = "order_time" if d.split == "time" else "order_group" if "group" in d.split else "order_random"
    words = {
        "learn": page.text("learn"), "validate": page.text("validate"), "sealed": page.text("sealed_short"),
        "fold": page.text("fold_n"), "last": page.text("at_last"),
    }  # fmt: skip
    caption = Caption(page.text("split_drawing"), f"{d.train:,} / {d.sealed:,}", page.text(order))
    text += scroll(_charts_more.split_chart(d.split, d.folds, d.train, d.sealed, caption, words))
    text += _check(page)
    rows = [
        f"<tr><td>{escape(label)}</td>{num(f'{train:,}', 'data/train.feather')}{num(f'{sealed:,}', 'data/sealed.feather')}"
        f"{num(f'{train / max(d.train, 1):.1%}')}</tr>"
        for label, (train, sealed) in d.class_rows.items()
    ]
    heads = [("class_shares", ""), ("train", "num"), ("sealed", "num"), ("share", "num")]
    text += page.folded(heads, rows, SHOWN_CLASSES) if rows else ""
    return page.section("split", text, "plan:split", "report:data", "train", "rows", long=True)


def _check(page: Page) -> str:
    """Return the honest score beside the random one, and the repeated one, as ranges on one axis."""
    r = page.report
    if r.split_check is None and r.repeated is None:
        return ""
    lines: list[Range] = []
    text, name = "", r.metric
    if r.split_check is not None:
        c, name = r.split_check, r.split_check.metric
        lines += [_range(page.text("honest"), c.honest), _range(page.text("random_split"), c.random)]
        text += f"<p>{page.say(c.said)}</p>"
    if r.repeated is not None:
        lines.append(_range(page.text("repeated_short"), r.repeated.score))
        name = r.repeated.metric if r.split_check is None else name
        ends = between(r.repeated.score.low, r.repeated.score.high)
        text += page.note(
            f"{page.word('repeated', n=r.repeated.repeats)}{page.colon}{page.metric_name(r.repeated.metric)} "
            f"{number(r.repeated.score.value)}, {page.word('interval')} {ends}"
        )
    around = r.intervals.get(r.metric)
    if around is not None and name == r.metric:
        lines.append(_range(page.text("sealed_score"), around))
    caption = Caption(
        page.text("honest_random"), "", METRIC_NAMES[name].text(page.language) if name in METRIC_NAMES else name
    )
    head = "honest_random" if r.split_check is not None else "repeated_short"
    return f"<h3>{page.word(head)}</h3>{text}{scroll(_charts_more.forest(lines, caption))}"


def _range(label: str, item: Interval) -> Range:
    return Range(label, item.value, item.low, item.high)


def label_doubts(page: Page) -> str:
    """Return the training rows whose label is probably wrong."""
    doubts = page.report.label_doubts
    if not doubts:
        return ""
    rows = [
        f"<tr>{num(f'{d.row:,}', f'report.json › label_doubts[{i}]')}<td>{escape(d.given)}</td><td>{escape(d.likely)}</td>"
        f'<td><span class="meter" style="--share:{d.confidence:.2f}"></span></td>{num(f"{d.confidence:.0%}")}</tr>'
        for i, d in enumerate(doubts)
    ]
    heads = [("row", "num"), ("given", ""), ("likely", ""), ("margin", ""), ("confidence", "num")]
    text = page.note(page.word("label_doubts_note")) + page.folded(heads, rows, SHOWN_CLASSES)
    return page.section("label_doubts", text, "report:label_doubts", "trials", "train", long=True)
