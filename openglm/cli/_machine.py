"""What ``openglm doctor`` looks at: the machine, the packages, the folders. Looks only; repairs nothing."""

from __future__ import annotations

import contextlib
import importlib
import locale
import os
import platform
import re
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from openglm.core.words import Language, Said

MEMORY_MB = 1000
"""Free MiB below which we warn: a guess, three processes at about 300 each with scikit-learn, LightGBM and pandas."""
DISK_MB = 500
"""Free disk below which a run folder (table, trials, bundle < 30 MB each) may not fit."""
# Distribution → module, where the two differ.
_MODULES = {"scikit-learn": "sklearn", "pyyaml": "yaml"}


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is well, whether a run needs it, and how to mend it."""

    name: str
    ok: bool
    needed: bool
    detail: str
    fix: str = ""

    def plain(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return asdict(self)


def look(language: Language, runs: Path = Path("runs")) -> list[Check]:
    """Return every check, those that a run needs first."""
    return [
        _python(language), *_packages(), _memory(language), _disk(language, runs), _writable(language, runs),
        _platform(), _encoding(language), *_extras(),
    ]  # fmt: skip


def _python(language: Language) -> Check:
    fix = Said(en="Install Python 3.11 or newer.", zh="请安装 Python 3.11 或更新版本。").text(language)
    return Check("python", sys.version_info >= (3, 11), True, f"{platform.python_version()} ({sys.executable})", fix)


def _platform() -> Check:
    return Check("platform", True, False, f"{platform.platform()}, {os.cpu_count() or 1} cores")


def _packages() -> list[Check]:
    """Import every package of the base install: what is there may still be broken."""
    return [_package(name, "") for name, extra in _requirements() if not extra]


def _extras() -> list[Check]:
    return [_package(name, extra) for name, extra in _requirements() if extra and extra not in ("all", "test", "dev")]


def _package(name: str, extra: str) -> Check:
    module = _MODULES.get(name, name)
    label = f"{name} [{extra}]" if extra else name
    fix = f'pip install "openglm[{extra}]"' if extra else f'pip install --upgrade "{name}"'
    if find_spec(module) is None:
        return Check(label, False, not extra, "not installed", fix)
    try:
        if not extra:
            importlib.import_module(module)
        return Check(label, True, not extra, version(name))
    except Exception as error:  # a broken binary package may fail in any way
        return Check(label, False, not extra, " ".join(f"{type(error).__name__}: {error}".split())[:200], fix)


def _requirements() -> list[tuple[str, str]]:
    """Return (distribution, extra) for all that our own metadata asks for."""
    try:
        lines = requires("openglm") or []
    except PackageNotFoundError:  # run from a checkout that is not installed
        lines = [
            "numpy",
            "pandas",
            "pyarrow",
            "openpyxl",
            "scikit-learn",
            "lightgbm",
            "pydantic",
            "pyyaml",
            "safetensors",
            "psutil",
        ]
    found = []
    for line in lines:
        name = re.match(r"[A-Za-z0-9._-]+", line)
        extra = re.search(r"""extra\s*==\s*['"]([^'"]+)['"]""", line)
        if name and name[0] != "openglm":
            found.append((name[0].lower(), extra[1] if extra else ""))
    return found


def _memory(language: Language) -> Check:
    import psutil

    memory = psutil.virtual_memory()
    free = memory.available / 2**20
    fix = Said(en="Close other programs or use --memory.", zh="请关闭其他程序或使用 --memory。").text(language)
    return Check("memory", free >= MEMORY_MB, False, f"{free:.0f} MiB free of {memory.total / 2**20:.0f}", fix)


def _disk(language: Language, runs: Path) -> Check:
    free = shutil.disk_usage(_nearest(runs)).free / 2**20
    fix = Said(en="Free some space or use --out on another disk.", zh="请清理磁盘或用 --out 指定其他磁盘。").text(
        language
    )
    return Check("disk", free >= DISK_MB, True, f"{free:.0f} MiB free", fix)


def _writable(language: Language, runs: Path) -> Check:
    place = _nearest(runs)
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".openglm-doctor-"):
            return Check("runs folder", place.is_dir(), True, str(runs.resolve()))
    except OSError as error:
        fix = Said(en="Go to a folder you may write to, or use --out.", zh="请换到可写的目录,或使用 --out。").text(
            language
        )
        return Check("runs folder", False, True, f"{runs.resolve()}: {error.strerror or error}", fix)


def _encoding(language: Language) -> Check:
    stdout = str(getattr(sys.stdout, "encoding", "") or "")
    with contextlib.suppress(LookupError, UnicodeEncodeError):
        "流失".encode(stdout)
        return Check("encoding", True, False, f"stdout {stdout}, files {locale.getpreferredencoding(False)}")
    fix = Said(en="Set PYTHONUTF8=1 to see Chinese text.", zh="请设置 PYTHONUTF8=1 以显示中文。").text(language)
    return Check("encoding", False, False, f"stdout {stdout or '?'}", fix)


def _nearest(folder: Path) -> Path:
    """Return ``folder``, or the closest one above it that exists."""
    folder = folder.resolve()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
