"""Open questions are asked once, on standard error, and the answer is used."""

from __future__ import annotations

import io
import sys

import pytest

from openglm.cli._ask import choose, until_clear
from openglm.core.errors import QuestionError

QUESTION = QuestionError("Which one?", options=("Churn", "Gender"))


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.mark.parametrize(
    ("text", "expected"), [("\n", "Churn"), ("2\n", "Gender"), ("Gender\n", "Gender"), ("9\n0\nx\n1\n", "Churn")]
)
def test_a_number_a_name_or_just_enter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    """Enter takes the first; nonsense is asked again; stdout stays clean for the answer."""
    typed(monkeypatch, text)
    assert choose(QUESTION, "en") == expected
    seen = capsys.readouterr()
    assert seen.out == "" and "  2. Gender" in seen.err


def test_the_call_is_made_again_with_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """First without a target, then with the chosen one."""
    typed(monkeypatch, "2\n")
    seen: list[str | None] = []

    def work(target: str | None) -> str:
        seen.append(target)
        if target is None:
            raise QUESTION
        return target

    assert until_clear(work, None, "zh", may_ask=True) == "Gender"
    assert seen == [None, "Gender"]


@pytest.mark.parametrize("question", [QUESTION, QuestionError("What?")])
def test_with_nobody_there_or_nothing_to_choose_it_passes_on(question: QuestionError) -> None:
    """The door prints it and leaves with 4."""

    def work(target: str | None) -> str:
        raise question

    with pytest.raises(QuestionError):
        until_clear(work, None, "en", may_ask=not question.options)


def test_when_the_input_ends_the_question_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """No endless loop, no made-up answer."""
    typed(monkeypatch, "nonsense\n")
    with pytest.raises(QuestionError):
        choose(QUESTION, "en")
