"""What the benchmarks share: tables, splits, peers, scores, processes under watch, printed tables.

Scores are computed here with scikit-learn on rows that openglm never saw, not taken from openglm's own report.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CLI = (sys.executable, "-c", "from openglm.cli import main; main()")  # what the script `openglm` does
TEST_SHARE = 0.25  # the split the project's targets were stated for
LOW_IS_GOOD = {"rmse", "log_loss", "mae"}


INHERITED = dict(os.environ)
# Idle OpenMP threads of the peers sleep instead of spinning, or a busy machine stalls them; openglm decides for itself.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@dataclass(frozen=True)
class Table:
    """A data set with what is asked of it; ``task`` is binary, multiclass or regression."""

    name: str
    frame: Any
    target: str
    task: str
    metric: str


def simulator() -> ModuleType:
    """Return the module that writes the sample data."""
    path = ROOT / "examples" / "make_purchase_log.py"
    spec = importlib.util.spec_from_file_location("make_purchase_log", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# ── tables ──


def tables(folder: Path | None, only: Sequence[str]) -> list[Table]:
    """Return the bundled tables, or those that ``folder/datasets.json`` lists; ``only`` names some of them."""
    if folder is None:
        names = ("purchase_log", "breast_cancer", "wine", "digits", "diabetes")
        makers = {name: (lambda name=name: _bundled(name)) for name in names}
    else:
        listed = json.loads((folder / "datasets.json").read_text(encoding="utf-8"))
        makers = {item["name"]: (lambda item=item: _listed(folder, item)) for item in listed}
    unknown = set(only) - set(makers)
    if unknown:
        raise SystemExit(f"no table {', '.join(sorted(unknown))}; there are: {', '.join(makers)}")
    return [make() for name, make in makers.items() if not only or name in only]


def _listed(folder: Path, item: dict[str, Any]) -> Table:
    import pandas as pd

    frame = pd.read_csv(folder / item["file"])
    frame = frame[frame[item["target"]].notna()].reset_index(drop=True)
    return Table(item["name"], frame, item["target"], item["task"], item["metric"])


def _bundled(name: str) -> Table:
    import pandas as pd

    if name == "purchase_log":
        frame = pd.read_csv(ROOT / "examples" / "data" / "purchase_log.csv")
        return Table(name, frame, "purchased", "binary", "roc_auc")
    from sklearn import datasets

    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    task = {"breast_cancer": "binary", "diabetes": "regression"}.get(name, "multiclass")
    return Table(name, frame, "target", task, {"binary": "roc_auc", "regression": "rmse"}.get(task, "log_loss"))


def split(table: Table, seed: int) -> tuple[Any, Any]:
    """Return training rows and test rows, 75/25, classes in equal shares."""
    from sklearn.model_selection import train_test_split

    shares = None if table.task == "regression" else table.frame[table.target].astype(str)
    train, test = train_test_split(table.frame, test_size=TEST_SHARE, random_state=seed, stratify=shares)
    return train, test


def resized(frame: Any, rows: int, seed: int) -> Any:
    """Return ``rows`` rows drawn with replacement; fractions get a jitter of a thousandth of their spread."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    drawn = frame.iloc[rng.integers(0, len(frame), rows)].reset_index(drop=True)
    for name in drawn.columns:
        if pd.api.types.is_float_dtype(drawn[name]) and (drawn[name].dropna() % 1 != 0).any():
            drawn[name] += rng.normal(0, 1e-3 * float(np.nanstd(drawn[name])), rows)
    return drawn


# ── peers ──


def encoded(table: Table, train: Any, test: Any) -> tuple[Any, Any]:
    """Return the inputs as numbers: text as ordinal codes learned on the training rows, unseen and missing as NaN."""
    import pandas as pd

    made = []
    columns = [name for name in table.frame.columns if name != table.target]
    words = {
        name: {word: i for i, word in enumerate(sorted(train[name].dropna().astype(str).unique()))}
        for name in columns
        if not pd.api.types.is_numeric_dtype(train[name]) or pd.api.types.is_bool_dtype(train[name])
    }
    for part in (train, test):
        made.append(
            pd.DataFrame(
                {
                    f"x{i}": part[name].astype("object").map(lambda v, w=words[name]: w.get(str(v))).astype(float)
                    if name in words
                    else part[name].astype(float)
                    for i, name in enumerate(columns)
                }
            )
        )
    return made[0], made[1]


def fit_peer(name: str, table: Table, train: Any, test: Any, *, seconds: float, seed: int) -> tuple[float, float]:
    """Return score and wall seconds of a peer on these rows."""
    x_train, x_test = encoded(table, train, test)
    y = train[table.target] if table.task == "regression" else train[table.target].astype(str)
    start = time.monotonic()
    model = _peer(name, table, seconds, seed)
    model.fit(x_train, y)
    if table.task == "regression":
        value = score(table, test, model.predict(x_test), None)
    else:
        value = score(table, test, model.predict_proba(x_test), [str(label) for label in model.classes_])
    return value, time.monotonic() - start


def _peer(name: str, table: Table, seconds: float, seed: int) -> Any:
    values = table.task == "regression"
    if name == "lightgbm":
        import lightgbm

        kind = lightgbm.LGBMRegressor if values else lightgbm.LGBMClassifier
        return kind(verbose=-1, random_state=seed)
    if name == "histgb":
        from sklearn import ensemble

        return (ensemble.HistGradientBoostingRegressor if values else ensemble.HistGradientBoostingClassifier)(
            random_state=seed
        )
    return _Flaml(table, seconds, seed)


class _Flaml:
    """FLAML with the same seconds and metric, when it is installed."""

    def __init__(self, table: Table, seconds: float, seed: int) -> None:
        from flaml import AutoML

        self._automl = AutoML()
        kind = "regression" if table.task == "regression" else "classification"
        self._settings = {"task": kind, "metric": table.metric, "time_budget": seconds, "seed": seed, "verbose": 0}

    def fit(self, x: Any, y: Any) -> None:
        self._automl.fit(x, y, **self._settings)

    def predict(self, x: Any) -> Any:
        return self._automl.predict(x)

    def predict_proba(self, x: Any) -> Any:
        return self._automl.predict_proba(x)

    @property
    def classes_(self) -> Any:
        return self._automl.classes_


def score(table: Table, test: Any, answers: Any, classes: list[str] | None) -> float:
    """Return the table's metric: roc_auc of the last class in sorted order, log_loss, or rmse."""
    import numpy as np
    from sklearn import metrics

    if table.task == "regression":
        return float(metrics.root_mean_squared_error(test[table.target].to_numpy(float), np.asarray(answers).ravel()))
    assert classes is not None
    labels = sorted(table.frame[table.target].astype(str).unique())
    truth = test[table.target].astype(str).map({label: i for i, label in enumerate(labels)}).to_numpy(int)
    proba = np.full((len(test), len(labels)), 1e-15)
    for place, label in enumerate(classes):
        proba[:, labels.index(label)] = answers[:, place]
    if table.metric == "roc_auc" and len(labels) == 2:
        return float(metrics.roc_auc_score(truth, proba[:, 1]))
    proba = np.clip(proba, 1e-15, 1)
    return float(metrics.log_loss(truth, proba / proba.sum(axis=1, keepdims=True), labels=np.arange(len(labels))))


def ranks(metric: str, scores: dict[str, float]) -> dict[str, float]:
    """Return the rank of each, 1 is best, ties share their mean."""
    sign = 1 if metric in LOW_IS_GOOD else -1
    key = {name: sign * round(value, 6) for name, value in scores.items()}
    return {
        name: 1 + sum(v < own for v in key.values()) + (sum(v == own for v in key.values()) - 1) / 2
        for name, own in key.items()
    }


# ── processes under watch ──


@dataclass(frozen=True)
class Watched:
    """A finished child: exit code, wall seconds, peak resident MiB of the whole process tree, its output, its start."""

    code: int
    seconds: float
    peak_mb: float
    stdout: str
    stderr: str
    started: float


def watch(command: Sequence[str], *, cwd: Path | None = None) -> Watched:
    """Run a command to its end and look at the memory of its process tree ten times a second.

    Resident pages that processes share count once per process, so the peak is an upper bound.
    """
    start, started = time.monotonic(), time.time()
    child = subprocess.Popen(
        list(command), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env=utf8_environment(),
    )  # fmt: skip
    peak = [0.0]
    watcher = threading.Thread(target=_watch_memory, args=(child, peak), daemon=True)
    watcher.start()
    stdout, stderr = child.communicate()
    seconds = time.monotonic() - start
    watcher.join()
    return Watched(child.returncode, seconds, peak[0], stdout, stderr, started)


def _watch_memory(child: subprocess.Popen[str], peak: list[float]) -> None:
    import psutil

    while child.poll() is None:
        total = 0.0
        try:
            process = psutil.Process(child.pid)
            for one in (process, *process.children(recursive=True)):
                try:
                    total += one.memory_info().rss / 2**20
                except psutil.Error:
                    continue
        except psutil.Error:
            return
        peak[0] = max(peak[0], total)
        time.sleep(0.1)


def utf8_environment() -> dict[str, str]:
    """Return the environment with UTF-8 said aloud, so that Chinese output survives on Windows."""
    return {**INHERITED, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}


def train_by_command(
    data: Path, out: Path, *, target: str, seconds: float, metric: str | None = None, seed: int = 0
) -> Watched:
    """Run ``openglm run`` as a user would, with the target given.

    Raises
    ------
    SystemExit
        If it fails; with what it said.
    """
    command = [*CLI, "run", f"Predict {target}", str(data), "--time", f"{seconds:g}", "--target", target]
    command += ["--seed", str(seed), "--out", str(out), "--yes", "--json"]
    done = watch(command + (["--metric", metric] if metric else []))
    if done.code != 0:
        raise SystemExit(f"openglm run ended with code {done.code}:\n{done.stdout}\n{done.stderr}")
    return done


def folder_mb(folder: Path) -> float:
    """Return the size of all files in a folder, in MB of a million bytes."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


# ── printing ──


def print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a Markdown table with aligned columns."""
    cells = [[str(value) for value in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for number, row in enumerate(cells):
        print("| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    sys.stdout.flush()


def machine() -> str:
    """Return one line for the lab book: processor count, system, versions."""
    names = ("openglm", "numpy", "pandas", "scikit-learn", "lightgbm", "catboost")
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    where = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    return f"{where}; {', '.join(versions)}"
