"""The model card: what a stranger needs to know before using the model.

Headings follow Mitchell et al. (2019), "Model Cards for Model Reporting", section 4; the YAML block at the top is the metadata
that model hubs read.
"""

from __future__ import annotations

import math
from typing import Any

import yaml

from openglm.core.report import Report
from openglm.core.words import Language, Said
from openglm.explain import _markdown, _words
from openglm.explain._markdown import plain
from openglm.explain._page import Page
from openglm.explain._words import METRIC_NAMES, number

HEADS = {
    "details": Said(en="Model Details", zh="模型详情"), "use": Said(en="Intended Use", zh="预期用途"),
    "factors": Said(en="Factors", zh="影响因素"), "metrics": Said(en="Metrics", zh="评估指标"),
    "evaluation": Said(en="Evaluation Data", zh="评估数据"), "training": Said(en="Training Data", zh="训练数据"),
    "analyses": Said(en="Quantitative Analyses", zh="定量分析"), "ethics": Said(en="Ethical Considerations", zh="伦理考量"),
    "caveats": Said(en="Caveats and Recommendations", zh="注意事项与建议"),
}  # fmt: skip
_TASKS = {
    "binary": "tabular-classification",
    "multiclass": "tabular-classification",
    "regression": "tabular-regression",
}
_FAMILIES = ("leak", "missing", "split", "imbalance", "label", "personal", "fairness", "shift")


def render_card(report: Report, language: Language | None = None) -> str:
    """Return the model card as Markdown.

    Parameters
    ----------
    report : Report
        What to show.
    language : {"zh", "en"} or None
        By default the report's own.
    """
    page = Page(report, language or report.language)
    zh = page.language == "zh"
    parts = [
        f"---\n{yaml.safe_dump(metadata(report), allow_unicode=True, sort_keys=False).rstrip()}\n---",
        f"# {plain(report.title.text(page.language))}", plain(report.answer.text(page.language)),
        _head(page, "details") + _details(page, zh),
        _head(page, "use") + _use(page, zh),
        _head(page, "factors") + _factors(page, zh),
        _head(page, "metrics") + plain(report.meaning.text(page.language)) + "\n\n" + _deeper(_markdown.metrics(page))
        + _after(_deeper(_markdown.promises(page))),
        _head(page, "evaluation") + _evaluation(page, zh),
        _head(page, "training") + _training(page, zh),
        _head(page, "analyses") + _analyses(page, zh),
        _head(page, "ethics") + _ethics(page, zh),
        _head(page, "caveats") + "\n".join(f"- {plain(item.text(page.language))}" for item in report.limits),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def metadata(report: Report) -> dict[str, Any]:
    """Return what model hubs read: library, task, metrics and results."""
    task = _TASKS.get(report.kind, "other")
    results = [
        {"type": name, "name": METRIC_NAMES[name].en if name in METRIC_NAMES else name, "value": round(value, 6)}
        for name, value in report.metrics.items()
        if math.isfinite(value)
    ]
    return {
        "language": [report.language],
        "library_name": "openglm",
        "pipeline_tag": task,
        "tags": [task, "automl", "openglm"],
        "metrics": list(report.metrics),
        "model-index": [
            {
                "name": report.title.en,
                "results": [
                    {
                        "task": {"type": task},
                        "dataset": {"name": "sealed rows of the user's table", "type": "tabular"},
                        "metrics": results,
                    }
                ],
            }
        ],
    }


def _head(page: Page, key: str) -> str:
    return f"## {HEADS[key].text(page.language)}\n\n"


def _deeper(text: str) -> str:
    """Return a part of the report one heading deeper."""
    return "\n".join(f"#{line}" if line.startswith("#") else line for line in text.split("\n"))


def _after(text: str) -> str:
    return f"\n\n{text}" if text else ""


def _details(page: Page, zh: bool) -> str:
    r = page.report
    members = [row for row in r.leaderboard if row.weight > 0]
    listed = ", ".join(f"{row.model} ({row.weight:.0%})" for row in members) or r.model
    packages = ", ".join(f"{name} {value}" for name, value in r.versions.items())
    rows = [
        ("类型" if zh else "Type", _words.KINDS[r.kind].text(page.language)),
        ("预测目标" if zh else "Predicts", str(r.target)),
        (page.text("final"), listed),
        ("训练日期" if zh else "Trained on", r.created_at[:10]),
        (page.text("seed"), str(r.seed)),
        ("软件" if zh else "Software", packages),
    ]
    return "\n".join(f"- {plain(name)}{page.colon}{plain(value)}" for name, value in rows)


def _use(page: Page, zh: bool) -> str:
    r = page.report
    asked = plain(r.understood.sentence)
    intended = (
        f"用途：{asked or plain(str(r.target))}。输入为与训练数据相同来源、相同列的新数据。"
        if zh
        else f"Made for: {asked or plain(str(r.target))}. It takes new rows that come about like "
        "the training rows, with the same columns."
    )
    other = (
        "不适用：来源或记录方式不同的数据；对单个人作出无人复核的重大决定；把重要性当作因果关系。"
        if zh
        else "Not made for: data that come about otherwise; decisions of weight about a person that nobody looks at; "
        "reading importance as a cause."
    )
    code = r.usage.get("python", "")
    return f"{intended}\n\n{other}" + (f"\n\n```python\n{code}\n```" if code else "")


def _factors(page: Page, zh: bool) -> str:
    used = [item.column for item in page.report.importance if item.drop > 0][:8]
    text = ("起主要作用的列：" if zh else "Columns that matter most: ") + (plain(", ".join(used)) or "–")
    groups = ", ".join(item.attribute for item in page.report.fairness)
    judged = ("分群体评估：" if zh else "Judged by group: ") + plain(groups) if groups else ""
    weak = _deeper(_markdown.slices(page))
    return "\n\n".join(part for part in (text, judged, weak) if part)


def _evaluation(page: Page, zh: bool) -> str:
    d = page.report.data
    text = (
        f"{d.scored:,} 行封存数据，在所有选择完成后才打开一次。"
        if zh
        else f"{d.scored:,} sealed rows, opened once, after every choice had been made."
    )
    return f"{text}\n\n{_deeper(_markdown.split(page))}"


def _training(page: Page, zh: bool) -> str:
    d = page.report.data
    count = d.rows if page.report.delivered == "all rows" else d.train
    text = (
        f"交付的模型用 {count:,} 行、{d.inputs:,} 列训练；评分的模型用 {d.train:,} 行。"
        if zh
        else f"The delivered model learned from {count:,} rows and {d.inputs:,} columns; the one that was "
        f"scored, from {d.train:,} rows."
    )
    found = [f for f in page.report.findings if f.severity != "note" or f.code.startswith(_FAMILIES)]
    lines = "\n".join(f"- {plain(f.message.text(page.language))}" for f in found)
    return text + _after(lines) + _after(_deeper(_markdown.cleaning(page))) + _after(_deeper(_markdown.leaks(page)))


def _analyses(page: Page, zh: bool) -> str:
    r = page.report
    verdict = page.text("better" if r.better_than_baseline else "not_better")
    if r.gain is not None:
        verdict += f"{page.colon}{number(r.gain.value)}"
    parts = [verdict, *(_deeper(part(page)) for part in (_markdown.errors, _markdown.importance, _markdown.fairness))]
    return "\n\n".join(part for part in parts if part)


def _ethics(page: Page, zh: bool) -> str:
    r = page.report
    lines = []
    if page.personal:
        names = plain(", ".join(sorted(page.personal)))
        lines.append(
            f"含个人信息的列：{names}；其取值不出现在报告中。"
            if zh
            else f"Columns with personal data: {names}; their values are shown nowhere."
        )
    lines += [plain(item.said.text(page.language)) for item in r.fairness]
    if not r.fairness:
        lines.append(
            "没有发现或指定敏感属性，因此未做分群体评估。"
            if zh
            else "No sensitive attribute was found or named, so groups were not compared."
        )
    return "\n".join(f"- {line}" for line in lines)
