"""``openglm resume``: goes on with a run where it was interrupted."""

from __future__ import annotations

from openglm.cli import _options as options


def resume(run: options.RunFolder, lang: options.Lang = None, as_json: options.Json = False) -> None:
    """Go on with an interrupted or stopped run; finished trials are not repeated. 继续被中断的运行。

    openglm resume last
    openglm resume runs/customers --json

    The time already spent counts towards the budget. Prints what `openglm run` prints.
    """
    from openglm import flow
    from openglm.cli import _result, _runs, _show
    from openglm.cli._language import language_of_run
    from openglm.cli._progress import follow
    from openglm.core.run import Run

    folder = _runs.find(run)
    language = language_of_run(lang, Run(folder))
    with follow(language, quiet=as_json) as listener:
        result = flow.resume(folder, listener=listener)
    if as_json:
        _show.print_json(result.plain(language))
    else:
        _result.print_result(result, language)
