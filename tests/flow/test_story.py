"""Whole stories: a sentence and a file become a report, and new rows get answers."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import openglm
from openglm import AutoPipeline, Run, Task, prepare
from openglm import plan as planning
from openglm.core.budget import Budget
from openglm.core.plan import Plan
from openglm.core.preset import Preset
from openglm.core.task import Constraints
from tests.flow.conftest import make_shop


def plan_for_task(task, source):
    """Return the plan for a task that is already known."""
    data, _ = prepare.prepare(prepare.load(source), task)
    return planning.make_plan(data, Budget(), preset=Preset.load())


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One finished run that many tests look at and none changes."""
    folder = tmp_path_factory.mktemp("story")
    make_shop().to_csv(folder / "shop.csv", index=False)
    return openglm.run("预测哪些客户会流失", folder / "shop.csv", trials=3, out=folder / "run")


def test_what_was_understood(finished):
    """The outcome is found although no word of the sentence is in its name; the id is dropped with a finding."""
    assert finished.task.target == "churned"
    assert finished.task.kind == "binary"
    assert finished.task.positive_class == "yes"
    assert finished.goal.slots["target"].reason.zh
    assert any(f.code == "id-dropped" and f.column == "user_id" for f in finished.findings)


def test_the_result_is_a_mapping_with_attributes(finished):
    """Both ways to reach a value give the same one."""
    assert {"model", "metrics", "leaderboard", "report", "findings", "run"} <= set(finished)
    assert finished["metrics"] == finished.metrics
    assert finished["model"] is finished.model
    assert finished.metrics["roc_auc"] > 0.6 > finished.baseline["roc_auc"] == 0.5
    with pytest.raises(KeyError, match="there are"):
        finished["nonsense"]


def test_the_plain_shape(finished):
    """What --json prints has the promised keys and is valid JSON without NaN."""
    plain = json.loads(json.dumps(finished.plain(), allow_nan=False))
    assert {"run", "task", "model", "metrics", "baseline", "leaderboard", "report", "seconds"} <= set(plain)
    assert plain["task"]["target"] == "churned"


def test_the_folder_tells_everything(finished):
    """Every word of the run can be read back from its folder."""
    run = Run.open(finished.run.path)
    assert run.state.status == "finished"
    assert run.plan.task == finished.task
    assert len(run.trials) == 4
    assert {event["event"] for event in run.events} >= {"start", "understood", "trial", "model-saved", "done"}
    html = (run.path / "report.html").read_text(encoding="utf-8")
    assert "churned" in html
    assert "http://" not in html.replace("http://www.w3.org/", "")  # nothing is fetched


def test_any_container_gives_the_same_answers(finished, tmp_path):
    """pandas, polars, Arrow, a path, dicts and single rows all predict alike; extra columns are ignored."""
    model = openglm.load(finished.run.path)
    rows = make_shop(20, seed=1).drop(columns="churned")
    expected = model.predict_proba(rows)
    rows.to_csv(tmp_path / "new.csv", index=False)
    records = json.loads(rows.assign(since=rows["since"].astype(str)).to_json(orient="records"))
    for data in (pl.from_pandas(rows), pa.Table.from_pandas(rows), tmp_path / "new.csv", records, rows.assign(extra=1)):
        np.testing.assert_allclose(model.predict_proba(data), expected, atol=1e-12)
    singly = np.vstack([model.predict_proba(record) for record in records])
    np.testing.assert_allclose(singly, expected, atol=1e-12)
    assert set(model.predict(rows)) <= {"yes", "no"}


def test_explanations_add_up(finished):
    """Contributions and base sum to the prediction of each row."""
    rows = make_shop(3, seed=2)
    table = finished.model.explain(rows)
    inputs = [column.name for column in finished.model.schema.columns]
    np.testing.assert_allclose(table[inputs].sum(axis=1) + table["base"], table["prediction"], atol=1e-9)
    np.testing.assert_allclose(table["prediction"], finished.model.predict_proba(rows)[:, 1], atol=1e-9)


def test_new_categories_and_missing_cells(finished):
    """A city never seen and an empty cell get an answer; a missing column gets a sentence."""
    row = {"user_id": "x", "visits": 3, "spent": None, "city": "火星", "since": "2024-05-05"}
    assert finished.model.predict_proba(row).sum() == pytest.approx(1)
    with pytest.raises(openglm.OpenGLMError, match="lack 'visits'"):
        finished.model.predict([{"spent": 1.0, "city": "北京", "since": None}])


def test_same_seed_same_run(tmp_path, shop_csv):
    """Two runs with one seed and a trial budget give the same predictions to the last bit."""
    first, second = (openglm.run("predict churned", shop_csv, trials=2, seed=3, out=tmp_path / name) for name in "ab")
    assert first.metrics == second.metrics
    np.testing.assert_array_equal(first.model.predict_proba(shop_csv), second.model.predict_proba(shop_csv))


@pytest.mark.parametrize("make", ["regression", "multiclass"])
def test_other_kinds(make, tmp_path):
    """Values and several classes walk the same way."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=300), "b": rng.normal(size=300), "note": rng.choice(["x", "y"], 300)})
    frame["result"] = (
        frame["a"] * 3 + frame["b"] + 10
        if make == "regression"
        else np.digitize(frame["a"] + 0.3 * frame["b"], [-0.5, 0.5])
    )
    result = openglm.run("predict result", frame, trials=2, out=tmp_path / "run")
    assert result.task.kind == make
    assert result.report.better_than_baseline
    assert result.model.predict(frame).shape == (300,)


def test_a_plan_can_be_edited(tmp_path, shop_csv):
    """What the edited plan says is done: one learner, another metric."""
    pipeline = AutoPipeline(trials=1)
    plan = pipeline.plan("predict churned", shop_csv)
    entry = next(entry for entry in plan.entries if entry.model == "lightgbm")
    text = plan.model_copy(update={"entries": (entry,)}).to_yaml()
    edited = Plan.from_yaml(text.replace("metric: roc_auc", "metric: log_loss").replace("  - city\n", "", 1))
    pipeline.out = tmp_path / "run"
    result = pipeline.run(edited, shop_csv)
    assert {trial.candidate.model for trial in result.run.trials} == {"baseline", "lightgbm"}
    assert result.report.metric == "log_loss"
    assert result.task.metric == "log_loss"
    assert "city" not in result.model.schema


def test_a_task_instead_of_a_sentence(tmp_path, shop):
    """Who knows the task needs no sentence."""
    task = Task(kind="binary", target="churned", metric="roc_auc", inputs=("visits", "spent"))
    result = openglm.run(task, shop, trials=1, out=tmp_path / "run")
    assert [column.name for column in result.model.schema.columns] == ["visits", "spent"]


def test_the_sentence_sets_the_budget(shop_csv):
    """A time in the sentence is the budget unless the call names one."""
    assert AutoPipeline().plan("十分钟内预测哪些客户会流失", shop_csv).budget.seconds == 600
    assert AutoPipeline(time_limit=20).plan("十分钟内预测哪些客户会流失", shop_csv).budget.seconds == 20
    assert AutoPipeline().plan("预测哪些客户会流失", shop_csv).budget.seconds == 60


def test_presets_can_be_saved_and_changed(tmp_path, shop_csv):
    """A saved preset loads from its folder, and its portfolio is the one used."""
    folder = tmp_path / "preset"
    AutoPipeline.from_pretrained("zhipu/Open-AutoGLM").save_pretrained(folder)
    (folder / "portfolio.json").write_text('{"format": 1, "entries": []}')
    plan = AutoPipeline.from_pretrained(folder).plan("predict churned", shop_csv)
    assert all("portfolio" not in entry.reason for entry in plan.entries)


def test_the_pipeline_says_what_it_is():
    """A pipeline shows its settings; a time limit at the call goes before the one of the pipeline."""
    assert "zhipu/Open-AutoGLM" in repr(AutoPipeline(time_limit=5))
    with pytest.raises(openglm.OpenGLMError, match="budget cannot be used"):
        AutoPipeline(time_limit=5)("predict churned", make_shop(20), time_limit=-1)


def test_a_model_that_people_can_read(shop_csv):
    """Who asks for an interpretable model gets only learners whose card says that they are."""
    from openglm.core.registry import parts

    task = Task(kind="binary", target="churned", metric="roc_auc", constraints=Constraints(interpretable=True))
    plan = plan_for_task(task, shop_csv)
    assert plan.entries
    assert all(parts("models")[entry.model].card.interpretable for entry in plan.entries)
