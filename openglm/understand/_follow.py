"""Reads one turn of a dialogue against the frame in force: what it asks, what it changes, and the frame that follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from openglm.core.errors import OpenGLMError
from openglm.core.metrics import metric as resolve_metric
from openglm.core.schema import Schema
from openglm.core.task import CoarseIntent, Goal, Kind, Question, Slot
from openglm.core.words import Language, Said
from openglm.understand import _edits, _reader, _rules, _said, _slots, _steps, _target
from openglm.understand._columns import profiles
from openglm.understand._edits import Edits
from openglm.understand._lexicon import Hit, Lexicon
from openglm.understand._linker import Linker
from openglm.understand._normalise import Text, mask
from openglm.understand._numbers import STEP_SECONDS, Quantity
from openglm.understand._reader import Reading
from openglm.understand._target import Candidate
from openglm.understand._wishes import NUMBERED

_LISTS = ("outputs", "preferences")
_FOLLOWS: frozenset[str] = frozenset(
    {"explain", "predict", "deploy", "monitor", "compare", "describe_data", "clean_data", "feedback"}
)
_ON_MODEL: frozenset[str] = frozenset({"explain", "predict", "deploy"})
"""Follow-ups that speak of the model made last."""
_NAMED = 0.45  # a column named at least this clearly answers a question; the same bar as for a first sentence
_SWAPPED = 0.75  # without a verb or a question a column must be named almost by name to become the target
_AHEAD_ONLY = ("horizon", "frequency", "group_column", "time_column")
_SPLIT = ("group_column", "time_column", "split")
_SURE_FOLLOW = 0.5  # a turn that changes nothing is taken at the sound of it from this chance on
_ALSO = re.compile(
    r"^\W*(?:还有|以及|and\b|also\b|plus\b)|(?:也(?:是|一样|不要|去掉)?|也不要|也去掉|\btoo|\bas well)\W*$"
)
_VERB = re.compile(
    r"预测|预估|估计|估算|判断|识别|分类|回归|聚类|分群|检测|\b(?:predict|forecast|estimat|classif|regress|cluster|segment|detect|identif)\w*"
)
_CORRECTS = re.compile(
    r"^\W*(?:不对|不是|错了|弄错了|搞错了|no|wrong|nope|wait|sorry)\W+.*(?:预测|想|要|该|目标|predict|want|meant|should|target|classif|forecast)|"
    r"(?:target|目标|列|column)\s*(?:弄|搞|选|写|is|was)?\s*(?:错|wrong)"
)
_WANTED = re.compile(
    r"(?:我(?:是)?(?:要|想要?|说)的?是?|应该是|其实是|i (?:want|meant|mean|need)(?:ed)?|it should be|rather)\s*"
)
_ABOUT_MODEL = re.compile(r"模型|结果|它|这个|\b(?:it|model|result|that|this)\b")


class Follow:
    """Reads one turn against the frame in force."""

    def __init__(  # noqa: PLR0917 - made in one place
        self, frame: Goal, text: Text, moves: dict[str, Hit], schema: Schema, lexicon: Lexicon, sentence: str, language: Language
    ) -> None:  # fmt: skip
        self.frame, self.moves, self.sentence, self.language = frame, moves, sentence, language
        self.schema, self.lexicon = schema, lexicon
        self.kind: Kind | None = frame.slots["task_kind"].value if "task_kind" in frame.slots else None
        self.target: str | None = frame.slots["target"].value if "target" in frame.slots else None
        self.open = bool(frame.questions)
        linker = Linker(profiles(schema, lexicon), lexicon)
        known = set(frame.slots) | {item for name in _LISTS for item in self._old(name)}
        self.edits: Edits = _edits.taken_back(
            text.folded,
            linker,
            lexicon,
            excluded=set(self._old("excluded")),
            inputs=set(self._old("inputs")),
            known=known,
        )
        self.folded = mask(text.folded, self.edits.spans)
        self.text = replace(text, folded=self.folded)
        self.reading: Reading = _reader.look(self.text, schema, lexicon, forecasting=self.kind == "forecast")

    def _old(self, name: str) -> list[str]:
        return list(self.frame.slots[name].value) if name in self.frame.slots else []

    # -- what sort of turn -----------------------------------------------------------------------------------------

    def read(self, first: Callable[[str], Goal]) -> Goal:
        """Return the frame after the turn; ``first`` reads it as the start of a new one."""
        self._numbers()
        self._also()
        edited = self._edits_something()
        intent = self._intent(edited=edited)
        if intent == "cancel":
            return Goal(
                intent="cancel", fine_intent="cancel", confidence=0.9, sentence=self.sentence, language=self.language
            )
        if intent == "other":
            return self.frame.model_copy(
                update={"intent": "other", "fine_intent": "other", "questions": (_said.refusal(),), "steps": (), "tasks": (),
                        "sentence": self.sentence, "language": self.language}
            )  # fmt: skip
        question: Question | None = None
        if intent in ("build_model", "compare"):
            chosen, anew, question = self._target(edited=edited)
            if anew:
                return first(self.sentence)
            if question is None:
                question = self._settle(chosen)
        else:
            self._keep_target()
        return self._goal(intent, question)

    def _intent(self, *, edited: bool) -> CoarseIntent:
        reading = self.reading
        keys = {hit.key for hit in reading.hits}
        if "quality" in self.moves and not edited and not _VERB.search(self.folded):
            return "explain"
        intent, sure = _reader.intent_of(reading, None)
        if intent == "cancel" and edited:
            return "build_model"
        if intent == "feedback" and (
            _CORRECTS.search(self.folded) or (edited and not _ABOUT_MODEL.search(self.folded))
        ):
            return "build_model"
        sounds = sure >= _SURE_FOLLOW and not self.open and (not edited or intent == "predict")
        if intent in _FOLLOWS and (keys & {intent, "dirt"} or sounds):
            return intent
        if intent == "predict" and ("last" in reading.wishes.flags or "predict" in keys):
            return "predict"
        if intent == "cancel":
            return "cancel"
        if intent == "other" and "other" in keys and not edited and not self.open:
            return "other"
        return "build_model"

    def _edits_something(self) -> bool:
        wishes, scopes = self.reading.wishes, self.reading.scopes
        return bool(
            self.edits or wishes.metric or wishes.limits or wishes.horizon or wishes.models or scopes.excluded or scopes.inputs
            or scopes.group or self.reading.splits or scopes.target or scopes.positive or set(wishes.flags) - {"last", "best", "fair"}
        )  # fmt: skip

    # -- numbers and lists that only the dialogue explains -----------------------------------------------------------

    def _numbers(self) -> None:
        wishes = self.reading.wishes
        if "time_budget_seconds" in wishes.limits and _edits.means_horizon(self.folded, self.frame.slots):
            del wishes.limits["time_budget_seconds"]
        spoken = [(start, end) for _, start, end in wishes.limits.values()]
        if wishes.horizon is not None:
            spoken.append((wishes.horizon.start, wishes.horizon.end))
        found = _edits.new_number(self.folded, self.frame.slots, spoken)
        if found is None:
            return
        name, value, start, end = found
        if isinstance(value, Quantity):
            wishes.horizon = value
        elif name == "horizon":
            unit = str(self.frame.slots["frequency"].value)
            wishes.horizon = Quantity("time", value * STEP_SECONDS[unit], value, unit, start, end)
        elif value > 0:
            wishes.limits[name] = (value, start, end)

    def _also(self) -> None:
        """Let the list that was changed last go on: "还有邮编", "and zip code too"."""
        scopes = self.reading.scopes
        if scopes.excluded or scopes.inputs or not _ALSO.search(self.folded) or _VERB.search(self.folded):
            return
        lists = [
            name
            for name in ("excluded", "inputs")
            if name in self.frame.slots and self.frame.slots[name].origin == "stated"
        ]
        last = max(lists, key=lambda name: self.frame.slots[name].turn, default=None)
        if last is not None and self.frame.slots[last].turn == self.frame.turn:
            getattr(scopes, last).extend(_edits.columns_of(self.folded, self.reading.linker))

    # -- the target --------------------------------------------------------------------------------------------------

    def _target(self, *, edited: bool) -> tuple[Candidate | None, bool, Question | None]:
        """Return the new target, whether the turn starts a new frame, and a question if the target is unclear."""
        reading = self.reading
        if reading.scopes.target is not None:
            link = reading.scopes.target
            return Candidate(reading.linker.by_name[link.column], max(link.score, 0.9), link), False, None
        if self.open and (chosen := self._answer(at_least=_SWAPPED if edited else _NAMED)) is not None:
            return chosen, False, None
        swaps = bool(
            self.moves.keys() & {"same", "swap"} or _CORRECTS.search(self.folded) or _WANTED.search(self.folded)
        )
        verb = bool(_VERB.search(self.folded)) or (self.open and bool(reading.hits))
        free = _rules.open_kind(reading.cues, self.folded, literal_target=False, cleaning=False) if verb else None
        if free is not None and free != self.kind and not _linked(reading.found, _SWAPPED):
            return None, not swaps, None
        others = [item for item in reading.found if item.profile.name != self.target or self.open]
        best = max(others, key=lambda item: item.lexical, default=None)
        same = "same" in self.moves
        if best is None or best.lexical < (_NAMED if verb or same or (self.open and not edited) else _SWAPPED):
            return None, False, None
        if verb or self.open:
            found, others = _target.decide(reading.choices, reading.rest)
            if found is None:
                return None, False, _reader.ask(reading, others or reading.found)
            if found.lexical < _NAMED or found.profile.name == self.target:
                return None, False, None
            reading.rivals = tuple(others)
            return found, not (swaps or self.open), None
        if swaps and best.profile.usable and best.profile.name != self.target and not reading.scopes.group:
            if not same and not (best.link and best.link.literal) and best.lexical < 0.85:
                return None, False, None
            return best, False, None
        return None, False, None

    def _answer(self, *, at_least: float) -> Candidate | None:
        """Return the target that answers the open question: an option by number, "yes" for the first, or a column named."""
        reading = self.reading
        options = self.frame.questions[0].options
        best = max(reading.found, key=lambda item: item.lexical, default=None)
        if best is not None and best.lexical >= at_least and best.profile.usable:
            among = [item for item in reading.found if item.lexical >= best.lexical - 0.05 and item.profile.usable]
            named = {option.column for option in options}
            known = [item for item in among if item.profile.name in named]
            if len(among) == 1 or len(known) == 1:
                return (known or among)[0]
        for place, move in enumerate(("first", "second", "third")):
            if move in self.moves and place < len(options) and _edits.is_short(self.folded, self.moves[move]):
                return self._option(options[place].column)
        number = re.fullmatch(r"\W*([123])\W*", self.folded)
        if number and int(number.group(1)) <= len(options):
            return self._option(options[int(number.group(1)) - 1].column)
        if "agree" in self.moves and options and _edits.is_short(self.folded, self.moves["agree"]) and not reading.hits:
            return self._option(options[0].column)
        return None

    def _option(self, column: str) -> Candidate:
        return Candidate(self.reading.linker.by_name[column], 0.9, None)

    def _keep_target(self) -> None:
        if self.target is not None and self.target in self.reading.linker.by_name:
            self.reading.target = Candidate(
                self.reading.linker.by_name[self.target], self.frame.slots["target"].score, None
            )

    def _settle(self, chosen: Candidate | None) -> Question | None:
        """Fix target and kind of the frame that is to come; return the question that stays open."""
        reading = self.reading
        cues = reading.cues
        if chosen is None:
            self._keep_target()
            free = _rules.open_kind(cues, self.folded, literal_target=False, cleaning=False)
            if free is not None and (self.target is None or self.moves.keys() & {"swap"}):
                self.kind, self.target, reading.target = free, None, None
                return None
            if self.target is None:
                return self.frame.questions[0] if self.open else None
            asks = cues.keys() & {"regression", "classification", "multiclass"}
            if asks or (reading.wishes.horizon is not None and self.kind != "forecast"):
                self.kind = _reader.kind_for(reading)
            return None
        reading.target = chosen
        ahead = self.kind == "forecast" and chosen.profile.numeric and not chosen.profile.two_valued
        self.kind = (
            "forecast" if ahead and not cues.keys() & {"regression", "classification"} else _reader.kind_for(reading)
        )
        self.target = chosen.profile.name
        return None

    # -- the frame that follows ----------------------------------------------------------------------------------------

    def _goal(self, intent: CoarseIntent, question: Question | None) -> Goal:
        reading, kind = self.reading, self.kind
        if intent == "explain" and "quality" in self.moves:
            reading.wishes.metric = None  # "准确率多少?" asks for a score, it sets none
        fresh, _ = _slots.fill(
            reading, intent, kind, metric=None, explicit=None, time_limit=None, language=self.language
        )
        slots = self._merge(fresh, intent)
        tasks = _slots.tasks(
            reading, intent, kind, slots, () if question is None else (question,), sentence=self.sentence, language=self.language,
            two=False,
        )  # fmt: skip
        confidence = 0.5 if question else min(0.95, slots["target"].score if "target" in slots else 0.9)
        fine = f"{intent}.{kind}" if kind and intent in ("build_model", "compare") else intent
        return Goal(
            intent=intent, fine_intent=fine, confidence=round(confidence, 3), tasks=tasks,
            steps=_steps.steps_of(intent, _reader.step_hits(reading), self.folded, two_models=False), slots=slots,
            alternatives=_reader.alternatives(reading), questions=() if question is None else (question,),
            sentence=self.sentence, language=self.language,
        )  # fmt: skip

    def _merge(self, fresh: dict[str, Slot], intent: CoarseIntent) -> dict[str, Slot]:
        old = self.frame.slots
        same = "target" in old and self.target == old["target"].value
        gone = {"model_ref", "ignored", *self.edits.lifted} | (set() if same else {"modality"})
        slots = {name: slot for name, slot in old.items() if name not in gone}
        if "horizon" in self.edits.lifted:
            slots.pop("frequency", None)
        for name, slot in fresh.items():
            kept = slots.get(name)
            if name == "target" and same:
                continue
            if name == "task_kind" and kept is not None and kept.value != slot.value:
                kept = None
            if kept is None or slot.origin == "stated" or kept.origin != "stated":
                slots[name] = slot
        self._lists(slots, old, fresh)
        self._fit_kind(slots, fresh, same=same)
        if intent in _ON_MODEL:
            slots["model_ref"] = fresh.get("model_ref") or Slot(
                value="last", origin="inferred", score=0.9, reason=Said(en="The model made last.", zh="最近一次的模型。")
            )  # fmt: skip
        return slots

    def _fit_kind(self, slots: dict[str, Slot], fresh: dict[str, Slot], *, same: bool) -> None:
        """Let go of what does not go with the kind of problem in force."""
        if "target" not in fresh and not same:
            slots.pop("target", None)
        if not same or self.kind != "binary":
            slots.pop("positive_class", None)
            if self.kind == "binary" and "positive_class" in fresh:
                slots["positive_class"] = fresh["positive_class"]
        self._fit_split(slots, fresh)
        if self.kind is not None and not _fits(slots.get("metric"), self.kind):
            slots.pop("metric", None)
            if "metric" in fresh and _fits(fresh["metric"], self.kind):
                slots["metric"] = fresh["metric"]
        if "metric" not in slots and self.kind is not None:
            slots["metric"] = _slots.usual_metric(self.kind)

    def _fit_split(self, slots: dict[str, Slot], fresh: dict[str, Slot]) -> None:
        """Let go of series where nothing is forecast, of split rows where something is, and of a split that another replaces."""
        before = self.frame.slots["task_kind"].value if "task_kind" in self.frame.slots else None
        gone: set[str] = set()
        if self.kind != "forecast" and "target" in slots:
            gone = set(_AHEAD_ONLY if before == "forecast" else _AHEAD_ONLY[:2])
        elif self.kind == "forecast" and before not in ("forecast", None):
            gone = {"group_column", "split"}
        if self.reading.splits and not _ALSO.search(self.folded):
            gone |= set(_SPLIT)
        for name in gone:
            if slots.get(name) is not fresh.get(name):
                slots.pop(name, None)

    def _lists(self, slots: dict[str, Slot], old: Mapping[str, Slot], fresh: dict[str, Slot]) -> None:
        """Lists grow by what is said and shrink by what is taken back."""
        back = {link.column for link in self.edits.back}
        new_inputs = fresh["inputs"].value if "inputs" in fresh else []
        only = list(new_inputs) or ([] if self.edits.everything else self._old("inputs"))
        out = [] if self.edits.everything else self._old("excluded")
        said = list(fresh["excluded"].value) if "excluded" in fresh else []
        if only and not new_inputs:
            put = [name for name in self._linked_back() if name not in out and name not in only]
            gone = [name for name in said if name in only]
            only = [name for name in only + put if name not in gone]
            said = [name for name in said if name not in gone]
        out = [
            name
            for name in dict.fromkeys(out + said)
            if name not in back and name != self.target and name not in new_inputs
        ]
        only = [name for name in only if name != self.target]
        for name, value in (("excluded", out), ("inputs", only)):
            if not value:
                slots.pop(name, None)
            elif name in old and old[name].value == value:
                slots[name] = old[name]
            else:
                base = fresh.get(name) or old.get(name) or next(iter(fresh.values()))
                slots[name] = base.model_copy(update={"value": value, "origin": "stated", "turn": 1})
        for name in _LISTS:
            both = [*self._old(name), *(fresh[name].value if name in fresh else ())]
            gone_now = (
                self.edits.unwished | self.edits.lifted | {wish for wish, limit in NUMBERED.items() if limit in slots}
            )
            value = [item for item in dict.fromkeys(both) if item not in gone_now]
            if not value:
                slots.pop(name, None)
            elif value != self._old(name):
                base = fresh.get(name) or old[name]
                slots[name] = base.model_copy(update={"value": value, "origin": "stated", "turn": 1})
            else:
                slots[name] = old[name]

    def _linked_back(self) -> list[str]:
        return [link.column for link in self.edits.back]


def _linked(found: list[Candidate], at_least: float) -> bool:
    return any(item.lexical >= at_least for item in found)


def _fits(slot: Slot | None, kind: Kind) -> bool:
    """Say whether a stated metric can judge the kind of problem; what is only a default is always chosen anew."""
    if slot is None or slot.origin != "stated":
        return False
    if kind not in ("binary", "multiclass", "regression"):
        return kind == "forecast" and slot.value not in ("roc_auc", "accuracy", "f1", "silhouette")
    try:
        resolve_metric(str(slot.value), kind)
    except OpenGLMError:
        return False
    return True
