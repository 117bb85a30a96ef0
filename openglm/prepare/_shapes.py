"""How written values look: as numbers, dates, codes, words; and which names promise an id. Pure functions of a few strings."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

from openglm.core.columns import MONEY, date_in, number_reader

READABLE = 0.95  # share of the values that must fit; see the same in _infer
SAME_UNIT = 0.95  # a unit is one only when nearly all values carry it
PROMISING = 0.8  # of a sample: below, the whole column is not tried
CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
CHARS_PER_WORD = 1.7  # our own round figure: most Chinese words have one or two characters

# ── names ──

_ID_TOKENS = frozenset(
    {"id", "ids", "uuid", "guid", "uid", "oid", "pk", "rowid", "rownum", "rownumber", "serial", "sn", "hash"}
)
_ID_WHOLE = frozenset(
    {"index", "idx", "no", "nr", "no.", "#", "number", "key", "code", "row", "unnamed: 0", "column_1"}
)
_ID_GLUED = re.compile(
    r"(?:user|customer|client|cust|order|item|product|session|transaction|account|member|patient|employee|passenger|record|"
    r"row|case|device|visitor|student|loan|policy|claim|ticket|invoice|payment|person|listing|event|sample|machine|unit)id$"
)
_ID_CHINESE = re.compile(
    r"(?:编号|序号|工号|学号|单号|账号|帐号|卡号|流水号|订单号|用户号|客户号|身份证|身份证号|手机号|手机号码|电话|电话号码|主键|标识|标识符|行号|[\u4e00-\u9fff]id)$"
)


def is_id_name(name: str) -> bool:
    """Say whether a column of this name, if its values are unique, names rows: "id", "customerID", "order_no", "编号"."""
    plain = name.strip()
    tokens = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", plain)
    folded = plain.casefold()
    last = tokens[-1].casefold() if tokens else ""
    return (
        last in _ID_TOKENS
        or (tokens and tokens[0].casefold() in _ID_TOKENS and len(tokens) <= 2)
        or folded in _ID_WHOLE
        or bool(_ID_GLUED.search(folded))
        or bool(_ID_CHINESE.search(folded))
        or (len(tokens) > 1 and last in ("no", "nr", "number", "num", "key"))
    )


# ── words and codes ──


def words_per_value(texts: Sequence[str]) -> float:
    """Return the mean number of words; Chinese characters count by the usual length of a word."""
    total = 0.0
    for text in texts:
        if text.isascii():
            total += len(text.split())
            continue
        characters = len(CJK.findall(text))
        total += len(CJK.sub(" ", text).split()) + characters / CHARS_PER_WORD
    return total / max(1, len(texts))


_HEX = re.compile(r"[0-9a-fA-F]{8,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")


def is_code(texts: Sequence[str]) -> bool:
    """Say whether nearly all values are codes of one shape: "7590-VHVEG", "M14860", a UUID, a mail address."""
    if any(" " in text.strip() or CJK.search(text) for text in texts[:50]):
        return False
    need = READABLE * len(texts)
    if sum(bool(_HEX.fullmatch(t)) for t in texts) >= need or sum(bool(_MAIL.fullmatch(t)) for t in texts) >= need:
        return True
    if sum(any(c.isdigit() for c in text) for text in texts) < need:
        return False
    shapes = Counter(_shape(text) for text in texts)
    lengths = Counter(len(text) for text in texts)
    # One shape ("A9", "9-A"), or one length whatever letters and digits stand where.
    return shapes.most_common(1)[0][1] >= need or (lengths.most_common(1)[0][1] >= need and len(texts[0]) >= 6)


def _shape(text: str) -> str:
    return re.sub(r"9+", "9", re.sub(r"[^\W\d_]+", "A", re.sub(r"\d", "9", text)))


# ── numbers ──

PROBE = 40  # values looked at before a column is tried at all; most columns of words end here
_START = re.compile(r"\W{0,3}(?:[A-Za-z]{2,3}\W{0,2})?\d|[A-Z][a-z]{2,8} \d")


def may_be_numbers(texts: Sequence[str], marks: frozenset[str]) -> bool:
    """Say whether half of a few values start like a number or a date; marks for "missing" count for nothing."""
    probe = [text for text in texts[:: max(1, len(texts) // PROBE)] if text.strip().casefold() not in marks]
    return 2 * sum(bool(_START.match(text)) for text in probe) >= len(probe)


_UNIT = re.compile(
    r"^[-+]?[\d.,' ]*\d\s*(?:万亿|百万|千万|千|万|亿)?\s*(?P<unit>[^\d\s.,;:()'/_-][^\d.,;:()_-]{0,11}[23]?)$"
)
_DECIMAL_COMMA = re.compile(r"^[-+]?(?:\d{1,3}(?:[. ]\d{3})+|\d+),(?:\d{1,2}|\d{4,})\D*$")
_THOUSANDS = re.compile(r"^\D*\d{1,3}(?:,\d{3})+(?:\.\d*)?\D*$")
_MONEY_SIGN = re.compile(MONEY)


def number_formats(texts: Sequence[str], weights: Any, marks: frozenset[str]) -> tuple[str, ...] | None:
    """Return how these texts must be read as numbers; ``None`` when they are none.

    Parameters
    ----------
    texts : sequence of str
        Distinct values.
    weights : sequence of int
        How often each occurs.
    marks : frozenset of str
        Signs for "missing", folded; they count for nothing.
    """
    pairs = [(unicodedata.normalize("NFKC", t).strip(), int(w)) for t, w in zip(texts, weights, strict=True)]
    pairs = [(text, weight) for text, weight in pairs if text and text.casefold() not in marks]
    total = sum(weight for _, weight in pairs)
    digits = sum(weight for text, weight in pairs if any(c.isdigit() for c in text))
    codes = sum(weight for text, weight in pairs if re.match(r"[-+]?0\d", text))
    if not total or digits < PROMISING * total or codes > (1 - READABLE) * total:
        return None
    unit = _common_unit(pairs, total)
    commas = sum(weight for text, weight in pairs if _DECIMAL_COMMA.match(text))
    groups = sum(weight for text, weight in pairs if _THOUSANDS.match(text))
    decimal_comma = commas > groups
    read = number_reader(decimal_comma, unit)
    if sum(weight for text, weight in pairs if not math.isnan(read(text))) < PROMISING * total:
        return None
    found = ["decimal_comma"] if decimal_comma else ["comma"] if groups else []
    if any("%" in text for text, _ in pairs):
        found.append("percent")
    if any(_MONEY_SIGN.search(text) for text, _ in pairs):
        found.append("currency")
    return (*found, f"unit:{unit}") if unit else tuple(found)


def _common_unit(pairs: list[tuple[str, int]], total: int) -> str:
    units: Counter[str] = Counter()
    for text, weight in pairs:
        match = _UNIT.match(text)
        if match:
            units[match["unit"].strip()] += weight
    if not units:
        return ""
    unit, count = units.most_common(1)[0]
    readable_without = not math.isnan(number_reader(False, "")(f"1{unit}"))  # percent, money, 万 and 亿
    return unit if count >= SAME_UNIT * total and not readable_without else ""


# ── dates ──

_CLOCK = (
    r"(?:(?P<mark>[T ])(?P<h>\d{1,2}):\d{2}(?P<s>:\d{2}(?P<f>\.\d{1,9})?)?(?P<half> ?[AaPp][Mm])?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?$"
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}" + _CLOCK)
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})(?P<sep>[-/.])(?P<a>\d{1,2})(?P=sep)(?P<b>\d{1,2})" + _CLOCK)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})" + _CLOCK)
_CHINESE = re.compile(r"\d{4}年\d{1,2}月(?P<day>\d{1,2}日)?(?: ?\d{1,2}[:时].*)?$")
_DIGITS = re.compile(r"(?:19|20)\d{6}$")
_MONTH = re.compile(r"(?:19|20)\d{2}(?P<sep>[-/])(?:0?[1-9]|1[0-2])$")
_NAMED = (
    (re.compile(r"\d{1,2}(?P<s>[ -])[A-Za-z]{3}(?P=s)\d{4}$"), "%d{s}%b{s}%Y"),
    (re.compile(r"\d{1,2}(?P<s>[ -])[A-Za-z]{3}(?P=s)\d{2}$"), "%d{s}%b{s}%y"),
    (re.compile(r"\d{1,2} [A-Za-z]{4,9} \d{4}$"), "%d %B %Y"),
    (re.compile(r"[A-Za-z]{3} \d{1,2}, \d{4}$"), "%b %d, %Y"),
    (re.compile(r"[A-Za-z]{3,9} \d{1,2}, \d{4}$"), "%B %d, %Y"),
)


def date_formats(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the ``strptime`` formats in which nearly all of these texts are dates; empty when they are none.

    Whether the day or the month comes first is decided by the values: whichever exceeds 12. Without any such value a/b/c is
    month first, and a-b-c and a.b.c are day first.
    """
    texts = [text.strip() for text in texts]
    if not texts or not any(c.isdigit() for c in texts[0]):
        return ()
    for find in (_numeric_formats, _named_formats):
        formats = find(texts)
        if formats and sum(not math.isnan(date_in(text, formats)) for text in texts) >= READABLE * len(texts):
            return formats
    return ()


def _numeric_formats(texts: list[str]) -> tuple[str, ...]:
    need = READABLE * len(texts)
    if sum(bool(_ISO.match(t)) for t in texts) >= need:
        return ("%Y-%m-%d",)
    for form in (_YEAR_FIRST, _YEAR_LAST):
        matches = [match for match in map(form.match, texts) if match]
        if len(matches) >= need:
            return (_assemble(matches, form is _YEAR_FIRST),)
    if sum(bool(_CHINESE.match(t)) for t in texts) >= need:
        return ("%Y年%m月%d日",) if any("日" in t for t in texts) else ("%Y年%m月",)
    if sum(bool(_DIGITS.match(t)) for t in texts) >= need:
        return ("%Y%m%d",)
    months = [match for match in map(_MONTH.match, texts) if match]
    return (f"%Y{months[0]['sep']}%m",) if len(months) >= need else _several_formats(texts)


def _several_formats(texts: list[str]) -> tuple[str, ...]:
    """Return a format for each way to write dates that is mixed in a column, the most frequent first."""
    ways = {"first": _YEAR_FIRST, "last": _YEAR_LAST, "%Y年%m月%d日": _CHINESE, "%Y%m%d": _DIGITS}
    found = {name: [match for match in map(form.match, texts) if match] for name, form in ways.items()}
    rows = Counter(form for text in texts for form in _named_formats([text]))
    rows.update({name: len(matches) for name, matches in found.items() if matches})
    if len(rows) < 2 or rows.total() < READABLE * len(texts):
        return ()
    order = sorted(rows, key=lambda name: -rows[name])
    return tuple(name if "%" in name else _assemble(found[name], name == "first") for name in order)


def _assemble(matches: list[re.Match[str]], year_first: bool) -> str:
    sep = Counter(match["sep"] for match in matches).most_common(1)[0][0]
    over_a = sum(int(match["a"]) > 12 for match in matches)
    over_b = sum(int(match["b"]) > 12 for match in matches)
    day_first = over_a > over_b if over_a != over_b else (sep != "/" and not year_first)
    pair = f"%d{sep}%m" if day_first else f"%m{sep}%d"
    long_years = any(len(match["y"]) == 4 for match in matches)
    day = f"%Y{sep}{pair}" if year_first else f"{pair}{sep}{'%Y' if long_years else '%y'}"
    timed = next((match for match in matches if match["h"]), None)
    if timed is None:
        return day
    seconds = (":%S" if timed["s"] else "") + (".%f" if timed["f"] else "")
    half = f"{' ' if timed['half'].startswith(' ') else ''}%p" if timed["half"] else ""
    return f"{day}{timed['mark']}{'%I' if half else '%H'}:%M{seconds}{half}{'%z' if timed['zone'] else ''}"


def _named_formats(texts: list[str]) -> tuple[str, ...]:
    for form, pattern in _NAMED:
        match = form.match(texts[0])
        if match:
            return (pattern.replace("{s}", match.groupdict().get("s") or " "),)
    return ()
