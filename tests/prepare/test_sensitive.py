"""Sensitive attributes: found by name and values, kept beside the rows also when nothing learns from them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from openglm.core.dataset import Dataset
from openglm.core.errors import ColumnError
from openglm.core.task import Constraints, Task
from openglm.prepare import load, prepare
from openglm.prepare._sensitive import MOST, find_sensitive

RNG = np.random.default_rng(0)
ROWS = 300


def pick(*levels):
    return RNG.choice(np.array(levels, dtype=object), ROWS)


SENSITIVE = {
    "gender": pick("Male", "Female"), "Kunde": pick("m", "f", "unknown"), "性别": pick("男", "女"), "sex": pick(1, 2).astype(int),
    "age": RNG.integers(18, 90, ROWS), "客户年龄": RNG.integers(18, 90, ROWS), "AgeGroup": pick("18-25", "26-40", "41+"),
    "race": pick("White", "Black", "Asian"), "ethnicity": pick("a", "b"), "民族": pick("汉族", "回族"), "国籍": pick("中国", "法国"),
    "native-country": pick("US", "Mexico"), "religion": pick("x", "y"), "Marital_Status": pick("Single", "Married"),
    "婚姻状况": pick("已婚", "未婚"), "是否残疾": pick("是", "否"), "政治面貌": pick("群众", "党员"), "户籍类型": pick("城镇", "农村"),
    "Year_Birth": RNG.integers(1940, 2000, ROWS), "出生日期": [f"{1950 + i % 50}-03-0{1 + i % 9}" for i in range(ROWS)],
    "pregnant": pick("yes", "no"), "political_affiliation": pick("a", "b"),
}  # fmt: skip
OTHERS = {
    "house_age": RNG.integers(0, 60, ROWS), "HouseAge": RNG.integers(0, 60, ROWS), "房龄": RNG.integers(0, 60, ROWS),
    "设备年龄": RNG.integers(0, 9, ROWS), "account_age": RNG.integers(0, 900, ROWS), "race_time": RNG.random(ROWS),
    "page": RNG.integers(0, 60, ROWS), "usage": RNG.random(ROWS), "average": RNG.random(ROWS), "city": pick("a", "b"),
    "agent": pick("a", "b"), "sexton": pick("a", "b"), "size": pick("S", "M", "L"), "flag": pick("t", "f"),
}  # fmt: skip


@pytest.mark.parametrize("name", SENSITIVE)
def test_sensitive_attributes_are_found(name):
    """By the name in both languages, or by values that name the sexes."""
    assert find_sensitive(load(pd.DataFrame({name: SENSITIVE[name], "x": RNG.random(ROWS)})).schema) == (name,)


@pytest.mark.parametrize("name", OTHERS)
def test_other_columns_are_not_sensitive(name):
    """Ages of things, races that are run, and words that only hold such a word."""
    assert find_sensitive(load(pd.DataFrame({name: OTHERS[name], "x": RNG.random(ROWS)})).schema) == ()


def test_at_most_five_the_stated_one_first():
    """A stated column comes first, whatever it is; the target is never one."""
    schema = load(pd.DataFrame(SENSITIVE | {"city": OTHERS["city"]})).schema
    found = find_sensitive(schema, "city", without=["gender"])
    assert len(found) == MOST and found[0] == "city" and "gender" not in found


def test_values_stay_beside_the_rows_also_when_the_column_is_left_out(tmp_path):
    """Excluded from the inputs, yet there for the report, in train and sealed rows, and on disk."""
    frame = pd.DataFrame(
        {"gender": SENSITIVE["gender"], "age": SENSITIVE["age"], "x": RNG.random(ROWS), "y": pick("a", "b")}
    )
    task = Task(
        kind="binary",
        target="y",
        metric="roc_auc",
        excluded=("gender",),
        constraints=Constraints(fairness_attribute=" AGE"),
    )
    data, _ = prepare(load(frame), task)
    assert data.sensitive == ("age", "gender") and data.task.constraints.fairness_attribute == "age"
    assert "gender" not in data.schema and "age" in data.schema
    for rows in (data.train, data.sealed):
        assert rows.aside["gender"].tolist() == frame["gender"].to_numpy()[rows.index].tolist()
        assert rows.aside["age"].tolist() == frame["age"].to_numpy(dtype=float)[rows.index].tolist()
    data.save(tmp_path)
    again = Dataset.load(tmp_path, sealed=True)
    assert (
        again.sensitive == data.sensitive
        and again.sealed.aside["gender"].tolist() == data.sealed.aside["gender"].tolist()
    )


def test_a_stated_attribute_that_does_not_exist_is_an_error():
    """One clear sentence with the nearest name."""
    frame = pd.DataFrame({"gender": SENSITIVE["gender"], "x": RNG.random(ROWS), "y": pick("a", "b")})
    task = Task(kind="binary", target="y", metric="roc_auc", constraints=Constraints(fairness_attribute="gendr"))
    with pytest.raises(ColumnError, match="gendr"):
        prepare(load(frame), task)
