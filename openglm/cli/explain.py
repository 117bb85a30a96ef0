"""``openglm explain``: what drives a model, and why single rows got their answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openglm.cli import _options as options

if TYPE_CHECKING:
    from openglm.core.evidence import RowReason
    from openglm.core.pipeline import Pipeline
    from openglm.core.report import Report
    from openglm.core.words import Language

SHOWN = 20
"""Rows explained in words; a file with --parts has all of them."""


def explain(
    run: options.RunFolder,
    data: options.Data = None,
    row: Annotated[
        int | None,
        typer.Option(
            "--row", metavar="N", min=0, help="Only this row of DATA, counted from 0. 行号。", show_default=False
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", metavar="K", min=1, help="Most columns to name. 列数。")] = 5,
    parts: Annotated[
        Path | None,
        typer.Option(
            "--parts",
            "-o",
            metavar="FILE",
            help="Write the part of every column in every row, as .csv, .tsv, .parquet or .jsonl. 写出各列的影响。",
            show_default=False,
        ),
    ] = None,
    sheet: options.Sheet = None,
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:
    """Say what drives a model, or why rows of a table get their answers. 解释模型,或逐行说明判断依据。

    openglm explain last
    openglm explain last new_customers.csv --row 3
    openglm explain runs/customers new_customers.csv -o reasons.csv

    Without DATA: how far each column moves the predictions on average, and where the model is weak, from the report.
    With DATA each row in words: the answer, the base, and the columns that moved it most; base and parts add up.
    With --json: {"contributions", "slices", "surprises", …} or {"rows": [{"row", "prediction", "output", "base", "terms"}]}.
    """
    from openglm import flow
    from openglm.cli import _predictions, _runs, _show
    from openglm.cli._language import language_of, language_of_run
    from openglm.core.errors import InputError
    from openglm.core.run import Run
    from openglm.core.tables import read_table
    from openglm.core.words import Said

    if data is None and (row is not None or parts is not None):
        raise InputError(
            Said(en="--row and --parts explain rows of a table.", zh="--row 和 --parts 用于解释表中的行。"),
            hint=Said(en="Name it: openglm explain RUN DATA", zh="请给出数据: openglm explain RUN DATA"),
        )
    if parts:
        _predictions.check_file(parts)
    folder = _runs.find(run)
    if data is None:
        report = _runs.read_report(folder)
        _summary(report, top, language_of_run(lang, Run(folder)), as_json=as_json)
        return
    pipeline = flow.load(folder)
    language = language_of(lang, pipeline.task.sentence)
    table = read_table(data, sheet=sheet)
    if row is not None and row >= len(table):
        raise InputError(
            Said(
                en=f"There is no row {row}: the table has {len(table)}.", zh=f"没有第 {row} 行:该表共 {len(table)} 行。"
            ),
            hint=Said(en="Rows are counted from 0.", zh="行号从 0 开始。"),
        )
    first = 0 if row is None else row
    wanted = table if row is None else table.iloc[row : row + 1]
    if parts:
        frame = pipeline.explain(wanted)
        _predictions.write(frame, parts)
        told = f"{len(frame)} rows written to {parts}", f"已将 {len(frame)} 行写入 {parts}"
        if as_json:
            _show.print_json({"output": str(parts), "rows": len(frame)})
        else:
            _show.tell(_show.say(language, *told))
        return
    found = _rows(pipeline, wanted if as_json else wanted.iloc[:SHOWN], first, top)
    if as_json:
        _show.print_json({"rows": found})
        return
    for item in found:
        typer.echo(_line(item, language))
    if len(wanted) > SHOWN:
        rest = len(wanted) - SHOWN
        _show.tell(_show.say(language, f"{rest} more rows: -o FILE.csv", f"另有 {rest} 行: -o FILE.csv"))


def _rows(pipeline: Pipeline, table: Any, first: int, top: int) -> list[dict[str, Any]]:
    """Return each row with its answer and the columns that moved it most."""
    from openglm.explain import terms_of

    x = pipeline.read(table)
    outputs = pipeline.outputs(x)
    focus = pipeline.focus(outputs)
    values, base, full = pipeline.contributions(x, focus=focus)
    answers = pipeline.decide(outputs).tolist()
    return [
        {
            "row": first + i, "prediction": answers[i], "explained": None if focus is None else pipeline.classes[focus[i]],
            "output": float(full[i]), "base": float(base[i]),
            "terms": [term.model_dump() for term in terms_of(pipeline.schema, x, i, values[i], top)],
        }
        for i in range(len(answers))
    ]  # fmt: skip


def _line(item: dict[str, Any], language: Language) -> str:
    """Return one row in words."""
    from openglm.cli import _show
    from openglm.core.evidence import RowReason
    from openglm.explain import in_words

    reason = RowReason(
        row=item["row"], truth="", prediction=str(item["prediction"]), output=item["output"], base=item["base"], loss=0.0,
        terms=item["terms"],
    )  # fmt: skip
    start = _show.say(language, f"row {item['row']}: ", f"第 {item['row']} 行: ")
    label = "" if item["explained"] is None else str(item["explained"])
    return start + in_words(reason, label).text(language)


def _explained(report: Report, item: RowReason) -> str:
    """Return the class whose probability a row's reasons explain: of two the second, of more the predicted one."""
    if report.kind == "regression":
        return ""
    labels = report.confusion.labels if report.confusion else ()
    return labels[1] if len(labels) == 2 else item.prediction


def _summary(report: Report, top: int, language: Language, *, as_json: bool) -> None:
    """Print what the report says about what drives the model."""
    from openglm.cli import _show
    from openglm.explain import in_words

    if as_json:
        names = ("contributions", "importance", "effects", "reasons_of_rows", "surprises", "slices")
        whole = report.model_dump(mode="json")
        _show.print_json({"model": report.model, **{name: whole[name] for name in names}})
        return

    def say(en: str, zh: str) -> str:
        return _show.say(language, en, zh)

    if report.contributions:
        rows = [(item.column, f"{item.mean_abs:.4g}") for item in report.contributions[:top]]
        head = (say("column", "列"), say("moves a prediction by (mean)", "平均影响"))
    else:
        rows = [(item.column, f"{item.drop:.4g}") for item in report.importance[:top]]
        head = (say("column", "列"), say(f"{report.metric} lost when shuffled", f"打乱后损失的 {report.metric}"))
    if not rows:
        _show.tell(say("There was no time to measure what drives this model.", "没有时间测量各列的影响。"))
        return
    _show.console().print(_show.table(head, rows, right=(1,)))
    titles = say("Typical rows", "典型行"), say("Most surprising errors", "最意外的错误")
    for title, reasons in zip(titles, (report.reasons_of_rows, report.surprises), strict=True):
        if reasons:
            typer.echo(f"\n{title}")
        for item in reasons:
            place = say(f"row {item.row}", f"第 {item.row} 行")
            truth = say(f"actual {item.truth}", f"实际 {item.truth}")
            short = item.model_copy(update={"terms": item.terms[:top]})
            typer.echo(f"  {place}, {truth}: {in_words(short, _explained(report, item)).text(language)}")
    if report.slices:
        typer.echo("\n" + say("Where it is weak (mean loss here, elsewhere)", "模型较弱的数据(此处平均损失,其余)"))
    for piece in report.slices:
        rows_said = say(f"{piece.rows} rows", f"{piece.rows} 行")
        typer.echo(f"  {piece.condition.text(language)}: {piece.loss:.3g}, {piece.rest:.3g} ({rows_said})")
