"""Asks every recipe and takes the one that claims the task best."""

from __future__ import annotations

from openglm.core.budget import Budget
from openglm.core.dataset import Dataset
from openglm.core.errors import PlanError
from openglm.core.parts import Recipe
from openglm.core.plan import Plan
from openglm.core.preset import Preset
from openglm.core.registry import is_available, parts
from openglm.core.words import Said


def make_plan(data: Dataset, budget: Budget, *, preset: Preset, seed: int = 0) -> Plan:
    """Return the plan of the recipe that fits best.

    Raises
    ------
    PlanError
        If no recipe claims this kind of problem.
    """
    recipes: list[Recipe] = [recipe() for recipe in parts("plan").values() if is_available(recipe.card)]
    claims = [(recipe.claims(data.task, data.schema), recipe) for recipe in recipes]
    best, chosen = max(claims, key=lambda pair: pair[0])
    if best <= 0:
        raise PlanError(
            Said(
                en=f"There is no recipe for {data.task.kind} problems in this version.",
                zh=f"当前版本还没有解决 {data.task.kind} 问题的方案。",
            ),
            hint=Said(
                en="Name a column to predict; classification and regression on tables work.",
                zh="请指定要预测的列;目前支持表格分类与回归。",
            ),
        )
    return chosen.plan(data, budget, preset, seed)
