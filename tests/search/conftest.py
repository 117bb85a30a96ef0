"""A small run, and a plug-in package whose learners misbehave in every way, found by its entry points."""

import numpy as np
import pytest

from openglm.core import registry
from openglm.core.budget import Budget
from openglm.core.dataset import Dataset, Rows
from openglm.core.plan import Entry, FeatureStep, Plan, Split
from openglm.core.run import Run
from openglm.core.schema import Column, Schema
from openglm.core.task import Task

MISBEHAVING = """
import os, time
import numpy as np
from openglm.core.parts import Card
from openglm.core.words import Said

class {name}:
    card = Card(id="{id}", title=Said(en="x", zh="x"), source="a test", kinds=("binary",), view="codes")
    partial, rounds = False, None
    def __init__(self, *, kind, classes, seed=0, threads=1, patience=0.0):
        self.classes, self.patience = classes, patience
    @classmethod
    def space(cls, facts):
        return {{}}
    def fit(self, x, y, *, valid=None, watch, weight=None, rounds=None):
        {fit}
        self.share = np.bincount(y, minlength=self.classes) / len(y)
        return self
    def predict(self, x):
        return np.tile(self.share, (len(x), 1)) {predict}
    def state(self):
        return {{"share": self.share}}
    def restore(self, state):
        self.share = state["share"]
        return self
"""
LEARNERS = {
    "fine": ("pass", ""),
    "raises": ("raise RuntimeError('numbers too large')", ""),
    "hangs": ("time.sleep(600)", ""),
    "dies": ("os._exit(5)", ""),
    "greedy": ("self.much = [bytearray(50_000_000) for _ in range(60) if not time.sleep(0.02)]", ""),
    "nan": ("pass", "* np.nan"),
    "late": ("raise TimeoutError('no time')", ""),
    "chatty": ("print('noise on stdout'); os.write(1, b'more noise')", ""),
}


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Install the misbehaving learners as a third-party package would be."""
    site = tmp_path / "site"
    info = site / "badparts-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: badparts\nVersion: 1.0\n")
    lines = ["[openglm.models]"]
    for name, (fit, predict) in LEARNERS.items():
        (site / f"bad_{name}.py").write_text(MISBEHAVING.format(name=name.title(), id=name, fit=fit, predict=predict))
        lines.append(f"{name} = bad_{name}")
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(site))
    registry.parts.cache_clear()
    yield site
    registry.parts.cache_clear()


def make_data(rows=120, folds=2):
    """Two classes that one column tells apart."""
    rng = np.random.default_rng(0)
    y = np.arange(rows) % 2
    x = {"a": y + rng.normal(0, 0.6, rows), "b": rng.normal(size=rows)}
    every = Rows(x, y.astype(np.int64), np.arange(rows))
    train, sealed = every.take(np.arange(rows - 30)), every.take(np.arange(rows - 30, rows))
    schema = Schema(columns=tuple(Column(name=n, role="numeric", dtype="float") for n in x), rows=rows)
    task = Task(kind="binary", target="y", metric="roc_auc", inputs=("a", "b"), positive_class=1)
    fold = (np.arange(rows - 30) // 2 % folds).astype(np.int8)
    return Dataset(task, schema, (0, 1), Split(folds=folds), train, fold, sealed)


def make_plan(data, models, **changes):
    """A plan over the given learners."""
    return Plan(
        recipe="tabular",
        task=data.task,
        views={
            view: (FeatureStep(part=part, columns=("a", "b")),)
            for view, part in (("codes", "numeric"), ("dense", "scaled"))
        },
        entries=tuple(Entry(model=m, view="dense" if m == "linear" else "codes") for m in models),
        split=data.split,
        **{"budget": Budget(seconds=20), **changes},
    )


@pytest.fixture
def make_run(tmp_path):
    """Return a function that writes a run folder with data and plan."""

    def make(models, data=None, **changes):
        data = data or make_data()
        run = Run(tmp_path / "run")
        run.start("fingerprint", {})
        data.save(run.path / "data")
        plan = make_plan(data, models, **changes)
        run.write_plan(plan)
        return run, plan, data

    return make
