"""Writes ``docs/cli.md`` from what ``--help`` of every verb says: ``python docs/make_cli.py``.

The texts are taken from the verbs themselves and not from the printed help, whose layout changes with typer's versions.
A test fails while the page differs from what this script would write.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import typer.main

PAGE = Path(__file__).resolve().parent / "cli.md"
INTRO = """# The command line · 命令行

<!-- Written by docs/make_cli.py. Change the help texts in openglm/cli/, then run: python docs/make_cli.py -->

Answers go to standard output, remarks and progress to standard error. After `--json` standard output holds exactly one
JSON value; an error is `{"error": {"type", "message", "hint", "exit_code"}}`. `OPENGLM_DEBUG=1` shows tracebacks.
"""


def page() -> str:
    """Return the text of the page."""
    from openglm.cli._app import app

    group: Any = typer.main.get_command(app)
    parts = [INTRO, _section("openglm", group)]
    parts += [_section(f"openglm {name}", verb) for name, verb in group.commands.items()]
    return "\n".join(parts)


def _section(title: str, verb: Any) -> str:
    words = [item for item in verb.params if item.param_type_name == "argument"]
    usage = [item.metavar if item.required else f"[{item.metavar}]" for item in words]
    if hasattr(verb, "commands"):
        usage = ["VERB"]
    lines = [f"## {title}", "", f"`{' '.join([title, *usage, '[OPTIONS]'])}`", ""]
    for paragraph in inspect.cleandoc(verb.help).replace("\b\n", "").split("\n\n"):
        is_example = paragraph.startswith("openglm ")
        lines += ["```console", paragraph, "```", ""] if is_example else [_escaped(paragraph), ""]
    lines += ["| word or option | meaning | default |", "|---|---|---|"]
    lines += [_row(item) for item in verb.params if item.name != "help"]
    return "\n".join(lines) + "\n"


def _row(item: Any) -> str:
    is_flag = getattr(item, "is_flag", False)
    name = item.metavar if item.param_type_name == "argument" else ", ".join(item.opts)
    if item.param_type_name == "option" and not is_flag:
        name += f" {item.metavar}"
    shown = "" if is_flag or item.default is None or item.required else f"`{item.default}`"
    name, text = (word.replace("|", "\\|") for word in (name, item.help))
    return f"| `{name}` | {_escaped(text)} | {shown} |"


def _escaped(text: str) -> str:
    """Keep ``<class>`` from being read as HTML."""
    return text.replace("<", "\\<")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
