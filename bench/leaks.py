"""Planted leaks: which are found, and how many clean columns are accused.

Into each table, for each seed, one leak of each kind is planted, and ``prepare`` is asked. A leak is found when its column is
left out or doubted (for duplicates, the order of rows and keys: when a finding names it). Every other column counts as
clean, in the planted tables and in the table as it is. Names of planted columns say nothing, but for the kind ``post-outcome``.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import _common
import numpy as np
import pandas as pd

FOUND, ACCUSED = 0.95, 0.02  # the bars
ROWS = 6000  # of a table, drawn at random: more cost time and are easier
AFTER = (
    "cancel_date",
    "churn_reason",
    "refund_amount",
    "流失原因",
    "赔付金额",
    "结案日期",
    "final_result",
    "outcome_code",
)
Random = np.random.Generator


class Job:
    """One table with its target as codes or values, and a generator."""

    def __init__(self, table: _common.Table, frame: pd.DataFrame, seed: int) -> None:
        self.table, self.frame, self.seed = table, frame, seed
        self.rng = np.random.default_rng(1000 + seed)
        self.numbers = table.task == "regression"
        cells = frame[table.target]
        if self.numbers:
            self.y = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
            low, high = np.nanquantile(self.y, [0.25, 0.75])
            self.spread = float(high - low) / 1.349  # of a normal target: its standard deviation
        else:
            self.y = pd.factorize(cells, sort=True)[0].astype(float)
            self.classes = int(self.y.max()) + 1

    @property
    def flag(self) -> Any:
        """One class against the others, or the upper 30 %."""
        if self.numbers:
            return self.y > np.nanquantile(self.y, 0.7)
        return self.y == self.seed % self.classes if self.classes > 2 else self.y == 1

    def noisy(self, flag: Any, share: float) -> Any:
        """Replace a share of the flags by flags drawn anew."""
        return np.where(self.rng.random(len(flag)) < share, self.rng.permutation(flag), flag)

    def words(self, codes: Any) -> Any:
        """Return codes of letters, another for each number."""
        count = int(np.max(codes)) + 1
        names = [f"{'abcdefghjk'[i % 10]}{'qrstuvwxyz'[(i // 10) % 10]}{i % 7}" for i in self.rng.permutation(count)]
        return np.array(names, dtype=object)[codes.astype(int)]

    def with_column(self, name: str, values: Any) -> pd.DataFrame:
        frame = self.frame.copy()
        frame.insert(int(self.rng.integers(0, frame.shape[1] + 1)), name, values)
        return frame


Planted = tuple[pd.DataFrame, str, set[str]]


def copy(job: Job) -> Planted:
    values = job.y * 3.7 + 11 if job.numbers else job.words(job.y)
    return job.with_column("v17", values), "v17", set()


def noised_copy(job: Job) -> Planted:
    strength = (0.02, 0.05)[job.seed % 2]
    if job.numbers:
        values = job.y + job.rng.normal(0, 2 * strength * job.spread, len(job.y))
    elif job.seed % 3 == 2:
        values = job.y + job.rng.normal(0, 0.2, len(job.y))
    else:
        values = job.words(job.noisy(job.y, strength))
    return job.with_column("v17", values), "v17", set()


def monotone(job: Job) -> Planted:
    if job.numbers:
        y = job.y - np.nanmin(job.y)
        values = (np.log1p(y), np.sqrt(y), -(y**3))[job.seed % 3]
    else:
        values = 10 * job.y + job.rng.uniform(0, 9, len(job.y))
    return job.with_column("v17", values), "v17", set()


def post_outcome(job: Job) -> Planted:
    name = AFTER[(job.seed + len(job.table.name)) % len(AFTER)]
    if job.numbers:
        return job.with_column(name, job.y + job.rng.normal(0, 0.4 * job.spread, len(job.y))), name, set()
    filled = job.noisy(job.flag, 0.1)
    if "date" in name or "日期" in name:
        days = pd.Timestamp("2023-01-01") + pd.to_timedelta(job.rng.integers(0, 300, len(job.y)), unit="D")
        values = pd.Series(days).where(pd.Series(filled)).to_numpy()
    elif "amount" in name or "金额" in name:
        values = np.where(filled, job.rng.gamma(2, 50, len(job.y)).round(2), 0.0)
    else:
        values = np.where(filled, job.words(job.rng.integers(0, 4, len(job.y))), "-")
    return job.with_column(name, values), name, set()


def future_date(job: Job) -> Planted:
    start = pd.Timestamp("2022-01-01") + pd.to_timedelta(job.rng.integers(0, 400, len(job.y)), unit="D")
    order = job.y if job.numbers else job.flag.astype(float)
    rank = pd.Series(order).rank(pct=True).to_numpy() if job.numbers else order
    days = 5 + (rank * 90 + job.rng.uniform(0, 6 if job.numbers else 70, len(job.y))).round()
    frame = job.with_column("noted", start.strftime("%Y-%m-%d"))
    late = start + pd.to_timedelta(days, unit="D")
    frame.insert(0, "d_17", late.strftime("%Y-%m-%d"))
    return frame, "d_17", {"noted"}


def row_order(job: Job) -> Planted:
    rank = pd.Series(job.y).rank(method="first", pct=True).to_numpy()
    order = np.argsort(rank + job.rng.normal(0, 0.01, len(rank)), kind="stable")
    frame = job.frame.iloc[order].reset_index(drop=True)
    frame.insert(0, "v17", 4000 + np.cumsum(job.rng.integers(1, 9, len(frame))))
    return frame, "v17", set()


def duplicates(job: Job) -> Planted:
    """A twelfth of the rows comes again with another answer."""
    again = job.rng.choice(len(job.frame), len(job.frame) // 12, replace=False)
    twins = job.frame.iloc[again].copy()
    cells = job.frame[job.table.target].to_numpy()
    others = job.rng.permutation(len(cells))[: len(again)]
    twins[job.table.target] = cells[others]
    frame = pd.concat([job.frame, twins], ignore_index=True)
    return frame.iloc[job.rng.permutation(len(frame))].reset_index(drop=True), "duplicates", set()


def group_key(job: Job) -> Planted:
    """Rows come three to five times, a little changed, under one key: the key tells the target."""
    times = job.rng.integers(3, 6, len(job.frame))
    keep = job.rng.choice(len(job.frame), min(len(job.frame), ROWS // 4), replace=False)
    place = np.repeat(keep, times[keep])
    frame = job.frame.iloc[place].reset_index(drop=True)
    for name in frame.columns:
        if name == job.table.target:
            continue
        if not pd.api.types.is_numeric_dtype(frame[name]) and job.frame[name].nunique() > len(job.frame) / 2:
            frame = frame.drop(columns=name)  # an id of the row would be a second key
        elif pd.api.types.is_numeric_dtype(frame[name]) and frame[name].nunique() > 20:
            moved = frame[name] + job.rng.normal(0, 0.2 * float(np.nanstd(frame[name])), len(frame))
            frame[name] = moved.round() if pd.api.types.is_integer_dtype(frame[name]) else moved
    names = np.array([f"K{i}" for i in job.rng.permutation(10 * len(job.frame))[: len(job.frame)]], dtype=object)
    frame.insert(0, "w", job.rng.normal(size=len(frame)))  # or rows of categories alone would be exact copies
    frame.insert(0, ("v17", "case_no")[job.seed % 2], names[place])
    order = job.rng.permutation(len(frame))
    return frame.iloc[order].reset_index(drop=True), frame.columns[0], {"w"}


def group_statistic(job: Job) -> Planted:
    key = job.rng.integers(0, max(12, len(job.y) // 6), len(job.y))
    goal = job.y if job.numbers else job.flag.astype(float)
    means = pd.Series(goal).groupby(key).transform("mean").to_numpy()
    frame = job.with_column("v17", means)
    frame.insert(0, "k", [f"branch {i}" for i in key])
    return frame, "v17", {"k"}


def encoded_category(job: Job) -> Planted:
    if job.numbers:
        parts = pd.qcut(pd.Series(job.y), 20, labels=False, duplicates="drop").to_numpy()
        codes = job.noisy(parts, 0.01)
    else:
        codes = job.noisy(job.y, 0.01) * 8 + job.rng.integers(0, 8, len(job.y))
    return job.with_column("v17", job.words(codes)), "v17", set()


def missingness(job: Job) -> Planted:
    values = job.rng.normal(40, 9, len(job.y))
    return job.with_column("v17", np.where(job.noisy(job.flag, 0.04), np.nan, values)), "v17", set()


KINDS: dict[str, Callable[[Job], Planted]] = {
    "target copy": copy, "noised copy": noised_copy, "monotone transform": monotone, "post-outcome": post_outcome,
    "future date": future_date, "id order": row_order, "duplicates": duplicates, "key": group_key,
    "group statistic": group_statistic, "encoded category": encoded_category, "missingness": missingness,
}  # fmt: skip


def look(table: _common.Table, frame: pd.DataFrame, seed: int) -> tuple[set[str], set[str], float]:
    """Return accused columns, everything that findings name, and CPU seconds."""
    from openglm import prepare
    from openglm.core.task import Task

    raw = prepare.load(frame)
    start = time.process_time()
    data, findings = prepare.prepare(raw, Task(kind=table.task, target=table.target, metric=table.metric), seed=seed)
    spent = time.process_time() - start
    accused = {suspect.column for suspect in data.suspects if suspect.verdict != "cleared"}
    named = {str(finding.column) for finding in findings if finding.code.startswith(("leak", "group-dropped"))}
    named |= {finding.code for finding in findings} | set(data.split.group)
    return accused, named, spent


def tables(folder: Path | None, only: list[str]) -> list[_common.Table]:
    """Return the tables; without a folder those of scikit-learn (digits as 8 or not), and the simulated log."""
    if folder is not None:
        return _common.tables(folder, only)
    from sklearn import datasets

    found = _common.tables(None, [])
    iris = datasets.load_iris(as_frame=True).frame
    found.append(_common.Table("iris", iris, "target", "multiclass", "log_loss"))
    made = []
    for table in found:
        if table.name == "digits":
            frame = table.frame.assign(target=(table.frame["target"] == 8).astype(int))
            made.append(_common.Table("digits_8", frame, "target", "binary", "roc_auc"))
        else:
            made.append(table)
    cached = Path(datasets.get_data_home()) / "cal_housing_py3.pkz"
    if cached.exists():
        frame = datasets.fetch_california_housing(as_frame=True, download_if_missing=False).frame
        made.append(_common.Table("california", frame, "MedHouseVal", "regression", "rmse"))
    return [table for table in made if not only or table.name in only]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, help="folder with datasets.json (default: scikit-learn's and our own)")
    parser.add_argument("--only", nargs="*", default=[], help="names of tables")
    parser.add_argument("--kinds", nargs="*", default=[], help="kinds of leaks")
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds (default 3)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    hits: Counter[tuple[str, str]] = Counter()
    tries: Counter[tuple[str, str]] = Counter()
    accused: Counter[str] = Counter()
    clean: Counter[str] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    missed: list[str] = []
    spent: dict[str, list[float]] = {}
    kinds = {name: plant for name, plant in KINDS.items() if not given.kinds or name in given.kinds}
    for table in tables(given.tables, given.only):
        for seed in range(given.first, given.first + given.seeds):
            frame = table.frame.sample(min(ROWS, len(table.frame)), random_state=seed).sort_index()
            frame = frame.reset_index(drop=True)
            own = set(map(str, frame.columns)) - {table.target}
            for kind in ("", *kinds):
                job = Job(table, frame, seed)
                planted, name, company = kinds[kind](job) if kind else (frame, "", set())
                blamed, named, seconds = look(table, planted, seed)
                spent.setdefault(table.name, []).append(seconds)
                others = (own | company) - {name}
                innocent = blamed & others
                clean[table.name] += len(others)
                accused[table.name] += len(innocent)
                wrong.update((table.name, column) for column in innocent)
                if kind:
                    found = name in blamed or (
                        kind in ("duplicates", "key", "id order")
                        and bool(named & {name, *({"duplicates-disagree"} if kind == "duplicates" else set())})
                    )
                    found = found if kind != "duplicates" else "duplicates-disagree" in named
                    found = found or (kind == "id order" and "leak-row-order" in named)
                    tries[table.name, kind] += 1
                    hits[table.name, kind] += found
                    if not found:
                        missed.append(f"{table.name} seed {seed}: {kind}")
            print(f"{table.name} seed {seed} done", flush=True)
    names = list(spent)
    head = ["kind", *names, "found"]
    rows = []
    for kind in kinds:
        row = [kind, *(f"{hits[name, kind]}/{tries[name, kind]}" for name in names)]
        share = sum(hits[name, kind] for name in names) / sum(tries[name, kind] for name in names)
        rows.append([*row, f"{share:.1%}"])
    share = sum(hits.values()) / max(1, sum(tries.values()))
    rows.append(
        ["all", *(f"{sum(hits[n, k] for k in kinds)}/{sum(tries[n, k] for k in kinds)}" for n in names), f"{share:.1%}"]
    )
    blame = sum(accused.values()) / sum(clean.values())
    rows.append(["clean columns accused", *(f"{accused[n]}/{clean[n]}" for n in names), f"{blame:.2%}"])
    rows.append(["prepare, CPU s, median", *(f"{np.median(spent[n]):.2f}" for n in names), ""])
    _common.print_table(head, rows)
    for line in missed:
        print("missed:", line)
    for (name, column), count in wrong.most_common():
        print(f"accused: {name} '{column}' {count} times")
    fine = share >= FOUND and blame <= ACCUSED
    print(
        f"bars: found at least {FOUND:.0%}, clean columns accused at most {ACCUSED:.0%}: {'kept' if fine else 'NOT kept'}"
    )
    print(f"--seeds {given.seeds} --first {given.first}; {_common.machine()}")


if __name__ == "__main__":
    main()
