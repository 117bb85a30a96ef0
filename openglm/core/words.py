"""The base of everything that crosses a door: frozen values that turn into JSON and back without loss."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

Language = Literal["zh", "en"]


class Word(BaseModel):
    """A frozen value with lossless JSON.

    Not-a-number and infinities travel as the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``, so that the files
    are valid JSON (RFC 8259) for every reader.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings", protected_namespaces=())

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return this value as JSON text; ``from_json`` is its inverse."""
        return self.model_dump_json(indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the value that ``to_json`` wrote.

        Raises
        ------
        pydantic.ValidationError
            If the text is not JSON of this shape.
        """
        return cls.model_validate_json(text)


class Said(Word):
    """One message in both languages of the house."""

    en: str
    zh: str

    def text(self, language: Language) -> str:
        """Return the message in ``language``."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.en


def plural(n: int, one: str, many: str = "") -> str:
    """Return a number with its English noun.

    Examples
    --------
    >>> plural(1, "row"), plural(1200, "row"), plural(2, "copy", "copies")
    ('1 row', '1,200 rows', '2 copies')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"
