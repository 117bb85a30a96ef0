"""Doors of the steps that are about the table: what was noticed, mended, described, and made of its columns."""

from __future__ import annotations

from openglm._doors.work import Work, counted
from openglm.core.outcome import Outcome
from openglm.core.schema import Schema
from openglm.core.words import Said

_ROLES = {
    "numeric": "数值", "category": "类别", "date": "日期", "text": "文本", "id": "标识", "constant": "常量", "empty": "空列",
}  # fmt: skip


def validate(work: Work) -> Outcome:
    """Say what was noticed about the table."""
    found = work.run.findings
    count = {severity: sum(item.severity == severity for item in found) for severity in ("blocker", "warning", "note")}
    worst = next((item for item in found if item.severity != "note"), None)
    more = (f" First: {worst.message.en}", f"首要问题: {worst.message.zh}") if worst else ("", "")
    return work.done(
        f"{', '.join(counted(number, severity) for severity, number in count.items())}.{more[0]}",
        f"发现 {count['blocker']} 个阻断问题、{count['warning']} 个警告、{count['note']} 条说明。{more[1]}",
        {"findings": "findings.json"},
        count,
    )


def clean(work: Work) -> Outcome:
    """Say what was mended."""
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


def describe(work: Work) -> Outcome:
    """Say what the table holds."""
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


def features(work: Work) -> Outcome:
    """Say what is made of the columns."""
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
        f"{counted(number, 'feature step')} in {counted(len(views), 'view')} ({listed}).",
        f"共 {len(views)} 个视图、{number} 个特征步骤({listed})。",
        {"plan": "plan.yaml"},
        {"views": len(views), "feature_steps": number},
    )
