"""The typer app: the verbs in the order in which a newcomer meets them."""

from __future__ import annotations

from typing import Annotated

import typer

from openglm.cli._door import Door
from openglm.cli.check import check
from openglm.cli.doctor import doctor
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

# Plain help: half the start-up time of the boxed one, the same text in every terminal, and it can be copied.
app = typer.Typer(cls=Door, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def openglm(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    """One sentence and a data set become a model that is explained. 一句话加一份数据,得到可解释的模型。

    \b
    openglm run "predict which customers will churn" customers.csv
    openglm run "预测客户会不会流失" customers.csv --time 60
    openglm predict last new_customers.csv -o predictions.csv

    Every verb has its own help: openglm run --help

    \b
    Exit codes: 0 done · 1 failed or blocked · 2 input · 3 data · 4 question open · 5 extra missing ·
    6 damaged folder · 7 disk · 8 budget too small · 130 interrupted
    """
    if version:
        from openglm import __version__

        typer.echo(f"openglm {__version__}")
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


app.command("run", short_help="Train a model from a sentence and a table. 训练模型")(run)
app.command("plan", short_help="Print the plan, to edit and run. 生成计划")(plan)
app.command("check", short_help="Look for problems in a table. 检查数据")(check)
app.command("understand", short_help="Show what a sentence means. 理解句子")(understand)
app.command("predict", short_help="Predict new rows. 预测新数据")(predict)
app.command("leaderboard", short_help="Show every learner tried. 排行榜")(leaderboard)
app.command("report", short_help="Print or open the report. 查看报告")(report)
app.command("list", short_help="List runs, newest first. 列出运行")(list_runs)
app.command("resume", short_help="Go on with an interrupted run. 继续运行")(resume)
app.command("stop", short_help="Finish a running run early. 提前结束")(stop)
app.command("doctor", short_help="Look at this machine. 检查环境")(doctor)
app.command("new", short_help="Write a new learner from a template. 新建模型")(new)
