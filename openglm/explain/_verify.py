"""Recompute what a report says from the files it was made of, and name every difference.

First the hash of every file; then, from the predictions of the sealed rows, their true values and the baseline's model: every
metric, interval, comparison, promise and chart; then the views, drawn again. Where the delivered model is the one that was
scored, it predicts the sealed rows again too. Importance, effects and reasons are covered by the hash of the report.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core import manifest
from openglm.core.budget import Clock
from openglm.core.dataset import Dataset
from openglm.core.errors import OpenGLMError
from openglm.core.evidence import Repeated, SplitCheck
from openglm.core.metrics import metric
from openglm.core.parts import Floats
from openglm.core.pipeline import Pipeline
from openglm.core.report import Report
from openglm.core.run import Run
from openglm.core.task import CLASSIFICATION
from openglm.core.words import Language, Said, Word, plural
from openglm.explain import _explain, _say, _summary
from openglm.explain._fairness import Answers, fairness
from openglm.explain._resample import units_of

BASELINE = "trials/t0000/model"
"""Where the naive model lies."""
CLOSE = 1e-9
"""Relative difference up to which a recomputed score counts as the same: sums of some 10,000 numbers in another order, as
another processor adds them, differ by some 1e-12 (Higham 2002, section 4.2)."""
CLOSE_OUTPUTS = 1e-5
"""The same for outputs of a model, which some learners compute in single precision (2^-24 is 6e-8; hundreds of trees add up)."""
_EMPTY = "nothing"
_CHINESE = {
    "nothing": "无", "a trial": "有这次试验", "a finding": "有这条发现",
    "a readable run": "可读取的运行", "as written": "原样", "changed": "已被改动",
    "the same": "相同", "another text": "不同的内容", "layout": "文件格式", "itself": "清单自身的哈希",
    "result": "结果摘要", "drawn again": "重新生成", "recomputed": "重新计算", "number of rows": "行数",
    "rows that are not sealed": "不属于封存数据的行数", "distance of the predictions of pipeline/": "pipeline/ 重新预测的偏差",
}  # fmt: skip
"""The fixed words of a difference. Names of files and fields stay as they are: they are to be looked for."""
_ROW = re.compile(r"^row (\d+), (truth|prediction)$")
_OF_ROW = {"truth": "真实值", "prediction": "预测"}


class Difference(Word):
    """One thing that is not as it was written.

    Parameters
    ----------
    file : str
        Of the run folder.
    what : str
        The place in it: a field, a row, or "sha256".
    expected, found : str
        What was written, and what there is or what was recomputed.
    """

    file: str
    what: str
    expected: str
    found: str

    def text(self, language: Language) -> str:
        """Return it as one line."""
        if language == "zh":
            what, expected, found = (_CHINESE.get(text, text) for text in (self.what, self.expected, self.found))
            what = _ROW.sub(lambda match: f"第 {match[1]} 行的{_OF_ROW[match[2]]}", what)
            return f"{self.file} · {what}: 应为 {expected},实际为 {found}"
        return f"{self.file} · {self.what}: expected {self.expected}, found {self.found}"


class Verified(Word):
    """What was recomputed, what differs, and what a reader should know besides."""

    checks: tuple[Said, ...] = ()
    differences: tuple[Difference, ...] = ()
    remarks: tuple[Said, ...] = ()

    @property
    def ok(self) -> bool:
        """Say whether everything is as it was written."""
        return not self.differences


class _Notes:
    def __init__(self) -> None:
        self.checks: list[Said] = []
        self.differences: list[Difference] = []
        self.remarks: list[Said] = []

    def differ(self, file: str, what: str, expected: Any, found: Any) -> None:
        self.differences.append(Difference(file=file, what=what, expected=_short(expected), found=_short(found)))

    def compare(self, what: str, written: Any, computed: Any, file: str = "report.json") -> None:
        """Note every number or text in which two JSON values differ."""
        for place, a, b in differing(written, computed):
            self.differ(file, f"{what}{place}", a, b)


def verify(path: str | Path) -> Verified:
    """Check a finished run: hashes first, then everything that can be computed again.

    Parameters
    ----------
    path : str or Path
        A run folder.

    Raises
    ------
    BundleError
        If there is no run, or it has no readable ``manifest.json``.
    """
    run, notes = Run.open(path), _Notes()
    made = manifest.read(run.path)
    _hashes(run.path, made, notes)
    folders = [run.path, *sorted(file.parent for file in run.path.glob("steps/*/report.json"))]
    for folder in folders:
        if (folder / "report.json").exists():
            place = "" if folder == run.path else folder.relative_to(run.path).as_posix() + "/"
            before = len(notes.differences)
            try:
                _recompute(Run(folder), notes, same_code=made.code == manifest.code())
            except (OpenGLMError, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
                if not notes.differences:  # a file that cannot be read is named already, by its hash
                    notes.differ(
                        f"{place}report.json", "recomputed", "a readable run", f"{type(error).__name__}: {error}"
                    )
            for i in range(before, len(notes.differences)) if place else ():
                item = notes.differences[i]
                notes.differences[i] = item.model_copy(update={"file": place + item.file})
    if made.code != manifest.code():
        notes.remarks.append(Said(
            en=f"The run was made by another version of the program ({made.code.version}, {made.code.sha256[:12]}); numbers were "
            "recomputed with this one.",
            zh=f"该运行由另一版本的程序生成（{made.code.version}, {made.code.sha256[:12]}），此处用当前版本重新计算。",
        ))  # fmt: skip
    return Verified(checks=tuple(notes.checks), differences=tuple(notes.differences), remarks=tuple(notes.remarks))


def _hashes(folder: Path, made: manifest.Manifest, notes: _Notes) -> None:
    """Compare every file with its hash, and the manifest with its own."""
    if made.sealed().itself != made.itself:
        notes.differ(manifest.MANIFEST, "itself", made.itself, made.sealed().itself)
    if (folder / manifest.MANIFEST).read_text(encoding="utf-8") != made.to_json() + "\n":
        notes.differ(manifest.MANIFEST, "layout", "as written", "changed")
    here = manifest.names(folder)
    for name, known in made.files.items():
        path = folder / name
        if not path.is_file():
            notes.differ(name, "sha256", known.sha256, _EMPTY)
        elif (found := manifest.sha256(path.read_bytes())) != known.sha256:
            notes.differ(name, "sha256", known.sha256, found)
    added = [name for name in here if name not in made.files]
    if added:
        listed = ", ".join(added[:5]) + (" …" if len(added) > 5 else "")
        notes.remarks.append(Said(
            en=f"{plural(len(added), 'file')} came later and {'was' if len(added) == 1 else 'were'} not checked: {listed}",
            zh=f"有 {len(added)} 个文件是后来添加的，未核对：{listed}",
        ))  # fmt: skip
    if not notes.differences and (found := manifest.result(folder, made.files)) != made.result:
        notes.differ(manifest.MANIFEST, "result", made.result, found)
    notes.checks.append(
        Said(en=f"{len(made.files)} files have the hash they had", zh=f"{len(made.files)} 个文件的哈希值一致")
    )


def _recompute(run: Run, notes: _Notes, *, same_code: bool) -> None:
    report, data = run.report, Dataset.load(run.path / "data", sealed=True)
    plan = run.plan
    sealed = _sealed(run, report, data, notes)
    if sealed is None:
        return
    chosen = metric(report.metric, report.kind)
    scores = _summary.scores(report.kind, chosen.id, sealed.rows.y, sealed.outputs, sealed.codes)
    base = _summary.scores(report.kind, chosen.id, sealed.rows.y, sealed.base, sealed.base_codes)
    notes.compare("metrics", report.metrics, scores)
    notes.compare("baseline", report.baseline, base)
    notes.checks.append(Said(
        en=f"{len(scores)} metrics of the model and {len(base)} of the baseline, on {plural(len(sealed.rows), 'sealed row')}",
        zh=f"在 {len(sealed.rows):,} 行封存数据上重新计算了模型的 {len(scores)} 个指标和基线的 {len(base)} 个指标",
    ))  # fmt: skip
    _intervals(report, data, sealed, scores, plan.seed, notes)
    _charts(report, data, sealed, plan.seed, notes)
    _promises(report, data, scores, notes)
    _groups(report, data, sealed, plan.seed, notes)
    _from_files(run, report, data, sealed, notes)
    if same_code:
        _sentences(report, data, scores, base, len(sealed.rows), notes)
        _views(run, report, notes)


# ── the sealed rows ──


class _Fixed:
    """The threshold that the report names: all that the charts ask of a pipeline."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold


def _sealed(run: Run, report: Report, data: Dataset, notes: _Notes) -> _explain._Sealed | None:
    """Return the scored rows from ``sealed_predictions.csv`` and ``data/``; note where the two disagree."""
    name = "sealed_predictions.csv"
    with (run.path / name).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        head, lines = next(reader), list(reader)
    place = {int(row): i for i, row in enumerate(data.sealed.index)}
    listed = [int(line[0]) for line in lines]
    unknown = [row for row in listed if row not in place]
    if unknown or len(listed) != report.data.scored:
        if len(listed) != report.data.scored:
            notes.differ(name, "number of rows", report.data.scored, len(listed))
        if unknown:
            notes.differ(name, "rows that are not sealed", 0, len(unknown))
        return None
    rows = data.sealed.take(np.array([place[row] for row in listed], dtype=np.int64))
    truth = [str(value) for value in data.label(rows.y).tolist()]
    for line, true in zip(lines, truth, strict=True):
        if line[1] != true:
            notes.differ(name, f"row {line[0]}, truth", true, line[1])
    classes = data.task.kind in CLASSIFICATION
    columns = range(3, len(head)) if classes else [2]
    outputs = np.array([[float(line[i]) for i in columns] for line in lines], dtype=np.float64).reshape(
        len(lines), len(columns)
    )
    threshold = report.threshold if report.threshold is not None else 0.5
    codes = _codes(outputs, threshold) if classes else None
    if codes is not None:
        for line, said in zip(lines, data.label(codes).tolist(), strict=True):
            if line[2] != str(said):
                notes.differ(name, f"row {line[0]}, prediction", said, line[2])
    naive = Pipeline.load(run.path / BASELINE)
    base: Floats = np.asarray(naive.outputs(rows.x), dtype=np.float64) if len(rows) else np.zeros((0, outputs.shape[1]))
    base_threshold = run.board.baseline_threshold if run.has("board.json") else 0.5
    if report.delivered == "training rows" and len(rows):
        again = np.asarray(Pipeline.load(run.path / "pipeline").outputs(rows.x), dtype=np.float64)
        worst = float(np.max(np.abs(again - outputs) / np.maximum(np.abs(outputs), 1.0)))
        if not worst <= CLOSE_OUTPUTS:
            notes.differ(name, "distance of the predictions of pipeline/", "0", f"{worst:.2g}")
        notes.checks.append(Said(
            en=f"the delivered model predicts the {plural(len(rows), 'sealed row')} as it did",
            zh=f"交付的模型对 {len(rows):,} 行封存数据的预测不变",
        ))  # fmt: skip
    return _explain._Sealed(
        rows, outputs, base, codes, _codes(base, base_threshold) if classes else None, report.speed.batch_ms
    )


def _codes(outputs: Floats, threshold: float) -> NDArray[np.int64]:
    """Decide classes as :meth:`openglm.core.pipeline.Pipeline.decide_codes` does."""
    if outputs.shape[1] == 2:
        return (outputs[:, 1] >= threshold).astype(np.int64)
    return np.asarray(np.argmax(outputs, axis=1), dtype=np.int64)


# ── what was made of them ──


def _intervals(
    report: Report, data: Dataset, sealed: _explain._Sealed, scores: dict[str, float], seed: int, notes: _Notes
) -> None:
    """Resample again with the run's seed; a run in a hurry had drawn fewer resamples, so both numbers are tried."""
    chosen = metric(report.metric, report.kind)
    units = units_of(data.split, sealed.rows)
    best: list[tuple[str, Any, Any]] = []
    for clock in (Clock(None), Clock(_explain.HURRY_S / 2, now=lambda: 0.0)):
        found, gain = _explain._intervals(chosen, sealed, scores, clock, seed, units=units)
        known = {name: found[name].model_dump() for name in report.intervals if name in found}
        written = {name: report.intervals[name].model_dump() for name in known}
        apart = [(f"intervals{place}", a, b) for place, a, b in differing(written, known)]
        gains = (report.gain.model_dump() if report.gain else None, gain.model_dump() if gain else None)
        apart += [(f"gain{place}", a, b) for place, a, b in differing(*gains)]
        if not best or len(apart) < len(best):
            best = apart
        if not apart:
            best = []
            break
    for what, a, b in best:
        notes.differ("report.json", what, a, b)
    better = report.gain is not None and report.gain.low > 0 and len(sealed.rows) >= _explain.FEWEST_FOR_CLAIM
    notes.compare("better_than_baseline", report.better_than_baseline, better)
    notes.checks.append(Said(
        en=f"{plural(len(report.intervals), 'interval')} and the comparison with the baseline, resampled with seed {seed}",
        zh=f"用随机种子 {seed} 重新抽样，核对了 {len(report.intervals)} 个区间以及与基线的比较",
    ))  # fmt: skip


def _charts(report: Report, data: Dataset, sealed: _explain._Sealed, seed: int, notes: _Notes) -> None:
    fixed: Any = _Fixed(report.threshold if report.threshold is not None else 0.5)
    for name, value in _explain._charts(data, fixed, sealed, seed).items():
        notes.compare(name, _plain(getattr(report, name)), _plain(value))
    notes.checks.append(Said(
        en="confusion, ROC curve, calibration and residuals, as far as the problem has them",
        zh="混淆矩阵、ROC 曲线、校准与残差（视问题类型而定）",
    ))  # fmt: skip


def _promises(report: Report, data: Dataset, scores: dict[str, float], notes: _Notes) -> None:
    """Check what was reached for each limit; times and sizes are those of the machine of the run."""
    at = report.roc.at_threshold[0] if report.roc is not None else math.nan
    reached = {
        "max_false_positive_rate": at, "min_recall": scores.get("recall", math.nan),
        "min_precision": scores.get("precision", math.nan), "max_latency_ms": report.speed.one_row_ms,
    }  # fmt: skip
    for i, item in enumerate(report.promises):
        if item.constraint in reached:
            notes.compare(f"promises[{i}].value", item.value, reached[item.constraint])
        upward = item.constraint.startswith("min_")
        kept = item.value >= item.limit if upward else item.value <= item.limit
        notes.compare(f"promises[{i}].kept", item.kept, kept)
    if report.promises:
        n = len(report.promises)
        notes.checks.append(Said(en=f"{plural(n, 'limit')} that you asked for", zh=f"您提出的 {n} 项限制"))


def _groups(report: Report, data: Dataset, sealed: _explain._Sealed, seed: int, notes: _Notes) -> None:
    """Compare groups of people, and the cost of wrong answers, again."""
    units = units_of(data.split, sealed.rows)
    found, _ = fairness(data, sealed.rows, Answers(sealed.rows.y, sealed.outputs, sealed.codes), units=units, seed=seed)
    notes.compare("fairness", _plain(report.fairness), _plain(found))
    if found:
        notes.checks.append(
            Said(en=f"groups of {plural(len(found), 'sensitive attribute')}", zh=f"{len(found)} 个敏感属性的分组指标")
        )
    if report.cost is not None and sealed.codes is not None:
        again = _summary.cost(data.task.constraints, sealed.rows.y, sealed.codes, units=units, seed=seed)
        notes.compare("cost", _plain(report.cost), _plain(again) if again is not None else None)


def _from_files(run: Run, report: Report, data: Dataset, sealed: _explain._Sealed, notes: _Notes) -> None:
    """Compare what the report took over from trials, findings and data with those files."""
    facts = _summary.data_facts(data, report.data.source_columns, len(sealed.rows))
    notes.compare("data", _plain(report.data), _plain(facts))
    trials = {trial.candidate.id: trial for trial in run.trials}
    for row in report.leaderboard:
        trial = trials.get(row.id)
        if trial is None:
            notes.differ("trials.jsonl", row.id, "a trial", _EMPTY)
        else:
            notes.compare(f"leaderboard.{row.id}.score", row.score, trial.score)
    if run.has("board.json"):
        weights = {share.trial: share.weight for share in run.board.shares}
        notes.compare("leaderboard.weight", {row.id: row.weight for row in report.leaderboard if row.weight}, weights)
    known = {item.to_json() for item in report.findings}
    for item in run.findings:
        if item.to_json() not in known:
            notes.differ("report.json", f"findings.{item.code}", "a finding", _EMPTY)
    notes.compare("target", report.target, data.task.target)
    notes.compare("leaks", _plain(report.leaks), _plain(data.suspects))
    notes.compare("cleaning", _plain(report.cleaning), _plain(data.cleaning))
    notes.compare("split_check", _plain(report.split_check), _plain(run.found("split_check.json", SplitCheck)))
    notes.compare("repeated", _plain(report.repeated), _plain(run.found("repeated.json", Repeated)))
    notes.checks.append(Said(
        en=f"{plural(len(report.leaderboard), 'model')} of the leaderboard, {plural(len(run.findings), 'finding')} and the sizes "
        "of the data",
        zh=f"排行榜的 {len(report.leaderboard)} 个模型、{len(run.findings)} 条数据发现以及数据规模",
    ))  # fmt: skip


def _sentences(
    report: Report, data: Dataset, scores: dict[str, float], base: dict[str, float], rows: int, notes: _Notes
) -> None:
    """Say the answer again from the recomputed numbers."""
    facts = _say.Facts(
        task=data.task, metric=report.metric, score=scores[report.metric], base=base[report.metric],
        interval=report.intervals.get(report.metric), better=report.better_than_baseline, rows=rows, data=report.data,
        model=report.model,
    )  # fmt: skip
    for name, said in (("title", _say.title(facts)), ("answer", _say.answer(facts)), ("meaning", _say.meaning(facts))):
        notes.compare(name, _plain(getattr(report, name)), _plain(said))
    notes.checks.append(Said(en="the answer and what it means", zh="结论及其含义"))


def _views(run: Run, report: Report, notes: _Notes) -> None:
    drawn: dict[str, Callable[[], str]] = _explain.views(run, report)
    for name, draw in drawn.items():
        if run.has(name) and (run.path / name).read_text(encoding="utf-8") != draw():
            notes.differ(name, "drawn again", "the same", "another text")
    notes.checks.append(
        Said(en=f"{', '.join(drawn)} drawn again from report.json", zh=f"由 report.json 重新生成 {'、'.join(drawn)}")
    )


# ── comparing ──


def differing(written: Any, computed: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield place and both values wherever two JSON values differ; numbers may be :data:`CLOSE`.

    Examples
    --------
    >>> list(differing({"a": [1.0, 2.0]}, {"a": [1.0, 2.5]}))
    [('.a[1]', 2.0, 2.5)]
    """
    if isinstance(written, dict) and isinstance(computed, dict):
        for key in dict.fromkeys([*written, *computed]):
            yield from differing(written.get(key), computed.get(key), f"{place}.{key}")
    elif _is_list(written) and _is_list(computed) and len(written) == len(computed):
        for i, (a, b) in enumerate(zip(written, computed, strict=True)):
            yield from differing(a, b, f"{place}[{i}]")
    elif isinstance(written, bool) or isinstance(computed, bool) or not (_is_number(written) and _is_number(computed)):
        if written != computed or isinstance(written, bool) != isinstance(computed, bool):
            yield place, written, computed
    elif not (written == computed or math.isclose(written, computed, rel_tol=CLOSE, abs_tol=1e-12)) and not (
        math.isnan(written) and math.isnan(computed)
    ):
        yield place, written, computed


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _plain(value: Any) -> Any:
    if isinstance(value, Word):
        return value.model_dump()
    return [_plain(item) for item in value] if _is_list(value) else value


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, float) else str(value)
    return text if len(text) <= 80 else text[:79] + "…"
