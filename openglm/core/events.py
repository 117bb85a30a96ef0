"""What happens in a run, one line of JSON each: the log that the progress display, pages and tests all read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openglm.core import store

Listener = Callable[[dict[str, Any]], None]


class EventLog:
    """Tells whoever listens, and writes ``events.jsonl`` as soon as there is a folder for it.

    Parameters
    ----------
    listener : callable or None
        Gets every event as a dict.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self._start = time.monotonic()
        self._path: Path | None = None
        self._early: list[str] = []

    def emit(self, event: str, **data: Any) -> None:
        """Record one event: its name, the time (UTC), seconds since this sitting began, and JSON data."""
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "second": round(time.monotonic() - self._start, 3),
            "event": event,
            **data,
        }
        text = json.dumps(line, ensure_ascii=False, default=str)
        if self._path is None:
            self._early.append(text)
        else:
            store.append_line(self._path, text)
        if self._listener is not None:
            self._listener(line)

    def write_to(self, path: Path) -> None:
        """Write to ``path`` from now on, what happened before included."""
        self._path = path
        for text in self._early:
            store.append_line(path, text)
        self._early.clear()
