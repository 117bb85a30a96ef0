"""One door for each type of step: what :mod:`openglm.flow` opens when a step's turn has come.

A step is given the outcomes of all steps it waits for and takes from them what it needs; what it took is written down. The
learning itself is not done here: a learning step's door only says what the search brought.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openglm.core import graph, store
from openglm.core.budget import Clock
from openglm.core.errors import BudgetError, OpenGLMError, SourceError
from openglm.core.outcome import Outcome, OutcomeStatus
from openglm.core.report import LeaderRow, Report
from openglm.core.run import Run
from openglm.core.schema import Scalar, Schema
from openglm.core.task import CLASSIFICATION, Goal, Step, StepType
from openglm.core.words import Said

if TYPE_CHECKING:
    from openglm.core.parts import Floats
    from openglm.core.pipeline import Pipeline

Values = Mapping[str, Scalar | None]
CHUNK_ROWS = 5000
"""New rows predicted between two looks at the clock; a second or two even for slow models (docs/lab.md: 0.1 ms a row)."""
_ROLES = {
    "numeric": "数值", "category": "类别", "date": "日期", "text": "文本", "id": "标识", "constant": "常量", "empty": "空列",
}  # fmt: skip
_MADE_OF: dict[str, int] = {"compress": 1, "export": 2, "predict": 2, "deploy": 3, "monitor": 4}
"""Steps that hand the model on, in the order in which one works on what the other made."""
TOP = 3
"""Columns that the sentence about an explanation names."""
_NO_MODEL = Said(
    en="That needs a model, and the sentence does not say what to predict.",
    zh="这一步需要模型,而这句话没有说明要预测什么。",
)
_FILE = r"\.(?:csv|tsv|txt|parquet|xlsx|xls|jsonl|json|feather)\b"
_QUOTED = re.compile(rf"[\"'“‘「`]([^\"'”’」`]+{_FILE})[\"'”’」`]", re.I)
_BARE = re.compile(rf"[A-Za-z0-9_.~/\\:-]+{_FILE}", re.I)


@dataclass
class Work:
    """What a step is given.

    Parameters
    ----------
    run : Run
        The folder of the whole run.
    goal, step : Goal, Step
        The whole graph, and this node of it.
    before : tuple of Outcome
        Of the steps it waits for, directly or not, the nearest first.
    clock : Clock
        Of the budget.
    source : str or None
        File of the table, to find other files beside it.
    """

    run: Run
    goal: Goal
    step: Step
    before: tuple[Outcome, ...]
    clock: Clock
    source: str | None
    used: list[str] = field(default_factory=list)

    def take(self, name: str) -> Path | None:
        """Return the artifact ``name`` of the nearest step before this one that has it, and note that it was used."""
        for outcome in self.before:
            if name in outcome.artifacts:
                if outcome.task_id not in self.used:
                    self.used.append(outcome.task_id)
                return self.run.path / outcome.artifacts[name]
        return None

    def place(self, name: str) -> Path:
        """Return an artifact that must be there: every step that needs a model stands behind one that trains it."""
        path = self.take(name)
        assert path is not None, name
        return path

    def model(self) -> Pipeline:
        """Return the delivered pipeline of the learning step before this one."""
        from openglm.core.pipeline import Pipeline

        return Pipeline.load(self.place("pipeline"))

    def report(self) -> Report:
        """Return what the sealed rows said about that model."""
        return Run(self.place("report").parent).report

    def end(
        self, status: OutcomeStatus, said: Said, artifacts: dict[str, str] | None = None, values: Values | None = None
    ) -> Outcome:
        """Return the outcome; values that do not exist (``None``, not-a-number) are left out."""
        known: dict[str, Scalar] = {
            name: value
            for name, value in (values or {}).items()
            if value is not None and not (isinstance(value, float) and not math.isfinite(value))
        }
        return Outcome(
            task_id=self.step.task_id, type=self.step.type, status=status, said=said, inputs=tuple(self.used),
            artifacts=artifacts or {}, values=known,
        )  # fmt: skip

    def done(self, en: str, zh: str, artifacts: dict[str, str] | None = None, values: Values | None = None) -> Outcome:
        """Return the outcome of a step that did its work."""
        return self.end("done", Said(en=en, zh=zh), artifacts, values)


def carry_out(work: Work) -> Outcome:
    """Open the door of the step; whatever goes wrong behind it is its outcome and ends no run."""
    held = _held_up(work)
    if held is not None:
        name, why = graph.NAMES[held.type], held.said
        said = Said(
            en=f"Not done, because '{name.en}' before it is missing: {why.en}",
            zh=f"未执行: 前面的“{name.zh}”没有完成。{why.zh}",
        )
        return work.end("skipped", said)
    if not work.goal.tasks and work.step.type not in graph.DATA:
        return work.end("not_available", _NO_MODEL)
    try:
        return DOORS[work.step.type](work)
    except OpenGLMError as error:
        return work.end("failed", Said(en=error.text("en"), zh=error.text("zh")))
    except Exception as error:  # a step beside the model must never cost the model
        detail = " ".join(f"{type(error).__name__}: {error}".split())
        return work.end("failed", Said(en=f"Unexpected: {detail}", zh=f"意外错误: {detail}"))


def _held_up(work: Work) -> Outcome | None:
    """Return the step for want of which this one cannot be done.

    A step needs what was to be made of the model before it came to it; that "deploy it, then export it" cannot deploy keeps
    nobody from exporting. Everything up to the report needs only the table or the model.
    """
    place = _MADE_OF.get(work.step.type, 0)
    missing = [item for item in work.before if item.status != "done" and _MADE_OF.get(item.type, place) < place]
    return missing[0] if missing else None


# ── the data ──


def _validate(work: Work) -> Outcome:
    found = work.run.findings
    count = {severity: sum(item.severity == severity for item in found) for severity in ("blocker", "warning", "note")}
    worst = next((item for item in found if item.severity != "note"), None)
    more = (f" First: {worst.message.en}", f"首要问题: {worst.message.zh}") if worst else ("", "")
    return work.done(
        f"{_n(count['blocker'], 'blocker')}, {_n(count['warning'], 'warning')}, {_n(count['note'], 'note')}.{more[0]}",
        f"发现 {count['blocker']} 个阻断问题、{count['warning']} 个警告、{count['note']} 条说明。{more[1]}",
        {"findings": "findings.json"},
        count,
    )


def _clean(work: Work) -> Outcome:
    mended = [item for item in work.run.findings if item.fix is not None]
    named = list(dict.fromkeys(item.column for item in mended if item.column))
    shown = ", ".join(named[:6]) + (" …" if len(named) > 6 else "")
    place = (f" ({shown})", f"({shown})") if shown else ("", "")
    learned = work.run.has("data/train.feather")
    artifacts = {"findings": "findings.json"} | ({"data": "data/train.feather"} if learned else {})
    if not mended:
        return work.done("Nothing needed mending.", "没有需要修正的内容。", artifacts, {"mended": 0})
    if learned:
        en, zh = "mended for the model", "已为建模修正"
    else:
        en, zh = (
            "to be mended when a model learns from the table; the file itself is unchanged",
            "在建模时会修正,原文件未改动",
        )
    what = "1 thing" if len(mended) == 1 else f"{len(mended)} things"
    return work.done(f"{what}{place[0]} {en}.", f"{len(mended)} 处{place[1]}{zh}。", artifacts, {"mended": len(mended)})


def _describe(work: Work) -> Outcome:
    schema = Schema.from_json((work.run.path / "profile.json").read_bytes())
    roles: dict[str, int] = {}
    for column in schema.columns:
        roles[column.role] = roles.get(column.role, 0) + 1
    listed = ", ".join(f"{count} {role}" for role, count in roles.items())
    listed_zh = "、".join(f"{_ROLES[role]} {count}" for role, count in roles.items())
    gap = max(schema.columns, key=lambda column: column.missing)
    gaps = (f" Most gaps: '{gap.name}', {gap.missing:.0%}.", f"缺失最多的列: “{gap.name}”,{gap.missing:.0%}。")
    if not gap.missing:
        gaps = (" No cell is missing.", "没有缺失值。")
    return work.done(
        f"{schema.rows:,} rows, {len(schema.columns)} columns ({listed}).{gaps[0]}",
        f"{schema.rows:,} 行,{len(schema.columns)} 列({listed_zh})。{gaps[1]}",
        {"profile": "profile.json"},
        {
            "rows": schema.rows,
            "columns": len(schema.columns),
            "missing": round(sum(column.missing for column in schema.columns) / len(schema.columns), 4),
        },
    )


def _features(work: Work) -> Outcome:
    if not work.run.has("plan.yaml"):
        said = Said(
            en="Features are made for a model; the sentence asks for none.",
            zh="特征是为模型构造的;这句话没有要求训练模型。",
        )
        return work.end("not_available", said)
    views = work.run.plan.views
    listed = "; ".join(f"{name}: {', '.join(dict.fromkeys(s.part for s in steps))}" for name, steps in views.items())
    number = sum(len(steps) for steps in views.values())
    return work.done(
        f"{_n(number, 'feature step')} in {_n(len(views), 'view')} ({listed}).",
        f"共 {len(views)} 个视图、{number} 个特征步骤({listed})。",
        {"plan": "plan.yaml"},
        {"views": len(views), "feature_steps": number},
    )


# ── the model ──


def _build(work: Work) -> Outcome:
    for name in ("data", "plan", "findings"):
        work.take(name)  # the search has learned from them
    own = _own_run(work)
    report = own.report
    told, values = _score(report)
    return work.done(
        f"Trained {report.model}: {told.en}.", f"已训练 {report.model}: {told.zh}。", _made(work, own), values
    )


def _again(work: Work) -> Outcome:
    """Tuning and training again: the one search has done it."""
    first = work.take("report")
    own = Run(first.parent) if first is not None else work.run
    report = own.report
    tried = [row for row in report.leaderboard if row.state == "done"]
    learners = len({row.model for row in tried})
    told, values = _score(report)
    return work.done(
        f"{_n(len(tried), 'candidate')} of {_n(learners, 'learner')} tried with different settings; {told.en}.",
        f"共尝试 {learners} 种模型的 {len(tried)} 组参数;{told.zh}。",
        _made(work, own),
        values | {"candidates": len(tried)},
    )


def _compare(work: Work) -> Outcome:
    """Write the best trial of every learner side by side, those that the user named first."""
    first = work.take("report")
    own = Run(first.parent) if first is not None else work.run
    report, named = own.report, own.plan.task.models
    best: dict[str, LeaderRow] = {}
    for row in report.leaderboard:  # best first, failures last
        best.setdefault(row.model, row)
    rank = {name: i for i, name in enumerate(named)}
    rows = sorted(best.values(), key=lambda row: rank.get(row.model, len(rank)))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["learner", report.metric, "weight", "fit_s", "bytes", "state", "settings", "error"])
    for row in rows:
        settings = " ".join(f"{name}={value}" for name, value in row.params.items())
        score = "" if row.score is None else row.score
        writer.writerow(
            [row.model, score, row.weight, round(row.fit_s, 3), row.bytes, row.state, settings, row.error or ""]
        )
    store.write_text(work.run.path / "leaderboard.csv", text.getvalue())
    listed = ", ".join(f"{row.model} {row.score:.4g}" for row in rows[:6] if row.score is not None)
    artifacts = {"leaderboard": "leaderboard.csv"} | (_made(work, own) if not work.used else {})
    return work.done(
        f"Validation {report.metric} of each learner's best: {listed}.",
        f"各模型最佳验证 {report.metric}: {listed}。",
        artifacts,
        {row.model: row.score for row in rows},
    )


def _own_run(work: Work) -> Run:
    """Return the folder in which a learning step has learned: its own one for a second task."""
    own = Run(work.run.path / "steps" / work.step.task_id)
    return own if own.has("report.json") else work.run


def _made(work: Work, own: Run) -> dict[str, str]:
    """Return what a search leaves behind, by path relative to the whole run."""
    names = {
        "pipeline": "pipeline", "board": "board.json", "report": "report.json", "page": "report.html",
        "sealed_predictions": "sealed_predictions.csv",
    }  # fmt: skip
    place = own.path.relative_to(work.run.path)
    return {name: (place / path).as_posix() for name, path in names.items() if own.has(path)}


def _score(report: Report) -> tuple[Said, dict[str, Scalar]]:
    score, naive = report.metrics[report.metric], report.baseline.get(report.metric, float("nan"))
    rows = report.data.scored
    said = Said(
        en=f"{report.metric} {score:.4g} on {rows:,} sealed rows (baseline {naive:.4g})",
        zh=f"在 {rows:,} 行封存数据上 {report.metric} 为 {score:.4g}(基线 {naive:.4g})",
    )
    return said, {"metric": report.metric, "score": score, "baseline": naive, "model": report.model}


# ── what the model has to say ──


def _evaluate(work: Work) -> Outcome:
    report = work.report()
    around = report.intervals.get(report.metric)
    told, values = _score(report)
    range_ = (
        f", 95 % {around.low:.4g} to {around.high:.4g}" if around else "",
        f",95% 区间 {around.low:.4g}–{around.high:.4g}" if around else "",
    )
    en, zh = f"{told.en}{range_[0]}", f"{told.zh}{range_[1]}"
    return work.done(f"{en[:1].upper()}{en[1:]}.", f"{zh}。", _pages(work), values)


def _explain(work: Work) -> Outcome:
    report = work.report()
    top = [item for item in report.importance if item.drop > 0][:TOP]
    if not top:
        return work.done(
            "The report is written; there was no time to measure what matters most, or nothing does.",
            "报告已写好;没有时间测量各列的重要性,或没有列起作用。",
            _pages(work),
        )
    listed = ", ".join(f"{item.column} ({item.drop:.3g})" for item in top)
    return work.done(
        f"What matters most ({report.metric} lost when shuffled): {listed}.",
        f"最重要的列(打乱后损失的 {report.metric}): {listed}。",
        _pages(work),
        {item.column: item.drop for item in top},
    )


def _report(work: Work) -> Outcome:
    _ = work.report()
    return work.done("Written as a page and as data.", "已写成网页和数据两种形式。", _pages(work))


def _pages(work: Work) -> dict[str, str]:
    folder = work.place("report").parent.relative_to(work.run.path)
    return {"page": (folder / "report.html").as_posix(), "report": (folder / "report.json").as_posix()}


# ── handing it on ──


def _predict(work: Work) -> Outcome:
    """Predict the file that the sentence names; without one, what was predicted for the sealed rows is handed out."""
    named = file_in(work.goal.sentence, work.source)
    if named is not None:
        return _predict_file(work, named)
    path = work.place("sealed_predictions")
    text = path.read_text(encoding="utf-8")
    rows = max(text.count("\n") - 1, 0)
    store.write_text(work.run.path / "predictions.csv", text)
    folder = work.run.path
    return work.done(
        f"The sentence names no file with new rows, so the predictions of the {rows:,} sealed rows were written, made before the "
        f"model learned from them. New rows: openglm predict {folder} new.csv -o predictions.csv",
        f"句中没有给出新数据文件,因此写出了 {rows:,} 行封存数据的预测(当时模型尚未学过这些行)。"
        f"预测新数据: openglm predict {folder} new.csv -o predictions.csv",
        {"predictions": "predictions.csv"},
        {"rows": rows, "of": "sealed rows"},
    )


def _predict_file(work: Work, path: Path) -> Outcome:
    import numpy as np
    import pandas as pd

    if not path.is_file():
        raise SourceError(
            Said(
                en=f"The file {path.name} that the sentence names does not exist.",
                zh=f"句中提到的文件 {path.name} 不存在。",
            ),
            hint=Said(
                en=f"Put it beside the table, or: openglm predict {work.run.path} FILE",
                zh=f"请将其放在数据文件旁,或运行: openglm predict {work.run.path} 文件",
            ),
        )
    model = work.model()
    x = model.read(path)
    rows = len(next(iter(x.values())))
    parts: list[Floats] = []
    for start in range(0, rows, CHUNK_ROWS):
        if parts and work.clock.expired():
            raise BudgetError(
                Said(
                    en=f"The time was up after {start:,} of {rows:,} rows.",
                    zh=f"预测到第 {start:,} 行(共 {rows:,} 行)时时间用完。",
                ),
                hint=Said(
                    en=f"Go on with: openglm predict {work.run.path} {path}",
                    zh=f"请运行: openglm predict {work.run.path} {path}",
                ),
            )
        parts.append(model.outputs({name: values[start : start + CHUNK_ROWS] for name, values in x.items()}))
    outputs = np.vstack(parts)
    answers: dict[str, Any] = {"prediction": model.decide(outputs)}
    if model.task.kind in CLASSIFICATION:
        answers |= {f"proba_{label}": outputs[:, i] for i, label in enumerate(model.classes)}
    store.write_text(
        work.run.path / "predictions.csv", str(pd.DataFrame(answers).to_csv(index=False, lineterminator="\n"))
    )
    return work.done(
        f"{rows:,} rows of {path.name} predicted with the delivered model.",
        f"已用交付的模型预测 {path.name} 的 {rows:,} 行。",
        {"predictions": "predictions.csv"},
        {"rows": rows, "of": path.name},
    )


def file_in(sentence: str, source: str | None) -> Path | None:
    """Return the file of new rows that a sentence names: beside the table or below the current folder; never the table itself.

    Examples
    --------
    >>> file_in("train on a.csv, then predict 新客户new.csv", "/data/a.csv").as_posix()
    '/data/new.csv'
    """
    table = Path(source) if source else None
    for name in [*_QUOTED.findall(sentence), *_BARE.findall(sentence)]:
        path = Path(name)
        places = [path] if table is None or path.is_absolute() else [path, table.parent / path]
        found = next((place for place in places if place.is_file()), places[-1])
        if table is None or found.resolve() != table.resolve():
            return found
    return None


def _export(work: Work) -> Outcome:
    """Save the delivered model as a folder, and the same as a zip file."""
    model = work.model()
    folder = work.run.path / "export" / "model"
    with store.storage_errors(folder):
        size = model.save(folder)
        aside, whole = folder.with_name(".model.zip.part"), folder.with_name("model.zip")
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    packed.write(file, (Path("model") / file.relative_to(folder)).as_posix())
        aside.replace(whole)
    wants = "outputs" in work.goal.slots and "export_onnx" in work.goal.slots["outputs"].value
    onnx = (
        (" Export to ONNX comes with a later version.", "导出 ONNX 将在后续版本提供。")
        if wants or "onnx" in work.goal.sentence.casefold()
        else ("", "")
    )
    return work.done(
        f"The model bundle was exported as a folder and as a zip file; openglm.load(folder) reads it.{onnx[0]}",
        f"模型包已导出为目录和 zip 文件,可用 openglm.load(目录) 读取。{onnx[1]}",
        {"folder": "export/model", "zip": "export/model.zip"},
        {"bytes": size, "onnx": False},
    )


def _compress(work: Work) -> Outcome:
    return work.end(
        "not_available",
        Said(
            en="Making a model smaller comes with a later version; it is delivered as it is.",
            zh="模型压缩将在后续版本提供;目前按原样交付。",
        ),
    )


def _deploy(work: Work) -> Outcome:
    docker = "outputs" in work.goal.slots and "docker" in work.goal.slots["outputs"].value
    en, zh = ("Deployment as a container", "以容器部署") if docker else ("Deployment", "部署")
    return work.end(
        "not_available",
        Said(
            en=f"{en} comes with a later version; until then: openglm predict {work.run.path} new.csv",
            zh=f"{zh}将在后续版本提供;目前可用: openglm predict {work.run.path} new.csv",
        ),
    )


def _monitor(work: Work) -> Outcome:
    return work.end(
        "not_available",
        Said(
            en="Watching a deployed model comes with a later version; nothing watches it now.",
            zh="模型监控将在后续版本提供;目前没有任何监控。",
        ),
    )


def _n(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


DOORS: dict[StepType, Callable[[Work], Outcome]] = {
    "validate_data": _validate, "clean_data": _clean, "describe_data": _describe, "engineer_features": _features,
    "build_model": _build, "tune": _again, "retrain": _again, "compare": _compare, "evaluate": _evaluate,
    "explain": _explain, "report": _report, "predict": _predict, "compress": _compress, "export": _export,
    "deploy": _deploy, "monitor": _monitor,
}  # fmt: skip
