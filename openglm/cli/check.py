"""``openglm check``: what is wrong or remarkable about a table, before anything is learned from it."""

from __future__ import annotations

from typing import Annotated

import typer

from openglm.cli import _options as options


def check(
    data: Annotated[str, typer.Argument(metavar="DATA", help="The table to look at. 数据文件。", show_default=False)],
    target: options.Target = None,
    sheet: options.Sheet = None,
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:
    """Look at a table: missing values, constants, ids, leaks, mixed types. 检查数据质量与泄漏。

    openglm check customers.csv
    openglm check customers.csv --target Churn --json

    Leaves with 1 when a blocker was found: something from which no honest model can be learned.
    With --json: {"findings": [{"severity", "code", "column", "message", "fix", "rows"}]}.
    """
    from openglm import flow
    from openglm.cli import _show
    from openglm.cli._language import language_of

    language = language_of(lang)
    findings = flow.check(data, target, sheet=sheet)
    if as_json:
        _show.print_json({"findings": [finding.plain(language) for finding in findings]})
    elif findings:
        _show.console().print(_show.findings_table(findings, language))
    else:
        _show.console().print(_show.say(language, "Nothing to remark.", "没有发现问题。"))
    if any(finding.severity == "blocker" for finding in findings):
        raise typer.Exit(1)
