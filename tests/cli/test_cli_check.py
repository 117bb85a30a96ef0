"""``openglm check``: findings by severity, a table in numbers, expectations, and what is different from before."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def shop(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(50, 8, 300).round(4), "city": rng.choice(["Bonn", "Köln", "Trier"], 300),
            "paid": rng.choice(["yes", "no"], 300),
        }
    )  # fmt: skip
    frame.to_csv(tmp_path / "shop.csv", index=False)
    frame.loc[:9, "amount"] = -999
    frame.to_csv(tmp_path / "dirty.csv", index=False)
    return frame


def test_findings_stand_under_their_severity(call, shop):
    """Warnings first; in both languages; what was done beside what was found."""
    done = call("check", "dirty.csv")
    assert done.exit_code == 0
    assert "Warnings" in done.stdout
    assert "disguised-missing" in done.stdout
    chinese = call("check", "dirty.csv", "--lang", "zh").stdout
    assert "警告" in chinese
    assert "表示缺失" in chinese


def test_nothing_to_remark(call, shop):
    """A clean table."""
    assert call("check", "shop.csv").stdout.strip() == "Nothing to remark."


def test_the_table_in_numbers(call, call_json, shop):
    """For people and for programs."""
    assert "median" in call("check", "shop.csv", "--profile").stdout
    code, said = call_json("check", "shop.csv", "--profile")
    assert code == 0
    assert [column["name"] for column in said["profile"]["columns"]] == ["amount", "city", "paid"]


def test_expectations_are_written_edited_and_checked(call, call_json, shop, tmp_path):
    """A good table passes; a bad one blocks with the rows; a mistake in the file is one sentence."""
    assert call("check", "shop.csv", "--save", "rules/good.yaml").exit_code == 0
    assert call("check", "shop.csv", "--expect", "rules/good.yaml").exit_code == 0
    code, said = call_json("check", "dirty.csv", "--expect", "rules/good.yaml")
    assert code == 1
    broken = [item for item in said["findings"] if item["code"].startswith("expect-")]
    assert [(item["code"], item["column"], item["rows"]) for item in broken] == [("expect-min", "amount", 10)]
    (tmp_path / "rules/good.yaml").write_text("columns: {amount: {mni: 3}}", encoding="utf-8")
    broken = call("check", "shop.csv", "--expect", "rules/good.yaml")
    assert broken.exit_code == 2
    assert "columns → amount → mni" in broken.stderr


def test_what_is_different_from_the_table_that_was_learned_from(call_json, shop):
    """A column that is gone blocks; the same table says nothing."""
    assert call_json("check", "shop.csv", "--like", "shop.csv") == (0, {"findings": []})
    shop.drop(columns="city").to_csv("less.csv", index=False)
    code, said = call_json("check", "less.csv", "--like", "shop.csv")
    assert code == 1
    assert ("like-column-missing", "city") in {(item["code"], item["column"]) for item in said["findings"]}


def test_expectations_do_not_silence_the_other_checks(call_json, shop):
    """A file without rules: the code for "missing" is told all the same."""
    rules = Path("rules.yaml")
    rules.write_text("columns: {}", encoding="utf-8")
    code, said = call_json("check", "dirty.csv", "--expect", str(rules))
    assert code == 0
    assert "disguised-missing" in {item["code"] for item in said["findings"]}


def test_edited_expectations_are_not_replaced(call, shop, tmp_path):
    """The same text may be written again; another one is not lost."""
    path = tmp_path / "good.yaml"
    assert call("check", "shop.csv", "--save", str(path)).exit_code == 0
    assert call("check", "shop.csv", "--save", str(path)).exit_code == 0
    path.write_text("columns: {}\n", encoding="utf-8")
    refused = call("check", "shop.csv", "--save", str(path))
    assert refused.exit_code == 2
    assert "exists already" in refused.stderr
    assert path.read_text(encoding="utf-8") == "columns: {}\n"
