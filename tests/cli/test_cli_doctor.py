"""The doctor finds what is broken and says how to mend it."""

from __future__ import annotations

import builtins
import importlib
from pathlib import Path
from typing import Any

import pytest

from openglm.cli import _machine


def test_a_healthy_machine(call: Any, call_json: Any) -> None:
    """Every needed thing is there: the tests themselves run on it."""
    code, answer = call_json("doctor")
    checks = {check["name"]: check for check in answer["checks"]}
    assert (code, answer["ok"]) == (0, True)
    assert {"python", "numpy", "scikit-learn", "lightgbm", "memory", "disk", "runs folder", "encoding"} <= set(checks)
    assert all(set(check) == {"name", "ok", "needed", "detail", "fix"} for check in answer["checks"])
    assert "numpy" in call("doctor").stdout and "环境" not in call("doctor").stdout
    assert "状态" in call("doctor", "--lang", "zh").stdout


def test_a_broken_package_is_named_and_exit_code_is_1(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed but not importable, as a wrong binary build is."""
    real = importlib.import_module

    def broken(name: str, *args: Any) -> Any:
        if name == "lightgbm":
            raise ImportError("libomp is missing")
        return real(name, *args)

    monkeypatch.setattr(_machine.importlib, "import_module", broken)
    done = call("doctor")
    assert done.exit_code == 1
    line = next(line for line in done.stdout.splitlines() if "lightgbm" in line)
    assert "BROKEN" in line and "libomp is missing" in line and "pip install" in line


def test_a_missing_extra_is_no_fault(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """But the command that installs it is shown."""
    real = _machine.find_spec
    monkeypatch.setattr(_machine, "find_spec", lambda name: None if name == "catboost" else real(name))
    done = call("doctor")
    assert done.exit_code == 0
    assert 'pip install "openglm[catboost]"' in done.stdout


def test_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Is found by trying, in the nearest folder that exists."""

    def refuse(**_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(_machine.tempfile, "NamedTemporaryFile", refuse)
    found = {check.name: check for check in _machine.look("en", tmp_path / "deep" / "runs")}["runs folder"]
    assert not found.ok and found.needed and "Permission denied" in found.detail and "--out" in found.fix


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    """No folder is made, no file stays."""
    _machine.look("zh", tmp_path / "runs")
    assert list(tmp_path.iterdir()) == []


def test_doctor_prints_nothing_it_does_not_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Importing every package is silent."""
    assert builtins.print is print
    _machine.look("en")
    assert capsys.readouterr() == ("", "")
