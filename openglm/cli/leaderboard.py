"""``openglm leaderboard``: every learner a run tried, best first."""

from __future__ import annotations

from openglm.cli import _options as options


def leaderboard(run: options.RunFolder, lang: options.Lang = None, as_json: options.Json = False) -> None:
    """Show every learner a run tried, best first; also while it is still running. 查看模型排行榜。

    openglm leaderboard last
    openglm leaderboard runs/customers --json

    Scores are from validation rows; "weight" is the share in the final model.
    With --json: {"run", "metric", "leaderboard": [{"id", "model", "state", "score", "fit_s", "bytes", "weight", …}]}.
    """
    from openglm.cli import _runs, _show
    from openglm.cli._language import language_of_run
    from openglm.core.run import Run

    folder = _runs.find(run)
    metric, rows = _runs.leaderboard(folder)
    if as_json:
        _show.print_json({"run": str(folder), "metric": metric, "leaderboard": rows})
        return
    language = language_of_run(lang, Run(folder))
    if rows:
        _show.console().print(_show.leaderboard_table(rows, metric or "score", language))
    else:
        _show.tell(_show.say(language, "No learner has finished yet.", "还没有完成的模型。"))
