"""A conversation about one table that trains, explains, compares, predicts and exports: ``openglm chat`` and ``openglm.Chat``.

What a turn does, and what it does not:

- Stating or editing what to learn trains nothing. The reply says what is understood (after an edit only what changed), and that
  "开始" or "go" trains; so does a short "好的" or "ok", and an empty turn. "Train a model that predicts …" still only states.
- A turn that needs a model (explain, judge, compare, predict, export, deploy) trains the frame in force first, if it has none.
- A sentence with several steps ("check the data, train, explain, export") is carried out at once, in its order.
- The same frame is never trained twice: task without its sentence, and budget, are the key. A frame that was edited is a new
  folder, ``OUT/02-…``; one that was cut off goes on in its own.
- "Faster" halves the budget of the training, "more accurate" doubles it; a number said later wins.
- Feedback speaks of the model made last, is kept in ``feedback.jsonl``, and changes nothing by itself.
- A mistake of the user is a reply with its ``error``; the frame stays as it was.

Every turn is a line of ``OUT/chat.jsonl``. A chat goes on where it stopped: its sentences are said again to the
:class:`~openglm.understand.Dialogue` (which costs milliseconds and trains nothing), its models are found by their folders.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from openglm import _steps as steps
from openglm import prepare, understand
from openglm.chat import _talk as talk
from openglm.chat._models import Limits, Models, new_folder
from openglm.chat._talk import say
from openglm.chat._turn import SAY_WHAT, Reply, Turn
from openglm.chat._wanted import Heard, check_columns, misfit
from openglm.chat._wanted import wanted as asked_for
from openglm.chat._work import Work, now
from openglm.core import graph, store
from openglm.core.errors import BundleError, InputError, OpenGLMError, SourceError
from openglm.core.events import Listener
from openglm.core.parts import Engine
from openglm.core.preset import BUNDLED, Preset
from openglm.core.result import Result
from openglm.core.run import CHAT as LOG
from openglm.core.schema import Schema
from openglm.core.task import Goal, Slot, StepType, Task
from openglm.core.words import Language, Said
from openglm.understand._normalise import has_han

__all__ = ["Chat", "Reply"]


class Chat:
    """A conversation about one table; its models, its files and its words lie in one folder.

    Parameters
    ----------
    data : path, DataFrame or any other table
        As :func:`openglm.run` takes it.
    time_limit : float or None, default=None
        Seconds of each training, > 0, unless a turn names another time; 60 when only a turn's words or nothing says so.
    trials : int or None, default=None
        Candidates of each training at most.
    out : path or None, default=None
        Folder of the chat; by default ``runs/chat-<table>-<date-time>``. One that holds a chat goes on.
    preset : str
        Name or folder of the preset.
    language : {"zh", "en"} or None, default=None
        Of the replies; by default that of each turn.
    sheet : str or None, default=None
        Of an Excel file.
    engine : Engine, str or None, default=None
        A language model that may answer a question left open, or the URL of a server with the OpenAI protocol.
    listener : callable or None, default=None
        Gets every event of a training as a dict.
    seed : int, default=0
        Of everything random.

    Examples
    --------
    >>> import tempfile
    >>> from openglm import Chat
    >>> rows = {"visits": list(range(200)), "bought": [int(i > 120) for i in range(200)]}
    >>> chat = Chat(rows, trials=1, out=tempfile.mkdtemp())
    >>> print(chat.say("predict bought").text.splitlines()[0])
    Predict 'bought': two classes, in question: 1; judged by ROC AUC.
    >>> [(item.slot, item.after) for item in chat.say("use f1 instead").changes]
    [('metric', 'f1')]
    >>> chat.is_pending
    True
    """

    def __init__(
        self, data: Any, *, time_limit: float | None = None, trials: int | None = None, out: str | Path | None = None,
        preset: str = BUNDLED, language: Language | None = None, sheet: str | None = None,
        engine: Engine | str | None = None, listener: Listener | None = None, seed: int = 0,
    ) -> None:  # fmt: skip
        self.data = data
        self.time_limit = time_limit
        self.trials = trials
        self.preset = preset
        self.language = language
        self.sheet = sheet
        self.engine = engine
        self.listener = listener
        self.seed = seed
        self.out = (Path(out) if out is not None else new_folder(data)).resolve()
        self.schema: Schema | None = None
        self.turns = 0
        self._fingerprint = ""
        self._dialogue: understand.Dialogue | None = None
        self._slots: dict[str, Slot] | None = None
        self._task: Task | None = None
        self._tasks: dict[str, Task] = {}
        self._spoken: Language = "en"
        self._heard = Heard({})
        self._models = Models(self.out)

    @classmethod
    def open(cls, out: str | Path, data: Any = None, **settings: Any) -> Chat:
        """Return the chat in a folder, to go on with it; the table may be left out where it is a file.

        Raises
        ------
        BundleError
            If there is no chat.
        SourceError
            If its table was given in memory and is not given again.
        """
        lines = store.read_lines(Path(out) / LOG)
        if not lines or "chat" not in lines[0]:
            raise BundleError(
                Said(en=f"There is no chat in {out}.", zh=f"{out} 中没有对话记录。"),
                hint=Said(en="Begin one with: openglm chat DATA", zh="请用 openglm chat 数据 开始。"),
            )
        kept = lines[0]
        table = kept["data"] if data is None else data
        if table is None:
            raise SourceError(
                Said(en="The table of this chat was given in memory.", zh="这个对话的数据来自内存。"),
                hint=Said(en="Give it again: Chat.open(out, data).", zh="请再次给出: Chat.open(out, data)。"),
            )
        known = {name: kept[name] for name in ("time_limit", "trials", "preset", "language", "sheet", "seed")}
        chat = cls(table, out=out, **(known | settings))
        chat.begin()
        return chat

    # ── what is there ──

    def begin(self) -> Schema:
        """Read the table, take up the turns kept in the folder, and return the schema; ``say`` does it where needed.

        Raises
        ------
        SourceError
            If the table cannot be read.
        InputError
            If the folder holds something else, or a chat about another table.
        """
        if self.schema is not None:
            return self.schema
        raw = prepare.load(self.data, sheet=self.sheet)
        lines = store.read_lines(self.out / LOG)
        other = bool(lines) and lines[0].get("fingerprint") != raw.fingerprint
        if other or (not lines and self.out.is_dir() and any(self.out.iterdir())):
            raise InputError(
                Said(
                    en=f"The folder {self.out} holds a chat about another table, or this one has changed since.",
                    zh=f"目录 {self.out} 中是关于另一份数据的对话,或数据已经改变。",
                )
                if other
                else Said(en=f"The folder {self.out} holds other files.", zh=f"目录 {self.out} 中已有其他文件。"),
                hint=Said(
                    en="Choose another folder with --out (out= in Python).",
                    zh="请用 --out(Python 中为 out=)指定其他目录。",
                ),
            )
        self._fingerprint = raw.fingerprint
        self._dialogue = understand.Dialogue(raw.schema, preset=Preset.load(self.preset), language=self.language)
        for line in lines[1:]:
            self.turns += 1
            self._spoken = "zh" if line.get("language") == "zh" else "en"
            for words in line.get("said", ()):
                try:
                    self._take(self._dialogue.say(words))
                except OpenGLMError:  # it was answered then
                    continue
        self.schema = raw.schema
        return raw.schema

    @property
    def goal(self) -> Goal | None:
        """The frame in force."""
        return None if self._dialogue is None else self._dialogue.goal

    @property
    def spoken(self) -> Language | None:
        """The language of the last turn; ``None`` before the first."""
        return self._spoken if self.turns else None

    @property
    def is_pending(self) -> bool:
        """Say whether there is a task in force that has no model yet."""
        return self._task is not None and self._models.of(self._task, self._budget()) is None

    @property
    def results(self) -> tuple[Result, ...]:
        """The models of this chat, oldest first."""
        return self._models.results()

    # ── one turn ──

    def say(self, sentence: str) -> Reply:
        """Take one turn, do what it asks, and return what came of it; an empty one trains what is pending.

        Raises
        ------
        SourceError, InputError
            If the table or the folder cannot be used (see :meth:`begin`). Whatever goes wrong later is a reply.
        """
        self.begin()
        goal = self.goal
        spoken = self._spoken = self.language or _language(sentence, self._spoken)
        turn = Turn(sentence, spoken, goal=goal)
        try:
            self._answer(turn)
        except OpenGLMError as error:
            turn.error = error
            turn.lines.append(error.text(spoken))
        reply = Reply(
            text="\n".join(turn.lines), goal=self.goal, changes=turn.changes, result=turn.result, files=tuple(turn.files),
            question=turn.question, error=turn.error, sentence=sentence, language=spoken,
        )  # fmt: skip
        self._keep(reply, turn)
        return reply

    def _answer(self, turn: Turn) -> None:
        if not turn.sentence.strip():
            if self._task is None:
                turn.lines.append(SAY_WHAT.text(turn.language))
            else:
                self._work().carry_out(["build_model"], turn)
            return
        before, old_budget = self._slots, self._budget_text(turn.language)
        had = self._task is not None
        goal = self._read(turn)
        turn.goal = goal
        moves = self._heard.moves
        if goal.intent == "other":
            turn.lines += [question.text.text(turn.language) for question in goal.questions]
            return
        self._take(goal)
        turn.changes = talk.changes_of(before, self._slots or {})
        if goal.intent == "cancel":
            turn.add(
                "Dropped; nothing is in force now. Models already made stay.",
                "已取消,当前没有任务;已训练的模型仍保留。",
            )
            return
        if goal.questions:
            turn.question = goal.questions[0]
            turn.lines.append(talk.asked(turn.question, turn.language))
            return
        if goal.intent == "feedback":
            self._work().feedback(turn)
            return
        if "undo" in moves and (before is None or turn.changes):
            turn.add("Taken back.", "已撤销。")
            self._state(turn, old_budget, whole=True)
            return
        anew = not had or any(item.slot == "target" for item in turn.changes)
        wanted = asked_for(goal, turn, self._heard, before, known=not anew, source=steps.path_of(self.data))
        self._check_metric(turn, wanted)
        if wanted:
            if turn.changes and not anew and self._task is not None:
                turn.lines += talk.edited(turn.changes, (old_budget, self._budget_text(turn.language)), turn.language)
            self._work().carry_out(wanted, turn)
            return
        self._state(turn, old_budget, whole=anew)

    def _read(self, turn: Turn) -> Goal:
        """Say the sentence to the dialogue; a language model, if there is one, may answer what stays open."""
        assert self._dialogue is not None
        assert self.schema is not None
        turn.said.append(turn.sentence)
        is_pending = self.is_pending
        try:
            goal = self._dialogue.say(turn.sentence)
        finally:
            self._heard = Heard(self._dialogue.moves, self._dialogue.named, is_pending)
        if goal.questions and goal.intent != "other" and self.engine is not None:
            engine = steps.engine_of(self.engine)
            again = steps.second_reading(
                goal, self.schema, engine, preset=Preset.load(self.preset), seconds=self.time_limit
            )
            if again.engine is not None:
                turn.lines.append(again.engine.said.text(turn.language))
            if not again.questions and "target" in again.slots:
                turn.said.append(str(again.slots["target"].value))
                goal = self._dialogue.say(turn.said[-1])
        return goal

    def _take(self, goal: Goal) -> None:
        """Let the goal be the frame in force."""
        if goal.intent == "other":
            return
        if goal.intent == "cancel":
            self._slots, self._task = None, None
            return
        self._slots = dict(goal.slots)
        if goal.questions or ("target" not in goal.slots and not goal.tasks):
            self._task = None
            return
        # Only a turn about learning brings its task along; "undo" behind "deploy" must find the one of its frame again.
        frame = json.dumps(
            {item.slot: item.after for item in talk.changes_of(None, goal.slots)}, sort_keys=True, default=str
        )
        if goal.tasks:
            words = {"sentence": self._sentence(goal), "language": self._spoken}
            self._tasks[frame] = goal.tasks[0].model_copy(update=words)
        self._task = self._tasks.get(frame, self._task)

    def _sentence(self, goal: Goal) -> str:
        """Return the turns that still count, one after the other: what the report shows as the sentence."""
        assert self._dialogue is not None
        turns = {slot.turn for name, slot in goal.slots.items() if slot.origin == "stated" or name == "target"}
        known = self._dialogue.goals
        return " · ".join(known[turn - 1].sentence for turn in sorted(turns) if turn <= len(known)) or goal.sentence

    # ── what is understood ──

    def _state(self, turn: Turn, old_budget: str, *, whole: bool) -> None:
        """Say what is in force now, or only what has changed."""
        goal, task = turn.goal, self._task
        assert self.schema is not None
        if goal is None or task is None:
            turn.lines.append(SAY_WHAT.text(turn.language))
            return
        now = self._budget_text(turn.language)
        if not turn.changes and not whole:
            check_columns(turn.sentence, self.schema)
            turn.add("I heard nothing new in that. In force:", "没有听出新的要求。当前为:")
            whole = True
        if whole:
            turn.lines += talk.understood(goal, task, now, turn.language)
        else:
            turn.lines += talk.edited(turn.changes, (old_budget, now), turn.language)
        made = self._models.of(task, self._budget())
        if made is None:
            go = say(turn.language, "Say 'go' to train.", "说“开始”即可训练。")
            if whole:  # behind the budget: four lines at most
                turn.lines[-1] += say(turn.language, ". ", "。") + go
            else:
                turn.lines.append(go)
        else:
            turn.result = Result(made)
            turn.add(f"Its model is there already: {made.path.name}.", f"该任务已有模型:{made.path.name}。")

    def _check_metric(self, turn: Turn, wanted: list[StepType]) -> None:
        """Refuse a metric that cannot judge the problem; what else the turn changes is said first, and stays.

        Raises
        ------
        PlanError
            With the metrics that can.
        """
        if (
            self._task is None
            or any(item.slot == "metric" for item in turn.changes)
            or set(wanted) - set(graph.LEARNING)
        ):
            return
        error = misfit(turn.sentence, self._task.kind, Preset.load(self.preset))
        if error is None:
            return
        now = self._budget_text(turn.language)
        turn.lines += talk.edited(turn.changes, (now, now), turn.language)
        raise error

    def _budget(self) -> Limits:
        """Return seconds and trials of the next training: what a turn says, else the chat's own, paced by a wish said later."""
        slots = self._slots or {}
        time = slots.get("time_budget_seconds")
        seconds = float(time.value) if time else self.time_limit
        if seconds is None and self.trials is None:
            seconds = steps.DEFAULT_SECONDS
        return steps.paced(seconds, self.trials, slots)

    def _budget_text(self, language: Language) -> str:
        seconds, trials = self._budget()
        said = [] if seconds is None else [say(language, f"training time {seconds:g} s", f"训练时间 {seconds:g} 秒")]
        said += (
            []
            if trials is None
            else [say(language, f"at most {trials} candidate{'s' * (trials > 1)}", f"最多 {trials} 个候选")]
        )
        return say(language, ", ", "、").join(said)

    def _work(self) -> Work:
        """Return what the steps of this turn are done with."""
        return Work(
            self._models, self.data, self._fingerprint, self._task, self._budget(), self._heard.named, self.turns + 1,
            sheet=self.sheet, preset=self.preset, seed=self.seed, listener=self.listener,
        )  # fmt: skip

    # ── the folder ──

    def _keep(self, reply: Reply, turn: Turn) -> None:
        """Write the turn down."""
        if self.turns == 0 and not (self.out / LOG).exists():
            head = {
                "chat": 1, "at": now(), "data": steps.path_of(self.data), "fingerprint": self._fingerprint, "sheet": self.sheet,
                "time_limit": self.time_limit, "trials": self.trials, "preset": self.preset, "language": self.language,
                "seed": self.seed,
            }  # fmt: skip
            store.append_line(self.out / LOG, json.dumps(head, ensure_ascii=False))
        self.turns += 1
        line = {
            "turn": self.turns, "at": now(), **reply.plain(), "said": turn.said,
            "goal": None if turn.goal is None else turn.goal.model_dump(mode="json"),
        }  # fmt: skip
        store.append_line(self.out / LOG, json.dumps(line, ensure_ascii=False, default=str))


def _language(sentence: str, before: Language) -> Language:
    """Return the language of a turn; one without any word ("2", Enter) speaks that of the turn before."""
    if has_han(sentence):
        return "zh"
    return "en" if re.search(r"[A-Za-z]", sentence) else before
