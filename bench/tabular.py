"""Scores on tables: openglm with a time budget beside LightGBM and histogram boosting with their defaults.

One fixed 75/25 split per table and seed, the same rows for everybody. The target is given, so that understanding is not
what is measured. Peers get text as ordinal codes and missing cells as NaN. Ranks are means over all tables and seeds.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import _common


def run_openglm(
    table: _common.Table, train: Any, test: Any, folder: Path, *, seconds: float, seed: int
) -> dict[str, Any]:
    """Return score, wall seconds of the whole command, bundle MB and the model's name."""
    import openglm

    train.to_csv(folder / "train.csv", index=False, encoding="utf-8")
    test.drop(columns=[table.target]).to_csv(folder / "test.csv", index=False, encoding="utf-8")
    done = _common.train_by_command(
        folder / "train.csv", folder / "run", target=table.target, seconds=seconds, metric=table.metric, seed=seed
    )
    model = openglm.load(folder / "run")
    if table.task == "regression":
        value = _common.score(table, test, model.predict(folder / "test.csv"), None)
    else:
        proba = model.predict_proba(folder / "test.csv")
        value = _common.score(table, test, proba, [str(label) for label in model.classes])
    size = _common.folder_mb(folder / "run" / "pipeline")
    return {"score": value, "seconds": done.seconds, "mb": size, "peak": done.peak_mb, "model": model.title}


def best_possible(table: _common.Table, test: Any) -> float | None:
    """Return the score of the true probability where the data are our own simulation."""
    if table.name != "purchase_log":
        return None
    return float(_common.simulator().best_possible_auc(test.index.tolist()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with datasets.json (default: the repository's own tables)")
    parser.add_argument("--only", nargs="*", default=[], help="names of tables")
    parser.add_argument("--time", type=float, default=60, help="seconds for openglm (and FLAML) per table (default 60)")
    parser.add_argument("--seeds", type=int, default=1, help="number of splits per table (default 1)")
    parser.add_argument("--flaml", action="store_true", help="also run FLAML, if it is installed")
    given = parser.parse_args()
    peers = ["lightgbm", "histgb"]
    if given.flaml:
        if importlib.util.find_spec("flaml") is None:
            raise SystemExit("FLAML is not installed: pip install flaml")
        peers.append("flaml")

    rows, places, start = [], {name: [] for name in ("openglm", *peers)}, time.monotonic()
    head = ["table", "seed", "metric", "openglm", *peers, "best possible", "openglm s", *(f"{p} s" for p in peers)]
    head += ["bundle MB", "peak MiB", "model"]
    for table in _common.tables(given.data, given.only):
        for seed in range(given.seeds):
            train, test = _common.split(table, seed)
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                ours = run_openglm(table, train, test, Path(folder), seconds=given.time, seed=seed)
            others = {p: _common.fit_peer(p, table, train, test, seconds=given.time, seed=seed) for p in peers}
            scores = {"openglm": ours["score"], **{p: value for p, (value, _) in others.items()}}
            for name, place in _common.ranks(table.metric, scores).items():
                places[name].append(place)
            top = best_possible(table, test)
            row = [table.name, seed, table.metric, *(f"{value:.5g}" for value in scores.values())]
            row += [f"{top:.4f} ({ours['score'] / top * 100:.1f} %)" if top else "", f"{ours['seconds']:.1f}"]
            row += [f"{others[p][1]:.1f}" for p in peers]
            row += [f"{ours['mb']:.1f}", f"{ours['peak']:.0f}", ours["model"]]
            rows.append(row)
            print(f"{table.name} seed {seed} done after {time.monotonic() - start:.0f} s", flush=True)
    rows.append(["mean rank", "", "", *(f"{statistics.mean(v):.2f}" for v in places.values())])
    _common.print_table(head, [row + [""] * (len(head) - len(row)) for row in rows])
    print(f"--time {given.time:g} --seeds {given.seeds}; {_common.machine()}")


if __name__ == "__main__":
    main()
