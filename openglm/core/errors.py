"""Every error a user can meet, drawn as a tree. Each knows the way out.

OpenGLMError                     exit 1   http 500
├─ InputError                    exit 2   http 422   the caller gave something we cannot use
│  ├─ SourceError                exit 2   http 422   a file or table that cannot be read
│  ├─ DataError                  exit 3   http 422   it was read, but no model can be learned from it
│  ├─ ColumnError                exit 2   http 422   a column that does not exist or does not fit
│  └─ PlanError                  exit 2   http 422   a plan or setting that cannot be carried out
├─ QuestionError                 exit 4   http 409   the sentence leaves something open: answer and call again
├─ MissingExtraError             exit 5   http 501   an optional package is not installed
├─ BundleError                   exit 6   http 500   a saved model or run folder is damaged or not trusted
├─ StorageError                  exit 7   http 507   disk full, no permission
├─ BudgetError                   exit 8   http 504   the time or memory was too little for even one model
├─ EngineError                   exit 9   http 502   a language model gave no usable answer
└─ StoppedError                  exit 130 http 499   stopped by the user before there was anything to keep
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar

from openglm.core.words import Language, Said


class OpenGLMError(Exception):
    """Root of all errors of the package.

    Parameters
    ----------
    message : Said or str
        One sentence: what is wrong and where. A plain string stands for both languages.
    hint : Said or str, default=""
        How to mend it.

    Attributes
    ----------
    exit_code : int
        What the command line returns to the shell.
    http_status : int
        What a server answers.
    retryable : bool
        Whether the same call may succeed later without any change.
    """

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: Said | str, *, hint: Said | str = "") -> None:
        self.message = message if isinstance(message, Said) else Said(en=message, zh=message)
        self.hint = hint if isinstance(hint, Said) else Said(en=hint, zh=hint)
        super().__init__(self.text("en"))

    def text(self, language: Language) -> str:
        """Return message and hint as one paragraph in ``language``."""
        message, hint = self.message.text(language), self.hint.text(language)
        if not hint:
            return message
        return f"{message}{'' if language == 'zh' else ' '}{hint}"


class InputError(OpenGLMError, ValueError):
    """The caller gave something that cannot be used; also a ``ValueError``, for those who catch that."""

    exit_code = 2
    http_status = 422


class SourceError(InputError):
    """A file or table cannot be read."""


class DataError(InputError):
    """The data was read, but no model can be learned from it."""

    exit_code = 3


class ColumnError(InputError):
    """A named column does not exist or does not fit its use."""


class PlanError(InputError):
    """A plan or setting cannot be carried out."""


class QuestionError(OpenGLMError):
    """The sentence leaves something open that changes the work.

    Attributes
    ----------
    options : tuple of str
        Possible answers, best first; the first one is what ``--yes`` takes.
    """

    exit_code = 4
    http_status = 409

    def __init__(self, message: Said | str, *, hint: Said | str = "", options: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.options = options


class MissingExtraError(OpenGLMError):
    """An optional package is not installed; the hint names the command that installs it."""

    exit_code = 5
    http_status = 501

    def __init__(self, package: str, extra: str, *, purpose: str) -> None:
        command = f'pip install "openglm[{extra}]"'
        super().__init__(
            Said(en=f"{purpose} needs the package '{package}'.", zh=f"{purpose} 需要安装包“{package}”。"),
            hint=Said(en=f"Install it with: {command}", zh=f"请运行: {command}"),
        )


class BundleError(OpenGLMError):
    """A saved model or a run folder is damaged, incomplete or not trusted."""

    exit_code = 6


class StorageError(OpenGLMError):
    """Writing failed: disk full, no permission, read-only."""

    exit_code = 7
    http_status = 507
    retryable = True


class BudgetError(OpenGLMError):
    """The time or memory allowed was too little for even one model."""

    exit_code = 8
    http_status = 504


class EngineError(OpenGLMError):
    """A language model gave no usable answer: unreachable, refused, too slow, too long, garbled."""

    exit_code = 9
    http_status = 502
    retryable = True


class StoppedError(OpenGLMError):
    """The user stopped the work before there was anything to keep."""

    exit_code = 130
    http_status = 499


def did_you_mean(name: str, known: Iterable[str]) -> Said:
    """Return a hint naming the closest known names, or all of them when they are few.

    Similarity is the Ratcliff/Obershelp ratio of :mod:`difflib` with its documented default cut-off 0.6.
    """
    known = list(known)
    folded = {item.casefold().strip(): item for item in reversed(known)}
    close = difflib.get_close_matches(name.casefold().strip(), list(folded), n=3)
    if close:
        names = [folded[item] for item in close]
        return Said(
            en="Did you mean " + " or ".join(f"'{item}'" for item in names) + "?",
            zh="您是指" + "还是".join(f"“{item}”" for item in names) + "吗?",
        )
    shown, more = known[:12], len(known) - 12
    en, zh = ", ".join(shown), "、".join(shown)
    if more > 0:
        return Said(en=f"There are: {en} and {more} more.", zh=f"现有: {zh} 等 {len(known)} 个。")
    return Said(en=f"There are: {en}.", zh=f"现有: {zh}。")
