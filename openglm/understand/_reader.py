"""Puts the goal together: sentence + schema → intent, target, kind, metric, limits, steps, each with its evidence.

Explicit arguments win over the sentence, the sentence over the table's habits. This module only calls the others in turn;
it keeps no state, so that the same call always gives the same goal.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import cast

from openglm.core.metrics import METRICS
from openglm.core.preset import Preset
from openglm.core.schema import Schema
from openglm.core.task import Choice, CoarseIntent, Goal, Kind, Question, Span
from openglm.core.words import Language
from openglm.understand import _absent, _data_rules, _intents, _names, _rules, _said, _slots, _splits, _steps, _target
from openglm.understand._columns import profiles
from openglm.understand._lexicon import Hit, Lexicon, load
from openglm.understand._linker import Linker
from openglm.understand._ngrams import Sound
from openglm.understand._normalise import Text, fold, language_of, mask, words_of
from openglm.understand._scopes import Scoper, Scopes
from openglm.understand._target import Candidate, Choices
from openglm.understand._wishes import Wishes, hear_wishes, read_wishes

_AHEAD_WORDS = re.compile(
    r"未来|接下来|往后|走势|明天|明儿|day[- ]ahead|后天|下个?月|下个?周|下星期|下个?季度|明年|时间序列|时序|forecast|"
    r"下一?个?(?:班|班次|期|小时)|后续|将来|往前看|next (?:\w+ )?(?:\w+ )?(?:hour|day|week|fortnight|shift|weekend|season|"
    r"month|quarter|year)|ahead|tomorrow|horizon|time series|coming (?:\w+ )?(?:day|week|fortnight|month|quarter|"
    r"year|weekend|season)|upcoming|from now|trend|(?:hour|day|week|month)s out\b|一整天|年前|年底|月底"
)
RULES, NAMED = 0.7, 2.0
"""Log-odds that the rules, when sure, and a column named in full add to an intent; best on the known half of the project's
sentences, where values from 0.5 to 1 differ by one sentence (``bench/nlu.py``)."""
_DEPLOYS = re.compile(r"\W*(?:please |now |请|帮我)?(?:deploy|publish|serve|部署|上线|发布)")
FIRST = 3.0  # log-odds that building is the intent of a sentence of several steps, one of which trains
_BUILDS: frozenset[str] = frozenset({"build_model", "compare"})
IDLE = 0.3  # below, for intent and guessed target alike, a sentence may ask for nothing at all: better ask than train
OPTIONS = 3  # a question with more answers is not answered (issue: at most three)


@dataclass
class Reading:
    """Everything found in one sentence, before it becomes a goal."""

    text: Text
    lexicon: Lexicon
    schema: Schema
    linker: Linker
    wishes: Wishes
    scopes: Scopes
    cues: dict[str, Hit]
    hits: list[Hit]
    rest: str
    choices: Choices
    sound: Sound
    rules: list[_data_rules.Stated]
    splits: _splits.Splits
    target: Candidate | None = None
    rivals: tuple[Candidate, ...] = ()
    asked: bool = False

    @property
    def found(self) -> list[Candidate]:
        """Columns that could be the target, best first."""
        return self.choices.found

    def span(self, start: int, end: int) -> Span:
        """Return folded positions as a piece of the original sentence."""
        return self.text.span(start, end)


def read(
    sentence: str, schema: Schema, *, preset: Preset, target: str | None = None, metric: str | None = None,
    language: Language | None = None, time_limit: float | None = None,
) -> Goal:  # fmt: skip
    """Return what ``sentence`` asks for over a table.

    Parameters
    ----------
    sentence : str
        Chinese, English or both. Of a text longer than 1000 characters the beginning and the end are read.
    schema : Schema
        Of the table as it was read.
    preset : Preset
        Brings the lexicons.
    target, metric : str or None
        Win over the sentence.
    language : {"zh", "en"} or None
        Of reports; by default that of the sentence.
    time_limit : float or None
        Seconds, > 0; wins over the sentence.

    Returns
    -------
    Goal
        With tasks when everything needed is clear, with one question when not.

    Raises
    ------
    ColumnError
        If a column named by the caller or the sentence does not exist.
    InputError
        If what is asked contradicts the data: regression on words, a target that is to be left out.
    PlanError
        If the metric cannot judge the problem.
    """
    lexicon = load(preset)
    text = fold(sentence, lexicon.characters)
    language = language or language_of(sentence)
    reading = look(text, schema, lexicon)
    intent, sure = intent_of(reading, target)
    if not text.folded.strip() and target is None:
        intent, sure = "build_model", 0.3  # nothing was said at all: ask, do not refuse
    explicit = schema.resolve(target) if target is not None else None
    if explicit is not None and intent in ("other", "cancel", "feedback") and not reading.hits:
        intent, sure = "build_model", 1.0
    kind, question = _decide(reading, intent, sure, explicit)
    if question is not None and "forecast" in reading.cues and reading.wishes.horizon is not None:
        kind = "forecast"  # of what is still open, but how far is not
    slots, questions = _slots.fill(
        reading, intent, kind, metric=metric, explicit=explicit, time_limit=time_limit, language=language
    )
    steps = _steps.steps_of(intent, step_hits(reading), text.folded, two_models=_two(reading, kind))
    _slots.outputs_of_steps(slots, steps, reading)
    if intent == "other":
        questions = (_said.refusal(),)
    elif question is not None and intent in _BUILDS:
        questions = (question,)
    tasks = _slots.tasks(
        reading, intent, kind, slots, questions, sentence=sentence, language=language, two=_two(reading, kind)
    )
    confidence = sure * (slots["target"].score if "target" in slots else (0.5 if questions else 0.9))
    return Goal(
        intent=intent, fine_intent=f"{intent}.{kind}" if kind and intent in _BUILDS else intent,
        confidence=round(min(max(confidence, 0.0), 1.0), 3), tasks=tasks, steps=steps, slots=slots,
        alternatives=alternatives(reading), questions=questions, sentence=sentence, language=language,
    )  # fmt: skip


def look(text: Text, schema: Schema, lexicon: Lexicon, *, forecasting: bool = False) -> Reading:
    """Read everything that does not depend on the intent; ``forecasting`` says that a dialogue is about the future already."""
    folded = text.folded
    linker = Linker(profiles(schema, lexicon), lexicon)
    has_date = any(profile.column.role == "date" for profile in linker.profiles)

    def looks_ahead(text: str) -> bool:
        return has_date and (forecasting or bool(_AHEAD_WORDS.search(text)))

    splits = _splits.read_splits(folded, linker, lexicon, schema.rows, looks_ahead)
    folded = mask(folded, splits.spans)
    stated = _data_rules.read_rules(folded, linker)
    folded = mask(folded, list(_data_rules.spans(stated)))
    words = words_of(folded)
    ahead = looks_ahead(folded)
    wishes = read_wishes(folded, lexicon, protected=_names.protected(folded, linker), ahead=ahead)
    sound = _intents.hear(folded, lexicon)
    hear_wishes(wishes, sound, folded, lexicon)
    hits = _intents.tidy(lexicon.intents.find(folded, words), folded, wishes.flags)
    hits = sorted([*hits, *_intents.compared(folded, wishes.models)], key=lambda hit: hit.start)
    fair = wishes.flags.get("fair")
    keys = {hit.key for hit in hits}
    cleaning = "clean_data" in keys and "build_model" not in keys
    scopes = Scoper(mask(folded, wishes.spans), linker).read(
        fair=(fair.start, fair.end) if fair else None, cleaning=cleaning, grouping=ahead
    )
    names = [
        span
        for link in linker.exact(folded).values()
        for span in link.spans
        if "_" in folded[slice(*span)] or span in scopes.spans
    ]
    cue_text = mask(folded, [(hit.start, hit.end) for hit in wishes.models] + names + scopes.spans)
    cues = _rules.kind_words(lexicon.kinds.find(cue_text), cue_text)
    _rules.hear_kinds(cues, sound, folded, lexicon)
    if not has_date:
        cues.pop("forecast", None)
    group = [(scopes.group.start, scopes.group.end)] if scopes.group else []
    rest = mask(folded, wishes.spans + scopes.spans + group)
    bare = mask(
        rest,
        [
            (hit.start, hit.end)
            for phrases in (lexicon.intents, lexicon.kinds, lexicon.filler)
            for hit in phrases.find(rest)
        ],
    )
    barred = frozenset(link.column for link in scopes.excluded + scopes.inputs)
    absent = _absent.asks_for_absent(text, rest, linker, lexicon)
    choices = _target.candidates(
        rest,
        linker,
        lexicon,
        cues,
        barred=barred,
        size=_target.size_of(bare),
        absent=absent,
        work=_asks_work(hits, cues),
        sound=sound,
        judged=_judged(wishes),
    )
    return Reading(text, lexicon, schema, linker, wishes, scopes, cues, hits, rest, choices, sound, stated, splits)


def intent_of(reading: Reading, target: str | None) -> tuple[CoarseIntent, float]:
    """Return what the sentence asks for and how sure that is: the rules' answer weighed with how the sentence sounds."""
    if reading.rules and not re.search(r"\w", mask(reading.text.folded, list(_data_rules.spans(reading.rules)))):
        return "clean_data", 0.9  # the sentence is nothing but rules for the data
    best = max((item.lexical for item in reading.found), default=0.0)
    named = reading.scopes.target or reading.scopes.unknown or target
    linked = best >= 0.45 or named is not None
    flags = reading.wishes.flags
    states = (
        reading.wishes.metric is not None
        or bool(reading.wishes.limits)
        or bool(reading.scopes.excluded)
        or bool(set(flags) - {"last", "best", "fair"})
    )
    rule, sure = _intents.intent_of(
        reading.text.folded, reading.hits, frozenset(reading.cues), linked=linked, about=_about(reading),
        wants_last="last" in flags or "best" in flags, has_flags=states,
    )  # fmt: skip
    sums = {name: math.log(max(chance, 1e-9)) for name, chance in reading.sound.intents.items()}
    sums[rule] = sums.get(rule, math.log(1e-9)) + RULES * sure
    sums["build_model"] = sums.get("build_model", 0.0) + NAMED * best
    if rule == "deploy" and _DEPLOYS.match(reading.text.folded):
        sums["deploy"] += FIRST
    if _intents.builds_first(reading.text.folded, reading.hits, refers=bool({"last", "best"} & set(flags))):
        sums["build_model"] += FIRST
    elif rule in ("explain", "compare", "predict"):
        sums[rule] += NAMED * best  # these speak of a column just as building does
    intent = max(sums, key=lambda name: sums[name])
    chance = 1 / sum(math.exp(value - sums[intent]) for value in sums.values())
    return cast("CoarseIntent", intent), chance


def _about(reading: Reading) -> bool:
    """Say whether the sentence speaks of anything that a column name speaks of, "customers" included."""
    known = {item.concept for profile in reading.linker.profiles for item in profile.known}
    natures = reading.lexicon.natures
    hits = reading.lexicon.concepts.find(reading.text.folded)
    return any(hit.key in known and natures[hit.key] not in ("mod", "unit", "noise") for hit in hits)


def step_hits(reading: Reading) -> list[Hit]:
    """Cues of steps, groups included: "做分群" is a step of building."""
    clusters = reading.cues.get("clustering")
    hits = list(reading.hits)
    if clusters and all(not (hit.start < clusters.end and clusters.start < hit.end) for hit in hits):
        hits.append(Hit("build_model", 1.0, clusters.start, clusters.end))
    return sorted(hits, key=lambda hit: hit.start)


def _decide(
    reading: Reading, intent: CoarseIntent, sure: float, explicit: str | None
) -> tuple[Kind | None, Question | None]:
    """Settle target and kind; return what must be asked instead, if anything."""
    if explicit is not None:
        if any(link.column == explicit for link in reading.scopes.excluded):
            raise _said.excluded_target(explicit)
        reading.target, reading.asked = Candidate(reading.linker.by_name[explicit], 1.0, None), True
        return kind_for(reading), None
    if intent not in (*_BUILDS, "explain"):
        stated = reading.found[0] if reading.found else None
        if stated and stated.link and stated.link.literal and stated.lexical >= 0.8:
            reading.target = stated
        return None, None
    folded = reading.text.folded
    best = reading.found[0] if reading.found else None
    literal = best is not None and best.link is not None and best.link.literal and best.lexical >= 0.8
    free = None
    if reading.scopes.target is None and intent in _BUILDS:
        cleaning = any(hit.key == "clean_data" for hit in reading.hits)
        free = _rules.open_kind(reading.cues, folded, literal_target=literal, cleaning=cleaning)
    if (
        free == "clustering"
        and reading.target is None
        and literal
        and re.search(r"同时|和|与|\band\b|in parallel", folded)
    ):
        reading.target = best
        return kind_for(reading), None
    if free is not None:
        graded = re.search(
            r"高中低|高、中、低|好中差|优良中差|low,? medium|low/medium|good and bad|high,? medium", folded
        )
        if graded and free == "clustering":
            return None, ask(reading, reading.found)
        return free, None
    _names.check(reading)
    scoped = reading.scopes.target
    if scoped is not None:
        kept = [item for item in reading.found if item.profile.name != scoped.column]
        reading.target = Candidate(reading.linker.by_name[scoped.column], max(scoped.score, 0.9), scoped)
        reading.rivals = tuple(kept)
        return kind_for(reading), None
    chosen, others = _target.decide(reading.choices, reading.rest)
    _check_taken_back(reading, chosen)
    if chosen is not None and (chosen.lexical >= _target.LEXICAL or intent in _BUILDS):
        guessed = chosen.lexical < _target.LEXICAL
        idle = sure < IDLE and chosen.score < IDLE
        if guessed and (idle or _passed_over(reading, chosen)):
            return None, ask(reading, reading.found)
        reading.target, reading.rivals = chosen, tuple(others)
        return kind_for(reading), None
    return None, ask(reading, others or reading.found)


def _check_taken_back(reading: Reading, chosen: Candidate | None) -> None:
    """Refuse "predict A but not A": no other column may silently take the place of the only one named.

    Raises
    ------
    InputError
        If it is so.
    """
    if chosen is not None and chosen.link is not None and chosen.lexical >= _target.LEXICAL:
        if _absent.denied(chosen.link, reading.rest):
            raise _said.excluded_target(chosen.profile.name)
        return
    excluded = frozenset(link.column for link in reading.scopes.excluded)
    back = _absent.takes_back(reading.rest, reading.linker, excluded) if excluded else None
    if back is not None:
        raise _said.excluded_target(back.column)


def _passed_over(reading: Reading, chosen: Candidate) -> bool:
    """Say whether the likeliest outcome of the table is left out, so that its habits lead only to the second best."""
    left_out = [reading.linker.by_name[link.column] for link in reading.scopes.excluded]
    return not chosen.profile.marked and any(item.usable and item.prior > chosen.profile.prior for item in left_out)


def _two(reading: Reading, kind: Kind | None) -> bool:
    """Say whether a model with a target and groups are asked for at once."""
    return kind is not None and kind != "clustering" and "clustering" in reading.cues and reading.target is not None


def _judged(wishes: Wishes) -> frozenset[Kind]:
    """Return the kinds of problem that the stated metric can judge."""
    if wishes.metric is None:
        return frozenset()
    return frozenset(METRICS[wishes.metric.key].kinds) if wishes.metric.key in METRICS else frozenset()


def _asks_work(hits: list[Hit], cues: dict[str, Hit]) -> bool:
    """Say whether the sentence asks for an outcome at all."""
    return any(hit.key in ("build_model", "compare", "retrain", "tune") for hit in hits) or bool(
        cues.keys() & {"binary", "multiclass", "number", "forecast"}
    )


def kind_for(reading: Reading) -> Kind:
    assert reading.target is not None
    profile = reading.target.profile
    wrong = _rules.contradiction(profile, reading.cues, reading.text.folded)
    literal = reading.asked or reading.target.lexical >= _target.SURE
    if wrong is not None and literal:
        raise _said.contradicts(wrong, profile)
    has_date = any(p.column.role == "date" for p in reading.linker.profiles)
    ahead = has_date and ("forecast" in reading.cues or reading.wishes.horizon is not None)
    return _rules.kind_of(profile, reading.cues, looks_ahead=ahead)


def ask(reading: Reading, found: list[Candidate]) -> Question:
    useful = [item for item in found if item.profile.usable][:OPTIONS]
    if useful:  # columns that are about as likely stand in the table's order, so that "the second one" is the second
        even = [item for item in useful if item.score >= _target.RIVAL * useful[0].score]
        useful = sorted(even, key=lambda item: item.profile.position) + useful[len(even) :]
    return _said.target_question(tuple(item.choice(reading.lexicon, reading.rest) for item in useful))


def alternatives(reading: Reading) -> tuple[Choice, ...]:
    """Return the best targets that were not taken; those with no evidence at all are left out."""
    taken = reading.target.profile.name if reading.target else None
    rest = [item for item in reading.found if item.profile.name != taken and item.score >= 0.001]
    return tuple(item.choice(reading.lexicon, reading.rest) for item in rest[:5])
