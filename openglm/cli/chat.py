"""``openglm chat``: a conversation about one table. Reads turns, shows answers; what a turn does is :mod:`openglm.chat`'s."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openglm.cli import _options as options

if TYPE_CHECKING:
    from openglm.chat import Chat, Reply
    from openglm.core.words import Language

LEAVE = frozenset({"quit", "exit", "q", "bye", ":q", "退出", "再见", "结束对话"})
HELP = frozenset({"help", "?", "？", "h", "帮助", "怎么用"})
EXAMPLES = {
    "zh": (
        ("预测是否购买", "说明要学什么(此时还不训练)"),
        ("换成F1,不要用 page_value,快一点", "修改要求;“撤销”退回一步"),
        ("开始", "训练(直接回车也可以)"),
        ("为什么?哪些因素最重要", "解释;“效果怎么样”看得分"),
        ("和上一个模型对比", "比较本次对话中的模型"),
        ("用它预测 new.csv / 导出模型", "预测新数据、导出模型包"),
    ),
    "en": (
        ("predict which customers will churn", "say what to learn (nothing is trained yet)"),
        ("use F1 instead, leave out the region, faster", "edit it; 'undo' takes a step back"),
        ("go", "train (Enter alone does too)"),
        ("why? which factors matter most", "explain; 'how good is it?' shows the scores"),
        ("compare with the previous one", "the models of this chat side by side"),
        ("predict new.csv / export the model", "predict new rows, hand the model on"),
    ),
}


def chat(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="The table: CSV, TSV, Parquet, Excel or JSON lines. 数据文件。", show_default=False
        ),
    ],
    time: options.Time = None,
    trials: options.Trials = None,
    seed: options.Seed = 0,
    out: options.Out = None,
    sheet: options.Sheet = None,
    preset: options.Preset = options.DEFAULT_PRESET,
    engine: options.Engine = None,
    engine_model: options.EngineModel = None,
    lang: options.Lang = None,
    as_json: options.Json = False,
) -> None:
    """Talk about a table until the model is right: train, explain, compare, predict, export. 对话式建模。

    openglm chat customers.csv
      predict which customers will churn            say what to learn
      use F1 instead, leave out the region, faster  edit it; 'undo' takes a step back
      at most 2 minutes, below 5 MB                 limits; the last number counts
      go                                            train (Enter alone does too)
      why? which factors matter most                explain; 'how good is it?': scores
      compare with the previous one                 the models of this chat
      predict new.csv / export the model            new rows; hand the model on

    openglm chat 客户.csv
      预测是否流失 → 换成F1,不要用地区,快一点 → 开始 → 为什么?哪些因素最重要
      → 和上一个模型对比 → 用它预测 new.csv → 导出模型

    openglm chat customers.csv --time 30 --out chats/churn
    openglm chat customers.csv < turns.txt

    Stating and editing train nothing: "go", or Enter alone, does; a question that needs a model trains it first. "Faster" halves
    the time of a training, "more accurate" doubles it. At the prompt "help" shows six examples, "quit" or Ctrl-D leaves. Ctrl-C
    while it trains keeps the best so far and comes back.

    In a pipe every line is a turn, and what was asked for but not trained yet is trained at the end. The same call with --out
    goes on. --time is for each training, unless a turn names another; --json prints one object for each reply, one a line.

    Every model is a run of its own: "openglm list" shows them, "openglm report last" opens the newest.
    """
    from openglm.chat import Chat
    from openglm.cli._ask import somebody_is_there
    from openglm.cli._language import language_of, of_environment

    forced = language_of(lang) if lang else None
    talk = Chat(
        data, time_limit=options.seconds(time), trials=trials, seed=seed, out=out, sheet=sheet, preset=preset,
        engine=options.engine(engine, engine_model), language=forced,
    )  # fmt: skip
    talk.begin()
    if somebody_is_there() and not as_json:
        _at_terminal(talk, forced or of_environment())
        return
    code = _from_pipe(talk, forced or of_environment(), as_json=as_json)
    if code:
        raise typer.Exit(code)


def _at_terminal(chat: Chat, language: Language) -> None:
    """Ask and answer until the person leaves."""
    if chat.spoken:
        language = chat.spoken
    print(_greeting(chat, language))
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while True:
            line = _ask(language).strip()
            if line.casefold() in LEAVE:
                break
            if line.casefold() in HELP:
                language = "zh" if line in ("帮助", "怎么用") else language
                print(_help(language))
                continue
            if not line and not chat.is_pending:
                continue
            reply = _say(chat, line, language, quiet=False)
            language = reply.language
            print(_shown(reply) + "\n")
    print("\n" + _farewell(chat, language))


def _ask(language: Language) -> str:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - arrow keys and history at the prompt; Windows has its own
    return input("你> " if language == "zh" else "you> ")


def _from_pipe(chat: Chat, language: Language, *, as_json: bool) -> int:
    """Take one turn a line, then train what is pending; return the exit code of the last turn."""
    code = 0
    for line in sys.stdin:
        words = line.strip().lstrip("\ufeff")
        if not words or words.startswith("#"):
            continue
        if words.casefold() in LEAVE:
            break
        language = chat.language or ("zh" if not words.isascii() else language)
        if words.casefold() in HELP:
            if not as_json:
                print(f"> {words}\n{_help(language)}\n", flush=True)
            continue
        code, language = _turn(chat, words, language, as_json=as_json)
    if chat.is_pending and not code:
        code, language = _turn(chat, "", language, as_json=as_json)
    if not as_json:
        print(_farewell(chat, language), file=sys.stderr, flush=True)
    return code


def _turn(chat: Chat, words: str, language: Language, *, as_json: bool) -> tuple[int, Language]:
    if not as_json:
        go = "(开始)" if language == "zh" else "(go)"
        print(f"> {words or go}", flush=True)
    reply = _say(chat, words, language, quiet=as_json)
    print(json.dumps(reply.plain(), ensure_ascii=False, default=str) if as_json else _shown(reply) + "\n", flush=True)
    return (0 if reply.error is None else reply.error.exit_code), reply.language


def _say(chat: Chat, words: str, language: Language, *, quiet: bool) -> Reply:
    """Take one turn; progress is shown from the first event of a training on."""
    from openglm.chat import Reply
    from openglm.core.errors import StoppedError

    spoken = chat.language or ("zh" if not words.isascii() else language)
    try:
        with _progress(chat, spoken, quiet=quiet):
            return chat.say(words)
    except StoppedError as error:  # Ctrl-C twice, or before there was a model
        return Reply(text=error.text(spoken), goal=chat.goal, error=error, sentence=words, language=spoken)


@contextlib.contextmanager
def _progress(chat: Chat, language: Language, *, quiet: bool) -> Iterator[None]:
    from openglm.cli._progress import follow

    with contextlib.ExitStack() as stack:
        show: Callable[[dict[str, Any]], None] | None = None

        def listen(event: dict[str, Any]) -> None:
            nonlocal show
            if show is None:
                show = stack.enter_context(follow(language, quiet=quiet))
            show(event)

        chat.listener = listen
        yield


def _shown(reply: Reply) -> str:
    return ("! " if reply.error is not None else "") + reply.text


def _help(language: Language) -> str:
    wide = max(_width(turn) for turn, _ in EXAMPLES[language])
    return "\n".join(f"  {turn}{' ' * (wide - _width(turn))}  {meaning}" for turn, meaning in EXAMPLES[language])


def _width(text: str) -> int:
    """Return the columns a text takes; Chinese signs take two."""
    return sum(1 + (ord(sign) > 0x2E7F) for sign in text)


def _greeting(chat: Chat, language: Language) -> str:
    schema, made = chat.begin(), chat.results
    rows, columns = f"{schema.rows:,}", len(schema.columns)
    if language == "zh":
        text = f"{rows} 行,{columns} 列。说说要预测什么;“帮助”看示例,“退出”离开。"
        again = f"接着上次的对话({chat.turns} 轮,{len(made)} 个模型)。"
        pending = "有一个任务还没有训练:回车或说“开始”。"
    else:
        text = f"{rows} rows, {columns} columns. Say what to predict; 'help' shows examples, 'quit' leaves."
        again = f"Going on with this chat ({_count(chat.turns, 'turn')}, {_count(len(made), 'model')})."
        pending = "One task is not trained yet: Enter or 'go' trains it."
    return "\n".join([text, *([again] if chat.turns else []), *([pending] if chat.is_pending else [])])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _farewell(chat: Chat, language: Language) -> str:
    from openglm.cli._result import short

    if not chat.turns:
        return "再见。" if language == "zh" else "Good bye."
    again = f"openglm chat {short(chat.data)} --out {short(chat.out)}"
    if language == "zh":
        return f"全部内容保存在 {short(chat.out)}。继续对话: {again}"
    return f"Everything is in {short(chat.out)}. Go on with: {again}"
