"""The walk through the sealed rows: what is written, what is claimed, and what happens when time is out."""

from __future__ import annotations

import csv
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from openglm.core.budget import Clock
from openglm.core.metrics import metric, panel
from openglm.core.report import Report
from openglm.core.result import Result
from openglm.core.trial import STOPPED, Board, Share

KINDS = ["binary", "multiclass", "regression"]


@pytest.mark.parametrize("kind", KINDS)
def test_report_is_on_disk_and_without_loss(case, kind: str) -> None:
    """What is returned, what is in report.json, and what comes back from it are the same."""
    made = case(kind)
    report = made.explain()
    text = (made.run.path / "report.json").read_text(encoding="utf-8")
    assert Report.from_json(text) == report
    assert json.loads(text)["metric"] == report.metric
    assert (made.run.path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert {path.name for path in made.run.path.iterdir()} == {
        "report.json", "report.html", "report.md", "MODEL_CARD.md", "sealed_predictions.csv", "state.json"
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_metrics_are_those_of_the_sealed_rows(case, kind: str) -> None:
    """Every panel metric, for model and baseline, is what core.metrics says of the sealed rows."""
    made = case(kind)
    report = made.explain()
    rows = made.data.sealed
    for shown, pipeline in ((report.metrics, made.model), (report.baseline, made.baseline)):
        assert set(shown) == {report.metric, *panel(kind)}
        outputs = pipeline.formula(rows.x)
        codes = pipeline.decide_codes(outputs) if made.data.classes else None
        for name, value in shown.items():
            assert value == pytest.approx(metric(name).score(rows.y, outputs, labels=codes)), name


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_file_repeats_the_score(case, kind: str) -> None:
    """Whoever recomputes the score from sealed_predictions.csv gets the reported one."""
    made = case(kind)
    report = made.explain()
    with (made.run.path / "sealed_predictions.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [int(line["row"]) for line in lines] == made.data.sealed.index.tolist()
    if kind == "regression":
        error = np.array([float(line["prediction"]) - float(line["truth"]) for line in lines])
        assert report.metrics["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)))
        return
    assert report.metrics["accuracy"] == np.mean([line["prediction"] == line["truth"] for line in lines])
    names = [f"proba_{label}" for label in made.data.classes]
    assert list(lines[0]) == ["row", "truth", "prediction", *names]
    assert sum(float(lines[0][name]) for name in names) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_real_signal_is_better_than_the_baseline(case, kind: str) -> None:
    """The gain's interval lies above 0, and importance puts the signal first and the noise at nothing."""
    report = case(kind).explain()
    assert report.better_than_baseline
    assert report.gain.low > 0
    interval = report.intervals[report.metric]
    assert interval.low < report.metrics[report.metric] < interval.high
    assert report.importance[0].column == "signal"
    assert next(item.drop for item in report.importance if item.column == "noise") == 0.0


def test_noise_is_not_called_better(case) -> None:
    """A model that knows nothing is said to know nothing, in both languages."""
    made = case("binary")
    made.model.formula = lambda x: np.stack([0.5 + 0.01 * x["noise"], 0.5 - 0.01 * x["noise"]], axis=1)
    report = made.explain()
    assert not report.better_than_baseline
    assert report.answer.en.startswith("No model was found")
    assert report.answer.zh.startswith("没有找到")


def test_same_seed_same_report(case) -> None:
    """Apart from times everything is fixed by the seed."""
    made = case("binary")
    one, two = made.explain(clock=Clock(None)), made.explain(clock=Clock(None))
    timed = {"speed", "created_at", "promises"}
    assert one.model_dump(exclude=timed) == two.model_dump(exclude=timed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seconds", [0.9, 0.0, -5.0])
def test_valid_report_when_time_is_out(case, kind: str, seconds: float) -> None:
    """With little or no time there is still a whole report; what was left out is said in it."""
    made = case(kind)
    report = made.explain(clock=Clock(10, spent=10 - seconds, now=lambda: 0.0))
    assert report.importance == ()
    assert any("--time" in item.en for item in report.limits)
    assert report.metric in report.intervals
    assert report.data.scored == report.data.sealed
    assert Report.from_json((made.run.path / "report.json").read_bytes()) == report


def test_slow_models_score_a_part_of_the_rows(case, monkeypatch) -> None:
    """Where a row costs more than there is time for, a random part of the sealed rows is scored, and that is said."""
    from openglm.explain import _explain

    made = case("binary", rows=4000)
    seconds = iter(range(1000))
    monkeypatch.setattr(_explain.time, "perf_counter", lambda: float(next(seconds)))  # each look at the watch: a second
    report = made.explain(clock=Clock(3, now=lambda: 0.0))
    assert _explain.FEWEST_ROWS <= report.data.scored < report.data.sealed == 1000
    assert any("of the 1,000 sealed rows" in item.en for item in report.limits)
    lines = (made.run.path / "sealed_predictions.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == report.data.scored + 1


def test_sealed_rows_are_the_only_ones_judged(case) -> None:
    """Training rows that would give another score change nothing."""
    made = case("binary")
    expected = made.explain().metrics
    train = replace(made.data.train, y=1 - made.data.train.y)
    assert made.explain(data=replace(made.data, train=train)).metrics == expected


def test_no_sealed_rows(case) -> None:
    """Without rows to judge on there is a report that says so instead of a number."""
    made = case("binary")
    nothing = made.data.sealed.take(np.zeros(0, dtype=np.int64))
    report = made.explain(data=replace(made.data, sealed=nothing))
    assert not report.better_than_baseline
    assert "no rows" in report.answer.en
    assert report.intervals == {}
    assert '"NaN"' in (made.run.path / "report.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("n", [1, 5])
def test_a_handful_of_rows_claims_nothing(case, n: int) -> None:
    """On fewer than ten rows nothing is called better, whatever the interval."""
    made = case("regression")
    report = made.explain(data=replace(made.data, sealed=made.data.sealed.take(np.arange(n))))
    assert not report.better_than_baseline
    assert report.data.scored == n


def test_one_class_on_the_sealed_rows(case) -> None:
    """A metric that does not exist there is not-a-number, and the page still stands."""
    made = case("binary")
    only = made.data.sealed.take(made.data.sealed.y == 0)
    report = made.explain(data=replace(made.data, sealed=only))
    assert np.isnan(report.metrics["roc_auc"])
    assert report.roc is None
    text = (made.run.path / "report.json").read_text(encoding="utf-8")
    assert Report.from_json(text).to_json() + "\n" == text


def test_limits_name_what_is_doubtful(case) -> None:
    """Leaks, few rows, dates, unfinished trials and a missing last fit are each said once."""
    made = case("binary")
    said = " ".join(item.en for item in made.explain(refit=False).limits)
    assert "may tell the answer in advance" in said
    assert "did not finish" in said
    assert "no time to train the final model again" in said
    assert "have dates" not in said


def test_promises_of_the_task_are_checked(case) -> None:
    """The limits a user stated stand in the report with what was reached."""
    kept = {p.constraint: p.kept for p in case("binary").explain().promises}
    assert kept == {"max_false_positive_rate": False, "min_recall": True}


def test_arrays_are_short(case) -> None:
    """No curve or sample is longer than 200, and the whole report stays small."""
    made = case("binary", rows=3000)
    report = made.explain()
    assert len(report.roc.true_positive_rate) <= 200
    assert len((made.run.path / "report.json").read_bytes()) < 60_000
    assert len(case("regression", rows=3000).explain().residuals.actual) == 200


def test_bytes_of_the_saved_model(case) -> None:
    """The size is that of the pipeline folder."""
    made = case("binary")
    Path(made.run.path / "pipeline").mkdir()
    (made.run.path / "pipeline" / "manifest.json").write_bytes(b"x" * 123)
    assert made.explain().speed.bytes == 123


def test_only_leaks_that_were_learned_from_lower_the_real_score(case) -> None:
    """A leak that was left out changes no score, and nobody is warned of it."""
    made = case("binary")
    out = made.findings[0].model_copy(update={"column": "collection_fee"})
    made.findings = (out,)
    assert not any("in advance" in item.en for item in made.explain().limits)


def test_a_slight_gain_is_called_slight(case) -> None:
    """Certain is not the same as large: at an R² of some .06 nothing is “clearly” better."""
    made = case("regression", rows=4000)
    spread, strong = made.data.train.y.std(), made.model.formula
    made.model.formula = lambda x: 0.03 * strong(x) + made.data.train.y.mean()
    report = made.explain()
    assert report.better_than_baseline and 0.95 * spread < report.metrics["rmse"] < spread
    assert "only a little better" in report.answer.en
    assert "仅略优于" in report.answer.zh and "明显" not in report.answer.zh


def test_a_perfect_score_is_doubted(case) -> None:
    """Nobody is always right: look for a leak, in both languages."""
    made = case("regression")
    assert "too-good-to-be-true" not in {item.code for item in made.explain().findings}
    y = {float(v): float(t) for v, t in zip(made.data.sealed.x["noise"], made.data.sealed.y, strict=True)}
    made.model.formula = lambda x: np.array([[y.get(float(v), 0.0)] for v in x["noise"]])
    found = next(item for item in made.explain().findings if item.code == "too-good-to-be-true")
    assert "look for a leak" in found.message.en and "泄露" in found.message.zh


def test_one_answer_for_every_row_is_said(case) -> None:
    """A recall that is kept by calling every row positive is no news."""
    made = case("binary")
    assert "one-answer" not in {item.code for item in made.explain().findings}
    made.model.threshold = 0.0
    found = next(item for item in made.explain().findings if item.code == "one-answer")
    assert "worth nothing" in found.message.en


def test_models_given_up_for_being_bad_were_not_cut_short_by_the_clock(case) -> None:
    """The count of the clock holds only those that it cut."""
    made = case("binary")
    bad = made.trials[1].model_copy(update={"state": "stopped", "score": None, "partial": True})
    made.trials += [bad, bad]
    assert any("0 were cut short" in item.en for item in made.explain().limits)


def test_a_part_of_the_rows_is_said_in_the_headline(case, monkeypatch) -> None:
    """Few scored rows are not passed off as all of them."""
    from openglm.explain import _explain

    made = case("binary", rows=4000)
    seconds = iter(range(1000))
    monkeypatch.setattr(_explain.time, "perf_counter", lambda: float(next(seconds)))
    report = made.explain(clock=Clock(3, now=lambda: 0.0))
    assert f"{report.data.scored:,} of 1,000 unseen rows" in report.answer.en
    assert "1,000 行未见过的数据中的" in report.answer.zh


def test_the_first_call_is_not_what_a_row_costs(case) -> None:
    """A model that loads its libraries at the first call is not taken for a slow one: all rows are scored."""
    made = case("binary", rows=4000)
    formula = made.model.formula

    def slow_start(x):
        if made.model.calls == 1:
            time.sleep(1.2)
        return formula(x)

    made.model.formula = slow_start
    report = made.explain(clock=Clock(2.0))
    assert report.data.scored == report.data.sealed == 1000


def test_whoever_stopped_the_run_is_not_told_to_give_it_time(case) -> None:
    """With only the baseline, the stop is named as the reason."""
    made = case("binary")
    made.model.title = "baseline"
    board = Board(shares=(Share(trial="t0000", weight=1.0),), score=0.5, reason=STOPPED)
    made.run.write("board.json", board)
    said = made.explain(refit=False)
    assert "was stopped before" in said.answer.en and "被停止" in said.answer.zh
    assert not any("no time to train" in item.en for item in said.limits)


def test_findings_of_the_model_reach_the_user(case) -> None:
    """What was noticed after training is told with what was noticed before."""
    made = case("binary")
    made.run.write_findings(made.findings)
    assert [item.code for item in Result(made.run).findings] == ["leak-copy"]
    made.model.threshold = 0.0
    made.explain()
    assert {"leak-copy", "one-answer"} <= {item.code for item in Result(made.run).findings}
