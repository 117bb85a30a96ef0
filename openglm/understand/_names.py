"""Column names spelled in the sentence: those that must exist, and those that are no numbers or metrics."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from openglm.understand import _said
from openglm.understand._linker import Linker
from openglm.understand._normalise import fold

if TYPE_CHECKING:
    from openglm.understand._reader import Reading

_COLUMN_WANTED = re.compile(
    r"(?:预测|估计|估算|目标(?:列|是|为)?|\bpredict(?:ing)?|\bforecast|\bestimate|\bclassify|\bregress|"
    r"\btarget(?: is)?|\blabel(?: is)?|column)\s*[:=是为]?\s*(?:the |column )?[\"'`“「]?$"
)
_QUOTED = re.compile(r"[`\"“「『‘']([^`\"”」』’'\n]{1,60})[`\"”」』’']")
_IDENTIFIER = re.compile(
    r"(?:预测|估计|\bpredict(?:ing)?|\bforecast|\bestimate|\bclassify|"
    r"\bregress)\s*(?:the\s+)?(?:column\s+)?([A-Za-z]\w*_\w+|[a-z]+[A-Z]\w*)(?!\w)"
)


def protected(folded: str, linker: Linker) -> list[tuple[int, int]]:
    """Whole column names that must not be read as numbers or metrics: "euribor3m", "近30天消费", "predict accuracy"."""
    spans = []
    for link in linker.exact(folded).values():
        for start, end in link.spans:
            if re.search(r"[\d一二三四五六七八九十两半]", folded[start:end]) or _COLUMN_WANTED.search(folded[:start]):
                spans.append((start, end))
    return spans


def check(reading: Reading) -> None:
    """A quoted or identifier-shaped name must exist, else the nearest is offered instead of guessed.

    Raises
    ------
    ColumnError
        If it does not, and one of the table is near.
    """
    original = reading.text.original[: len(reading.text.places) + 1]
    names = [m.group(1) for m in _IDENTIFIER.finditer(original)]
    for m in _QUOTED.finditer(original):
        before = fold(original[: m.start()], reading.lexicon.characters).folded
        if m.group(0)[0] == "`" or _COLUMN_WANTED.search(before):
            names.append(m.group(1))
    if reading.scopes.unknown:
        start, end = reading.scopes.unknown[1:]
        names.append(reading.span(start, end).text)
    for name in names:
        if _exists(name, reading):
            continue
        known = reading.schema.names
        near = difflib.get_close_matches(name.casefold(), [item.casefold() for item in known], n=1)
        if near or not reading.found or reading.found[0].lexical < 0.8:
            raise _said.unknown_column(name, known)


def _exists(name: str, reading: Reading) -> bool:
    folded = fold(name, reading.lexicon.characters).folded.strip()
    if not folded or any(
        folded == str(level).casefold() for c in reading.schema.columns for level in (*c.levels, *c.examples)
    ):
        return True
    links = reading.linker.links(folded)
    return any(item.folded == folded for item in reading.linker.profiles) or any(
        link.score >= 0.9 and link.how in ("name", "part") for link in links
    )
