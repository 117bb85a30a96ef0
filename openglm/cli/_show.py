"""How answers look on a terminal and in a pipe. Takes plain data and words; computes nothing but widths and colours.

User text is never read as markup, so a column called "[bold]" is printed as it is.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from openglm.core.words import Language, Said

if TYPE_CHECKING:
    from openglm.core.finding import Finding
    from openglm.core.task import Choice, Goal, Slot

PIPE_WIDTH = 140
"""Columns of a table that goes into a file: wide enough that sentences of findings rarely wrap."""
TOP = 8
"""Rows of the leaderboard after a run; ``openglm leaderboard`` shows all."""
SEVERITY = {
    "blocker": Said(en="blocker", zh="阻断"),
    "warning": Said(en="warning", zh="警告"),
    "note": Said(en="note", zh="说明"),
}
KINDS = {
    "binary": Said(en="two classes", zh="二分类"),
    "multiclass": Said(en="several classes", zh="多分类"),
    "regression": Said(en="a number", zh="数值预测"),
    "forecast": Said(en="forecast", zh="时间序列预测"),
    "anomaly": Said(en="anomalies", zh="异常检测"),
    "clustering": Said(en="groups", zh="聚类"),
}
LIMITS = {
    "max_false_positive_rate": Said(en="false positive rate at most", zh="误报率不超过"),
    "min_recall": Said(en="recall at least", zh="召回率不低于"),
    "min_precision": Said(en="precision at least", zh="精确率不低于"),
    "max_latency_ms": Said(en="milliseconds for one row at most", zh="单行预测毫秒数不超过"),
    "max_model_mb": Said(en="model size in MB at most", zh="模型大小(MB)不超过"),
}
_COLOURS = {"blocker": "bold red", "warning": "yellow", "note": "dim"}
_SLOT_COLOURS = ("bold green", "bold cyan", "bold magenta", "bold yellow", "bold blue", "bold red")


def console(*, stderr: bool = False) -> Console:
    """Return where to print: standard output, or standard error for what is no answer."""
    stream = sys.stderr if stderr else sys.stdout
    made = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=False)
    return (
        made if made.is_terminal else Console(file=stream, highlight=False, markup=False, emoji=False, width=PIPE_WIDTH)
    )


def say(language: Language, en: str, zh: str) -> str:
    """Return the text in ``language``."""
    return zh if language == "zh" else en


def tell(text: str) -> None:
    """Print one remark on standard error."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print plain data as JSON (RFC 8259: a number that does not exist is ``null``)."""
    sys.stdout.write(json.dumps(_finite(value), ensure_ascii=False, indent=2, allow_nan=False, default=str) + "\n")
    sys.stdout.flush()


def number(value: Any) -> str:
    """Return a score for people: four significant digits after the point, or "-"."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return "-"
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.4g}"


def duration(seconds: float) -> str:
    """Return seconds for people: "8.2 s", "3 min 05 s", "1 h 02 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def size(n_bytes: float) -> str:
    """Return bytes for people: "512 B", "3.4 MB"."""
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB"


def table(heads: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Sequence[int] = ()) -> Table:
    """Return a table; columns whose position is in ``right`` are numbers."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for i, head in enumerate(heads):
        made.add_column(head, justify="right" if i in right else "left", overflow="fold", no_wrap=i in right)
    for row in rows:
        made.add_row(*row)
    return made


# ── blocks ──


def findings_table(findings: Sequence[Finding], language: Language) -> Table:
    """Return findings as a table, the most serious first."""
    order = list(SEVERITY)
    rows = [
        (
            Text(SEVERITY[item.severity].text(language), style=_COLOURS[item.severity]),
            item.code,
            item.column or "-",
            item.message.text(language) + (" " + item.fix.text(language) if item.fix else ""),
        )
        for item in sorted(findings, key=lambda item: order.index(item.severity))
    ]
    heads = ("严重性", "代码", "列", "内容") if language == "zh" else ("severity", "code", "column", "what")
    return table(heads, rows)


def sentence_with_evidence(goal: Goal) -> Text:
    """Return the sentence with the words that are evidence in colour, one colour per slot."""
    text = Text(goal.sentence)
    for i, slot in enumerate(goal.slots.values()):
        for span in slot.evidence:
            text.stylize(_SLOT_COLOURS[i % len(_SLOT_COLOURS)], span.start, span.end)
    return text


def goal_table(goal: Goal, language: Language) -> Table:
    """Return every slot with its value, how sure, and why."""
    origins = {"stated": "句中写明", "inferred": "推断", "default": "默认"}
    rows: list[tuple[str | Text, ...]] = []
    for i, (name, slot) in enumerate(goal.slots.items()):
        value = Text(value_text(slot.value), style=_SLOT_COLOURS[i % len(_SLOT_COLOURS)] if slot.evidence else "")
        origin = origins[slot.origin] if language == "zh" else slot.origin
        rows.append((name, value, origin, f"{slot.score:.2f}", quoted(slot, language), slot.reason.text(language)))
    heads = (
        ("槽位", "值", "来源", "把握", "依据", "理由")
        if language == "zh"
        else ("slot", "value", "origin", "sure", "words", "why")
    )
    return table(heads, rows, right=(3,))


def quoted(slot: Slot, language: Language) -> str:
    """Return the words a slot rests on."""
    marks = ("“", "”") if language == "zh" else ("'", "'")
    return " ".join(f"{marks[0]}{span.text}{marks[1]}" for span in slot.evidence if span.text.strip()) or "-"


def choices(items: Sequence[Choice], language: Language, limit: int = 3) -> str:
    """Return targets that were not taken, with their scores."""
    return (say(language, ", ", "、")).join(f"{item.column} ({item.score:.2f})" for item in items[:limit])


def value_text(value: Any) -> str:
    """Return a slot's value as a person would write it."""
    if isinstance(value, list | tuple):
        return ", ".join(map(value_text, value)) or "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={value_text(item)}" for key, item in value.items() if item not in (None, False)) or "-"
    return "-" if value is None else str(value)


def leaderboard_table(rows: Sequence[Mapping[str, Any]], metric: str, language: Language) -> Table:
    """Return tried learners as the rows of ``report.json`` describe them, best first."""
    heads = (
        ("#", "候选", "模型", metric, "秒", "大小", "权重", "说明")
        if language == "zh"
        else ("#", "id", "model", metric, "seconds", "size", "weight", "remark")
    )
    body = [_leader(i, row, language) for i, row in enumerate(rows, 1)]
    return table(heads, body, right=(0, 3, 4, 5, 6))


def _leader(place: int, row: Mapping[str, Any], language: Language) -> tuple[str | Text, ...]:
    failed, weight = row.get("state", "done") != "done", row.get("weight") or 0.0
    remark = say(language, "cut short", "提前截止") if row.get("partial") else ""
    if row.get("folds"):
        several = "s" if row["folds"] > 1 else ""
        remark = say(
            language, f"cut short: score of {row['folds']} fold{several} only", f"提前截止: 仅 {row['folds']} 折的得分"
        )
    if failed:
        remark = str(row.get("error") or row.get("state"))
    model = Text(str(row.get("model", "")), style="red" if failed else "bold" if weight else "")
    spent, n_bytes = row.get("fit_s") or row.get("seconds") or 0.0, row.get("bytes") or 0
    share = f"{weight:.2f}" if weight else ""
    return (
        str(place),
        str(row.get("id", "")),
        model,
        number(row.get("score")),
        f"{spent:.1f}",
        size(n_bytes),
        share,
        remark,
    )


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "item") and not hasattr(value, "__len__"):  # a numpy scalar
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
