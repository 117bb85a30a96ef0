"""How a check says what it found: both languages in one call, values and names cut to a readable length."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openglm.core.finding import Finding, Severity
from openglm.core.words import Said

SHOWN = 3  # examples in one sentence
LONGEST = 40  # characters of one example
Pair = tuple[str, str]  # English, Chinese

KEPT: Pair = ("Left as it is.", "未作改动。")


def remark(
    severity: Severity, code: str, column: str | None, message: Pair, fix: Pair = KEPT, rows: int | None = None
) -> Finding:
    """Return a finding; texts are (English, Chinese)."""
    return Finding(
        severity=severity, code=code, column=column, rows=rows, message=Said(en=message[0], zh=message[1]),
        fix=Said(en=fix[0], zh=fix[1]),
    )  # fmt: skip


def listed(items: Iterable[Any], limit: int = SHOWN) -> Pair:
    """Return a few examples in the quotation marks of both languages, and whether there are more."""
    texts = [short(item) for item in items]
    more = len(texts) > limit
    return (
        ", ".join(f"'{text}'" for text in texts[:limit]) + (" …" if more else ""),
        "、".join(f"“{text}”" for text in texts[:limit]) + (" 等" if more else ""),
    )


def short(item: Any) -> str:
    """Return a value as text of at most 40 characters; whole numbers without ".0"."""
    text = f"{item:.6g}" if isinstance(item, float) else str(item)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
