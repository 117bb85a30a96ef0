"""``openglm run``: the whole walk, from a sentence and a table to a model and its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from openglm.cli import _options as options

if TYPE_CHECKING:
    from openglm.core.result import Result


def run(
    sentence: options.Sentence = None,
    data: options.Data = None,
    time: options.Time = None,
    trials: options.Trials = None,
    memory: options.Memory = None,
    metric: options.Metric = None,
    target: options.Target = None,
    seed: options.Seed = 0,
    out: options.Out = None,
    plan: options.PlanFile = None,
    plan_only: Annotated[bool, typer.Option("--plan-only", help="Print the plan and stop. 只输出计划。")] = False,
    split: options.SplitBy = None,
    sheet: options.Sheet = None,
    preset: options.Preset = options.DEFAULT_PRESET,
    engine: options.Engine = None,
    engine_model: options.EngineModel = None,
    yes: options.Yes = False,
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:
    """Turn a sentence and a table into a model, its score and a report. 一句话加一份数据,训练并解释模型。

    openglm run "predict which customers will churn" customers.csv
    openglm run "预测客户会不会流失" customers.csv --time 60
    openglm run "predict the price, judged by mae" houses.xlsx --time 10m --out runs/houses
    openglm run "check the data, predict churn, explain it, then export the model" customers.csv
    openglm run "describe this table" customers.csv
    openglm run --plan plan.yaml customers.csv

    Every step that the sentence asks for is carried out in its order, and what came of it is said at the end. The
    run folder holds everything; the same call with the same --out resumes it. Ctrl-C or `openglm stop` keeps the
    best model so far. With --json: {"run", "task", "model", "metrics", "baseline", "leaderboard", "report",
    "seconds", "findings", "steps"}.
    """
    from openglm import flow
    from openglm.cli import _ask, _plans, _result, _show
    from openglm.cli._language import language_of
    from openglm.cli._progress import follow

    given = _plans.read(plan)
    text, source = options.sentence_and_data(sentence, data, may_be_silent=bool(given or target))
    language = language_of(lang, text or (given.task.sentence if given else None))
    asked: dict[str, Any] = {
        "time_limit": options.seconds(time), "trials": trials, "memory_mb": options.megabytes(memory), "metric": metric,
        "seed": seed, "preset": preset, "yes": yes, "sheet": sheet, "language": language if lang else None,
        "engine": options.engine(engine, engine_model), "split": split,
    }  # fmt: skip
    may_ask = not as_json and _ask.somebody_is_there()
    if plan_only:
        _plans.print_plan(given or _plans.make(text, source, target, asked, language, may_ask=may_ask), as_json=as_json)
        return

    def start(chosen: str | None) -> Result:
        with follow(language, quiet=as_json) as listener:
            return flow.run(text, source, target=chosen, out=out, plan=given, listener=listener, **asked)

    result = _ask.until_clear(start, target, language, may_ask=may_ask)
    if as_json:
        _show.print_json(result.plain(language))
    else:
        _result.print_result(result, language)
