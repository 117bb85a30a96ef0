"""What each column of a table is: role, type, range, formats, and the reason in a few words.

Distinct values are counted on all rows; only the costly looks (does this read as a date, how many words?) use a sample. A
number is never an id for being unique alone: ids are named so, run from 1 to n, or are codes of one shape.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_column, read_value
from openglm.core.schema import Column, DType, Scalar, Schema
from openglm.prepare._personal import KINDS, mask, personal_kind, scrub
from openglm.prepare._shapes import (
    date_formats,
    is_code,
    is_id_name,
    may_be_numbers,
    number_formats,
    words_per_value,
)
from openglm.prepare._sight import Coded, coded, coded_at, counted_numbers, rows_of

if TYPE_CHECKING:
    import pandas as pd

LEVELS = 50  # Column.levels is filled up to here
EXAMPLES = 5
SAMPLE = 300  # distinct values looked at closely; the standard error of a share is then below 3 %
READABLE = 0.95  # share of the filled cells that must read as numbers or dates; the rest becomes missing
CATEGORY_LEVELS, CATEGORY_SHARE = 50, 0.2  # up to so many levels, or so many per row, words count as categories
TOKEN_SHARE = 0.5  # one-word values are categories up to so many levels per row: each comes back twice on average
PHRASE_SHARE = 1 / 3  # and short phrases up to here: three times
SENTENCE_WORDS = 4  # so many words on average are read, not listed
NEAR_UNIQUE = 0.95  # an id may be entered twice by mistake
RUNNING_ROWS = 20  # 1..n is a row number only when n is not a handful
FIRST = 1000  # rows whose numbers are looked at as they appear
SHORTEST = 10**6  # numbers of phones, cards and papers have seven digits at least
LONG_CODE = 9  # digits; unique whole numbers of one length from here on are account, phone or order numbers
# Marks that people write where a value is missing; they do not speak against a column of numbers.
MARKS = frozenset({
    "?", "-", "--", "---", ".", "..", "*", "/", "\\", "na", "n.a.", "n/a", "none", "null", "nil", "missing", "unknown", "unk",
    "not available", "not applicable", "未知", "不详", "暂无", "暂无数据", "无", "缺失", "空", "#div/0!", "#value!", "#ref!",
})  # fmt: skip


def infer_schema(frame: pd.DataFrame) -> Schema:
    """Return what every column of ``frame`` is.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
        As :func:`openglm.core.tables.read_table` returns it. Never raises on odd values.
    """
    columns = tuple(
        infer_column(cells, str(name), coded_at(frame, place, cells))
        for place, (name, cells) in enumerate(frame.items())
    )
    return Schema(columns=columns, rows=len(frame))


def infer_column(cells: pd.Series, name: str, known: Coded | None = None) -> Column:
    """Return what one column is; see :func:`infer_schema`. ``known`` is what was counted of its text already."""
    import pandas as pd

    kind = getattr(cells.dtype, "kind", "O")
    if isinstance(cells.dtype, pd.CategoricalDtype) or kind not in "biufmM":
        return _from_objects(cells, name, known)
    values = cells.to_numpy(dtype=np.float64, na_value=np.nan) if kind == "f" else cells.to_numpy()
    if kind != "f" and values.dtype == object:  # nullable integers and truth values with gaps
        values = cells.dropna().to_numpy(dtype={"b": bool, "i": np.int64, "u": np.uint64}.get(kind))
    filled = values[~pd.isna(values)] if values.dtype.kind in "fmM" else values
    if filled.dtype.kind in "iuf" and len(filled) > FIRST:
        found, counts = _counted(filled)
    else:
        codes, found = pd.factorize(filled)
        counts = np.bincount(codes, minlength=len(found))
    facts = _Facts(name, len(cells), len(filled), found, counts)
    if not len(filled):
        return facts.column("empty", "float" if kind == "f" else "str", "no value in any row")
    if kind == "M":
        return _from_times(facts, cells)
    if kind == "m":
        distinct = [read_value(value, _NUMBER) for value in facts.distinct]
        return facts.column("numeric", "float", "durations, in seconds", values=np.array(distinct, dtype=np.float64))
    if kind == "b":
        return facts.sized("category", "bool", "true or false")
    return _from_numbers(facts, filled)


def _counted(filled: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the different numbers and the rows of each; those of the first rows come first, as they appear, then the others."""
    import pandas as pd

    found, counts = counted_numbers(filled)
    first = np.searchsorted(found, pd.unique(filled[:FIRST]))
    rest = np.ones(len(found), dtype=bool)
    rest[first] = False
    order = np.append(first, np.flatnonzero(rest))
    return found[order], counts[order]


class _Facts:
    """What is known of a column before its role: name, rows, filled cells, distinct values and how often each."""

    def __init__(
        self, name: str, rows: int, filled: int, distinct: Any, counts: NDArray[np.int64], personal: str | None = None
    ) -> None:
        self.name, self.rows, self.filled = name, rows, filled
        self.distinct = distinct
        self.counts = counts
        self.unique = len(distinct)
        self._personal = personal

    @cached_property
    def personal(self) -> str:
        """Return what sort of personal data the values are, or nothing."""
        if self._personal is not None:
            return self._personal
        return "" if _is_measured(self.distinct) else personal_kind(self.name, self.distinct)

    @property
    def share_unique(self) -> float:
        return self.unique / max(1, self.filled)

    def sized(self, role: Any, dtype: DType, reason: str, **more: Any) -> Column:
        """Return a constant when there is one value and no gap, else ``role``."""
        if self.unique <= 1 and self.filled == self.rows:
            return self.column("constant", dtype, "the same value in every row", **more)
        return self.column(role, dtype, reason, **more)

    def column(
        self, role: Any, dtype: DType, reason: str, *, values: NDArray[np.float64] | None = None,
        formats: tuple[str, ...] = (),
    ) -> Column:  # fmt: skip
        finite = values[np.isfinite(values)] if values is not None else np.zeros(0)
        kind = "" if role in ("date", "empty") else self.personal
        examples = dict.fromkeys(
            mask(kind, item) if kind else scrub(str(item)[:200]) for item in list(self.distinct[:EXAMPLES])
        )
        # Nothing that is personal leaves this room: not as a level, an example or an end of a range.
        levels = {} if kind else _levels(self.distinct, self.counts, dtype, role)
        known = len(finite) and not kind
        return Column(
            name=self.name, role=role, dtype=dtype, missing=1 - self.filled / self.rows if self.rows else 0.0,
            n_unique=self.unique, levels=tuple(levels), counts=tuple(levels.values()), examples=tuple(examples),
            minimum=float(finite.min()) if known else None, maximum=float(finite.max()) if known else None,
            formats=formats, reason=f"personal data: {KINDS[kind].en}" if kind else reason, personal=kind,
        )  # fmt: skip


_NUMBER = Column(name="", role="numeric", dtype="float")
_TEXT = Column(name="", role="text", dtype="str")


def _is_measured(distinct: Any) -> bool:
    """Say whether most values are fractions or short numbers: no phone, card or paper has so few digits."""
    if not isinstance(distinct, np.ndarray) or distinct.dtype.kind not in "iuf":
        return False
    long = np.abs(distinct.astype(np.float64)) >= SHORTEST
    return bool(long.mean() < 0.5 or (long & (distinct % 1 == 0)).mean() < 0.5)


def _levels(distinct: Any, counts: NDArray[np.int64], dtype: DType, role: str) -> dict[Scalar, int]:
    """Return the distinct values as labels of their own type, sorted, each with its rows."""
    if len(distinct) > LEVELS or role in ("date", "empty"):
        return {}
    label = _NUMBER if dtype in ("int", "float") else Column(name="", role="category", dtype=dtype)
    rows: dict[Any, int] = {}
    for item, count in zip(distinct, counts.tolist(), strict=True):
        read = read_value(item, label)
        if read is not None and not (isinstance(read, float) and np.isnan(read)):
            rows[read] = rows.get(read, 0) + count
    known = dict(sorted(rows.items()))
    if dtype in ("int", "float"):
        return {int(v) if v.is_integer() else v: count for v, count in known.items() if isinstance(v, float)}
    if dtype == "bool" and known.keys() <= {"True", "False"}:
        return {text == "True": count for text, count in known.items()}
    return {str(text): count for text, count in known.items()}


# ── columns of numbers and times ──


def _from_numbers(facts: _Facts, filled: NDArray[Any]) -> Column:
    values = np.asarray(facts.distinct, dtype=np.float64)
    finite = values[np.isfinite(values)]
    if not len(finite):
        return facts.column("empty", "float", "no finite number in any row")
    whole = bool(np.all(finite == np.floor(finite)))
    dtype: DType = "int" if whole and (filled.dtype.kind in "iu" or np.abs(finite).max() < 2**53) else "float"
    if dtype == "int":
        dates = date_formats([str(int(v)) for v in finite[:SAMPLE]])
        if dates == ("%Y%m%d",) and facts.unique > 5 and len(date_formats([str(int(v)) for v in finite])):
            return facts.column("date", "date", "eight digits that are calendar days", formats=dates)
        reason = _id_reason(facts, filled)
        if reason:
            return facts.sized("id", "int", reason, values=values)
    return facts.sized("numeric", dtype, "whole numbers" if dtype == "int" else "numbers", values=values)


def _id_reason(facts: _Facts, filled: NDArray[Any]) -> str:
    """Return why whole numbers only name rows, or nothing."""
    if facts.share_unique < NEAR_UNIQUE or facts.unique < 2:
        return ""
    if is_id_name(facts.name):
        return "named like an id, and (nearly) every row has its own"
    if facts.unique != facts.filled or facts.filled != facts.rows:
        return ""
    low, high = int(filled.min()), int(filled.max())
    if (
        facts.filled >= RUNNING_ROWS
        and high - low == facts.filled - 1
        and (low in (0, 1) or bool(np.all(np.diff(filled) == 1)))
    ):
        return f"a running number from {low} to {high}"
    epoch = (low >= 10**9 and high <= 2 * 10**9) or (
        low >= 10**12 and high <= 2 * 10**12
    )  # seconds, ms: years 2001-2033
    if facts.filled >= RUNNING_ROWS and low >= 10 ** (LONG_CODE - 1) and len(str(low)) == len(str(high)) and not epoch:
        return "long whole numbers of one length, another in every row"
    return ""


def _from_times(facts: _Facts, cells: pd.Series) -> Column:
    as_date = Column(name="", role="date", dtype="datetime")
    seconds = read_column(cells, as_date)
    days = bool(np.all(seconds[np.isfinite(seconds)] % 86400 == 0))
    return facts.sized("date", "date" if days else "datetime", "dates by their type", values=seconds)


# ── columns of text and objects ──


def _from_objects(cells: pd.Series, name: str, known: Coded | None) -> Column:
    import pandas as pd

    try:
        codes, found = known or coded(cells)
    except (TypeError, ArithmeticError):  # lists and other things without a hash, signalling NaN
        codes, found = coded(pd.Series([read_value(cell, _TEXT) for cell in cells], dtype=object))
    raw = found.tolist()  # walks Arrow-backed text several times faster than iteration does
    counts = rows_of(codes, len(raw))
    kinds = set(map(type, raw))
    if kinds == {str}:
        blank = np.fromiter(map(str.isspace, raw), dtype=bool, count=len(raw))
        blank |= np.fromiter(map("".__eq__, raw), dtype=bool, count=len(raw))
    else:
        blank = np.array([isinstance(item, str) and not item.strip() for item in raw], dtype=bool)
    if blank.any():
        raw, counts = [item for item, out in zip(raw, blank, strict=True) if not out], counts[~blank]
        kinds = set(map(type, raw))
    facts = _Facts(name, len(cells), int(counts.sum()), raw, counts)
    if not raw:
        return facts.column("empty", "str", "no value in any row")
    if kinds <= {bool, np.bool_}:
        return facts.sized("category", "bool", "true or false")
    if all(hasattr(item, "isoformat") and hasattr(item, "year") for item in raw[:SAMPLE]):
        made = _from_dates(facts, (), "dates by their type")
        if made is not None:
            return made
    texts = raw if kinds == {str} else [_written(item) for item in raw]
    return _from_texts(facts, texts, kinds)


def _written(item: Any) -> str:
    return item if isinstance(item, str) else "" if isinstance(item, bool | np.bool_) else str(item)


def _from_texts(facts: _Facts, texts: list[str], kinds: set[type]) -> Column:
    step = max(1, len(texts) // SAMPLE)
    sample, weights = texts[::step][: SAMPLE * 2], facts.counts[::step][: SAMPLE * 2]
    if may_be_numbers(sample, MARKS):
        made = _from_digits(facts, sample, weights, kinds)
        if made is not None:
            return made
    dtype: DType = "str"
    reason = _code_reason(facts, sample)
    if reason:
        return facts.sized("id", dtype, reason)
    role, why = _category_or_text(facts, sample)
    mixed = len({"text" if issubclass(kind, str) else "number" for kind in kinds}) > 1
    return facts.sized(role, dtype, f"{why}; text and numbers mixed" if mixed else why)


def _from_digits(facts: _Facts, sample: list[str], weights: Any, kinds: set[type]) -> Column | None:
    dates = date_formats(sample)
    made = _from_dates(facts, dates, "written dates") if dates else None
    if made is None:
        formats = number_formats(sample, weights, MARKS)
        made = None if formats is None else _from_written_numbers(facts, formats, kinds)
    return made


def _from_dates(facts: _Facts, formats: tuple[str, ...], reason: str) -> Column | None:
    as_date = Column(name="", role="date", dtype="datetime", formats=formats)
    seconds = np.array([read_value(item, as_date) for item in facts.distinct], dtype=np.float64)
    readable = np.isfinite(seconds)
    if facts.counts[readable].sum() < READABLE * facts.filled:
        return None
    days = bool(np.all(seconds[readable] % 86400 == 0))
    return facts.sized("date", "date" if days else "datetime", reason, values=seconds, formats=formats)


def _from_written_numbers(facts: _Facts, formats: tuple[str, ...], kinds: set[type]) -> Column | None:
    as_number = _NUMBER.model_copy(update={"formats": formats})
    values = np.array([read_value(item, as_number) for item in facts.distinct], dtype=np.float64)
    readable = np.isfinite(values)
    marks = np.array([isinstance(v, str) and v.strip().casefold() in MARKS for v in facts.distinct], dtype=bool)
    meant = facts.counts[~marks].sum()
    if not readable.any() or facts.counts[readable].sum() < READABLE * meant:
        return None
    finite = values[readable]
    whole = bool(np.all(finite == np.floor(finite)))
    if whole and np.abs(finite).max() > 2**53:
        return None  # ids: as numbers they would no longer be exact
    if whole and facts.share_unique >= NEAR_UNIQUE and facts.unique > 1 and is_id_name(facts.name):
        return facts.sized("id", "int", "named like an id, and (nearly) every row has its own", formats=formats)
    texts = any(issubclass(kind, str) for kind in kinds)
    others = any(not issubclass(kind, str) for kind in kinds)
    reason = "numbers and text mixed, nearly all are numbers" if texts and others else "numbers written as text"
    return facts.sized(
        "numeric", "int" if whole else "float", reason if texts else "numbers", values=values, formats=formats
    )


def _code_reason(facts: _Facts, sample: list[str]) -> str:
    if facts.share_unique < NEAR_UNIQUE or facts.unique < 2:
        return ""
    words = words_per_value(sample)
    if is_id_name(facts.name) and words < 2:
        return "named like an id, and (nearly) every row has its own"
    if facts.unique == facts.filled and facts.filled >= RUNNING_ROWS and is_code(sample):
        return "codes of one shape, another in every row"
    return ""


def _category_or_text(facts: _Facts, sample: list[str]) -> tuple[str, str]:
    words = words_per_value(sample)
    few = facts.unique <= max(CATEGORY_LEVELS, CATEGORY_SHARE * facts.filled)
    if few and (words < SENTENCE_WORDS or facts.unique <= CATEGORY_SHARE * facts.filled):
        return "category", f"{facts.unique} different values in {facts.filled} rows"
    if few and facts.unique <= CATEGORY_LEVELS and facts.share_unique <= TOKEN_SHARE:
        return "category", f"{facts.unique} different values in {facts.filled} rows"
    if words < (2 if facts.share_unique > PHRASE_SHARE else SENTENCE_WORDS) and facts.share_unique <= TOKEN_SHARE:
        return "category", f"{facts.unique} different short values in {facts.filled} rows"
    return "text", f"{facts.unique} different values of {words:.0f} words on average"


# ── columns that a cleaning step has changed ──


def recounted(column: Column, cells: pd.Series) -> Column:
    """Return the column with its facts counted again, as it is read now; role and dtype stay unless nothing is left."""
    import pandas as pd

    codes, distinct = pd.factorize(read_column(cells, column))
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    facts = _Facts(column.name, len(cells), int(counts.sum()), distinct.tolist(), counts, column.personal)
    values = distinct if column.role in ("numeric", "date") else None
    if facts.filled:
        made = facts.sized(column.role, column.dtype, column.reason, values=values, formats=column.formats)
    else:
        made = facts.column("empty", column.dtype, "no value in any row after cleaning", formats=column.formats)
    same = ("marks", "spelling", "digits", "low", "high", "allowed", "personal", "examples")
    return made.model_copy(update={name: getattr(column, name) for name in same})


def as_words(column: Column, cells: pd.Series) -> Column:
    """Return the column as it is when its text is not read as numbers or dates."""
    import pandas as pd

    plain = Column(name=column.name, role="category", dtype="str", personal=column.personal, examples=column.examples)
    codes, words = pd.factorize(read_column(cells, plain))
    counts = np.bincount(codes[codes >= 0], minlength=len(words))
    facts = _Facts(column.name, len(cells), int(counts.sum()), words.tolist(), counts, column.personal)
    role, reason = _category_or_text(facts, facts.distinct[:: max(1, len(words) // SAMPLE)][: SAMPLE * 2])
    return recounted(plain.model_copy(update={"role": role, "reason": reason}), cells)
