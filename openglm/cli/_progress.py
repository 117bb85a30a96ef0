"""What a person sees while a run works, on standard error: a live block on a terminal, one line per event in a pipe.

It only listens to events and is never needed: whatever a key of an event lacks is left out.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openglm.core.events import Listener
from openglm.core.words import Language, Said

STAGES = {
    "load": Said(en="reading the table", zh="读取数据"),
    "understand": Said(en="understanding the sentence", zh="理解句子"),
    "prepare": Said(en="preparing the data", zh="准备数据"),
    "plan": Said(en="making the plan", zh="制定计划"),
    "search": Said(en="trying learners", zh="尝试模型"),
    "refit": Said(en="training the final model", zh="训练最终模型"),
    "explain": Said(en="writing the report", zh="撰写报告"),
    "done": Said(en="done", zh="完成"),
}
REFRESH = 2
"""Pictures of the live block per second: smooth enough for a clock, and under 1 % of one core."""


@dataclass
class Status:
    """Where a run stands, as far as its events tell."""

    stage: str = ""
    run: str = ""
    budget_s: float | None = None
    metric: str = ""
    target: str = ""
    model: str = ""
    best: float | None = None
    baseline: float | None = None
    tried: int = 0
    failed: int = 0
    saved: bool = False
    started: float = field(default_factory=time.monotonic)

    def take(self, event: Mapping[str, Any]) -> None:
        """Learn from one event."""
        name = event.get("event")
        if name == "start":
            self.run, self.budget_s = str(event.get("run", "")), _number(event.get("budget_s"))
        elif name == "resumed":
            self.started -= _number(event.get("spent_s")) or 0.0
        elif name == "stage":
            self.stage = str(event.get("stage", ""))
        elif name == "understood":
            self.target, self.metric = str(event.get("target") or ""), str(event.get("metric") or "")
        elif name == "baseline":
            self.baseline = _number(event.get("score"))
        elif name == "model-saved":
            self.saved = True
        elif name == "trial":
            self.tried += 1
            self.failed += event.get("state", "done") != "done"
            best = _number(event.get("best"))
            if best is not None and best != self.best:
                self.best, self.model = best, str(event.get("model", ""))


@contextlib.contextmanager
def follow(language: Language, *, quiet: bool = False) -> Iterator[Listener]:
    """Show a run's progress while the block lasts; yields what the run must call with each event.

    Parameters
    ----------
    language : Language
        To speak.
    quiet : bool
        No lines in a pipe (after ``--json``); a person at a terminal still sees the live block.

    Raises
    ------
    StoppedError
        Instead of ``KeyboardInterrupt``, with the command that goes on.
    """
    status = Status()
    view = _live(status, language) if sys.stderr.isatty() else _lines(language, quiet=quiet)
    try:
        with view as show:

            def listen(event: dict[str, Any]) -> None:
                with contextlib.suppress(Exception):  # a display must never end a run
                    status.take(event)
                    show(event)

            yield listen
    except KeyboardInterrupt:
        from openglm.core.errors import StoppedError

        raise StoppedError(
            Said(en="Interrupted.", zh="已中断。"),
            hint=Said(en=f"Go on with: openglm resume {status.run}", zh=f"继续请运行: openglm resume {status.run}")
            if status.run
            else "",
        ) from None


def line(event: Mapping[str, Any], language: Language) -> str | None:
    """Return one event as a line for people, or ``None`` where it says nothing to them."""
    from openglm.cli._show import KINDS, number, say
    from openglm.core.graph import NAMES as STEPS

    name = event.get("event")
    text: str | None = None
    if name == "start":
        budget = _number(event.get("budget_s"))
        limit = "" if budget is None else say(language, f", {budget:g} s allowed", f",时限 {budget:g} 秒")
        text = say(language, f"run {event.get('run', '')}{limit}", f"运行 {event.get('run', '')}{limit}")
    elif name == "stage":
        stage = STAGES.get(str(event.get("stage")))
        text = stage.text(language) if stage else str(event.get("stage", ""))
    elif name == "understood":
        known = KINDS.get(str(event.get("kind")))
        kind = known.text(language) if known else "-"
        text = say(
            language,
            f"target '{event.get('target')}', {kind}, judged by {event.get('metric')}",
            f"目标“{event.get('target')}”,{kind},以 {event.get('metric')} 评判",
        )
    elif name == "baseline":
        text = say(language, f"naive baseline {number(event.get('score'))}", f"朴素基线 {number(event.get('score'))}")
    elif name == "trial":
        state, best = event.get("state", "done"), _number(event.get("best"))
        end = number(event.get("score")) if state == "done" else str(state)
        text = f"{event.get('id', '')} {event.get('model', '')}: {end}"
        if best is not None:
            text += say(language, f" (best {number(best)})", f"(最佳 {number(best)})")
    elif name == "model-saved":
        text = say(
            language, f"usable model saved: {event.get('model', '')}", f"已保存可用模型: {event.get('model', '')}"
        )
    elif name == "finding" and event.get("severity") in ("blocker", "warning"):
        message = event.get("message")
        if isinstance(message, Mapping):
            message = message.get(language)
        text = str(message) if message else None
    elif name == "step" and event.get("state") == "end":
        known = STEPS.get(str(event.get("type")))
        text = f"{known.text(language) if known else event.get('type')}: {event.get('said', '')}"
    elif name == "note":
        text = event.get(f"message_{language}")
    return _at(event, text) if text else None


def _at(event: Mapping[str, Any], text: str) -> str:
    """Put the time of the event before the text."""
    second = _number(event.get("second"))
    return f"{'' if second is None else f'{second:7.1f} s  '}{text}"


@contextlib.contextmanager
def _lines(language: Language, *, quiet: bool) -> Iterator[Listener]:
    given_up = 0

    def show(event: Mapping[str, Any]) -> None:
        nonlocal given_up
        if quiet:
            return
        if event.get("event") == "trial" and event.get("state") == "stopped":
            given_up += 1  # near the end of a run there are dozens of them in a second
            return
        if given_up and (event.get("event") == "searched" or event.get("stage") == "refit"):
            _tell(_given_up(given_up, event, language))
            given_up = 0
        _tell(line(event, language))

    yield show


def _given_up(count: int, event: Mapping[str, Any], language: Language) -> str:
    from openglm.cli._show import say

    said = "1 candidate was given up after its" if count == 1 else f"{count} candidates were given up after their"
    return _at(event, say(language, f"{said} first fold", f"{count} 个候选在第一折之后被放弃"))


def _tell(text: str | None) -> None:
    if text:
        print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def _live(status: Status, language: Language) -> Iterator[Listener]:
    from rich.live import Live

    from openglm.cli._show import console

    out, memory = console(stderr=True), _Memory()
    with Live(
        get_renderable=lambda: picture(status, memory.now(), language),
        console=out,
        refresh_per_second=REFRESH,
        transient=True,
    ) as live:

        def show(event: Mapping[str, Any]) -> None:
            if event.get("event") in ("understood", "note", "finding"):
                text = line(event, language)
                if text:
                    live.console.print(text)

        yield show


def picture(status: Status, memory_bytes: int, language: Language) -> Any:
    """Return the live block for where the run stands."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    from openglm.cli._show import duration, number, say, size

    stage = STAGES.get(status.stage)
    first = Text(stage.text(language) if stage else status.stage or "…", style="bold cyan")
    if status.tried:
        first.append(say(language, f" · {status.tried} tried", f" · 已尝试 {status.tried} 个"), style="default")
        if status.failed:
            first.append(
                say(language, f", {status.failed} without result", f",{status.failed} 个无结果"), style="yellow"
            )
    second = Text()
    if status.best is not None:
        second.append(say(language, f"best {status.metric} ", f"最佳 {status.metric} "))
        second.append(number(status.best), style="bold green")
        second.append(f" {status.model}")
    if status.baseline is not None:
        second.append(
            say(language, f" (baseline {number(status.baseline)})", f" (基线 {number(status.baseline)})"), style="dim"
        )
    elapsed = time.monotonic() - status.started
    limit = "" if status.budget_s is None else f" / {duration(status.budget_s)}"
    clock = Text(f"{duration(elapsed)}{limit} · {size(memory_bytes)}")
    grid = Table.grid(padding=(0, 1))
    bar = ProgressBar(
        total=status.budget_s or 100.0,
        completed=min(elapsed, status.budget_s or 0.0),
        width=30,
        pulse=status.budget_s is None,
    )
    grid.add_row(bar, clock)
    return Group(first, second, grid) if second.plain else Group(first, grid)


class _Memory:
    """Resident bytes of this process and all below it, looked up once a second at most."""

    def __init__(self) -> None:
        self._at = float("-inf")
        self._bytes = 0

    def now(self) -> int:
        import psutil

        if time.monotonic() - self._at > 1.0:
            self._at, total = time.monotonic(), 0
            me = psutil.Process()
            for process in [me, *me.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += process.memory_info().rss
            self._bytes = total
        return self._bytes


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
