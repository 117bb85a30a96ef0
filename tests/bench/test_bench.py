"""The benchmarks measure what they say: scores agree with scikit-learn, ranks are fair, every script explains itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCH = Path(__file__).parents[2] / "bench"
SCRIPTS = sorted(path.name for path in BENCH.glob("[!_]*.py"))
sys.path.append(str(BENCH))

import _common  # noqa: E402 - the scripts are no package; they find it beside them, as here


def table(target: list, task: str, metric: str) -> _common.Table:
    """A table of which only the target matters."""
    frame = pd.DataFrame({"a": np.arange(len(target)), "y": target})
    return _common.Table("t", frame, "y", task, metric)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_has_help(script: str) -> None:
    """``--help`` works without training anything."""
    done = subprocess.run([sys.executable, BENCH / script, "--help"], capture_output=True, check=True, encoding="utf-8")
    assert "usage:" in done.stdout


def test_auc_counts_the_last_class_in_whatever_order_the_classes_come() -> None:
    """A perfect ranking is 1 with the classes in either order."""
    asked = table(["no", "yes", "no", "yes"], "binary", "roc_auc")
    chance = np.array([0.1, 0.9, 0.2, 0.8])
    for classes in (["no", "yes"], ["yes", "no"]):
        answers = np.column_stack([chance if label == "yes" else 1 - chance for label in classes])
        assert _common.score(asked, asked.frame, answers, classes) == 1.0


def test_log_loss_of_a_class_that_was_not_learned_is_finite() -> None:
    """A class that the training part lacked gets the smallest probability, not an error."""
    asked = table(["a", "b", "c", "a"], "multiclass", "log_loss")
    loss = _common.score(asked, asked.frame, np.full((4, 2), 0.5), ["a", "b"])
    assert loss == pytest.approx((3 * np.log(2) - np.log(1e-15)) / 4, rel=1e-3)


def test_rmse_is_the_root_of_the_mean_square() -> None:
    """Three off by one, one off by three."""
    asked = table([1.0, 2.0, 3.0, 4.0], "regression", "rmse")
    assert _common.score(asked, asked.frame, np.array([2.0, 3.0, 4.0, 7.0]), None) == pytest.approx(np.sqrt(3))


def test_ranks_follow_the_direction_and_share_ties() -> None:
    """Best is 1; equal scores share the mean rank."""
    assert _common.ranks("roc_auc", {"a": 0.9, "b": 0.8, "c": 0.9}) == {"a": 1.5, "b": 3.0, "c": 1.5}
    assert _common.ranks("rmse", {"a": 2.0, "b": 1.0}) == {"a": 2.0, "b": 1.0}


def test_split_is_the_same_again_and_keeps_the_shares() -> None:
    """Equal seeds, equal rows; a quarter is for testing, with the classes in proportion."""
    asked = table([0, 0, 0, 1] * 25, "binary", "roc_auc")
    train, test = _common.split(asked, 3)
    again, _ = _common.split(asked, 3)
    assert len(test) == 25
    assert train.index.equals(again.index)
    assert not set(train.index) & set(test.index)
    assert train["y"].mean() == pytest.approx(0.25, abs=0.01)


def test_encoding_learns_from_training_rows_only() -> None:
    """A word that only the test rows have is missing there, and numbers stay as they are."""
    frame = pd.DataFrame({"word": ["x", "y", None, "z"], "n": [1.0, 2.0, 3.0, np.nan], "y": [0, 1, 0, 1]})
    asked = _common.Table("t", frame, "y", "binary", "roc_auc")
    train, test = _common.encoded(asked, frame[:3], frame[3:])
    assert train["x0"].tolist()[:2] == [0.0, 1.0]
    assert np.isnan(train["x0"].iloc[2])
    assert np.isnan(test["x0"].iloc[0])
    assert train["x1"].tolist() == [1.0, 2.0, 3.0]


def test_resized_keeps_whole_numbers_whole() -> None:
    """Only columns with fractions are jittered, by far less than their spread."""
    frame = pd.DataFrame({"whole": [1, 2, 3], "part": [0.5, 1.5, 2.5]})
    drawn = _common.resized(frame, 1000, seed=1)
    assert set(drawn["whole"]) == {1, 2, 3}
    assert drawn["part"].nunique() == 1000
    assert np.abs(drawn["part"] - (drawn["whole"] - 0.5)).max() < 0.01


def test_a_watched_process_reports_its_end_and_its_memory() -> None:
    """Exit code, output and a peak that is at least what the child held."""
    code = "import time; held = bytearray(80_000_000); print('你好'); time.sleep(0.4); raise SystemExit(3)"
    done = _common.watch([sys.executable, "-c", code])
    assert (done.code, done.stdout.strip()) == (3, "你好")
    assert done.peak_mb > 76
