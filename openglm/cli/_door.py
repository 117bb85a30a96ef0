"""The one place where errors become sentences and exit codes. Nothing behind it shows a traceback to a user.

Set ``OPENGLM_DEBUG=1`` to see tracebacks all the same.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

import typer
import typer.core

from openglm.cli._language import forget, guess

if TYPE_CHECKING:
    from openglm.core.errors import QuestionError
    from openglm.core.words import Language

_ARGS = "openglm.args"


class Door(typer.core.TyperGroup):
    """A group of verbs that answers every error in one sentence, or as JSON after ``--json``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Remember the raw words: they say in which language and shape an error is answered."""
        ctx.meta[_ARGS] = list(args)
        forget()
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; turn whatever it raises into an exit code."""
        args: list[str] = ctx.meta[_ARGS]
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            typer.echo("已中断。" if guess(args) == "zh" else "Interrupted.", err=True)
            raise typer.Exit(130) from None
        except Exception as error:
            if hasattr(error, "format_message") and "--json" not in args:
                raise  # a mistake in the options: typer shows the usage line and how to get help
            if os.environ.get("OPENGLM_DEBUG"):
                import traceback

                typer.echo(traceback.format_exc(), err=True)
            raise typer.Exit(_answer(error, args)) from None


def _answer(error: Exception, args: list[str]) -> int:
    """Print the error in the caller's language and shape; return the exit code."""
    from openglm.core.errors import OpenGLMError, QuestionError

    language = guess(args)
    zh = language == "zh"
    hint, code, more = "", 1, {}
    if isinstance(error, OpenGLMError):
        message, hint, code = error.message.text(language), error.hint.text(language), error.exit_code
        text = error.text(language)
        if isinstance(error, QuestionError):
            more = {"options": list(error.options)}
            text = question(error, language)
    elif hasattr(error, "format_message"):
        message = text = str(error.format_message())
        code = int(getattr(error, "exit_code", 2))
    else:
        detail = " ".join(f"{type(error).__name__}: {error}".split())
        message = f"意外错误: {detail}" if zh else f"unexpected: {detail}"
        hint = (
            "请反馈此问题,并附上 openglm doctor 的输出;设置 OPENGLM_DEBUG=1 可查看详细信息。"
            if zh
            else "Please report it with the output of openglm doctor; OPENGLM_DEBUG=1 shows the details."
        )
        text = f"{message} - {hint}"
    if "--json" in args:
        from openglm.cli._show import print_json

        print_json(
            {"error": {"type": type(error).__name__, "message": message, "hint": hint, "exit_code": code, **more}}
        )
    else:
        typer.echo(text, err=True)
    return code


def question(error: QuestionError, language: Language) -> str:
    """Return the open question, its numbered answers, and how to give one."""
    default = " (默认)" if language == "zh" else " (default)"
    options = [f"  {i}. {option}{default if i == 1 else ''}" for i, option in enumerate(error.options, 1)]
    return "\n".join(filter(None, [error.message.text(language), *options, error.hint.text(language)]))


def speak_utf8() -> None:
    """Make redirected output UTF-8 on every system, and never fail over a character a terminal cannot show."""
    if os.environ.get("PYTHONIOENCODING"):
        return
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # replaced by something that is no text stream
            if stream.isatty():
                stream.reconfigure(errors="replace")  # type: ignore[union-attr]
            else:
                stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
