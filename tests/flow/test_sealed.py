"""The sealed rows are opened once: poisoned ones change no choice, and nothing before the report depends on them."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import openglm
from openglm import Run, Task, prepare
from openglm import plan as planning
from openglm.core.budget import Budget
from openglm.core.dataset import Dataset
from openglm.core.preset import Preset
from tests.flow.conftest import make_shop

TIMED = ("seconds", "cpu_seconds")


def _run(folder, *, poison):
    """Do a run in two sittings; in between the sealed rows are replaced by garbage, and at the report the model is set aside."""

    def cut(event):
        if event.get("stage") == "search":
            raise KeyboardInterrupt

    def keep(event):
        if event.get("stage") == "explain":
            shutil.copytree(folder / "run" / "pipeline", folder / "measured")

    call = {"task": "predict churned", "data": make_shop(300), "target": "churned", "trials": 2, "out": folder / "run"}
    with pytest.raises(KeyboardInterrupt):
        openglm.run(**call, listener=cut)
    data = Dataset.load(folder / "run" / "data", sealed=True)
    assert not Run(folder / "run").has("trials.jsonl")
    if poison:
        replace(data, sealed=_garbage(data.sealed)).save(folder / "run" / "data")
    return openglm.run(**call, listener=keep)


def _garbage(rows):
    """Targets turned round, inputs shuffled one by one, numbers far away; the shape stays."""
    rng = np.random.default_rng(9)
    x = {name: rng.permutation(values) for name, values in rows.x.items()}
    x = {name: v if v.dtype == object else 1000 + 50 * v for name, v in x.items()}
    return replace(rows, x=x, y=1 - rows.y)


def _trials(run):
    lines = [json.loads(line) for line in (run.path / "trials.jsonl").read_text(encoding="utf-8").splitlines()]
    return [{name: value for name, value in line.items() if name not in TIMED} for line in lines]


def _files(folder):
    found = {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}
    made = {**json.loads(found["manifest.json"]), "created_at": ""}
    return {**found, "manifest.json": json.dumps(made).encode()}


def test_poisoned_sealed_rows_change_nothing_but_the_report(tmp_path):
    """Trials, ensemble, threshold, checks and the measured model are the same to the byte; only the score knows."""
    results = {}
    for name in ("clean", "poisoned"):
        (tmp_path / name).mkdir()
        results[name] = _run(tmp_path / name, poison=name == "poisoned")
    clean, poisoned = (results[name].run for name in ("clean", "poisoned"))
    assert len(_trials(clean)) == 3
    assert _trials(clean) == _trials(poisoned)
    for file in ("board.json", "plan.yaml", "repeated.json", "data/train.feather"):
        assert (clean.path / file).read_bytes() == (poisoned.path / file).read_bytes(), file
    measured = _files(tmp_path / "clean" / "measured")
    assert len(measured) > 3
    assert measured == _files(tmp_path / "poisoned" / "measured")
    assert results["clean"].metrics["roc_auc"] > 0.65 > 0.6 > results["poisoned"].metrics["roc_auc"]


def test_preparing_does_not_look_at_sealed_targets():
    """Along time the sealed rows are known beforehand: with their targets turned round the same columns, leaks and plan come out."""
    frame = make_shop(500).rename(columns={"since": "order_date"}).sort_values("order_date", ignore_index=True)
    frame["copy"] = frame["churned"].map({"yes": 1.0, "no": 0.0})
    task = Task(kind="binary", target="churned", metric="roc_auc")
    data, findings = prepare.prepare(prepare.load(frame), task)
    assert data.split.method == "time"
    assert {s.column for s in data.suspects if not s.kept} == {"copy"}
    turned = frame.copy()
    at = data.sealed.index
    turned.loc[at, "churned"] = frame.loc[at, "churned"].map({"yes": "no", "no": "yes"})
    other, others = prepare.prepare(prepare.load(turned), task)
    assert np.array_equal(other.sealed.index, at)
    assert (other.schema, other.suspects, other.split) == (data.schema, data.suspects, data.split)
    assert np.array_equal(other.train.y, data.train.y)
    assert [f.code for f in others] == [f.code for f in findings]
    plans = [planning.make_plan(d, Budget(), preset=Preset.load()) for d in (data, other)]
    assert plans[0] == plans[1]
