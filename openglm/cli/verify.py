"""``openglm verify``: compute again what a run says of itself."""

from __future__ import annotations

import typer

from openglm.cli import _options as options


def verify(run: options.RunFolder, lang: options.Lang = None, as_json: options.Json = False) -> None:
    """Recompute every score, interval and chart of a run and compare every file's hash. 核对运行结果。

    openglm verify last
    openglm verify runs/customers --json

    Exit code 1 when anything differs; each difference is one line: file, place, expected, found.
    With --json: {"run", "ok", "checks", "differences": [{"file", "what", "expected", "found"}], "remarks"}.
    """
    from openglm import explain
    from openglm.cli import _runs, _show
    from openglm.cli._language import language_of_run
    from openglm.core.run import Run
    from openglm.core.words import plural

    folder = _runs.find(run)
    language = language_of_run(lang, Run(folder))
    found = explain.verify(folder)
    if as_json:
        _show.print_json({
            "run": str(folder), "ok": found.ok, "checks": [item.text(language) for item in found.checks],
            "differences": [item.model_dump(mode="json") for item in found.differences],
            "remarks": [item.text(language) for item in found.remarks],
        })  # fmt: skip
    else:
        for item in found.checks if found.ok else ():
            typer.echo(f"✓ {item.text(language)}")
        for difference in found.differences:
            typer.echo(f"✗ {difference.text(language)}")
        for item in found.remarks:
            typer.echo(f"· {item.text(language)}")
        n = len(found.differences)
        typer.echo(
            _show.say(language, "Everything is as it was written.", "全部一致。")
            if found.ok
            else _show.say(
                language, f"{plural(n, 'difference')}: this run was changed.", f"共 {n} 处不一致：该运行已被改动。"
            )
        )
    if not found.ok:
        raise typer.Exit(1)
