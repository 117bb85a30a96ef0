"""What other folds say about a learner that was found: random ones beside honest ones, and the same sort once more.

Nothing is chosen here. The trials of a check stand on no leaderboard, and the sealed rows stay closed.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from math import isfinite, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.budget import Clock
from openglm.core.dataset import Dataset
from openglm.core.events import EventLog
from openglm.core.evidence import Interval, Repeated, SplitCheck
from openglm.core.metrics import Metric, metric
from openglm.core.plan import Plan
from openglm.core.run import Run
from openglm.core.trial import Candidate, Trial
from openglm.core.words import Said
from openglm.prepare import fold_again
from openglm.search._decide import decided_score
from openglm.search._pool import GRACE_S, Pool
from openglm.search._workshop import Job, answers_of, save_array

CHECK_SHARE = 0.06
"""Share of the budget that the search leaves for checks. Our own choice: one or two more trials of a search that tries thirty."""
SLOWER = 1.2
"""A check may take so many times the seconds of the trial it repeats: features are fitted anew. measured: 0.9 to 1.2."""
LEVEL = 0.95
BATCHES = 10
"""Parts of a single hold-out part from which its interval comes; Schmeiser (1982), "Batch size effects", advises 10 to 30."""
AGAIN = 2
"""Added to the split's seed for further folds; 0 and 1 made the sealed part and the folds of the search."""
TIED = ("group", "time", "group-time")


def wants_check(plan: Plan) -> bool:
    """Say whether time must be left for a check."""
    return plan.split.method in TIED or plan.split.repeats > 1


def check(plan: Plan, data: Dataset, run: Run, pool: Pool, clock: Clock, log: EventLog) -> None:
    """Judge found learners on other folds, within ``CHECK_SHARE`` of the budget, and write down what came of it.

    Where rows are tied together, the best single learner is judged on random folds too: ``split_check.json``. On small data
    the best member of the ensemble is judged on ``Split.repeats`` further divisions: ``repeated.json``. A check that does not
    fit into the time with the best learner is made with the best one that does; if none does, no file is written.
    """
    limit = clock.part(CHECK_SHARE * (plan.budget.seconds or float("inf")))
    judge = metric(plan.metric, plan.task.kind)
    done = [t for t in run.trials if t.state == "done" and not t.partial and len(t.fold_scores) == data.n_folds]
    ranked = sorted((t for t in done if t.candidate.origin != "baseline"), key=lambda t: judge.loss(t.score or 0.0))
    if plan.split.method in TIED and not run.has("split_check.json"):
        found = _against_random(data, run, ranked, judge, pool, limit)
        if found is not None:
            run.write("split_check.json", found)
            log.emit("split-check", message_en=found.said.en, message_zh=found.said.zh)
    if plan.split.repeats > 1 and plan.split.method not in ("time", "group-time") and not run.has("repeated.json"):
        members = {share.trial for share in run.board.shares}
        repeated = _repeated(data, run, [t for t in ranked if t.candidate.id in members], judge, pool, limit)
        if repeated is not None:
            run.write("repeated.json", repeated)
            score = repeated.score
            log.emit("repeated", score=score.value, low=score.low, high=score.high, repeats=repeated.repeats)
    shutil.rmtree(_folder(run), ignore_errors=True)


# ── random folds beside honest ones ──


def _against_random(
    data: Dataset, run: Run, ranked: Sequence[Trial], judge: Metric, pool: Pool, limit: Clock
) -> SplitCheck | None:
    trial = next((t for t in ranked if SLOWER * t.seconds <= limit.remaining()), None)
    if trial is None:
        return None
    folds = fold_again(data, data.split.seed + 1, honest=False)
    others = _judged(run, [trial.candidate], {"random": folds}, pool, limit)
    if not others:
        return None
    kept = np.load(run.path / "trials" / trial.candidate.id / "oof.npy", allow_pickle=False).astype(np.float64)
    drawn = np.load(answers_of(run, trial.candidate.id, "random"), allow_pickle=False).astype(np.float64)
    if data.n_folds > 1:
        parts = [data.fold(number) for number in range(data.n_folds)]
        honest = corrected(trial.fold_scores, float(np.mean([len(valid) / len(learn) for learn, valid in parts])))
        random = corrected(others[0].fold_scores, 1 / (data.n_folds - 1))
    else:
        honest = _around(trial.fold_scores[0], batched(_batches(data, judge, kept, _order(data))))
        anyhow = np.random.default_rng(data.split.seed).permutation(len(kept))
        random = _around(others[0].fold_scores[0], batched(_batches(data, judge, drawn, anyhow)))
    if not (isfinite(honest.value) and isfinite(random.value)):
        return None
    both = _order(data)
    both = both[~np.isnan(kept[both, 0]) & ~np.isnan(drawn[both, 0])]
    gap = batched(_batches(data, judge, drawn, both) - _batches(data, judge, kept, both))  # on the same rows
    return SplitCheck(
        metric=judge.id, model=trial.candidate.model, honest=honest, random=random,
        said=_meaning(data, judge, honest, random, clear=gap.low > 0 or gap.high < 0),
    )  # fmt: skip


def _around(value: float, batches: Interval) -> Interval:
    """Return the interval of batch means, moved to the score of the whole part."""
    by = value - batches.value
    return batches.model_copy(update={"value": value, "low": batches.low + by, "high": batches.high + by})


def _order(data: Dataset) -> NDArray[np.int64]:
    """Return the training rows along what ties them, so that neighbours share a batch."""
    keys = [data.split.time] if data.split.time else list(data.split.group)
    codes = [
        np.unique([str(v) for v in data.train.aside[k]], return_inverse=True)[1]
        for k in keys
        if k not in (None, data.split.time)
    ]
    if data.split.time:
        codes = [np.nan_to_num(data.train.aside[data.split.time], nan=-np.inf)]
    return np.lexsort(codes).astype(np.int64)


def _meaning(data: Dataset, judge: Metric, honest: Interval, random: Interval, *, clear: bool) -> Said:
    gain = judge.loss(honest.value) - judge.loss(random.value)  # > 0: the random folds flatter
    numbers = f"{random.value:.4g}", f"{honest.value:.4g}"
    names = (
        ", ".join(f"'{name}'" for name in data.split.group),
        "、".join(f"“{name}”" for name in data.split.group),
    )
    why = {
        "group": (f"it has seen other rows of the same {names[0]}", f"模型见过同一{names[1]}的其他行"),
        "time": ("it has seen rows of the same time", "模型见过同一时期的数据"),
        "group-time": (f"it has seen the same {names[0]} and times", f"模型见过同一{names[1]}和同一时期的数据"),
    }[data.split.method]
    if clear and gain > 0:
        return Said(
            en=f"On random folds the same learner scores {numbers[0]} instead of {numbers[1]}: too good, because {why[0]}.",
            zh=f"若随机划分，同一模型得分为 {numbers[0]}，而不是 {numbers[1]}：偏于乐观，因为{why[1]}。",
        )
    if clear and gain < 0:
        return Said(
            en=f"On random folds the same learner scores {numbers[0]}, on the honest ones {numbers[1]}: the rows judged by the "
            "honest folds are easier ones.",
            zh=f"若随机划分，同一模型得分为 {numbers[0]}，当前划分为 {numbers[1]}：当前划分用于检验的数据更容易预测。",
        )
    return Said(
        en=f"On random folds the same learner scores {numbers[0]}, on the honest ones {numbers[1]}: no clear difference.",
        zh=f"若随机划分，同一模型得分为 {numbers[0]}，当前划分为 {numbers[1]}：没有明显差异。",
    )


# ── the same once more ──


def _repeated(
    data: Dataset, run: Run, members: Sequence[Trial], judge: Metric, pool: Pool, limit: Clock
) -> Repeated | None:
    if data.n_folds < 2:
        return None
    for trial in members:
        fitting = limit.remaining() * pool.slots / max(SLOWER * trial.seconds, 1e-3)
        wanted = data.split.repeats if fitting == float("inf") else min(data.split.repeats, int(fitting))
        if wanted < 1:
            continue
        folds = {f"again-{i}": fold_again(data, data.split.seed + AGAIN + i, honest=True) for i in range(wanted)}
        done = _judged(run, [trial.candidate], folds, pool, limit)
        scores = [score for other in done for score in other.fold_scores]
        if not scores:
            return None
        return Repeated(
            metric=judge.id, score=corrected(scores, 1 / (data.n_folds - 1)), folds=data.n_folds, repeats=len(done)
        )
    return None


def corrected(scores: Sequence[float], share: float) -> Interval:
    """Return the mean score with the corrected resampled t-interval.

    Parameters
    ----------
    scores : sequence of float
        One for each fold of each repeat; not-a-number where a fold could not be judged.
    share : float
        Validation rows for each row learned from: 0.25 with five folds; 0 for scores that are independent.

    References
    ----------
    Nadeau & Bengio (2003), "Inference for the generalization error", equation 9: the folds' variance times (1/J + share).
    """
    from scipy import stats

    known = np.array([score for score in scores if isfinite(score)])
    if len(known) < 2:
        value = float(known[0]) if len(known) else float("nan")
        return Interval(value=value, low=float("nan"), high=float("nan"), level=LEVEL)
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(known) - 1) * sqrt((1 / len(known) + share) * known.var(ddof=1)))
    value = float(known.mean())
    return Interval(value=value, low=value - half, high=value + half, level=LEVEL)


def _batches(data: Dataset, judge: Metric, answers: NDArray[Any], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the score on each of ``BATCHES`` parts of the rows along ``order``; rows without an answer are left out."""
    rows = order[~np.isnan(answers[order, 0])]
    parts = [part for part in np.array_split(rows, BATCHES) if len(part)]
    return np.array([decided_score(judge, data.train.y[part], answers[part]) for part in parts])


def batched(scores: NDArray[np.float64]) -> Interval:
    """Return the mean over batches with its t-interval (batch means); batches that could not be judged are left out."""
    return corrected([float(score) for score in scores], 0.0)


# ── the work ──


def _folder(run: Run) -> Path:
    return run.path / "checks"


def _judged(
    run: Run, candidates: Sequence[Candidate], folds: dict[str, NDArray[np.int8]], pool: Pool, limit: Clock
) -> list[Trial]:
    """Return the trials that finished in time, in the order of the folds; one that the clock cut short tells nothing."""
    for name, values in folds.items():
        save_array(_folder(run) / f"{name}.npy", values)
    waiting = [(name, candidate) for name in folds for candidate in candidates]
    found: dict[str, Trial] = {}
    while (waiting and not limit.expired()) or pool.busy:
        if limit.remaining() < -GRACE_S:
            pool.stop()
            break
        while waiting and pool.busy < pool.slots and not limit.expired():
            name, candidate = waiting.pop(0)
            left = None if limit.seconds is None else max(limit.remaining(), 0.05)
            pool.submit(Job(candidate=candidate, folds=name, seconds=left))
        for job, trial, final in pool.wait(0.2):
            if final and trial.state == "done" and not trial.partial and job.folds is not None:
                found[job.folds] = trial
    return [found[name] for name in folds if name in found]
