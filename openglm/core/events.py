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
    """Writes events to ``events.jsonl`` and tells whoever listens.

    Parameters
    ----------
    path : Path
        The file to append to.
    listener : callable or None
        Gets every event as a dict.
    """

    def __init__(self, path: Path, listener: Listener | None = None) -> None:
        self._path = path
        self._listener = listener
        self._start = time.monotonic()

    def emit(self, event: str, **data: Any) -> None:
        """Record one event: its name, the time (UTC), seconds since this sitting began, and JSON data."""
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "second": round(time.monotonic() - self._start, 3),
            "event": event,
            **data,
        }
        store.append_line(self._path, json.dumps(line, ensure_ascii=False, default=str))
        if self._listener is not None:
            self._listener(line)
