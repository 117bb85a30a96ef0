"""``openglm plan``: how the task would be solved, as a YAML file that a person can edit and run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from openglm.cli import _options as options


def plan(
    sentence: options.Sentence = None,
    data: options.Data = None,
    time: options.Time = None,
    trials: options.Trials = None,
    memory: options.Memory = None,
    metric: options.Metric = None,
    target: options.Target = None,
    seed: options.Seed = 0,
    split: options.SplitBy = None,
    sheet: options.Sheet = None,
    preset: options.Preset = options.DEFAULT_PRESET,
    engine: options.Engine = None,
    engine_model: options.EngineModel = None,
    yes: options.Yes = False,
    lang: options.Lang = None,
    graph: Annotated[
        bool, typer.Option("--graph", help="Print the steps the sentence asks for instead, as a tree. 输出任务图。")
    ] = False,
    svg: Annotated[
        Path | None,
        typer.Option(
            "--svg", metavar="FILE", help="Draw the steps as SVG into a file. 将任务图写成 SVG。", show_default=False
        ),
    ] = None,
    edited: options.PlanFile = None,
    python: Annotated[
        bool,
        typer.Option("--python", help="Print the cleaning as a standalone pandas script instead. 输出独立的清洗脚本。"),
    ] = False,
    cleaned: Annotated[
        Path | None,
        typer.Option(
            "--cleaned",
            metavar="FILE",
            help="Write the cleaned table as CSV. 将清洗后的表格写成 CSV。",
            show_default=False,
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Print the plan as YAML: features, learners, split, budget, each with its reason. 输出可编辑的计划。

    openglm plan "predict which customers will churn" customers.csv > plan.yaml
    openglm plan "预测客户会不会流失" customers.csv --time 10分钟 > plan.yaml

    Edit the file, then: openglm run --plan plan.yaml customers.csv

    What is done to the table, as a pandas script that makes the same cleaned table, and that table itself:

    openglm plan --python "predict churn" customers.csv > clean.py && python clean.py customers.csv cleaned.csv
    openglm plan --cleaned cleaned.csv --plan plan.yaml customers.csv

    The script is for a delimited text file; for other sources write the table with --cleaned. A shell makes the file behind
    ">" before the command runs, so it is empty where the command fails.

    What is done around the model, and in which order:

    openglm plan --graph "先检查数据,再预测客户会不会流失,然后解释" customers.csv
    openglm plan --svg steps.svg "check the data, predict churn, then explain it" customers.csv

    With --graph --json: {"steps", "triples"}.
    """
    from openglm.cli import _ask, _plans
    from openglm.cli._language import language_of

    text, source = options.sentence_and_data(sentence, data, may_be_silent=bool(target or edited))
    language = language_of(lang, text)
    asked: dict[str, Any] = {
        "time_limit": options.seconds(time), "trials": trials, "memory_mb": options.megabytes(memory), "metric": metric,
        "seed": seed, "preset": preset, "yes": yes, "sheet": sheet, "language": language if lang else None,
        "engine": options.engine(engine, engine_model), "split": split,
    }  # fmt: skip
    if graph or svg is not None:
        from openglm import flow

        goal = flow.understand_task(
            text, source, target=target, metric=metric, language=language if lang else None, preset=preset, sheet=sheet,
            engine=asked["engine"],
        )  # fmt: skip
        _plans.print_graph(goal, svg, language, as_json=as_json)
        return
    may_ask = not as_json and _ask.somebody_is_there()
    made = _plans.read(edited) or _plans.make(text, source, target, asked, language, may_ask=may_ask)
    if python or cleaned is not None:
        _plans.print_cleaning(made, source, sheet, cleaned, as_script=python)
        return
    _plans.print_plan(made, as_json=as_json)
