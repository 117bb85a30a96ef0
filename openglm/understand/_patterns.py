"""The small grammar of scopes: cues, verbs, separators and tails, in Chinese and English, as regular expressions.

They are applied to folded text (lower case, half width, simplified). Data only; how they work together is in ``_scopes``.
"""

from __future__ import annotations

import re

VERB = re.compile(
    r"预测|预估|估计|估算|判断|判别|识别|分类|回归|训练|建模|来建|建个|建立|评估|估价|来估|区分|推断|检测|聚类|"
    r"分群|做个|做一个|跑|"
    r"\b(?:predict|forecast|estimate|classify|regress|train|build|determine|detect|identify|optimi[sz]e|infer|guess)\w*"
)
SEPARATOR = re.compile(
    r"\s*(?:[、,，;/&+]|以及|还有|或者|和|与|及|跟|或|\band\b|\bor\b|\bas well as\b|\bplus\b|\bnor\b)\s*"
)
STOP = re.compile(
    r"[。;!?\n]|\.(?:\s|$)|\s-\s|:\s|\(|\bbut\b|\bthen\b|\bto\b(?=\s+(?:predict|forecast|estimate|"
    r"classify))|但|然后|,\s*(?=只|用|把|目标)"
)
FILLER = re.compile(
    r"^(?:the|a|an|any|all|column|columns|field|fields|feature|features|variable|variables|both|of|its|their|"
    r"every|each|"
    r"this|that|these|those|use|把|将|用|列|字段|特征|这个|那个|这|那|该|按照|按|客户的?|用户的?)(?:\s+|"
    r"(?<=[\u4e00-\u9fff])|$)"
)

_NOT_EN = (
    r"(?:do not|don't|dont|does not|doesn't|never|must not|mustn't|may not|should not|shouldn't|can not|cannot|can't|"
    r"rather not|no need to|not|not to|no longer|let's not|please don't|won't)"
)
_USE_EN = (
    r"(?:use|using|include|including|consider|considering|look at|looking at|rely on|relying on|touch|peek at|feed(?: it)?(?: in)?|count|"
    r"take(?: in(?:to account)?)?|bring in|put in|let in|allow|depend on|go by|learn from|train on|give it|show it|need|want|have)"
)
DROP_EN = re.compile(
    rf"\b(?:{_NOT_EN}\s+(?:ever\s+|even\s+)?(?:be\s+)?{_USE_EN}|"
    r"leave out|leaving out|leave(?= (?:them|it|those|these|both) out)|take(?= (?:them|it|those|these|"
    r"both) out)|get rid of|throw away|throw out|take out|kick out|chuck|bin(?= the\b)|strip out|cut out|"
    r"drop|dropping|exclude|excluding|ignore|ignoring|without|skip|skipping|omit|omitting|remove|removing|disregard|disregarding|"
    r"discard|except for|except|excepting|apart from|aside from|other than|but not|not including|not counting|minus|"
    r"hands off|keep off|steer clear of|stay away from|forget about|sans|save for|barring|bar(?= the\b)|"
    r"no)\b(?!\s+(?:gpu|black|need|more than|later|longer|idea|rush|hurry|matter|wait|sorry)|\s*,)"
)
ALL_BUT = re.compile(
    r"\b(?:everything|anything|all|every (?:column|feature|field)|all (?:the )?(?:other )?(?:columns|features|"
    r"fields|variables)|whatever you (?:like|want)|the lot)\s*,?\s+(?:but|bar|save)\b"
)
_NOT_ZH = r"(?:(?<!要)不要|不能|不许|不准|不让|不得|不可以?|不该|不应该?|不必|不用|不想|先不|(?<!分)(?<!区)(?<!类)(?<!级)(?<!性)(?<!个)别|甭|莫|勿|唔好|唔要|切勿|禁止|严禁|避免|无需|无须|(?<![靠用看要管算理放准])不)"
_USE_ZH = (
    r"(?:再|去|给我|拿来|把它|当作?|作为)?(?:往里(?:放|加|带|塞)|使用|用到|用上|用|看|拿|碰|考虑|参考|参照|管|理|算进去|算上|算|放进去?|放|加进去?|加入|加|进模型|进来|进|"
    r"掺和?|带上|带|纳入|依赖|靠|喂|参与|参加|涉及|入模|进入|作为|要|写进|塞)"
)
DROP_ZH = re.compile(
    rf"{_NOT_ZH}{_USE_ZH}(?!求)|剔除|排除|除外|去除|去掉|删除|删掉|删去|删了|忽略|忽视|无视|扔掉|丢掉|丢弃|踢掉|踢出|抛开|撇开|拿掉|移除|屏蔽|拿走|抠掉|"
    r"刨除|刨去|去了|不要了?|不算数|禁用|停用|免了"
)
DROP_SPLIT = re.compile(r"\b(?:leave|leaving|take|taking|keep|keeping|throw|put)\b(?!\s+(?:out|away|aside)\b)")
DROP_SPLIT_END = re.compile(r"\s*(?:columns?|fields?|features?)?\s*\b(?:out|away|aside|alone|separate)\b")
DROP_AFTER_EN = re.compile(
    r"\b(?:should(?: not|n't) be used|must(?: not|n't) be used|is not allowed|are not allowed|(?:is|are) off limits|"
    r"(?:is|are|should be|must be|has to be|have to be|to be) (?:excluded|ignored|dropped|left out|removed|out)|(?:is|are) (?:leaky|leakage|"
    r"a leak|cheating|out|forbidden|taboo|a no-go)|leaks?|can(?:not|'t) be used|(?:isn't|aren't|is not|are not|not) (?:fair game|allowed|"
    r"permitted|available|known|to be used|an option|ok|okay|fine|usable|part of it)|(?:must|should|has to|have to|can) (?:stay|be kept|go) out|"
    r"(?:doesn't|don't|does not|do not|mustn't|shouldn't|must not|should not|may not|can't|cannot) (?:count|go in|enter|belong|come in|be in|play|get in|be part)|"
    r"out of (?:it|this|the model|there|bounds))\b"
)
ASKS = re.compile(
    r"多少|多久|多[大高长重快]|(?<![这那])几|会不会|能不能|是不是|[会能][^,，。]{0,4}[吗么]?|哪|谁|吗|怎么|\b(?:how|which|who|whether|will|what)\b"
)
FILLED = re.compile(
    r"(?:的?(?:这|那)?(?:一|两|几)?(?:个|些|列|字段|特征|项|栏)|也|都|就|还|一律|统统|全|是|客户|用户|[\s,、和与及跟以]|\b(?:the|and|or|column|columns|field|fields)\b)*"
)
"""What may stand in a clause of bare names besides the names."""
PRONOUN = re.compile(r"\s*(?:(?:them|it|those|these|that one|this one|both)\b|它们|它|这些|这两|这几|那些|那两)")
BACK_END = re.compile(
    r"^\s*(?:了|吧|掉|进去|进来|入模|参与|做特征|作为特征|当特征|都|也|的话|着|在内|再|后|之后|然后|来|以后|"
    r"放进|放入|放到|加进|加入|纳入|带进|输入|喂|考虑|建模|训练|"
    r"列|这列|它|它们|啊|哈|呀|。|,|;|!|\.|，|\)|$|\n)"
)
APART_ZH = re.compile(r"除了|除去|除开|除(?=[^去开非])")
BESIDES = re.compile(r"(?:之外|以外|外)(?:的?(?:所有|其他|其它|其余|全部)?(?:字段|列|特征|变量)?)")
OTHERS_OFF = re.compile(
    r"(?:其他|其它|其余|别的|剩下)的?(?:字段|列|特征|变量|信息)?(?:全部|统统|一律|都|全)?(?:别用|不要|不用|"
    r"不要用|别|去掉|删掉|排除|忽略)"
)

ONLY_ZH = re.compile(r"只使用|只用到|只用|仅用|仅使用|只看|只考虑|只拿|只根据|只基于|仅根据|仅凭|仅基于|光用|光看|单用")
FROM_ZH = re.compile(
    r"根据|基于|依据|依照|通过|利用|使用|凭借|凭|参考|结合|输入(?:是|为|特征)|特征(?:是|为|用|只要|只用|只有)|"
    r"用(?![户途量电水气时车工药])|拿|"
    r"从(?=[^0-9]*(?:预测|判断|估|推))"
)
FROM_EN = re.compile(
    r"\b(?:from|using only|only using|only use|use only|using just|just use|using|use|given|based on|"
    r"based only on|on the basis of|"
    r"with only|with just|by means of|as a function of|only from|out of|features?(?: are| is|:)|"
    r"predictors?(?: are|:)|inputs?(?: are|:)|"
    r"only consider|nothing but|relying on|considering)\b(?!\s+(?:everything|all)\b)"
)
TAIL_VAGUE = re.compile(r"^\s*(?:等(?!于|级)|之类|什么的|etc\b|and so on|and the like|or so)")
TAIL_ONLY = re.compile(r"^\s*(?:columns?|fields?|features?|variables?)?\s*\b(?:only|alone|and nothing else)\b")

TARGET = re.compile(
    r"(?:目标变量|目标列|目标字段|目标值|目标|标签列|标签|因变量|预测列|预测目标|被解释变量|label column|"
    r"target column|target variable|"
    r"dependent variable|response variable|outcome variable|outcome column|\btarget|\blabel|\bdependent|\boutcome)"
    r"\s*(?:应该|就|is called|is named|will be|should be|should|is|was|be|as|in|to)?\s*(?:是|为|叫|选|用|设为|"
    r"设成|在|:|=|->|→)?\s*(?:the\s+|called\s+)?"
)
GROUP_ZH = re.compile(
    r"每一?(?:个|家|台|位|只|种|座|间|条|款|支|类|名)?|各个?|分别(?:按|对)?|按(?:照)?|"
    r"分(?=[\u4e00-\u9fff]{1,3}(?:预测|统计|看))"
)
GROUP_EN = re.compile(r"\b(?:for each|for every|per|each|every|by|grouped by|for all|across all|separately for)\b")
TIME_ZH = re.compile(
    r"按(?:照)?([^,。;]{1,12}?)(?:的?先后|的?顺序|的?时间|来)?(?:顺序)?(?:切分|划分|拆分|排序|切|分割)"
)
TIME_EN = re.compile(r"\b(?:split|ordered|sorted|order) (?:chronologically )?(?:by|on) (?:the )?([\w ]{1,30})")
LIST_END = re.compile(r"\s*(?:[,;.!，。；]|$|\band\b|\bor\b)")
IS_MODEL = re.compile(
    r"\s*(?:(?:这|那|上|刚才|昨|之前|现有|the|this|that|our|my|your|last|same|yesterday|existing)[^,，。;]{0,12}?)?(?:的)?(?:model|predictor|classifier|模型)"
)
POSITIVE = (
    re.compile(
        r"(?<![\w.])([01yntf]|yes|no|true|false|是|否|有|无)\s*(?:=+|就是|就代表|就算|is for|stands for|means|is when|is if|是指|表示|代表|指的?是?|即|is|是)\s*"
        r"(?:the\s+|the one that\s+|that\s+)?(?!the\b|a\b|not\b)([\u4e00-\u9fff]{2,8}|[a-z]{3,})"
    ),
    re.compile(
        r"(?:positive(?: class| label| value| one| case| outcome)?|正类|正样本|正例|阳性类别|正类别|阳性)\s*(?:is|are|=|:|"
        r"should be|means|be|是|为|取|设为|用|选|定为|按|算)?\s*(?:class\s+|the\s+)?[\"'“「]([^\"'”」]{1,20})[\"'”」]"
    ),
    re.compile(
        r"(?:^|[\s,;.，。；])[\"'“「]?([^\s,;。，\"'”」|]+?)[\"'”」]?\s*(?:is|=|是|就是)\s*(?:the\s+|我们?要?的?)?(?:class|one|value|label|case|"
        r"类|那类|那个|值)\s*(?:that\s+|which\s+)?(?:we(?:'re| are)?|i(?:'m| am)?|关心|要抓|要找|想抓|想找|care|matters|counts)"
    ),
    re.compile(
        r"(?:positive(?: class| label| value| one| case| outcome)?|正类|正样本|正例|阳性类别|正类别)\s*(?:is|are|=|:|"
        r"should be|means|是|为|取|设为|用)\s*(?:class\s+|the\s+)?[\"'“「]?([^\s,;。，\"'”」]+)"
    ),
    re.compile(
        r"(?:class\s+|把|以|将)?[\"'“「]?([^\s,;。，\"'”」|]+?)[\"'”」]?\s*(?:is|as|=|作为|当作|当成|当|为|是|算|代表|"
        r"表示)\s*(?:the\s+|a\s+)?(?:positive|正类|正样本|正例)"
    ),
)  # fmt: skip
FAIR_SIDE = re.compile(
    r"(?:across|by|between|against|with respect to|regarding|towards?|over|for|对于?|按|不同|针对|关于|在|"
    r"因)\s*([^,。;.!?]{1,30})"
)
CORRECTION = re.compile(
    r"\bno,? sorry\b|\bsorry,?\b|\bno,? wait\b|\bwait,?\b|\bi mean\b|\bi meant\b|\bor rather\b|\bmake that\b|"
    r"\bscratch that\b|\bactually,? no\b|\bactually\b|\brather\b(?! than)|"
    r"说错了|不对,?|哦不,?|啊不,?|应该是|应是|更正|改成|改为|换成|还是(?=用|预测)"
)
NOT_BUT = re.compile(
    r"不是([^,，。;是]{1,20})[,，]?\s*(?:而是|是|要|应该是)|\bnot\s+(?:the\s+)?([\w ]{1,30}?),?\s+but\b|"
    r"\b(?:instead of|rather than)\s+(?:the\s+)?(\w+)|(?:而)?不是([^,，。;是]{1,20})(?=[,，。;]|$)"
)
