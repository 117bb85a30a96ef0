"""``openglm predict``: answers of a finished run's model for new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openglm.cli import _options as options


def predict(
    run: options.RunFolder,
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="Table with the new rows. 新数据文件。", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write .csv, .tsv, .parquet or .jsonl, in an existing folder; else CSV is printed. 输出文件(目录须已存在)。",
            show_default=False,
        ),
    ] = None,
    sheet: options.Sheet = None,
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:
    """Predict new rows with the model of a run or a saved model folder. 用训练好的模型预测新数据。

    openglm predict last new_customers.csv -o predictions.csv
    openglm predict runs/customers new_customers.parquet --json

    The answer has one row for each new row, in the same order: column prediction, and proba_<class> for each class.
    With --json and no -o: {"predictions": [{"prediction", "proba_<class>", …}], "rows", "ignored", "unseen", "warnings"}.
    Cells of a number or date column that cannot be read count as missing; a warning says how many.
    """
    from openglm import flow
    from openglm.cli import _predictions, _runs, _show
    from openglm.cli._language import language_of

    if output:
        _predictions.check_file(output)
    pipeline = flow.load(_runs.find(run))
    language = language_of(lang, pipeline.task.sentence)
    answers = _predictions.predict(pipeline, data, sheet)
    about = {
        "rows": len(answers.frame), "ignored": list(answers.ignored), "unseen": answers.unseen,
        "warnings": [item.plain(language) for item in answers.unreadable],
    }  # fmt: skip
    if output:
        _predictions.write(answers.frame, output)
    if as_json:
        body = {"output": str(output)} if output else {"predictions": answers.frame.to_dict(orient="records")}
        _show.print_json({**body, **about})
        return
    for remark in answers.remarks(language):
        _show.tell(remark)
    if output:
        _show.tell(
            _show.say(
                language, f"{len(answers.frame)} rows written to {output}", f"已将 {len(answers.frame)} 行写入 {output}"
            )
        )
    else:
        typer.echo(_predictions.text(answers.frame), nl=False)
