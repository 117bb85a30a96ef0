"""``openglm list``: the runs in a folder, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openglm.cli import _options as options


def list_runs(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the runs are. 运行所在目录。")] = Path("runs"),
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:
    """List runs, newest first, with status, target, score and time. 列出所有运行。

    openglm list
    openglm list experiments --json

    Status: running, finished, stopped (early, with a valid result), failed, interrupted (resume it), damaged.
    With --json: {"runs": [{"run", "path", "status", "created_at", "target", "kind", "metric", "score", "baseline",
    "seconds"}]}.
    """
    from openglm.cli import _runs, _show
    from openglm.cli._language import language_of

    language = language_of(lang)
    lines = [_runs.summary(item) for item in _runs.folders(folder)]
    if as_json:
        _show.print_json({"runs": lines})
    elif not lines:
        _show.tell(
            _show.say(
                language,
                f"No runs in {folder}. Start one with: openglm run SENTENCE DATA",
                f"{folder} 中没有运行。请用 openglm run 句子 数据 开始。",
            )
        )
    else:
        heads = ("run", "status", "target", "metric", "score", "baseline", "seconds")
        zh = ("运行", "状态", "目标", "指标", "得分", "基线", "秒")
        rows = [
            (
                x["run"],
                x["status"],
                x["target"] or "-",
                x["metric"] or "-",
                _show.number(x["score"]),
                _show.number(x["baseline"]),
                str(x["seconds"] or "-"),
            )
            for x in lines
        ]
        _show.console().print(_show.table(zh if language == "zh" else heads, rows, right=(4, 5, 6)))
