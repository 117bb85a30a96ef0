"""Files of a run: written aside and then renamed, so that a reader or a power cut never sees half a file."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openglm.core.errors import StorageError
from openglm.core.words import Said

_ELSEWHERE = Said(
    en="Choose another folder with --out (out= in Python).", zh="请用 --out(Python 中为 out=)指定其他目录。"
)


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's write errors into one clear sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            what = Said(en=f"No space left on the disk while writing {path}.", zh=f"写入 {path} 时磁盘已满。")
            hint = Said(
                en="Free some space or choose another folder with --out (out= in Python); nothing half-written was left behind.",
                zh="请清理磁盘或用 --out(Python 中为 out=)指定其他目录;没有留下写了一半的文件。",
            )
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            what = Said(en=f"No permission to write {path}.", zh=f"没有写入 {path} 的权限。")
            hint = _ELSEWHERE
        elif error.errno in (errno.ENOTDIR, errno.EEXIST):
            what = Said(
                en=f"Cannot write {path}: a file stands where a folder is needed.",
                zh=f"无法写入 {path}:该处已有同名文件,而需要的是目录。",
            )
            hint = _ELSEWHERE
        else:
            raise
        raise StorageError(what, hint=hint) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically: aside, flushed to disk, then renamed. Others may read it where the umask lets them.

    Raises
    ------
    StorageError
        If the disk is full or the place cannot be written; ``path`` then holds what it held before.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not tempfile.mkstemp: only the owner may read its files, and colleagues shall open the report.
        aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
        try:
            with aside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                aside.unlink()
            raise


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 ``text`` atomically; see :func:`write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write plain JSON data atomically, readable by people (Chinese not escaped)."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def append_line(path: Path, line: str) -> None:
    """Append one line to a log and hand it to the operating system at once."""
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            # A crash can leave half a line: start afresh behind it.
            if file.tell() and not _ends_with_newline(path):
                file.write(b"\n")
            file.write(line.encode("utf-8") + b"\n")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the JSON objects of a ``.jsonl`` file; a line cut short by a crash is skipped."""
    if not path.exists():
        return []
    found = []
    for line in path.read_bytes().split(b"\n"):
        with contextlib.suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                found.append(value)
    return found


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
