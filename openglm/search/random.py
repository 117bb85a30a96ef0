"""Random search: Bergstra & Bengio (2012). First the plan's entries as they stand, then random points of their spaces.

Learners that did well are drawn more often: the one of rank r with a chance proportional to 1/r.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from openglm.core.metrics import metric
from openglm.core.parts import Card
from openglm.core.plan import Plan
from openglm.core.space import sample
from openglm.core.trial import Candidate, Trial
from openglm.core.words import Said

DRAWS = 20
"""Points drawn per dimension of a space: 20 points of one dimension lie within 5 % of the best place with a chance of 64 %
(1 - 0.95^20, Bergstra & Bengio, section 5); more of them are copies of each other."""


class RandomSearch:
    """Proposes candidates for a plan.

    Parameters
    ----------
    plan : Plan
        With its entries in the order in which they are to be tried.
    """

    card: ClassVar[Card] = Card(
        id="random",
        title=Said(en="Random search", zh="随机搜索"),
        source="Bergstra & Bengio (2012), Random Search for Hyper-Parameter Optimization, JMLR 13",
    )

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._judge = metric(plan.metric, plan.task.kind)
        self._best: dict[str, float] = {}
        self._drawn: dict[str, int] = {}
        self._asked: list[Candidate] = []

    def ask(self) -> Candidate | None:
        """Return the next candidate: entry by entry, then random points; ``None`` when no entry has a space."""
        number = len(self._asked)
        entries = self._plan.entries
        if number < len(entries):
            entry = entries[number]
            chosen = self._candidate(number, entry.model, entry.view, entry.params, "portfolio")
        else:
            # Entries of the same learner share its best score; only the one with a space is drawn from.
            open_entries = [e for e in entries if self._drawn.get(e.model, 0) < DRAWS * len(e.space)]
            if not open_entries:
                return None
            ranked = sorted(open_entries, key=lambda entry: self._best.get(entry.model, float("inf")))
            chance = 1.0 / np.arange(1, len(ranked) + 1)
            rng = np.random.default_rng([self._plan.seed, number])
            entry = ranked[int(rng.choice(len(ranked), p=chance / chance.sum()))]
            self._drawn[entry.model] = self._drawn.get(entry.model, 0) + 1
            params = {**entry.params, **sample(entry.space, rng)}
            chosen = self._candidate(number, entry.model, entry.view, params, self.card.id)
        self._asked.append(chosen)
        return chosen

    def tell(self, trial: Trial) -> None:
        """Remember the learner's best loss."""
        if trial.score is not None:
            loss = self._judge.loss(trial.score)
            self._best[trial.candidate.model] = min(loss, self._best.get(trial.candidate.model, float("inf")))

    def _candidate(self, number: int, model: str, view: str, params: Mapping[str, object], origin: str) -> Candidate:
        seed = int(np.random.SeedSequence([self._plan.seed, number]).generate_state(1)[0] % 2**31)
        return Candidate.model_validate(
            {"id": f"t{number + 1:04d}", "model": model, "view": view, "params": params, "seed": seed, "origin": origin}
        )
