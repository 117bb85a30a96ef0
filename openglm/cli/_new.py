"""Writes a new part from a template that is itself tested code: only its names are changed, so it cannot go stale."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from openglm.core import store
from openglm.core.errors import InputError, did_you_mean
from openglm.core.words import Said

PARTS = ("model",)
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Made:
    """The files that were written, and what to do next."""

    files: tuple[Path, ...]
    next_steps: Said


def write(part: str, name: str, folder: Path) -> Made:
    """Write the part and its test; the folder is made if it does not exist.

    Raises
    ------
    InputError
        If there is no such kind of part, the name cannot be a file name in Python, is taken, or the folder is a file.
    StorageError
        If the folder cannot be written.
    """
    _check(part, name, folder)
    at_home = (folder / "openglm" / "models").is_dir()
    code, test = Path(f"{name}.py"), Path(f"test_{name}.py")
    if at_home:
        code, test = Path("openglm", "models", code), Path("tests", "models", test)
    for path in (folder / code, folder / test):
        if path.exists():
            raise InputError(
                Said(en=f"{path} exists already.", zh=f"{path} 已存在。"),
                hint=Said(en="Choose another name, or remove it first.", zh="请换一个名称,或先删除它。"),
            )
    module = f"openglm.models.{name}" if at_home else name
    store.write_text(folder / code, _filled(_HERE / "_template_model.py", name, module))
    store.write_text(folder / test, _filled(_HERE / "_template_tests.py", name, module))
    return Made((folder / code, folder / test), _at_home(name, test) if at_home else _elsewhere(name))


def _check(part: str, name: str, folder: Path) -> None:
    if part not in PARTS:
        raise InputError(
            Said(en=f"There is no template for '{part}'.", zh=f"没有“{part}”的模板。"), hint=did_you_mean(part, PARTS)
        )
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise InputError(
            Said(en=f"'{name}' cannot be the name of a {part}.", zh=f"“{name}”不能作为名称。"),
            hint=Said(
                en="Use small letters, digits and _, e.g. gradient_stumps.",
                zh="请使用小写字母、数字和下划线,例如 gradient_stumps。",
            ),
        )
    if folder.exists() and not folder.is_dir():
        raise InputError(
            Said(en=f"{folder} is a file, not a folder.", zh=f"{folder} 是文件而不是目录。"),
            hint=Said(en="Name another folder, or leave --folder out.", zh="请换一个目录,或省略 --folder。"),
        )
    from openglm.core.registry import parts

    if name in parts("models"):
        raise InputError(
            Said(en=f"There is a model '{name}' already.", zh=f"已有名为“{name}”的模型。"),
            hint=Said(en="Choose another name.", zh="请换一个名称。"),
        )


def _filled(template: Path, name: str, module: str) -> str:
    title = "".join(word.capitalize() for word in name.split("_")) or name.capitalize()
    text = template.read_text(encoding="utf-8").replace("openglm.cli._template_model", module)
    return text.replace("TemplateModel", title).replace("template_model", name)


def _at_home(name: str, test: Path) -> Said:
    command = f"python -m pytest {test.as_posix()}"
    return Said(
        en=f"Next: change it into yours, then: {command}\n"
        f"It is in every run from now on; openglm leaderboard last shows how '{name}' does.",
        zh=f"接下来: 按需修改,然后运行: {command}\n"
        f"之后每次运行都会尝试它;用 openglm leaderboard last 查看“{name}”的表现。",
    )


def _elsewhere(name: str) -> Said:
    command = f"python -m pytest test_{name}.py"
    entry = f'[project.entry-points."openglm.models"]\n{name} = "{name}"'
    return Said(
        en=f"Next: change it into yours, then: {command}\n"
        f"To make it known, put this into your pyproject.toml and install the package:\n{entry}",
        zh=f"接下来: 按需修改,然后运行: {command}\n在您的 pyproject.toml 中加入以下内容并安装,即可使用:\n{entry}",
    )
