"""Holidays and the lunar calendar on days that everybody can look up."""

from __future__ import annotations

import numpy as np
import pytest

from openglm.core.errors import MissingExtraError, PlanError
from openglm.features import holiday
from openglm.features.holiday import PARTS, Holiday, look_up


def at(*days):
    return np.array([np.datetime64(day, "s").astype(np.int64) for day in days], dtype=np.float64)


def parts_of(day, country="CN"):
    return dict(zip(PARTS, look_up(at(day), country)[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("day", "festival", "name"),
    [
        ("2024-02-10", 1, "春节"), ("2024-02-24", 2, "元宵"), ("2024-06-10", 3, "端午"), ("2024-08-10", 4, "七夕"),
        ("2024-09-17", 5, "中秋"), ("2024-10-11", 6, "重阳"), ("2025-01-07", 7, "腊八"), ("2025-01-28", 8, "除夕"),
        ("2024-03-05", 0, ""),
    ],
)  # fmt: skip
def test_lunar_festivals(day, festival, name):
    """Every festival lies on its day; another day is none."""
    assert parts_of(day)["lunar_festival"] == festival, name


def test_a_leap_month_has_no_second_festival():
    """In 2025 the sixth month came twice, in 2023 the second; festivals belong to the first of them."""
    assert parts_of("2023-02-20")["lunar_month"] == parts_of("2023-03-22")["lunar_month"] == 2
    years = look_up(at("2020-01-01") + np.arange(366) * 86_400.0, "CN")  # leap fourth month
    assert np.bincount(years[:, PARTS.index("lunar_festival")].astype(int), minlength=9)[1:8].tolist() == [1] * 7


def test_public_holidays_and_days_worked_instead():
    """National Day 2024 was free until the 7th; Saturday the 12th and Sunday 29 September were worked instead."""
    assert parts_of("2024-10-01")["holiday"] == 1 and parts_of("2024-10-07")["working_day"] == 0
    assert parts_of("2024-09-29")["working_day"] == parts_of("2024-10-12")["working_day"] == 1
    assert parts_of("2024-10-13")["working_day"] == 0  # a Sunday
    assert parts_of("2024-09-28") | {"lunar_month": 0.0, "lunar_day": 0.0} == {
        "holiday": 0, "working_day": 0, "days_to_holiday": 3, "days_since_holiday": 11, "lunar_month": 0, "lunar_day": 0,
        "lunar_festival": 0, "days_from_spring_festival": 30,
    }  # fmt: skip


def test_distances_reach_over_the_new_year():
    """28 December is four days before New Year's Day; ten days before Spring Festival count from it."""
    assert parts_of("2023-12-28")["days_to_holiday"] == 4
    assert parts_of("2024-01-31")["days_from_spring_festival"] == -10
    assert parts_of("2024-07-20")["days_to_holiday"] == 15


def test_another_country():
    """4 July is a holiday in the United States and none in China; a country nobody knows is an error that says so."""
    assert parts_of("2024-07-04", "US")["holiday"] == 1 and parts_of("2024-07-04")["holiday"] == 0
    part = Holiday(columns=("t",), country="US").fit({"t": at("2024-07-03", "2024-07-04")}, None)
    assert part.transform({"t": at("2023-07-04")})[0, 0] == 1
    with pytest.raises(PlanError, match="XY"):
        Holiday(columns=("t",), country="XY").fit({"t": at("2024-07-03")}, None)


def test_days_outside_the_tables_are_missing():
    """No date, the year 1900, the year 9000: no holiday is known, and nothing breaks."""
    found = look_up(np.append(at("1900-02-01", "9000-02-01", "1950-01-01", "2099-12-31"), np.nan), "CN")
    assert np.isnan(found[[0, 1, 4]]).all() and np.isfinite(found[2:4]).all()


def test_only_what_varies_is_put_out():
    """Hours of one day have no output; a festival has levels."""
    assert Holiday(columns=("t",)).fit({"t": at("2024-03-05T01", "2024-03-05T09")}, None).outputs == ()
    part = Holiday(columns=("t",)).fit({"t": at("2024-02-10", "2024-03-05")}, None)
    levels = {output.name: output.levels for output in part.outputs}
    assert levels["t[lunar_festival]"] == 9 and levels["t[holiday]"] == 0


def test_without_the_lunar_package(monkeypatch):
    """Public holidays do not need it; a model that learned lunar parts says what is missing."""
    x = {"t": at("2024-02-10", "2024-03-05")}
    whole = Holiday(columns=("t",)).fit(x, None)
    monkeypatch.setattr(holiday.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "borax.calendars.lunardate", None)
    holiday._lunar.cache_clear()
    assert not any("lunar" in output.name for output in Holiday(columns=("t",)).fit(x, None).outputs)
    with pytest.raises(MissingExtraError, match="borax"):
        whole.transform(x)
