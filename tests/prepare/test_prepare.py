"""From a source to a data set: what is used, what is left out, and what is said about it."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from openglm.core.columns import read_value
from openglm.core.dataset import Dataset
from openglm.core.errors import ColumnError, DataError, PlanError
from openglm.core.plan import Split
from openglm.core.task import Task
from openglm.prepare import check, load, prepare
from openglm.prepare._notes import fold

ROWS = 300


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = rng.random(ROWS) < 0.4
    return pd.DataFrame(
        {
            "customer_id": [f"C{i:05d}" for i in range(ROWS)],
            "tenure": rng.integers(0, 60, ROWS),
            " Income ": [f"${v:,.2f} " if v > 20_000 else " " for v in rng.normal(40_000, 9000, ROWS)],
            "plan": rng.choice(["basic", "plus", None], ROWS),
            "since": [f"{d.month}/{d.day}/{d:%y}" for d in pd.date_range("2019-01-01", periods=ROWS)],
            "country": ["NL"] * ROWS,
            "fax": [None] * ROWS,
            "left_on": ["x" if flag else "-" for flag in y],
            "Churn": np.where(y, "Yes", "No"),
        }
    )


def task(**more) -> Task:
    return Task(**{"kind": "binary", "target": "churn", "metric": "roc_auc", **more})


def test_the_main_story():
    """Ids, constants, empty and leaking columns go, text becomes numbers, rows are kept apart, everything is said."""
    raw = load(table())
    data, findings = prepare(raw, task(), seed=3)
    assert data.task.inputs == ("tenure", " Income ", "plan", "since")
    assert data.task.ids == ("customer_id",)
    assert data.task.target == "Churn"
    assert data.task.positive_class == "Yes"
    assert data.classes == ("No", "Yes")
    assert data.schema.names == data.task.inputs == tuple(data.train.x)
    assert (len(data.train), len(data.sealed), data.n_folds) == (240, 60, 5)
    assert {name: values.dtype.kind for name, values in data.train.x.items()} == {
        "tenure": "f", " Income ": "f", "plan": "O", "since": "f",
    }  # fmt: skip
    said = {(finding.code, finding.column) for finding in findings}
    assert said == {
        ("id-dropped", "customer_id"), ("constant-dropped", "country"), ("empty-dropped", "fax"), ("leak-copy", "left_on"),
        ("number-as-text", " Income "), ("missing-filled", " Income "), ("missing-filled", "plan"),
        ("name-blanks", " Income "),
    }  # fmt: skip
    for finding in findings:
        assert finding.message.en
        assert finding.message.zh
        assert finding.fix is not None


def test_rows_are_those_of_the_source():
    """Every typed row stands at its place in the table, and its target beside it."""
    raw = load(table())
    data, _ = prepare(raw, task())
    assert np.array_equal(np.sort(np.r_[data.train.index, data.sealed.index]), np.arange(ROWS))
    for rows in (data.train, data.sealed):
        for i in range(0, len(rows), 17):
            place = rows.index[i]
            assert data.classes[rows.y[i]] == raw.frame["Churn"][place]
            for column in data.schema.columns:
                cell, alone = rows.x[column.name][i], read_value(raw.frame[column.name][place], column)
                assert cell == alone or (cell != cell and alone != alone)


def test_same_seed_same_data(tmp_path):
    """Preparation is repeatable, leaves the table alone, and survives saving."""
    frame = table()
    before = frame.copy()
    raw = load(frame)
    data, findings = prepare(raw, task(), seed=5)
    again, said = prepare(load(frame), task(), seed=5)
    assert findings == said
    assert np.array_equal(data.sealed.index, again.sealed.index)
    assert np.array_equal(data.folds, again.folds)
    assert not np.array_equal(data.sealed.index, prepare(raw, task(), seed=6)[0].sealed.index)
    pd.testing.assert_frame_equal(frame, before)
    data.save(tmp_path)
    back = Dataset.load(tmp_path, sealed=True)
    assert np.array_equal(back.sealed.index, data.sealed.index)
    assert back.task == data.task


def test_a_task_that_went_through_can_go_again():
    """The filled-in task gives the same data set."""
    raw = load(table())
    data, _ = prepare(raw, task())
    again, findings = prepare(raw, data.task)
    assert again.task.inputs == data.task.inputs
    assert np.array_equal(again.sealed.index, data.sealed.index)
    assert not [finding for finding in findings if finding.code.startswith("leak")]


def test_wishes_of_the_user():
    """Named inputs are the only ones and are kept; excluded ones go; names may be spelled loosely."""
    raw = load(table())
    data, findings = prepare(raw, task(inputs=("TENURE", "income", "left_on", "customer_id")))
    assert data.task.inputs == ("customer_id", "tenure", " Income ", "left_on")
    assert data.schema["customer_id"].role == "category"
    assert [finding.code for finding in findings if finding.column == "left_on"] == ["leak-copy"]
    data, findings = prepare(raw, task(excluded=("tenure",)))
    assert "tenure" not in data.task.inputs
    assert ("user-excluded", "tenure") in {(finding.code, finding.column) for finding in findings}
    with pytest.raises(ColumnError, match="Did you mean 'tenure'"):
        prepare(raw, task(inputs=("tenur",)))
    with pytest.raises(ColumnError, match="There is no column 'xyz'"):
        prepare(raw, task(excluded=("xyz",)))


def test_split_of_the_caller_is_used():
    """Shares, folds and seed come from the plan when it has them."""
    data, _ = prepare(load(table()), task(), split=Split(sealed_share=0.5, folds=3, seed=9))
    assert (len(data.sealed), data.n_folds, data.split.folds, data.split.seed) == (150, 3, 3, 9)


def test_few_rows():
    """Ten rows are divided so that every side has some; folds follow the rarer class."""
    frame = pd.DataFrame({"x": np.arange(10) * 1.5, "y": [0, 1] * 5})
    data, _ = prepare(load(frame), task(target="y"))
    assert len(data.sealed) == 2
    assert data.split.folds == data.n_folds == 4
    assert data.split.reason


def test_nothing_to_learn_from():
    """Ids and constants alone are not enough; copies of the target neither."""
    y = np.tile([0, 1], 50)
    frame = pd.DataFrame({"id": np.arange(100), "c": 1, "y": y})
    with pytest.raises(DataError, match="no column is left"):
        prepare(load(frame), task(target="y"))
    with pytest.raises(DataError, match="gives the target"):
        prepare(load(pd.DataFrame({"copy": y, "y": y})), task(target="y"))
    with pytest.raises(PlanError, match="forecast"):
        prepare(load(frame), task(kind="forecast", target="y"))


def test_an_easy_problem_is_still_a_problem():
    """A column that separates the classes is kept, with a warning, where it is the only one."""
    y = np.tile([0, 1], 50)
    data, findings = prepare(load(pd.DataFrame({"x": y + np.linspace(0, 0.5, 100), "y": y})), task(target="y"))
    assert data.task.inputs == ("x",)
    assert [finding.code for finding in findings] == ["leak-perfect-ranking"]


def test_mixed_types_are_said():
    """Numbers with a little text are numbers, half and half is a category; both are said."""
    frame = table()
    frame["score"] = [*np.linspace(0, 1, ROWS - 2).tolist(), "n.b.", "broken"]
    frame["code"] = pd.Series([1, "a"] * (ROWS // 2), dtype=object)
    data, findings = prepare(load(frame), task())
    mixed = {finding.column: finding for finding in findings if finding.code == "mixed-types"}
    assert set(mixed) == {"score", "code"}
    assert mixed["score"].rows == 2
    assert data.train.x["score"].dtype == np.float64
    assert set(data.train.x["code"]) == {"1", "a"}


def test_duplicates_are_said_and_kept_together():
    """Copies of a row are counted, and none of a training row is sealed."""
    frame = pd.DataFrame(
        {"x": np.repeat(np.random.default_rng(0).normal(size=100), 2), "y": np.repeat(np.tile([0, 1], 50), 2)}
    )
    data, findings = prepare(load(frame), task(target="y"))
    (finding,) = findings
    assert (finding.code, finding.rows) == ("duplicates", 100)
    assert not set(data.train.x["x"]) & set(data.sealed.x["x"])


def test_ten_thousand_columns_are_summed_up():
    """A wide table gives a few sentences, not one for each column."""
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 1000)))
    frame.iloc[0] = np.nan
    frame["y"] = [0, 1] * 15
    data, findings = prepare(load(frame), task(target="y"))
    assert len(data.task.inputs) == 1000
    finding, few = findings
    assert finding.code == "missing-filled"
    assert "1000 columns" in finding.message.en
    assert few.code == "few-rows"


def test_fold_keeps_few():
    """Up to twenty findings of one code stay as they are."""
    _, findings = prepare(load(table()), task())
    assert fold(findings) == findings


@pytest.mark.parametrize(
    ("loader", "kind", "classes"),
    [(load_breast_cancer, "binary", (0, 1)), (load_wine, "multiclass", (0, 1, 2)), (load_diabetes, "regression", ())],
)
def test_real_tables(loader, kind, classes):
    """Real data goes through without a column lost or a false alarm."""
    frame = loader(as_frame=True).frame
    data, findings = prepare(load(frame), task(kind=kind, target="target"))
    assert data.task.inputs == tuple(frame.columns[:-1])
    assert data.classes == classes
    assert not [finding for finding in findings if finding.severity == "warning"]


def test_check_without_and_with_a_target():
    """The same findings without training; what makes learning impossible is a blocker, not an exception."""
    raw = load(table())
    assert {finding.code for finding in check(raw)} >= {
        "id-dropped",
        "constant-dropped",
        "empty-dropped",
        "number-as-text",
    }
    assert check(raw, "churn") == prepare(raw, task())[1]
    blocker = check(raw, "country")[0]
    assert (blocker.severity, blocker.code, blocker.column) == ("blocker", "target-unusable", "country")
    with pytest.raises(ColumnError):
        check(raw, "nowhere")


def test_fingerprint_knows_the_values():
    """Equal tables have equal fingerprints, however they come; any change of value, order or name shows."""
    frame = table()
    own = load(frame).fingerprint
    assert load(frame.copy()).fingerprint == own
    assert load(load(frame)).fingerprint == own
    changed = frame.copy()
    changed.loc[5, "tenure"] += 1
    others = [
        changed,
        frame.iloc[::-1],
        frame.rename(columns={"plan": "Plan"}),
        frame[frame.columns[::-1]],
        frame.iloc[:-1],
    ]
    assert len({own, *(load(other).fingerprint for other in others)}) == 6
    assert (
        len({load(pd.DataFrame({"a": [[1], [2]]})).fingerprint, load(pd.DataFrame({"a": [[1], [3]]})).fingerprint}) == 2
    )


def test_fingerprint_is_the_same_in_every_process():
    """A process with another hash seed computes the same fingerprint."""
    code = (
        "import pandas as pd; from openglm.prepare import load;"
        "print(load(pd.DataFrame({'a': ['x', 'y', None], 'b': [1.5, 2, 3]})).fingerprint)"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    own = load(pd.DataFrame({"a": ["x", "y", None], "b": [1.5, 2, 3]})).fingerprint
    assert other.stdout.strip() == own


def test_source_is_named(tmp_path):
    """Findings and reports can say where the table came from."""
    path = tmp_path / "t.csv"
    table().to_csv(path, index=False)
    assert load(path).source == str(path)
    assert load(table()).source == "DataFrame"
