"""What a turn of a conversation asks for: the steps to be carried out now, and what it names that cannot be had.

Reads words only; trains, draws and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from openglm import _doors as doors
from openglm.chat._turn import Turn
from openglm.core import graph
from openglm.core.errors import ColumnError, PlanError, did_you_mean
from openglm.core.metrics import METRICS
from openglm.core.metrics import metric as resolve_metric
from openglm.core.preset import Preset
from openglm.core.schema import Schema
from openglm.core.task import SUPERVISED, Goal, Kind, Slot, StepType
from openglm.core.words import Said
from openglm.explain._words import KINDS, METRIC_NAMES
from openglm.understand._lexicon import load
from openglm.understand._normalise import fold
from openglm.understand._wishes import read_wishes

_ONLY_STATED = frozenset({"训练", "train", "run", "继续", "continue"})
"""Cues of going that are also part of a statement: "train a model that predicts …"."""
_AT_ONCE: tuple[StepType, ...] = (
    "validate_data", "clean_data", "describe_data", "engineer_features", "compare", "evaluate", "explain", "predict", "compress",
    "export", "report",
)  # fmt: skip
"""Steps that a turn asks for by a word, in the order in which they are done."""
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
class Heard:
    """What a turn says besides the values it states.

    Parameters
    ----------
    moves : dict of str to str
        Move or step → its words, see :attr:`openglm.understand.Dialogue.moves`.
    named : tuple of str
        Columns that it names.
    is_pending : bool
        Whether a task was in force before it that has no model yet.
    """

    moves: Mapping[str, str]
    named: tuple[str, ...] = ()
    is_pending: bool = False


def wanted(
    goal: Goal, turn: Turn, heard: Heard, before: Mapping[str, Slot] | None, *, known: bool, source: str | None
) -> list[StepType]:
    """Return the steps to be carried out now; none when the turn only states or edits.

    Parameters
    ----------
    goal : Goal
        What was understood.
    turn : Turn
        With its changes.
    heard : Heard
        What the turn says besides.
    before : dict of str to Slot, or None
        The frame before the turn.
    known : bool
        Whether the target was in force before.
    source : str or None
        File of the table.
    """
    moves, changed = heard.moves, {item.slot for item in turn.changes}
    kinds = [step.type for step in graph.ordered(goal.steps)]
    if "metric" in changed:  # "evaluated by AUC" names a metric
        kinds = [kind for kind in kinds if kind != "evaluate"]
    if goal.intent == "explain" and ("quality" in moves or "evaluate" in moves):
        return ["evaluate"]
    if goal.intent == "describe_data" and "validate_data" in moves:
        return ["validate_data"]
    if known and not changed and heard.named and _EFFECT.search(turn.sentence):
        return ["explain"]
    found = [kind for kind in _AT_ONCE if kind in moves and not (kind == "evaluate" and "metric" in changed)]
    # The words of a turn weigh more than its sound: "导出模型" sounds like deploying and says exporting.
    says = goal.intent in moves or not found
    if len(set(kinds)) > 1 or (goal.intent not in ("build_model", "feedback", "cancel", "other") and says):
        return kinds
    old = before["outputs"].value if before and "outputs" in before else ()
    new = [name for name in (goal.slots["outputs"].value if "outputs" in goal.slots else ()) if name not in old]
    found += [_OUTPUTS[name] for name in new if name in _OUTPUTS]
    if known and (doors.file_in(turn.sentence, source) or _RESULTS.search(turn.sentence)):
        found.append("predict")
    if known and not found and _AGAINST.search(turn.sentence):
        found.append("compare")
    if found:
        return list(dict.fromkeys(found))
    return ["build_model"] if _goes(turn, heard, known=known) else []


def _goes(turn: Turn, heard: Heard, *, known: bool) -> bool:
    """Say whether the turn gives the word to train."""
    moves = heard.moves
    if "go" in moves or "retrain" in moves:
        return known or moves.get("go", "训练") not in _ONLY_STATED
    short = len(turn.sentence.strip(" 。.!,")) <= len(moves.get("agree", "")) + 1
    return "agree" in moves and short and not turn.changes and heard.is_pending


def check_columns(sentence: str, schema: Schema) -> None:
    """Refuse a sentence that can only mean a column which does not exist.

    Raises
    ------
    ColumnError
        If it names one.
    """
    known = {name.casefold() for name in schema.names}
    for found in _NAME.findall(sentence):
        name = next(filter(None, found))
        if name.casefold() not in known:
            raise ColumnError(
                Said(en=f"There is no column '{name}'.", zh=f"没有名为“{name}”的列。"),
                hint=did_you_mean(name, schema.names),
            )


def misfit(sentence: str, kind: Kind, preset: Preset) -> PlanError | None:
    """Return why the metric that a sentence names cannot judge this kind of problem; ``None`` where it can."""
    if kind not in SUPERVISED:
        return None
    lexicon = load(preset)
    wishes = read_wishes(fold(sentence, lexicon.characters).folded, lexicon, protected=[], ahead=False)
    if wishes.metric is None or wishes.implied:
        return None
    try:
        resolve_metric(wishes.metric.key, kind)
    except PlanError:
        fitting = [
            METRIC_NAMES.get(name, Said(en=name, zh=name)) for name, item in METRICS.items() if kind in item.kinds
        ]
        name = METRIC_NAMES.get(wishes.metric.key, Said(en=wishes.metric.key, zh=wishes.metric.key))
        return PlanError(
            Said(
                en=f"The metric {name.en} does not fit this problem ({KINDS[kind].en}).",
                zh=f"指标“{name.zh}”不适用于该问题({KINDS[kind].zh})。",
            ),
            hint=Said(
                en=f"Fitting ones: {', '.join(item.en for item in fitting)}.",
                zh=f"可用: {'、'.join(item.zh for item in fitting)}。",
            ),
        )
    return None
