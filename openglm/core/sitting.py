"""One sitting at a run: its folder found or made, its clock, its events, and the wish to stop.

A run that was cut off (power, ``kill -9``) is continued by the same call: it is recognised by the fingerprint of sentence,
data and settings. A run that another living process works on is left alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from openglm.core import store
from openglm.core.budget import Clock
from openglm.core.errors import InputError, OpenGLMError, StoppedError
from openglm.core.events import EventLog
from openglm.core.run import Run, run_name
from openglm.core.words import Said, Word

RUNS = Path("runs")
"""Where runs go when the caller names no folder: below the current directory, like MLflow's ``mlruns``."""


class Call(Word):
    """Everything the caller said, apart from the data itself: what ``openglm resume`` needs, and half of the fingerprint.

    Of an engine the address, or the id where it has none, and the model it was given by name; never a key.
    """

    sentence: str = ""
    source: str | None = None
    sheet: str | None = None
    seconds: float | None = None
    trials: int | None = None
    memory_mb: int | None = None
    metric: str | None = None
    target: str | None = None
    seed: int = 0
    preset: str = ""
    language: str | None = None
    plan: str | None = None
    task: str | None = None
    engine: str | None = None
    engine_model: str | None = None
    split: str | None = None

    def fingerprint(self, data: str) -> str:
        """Return the hash of this call on data with that fingerprint; where the data lies does not matter."""
        said = self.model_copy(update={"source": None}).to_json(indent=None)
        return hashlib.sha256(f"{said}\n{data}".encode()).hexdigest()


class Sitting:
    """Holds a run open while somebody works on it.

    Parameters
    ----------
    log : EventLog
        Gets the folder to write to.
    clock : Clock
        Without limit until the budget is known.
    """

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self.log = log
        self.clock = clock
        self.run: Run | None = None
        self._interrupts = 0
        self._is_new = False

    def open(self, call: Call, data_fingerprint: str, out: str | Path | None) -> Run:
        """Return the run to work on: the cut-off one of the same call, else a new one in a folder of its own."""
        fingerprint = call.fingerprint(data_fingerprint)
        run = earlier(call, data_fingerprint, out)
        if run is None:
            path = Path(out) if out is not None else _free(RUNS / run_name(call.sentence, call.source or "table"))
            run = Run(path.resolve())
            run.start(fingerprint, call.model_dump(mode="json"))
            self._is_new = True
        self.take(run)
        return run

    def take(self, run: Run) -> None:
        """Work on ``run`` from now on; its earlier sittings count against the clock."""
        run.forget_stop()
        state = run.state
        self.run = run
        self.clock.add_spent(state.spent_s)
        if state.status == "finished":
            return
        if state.status == "stopped":  # the search goes on
            (run.path / "board.json").unlink(missing_ok=True)
        run.mark("running")
        self.log.write_to(run.path / "events.jsonl")
        if not self._is_new:
            self.log.emit("resumed", spent_s=state.spent_s)

    def is_stopped(self) -> bool:
        """Say whether the user wants to end with what there is: Ctrl-C, SIGTERM, or ``openglm stop``."""
        return self._interrupts > 0 or (self.run is not None and self.run.is_asked_to_stop())

    def check(self) -> None:
        """Leave now if the user stopped before there is anything to keep.

        Raises
        ------
        StoppedError
            With a hint how to go on.
        """
        if self.is_stopped():
            raise StoppedError(
                Said(en="Stopped before there was a model.", zh="在得到模型之前已停止。"),
                hint=Said(en="The same command goes on from here.", zh="再次执行同一命令即可继续。"),
            )

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take the first Ctrl-C as a wish to finish with the best so far, the second as an end at once.

        Only in the main thread, where Python allows it; elsewhere ``openglm stop`` remains.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def hear(number: int, frame: FrameType | None) -> None:
            self._interrupts += 1
            if self._interrupts > 1:
                raise KeyboardInterrupt
            self.log.emit(
                "note",
                message_en="stopping: finishing with the best so far (once more: end at once)",
                message_zh="正在停止:用目前最好的模型收尾(再按一次立即退出)",
            )

        kept = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def fail(self, error: BaseException) -> None:
        """Write down that this sitting ended with an error; a new run that never got to a plan goes away again."""
        if self.run is None:
            return
        if self._is_new and isinstance(error, InputError) and not self.run.has("plan.yaml"):
            shutil.rmtree(self.run.path, ignore_errors=True)
            return
        with contextlib.suppress(OpenGLMError, OSError):
            self.log.emit("failed", error=f"{type(error).__name__}: {error}")
            interrupted = isinstance(error, KeyboardInterrupt | StoppedError)
            # Cut off, not failed: status "running" with a dead process is what the same call continues.
            self.run.mark("running" if interrupted else "failed", spent_s=self.clock.elapsed(), pid=0)


def earlier(call: Call, data_fingerprint: str, out: str | Path | None) -> Run | None:
    """Return the run that the same call began, if there is one to go on with."""
    fingerprint = call.fingerprint(data_fingerprint)
    return _given(Path(out), fingerprint) if out is not None else _cut_off(fingerprint)


def _given(path: Path, fingerprint: str) -> Run | None:
    """Return the run in the folder that the caller named, if it is the same one."""
    with store.storage_errors(path):
        if path.exists() and not path.is_dir():
            raise NotADirectoryError(20, "a file", str(path))
    if not path.is_dir() or not any(path.iterdir()):
        return None
    if not (path / "state.json").exists():
        raise InputError(
            Said(en=f"The folder {path} holds other files.", zh=f"目录 {path} 中已有其他文件。"),
            hint=Said(en="Choose an empty or new folder with --out.", zh="请用 --out 指定空目录或新目录。"),
        )
    run = Run.open(path.resolve())
    run.check_free()
    if run.state.fingerprint != fingerprint:
        raise InputError(
            Said(
                en=f"The folder {path} holds another run (other sentence, data or settings).",
                zh=f"目录 {path} 中是另一次运行(句子、数据或设置不同)。",
            ),
            hint=Said(en="Choose another folder with --out.", zh="请用 --out 指定其他目录。"),
        )
    return run


def _cut_off(fingerprint: str) -> Run | None:
    """Return the newest run of the same call that was cut off."""
    for file in sorted(RUNS.glob("*/state.json"), reverse=True):
        with contextlib.suppress(OpenGLMError):
            run = Run.open(file.parent.resolve())
            if run.state.fingerprint == fingerprint and run.state.status == "running" and not run.is_alive:
                return run
    return None


def _free(path: Path) -> Path:
    """Return ``path``, or with a number behind it when it is taken."""
    found, number = path, 2
    while found.exists():
        found, number = path.with_name(f"{path.name}-{number}"), number + 1
    return found
