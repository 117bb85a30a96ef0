"""Typed values from raw cells: what a column's role, dtype and formats make of a number, a label, a word or a date.

``read_column`` reads a whole column, ``read_value`` one cell; they agree cell by cell, so that what a model learned from a
file is what it sees when a single row is served. Nothing is decided here: how a column must be read stands in its
:class:`~openglm.core.schema.Column`. What cannot be read is missing (NaN or None), and so is infinity.

Where a column has rules they act in this order: values that mean missing, digits only, reading, spelling, allowed values, range.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.schema import Column

if TYPE_CHECKING:
    import pandas as pd

NAN = math.nan
_EPOCH = dt.datetime(1970, 1, 1)
_EPOCH_UTC = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # ticks of numpy's time units
_TRUTHS = {"true": "True", "false": "False", "1": "True", "0": "False", "1.0": "True", "0.0": "False"}

# Chinese counting words multiply; percent and per mille divide.
_TIMES = {"千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12, "": 1.0}
_SHARE = {"%": 100.0, "‰": 1000.0, "": 1.0}
# Money signs are Unicode category Sc; these are the ones on keyboards and in ISO 4217 that people write beside amounts.
MONEY = r"(?:[$¥€£₹₩₽₺฿₫₪]|US\$|HK\$|NT\$|USD|CNY|RMB|EUR|GBP|HKD|JPY|元|人民币|美元|欧元|港元|港币|日元)"
_POINT = r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}|\d{1,3}(?:[ ']\d{3})+|\d+)(?:\.\d*)?|\.\d+"
_COMMA = r"(?:\d{1,3}(?:[. ']\d{3})+|\d+)(?:,\d*)?|,\d+"

_CLOCK = r"(?:[T ]+(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.(\d{1,9}))?秒?|分)? ?([AaPp][Mm])?)?$"
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?" + _CLOCK)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _CLOCK)
_YEAR_MONTH = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})月?$")


def read_column(
    values: pd.Series | pd.Index | NDArray[Any], column: Column,
    coded: tuple[NDArray[np.integer[Any]], pd.Index] | None = None,
) -> NDArray[Any]:  # fmt: skip
    """Return the typed values of a column.

    Parameters
    ----------
    values : Series, Index or ndarray of shape (rows,)
        Raw cells of any dtype. Left untouched.
    column : Column
        How to read them.
    coded : (ndarray of shape (rows,), Index) or None
        The same cells as numbers of their different values, -1 where missing, for text that was counted before.

    Returns
    -------
    ndarray of shape (rows,)
        float64 for the roles ``numeric`` and ``date`` (seconds since 1970-01-01 UTC), missing NaN; else object holding str,
        missing None.
    """
    import pandas as pd

    series = values if isinstance(values, pd.Series | pd.Index) else pd.Series(values)
    wanted = np.float64 if column.role in ("numeric", "date") else object
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        categories = pd.Categorical(series)
        table = _with_missing(read_column(categories.categories, column), wanted)
        return np.asarray(table[categories.codes])
    if wanted is np.float64 and not column.digits:
        quick = _quick_numbers(series, column)
        if quick is not None:
            return _within_rules(quick, column) if column.has_rules else quick
    if (
        dtype.kind == "O"
        and isinstance(dtype, np.dtype)
        and pd.api.types.infer_dtype(series, skipna=True) not in ("string", "empty", "boolean")
    ):
        # Equal objects of different types (1, True, Decimal(1)) read differently: cell by cell.
        return np.array([read_value(value, column) for value in series.to_numpy()], dtype=wanted)
    codes, distinct = coded or pd.factorize(series, use_na_sentinel=True)
    is_words = wanted is object and isinstance(dtype, pd.StringDtype) and not column.has_rules
    if is_words and (column.dtype == "str" or column.role == "text"):  # as _plain does, many times faster
        words = [word.strip() or None for word in distinct.tolist()]
        return _with_missing(np.array(words, dtype=object), object)[codes]
    one = _by_rules if column.has_rules else _plain
    # tolist() walks Arrow-backed text several times faster than iteration does
    read = np.array([one(value, column) for value in distinct.tolist()], dtype=wanted)
    return _with_missing(read, wanted)[codes]


def read_value(value: Any, column: Column) -> float | str | None:
    """Return the typed value of one cell, as ``read_column`` does; NaN or None when it is missing or cannot be read."""
    return _by_rules(value, column) if column.has_rules else _plain(value, column)


def _plain(value: Any, column: Column) -> float | str | None:
    """Return the typed value of one cell of a column without rules."""
    role = column.role
    kind = type(value)
    if role == "numeric":
        if kind is float:
            return float(value) if -math.inf < value < math.inf else NAN
        if kind is int:
            try:
                return float(value)
            except OverflowError:
                return NAN
        return _number(value, column.formats)
    if kind is str and role == "text":
        return str(value).strip() or None
    return _seconds(value, column.formats) if role == "date" else _label(value, column.dtype)


def _with_missing(read: NDArray[Any], wanted: Any) -> NDArray[Any]:
    """Append the missing value, so that code -1 finds it."""
    return np.append(read, np.array([NAN if wanted is np.float64 else None], dtype=wanted))


def _quick_numbers(series: pd.Series | pd.Index, column: Column) -> NDArray[np.float64] | None:
    """Return numbers, durations and dates without looking at single cells; ``None`` where that is not possible."""
    kind: str = getattr(series.dtype, "kind", "O")
    if column.role == "numeric" and kind in "biuf":
        found = np.array(series.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
        found[np.isinf(found)] = np.nan
        return found
    if kind not in "mM":
        return None
    if (kind == "M") != (column.role == "date"):
        return np.full(len(series), np.nan)
    ticks = _naive(series, kind)
    if ticks is None:
        return None
    unit = np.datetime_data(ticks.dtype)[0]
    return np.where(np.isnat(ticks), np.nan, ticks.astype(np.int64) / _PER_SECOND[unit])


def _naive(series: pd.Series | pd.Index, kind: str) -> NDArray[Any] | None:
    """Return numpy's times (UTC) or durations; ``None`` for Arrow's plain dates, which come as Python dates."""
    import pandas as pd

    if isinstance(series.dtype, pd.ArrowDtype):
        unit = getattr(series.dtype.pyarrow_dtype, "unit", None)
        if unit is None or not str(series.dtype.pyarrow_dtype).startswith(("timestamp", "duration")):
            return None
        # Arrow keeps zoned times in UTC; as int64 they are the ticks themselves.
        ticks = series.astype("int64[pyarrow]").to_numpy(dtype=np.int64, na_value=np.iinfo(np.int64).min)
        return np.asarray(ticks).view(f"{kind}8[{unit}]")
    if kind == "m":
        return series.to_numpy()
    times = pd.DatetimeIndex(series)
    return (times if times.tz is None else times.tz_convert(None)).to_numpy()


# ── rules ──

_NO_DIGIT = re.compile("[^0-9]")


def _by_rules(value: Any, column: Column) -> float | str | None:
    """Return the typed value of one cell of a column with rules."""
    typed = _plain(value, column)
    missing = NAN if column.role in ("numeric", "date") else None
    if column.marks and _is_mark(value, typed, column):
        return missing
    if column.digits:
        text = unicodedata.normalize("NFKC", _label(value, "str") or "")
        typed = _plain(_NO_DIGIT.sub("", text), column)
    if isinstance(typed, str):
        typed = column.spelling.get(typed, typed)
        size = _number_in(typed, column.formats) if column.low is not None or column.high is not None else NAN
    else:
        size = NAN if typed is None else typed
    if column.allowed and typed not in _typed(column.allowed, column.role, column.dtype, column.formats):
        return missing
    if (column.low is not None and size < column.low) or (column.high is not None and size > column.high):
        return missing
    return missing if typed == "" else typed


def _is_mark(value: Any, typed: float | str | None, column: Column) -> bool:
    """Say whether a cell means missing: written so, or of that value."""
    if isinstance(value, str) and value.strip() in column.marks:
        return True
    if isinstance(typed, str) and not math.isnan(number := _exact(typed)):
        return number in {_exact(mark) for mark in column.marks}
    return typed in _typed(column.marks, column.role, column.dtype, column.formats)


def _exact(text: str) -> float:
    """Return a plainly written finite number, else NaN, which equals nothing."""
    try:
        found = float(text)
    except ValueError:
        return NAN
    return found if math.isfinite(found) else NAN


@lru_cache(maxsize=1024)  # one for each list of values in the tables at hand
def _typed(texts: tuple[str, ...], role: Any, dtype: Any, formats: tuple[str, ...]) -> frozenset[float | str]:
    """Return marks or allowed values as the cells of their column are read; without those that cannot be."""
    plain = Column(name="", role=role, dtype=dtype, formats=formats)
    read = (_plain(text, plain) for text in texts)
    return frozenset(item for item in read if isinstance(item, str) or (item is not None and not math.isnan(item)))


def _within_rules(found: NDArray[np.float64], column: Column) -> NDArray[np.float64]:
    """Return numbers or dates, those that the rules forbid as NaN; ``found`` is changed."""
    out = np.zeros(len(found), dtype=bool)
    if column.marks:
        out |= np.isin(found, list(_typed(column.marks, column.role, column.dtype, column.formats)))
    if column.allowed:
        out |= ~np.isin(found, list(_typed(column.allowed, column.role, column.dtype, column.formats)))
    if column.low is not None:
        out |= found < column.low
    if column.high is not None:
        out |= found > column.high
    found[out] = np.nan
    return found


# ── numbers ──


def _number(value: Any, formats: tuple[str, ...]) -> float:
    if isinstance(value, str):
        return _number_in(value, formats)
    if value is None or isinstance(value, dt.datetime):
        return NAN
    if isinstance(value, dt.timedelta | np.timedelta64):
        return _duration(value)
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return NAN if not hasattr(value, "as_py") else _number(value.as_py(), formats)
    return found if math.isfinite(found) and not isinstance(value, np.datetime64) else NAN


def _number_in(text: str, formats: tuple[str, ...]) -> float:
    if not formats or "decimal_comma" not in formats:
        try:
            found = float(text)
        except ValueError:
            pass
        else:
            return found if math.isfinite(found) and "_" not in text else NAN
    unit = next((item[5:] for item in formats if item.startswith("unit:")), "")
    return number_reader("decimal_comma" in formats, unit)(text)


@lru_cache(maxsize=1024)  # one for each way of writing numbers in the tables at hand
def number_reader(decimal_comma: bool, unit: str) -> Callable[[str], float]:
    """Return a function that reads a number as people write it: blanks, separators, money, percent, 万 and 亿, a unit.

    Parameters
    ----------
    decimal_comma : bool
        Whether "1.234,5" is meant.
    unit : str
        Trailing unit that may follow, in Unicode form NFKC; empty for none.
    """
    tail = f"(?:{re.escape(unit)})?" if unit else ""
    form = re.compile(
        rf"(?P<open>\()?\s*(?P<sign>[-+−])?\s*{MONEY}?\s*(?P<sign2>[-+−])?\s*"
        rf"(?P<digits>{_COMMA if decimal_comma else _POINT})(?P<power>[eE][-+]?\d+)?\s*"
        rf"(?P<times>万亿|百万|千万|千|万|亿)?\s*(?P<share>[%‰])?\s*{tail}\s*{MONEY}?\s*(?P<close>\))?$"
    )

    def read(text: str) -> float:
        match = form.match(unicodedata.normalize("NFKC", text).strip())
        if match is None or bool(match["open"]) != bool(match["close"]):
            return NAN
        digits = match["digits"].replace(" ", "").replace("'", "")
        digits = digits.replace(".", "").replace(",", ".") if decimal_comma else digits.replace(",", "")
        found = float(digits + (match["power"] or "")) * _TIMES[match["times"] or ""] / _SHARE[match["share"] or ""]
        minus = [match["sign"], match["sign2"]]
        if all(minus) or (match["open"] and any(minus)):
            return NAN
        negative = bool(match["open"]) or any(sign in ("-", "−") for sign in minus)
        return NAN if math.isinf(found) else (-found if negative else found)

    return read


def _duration(value: dt.timedelta | np.timedelta64) -> float:
    if type(value) is dt.timedelta:
        return _span(value)
    ticks = value if isinstance(value, np.timedelta64) else np.timedelta64(value.asm8)  # type: ignore[attr-defined]
    return _ticks(ticks)


def _span(delta: dt.timedelta) -> float:
    whole = delta.days * 86400 + delta.seconds
    return (whole * 10**6 + delta.microseconds) / 10**6 if delta.microseconds else float(whole)


def _ticks(ticks: Any) -> float:
    """Return numpy's time in seconds."""
    if np.isnat(ticks):
        return NAN
    unit, step = np.datetime_data(ticks.dtype)
    if unit not in _PER_SECOND or step != 1:
        ticks, unit = ticks.astype(f"{ticks.dtype.kind}8[s]"), "s"
    return int(ticks.astype(np.int64)) / _PER_SECOND[unit]


# ── dates ──


def _seconds(value: Any, formats: tuple[str, ...]) -> float:
    if isinstance(value, str):
        return date_in(value, formats)
    if isinstance(value, dt.datetime):
        if hasattr(value, "asm8"):  # pandas' Timestamp has nanoseconds
            return _ticks(value.asm8)
        return _moment(value)
    if isinstance(value, dt.date):
        return float((value - _EPOCH.date()).days * 86400)
    if isinstance(value, np.datetime64):
        return _ticks(value)
    if hasattr(value, "as_py"):
        return _seconds(value.as_py(), formats)
    if isinstance(value, int | float | np.integer | np.floating) and "%Y%m%d" in formats and value == value // 1:
        return date_in(str(int(value)), formats)
    return NAN


def _moment(value: dt.datetime) -> float:
    return _span(value - (_EPOCH if value.tzinfo is None else _EPOCH_UTC))


@lru_cache(maxsize=20_000)  # days come back, and each column is read several times
def date_in(text: str, formats: tuple[str, ...]) -> float:
    """Return a written date in seconds since 1970 (UTC), NaN when it is none.

    The column's own ``strptime`` formats come first; then ISO 8601, then the usual ways with digits. Without a format that
    says otherwise a/b/c is month first and a-b-c or a.b.c day first, unless that gives no date.
    """
    text = text.strip()
    if text[4:5] == "-" and (not formats or formats[0][:5] == "%Y-%m"):
        found = _iso(text)
        if found is not None:
            return found
    for form in formats:
        if "%" in form:
            try:
                return _moment(dt.datetime.strptime(text, form))
            except (ValueError, OverflowError):
                continue
    found = _iso(text)
    if found is not None:
        return found
    return _with_digits(unicodedata.normalize("NFKC", text).strip(), formats)


def _iso(text: str) -> float | None:
    if len(text) < 8 or not text[:4].isdigit() or text[4] in "Ww":
        return None
    try:
        return _moment(dt.datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def _with_digits(text: str, formats: tuple[str, ...]) -> float:
    match = _YEAR_FIRST.match(text)
    if match:
        return _make(match[1], match[2], match[3], match.groups()[3:])
    match = _YEAR_LAST.match(text)
    if match:
        first, mark, second, year = match.group(1, 2, 3, 4)
        if len(year) == 2:
            year = f"{'20' if int(year) < 69 else '19'}{year}"  # POSIX strptime's pivot
        known = next((form for form in formats if 0 <= form.find("%m") < form.lower().find("%y")), None)
        month_first = known.find("%m") < known.find("%d") if known else mark == "/"
        order = [(first, second), (second, first)] if month_first else [(second, first), (first, second)]
        tries = [_make(year, month, day, match.groups()[4:]) for month, day in order]
        return tries[0] if not math.isnan(tries[0]) else tries[1]
    match = _YEAR_MONTH.match(text)
    return _make(match[1], match[2], "1", ()) if match else NAN


def _make(year: str, month: str, day: str, clock: Sequence[str | None]) -> float:
    hour, minute, second, part, half = clock or (None,) * 5
    try:
        hours = int(hour or 0)
        if half:
            hours = hours % 12 + (12 if half in ("PM", "pm", "Pm", "pM") else 0)
        made = dt.datetime(
            int(year),
            int(month),
            int(day),
            hours,
            int(minute or 0),
            int(second or 0),
            int((part or "0").ljust(6, "0")[:6]),
        )
    except ValueError:
        return NAN
    return _moment(made)


# ── labels and words ──


def _label(value: Any, dtype: str) -> str | None:
    """Return a label: outer blanks off, whole numbers without ".0", truth as "True" or "False"."""
    if isinstance(value, str):
        return _label_in(str(value).strip(), dtype)
    if value is None:
        return None
    if isinstance(value, bool | np.bool_):
        return str(int(value)) if dtype in ("int", "float") else str(bool(value))
    if isinstance(value, np.timedelta64):  # numpy counts it among the integers
        return _label(_duration(value), dtype)
    if isinstance(value, int | np.integer):
        return str(bool(value)) if dtype == "bool" and value in (0, 1) else str(int(value))
    if isinstance(value, float | np.floating):
        return _label_of(float(value), dtype)
    return _other_label(value, dtype)


def _label_of(number: float, dtype: str) -> str | None:
    if not math.isfinite(number):
        return None
    if dtype == "bool" and number in (0.0, 1.0):
        return str(bool(number))
    return str(int(number)) if number == int(number) else repr(number)


def _label_in(text: str, dtype: str) -> str | None:
    if dtype == "bool":
        return _TRUTHS.get(text.casefold(), text) or None
    if dtype in ("int", "float") and "_" not in text:
        try:
            return str(int(text)) if dtype == "int" else _label_of(float(text), dtype)
        except ValueError:
            pass
        try:
            return _label_of(float(text), dtype)
        except ValueError:
            pass
    return text or None


def _other_label(value: Any, dtype: str) -> str | None:
    """Labels from rarer types: decimals, dates, durations, bytes, Arrow scalars, anything that has a text."""
    from decimal import Decimal

    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        return str(int(value)) if value == value.to_integral_value() else _label(float(value), dtype)
    if isinstance(value, np.datetime64 | dt.date):
        return _date_label(value)
    if isinstance(value, dt.timedelta):
        return _label(_duration(value), dtype)
    if isinstance(value, bytes):
        return _label_in(value.decode("utf-8", errors="replace").strip(), dtype)
    if hasattr(value, "as_py"):
        return _label(value.as_py(), dtype)
    return str(value).strip() or None


def _date_label(value: Any) -> str | None:
    """Return ISO text, without a time of day when that is midnight."""
    seconds = _seconds(value, ())
    if math.isnan(seconds):
        return None
    try:
        text = (_EPOCH + dt.timedelta(seconds=seconds)).isoformat(sep=" ")
    except OverflowError:
        return str(value)
    return text.removesuffix(" 00:00:00")
