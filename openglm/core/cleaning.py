"""What is done to a table before anything is learned: steps that a person can read, edit and run, each with its reason.

A step is data, no code. How it acts on cells stands in the :class:`~openglm.core.schema.Column` that it changes, so that a
row that is served later is cleaned exactly as the training rows were.

A stated range says what is an error: values outside become missing, and their rows stay. "Only rows with X between a and b" says
what is learned from: that is a range and ``required`` on the same column, so rows outside leave, and so do rows of which X is
not known. Rows leave the learning only: at prediction such a row gets an answer all the same.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from openglm.core._mistakes import empty_range
from openglm.core.schema import Scalar
from openglm.core.words import Said, Word

CleanOp = Literal[
    "missing_marks", "spelling", "digits", "range", "one_of", "required", "numbers", "dates", "drop_rows", "drop_column"
]
"""``missing_marks``: these values mean missing; ``spelling``: one way of writing a level; ``digits``: keep digits only;
``range``, ``one_of``: other values become missing; ``required``: rows without a value go; ``numbers``, ``dates``: read text as
such; ``drop_rows``: by row number; ``drop_column``."""


class Rule(Word):
    """A rule that the sentence states about the data, e.g. "金额在 0 到 100 万之间".

    Parameters
    ----------
    column : str
        Of the table.
    op : CleanOp
        ``digits``, ``range``, ``one_of`` or ``required``.
    low, high : float or None
        Ends of a range; ``None`` leaves a side open.
    strict : bool
        Whether the ends themselves are outside: "must be positive" is a strict range from 0.
    values : tuple of scalar
        Of ``one_of``.
    words : str
        The words of the sentence that say so.
    """

    column: str
    op: Literal["digits", "range", "one_of", "required"]
    low: float | None = None
    high: float | None = None
    strict: bool = False
    values: tuple[Scalar, ...] = ()
    words: str = ""

    @model_validator(mode="after")
    def _check(self) -> Rule:
        if self.op == "range" and self.low is None and self.high is None:
            raise ValueError("a range needs 'low' or 'high'")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise empty_range(self.low, self.high)
        return self


class CleanStep(Word):
    """One step of cleaning.

    Parameters
    ----------
    op : CleanOp
        What is done.
    column : str or None
        To which column; ``None`` for whole rows.
    values : tuple of scalar
        Marks that mean missing, allowed values, formats, or row numbers.
    spelling : dict of str to str
        Of ``spelling``: as written → as it shall be.
    low, high : float or None
        Of ``range``.
    strict : bool
        Of ``range``: whether the ends themselves are outside.
    origin : {"stated", "found"}
        Whether the user said so or the data do.
    rows : int
        Rows (cells of the column) that it changes in the training table.
    reason : Said
        Why.
    """

    op: CleanOp
    column: str | None = None
    values: tuple[Scalar, ...] = ()
    spelling: dict[str, str] = {}
    low: float | None = None
    high: float | None = None
    strict: bool = False
    origin: Literal["stated", "found"] = "found"
    rows: int = Field(default=0, ge=0)
    reason: Said = Said(en="", zh="")

    @model_validator(mode="after")
    def _check(self) -> CleanStep:
        if self.op == "range" and self.low is not None and self.high is not None and self.low > self.high:
            raise empty_range(self.low, self.high)
        return self
