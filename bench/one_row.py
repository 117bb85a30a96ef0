"""CPU milliseconds of one row through a saved pipeline, in process: ``predict`` and ``predict_proba`` of one dict.

Beside it, as the floor, each member's own ``predict`` on a matrix that is ready, and as a peer the same row as a
one-row data frame.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import _common
import numpy as np

WARM_UP = 20


def measure(call: Callable[[Any], Any], rows: list[Any], repeat: int) -> tuple[float, float, float]:
    """Return p50 and p95 of the CPU milliseconds (all threads), and p50 of the wall milliseconds."""
    for i in range(WARM_UP):
        call(rows[i % len(rows)])
    cpu, wall = [], []
    for i in range(repeat):
        row = rows[i % len(rows)]
        begin, begin_wall = time.process_time_ns(), time.perf_counter_ns()
        call(row)
        cpu.append((time.process_time_ns() - begin) / 1e6)
        wall.append((time.perf_counter_ns() - begin_wall) / 1e6)
    return float(np.percentile(cpu, 50)), float(np.percentile(cpu, 95)), float(np.percentile(wall, 50))


def example_rows(model: Any, path: Path | None) -> list[dict[str, Any]]:
    """Return rows as dicts: from a CSV file, else the few training rows that the pipeline keeps."""
    if path is not None:
        import pandas as pd

        return pd.read_csv(path).astype(object).to_dict("records")
    length = len(next(iter(model.background.values())))
    return [{c.name: _cell(model.background[c.name][i], c.role) for c in model.schema.columns} for i in range(length)]


def _cell(value: Any, role: str) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return datetime.fromtimestamp(float(value), UTC).strftime("%Y-%m-%d %H:%M:%S") if role == "date" else value


def cases(model: Any, rows: list[dict[str, Any]]) -> list[tuple[str, Callable[[Any], Any], list[Any]]]:
    import pandas as pd

    found: list[tuple[str, Callable[[Any], Any], list[Any]]] = [("predict(dict)", model.predict, rows)]
    if model.classes:
        found.append(("predict_proba(dict)", model.predict_proba, rows))
    found.append(("predict(one-row DataFrame)", model.predict, [pd.DataFrame([row]) for row in rows[:50]]))
    found.append(("reading the dict", model.read, rows))
    read = [model.read(row) for row in rows[:50]]
    found += [(f"view {name}", view.transform, read) for name, view in model.views.items()]
    shown = {name: [view.transform(x) for x in read] for name, view in model.views.items()}
    for member in model.members:
        found.append((f"member {member.candidate.model}", member.model.predict, shown[member.candidate.view]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="?", help="run folder (default: train on the purchase log)")
    parser.add_argument("--rows", type=Path, help="CSV file with rows to predict")
    parser.add_argument("--time", type=float, default=30, help="seconds of training without a run folder (default 30)")
    parser.add_argument("--repeat", type=int, default=500)
    given = parser.parse_args()
    import openglm

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run, source = given.run, given.rows
        if run is None:
            run, data = Path(folder) / "run", _common.ROOT / "examples" / "data"
            source = source or data / "new_sessions.csv"
            _common.train_by_command(data / "purchase_log.csv", run, target="purchased", seconds=given.time)
        model = openglm.load(run)
        size = _common.folder_mb(run / "pipeline")
    rows = example_rows(model, source)
    table = [
        (name, *(f"{value:.3f}" for value in measure(call, inputs, given.repeat)))
        for name, call, inputs in cases(model, rows)
    ]
    print(f"{model.title}; bundle {size:.1f} MB")
    _common.print_table(("call", "CPU ms p50", "CPU ms p95", "wall ms p50"), table)
    print(_common.machine())


if __name__ == "__main__":
    main()
