"""What is printed after a run: what was understood, what was noticed, how good it is, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from openglm.cli import _show as show
from openglm.core.graph import NAMES
from openglm.core.metrics import search_metric
from openglm.core.outcome import STATUS_NAMES
from openglm.core.schema import Column, Schema
from openglm.core.words import Language

if TYPE_CHECKING:
    from openglm.core.outcome import Outcome
    from openglm.core.report import Report
    from openglm.core.result import Result
    from openglm.core.task import Goal


def print_result(result: Result, language: Language) -> None:
    """Print the answer of ``run`` and ``resume``."""
    plain, say = result.plain(language), show.say
    out, run = show.console(), short(plain["run"])
    if not result.has_model:
        _looked(out, result, run, language)
        return
    _understood(out, result.goal, plain["task"], language)
    _findings(out, result.findings, language)
    out.print()
    _scores(out, plain, result.report, language)
    out.print()
    best = [row for row in plain["leaderboard"] if row["state"] != "stopped"][: show.TOP]
    out.print(show.leaderboard_table(best, plain["metric"], language))
    more = len(plain["leaderboard"]) - len(best)
    if more > 0:
        out.print(
            say(language, f"… {more} more: openglm leaderboard {run}", f"… 另有 {more} 个: openglm leaderboard {run}")
        )
    out.print()
    if len(result.steps) > 1:
        _steps(out, result.steps, language)
        out.print()
    _next(out, plain, run, language)


def _looked(out: Any, result: Result, run: str, language: Language) -> None:
    """Print the answer to a sentence that only asks to look at the table."""
    kinds = {step.type for step in result.steps}
    if "describe_data" in kinds:
        schema = Schema.from_json((result.run.path / "profile.json").read_bytes())
        out.print(_profile(schema, language))
    if kinds & {"validate_data", "clean_data"} and result.findings:
        out.print(show.findings_table(result.findings, language))
    out.print()
    _steps(out, result.steps, language)
    out.print()
    out.print(show.say(language, f"Written to: {run}", f"已写入: {run}"))
    out.print(
        show.say(
            language,
            'A model comes from a sentence that says what to predict: openglm run "predict …" DATA',
            '若要训练模型,请说明要预测什么: openglm run "预测…" 数据',
        )
    )


def _profile(schema: Schema, language: Language) -> Table:
    """Return the columns of a table, one a line."""
    rows = [
        (
            column.name,
            column.role,
            f"{column.missing:.1%}" if column.missing else "",
            f"{column.n_unique:,}",
            _range(column) or ", ".join(column.examples[:3]),
        )
        for column in schema.columns
    ]
    heads = (
        ("列", "角色", "缺失", "不同取值", "范围或示例")
        if language == "zh"
        else ("column", "role", "missing", "distinct", "range or examples")
    )
    return show.table(heads, rows, right=(2, 3))


def _range(column: Column) -> str:
    if column.role != "numeric" or column.minimum is None or column.maximum is None:
        return ""
    return f"{column.minimum:g} … {column.maximum:g}"


def _steps(out: Any, steps: Sequence[Outcome], language: Language) -> None:
    """Print what came of each step that the sentence asks for."""
    colours = {"done": "green", "failed": "bold red"}
    rows = [
        (
            NAMES[step.type].text(language),
            Text(STATUS_NAMES[step.status].text(language), style=colours.get(step.status, "yellow")),
            step.said.text(language),
        )
        for step in steps
    ]
    heads = ("步骤", "状态", "结果") if language == "zh" else ("step", "state", "what happened")
    out.print(show.table(heads, rows))


def short(path: str | Path) -> str:
    """Return a path as a person would type it here: relative below this folder, quoted where it has blanks."""
    path = Path(path)
    here = Path.cwd()
    text = str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)
    return f'"{text}"' if " " in text else text


def _understood(out: Any, goal: Goal, task: Mapping[str, Any], language: Language) -> None:
    say = show.say
    kind, target, metric = show.KINDS[task["kind"]].text(language), task["target"], task["metric"]
    if metric and (ranks := search_metric(metric, task["kind"])) != metric:  # the scores below have its name
        metric = say(language, f"{ranks} (for {metric})", f"{ranks}(代替 {metric})")
    line = Text(say(language, "Understood: ", "理解为: "), style="bold")
    line.append(
        say(language, f"'{target}', {kind}, judged by {metric}", f"目标“{target}”,{kind},以 {metric} 评判"), style=""
    )
    out.print(line)
    if (aside := goal.slots.get("ignored")) is not None:
        out.print(
            say(language, "  left aside: ", "  未采用: ")
            + f"{show.quoted(aside, language)} {aside.reason.text(language)}"
        )
    slot = goal.slots.get("target")
    if slot is None:
        return
    why = slot.reason.text(language)
    words = show.quoted(slot, language)
    if why or words != "-":
        out.print(
            say(language, "  because: ", "  依据: ") + " ".join(filter(None, [why, "" if words == "-" else words]))
        )
    if goal.alternatives:
        out.print(say(language, "  not taken: ", "  未采用: ") + show.choices(goal.alternatives, language))


def _findings(out: Any, findings: Any, language: Language) -> None:
    serious = [item for item in findings if item.severity != "note"]
    notes = len(findings) - len(serious)
    if serious:
        out.print(show.findings_table(serious, language))
    if notes:
        out.print(
            show.say(
                language, f"Noted and mended: {notes} (all in the report)", f"已自动处理的说明: {notes} 条(详见报告)"
            )
        )


def _scores(out: Any, plain: Mapping[str, Any], report: Report, language: Language) -> None:
    out.print(Text(report.answer.text(language), style="bold"))
    out.print(report.meaning.text(language))
    metric = plain["metric"]
    value, naive = plain["metrics"].get(metric), plain["baseline"].get(metric)
    line = Text(show.say(language, f"On rows never used before: {metric} ", f"在未参与训练的数据上: {metric} "))
    line.append(show.number(value), style="bold green")
    line.append(show.say(language, f"  (naive baseline {show.number(naive)})", f"  (朴素基线 {show.number(naive)})"))
    out.print(line)
    others = [f"{name} {show.number(score)}" for name, score in plain["metrics"].items() if name != metric]
    if others:
        out.print("  " + " · ".join(others))
    out.print(show.say(language, f"Model: {plain['model']}", f"模型: {plain['model']}"))
    _limits(out, report, language)


def _limits(out: Any, report: Report, language: Language) -> None:
    """Say of each limit the user stated whether it was kept on the sealed rows."""
    say = show.say
    for promise in report.promises:
        known = show.LIMITS.get(promise.constraint)
        name = known.text(language) if known else promise.constraint
        if not math.isfinite(promise.value):
            state = Text(say(language, "could not be measured", "无法衡量"), style="yellow")
        else:
            sure = promise.state in ("kept", "broken")
            state = Text(
                say(language, "kept" if promise.kept else "NOT kept", "满足" if promise.kept else "未满足"),
                style=("green" if promise.kept else "bold red") if sure else "yellow",
            )
            state.append("" if sure else say(language, ", not for certain", "，但不确定"))
            around = promise.interval
            ends = "" if around is None else f", 95 % {around.low:.3g} – {around.high:.3g}"
            state.append(
                say(language, f" ({promise.value:.4g}{ends})", f"(实际 {promise.value:.4g}{ends})"), style="default"
            )
        line = Text(say(language, "Limit you set: ", "您提出的限制: "))
        out.print(line.append(f"{name} {promise.limit:.4g}: ").append_text(state))


def _next(out: Any, plain: Mapping[str, Any], run: str, language: Language) -> None:
    say = show.say
    if plain["status"] == "stopped":
        out.print(say(language, "Stopped early, with the best so far.", "已提前停止,保留了目前最佳结果。"))
    out.print(say(language, f"Report: {short(plain['report'])}", f"报告: {short(plain['report'])}"))
    out.print(say(language, f"Time:   {show.duration(plain['seconds'])}", f"用时: {show.duration(plain['seconds'])}"))
    out.print(say(language, "Next:", "接下来:"))
    out.print(f"  openglm predict {run} new.csv -o pred.csv", soft_wrap=True)
    out.print(f"  openglm report {run} --open", soft_wrap=True)
