"""The typer app: the verbs in the order in which a newcomer meets them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated

import typer

from openglm.cli._door import Door
from openglm.cli.chat import chat
from openglm.cli.check import check
from openglm.cli.diff import diff
from openglm.cli.doctor import doctor
from openglm.cli.explain import explain
from openglm.cli.leaderboard import leaderboard
from openglm.cli.list import list_runs
from openglm.cli.new import new
from openglm.cli.plan import plan
from openglm.cli.predict import predict
from openglm.cli.report import report
from openglm.cli.resume import resume
from openglm.cli.run import run
from openglm.cli.stop import stop
from openglm.cli.understand import understand
from openglm.cli.verify import verify

# Plain help: half the start-up time of the boxed one, the same text in every terminal, and it can be copied.
app = typer.Typer(cls=Door, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def laid_out(verb: Callable[..., None]) -> str:
    r"""Return the help of a verb; paragraphs of commands keep their lines, which ``\b`` tells typer."""
    paragraphs = inspect.cleandoc(verb.__doc__ or "").split("\n\n")
    return "\n\n".join(f"\b\n{item}" if item.startswith("openglm ") else item for item in paragraphs)


def _add(name: str, verb: Callable[..., None], short: str) -> None:
    app.command(name, help=laid_out(verb), short_help=short)(verb)


def openglm(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    """One sentence and a data set become a model that is explained. 一句话加一份数据,得到可解释的模型。

    openglm run "predict which customers will churn" customers.csv
    openglm run "预测客户会不会流失" customers.csv --time 60
    openglm predict last new_customers.csv -o predictions.csv

    Every verb has its own help: openglm run --help

    Exit codes: 0 done, 1 failed or blocked, 2 input, 3 data, 4 question open, 5 extra missing, 6 damaged folder,
    7 disk, 8 budget too small, 130 interrupted before there was a model (a run that the first Ctrl-C ends with its
    best model so far is done: 0).
    """
    if version:
        from openglm import __version__

        typer.echo(f"openglm {__version__}")
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


app.callback(invoke_without_command=True, help=laid_out(openglm))(openglm)
_add("run", run, "Train a model from a sentence and a table. 训练模型")
_add("chat", chat, "Talk about a table: train, explain, compare, export. 对话式建模")
_add("plan", plan, "Print the plan, to edit and run. 生成计划")
_add("check", check, "Look for problems in a table. 检查数据")
_add("understand", understand, "Show what a sentence means. 理解句子")
_add("predict", predict, "Predict new rows. 预测新数据")
_add("explain", explain, "Say what drives a model, or why a row got its answer. 解释模型")
_add("leaderboard", leaderboard, "Show every learner tried. 排行榜")
_add("report", report, "Print or open the report. 查看报告")
_add("verify", verify, "Recompute what a run says of itself. 核对结果")
_add("diff", diff, "Show what differs between two runs. 比较运行")
_add("list", list_runs, "List runs, newest first. 列出运行")
_add("resume", resume, "Go on with an interrupted run. 继续运行")
_add("stop", stop, "Finish a running run early. 提前结束")
_add("doctor", doctor, "Look at this machine. 检查环境")
_add("new", new, "Write a new learner from a template. 新建模型")
