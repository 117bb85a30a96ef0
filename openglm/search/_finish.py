"""From an ensemble of trials to one pipeline: members fitted once more on more rows, as far as the time allows."""

from __future__ import annotations

from typing import Literal

from openglm.core import bundle
from openglm.core.budget import Clock
from openglm.core.errors import BundleError
from openglm.core.events import EventLog
from openglm.core.metrics import Metric, metric
from openglm.core.pipeline import Pipeline
from openglm.core.run import Run
from openglm.core.trial import Board, Share, Trial
from openglm.search._pool import GRACE_S, Pool
from openglm.search._workshop import Job

Fitted = Literal["model", "train", "all"]
"""Which fit of a trial: on its first fold, on all training rows, or on the sealed rows too."""


def refit(
    run: Run, board: Board, pool: Pool, clock: Clock, log: EventLog, *, rows: Literal["train", "all"], seconds: float
) -> int:
    """Fit the members of the ensemble once more, heaviest first, within ``seconds``; return how many succeeded.

    A member that does not finish, that the clock cuts short of the rounds it had before, or that was cut short before and now
    does worse on rows that it has even learned from, keeps its earlier fit.
    """
    judge = metric(run.plan.metric, run.plan.task.kind)
    trials = {trial.candidate.id: trial for trial in run.trials}
    limit = clock.part(seconds)
    waiting = [share.trial for share in board.shares if not _is_fitted(run, share.trial, rows)]
    done = len(board.shares) - len(waiting)
    while (waiting and not limit.expired()) or pool.busy:
        if limit.remaining() < -GRACE_S:
            pool.stop()
            break
        while waiting and pool.busy < pool.slots and not limit.expired():
            trial = trials[waiting.pop(0)]
            left = None if limit.seconds is None else max(limit.remaining(), 0.05)
            pool.submit(
                Job(candidate=trial.candidate, rows=rows, seconds=left, rounds=trial.rounds, judged=trial.partial)
            )
        for job, result, final in pool.wait(0.2):
            if not final:
                continue
            kept = result.state == "done" and _is_as_good(judge, trials[job.candidate.id], result)
            if result.state == "done" and not kept:
                (run.path / "trials" / job.candidate.id / rows / bundle.MANIFEST).unlink(missing_ok=True)
            done += kept
            log.emit(
                "refit", id=job.candidate.id, rows=rows, state=result.state, kept=kept, seconds=round(result.seconds, 3)
            )
    return done


def _is_as_good(judge: Metric, trial: Trial, again: Trial) -> bool:
    """Say whether a final fit may take the place of the model of the first fold."""
    if again.partial and (
        not trial.partial or (trial.rounds is not None and (again.rounds is None or again.rounds < trial.rounds))
    ):
        return False
    return again.score is None or not trial.fold_scores or not judge.better(trial.fold_scores[0], again.score)


def assemble(
    run: Run, shares: tuple[Share, ...], *, rows: tuple[Fitted, ...] = ("train", "model"), threshold: float = 0.5
) -> Pipeline:
    """Return one pipeline of the members' latest fits.

    Parameters
    ----------
    run : Run
        Holds the trials.
    shares : tuple of Share
        Members and weights.
    rows : tuple of str
        Acceptable fits, best first.
    threshold : float
        For two classes.
    """
    members, views, seen = [], {}, {}
    first: Pipeline | None = None
    for share in shares:
        fitted = next((which for which in rows if _is_fitted(run, share.trial, which)), None)
        if fitted is None:
            raise BundleError(
                f"The model of trial {share.trial} is missing in {run.path}.", hint="Start the run again."
            )
        folder = run.path / "trials" / share.trial / fitted
        single = Pipeline.load(folder)
        first = first or single
        member = single.members[0]
        view = member.candidate.view
        # Features fitted on the same rows are equal; their files carry equal hashes and are kept once.
        key = (view, bundle.parts_like(folder, f"view-{view}-"))
        if key not in seen:
            seen[key] = view if view not in views else f"{view}-{share.trial}"
            views[seen[key]] = single.views[view]
        member.candidate = member.candidate.model_copy(update={"view": seen[key]})
        member.weight = share.weight
        members.append(member)
    assert first is not None
    return Pipeline(
        task=first.task, schema=first.schema, classes=first.classes, views=views, members=members,
        background=first.background, threshold=threshold,
    )  # fmt: skip


def _is_fitted(run: Run, trial: str, which: str) -> bool:
    return run.has(f"trials/{trial}/{which}/{bundle.MANIFEST}")
