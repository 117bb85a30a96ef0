"""How a look at a table is printed: findings by severity, and the table in numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from openglm.cli import _show
from openglm.core.words import plural

if TYPE_CHECKING:
    from openglm.core.finding import Finding
    from openglm.core.profile import ColumnProfile, Profile
    from openglm.core.words import Language

_COLOURS = {"blocker": "bold red", "warning": "bold yellow", "note": "bold"}
_BARS = "▁▂▃▄▅▆▇█"
_HEADS = {
    "blocker": ("Blockers: no honest model can be made until these are mended", "阻断: 修正前无法得到可信的模型"),
    "warning": ("Warnings: look at these", "警告: 建议查看"),
    "note": ("Notes: what a run does by itself", "说明: 运行时会自动处理"),
}


def print_findings(findings: Sequence[Finding], language: Language) -> None:
    """Print findings under a heading for each severity, what was done in a line of its own."""
    out = _show.console()
    for severity, heads in _HEADS.items():
        group = [item for item in findings if item.severity == severity]
        if not group:
            continue
        out.print(Text(f"{_show.say(language, *heads)} ({len(group)})", style=_COLOURS[severity]))
        rows: list[tuple[str | Text, ...]] = []
        for item in group:
            said = Text(item.message.text(language))
            if item.fix is not None:
                said.append(("" if language == "zh" else " ") + item.fix.text(language), style="dim")
            rows.append((item.code, item.column or "-", str(item.rows) if item.rows is not None else "", said))
        heads_row = ("代码", "列", "行数", "内容") if language == "zh" else ("code", "column", "rows", "what")
        out.print(_show.table(heads_row, rows, right=(2,)))
        out.print()


def print_profile(profile: Profile, language: Language) -> None:
    """Print the table in numbers, one line for each column."""
    out = _show.console()
    shape = (
        f"{plural(profile.rows, 'row')}, {plural(len(profile.columns), 'column')}",
        f"{profile.rows} 行,{len(profile.columns)} 列",
    )
    out.print(_show.say(language, *shape))
    out.print(_columns(profile.columns, language))
    for line in _between(profile, language):
        out.print(line)


def _columns(columns: Iterable[ColumnProfile], language: Language) -> Table:
    heads = (
        ("列", "角色", "缺失", "取值数", "形状", "内容", "判断依据")
        if language == "zh"
        else ("column", "role", "missing", "different", "shape", "what", "why this role")
    )
    rows = [
        (item.name, item.role, f"{item.missing:.1%}" if item.missing else "-", str(item.n_unique), _shape(item),
         _what(item, language), item.reason)
        for item in columns
    ]  # fmt: skip
    return _show.table(heads, rows, right=(2, 3))


def _shape(item: ColumnProfile) -> str:
    """Return a histogram of one character a bin."""
    if item.histogram is None:
        return ""
    most = max(item.histogram.rows) or 1
    return "".join(_BARS[math.ceil(n / most * (len(_BARS) - 1))] for n in item.histogram.rows)


def _what(item: ColumnProfile, language: Language) -> str:
    if item.quantiles:
        points = [_date(value) if item.role == "date" else f"{value:.5g}" for value in item.quantiles]
        return f"{points[0]} … {_show.say(language, 'median', '中位数')} {points[4]} … {points[-1]}"
    if item.top and item.role != "text":
        return ", ".join(f"{level.value} ({level.rows})" for level in item.top[:4])
    if item.length:
        unit = _show.say(language, "characters", "个字符")
        return f"{item.length[0]:.0f} … {item.length[2]:.0f} {unit}"
    return ""


def _date(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return f"{seconds:.3g}"


def _between(profile: Profile, language: Language) -> Iterable[str]:
    for group in profile.missing_together:
        names = ", ".join(group.columns)
        yield _show.say(
            language,
            f"Missing in the same {plural(group.rows, 'row')}: {names}",
            f"在相同的 {group.rows} 行中缺失: {names}",
        )
    for one, two in profile.same:
        yield _show.say(language, f"Say the same: {one}, {two}", f"内容相同: {one}、{two}")
    for pair in profile.correlated:
        yield _show.say(
            language, f"Correlated {pair.correlation:+.3f}: {pair.one}, {pair.two}",
            f"相关系数 {pair.correlation:+.3f}: {pair.one}、{pair.two}",
        )  # fmt: skip
