"""Is the budget kept? Wall seconds of ``openglm run --time T`` against T, first model, memory; by number of rows.

Seconds are counted from the start of the command to its end, Python's own start included. The first model counts from
the start of the command too: the first ``model-saved`` in events.jsonl; the naive baseline is one, so the first learned
model stands beside it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import datetime
from pathlib import Path

import _common

ALLOWED = 1.10  # the contract: the budget plus ten per cent
FILES = ("goal.json", "plan.yaml", "profile.json", "findings.json", "trials.jsonl", "report.json", "report.html")


def make_table(rows: int, data: Path | None, path: Path) -> None:
    """Write a table of this size: simulated sessions, or rows drawn from a CSV file with a tiny jitter."""
    if data is None:
        simulator = _common.simulator()
        path.write_bytes(simulator.to_csv(simulator.simulate(rows, seed=rows)))
        return
    import pandas as pd

    _common.resized(pd.read_csv(data), rows, seed=rows).to_csv(path, index=False, encoding="utf-8")


def first_models(run: Path, started: float) -> tuple[str, str]:
    """Return the seconds from ``started`` (seconds since 1970) to the first saved model, and to the first learned one."""
    found = {"any": "never", "learned": "never"}
    for line in reversed((run / "events.jsonl").read_text(encoding="utf-8").splitlines()):
        event = json.loads(line)
        if event["event"] == "model-saved":
            second = f"{datetime.fromisoformat(event['at']).timestamp() - started:.1f}"
            found["any"] = second
            if event["model"] != "baseline":
                found["learned"] = second
    return found["any"], found["learned"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000, 10_000, 50_000, 200_000])
    parser.add_argument("--times", type=float, nargs="*", default=[30, 60, 120], help="budgets in seconds")
    parser.add_argument("--data", type=Path, help="CSV file to draw rows from (default: the simulator)")
    parser.add_argument("--target", default="purchased", help="column to predict in --data")
    given = parser.parse_args()

    rows, kept = [], True
    for size in given.rows:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            data = Path(folder) / "table.csv"
            make_table(size, given.data, data)
            for seconds in given.times:
                run = Path(folder) / f"run-{seconds:g}"
                done = _common.train_by_command(data, run, target=given.target, seconds=seconds)
                told = json.loads(done.stdout)
                missing = [name for name in FILES if not (run / name).exists()]
                ratio = done.seconds / seconds
                kept &= ratio <= ALLOWED and not missing
                metric, value = told["metric"], told["metrics"][told["metric"]]
                rows.append(
                    (
                        size, f"{seconds:g}", f"{done.seconds:.1f}", f"{ratio:.2f}",
                        *first_models(run, done.started), f"{done.peak_mb:.0f}",
                        len(told["leaderboard"]), f"{metric} {value:.4g}",
                        f"{_common.folder_mb(run / 'pipeline'):.1f}", ", ".join(missing) or "all",
                    )
                )  # fmt: skip
                print(f"{size} rows, {seconds:g} s: {done.seconds:.1f} s", flush=True)
    head = ["rows", "budget s", "wall s", "ratio", "first model s", "first learned s", "peak MiB", "on the board"]
    head += ["score", "bundle MB", "files"]
    _common.print_table(head, rows)
    print(f"every run within {ALLOWED:.0%} and complete: {'yes' if kept else 'NO'}")
    print(_common.machine())


if __name__ == "__main__":
    main()
