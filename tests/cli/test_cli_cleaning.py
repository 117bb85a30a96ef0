"""``openglm plan`` and the cleaning: read it, edit it, run it as a script, write the cleaned table."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from openglm.cli import app
from openglm.core.plan import Plan


@pytest.fixture
def orders(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({
        "卡号": [f"6222-{i:05d}" for i in range(150)], "金额": [f"￥{v:,.2f}" for v in rng.uniform(-50, 900, 150)],
        "年龄": [-999] * 9 + rng.integers(18, 70, 141).tolist(), "是否购买": rng.choice(["是", "否"], 150),
    })  # fmt: skip
    path = tmp_path / "orders.csv"
    frame.to_csv(path, index=False)
    return path


def out(*arguments) -> str:
    made = CliRunner().invoke(app, ["plan", *map(str, arguments)])
    assert made.exit_code == 0, made.output
    return made.stdout


def test_plan_script_and_cleaned_table(orders, tmp_path):
    """Stated and found steps stand in the plan; script and cleaned table agree; an edited plan changes both."""
    sentence = "预测是否购买, 卡号只保留数字, 金额在 0 到 800 之间"
    text = out(sentence, orders)
    plan = Plan.from_yaml(text)
    assert [(step.op, step.column, step.origin) for step in plan.cleaning] == [
        ("numbers", "金额", "found"), ("missing_marks", "年龄", "found"), ("digits", "卡号", "stated"), ("range", "金额", "stated"),
    ]  # fmt: skip
    edited = yaml.safe_load(text)
    edited["cleaning"] = [step for step in edited["cleaning"] if step["op"] != "missing_marks"]
    saved = tmp_path / "plan.yaml"
    saved.write_text(yaml.safe_dump(edited, allow_unicode=True), encoding="utf-8")
    tables = []
    for given in ((sentence, orders), ("--plan", saved, orders)):
        script, table, again = (tmp_path / name for name in ("clean.py", "cleaned.csv", "again.csv"))
        script.write_text(out(*given, "--python"), encoding="utf-8")
        out(*given, "--cleaned", table)
        subprocess.run([sys.executable, "-I", script, orders, again], check=True)
        assert table.read_bytes() == again.read_bytes()
        tables.append(pd.read_csv(table))
    assert tables[0]["年龄"].isna().sum() == 9 and tables[1]["年龄"].eq(-999).sum() == 9
    assert tables[0]["金额"].min() >= 0 and tables[0]["金额"].max() <= 800


def test_a_step_on_a_column_that_is_not_there(orders, tmp_path):
    """A misspelt column of a step is one clear sentence."""
    plan = yaml.safe_load(out("预测是否购买", orders))
    plan["cleaning"].append({"op": "range", "column": "年令", "low": 0})
    saved = tmp_path / "plan.yaml"
    saved.write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
    made = CliRunner().invoke(app, ["plan", "--plan", str(saved), str(orders), "--python"])
    assert made.exit_code != 0
