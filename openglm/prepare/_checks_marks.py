"""Missing values in disguise: marks that people write, numbers that stand for "unknown", impossible zeros, empty dates.

A value is accused by evidence, not by its looks alone: -999 counts only where it comes back and stands apart from the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_value
from openglm.core.schema import Column
from openglm.prepare._infer import MARKS

Values = Sequence[Any] | NDArray[Any]
# Of the marks, these are also ordinary answers ("none" of several extras): in categories they need evidence.
ANSWERS = frozenset({"none", "nil", "无", "空", "*", "."})
NAMES = ("Na", "Nil")  # people are called so
# Codes for "missing" (the manuals of SPSS and of the US census surveys name the nines; -1 is the habit of programmers).
SENTINELS = (
    -1,
    -9,
    -99,
    -999,
    -9999,
    -99999,
    -999999,
    99,
    999,
    9999,
    99999,
    999999,
    9999999,
    -99.9,
    -999.9,
    99.9,
    999.9,
)
NO_DATES = ("1900-01-01", "1970-01-01", "0001-01-01", "9999-12-31", "2099-12-31", "2999-12-31")
REPEATED = 3  # our own: fewer equal values may be chance
OF_SUCH = 20  # our own: with fewer other values a far code may be one of the scale's own
RARE_ANSWER = 0.1  # our own: a "none" in more rows is an answer
STRAYS = (
    0.25  # our own: of so many values between zero and the rest, for each zero; in 54,000 diamonds there are 4 for 20
)
SPIKE = 10  # our own: within the range a code must be so many times as frequent as its like (their 95th percentile)
# Quantities that are never zero, as whole words of a name.
NEVER_ZERO = re.compile(
    r"(?:^|[^a-z])(?:bmi|glucose|blood ?pressure|bloodpressure|insulin|skin ?thickness|height|weight|heart ?rate|pulse|"
    r"cholesterol|resting ?bp|restingbp|trestbps|chol|surface|area|sqft|square ?feet|year ?built)(?:$|[^a-z])"
    r"|身高|体重|血压|血糖|心率|胆固醇|面积|体温"
)


def disguised_missing(column: Column, distinct: Values, counts: Any) -> tuple[str, ...]:
    """Return the values of a column that mean "missing", as text; in the order in which they stand.

    Parameters
    ----------
    column : Column
        As ``infer_column`` returns it. Ids, constants and free text are not looked at.
    distinct : sequence of object
        The different values as the source has them, missing cells not among them.
    counts : sequence of int
        Rows of each.
    """
    rows = np.asarray(counts, dtype=np.int64)
    if column.role == "category" and column.dtype != "bool":
        return _in_categories(distinct, rows)
    if column.role == "numeric":
        return (*_marks(distinct), *_in_numbers(column, distinct, rows))
    if column.role == "date":
        return (*_marks(distinct), *_in_dates(column, distinct, rows))
    return ()


def _marks(distinct: Values) -> tuple[str, ...]:
    """Return what is no number and no date because it says that there is none."""
    if isinstance(distinct, np.ndarray):
        return ()
    return tuple(item.strip() for item in distinct if isinstance(item, str) and item.strip().casefold() in MARKS)


def _in_categories(distinct: Values, counts: NDArray[np.int64]) -> tuple[str, ...]:
    total, found = int(counts.sum()), []
    for item, count in zip(distinct, counts.tolist(), strict=True):
        mark = item.strip().casefold() if isinstance(item, str) else ""
        if mark not in MARKS or len(distinct) < 3 or item.strip() in NAMES:
            continue
        answer = mark in ANSWERS and (count > RARE_ANSWER * total or len(distinct) < 5)
        if not answer:
            found.append(item.strip())
    numbers = _codes_among_labels(distinct, counts)
    return tuple(dict.fromkeys((*found, *numbers)))


def _codes_among_labels(distinct: Values, counts: NDArray[np.int64]) -> Iterable[str]:
    """Return codes such as "-999" among words: the only values that are numbers."""
    codes = {f"{code:g}" for code in SENTINELS if abs(code) >= 99}
    texts = [str(item).strip() for item in distinct]
    written = [text for text in texts if re.fullmatch(r"[-+]?\d+(?:\.\d+)?", text)]
    alone = len(written) <= 2 and len(texts) - len(written) >= 2
    return [text for text in dict.fromkeys(written) if alone and text.removesuffix(".0") in codes]


def _in_numbers(column: Column, distinct: Values, counts: NDArray[np.int64]) -> tuple[str, ...]:
    values = numbers_of(column, distinct)
    keep = np.isfinite(values)
    values, counts = values[keep], counts[keep]
    if len(values) <= OF_SUCH:
        return ()
    found = np.zeros(len(values), dtype=bool)
    low, high = float(values.min()), float(values.max())
    codes = [code for code in SENTINELS if low <= code <= high]
    for code in sorted(codes, key=abs, reverse=True):  # the farthest first: it would widen the range of the others
        at = np.flatnonzero(values == code)
        if len(at) and counts[at[0]] >= REPEATED and _stands_apart(values[~found], counts[~found], float(code)):
            found[at] = True
    zero = np.flatnonzero(values == 0)
    if len(zero) and _zero_is_impossible(column.name, values[~found], counts[~found]):
        found[zero] = True
    return tuple(f"{value:.15g}" for value in values[found])


def numbers_of(column: Column, distinct: Values) -> NDArray[np.float64]:
    """Return distinct values as numbers (dates: seconds), NaN where one is none."""
    if isinstance(distinct, np.ndarray) and distinct.dtype.kind in "iuf":
        return distinct.astype(np.float64)
    return np.array([read_value(item, column) for item in distinct], dtype=np.float64)


def _stands_apart(values: NDArray[np.float64], counts: NDArray[np.int64], code: float) -> bool:
    """Say whether ``code`` is a spike far from all other values, or one of its sign where the others have none."""
    others = values != code
    rest, rest_counts = values[others], counts[others]
    if len(rest) <= OF_SUCH:
        return False
    count, low, high = int(counts[~others][0]), float(rest.min()), float(rest.max())
    spread = high - low
    usual = float(np.quantile(rest_counts, 0.95))
    if code > 0:
        return code - high > spread and code >= 99
    if low >= 0:
        # -1 below 0, 1, 2 … may be a step of the scale: it must also come back more often than most values
        return abs(code) >= 99 or (count > usual and bool(np.median(rest) > 10 * abs(code)))
    if low - code > spread:
        return True
    return abs(code) >= 99 and count > SPIKE * usual and low != code


def _zero_is_impossible(name: str, values: NDArray[np.float64], counts: NDArray[np.int64]) -> bool:
    """Say whether zero stands for "not measured": repeated, below all others, and of a quantity that is never zero."""
    zero = values == 0
    rest, rest_counts = values[~zero], counts[~zero]
    zeros = int(counts[zero][0])
    if zeros < REPEATED or len(rest) <= OF_SUCH or rest.min() <= 0:
        return False
    if NEVER_ZERO.search(re.sub(r"[_\-.]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).casefold()):
        return True
    order = np.argsort(rest)
    places = np.cumsum(rest_counts[order]) / rest_counts.sum()
    low, middle, high = rest[order][np.searchsorted(places, (0.25, 0.5, 0.75))]
    # The gap above zero is wider than the middle half and than half of the median, with a few strays in it at most: our own.
    strays = int(rest_counts[rest < max(0.5 * middle, high - low)].sum())
    return strays <= STRAYS * zeros and zeros < 0.3 * counts.sum()


def _in_dates(column: Column, distinct: Values, counts: NDArray[np.int64]) -> tuple[str, ...]:
    from openglm.core.columns import date_in

    values = numbers_of(column, distinct)
    empty = np.array([date_in(text, ()) for text in NO_DATES])
    codes = np.isin(values, empty)
    rest = values[np.isfinite(values) & ~codes]
    if not codes.any() or len(rest) < 2:
        return ()
    low, high = float(rest.min()), float(rest.max())
    far = (values < low - (high - low)) | (values > high + (high - low))
    return tuple(
        str(item).strip()
        for item, out, count in zip(distinct, codes & far, counts, strict=True)
        if out and count >= REPEATED
    )
