"""Asks a person on a terminal what a sentence left open, and goes on with the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

from openglm.cli._show import tell
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
    """Print the numbered options on standard error and return the chosen one; Enter takes the first.

    Raises
    ------
    QuestionError
        The same one, if the input ends before there is an answer.
    """
    tell(question.message.text(language))
    for i, option in enumerate(question.options, 1):
        tell(f"  {i}. {option}")
    n = len(question.options)
    ask = f"请输入编号 1-{n} [1]: " if language == "zh" else f"Which one, 1-{n}? [1]: "
    while True:
        # Not input(): it would write the prompt to standard output, where only the answer belongs.
        print(ask, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise question
        answer = line.strip() or "1"
        if answer in question.options:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= n:
            return question.options[int(answer) - 1]
