"""CPU seconds of exact explanations: 10,000 rows through ensembles of LightGBM models, mapped back to the table's columns.

Beside it LightGBM's own ``pred_contrib`` for the same members and, when it is installed, shap's TreeExplainer. All three are
path-dependent tree SHAP; the largest difference of their values (log odds) is printed too. Members are trained with rounds
that early stopping usually finds, so that no search is needed.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import _common
import numpy as np

from openglm import prepare
from openglm.core.budget import Clock
from openglm.core.pipeline import FeatureView, Member, Pipeline, make_model
from openglm.core.plan import FeatureStep
from openglm.core.registry import parts
from openglm.core.task import Task
from openglm.core.trial import Candidate

BAR_S = 5.0
"""CPU seconds for the rows, at most."""
ENSEMBLES: dict[str, list[dict[str, Any]]] = {
    "default": [{}],
    "three members": [{}, {"leaves": 31, "learning_rate": 0.03}, {"leaves": 10, "random_splits": True}],
    "large trees": [{"leaves": 63}],
}


def pipeline_of(table: _common.Table, settings: list[dict[str, Any]], rounds: int) -> Pipeline:
    """Return an ensemble of LightGBM models with equal weights, trained on the table."""
    raw = prepare.load(table.frame)
    task = Task(kind=table.task, target=table.target, metric=table.metric)
    data, _ = prepare.prepare(raw, task, seed=0)
    steps = []
    for name, maker in parts("features").items():
        columns = tuple(column.name for column in data.schema.columns if column.role in maker.card.roles)
        if maker.card.view == "codes" and columns:
            steps.append(FeatureStep(part=name, columns=columns))
    view = FeatureView.fit("codes", tuple(steps), data.train.x, data.train.y, 0)
    shown, members = view.transform(data.train.x), []
    for i, params in enumerate(settings):
        candidate = Candidate(id=f"t{i}", model="lightgbm", view="codes", params=params)
        model = make_model(candidate, data.task, len(data.classes))
        members.append(
            Member(candidate, model.fit(shown, data.train.y, watch=Clock(None), rounds=rounds), 1 / len(settings))
        )
    some = {name: values[:50] for name, values in data.train.x.items()}
    return Pipeline(
        task=data.task,
        schema=data.schema,
        classes=data.classes,
        views={"codes": view},
        members=members,
        background=some,
    )


def cpu(call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call answers, and its CPU seconds over all threads."""
    start = time.process_time()
    return call(), time.process_time() - start


def measure(name: str, pipeline: Pipeline, rows: dict[str, Any]) -> list[str]:
    """Return one line of the table."""
    matrix = pipeline.views["codes"].transform(rows)
    boosters = [member.model._booster for member in pipeline.members]
    focus = pipeline.focus(pipeline.outputs(rows))
    (values, base, full), ours = cpu(lambda: pipeline.contributions(rows, focus=focus))
    gap = float(np.abs(values.sum(axis=1) + base - full).max())
    exact, _ = cpu(lambda: [member.model._moves(matrix) for member in pipeline.members])
    native, theirs = cpu(lambda: [one.predict(matrix.values, pred_contrib=True, num_threads=1) for one in boosters])
    far = max(
        float(np.abs(a.transpose(0, 2, 1).reshape(len(a), -1) - b).max()) for a, b in zip(exact, native, strict=True)
    )
    peer = "-"
    if importlib.util.find_spec("shap"):
        import shap

        explainers = [shap.TreeExplainer(one) for one in boosters]
        _, seconds = cpu(lambda: [one.shap_values(matrix.values) for one in explainers])
        peer = f"{seconds:.1f}"
    trees = sum(one.num_trees() for one in boosters)
    verdict = "yes" if ours < BAR_S else "NO"
    return [
        name,
        f"{trees}",
        f"{len(values):,}",
        f"{ours:.2f}",
        verdict,
        f"{theirs:.1f}",
        peer,
        f"{far:.0e}",
        f"{gap:.0e}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, help="folder with a datasets.json (default: the purchase log)")
    parser.add_argument("--only", nargs="*", default=[], help="some of the tables")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200)
    given = parser.parse_args()
    only = given.only or ([] if given.tables else ["purchase_log"])
    lines = []
    for table in _common.tables(given.tables, only):
        for name, settings in ENSEMBLES.items():
            pipeline = pipeline_of(table, settings, given.rounds)
            rows = pipeline.read(_common.resized(table.frame, given.rows, 0))
            lines.append(measure(f"{table.name}, {name}", pipeline, dict(rows)))
    head = (
        "ensemble",
        "trees",
        "rows",
        "CPU s",
        f"< {BAR_S:g} s",
        "pred_contrib s",
        "shap s",
        "difference",
        "sum - prediction",
    )
    _common.print_table(head, lines)
    print(_common.machine())


if __name__ == "__main__":
    main()
