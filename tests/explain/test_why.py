"""The parts of a report that say why: complete with time, cut and said so without, and equal in equal runs."""

import numpy as np
import pytest

from openglm.core.budget import Clock
from openglm.core.report import Report
from openglm.explain import _why

KINDS = ("binary", "multiclass", "regression")


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_says_why(case, kind):
    """Every part is there, speaks of columns of the table, and adds up."""
    made = case(kind)
    report = made.explain()
    assert Report.from_json(report.to_json()) == report
    assert report.contributions[0].column == "signal" and report.contributions[0].rows >= 20
    assert report.effects[0].column == "signal"
    assert 1 <= len(report.reasons_of_rows) <= 4 and 1 <= len(report.surprises) <= 5
    assert [item.loss for item in report.surprises] == sorted((item.loss for item in report.surprises), reverse=True)
    sealed = set(made.data.sealed.index.tolist())
    for reason in (*report.reasons_of_rows, *report.surprises):
        assert reason.row in sealed, "rows are those of the source, and sealed ones"
        assert reason.base + sum(term.amount for term in reason.terms) == pytest.approx(reason.output)
    for reason in report.surprises:
        assert kind == "regression" or reason.truth != reason.prediction


def test_equal_runs_say_the_same(case):
    """Without a time limit nothing depends on the clock."""
    made = case("binary")
    one, two = made.explain(clock=Clock(None)), made.explain(clock=Clock(None))
    for name in ("contributions", "effects", "reasons_of_rows", "surprises", "slices"):
        assert getattr(one, name) == getattr(two, name)


def test_without_time_it_is_left_out_and_said(case):
    """A report in the last second has none of it, and a note."""
    report = case("binary").explain(clock=Clock(10, spent=9, now=lambda: 0.0))
    assert not report.contributions and not report.effects and not report.slices and not report.reasons_of_rows
    assert _why.NO_REASONS in report.limits


def test_a_slow_model_is_cut_to_its_share(case, monkeypatch):
    """Time passes with every prediction; the sum stays near the share, and the report says what is missing."""
    made, at = case("binary"), [0.0]

    def slow(x):
        at[0] += 0.02 + 1e-4 * len(x["signal"])
        return formula(x)

    formula, made.model.formula = made.model.formula, slow
    monkeypatch.setattr(_why.time, "perf_counter", lambda: at[0])
    clock = Clock(8.0, now=lambda: at[0])
    rows = made.data.sealed
    outputs = formula(rows.x)
    found = _why.why(
        made.data, made.model, rows, outputs, made.model.decide_codes(outputs), clock=clock, row_s=1e-4, order=["signal"],
        sentence="", seed=0, score=lambda rows: None,
    )  # fmt: skip
    assert at[0] <= 1.5 * _why.SHARE * 8.0
    assert found.reasons, "what is cheap and asked first is there"


def test_one_column_that_is_the_model_becomes_a_finding(case):
    """The formula without its second column looks at one column only, and nobody named it."""
    made = case("regression")
    made.model.formula = lambda x: 2 * x["signal"][:, None]
    codes = [finding.code for finding in made.explain().findings]
    assert codes == ["leak-copy", "dominant-column"]


def test_a_weak_spot_of_the_model_is_in_the_report(case):
    """Rows of one level whose truth is turned round are found on the sealed rows."""
    from dataclasses import replace

    made = case("binary", rows=2000)
    sealed = made.data.sealed
    turned = np.where(sealed.x["level"] == "a", 1 - sealed.y, sealed.y)
    report = made.explain(data=replace(made.data, sealed=replace(sealed, y=turned)))
    assert report.slices and report.slices[0].condition.en == "level = a"
    assert report.slices[0].score is not None and report.slices[0].score < 0.5
