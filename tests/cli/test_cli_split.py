"""``--split``: what the table shows, what the user says instead, and what cannot be meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

PLAN = ("plan", "predict y", "visits.csv", "--target", "y", "--trials", "1")


@pytest.fixture(autouse=True)
def _visits(tmp_path: Path) -> None:
    rng, who = np.random.default_rng(0), np.repeat(np.arange(60), 5)
    pd.DataFrame(
        {
            "patient_id": who, "age": rng.integers(20, 80, 60)[who], "pulse": rng.normal(75, 9, 300).round(1),
            "ward": rng.integers(1, 15, 300), "visit_date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 300), "D"),
            "y": rng.integers(0, 2, 60)[who],
        }
    ).to_csv(tmp_path / "visits.csv", index=False)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "method", "group", "time"),
    [
        ((), "group-time", ["patient_id"], "visit_date"),
        (("--split", "random"), "stratified", [], None),
        (("--split", "group:Ward"), "group", ["ward"], None),
        (("--split", "time:visit_date"), "time", [], "visit_date"),
        (("--split", "group-time:ward,visit_date"), "group-time", ["ward"], "visit_date"),
    ],
)
def test_the_split_of_a_plan(call_json: Any, asked: Any, method: str, group: list[str], time: str | None) -> None:
    """The plan holds the split, with its reason."""
    code, plan = call_json(*PLAN, *asked)
    assert code == 0
    split = plan["split"]
    assert (split["method"], split["group"], split["time"]) == (method, group, time)
    assert split["reason"]["en"]
    assert split["reason"]["zh"]


@pytest.mark.parametrize("asked", ["patients", "group:", "time:patient", "group:y"])
def test_a_split_that_cannot_be_meant(call: Any, asked: str) -> None:
    """One sentence and a hint, never a traceback."""
    done = call(*PLAN, "--split", asked)
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 5
