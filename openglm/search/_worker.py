"""The process in which trials run. Reads jobs as JSON lines from standard input, answers with trials on standard output.

It is started by :mod:`openglm.search._pool` with plain ``subprocess``, so that a script without a main guard works and
nothing is pickled. It ends when its parent does (standard input closes), and gives up a job that takes too much memory.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import signal
import sys
import threading
import time
from typing import Any

from openglm.core.errors import OpenGLMError
from openglm.core.run import Run
from openglm.search._workshop import Job, Workshop

MEMORY_EXIT = 77
"""Exit code after too much memory; any number that no library uses."""
WATCH_S = 0.1
"""Seconds between two looks at the memory."""


def main() -> None:
    """Serve jobs until standard input closes."""
    # Ctrl-C reaches the whole process group; only the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What libraries print must not get between the answers.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    for name in ("pyarrow.feather", "lightgbm", "sklearn.linear_model"):  # what nearly every job needs, while idle
        importlib.import_module(name)

    def say(kind: str, value: str) -> None:
        channel.write(json.dumps({"kind": kind, "value": value}) + "\n")
        channel.flush()

    say("ready", "")
    workshop: Workshop | None = None
    while True:
        order = jobs.get()
        _watch_memory(order.get("memory_mb"))
        try:
            run = Run(order["run"])
            if workshop is None or workshop.run.path != run.path:
                workshop = Workshop(run, threads=order["threads"])
            trial = workshop.do(
                Job.model_validate(order["job"]), progress=lambda early: say("early", early.to_json(indent=None))
            )
        except OpenGLMError as error:
            say("error", json.dumps([type(error).__name__, error.message.model_dump(), error.hint.model_dump()]))
        else:
            say("done", trial.to_json(indent=None))


def _listen(jobs: queue.SimpleQueue[dict[str, Any]]) -> None:
    with contextlib.suppress(Exception):
        for line in sys.stdin:
            jobs.put(json.loads(line))
    os._exit(0)  # the parent is gone: a half-done fit is of use to nobody


_limit: list[float] = []


def _watch_memory(limit_mb: int | None) -> None:
    """Start the watch at the first job, and set the limit of this one."""
    _limit[:] = [] if limit_mb is None else [limit_mb * 2**20]
    if limit_mb is not None and not any(thread.name == "memory" for thread in threading.enumerate()):
        threading.Thread(target=_look, name="memory", daemon=True).start()


def _look() -> None:
    import psutil

    me = psutil.Process()
    while True:
        if _limit and me.memory_info().rss > _limit[0]:
            os._exit(MEMORY_EXIT)
        time.sleep(WATCH_S)
