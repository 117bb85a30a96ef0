"""A preset is a folder of plain files: lexicons for the front door and the portfolio for the plan. No code, no weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from openglm.core import store
from openglm.core.errors import InputError, SourceError
from openglm.core.words import Said

BUNDLED = "zhipu/Open-AutoGLM"
_HOME = Path(__file__).resolve().parent.parent / "presets" / "open_autoglm"
FORMAT = 1


class Preset:
    """Files that steer understanding and planning.

    Parameters
    ----------
    path : Path
        Folder with ``preset.json``, and any of ``lexicon/``, ``portfolio.json``.
    name : str
        As the caller spelled it.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name

    @classmethod
    def load(cls, name: str | Path = BUNDLED) -> Preset:
        """Return the bundled preset, or the one in a local folder.

        Raises
        ------
        SourceError
            If the name is neither.
        """
        if str(name) == BUNDLED:
            return cls(_HOME, BUNDLED)
        folder = Path(name)
        try:
            about = json.loads((folder / "preset.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SourceError(
                Said(en=f"There is no preset '{name}'.", zh=f"没有名为“{name}”的预设。"),
                hint=Said(
                    en=f"Use '{BUNDLED}' or a folder written by save_pretrained().",
                    zh=f"请使用“{BUNDLED}”或由 save_pretrained() 保存的目录。",
                ),
            ) from error
        if about.get("format") != FORMAT:
            raise InputError(f"The preset in {folder} has format {about.get('format')}; this version reads {FORMAT}.")
        return cls(folder, str(name))

    def save(self, folder: Path) -> None:
        """Copy every file of the preset to ``folder``."""
        for file in sorted(self.path.rglob("*")):
            if file.is_file() and file.suffix not in (".py", ".pyc"):
                target = folder / file.relative_to(self.path)
                with store.storage_errors(target):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, target)

    def read(self, name: str) -> Any:
        """Return the JSON file ``name`` of the preset, or of the bundled one where this preset has none of its own."""
        file = self.path / name
        if not file.exists():
            file = _HOME / name
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise SourceError(f"The preset file {file} is not valid JSON: {error}.") from error
