"""The two examples run as a newcomer runs them: from a shell, without arguments that are not documented."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def shell(*command: str, cwd: Path) -> str:
    """Return what a command prints, or fail with what it complained about."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, capture_output=True, encoding="utf-8", check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A copy of the examples, so that runs land beside it and not in the repository."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("runs", "__pycache__")))


@pytest.mark.slow
def test_the_snippet_runs_verbatim(here: Path) -> None:
    """Five lines without a main guard print a model and its metrics; nothing runs twice in the worker processes."""
    printed = shell("snippet.py", cwd=here).splitlines()
    assert len(printed) == 2
    assert printed[0].startswith("Pipeline(") and "target='purchased'" in printed[0]
    assert float(re.findall(r"'roc_auc': ([\d.]+)", printed[1])[0]) > 0.85


@pytest.mark.slow
def test_the_demo_tells_the_whole_story(here: Path) -> None:
    """The demo names the target and its evidence, comes close to the best possible AUC, and predicts new sessions."""
    printed = shell("demo.py", "--time", "30", "--out", "run", cwd=here)
    assert re.search(r"Target: +purchased .*购买", printed)
    assert float(re.findall(r"rows: ([\d.]+)%", printed)[0]) > 95
    assert "The first 5 of 200 new sessions" in printed
    assert (here / "run" / "report.html").exists()
