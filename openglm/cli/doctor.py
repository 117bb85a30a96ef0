"""``openglm doctor``: whether this machine can do the job, and what to type where it cannot."""

from __future__ import annotations

import typer

from openglm.cli import _options as options


def doctor(lang: options.Lang = None, as_json: options.Json = False) -> None:
    """Look at Python, packages, memory, disk and encoding. 检查运行环境。

    openglm doctor
    openglm doctor --json

    Leaves with 1 when something is broken that a run needs; a missing extra is no fault.
    With --json: {"ok", "openglm", "checks": [{"name", "ok", "needed", "detail", "fix"}]}.
    """
    from openglm import __version__
    from openglm.cli import _machine, _show
    from openglm.cli._language import language_of

    language = language_of(lang)
    checks = _machine.look(language)
    well = all(check.ok for check in checks if check.needed)
    if as_json:
        _show.print_json({"ok": well, "openglm": __version__, "checks": [check.plain() for check in checks]})
    else:
        marks = {(True, True): "ok", (True, False): "ok", (False, True): "BROKEN", (False, False): "-"}
        rows = [
            (marks[check.ok, check.needed], check.name, check.detail, "" if check.ok else check.fix) for check in checks
        ]
        heads = ("状态", "项目", "情况", "处理") if language == "zh" else ("state", "what", "found", "mend it with")
        _show.console().print(f"openglm {__version__}")
        _show.console().print(_show.table(heads, rows))
    if not well:
        raise typer.Exit(1)
