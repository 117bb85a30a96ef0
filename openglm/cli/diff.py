"""``openglm diff``: what differs between two runs."""

from __future__ import annotations

from typing import Annotated

import typer

from openglm.cli import _options as options

Second = Annotated[
    str, typer.Argument(metavar="OTHER", help="The run to compare with. 另一个运行。", show_default=False)
]


def diff(run: options.RunFolder, other: Second, lang: options.Lang = None, as_json: options.Json = False) -> None:
    """Show what differs between two runs: sentence, data, plan, versions, scores, models. 比较两次运行。

    openglm diff runs/monday runs/tuesday
    openglm diff monday last --json

    On the same data both models are compared on the sealed rows that they share, with a 95 % interval.
    With --json: {"a", "b", "same_result", "same_data", "said", "paired", "changes": [{"part", "what", "a", "b"}]}.
    """
    from openglm import explain
    from openglm.cli import _runs, _show
    from openglm.cli._language import language_of_run
    from openglm.core.run import Run

    first, second = _runs.find(run), _runs.find(other)
    language = language_of_run(lang, Run(second))
    found = explain.compare_runs(first, second)
    if as_json:
        _show.print_json({**found.model_dump(mode="json"), "said": found.said.text(language)})
        return
    typer.echo(f"A  {found.a}\nB  {found.b}\n\n{found.said.text(language)}")
    for part, title in explain.DIFF_PARTS.items():
        lines = [change for change in found.changes if change.part == part]
        if lines:
            typer.echo(f"\n{title.text(language)}")
            for change in lines:
                typer.echo(f"  {change.what}: {change.a} → {change.b}")
