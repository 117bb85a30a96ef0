"""What one turn of a conversation brings: collected in a :class:`Turn`, handed out as a :class:`Reply`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openglm.chat._talk import Change, say
from openglm.core.errors import OpenGLMError
from openglm.core.result import Result
from openglm.core.task import Goal, Question
from openglm.core.words import Language, Said

SAY_WHAT = Said(
    en="Say what to predict, e.g. 'predict which customers will churn'.",
    zh="请说明要预测什么,例如“预测哪些客户会流失”。",
)


@dataclass(frozen=True)
class Reply:
    """The answer to one turn.

    Attributes
    ----------
    text : str
        What a person reads, in the language of the turn.
    goal : Goal or None
        The frame in force afterwards; ``None`` before the first one and after a cancellation.
    changes : tuple of Change
        Slots that the turn set, changed or lifted.
    result : Result or None
        Of the model that the turn trained or spoke of.
    files : tuple of Path
        Made by the turn.
    question : Question or None
        What is open; the next turn may answer it by number or name.
    error : OpenGLMError or None
        Why the turn could not be done.
    """

    text: str
    goal: Goal | None
    changes: tuple[Change, ...] = ()
    result: Result | None = None
    files: tuple[Path, ...] = ()
    question: Question | None = None
    error: OpenGLMError | None = None
    sentence: str = ""
    language: Language = "en"

    def plain(self) -> dict[str, Any]:
        """Return plain JSON data: what ``openglm chat --json`` prints, one line each."""
        return {
            "sentence": self.sentence, "text": self.text, "language": self.language,
            "intent": None if self.goal is None else self.goal.intent,
            "tasks": [] if self.goal is None else [task.model_dump(mode="json") for task in self.goal.tasks],
            "changes": [{"slot": item.slot, "before": item.before, "after": item.after} for item in self.changes],
            "run": None if self.result is None else str(self.result.run.path),
            "files": [str(path) for path in self.files],
            "question": None if self.question is None else {
                "text": self.question.text.text(self.language),
                "options": [option.column for option in self.question.options],
            },
            "error": None if self.error is None else {
                "type": type(self.error).__name__, "message": self.error.message.text(self.language),
                "hint": self.error.hint.text(self.language), "exit_code": self.error.exit_code,
            },
        }  # fmt: skip


@dataclass
class Turn:
    """What a turn has brought so far."""

    sentence: str
    language: Language
    goal: Goal | None = None
    changes: tuple[Change, ...] = ()
    lines: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    result: Result | None = None
    question: Question | None = None
    error: OpenGLMError | None = None
    said: list[str] = field(default_factory=list)

    def add(self, en: str, zh: str) -> None:
        """Add a line in the language of the turn."""
        self.lines.append(say(self.language, en, zh))
