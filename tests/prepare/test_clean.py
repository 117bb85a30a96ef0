"""Cleaning: what is found in the data, what a sentence states, and what an edited plan says is what is done."""

import numpy as np
import pandas as pd
import pytest

from openglm.core.cleaning import CleanStep, Rule
from openglm.core.columns import read_column, read_value
from openglm.core.errors import ColumnError, DataError, PlanError
from openglm.core.task import Task
from openglm.prepare import clean, load, prepare

ROWS = 200


def shop() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({
        "card": [f"6222-{i:04d}-{i * 7 % 1000:03d}" for i in range(ROWS)],
        "age": rng.integers(18, 80, ROWS).astype(float),
        "amount": [f"￥{value:,.2f}" for value in rng.uniform(1, 9000, ROWS)],
        "city": rng.choice(["Beijing", "Shanghai", "Shenzhen"], ROWS),
        "level": rng.choice(["A", "B", "C"], ROWS),
        "since": [f"2024年{1 + i % 12}月{1 + i % 28}日" for i in range(ROWS)],
        "bought": rng.choice(["yes", "no"], ROWS),
    })  # fmt: skip
    frame.loc[:9, "age"] = -999
    frame.loc[10:14, "city"] = "beijing"
    frame.loc[20:27, "level"] = "?"
    return frame


def task(**changes) -> Task:
    return Task(**({"kind": "binary", "target": "bought", "metric": "auc"} | changes))


def steps_of(data) -> dict[tuple[str, str | None], CleanStep]:
    return {(step.op, step.column): step for step in data.cleaning}


def test_the_data_propose_their_steps():
    """Marks, spellings, and text that is read as numbers or dates: each with its rows and its reason in both languages."""
    data, findings = prepare(load(shop()), task())
    steps = steps_of(data)
    assert {key: (step.values, step.rows) for key, step in steps.items()} == {
        ("missing_marks", "age"): (("-999",), 10), ("numbers", "amount"): (("comma", "currency"), ROWS),
        ("spelling", "city"): ((), 5), ("missing_marks", "level"): (("?",), 8), ("dates", "since"): (("%Y年%m月%d日",), ROWS),
    }  # fmt: skip
    assert steps["spelling", "city"].spelling == {"beijing": "Beijing"}
    assert all(step.reason.en and step.reason.zh and step.origin == "found" for step in data.cleaning)
    x = dict(zip(data.train.index.tolist(), data.train.x["age"].tolist(), strict=True))
    assert all(np.isnan(x[i]) == (i < 10) for i in x)
    assert data.schema["city"].levels == ("Beijing", "Shanghai", "Shenzhen")
    assert data.schema["age"].minimum >= 18
    codes = [finding.code for finding in findings]
    assert codes.count("disguised-missing") == 2 and codes.count("spelling-variants") == 1
    assert all("plan.yaml" in finding.fix.en for finding in findings if finding.code == "disguised-missing")


def test_an_ordinary_table_needs_nothing():
    """No step where nothing is wrong."""
    frame = pd.DataFrame({"a": np.arange(60.0), "b": ["x", "y", "z"] * 20, "y": [0, 1] * 30})
    assert prepare(load(frame), task(target="y"))[0].cleaning == ()


def test_stated_rules_become_steps():
    """Digits, ranges and allowed values hold in training and when a single row is served; an id stays an id."""
    rules = (
        Rule(column="card", op="digits", words="卡号只保留数字"), Rule(column="amount", op="range", low=0, high=5000),
        Rule(column="level", op="one_of", values=("a", "B")),
    )  # fmt: skip
    data, findings = prepare(load(shop()), task(rules=rules, inputs=("card", "age", "amount", "level")))
    stated = [step for step in data.cleaning if step.origin == "stated"]
    assert [(step.op, step.column) for step in stated] == [("digits", "card"), ("range", "amount"), ("one_of", "level")]
    assert "卡号只保留数字" in stated[0].reason.zh and stated[0].rows == ROWS
    assert stated[2].values == ("A", "B")
    assert read_value("6222-0001-007", data.schema["card"]) == "62220001007"
    assert (
        np.isnan(read_value("￥5,000.01", data.schema["amount"]))
        and read_value("￥5,000", data.schema["amount"]) == 5000
    )
    assert read_value("C", data.schema["level"]) is None and read_value("B", data.schema["level"]) == "B"
    assert {"cleaned-digits", "cleaned-range", "cleaned-one-of"} <= {finding.code for finding in findings}


def test_digits_do_not_spoil_numbers_and_keep_ids():
    """An amount of which "only digits" are wanted stays that amount; a card number stays an id, a phone number a code."""
    frame = shop().assign(phone=[f"138-{i % 40:04d}-0000" for i in range(ROWS)])
    rules = tuple(Rule(column=name, op="digits") for name in ("amount", "card", "phone", "age"))
    schema = clean(load(frame), task(rules=rules))[0].raw.schema
    assert [schema[name].role for name in ("amount", "card", "phone", "age")] == [
        "numeric",
        "id",
        "category",
        "numeric",
    ]
    assert not schema["amount"].digits and schema["phone"].digits
    assert read_value("138 0001 0000", schema["phone"]) == "13800010000"


def test_rows_leave_and_keep_their_numbers():
    """Required values and named rows are left out of learning; Rows.index still names the rows of the source."""
    rules = (Rule(column="age", op="range", low=18, high=60), Rule(column="age", op="required"))
    data = prepare(load(shop()), task(rules=rules))[0]
    used = sorted([*data.train.index, *data.sealed.index])
    age = shop()["age"]
    assert used == np.flatnonzero((age >= 18) & (age <= 60)).tolist()
    where = dict(zip(data.train.index.tolist(), data.train.x["age"].tolist(), strict=True))
    assert all(age[i] == value for i, value in where.items())
    assert np.isnan(read_value(61, data.schema["age"]))  # such a row is served all the same
    dropped = (*data.cleaning, CleanStep(op="drop_rows", values=(int(used[0]), int(used[1]))))
    again = prepare(load(shop()), task(rules=rules), cleaning=dropped)[0]
    assert sorted([*again.train.index, *again.sealed.index]) == used[2:]
    assert again.cleaning[-1].rows == 2


def test_an_edited_plan_is_obeyed():
    """What is removed is not done, what is changed or added is, and rows are counted anew."""
    raw = load(shop())
    proposed = prepare(raw, task())[0].cleaning
    nothing = prepare(raw, task(), cleaning=())[0]
    assert nothing.cleaning == ()
    assert nothing.schema["age"].minimum == -999 and "beijing" in nothing.schema["city"].levels
    assert nothing.schema["amount"].role in ("category", "text") and nothing.schema["since"].role in (
        "category",
        "text",
    )
    edited = [step for step in proposed if step.op != "spelling"]
    edited += [CleanStep(op="drop_column", column="level"), CleanStep(op="range", column="AGE ", low=30, rows=7)]
    data = prepare(raw, task(), cleaning=edited)[0]
    assert "level" not in data.schema and "beijing" in data.schema["city"].levels
    assert data.cleaning[-1].column == "age" and data.cleaning[-1].rows == int((shop()["age"].between(18, 29)).sum())
    assert prepare(raw, task(), cleaning=proposed)[0].cleaning == proposed


def test_a_step_can_say_how_text_is_read():
    """Formats of an edited step win over what the values look like."""
    frame = pd.DataFrame({"price": ["1.500", "2.250", "3.125", "4.750"] * 10, "day": ["03/05/2024", "04/06/2024"] * 20})
    frame["y"] = [0, 1] * 20
    edited = [
        CleanStep(op="numbers", column="price", values=("decimal_comma",)),
        CleanStep(op="dates", column="day", values=("%d/%m/%Y",)),
    ]
    made = clean(load(frame), task(target="y"), edited)[0].raw
    assert read_column(made.frame["price"], made.schema["price"])[:4].tolist() == [1500, 2250, 3125, 4750]
    assert read_value("03/05/2024", made.schema["day"]) == read_value("2024-05-03", made.schema["day"])


@pytest.mark.parametrize(
    ("step", "error", "word"),
    [
        (CleanStep(op="range", column="agee", low=0), ColumnError, "age"),
        (CleanStep(op="range", column="city", low=0), PlanError, "no numbers"),
        (CleanStep(op="range", column="age"), PlanError, "low"),
        (CleanStep(op="one_of", column="city"), PlanError, "allowed"),
        (CleanStep(op="dates", column="city"), PlanError, "date"),
        (CleanStep(op="numbers", column="city"), PlanError, "number"),
        (CleanStep(op="spelling", column="age", spelling={"1": "2"}), PlanError, "labels"),
        (CleanStep(op="digits"), PlanError, "no column"),
        (CleanStep(op="drop_rows", values=(ROWS,)), PlanError, str(ROWS - 1)),
        (CleanStep(op="drop_rows", values=tuple(range(ROWS))), DataError, "no row"),
        (CleanStep(op="drop_column", column="bought"), PlanError, "target"),
    ],
    ids=lambda value: f"{value.op}-{value.column}" if isinstance(value, CleanStep) else None,
)
def test_a_step_that_does_not_fit_is_one_clear_sentence(step, error, word):
    """Never a traceback: which step, which column, what to do."""
    with pytest.raises(error) as caught:
        prepare(load(shop()), task(), cleaning=(step,))
    assert word in f"{caught.value.message.en} {caught.value.hint}"


def test_the_target_is_cleaned_too():
    """Spellings of a class are one class, and a mark is no class."""
    frame = shop()
    frame.loc[:4, "bought"] = "Yes"
    frame.loc[5:9, "bought"] = "N/A!"
    frame["bought"] = frame["bought"].replace("N/A!", "?")
    data, _ = prepare(load(frame), task())
    assert data.classes == ("no", "yes")
    assert len(data.train) + len(data.sealed) == ROWS - 5


def test_source_is_left_untouched():
    """Cleaning changes how cells are read, not the caller's table."""
    frame = shop()
    raw = load(frame)
    clean(raw, task(rules=(Rule(column="card", op="digits"), Rule(column="age", op="required"))))
    pd.testing.assert_frame_equal(frame, shop())
    assert len(raw.frame) == ROWS and not raw.schema["age"].marks


@pytest.mark.parametrize("rules", [(), (Rule(op="range", column="age", low=0, high=120),)])
def test_a_code_that_counts_as_missing_is_not_kept_as_well(rules):
    """-999 is missing: no impossible age, no outlier; and no value breaks the rule that is stated beside it."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": [-999] * 8 + rng.integers(18, 75, 192).tolist(), "b": rng.normal(size=200)})
    frame["y"] = rng.integers(0, 2, 200)
    _, findings = prepare(load(frame), Task(kind="binary", target="y", metric="", rules=rules))
    codes = {finding.code: finding for finding in findings if finding.column == "age"}
    assert not {"impossible-values", "outliers"} & set(codes)
    if rules:
        said = codes["cleaned-range"].message
        assert "Every value of 'age'" in said.en
        assert "0 个" not in said.zh


def test_a_target_in_ten_thousands_says_how_it_is_read():
    """3.5万 is 35000, and the finding says so."""
    frame = pd.DataFrame(
        {"price": [f"{i % 40 / 2 + 3}万" for i in range(80)], "a": np.arange(80) % 7, "b": np.arange(80) % 9}
    )
    _, findings = prepare(load(frame), Task(kind="regression", target="price", metric=""))
    (finding,) = [f for f in findings if f.code == "number-as-text" and f.column == "price"]
    assert "'3.0万' as 30000;" in finding.fix.en
    assert "“3.0万”读作 30000" in finding.fix.zh


@pytest.mark.parametrize(("low", "high", "kept", "en", "zh"), [
    (0.0, None, [0.5, 10.0, 20.0], "2 values of 'x' are not above 0.", "有 2 个值不大于 0。"),
    (None, 10.0, [-1.0, 0.0, 0.5], "2 values of 'x' are not below 10.", "有 2 个值不小于 10。"),
    (-1.0, None, [0.0, 0.5, 10.0, 20.0], "1 value of 'x' is not above -1.", "有 1 个值不大于 -1。"),
])  # fmt: skip
def test_a_strict_range_leaves_its_ends_out(low, high, kept, en, zh):
    """A range "must be positive" is told by the 0 that was said, and 0 itself becomes missing, in the table and in a single cell."""
    frame = pd.DataFrame({"x": [-1.0, 0.0, 0.5, 10.0, 20.0], "y": ["a", "b", "a", "b", "a"]})
    cleaned, found = clean(
        load(frame), task(target="y", rules=(Rule(column="x", op="range", low=low, high=high, strict=True),))
    )
    (step,) = cleaned.steps
    assert (step.low, step.high, step.strict) == (low, high, True)
    column = cleaned.raw.schema["x"]
    values = read_column(cleaned.raw.frame["x"], column)
    assert values[~np.isnan(values)].tolist() == kept
    assert all(np.isnan(read_value(end, column)) for end in (low, high) if end is not None)
    assert found[0].message.en == en
    assert found[0].message.zh.endswith(zh)
