"""Saved models without anybody's code: JSON, safetensors and native model files, each with its hash.

A bundle is a folder. ``manifest.json`` is written last and atomically, and every other file carries its hash in its
name; so a bundle that is replaced while somebody reads it, or cut off by a crash, is always either the old or the new one.
What a part *is* stands in the manifest as a registry id and never as an import path: that is the allow-list.

To raise ``FORMAT``: keep a reader for the old number here, add a bundle of the old format made by the last release to the
tests, and say so in CHANGELOG.
"""

from __future__ import annotations

import hashlib
import json
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from openglm.core import store
from openglm.core.errors import BundleError
from openglm.core.parts import State
from openglm.core.words import Said

FORMAT = 1
MANIFEST = "manifest.json"
_PACKAGES = ("openglm", "numpy", "pandas", "scikit-learn", "lightgbm", "catboost")


def save(folder: Path, content: dict[str, Any], states: dict[str, State]) -> int:
    """Write a bundle and return its size in bytes.

    Parameters
    ----------
    folder : Path
        Made if needed. An older bundle in it is replaced in one step.
    content : dict
        JSON data that says how the parts fit together.
    states : dict of str to State
        Name of a part (letters, digits, "-") → its JSON values, arrays and bytes.
    """
    files: dict[str, dict[str, Any]] = {}
    replaced = _files_of(folder)

    def put(stem: str, suffix: str, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        name = f"{stem}-{digest[:12]}{suffix}"
        if name not in files:
            store.write_bytes(folder / name, data)
            files[name] = {"sha256": digest, "bytes": len(data)}
        return name

    parts: dict[str, dict[str, Any]] = {}
    for stem, state in states.items():
        arrays = {key: np.ascontiguousarray(v) for key, v in state.items() if isinstance(v, np.ndarray)}
        blobs = {key: v for key, v in state.items() if isinstance(v, bytes)}
        plain = {key: v for key, v in state.items() if key not in arrays and key not in blobs}
        entry: dict[str, Any] = {"json": put(stem, ".json", _dump(plain))}
        if arrays:
            from safetensors.numpy import save as pack

            entry["arrays"] = put(stem, ".safetensors", pack(arrays))
        if blobs:
            entry["blobs"] = {key: put(f"{stem}-{key}", ".bin", blob) for key, blob in blobs.items()}
        parts[stem] = entry
    manifest = {
        "format": FORMAT,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "packages": _versions(),
        "content": content,
        "parts": parts,
        "files": files,
    }
    store.write_bytes(folder / MANIFEST, _dump(manifest))
    for name in replaced - set(files):  # only what an older bundle brought: the folder may hold other things
        (folder / name).unlink(missing_ok=True)
    return sum(int(item["bytes"]) for item in files.values())


def load(folder: Path) -> tuple[dict[str, Any], dict[str, State]]:
    """Return content and states of the bundle in ``folder``.

    Raises
    ------
    BundleError
        If the folder is no bundle, of a newer format, incomplete, or a file's hash differs.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        parts, files, number = manifest["parts"], manifest["files"], manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(
            Said(en=f"There is no readable model in {folder}.", zh=f"{folder} 中没有可读取的模型。"),
            hint=Said(en="Give a run folder or a saved model folder.", zh="请给出运行目录或保存的模型目录。"),
        ) from error
    if number != FORMAT:
        raise BundleError(
            Said(
                en=f"The model in {folder} has format {number}; this version reads format {FORMAT}.",
                zh=f"{folder} 中的模型格式为 {number},当前版本只能读取格式 {FORMAT}。",
            ),
            hint=Said(en="Update openglm or train again.", zh="请升级 openglm 或重新训练。"),
        )

    def get(name: str) -> bytes:
        if name not in files or Path(name).name != name:
            raise _damaged(folder, name)
        try:
            data = (folder / name).read_bytes()
        except OSError as error:
            raise _damaged(folder, name) from error
        if hashlib.sha256(data).hexdigest() != files[name]["sha256"]:
            raise _damaged(folder, name)
        return data

    states: dict[str, State] = {}
    for stem, entry in parts.items():
        state: State = dict(json.loads(get(entry["json"])))
        if "arrays" in entry:
            from safetensors.numpy import load as unpack

            state.update(unpack(get(entry["arrays"])))
        state.update({key: get(name) for key, name in entry.get("blobs", {}).items()})
        states[stem] = state
    return manifest["content"], states


def parts_like(folder: Path, prefix: str) -> tuple[str, ...]:
    """Return the files of the parts whose name begins so; equal names mean equal content, since they carry the hash."""
    return tuple(sorted(name for name in _files_of(folder) if name.startswith(prefix)))


def _files_of(folder: Path) -> set[str]:
    try:
        names = json.loads((folder / MANIFEST).read_bytes())["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in names if Path(name).name == name}


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _damaged(folder: Path, name: str) -> BundleError:
    return BundleError(
        Said(
            en=f"The file {name} of the model in {folder} is missing or was changed after saving.",
            zh=f"{folder} 中模型的文件 {name} 缺失或在保存后被改动。",
        ),
        hint=Said(en="Copy the whole folder again, or train again.", zh="请重新复制整个目录,或重新训练。"),
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
