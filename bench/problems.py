"""Planted problems: which share of them `openglm check` finds, and how many clean columns it accuses.

Each kind is planted into one column (or the rows) of each table that can take it, for several seeds. Accused are columns
nobody touched that get a warning after planting which they did not get before; and, apart, the warnings of the tables as
they came, which may well be true: they are printed with --show.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import _common
import numpy as np
import pandas as pd

from openglm import prepare
from openglm.core.finding import Finding

Rng = np.random.Generator
Planted = tuple[pd.DataFrame, str | None] | None


def numeric(frame: pd.DataFrame, target: str, rng: Rng, *, positive: bool = False, spread: float = 0.0) -> str | None:
    """Return a random column of many numbers, one that is positive (and within ``spread`` decades), if there is one."""
    names = []
    for name in frame.columns:
        cells = frame[name]
        if name == target or not pd.api.types.is_numeric_dtype(cells) or cells.nunique() < 40:
            continue
        known = cells.dropna().astype(float)
        if positive and known.min() <= 0:
            continue
        if spread and np.ptp(np.log10(known.quantile([0.005, 0.995]))) > spread:
            continue
        names.append(name)
    return str(rng.choice(names)) if names else None


def category(frame: pd.DataFrame, target: str, rng: Rng, *, letters: int = 0) -> str | None:
    """Return a random column of at most 40 labels, one with a frequent label of so many letters."""
    names = []
    for name in frame.columns:
        cells = frame[name]
        if name == target or pd.api.types.is_numeric_dtype(cells) or not 2 < cells.nunique() <= 40:
            continue
        top = str(cells.mode()[0])
        if len(top) >= letters and (not letters or (top.isascii() and top.isalpha())):
            names.append(name)
    return str(rng.choice(names)) if names else None


def some(frame: pd.DataFrame, rng: Rng, share: float, least: int = 5) -> Any:
    return rng.choice(len(frame), max(least, int(share * len(frame))), replace=False)


def with_cells(frame: pd.DataFrame, name: str, rows: Any, values: Any, *, text: bool = False) -> pd.DataFrame:
    made = frame.copy()
    cells = made[name].astype(object)
    if text:
        cells = cells.map(lambda v: v if pd.isna(v) else str(v))
    cells.iloc[rows] = values
    made[name] = cells if text or cells.map(type).eq(str).any() else cells.astype(float)
    return made


def sentinel(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    name = numeric(frame, target, rng, positive=True)
    return name and (with_cells(frame, name, some(frame, rng, 0.03), float(rng.choice([-999, -9999]))), name)


def mark(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    name = category(frame, target, rng)
    return name and (
        with_cells(frame, name, some(frame, rng, 0.03), str(rng.choice(["?", "未知", "-"])), text=True),
        name,
    )


def mark_in_numbers(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    name = numeric(frame, target, rng)
    return name and (
        with_cells(frame, name, some(frame, rng, 0.03), str(rng.choice(["?", "无", "暂无数据"])), text=True),
        name,
    )


def spelling(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    name = category(frame, target, rng)
    if name is None:
        return None
    rows = some(frame, rng, 0.02)
    change = rng.choice([str.upper, str.swapcase, lambda s: "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in s)])  # fmt: skip
    top = str(frame[name].mode()[0])
    wrong = change(top)
    if wrong == top:
        wrong = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in top)
    return None if wrong == top else (with_cells(frame, name, rows, wrong, text=True), name)


def typo(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    name = category(frame, target, rng, letters=6)
    if name is None:
        return None
    top = str(frame[name].mode()[0])
    place = int(rng.integers(1, len(top)))
    wrong = top[:place] + top[place + 1 :]
    return with_cells(frame, name, some(frame, rng, 0.0, 2), wrong, text=True), name


def outlier(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    name = numeric(frame, target, rng, positive=True, spread=2.0)
    if name is None:
        return None
    rows = some(frame, rng, 0.0, 1)
    return with_cells(frame, name, rows, float(frame[name].max()) * 100), name


def units(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    name = numeric(frame, target, rng, positive=True, spread=1.0)
    if name is None:
        return None
    rows = some(frame, rng, 0.08, 20)
    factor = float(rng.choice([1e3, 1e4]))
    return with_cells(frame, name, rows, frame[name].to_numpy(dtype=float)[rows] * factor), name


def capped(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    name = numeric(frame, target, rng)
    if name is None or frame[name].nunique() < 150 or len(frame) < 300:
        return None
    made = frame.copy()
    made[name] = made[name].clip(upper=made[name].quantile(0.93) + 0.0)
    return (made, name) if made[name].nunique() > 100 else None


def duplicate_column(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    names = [n for n in frame.columns if n != target and 2 < frame[n].nunique() < 0.5 * len(frame)]
    name = str(rng.choice(names)) if names else None
    if name is None:
        return None
    made = frame.copy()
    made["copied"] = made[name]
    return made, "copied"


def duplicate_rows(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    return pd.concat([frame, frame.iloc[some(frame, rng, 0.05)]], ignore_index=True), None


def damaged(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    made = frame.copy()
    made["city"] = rng.choice(["Zürich", "München", "Genève", "北京"], len(frame))
    rows = some(frame, rng, 0.1)
    made.loc[rows, "city"] = [v.encode("utf-8").decode("cp1252", errors="replace") for v in made.loc[rows, "city"]]
    return made, "city"


def dates_mixed(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    days = pd.Series(pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1500, len(frame)), unit="D"))
    made = frame.copy()
    made["signed"] = np.where(rng.random(len(frame)) < 0.8, days.dt.strftime("%Y-%m-%d"), days.dt.strftime("%d/%m/%Y"))
    return made, "signed"


def future(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    days = pd.Series(pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 3000, len(frame)), unit="D"))
    days.iloc[some(frame, rng, 0.01)] = pd.Timestamp("2215-03-05")
    return frame.assign(visited=days.dt.strftime("%Y-%m-%d")), "visited"


def date_order(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    start = pd.Series(pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 2000, len(frame)), unit="D"))
    end = start + pd.to_timedelta(rng.integers(1, 40, len(frame)), unit="D")
    rows = some(frame, rng, 0.01, 2)
    end.iloc[rows] = start.iloc[rows] - pd.Timedelta(days=9)
    return frame.assign(admitted=start.astype(str), discharged=end.astype(str)), "discharged"


def impossible(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    ages = rng.integers(18, 90, len(frame)).astype(float)
    ages[some(frame, rng, 0.0, 2)] = rng.choice([-4.0, 212.0], 2)
    return frame.assign(patient_age=ages), "patient_age"


def near_constant(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    cells = np.full(len(frame), "normal", dtype=object)
    cells[some(frame, rng, 0.0, 1)] = "other"
    return frame.assign(state=cells), "state"


def missing_together(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    made = frame.assign(lab_a=rng.normal(size=len(frame)), lab_b=rng.normal(size=len(frame)))
    made.loc[some(frame, rng, 0.1, 8), ["lab_a", "lab_b"]] = np.nan
    return made, "lab_a"


def header_again(frame: pd.DataFrame, target: str, rng: Rng) -> Planted:
    again = pd.DataFrame([dict(zip(frame.columns, frame.columns, strict=True))])
    return pd.concat([frame, again], ignore_index=True).astype(object).map(lambda v: v if pd.isna(v) else str(v)), None


KINDS: dict[str, tuple[Callable[[pd.DataFrame, str, Rng], Planted], tuple[str, ...]]] = {
    "missing as -999": (sentinel, ("disguised-missing",)),
    "missing as a mark": (mark, ("disguised-missing",)),
    "a mark among numbers": (mark_in_numbers, ("disguised-missing",)),
    "one level, two spellings": (spelling, ("spelling-variants",)),
    "typing mistake": (typo, ("spelling-variants",)),
    "outlier": (outlier, ("outliers",)),
    "mixed units": (units, ("mixed-units",)),
    "cut off": (capped, ("capped-values",)),
    "duplicate column": (duplicate_column, ("duplicate-columns",)),
    "duplicate rows": (duplicate_rows, ("duplicates",)),
    "damaged text": (damaged, ("damaged-text",)),
    "mixed date formats": (dates_mixed, ("mixed-date-formats",)),
    "future dates": (future, ("future-dates",)),
    "end before start": (date_order, ("date-order",)),
    "impossible ages": (impossible, ("impossible-values",)),
    "near-constant": (near_constant, ("near-constant",)),
    "missing together": (missing_together, ("missing-together",)),
    "header among rows": (header_again, ("header-in-rows",)),
}


def said(frame: pd.DataFrame) -> tuple[Finding, ...]:
    return prepare.check(prepare.load(frame))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, help="folder with datasets.json (default: the repository's own tables)")
    parser.add_argument("--only", nargs="*", default=[], help="names of tables")
    parser.add_argument(
        "--seeds", type=int, default=3, help="times that each kind is planted into each table (default 3)"
    )
    parser.add_argument("--rows", type=int, default=3000, help="rows of each table at most (default 3000)")
    parser.add_argument("--show", action="store_true", help="print what was missed, and the warnings before planting")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    found: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    accused = clean = before = columns = 0
    for table in _common.tables(given.tables, given.only):
        frame = table.frame.sample(min(given.rows, len(table.frame)), random_state=0).reset_index(drop=True)
        usual = said(frame)
        known = {(f.code, f.column) for f in usual}
        columns += frame.shape[1]
        before += len({f.column for f in usual if f.severity != "note" and f.column})
        if given.show:
            for finding in usual:
                if finding.severity != "note":
                    print(f"  {table.name}: {finding.code}: {finding.message.en}")
        for number, (kind, (plant, codes)) in enumerate(KINDS.items()):
            for seed in range(given.seeds):
                made = plant(frame, table.target, np.random.default_rng([seed, number]))
                if not made:
                    continue
                planted, name = made
                now = said(planted)
                hit = any(f.code in codes and (name is None or f.column == name) for f in now)
                found[kind].append(hit)
                if not hit and given.show:
                    print(f"  missed: {kind} in {table.name}.{name} (seed {seed})")
                if kind == "header among rows":
                    continue  # every column has become text: none is clean
                new = {f.column for f in now if f.severity != "note" and (f.code, f.column) not in known}
                accused += len(new & set(frame.columns) - {name})
                clean += frame.shape[1] - (name in frame.columns)
    rows = [[kind, len(hits), f"{np.mean(hits):.1%}" if hits else "-"] for kind, hits in found.items()]
    all_hits = [hit for hits in found.values() for hit in hits]
    _common.print_table(["planted", "times", "found"], [*rows, ["all", len(all_hits), f"{np.mean(all_hits):.1%}"]])
    print(f"clean columns accused by planting elsewhere: {accused} of {clean} ({accused / clean:.2%})")
    print(f"columns with a warning before planting: {before} of {columns} ({before / columns:.1%}); --show prints them")
    print(f"--seeds {given.seeds} --rows {given.rows}; {_common.machine()}")


if __name__ == "__main__":
    main()
