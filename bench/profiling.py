"""What a look at a large table costs: CPU seconds and memory of load, profile and checks on a seeded file of mixed columns.

Every step runs in a child process of its own. skrub's TableReport and ydata-profiling look at the same file when
``--peer-python`` names a Python that has them; they begin at the frame that pandas read, whose time is printed apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import _common

MEASURE = """
import json, sys, time
path = sys.argv[1]
marks, last = {}, time.process_time()
def mark(name):
    global last
    now = time.process_time()
    marks[name], last = round(now - last, 2), now
"""
OURS = """
from openglm import prepare
mark("import")
raw = prepare.load(path)
mark("load")
said = prepare.profile(raw)
mark("profile")
found = prepare.check(raw)
mark("checks")
marks["findings"] = len(found)
"""
PEERS = {
    "skrub": """
import pandas as pd, skrub
mark("import")
frame = pd.read_csv(path)
mark("load")
skrub.TableReport(frame, verbose=0).json()
mark("profile")
""",
    "ydata_profiling": """
import pandas as pd
from ydata_profiling import ProfileReport
mark("import")
frame = pd.read_csv(path)
mark("load")
ProfileReport(frame, minimal=True, progress_bar=False).to_json()
mark("profile")
""",
}


def make_file(path: Path, rows: int, columns: int, seed: int) -> None:
    """Write a table with the usual mix: 40 % fractions, 20 % whole numbers, 20 % categories, dates, codes, text, money."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    words = np.array([f"{a}{b}" for a in ("red", "blue", "green", "gold", "grey") for b in ("ish", "", "er", "est")])

    def money() -> Any:
        units, cents = rng.integers(1, 9, rows).astype(str), rng.integers(100, 999, rows).astype(str)
        return np.char.add(np.char.add(np.char.add("$", units), ","), cents)

    def text() -> Any:
        made = rng.choice(words, rows).astype(str)
        for _ in range(5):
            made = np.char.add(np.char.add(made, " "), rng.choice(words, rows))
        return made

    day = np.datetime64("2015-01-01")
    makers = [
        lambda: rng.normal(50, 12, rows).round(4), lambda: rng.lognormal(3, 0.6, rows).round(2),
        lambda: rng.integers(0, 90, rows), lambda: rng.choice(words[:8], rows), lambda: rng.normal(0, 1, rows).round(6),
        lambda: (day + rng.integers(0, 3000, rows)).astype(str), lambda: rng.integers(0, 10**6, rows),
        lambda: rng.gamma(2, 3, rows).round(3), lambda: rng.choice(words, rows), lambda: None,
    ]  # fmt: skip
    specials = [
        lambda: np.char.add("C", np.arange(10**6, 10**6 + rows).astype(str)), money,
        lambda: rng.choice(["True", "False"], rows), text, lambda: np.char.add("S", rng.integers(0, 20000, rows).astype(str)),
    ]  # fmt: skip
    table = {}
    for place in range(columns):
        turn = place % len(makers)
        cells = pd.Series(specials[place // len(makers) % len(specials)]() if turn == 9 else makers[turn]())
        table[f"c{place:02d}"] = cells.mask(rng.random(rows) < 0.03) if place % 4 == 1 else cells
    pd.DataFrame(table).to_csv(path, index=False)


def measure(python: str, code: str, path: Path) -> dict[str, Any]:
    """Return CPU seconds of each step, wall seconds and peak MiB of a child; what failed says so."""
    done = _common.watch([python, "-c", MEASURE + code + "print(json.dumps(marks))", str(path)])
    if done.code:
        return {"failed": done.stderr.strip().splitlines()[-1][:80]}
    return {
        **json.loads(done.stdout.strip().splitlines()[-1]),
        "wall": round(done.seconds, 1),
        "peak": round(done.peak_mb),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the file (default one million)")
    parser.add_argument("--columns", type=int, default=50, help="columns of the file (default 50)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--file", type=Path, help="where the file is kept; made when missing (default: a temporary one)"
    )
    parser.add_argument("--peer-python", help="a Python that has skrub or ydata-profiling")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = given.file or Path(folder) / "table.csv"
        if not path.exists():
            make_file(path, given.rows, given.columns, given.seed)
        results = {"openglm": measure(sys.executable, OURS, path)}
        if given.peer_python:
            results.update({name: measure(given.peer_python, code, path) for name, code in PEERS.items()})
    ours = results["openglm"]
    if "failed" in ours:
        raise SystemExit(ours["failed"])
    total, rows = ours["load"] + ours["profile"] + ours["checks"], []
    for name, one in results.items():
        spent = sum(one.get(step, 0.0) for step in ("load", "profile", "checks"))
        steps = [one.get(step, "") for step in ("load", "profile", "checks", "wall", "peak")]
        rows.append(
            [name, *steps, *((f"{spent:.1f}", f"{spent / total:.2f}") if spent else ("", "")), one.get("failed", "")]
        )
    _common.print_table(
        ["who", "load s", "profile s", "checks s", "wall s", "peak MiB", "CPU s", "ratio", "remark"], rows
    )
    print(f"{given.rows} rows x {given.columns} columns, CPU seconds; {_common.machine()}")


if __name__ == "__main__":
    main()
