"""Worker processes: a learner that misbehaves costs one failed trial with its reason, and never the run."""

import time

import psutil
import pytest

from openglm.core.trial import Candidate
from openglm.search import WorkerPool
from openglm.search._workshop import Job

PATIENCE_S = 60
"""Nothing here takes long; a slow machine may need this to start two processes."""


def _finish(pool, jobs):
    """Carry out jobs one after the other; return the final trials."""
    done = []
    for job in jobs:
        pool.submit(job)
        until = time.monotonic() + PATIENCE_S
        while pool.busy and time.monotonic() < until:
            done += [trial for _, trial, final in pool.wait(0.1) if final]
    return done


def _job(model, **changes):
    return Job(candidate=Candidate(id=f"t-{model}", model=model, view="codes"), **{"seconds": 20, **changes})


@pytest.fixture
def pool(plugin, make_run):
    run, _, _ = make_run(["fine"])
    pool = WorkerPool(run, workers=1, threads=1, memory_mb=900)
    yield pool
    pool.close()


def test_every_kind_of_misbehaviour(pool):
    """Raising, dying, not-a-number, too much memory, no time: each is told apart, and the next job still works."""
    jobs = [_job(name) for name in ("raises", "dies", "nan", "greedy", "late", "chatty", "fine")]
    trials = {trial.candidate.model: trial for trial in _finish(pool, jobs)}
    assert {name: trial.state for name, trial in trials.items()} == {
        "raises": "failed", "dies": "failed", "nan": "failed", "greedy": "memory", "late": "timeout", "chatty": "done",
        "fine": "done",
    }  # fmt: skip
    assert trials["raises"].error == "RuntimeError: numbers too large"
    assert "code 5" in trials["dies"].error
    assert "not a number" in trials["nan"].error
    assert "900 MiB" in trials["greedy"].error
    assert trials["fine"].score == 0.5


def test_a_hanging_learner_is_stopped(pool):
    """A learner that ignores its clock is stopped by force soon after its limit."""
    (trial,) = _finish(pool, [_job("hangs", seconds=0.5)])
    assert trial.state == "timeout"
    assert "did not keep its limit of 0.5 s" in trial.error
    (after,) = _finish(pool, [_job("fine")])
    assert after.state == "done"


def test_unknown_settings_fail_one_trial(pool):
    """A setting that the learner does not have is a failed trial with the name in it."""
    candidate = Candidate(id="t", model="fine", view="codes", params={"speed": 3})
    (trial,) = _finish(pool, [Job(candidate=candidate, seconds=20)])
    assert trial.state == "failed"
    assert "speed" in trial.error


def test_close_ends_all_processes(plugin, make_run):
    """No process is left behind, whatever it was doing."""
    run, _, _ = make_run(["fine"])
    pool = WorkerPool(run, workers=2, threads=1, memory_mb=None)
    pool.submit(_job("hangs"))
    children = psutil.Process().children(recursive=True)
    assert len(children) >= 2
    pool.close()
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def test_workers_that_cannot_start_are_said(make_run, monkeypatch):
    """When processes end at once the run ends with a sentence instead of trying for ever."""
    run, _, _ = make_run(["baseline"])
    monkeypatch.setattr("openglm.search._pool._START", "raise SystemExit(3)")
    pool = WorkerPool(run, workers=1, threads=1, memory_mb=None)
    with pytest.raises(Exception, match="end as soon as they start"):
        for _ in range(300):
            list(pool.wait(0.1))
    pool.close()
