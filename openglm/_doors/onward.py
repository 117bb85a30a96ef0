"""Doors of the steps that hand a model on: predicting new rows, exporting; and those that are not built yet."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openglm._doors.work import Work
from openglm.core import store
from openglm.core.errors import BudgetError, SourceError
from openglm.core.outcome import Outcome
from openglm.core.task import CLASSIFICATION
from openglm.core.words import Said

if TYPE_CHECKING:
    from openglm.core.parts import Floats

CHUNK_ROWS = 5000
"""New rows predicted between two looks at the clock; a second or two even for slow models (docs/lab.md: 0.1 ms a row)."""
_FILE = r"\.(?:csv|tsv|txt|parquet|xlsx|xls|jsonl|json|feather)\b"
_QUOTED = re.compile(rf"[\"'“‘「`]([^\"'”’」`]+{_FILE})[\"'”’」`]", re.I)
_BARE = re.compile(rf"[A-Za-z0-9_.~/\\:-]+{_FILE}", re.I)


def predict(work: Work) -> Outcome:
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


def export(work: Work) -> Outcome:
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


def compress(work: Work) -> Outcome:
    """Say that models are not made smaller yet."""
    return work.end(
        "not_available",
        Said(
            en="Making a model smaller comes with a later version; it is delivered as it is.",
            zh="模型压缩将在后续版本提供;目前按原样交付。",
        ),
    )


def deploy(work: Work) -> Outcome:
    """Say that nothing is deployed yet."""
    docker = "outputs" in work.goal.slots and "docker" in work.goal.slots["outputs"].value
    en, zh = ("Deployment as a container", "以容器部署") if docker else ("Deployment", "部署")
    return work.end(
        "not_available",
        Said(
            en=f"{en} comes with a later version; until then: openglm predict {work.run.path} new.csv",
            zh=f"{zh}将在后续版本提供;目前可用: openglm predict {work.run.path} new.csv",
        ),
    )


def monitor(work: Work) -> Outcome:
    """Say that nothing is watched yet."""
    return work.end(
        "not_available",
        Said(
            en="Watching a deployed model comes with a later version; nothing watches it now.",
            zh="模型监控将在后续版本提供;目前没有任何监控。",
        ),
    )
