"""What a person expects of a table, written down in YAML: the file that later tables are checked against."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from openglm.core._mistakes import mistake
from openglm.core.errors import InputError, SourceError
from openglm.core.plan import yaml_json
from openglm.core.words import Said, Word

Kind = Literal["integer", "number", "text", "category", "date", "boolean"]


class ColumnRule(Word):
    """What is expected of one column; what is not said is not checked.

    Parameters
    ----------
    type : Kind or None
        How its values read.
    required : bool
        Whether the column must be there.
    unique : bool
        Whether no value may come twice.
    min, max : float, str or None
        Ends of the range, both allowed; of dates as "2024-03-05".
    allowed : tuple of str or None
        The only values, as text.
    pattern : str or None
        A regular expression that the whole of every value fits (Python's ``re``).
    missing_at_most : float
        Share of missing cells, in [0, 1].
    """

    type: Kind | None = None
    required: bool = True
    unique: bool = False
    min: float | str | None = None
    max: float | str | None = None
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None
    missing_at_most: float = Field(default=1.0, ge=0, le=1)

    @field_validator("allowed", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """Numbers and truth values in a list are taken as text: nobody quotes them in YAML."""
        if isinstance(value, list | tuple):
            return tuple(item if isinstance(item, str) else f"{item}" for item in value)
        return value

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"'{value}' is no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _in_order(self) -> ColumnRule:
        if isinstance(self.min, float) and isinstance(self.max, float) and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self


class Expectations(Word):
    """What is expected of a table.

    Parameters
    ----------
    rows_at_least : int
        Fewer rows are a violation.
    other_columns : bool
        Whether there may be columns that are not named here.
    same_order : bool
        Whether the columns must stand in this order.
    columns : dict of str to ColumnRule
        By name; case and outer blanks of names do not matter.
    """

    rows_at_least: int = Field(default=1, ge=0)
    other_columns: bool = True
    same_order: bool = False
    columns: dict[str, ColumnRule] = {}

    def to_yaml(self) -> str:
        """Return it as YAML that a person can edit, without what is only a default; ``from_yaml`` reads it back."""
        plain = self.model_dump(mode="json", exclude_defaults=True)
        plain = {"rows_at_least": self.rows_at_least, "other_columns": self.other_columns, **plain}
        columns = {name: plain.get("columns", {}).get(name, {}) for name in self.columns}
        plain["columns"] = columns
        return HEAD + yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=110)

    @classmethod
    def read(cls, path: str | Path) -> Expectations:
        """Return the expectations in a file.

        Raises
        ------
        SourceError
            If it cannot be read.
        InputError
            If it has a mistake.
        """
        try:
            return cls.from_yaml(Path(path).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(
                Said(en=f"The expectations in {path} cannot be read.", zh=f"无法读取预期文件 {path}。"), hint=_MEND
            ) from error

    @classmethod
    def from_yaml(cls, text: str) -> Expectations:
        """Return what ``to_yaml`` wrote, edited or not.

        Raises
        ------
        InputError
            If the text is not YAML or has a mistake; one sentence names the place.
        """
        try:
            data: Any = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
            what = getattr(error, "problem", None) or str(error).split("\n", maxsplit=1)[0]
            raise InputError(
                Said(
                    en=f"The expectations are not valid YAML{line}: {what}.",
                    zh=f"预期文件不是有效的 YAML{line}: {what}。",
                ),
                hint=_MEND,
            ) from error
        if isinstance(data, dict) and isinstance(data.get("columns"), dict):
            data["columns"] = {str(name): {} if rule is None else rule for name, rule in data["columns"].items()}
        try:
            return cls.model_validate_json(yaml_json({} if data is None else data))
        except ValidationError as error:
            first = error.errors()[0]
            place = " → ".join(str(part) for part in first["loc"] if part not in ("float", "str")) or "top"
            what = mistake(first)
            if first["type"] == "extra_forbidden":
                known = ", ".join((cls if len(first["loc"]) == 1 else ColumnRule).model_fields)
                what = Said(en=f"there is no such word; there are: {known}", zh=f"没有这个词;可用的有: {known}")
            raise InputError(
                Said(
                    en=f"The expectations have a mistake at {place}: {what.en}.",
                    zh=f"预期文件在 {place} 处有误: {what.zh}。",
                ),
                hint=_MEND,
            ) from error


HEAD = """\
# What later tables are checked against: openglm check NEW --expect THIS_FILE
# Edit freely. A line that is left out is not checked. Words for a column: type (integer, number, text, category, date,
# boolean), required, unique, min, max, allowed, pattern (a regular expression for the whole value), missing_at_most (a share).
# Proposed: a tenth of the rows, ranges a tenth wider, gaps a twentieth more; mistakes that were found are not expected.
"""
_MEND = Said(
    en="Mend it, or write a new one with: openglm check DATA --save expectations.yaml",
    zh="请修改,或用 openglm check 数据 --save expectations.yaml 重新生成。",
)
