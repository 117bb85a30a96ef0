"""Reads a plan file, asks for a plan, prints a plan or the steps around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from openglm.cli import _show
from openglm.core.errors import InputError, PlanError, SourceError
from openglm.core.plan import Plan
from openglm.core.task import Goal
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


def print_cleaning(plan: Plan, source: str, sheet: str | None, table: Path | None, *, as_script: bool) -> None:
    """Print the cleaning of the plan as a script; with ``table`` write the cleaned table there.

    Raises
    ------
    SourceError
        If a script is wanted and the source is no delimited text.
    StorageError
        If the table cannot be written.
    """
    from openglm import flow
    from openglm.core import store

    cleaning = flow.clean(plan, source, sheet=sheet)
    if table is not None:
        store.write_text(table, cleaning.to_csv())
    typer.echo(cleaning.to_python().rstrip("\n") if as_script else str(table))


def print_graph(goal: Goal, svg: Path | None, language: Language, *, as_json: bool) -> None:
    """Print the steps that the sentence asks for as a tree, or as JSON with their triples; with ``svg`` draw them there.

    Raises
    ------
    InputError
        If the sentence asks for no steps.
    StorageError
        If the drawing cannot be written.
    """
    from openglm.core import graph, store
    from openglm.explain import graph_svg, graph_text

    goal = graph.completed(goal)
    if not goal.steps:
        raise InputError(
            Said(en="The sentence asks for nothing to be done with this table.", zh="这句话没有要求对该表做任何处理。"),
            hint=Said(
                en='Say what to do, e.g. "check the data, then predict which customers will leave".',
                zh="请说明要做什么,例如“先检查数据,再预测哪些客户会流失”。",
            ),
        )
    if svg is not None:
        store.write_text(svg, '<?xml version="1.0" encoding="UTF-8"?>\n' + graph_svg(goal, language=language) + "\n")
    if as_json:
        said = {"steps": goal.steps, "triples": graph.triples(goal)}
        _show.print_json({name: [item.model_dump(mode="json") for item in items] for name, items in said.items()})
    elif svg is None:
        typer.echo(graph_text(goal, language=language))
    else:
        typer.echo(str(svg))
