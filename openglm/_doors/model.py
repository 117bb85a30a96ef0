"""Doors of the steps that are about a model: what the search brought, how good it is, what matters, the report."""

from __future__ import annotations

import csv
import io

from openglm._doors.work import Work, counted
from openglm.core import store
from openglm.core.outcome import Outcome
from openglm.core.report import LeaderRow, Report
from openglm.core.run import Run
from openglm.core.schema import Scalar
from openglm.core.words import Said

TOP = 3
"""Columns that the sentence about an explanation names."""


def build(work: Work) -> Outcome:
    """Say what the search has brought."""
    for name in ("data", "plan", "findings"):
        work.take(name)  # the search has learned from them
    own = _own_run(work)
    report = own.report
    told, values = _score(report)
    return work.done(
        f"Trained {report.model}: {told.en}.", f"已训练 {report.model}: {told.zh}。", _made(work, own), values
    )


def again(work: Work) -> Outcome:
    """Tuning and training again: the one search has done it."""
    first = work.take("report")
    own = Run(first.parent) if first is not None else work.run
    report = own.report
    tried = [row for row in report.leaderboard if row.state == "done"]
    learners = len({row.model for row in tried})
    told, values = _score(report)
    return work.done(
        f"{counted(len(tried), 'candidate')} of {counted(learners, 'learner')} tried with different settings; {told.en}.",
        f"共尝试 {learners} 种模型的 {len(tried)} 组参数;{told.zh}。",
        _made(work, own),
        values | {"candidates": len(tried)},
    )


def compare(work: Work) -> Outcome:
    """Write the best trial of every learner side by side, those that the user named first."""
    first = work.take("report")
    own = Run(first.parent) if first is not None else work.run
    report, named = own.report, own.plan.task.models
    best: dict[str, LeaderRow] = {}
    for row in report.leaderboard:  # best first, failures last
        best.setdefault(row.model, row)
    rank = {name: i for i, name in enumerate(named)}
    rows = sorted(best.values(), key=lambda row: rank.get(row.model, len(rank)))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["learner", report.metric, "weight", "fit_s", "bytes", "state", "settings", "error"])
    for row in rows:
        settings = " ".join(f"{name}={value}" for name, value in row.params.items())
        score = "" if row.score is None else row.score
        writer.writerow(
            [row.model, score, row.weight, round(row.fit_s, 3), row.bytes, row.state, settings, row.error or ""]
        )
    store.write_text(work.run.path / "leaderboard.csv", text.getvalue())
    listed = ", ".join(f"{row.model} {row.score:.4g}" for row in rows[:6] if row.score is not None)
    artifacts = {"leaderboard": "leaderboard.csv"} | (_made(work, own) if not work.used else {})
    return work.done(
        f"Validation {report.metric} of each learner's best: {listed}.",
        f"各模型最佳验证 {report.metric}: {listed}。",
        artifacts,
        {row.model: row.score for row in rows},
    )


def _own_run(work: Work) -> Run:
    """Return the folder in which a learning step has learned: its own one for a second task."""
    own = Run(work.run.path / "steps" / work.step.task_id)
    return own if own.has("report.json") else work.run


def _made(work: Work, own: Run) -> dict[str, str]:
    """Return what a search leaves behind, by path relative to the whole run."""
    names = {
        "pipeline": "pipeline", "board": "board.json", "report": "report.json", "page": "report.html",
        "sealed_predictions": "sealed_predictions.csv",
    }  # fmt: skip
    place = own.path.relative_to(work.run.path)
    return {name: (place / path).as_posix() for name, path in names.items() if own.has(path)}


def _score(report: Report) -> tuple[Said, dict[str, Scalar]]:
    score, naive = report.metrics[report.metric], report.baseline.get(report.metric, float("nan"))
    rows = report.data.scored
    said = Said(
        en=f"{report.metric} {score:.4g} on {rows:,} sealed rows (baseline {naive:.4g})",
        zh=f"在 {rows:,} 行封存数据上 {report.metric} 为 {score:.4g}(基线 {naive:.4g})",
    )
    return said, {"metric": report.metric, "score": score, "baseline": naive, "model": report.model}


def evaluate(work: Work) -> Outcome:
    """Say how good the model is."""
    report = work.report()
    around = report.intervals.get(report.metric)
    told, values = _score(report)
    range_ = (
        f", 95 % {around.low:.4g} to {around.high:.4g}" if around else "",
        f",95% 区间 {around.low:.4g}–{around.high:.4g}" if around else "",
    )
    en, zh = f"{told.en}{range_[0]}", f"{told.zh}{range_[1]}"
    return work.done(f"{en[:1].upper()}{en[1:]}.", f"{zh}。", _pages(work), values)


def explain(work: Work) -> Outcome:
    """Say what matters most."""
    report = work.report()
    top = [item for item in report.importance if item.drop > 0][:TOP]
    if not top:
        return work.done(
            "The report is written; there was no time to measure what matters most, or nothing does.",
            "报告已写好;没有时间测量各列的重要性,或没有列起作用。",
            _pages(work),
        )
    listed = ", ".join(f"{item.column} ({item.drop:.3g})" for item in top)
    return work.done(
        f"What matters most ({report.metric} lost when shuffled): {listed}.",
        f"最重要的列(打乱后损失的 {report.metric}): {listed}。",
        _pages(work),
        {item.column: item.drop for item in top},
    )


def report(work: Work) -> Outcome:
    """Say where the report lies."""
    _ = work.report()
    return work.done("Written as a page and as data.", "已写成网页和数据两种形式。", _pages(work))


def _pages(work: Work) -> dict[str, str]:
    folder = work.place("report").parent.relative_to(work.run.path)
    return {"page": (folder / "report.html").as_posix(), "report": (folder / "report.json").as_posix()}
