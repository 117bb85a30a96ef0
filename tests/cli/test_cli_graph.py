"""The steps of a sentence on the command line: drawn before the run, told after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.dom import minidom

import pytest

from tests.cli.test_cli_commands import write_table

SENTENCE = "check the data, train a model that predicts churn, then explain it"


@pytest.fixture(autouse=True)
def table() -> None:
    """Customers in the current folder."""
    write_table(Path("customers.csv"))


def test_plan_graph_prints_a_tree(call: Any) -> None:
    """In the language of the sentence or the one asked for; nothing is trained, no folder is made."""
    done = call("plan", "--graph", SENTENCE, "customers.csv")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines() == [
        "check the data (validate_data · prepare)",
        "└─ train a model (build_model · search): predicts 'churn', judged by roc_auc",
        "   └─ explain (explain · explain)",
    ]
    assert "└─ 训练模型" in call("plan", "--graph", SENTENCE, "customers.csv", "--lang", "zh").stdout
    assert "描述数据" in call("plan", "--graph", "描述这份数据", "customers.csv").stdout
    assert not Path("runs").exists()


def test_plan_graph_as_json(call_json: Any) -> None:
    """Steps and triples."""
    code, answer = call_json("plan", "--graph", SENTENCE, "customers.csv")
    assert code == 0
    assert [step["task_id"] for step in answer["steps"]] == ["validate_data", "build_model", "explain"]
    assert {"subject": "build_model", "predicate": "predicts", "object": "churn"} in answer["triples"]


def test_plan_svg_writes_a_drawing(call: Any) -> None:
    """A file that XML readers take; its name on standard output."""
    done = call("plan", "--svg", "steps.svg", SENTENCE, "customers.csv")
    assert (done.exit_code, done.stdout) == (0, "steps.svg\n")
    assert minidom.parse("steps.svg").documentElement.tagName == "svg"


def test_a_sentence_without_steps_has_no_graph(call: Any) -> None:
    """One sentence, exit code 2."""
    done = call("plan", "--graph", "what is the weather like in Paris?", "customers.csv")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "nothing to be done" in done.stderr


def test_a_look_at_the_table_is_told(call: Any, call_json: Any) -> None:
    """Exit code 0, the columns, and what came of each step; the same as JSON."""
    done = call("run", "describe this table", "customers.csv", "--out", "look")
    assert done.exit_code == 0, done.stderr
    assert all(word in done.stdout for word in ("contract", "month", "describe the data", "160 rows"))
    code, answer = call_json("run", "describe this table", "customers.csv", "--out", "look")
    assert code == 0 and answer["metrics"] == {} and answer["model"] is None
    assert [(step["type"], step["status"]) for step in answer["steps"]] == [("describe_data", "done")]
    assert "描述数据" in call("resume", "look", "--lang", "zh").stdout


def test_more_than_a_model_is_told_in_the_language_of_the_sentence(call: Any) -> None:
    """Every step with its state; a sentence that only wants a model is answered as ever."""
    done = call(
        "run", "先检查数据,再训练模型预测客户会不会流失,然后部署", "customers.csv", "--trials", "1", "--out", "zh"
    )
    assert done.exit_code == 0, done.stderr
    assert all(word in done.stdout for word in ("检查数据", "训练模型", "完成", "部署", "暂不支持"))
    alone = call("run", "predict which customers will churn", "customers.csv", "--trials", "1", "--out", "en")
    assert alone.exit_code == 0 and "what happened" not in alone.stdout
