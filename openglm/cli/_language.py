"""Which language to answer in: what ``--lang`` says, else the one of the sentence, else the one of the environment."""

from __future__ import annotations

import contextlib
import locale
import os
import re
import sys
from collections.abc import Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openglm.core.run import Run
    from openglm.core.words import Language

_CHINESE = re.compile("[\u3400-\u9fff]")  # CJK unified ideographs and extension A (Unicode 15, chapter 18)


_settled: ContextVar[Language | None] = ContextVar("openglm_cli_language", default=None)


def forget() -> None:
    """Begin a new call: nothing is settled yet."""
    _settled.set(None)


def _settle(language: Language) -> Language:
    """Remember what this call speaks, for an error that comes later."""
    _settled.set(language)
    return language


def language_of_run(lang: str | None, run: Run) -> Language:
    """Return the language for answers about a run: ``--lang``, else the one it was asked for in, else the environment's."""
    from openglm.core.errors import BundleError

    if lang is None:
        with contextlib.suppress(BundleError):
            return _settle(run.goal.language)
    return language_of(lang)


def language_of(lang: str | None, sentence: str | None = None) -> Language:
    """Return "zh" or "en".

    Parameters
    ----------
    lang : str or None
        Value of ``--lang``.
    sentence : str or None
        What the user asked for, if this verb has it.

    Raises
    ------
    InputError
        If ``lang`` is no language of the house.
    """
    if lang is not None:
        short = lang.strip().casefold().replace("_", "-").split("-")[0]
        if short in ("zh", "cn", "en"):
            return _settle("en" if short == "en" else "zh")
        from openglm.core.errors import InputError
        from openglm.core.words import Said

        raise InputError(
            Said(en=f"There is no language '{lang}'.", zh=f"不支持语言“{lang}”。"),
            hint=Said(en="Use --lang zh or --lang en.", zh="请使用 --lang zh 或 --lang en。"),
        )
    if sentence and sentence.strip():
        return _settle("zh" if _CHINESE.search(sentence) else "en")
    return _settle(of_environment())


def of_environment() -> Language:
    """Return the language of the terminal session; English where it says nothing."""
    # The order is POSIX's: the first that is set wins.
    said = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    if not said and sys.platform == "win32":
        said = locale.getlocale()[0] or ""
    return "zh" if said.casefold().startswith(("zh", "chinese")) else "en"


def guess(args: Sequence[str]) -> Language:
    """Return the language for an error: what the verb has settled on, else what the raw words say, which may not even parse."""
    settled = _settled.get()
    if settled is not None:
        return settled
    for i, arg in enumerate(args):
        value = arg.partition("=")[2] if arg.startswith("--lang=") else "".join(args[i + 1 : i + 2])
        if arg.split("=")[0] == "--lang" and value[:2] in ("zh", "en"):
            return "zh" if value.startswith("zh") else "en"
    # A sentence has blanks or Chinese characters and no file ending; the verb itself is args[0].
    sentences = [arg for arg in args[1:] if not arg.startswith("-") and not re.search(r"\.\w{1,8}$", arg)]
    if any(_CHINESE.search(arg) for arg in sentences):
        return "zh"
    return "en" if any(" " in arg for arg in sentences) else of_environment()
