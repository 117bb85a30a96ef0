"""Open the sealed rows, once, and write down what they say about the model.

The order of work follows its value: answers, metrics, interval, charts, then importance with what time is left. Each part
that costs is cut to the clock, and every cut is said in the report. Nothing here is used for any choice of a model.
"""

from __future__ import annotations

import contextlib
import csv
import io
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core import bundle, store
from openglm.core.budget import Clock
from openglm.core.dataset import Dataset, Rows
from openglm.core.errors import OpenGLMError
from openglm.core.evidence import Interval, Repeated, SplitCheck
from openglm.core.finding import Finding
from openglm.core.metrics import METRICS, Metric, metric
from openglm.core.parts import Floats
from openglm.core.pipeline import Pipeline
from openglm.core.plan import Plan
from openglm.core.report import Importance, Report, Speed
from openglm.core.run import Run
from openglm.core.schema import Schema
from openglm.core.task import CLASSIFICATION, Goal
from openglm.core.trial import STOPPED, Trial
from openglm.core.words import Said
from openglm.explain import _bootstrap, _say, _summary
from openglm.explain._card import render_card
from openglm.explain._fairness import Answers, fairness
from openglm.explain._graph import graph_svg
from openglm.explain._html import render_html
from openglm.explain._importance import permutation_importance
from openglm.explain._labels import MOST, label_doubts
from openglm.explain._markdown import render_markdown
from openglm.explain._resample import Units, units_of
from openglm.explain._why import Why, why

PROBE_ROWS = 256
"""Rows predicted first, to learn what a row costs."""
PREDICT_SHARE = 0.5
"""Of the remaining time, the most that predicting the sealed rows may take; the rest is for metrics, charts and files."""
GRACE_S = 0.3
"""Seconds it may take even when time is out: an honest score is what the run is for."""
FEWEST_ROWS = 200
"""Sealed rows scored even when time is out: below that an AUC moves by several points from sample to sample."""
HURRY_S = 1.5
"""Seconds left below which the bootstrap is short and importance is not measured."""
OTHERS_S = 0.7
"""Most seconds for the intervals of all metrics; with many classes those beside the chosen one are left out."""
RESERVE_S = 0.5
"""Seconds kept for writing the files. measured: 0.05 s; the rest is for a slow disk."""
IMPORTANCE_S = (1.0, 4.0)
"""Seconds for importance when there is time: usually the first, up to the second where a model is so slow that one round over
the columns takes longer. The user waits for the report."""
IMPORTANCE_SHARE = 0.3
"""Most of the remaining time that importance may take: the final fit on all rows comes after it."""
PREDICT_MS_S = 1.0
"""Seconds for timing the predictions of the models tried; measured: some 20 ms for each."""
IMPORTANCE_CELLS = 400_000
"""Rows times columns of importance where no time limit is set: then nothing may depend on the clock, so that equal runs have
equal reports. Some 2 s of predictions for a usual ensemble."""
PLANNED_REPEATS = 3
"""Rows are chosen so that so many rounds fit; quicker models get all ``REPEATS``."""
IMPORTANCE_ROWS = 2000
"""More rows narrow the intervals of importance less than more repeats do; our own choice."""
FEWEST_FOR_CLAIM = 10
"""Sealed rows below which no claim against the baseline is made: resampling a handful of rows tells nothing."""


@dataclass
class _Sealed:
    """Scored sealed rows, with the answers of the model and the baseline."""

    rows: Rows
    outputs: Floats
    base: Floats
    codes: NDArray[np.int64] | None
    base_codes: NDArray[np.int64] | None
    batch_ms: float
    notes: list[Said] = field(default_factory=list)


def explain(  # noqa: PLR0913 - everything a run has made; each is a word of its own
    run: Run, data: Dataset, pipeline: Pipeline, *, baseline: Pipeline, trials: Sequence[Trial],
    findings: Sequence[Finding], goal: Goal, plan: Plan, clock: Clock, seconds: float, refit: bool,
) -> Report:  # fmt: skip
    """Judge the model on the sealed rows and write the report.

    Writes ``report.json``, its views (page, Markdown, model card) and ``sealed_predictions.csv`` into the run folder, each
    atomically, the report last. With little time left the costly parts are shortened or left out, and the report says so.

    Parameters
    ----------
    run : Run
        Where to write.
    data : Dataset
        With its sealed rows.
    pipeline, baseline : Pipeline
        The final model, and the naive one it is compared with.
    trials, findings : sequence
        What was tried, and what was noticed about the data.
    goal, plan
        What was understood, and how it was solved.
    clock : Clock
        Of the run's budget.
    seconds : float
        Wall-clock seconds of the run so far.
    refit : bool
        Whether the final model was trained again on all training rows.

    Returns
    -------
    Report
        As written.
    """
    task = data.task
    chosen = metric(plan.metric, task.kind)
    sealed = _open(data, pipeline, baseline, clock, plan.seed)
    model_scores = _summary.scores(task.kind, chosen.id, sealed.rows.y, sealed.outputs, sealed.codes)
    base_scores = _summary.scores(task.kind, chosen.id, sealed.rows.y, sealed.base, sealed.base_codes)
    intervals, gain = _intervals(
        chosen, sealed, model_scores, clock, plan.seed, units=units_of(data.split, sealed.rows)
    )
    sealed.notes.extend(_say.draws(data, sealed.rows, checked=run.has("split_check.json")))
    weights = {member.candidate.id: float(member.weight) for member in pipeline.members}
    speed = Speed(
        batch_ms=sealed.batch_ms, one_row_ms=_one_row_ms(data, pipeline, clock), bytes=_size(run.path / "pipeline")
    )
    importance, used = _importance(data, pipeline, chosen, sealed, clock, seed=plan.seed, one_row_ms=speed.one_row_ms)
    reasons = _reasons(data, pipeline, chosen, sealed, clock, goal=goal, seed=plan.seed, importance=importance)
    answers = Answers(sealed.rows.y, sealed.outputs, sealed.codes)
    groups, unfair = fairness(data, sealed.rows, answers, units=units_of(data.split, sealed.rows), seed=plan.seed)
    doubts = label_doubts(run, data, trials, chosen.id)
    cost = None
    if sealed.codes is not None and len(data.classes) == 2:
        units = units_of(data.split, sealed.rows)
        cost = _summary.cost(task.constraints, sealed.rows.y, sealed.codes, units=units, seed=plan.seed)
    charts = _charts(data, pipeline, sealed, plan.seed)
    board = _summary.leaderboard(trials, chosen.id, weights, _predict_ms(run, trials, sealed.rows, clock))
    best = (
        run.board.score if run.has("board.json") else next((row.score for row in board if row.score is not None), None)
    )
    facts = _summary.data_facts(data, _source_columns(run), len(sealed.rows))
    better = gain is not None and gain.low > 0 and len(sealed.rows) >= FEWEST_FOR_CLAIM
    said = _say.Facts(
        task=task, metric=chosen.id, score=model_scores[chosen.id], base=base_scores[chosen.id],
        interval=intervals.get(chosen.id), better=better, rows=len(sealed.rows), data=facts, model=pipeline.title,
        stopped=run.has("board.json") and run.board.reason == STOPPED,
    )  # fmt: skip
    report = Report(
        language=goal.language, title=_say.title(said), answer=_say.answer(said), meaning=_say.meaning(said),
        target=task.target, kind=task.kind, metric=chosen.id, greater_is_better=chosen.greater_is_better,
        model=pipeline.title, metrics=model_scores, baseline=base_scores, intervals=intervals, gain=gain,
        better_than_baseline=better, validation_score=best, leaderboard=board, importance=importance,
        importance_rows=used, contributions=reasons.contributions, effects=reasons.effects,
        reasons_of_rows=reasons.reasons, surprises=reasons.surprises, slices=reasons.slices, **charts,
        promises=_summary.promises(task.constraints, model_scores, charts.get("roc"), speed, charts.get("confusion")),
        cost=cost,
        split_check=run.found("split_check.json", SplitCheck), repeated=run.found("repeated.json", Repeated),
        fairness=groups, label_doubts=doubts.labels[:MOST],
        findings=(*findings, *_say.doubtful(said), *_one_answer(data, sealed), *reasons.findings, *unfair, *doubts.findings),
        leaks=data.suspects, cleaning=data.cleaning,
        data=facts,
        understood=_summary.understood(goal, task),
        timeline=_summary.timeline(trials, run.events),
        limits=(*_say.limits(said, data, findings, trials, validation=best, refit=refit), *sealed.notes),
        usage=_say.usage(str(run.path)), speed=speed, seconds=max(seconds, 0.0), budget_s=plan.budget.seconds,
        refit=refit, reasons=plan.reasons, versions=_summary.versions(), seed=plan.seed,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip
    store.write_text(run.path / "sealed_predictions.csv", _csv(data, pipeline, sealed))
    write(run, report)
    return report


def write(run: Run, report: Report) -> None:
    """Write page, Markdown and model card, and then ``report.json``, into the run folder, each atomically."""
    for name, draw in views(run, report).items():
        store.write_text(run.path / name, draw())
    run.write("report.json", report)


def views(run: Run, report: Report) -> dict[str, Callable[[], str]]:
    """Return what is drawn from a report: name of the file → a function that draws it."""
    goal = run.goal if run.has("goal.json") else None
    steps = goal is not None and len(goal.steps) > 1
    graph = graph_svg(goal, run.outcomes, language=report.language) if goal is not None and steps else ""
    return {
        "report.html": lambda: render_html(report, graph=graph), "report.md": lambda: render_markdown(report),
        "MODEL_CARD.md": lambda: render_card(report),
    }  # fmt: skip


def note_delivery(run: Run, report: Report) -> None:
    """Add to a written report that the delivered model has learned from the sealed rows too, after they were scored."""
    limits = tuple(_say.DELIVERED_ALL if limit == _say.DELIVERED_TRAIN else limit for limit in report.limits)
    write(run, report.model_copy(update={"delivered": "all rows", "limits": limits}))


# ── the sealed rows ──


def _open(data: Dataset, pipeline: Pipeline, baseline: Pipeline, clock: Clock, seed: int) -> _Sealed:
    """Predict the sealed rows: all of them, or a random part where a row costs too much for the time left."""
    rows = data.sealed
    notes: list[Said] = []
    order = np.random.default_rng(seed).permutation(len(rows))
    probe = rows.take(order[:PROBE_ROWS])
    if len(rows) > PROBE_ROWS:
        _answers(pipeline, probe.take(np.arange(1)))  # the first call loads libraries: that is not what a row costs
    start = time.perf_counter()
    outputs = _answers(pipeline, probe)
    spent = time.perf_counter() - start
    if len(rows) > PROBE_ROWS:
        cost = spent / PROBE_ROWS
        affordable = max(PREDICT_SHARE * (clock.remaining() - RESERVE_S), GRACE_S) / max(cost, 1e-9)
        if affordable < len(rows):
            wanted = min(len(rows), max(FEWEST_ROWS, int(affordable)))
            rows = rows.take(np.sort(order[:wanted]))
            notes.append(_say.fewer_rows(len(rows), len(data.sealed)))
        start = time.perf_counter()
        outputs = _answers(pipeline, rows)
        spent = time.perf_counter() - start
    else:
        rows = probe.take(np.argsort(order))
        outputs = outputs[np.argsort(order)]
    base = _answers(baseline, rows)
    classes = data.task.kind in CLASSIFICATION
    return _Sealed(
        rows, outputs, base,
        pipeline.decide_codes(outputs) if classes else None,
        baseline.decide_codes(base) if classes else None,
        1000 * spent / max(len(rows), 1), notes,
    )  # fmt: skip


def _answers(pipeline: Pipeline, rows: Rows) -> Floats:
    if not len(rows):
        return np.zeros((0, max(len(pipeline.classes), 1)))
    return np.asarray(pipeline.outputs(rows.x), dtype=np.float64)


def _intervals(
    chosen: Metric, sealed: _Sealed, scores: dict[str, float], clock: Clock, seed: int, *, units: Units
) -> tuple[dict[str, Interval], Interval | None]:
    """Return intervals of the chosen metric and, when there is time, of the others; and the gain over the baseline."""
    n = len(sealed.rows)
    if not n:
        return {}, None
    model, base = (sealed.outputs, sealed.codes), (sealed.base, sealed.base_codes)
    hurry = clock.remaining() < HURRY_S
    resamples = _bootstrap.how_many(n, hurry=hurry)
    first, gain = _bootstrap.compare(chosen, sealed.rows.y, model, base, resamples=resamples, seed=seed, units=units)
    found = {chosen.id: first} if first is not None else {}
    limit = clock.part(OTHERS_S) if clock.seconds is not None else clock
    for name in scores:
        if name == chosen.id or limit.expired() or clock.remaining() < 2 * HURRY_S:
            continue
        fewer = _bootstrap.how_many(n, hurry=True)  # beside the chosen one a rougher interval does
        other, _ = _bootstrap.compare(
            METRICS[name], sealed.rows.y, model, None, resamples=fewer, seed=seed, units=units
        )
        if other is not None:
            found[name] = other
    return found, gain


def _importance(
    data: Dataset, pipeline: Pipeline, chosen: Metric, sealed: _Sealed, clock: Clock, *, seed: int, one_row_ms: float
) -> tuple[tuple[Importance, ...], int]:
    """Return the importance of columns and the rows it was measured on, cut to the time left."""
    n, columns = len(sealed.rows), len(data.schema.columns)
    if clock.remaining() < HURRY_S or n < 2 or not columns:
        sealed.notes.append(_say.NO_IMPORTANCE)
        return (), 0
    cost = max(sealed.batch_ms / 1000, 1e-7)
    one_round = columns * (one_row_ms / 1000 + cost * min(FEWEST_ROWS, n))
    allowed = min(float(np.clip(1.5 * one_round, *IMPORTANCE_S)), IMPORTANCE_SHARE * (clock.remaining() - RESERVE_S))
    wanted = int(allowed / (cost * columns * PLANNED_REPEATS))
    if clock.seconds is None:
        wanted, allowed = IMPORTANCE_CELLS // columns, math.inf
    rows = int(np.clip(wanted, min(FEWEST_ROWS, n), min(IMPORTANCE_ROWS, n)))
    picked = np.sort(np.random.default_rng(seed).choice(n, rows, replace=False))
    part, outputs = sealed.rows.take(picked), sealed.outputs[picked]

    def score(answers: Floats) -> float:
        codes = pipeline.decide_codes(answers) if sealed.codes is not None else None
        return float(_bootstrap.resampled(chosen.id, part.y, answers, codes, np.ones((1, rows)))[0])

    found = permutation_importance(
        pipeline.outputs, score, part.x, metric=chosen, outputs=outputs, clock=clock.part(allowed), seed=seed
    )
    if len(found) < columns:
        sealed.notes.append(_say.fewer_columns(len(found), columns))
    return found, rows


def _reasons(
    data: Dataset, pipeline: Pipeline, chosen: Metric, sealed: _Sealed, clock: Clock, *, goal: Goal, seed: int,
    importance: Sequence[Importance],
) -> Why:  # fmt: skip
    """Return contributions, reasons, slices and effects on the sealed rows, cut to the time left."""

    def score(rows: NDArray[np.int64]) -> float | None:
        codes = sealed.codes[rows] if sealed.codes is not None else None
        found = _bootstrap.resampled(
            chosen.id, sealed.rows.y[rows], sealed.outputs[rows], codes, np.ones((1, len(rows)))
        )
        return float(found[0]) if math.isfinite(found[0]) else None

    order = [item.column for item in importance]
    found = why(
        data, pipeline, sealed.rows, sealed.outputs, sealed.codes, clock=clock, row_s=sealed.batch_ms / 1000, order=order,
        sentence=goal.sentence or data.task.sentence, seed=seed, score=score,
    )  # fmt: skip
    sealed.notes.extend(found.notes)
    return found


def _one_answer(data: Dataset, sealed: _Sealed) -> tuple[Finding, ...]:
    """Say that the model decides on the same class for every row, though there are others."""
    if sealed.codes is None or len(np.unique(sealed.rows.y)) < 2 or len(np.unique(sealed.codes)) > 1:
        return ()
    label = str(data.classes[int(sealed.codes[0])])
    right, limits = float(np.mean(sealed.rows.y == sealed.codes)), data.task.constraints
    stated = (limits.max_false_positive_rate, limits.min_recall, limits.min_precision)
    return (_say.one_answer(label, len(sealed.rows), right, limited=any(value is not None for value in stated)),)


def _charts(data: Dataset, pipeline: Pipeline, sealed: _Sealed, seed: int) -> dict[str, Any]:
    """Return the fields of the report that are drawn: confusion, ROC and calibration, or residuals."""
    y, codes = sealed.rows.y, sealed.codes
    if codes is None:
        return {"residuals": _summary.residuals(y, sealed.outputs[:, 0], seed)} if len(y) else {}
    charts: dict[str, Any] = {"confusion": _summary.confusion(y, codes, data.classes)}
    if len(data.classes) == 2:
        p = sealed.outputs[:, 1]
        charts["threshold"] = float(pipeline.threshold)
        charts["roc"] = _summary.roc(y, p, pipeline.threshold)
        charts["calibration"] = _summary.calibration(y, p) if len(y) else ()
    return charts


def _one_row_ms(data: Dataset, pipeline: Pipeline, clock: Clock) -> float:
    """Return the median milliseconds of a few single-row predictions."""
    some = data.sealed if len(data.sealed) else data.train
    taken: list[float] = []
    for i in range(min(5, len(some))):
        if taken and clock.remaining() < HURRY_S:
            break
        one = some.take(np.array([i]))
        start = time.perf_counter()
        pipeline.outputs(one.x)
        taken.append(1000 * (time.perf_counter() - start))
    return float(np.median(taken)) if taken else float("nan")


def _predict_ms(run: Run, trials: Sequence[Trial], rows: Rows, clock: Clock) -> dict[str, float]:
    """Return milliseconds per row in a batch, for the trials whose models there is time to load; the best ones come first."""
    found: dict[str, float] = {}
    some = rows.take(np.arange(min(PROBE_ROWS, len(rows))))
    limit = clock.part(PREDICT_MS_S)
    for row in _summary.leaderboard(trials, run.plan.metric, {}, {}) if run.has("plan.yaml") and len(some) else ():
        folder = run.path / "trials" / row.id / "model"
        if limit.expired() or clock.remaining() < HURRY_S:
            break
        if (folder / bundle.MANIFEST).exists():
            with contextlib.suppress(OpenGLMError):
                model = Pipeline.load(folder)
                model.outputs(some.take(np.arange(1)).x)  # the first call loads libraries
                start = time.perf_counter()
                model.outputs(some.x)
                found[row.id] = 1000 * (time.perf_counter() - start) / len(some)
    return found


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*") if file.is_file()) if folder.is_dir() else 0


def _source_columns(run: Run) -> int:
    if not run.has("profile.json"):
        return 0
    return len(Schema.from_json((run.path / "profile.json").read_bytes()).columns)


def _csv(data: Dataset, pipeline: Pipeline, sealed: _Sealed) -> str:
    """Return one line per scored row: its place in the source, truth, prediction, and probabilities."""
    classes = data.classes if sealed.codes is not None else ()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "truth", "prediction", *(f"proba_{label}" for label in classes)])
    truth = data.label(sealed.rows.y).tolist()
    guess = data.label(sealed.codes).tolist() if sealed.codes is not None else sealed.outputs[:, 0].tolist()
    extra = sealed.outputs.tolist() if classes else [[] for _ in truth]
    for line in zip(sealed.rows.index.tolist(), truth, guess, extra, strict=True):
        writer.writerow([*line[:3], *line[3]])
    return text.getvalue()
