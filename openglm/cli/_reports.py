"""The report as text, page, Markdown, model card or JSON, and its page in a browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from openglm.core.errors import BundleError, InputError
from openglm.core.words import Language, Said

if TYPE_CHECKING:
    from openglm.core.report import Report

FORMATS = ("text", "html", "md", "card", "json", "path")


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
    from openglm import explain

    if form == "json":
        return report.to_json()
    draw = {
        "text": explain.render_text, "md": explain.render_markdown, "card": explain.render_card, "html": explain.render_html,
    }[form]  # fmt: skip
    return str(draw(report, language)).rstrip("\n")


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
