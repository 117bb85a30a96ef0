"""Numbers, durations, sizes and shares, and what each is meant for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openglm.understand._numbers import horizon, number, quantities, role

NUMBERS = {
    "三万五": 35_000,
    "一百零五": 105,
    "一百二": 120,
    "两千零三": 2003,
    "十": 10,
    "十五": 15,
    "二十三": 23,
    "三百五十": 350,
    "两": 2,
    "半": 0.5,
    "一亿二千万": 120_000_000,
    "1,200": 1200,
    "2.5": 2.5,
    "ninety": 90,
    "twenty-five": 25,
    "a couple of": 2,
    "two hundred": 200,
    "a": 1,
}
SECONDS = {
    "一个半小时": 5400,
    "两个半小时": 9000,
    "半小时": 1800,
    "半个小时": 1800,
    "一刻钟": 900,
    "三刻钟": 2700,
    "5分钟": 300,
    "九十秒": 90,
    "1.5小时": 5400,
    "2h": 7200,
    "45 mins": 2700,
    "1h30m": 5400,
    "an hour and a half": 5400,
    "half an hour": 1800,
    "a quarter of an hour": 900,
    "a couple of minutes": 120,
    "ninety seconds": 90,
    "one and a half hours": 5400,
    "两周": 14 * 86400,
    "3 months": 90 * 86400,
}
ROLES = [
    ("十分钟之内跑完", "time_budget_seconds", 600),
    ("within 20 minutes", "time_budget_seconds", 1200),
    ("45 mins tops", "time_budget_seconds", 2700),
    ("限时两小时", "time_budget_seconds", 7200),
    ("延迟不超过50ms", "max_latency_ms", 0.05),
    ("latency below 2 seconds", "max_latency_ms", 2),
    ("模型小于20mb", "max_model_mb", 20),
    ("smaller than 1 gb", "max_model_mb", 1024),
    ("误报率低于2%", "max_false_positive_rate", 0.02),
    ("recall of at least 90%", "min_recall", 0.9),
    ("精确率至少百分之八十", "min_precision", 0.8),
    ("未来三天的销量", "horizon", 3 * 86400),
    ("30 days ahead", "horizon", 30 * 86400),
    ("最近30天的数据", None, 0),
    ("a 200 mb file", "max_model_mb", 200),
    ("the data file is 200 mb", None, 0),
    ("运行超过三小时的任务", None, 0),
]


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_number(text: str, value: float) -> None:
    """Digits, Chinese numerals and English words spell numbers."""
    assert number(text) == value


@pytest.mark.parametrize(("text", "seconds"), SECONDS.items())
def test_duration(text: str, seconds: float) -> None:
    """Durations are told in seconds, whichever way they are said."""
    assert [item.value for item in quantities(text) if item.dimension == "time"] == [seconds]


@pytest.mark.parametrize(
    "text", ["2024年3月1日", "十分重要", "第三天", "星期三", "3月销量", "abc3m", "no numbers here"]
)
def test_dates_and_words_are_no_durations(text: str) -> None:
    """Dates, ordinals and words that contain a unit are left alone."""
    assert not quantities(text)


@pytest.mark.parametrize(("text", "expected", "value"), ROLES)
def test_role(text: str, expected: str | None, value: float) -> None:
    """The words near a quantity say what it is for."""
    found = [(role(item, text, ahead=True), item.value) for item in quantities(text)]
    assert found == ([(expected, value)] if expected else [(None, found[0][1])])


@pytest.mark.parametrize(
    ("text", "steps"), [("两周", (14, "D")), ("下个季度", (90, "D")), ("24小时", (24, "H")), ("明天", (1, "D"))]
)
def test_horizon(text: str, steps: tuple[int, str]) -> None:
    """A horizon is told in whole steps."""
    assert horizon(quantities(text)[0]) == steps


@given(st.integers(1, 99_999_999))
def test_chinese_numerals_round_trip(value: int) -> None:
    """Every whole number below a hundred million is read back from its Chinese spelling."""
    assert number(_spell(value)) == value


def _spell(value: int) -> str:
    if value >= 10_000:
        head, tail = divmod(value, 10_000)
        return _spell(head) + "万" + (("零" if tail < 1000 else "") + _spell(tail) if tail else "")
    out, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            out += ("零" if zero and out else "") + "零一二三四五六七八九"[digit] + name
        zero = not digit
    return out
