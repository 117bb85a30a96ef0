"""The report is a word: frozen, checked, and the same after a trip through JSON."""

from __future__ import annotations

import json
import math

import pytest
from pydantic import ValidationError

from openglm.core.evidence import Interval
from openglm.core.report import CalibrationBin, DataFacts, LeaderRow, Report, Speed, Understood
from openglm.core.words import Said


def _report(**changes) -> Report:
    said = Said(en="a", zh="甲")
    fields = {
        "language": "zh", "title": said, "answer": said, "meaning": said, "target": "目标", "kind": "binary",
        "metric": "roc_auc", "greater_is_better": True, "model": "m", "metrics": {"roc_auc": 0.9}, "baseline": {"roc_auc": 0.5},
        "data": DataFacts(source_columns=3, inputs=2, rows=10, train=8, sealed=2, scored=2, split="random", folds=5),
        "understood": Understood(sentence="预测", target="目标", kind="binary", metric="roc_auc", confidence=0.9),
        "speed": Speed(batch_ms=0.1, one_row_ms=1.0), "seconds": 3.0,
    }  # fmt: skip
    return Report(**{**fields, **changes})


def test_json_there_and_back() -> None:
    """Equal after the trip, Chinese and all."""
    report = _report(
        leaderboard=(LeaderRow(id="t0", model="m", view="codes", state="done", params={"a": 1, "b": True, "c": "x"}),)
    )
    again = Report.from_json(report.to_json())
    assert again == report
    assert [type(v) for v in again.leaderboard[0].params.values()] == [int, bool, str]


def test_numbers_that_json_does_not_know() -> None:
    """Not-a-number and infinity survive as valid JSON."""
    report = _report(
        metrics={"roc_auc": math.nan, "rmse": math.inf}, gain=Interval(value=math.nan, low=-math.inf, high=1.0)
    )
    text = report.to_json()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    again = Report.from_json(text)
    assert math.isnan(again.metrics["roc_auc"])
    assert again.metrics["rmse"] == math.inf
    assert again.gain.low == -math.inf
    assert again.to_json() == text


def test_it_is_frozen_and_strict() -> None:
    """No field can be changed, none invented."""
    report = _report()
    with pytest.raises(ValidationError):
        report.metric = "f1"
    with pytest.raises(ValidationError):
        _report(surprise=1)


@pytest.mark.parametrize("changes", [{"seconds": -1}, {"kind": "guess"}, {"language": "fr"}, {"format": 2}])
def test_values_out_of_range_are_refused(changes) -> None:
    """A report that could not come from a run is no report."""
    with pytest.raises(ValidationError):
        _report(**changes)


def test_a_calibration_bin_has_rows() -> None:
    """An empty bin says nothing and cannot be made."""
    with pytest.raises(ValidationError):
        CalibrationBin(predicted=0.1, observed=0.1, low=0, high=1, rows=0)
