"""A dialogue about one table: every turn edits the frame in force, asks something of its model, or starts a new one.

A turn is read like a first sentence; what it states replaces the same slot, what it does not mention stays. A verb of
learning with another target starts anew; "instead", "same for X" and the answer to a question only change the target.
The frame-editing view of dialogue follows Andreas et al. 2020, "Task-oriented dialogue as dataflow synthesis", section 2
(revise and refer), without their learned parser.
"""

from __future__ import annotations

from openglm.core.preset import Preset
from openglm.core.schema import Schema
from openglm.core.task import CoarseIntent, Goal, Question
from openglm.core.words import Language, Said
from openglm.understand import _edits, _reader, _steps, _target
from openglm.understand._columns import profiles
from openglm.understand._follow import Follow
from openglm.understand._lexicon import load
from openglm.understand._linker import Linker
from openglm.understand._normalise import fold, language_of, mask

_EVERY_TURN = ("language", "ids", "modality", "model_ref", "ignored")


class Dialogue:
    """A conversation about one table.

    Parameters
    ----------
    schema : Schema
        Of the table.
    preset : Preset
        Brings the lexicons.
    language : {"zh", "en"} or None
        Of reports; by default that of each sentence.

    Examples
    --------
    >>> from openglm.core.preset import Preset
    >>> from openglm.core.schema import Column, Schema
    >>> bought = Column(name="bought", role="category", dtype="int", n_unique=2, levels=(0, 1))
    >>> age = Column(name="age", role="numeric", dtype="int", n_unique=60)
    >>> talk = Dialogue(Schema(columns=(age, bought), rows=500), preset=Preset.load())
    >>> talk.say("预测是否购买").slots["target"].value
    'bought'
    >>> talk.say("换成AUC").slots["metric"].value
    'roc_auc'
    >>> talk.say("undo").slots["metric"].origin
    'default'
    """

    def __init__(self, schema: Schema, *, preset: Preset, language: Language | None = None) -> None:
        self.schema = schema
        self._preset = preset
        self._language = language
        self._goals: list[Goal] = []
        self._frames: list[Goal] = []  # one for each change, so that each can be undone
        self._last = fold("", {})

    @property
    def goals(self) -> tuple[Goal, ...]:
        """What was understood after each turn."""
        return tuple(self._goals)

    @property
    def goal(self) -> Goal | None:
        """The frame in force, or ``None`` before the first turn and after a cancellation."""
        return self._goals[-1] if self._goals and self._goals[-1].intent != "cancel" else None

    @property
    def moves(self) -> dict[str, str]:
        """What the last turn does beside stating values: move or step → its words (``go``, ``undo``, ``quality``, ``export`` …)."""
        lexicon, folded = load(self._preset), self._last.folded
        found = {name: folded[hit.start : hit.end] for name, hit in _edits.moves(folded, lexicon).items()}
        hits = lexicon.intents.find(folded)
        starts = dict(_steps._nodes(hits, folded, two_models=False))  # "don't export" is left out
        return found | {
            kind: folded[at : max(hit.end for hit in hits if hit.start == at)] for kind, at in starts.items()
        }

    @property
    def named(self) -> tuple[str, ...]:
        """Columns that the last turn names, in the order of its words."""
        lexicon = load(self._preset)
        links = _edits.columns_of(self._last.folded, Linker(profiles(self.schema, lexicon), lexicon))
        return tuple(dict.fromkeys(link.column for link in links))

    def say(self, sentence: str) -> Goal:
        """Take one turn and return the frame in force after it.

        Raises
        ------
        OpenGLMError
            If the turn asks for something impossible (an unknown column, regression on words); the frame stays as it was.
        """
        turn = len(self._goals) + 1
        self._last = fold(sentence, load(self._preset).characters)
        goal = self._next(sentence)
        old = self._frames[-1] if self._frames else None
        kept = set() if old is None else {name for name, slot in old.slots.items() if goal.slots.get(name) is slot}
        goal = goal.model_copy(
            update={
                "turn": turn,
                "slots": {
                    name: slot if name in kept or slot.turn > 1 else slot.model_copy(update={"turn": turn})
                    for name, slot in goal.slots.items()
                },
            }
        )
        self._goals.append(goal)
        if goal.intent != "other" and (old is None or _content(goal) != _content(old)):
            self._frames.append(goal)
        elif self._frames and goal.intent != "other":
            self._frames[-1] = goal
        return goal

    def _next(self, sentence: str) -> Goal:
        lexicon = load(self._preset)
        text = fold(sentence, lexicon.characters)
        language = self._language or language_of(sentence)
        moves = _edits.moves(text.folded, lexicon)
        frame = self._frames[-1] if self._frames else None
        if "undo" in moves and self._frames and _edits.is_short(text.folded, moves["undo"]):
            return self._undo(sentence, language)
        if frame is None or frame.intent == "cancel":
            return self._first(sentence)
        if "fresh" in moves and not text.folded[: moves["fresh"].start].strip(" ,，。.!;好ok那算了"):
            rest = mask(text.folded, [(moves["fresh"].start, moves["fresh"].end)])
            if _target.says_something(rest.replace("|", " ")):
                return self._first(sentence)
            return _asking(frame, sentence, language)
        if not frame.slots.keys() & {"target", "task_kind"} and not frame.questions:
            return self._first(sentence)
        return Follow(frame, text, moves, self.schema, lexicon, sentence, language).read(self._first)

    def _first(self, sentence: str) -> Goal:
        return _reader.read(sentence, self.schema, preset=self._preset, language=self._language)

    def _undo(self, sentence: str, language: Language) -> Goal:
        self._frames.pop()
        if not self._frames:
            return Goal(
                intent="cancel", fine_intent="cancel.undo", confidence=0.9, sentence=sentence, language=language
            )
        back = self._frames[-1]
        intent: CoarseIntent = back.intent if back.intent == "cancel" else "build_model"
        return back.model_copy(update={"intent": intent, "sentence": sentence, "language": language})


def _content(goal: Goal) -> tuple[object, ...]:
    """Return what makes two frames different for a person who says "undo"."""
    stated = {
        name: slot.value for name, slot in goal.slots.items() if slot.origin != "default" and name not in _EVERY_TURN
    }
    return goal.intent == "cancel", bool(goal.questions), stated


def _asking(frame: Goal, sentence: str, language: Language) -> Goal:
    """Return an empty frame that asks what to do now."""
    question = Question(slot="target", text=Said(en="What is to be predicted now?", zh="现在要预测什么?"))
    return Goal(intent="build_model", confidence=0.5, questions=(question,), sentence=sentence, language=language)
