"""``openglm understand``: what a sentence is taken to mean over a table, and on which words that rests."""

from __future__ import annotations

import typer

from openglm.cli import _options as options


def understand(
    sentence: options.Sentence = None,
    data: options.Data = None,
    metric: options.Metric = None,
    target: options.Target = None,
    sheet: options.Sheet = None,
    preset: options.Preset = options.DEFAULT_PRESET,
    engine: options.Engine = None,
    engine_model: options.EngineModel = None,
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:
    """Show what a sentence is taken to mean, without learning anything. 展示系统如何理解一句话。

    openglm understand "predict which customers will churn" customers.csv
    openglm understand "对用户购买行为进行预测,误报率低于2%" visits.csv

    The words in colour are the evidence; "sure" is between 0 and 1. An open question is shown with its answers.
    """
    from openglm import flow
    from openglm.cli import _show
    from openglm.cli._language import language_of

    text, source = options.sentence_and_data(sentence, data, may_be_silent=bool(target))
    language = language_of(lang, text)
    goal = flow.understand_task(
        text, source, target=target, metric=metric, language=language if lang else None, preset=preset, sheet=sheet,
        engine=options.engine(engine, engine_model),
    )  # fmt: skip
    if as_json:
        typer.echo(goal.to_json())
        return
    out, say = _show.console(), _show.say
    out.print(_show.sentence_with_evidence(goal))
    out.print(
        say(
            language,
            f"{goal.fine_intent or goal.intent}, sure: {goal.confidence:.2f}",
            f"{goal.fine_intent or goal.intent},把握: {goal.confidence:.2f}",
        )
    )
    out.print(_show.goal_table(goal, language))
    if goal.engine is not None:
        out.print(goal.engine.said.text(language))
    if goal.alternatives:
        out.print(
            say(language, "Targets not taken: ", "未采用的目标: ") + _show.choices(goal.alternatives, language, limit=5)
        )
    for question in goal.questions:
        out.print(say(language, "Open: ", "待确认: ") + question.text.text(language))
        for i, option in enumerate(question.options, 1):
            out.print(f"  {i}. {option.column} ({option.score:.2f}) {option.reason.text(language)}")
