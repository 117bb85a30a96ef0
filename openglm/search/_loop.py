"""The search itself: ask, try, tell, keep the best on disk, stop in time. Then the ensemble over what was found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from openglm.core.budget import Clock
from openglm.core.dataset import Dataset
from openglm.core.errors import BudgetError
from openglm.core.events import EventLog
from openglm.core.metrics import THRESHOLD_GOALS, Metric, metric
from openglm.core.parts import Facts, Floats, Searcher
from openglm.core.plan import Plan
from openglm.core.registry import part
from openglm.core.run import Run
from openglm.core.task import CLASSIFICATION
from openglm.core.trial import STOPPED, Board, Candidate, Share, Trial
from openglm.core.words import Said
from openglm.search._check import CHECK_SHARE, wants_check
from openglm.search._decide import best_threshold
from openglm.search._ensemble import select
from openglm.search._finish import assemble
from openglm.search._pool import InlinePool, Pool
from openglm.search._workshop import Job

BASELINE_ID = "t0000"
POLL_S = 0.2
"""Seconds between two looks at the clock and at a request to stop."""
FIRST_SHARE = 0.35
"""A portfolio trial may take this share of what is left of the search, or twice its fair share if that is more."""
DRAIN_SHARE = 0.04
"""Share of the budget in which the last trials may end; our own choice: a boosting round, and saving."""
LEAST_SHARE = 0.08
"""Share of the budget that the report gets in any case; it is written in whatever is left, shortened."""
ENSEMBLE_SHARE = 0.03
"""Share of the budget for choosing weights; with slow metrics or many rows it ends with the picks made so far."""
ASKS = 10
"""Proposals to look through for one that fits into the time left."""
PRUNE_AFTER = 5
"""Finished trials before the median rule begins, as in optuna's MedianPruner (``n_startup_trials=5``)."""


def search(
    plan: Plan, data: Dataset, run: Run, pool: Pool, clock: Clock, log: EventLog, *, is_stopped: Callable[[], bool]
) -> Board:
    """Try candidates until time, trials or ideas are used up, or the user stops; return the best ensemble.

    Finished trials of an earlier sitting are taken over from the run folder and not repeated. The best pipeline so far is
    in ``run/pipeline`` from the first finished fold on.

    Raises
    ------
    BudgetError
        If not even the baseline finished.
    """
    loop = _Loop(plan, data.facts, run, pool, clock, log)
    reason = loop.go(is_stopped)
    loop.end(reason)
    board = conclude(
        plan, data, run, loop.trials, reason, clock.part(ENSEMBLE_SHARE * (plan.budget.seconds or float("inf")))
    )
    log.emit("searched", reason=reason, trials=len(loop.trials), score=board.score, members=len(board.shares))
    return board


class _Loop:
    """State of one search: what is known so far."""

    def __init__(self, plan: Plan, facts: Facts, run: Run, pool: Pool, clock: Clock, log: EventLog) -> None:
        self.plan, self.facts, self.run, self.pool, self.clock, self.log = plan, facts, run, pool, clock, log
        self.judge = metric(plan.metric, plan.task.kind)
        self.searcher: Searcher = part("search", plan.searcher)(plan)
        self.trials: list[Trial] = run.trials
        self.saved: float | None = None
        self._first_folds: dict[str, Trial] = {}
        self._early = run.has("pipeline/manifest.json")
        self.begun: set[str] = {trial.candidate.id for trial in self.trials}
        for trial in self.trials:
            self.searcher.tell(trial)
            self._keep(trial)

    def go(self, is_stopped: Callable[[], bool]) -> str:
        """Run the loop and return why it ended."""
        if BASELINE_ID not in self.begun:
            self._fill()  # the workers start up meanwhile
            self._baseline()
        while True:
            if is_stopped():
                return STOPPED
            if self._left_s() <= 0 and not self._may_still_learn():
                self._drain()
                return "time"
            reason = self._fill()
            if reason and not self.pool.busy:
                return reason
            left = self._left_s()
            for job, trial, final in self.pool.wait(min(POLL_S, left) if left > 0 else POLL_S):
                self._hear(job, trial, final)

    def _may_still_learn(self) -> bool:
        """Say whether to wait on because there is only the baseline yet: a short report of a model beats a long one of none."""
        learned = any(t.state == "done" and t.candidate.id != BASELINE_ID for t in self.trials)
        return (
            not learned
            and bool(self.pool.busy)
            and self.clock.remaining() > LEAST_SHARE * (self.plan.budget.seconds or 0)
        )

    def end(self, reason: str) -> None:
        """Give up what is still under way, and write it down; after a stop by the user it may be tried again."""
        for job in self.pool.stop():
            if reason == "time":
                error = f"not ready when the time for the search ended (its limit was {job.seconds or 0:.1f} s)"
                self._hear(job, Trial(candidate=job.candidate, state="timeout", error=error), True)

    def _baseline(self) -> None:
        """Try the baseline here and now: it takes a moment, and a run then always has something to deliver."""
        card = part("models", "baseline").card
        pool = InlinePool(self.run)
        self.begun.add(BASELINE_ID)
        pool.submit(Job(candidate=Candidate(id=BASELINE_ID, model=card.id, view=card.view, origin="baseline")))
        for job, trial, final in pool.wait(0):
            self._hear(job, trial, final)

    def _drain(self) -> None:
        """Let trials that end by themselves end: a process that is stopped costs seconds to start again."""
        until = self.clock.part(DRAIN_SHARE * (self.plan.budget.seconds or 0.0))
        while self.pool.busy and not until.expired():
            for job, trial, final in self.pool.wait(POLL_S):
                self._hear(job, trial, final)

    def _fill(self) -> str:
        """Give every free slot a candidate; return why there is none."""
        wanted = self.plan.budget.trials
        while self.pool.busy < self.pool.slots:
            if wanted is not None and len(self.begun - {BASELINE_ID}) >= wanted:
                return "trials"
            candidate, reason = self._next()
            if candidate is None:
                return reason
            self._submit(candidate)
        return ""

    def _next(self) -> tuple[Candidate | None, str]:
        """Return a candidate that fits into the time left, or why there is none."""
        for _ in range(ASKS):
            candidate = self.searcher.ask()
            while candidate is not None and candidate.id in self.begun:
                candidate = self.searcher.ask()
            if candidate is None:
                return None, "nothing left to try"
            if not self._too_long(candidate):
                return candidate, ""
        return None, "time"

    def _submit(self, candidate: Candidate) -> None:
        self.begun.add(candidate.id)
        seconds = None if self.clock.seconds is None else self._limit_s(candidate)
        self.pool.submit(Job(candidate=candidate, seconds=seconds, prune_loss=self._prune_loss(candidate)))
        self.log.emit("begun", id=candidate.id, model=candidate.model, limit_s=seconds)

    def _hear(self, job: Job, trial: Trial, final: bool) -> None:
        if not final:
            self._first_folds[trial.candidate.id] = trial
        elif trial.state == "timeout" and trial.candidate.id in self._first_folds:
            trial = _cut_short(trial, self._first_folds[trial.candidate.id])
        if final:
            self.trials.append(trial)
            self.run.add_trial(trial)
            self.searcher.tell(trial)
            self.run.mark("running", spent_s=self.clock.elapsed())
        self._keep(trial)
        if final:
            self.log.emit(
                "baseline" if trial.candidate.id == BASELINE_ID else "trial", id=trial.candidate.id,
                model=trial.candidate.model, params=trial.candidate.params, state=trial.state, score=trial.score,
                seconds=round(trial.seconds, 3), error=trial.error, best=self.saved,
            )  # fmt: skip

    def _keep(self, trial: Trial) -> None:
        """Put the pipeline of a trial on disk when it is the best so far; an early fold only when there is none yet."""
        if trial.state != "done" or trial.score is None or np.isnan(trial.score):
            return
        is_baseline = trial.candidate.id == BASELINE_ID
        early = not trial.fold_scores
        if is_baseline or early:
            if self._early or self.saved is not None:
                return
            self._early = not is_baseline
        elif self.saved is None or self.judge.better(trial.score, self.saved):
            self.saved = trial.score
        else:
            return
        pipeline = assemble(self.run, (Share(trial=trial.candidate.id, weight=1.0),), rows=("model",))
        size = pipeline.save(self.run.path / "pipeline")
        self.log.emit("model-saved", model=pipeline.title, score=trial.score, bytes=size)

    # ── time ──

    def _left_s(self) -> float:
        return self.clock.remaining() - self._reserve_s()

    def _reserve_s(self) -> float:
        """Return the seconds kept for the final fits and the report."""
        total = self.plan.budget.seconds
        if total is None:
            return 0.0
        cells = self.facts.rows * self.facts.columns / 1e6
        report = min(
            0.12 * total, 1.0 + 2.0 * cells
        )  # what explain uses when it may (docs/lab.md, budget); with less it shortens itself
        done = sorted(
            (t for t in self.trials if t.score is not None and t.candidate.id != BASELINE_ID),
            key=lambda t: self.judge.loss(t.score or 0.0),
        )[:4]
        folds = max(self.plan.split.folds, 1)
        # Fits on more rows than in a fold: 1.25 times for all training rows, 1.6 times with the sealed ones (4/5 · 4/5).
        fits = sum(t.seconds / folds for t in done) * (1.25 + 1.6) / self.pool.slots
        checks = CHECK_SHARE * total if wants_check(self.plan) else 0.0
        return report + min(fits, 0.25 * total) + (0.02 + DRAIN_SHARE) * total + checks

    def _limit_s(self, candidate: Candidate) -> float:
        left = max(self._left_s(), 0.1)
        waiting = max(len(self.plan.entries) - len(self.begun - {BASELINE_ID}), 0) + 1
        fair = left * self.pool.slots / waiting
        return left if candidate.origin == self.plan.searcher else min(left, max(2 * fair, FIRST_SHARE * left))

    def _too_long(self, candidate: Candidate) -> bool:
        """Say whether a learner's typical trial no longer fits into what is left."""
        seconds = [t.seconds for t in self.trials if t.candidate.model == candidate.model and t.state == "done"]
        return bool(seconds) and float(np.median(seconds)) > self._left_s()

    def _prune_loss(self, candidate: Candidate) -> float | None:
        """Median stopping rule (Golovin et al. 2017, Google Vizier, section 3.2.2) on the first fold."""
        first = [self.judge.loss(t.fold_scores[0]) for t in self.trials if t.state == "done" and t.fold_scores]
        if candidate.origin != self.plan.searcher or len(first) <= PRUNE_AFTER:
            return None
        return float(np.nanmedian(first))


def _cut_short(trial: Trial, early: Trial) -> Trial:
    """Return a trial that ran out of time as what it is worth: the model of its first fold."""
    score = early.score if early.score is not None else float("nan")
    return early.model_copy(update={"fold_scores": (score,), "seconds": trial.seconds, "error": trial.error})


def conclude(plan: Plan, data: Dataset, run: Run, trials: list[Trial], reason: str, clock: Clock) -> Board:
    """Return the ensemble of the finished trials; of trials cut short after some folds only when none was finished.

    Raises
    ------
    BudgetError
        If there is nothing at all.
    """
    judge = metric(plan.metric, plan.task.kind)
    done = [t for t in trials if t.state == "done" and t.score is not None and not np.isnan(t.score)]
    learned = [t for t in done if t.candidate.id != BASELINE_ID] or done
    whole = [t for t in learned if run.has(f"trials/{t.candidate.id}/oof.npy")]
    baseline = next((t for t in done if t.candidate.id == BASELINE_ID), None)
    naive, floor = 0.5, baseline.score if baseline else None
    if baseline is not None:
        naive, floor = _threshold(plan, data, judge, _oof(run, BASELINE_ID), floor)
    if whole:
        outputs = [_oof(run, trial.candidate.id) for trial in whole]
        rows = np.flatnonzero(~np.isnan(outputs[0][:, 0]))
        weights, score = select(
            [o[rows] for o in outputs], [t.score or 0.0 for t in whole], data.train.y[rows], judge,
            max_members=plan.max_members, clock=clock, seed=plan.seed,
        )  # fmt: skip
        mixed = np.sum([w * o for w, o in zip(weights, outputs, strict=True) if w], axis=0)
        threshold, found = _threshold(plan, data, judge, mixed, score)
        shares = [Share(trial=t.candidate.id, weight=w) for t, w in zip(whole, weights, strict=True) if w]
    elif learned:
        first = min(learned, key=lambda t: judge.loss(t.score or 0.0))
        shares, threshold, found = [Share(trial=first.candidate.id, weight=1.0)], 0.5, first.score
    else:
        causes = "; ".join(dict.fromkeys(f"{t.candidate.model}: {t.error}" for t in trials if t.error)) or reason
        raise BudgetError(
            Said(en=f"No learner finished ({causes}).", zh=f"没有任何模型训练完成({causes})。"),
            hint=Said(en="Give more time, or fewer rows.", zh="请增加时间,或减少数据行数。"),
        )
    return Board(
        shares=tuple(sorted(shares, key=lambda share: -share.weight)), score=found or 0.0, threshold=threshold,
        baseline=floor, baseline_threshold=naive, reason=reason,
    )  # fmt: skip


def _threshold(
    plan: Plan, data: Dataset, judge: Metric, outputs: Floats, score: float | None
) -> tuple[float, float | None]:
    """Return the threshold for two classes and the score there; one half and ``score`` elsewhere."""
    if plan.task.kind not in CLASSIFICATION or len(data.classes) != 2:
        return 0.5, score
    rows = np.flatnonzero(~np.isnan(outputs[:, 0]))
    goal = THRESHOLD_GOALS.get(plan.task.metric)
    return best_threshold(judge, data.train.y[rows], outputs[rows], plan.task.constraints, goal=goal)


def _oof(run: Run, trial: str) -> Floats:
    values: Floats = np.load(run.path / "trials" / trial / "oof.npy", allow_pickle=False).astype(np.float64)
    return values
