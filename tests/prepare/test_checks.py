"""Checks of a table: what is planted is found, and ordinary tables are left in peace."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from openglm.prepare import check, load
from openglm.prepare._checks import disguised_missing, look, spellings
from openglm.prepare._infer import infer_column

ROWS = 400


def table(**more) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    plain = {
        "height": rng.normal(170, 9, ROWS).round(1), "visits": rng.poisson(4, ROWS),
        "plan": rng.choice(["basic", "premium", "family"], ROWS), "joined": days(rng.integers(0, 900, ROWS)),
    }  # fmt: skip
    return pd.DataFrame(plain | more)


def days(numbers) -> list[str]:
    return [str(day) for day in np.datetime64("2018-01-01") + np.asarray(numbers)]


def said(frame, **more):
    return {(finding.code, finding.column) for finding in look(load(frame), **more)}


def with_first(values, *first):
    made = list(values)
    made[: len(first)] = first
    return made


def disguised(values, name="z"):
    distinct, counts = np.unique(values, return_counts=True)
    return disguised_missing(infer_column(pd.Series(values), name), distinct, counts)


def gaps(values, name="x"):
    cells = pd.Series(values)
    counts = cells.value_counts()
    return disguised_missing(infer_column(cells, name), counts.index.tolist(), counts.to_numpy())


@pytest.mark.parametrize("source", [load_iris, load_wine, load_breast_cancer, load_diabetes])
def test_ordinary_tables_are_left_in_peace(source):
    """No warning, and no remark at all about flowers."""
    found = look(load(source(as_frame=True).frame), target="target")
    assert [finding for finding in found if finding.severity != "note"] == []
    assert source is not load_iris or found == ()


def test_a_clean_table_has_no_findings():
    """The table of these tests, before anything is planted."""
    assert said(table()) == set()


RNG = np.random.default_rng(1)
NORMAL = RNG.normal(50, 8, ROWS).round(2)
STARTS = RNG.integers(0, 900, ROWS)
PLANTED = {
    "disguised-missing": with_first(NORMAL, *[-999.0] * 9),
    "outliers": with_first(NORMAL, 5000.0),
    "mixed-units": with_first(NORMAL, *(NORMAL[:30] * 1e4)),
    "capped-values": np.minimum(NORMAL, 60.0),
    "infinite-values": with_first(NORMAL, np.inf),
    "near-constant": with_first(["no"] * ROWS, "yes"),
    "spelling-variants": with_first(RNG.choice(["Beijing", "Shanghai", "Tianjin"], ROWS), "beijing", "Ｂeijing", "Shangai"),
    "damaged-text": with_first(RNG.choice(["Köln", "Genève", "Bonn"], ROWS), "KÃ¶ln", "GenÃ¨ve"),
    "rare-levels": with_first(RNG.choice(["oak", "ash", "elm"], ROWS), "yew"),
    "mixed-date-formats": [
        f"{d[8:]}/{d[5:7]}/{d[:4]}" if i % 4 == 0 else d for i, d in enumerate(days(STARTS))
    ],
    "ambiguous-dates": [f"{1 + i % 12}/{1 + i % 11}/2021" for i in range(ROWS)],
    "mixed-time-zones": [f"{d}T10:00:00{'+08:00' if i % 5 else ''}" for i, d in enumerate(days(STARTS))],
    "future-dates": with_first(days(STARTS), "2190-01-01"),
    "heavy-tail": np.exp(np.r_[np.linspace(-1, 1, ROWS - 1), 12.0]),
}  # fmt: skip


@pytest.mark.parametrize("code", PLANTED)
def test_a_planted_problem_is_found_in_its_column(code):
    """And nothing is said about its neighbours."""
    found = said(table(planted=PLANTED[code]), target="planted" if code == "heavy-tail" else None)
    assert (code, "planted") in found
    assert {column for _, column in found} == {"planted"}


def test_impossible_values_go_by_the_name():
    """An age of 212 is impossible; standardised ages are not ages."""
    ages = RNG.integers(20, 80, ROWS).astype(float)
    assert ("impossible-values", "patientAge") in said(table(patientAge=with_first(ages, 212.0)))
    assert ("impossible-values", "age") not in said(table(age=RNG.normal(0, 1, ROWS)))
    assert ("impossible-values", "折扣百分比") in said(table(折扣百分比=with_first(ages, 180.0)))


def test_columns_that_say_the_same():
    """Under other names, as a sum, and gaps that come together."""
    frame = table()
    frame["package"] = frame["plan"].map({"basic": "B", "premium": "P", "family": "F"})
    frame["inches"] = frame["height"] / 2.54 + 1
    frame["lab"], frame["dose"] = NORMAL, RNG.normal(size=ROWS)
    frame.loc[:20, ["lab", "dose"]] = np.nan
    frame["steps"] = frame["lab"] * 3 + RNG.normal(0, 1e-3, ROWS)
    assert said(frame) == {
        ("duplicate-columns", "package"), ("correlated-columns", "inches"), ("missing-together", "lab"),
        ("correlated-columns", "steps"),
    }  # fmt: skip


def test_the_end_before_the_start():
    """Two rows of many are the wrong way round."""
    ends = STARTS + RNG.integers(1, 50, ROWS)
    ends[:2] = STARTS[:2] - 7
    (finding,) = [f for f in look(load(table(admitted=days(STARTS), discharged=days(ends)))) if f.code == "date-order"]
    assert (finding.column, finding.rows) == ("discharged", 2)


def test_the_header_among_the_rows_and_names_with_blanks():
    """Files put together with their headers; names nobody can type."""
    frame = pd.concat([table(), pd.DataFrame([{name: name for name in table()}])]).astype(str)
    assert ("header-in-rows", None) in said(frame)
    assert ("name-blanks", " price ") in said(table(**{" price ": NORMAL}))


def test_few_rows_and_fixed_attributes():
    """More columns than rows; the city of a customer."""
    assert ("few-rows", None) in said(pd.DataFrame(np.random.default_rng(0).normal(size=(12, 30))))
    shop = np.arange(ROWS) % 40
    frame = table(shop=[f"shop {i}" for i in shop], town=[f"town {i % 7}" for i in shop])
    assert ("constant-within-group", "shop") in said(frame)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (with_first(NORMAL, *[-999] * 9), ("-999",)),
        (with_first(NORMAL, *[9999] * 9), ("9999",)),
        (with_first(NORMAL, -999, -999), ()),  # twice is chance
        (list(range(-5000, 5000, 7)), ()),
        ([1, 2, 3, 99] * 50, ()),  # a scale of its own
        (["a", "b", "c", "?"] * 20, ("?",)),
        (["有", "无"] * 20, ()),
        (["none", "mild", "severe"] * 20, ()),
        (with_first([str(v) for v in NORMAL], "暂无数据"), ("暂无数据",)),
        (with_first(days(STARTS), *["1900-01-01"] * 5), ("1900-01-01",)),
    ],
)
def test_disguised_missing(values, expected):
    """By evidence: a code must come back and stand apart; a word must not be an answer."""
    assert gaps(values) == expected


def test_impossible_zeros():
    """Nobody has a blood pressure of zero; nobody minds zero visits."""
    pressure = with_first(RNG.integers(60, 120, ROWS), *[0] * 6)
    assert gaps(pressure, "BloodPressure") == ("0",)
    assert gaps(RNG.poisson(9, ROWS), "visits") == ()


def test_spellings():
    """The most frequent way is the name; other words, other numbers and single letters are left alone."""
    levels = [
        "臺北",
        "台北",
        "New York",
        "new-york",
        "Nwe York",
        "type A",
        "type B",
        "version 1",
        "version 2",
        "INLAND",
        "ISLAND",
    ]
    counts = [3, 40, 90, 5, 1, 90, 1, 90, 1, 90, 1]
    assert spellings(levels, counts) == {"臺北": "台北", "new-york": "New York", "Nwe York": "New York"}


def test_a_check_without_a_target_says_everything():
    """And each finding speaks both languages and says what was done."""
    found = check(load(table(planted=PLANTED["mixed-units"])))
    assert {finding.code for finding in found} == {"mixed-units"}
    for finding in found:
        assert finding.message.en
        assert finding.message.zh
        assert finding.fix


def test_days_beside_times_of_a_zone_are_mixed():
    """A day without a clock counts as midnight in UTC, which is another moment than midnight in Shanghai."""
    mixed = [f"{day}T00:00:00+08:00" if i % 2 else day for i, day in enumerate(days(range(60)))]
    assert {"mixed-time-zones"} <= {code for code, _ in said(pd.DataFrame({"visited": mixed, "a": np.arange(60) % 7}))}
    utc = [text.replace("+08:00", "Z") for text in mixed]
    assert not {code for code, _ in said(pd.DataFrame({"visited": utc, "a": np.arange(60) % 7}))} & {"mixed-time-zones"}


def test_zeros_below_a_few_strays_are_impossible():
    """Twenty stones of depth 0 are not measured, though three lie between them and the others."""
    depth = np.random.default_rng(0).normal(3.5, 0.6, 5000).clip(2, 5).round(2)
    assert disguised(np.append(depth, [0.0] * 20 + [1.1, 1.4, 1.5])) == ("0",)
    assert disguised(np.append(depth, [0.0] * 4 + [0.3, 0.7, 1.1, 1.4])) == ()


def test_an_outlier_is_no_end_of_the_usual_range():
    """The range of nearly all values is that of the others."""
    values = np.append(np.random.default_rng(0).integers(18, 75, 200), -990)
    (finding,) = [f for f in check(load(pd.DataFrame({"x": values}))) if f.code == "outliers"]
    assert "-990; nearly all are in 18" in finding.message.en


def test_personal_columns_are_not_said_to_be_kept():
    """What is not learned from shares no importance."""
    frame = pd.DataFrame({"code": np.arange(60) % 20, "mail": [f"u{i % 20}@example.com" for i in range(60)]})
    found = check(load(frame))
    assert [f.code for f in found if f.column == "mail"] == ["personal-excluded"]


def test_nothing_is_said_to_be_done_with_a_target_that_is_no_class():
    """A name for each row is refused as a target, and not kept as a category as well."""
    frame = pd.DataFrame({"who": [f"p{i % 1200}" for i in range(2400)], "a": np.arange(2400) % 7})
    assert "many-levels" in {f.code for f in check(load(frame)) if f.column == "who"}
    assert [f.code for f in check(load(frame), "who") if f.column == "who"] == ["target-unusable"]
