"""Stopping and dying for real: Ctrl-C, ``openglm stop``, ``kill -9``, and the budget."""

import json
import os
import signal
import sys

import psutil
import pytest

import openglm as package
from openglm.core.run import Run
from tests.flow.conftest import make_shop, wait_for

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def _events(run):
    return [event["event"] for event in run.events]


def _started(tmp_path, openglm, *more, rows=3000):
    make_shop(rows).to_csv(tmp_path / "shop.csv", index=False)
    args = ("run", "预测哪些客户会流失", "shop.csv", "--out", "out", "--json", *more)
    process = openglm.start(*args)
    run = Run(tmp_path / "out")
    return process, run, args


def _trials(run):
    return [trial.candidate.id for trial in run.trials if trial.candidate.id != "t0000"]


@posix
def test_ctrl_c_keeps_the_best(tmp_path, openglm):
    """Ctrl-C to the whole process group, as a terminal sends it: a valid result all the same."""
    process, run, _ = _started(tmp_path, openglm, "--time", "600")
    wait_for(lambda: len(_trials(run)) >= 2)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    result = json.loads(out)
    assert result["status"] == "stopped"
    assert result["metrics"]["roc_auc"] > 0.6
    assert package.load(run.path).predict(make_shop(5)).shape == (5,)


def test_stop_from_another_terminal(tmp_path, openglm):
    """``openglm stop`` ends a run with a valid result; the run can be resumed later."""
    process, run, _ = _started(tmp_path, openglm, "--time", "600")
    wait_for(lambda: len(_trials(run)) >= 1)
    openglm("stop", "out", check=0)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert json.loads(out)["status"] == "stopped"
    assert (run.path / "report.html").exists()


@posix
@pytest.mark.parametrize("moment", ["trial", "plan", "refit"])
def test_kill_and_go_on(tmp_path, openglm, moment):
    """After ``kill -9`` the same command finishes the same run, no trial is repeated, no process is left behind."""
    seconds = "14" if moment == "refit" else "25"
    process, run, args = _started(tmp_path, openglm, "--time", seconds)
    reached = {
        "plan": lambda: run.has("plan.yaml"),
        "trial": lambda: run.has("state.json") and len(_trials(run)) >= 2,
        "refit": lambda: run.has("board.json"),
    }[moment]
    wait_for(reached)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    wait_for(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children), 20)
    before = _trials(run)
    again = openglm(*args, check=0)
    assert json.loads(again.stdout)["status"] == "finished"
    after = _trials(run)
    assert after[: len(before)] == before
    assert len(after) == len(set(after))
    assert "resumed" in _events(run)


def test_a_finished_run_is_not_repeated(tmp_path, openglm, shop_csv):
    """The same command on the same finished folder gives its result at once, without a new trial."""
    args = ("run", "predict churned", shop_csv, "--trials", "1", "--out", "out")
    first = openglm.json(*args)
    second = openglm.json(*args)
    assert second["metrics"] == first["metrics"]
    assert len(Run(tmp_path / "out").trials) == 2


def test_the_budget_is_kept_with_a_learner_that_hangs(tmp_path, monkeypatch):
    """A learner that ignores its clock costs its trial; the run ends with the others, in its budget and a grace period."""
    site = tmp_path / "site"
    info = site / "slow-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[openglm.models]\nsleeper = sleeper")
    (site / "sleeper.py").write_text(
        "import time\n"
        "from openglm.core.parts import Card\n"
        "from openglm.core.words import Said\n"
        "class Sleeper:\n"
        "    card = Card(id='sleeper', title=Said(en='x', zh='x'), source='a test', kinds=('binary',), cost=0.01)\n"
        "    partial, rounds = False, None\n"
        "    def __init__(self, *, kind, classes, seed=0, threads=1): pass\n"
        "    @classmethod\n"
        "    def space(cls, facts): return {}\n"
        "    def fit(self, x, y, **more): time.sleep(1000)\n"
    )
    monkeypatch.syspath_prepend(str(site))
    from openglm.core import registry

    registry.parts.cache_clear()
    try:
        task = package.Task(kind="binary", target="churned", metric="roc_auc", models=("sleeper", "linear"))
        result = package.run(task, make_shop(), time_limit=15, out=tmp_path / "run")
    finally:
        registry.parts.cache_clear()
    states = {trial.candidate.model: trial.state for trial in result.run.trials}
    assert states["sleeper"] == "timeout"
    assert result.report.better_than_baseline
