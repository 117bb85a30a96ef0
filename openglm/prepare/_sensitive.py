"""Sensitive attributes: columns by whose groups a model must not go wrong unnoticed - sex, age, origin, belief, health, family.

Found by the name of the column or by its values, or named by the user. They are only looked at, by the report; whether the
model learns from one is another question (:mod:`openglm.explain` says so). The list follows what laws against discrimination
name: Article 21 of the EU Charter of Fundamental Rights, Title VII of the US Civil Rights Act, and Articles 12 and 13 of the
Labour Law and Articles 3 and 27 of the Employment Promotion Law of China (among them household registration).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.columns import read_column
from openglm.core.dataset import Raw
from openglm.core.schema import Column, Schema

MOST = 5
"""Attributes looked at; the report must stay readable. Our own choice."""
LEVELS = 200
"""A category with more levels names people or places, not groups: there are some 195 states."""
OLDEST = 125.0
"""Years; the oldest person on record reached 122 (Robine & Allard 1998)."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LATIN = re.compile(
    r"\b(?:gender|sex|ethnicity|ethnic|ethnic group|nationality|citizenship|religion|religious|marital|marital status|married|"
    r"marriage|disability|disabled|handicap|pregnant|pregnancy|political|politics|native country|country of birth|birth country|"
    r"place of birth|birthplace|date of birth|birth date|birthdate|birthday|dob|year birth|birth year|year of birth|"
    r"sexual orientation|skin colou?r|caste|veteran|hukou|mother tongue|native language|foreign worker|family status|"
    r"senior citizen)\b"
)
_WHOSE = (
    "customer|client|patient|user|person|applicant|employee|student|member|passenger|driver|owner|borrower|respondent|mother|"
    "maternal|insured|policyholder|holder|subject|buyer|visitor|guest|worker|teacher|player|candidate|tenant|author|reviewer"
)
_RACE = re.compile(rf"^(?:(?:{_WHOSE}|self reported) )?race(?: code| group)?$")
_AGE = re.compile(
    rf"^(?:(?:{_WHOSE}|current|my|the) )?ages?(?: (?:group|range|band|bracket|class|category|bin|years|yrs|in years|at \w+))?$"
)
_HAN = re.compile(
    r"性别|民族|种族|国籍|宗教|信仰|婚姻|婚否|已婚|婚育|残疾|残障|怀孕|孕期|孕妇|政治面貌|党派|党员|户籍|户口|籍贯|性取向|"
    r"出生(?:日期|年月|年份|年|地)|生日|肤色"
)
_HAN_AGE = re.compile(r"年龄|岁数|周岁")
_THING_AGE = re.compile(r"车辆|汽车|设备|机器|房|楼|建筑|企业|公司|账户|帐户|树|机龄|品牌|店")
_SEXES = frozenset({
    "male", "female", "man", "woman", "men", "women", "boy", "girl", "m", "f", "男", "女", "男性", "女性", "男士", "女士", "先生",
    "male/female", "non-binary", "nonbinary",
})  # fmt: skip
_OPEN = frozenset(
    {"", "unknown", "other", "others", "u", "x", "n/a", "na", "none", "?", "未知", "其他", "保密", "不详", "未说明"}
)
_RACES = frozenset({
    "white", "black", "asian", "hispanic", "latino", "caucasian", "african-american", "african american", "native american",
    "汉族", "回族", "满族", "壮族", "苗族", "维吾尔族", "藏族", "蒙古族", "彝族", "土家族",
})  # fmt: skip


def find_sensitive(schema: Schema, stated: str | None = None, *, without: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the sensitive attributes, the stated one first, at most :data:`MOST`.

    Parameters
    ----------
    schema : Schema
        Of the whole table, columns that are not learned from included.
    stated : str or None
        Column that the user named for fairness.
    without : iterable of str
        Columns that are none, such as the target.
    """
    out = set(without)
    first = [stated] if stated is not None and stated not in out else []
    found = [c.name for c in schema.columns if c.name not in out and c.name != stated and is_sensitive(c)]
    return (*first, *found)[:MOST]


def is_sensitive(column: Column) -> bool:
    """Say whether a column divides people by something that a decision must not depend on unnoticed."""
    if column.personal or column.role in ("id", "text", "constant", "empty"):
        return False
    if column.role == "category" and column.n_unique > LEVELS:
        return False
    if _by_values(column):
        return True
    words = " ".join(_WORDS.findall(column.name)).casefold()
    if _AGE.search(words) or (_HAN_AGE.search(column.name) and not _THING_AGE.search(column.name)):
        low, high = column.minimum, column.maximum
        is_years = low is not None and high is not None and low >= 0 and high <= OLDEST
        return column.role == "category" or (column.role == "numeric" and is_years)
    return bool(_LATIN.search(words) or _RACE.search(words) or _HAN.search(column.name))


def _by_values(column: Column) -> bool:
    """Say whether the levels are those of sex or race: at least two of them, and nothing else but "other"."""
    levels = {str(level).strip().casefold() for level in column.levels} - _OPEN
    return column.role == "category" and any(len(levels & known) >= 2 and levels <= known for known in (_SEXES, _RACES))


def read_sensitive(raw: Raw, names: Iterable[str], rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return the typed values of the attributes at ``rows``, read like inputs.

    Parameters
    ----------
    raw : Raw
        The table.
    names : iterable of str
        Of :func:`find_sensitive`.
    rows : ndarray of shape (usable rows,), int64
        Places in the table.
    """
    places = {name: i for i, name in enumerate(raw.schema.names)}
    return {name: read_column(raw.frame.iloc[:, places[name]], raw.schema[name])[rows] for name in names}
