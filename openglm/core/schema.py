"""What a table looks like, without its rows: columns with role, type, range and examples."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from openglm.core.errors import ColumnError, did_you_mean
from openglm.core.words import Said, Word

Role = Literal["numeric", "category", "date", "text", "id", "constant", "empty"]
DType = Literal["int", "float", "bool", "str", "date", "datetime"]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Scalar = bool | int | Finite | str
"""A class label, a level or a setting, as JSON knows it."""


class Column(Word):
    """One column of a table.

    Parameters
    ----------
    name : str
        Exactly as the source spells it, blanks included.
    role : Role
        What the column is for: ``numeric`` (a quantity), ``category`` (a few levels), ``date``, ``text`` (words to read),
        ``id`` (names rows, carries nothing to learn), ``constant``, ``empty``.
    dtype : DType
        What its values are, once read: a number written as text ("$1,200") is a ``float``.
    missing : float
        Share of missing cells, in [0, 1].
    n_unique : int
        Distinct values, missing not counted.
    levels : tuple
        All distinct values as labels, in sorted order, when there are at most 50; else empty.
    counts : tuple of int
        Rows of each level, in the order of ``levels``; empty where nobody counted.
    examples : tuple of str
        Up to five values as the source writes them.
    minimum, maximum : float or None
        Range of a numeric column; seconds since 1970 (UTC) for a date.
    marks : tuple of str
        Values that mean missing here beside blank ones, as text: "?", "无", "-999" (numbers are compared by their value).
    spelling : dict of str to str
        Of a category: how a level may be written → how it is called.
    digits : bool
        Whether only the digits of a value count ("6222-0210" is "62220210").
    low, high : float or None
        Of a number or date: values outside are missing; both ends belong to the range.
    allowed : tuple of str
        Of a category: other labels are missing; empty allows all.
    personal : str
        What sort of personal data it holds: ``name``, ``phone``, ``email``, ``id_card``, ``bank_card``, ``address``, ``ip``,
        ``plate``, or nothing; its values are masked wherever the project writes them.
    formats : tuple of str
        How the column must be read: "comma" (1,234.5), "decimal_comma" (1.234,5), "percent", "currency", "unit",
        or a ``strptime`` format for a date.
    reason : str
        Why this role, in English.
    """

    name: str
    role: Role
    dtype: DType
    missing: float = Field(default=0.0, ge=0, le=1)
    n_unique: int = Field(default=0, ge=0)
    levels: tuple[Scalar, ...] = ()
    counts: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    marks: tuple[str, ...] = ()
    spelling: dict[str, str] = {}
    digits: bool = False
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    personal: str = ""
    formats: tuple[str, ...] = ()
    reason: str = ""

    @cached_property
    def has_rules(self) -> bool:
        """Whether a cell is more than read: marks, spelling, digits, allowed values or a range."""
        within = self.low is not None or self.high is not None
        return bool(self.marks or self.spelling or self.digits or self.allowed or within)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed; what was remembered of the old ones is not copied."""
        made = super().model_copy(update=update, deep=deep)
        made.__dict__.pop("has_rules", None)
        return made

    @property
    def rarer(self) -> Scalar | None:
        """Return of two levels the one in fewer rows; ``None`` with other levels, equal counts or none."""
        if len(self.levels) != 2 or len(self.counts) != 2 or self.counts[0] == self.counts[1]:
            return None
        return self.levels[0] if self.counts[0] < self.counts[1] else self.levels[1]


class Schema(Word):
    """The columns of a table, in its order, and how many rows it has."""

    columns: tuple[Column, ...]
    rows: int = Field(ge=0)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, in table order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Name → column; of columns with equal names the first."""
        return {column.name: column for column in reversed(self.columns)}

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __getitem__(self, name: str) -> Column:
        if name in self.by_name:
            return self.by_name[name]
        raise ColumnError(
            Said(en=f"There is no column '{name}'.", zh=f"没有名为“{name}”的列。"),
            hint=did_you_mean(name, self.names),
        )

    def resolve(self, name: str) -> str:
        """Return the exact name of the column the caller means: exact, else without regard to case and outer blanks.

        Raises
        ------
        ColumnError
            If no column or more than one fits; the hint names the nearest.
        """
        if name in self:
            return name
        folded = name.strip().casefold()
        close = [item for item in self.names if item.strip().casefold() == folded]
        return close[0] if len(close) == 1 else self[name].name

    def only(self, names: tuple[str, ...]) -> Schema:
        """Return the schema of a table that holds just ``names``, in their order."""
        return Schema(columns=tuple(self[name] for name in names), rows=self.rows)
