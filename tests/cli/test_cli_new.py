"""``openglm new model`` writes a learner that works as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openglm.cli._template_model import TemplateModel
from openglm.core.budget import Clock
from openglm.core.errors import PlanError
from openglm.core.parts import Facts, Matrix, Output


def test_in_a_checkout_the_files_go_to_their_rooms(call: Any, tmp_path: Path) -> None:
    """openglm/models/NAME.py and tests/models/test_NAME.py."""
    (tmp_path / "openglm" / "models").mkdir(parents=True)
    done = call("new", "model", "gradient_stumps")
    assert done.exit_code == 0, done.stderr
    code = (tmp_path / "openglm" / "models" / "gradient_stumps.py").read_text(encoding="utf-8")
    test = (tmp_path / "tests" / "models" / "test_gradient_stumps.py").read_text(encoding="utf-8")
    assert "class GradientStumps:" in code and 'id="gradient_stumps"' in code
    assert "from openglm.models.gradient_stumps import GradientStumps" in test
    assert "emplate" not in code + test


def test_elsewhere_it_is_a_plug_in_whose_test_passes(call: Any, call_json: Any, tmp_path: Path) -> None:
    """The written test runs and passes untouched, doctest included."""
    code, answer = call_json("new", "model", "mine")
    assert code == 0 and [Path(file).name for file in answer["files"]] == ["mine.py", "test_mine.py"]
    assert any("entry-points" in line for line in answer["next"])
    flags = ["-q", "-W", "error", "--doctest-modules", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *flags, "mine.py", "test_mine.py"], cwd=tmp_path,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout and "failed" not in done.stdout


@pytest.mark.parametrize("name", ["Model", "9lives", "a-b", "class", "预测", "", "../evil", "lightgbm"])
def test_names_that_cannot_be(call: Any, tmp_path: Path, name: str) -> None:
    """No file name in Python, or taken already: refused, and nothing is written."""
    done = call("new", "model", name)
    assert done.exit_code == 2 and done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(call: Any, tmp_path: Path) -> None:
    """Not even when only the test exists."""
    (tmp_path / "test_mine.py").write_text("mine", encoding="utf-8")
    done = call("new", "model", "mine")
    assert done.exit_code == 2 and "exists already" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["test_mine.py"]


def test_other_parts_and_folders_are_refused(call: Any, tmp_path: Path) -> None:
    """With what there is instead."""
    assert "model" in call("new", "modle", "mine").stderr
    (tmp_path / "file").touch()
    done = call("new", "model", "mine", "--folder", "file")
    assert done.exit_code == 2 and "file, not a folder" in done.stderr


def test_the_folder_is_made(call: Any, tmp_path: Path) -> None:
    """A folder for the parts, unlike one that is missing above an output file."""
    assert call("new", "model", "mine", "--folder", "plug/in").exit_code == 0
    assert (tmp_path / "plug" / "in" / "mine.py").exists()


# ── the template itself ──


def matrix(values: list[list[float]]) -> Matrix:
    return Matrix(np.array(values, dtype=np.float32), tuple(Output(f"x{i}", f"x{i}") for i in range(len(values[0]))))


def fitted(x: Matrix, y: list[int], classes: int = 2, **params: Any) -> TemplateModel:
    kind: Any = "binary" if classes == 2 else "multiclass"
    return TemplateModel(kind=kind, classes=classes, **params).fit(x, np.array(y), watch=Clock(None))


def test_the_template_by_hand() -> None:
    """Means 0 and 10, variance 1, equal priors: the log odds of row 4 are (4-10)²/2 - 4²/2 = 10."""
    model = fitted(matrix([[-1.0], [1.0], [9.0], [11.0]]), [0, 0, 1, 1])
    p = model.predict(matrix([[4.0]]))[0]
    assert np.log(p[0] / p[1]) == pytest.approx(10.0)


def test_the_template_weighs_rows() -> None:
    """A row of weight 3 is the same as three rows."""
    x, y = [[0.0], [2.0], [9.0], [11.0]], [0, 0, 1, 1]
    weighted = TemplateModel(kind="binary", classes=2)
    weighted.fit(matrix(x), np.array(y), watch=Clock(None), weight=np.array([3.0, 1.0, 1.0, 1.0]))
    repeated = fitted(matrix([x[0], x[0], *x]), [0, 0, *y])
    assert np.allclose(weighted.predict(matrix([[5.0]])), repeated.predict(matrix([[5.0]])))


def test_the_template_shrinks_towards_the_middle() -> None:
    """With shrink = 1 only the class shares are left."""
    model = fitted(matrix([[0.0], [0.0], [0.0], [8.0]]), [0, 0, 0, 1], shrink=1.0)
    assert np.allclose(model.predict(matrix([[0.0], [8.0]])), [[4 / 6, 2 / 6]] * 2)


@pytest.mark.parametrize("y", [[0, 0, 0], [2, 0, 0]])
def test_the_template_bears_missing_classes(y: list[int]) -> None:
    """A class without rows gets a finite, positive probability."""
    p = fitted(matrix([[1.0], [2.0], [3.0]]), y, classes=3).predict(matrix([[1.0], [99.0]]))
    assert np.isfinite(p).all() and (p >= 0).all() and np.allclose(p.sum(axis=1), 1)


def test_the_template_keeps_its_promises_about_settings_and_time() -> None:
    """Settings are checked in fit; without time it says so."""
    x, y = matrix([[1.0], [2.0]]), np.array([0, 1])
    with pytest.raises(PlanError, match="shrink"):
        TemplateModel(kind="binary", classes=2, shrink=2.0).fit(x, y, watch=Clock(None))
    with pytest.raises(TimeoutError):
        TemplateModel(kind="binary", classes=2).fit(x, y, watch=Clock(0.0))
    assert set(TemplateModel.space(Facts(kind="binary", rows=10, columns=1))) == {"shrink"}
