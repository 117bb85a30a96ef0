"""Whole stories of sentences that ask for more than a model: every step is carried out, or it is said why not."""

import importlib.util
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import openglm
from openglm import flow
from openglm.core.errors import InputError
from openglm.core.outcome import Outcome
from openglm.core.run import Run
from openglm.core.task import Step

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def shop_log(tmp_path_factory):
    """A folder with 700 simulated sessions, and 90 later ones without the outcome."""
    spec = importlib.util.spec_from_file_location("purchase_log_for_steps", EXAMPLES / "make_purchase_log.py")
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    folder = tmp_path_factory.mktemp("log")
    (folder / "log.csv").write_bytes(made.to_csv(made.simulate(700, 3)))
    (folder / "new.csv").write_bytes(made.to_csv(made.simulate(90, 4), outcome=False))
    return folder


def triples(run):
    lines = (run.path / "graph.jsonl").read_text(encoding="utf-8").splitlines()
    return {tuple(json.loads(line).values()) for line in lines}


def by_name(result):
    return {outcome.task_id: outcome for outcome in result.steps}


CHINESE = "先检查数据,再训练模型预测是否购买,然后解释,同时导出,先不部署"


@pytest.fixture(scope="module")
def chinese(shop_log, tmp_path_factory):
    """One finished run that several tests look at."""
    return openglm.run(CHINESE, shop_log / "log.csv", trials=1, out=tmp_path_factory.mktemp("zh") / "run")


def test_every_step_is_done_in_its_order(chinese):
    """What is not to be done yet is no step; each step's result is on disk where its outcome says."""
    steps = by_name(chinese)
    assert list(steps) == ["validate_data", "build_model", "explain", "export"]
    assert {outcome.status for outcome in steps.values()} == {"done"}
    for outcome in steps.values():
        assert outcome.said.zh != outcome.said.en
        assert all((chinese.run.path / path).exists() for path in outcome.artifacts.values())
    assert steps["build_model"].values["score"] == chinese.metrics["roc_auc"]
    counted = sum(steps["validate_data"].values[kind] for kind in ("blocker", "warning", "note"))
    assert counted == len(chinese.findings)


def test_steps_are_given_what_came_before(chinese):
    """And use it: the explanation names the columns of the model's own report, the export is the delivered model."""
    steps = by_name(chinese)
    assert steps["explain"].inputs == steps["export"].inputs == ("build_model",)
    assert steps["build_model"].inputs == ("validate_data",)
    top = max(chinese.report.importance, key=lambda item: item.drop)
    assert steps["explain"].values[top.column] == top.drop
    with zipfile.ZipFile(chinese.run.path / steps["export"].artifacts["zip"]) as packed:
        packed.extractall(chinese.run.path.parent / "unpacked")
    rows = pd.read_csv(EXAMPLES / "data" / "new_sessions.csv").head(20)
    expected = chinese.model.predict_proba(rows)
    for folder in (
        chinese.run.path / steps["export"].artifacts["folder"],
        chinese.run.path.parent / "unpacked" / "model",
    ):
        np.testing.assert_array_equal(openglm.load(folder).predict_proba(rows), expected)


def test_the_graph_is_kept_as_triples_and_drawn_in_the_report(chinese):
    """Goal, outcomes and triples agree; the page shows the steps with what came of them."""
    assert {
        ("validate_data", "is_a", "validate_data"), ("build_model", "predicts", "purchased"),
        ("build_model", "judged_by", "roc_auc"), ("explain", "depends_on", "build_model"),
        ("explain", "used", "build_model"), ("explain", "produced", "report.html"), ("export", "status", "done"),
    } <= triples(chinese.run)  # fmt: skip
    assert [step.task_id for step in Run(chinese.run.path).goal.steps] == list(by_name(chinese))
    page = (chinese.run.path / "report.html").read_text(encoding="utf-8")
    assert '<svg class="og"' in page and page.count("og-done") > 4
    plain = chinese.plain("zh")
    assert [step["status"] for step in plain["steps"]] == ["done"] * 4
    assert plain["steps"][0]["said"] == chinese.steps[0].said.zh
    events = [(e["task_id"], e["state"]) for e in chinese.run.events if e["event"] == "step"]
    assert events == [(name, state) for name in by_name(chinese) for state in ("begin", "end")]


def test_what_is_not_built_yet_is_said_and_costs_nothing(shop_log, tmp_path):
    """Deployment is not there, so watching it is skipped; model, explanation and predictions are; the outputs too."""
    sentence = (
        "check the data, train a model that predicts purchase, explain it, predict the new rows, then deploy it with docker, "
        "then monitor it; I need it as onnx"
    )
    result = openglm.run(sentence, shop_log / "log.csv", trials=1, out=tmp_path / "run")
    steps = by_name(result)
    assert {name: outcome.status for name, outcome in steps.items()} == {
        "validate_data": "done", "build_model": "done", "explain": "done", "predict": "done", "deploy": "not_available",
        "monitor": "skipped", "export": "done",
    }  # fmt: skip
    assert "container" in steps["deploy"].said.en and "容器" in steps["deploy"].said.zh
    assert "'deploy'" in steps["monitor"].said.en
    assert "ONNX" in steps["export"].said.en and steps["export"].values["onnx"] is False
    assert "no file" in steps["predict"].said.en
    table = pd.read_csv(result.run.path / steps["predict"].artifacts["predictions"])
    assert len(table) == result.report.data.scored == steps["predict"].values["rows"]
    assert result.run.state.status == "finished"


def test_rows_of_a_file_that_the_sentence_names(shop_log, tmp_path):
    """They are found beside the table, and predicted by the delivered model; a file that is not there is said."""
    result = openglm.run(
        "训练模型预测是否购买,再预测新数据new.csv", shop_log / "log.csv", trials=1, out=tmp_path / "run"
    )
    outcome = by_name(result)["predict"]
    assert (outcome.status, outcome.inputs) == ("done", ("build_model",))
    table = pd.read_csv(result.run.path / "predictions.csv")
    assert table["prediction"].tolist() == result.model.predict(shop_log / "new.csv").tolist()
    assert len(table) == 90
    missing = openglm.run(
        "train a model that predicts purchase, then predict the new rows in 'nowhere.csv'", shop_log / "log.csv", trials=1,
        out=tmp_path / "missing",
    )  # fmt: skip
    assert by_name(missing)["predict"].status == "failed"
    assert "nowhere.csv" in by_name(missing)["predict"].said.zh
    assert missing.run.state.status == "finished"


def test_a_step_that_fails_does_not_lose_the_model(shop_log, tmp_path):
    """A file stands where the export wants its folder: the export fails, what waits for it is skipped, the rest is done."""

    def spoil(event):
        if event["event"] == "step" and event["task_id"] == "export" and event["state"] == "begin":
            (tmp_path / "run" / "export").write_text("in the way")

    result = openglm.run(
        "train a model that predicts purchase, export it, then deploy it, and write a report", shop_log / "log.csv",
        trials=1, out=tmp_path / "run", listener=spoil,
    )  # fmt: skip
    steps = by_name(result)
    assert {name: outcome.status for name, outcome in steps.items()} == {
        "build_model": "done", "export": "failed", "deploy": "skipped", "report": "done",
    }  # fmt: skip
    assert "a file stands" in steps["export"].said.en and "导出" in steps["deploy"].said.zh
    assert result.model.predict(shop_log / "new.csv").shape == (90,)


def interrupt_at(step, state="begin"):
    def listen(event):
        if event["event"] == "step" and (event["task_id"], event["state"]) == (step, state):
            raise KeyboardInterrupt

    return listen


def test_finished_steps_are_not_done_again(shop_log, tmp_path):
    """Cut off before the export, the same call goes on with just that: no trial, no fit, no report is made anew."""
    call = {"task": CHINESE, "data": shop_log / "log.csv", "trials": 1, "out": tmp_path / "run"}
    with pytest.raises(KeyboardInterrupt):
        openglm.run(**call, listener=interrupt_at("export"))
    run = Run(tmp_path / "run")
    assert [outcome.task_id for outcome in run.outcomes] == ["validate_data", "build_model", "explain"]
    kept, trials = run.report.created_at, len(run.trials)
    begun = []
    result = openglm.run(**call, listener=lambda event: begun.append(event.get("task_id")))
    assert {name for name in begun if name} == {"export"}
    assert (run.report.created_at, len(run.trials)) == (kept, trials)
    assert [outcome.status for outcome in result.steps] == ["done"] * 4


def test_after_a_stop_the_steps_follow_the_new_model(shop_log, tmp_path):
    """A stop keeps the best so far and still does the steps; going on searches further and does them again."""
    out = tmp_path / "run"

    def stop(event):
        if event["event"] == "trial":
            Run(out).ask_to_stop()

    stopped = openglm.run(CHINESE, shop_log / "log.csv", trials=2, out=out, listener=stop)
    assert stopped.run.state.status == "stopped"
    assert [outcome.status for outcome in stopped.steps] == ["done"] * 4
    result = flow.resume(out)
    assert result.run.state.status == "finished"
    assert len(result.run.trials) == 3
    assert by_name(result)["build_model"].values["score"] == result.metrics["roc_auc"]


def test_a_second_thing_to_learn_without_a_recipe(shop_log, tmp_path):
    """Groups cannot be found yet; that is said, and the model is there."""
    sentence = "train a model that predicts purchased and also cluster the rows into groups, then export it"
    result = openglm.run(sentence, shop_log / "log.csv", trials=1, out=tmp_path / "run")
    steps = by_name(result)
    assert steps["build_model"].status == "done"
    assert steps["build_model_2"].status == "not_available"
    assert "clustering" in steps["build_model_2"].said.en and "聚类" in steps["build_model_2"].said.zh
    assert steps.get("export") is None or steps["export"].status == "done"


def test_a_second_thing_to_learn_with_a_recipe(shop_log, tmp_path):
    """It gets a run folder of its own inside the run; what follows it works on its model."""
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        openglm.run(
            "train a model that predicts purchased",
            shop_log / "log.csv",
            trials=1,
            out=out,
            listener=interrupt_at("build_model"),
        )
    goal = Run(out).goal  # no sentence is read like this yet, so it is written by hand
    other = goal.tasks[0].model_copy(
        update={"kind": "regression", "target": "load_ms", "metric": "rmse", "positive_class": None}
    )
    second = Step(task_id="speed", type="build_model", assigned_to="search")
    export = Step(task_id="export", type="export", depends_on=("speed",), assigned_to="ship")
    Run(out).write(
        "goal.json", goal.model_copy(update={"tasks": (*goal.tasks, other), "steps": (*goal.steps, second, export)})
    )
    result = flow.resume(out)
    steps = by_name(result)
    assert {name: outcome.status for name, outcome in steps.items()} == {
        "build_model": "done", "speed": "done", "export": "done",
    }  # fmt: skip
    assert Run(out / "steps" / "speed").report.target == "load_ms" != result.report.target
    assert steps["speed"].artifacts["pipeline"] == "steps/speed/pipeline"
    assert openglm.load(out / "export" / "model").task.target == "load_ms"
    assert ("speed", "predicts", "load_ms") in triples(result.run)


def test_a_look_at_the_table_needs_no_model(shop_log, tmp_path):
    """Profile, findings and steps are written; asking for the model is one clear sentence; the same call returns it again."""
    call = {"task": "clean the data and describe it", "data": shop_log / "log.csv", "out": tmp_path / "run"}
    result = openglm.run(**call)
    steps = by_name(result)
    assert {name: outcome.status for name, outcome in steps.items()} == {"clean_data": "done", "describe_data": "done"}
    assert steps["describe_data"].values["rows"] == 700
    assert result.findings and result.run.state.status == "finished"
    assert not (tmp_path / "run" / "pipeline").exists()
    for name in ("metrics", "model", "report", "leaderboard", "baseline", "task"):
        with pytest.raises(InputError, match="learned no model"):
            getattr(result, name)
    assert "metrics" not in set(result) and "describe_data" in repr(result)
    assert json.loads(json.dumps(result.plain("zh"), allow_nan=False))["metrics"] == {}
    assert openglm.run(**call).steps == result.steps
    with pytest.raises(InputError, match="nothing that can be learned"):
        flow.make_plan(call["task"], call["data"])


def test_learners_side_by_side(shop_log, tmp_path):
    """Those that the sentence names come first, with their validation score."""
    sentence = "compare logistic regression and lightgbm for predicting purchased, then evaluate the best one"
    result = openglm.run(sentence, shop_log / "log.csv", trials=2, out=tmp_path / "run")
    steps = by_name(result)
    table = pd.read_csv(io.StringIO((result.run.path / "leaderboard.csv").read_text(encoding="utf-8")))
    assert table["learner"].tolist()[:2] == ["linear", "lightgbm"]
    best = {row.model: row.score for row in reversed(result.report.leaderboard)}
    assert dict(zip(table["learner"], table["roc_auc"], strict=True)) == pytest.approx(best)
    assert all(outcome.status == "done" for outcome in result.steps)
    assert isinstance(steps["compare"], Outcome) and steps["compare"].artifacts["leaderboard"] == "leaderboard.csv"
