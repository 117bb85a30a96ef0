"""Turns what was found into slots with origin, score, evidence and reason, and slots into tasks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from openglm.core.cleaning import Rule
from openglm.core.metrics import default_metric
from openglm.core.metrics import metric as resolve_metric
from openglm.core.schema import Scalar
from openglm.core.task import SUPERVISED, CoarseIntent, Constraints, Kind, Origin, Question, Slot, Span, Step, Task
from openglm.core.words import Language, Said
from openglm.understand import _rules, _said
from openglm.understand._linker import Link
from openglm.understand._numbers import horizon as steps_ahead
from openglm.understand._wishes import NUMBERED, OUTPUTS, PREFERENCES

if TYPE_CHECKING:
    from openglm.understand._reader import Reading

_LATER: dict[str, str] = {"clustering": "silhouette", "anomaly": "average_precision"}
"""Usual metrics of kinds that :mod:`openglm.core.metrics` does not judge; the recipes of those kinds may choose others."""

_SPLIT_KINDS: tuple[Kind, ...] = ("binary", "multiclass", "regression")
"""Kinds whose rows are split by groups, time or at random; elsewhere a group is one series, and time is always kept."""

_WISH_TEXT = {
    "interpretable": ("a model that can be explained", "可解释的模型"), "no_gpu": ("no GPU", "不使用 GPU"),
}  # fmt: skip


def fill(
    reading: Reading, intent: CoarseIntent, kind: Kind | None, *, metric: str | None, explicit: str | None,
    time_limit: float | None, language: Language,
) -> tuple[dict[str, Slot], tuple[Question, ...]]:  # fmt: skip
    """Return all slots of a reading, and no question: those come from the choice of the target."""
    slots: dict[str, Slot] = {}
    _target_slots(slots, reading, kind, explicit)
    _column_slots(slots, reading, kind)
    _metric_slot(slots, reading, kind, metric)
    _limit_slots(slots, reading, time_limit)
    _wish_slots(slots, reading, intent)
    _rule_slot(slots, reading)
    unmet = _split_slots(slots, reading, kind)
    if reading.wishes.impossible:
        no_limit = Said(
            en="This can be no limit (nothing takes zero seconds, no share is above 100 %), so it is left aside.",
            zh="这不能作为限制(没有零秒的训练,也没有超过 100% 的比例),因此未采用。",
        )
        unmet += [(start, end, no_limit) for start, end in reading.wishes.impossible]
    if unmet:
        spans = tuple(reading.span(start, end) for start, end, _ in unmet)
        said = list(dict.fromkeys(reason for _, _, reason in unmet))
        slots["ignored"] = Slot(
            value=[span.text for span in spans], origin="stated", evidence=spans,
            reason=Said(en=" ".join(reason.en for reason in said), zh="".join(reason.zh for reason in said)),
        )  # fmt: skip
    slots["language"] = Slot(
        value=language, origin="inferred", reason=Said(en="The language of the sentence.", zh="句子使用的语言。")
    )
    return slots, ()


def _rule_slot(slots: dict[str, Slot], reading: Reading) -> None:
    """Rules for the data, in the words of the sentence."""
    if not reading.rules:
        return
    evidence = tuple(reading.span(stated.start, stated.end) for stated in reading.rules)
    rules = [
        rule.model_copy(update={"words": span.text}).model_dump(mode="json", exclude_defaults=True)
        for stated, span in zip(reading.rules, evidence, strict=True)
        for rule in stated.rules
    ]
    slots["rules"] = Slot(
        value=rules, origin="stated", evidence=evidence,
        reason=Said(en="The sentence says how the data must be.", zh="句中对数据提出了要求。"),
    )  # fmt: skip


def _split_slots(slots: dict[str, Slot], reading: Reading, kind: Kind | None) -> list[tuple[int, int, Said]]:
    """How the rows are to be parted; return the words about it that nothing follows from, with the reason."""
    splits, taken = reading.splits, reading.target.profile.name if reading.target else None
    parted = kind is None or kind in _SPLIT_KINDS
    unmet = list(splits.unmet) if parted else []
    for name, link, reason in (
        ("group_column", splits.group, Said(en="All rows of one of them stay on one side of the split.", zh="同一组的行只在训练或验证的一侧。")),
        ("time_column", splits.time, Said(en="The past teaches, the latest rows (about a fifth) judge.", zh="用过去的数据训练,用最新的数据(约五分之一)检验。")),
    ):  # fmt: skip
        if link is None or not (parted or name == "time_column"):
            continue
        if link.column == taken:
            unmet += [
                (start, end, Said(en=f"'{taken}' is to be predicted; the rows cannot be split by it.", zh=f"“{taken}”是预测目标,不能用来划分数据。"))
                for start, end in link.spans
            ]  # fmt: skip
            continue
        slots[name] = Slot(
            value=link.column, origin="stated", score=round(link.score, 3), reason=reason,
            evidence=tuple(reading.span(start, end) for start, end in link.spans),
        )  # fmt: skip
    if splits.random and parted:
        slots["split"] = Slot(
            value="random", origin="stated", evidence=(reading.span(*splits.random),),
            reason=Said(en="The sentence asks for a split at random.", zh="句中要求随机划分。"),
        )  # fmt: skip
    return unmet


def _target_slots(slots: dict[str, Slot], reading: Reading, kind: Kind | None, explicit: str | None) -> None:
    found = reading.target
    if found is not None:
        spans = found.link.spans if found.link else ()
        origin: Origin = "stated" if explicit or (found.link and found.link.literal) else "inferred"
        reason = (
            Said(en="Given by the caller.", zh="由调用方指定。")
            if explicit
            else found.choice(reading.lexicon, reading.text.folded).reason
        )
        slots["target"] = Slot(
            value=found.profile.name, origin=origin, score=round(found.score, 3), reason=reason,
            evidence=tuple(reading.span(start, end) for start, end in spans if end > start),
        )  # fmt: skip
    if kind is not None:
        names = {
            "binary": ("binary",),
            "multiclass": ("multiclass", "classification"),
            "regression": ("regression", "number"),
        }
        cues = [reading.cues[key] for key in names.get(kind, (kind,)) if key in reading.cues]
        stated = any(hit.key in ("regression", "classification", "clustering", "anomaly", "forecast") for hit in cues)
        slots["task_kind"] = Slot(
            value=kind, origin="stated" if stated else "inferred", score=0.95,
            reason=_said.kind_reason(kind, found.profile if found else None),
            evidence=tuple(reading.span(hit.start, hit.end) for hit in cues),
        )  # fmt: skip
    modality = _modality(reading)
    if modality != "tabular":
        name = {"text": "文本", "image": "图片", "audio": "音频"}[modality]
        reason = Said(en=f"The table has a column of {modality}.", zh=f"表中有{name}列。")
        slots["modality"] = Slot(value=modality, origin="inferred", score=0.8, reason=reason)
    if kind == "binary" and found is not None:
        _positive_slot(slots, reading)


def outputs_of_steps(slots: dict[str, Slot], steps: tuple[Step, ...], reading: Reading) -> None:
    """Let a step of deploying count as a wish for it, however it was told."""
    wanted = list(slots["outputs"].value) if "outputs" in slots else []
    if "deploy" in wanted or len(steps) < 2 or not any(step.type == "deploy" for step in steps):
        return
    hit = next((hit for hit in reading.hits if hit.key == "deploy"), None)
    spans = (reading.span(hit.start, hit.end),) if hit else ()
    old = slots["outputs"].evidence if "outputs" in slots else ()
    slots["outputs"] = Slot(
        value=["deploy", *wanted], origin="stated", evidence=(*spans, *old),
        reason=Said(en="Named in the sentence, to be delivered.", zh="句中提到,需要交付。"),
    )  # fmt: skip


_SPEAKS_OF = {
    "image": re.compile(
        r"照片|图片|图像|相片|影像|画面|截图|看图|拍|[一-龥]图(?![书表])|\b(?:photo|image|picture|pic|scan|x-?ray|camera|snapshot|visual|look)\w*"
    ),
    "audio": re.compile(r"录音|声音|音频|听|语音|叫声|\b(?:audio|sound|recording|clip|hear|listen|voice|noise)\w*"),
    "text": re.compile(
        r"文本|评论|评价|内容|正文|标题|留言|工单|帖子|邮件|短信|反馈|描述|评语|原话|这段话|一句话|文字|"
        r"\b(?:comment|review|text|message|ticket|post|e-?mail|feedback|description|wording|sentence|note|headline|tweet)s?\b"
    ),
}  # fmt: skip
_ALONE = 3  # with at most this many other inputs the pictures or texts must carry the problem


def _modality(reading: Reading) -> str:
    """Return what the problem is learned from: pictures, sounds or texts only where sentence, target or table point there."""
    target = reading.target.profile if reading.target else None
    rich = [p for p in reading.linker.profiles if p.media or p.column.role == "text"]
    plain = [
        p for p in reading.linker.profiles if p not in rich and p.column.role in ("numeric", "category") and p != target
    ]
    for profile in sorted(rich, key=lambda p: (not p.media, p.position)):
        name = profile.media or "text"
        shares = target is not None and (
            {k.concept for k in target.known} & {k.concept for k in profile.known}
            or {p.text for p in target.pieces if p.weight >= 0.4} & {p.text for p in profile.pieces if p.weight >= 0.4}
        )
        if target == profile:
            continue
        hears = name == "audio" and target is not None and target.column.role == "category"
        if shares or hears or len(plain) <= _ALONE or _SPEAKS_OF[name].search(reading.text.folded):
            return name
    return "tabular"


def _positive_slot(slots: dict[str, Slot], reading: Reading) -> None:
    assert reading.target is not None
    column = reading.target.profile.column
    for said in reading.scopes.positive:
        level = next((level for level in column.levels if str(level).casefold().strip() == said[0]), None)
        if level is not None:
            slots["positive_class"] = Slot(
                value=level, origin="stated", evidence=(reading.span(said[1], said[2]),),
                reason=Said(en=f"The sentence says that '{level}' is the positive class.", zh=f"句中说明“{level}”为正类。"),
            )  # fmt: skip
            return
    level = _rules.positive_level(column, reading.lexicon, reading.text.folded)
    if level is not None:
        slots["positive_class"] = Slot(
            value=level, origin="inferred", score=0.8,
            reason=Said(en=f"Of its two values, '{level}' says that it happened.", zh=f"两个取值中,“{level}”表示事件发生。"),
        )  # fmt: skip


def _column_slots(slots: dict[str, Slot], reading: Reading, kind: Kind | None) -> None:
    scopes, schema = reading.scopes, reading.schema
    taken = reading.target.profile.name if reading.target else None
    excluded = [link for link in scopes.excluded if link.column != taken]
    inputs = [
        link
        for link in scopes.inputs
        if link.column != taken
        and not reading.linker.by_name[link.column].media
        and all(link.column != e.column for e in excluded)
    ]
    if excluded:
        slots["excluded"] = _list_slot(
            reading, excluded, Said(en="The sentence leaves them out.", zh="句中要求不使用。")
        )
    if inputs:
        slots["inputs"] = _list_slot(
            reading, inputs, Said(en="The sentence names them as inputs.", zh="句中指定为输入。")
        )
    ids = tuple(column.name for column in schema.columns if column.role == "id" and column.name != taken)
    if ids:
        slots["ids"] = Slot(
            value=list(ids), origin="inferred", score=0.9,
            reason=Said(en="They only name rows.", zh="它们只用来标识各行。"),
        )  # fmt: skip
    dates = [column.name for column in schema.columns if column.role == "date"]
    if scopes.time:
        slots["time_column"] = _one(
            reading, scopes.time, Said(en="The sentence orders the rows by it.", zh="句中要求按其先后排序。")
        )
    elif dates and kind in ("forecast", "anomaly"):
        slots["time_column"] = Slot(
            value=dates[0], origin="inferred", score=0.9, reason=Said(en="It holds dates.", zh="它是日期列。")
        )  # fmt: skip
    if scopes.group and kind == "forecast" and scopes.group.column != taken:
        slots["group_column"] = _one(
            reading, scopes.group, Said(en="The sentence asks for each of it.", zh="句中要求分别预测。")
        )
    if scopes.fair:
        slots["fairness_attribute"] = _one(
            reading, scopes.fair, Said(en="Its groups are to be treated alike.", zh="要求对其各组一视同仁。")
        )
    if reading.wishes.horizon is not None and kind == "forecast":
        item = reading.wishes.horizon
        step = reading.wishes.step
        count, unit = steps_ahead(item, step)
        used = [item, step] if step is not None and unit != steps_ahead(item)[1] else [item]
        span = tuple(reading.span(said.start, said.end) for said in used)
        reason = Said(en=f"Look {count} {unit} ahead.", zh=f"向后预测 {count} {unit}。")
        slots["horizon"] = Slot(value=count, origin="stated", evidence=span, reason=reason)
        slots["frequency"] = Slot(value=unit, origin="stated", evidence=span, reason=reason)


def _list_slot(reading: Reading, links: list[Link], reason: Said) -> Slot:
    names = list(dict.fromkeys(link.column for link in links))
    spans = tuple(reading.span(link.start, link.end) for link in links)
    return Slot(
        value=names, origin="stated", score=round(min(link.score for link in links), 3), evidence=spans, reason=reason
    )


def _one(reading: Reading, link: Link, reason: Said) -> Slot:
    return Slot(
        value=link.column, origin="stated", score=round(link.score, 3), reason=reason,
        evidence=(reading.span(link.start, link.end),),
    )  # fmt: skip


def _metric_slot(slots: dict[str, Slot], reading: Reading, kind: Kind | None, metric: str | None) -> None:
    said = reading.wishes.metric
    if metric is not None:
        value = resolve_metric(metric, kind).id if kind in SUPERVISED or kind is None else metric
        slots["metric"] = Slot(
            value=value, origin="stated", reason=Said(en="Given by the caller.", zh="由调用方指定。")
        )
    elif said is not None and not (reading.wishes.implied and kind not in ("binary", "multiclass", None)):
        how = (
            Said(en=f"That wish is measured by {said.key}.", zh=f"这一要求以 {said.key} 衡量。")
            if reading.wishes.implied
            else Said(en=f"The sentence names {said.key}.", zh=f"句中指定 {said.key}。")
        )
        slots["metric"] = Slot(
            value=said.key, origin="stated", score=0.8 if reading.wishes.implied else 1.0,
            evidence=(reading.span(said.start, said.end),), reason=how,
        )  # fmt: skip
    elif kind is not None:
        slots["metric"] = usual_metric(kind)


def usual_metric(kind: Kind) -> Slot:
    """Return the metric that a kind of problem is usually judged by."""
    value = _LATER.get(kind) or default_metric(kind)
    return Slot(value=value, origin="default", score=0.5, reason=_said.usual_metric(kind))


def _limit_slots(slots: dict[str, Slot], reading: Reading, time_limit: float | None) -> None:
    for name, (value, start, end) in reading.wishes.limits.items():
        slots[name] = Slot(
            value=round(value, 6), origin="stated", evidence=(reading.span(start, end),),
            reason=Said(en=f"A limit stated in the sentence ({name}).", zh=f"句中给出的限制({name})。"),
        )  # fmt: skip
    if time_limit is not None:
        slots["time_budget_seconds"] = Slot(
            value=float(time_limit), origin="stated", reason=Said(en="Given by the caller.", zh="由调用方指定。")
        )  # fmt: skip


def _wish_slots(slots: dict[str, Slot], reading: Reading, intent: CoarseIntent) -> None:
    flags = reading.wishes.flags

    def spans(keys: list[str]) -> tuple[Span, ...]:
        return tuple(reading.span(flags[key].start, flags[key].end) for key in keys)

    for name, (en, zh) in _WISH_TEXT.items():
        if name in flags:
            slots[name] = Slot(
                value=True, origin="stated", evidence=spans([name]),
                reason=Said(en=f"The sentence asks for {en}.", zh=f"句中要求{zh}。"),
            )  # fmt: skip
    wanted = [key for key in PREFERENCES if key in flags and NUMBERED.get(key) not in slots and intent != "compare"]
    if "time_budget_seconds" in slots and "faster" in wanted:
        wanted.remove("faster")  # the number replaces the vague wish
    for name, keys, en, zh in (
        ("outputs", [key for key in OUTPUTS if key in flags], "to be delivered", "需要交付"),
        ("preferences", wanted, "preferred", "偏好"),
    ):
        if keys:
            slots[name] = Slot(
                value=keys, origin="stated", evidence=spans(keys),
                reason=Said(en=f"Named in the sentence, {en}.", zh=f"句中提到,{zh}。"),
            )  # fmt: skip
    reference = next((key for key in ("best", "last") if key in flags), None)
    if reference and intent not in ("build_model", "compare"):
        slots["model_ref"] = Slot(
            value=reference, origin="stated", evidence=spans([reference]),
            reason=Said(en="The sentence refers to a model that exists.", zh="句中指向已有模型。"),
        )  # fmt: skip
    models = list(dict.fromkeys(hit.key for hit in reading.wishes.models))
    if models:
        slots["models"] = Slot(
            value=models, origin="stated", evidence=tuple(reading.span(hit.start, hit.end) for hit in reading.wishes.models),
            reason=Said(en="Learners named in the sentence.", zh="句中指定的学习器。"),
        )  # fmt: skip


def tasks(
    reading: Reading, intent: CoarseIntent, kind: Kind | None, slots: dict[str, Slot], questions: tuple[Question, ...],
    *, sentence: str, language: Language, two: bool,
) -> tuple[Task, ...]:  # fmt: skip
    """Return what is to be learned; nothing while a question is open or when no model is asked for.

    Raises
    ------
    PlanError
        If the metric cannot judge the kind of problem.
    """
    if questions or kind is None or intent not in ("build_model", "compare", "explain"):
        return ()

    def value(name: str, default: Any = None) -> Any:
        return slots[name].value if name in slots else default

    chosen = value("metric")
    if kind in ("binary", "multiclass", "regression") and chosen:
        chosen = resolve_metric(chosen, kind).id
    limits = {name: value(name) for name in Constraints.model_fields if name in slots}
    positive: Scalar | None = value("positive_class")
    first = Task(
        kind=kind, target=value("target") if kind in SUPERVISED else None, inputs=tuple(value("inputs", ())),
        excluded=tuple(value("excluded", ())), ids=tuple(value("ids", ())), metric=chosen, positive_class=positive,
        time_column=value("time_column"), group_column=value("group_column"), horizon=value("horizon"),
        frequency=value("frequency"), split=value("split"), models=tuple(value("models", ())), constraints=Constraints(**limits),
        rules=tuple(Rule.model_validate_json(json.dumps(rule)) for rule in value("rules", ())), sentence=sentence, language=language,
    )  # fmt: skip
    if not two:
        return (first,)
    second = first.model_copy(
        update={"kind": "clustering", "target": None, "metric": _LATER["clustering"], "positive_class": None}
    )
    return (first, second)
