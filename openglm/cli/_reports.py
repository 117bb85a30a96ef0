"""The report as text, Markdown or JSON, and its page in a browser."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from openglm.core.errors import BundleError, InputError
from openglm.core.words import Language, Said

if TYPE_CHECKING:
    from openglm.core.report import Report

FORMATS = ("text", "md", "json", "path")


def check_format(name: str) -> str:
    """Return ``name`` if it is one of :data:`FORMATS`.

    Raises
    ------
    InputError
        Otherwise.
    """
    if name in FORMATS:
        return name
    known = ", ".join(FORMATS)
    raise InputError(
        Said(en=f"There is no report format '{name}'.", zh=f"没有报告格式“{name}”。"),
        hint=Said(en=f"Use one of: {known}.", zh=f"可用: {known}。"),
    )


def render(report: Report, form: str, language: Language) -> str:
    """Return the report in the given form."""
    from openglm.explain import render_text

    if form == "json":
        return report.to_json()
    if form == "text":
        return str(render_text(report, language)).rstrip("\n")
    return markdown(report, language)


def markdown(report: Report, language: Language) -> str:
    """Return the report as Markdown: the answer, scores, leaderboard, importance, findings, limits."""
    from openglm.cli._show import number

    zh = language == "zh"
    parts = [f"# {report.title.text(language)}", report.answer.text(language), report.meaning.text(language)]
    heads: tuple[str, ...] = ("指标", "模型", "基线") if zh else ("metric", "model", "baseline")
    rows = [(name, number(value), number(report.baseline.get(name))) for name, value in report.metrics.items()]
    parts += ["## 得分" if zh else "## Scores", _table(heads, rows)]
    heads = ("候选", "模型", report.metric, "权重") if zh else ("id", "model", report.metric, "weight")
    rows4 = [(row.id, row.model, number(row.score), f"{row.weight:.2f}") for row in report.leaderboard]
    parts += ["## 排行榜" if zh else "## Leaderboard", _table(heads, rows4)]
    if report.importance:
        heads = ("列", "得分损失") if zh else ("column", "score lost when shuffled")
        parts += [
            "## 重要性" if zh else "## Importance",
            _table(heads, [(i.column, number(i.drop)) for i in report.importance]),
        ]
    if report.findings:
        parts.append("## 数据发现" if zh else "## Findings")
        parts.append("\n".join(f"- **{f.severity}** `{f.code}` {f.message.text(language)}" for f in report.findings))
    if report.limits:
        parts += ["## 局限" if zh else "## Limits", "\n".join(f"- {item.text(language)}" for item in report.limits)]
    return "\n\n".join(part for part in parts if part)


def open_page(page: Path) -> None:
    """Open the page in the browser.

    Raises
    ------
    BundleError
        If there is no page.
    InputError
        If there is no browser.
    """
    if not page.exists():
        raise BundleError(
            Said(en=f"There is no page {page}.", zh=f"没有报告页面 {page}。"),
            hint=Said(en="Print the report without --open.", zh="请去掉 --open 直接输出报告。"),
        )
    if not webbrowser.open(page.resolve().as_uri()):
        raise InputError(
            Said(en="No browser could be opened.", zh="无法打开浏览器。"),
            hint=Said(en=f"Open this file yourself: {page.resolve()}", zh=f"请手动打开: {page.resolve()}"),
        )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)
