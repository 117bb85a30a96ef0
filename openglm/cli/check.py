"""``openglm check``: what is wrong or remarkable about a table, before anything is learned from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openglm.cli import _options as options


def check(
    data: Annotated[str, typer.Argument(metavar="DATA", help="The table to look at. 数据文件。", show_default=False)],
    target: options.Target = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Print the table in numbers: ranges, shapes, levels, gaps. 数据概况。")
    ] = False,
    like: Annotated[
        str | None,
        typer.Option(
            "--like", metavar="RUN|FILE", show_default=False,
            help="Say what is different from what was learned from: a run or its table. 与训练数据比较。",
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save", metavar="FILE", show_default=False, help="Write what can be expected of such tables. 生成预期文件。"
        ),
    ] = None,
    expect: Annotated[
        Path | None,
        typer.Option("--expect", metavar="FILE", help="Check against such a file. 按预期文件检查。", show_default=False),
    ] = None,
    sheet: options.Sheet = None,
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:  # fmt: skip
    """Look at a table: hidden gaps, copies, impossible values, mixed units and dates, leaks. 检查数据质量与泄漏。

    openglm check customers.csv --target Churn
    openglm check customers.csv --profile
    openglm check new.csv --like last
    openglm check customers.csv --save expectations.yaml
    openglm check new.csv --expect expectations.yaml

    A blocker makes an honest model impossible or breaks an expectation, and the command leaves with 1. A warning is worth
    a look; a note says what a run does by itself. Each says how to decide otherwise. With --like also how far each column
    has moved. The expectations are a YAML file to be edited: types, ranges, allowed levels, patterns, shares of gaps; --save
    does not replace a file that says something else.
    With --json: {"findings": [{"severity", "code", "column", "message", "fix", "rows"}]}, with --profile {"profile": …}.
    """
    from openglm import flow
    from openglm.cli import _look, _show
    from openglm.cli._language import language_of

    language = language_of(lang)
    if profile:
        made = flow.profile(data, sheet=sheet)
        if as_json:
            _show.print_json({"profile": made.model_dump(mode="json")})
        else:
            _look.print_profile(made, language)
        return
    if save is not None:
        _save(flow.expectations(data, sheet=sheet).to_yaml(), save)
        if as_json:
            _show.print_json({"expectations": str(save)})
        else:
            said = f"Written: {save}. Edit it, then: openglm check NEW --expect {save}"
            _show.tell(_show.say(language, said, f"已写入 {save}。编辑后使用: openglm check 新数据 --expect {save}"))
        return
    findings = flow.check(data, target, sheet=sheet, like=None if like is None else _learned_from(like), expect=expect)
    if as_json:
        _show.print_json({"findings": [finding.plain(language) for finding in findings]})
    elif findings:
        _look.print_findings(findings, language)
    else:
        _show.console().print(_show.say(language, "Nothing to remark.", "没有发现问题。"))
    if any(finding.severity == "blocker" for finding in findings):
        raise typer.Exit(1)


def _learned_from(like: str) -> str:
    """Return the file, or the folder of the run of this name."""
    from openglm.cli import _runs

    return like if Path(like).exists() else str(_runs.find(like))


def _save(text: str, path: Path) -> None:
    from openglm.core.errors import InputError, StorageError
    from openglm.core.words import Said

    if path.exists() and not (path.is_file() and path.read_bytes() == text.encode()):
        raise InputError(
            Said(en=f"{path} exists already, with other content.", zh=f"{path} 已存在,且内容不同。"),
            hint=Said(
                en="It may have been edited, so it is not replaced: choose another name, or remove it first.",
                zh="其中可能有修改,因此不会覆盖: 请换一个名称,或先删除它。",
            ),
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(Said(en=f"{path} cannot be written.", zh=f"无法写入 {path}。")) from error
