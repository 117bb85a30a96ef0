"""Who carries out jobs: worker processes that can be stopped, or this very process where nothing has to be.

Own code and not a library, because each of the two candidates lacks one thing (decision 0003): loky cannot stop a single
task, pebble starts children that import the user's script again and so needs a main guard.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from openglm.core import errors
from openglm.core.run import Run
from openglm.core.trial import Trial
from openglm.core.words import Said
from openglm.search._worker import MEMORY_EXIT
from openglm.search._workshop import Job, Workshop

GRACE_S = 0.5
"""Seconds a learner gets beyond its own limit before its process is stopped: one boosting round on large data."""
MAX_IDLE_DEATHS = 3
"""Workers that end without a job before we give up: one may be bad luck (a killed process), a fourth is not."""
_START = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from openglm.search._worker import main; main()"


class Pool(Protocol):
    """What the search loop needs."""

    slots: int
    """Jobs that can be under way at once."""

    @property
    def busy(self) -> int:
        """Jobs under way."""
        ...

    def submit(self, job: Job) -> None:
        """Begin a job; only when ``busy < slots``."""
        ...

    def wait(self, seconds: float) -> Iterator[tuple[Job, Trial, bool]]:
        """Yield what came in within ``seconds``: job, trial, and whether it is final (else only its first fold)."""
        ...

    def stop(self) -> list[Job]:
        """Give up all jobs under way and return them; the pool stays usable."""
        ...

    def close(self) -> None:
        """End all processes."""
        ...


class InlinePool:
    """Carries out jobs in this process. Nothing can be stopped, so only for runs without a time or memory limit."""

    slots = 1

    def __init__(self, run: Run) -> None:
        self._run = run
        self._workshop: Workshop | None = None
        self._waiting: list[Job] = []

    @property
    def busy(self) -> int:
        """Jobs under way."""
        return len(self._waiting)

    def submit(self, job: Job) -> None:
        """Begin a job."""
        self._waiting.append(job)

    def wait(self, seconds: float) -> Iterator[tuple[Job, Trial, bool]]:
        """Carry out what was submitted."""
        if self._workshop is None:
            self._workshop = Workshop(self._run, threads=1)
        while self._waiting:
            job = self._waiting.pop(0)
            yield job, self._workshop.do(job), True

    def stop(self) -> list[Job]:
        """Forget what has not begun."""
        given_up, self._waiting = self._waiting, []
        return given_up

    def close(self) -> None:
        """Nothing to end."""


class WorkerPool:
    """A few processes, each with one job at a time.

    Parameters
    ----------
    run : Run
        Whose plan and data the workers read when the first job comes; they start up meanwhile.
    workers : int
        Processes, >= 1.
    threads : int
        For each learner.
    memory_mb : int or None
        Resident memory at which a worker gives up its job.
    """

    def __init__(self, run: Run, *, workers: int, threads: int, memory_mb: int | None) -> None:
        self.slots = workers
        self._run = run
        self._threads = threads
        self._memory_mb = memory_mb
        self._answers: queue.SimpleQueue[tuple[_Worker, dict[str, Any] | None]] = queue.SimpleQueue()
        self._idle_deaths = 0
        self._workers = [self._start() for _ in range(workers)]

    @property
    def busy(self) -> int:
        """Jobs under way."""
        return sum(worker.job is not None for worker in self._workers)

    def submit(self, job: Job) -> None:
        """Begin a job in a free worker."""
        free = next(worker for worker in self._workers if worker.job is None)
        order = {
            "run": str(self._run.path), "threads": self._threads, "memory_mb": self._memory_mb,
            "job": job.model_dump(mode="json"),
        }  # fmt: skip
        free.begin(job, order)

    def wait(self, seconds: float) -> Iterator[tuple[Job, Trial, bool]]:
        """Yield what came in; a job far beyond its time is stopped and yields a failed trial."""
        until = time.monotonic() + seconds
        while True:
            yield from self._overdue()
            left = until - time.monotonic()
            try:
                worker, answer = self._answers.get(timeout=max(left, 0.0)) if left > 0 else self._answers.get_nowait()
            except queue.Empty:
                return
            if worker not in self._workers:
                continue  # a worker stopped earlier says its last word
            if answer is not None and answer["kind"] == "ready":
                worker.set_ready()
                continue
            if worker.job is None:
                self._idle_death(worker)
                continue
            job = worker.job
            if answer is None:
                yield job, self._died(worker), True
            elif answer["kind"] == "error":
                worker.job = None
                raise _rebuilt(*json.loads(answer["value"]))
            else:
                final = answer["kind"] == "done"
                if final:
                    worker.job = None
                yield job, Trial.from_json(answer["value"]), final
            until = min(until, time.monotonic())  # hand over at once, then only what is already there

    def stop(self) -> list[Job]:
        """Replace the workers that are at a job."""
        given_up = []
        for worker in list(self._workers):
            if worker.job is not None:
                given_up.append(worker.job)
                self._replace(worker)
        return given_up

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.end()
        self._workers = []

    def _overdue(self) -> Iterator[tuple[Job, Trial, bool]]:
        for worker in list(self._workers):
            job = worker.job
            if (
                job is not None
                and job.seconds is not None
                and worker.seconds() > job.seconds + GRACE_S + 0.1 * job.seconds
            ):
                spent = worker.seconds()
                self._replace(worker)
                reason = f"stopped after {spent:.1f} s, it did not keep its limit of {job.seconds:.1f} s"
                yield job, Trial(candidate=job.candidate, state="timeout", seconds=spent, error=reason), True

    def _died(self, worker: _Worker) -> Trial:
        job, spent, code = worker.job, worker.seconds(), worker.process.wait()
        assert job is not None
        self._replace(worker)
        if code == MEMORY_EXIT:
            reason = f"took more than {self._memory_mb} MiB of memory"
            return Trial(candidate=job.candidate, state="memory", seconds=spent, error=reason)
        reason = f"its process ended with code {code}"
        return Trial(candidate=job.candidate, state="failed", seconds=spent, error=reason)

    def _idle_death(self, worker: _Worker) -> None:
        self._idle_deaths += 1
        if self._idle_deaths > MAX_IDLE_DEATHS:
            log = self._run.path / "worker.log"
            raise errors.OpenGLMError(
                Said(en="The worker processes end as soon as they start.", zh="工作进程一启动就退出。"),
                hint=Said(en=f"The reason stands in {log}.", zh=f"原因见 {log}。"),
            )
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        worker.end()
        self._workers[self._workers.index(worker)] = self._start()

    def _start(self) -> _Worker:
        return _Worker(self._threads, self._run.path / "worker.log", self._answers)


class _Worker:
    """One process, and the thread that reads its answers."""

    def __init__(
        self, threads: int, log: Path, answers: queue.SimpleQueue[tuple[_Worker, dict[str, Any] | None]]
    ) -> None:
        self.job: Job | None = None
        self._began = 0.0
        self._ready = False
        env = dict(os.environ)
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            env[name] = str(threads)
        # Waiting threads must sleep, not spin: where cores are shared, spinning takes them from the threads that work.
        env |= {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
        with log.open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START, json.dumps(sys.path)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env=env,
            )  # fmt: skip
        assert self.process.stdin is not None and self.process.stdout is not None
        self._stdin: IO[bytes] = self.process.stdin
        threading.Thread(target=self._read, args=(self.process.stdout, answers), daemon=True).start()

    def begin(self, job: Job, order: dict[str, Any]) -> None:
        """Send a job."""
        self.job, self._began = job, time.monotonic()
        with contextlib.suppress(OSError):  # a dead worker is noticed by its closed output
            self._stdin.write(json.dumps(order).encode() + b"\n")
            self._stdin.flush()

    def set_ready(self) -> None:
        """Take note that the process has started up; a job that waited for it begins now."""
        self._ready, self._began = True, time.monotonic()

    def seconds(self) -> float:
        """Return how long the job has been under way, the start of the process not counted."""
        return time.monotonic() - self._began if self._ready else 0.0

    def end(self) -> None:
        """Stop the process, whatever it does."""
        self.job = None
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            self._stdin.close()

    def _read(self, stdout: IO[bytes], answers: queue.SimpleQueue[tuple[_Worker, dict[str, Any] | None]]) -> None:
        with stdout:
            for line in stdout:
                with contextlib.suppress(ValueError):
                    answers.put((self, json.loads(line)))
        answers.put((self, None))


def _rebuilt(name: str, message: dict[str, str], hint: dict[str, str]) -> errors.OpenGLMError:
    """Return the error that a worker met, as if it had been raised here."""
    kind = getattr(errors, name, errors.OpenGLMError)
    plain: errors.OpenGLMError = kind.__new__(kind)
    errors.OpenGLMError.__init__(plain, Said.model_validate(message), hint=Said.model_validate(hint))
    return plain
