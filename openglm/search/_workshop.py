"""Where a candidate is really tried: features fitted inside the fold, the learner fitted, scored and saved.

Runs inside a worker process, or inline where there is no limit to enforce. Never sees the sealed rows, except for the
final fit on all rows, after they have been opened.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from openglm.core import store
from openglm.core.budget import Clock
from openglm.core.dataset import Dataset, Rows
from openglm.core.errors import BundleError, StorageError
from openglm.core.metrics import metric
from openglm.core.parts import Floats, Matrix, Model
from openglm.core.pipeline import FeatureView, Member, Pipeline, make_model
from openglm.core.plan import Plan
from openglm.core.registry import part
from openglm.core.run import Run
from openglm.core.trial import Candidate, Trial, TrialState
from openglm.core.words import Word
from openglm.search._decide import decided_score

BACKGROUND_ROWS = 32
"""Training rows kept in a pipeline to explain against; twice the distinct rows that one explanation draws."""
CACHE_CELLS = 60_000_000
"""Feature matrices of all folds stay in memory up to so many float32 cells (240 MB)."""

Rowset = Literal["folds", "train", "all"]
Progress = Callable[[Trial], None]


class Job(Word):
    """One piece of work.

    Parameters
    ----------
    candidate : Candidate
        What to fit.
    rows : {"folds", "train", "all"}
        Cross-validate, or fit once on all training rows, or on the sealed ones too.
    seconds : float or None
        Time for the whole job; the learner stops in time by itself.
    rounds : int or None
        Rounds found by cross-validation, for a final fit.
    prune_loss : float or None
        Give up after the first fold when its loss is worse than this.
    judged : bool
        For a final fit: score it on the validation rows of the first fold, too. It has learned from them, so that a worse score
        than that of the first fold's model says that the fit went wrong.
    folds : str or None
        Cross-validate on these folds, ``checks/<folds>.npy``, instead of the data set's own; no model is kept then.
    """

    candidate: Candidate
    rows: Rowset = "folds"
    seconds: float | None = None
    rounds: int | None = None
    prune_loss: float | None = None
    judged: bool = False
    folds: str | None = None


class Workshop:
    """Keeps data and feature matrices of one run between jobs.

    Parameters
    ----------
    run : Run
        With ``plan.yaml`` and ``data/`` written.
    threads : int
        For each learner.
    """

    def __init__(self, run: Run, *, threads: int) -> None:
        self.run = run
        self.threads = threads
        self.plan: Plan = run.plan
        self.data = Dataset.load(run.path / "data", sealed=False)
        self._shown: dict[tuple[str, int, int], tuple[FeatureView, Matrix, Matrix]] = {}

    def do(self, job: Job, progress: Progress | None = None) -> Trial:
        """Carry out a job and return what came of it; a learner that fails costs one failed trial."""
        clock, cpu = Clock(job.seconds), time.process_time()
        state: TrialState
        try:
            if job.folds is not None:
                trial = self._judge(job, job.folds, clock)
            else:
                trial = self._validate(job, clock, progress) if job.rows == "folds" else self._fit_once(job, clock)
        except TimeoutError:
            state, error = "timeout", f"not ready after {clock.elapsed():.1f} s"
        except MemoryError:
            state, error = "memory", "out of memory"
        except (StorageError, BundleError):
            raise  # a full disk or a damaged run is not the learner's fault
        except Exception as problem:  # a learner may fail in any way; the reason goes to the leaderboard
            state, error = "failed", f"{type(problem).__name__}: {str(problem).strip() or 'no message'}".splitlines()[0]
        else:
            return trial.model_copy(update={"seconds": clock.elapsed(), "cpu_seconds": time.process_time() - cpu})
        return Trial(
            candidate=job.candidate,
            state=state,
            error=error,
            seconds=clock.elapsed(),
            cpu_seconds=time.process_time() - cpu,
        )

    # ── cross-validation ──

    def _validate(self, job: Job, clock: Clock, progress: Progress | None) -> Trial:
        data, judge = self.data, metric(self.plan.metric, self.plan.task.kind)
        folder = self.run.path / "trials" / job.candidate.id
        oof: Floats | None = None
        scores: list[float] = []
        rounds: list[int] = []
        size, partial = 0, False
        for number in range(data.n_folds):
            learn, valid = data.fold(number)
            left = data.n_folds - number
            watch = clock.part(clock.remaining() / left) if job.seconds is not None else clock
            learn = self._sample(job.candidate, learn)
            view, x, x_valid = self._matrices(job.candidate.view, number, learn, valid)
            try:
                model = self._learn(job.candidate, x, data.train.y[learn], (x_valid, data.train.y[valid]), watch)
            except TimeoutError:
                if not scores:
                    raise
                return Trial(  # without all folds it cannot be mixed with others, but it is a model
                    candidate=job.candidate, state="done", score=float(np.nanmean(scores)), fold_scores=tuple(scores),
                    bytes=size, partial=True, rounds=_median(rounds),
                    error=f"no time for fold {number + 1} of {data.n_folds}",
                )  # fmt: skip
            answer = model.predict(x_valid)
            if not np.isfinite(answer).all():
                raise ValueError("the learner predicted a value that is not a number")
            if oof is None:
                oof = np.full((len(data.train), answer.shape[1]), np.nan)
            oof[valid] = answer
            scores.append(decided_score(judge, data.train.y[valid], answer))
            partial = partial or model.partial
            rounds += [] if model.rounds is None else [model.rounds]
            if number == 0:
                size = self._pipeline(job.candidate, view, model, learn).save(folder / "model")
                early = Trial(
                    candidate=job.candidate, state="done", score=scores[0], bytes=size, partial=True, rounds=model.rounds
                )  # fmt: skip
                if progress is not None:
                    progress(early)
                if job.prune_loss is not None and left > 1 and judge.loss(scores[0]) > job.prune_loss:
                    return early.model_copy(
                        update={
                            "state": "stopped", "score": None, "fold_scores": tuple(scores), "partial": model.partial,
                            "error": "worse than half of the others after its first fold",
                        }
                    )  # fmt: skip
        known = [score for score in scores if not np.isnan(score)]
        if oof is None or not known:
            raise ValueError(f"the metric {judge.id} cannot be computed: a validation part holds one class only")
        save_array(folder / "oof.npy", oof.astype(np.float32))
        return Trial(
            candidate=job.candidate, state="done", score=float(np.mean(known)), fold_scores=tuple(scores), bytes=size,
            partial=partial, rounds=_median(rounds),
        )  # fmt: skip

    def _judge(self, job: Job, name: str, clock: Clock) -> Trial:
        """Cross-validate on other folds; only the answers are kept, for an interval."""
        train, judge = self.data.train, metric(self.plan.metric, self.plan.task.kind)
        folds = np.load(self.run.path / "checks" / f"{name}.npy", allow_pickle=False)
        steps = self.plan.views.get(job.candidate.view, ())
        answers: Floats | None = None
        scores: list[float] = []
        partial, parts = False, int(folds.max()) + 1
        for number in range(parts):
            valid = train.take(folds == number)
            learn = train.take(self._sample(job.candidate, np.flatnonzero(folds != number)))
            watch = clock.part(clock.remaining() / (parts - number)) if job.seconds is not None else clock
            view = FeatureView.fit(job.candidate.view, steps, learn.x, learn.y, self.plan.seed)
            known = view.transform(valid.x), valid.y
            model = self._learn(job.candidate, view.transform(learn.x), learn.y, known, watch)
            answer = model.predict(known[0])
            if answers is None:
                answers = np.full((len(train), answer.shape[1]), np.nan)
            answers[folds == number] = answer
            scores.append(decided_score(judge, valid.y, answer))
            partial = partial or model.partial
        if answers is not None:
            save_array(answers_of(self.run, job.candidate.id, name), answers.astype(np.float32))
        score = float(np.nanmean(scores)) if not np.isnan(scores).all() else None
        return Trial(candidate=job.candidate, state="done", score=score, fold_scores=tuple(scores), partial=partial)

    def _matrices(
        self, name: str, number: int, learn: NDArray[np.int64], valid: NDArray[np.int64]
    ) -> tuple[FeatureView, Matrix, Matrix]:
        key = name, number, len(learn)
        if key not in self._shown:
            rows = self.data.train.take(learn)
            view = FeatureView.fit(name, self.plan.views.get(name, ()), rows.x, rows.y, self.plan.seed)
            found = view, view.transform(rows.x), view.transform(self.data.train.take(valid).x)
            cached = sum(x.values.size + v.values.size for _, x, v in self._shown.values())
            if cached + found[1].values.size + found[2].values.size > CACHE_CELLS:
                self._shown.clear()
            self._shown[key] = found
        return self._shown[key]

    def _sample(self, candidate: Candidate, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows that the learner may see: all, or the same sample for every learner with the same limit."""
        limit = part("models", candidate.model).card.max_rows
        if limit is None or len(rows) <= limit:
            return rows
        return np.sort(np.random.default_rng(self.plan.seed).choice(rows, limit, replace=False))

    # ── the final fit ──

    def _fit_once(self, job: Job, clock: Clock) -> Trial:
        rows = self.data.train
        if job.rows == "all":
            rows = _joined(rows, Dataset.load(self.run.path / "data", sealed=True).sealed)
        rows = rows.take(self._sample(job.candidate, np.arange(len(rows))))
        steps = self.plan.views.get(job.candidate.view, ())
        view = FeatureView.fit(job.candidate.view, steps, rows.x, rows.y, self.plan.seed)
        model = self._learn(job.candidate, view.transform(rows.x), rows.y, None, clock, rounds=job.rounds)
        pipeline = self._pipeline(job.candidate, view, model, np.arange(len(self.data.train)))
        size = pipeline.save(self.run.path / "trials" / job.candidate.id / job.rows)
        score = None
        if job.judged:
            known = self.data.train.take(self.data.fold(0)[1])
            judge = metric(self.plan.metric, self.plan.task.kind)
            score = decided_score(judge, known.y, model.predict(view.transform(known.x)))
        return Trial(
            candidate=job.candidate, state="done", score=score, bytes=size, partial=model.partial, rounds=model.rounds
        )  # fmt: skip

    def _learn(
        self, candidate: Candidate, x: Matrix, y: NDArray[Any], valid: tuple[Matrix, NDArray[Any]] | None, watch: Clock,
        rounds: int | None = None,
    ) -> Model:  # fmt: skip
        model = make_model(candidate, self.plan.task, len(self.data.classes), threads=self.threads)
        return model.fit(x, y, valid=valid, watch=watch, rounds=rounds)

    def _pipeline(self, candidate: Candidate, view: FeatureView, model: Model, learn: NDArray[np.int64]) -> Pipeline:
        rng = np.random.default_rng(self.plan.seed)
        few = rng.choice(learn, size=min(BACKGROUND_ROWS, len(learn)), replace=False)
        return Pipeline(
            task=self.plan.task, schema=self.data.schema, classes=self.data.classes, views={view.name: view},
            members=[Member(candidate, model, 1.0)], background=self.data.train.take(np.sort(few)).x,
        )  # fmt: skip


def _median(rounds: list[int]) -> int | None:
    return round(float(np.median(rounds))) if rounds else None


def _joined(a: Rows, b: Rows) -> Rows:
    x = {name: np.concatenate([a.x[name], b.x[name]]) for name in a.x}
    aside = {name: np.concatenate([a.aside[name], b.aside[name]]) for name in a.aside}
    return Rows(x, np.concatenate([a.y, b.y]), np.concatenate([a.index, b.index]), aside)


def answers_of(run: Run, candidate: str, folds: str) -> Path:
    """Return the file of what a candidate predicted on other folds."""
    return run.path / "checks" / f"{candidate}-{folds}.npy"


def save_array(path: Path, values: NDArray[Any]) -> None:
    """Write an array as NumPy's own file."""
    sink = io.BytesIO()
    np.save(sink, values, allow_pickle=False)
    store.write_bytes(path, sink.getvalue())
