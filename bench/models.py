"""Every learner with its defaults on the same split of each table: score, CPU seconds, size, one row. No search.

The line to look at when a default is changed or a learner is added: ``--only my_model``, ``--set my_model.depth=3``.
Scores are on one validation fold (early stopping sees it, as in a search), so they compare learners with each other and
say nothing about openglm as a whole; for that there is tabular.py.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import _common
import numpy as np

from openglm import prepare
from openglm.core import bundle
from openglm.core.budget import Clock
from openglm.core.dataset import Dataset
from openglm.core.errors import OpenGLMError
from openglm.core.metrics import metric
from openglm.core.pipeline import FeatureView, make_model
from openglm.core.plan import FeatureStep
from openglm.core.registry import is_available, parts
from openglm.core.task import Task
from openglm.core.trial import Candidate


def view_of(data: Dataset, name: str, rows: np.ndarray) -> FeatureView:
    """Return the features that a plan would take for this view, fitted on ``rows``."""
    steps = []
    for part, maker in parts("features").items():
        columns = tuple(column.name for column in data.schema.columns if column.role in maker.card.roles)
        if maker.card.view == name and columns:
            steps.append(FeatureStep(part=part, columns=columns))
    learn = data.train.take(rows)
    return FeatureView.fit(name, tuple(steps), learn.x, learn.y, 0)


def one(data: Dataset, name: str, params: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Fit one learner on the first fold and return what it cost and what it reached."""
    learn, valid = data.fold(0)
    card = parts("models")[name].card
    view = view_of(data, card.view, learn)
    x, x_valid = view.transform(data.train.take(learn).x), view.transform(data.train.take(valid).x)
    y, y_valid = data.train.y[learn], data.train.y[valid]
    model = make_model(Candidate(id="bench", model=name, view=card.view, params=params), data.task, len(data.classes))
    begin = time.process_time()
    model.fit(x, y, valid=(x_valid, y_valid), watch=Clock(seconds))
    spent = time.process_time() - begin
    answer = model.predict(x_valid)
    one_row, times = x_valid.take(slice(0, 1)), []
    for _ in range(50):
        begin = time.process_time_ns()
        model.predict(one_row)
        times.append((time.process_time_ns() - begin) / 1e6)
    with tempfile.TemporaryDirectory() as folder:
        size = bundle.save(Path(folder), {}, {"model": model.state()})
    judge = metric(data.task.metric, data.task.kind)
    return {
        "score": judge.score(y_valid, answer), "cpu s": spent, "one row ms": float(np.median(times)), "MB": size / 1e6,
        "rounds": model.rounds or "", "cut": "yes" if model.partial else "",
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with datasets.json (default: the repository's own tables)")
    parser.add_argument("--tables", nargs="*", default=[], help="names of tables")
    parser.add_argument("--only", nargs="*", default=[], help="names of learners")
    parser.add_argument("--set", nargs="*", default=[], metavar="MODEL.NAME=VALUE", help="settings, as JSON values")
    parser.add_argument("--seconds", type=float, default=120, help="limit of one fit (default 120)")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    params: dict[str, dict[str, Any]] = {}
    for item in given.set:
        place, value = item.split("=", 1)
        model, setting = place.split(".", 1)
        params.setdefault(model, {})[setting] = json.loads(value)
    rows = []
    for table in _common.tables(given.data, given.tables):
        wanted = Task(kind=table.task, target=table.target, metric=metric(table.metric, table.task).id)
        data, _ = prepare.prepare(prepare.load(table.frame), wanted, seed=given.seed)
        for name, part in parts("models").items():
            if (
                (given.only and name not in given.only)
                or data.task.kind not in part.card.kinds
                or not is_available(part.card)
            ):
                continue
            try:
                found = one(data, name, params.get(name, {}), given.seconds)
            except (OpenGLMError, TimeoutError) as error:
                found = {"score": float("nan"), "cut": str(error)}
            shown = {key: f"{value:.4g}" if isinstance(value, float) else value for key, value in found.items()}
            rows.append({"table": table.name, "metric": data.task.metric, "learner": name, **shown})
            print(rows[-1], flush=True)
    heads = ["table", "metric", "learner", "score", "cpu s", "one row ms", "MB", "rounds", "cut"]
    _common.print_table(heads, [[row.get(head, "") for head in heads] for row in rows])
    print(_common.machine())


if __name__ == "__main__":
    main()
