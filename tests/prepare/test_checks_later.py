"""Later tables: against a file of expectations, and beside the table or run that was learned from; a table in numbers."""

import numpy as np
import pandas as pd
import pytest

from openglm.core.errors import InputError, SourceError
from openglm.core.expectations import ColumnRule, Expectations
from openglm.core.profile import Profile
from openglm.prepare import check, compare, expectations, hold, load, profile

ROWS = 2000


def table(seed=0, shift=0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = np.datetime64("2020-01-01") + rng.integers(0, 600, ROWS)
    return pd.DataFrame(
        {
            "id": [f"K{seed}-{i:05d}" for i in range(ROWS)], "income": rng.normal(50 + shift, 10, ROWS).round(2),
            "children": rng.integers(0, 4, ROWS), "plan": rng.choice(["basic", "plus"], ROWS, p=[0.7, 0.3]),
            "joined": days.astype(str), "vip": rng.random(ROWS) < 0.2,
        }
    )  # fmt: skip


def violations(frame, rules):
    return {(f.code, f.column, f.rows) for f in hold(load(frame), rules)}


def test_proposed_expectations_hold_and_travel():
    """What is proposed from a table holds for it and its like, and comes back from YAML as it was."""
    rules = expectations(load(table()))
    assert Expectations.from_yaml(rules.to_yaml()) == rules
    assert rules.columns["plan"].allowed == ("basic", "plus")
    assert rules.columns["id"].unique
    assert violations(table(), rules) == set()
    assert violations(table(seed=1), rules) == set()


def test_violations_are_blockers_with_rows_and_examples():
    """One of each kind."""
    frame = table()
    rules = expectations(load(frame))
    frame.loc[:2, "income"] = 5000.0
    frame.loc[0, "plan"] = "gold"
    frame.loc[:9, "joined"] = None
    frame.loc[1, "id"] = frame.loc[0, "id"]
    frame["children"] = frame["children"].astype(float)
    frame.loc[4, "children"] = 0.5
    frame = frame.drop(columns="vip")
    assert violations(frame, rules) == {
        ("expect-max", "income", 3), ("expect-allowed", "plan", 1), ("expect-missing", "joined", 10),
        ("expect-unique", "id", 2), ("expect-type", "children", 1), ("expect-column-missing", "vip", None),
    }  # fmt: skip
    (found,) = [f for f in hold(load(frame), rules) if f.code == "expect-allowed"]
    assert found.severity == "blocker"
    assert "'gold'" in found.message.en


def test_rules_a_person_writes():
    """Dates as ends, patterns, other columns, order, rows; names without regard to case."""
    rules = Expectations.from_yaml(
        "rows_at_least: 5000\nother_columns: false\nsame_order: true\n"
        "columns:\n  INCOME:\n  joined: {min: 2020-01-01, max: 2020-12-31}\n  id: {pattern: 'K0-\\d+'}\n  fax: {required: false}\n"
    )
    codes = {code for code, _, _ in violations(table(), rules)}
    assert codes == {"expect-rows", "expect-other-columns", "expect-order", "expect-max"}
    assert violations(table(), Expectations(columns={"id": ColumnRule(pattern="X.*")})) == {
        ("expect-pattern", "id", ROWS)
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("columns: {age: {minn: 3}}", "columns → age → minn"),
        ("columns: {age: {type: number2}}", "columns → age → type"),
        ("columns: {age: {pattern: '('}}", "columns → age → pattern"),
        ("columns: {age: {min: 5, max: 2}}", "columns → age"),
        ("columns: {age: {missing_at_most: 7}}", "columns → age → missing_at_most"),
        ("columns: [a", "line 1"),
        ("rules: 1", "rules"),
        ("- 1", "top"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence_with_its_place(text, place):
    """In both languages."""
    with pytest.raises(InputError) as caught:
        Expectations.from_yaml(text)
    assert place in caught.value.text("en")
    assert place in caught.value.text("zh")
    assert "\n" not in caught.value.text("en")


def test_an_end_that_is_neither_number_nor_date_and_a_file_that_is_not_there(tmp_path):
    """Both say what is wrong."""
    with pytest.raises(InputError, match="columns → income → min"):
        hold(load(table()), Expectations(columns={"income": ColumnRule(min="soon")}))
    with pytest.raises(SourceError, match="cannot be read"):
        Expectations.read(tmp_path / "none.yaml")


def changes(new, old=None):
    found = compare(load(new), load(table() if old is None else old))
    return {(f.code, f.column): f.severity for f in found}


def test_a_table_like_the_other_has_no_changes():
    """Another sample of the same: nothing beyond chance, over several samples."""
    shifts = [key for seed in range(1, 9) for key in changes(table(seed)) if key[0] == "like-shift"]
    assert shifts == []


def test_what_is_different_is_said():
    """Columns, types, levels, ranges."""
    new = table(1).drop(columns="children").assign(extra=1, vip="perhaps")
    new.loc[:50, "income"] = 999.0
    new.loc[:5, "plan"] = "gold"
    found = changes(new)
    assert found[("like-column-missing", "children")] == "blocker"
    assert found[("like-column-new", "extra")] == "note"
    assert found[("like-levels-new", "plan")] == "warning"
    assert found[("like-levels-new", "vip")] == "warning"
    assert found[("like-range-left", "income")] == "warning"
    assert changes(table(1).assign(income="many"))[("like-type-changed", "income")] == "blocker"


@pytest.mark.parametrize(("shift", "severity"), [(1.0, None), (4.0, "note"), (9.0, "warning")])
def test_how_far_a_column_moved(shift, severity):
    """By the usual thresholds of the stability index, 0.1 and 0.25."""
    assert changes(table(1, shift)).get(("like-shift", "income")) == severity


def test_gaps_that_become_frequent_are_a_shift():
    """The values that are left may look the same."""
    new = table(1)
    new.loc[new.index % 2 == 0, "income"] = np.nan
    assert changes(new)[("like-shift", "income")] == "warning"


def test_a_table_in_numbers():
    """Quantiles, histogram, levels, gaps that come together; it travels as JSON."""
    frame = table()
    frame["income2"] = frame["income"] * 2 + np.random.default_rng(2).normal(size=ROWS)
    frame.loc[:9, ["plan", "children"]] = None
    made = profile(load(frame))
    assert Profile.from_json(made.to_json()) == made
    by_name = {column.name: column for column in made.columns}
    income = by_name["income"]
    assert income.mean == pytest.approx(frame["income"].mean())
    assert income.sd == pytest.approx(frame["income"].std(ddof=0))
    assert income.quantiles[4] == pytest.approx(frame["income"].median(), abs=0.05)
    assert sum(income.histogram.rows) == ROWS
    assert (by_name["plan"].top[0].value, by_name["plan"].top[0].rows) == (
        "basic",
        int((frame["plan"] == "basic").sum()),
    )
    assert {level.value for level in by_name["vip"].top} == {"True", "False"}
    assert made.missing_together[0].columns == ("children", "plan")
    assert made.missing_together[0].rows == 10
    assert ("income", "income2") in {(pair.one, pair.two) for pair in made.correlated}


def test_mistakes_of_the_table_are_not_expected():
    """Codes for "missing", impossible ages, personal numbers and variants of a level do not become rules."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, 500), "phone": [13900000000 + int(i) for i in rng.choice(10**7, 500, replace=False)],
            "city": rng.choice(["Bonn", "Trier", "?"], 500, p=[0.5, 0.4, 0.1]),
        }
    )  # fmt: skip
    frame.loc[:19, "age"] = -999
    frame.loc[20, "age"] = 200
    rules = expectations(load(frame))
    assert (rules.columns["age"].min, rules.columns["age"].max) == (11.0, 86.0)
    assert rules.columns["age"].missing_at_most == pytest.approx(0.09, abs=0.011)
    assert rules.columns["city"].allowed is not None and "?" not in rules.columns["city"].allowed
    assert rules.columns["phone"] == ColumnRule(type="text", missing_at_most=0.0)
    found = violations(frame, rules)
    assert {("expect-min", "age", 20), ("expect-max", "age", 1)} <= found
    (said,) = [f.message.en for f in hold(load(frame), rules) if f.code == "expect-max"]
    assert "in 1 row:" in said


def test_one_is_one_and_a_copy_has_no_exceptions():
    """Messages count in good English: "1 value", and an exact copy matches without exception."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.integers(18, 80, 400), "y": rng.choice(["a", "b"], 400)})
    frame["code"] = frame["y"].map({"a": "p", "b": "q"})
    frame.loc[3, "age"] = 200
    said = {f.code: f.message for f in check(load(frame), "y")}
    assert said["impossible-values"].en.startswith("1 value of 'age' is impossible")
    assert "without exception" in said["leak-copy"].en and "few exceptions" not in said["leak-copy"].en
    assert "无一例外" in said["leak-copy"].zh
