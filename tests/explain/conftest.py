"""A small data set, and stand-ins for fitted pipelines that are plain formulas."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openglm.core.budget import Budget, Clock
from openglm.core.cleaning import CleanStep
from openglm.core.dataset import Dataset, Rows
from openglm.core.evidence import (
    Contribution,
    Effect,
    FairGroup,
    Fairness,
    Interval,
    LabelDoubt,
    Repeated,
    RowReason,
    Slice,
    SplitCheck,
    Suspect,
    Term,
)
from openglm.core.finding import Finding
from openglm.core.plan import Plan, Split
from openglm.core.report import Report
from openglm.core.run import Run
from openglm.core.schema import Column, Schema
from openglm.core.task import Choice, Constraints, Goal, Slot, Span, Task
from openglm.core.trial import Candidate, Trial
from openglm.core.words import Said

NASTY = "<script>alert('x')</script> & \"价格\""


@dataclass
class FakeMember:
    candidate: Candidate
    weight: float


@dataclass
class FakePipeline:
    """What explain needs of a pipeline, computed by a formula; counts its calls."""

    formula: Any
    classes: tuple[Any, ...]
    threshold: float = 0.5
    title: str = "formula"
    members: list[FakeMember] = field(default_factory=list)
    calls: int = 0
    rows: int = 0

    def outputs(self, x: Any) -> Any:
        self.calls += 1
        self.rows += len(x["signal"])
        return self.formula(x)

    explains_itself = False

    def focus(self, outputs: Any) -> Any:
        if not self.classes:
            return None
        return np.ones(len(outputs), dtype=np.int64) if len(self.classes) == 2 else np.argmax(outputs, axis=1)

    def contributions(self, x: Any, *, focus: Any, seed: int = 0) -> Any:
        from openglm.core.attribution import shapley

        background = {name: values[:1] for name, values in x.items()}
        return shapley(self.outputs, x, background, focus=focus, orders=2, seed=seed)

    def decide_codes(self, outputs: Any) -> Any:
        if len(self.classes) == 2:
            return (outputs[:, 1] >= self.threshold).astype(np.int64)
        return np.argmax(outputs, axis=1).astype(np.int64)


@dataclass
class Case:
    """Everything explain takes."""

    run: Run
    data: Dataset
    model: FakePipeline
    baseline: FakePipeline
    trials: list[Trial]
    findings: tuple[Finding, ...]
    goal: Goal
    plan: Plan

    def explain(self, seconds: float | None = 60.0, **changes: Any) -> Any:
        from openglm.explain import explain

        clock = changes.pop("clock", None) or Clock(seconds)
        return explain(
            self.run, changes.pop("data", self.data), self.model, baseline=self.baseline, trials=self.trials,
            findings=self.findings, goal=self.goal, plan=self.plan, clock=clock, seconds=12.5,
            refit=changes.pop("refit", True),
        )  # fmt: skip


def make_case(path: Path, kind: str, *, classes: int = 3, rows: int = 500, language: str = "en", seed: int = 0) -> Case:
    """Return a case in which ``signal`` says much, ``level`` a little and ``noise`` nothing."""
    rng = np.random.default_rng(seed)
    x = {
        "signal": rng.normal(size=rows), "noise": rng.normal(size=rows),
        "level": rng.choice(np.array(["a", "b"], dtype=object), rows), NASTY: rng.normal(size=rows),
    }  # fmt: skip
    score = 2 * x["signal"] + 0.7 * (x["level"] == "b")
    labels: tuple[Any, ...] = ()
    if kind == "binary":
        labels, y = ("no", "yes"), (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(np.int64)
    elif kind == "multiclass":
        labels = tuple(f"类 {i:02d} {NASTY}" if i == 1 else f"类 {i:02d}" for i in range(classes))
        y = np.digitize(score, np.quantile(score, np.linspace(0, 1, classes + 1)[1:-1])).astype(np.int64)
    else:
        y = score + rng.normal(size=rows)

    def formula(columns: Any) -> Any:
        z = 2 * columns["signal"] + 0.7 * (columns["level"] == "b")
        if kind == "binary":
            p = 1 / (1 + np.exp(-z))
            return np.stack([1 - p, p], axis=1)
        if kind == "multiclass":
            centres = np.quantile(score, (np.arange(classes) + 0.5) / classes)
            p = np.exp(-((z[:, None] - centres) ** 2))
            return p / p.sum(axis=1, keepdims=True)
        return z[:, None]

    def naive(columns: Any) -> Any:
        n = len(columns["signal"])
        if labels:
            return np.tile(np.bincount(y, minlength=len(labels)) / rows, (n, 1))
        return np.full((n, 1), y.mean())

    everything = Rows(x, y, np.arange(rows))
    cut = rows - rows // 4
    schema = Schema(
        columns=tuple(
            Column(
                name=n,
                role="category" if v.dtype == object else "numeric",
                dtype="str" if v.dtype == object else "float",
            )
            for n, v in x.items()
        ),
        rows=rows,
    )
    metric = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[kind]
    sentence = "predict <b>churn</b> with few false alarms" if language == "en" else "预测流失<b>客户</b>"
    task = Task(
        kind=kind, target="churn", inputs=tuple(x), metric=metric, positive_class="yes" if kind == "binary" else None,
        language=language, sentence=sentence,
        constraints=Constraints(min_recall=0.1, max_false_positive_rate=1e-9) if kind == "binary" else Constraints(),
    )  # fmt: skip
    split = Split(method="stratified" if labels else "random", reason=Said(en="keeps shares", zh="保持比例"))
    data = Dataset(
        task, schema, labels, split, everything.take(np.arange(cut)), (np.arange(cut) % 5).astype(np.int8),
        everything.take(np.arange(cut, rows)),
    )  # fmt: skip
    word = "churn" if language == "en" else "流失"
    at = sentence.find(word)
    span, named = Span(start=at, end=at + len(word), text=word), Said(en="named", zh="句中提到")
    goal = Goal(
        intent="build_model", confidence=0.9, tasks=(task,), sentence=sentence, language=language,
        slots={"target": Slot(value="churn", origin="stated", score=0.9, evidence=(span,), reason=named)},
        alternatives=(Choice(column=NASTY, score=0.2, reason=Said(en="less likely", zh="可能性较低")),),
    )  # fmt: skip
    plan = Plan(recipe="tabular", task=task, views={}, entries=(), split=split, budget=Budget(seconds=60))
    trials = [
        Trial(candidate=Candidate(id="t0000", model="baseline", view="codes"), state="done", score=0.5, seconds=0.1),
        Trial(
            candidate=Candidate(id="t0001", model="formula", view="codes", params={"depth": 3}), state="done", score=0.6,
            seconds=1.0, bytes=2048,
        ),
        Trial(candidate=Candidate(id="t0002", model="slow", view="codes"), state="timeout", seconds=2.0, error="6 s <limit>"),
    ]  # fmt: skip
    run = Run(path)
    run.start("fingerprint", {})
    member = FakeMember(trials[1].candidate, 1.0)
    found = Finding(
        severity="warning", code="leak-copy", column=NASTY, message=Said(en=f"{NASTY} knows", zh=f"{NASTY} 泄露"),
        fix=Said(en="left out", zh="已排除"),
    )  # fmt: skip
    return Case(
        run, data, FakePipeline(formula, labels, members=[member]), FakePipeline(naive, labels, title="naive"), trials,
        (found,), goal, plan,
    )  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Any:
    """Return a function that makes cases in a fresh folder."""

    def make(kind: str = "binary", **changes: Any) -> Case:
        return make_case(tmp_path / kind, kind, **changes)

    return make


def fill(report: Report) -> Report:
    """Return the report with every optional part present: long names, Chinese, personal data, intervals on both sides of 0."""

    def ends(value: float, half: float) -> Interval:
        return Interval(value=value, low=value - half, high=value + half)

    def both(text: str) -> Said:
        return Said(en=text, zh=text)

    long = "customer_lifetime_value_in_euro_after_discount_and_tax"
    terms = (
        Term(column="合同类型", value="按月", amount=0.21), Term(column=long, value="1234.5", amount=-0.08),
        Term(column="手机号", value="13812345678", amount=0.02), Term(column=NASTY, value="<i>a</i>", amount=0.01),
    )  # fmt: skip
    rows = tuple(
        RowReason(
            row=1000 + i, truth="yes", prediction="no" if i else "yes", output=0.42, base=0.25, loss=0.9, terms=terms
        )
        for i in range(4)
    )
    grid = tuple(float(v) for v in range(0, 100, 5))
    mean = tuple(0.2 + 0.006 * v for v in grid)
    band = {"low": (-0.05,) * 20, "high": (0.07,) * 20, "share": (0.05,) * 20}
    groups = tuple(
        FairGroup(label=name, rows=n, selected=ends(s, 0.06), true_positive_rate=ends(0.7, 0.1),
                  false_positive_rate=ends(0.1, 0.04), calibration=ends(0.01, 0.05), error=ends(0.2, 0.05))
        for name, n, s in (("男 / male", 420, 0.31), ("女 / female", 380, 0.22), ("other", 41, 0.27))
    )  # fmt: skip
    personal = Finding(
        severity="warning", code="personal-excluded", column="手机号", rows=500,
        message=both("mobile numbers"), fix=both("left out"),
    )  # fmt: skip
    steps = (
        CleanStep(op="missing_marks", column="income", values=(-999, "?", "无"), rows=31, reason=both("alone and far away")),
        CleanStep(op="spelling", column="city", spelling={"beijing": "北京"}, rows=7, reason=both("the same")),
        CleanStep(op="range", column="金额", low=0.0, high=1e6, origin="stated", rows=3, reason=both("金额在 0 到 100 万之间")),
        CleanStep(op="digits", column="手机号", values=("13812345678",), rows=3, reason=both("digits only")),
    )  # fmt: skip
    suspects = tuple(
        Suspect(column=f"{v}_column", codes=("copy",), signs=(both("says the same as the target"),), alone=0.99, with_it=0.99,
                without_it=0.8, chance=0.5, metric="roc_auc", verdict=v, kept=v != "leak")
        for v in ("leak", "doubtful", "cleared")
    )  # fmt: skip
    effects = (
        Effect(column="月消费", grid=grid, mean=mean, **band, role="numeric"),
        Effect(column="since", grid=tuple(1.6e9 + 1e6 * v for v in grid), mean=mean, **band, role="date"),
        Effect(column=long, grid=("按月", "一年", "a level with a very long name"), mean=(0.4, 0.2, 0.1), low=(-0.1,) * 3,
               high=(0.1,) * 3, share=(0.5, 0.3, 0.2), role="category"),
    )  # fmt: skip
    weak = Slice(
        condition=both("合同类型 = 按月 and age < 30"), columns=("合同类型", "age"), rows=52, loss=0.9, rest=0.3, score=0.61, p_value=0.003,
    )  # fmt: skip
    return report.model_copy(
        update={
            "findings": (*report.findings, personal), "cleaning": steps, "leaks": suspects,
            "split_check": SplitCheck(
                metric=report.metric, model="lightgbm", honest=ends(0.71, 0.04), random=ends(0.83, 0.02),
                said=both("A random split would flatter the model by 0.12."),
            ),
            "repeated": Repeated(metric=report.metric, score=ends(0.72, 0.05), folds=5, repeats=10),
            "contributions": (
                Contribution(column="合同类型", mean_abs=0.12, rows=400), Contribution(column=long, mean_abs=0.04, rows=400),
            ),
            "effects": effects, "reasons_of_rows": rows, "surprises": rows, "slices": (weak,),
            "fairness": (
                Fairness(attribute="性别", stated=True, used=False, groups=groups, parity=ends(0.09, 0.07), odds=ends(0.05, 0.1),
                         calibration=ends(0.02, 0.05), left_out=12, said=both("Selected shares differ by 0.09.")),
            ),
            "label_doubts": tuple(LabelDoubt(row=i * 7, given="no", likely="yes", confidence=0.9 - i / 50) for i in range(20)),
        }
    )  # fmt: skip


@pytest.fixture
def filled() -> Any:
    """Return :func:`fill`."""
    return fill
