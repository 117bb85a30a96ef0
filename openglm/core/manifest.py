"""What a finished run is made of: the hash of every file, of the data, of the code; and one digest that equal runs share.

Two runs with the same sentence, data, seed and number of trials, and without a time limit, differ in wall-clock times and in
the place of their folder, and in nothing else. :data:`TIMED` names every field that holds such a time or place; the digest
``result`` is taken without them, so equal runs have equal digests.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import ValidationError

from openglm.core import store
from openglm.core.errors import BundleError
from openglm.core.words import Said, Word

MANIFEST = "manifest.json"
"""Written last, into the run folder."""
SOURCE = "source.json"
"""Fingerprint and size of the table that was read."""
TIMED: dict[str, tuple[str, ...]] = {
    "trials.jsonl": ("seconds", "cpu_seconds"),
    "report.json": (
        "created_at", "seconds", "usage", "speed.batch_ms", "speed.one_row_ms", "leaderboard.*.fit_s",
        "leaderboard.*.predict_ms", "timeline.*.start_s", "timeline.*.end_s", "promises.constraint=max_latency_ms",
    ),
    "manifest.json": ("created_at",),
}  # fmt: skip
"""Name of a file → its fields that hold a wall-clock time or the place of the folder. ``*`` is every item of a list,
``key=value`` those items that have it."""
VIEWS = ("report.html", "report.md", "MODEL_CARD.md")
"""Drawn from ``report.json``; they show its times too."""
LOGS = ("events.jsonl", "state.json", "stop")
"""Times, process numbers and places are what these are for."""
COPIES = ("model.zip",)
"""Archives of ``pipeline/``, whose own files are in the digest; an archive holds the times of its files."""
_PART = re.compile(r"\..*\.part")
"""What a crash leaves of a file that was being written."""


class FileHash(Word):
    """Size and hash of one file of the run folder."""

    bytes: int
    sha256: str


class Code(Word):
    """The program that made the run: its version, and the hash of all files of the package."""

    version: str
    sha256: str


class Source(Word):
    """The table that was read: its content hash and size; where it lay does not matter."""

    fingerprint: str
    rows: int
    columns: int


class Manifest(Word):
    """What a run is made of.

    Parameters
    ----------
    data : Source or None
        Content hash of the table; ``None`` in runs of older versions.
    plan : str or None
        Hash of ``plan.yaml``.
    code : Code
        Of the program.
    python : str
        Version of Python.
    packages : dict of str to str
        Every installed package that is imported for a run, with its version.
    seed : int or None
        Of everything random.
    files : dict of str to FileHash
        Path in the run folder, with forward slashes → its hash; of every file but this one.
    result : str
        Hash of all results without wall-clock times: equal for equal runs.
    itself : str
        Hash of all of the above.
    """

    format: Literal[1] = 1
    data: Source | None = None
    plan: str | None = None
    code: Code
    python: str
    packages: dict[str, str] = {}
    seed: int | None = None
    files: dict[str, FileHash] = {}
    result: str
    itself: str = ""

    def sealed(self) -> Manifest:
        """Return it with its own hash."""
        text = self.model_copy(update={"itself": ""}).to_json(indent=None)
        return self.model_copy(update={"itself": sha256(text.encode("utf-8"))})


def make(folder: Path, *, seed: int | None = None) -> Manifest:
    """Return the manifest of a run folder as it is now.

    Parameters
    ----------
    folder : Path
        Of a finished run.
    seed : int or None
        Of the run.
    """
    import platform

    files = {name: _hash(folder / name) for name in names(folder)}
    plan = files.get("plan.yaml")
    return Manifest(
        data=source(folder), plan=plan.sha256 if plan else None, code=code(), python=platform.python_version(),
        packages=packages(), seed=seed, files=files, result=result(folder, files),
    ).sealed()  # fmt: skip


def write(folder: Path, *, seed: int | None = None) -> Manifest:
    """Write ``manifest.json`` into a run folder and return it."""
    made = make(folder, seed=seed)
    store.write_text(folder / MANIFEST, made.to_json() + "\n")
    return made


def read(folder: Path) -> Manifest:
    """Return the manifest of a run folder.

    Raises
    ------
    BundleError
        If it is missing or cannot be read.
    """
    try:
        return Manifest.from_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise BundleError(
            Said(en=f"The run {folder} has no {MANIFEST}: it is not finished, or an older version made it.",
                 zh=f"运行 {folder} 没有 {MANIFEST}: 尚未完成,或由旧版本生成。"),
            hint=Said(en=f"Finish it with: openglm resume {folder}", zh=f"请运行: openglm resume {folder}"),
        ) from error  # fmt: skip
    except (OSError, ValidationError, ValueError) as error:
        raise BundleError(
            Said(en=f"{folder / MANIFEST} cannot be read: it was changed.", zh=f"无法读取 {folder / MANIFEST}: 内容已被改动。"),
            hint=Said(en="Start the run again in another folder (--out).", zh="请用 --out 指定其他目录重新运行。"),
        ) from error  # fmt: skip


def names(folder: Path) -> list[str]:
    """Return every file of a run folder but its manifest, sorted, with forward slashes."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if name != MANIFEST and not _PART.fullmatch(PurePosixPath(name).name))


def result(folder: Path, files: Iterable[str]) -> str:
    """Return the hash of all results among the files of a folder, wall-clock times and views left out."""
    lines = [f"{name} {sha256(untimed(folder, name))}" for name in files if _is_result(PurePosixPath(name))]
    return sha256("\n".join(lines).encode("utf-8"))


def untimed(folder: Path, name: str) -> bytes:
    """Return the content of a file without the fields in :data:`TIMED`; files that have none come back as they are."""
    path = PurePosixPath(name)
    raw = (folder / name).read_bytes()
    if path.name == "graph.jsonl" or path.name not in TIMED:
        return raw
    fields = [field.split(".") for field in TIMED[path.name]]
    is_lines = path.suffix == ".jsonl"
    try:
        items = [json.loads(line) for line in raw.splitlines() if line.strip()] if is_lines else [json.loads(raw)]
    except ValueError:
        return raw
    for item in items:
        for field in fields:
            _forget(item, field)
    return json.dumps(items, ensure_ascii=False, sort_keys=True).encode("utf-8")


def source(folder: Path) -> Source | None:
    """Return what is known of the table that a run read."""
    try:
        return Source.from_json((folder / SOURCE).read_bytes())
    except (OSError, ValidationError):
        return None


@cache
def code() -> Code:
    """Return version and hash of the installed package: names and contents of all its files."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(f"{path.relative_to(root).as_posix()} {sha256(path.read_bytes())}\n".encode())
    try:
        number = version("openglm")
    except PackageNotFoundError:
        number = ""
    return Code(version=number, sha256=digest.hexdigest())


def packages() -> dict[str, str]:
    """Return the installed packages that openglm asks for, its extras included, with their versions."""
    installed = {(item.metadata["Name"] or "").lower().replace("_", "-"): item for item in distributions()}
    asked: set[str] = set()
    if "openglm" in installed:
        asked = {_name(line) for line in installed["openglm"].requires or ()}
    return {name: installed[name].version for name in sorted(asked) if name in installed and name != "openglm"}


def sha256(data: bytes) -> str:
    """Return the hash as hexadecimal text."""
    return hashlib.sha256(data).hexdigest()


def _hash(path: Path) -> FileHash:
    with path.open("rb") as file:
        return FileHash(sha256=hashlib.file_digest(file, "sha256").hexdigest(), bytes=path.stat().st_size)


def _name(line: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", line)
    return found[0].lower().replace("_", "-") if found else ""


def _is_result(path: PurePosixPath) -> bool:
    """Say whether the digest is of this file: no logs, no views, no copies, no manifest of a nested run."""
    nested = path.name == MANIFEST and path.parent.parent.name == "steps"
    return path.name not in (*VIEWS, *LOGS, *COPIES) and not nested


def _forget(item: Any, field: list[str]) -> None:
    """Remove a field, in place, wherever it is."""
    head, rest = field[0], field[1:]
    if isinstance(item, list):
        if head == "*":
            for each in item:
                _forget(each, rest)
        elif "=" in head:
            key, _, value = head.partition("=")
            item[:] = [each for each in item if not (isinstance(each, dict) and str(each.get(key)) == value)]
    elif isinstance(item, dict) and head in item:
        if rest:
            _forget(item[head], rest)
        else:
            del item[head]
