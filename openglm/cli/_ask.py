"""Asks a person on a terminal what a sentence left open, and goes on with the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import typer

from openglm.core.errors import QuestionError
from openglm.core.words import Language

T = TypeVar("T")


def until_clear(call: Callable[[str | None], T], target: str | None, language: Language, *, may_ask: bool) -> T:
    """Return what ``call(target)`` returns; where it asks for the target, let the person choose and call again.

    Parameters
    ----------
    call : callable
        Takes the target column or ``None``.
    target : str or None
        As given on the command line.
    language : Language
        To ask in.
    may_ask : bool
        False lets the question pass on: after ``--json``, or with nobody at the keyboard (:func:`somebody_is_there`).
    """
    while True:
        try:
            return call(target)
        except QuestionError as question:
            if not may_ask or not question.options:
                raise
            target = choose(question, language)


def somebody_is_there() -> bool:
    """Say whether a person can read the question and type an answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def choose(question: QuestionError, language: Language) -> str:
    """Print the numbered options on standard error and return the chosen one; Enter takes the first."""
    typer.echo(question.text(language), err=True)
    for i, option in enumerate(question.options, 1):
        typer.echo(f"  {i}. {option}", err=True)
    ask = "请输入编号" if language == "zh" else "Which one?"
    while True:
        answer = str(typer.prompt(ask, default="1", err=True)).strip()
        if answer in question.options:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(question.options):
            return question.options[int(answer) - 1]
        n = len(question.options)
        typer.echo(f"请输入 1 到 {n}。" if language == "zh" else f"Please type a number from 1 to {n}.", err=True)
