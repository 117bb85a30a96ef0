"""Tables with a target: classification and regression on columns of numbers, categories, dates and short text.

Which learners and features there are is read from their cards, so that a new file in a pantry is planned without a word
here. The order and first settings are those of the preset's portfolio, something quick first, so that something usable
exists early; learners that it does not know follow by their cost.
"""

from __future__ import annotations

from typing import Any, ClassVar

from openglm.core.budget import Budget
from openglm.core.dataset import Dataset
from openglm.core.errors import MissingExtraError, PlanError, did_you_mean
from openglm.core.metrics import search_metric
from openglm.core.parts import Card, Facts
from openglm.core.plan import Entry, FeatureStep, Plan
from openglm.core.preset import Preset
from openglm.core.registry import is_available, parts
from openglm.core.schema import Schema
from openglm.core.task import Task
from openglm.core.words import Said

BASELINE = "baseline"


class Tabular:
    """Recipe for binary, multiclass and regression tasks on one table."""

    card: ClassVar[Card] = Card(
        id="tabular",
        title=Said(en="Tables with a target", zh="带目标列的表格"),
        source="Caruana et al. 2004 (library of models, greedy ensemble); our own choice of parts",
        kinds=("binary", "multiclass", "regression"),
    )

    def claims(self, task: Task, schema: Schema) -> float:
        """Return 0.5 for a supervised task with at least one input, so that a specialised recipe can outbid it."""
        return 0.5 if task.kind in self.card.kinds and schema.columns else 0.0

    def plan(self, data: Dataset, budget: Budget, preset: Preset, seed: int) -> Plan:
        """Return features for every view in use, and the learners in order of cost."""
        task, reasons = data.task, []
        known, left_out = _learners(task)
        reasons += left_out
        if search_metric(task.metric, task.kind) != task.metric:
            reasons.append(
                f"{task.metric}: saying yes to every row, or to hardly any, would reach it; the search ranks by "
                f"{search_metric(task.metric, task.kind)} and the threshold favours {task.metric}"
            )
        entries = _entries(known, data.facts, preset)
        return Plan(
            recipe=self.card.id,
            task=task,
            views=_views({entry.model for entry in entries}, data.schema),
            entries=tuple(entries),
            split=data.split,
            budget=budget,
            seed=seed,
            reasons=tuple(reasons),
        )


def _learners(task: Task) -> tuple[dict[str, Card], list[str]]:
    """Return the cards of the learners to use, and a reason for each that is left out."""
    every = {name: part.card for name, part in parts("models").items() if name != BASELINE}
    reasons: list[str] = []
    if task.models:
        for name in task.models:
            if name not in every:
                raise PlanError(
                    Said(en=f"There is no learner '{name}'.", zh=f"没有名为“{name}”的模型。"),
                    hint=did_you_mean(name, every),
                )
            if not is_available(every[name]):
                raise MissingExtraError(every[name].package, every[name].extra, purpose=f"The learner '{name}'")
        every = {name: every[name] for name in task.models}
        reasons.append(f"learners: only {', '.join(every)}, as the sentence says")
    elif task.constraints.interpretable:
        every = {name: card for name, card in every.items() if card.interpretable}
        reasons.append(f"learners: only {', '.join(every)}, because the model must be readable by a person")
    usable = {}
    for name, card in every.items():
        if task.kind not in card.kinds:
            reasons.append(f"{name}: left out, it cannot solve {task.kind} problems")
        elif not is_available(card):
            reasons.append(f'{name}: left out, not installed (pip install "openglm[{card.extra}]")')
        else:
            usable[name] = card
    if not usable:
        raise PlanError(
            Said(
                en=f"No usable learner is left for this {task.kind} problem.",
                zh=f"没有可用于该 {task.kind} 问题的模型。",
            ),
            hint=Said(en="Name other learners, or none.", zh="请换用其他模型,或不指定模型。"),
        )
    return usable, reasons


def _entries(known: dict[str, Card], facts: Facts, preset: Preset) -> list[Entry]:
    """Return the portfolio of the preset in its order, and behind it, by cost, the learners it does not know.

    The first entry of a learner carries its space, so that the search can go on from there.
    """
    learners = parts("models")
    cells = facts.rows * max(facts.columns, 1) / 1e6

    def entry(name: str, params: dict[str, Any], reason: str, *, first: bool) -> Entry:
        card = known[name]
        seconds = card.cost * cells * min(facts.rows, card.max_rows or facts.rows) / facts.rows
        space = learners[name].space(facts) if first else {}
        return Entry(model=name, view=card.view, params=params, space=space, cost=max(seconds, 1e-3), reason=reason)

    entries: list[Entry] = []
    listed: list[dict[str, Any]] = preset.read("portfolio.json")["entries"]
    for item in listed:
        if item["model"] in known and facts.kind in item.get("kinds", [facts.kind]):
            seen = any(made.model == item["model"] for made in entries)
            entries.append(entry(item["model"], item["params"], f"portfolio: {item['reason']}", first=not seen))
    others = [
        entry(name, {}, "its defaults", first=True) for name in known if all(made.model != name for made in entries)
    ]
    return entries + sorted(others, key=lambda made: (made.cost, made.model))


def _views(models: set[str], schema: Schema) -> dict[str, tuple[FeatureStep, ...]]:
    """Return the feature steps of every view that a planned learner needs."""
    learners, makers = parts("models"), parts("features")
    views: dict[str, tuple[FeatureStep, ...]] = {}
    for view in sorted({learners[name].card.view for name in models}):
        steps = []
        for name, maker in makers.items():
            columns = tuple(c.name for c in schema.columns if c.role in maker.card.roles)
            if maker.card.view == view and columns and is_available(maker.card):
                steps.append(FeatureStep(part=name, columns=columns, reason=maker.card.title.en))
        views[view] = tuple(steps)
    return views
