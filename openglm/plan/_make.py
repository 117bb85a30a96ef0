"""Asks every recipe and takes the one that claims the task best."""

from __future__ import annotations

import numpy as np

from openglm.core.budget import Budget
from openglm.core.dataset import Dataset
from openglm.core.errors import PlanError, did_you_mean
from openglm.core.metrics import metric
from openglm.core.parts import Recipe
from openglm.core.pipeline import make_model
from openglm.core.plan import Plan
from openglm.core.preset import Preset
from openglm.core.registry import is_available, part, parts
from openglm.core.space import sample
from openglm.core.trial import Candidate
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
    made = chosen.plan(data, budget, preset, seed).model_copy(update={"cleaning": data.cleaning})
    check_plan(made, data)
    return made


def check_plan(plan: Plan, data: Dataset) -> None:
    """Find mistakes of a plan before anything is trained: unknown parts, settings, views, columns, metrics.

    Raises
    ------
    PlanError, ColumnError or MissingExtraError
        With the place and the known names.
    """
    metric(plan.task.metric, plan.task.kind)
    part("search", plan.searcher)
    for steps in plan.views.values():
        for step in steps:
            part("features", step.part)
            for name in step.columns:
                _ = data.schema[name]
    if not plan.entries:
        raise PlanError(Said(en="The plan has no learner to try (entries).", zh="计划中没有要尝试的模型 (entries)。"))
    for entry in plan.entries:
        if entry.view not in plan.views:
            raise PlanError(
                f"The plan has no view '{entry.view}' for '{entry.model}'.", hint=did_you_mean(entry.view, plan.views)
            )
        settings = entry.params | sample(entry.space, np.random.default_rng(plan.seed))
        make_model(
            Candidate(id="check", model=entry.model, view=entry.view, params=settings), plan.task, len(data.classes)
        )
