"""Files appear whole or not at all."""

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openglm.core import store
from openglm.core.errors import StorageError


def test_write_is_whole_or_absent(tmp_path, monkeypatch):
    """When the disk is full the old file stays, no piece is left, and the error says what to do."""
    file = tmp_path / "a.txt"
    store.write_text(file, "old")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left") as caught:
        store.write_text(file, "new")
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert "磁盘已满" in caught.value.text("zh")


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists, no umask")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_files_have_the_usual_permissions(tmp_path, umask, mode):
    """Colleagues may read a report wherever the user's umask lets them, also after it was written again."""
    before = os.umask(umask)
    try:
        for text in ("one", "two"):
            store.write_text(tmp_path / "report.html", text)
            assert (tmp_path / "report.html").stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)


def test_a_file_in_the_way_is_said(tmp_path):
    """A file where a folder is needed is a clear sentence."""
    (tmp_path / "a").write_text("")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        store.write_text(tmp_path / "a" / "b", "x")


def test_lines_survive_a_cut(tmp_path):
    """A line cut off by a crash is skipped, and the next one starts afresh."""
    log = tmp_path / "log.jsonl"
    store.append_line(log, '{"a": 1}')
    with log.open("a") as file:
        file.write('{"a": 2, "b')
    store.append_line(log, '{"a": 3}')
    assert store.read_lines(log) == [{"a": 1}, {"a": 3}]
    assert store.read_lines(tmp_path / "none") == []


@given(data=st.binary(max_size=200))
def test_bytes_come_back(tmp_path_factory, data):
    """What is written is what is read."""
    file = tmp_path_factory.mktemp("store") / "x"
    store.write_bytes(file, data)
    assert file.read_bytes() == data
