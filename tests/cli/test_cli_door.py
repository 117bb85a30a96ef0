"""Errors become one sentence, or one JSON value, and an exit code."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from openglm.cli._door import Door
from openglm.core import errors
from openglm.core.words import Said


def answer(error: BaseException, *args: str) -> Any:
    """What the command line says when a verb raises ``error``."""
    app = typer.Typer(cls=Door, rich_markup_mode=None, pretty_exceptions_enable=False)

    @app.callback()
    def root() -> None: ...

    @app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
    def fall() -> None:
        raise error

    return CliRunner().invoke(app, ["fall", *args])


ERRORS = [
    errors.OpenGLMError, errors.InputError, errors.SourceError, errors.DataError, errors.ColumnError, errors.PlanError,
    errors.BundleError, errors.StorageError, errors.BudgetError, errors.StoppedError,
]  # fmt: skip


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_has_its_exit_code_and_sentence(kind: type[errors.OpenGLMError]) -> None:
    """stderr holds message and hint, stdout nothing."""
    done = answer(kind(Said(en="It broke.", zh="坏了。"), hint=Said(en="Mend it.", zh="请修理。")))
    assert (done.exit_code, done.stdout, done.stderr) == (kind.exit_code, "", "It broke. Mend it.\n")


@pytest.mark.parametrize("kind", ERRORS)
def test_after_json_the_error_is_json_and_nothing_else(kind: type[errors.OpenGLMError]) -> None:
    """One object with type, message, hint, exit_code."""
    done = answer(kind("It broke.", hint="Mend it."), "--json")
    expected = {"type": kind.__name__, "message": "It broke.", "hint": "Mend it.", "exit_code": kind.exit_code}
    assert (json.loads(done.stdout), done.stderr, done.exit_code) == ({"error": expected}, "", kind.exit_code)


@pytest.mark.parametrize("args", [("--lang", "zh"), ("--lang=zh",), ("预测流失",), ("预测流失", "table.csv")])
def test_the_error_is_in_the_callers_language(args: tuple[str, ...]) -> None:
    """By --lang, else by the sentence."""
    assert answer(errors.InputError(Said(en="It broke.", zh="坏了。")), *args).stderr == "坏了。\n"


@pytest.mark.parametrize("args", [("--lang", "en", "预测"), ("predict it", "数据.csv"), ()])
def test_a_chinese_file_name_makes_no_chinese_caller(args: tuple[str, ...]) -> None:
    """An English sentence over a Chinese file is answered in English."""
    assert answer(errors.InputError(Said(en="It broke.", zh="坏了。")), *args).stderr == "It broke.\n"


def test_a_question_shows_its_answers() -> None:
    """Numbered, the default marked, with how to answer; exit code 4."""
    question = errors.QuestionError("Which one?", hint="Answer with --target.", options=("a", "b b"))
    done = answer(question)
    assert done.exit_code == 4
    assert done.stderr.splitlines() == ["Which one?", "  1. a (default)", "  2. b b", "Answer with --target."]
    assert json.loads(answer(question, "--json").stdout)["error"]["options"] == ["a", "b b"]


def test_the_unexpected_is_one_line() -> None:
    """No traceback, no line breaks of the original message, exit code 1."""
    done = answer(ValueError("first\nsecond"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("unexpected: ValueError: first second - ") and done.stderr.count("\n") == 1
    code = json.loads(answer(ValueError("x"), "--json").stdout)["error"]
    assert (code["type"], code["exit_code"]) == ("ValueError", 1)


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where OPENGLM_DEBUG asks for it."""
    monkeypatch.setenv("OPENGLM_DEBUG", "1")
    assert "Traceback" in answer(ValueError("x")).stderr


def test_ctrl_c_leaves_with_130() -> None:
    """As shells expect."""
    done = answer(KeyboardInterrupt())
    assert (done.exit_code, done.stderr) == (130, "Interrupted.\n")
