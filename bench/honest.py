"""Is the reported score honest? It is compared with the score on rows that openglm never saw.

Of each table a part is set aside untouched: whole groups or the latest rows where the table has groups or time, else random rows.
openglm works on the rest with a small budget and reports a score with its 95 % interval; the delivered model then answers the
untouched rows. Both numbers vary from sample to sample, so their difference is measured against both: its half width is the
root of the sum of squares of the half of the reported interval and of the half of the untouched rows' own bootstrap interval,
each on the side of the other number; a standard deviation is that over 1.96. "Optimism" is reported minus untouched, in the
direction of better.

With ``--peer-python`` the validation score of AutoGluon, with the same seconds on the same rows, stands beside it. With
``--coverage`` nothing is trained: it is simulated how often intervals from few rows hold the true value.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import _common
import numpy as np
from numpy.typing import NDArray

Z = 1.96
PEER = """
import json, sys, warnings
warnings.simplefilter("ignore")
import pandas as pd
from autogluon.tabular import TabularPredictor
rest, untouched, target, metric, seconds, folder = sys.argv[1:7]
kind = {"roc_auc": "binary", "log_loss": "multiclass", "rmse": "regression"}[metric]
rest, untouched = pd.read_csv(rest, low_memory=False), pd.read_csv(untouched, low_memory=False)
name = {"rmse": "root_mean_squared_error"}.get(metric, metric)
made = TabularPredictor(target, problem_type=kind, eval_metric=name, path=folder, verbosity=0)
made.fit(rest, time_limit=float(seconds), num_cpus=1, num_gpus=0)
board = made.leaderboard(silent=True)
best = float(board.loc[board["model"] == made.model_best, "score_val"].iloc[0])
print(json.dumps([best, float(made.evaluate(untouched)[name])]))
"""


# ── one table, one seed ──


def parted(table: _common.Table, share: float, seed: int) -> tuple[Any, Any, str]:
    """Return the rest, the untouched rows and how they were drawn."""
    from openglm import prepare
    from openglm.core.plan import Split
    from openglm.core.task import Task

    frame = table.frame.reset_index(drop=True)
    raw = prepare.load(frame)
    kind: Any = table.task
    task = Task(kind=kind, target=table.target, metric=table.metric)
    found = prepare.prepare(raw, task, seed=seed)[0].split
    wanted = Split(
        method=found.method, sealed_share=share, folds=1, seed=seed + 1000, group=found.group, time=found.time
    )
    data = prepare.prepare(raw, task, split=wanted)[0]
    return frame.iloc[np.sort(data.train.index)], frame.iloc[np.sort(data.sealed.index)], data.split.method


def judged(table: _common.Table, run: Path, untouched: Any) -> Any:
    """Return score and interval of the delivered model on the untouched rows."""
    import openglm
    from openglm.core.metrics import metric
    from openglm.explain import _bootstrap

    model = openglm.load(run)
    inputs = untouched.drop(columns=[table.target])
    if table.task == "regression":
        y = untouched[table.target].to_numpy(float)
        outputs = np.asarray(model.predict(inputs), dtype=float)[:, None]
    else:
        place = {str(label): i for i, label in enumerate(model.classes)}
        known = untouched[table.target].astype(str).isin(list(place)).to_numpy()
        y = untouched.loc[known, table.target].astype(str).map(place).to_numpy(np.int64)
        outputs = np.asarray(model.predict_proba(inputs))[known]
    resamples = _bootstrap.how_many(len(y))
    return _bootstrap.compare(metric(table.metric), y, (outputs, None), None, resamples=resamples, seed=0)[0]


def peer_says(python: str, table: _common.Table, folder: Path, seconds: float) -> tuple[float, float] | None:
    """Return AutoGluon's validation score and its score on the untouched rows, higher is better; ``None`` if it failed."""
    command = [python, "-c", PEER, str(folder / "rest.csv"), str(folder / "untouched.csv"), table.target, table.metric]
    done = subprocess.run(
        [*command, f"{seconds:g}", str(folder / "ag")], capture_output=True, text=True, encoding="utf-8",
        env=_common.utf8_environment(), cwd=folder, check=False,
    )  # fmt: skip
    try:
        value, other = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        print(f"AutoGluon on {table.name}: {done.stderr.strip().splitlines()[-1:]}", flush=True)
        return None
    return float(value), float(other)


def train(table: _common.Table, folder: Path, seed: int, given: argparse.Namespace) -> None:
    """Run openglm on the rest: for some seconds, or for some trials where the machine is shared and seconds say little."""
    rest, run = folder / "rest.csv", folder / "run"
    if given.trials is None:
        _common.train_by_command(rest, run, target=table.target, seconds=given.time, metric=table.metric, seed=seed)
        return
    command = [
        *_common.CLI,
        "run",
        f"Predict {table.target}",
        str(rest),
        "--trials",
        str(given.trials),
        "--seed",
        str(seed),
    ]
    command += ["--target", table.target, "--metric", table.metric, "--out", str(run), "--yes", "--json"]
    done = _common.watch(command)
    if done.code != 0:
        raise SystemExit(f"openglm run ended with code {done.code}:\n{done.stdout}\n{done.stderr}")


def one(table: _common.Table, seed: int, given: argparse.Namespace) -> dict[str, Any]:
    """Return what came of one table and seed."""
    up = table.metric not in _common.LOW_IS_GOOD
    rest, untouched, method = parted(table, given.share, seed)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        folder = Path(place)
        rest.to_csv(folder / "rest.csv", index=False, encoding="utf-8")
        untouched.to_csv(folder / "untouched.csv", index=False, encoding="utf-8")
        train(table, folder, seed, given)
        report = json.loads((folder / "run" / "report.json").read_text(encoding="utf-8"))
        truth = judged(table, folder / "run", untouched)
        peer = peer_says(given.peer_python, table, folder, given.time) if given.peer_python else None
    said = report["intervals"].get(table.metric)
    reported = float(report["metrics"][table.metric])
    above = reported > truth.value
    mine = (reported - said["low"] if above else said["high"] - reported) if said else math.nan
    theirs = truth.high - truth.value if above else truth.value - truth.low
    half = math.hypot(mine, theirs)
    sd = half / Z if half else math.nan  # 0 where only the baseline was ready in time: then there is nothing to compare
    optimism = (reported - truth.value) * (1 if up else -1)
    row = {
        "table": table.name, "seed": seed, "split": method, "metric": table.metric, "rows": f"{len(rest)}+{len(untouched)}",
        "sealed": report["data"]["scored"], "reported": reported, "low": said and said["low"], "high": said and said["high"],
        "untouched": truth.value, "sd": sd, "within": abs(optimism) <= half, "z": optimism / sd, "model": report["model"],
        "validation": report["validation_score"],
    }  # fmt: skip
    row["validation z"] = (row["validation"] - truth.value) * (1 if up else -1) / sd
    row["peer"] = None if peer is None else peer[0]
    row["peer untouched"] = None if peer is None else peer[1]
    row["peer z"] = None if peer is None else (peer[0] - peer[1]) / sd
    return row


# ── coverage on few rows ──

SIZES = (30, 60, 120, 300)


def _two_classes(auc: float, share: float) -> Any:
    from scipy import stats

    distance = math.sqrt(2) * stats.norm.ppf(auc)

    def make(rng: np.random.Generator, n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        y = (rng.random(n) < share).astype(np.int64)
        odds = distance * (rng.normal(size=n) + distance * y) - distance**2 / 2 + math.log(share / (1 - share))
        p = 1 / (1 + np.exp(-odds))
        return y, np.stack([1 - p, p], axis=1)

    return make


def _values(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y = rng.normal(size=n)
    return y, (y + rng.normal(size=n) / 2)[:, None]


CASES: tuple[tuple[str, str, Any], ...] = (
    ("AUC 0.75", "roc_auc", _two_classes(0.75, 0.3)), ("AUC 0.90", "roc_auc", _two_classes(0.9, 0.3)),
    ("AUC 0.98", "roc_auc", _two_classes(0.98, 0.3)), ("AUC 0.80, a tenth positive", "roc_auc", _two_classes(0.8, 0.1)),
    ("average precision", "average_precision", _two_classes(0.85, 0.3)),
    ("accuracy 0.87", "accuracy", _two_classes(0.93, 0.3)), ("accuracy 0.97", "accuracy", _two_classes(0.995, 0.3)),
    ("F1 0.63", "f1", _two_classes(0.85, 0.3)), ("log loss", "log_loss", _two_classes(0.85, 0.3)),
    ("RMSE", "rmse", _values), ("R2 0.75", "r2", _values),
)  # fmt: skip


def coverage(repeats: int) -> None:
    """Print the share of 95 % intervals that hold the true value, as percentiles alone and as the report gives them."""
    from openglm.core.metrics import metric
    from openglm.explain import _bootstrap, _resample

    rows, rng = [], np.random.default_rng(0)
    for name, judge, make in CASES:
        y, outputs = make(rng, 500_000)
        true = float(_bootstrap.resampled(judge, y, outputs, None, np.ones((1, len(y))))[0])
        row: list[Any] = [name]
        for n in SIZES:
            plain = ours = made = 0
            for seed in range(repeats):
                y, outputs = make(rng, n)
                found, _ = _bootstrap.compare(metric(judge), y, (outputs, None), None, resamples=500, seed=seed)
                if found is None or not math.isfinite(found.value):
                    continue
                weights = np.concatenate(list(_resample.counts(_resample.single(n), 500, seed)))
                simple = _resample.percentile(_bootstrap.resampled(judge, y, outputs, None, weights), found.value)
                made += 1
                ours += found.low - 1e-9 <= true <= found.high + 1e-9
                plain += simple is not None and simple.low - 1e-9 <= true <= simple.high + 1e-9
            row.append(f"{100 * plain / made:.0f} → {100 * ours / made:.0f}")
        rows.append(row)
    _common.print_table(["share of intervals with the true value, %", *(f"{n} rows" for n in SIZES)], rows)
    print(f"percentiles alone → as reported; {repeats} samples each; {_common.machine()}")


# ── all of them ──


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, help="folder with datasets.json (default: the repository's own tables)")
    parser.add_argument("--only", nargs="*", default=[], help="names of tables")
    parser.add_argument("--time", type=float, default=15, help="seconds for openglm (and AutoGluon) each (default 15)")
    parser.add_argument("--trials", type=int, help="candidates for openglm instead of seconds, on a busy machine")
    parser.add_argument("--seeds", type=int, default=4, help="divisions per table (default 4)")
    parser.add_argument("--share", type=float, default=0.4, help="of the rows, untouched (default 0.4)")
    parser.add_argument("--jobs", type=int, default=1, help="tables at a time (default 1)")
    parser.add_argument("--peer-python", help="a Python that has autogluon.tabular")
    parser.add_argument("--coverage", type=int, metavar="N", help="simulate N samples for each kind of score instead")
    given = parser.parse_args()
    if given.coverage:
        coverage(given.coverage)
        return

    work = [(table, seed) for table in _common.tables(given.tables, given.only) for seed in range(given.seeds)]
    rows, start = [], time.monotonic()
    with ThreadPoolExecutor(given.jobs) as pool:
        for row in pool.map(lambda item: one(item[0], item[1], given), work):
            rows.append(row)
            told = ", ".join(
                f"{name} {_shown(row[name])}" for name in ("reported", "untouched", "within", "z", "peer z", "model")
            )
            print(f"{row['table']} seed {row['seed']} after {time.monotonic() - start:.0f} s: {told}", flush=True)

    head = ["table", "seed", "split", "metric", "rows", "sealed", "reported", "low", "high", "untouched", "within", "z"]
    head += ["validation z"] + (["peer", "peer untouched", "peer z"] if given.peer_python else [])
    _common.print_table(head, [[_shown(row[name]) for name in head] for row in rows])
    lone = sum(math.isnan(row["sd"]) for row in rows)
    if lone:
        print(f"in {lone} runs only the baseline was ready in time; they count nowhere")
        rows = [row for row in rows if not math.isnan(row["sd"])]
    print(f"within the stated interval: {sum(row['within'] for row in rows)} of {len(rows)} (wanted: 90 %)")
    for name, what in (
        ("z", "reported"),
        ("validation z", "openglm's validation"),
        ("peer z", "AutoGluon's validation"),
    ):
        known = [row[name] for row in rows if row[name] is not None and math.isfinite(row[name])]
        if len(known) > 1:
            error = statistics.stdev(known) / math.sqrt(len(known))
            print(f"bias of the {what} score: {statistics.mean(known):+.2f} ± {error:.2f} standard deviations")
    budget = f"--time {given.time:g}" if given.trials is None else f"--trials {given.trials}"
    print(f"{budget} --seeds {given.seeds} --share {given.share:g}; {_common.machine()}")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
