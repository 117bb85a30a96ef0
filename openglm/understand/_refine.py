"""A language model's second reading of a sentence: it fills what the first one left open, and overrides nothing.

Every proposal is held against the table and against the words of the sentence before it counts: the column exists, the kind
fits its values, the metric fits the kind, a number stands in the sentence, and so does the evidence, in words that are not
spoken for. Where both readings name another target, the user is asked. Whatever goes wrong, the first reading stands.

Our own; that a proposal is checked against the schema before use follows PICARD (Scholak et al. 2021) in spirit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openglm.core.budget import Clock
from openglm.core.errors import EngineError, OpenGLMError
from openglm.core.metrics import metric as resolve_metric
from openglm.core.parts import Engine, EngineOptions
from openglm.core.preset import Preset
from openglm.core.schema import Schema
from openglm.core.task import CLASSIFICATION, SUPERVISED, Choice, EngineNote, Goal, Kind, Question, Slot, Span
from openglm.core.words import Said
from openglm.understand import _asking, _numbers, _reader, _said, _slots
from openglm.understand._asking import Proposal
from openglm.understand._lexicon import load
from openglm.understand._match import _COMMON, name_pattern
from openglm.understand._normalise import fold, has_han, mask, words_of
from openglm.understand._reader import Reading

SECONDS = 20.0
"""Time for an answer: some 300 tokens at 20 a second, which a 9B model reaches on one consumer GPU, and reading the question."""
SCORE = 0.7  # how sure a slot is that a language model filled: above a habit of tables, below a plain name
_SURE = 0.75  # a first reading that is right three times in four stands: being asked each fourth time costs more
_LINKED = 0.45  # words that mean a column at least so clearly are no evidence for another one (as in _reader.intent_of)
_LOST = 0.7  # an intent that was found by no word at all scores this (_intents.intent_of); above, a word said it
_IDLE = _COMMON | frozenset(
    re.findall(
        "[^ ]+", "within under over about only than more less least most using based each per please want need like"
    )
)
"""Words that say nothing of their own."""
_MOST_CHARACTERS = 20_000  # of an answer: ten times the longest frame


def refine(goal: Goal, schema: Schema, engine: Engine, *, preset: Preset, seconds: float = SECONDS) -> Goal:
    """Return the goal with its gaps filled by a language model, and a note of what became of the answer.

    Parameters
    ----------
    goal : Goal
        From :func:`openglm.understand.read` on the same schema and preset.
    schema : Schema
        Of the table. Names, roles and a few level names are sent; see ``docs/engines.md`` for what never is.
    engine : Engine
        A language model.
    preset : Preset
        Brings the lexicons.
    seconds : float, default=20
        For the answer, > 0.

    Returns
    -------
    Goal
        The same one but for ``engine`` when there is no usable answer: this function does not raise because of one.
    """
    name = engine.card.id
    asks = bool(goal.tasks) or any(question.slot in ("target", "intent") for question in goal.questions)
    if not asks or goal.turn > 1 or not goal.sentence.strip():
        return _noted(
            goal,
            name,
            used=False,
            said=Said(en="Not asked: there is nothing to fill in.", zh="未询问:没有需要补充的内容。"),
        )
    lexicon = load(preset)
    reading = _reader.look(fold(goal.sentence, lexicon.characters), schema, lexicon)
    try:
        frame = _ask(goal, reading, engine, seconds)
    except EngineError as error:
        return _noted(goal, name, used=False, said=error.message)
    except Exception as error:  # an engine of somebody else's may fail in any way
        what = type(error).__name__
        return _noted(goal, name, used=False, said=Said(en=f"The engine failed ({what}).", zh=f"引擎出错({what})。"))
    second = _Second(goal, schema, preset, reading, frame)
    refined = second.read()
    return _noted(refined, name, used=second.agreed or bool(second.changed), said=second.said())


def _noted(goal: Goal, name: str, *, used: bool, said: Said) -> Goal:
    return goal.model_copy(update={"engine": EngineNote(name=name, used=used, said=said)})


def _ask(goal: Goal, reading: Reading, engine: Engine, seconds: float) -> dict[str, Any]:
    """Return slot → proposal (of a list: proposals).

    Raises
    ------
    EngineError
        If there is no complete answer in the shape that was asked for.
    """
    clock = Clock(seconds)
    likely = [item.profile for item in reading.found]
    names = {profile.name for profile in likely}
    ranked = likely + [profile for profile in reading.linker.profiles if profile.name not in names]
    messages, columns = _asking.messages(goal, ranked, reading.schema.rows, reading.lexicon, engine)
    options = EngineOptions(json_schema=_asking.schema_of(columns), deadline_s=seconds, seed=0)
    text, finish = "", ""
    for chunk in engine.stream(messages, options):
        text, finish = text + chunk.text, chunk.finish or finish
        if clock.expired():
            raise EngineError(Said(en=f"No answer within {seconds:g} s.", zh=f"{seconds:g} 秒内没有答复。"))
        if len(text) > _MOST_CHARACTERS:
            raise EngineError(Said(en="The answer is too long.", zh="回答过长。"))
    if finish == "length":
        raise EngineError(Said(en="The answer was cut off.", zh="回答被截断。"))
    try:
        answer = _asking.frame().model_validate_json(_object_in(text), strict=True)
    except ValueError as error:  # pydantic's is one
        raise EngineError(
            Said(en="The answer is not the JSON that was asked for.", zh="回答不是所要求的 JSON。")
        ) from error
    return {name: getattr(answer, name) for name in _asking.slots()}


def _object_in(text: str) -> str:
    """Return an answer without what models put around it: their thinking, a fence."""
    text = re.sub(r"^\s*<think>.*?</think>", "", text, flags=re.DOTALL).strip()
    fenced = re.fullmatch(r"```(?:json)?\s*\n(.*?)\n?```", text, flags=re.DOTALL)
    return fenced.group(1) if fenced else text


@dataclass
class _Second:
    """The second reading, slot by slot."""

    goal: Goal
    schema: Schema
    preset: Preset
    reading: Reading
    frame: dict[str, Any]
    changed: list[Said] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    agreed: bool = False

    def __post_init__(self) -> None:
        # Bare: what neither cues nor filler nor wishes nor conditions have taken.
        rest, lexicon = self.reading.rest, self.reading.lexicon
        taken = [hit for words in (lexicon.intents, lexicon.kinds, lexicon.filler) for hit in words.find(rest)]
        self._bare = mask(rest, [(hit.start, hit.end) for hit in taken])

    def read(self) -> Goal:
        """Return the goal with what stood the checks."""
        goal = self._target(self.goal)
        return self._slots(goal) if goal.tasks else goal

    def said(self) -> Said:
        """Say what the answer changed, and what was not taken."""
        en = [item.en for item in self.changed] or (["it reads the sentence the same way"] if self.agreed else [])
        zh = [item.zh for item in self.changed] or (["与已有理解一致"] if self.agreed else [])
        if self.refused:
            names = ", ".join(dict.fromkeys(self.refused))
            en.append(f"not taken, for want of evidence or fit: {names}")
            zh.append(f"因缺少依据或不相符而未采用: {names}")
        return Said(
            en="The language model: " + ("; ".join(en) or "it proposed nothing") + ".",
            zh="语言模型:" + (";".join(zh) or "没有提出任何内容") + "。",
        )

    # -- the target ------------------------------------------------------------------------------------------------

    def _target(self, goal: Goal) -> Goal:
        proposal: Proposal[str] | None = self.frame["target"]
        if proposal is None or proposal.value is None:
            return goal
        column = proposal.value
        old = goal.slots.get("target")
        if old is not None and old.value == column:
            self.agreed = True
            return goal
        if not self._predictable(column, goal):
            return self._refuse(goal, "target")
        spans = self._evidence(proposal, "target", column)
        if old is not None:
            return self._disagree(goal, old, column, spans)
        question = next((item for item in goal.questions if item.slot in ("target", "intent")), None)
        if question is None:
            return self._refuse(goal, "target")
        if spans and self._may_answer(question, column):
            answered = self._with_target(goal, column, spans)
            if answered is not None:
                return answered
        honest = bool(spans) or not proposal.evidence  # words that are not in the sentence discredit the proposal
        return self._first_option(goal, question, column) if honest else self._refuse(goal, "target")

    def _predictable(self, column: str, goal: Goal) -> bool:
        profile = self.reading.linker.by_name.get(column)
        barred = goal.slots.get("excluded"), goal.slots.get("inputs")
        return profile is not None and profile.usable and not any(slot and column in slot.value for slot in barred)

    def _may_answer(self, question: Question, column: str) -> bool:
        """Not what the table does not hold, not one of two that were both asked for, not what was read as no task at all."""
        if question.slot == "intent":
            return _reader.intent_of(self.reading, None)[1] <= _LOST
        options = {option.column for option in question.options}
        named = {
            item.profile.name for item in self.reading.found if item.link and item.link.literal and item.lexical >= 0.85
        }
        seen = self.reading
        absent = seen.choices.absent
        return not absent and not (column in named and len(named & options) > 1)

    def _with_target(self, goal: Goal, column: str, spans: list[tuple[int, int]]) -> Goal | None:
        """Read the sentence again with this target; what the caller gave beside the sentence is kept."""
        metric, limit = goal.slots.get("metric"), goal.slots.get("time_budget_seconds")
        try:
            fresh = _reader.read(
                goal.sentence, self.schema, preset=self.preset, target=column, language=goal.language,
                metric=metric.value if metric and _given(metric) else None,
                time_limit=limit.value if limit and _given(limit) else None,
            )  # fmt: skip
        except OpenGLMError:
            return None
        if not fresh.tasks:
            return None
        slot = Slot(
            value=column, origin="inferred", score=SCORE, evidence=self._spans(spans), reason=self._reason(spans)
        )
        self._note("target", column)
        return fresh.model_copy(
            update={"slots": {**fresh.slots, "target": slot}, "confidence": round(fresh.confidence * SCORE, 3)}
        )

    def _first_option(self, goal: Goal, question: Question, column: str) -> Goal:
        """Put an option first; the question stays."""
        first = [option for option in question.options if option.column == column]
        if not first:
            return self._refuse(goal, "target")
        options = (*first, *(option for option in question.options if option.column != column))
        if options == question.options:
            self.agreed = True
            return goal
        self.changed.append(Said(en=f"puts '{column}' first", zh=f"把“{column}”排在首位"))
        asked = _said.target_question(options)
        return goal.model_copy(
            update={"questions": tuple(asked if item is question else item for item in goal.questions)}
        )

    def _disagree(self, goal: Goal, old: Slot, column: str, spans: list[tuple[int, int]] | None) -> Goal:
        """Two readings, two targets: the surer first one stands, else the user decides."""
        if not spans or _given(old) or old.score >= _SURE:
            return self._refuse(goal, "target")
        ours = Choice(column=old.value, score=old.score, reason=old.reason)
        theirs = Choice(column=column, score=min(SCORE, old.score), reason=self._reason(spans))
        self.changed.append(
            Said(en=f"would rather predict '{column}', so you are asked", zh=f"认为应预测“{column}”,因此请您确认")
        )
        lost = {
            "target",
            "task_kind",
            "positive_class",
            *(("metric",) if goal.slots["metric"].origin == "default" else ()),
        }
        return goal.model_copy(
            update={
                "questions": (_said.target_question((ours, theirs)),), "tasks": (), "fine_intent": goal.intent,
                "slots": {name: slot for name, slot in goal.slots.items() if name not in lost},
                "confidence": round(goal.confidence / 2, 3),
            }
        )  # fmt: skip

    # -- all other slots -------------------------------------------------------------------------------------------

    def _slots(self, goal: Goal) -> Goal:
        """Fill the gaps of a goal that has a task, and build its tasks anew."""
        slots = dict(goal.slots)
        for name in ("task_kind", *(item for item in _asking.slots() if item not in ("target", "task_kind"))):
            proposals = self.frame[name]
            if proposals is None or proposals == ():
                continue
            many = isinstance(proposals, tuple)
            for proposal in proposals if many else (proposals,):
                self._one(slots, name, proposal, many=many)
        if slots == goal.slots:
            return goal
        kind: Kind = slots["task_kind"].value
        try:
            tasks = _slots.tasks(
                self.reading,
                goal.intent,
                kind,
                slots,
                (),
                sentence=goal.sentence,
                language=goal.language,
                two=len(goal.tasks) > 1,
            )
        except OpenGLMError:  # each fits, but not all together: a stated metric that cannot judge the new kind
            self.changed.clear()
            self.refused.append("task_kind")
            return goal
        fine = goal.fine_intent.rsplit(".", 1)[0]
        return goal.model_copy(
            update={
                "slots": slots,
                "tasks": tasks,
                "fine_intent": f"{fine}.{kind}" if "." in goal.fine_intent else fine,
            }
        )

    def _one(self, slots: dict[str, Slot], name: str, proposal: Proposal[Any], *, many: bool) -> None:
        value, old = proposal.value, slots.get(name)
        if value is None or value is False:
            return
        if old is not None and (value in old.value if many else value == old.value):
            self.agreed = True
            return
        open_ = old is None or (many and not _given(old)) or old.origin != "stated"
        spans = self._evidence(proposal, name, value if name in _asking.COLUMNS else None) if open_ else None
        filled = _CHECKS[name](self, slots, name, value, spans) if spans and name in _CHECKS else None
        if filled is None or spans is None:
            self.refused.append(name)
            return
        evidence = self._spans(spans)
        for key, new in filled.items():
            before = slots.get(key)
            if many and before is not None:
                slots[key] = before.model_copy(
                    update={"value": [*before.value, *new], "evidence": (*before.evidence, *evidence)}
                )
            else:
                slots[key] = Slot(
                    value=new, origin="inferred", score=SCORE, evidence=evidence, reason=self._reason(spans)
                )
        self._note(name, value)
        if name == "task_kind" and slots["metric"].origin == "default":
            slots["metric"] = _slots.usual_metric(value)

    # -- evidence --------------------------------------------------------------------------------------------------

    def _evidence(self, proposal: Proposal[Any], name: str, column: str | None) -> list[tuple[int, int]] | None:
        """Return where the evidence stands in the folded sentence.

        ``None`` if there is none, a piece of it does not occur, it says nothing of its own, or it clearly means another column.
        """
        folded = self.reading.text.folded
        spans: list[tuple[int, int]] = []
        for piece in proposal.evidence:
            words = fold(piece, self.reading.lexicon.characters).folded.strip()
            pattern = name_pattern(words)
            found = pattern.search(folded) if pattern else None
            if found is None:
                return None
            spans.append(found.span())
        if not spans or (name not in _NUMBERS and not any(_says(text) for text in self._unspoken(spans, name))):
            return None
        if column is not None:
            links = self.reading.linker.links(" | ".join(folded[start:end] for start, end in spans))
            own = next((link.score for link in links if link.column == column), 0.0)
            if links and links[0].score >= _LINKED and links[0].score > own:
                return None
        return spans

    def _unspoken(self, spans: list[tuple[int, int]], name: str) -> list[str]:
        """Return the words of the evidence that are not cues, wishes, conditions or, but for the target, words for the target."""
        text = self._bare
        target = self.goal.slots.get("target")
        if name != "target" and target is not None:
            links = [item.link for item in self.reading.found if item.profile.name == target.value and item.link]
            text = mask(text, [span for link in links for span in link.spans])
        return [text[start:end] for start, end in spans]

    def _spans(self, spans: list[tuple[int, int]]) -> tuple[Span, ...]:
        return tuple(self.reading.text.span(start, end) for start, end in spans)

    def _reason(self, spans: list[tuple[int, int]]) -> Said:
        words = " … ".join(dict.fromkeys(span.text for span in self._spans(spans)))
        return Said(en=f'A language model reads it so from "{words}".', zh=f"语言模型根据“{words}”作此理解。")

    # -- notes -----------------------------------------------------------------------------------------------------

    def _note(self, name: str, value: Any) -> None:
        self.changed.append(Said(en=f"{name} = {value}", zh=f"{name} = {value}"))

    def _refuse(self, goal: Goal, name: str) -> Goal:
        self.refused.append(name)
        return goal

    # -- checks: what becomes of a value, or None ------------------------------------------------------------------

    def _kind(self, slots: dict[str, Slot], name: str, value: Kind, spans: Any) -> dict[str, Any] | None:
        """A tie only: whole numbers with few values are classes or a number, and no word of the sentence said which."""
        old = slots["task_kind"]
        column = self.schema[slots["target"].value] if "target" in slots else None
        if column is None or old.evidence or {old.value, value} != {"regression", "multiclass"}:
            return None
        whole = column.dtype == "int" or all(isinstance(level, int) for level in column.levels)
        return {name: value} if column.role == "numeric" and whole and 2 < column.n_unique <= 50 else None

    def _metric(self, slots: dict[str, Slot], name: str, value: str, spans: Any) -> dict[str, Any] | None:
        kind: Kind = slots["task_kind"].value
        try:
            return {name: resolve_metric(value, kind).id} if kind in SUPERVISED else None
        except OpenGLMError:
            return None

    def _positive(self, slots: dict[str, Slot], name: str, value: Any, spans: Any) -> dict[str, Any] | None:
        """A level of a two-valued target that the evidence itself names; what it means is known to the reader as well."""
        if slots["task_kind"].value != "binary":
            return None
        level = next((item for item in self.schema[slots["target"].value].levels if str(item) == str(value)), None)
        words = [self.reading.text.folded[start:end] for start, end in spans]
        return {name: level} if level is not None and any(str(level).casefold() in text for text in words) else None

    def _time(self, slots: dict[str, Slot], name: str, value: str, spans: Any) -> dict[str, Any] | None:
        return {name: value} if value in self.schema and self.schema[value].role == "date" else None

    def _group(self, slots: dict[str, Slot], name: str, value: str, spans: Any) -> dict[str, Any] | None:
        fits = (
            value in self.schema and self.schema[value].role in ("category", "id") and value != _value(slots, "target")
        )
        return {name: value} if fits and slots["task_kind"].value == "forecast" else None

    def _fair(self, slots: dict[str, Slot], name: str, value: str, spans: Any) -> dict[str, Any] | None:
        fits = value in self.schema and self.schema[value].role == "category" and value != _value(slots, "target")
        return {name: value} if fits else None

    def _list(self, slots: dict[str, Slot], name: str, value: str, spans: Any) -> dict[str, Any] | None:
        """One more column to leave out; or one to use, where the sentence names it and had named none."""
        others = [_value(slots, key) for key in ("target", "time_column", "group_column")]
        other = _value(slots, "inputs" if name == "excluded" else "excluded") or []
        if value not in self.schema or value in others or value in other:
            return None
        if name == "inputs":
            links = self.reading.linker.links(" | ".join(self.reading.text.folded[start:end] for start, end in spans))
            named = any(link.column == value and link.score >= _LINKED for link in links)
            if not named or name in self.goal.slots:
                return None
        return {name: [value]}

    def _wish(self, slots: dict[str, Slot], name: str, value: bool, spans: Any) -> dict[str, Any] | None:
        return {name: value}

    def _number(self, slots: dict[str, Slot], name: str, value: float, spans: Any) -> dict[str, Any] | None:
        """A quantity of the sentence in the right dimension, which the reader did not take for something else."""
        folded, (dimension, scale) = self.reading.text.folded, _NUMBERS[name]
        kind = slots["task_kind"].value
        for item in _numbers.quantities(folded):
            inside = any(start <= item.start and item.end <= end for start, end in spans)
            if not inside or item.dimension != dimension or self._spoken_for(item, name, kind):
                continue
            if name == "horizon":
                steps, unit = _numbers.horizon(item)
                if kind == "forecast" and value in (steps, item.amount):
                    return {"horizon": steps, "frequency": unit}
            elif math.isclose(value, item.value * scale, rel_tol=1e-6) and value > 0:
                if dimension != "share":
                    return {name: float(value)}
                if kind in CLASSIFICATION and value <= 1:
                    return {name: float(value)}
        return None

    def _spoken_for(self, item: _numbers.Quantity, name: str, kind: Kind) -> bool:
        """Say whether it is about the past, no limit at all, or a limit on something else."""
        folded = self.reading.text.folded
        if _numbers._PAST.search(folded[: item.start]) or _numbers._PAST_AFTER.match(folded[item.end :]):
            return True
        if _numbers._NOT_LIMIT.search(folded[: item.start]):
            return True
        return _numbers.role(item, folded, ahead=kind == "forecast") not in (None, name)


_NUMBERS: dict[str, tuple[str, float]] = {
    "time_budget_seconds": ("time", 1.0), "horizon": ("time", 1.0), "max_latency_ms": ("time", 1000.0),
    "max_model_mb": ("size", 1.0), "max_false_positive_rate": ("share", 1.0), "min_recall": ("share", 1.0),
    "min_precision": ("share", 1.0),
}  # fmt: skip
"""Slot → dimension of its number, and how many of the slot's units one of the reader's is (s, MiB, shares)."""

_Check = Callable[["_Second", dict[str, Slot], str, Any, Any], dict[str, Any] | None]
_CHECKS: dict[str, _Check] = {
    "task_kind": _Second._kind, "metric": _Second._metric, "positive_class": _Second._positive, "time_column": _Second._time,
    "group_column": _Second._group, "fairness_attribute": _Second._fair, "inputs": _Second._list, "excluded": _Second._list,
    "interpretable": _Second._wish, "no_gpu": _Second._wish, **dict.fromkeys(_NUMBERS, _Second._number),
}  # fmt: skip
"""Slot → its check; a slot without one is never filled."""


def _given(slot: Slot) -> bool:
    """Say whether the caller gave it beside the sentence."""
    return slot.origin == "stated" and not slot.evidence


def _value(slots: dict[str, Slot], name: str) -> Any:
    return slots[name].value if name in slots else None


def _says(text: str) -> bool:
    """Say whether a word of its own is left: two Chinese characters, or a word that is not among the commonest."""
    if sum(has_han(letter) for letter in text) >= 2:
        return True
    return any(len(word.text) >= 3 and word.text.isalpha() and word.text not in _IDLE for word in words_of(text))
