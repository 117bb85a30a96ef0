"""Finds the parts of a pantry: every file of the folder, and what installed packages offer by entry points.

A file ``openglm/models/knn.py`` holds one class with a ``card`` whose id is ``knn``. Files that start with an underscore
are helpers. A third-party package names its module or class in the entry-point group ``openglm.models``.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import warnings
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

from openglm.core.errors import MissingExtraError, PlanError, did_you_mean
from openglm.core.parts import Card
from openglm.core.words import Said


@cache
def parts(pantry: str) -> dict[str, Any]:
    """Return id → class of all parts in ``pantry`` ("models", "features", "plan", "search"), sorted by id.

    Parts whose package is not installed are included; :func:`is_available` tells. A third-party part that cannot be
    imported is skipped with a warning, so that a broken plug-in never breaks a run.
    """
    found: dict[str, Any] = {}
    room = importlib.import_module(f"openglm.{pantry}")
    for info in pkgutil.iter_modules(room.__path__):
        if not info.name.startswith("_"):
            part = _part_in(importlib.import_module(f"openglm.{pantry}.{info.name}"))
            if part is not None:
                if part.card.id != info.name:
                    raise PlanError(f"The part in openglm/{pantry}/{info.name}.py calls itself '{part.card.id}'.")
                found[part.card.id] = part
    for point in entry_points(group=f"openglm.{pantry}"):
        try:
            loaded = point.load()
            part = _part_in(loaded) if isinstance(loaded, ModuleType) else loaded
            found.setdefault(part.card.id, part)
        except Exception as error:  # a plug-in may fail in any way
            warnings.warn(f"The plug-in {point.value} for openglm.{pantry} was skipped: {error}", stacklevel=2)
    return dict(sorted(found.items()))


def is_available(card: Card) -> bool:
    """Say whether the package that the part needs can be imported."""
    return not card.package or importlib.util.find_spec(card.package) is not None


def part(pantry: str, name: str) -> Any:
    """Return the class of the part called ``name``.

    Raises
    ------
    PlanError
        If there is no such part.
    MissingExtraError
        If its package is not installed.
    """
    known = parts(pantry)
    if name not in known:
        raise PlanError(
            Said(en=f"There is no part '{name}' in {pantry}.", zh=f"{pantry} 中没有名为“{name}”的部件。"),
            hint=did_you_mean(name, known),
        )
    card: Card = known[name].card
    if not is_available(card):
        raise MissingExtraError(card.package, card.extra or "all", purpose=f"{pantry}:{name}")
    return known[name]


def _part_in(module: ModuleType) -> Any:
    """Return the class with a card that is defined in ``module``, or ``None``."""
    for _, value in inspect.getmembers(module, inspect.isclass):
        if value.__module__ == module.__name__ and isinstance(getattr(value, "card", None), Card):
            return value
    return None
