"""The project's own sentences are read at least as well as when the floors below were set; the fresh set is left alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = {
    "known": 0.79, "known_dialogs": 0.85, "later": 0.67, "later_dialogs": 0.88, "unseen": 0.72, "unseen_dialogs": 0.79
}  # fmt: skip
"""Share of whole frames, three points below what `python bench/nlu.py` printed on 22 Nov 2026 (docs/lab.md)."""


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "bench"), *sys.path])
    import _frames
    import nlu

    return nlu, _frames


@pytest.mark.parametrize("name", FLOORS)
def test_frames_stay_right(bench, name):
    """A phrase or weight that breaks more sentences than it mends is noticed."""
    nlu, frames = bench
    items = [json.loads(line) for line in (nlu.OWN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    tables = json.loads((nlu.OWN / "tables.json").read_text(encoding="utf-8"))
    scores = frames.Scores()
    for item, line in zip(items, nlu.predict(items, tables, nlu.Timer()), strict=True):
        scores.add_item(item, line)
    assert scores.right["frame"] / scores.count >= FLOORS[name]
