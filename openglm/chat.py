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

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openglm import _doors as doors
from openglm import _steps as steps
from openglm import _talk as talk
from openglm import flow, prepare, understand
from openglm._talk import Change, say
from openglm.core import graph, store
from openglm.core.budget import Clock
from openglm.core.dataset import Dataset
from openglm.core.errors import BundleError, ColumnError, InputError, OpenGLMError, SourceError, did_you_mean
from openglm.core.events import EventLog, Listener
from openglm.core.outcome import Outcome
from openglm.core.parts import Engine
from openglm.core.preset import BUNDLED, Preset
from openglm.core.result import Result
from openglm.core.run import Run, run_name
from openglm.core.schema import Schema
from openglm.core.sitting import RUNS, Call
from openglm.core.task import Goal, Question, Slot, Step, StepType, Task
from openglm.core.words import Language, Said
from openglm.understand._normalise import has_han

LOG = "chat.jsonl"
FEEDBACK = "feedback.jsonl"
PACE = {"faster": 0.5, "more_accurate": 2.0}
"""What the wish does to the budget of a training. Our own choice: a step that is felt, and that can be said again as a number."""
DIRECTIONS = 3
"""Columns of an explanation whose direction is looked at: each costs up to five predictions of the sample."""
_ONLY_STATED = frozenset({"训练", "train", "run", "继续", "continue"})
"""Cues of going that are also part of a statement: "train a model that predicts …"."""
_SAY_WHAT = Said(
    en="Say what to predict, e.g. 'predict which customers will churn'.",
    zh="请说明要预测什么,例如“预测哪些客户会流失”。",
)
_AT_ONCE: tuple[StepType, ...] = (
    "validate_data", "clean_data", "describe_data", "engineer_features", "compare", "evaluate", "explain", "predict", "compress",
    "export", "report",
)  # fmt: skip
"""Steps that a turn asks for by a word, in the order in which they are done."""
_MAKES = ("predict", "export", "compare", "report")
"""Steps whose files a person wants to be told of."""
_OUTPUTS: dict[str, StepType] = {
    "deploy": "deploy", "docker": "deploy", "export_onnx": "export", "report": "report", "predictions_file": "predict",
}  # fmt: skip
_RESULTS = re.compile(
    r"(?:导出|保存|存|下载|输出|给我).{0,4}预测(?:结果|值)|"
    r"\b(?:export|save|write|download|give me)\b.{0,12}\bpredictions\b",
    re.I,
)
_AGAINST = re.compile(
    r"(?:和|跟|与|同|比).{0,6}(?:基线|上一个|上个|上次|之前|前一个|第.个).{0,6}(?:比|怎么样|好|差)|\b(?:against|than|beat)\b.{0,16}"
    r"\b(?:baseline|previous|before|last|first|earlier)\b",
    re.I,
)
_EFFECT = re.compile(r"作用|有用|有没有用|\b(?:effect|role|matters?|useful|help)\b", re.I)
_NAME = re.compile(  # quoted, with an underscore, behind "column", before "列"
    r"[\"'“‘`]([^\"'”’`]{1,40})[\"'”’`]|(?<![A-Za-z0-9_])([A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]+)|"
    r"(?:\bcolumns?|列|字段|特征)\s*([A-Za-z][A-Za-z0-9_]*)|([A-Za-z][A-Za-z0-9_]*)\s*这?(?:列|字段)"
)


@dataclass(frozen=True)
class Reply:
    """The answer to one turn.

    Attributes
    ----------
    text : str
        What a person reads, in the language of the turn.
    goal : Goal or None
        The frame in force afterwards; ``None`` before the first one and after a cancellation.
    changes : tuple of Change
        Slots that the turn set, changed or lifted.
    result : Result or None
        Of the model that the turn trained or spoke of.
    files : tuple of Path
        Made by the turn.
    question : Question or None
        What is open; the next turn may answer it by number or name.
    error : OpenGLMError or None
        Why the turn could not be done.
    """

    text: str
    goal: Goal | None
    changes: tuple[Change, ...] = ()
    result: Result | None = None
    files: tuple[Path, ...] = ()
    question: Question | None = None
    error: OpenGLMError | None = None
    sentence: str = ""
    language: Language = "en"

    def plain(self) -> dict[str, Any]:
        """Return plain JSON data: what ``openglm chat --json`` prints, one line each."""
        return {
            "sentence": self.sentence, "text": self.text, "language": self.language,
            "intent": None if self.goal is None else self.goal.intent,
            "tasks": [] if self.goal is None else [task.model_dump(mode="json") for task in self.goal.tasks],
            "changes": [{"slot": item.slot, "before": item.before, "after": item.after} for item in self.changes],
            "run": None if self.result is None else str(self.result.run.path),
            "files": [str(path) for path in self.files],
            "question": None if self.question is None else {
                "text": self.question.text.text(self.language),
                "options": [option.column for option in self.question.options],
            },
            "error": None if self.error is None else {
                "type": type(self.error).__name__, "message": self.error.message.text(self.language),
                "hint": self.error.hint.text(self.language), "exit_code": self.error.exit_code,
            },
        }  # fmt: skip


@dataclass
class _Turn:
    """What a turn has brought so far."""

    sentence: str
    language: Language
    goal: Goal | None = None
    changes: tuple[Change, ...] = ()
    lines: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    result: Result | None = None
    question: Question | None = None
    error: OpenGLMError | None = None
    said: list[str] = field(default_factory=list)

    def add(self, en: str, zh: str) -> None:
        self.lines.append(say(self.language, en, zh))


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
        self.out = (Path(out) if out is not None else _new_folder(data)).resolve()
        self.schema: Schema | None = None
        self.turns = 0
        self._fingerprint = ""
        self._dialogue: understand.Dialogue | None = None
        self._slots: dict[str, Slot] | None = None
        self._task: Task | None = None
        self._tasks: dict[str, Task] = {}
        self._spoken: Language = "en"
        self._moves: dict[str, str] = {}
        self._named: tuple[str, ...] = ()

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
        return self._task is not None and self._model_of(self._task) is None

    @property
    def results(self) -> tuple[Result, ...]:
        """The models of this chat, oldest first."""
        return tuple(Result(run) for run in self._runs() if _is_made(run))

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
        turn = _Turn(sentence, spoken, goal=goal)
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

    def _answer(self, turn: _Turn) -> None:
        if not turn.sentence.strip():
            if self._task is None:
                turn.lines.append(_SAY_WHAT.text(turn.language))
            else:
                self._carry_out(["build_model"], turn)
            return
        before, old_budget = self._slots, self._budget_text(turn.language)
        had = self._task is not None
        goal = self._read(turn)
        turn.goal = goal
        moves = self._moves
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
            self._feedback(turn)
            return
        if "undo" in moves and (before is None or turn.changes):
            turn.add("Taken back.", "已撤销。")
            self._state(turn, old_budget, whole=True)
            return
        anew = not had or any(item.slot == "target" for item in turn.changes)
        wanted = self._wanted(goal, turn, before, known=not anew)
        if wanted:
            if turn.changes and not anew and self._task is not None:
                turn.lines += talk.edited(turn.changes, (old_budget, self._budget_text(turn.language)), turn.language)
            self._carry_out(wanted, turn)
            return
        self._state(turn, old_budget, whole=anew)

    def _read(self, turn: _Turn) -> Goal:
        """Say the sentence to the dialogue; a language model, if there is one, may answer what stays open."""
        assert self._dialogue is not None
        assert self.schema is not None
        turn.said.append(turn.sentence)
        try:
            goal = self._dialogue.say(turn.sentence)
        finally:
            self._moves, self._named = self._dialogue.moves, self._dialogue.named
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

    def _wanted(self, goal: Goal, turn: _Turn, before: dict[str, Slot] | None, *, known: bool) -> list[StepType]:
        """Return the steps to be carried out now; none when the turn only states or edits."""
        moves, changed = self._moves, {item.slot for item in turn.changes}
        kinds = [step.type for step in graph.ordered(goal.steps)]
        if "metric" in changed:  # "evaluated by AUC" names a metric
            kinds = [kind for kind in kinds if kind != "evaluate"]
        if goal.intent == "explain" and ("quality" in moves or "evaluate" in moves):
            return ["evaluate"]
        if goal.intent == "describe_data" and "validate_data" in moves:
            return ["validate_data"]
        if known and not changed and self._named and _EFFECT.search(turn.sentence):
            return ["explain"]
        found = [kind for kind in _AT_ONCE if kind in moves and not (kind == "evaluate" and "metric" in changed)]
        # The words of a turn weigh more than its sound: "导出模型" sounds like deploying and says exporting.
        says = goal.intent in moves or not found
        if len(set(kinds)) > 1 or (goal.intent not in ("build_model", "feedback", "cancel", "other") and says):
            return kinds
        old = before["outputs"].value if before and "outputs" in before else ()
        new = [name for name in (goal.slots["outputs"].value if "outputs" in goal.slots else ()) if name not in old]
        found += [_OUTPUTS[name] for name in new if name in _OUTPUTS]
        if known and (doors.file_in(turn.sentence, steps.path_of(self.data)) or _RESULTS.search(turn.sentence)):
            found.append("predict")
        if known and not found and _AGAINST.search(turn.sentence):
            found.append("compare")
        if found:
            return list(dict.fromkeys(found))
        return ["build_model"] if self._goes(turn, known=known) else []

    def _goes(self, turn: _Turn, *, known: bool) -> bool:
        """Say whether the turn gives the word to train."""
        moves = self._moves
        if "go" in moves or "retrain" in moves:
            return known or moves.get("go", "训练") not in _ONLY_STATED
        short = len(turn.sentence.strip(" 。.!,")) <= len(moves.get("agree", "")) + 1
        return "agree" in moves and short and not turn.changes and self.is_pending

    # ── what is understood ──

    def _state(self, turn: _Turn, old_budget: str, *, whole: bool) -> None:
        """Say what is in force now, or only what has changed."""
        goal, task = turn.goal, self._task
        if goal is None or task is None:
            turn.lines.append(_SAY_WHAT.text(turn.language))
            return
        now = self._budget_text(turn.language)
        if not turn.changes and not whole:
            self._missing(turn)
            turn.add("I heard nothing new in that. In force:", "没有听出新的要求。当前为:")
            whole = True
        if whole:
            turn.lines += talk.understood(goal, task, now, turn.language)
        else:
            turn.lines += talk.edited(turn.changes, (old_budget, now), turn.language)
        made = self._model_of(task)
        if made is None:
            go = say(turn.language, "Say 'go' to train.", "说“开始”即可训练。")
            if whole:  # behind the budget: four lines at most
                turn.lines[-1] += say(turn.language, ". ", "。") + go
            else:
                turn.lines.append(go)
        else:
            turn.result = Result(made)
            turn.add(f"Its model is there already: {made.path.name}.", f"该任务已有模型:{made.path.name}。")

    def _missing(self, turn: _Turn) -> None:
        """Refuse a turn that can only mean a column which does not exist.

        Raises
        ------
        ColumnError
            If it names one.
        """
        assert self.schema is not None
        known = {name.casefold() for name in self.schema.names}
        for found in _NAME.findall(turn.sentence):
            name = next(filter(None, found))
            if name.casefold() not in known:
                raise ColumnError(
                    Said(en=f"There is no column '{name}'.", zh=f"没有名为“{name}”的列。"),
                    hint=did_you_mean(name, self.schema.names),
                )

    def _budget(self) -> tuple[float | None, int | None]:
        """Return seconds and trials of the next training: what a turn says, else the chat's own, paced by the wish said last."""
        slots = self._slots or {}
        time, wishes = slots.get("time_budget_seconds"), slots.get("preferences")
        seconds = float(time.value) if time else self.time_limit
        if seconds is None and self.trials is None:
            seconds = steps.DEFAULT_SECONDS
        trials = self.trials
        pace = [item for item in (wishes.value if wishes else ()) if item in PACE]
        if wishes is not None and pace and (time is None or wishes.turn >= time.turn):
            factor = PACE[pace[-1]]
            seconds = None if seconds is None else seconds * factor
            trials = None if trials is None else max(1, round(trials * factor))
        return seconds, trials

    def _budget_text(self, language: Language) -> str:
        seconds, trials = self._budget()
        said = [] if seconds is None else [say(language, f"training time {seconds:g} s", f"训练时间 {seconds:g} 秒")]
        said += (
            []
            if trials is None
            else [say(language, f"at most {trials} candidate{'s' * (trials > 1)}", f"最多 {trials} 个候选")]
        )
        return say(language, ", ", "、").join(said)

    # ── models ──

    def _runs(self) -> list[Run]:
        """Return the folders of trainings, oldest first; damaged ones are passed over."""
        found = []
        for file in sorted(self.out.glob("[0-9]*-*/state.json"), key=lambda file: _place(file.parent)):
            try:
                found.append(Run.open(file.parent))
            except BundleError:
                continue
        return found

    def _model_of(self, task: Task) -> Run | None:
        """Return the folder in which this task was trained with this budget, if it holds a model."""
        return next((run for run in self._runs() if _is_made(run) and _key_of(run) == self._key(task)), None)

    def _key(self, task: Task) -> str:
        return _key(task, *self._budget())

    def _train(self, task: Task, turn: _Turn, *, on: bool) -> Run:
        """Return the model of the task: the one that is there, or a new one; with ``on`` one stopped early goes on."""
        runs = self._runs()
        there = next((run for run in runs if _key_of(run) == self._key(task)), None)
        if there is not None and _is_made(there) and not (on and there.state.status == "stopped"):
            return there
        seconds, trials = self._budget()
        if there is None:
            number = 1 + max((_place(run.path) for run in runs), default=0)
            place = self.out / f"{number:02d}-{_slug(task.target or task.kind)}"
        else:  # cut off: the very same call goes on in the very same folder
            place, task = there.path, Task.from_json(Call.model_validate(there.state.call).task or "")
        result = flow.run(
            task, self.data, time_limit=seconds, trials=trials, seed=self.seed, out=place, preset=self.preset,
            sheet=self.sheet, listener=self.listener,
        )  # fmt: skip
        turn.files.append(result.run.path / "report.html")
        return result.run

    def _model(self, turn: _Turn, *, whole: bool, on: bool = False) -> Run:
        """Return the model that a step needs, and say so if it was trained for it.

        Raises
        ------
        InputError
            If there is nothing in force to train, and no model from before.
        """
        if self._task is None:
            made = self.results
            if not made:
                raise InputError(
                    Said(
                        en="That needs a model, and nothing to predict is in force.",
                        zh="这需要模型,而目前没有要预测的内容。",
                    ),
                    hint=_SAY_WHAT,
                )
            turn.result = made[-1]
            return made[-1].run
        before = len(turn.files)
        others = [] if turn.goal is None or not turn.sentence.strip() else turn.goal.tasks[1:]
        for task in (self._task, *others):
            run = self._train(task, turn, on=on)
            report, is_new = run.report, len(turn.files) > before
            before = len(turn.files)
            stopped = run.state.status == "stopped"
            if is_new and whole:
                turn.add(f"Trained {run.path.name} ({report.model}).", f"已训练 {run.path.name}({report.model})。")
                turn.lines += talk.trained(report, run.path / "report.html", turn.language, stopped=stopped)
            elif is_new:
                turn.add(f"Trained {run.path.name} ({report.model}).", f"已训练 {run.path.name}({report.model})。")
            elif on and turn.result is None:
                turn.add(
                    f"This is trained already: {run.path.name}. Change something, or give it more time ('5 minutes').",
                    f"该任务已训练过:{run.path.name}。可以修改要求,或给更多时间(“5分钟”)。",
                )
                turn.lines.append(report.answer.text(turn.language))
            if task is self._task:
                turn.result = Result(run)
        assert turn.result is not None
        return turn.result.run

    # ── what is done with them ──

    def _carry_out(self, kinds: Sequence[StepType], turn: _Turn) -> None:
        """Carry out the steps in their order; what goes wrong in one keeps none of the others from being done."""
        if "predict" in kinds:
            self._check_file(turn)
        learning = [kind for kind in kinds if kind in graph.LEARNING and kind != "compare"]
        rest = [kind for kind in kinds if kind not in learning]
        # Checks of the table come before a training that may take minutes; everything else needs the model.
        ahead: list[StepType] = [kind for kind in rest if kind in graph.DATA and kind != "engineer_features"]
        for kind in ahead:
            self._look(kind, turn)
        behind = [kind for kind in rest if kind not in ahead]
        if learning:
            self._model(turn, whole=not set(behind) & {"explain", "evaluate"}, on=not behind)
        for kind in behind:
            if kind == "monitor" or kind == "compress":  # noqa: PLR1714 - mypy narrows only this form
                turn.add(
                    "This version cannot do that yet (" + graph.NAMES[kind].en + "); the model works without it.",
                    f"当前版本还不支持{graph.NAMES[kind].zh};模型可照常使用。",
                )
                continue
            run = self._model(turn, whole=False)
            if kind == "explain":
                self._explain(run, turn)
            elif kind == "evaluate":
                turn.lines += talk.judged(run.report, turn.language)
            elif kind == "deploy":
                self._deploy(run, turn)
            else:
                outcome = self._open_door(kind, run, turn)
                if kind == "compare" and outcome.status == "done":
                    others = [item.run for item in self.results if item.run.path != run.path]
                    turn.lines += talk.compared(_made(run), [_made(item) for item in others], turn.language)
                    continue
                turn.lines.append(outcome.said.text(turn.language))
                if kind in _MAKES:
                    turn.lines += [f"  {talk.short(run.path / path)}" for path in outcome.artifacts.values()]

    def _explain(self, run: Run, turn: _Turn) -> None:
        report = run.report
        asked = [name for name in self._named if name != report.target] if turn.sentence.strip() else []
        top = [item.column for item in report.importance if item.drop > 0][:DIRECTIONS]
        ways: dict[str, str] = {}
        if asked or top:
            model, data = Result(run).model, Dataset.load(run.path / "data", sealed=True)
            for name in asked or top:
                way = talk.direction(name, model, data, turn.language)
                ways |= {} if way is None else {name: way}
        turn.lines += talk.explained(report, asked, ways, turn.language)

    def _look(self, kind: StepType, turn: _Turn) -> None:
        """Look at the table: the model's own findings where there is one, else the folder ``table``."""
        made = None if self._task is None else self._model_of(self._task)
        run = made or Run(self.out / "table")
        if made is None:
            raw = prepare.load(self.data, sheet=self.sheet)
            assert turn.goal is not None
            goal = turn.goal.model_copy(update={"tasks": (), "steps": ()})
            findings = steps.look(goal, raw, EventLog(self.listener))
            run.start(self._fingerprint, {})
            run.write("goal.json", goal)
            run.write("profile.json", raw.schema)
            run.write_findings(findings)
            run.mark("finished", pid=0)
        outcome = self._open_door(kind, run, turn)
        turn.lines.append(outcome.said.text(turn.language))
        if kind == "describe_data":
            turn.lines.append(talk.columns(Schema.from_json((run.path / "profile.json").read_bytes()), turn.language))
        else:
            turn.lines += talk.noticed(run.findings, turn.language)

    def _open_door(self, kind: StepType, run: Run, turn: _Turn) -> Outcome:
        """Let the door of the step do its work in the folder of the run, and write down there what came of it."""
        assert turn.goal is not None
        goal, before = run.goal, run.outcomes
        count = sum(step.type == kind for step in goal.steps)
        learned = tuple(item for item in before if item.type in graph.LEARNING)
        step = Step(
            task_id=f"{kind}_{count + 1}" if count else kind, type=kind, assigned_to="chat",
            depends_on=tuple(item.task_id for item in learned),
        )  # fmt: skip
        now = turn.goal.model_copy(
            update={"tasks": goal.tasks, "steps": (*goal.steps, step), "sentence": turn.sentence}
        )
        outcome = doors.carry_out(doors.Work(run, now, step, learned, Clock(None), steps.path_of(self.data)))
        named = outcome.values.get("of")
        if kind == "predict" and outcome.status == "done" and named != "sealed rows":
            kept = f"predictions-{_slug(Path(str(named)).stem)}.csv"  # one file for each file of new rows
            (run.path / "predictions.csv").replace(run.path / kept)
            outcome = outcome.model_copy(update={"artifacts": {"predictions": kept}})
        run.write("goal.json", goal.model_copy(update={"steps": now.steps}))
        run.write_outcomes((*before, outcome))
        if outcome.status == "failed":
            turn.error = OpenGLMError(outcome.said)
        if kind in _MAKES:
            turn.files += [run.path / path for path in outcome.artifacts.values()]
        return outcome

    def _check_file(self, turn: _Turn) -> None:
        """Look for the file of new rows before a training that may take minutes.

        Raises
        ------
        SourceError
            If the turn names one that is not there.
        """
        source = steps.path_of(self.data)
        path = doors.file_in(turn.sentence, source)
        if path is None or path.is_file():
            return
        beside = Path(source).parent if source else Path.cwd()
        near = [item.name for item in beside.iterdir() if item.suffix == path.suffix and str(item) != source]
        hint = (
            did_you_mean(path.name, near) if near else Said(en="Put it beside the table.", zh="请将其放在数据文件旁。")
        )
        raise SourceError(
            Said(
                en=f"There is no file {path.name} here or beside the table.",
                zh=f"当前目录和数据所在目录中都没有 {path.name}。",
            ),
            hint=hint,
        )

    def _deploy(self, run: Run, turn: _Turn) -> None:
        where = talk.short(run.path)
        turn.add(
            f"Deploying is not built yet. What works today: 'export' makes a bundle to carry elsewhere (openglm.load reads it), "
            f"and new rows are predicted with\n  openglm predict {where} new.csv -o predictions.csv",
            f"部署功能还没有实现。目前可以:说“导出”得到可带走的模型包(用 openglm.load 读取);预测新数据用\n"
            f"  openglm predict {where} new.csv -o predictions.csv",
        )

    def _feedback(self, turn: _Turn) -> None:
        """Keep what the user says about a result, with the model it is about: the one made last."""
        made = self.results
        if made:
            turn.result = made[-1]
        else:
            self._model(turn, whole=False)
        assert turn.result is not None
        path = self.out / FEEDBACK
        line = {"at": _now(), "turn": self.turns + 1, "sentence": turn.sentence, "run": turn.result.run.path.name}
        store.append_line(path, json.dumps(line, ensure_ascii=False))
        turn.files.append(path)
        name = turn.result.run.path.name
        turn.add(
            f"Thank you; kept with {name} in {talk.short(path)}. It changes no model by itself: say what to change "
            "(another metric, a column to leave out, more time), or ask 'how good is it?'.",
            f"谢谢,已连同 {name} 记入 {talk.short(path)}。它不会自动改变模型:可以说要改什么(换指标、去掉某列、加时间),"
            "或问“效果怎么样”。",
        )

    # ── the folder ──

    def _keep(self, reply: Reply, turn: _Turn) -> None:
        """Write the turn down."""
        if self.turns == 0 and not (self.out / LOG).exists():
            head = {
                "chat": 1, "at": _now(), "data": steps.path_of(self.data), "fingerprint": self._fingerprint, "sheet": self.sheet,
                "time_limit": self.time_limit, "trials": self.trials, "preset": self.preset, "language": self.language,
                "seed": self.seed,
            }  # fmt: skip
            store.append_line(self.out / LOG, json.dumps(head, ensure_ascii=False))
        self.turns += 1
        line = {
            "turn": self.turns, "at": _now(), **reply.plain(), "said": turn.said,
            "goal": None if turn.goal is None else turn.goal.model_dump(mode="json"),
        }  # fmt: skip
        store.append_line(self.out / LOG, json.dumps(line, ensure_ascii=False, default=str))


def _new_folder(data: Any) -> Path:
    named = str(data) if isinstance(data, str | Path) else "table"
    stamp, _, name = run_name("", named).partition("-")
    clock, _, name = name.partition("-")
    path, number = RUNS / f"chat-{name}-{stamp}-{clock}", 2
    while path.exists():
        path, number = path.with_name(f"chat-{name}-{stamp}-{clock}-{number}"), number + 1
    return path


def _language(sentence: str, before: Language) -> Language:
    """Return the language of a turn; one without any word ("2", Enter) speaks that of the turn before."""
    if has_han(sentence):
        return "zh"
    return "en" if re.search(r"[A-Za-z]", sentence) else before


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name).strip("-")[:40] or "model"


def _place(folder: Path) -> int:
    return int(folder.name.partition("-")[0])


def _is_made(run: Run) -> bool:
    return run.state.status in ("finished", "stopped") and run.has("report.json") and run.has("pipeline")


def _made(run: Run) -> talk.Made:
    return talk.Made(run.path.name, run.plan.task, run.report)


def _key_of(run: Run) -> str | None:
    call = Call.model_validate(run.state.call)
    return None if call.task is None else _key(Task.from_json(call.task), call.seconds, call.trials)


def _key(task: Task, seconds: float | None, trials: int | None) -> str:
    """Return the hash of what is learned, within what; the words and the language that asked for it do not matter."""
    bare = task.model_copy(update={"sentence": "", "language": "en"})
    return hashlib.sha256(f"{bare.to_json(indent=None)} {seconds} {trials}".encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
