"""The target: labels, rows, classes - and a clear sentence where nothing can be learned."""

import numpy as np
import pandas as pd
import pytest

from openglm.core.errors import ColumnError, DataError
from openglm.core.task import Task
from openglm.prepare import load
from openglm.prepare._target import guess_kind, read_target

ROWS = 40
X = np.linspace(0, 1, ROWS)


def target(values, kind="binary", name="y", **more):
    raw = load(pd.DataFrame({"x": X[: len(values)], "y": pd.Series(values)}))
    return read_target(raw, Task(kind=kind, target=name, metric="", **more))


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([0, 1] * 20, (0, 1)),
        ([0.0, 1.0] * 20, (0, 1)),
        ([False, True] * 20, (False, True)),
        (["No", "Yes"] * 20, ("No", "Yes")),
        ([" No", "Yes "] * 20, ("No", "Yes")),
        (["否", "是"] * 20, ("否", "是")),
        ([0.5, 1.5] * 20, (0.5, 1.5)),
        (["0", "1"] * 20, ("0", "1")),
        ([True, False, None, True] * 10, (False, True)),
    ],
)
def test_labels_keep_their_type(values, classes):
    """Codes follow the sorted labels; labels are bool, int, float or str as JSON knows them."""
    found = target(values)
    assert found.classes == classes
    assert [type(label) for label in found.classes] == [type(label) for label in classes]
    assert found.kind == "binary"
    assert set(found.y.tolist()) == {0, 1}
    assert found.y.dtype == np.int64


def test_categories_of_pandas():
    """A categorical column is read by its values, not by its codes."""
    assert target(pd.Categorical(["b", "a"] * 20, categories=["b", "a", "c"])).classes == ("a", "b")


@pytest.mark.parametrize("positive", ["no", "No", " NO "])
def test_positive_class_is_last(positive):
    """Column 1 of the outputs is the probability of the class that is meant."""
    found = target(["No", "Yes", "Yes", "Yes"] * 10, positive_class=positive)
    assert found.classes == ("Yes", "No")
    assert found.y[:4].tolist() == [1, 0, 0, 0]


def test_positive_class_of_truth_values():
    """A spelled-out truth value means the label."""
    assert target([True, False] * 20, positive_class="false").classes == (True, False)
    assert target([True, False] * 20, positive_class=False).classes == (True, False)
    assert target([0, 1] * 20, positive_class="0").classes == (1, 0)


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["lapsed"] * 8 + ["renewed"] * 32, "lapsed"),
        (["lapsed"] * 32 + ["renewed"] * 8, "renewed"),
        (["lapsed", "renewed"] * 20, "renewed"),
        ([1] * 8 + [2] * 32, 1),
        ([0] * 8 + [1] * 32, 1),
        ([-1] * 8 + [1] * 32, 1),
        ([False] * 8 + [True] * 32, True),
        (["N"] * 8 + ["Y"] * 32, "Y"),
        (["no"] * 8 + ["yes"] * 32, "yes"),
        (["无"] * 8 + ["复发"] * 32, "复发"),
    ],
)
def test_the_rarer_class_is_in_question_where_no_name_says_yes(values, positive):
    """What is looked for is mostly rare; a label that says yes, or stands beside a no, goes first."""
    assert target(values).classes[1] == positive


def test_unknown_positive_class():
    """A label that does not occur gets those that do."""
    with pytest.raises(ColumnError, match="Did you mean 'Yes'"):
        target(["No", "Yes"] * 20, positive_class="Yess")


def test_two_values_are_a_binary_problem():
    """Several classes that turn out to be two are treated as two."""
    assert target(["a", "b"] * 20, kind="multiclass").kind == "binary"
    assert target(["a", "b", "c", "a"] * 10, kind="multiclass").kind == "multiclass"


def test_regression_reads_numbers_in_text():
    """Money written as text is a quantity."""
    found = target([f"${1000 + i:,}" for i in range(ROWS)], kind="regression")
    assert found.y.tolist() == [1000.0 + i for i in range(ROWS)]
    assert found.classes == ()


def test_missing_targets_are_left_out():
    """A few gaps are noted, a third is a warning; the places of the others stay right."""
    values = [None, *["a", "b"] * 19, ""]
    found = target(values)
    assert found.rows.tolist() == list(range(1, 39))
    (note,) = found.findings
    assert (note.code, note.severity, note.rows) == ("target-missing-rows", "note", 2)
    third = target([1.5, 2.5, None] * 13, kind="regression")
    assert [(f.code, f.severity) for f in third.findings] == [("target-missing-rows", "warning")]


def test_single_rows_of_a_class_are_left_out():
    """A class that occurs once cannot be both learned and checked."""
    found = target(["a", "b"] * 19 + ["c", "a"], kind="multiclass")
    assert found.classes == ("a", "b")
    assert [f.code for f in found.findings] == ["class-single-row"]
    assert 38 not in found.rows
    assert found.y.tolist() == [0, 1] * 19 + [0]


def test_imbalance_is_said():
    """A class below a tenth of the rows is named."""
    assert [f.code for f in target([1] * 2 + [0] * 38).findings] == ["imbalanced-target"]
    assert target([1] * 10 + [0] * 30).findings == ()


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (["a"] * ROWS, "binary", "only one value"),
        ([1.0] * ROWS, "regression", "only one value"),
        ([None] * ROWS, "binary", "missing in every row"),
        ([""] * ROWS, "multiclass", "missing in every row"),
        ([np.nan] * ROWS, "regression", "missing in every row"),
        (["a", "b"] * 4, "binary", "Only 8 rows"),
        (["a", "b"] * 4 + [None] * 9, "binary", "Only 8 rows"),
        ([f"word {i}" for i in range(ROWS)], "regression", "cannot be read as numbers"),
        (["a", "b", "c", "d"] * 10, "binary", "has 4 values"),
        (np.arange(ROWS) * 1.5, "multiclass", "ask for regression"),
        ([f"name {i}" for i in range(ROWS)], "multiclass", "fewer values"),
        (["a"] * 11 + ["b"], "binary", "two rows or more"),
    ],
)
def test_hopeless_targets(values, kind, message):
    """One sentence says what is wrong, the hint how to go on, in both languages."""
    with pytest.raises(DataError, match=message) as caught:
        target(values, kind=kind)
    assert caught.value.message.zh
    assert caught.value.hint.zh


def test_too_many_classes():
    """More than a thousand labels are no classes."""
    raw = load(pd.DataFrame({"x": np.arange(3000) % 7, "y": [f"w{i % 1001}" for i in range(3000)]}))
    with pytest.raises(DataError, match="no classes"):
        read_target(raw, Task(kind="multiclass", target="y", metric=""))


def test_names_of_the_target():
    """Case and outer blanks may differ; an unknown name gets the nearest; one column alone is not enough."""
    assert target(["a", "b"] * 20, name=" Y ").name == "y"
    raw = load(pd.DataFrame({"x": X, "churn": [0, 1] * 20}))
    with pytest.raises(ColumnError, match="Did you mean 'churn'"):
        read_target(raw, Task(kind="binary", target="chrun", metric=""))
    with pytest.raises(DataError, match="nothing to learn from"):
        read_target(load({"churn": [0, 1] * 20}), Task(kind="binary", target="churn", metric=""))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (X, "regression"),
        ([0, 1] * 20, "binary"),
        (["a", "b", "c", "d"] * 10, "multiclass"),
        (list(range(ROWS)), "multiclass"),
    ],
)
def test_kind_when_nobody_says(values, kind):
    """Few values are classes, many numbers a quantity; a row number is no quantity."""
    raw = load(pd.DataFrame({"y": values}))
    assert guess_kind(raw.schema["y"]) == kind
