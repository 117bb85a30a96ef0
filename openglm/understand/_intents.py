"""Rules for the intent: what the sentence asks for, by its cues and their order of strength.

Each rule is small and says what it decides. Nothing is learned here; the order of the rules is the knowledge.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from openglm.core.task import CoarseIntent
from openglm.understand._lexicon import Hit, Lexicon
from openglm.understand._ngrams import Sound, cue
from openglm.understand._normalise import words_of

_STEPS_ONLY = frozenset(
    re.findall("[^ ]+", "validate_data engineer_features tune evaluate compress export retrain report")
)
_ASKS_OUTCOME = re.compile(
    r"会不会|能不能|是不是|有没有|会否|能否|是否|可不可|哪些|哪个|哪种|哪类|谁|多少|多久|多长|多高|多大|多重|几|怎么样|"
    r"\b(?:will|would|who|whether|which|how (?:much|many|long|old|tall|heavy|far|fast|big|likely)|what (?:will|"
    r"is|are|would|kind|type|price)|likely|chance|risk|is (?:this|it|a)|does|going to)\b"
)
_ON_MODEL = re.compile(
    r"(用|拿|使用|以)[^,。;]{0,14}(模型)[^,。;]{0,10}(预测|打分|判断|跑|给|对)|(?:use|using|apply|run|with|"
    r"load)\b[^,.;]{0,30}\bmodel\b[^.;]{0,30}\b(?:predict|score|on|to|for)\b|\bscore\b[^.;]{0,30}\b(?:new|"
    r"file|batch|these|rows)\b|predict(?:ions)? (?:on|for) (?:the |these |those |this )?(?:new|unseen|"
    r"following|attached)"
)
_RUN_IT = re.compile(
    r"^\W*(?:now |then |please |just )?(?:run|use|try|apply|put|let) (?:it|that one|the same one)\b (?:on|for|to|through|over|loose)\b|"
    r"[拿用](?:它|这个模型|那个模型)[^,。;]{0,16}(?:估|算|跑|判|过|测)(?:一|下|遍)"
)
_JUST_FIX = re.compile(r"(什么都|别的|其他|其它)[^,。]{0,4}(不用|不要|别)|nothing else")
_WHICH_DRIVES = re.compile(
    r"(因素|原因|为什么|为何|为啥|重要性|驱动|归因|\bwhy\b|\bfactors?\b|\bdrivers?\b|importance|\bshap\b)"
)
_ASKS_REASON = re.compile(
    r"靠的(?:是|都是)?(?:啥|什么)|(?:哪个|哪项|哪样|哪一?[项样个种条]|谁|啥|什么)(?:更|最)?(?:管用|要紧|重要|关键|有用|说了算)|"
    r"卡在了?(?:哪|什么|啥)|影不影响|有没有影响|管不管用|拖[^,。]{0,3}后腿|作怪|捣鬼|惹的祸|起作用的|(?:害|闹|惹|引起|造成)的(?=[?]|$|呢|吗|还是|,)|"
    r"(?:问题|毛病|根子|岔子|差距|差别)(?:到底|究竟)?(?:出|差)?在(?:了)?哪|(?:哪|什么|啥)[^,。?]{0,10}(?:拉|推|抬|带|压)(?:高|低|上去|下来)|"
    r"(?:受|跟|和|与)(?:啥|什么|哪些)[^,。?]{0,6}(?:影响|左右|有关|挂钩|关系)|"
    r"\b(?:which|what)\b[^,.?]{0,40}\b(?:push|drag|pull|bring|keep|lift|raise|lower|drive|hold)(?:s|es|ing)?\b[^.?]*\b(?:up|down|back|most)\b|"
    r"\bwhat(?:'s| is| are)? (?:behind|holding|dragging|pushing|keeping|killing)\b|\bmatters? (?:more|most|the most)\b|"
    r"\bmakes? (?:any|a|no|the)? ?(?:real |big )?difference\b|\bto blame\b|\b(?:is|are) the culprits?\b|\bhave in common\b"
)
"""Asks what makes an outcome so, with no word of explaining in it: "what pushes it up?", "卡在哪"."""
_EITHER_MODEL = re.compile(
    r"\s*(?:或者?|还是|和|与|跟|对|比|,?\s*\b(?:or|vs|versus|against|and|than|beat|beats|over)\b)\s*"
    r"(?:上|用|an?\b|the\b|one\b|just\b|plain\b|simple\b|single\b|普通的?|简单的?|\s)*"
)
_WHICH_BETTER = re.compile(
    r"哪个|哪种|哪一[个种]|谁|更[准好划强]|\?\s*(?=$|[^?]*$)|\b(?:which|better|beats?|smaller|lower|versus|vs|against|side by side|wins?)\b"
)
_SUPPOSED = re.compile(
    r"(?:应该|可能|大概|估计|肯定|也许)(?:都|也|会|跟[^,。]{1,6}|和[^,。]{1,6})*(?:有|是|很)?[^,。]{0,3}(?:影响|关系|有关|相关|关联|联系)$|"
    r"\b(?:should|must|may|might|surely|probably)\b (?:\w+ ){0,3}(?:affect|influence|impact|matter|important|correlated)\w*$"
)
"""A remark about an input, no question: "the length should affect it"."""
_TOO_LATE = re.compile(
    r"事后|才(?:有|知道|晓得|出来)|\b(?:known|available|comes?|recorded) (?:only )?(?:afterwards|later|after)\b"
)
_PAST_PREDICTION = re.compile(
    r"预测|结果|模型|判断|识别|分类|predict|result|model|output|answer|classif|label|forecast|score|score[sd]|"
    r"recommend"
)
_RELATES = re.compile(r"影响|关系|有关|相关|affect|influence|impact|correlat|depend")
_REASON_FIRST = re.compile(r"\s*(?:which|what|why|explain|哪些因素|什么因素|为什么|为何|解释|分析)")
_TRAIN_THEN_COMPARE = re.compile(
    r"(?:训练|建|train|build|fit).{2,40}(?:然后|再|之后|then|after that|afterwards|and then).{0,20}(?:对比|比较|compare)"
)
_BUILT = re.compile(r"\b(?:train|build|predict)\w*\b.*\bcompare\b|(?:训练|预测).*(?:对比|比较)")
_CLEANS = re.compile(
    r"处理|去掉|去除|删|填|补|清|修|统一|剔除|过滤|规范|转换|fix|remov|fill|drop|handl|deal with|repair|clean|"
    r"delet|imput|"
    r"get rid|correct|strip"
)
_ON_NEW = re.compile(
    r"predict\w*\s+(?:on|for|with)?\s*(?:the\s+|these\s+|this\s+|our\s+)?new\b|预测(?:一下)?(?:新的?|这批)(?:数据|"
    r"样本|客户|用户|记录|文件|一批)"
)
_POSSIBLE_WORK = re.compile(
    r"模型|预测|数据|分析|算法|机器学习|上ai|人工智能|\bai\b|\bmodel|\bdata\b|machine learning|\bml\b|predict|"
    r"analy[sz]|"
    r"automl"
)


def tidy(hits: list[Hit], folded: str, flags: Mapping[str, Hit]) -> list[Hit]:
    """Return the cues that mean what they say.

    Words of a wish ("easy to explain"), nouns of dirt without a verb of cleaning ("missing values?") and the deployment in
    "once it is live" are none; "predict" on new rows is not learning.
    """
    kept: list[Hit] = []
    wishes = [flags[key] for key in ("interpretable", "fair", "last", "best", "predictions_file") if key in flags]
    for hit in hits:
        begin, end = _clause(folded, hit.start, hit.end)
        key = hit.key
        if any(wish.start <= hit.start and hit.end <= wish.end for wish in wishes):
            continue
        if key == "explain" and "interpretable" in flags and begin <= flags["interpretable"].start <= end:
            continue
        if key == "dirt":
            if not _CLEANS.search(folded[begin : min(len(folded), end + 12)]):
                continue
            key = "clean_data"
        if key == "explain" and _SUPPOSED.search(folded[begin : hit.end]):
            continue
        if key == "clean_data" and _TOO_LATE.search(folded) and _CLEANS.match(folded[hit.start :]):
            continue  # what is only known afterwards is left out, not cleaned
        if key == "deploy" and re.match(r"\s*(?:之后|以后|后(?![端台]))", folded[hit.end : hit.end + 4]):
            continue
        if key == "build_model" and _ON_NEW.match(folded[hit.start :]):
            key = "predict"
        kept.append(Hit(key, hit.weight, hit.start, hit.end))
    return kept


def compared(folded: str, models: list[Hit]) -> list[Hit]:
    """Return a cue of comparing where two learners stand side by side and the sentence asks which is better."""
    if not _WHICH_BETTER.search(folded):
        return []
    ordered = sorted(models, key=lambda hit: hit.start)
    return [
        Hit("compare", 1.0, a.start, b.end)
        for a, b in itertools.pairwise(ordered)
        if a.key != b.key and _EITHER_MODEL.fullmatch(folded[a.end : b.start])
    ][:1]


def _clause(folded: str, start: int, end: int) -> tuple[int, int]:
    begin = max((folded.rfind(mark, 0, start) for mark in ",，。;；!?.\n"), default=-1) + 1
    ends = [at for at in (folded.find(mark, end) for mark in ",，。;；!?.\n") if at >= 0]
    return begin, min(ends, default=len(folded))


_PATTERNS = {
    "asks": _ASKS_OUTCOME, "on model": _ON_MODEL, "drives": _WHICH_DRIVES, "past": _PAST_PREDICTION, "relates": _RELATES,
    "reason": _ASKS_REASON, "reason first": _REASON_FIRST, "work": _POSSIBLE_WORK, "on new": _ON_NEW, "just fix": _JUST_FIX,
}  # fmt: skip


def cue_names(folded: str, lexicon: Lexicon) -> set[str]:
    """Return the phrases and patterns found in a sentence by name, for :mod:`_ngrams`; no table is looked at."""
    words = words_of(folded)
    wishes = {hit.key: hit for hit in lexicon.wishes.find(folded, words)}
    hits = tidy(lexicon.intents.find(folded, words), folded, wishes)
    hits = sorted([*hits, *compared(folded, lexicon.models.find(folded, words))], key=lambda hit: hit.start)
    keys = {hit.key for hit in hits}
    found = {cue("intent", key) for key in keys} | {cue("wish", key) for key in wishes}
    found |= {cue("kind", hit.key) for hit in lexicon.kinds.find(folded, words)}
    found |= {cue("like", name) for name, pattern in _PATTERNS.items() if pattern.search(folded)}
    for name, phrases in (("metric", lexicon.metrics), ("model", lexicon.models)):
        if phrases.find(folded, words):
            found.add(cue("names", name))
    if hits:
        found |= {cue("first", hits[0].key), cue("last", hits[-1].key)}
    if _strong_build(folded, hits, keys):
        found.add(cue("like", "build"))
    return found


def hear(folded: str, lexicon: Lexicon) -> Sound:
    """Return what a sentence sounds like, whatever the table."""
    return lexicon.ngrams.hear(folded, cue_names(folded, lexicon))


def intent_of(
    folded: str, hits: list[Hit], cues: frozenset[str], *, linked: bool, about: bool, wants_last: bool, has_flags: bool
) -> tuple[CoarseIntent, float]:  # fmt: skip
    """Return what the sentence asks for and how sure that is.

    Parameters
    ----------
    folded : str
        The sentence.
    hits : list of Hit
        Cues of intents and steps in it.
    cues : frozenset of str
        Kinds of problem it has words for.
    linked : bool
        Whether it names something that a column holds.
    about : bool
        Whether it at least speaks of what the table is about.
    wants_last : bool
        Whether it refers to a model that exists already.
    has_flags : bool
        Whether it states a metric, limit or output.
    """
    keys = {hit.key for hit in hits}
    free = bool(cues & {"clustering", "anomaly"}) and not keys & {"clean_data", "describe_data", "explain", "feedback"}
    strong_build = _strong_build(folded, hits, keys) or free
    asks = bool(_ASKS_OUTCOME.search(folded)) or bool(cues & {"binary", "multiclass", "number"})
    build = strong_build or ((linked or about) and asks)
    first = min((hit.start for hit in hits if hit.key == "cancel"), default=len(folded))
    if "cancel" in keys and (not strong_build or re.fullmatch(r"[\s,请]*(?:please)?\s*", folded[:first])):
        return "cancel", 0.95
    if "feedback" in keys and (wants_last or _PAST_PREDICTION.search(folded)) and not _is_command(folded):
        return "feedback", 0.85
    starts_with_deploy = bool(re.match(r"\W*(?:please |now )?(?:deploy|部署|上线|publish|serve)", folded))
    if (
        _ON_MODEL.search(folded)
        and ("predict" in keys or wants_last)
        and not starts_with_deploy
        and not re.search(r"训练一个|训一个|\btrain\b", folded)
    ):
        return "predict", 0.85
    if _RUN_IT.search(folded) and not starts_with_deploy:
        return "predict", 0.85
    if "predict" in keys and wants_last and not ({"deploy", "explain", "compare"} & keys):
        return "predict", 0.8
    if "other" in keys and not linked and not (strong_build and has_flags):
        return "other", 0.9
    side = _side_intent(folded, keys, strong_build=strong_build, build=build, wants_last=wants_last)
    if side:
        return side, 0.85
    if build or (linked and (has_flags or not keys - {"build_model"})) or "retrain" in keys or "tune" in keys:
        return "build_model", 0.95 if strong_build else 0.75
    for key in ("clean_data", "describe_data", "deploy", "monitor", "explain", "compare", "report"):
        if key in keys:
            return ("describe_data" if key == "report" else key), 0.6
    if keys & _STEPS_ONLY:
        return "build_model", 0.5
    if "build_model" in keys or _POSSIBLE_WORK.search(folded) or has_flags:
        return "build_model", 0.5
    return ("build_model", 0.45) if linked else ("other", 0.7)


def _strong_build(folded: str, hits: list[Hit], keys: set[str]) -> bool:
    """A verb of learning that is not only the name of a thing: "the model", "训练好的模型", "解释预测"."""
    learned = re.compile(
        r"(训练好|训好|已训练|刚训练|刚才训练|trained|the (?:last |current |best |existing )?(?:model|prediction|"
        r"predictor|classifier))"
    )
    places = [(m.start(), m.end()) for m in learned.finditer(folded)]
    for hit in hits:
        if hit.key == "build_model" and not any(s < hit.end and hit.start < e for s, e in places):
            word = folded[hit.start : hit.end]
            if word in ("model", "models", "prediction", "predictions", "模型") and keys & {
                "deploy",
                "explain",
                "monitor",
                "feedback",
                "compare",
            }:
                continue
            if word == "检测" and "漂移" in folded:
                continue
            return True
    return False


_ORDER = re.compile(
    r"先|然后|再|接着|随后|之后|最后|完了|\b(?:first|then|after|afterwards|finally|next|lastly|once|followed by|and also)\b|[,，;；]"
)
_TRAINS = re.compile(
    r"训(?:练|个|一|好|出|了|完)?|建(?:个|一|模|好|立)|拟合|做(?:个|一个|出)?[^,，。]{0,12}(?:模型|预测|分类)|预测|预估|"
    r"\b(?:train|fit|build|learn|predict|forecast|classify|estimat)\w*"
)


def builds_first(folded: str, hits: list[Hit], *, refers: bool) -> bool:
    """Say whether the sentence orders several steps and one of them trains: then the others are only steps.

    Parameters
    ----------
    folded : str
        The sentence.
    hits : list of Hit
        Cues of intents and steps in it.
    refers : bool
        Whether it speaks of a model that exists; then "predict" is no training.
    """
    steps = {hit.key for hit in hits if hit.key not in ("other", "cancel", "feedback")}
    if len(steps) < 2 or not _ORDER.search(folded) or "build_model" not in steps:
        return False
    if refers and not re.search(r"训练(?!好)|训[个一]|建模|\b(?:train(?!ed)(?:ing)?|fit|build)\b", folded):
        return False
    trained = re.compile(
        r"预测(?:效果|结果|精度|得?准)|训练好的|训好的|已训练|刚训|trained|the (?:last|best|current|existing) model"
    )
    return bool(_TRAINS.search(trained.sub(" ", folded)))


def _is_command(folded: str) -> bool:
    return bool(
        re.match(r"\s*(?:请|帮|给)?(?:我)?(?:预测|训练|建|predict|train|build|forecast|classify|estimate)", folded)
    )


def _side_intent(
    folded: str, keys: set[str], *, strong_build: bool, build: bool, wants_last: bool
) -> CoarseIntent | None:  # fmt: skip
    """Return an intent other than building, where its words rule the sentence."""
    if ("explain" in keys or _ASKS_REASON.search(folded)) and _explains(
        folded, keys, strong_build=strong_build, wants_last=wants_last
    ):
        return "explain"
    if "compare" in keys and _compares(folded, described="describe_data" in keys and not strong_build):
        return "compare"
    if build:
        if "describe_data" in keys and not strong_build:
            return "describe_data"
        if "clean_data" in keys and not strong_build:
            return "clean_data"
        return None
    ranked: tuple[CoarseIntent, ...] = ("monitor", "deploy", "clean_data", "describe_data")
    if {"monitor", "deploy"} <= keys and not re.search(
        r"上线之?后|上线以后|部署之?后|after deploy|once deployed|deployed model|in production|线上", folded
    ):
        return "deploy"
    return next((key for key in ranked if key in keys), None)


def _explains(folded: str, keys: set[str], *, strong_build: bool, wants_last: bool) -> bool:
    """A question for reasons; "train a model and explain it" is building, "为什么…" about a deployed model is not."""
    drives = bool(_WHICH_DRIVES.search(folded) or _ASKS_REASON.search(folded))
    if not strong_build and (drives or not _ASKS_OUTCOME.search(folded) or _RELATES.search(folded)):
        if drives:
            return True
        return "compare" not in keys and not ({"deploy", "monitor"} & keys and wants_last)
    return drives and bool(_REASON_FIRST.match(folded)) and not re.search(r"训练|train|build|建", folded)


def _compares(folded: str, *, described: bool) -> bool:
    """Comparing is the intent unless it is only a step behind the training."""
    first = re.match(r"\s*(?:compare|对比|比较)", folded)
    return not described and not _TRAIN_THEN_COMPARE.search(folded) and (first is not None or not _BUILT.search(folded))
