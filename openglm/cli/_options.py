"""The options that several verbs share, each described once. Values are turned into what the rooms expect below."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

# ── what every walk takes ──

Sentence = Annotated[
    str | None,
    typer.Argument(
        metavar="SENTENCE",
        help="What to predict, in your own words, in quotes. 用一句话说明要预测什么。",
        show_default=False,
    ),
]
Data = Annotated[
    str | None,
    typer.Argument(
        metavar="DATA",
        help="The table: CSV, TSV, Parquet, Excel or JSON lines, a folder of them, a database URL. 数据文件、目录或数据库地址。",
        show_default=False,
    ),
]
Time = Annotated[
    str | None,
    typer.Option(
        "--time",
        metavar="TIME",
        help="Time until everything is on disk: 60, 90s, 10m, 1h, 10分钟. Default: what the sentence says, else 60. 时间预算。",
        show_default=False,
    ),
]
Trials = Annotated[
    int | None,
    typer.Option(
        "--trials", metavar="N", min=1, help="Try at most N candidates. 最多尝试的候选数。", show_default=False
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Memory of one worker process: 2000 (MiB), 2G, 512M. 内存上限。",
        show_default=False,
    ),
]
Metric = Annotated[
    str | None,
    typer.Option(
        "--metric",
        metavar="NAME",
        help="What to optimise: roc_auc, f1, log_loss, rmse, mae … 优化指标。",
        show_default=False,
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="COLUMN",
        help="Column to predict, when you would rather say it. 目标列。",
        show_default=False,
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="For everything random. 随机种子。")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FOLDER",
        help="Where everything goes; the same call on it goes on. Default: a new folder in runs/. 输出目录。",
        show_default=False,
    ),
]
Preset = Annotated[
    str, typer.Option("--preset", metavar="NAME", help="Lexicons and portfolio: a name or a folder. 预设。")
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Take the default answer to an open question. 对疑问采用默认答案。")
]
SplitBy = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="HOW",
        help="How rows are kept apart: random, group:COLUMN, time:COLUMN, group-time:COLUMN,TIME. 划分方式。",
        show_default=False,
    ),
]

PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help="Take this plan, edited or not; the sentence may be left out. 使用已有的计划文件。",
        show_default=False,
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option(
        "--sheet",
        "--table",
        metavar="NAME",
        help="Sheet of an Excel file, or table or SELECT of a database. 工作表、数据库的表名或 SELECT。",
        show_default=False,
    ),
]

Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="URL",
        envvar="OPENGLM_ENGINE_URL",
        help="A language model that reads the sentence too: any OpenAI-compatible server. 语言模型服务地址。",
        show_default=False,
    ),
]
EngineModel = Annotated[
    str | None,
    typer.Option(
        "--engine-model",
        metavar="NAME",
        help="Its model; else OPENGLM_ENGINE_MODEL, else the server's first one. 语言模型名称。",
        show_default=False,
    ),
]

# ── how it is shown ──

Lang = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="zh|en",
        help="Language of the answers; else that of the sentence. 输出语言。",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output. 仅输出 JSON。")]

# ── what is there already ──

RunFolder = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A run folder, its name in ./runs, or: last. 运行目录、名称或 last。", show_default=False
    ),
]

DEFAULT_PRESET = "zhipu/Open-AutoGLM"

# Seconds per unit; a bare number is seconds.
_UNITS = {
    "": 1, "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "秒": 1, "秒钟": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60, "分": 60, "分钟": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "hours": 3600, "时": 3600, "小时": 3600, "个小时": 3600,
}  # fmt: skip
_PIECE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z\u4e00-\u9fff]*)\s*")


def seconds(text: str | None) -> float | None:
    """Return how many seconds ``--time`` allows, or ``None`` without it.

    Raises
    ------
    InputError
        If the text is no time above zero.

    Examples
    --------
    >>> [seconds(text) for text in ("60", "90s", "10m", "1h30m", "10分钟")]
    [60.0, 90.0, 600.0, 5400.0, 600.0]
    """
    if text is None:
        return None
    folded = text.strip().casefold()
    pieces = _PIECE.findall(folded)
    if pieces and _PIECE.sub("", folded) == "" and all(unit in _UNITS for _, unit in pieces):
        total = sum(float(number) * _UNITS[unit] for number, unit in pieces)
        if total > 0:
            return total
    from openglm.core.errors import InputError
    from openglm.core.words import Said

    raise InputError(
        Said(en=f"'{text}' is no time budget.", zh=f"“{text}”不是有效的时间预算。"),
        hint=Said(en="Write --time 60, 90s, 10m or 1h.", zh="请写成 --time 60、90s、10m、1h 或 10分钟。"),
    )


def megabytes(text: str | None) -> int | None:
    """Return how many MiB ``--memory`` allows.

    Raises
    ------
    InputError
        If the text is no size of at least 100 MiB, the least a worker can work with (``Budget.memory_mb``).

    Examples
    --------
    >>> [megabytes(text) for text in ("2000", "2G", "1.5gb", "512M")]
    [2000, 2048, 1536, 512]
    """
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(m|mb|mib|g|gb|gib)?", text.strip().casefold())
    size = round(float(found[1]) * (1024 if (found[2] or "m").startswith("g") else 1)) if found else 0
    if size >= 100:
        return size
    from openglm.core.errors import InputError
    from openglm.core.words import Said

    raise InputError(
        Said(en=f"'{text}' is no memory limit of at least 100 MiB.", zh=f"“{text}”不是有效的内存上限(至少 100 MiB)。"),
        hint=Said(en="Write --memory 2000 (MiB), 2G or 512M.", zh="请写成 --memory 2000(MiB)、2G 或 512M。"),
    )


def engine(url: str | None, model: str | None) -> Any:
    """Return the language model to ask, or ``None`` without a URL.

    Raises
    ------
    InputError
        If the URL cannot be used, or a model is named and no server.
    MissingExtraError
        If the extra ``llm`` is not installed.
    """
    if url:
        from openglm.core.registry import part

        return part("engines", "openai_http")(url, model=model)
    if model is None:
        return None
    from openglm.core.errors import InputError
    from openglm.core.words import Said

    raise InputError(
        Said(
            en=f"The engine's model '{model}' is named, but no server.", zh=f"指定了语言模型“{model}”,但没有服务地址。"
        ),
        hint=Said(en="Add --engine http://127.0.0.1:8000/v1", zh="请加上 --engine http://127.0.0.1:8000/v1"),
    )


def sentence_and_data(first: str | None, second: str | None, *, may_be_silent: bool) -> tuple[str, str]:
    """Return sentence and data of up to two words on the command line, in whichever order they came.

    Parameters
    ----------
    first, second : str or None
        As given.
    may_be_silent : bool
        Whether a plan or a target says what the sentence would: one word is the data then, and the sentence is empty.

    Raises
    ------
    InputError
        If the sentence or the data is missing.
    """
    if first and second:
        swapped = Path(first).exists() and not Path(second).exists()
        return (second, first) if swapped else (first, second)
    only = first or second
    if only and may_be_silent:
        return "", only
    from openglm.core.errors import InputError
    from openglm.core.words import Said

    example = 'openglm run "predict which customers will churn" customers.csv'
    lacks_sentence = only is not None and Path(only).exists()
    raise InputError(
        Said(en="A sentence is missing that says what to predict.", zh="缺少一句说明要预测什么的话。")
        if lacks_sentence
        else Said(en="The data is missing: give a sentence and a table.", zh="缺少数据: 请给出一句话和一个数据文件。"),
        hint=Said(en=f"For example: {example}", zh='例如: openglm run "预测客户会不会流失" customers.csv'),
    )
