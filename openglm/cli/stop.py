"""``openglm stop``: asks a run in another window to finish with the best so far."""

from __future__ import annotations

from openglm.cli import _options as options


def stop(run: options.RunFolder, lang: options.Lang = None, as_json: options.Json = False) -> None:
    """Ask a running run to finish now with the best model so far. 让运行提前结束并保留最佳结果。

    openglm stop last
    openglm stop runs/customers

    The run finishes its files - final model, report - and ends as "stopped", with a valid result.
    """
    from openglm.cli import _runs, _show
    from openglm.cli._language import language_of_run
    from openglm.core.run import Run

    folder = _runs.find(run)
    asked = Run.open(folder)
    language = language_of_run(lang, asked)
    _runs.refuse_to_stop(asked)
    asked.ask_to_stop()
    if as_json:
        _show.print_json({"run": str(folder), "asked": True, "pid": asked.state.pid})
    else:
        _show.tell(
            _show.say(
                language,
                f"Asked {folder} to stop. It keeps the best so far and still writes model and report.",
                f"已请求停止 {folder}。它会保留目前最佳结果,并写出模型和报告。",
            )
        )
