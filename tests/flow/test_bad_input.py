"""Bad input: one clear sentence, the right exit code, nothing half-written."""

import errno
import os

import numpy as np
import pandas as pd
import pytest

import openglm
from openglm import OpenGLMError
from openglm.core.errors import ColumnError, DataError, SourceError, StorageError
from tests.flow.conftest import make_shop


def _write(folder, name, content):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


ROWS = "".join(f"{i},{i % 3},{i % 2}\n" for i in range(60))
FILES = {
    "missing file": (None, SourceError, "no file|not found|does not exist"),
    "empty file": ("", SourceError, "empty"),
    "header only": ("a,b,churned\n", OpenGLMError, "no rows"),
    "one row": ("a,b,churned\n1,2,0\n", DataError, "row"),
    "one column": ("churned\n" + "0\n1\n" * 30, DataError, "learn from|one column|only"),
    "constant target": (
        "a,b,churned\n" + "".join(f"{i},{i % 3},1\n" for i in range(60)),
        OpenGLMError,
        "only one value|constant",
    ),
    "target missing everywhere": (
        "a,b,churned\n" + "".join(f"{i},{i % 3},\n" for i in range(60)),
        OpenGLMError,
        "churned",
    ),
    "duplicate columns": ("a,a,churned\n" + ROWS, DataError, "'a'"),
    "binary file": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, SourceError, "PNG|binary"),
    "nulls": (b"a,b\n\x00\x01\x02\x00" * 50, SourceError, "binary|text|Line 51"),
    "unreadable encoding": (b"a,b,churned\n\xff\xfe\xfa\x81,\x81\x8d,1\n" * 20, SourceError, "encoding|text|decode"),
}


@pytest.mark.parametrize("name", FILES)
def test_files(name, tmp_path, monkeypatch):
    """Each unusable file has a sentence of its own, in both languages, and leaves no run behind."""
    monkeypatch.chdir(tmp_path)
    content, kind, words = FILES[name]
    path = tmp_path / "data.csv"
    if content is not None:
        _write(tmp_path, "data.csv", content)
    with pytest.raises(kind, match=f"(?i){words}") as caught:
        openglm.run("predict churned", path, trials=1)
    assert caught.value.text("zh") != caught.value.text("en")
    assert "Traceback" not in str(caught.value)
    assert not (tmp_path / "runs").exists() or not any((tmp_path / "runs").iterdir())


def test_a_directory(tmp_path):
    """A folder is not a table."""
    with pytest.raises(SourceError, match=r"(?i)folder|directory"):
        openglm.run("predict churned", tmp_path, trials=1)


def test_a_target_that_is_not_there(shop):
    """The nearest name is suggested."""
    with pytest.raises(ColumnError, match="churned"):
        openglm.run("predict", shop, target="churn_ed", trials=1)


def test_a_third_of_the_target_missing(tmp_path):
    """Rows without a target are left out with a finding; the rest is learned."""
    frame = make_shop(300)
    frame["churned"] = frame["churned"].where(np.arange(300) % 10 >= 3)
    result = openglm.run("predict churned", frame, trials=1, out=tmp_path / "run")
    finding = next(f for f in result.findings if f.code == "target-missing-rows")
    assert (finding.severity, finding.rows) == ("warning", 90)


def test_an_empty_column_and_mixed_types(tmp_path):
    """An all-null column is dropped with a finding, a column of mixed types is read with one."""
    frame = make_shop(300).assign(nothing=None)
    frame["mixed"] = [1.5, "two", None] * 100
    result = openglm.run("predict churned", frame, trials=1, out=tmp_path / "run")
    assert any(f.code == "empty-dropped" and f.column == "nothing" for f in result.findings)
    assert "nothing" not in result.model.schema


@pytest.mark.parametrize("columns", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_many_columns(columns, tmp_path):
    """Very wide tables are planned, learned and predicted."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, columns)), columns=[f"c{i}" for i in range(columns)])
    frame["result"] = (frame["c7"] > 0).astype(int)
    result = openglm.run("predict result", frame, trials=1, out=tmp_path / "run")
    assert len(result.model.predict(frame)) == 60


def test_impossible_settings(shop):
    """Zero seconds, an unknown metric, an unknown preset: each says what would work."""
    with pytest.raises(OpenGLMError, match="budget cannot be used"):
        openglm.run("predict churned", shop, time_limit=0)
    with pytest.raises(OpenGLMError, match="accuracy"):
        openglm.run("predict churned", shop, metric="acuracy", trials=1)
    with pytest.raises(OpenGLMError, match="no preset"):
        openglm.run("predict churned", shop, preset="nobody/nothing", trials=1)


def test_disk_full_while_writing(tmp_path, shop, monkeypatch):
    """A full disk is one sentence, and what was there before is still whole."""
    calls = []
    real = os.fsync

    def full(handle):
        calls.append(handle)
        if len(calls) > 12:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        openglm.run("predict churned", shop, trials=1, out=tmp_path / "run")
    assert not list((tmp_path / "run").rglob("*.part"))


def test_an_unreadable_run_folder(tmp_path):
    """A folder that is no run, and a model with a byte changed, are refused."""
    (tmp_path / "x").mkdir()
    with pytest.raises(OpenGLMError, match="no readable model"):
        openglm.load(tmp_path / "x")
