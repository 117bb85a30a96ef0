"""Reads a plan file, asks for a plan, prints a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from openglm.core.errors import PlanError, SourceError
from openglm.core.plan import Plan
from openglm.core.words import Language, Said


def read(path: Path | None) -> Plan | None:
    """Return the plan in the file ``path``, or ``None`` without one.

    Raises
    ------
    SourceError
        If the file cannot be read.
    PlanError
        If it is not a plan.
    """
    if path is None:
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SourceError(
            Said(
                en=f"The plan {path} cannot be read: {error.strerror}.",
                zh=f"无法读取计划文件 {path}: {error.strerror}。",
            ),
            hint=Said(
                en="Write one with: openglm plan SENTENCE DATA > plan.yaml",
                zh="可用 openglm plan 句子 数据 > plan.yaml 生成。",
            ),
        ) from error
    except UnicodeDecodeError as error:
        raise PlanError(
            Said(en=f"The plan {path} is not UTF-8 text.", zh=f"计划文件 {path} 不是 UTF-8 文本。"),
            hint=Said(en="Save it as UTF-8.", zh="请另存为 UTF-8。"),
        ) from error
    return Plan.from_yaml(text)


def make(
    sentence: str, source: str, target: str | None, asked: dict[str, Any], language: Language, *, may_ask: bool
) -> Plan:
    """Return the plan for a sentence and a table; an open question goes to the person at the terminal, if there is one."""
    from openglm import flow
    from openglm.cli._ask import until_clear

    def call(chosen: str | None) -> Plan:
        return flow.make_plan(sentence, source, target=chosen, **asked)

    return until_clear(call, target, language, may_ask=may_ask)


def print_plan(plan: Plan, *, as_json: bool) -> None:
    """Print the plan on standard output, as YAML or JSON."""
    typer.echo(plan.to_json() if as_json else plan.to_yaml().rstrip("\n"))
