"""What a turn of a conversation does: trains, looks at the table, explains, judges, compares, predicts, exports, keeps feedback.

Each is one of the steps of a goal; those of :mod:`openglm._doors` are opened in the folder of the model they are about.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openglm import _doors as doors
from openglm import _steps as steps
from openglm import prepare
from openglm.chat import _talk as talk
from openglm.chat._models import Limits, Models, made_of, slug
from openglm.chat._turn import SAY_WHAT, Turn
from openglm.core import graph, store
from openglm.core.budget import Clock
from openglm.core.dataset import Dataset
from openglm.core.errors import InputError, OpenGLMError, SourceError, did_you_mean
from openglm.core.events import EventLog, Listener
from openglm.core.outcome import Outcome
from openglm.core.result import Result
from openglm.core.run import Run
from openglm.core.schema import Schema
from openglm.core.task import Step, StepType, Task
from openglm.core.words import Said

FEEDBACK = "feedback.jsonl"
DIRECTIONS = 3
"""Columns of an explanation whose direction is looked at: each costs up to five predictions of the sample."""
_MAKES = ("predict", "export", "compare", "report")
"""Steps whose files a person wants to be told of."""


@dataclass(frozen=True)
class Work:
    """What the steps of one turn are done with.

    Parameters
    ----------
    models : Models
        Of the chat.
    data : path, DataFrame or any other table
        The table, and the ``fingerprint`` of it.
    task : Task or None
        In force.
    limits : tuple
        Seconds and candidates of a training.
    named : tuple of str
        Columns that the turn names.
    number : int
        Of the turn, from 1.
    """

    models: Models
    data: Any
    fingerprint: str
    task: Task | None
    limits: Limits
    named: tuple[str, ...]
    number: int
    sheet: str | None
    preset: str
    seed: int
    listener: Listener | None

    def _model(self, turn: Turn, *, whole: bool, on: bool = False) -> Run:
        """Return the model that a step needs, and say so if it was trained for it.

        Raises
        ------
        InputError
            If there is nothing in force to train, and no model from before.
        """
        if self.task is None:
            made = self.models.results()
            if not made:
                raise InputError(
                    Said(
                        en="That needs a model, and nothing to predict is in force.",
                        zh="这需要模型,而目前没有要预测的内容。",
                    ),
                    hint=SAY_WHAT,
                )
            turn.result = made[-1]
            return made[-1].run
        others = [] if turn.goal is None or not turn.sentence.strip() else turn.goal.tasks[1:]
        for task in (self.task, *others):
            run, is_new = self.models.train(
                task, self.data, self.limits, on=on, seed=self.seed, preset=self.preset, sheet=self.sheet, listener=self.listener,
            )  # fmt: skip
            turn.files += [run.path / "report.html"] if is_new else []
            report = run.report
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
            if task is self.task:
                turn.result = Result(run)
        assert turn.result is not None
        return turn.result.run

    def carry_out(self, kinds: Sequence[StepType], turn: Turn) -> None:
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
                    others = [item.run for item in self.models.results() if item.run.path != run.path]
                    turn.lines += talk.compared(made_of(run), [made_of(item) for item in others], turn.language)
                    continue
                turn.lines.append(outcome.said.text(turn.language))
                if kind in _MAKES:
                    turn.lines += [f"  {talk.short(run.path / path)}" for path in outcome.artifacts.values()]

    def _explain(self, run: Run, turn: Turn) -> None:
        report = run.report
        asked = [name for name in self.named if name != report.target] if turn.sentence.strip() else []
        top = [item.column for item in report.importance if item.drop > 0][:DIRECTIONS]
        ways: dict[str, str] = {}
        if asked or top:
            model, data = Result(run).model, Dataset.load(run.path / "data", sealed=True)
            for name in asked or top:
                way = talk.direction(name, model, data, turn.language)
                ways |= {} if way is None else {name: way}
        turn.lines += talk.explained(report, asked, ways, turn.language)

    def _look(self, kind: StepType, turn: Turn) -> None:
        """Look at the table: the model's own findings where there is one, else the folder ``table``."""
        made = None if self.task is None else self.models.of(self.task, self.limits)
        run = made or Run(self.models.out / "table")
        if made is None:
            raw = prepare.load(self.data, sheet=self.sheet)
            assert turn.goal is not None
            goal = turn.goal.model_copy(update={"tasks": (), "steps": ()})
            findings = steps.look(goal, raw, EventLog(self.listener))
            run.start(self.fingerprint, {})
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

    def _open_door(self, kind: StepType, run: Run, turn: Turn) -> Outcome:
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
            kept = f"predictions-{slug(Path(str(named)).stem)}.csv"  # one file for each file of new rows
            (run.path / "predictions.csv").replace(run.path / kept)
            outcome = outcome.model_copy(update={"artifacts": {"predictions": kept}})
        run.write("goal.json", goal.model_copy(update={"steps": now.steps}))
        run.write_outcomes((*before, outcome))
        if outcome.status == "failed":
            turn.error = OpenGLMError(outcome.said)
        if kind in _MAKES:
            turn.files += [run.path / path for path in outcome.artifacts.values()]
        return outcome

    def _check_file(self, turn: Turn) -> None:
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

    def _deploy(self, run: Run, turn: Turn) -> None:
        where = talk.short(run.path)
        turn.add(
            f"Deploying is not built yet. What works today: 'export' makes a bundle to carry elsewhere (openglm.load reads it), "
            f"and new rows are predicted with\n  openglm predict {where} new.csv -o predictions.csv",
            f"部署功能还没有实现。目前可以:说“导出”得到可带走的模型包(用 openglm.load 读取);预测新数据用\n"
            f"  openglm predict {where} new.csv -o predictions.csv",
        )

    def feedback(self, turn: Turn) -> None:
        """Keep what the user says about a result, with the model it is about: the one made last."""
        made = self.models.results()
        if made:
            turn.result = made[-1]
        else:
            self._model(turn, whole=False)
        assert turn.result is not None
        path = self.models.out / FEEDBACK
        line = {"at": now(), "turn": self.number, "sentence": turn.sentence, "run": turn.result.run.path.name}
        store.append_line(path, json.dumps(line, ensure_ascii=False))
        turn.files.append(path)
        name = turn.result.run.path.name
        turn.add(
            f"Thank you; kept with {name} in {talk.short(path)}. It changes no model by itself: say what to change "
            "(another metric, a column to leave out, more time), or ask 'how good is it?'.",
            f"谢谢,已连同 {name} 记入 {talk.short(path)}。它不会自动改变模型:可以说要改什么(换指标、去掉某列、加时间),"
            "或问“效果怎么样”。",
        )


def now() -> str:
    """Return the time as a log writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
