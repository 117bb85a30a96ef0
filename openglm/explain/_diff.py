"""What differs between two runs: what was asked, the data, the plan, the versions, the scores - paired where rows are shared."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from openglm.core import manifest
from openglm.core.dataset import Dataset
from openglm.core.errors import BundleError
from openglm.core.evidence import Interval
from openglm.core.metrics import metric
from openglm.core.parts import Floats
from openglm.core.report import Report
from openglm.core.run import Run
from openglm.core.schema import Schema
from openglm.core.task import CLASSIFICATION
from openglm.core.words import Said, Word, plural
from openglm.explain import _bootstrap
from openglm.explain._resample import units_of
from openglm.explain._words import METRIC_NAMES, between, number

Part = Literal["sentence", "data", "settings", "plan", "versions", "metrics", "leaderboard", "importance", "findings"]
PARTS: dict[str, Said] = {
    "sentence": Said(en="What was asked", zh="需求"), "data": Said(en="Data", zh="数据"),
    "settings": Said(en="Settings", zh="设置"), "plan": Said(en="Plan", zh="计划"),
    "versions": Said(en="Versions", zh="版本"), "metrics": Said(en="Scores on sealed rows", zh="封存数据上的得分"),
    "leaderboard": Said(en="Models tried", zh="尝试过的模型"), "importance": Said(en="Importance, by rank", zh="重要性排名"),
    "findings": Said(en="What was noticed about the data", zh="数据发现"),
}  # fmt: skip
"""In the order in which they are told."""
NAMES = 8
"""Names in one line; more are counted."""
RANKS = 10
"""Columns whose rank is compared: further down it is noise."""
FEWEST_PAIRED = 10
"""Common sealed rows below which models are not compared on them; as for the claim against the baseline."""
ABSENT = "–"


class Change(Word):
    """One thing that differs: where, what, and how it is in the first and in the second run."""

    part: Part
    what: str
    a: str
    b: str


class Paired(Word):
    """Both models on the sealed rows that they share.

    Parameters
    ----------
    metric : str
        Of the first run.
    rows : int
        Sealed in both runs.
    a, b : float
        Scores there.
    gain : Interval
        By how much the second is better (> 0), with its 95 % interval from resampling rows for both at once.
    """

    metric: str
    rows: int
    a: float
    b: float
    gain: Interval


class Diff(Word):
    """What differs between two runs; ``same_result`` says that all results are identical but for wall-clock times."""

    a: str
    b: str
    same_result: bool
    same_data: bool
    said: Said
    changes: tuple[Change, ...] = ()
    paired: Paired | None = None


def compare_runs(first: str | Path, second: str | Path) -> Diff:
    """Return what differs between two runs.

    Parameters
    ----------
    first, second : path
        Run folders.

    Raises
    ------
    BundleError
        If one of them is no run, or is not finished.
    """
    a, b = _Side(first), _Side(second)
    changes: list[Change] = []

    def note(part: Part, one: Mapping[str, Any], two: Mapping[str, Any]) -> None:
        for what in dict.fromkeys([*one, *two]):
            x, y = one.get(what), two.get(what)
            if x != y:
                changes.append(Change(part=part, what=what, a=_text(x), b=_text(y)))

    note("sentence", a.asked(), b.asked())
    note("data", a.data(), b.data())
    note("data", *_shared(a.columns(), b.columns(), "columns"))
    note("settings", a.settings(), b.settings())
    note("plan", a.plan(), b.plan())
    note("versions", a.versions(), b.versions())
    note("metrics", *_shared(a.scores(), b.scores(), "scores"))
    note("leaderboard", a.board(), b.board())
    note("importance", *_shared(a.ranks(), b.ranks(), "columns"))
    note("findings", *_shared(a.findings(), b.findings(), "found"))
    same = a.source is not None and a.source == b.source
    paired = _paired(a, b) if same else None
    same_result = a.result is not None and a.result == b.result
    return Diff(
        a=str(first), b=str(second), same_result=same_result, same_data=same, changes=tuple(changes), paired=paired,
        said=_said(a.report, b.report, paired, same=same, same_result=same_result, parts=_parts(changes)),
    )  # fmt: skip


class _Side:
    """One of the two runs, told in pairs of what and how."""

    def __init__(self, path: str | Path) -> None:
        self.run = Run.open(path)
        if not self.run.has("report.json"):
            raise BundleError(
                Said(en=f"The run {path} has no report yet.", zh=f"运行 {path} 还没有报告。"),
                hint=Said(en=f"Finish it with: openglm resume {path}", zh=f"请运行: openglm resume {path}"),
            )
        self.report: Report = self.run.report
        self.manifest = manifest.read(self.run.path) if self.run.has(manifest.MANIFEST) else None
        self.source = manifest.source(self.run.path)
        self.result = self.manifest.result if self.manifest else None

    def asked(self) -> dict[str, Any]:
        u = self.report.understood
        return {
            "sentence": u.sentence,
            "target": u.target,
            "kind": u.kind,
            "metric": u.metric,
            "class": u.positive_class,
        }

    def data(self) -> dict[str, Any]:
        d, source = self.report.data, self.source
        found: dict[str, Any] = {
            "fingerprint": source.fingerprint[:16] if source else None, "rows": d.rows, "train": d.train, "sealed": d.sealed,
            "split": d.split, "folds": d.folds,
        }  # fmt: skip
        return found

    def columns(self) -> dict[str, Any]:
        """Return the role of each column."""
        if not self.run.has("profile.json"):
            return {}
        schema = Schema.from_json((self.run.path / "profile.json").read_bytes())
        return {column.name: column.role for column in schema.columns}

    def settings(self) -> dict[str, Any]:
        call = {
            key: value
            for key, value in self.run.state.call.items()
            if key not in ("sentence", "source", "task", "plan")
        }
        return {**call, "delivered": self.report.delivered}

    def plan(self) -> dict[str, Any]:
        """Return the plan in lines that people read, without what is told elsewhere: the task, reasons, costs, seeds."""
        plan = self.run.plan
        found: dict[str, Any] = {"recipe": plan.recipe, "searcher": plan.searcher, "max_members": plan.max_members}
        found |= {f"budget {name}": value for name, value in plan.budget.model_dump(mode="json").items()}
        split = plan.split.model_dump(mode="json", exclude={"reason", "seed", "method", "folds"})
        found |= {f"split {name}": _listed(value) for name, value in split.items()}
        for view, steps in plan.views.items():
            for step in steps:
                params = _params(step.params)
                found[f"{view}: {step.part}{f' ({params})' if params else ''}"] = _columns(step.columns)
        found["models"] = ", ".join(dict.fromkeys(sorted(entry.model for entry in plan.entries)))
        for i, entry in enumerate(plan.entries):
            twin = sum(other.model == entry.model for other in plan.entries[:i])
            found[f"{entry.model}{f' {twin + 1}' if twin else ''}"] = _params(entry.params) or "defaults"
        found |= {
            f"cleaning: {step.op} {step.column or ''}".strip(): plural(step.rows, "row") for step in plan.cleaning
        }
        return found

    def versions(self) -> dict[str, Any]:
        made = self.manifest
        if made is None:
            return dict(self.report.versions)
        return {"openglm": f"{made.code.version} ({made.code.sha256[:12]})", "python": made.python, **made.packages}

    def scores(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in self.report.metrics.items():
            around = self.report.intervals.get(name)
            found[name] = f"{number(value)} ({between(around.low, around.high)})" if around else number(value)
        found["better_than_baseline"] = self.report.better_than_baseline
        found |= {f"promise {p.constraint}": p.kept for p in self.report.promises}
        return found

    def board(self) -> dict[str, Any]:
        """Return the delivered model, how many were tried, and the best score of each kind."""
        found: dict[str, Any] = {"model": self.report.model, "tried": len(self.report.leaderboard)}
        best: dict[str, float | None] = {}
        direction = 1 if metric(self.report.metric, self.report.kind).greater_is_better else -1
        for row in self.report.leaderboard:
            known = best.get(row.model)
            if row.state != "done" or row.score is None:
                best.setdefault(row.model, None)
            elif known is None or direction * row.score > direction * known:
                best[row.model] = row.score
        return found | {
            f"best {name}": number(score) if score is not None else "failed" for name, score in best.items()
        }

    def ranks(self) -> dict[str, Any]:
        return {item.column: f"#{i}" for i, item in enumerate(self.report.importance[:RANKS], 1)}

    def findings(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for item in self.report.findings:
            found[f"{item.code} {item.column or ''}".strip()] = (
                f"{item.severity}{f', {item.rows}' if item.rows is not None else ''}"
            )
        return found

    def answers(self) -> tuple[list[int], Floats, NDArray[np.int64] | None]:
        """Return the scored rows, the model's outputs for them, and for classes the codes it decided on."""
        with (self.run.path / "sealed_predictions.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            head, lines = next(reader), list(reader)
        classes = self.report.kind in CLASSIFICATION
        columns = range(3, len(head)) if classes else [2]
        outputs = np.array([[float(line[i]) for i in columns] for line in lines], dtype=np.float64)
        codes = None
        if classes:
            place = {name.removeprefix("proba_"): i for i, name in enumerate(head[3:])}
            codes = np.array([place[line[2]] for line in lines], dtype=np.int64)
        return [int(line[0]) for line in lines], outputs, codes


def _paired(a: _Side, b: _Side) -> Paired | None:
    """Compare both models on the rows sealed in both; ``None`` where they answer different questions or share too few."""
    one, two = (Dataset.load(side.run.path / "data", sealed=True) for side in (a, b))
    if (one.task.target, one.task.kind, one.classes) != (two.task.target, two.task.kind, two.classes):
        return None
    rows_a, outputs_a, codes_a = a.answers()
    rows_b, outputs_b, codes_b = b.answers()
    common = sorted(set(rows_a) & set(rows_b))
    if len(common) < FEWEST_PAIRED:
        return None
    place = {row: i for i, row in enumerate(one.sealed.index.tolist())}
    y = one.sealed.y[[place[row] for row in common]]
    at_a, at_b = ([{row: i for i, row in enumerate(rows)}[row] for row in common] for rows in (rows_a, rows_b))
    chosen = metric(a.report.metric, a.report.kind)
    model = outputs_b[at_b], None if codes_b is None else codes_b[at_b]
    other = outputs_a[at_a], None if codes_a is None else codes_a[at_a]
    resamples = _bootstrap.how_many(len(common))
    units = units_of(one.split, one.sealed.take(np.array([place[row] for row in common])))
    score, gain = _bootstrap.compare(chosen, y, model, other, resamples=resamples, seed=a.report.seed, units=units)
    if score is None or gain is None:
        return None
    first = score.value - gain.value if chosen.greater_is_better else score.value + gain.value
    return Paired(metric=chosen.id, rows=len(common), a=first, b=score.value, gain=gain)


def _shared(one: dict[str, Any], two: dict[str, Any], what: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what both have, line by line, and what only one has in one line."""
    both = one.keys() & two.keys()
    sides = []
    for side in (one, two):
        found = {name: value for name, value in side.items() if name in both}
        alone = [name for name in side if name not in both]
        sides.append(found | ({f"{what} only there": _columns(alone)} if alone else {}))
    return sides[0], sides[1]


def _columns(names: Sequence[str]) -> str:
    """Return a few names and how many more there are."""
    shown = ", ".join(names[:NAMES])
    return f"{shown} … ({len(names)})" if len(names) > NAMES else shown


def _params(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={_text(value)}" for key, value in params.items())


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) or None if isinstance(value, list) else value


def _parts(changes: Sequence[Change]) -> Said:
    """Return how many differences each part has: the short summary."""
    counts = {part: sum(change.part == part for change in changes) for part in PARTS}
    told = [(PARTS[part], n) for part, n in counts.items() if n]
    if not told:
        return Said(en="no difference that is told", zh="没有可列出的差异")
    total = sum(counts.values())
    return Said(
        en=f"{plural(total, 'difference')} ({', '.join(f'{name.en[0].lower()}{name.en[1:]} {n}' for name, n in told)})",
        zh=f"共 {total} 处不同（{'、'.join(f'{name.zh} {n}' for name, n in told)}）",
    )


def _said(a: Report, b: Report, paired: Paired | None, *, same: bool, same_result: bool, parts: Said) -> Said:
    if same_result:
        return Said(
            en="The two runs have identical results; only wall-clock times differ.",
            zh="两次运行的结果完全一致，仅耗时不同。",
        )
    data = Said(en="the same data" if same else "different data", zh="数据相同" if same else "数据不同")
    name = METRIC_NAMES.get(a.metric, Said(en=a.metric, zh=a.metric))
    if paired is not None:
        certain = paired.gain.low > 0 or paired.gain.high < 0
        better = paired.gain.value > 0
        ends, amount = between(paired.gain.low, paired.gain.high), number(abs(paired.gain.value))
        who_en, who_zh = ("the second", "第二个") if better else ("the first", "第一个")
        if certain:
            en = f"on {paired.rows:,} common sealed rows {who_en} is better by {amount} {name.en} (gain of the second {ends})"
            zh = f"在 {paired.rows:,} 行共同的封存数据上，{who_zh}模型的{name.zh}更好，相差 {amount}（第二个的提升 {ends}）"
        else:
            en = f"on {paired.rows:,} common sealed rows neither is reliably better (gain of the second in {name.en} {ends})"
            zh = f"在 {paired.rows:,} 行共同的封存数据上，两者没有可靠差异（第二个的{name.zh}提升 {ends}）"
    elif a.metric == b.metric:
        one, two = number(a.metrics.get(a.metric, math.nan)), number(b.metrics.get(b.metric, math.nan))
        en, zh = (
            f"{name.en} {one} and {two}, each on its own sealed rows",
            f"{name.zh}分别为 {one} 与 {two}（各自的封存数据）",
        )
    else:
        other = METRIC_NAMES.get(b.metric, Said(en=b.metric, zh=b.metric))
        en, zh = f"judged by {name.en} and {other.en}", f"评价指标分别为{name.zh}与{other.zh}"
    return Said(en=f"{data.en.capitalize()}; {parts.en}; {en}.", zh=f"{data.zh}，{parts.zh}；{zh}。")


def _text(value: Any) -> str:
    if value is None:
        return ABSENT
    text = number(value) if isinstance(value, float) and not value.is_integer() else str(value)
    return text if len(text) <= 100 else text[:99] + "…"
