"""``openglm report``: what a finished run has to say."""

from __future__ import annotations

from typing import Annotated

import typer

from openglm.cli import _options as options


def report(
    run: options.RunFolder,
    form: Annotated[
        str, typer.Option("--format", metavar="text|html|md|card|json|path", help="How to print it. 输出格式。")
    ] = "text",
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser. 在浏览器中打开。")] = False,
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:
    """Print or open the report of a run: scores, importance, errors, limits. 查看报告。

    openglm report last
    openglm report runs/customers --open
    openglm report last --format path
    openglm report last --format card > MODEL_CARD.md

    The run folder holds report.html, report.md and MODEL_CARD.md too; card is the model card.
    --json is the same as --format json: exactly the run's report.json.
    """
    from openglm.cli import _reports, _runs
    from openglm.cli._language import language_of

    form = _reports.check_format("json" if as_json else form)
    folder = _runs.find(run)
    content = _runs.read_report(folder)
    page = folder / "report.html"
    if show:
        _reports.open_page(page)
    if form == "path" or (show and form == "text"):
        typer.echo(str(page.resolve()))
    else:
        typer.echo(_reports.render(content, form, language_of(lang) if lang else content.language))
