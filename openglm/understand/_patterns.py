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
    r"classify))|但|然后|,\s*(?=只|用|把|目标|看)"
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
    r"leave out|leaving out|(?:leave|take|keep|throw|toss)(?= (?:(?:all|both) of )?(?:them|it|that|this|those|these|both|all)"
    r"(?: (?:one|two))? (?:out|away|aside))|get rid of|throw away|throw out|take out|kick out|chuck|(?:bin|lose|toss|nuke)(?= (?:the|it|that|them|those|these|both)\b)|strip out|cut out|"
    r"drop|dropping|exclude|excluding|ignore|ignoring|without|skip|skipping|omit|omitting|remove|removing|disregard|disregarding|"
    r"discard|ditch|scrap(?= (?:it|that|this|them|those|these|both)\b)|except for|except|excepting|apart from|aside from|other than|but not|not including|not counting|minus|"
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
    r"刨除|刨去|去了|不要了?|不算数|禁用|停用|免了|扔了|丢了|甩掉|舍弃|舍掉|剔掉|剔了|剔出去|踢了|踢出去|抹掉|划掉|砍掉|撤掉|撇掉|拎出去|"
    r"[碰用动看沾要算]不得"
)
DROP_SPLIT = re.compile(r"\b(?:leave|leaving|take|taking|keep|keeping|throw|put|with)\b(?!\s+(?:out|away|aside)\b)")
DROP_SPLIT_END = re.compile(
    r"\s*(?:columns?|fields?|features?)?\s*\b(?:out|away|aside|alone|separate|excluded|left out|omitted|ignored|removed)\b"
)
DROP_AFTER = re.compile(
    r"\b(?:should(?: not|n't) be used|must(?: not|n't) be used|is not allowed|are not allowed|(?:is|are) off limits|"
    r"(?:is|are|should be|must be|has to be|have to be|to be) (?:excluded|ignored|dropped|left out|removed|out)|(?:is|are) (?:leaky|leakage|"
    r"a leak|cheating|out|forbidden|taboo|a no-go)|leaks?|can(?:not|'t) be used|(?:isn't|aren't|is not|are not|not) (?:fair game|allowed|"
    r"permitted|available|known|to be used|an option|ok|okay|fine|usable|part of it)|(?:must|should|has to|have to|can) (?:stay|be kept|go) out|"
    r"(?:has|have|needs?|ought|got) to go(?!\s+(?:to|up|down|live|in|into|on|with|through|from|out)\b)|out (?:they|it|that|those|these|both) (?:must |should )?(?:goes|go)|"
    r"(?:must|should) go(?=\s*(?:too|as well|then)?\s*(?:[,.;!]|$))|(?:goes?|stays?) out(?=\s*(?:too|as well|then)?\s*(?:[,.;!]|$))|"
    r"(?:excluded|left out|omitted|aside)(?=\s*[,.;!]|\s*$)|(?:is|are) (?:banned|barred|prohibited)|(?:isn't|aren't|is not|are not)(?=\s*[,.;!]|\s*$)|"
    r"(?:doesn't|don't|does not|do not|mustn't|shouldn't|must not|should not|may not|can't|cannot) (?:count|go in|enter|belong|come in|be in|play|get in|be part)|"
    r"out of (?:it|this|the model|there|bounds))\b"
    r"|(?<![能会可行])不(?:行|可以|准|许|作数)(?=\s*[,，。;!]|\s*$)|没门|免谈"
)
ASKS = re.compile(
    r"([\u4e00-\u9fff])[不没]\1|多少|多久|多[大高长重快]|(?<![这那])几|会不会|能不能|是不是|[会能][^,，。]{0,4}[吗么]?|哪|谁|吗|怎么|\b(?:how|which|who|whether|will|what)\b"
)
FILLED = re.compile(
    r"(?:的?(?:这|那)?(?:一|两|几)?(?:个|些|列|字段|特征|项|栏)|也|都|就|还|一律|统统|全|是|客户|用户|[\s,、和与及跟以]|\b(?:the|and|or|column|columns|field|fields)\b)*"
)
"""What may stand in a clause of bare names besides the names."""
PRONOUN = re.compile(
    r"\s*(?:(?:them|it|those|these|that one|this one|both)\b|(?:that|this)\b(?=\s*(?:out|away|aside|too|one|as well|either|please|[,.;!]|$))|"
    r"它们|它|这些|这两|这几|那些|那两|这俩|那俩|这仨)"
)
LINK = re.compile(
    r"(?:so|and|but|then|therefore|hence|thus|which means|please|just|better|we|i|you|let's|let us|i'd|we'd|should|must|can|could|had|have to|"
    r"that figure|that one|that|this|it|they|them|these|those|both|all|of them|too|also|of course|obviously|"
    r"所以|因此|因而|于是|故而?|那么?|就|请|麻烦|帮我|给我|都|也|一律|统统|全部?|得|要|把|将|它们?|这些|那些|[这那][俩仨]|[这那][几两三四五]?个?|这列|那列|列|的|了|吧|\s)*"
)
"""What a clause that only says "so leave that out" may hold besides the verb."""
REFERS = re.compile(r"\b(?:that|this|they|it|these|those|both)\b|它|这|那|此")
DROPS = frozenset(["drop", "exclude", "ignore", "skip", "omit", "remove", "discard", "disregard", "ditch"])
"""English verbs that Chinese puts behind their object: "名字 drop 掉"."""
DROPPED = re.compile(r"\s*(?:掉|了|吧|哈|啦|[,.;!，。；)]|$)")
AFTERWARDS = re.compile(
    r"(?:才(?:能|会)?(?:知道|晓得|出得?来|拿得?到|得到|看得?到|测得?出|算得?出|统计得?出|填|录入?|补录|有的?|产生|确定)|"
    r"(?:事后|马后炮|结果出来后|提前(?:是|就)?(?:不知道|拿不到|没有)|预测时(?:还)?(?:不知道|拿不到|没有|不可用)|未来信息|未来数据|泄[漏露](?:了?答案|了?目标|了?标签)))|"
    r"\b(?:only\s+(?:ever\s+)?(?:known|available|recorded|measured|filled in|entered|logged|written|computed|set|turns? up|comes? in|shows? up|"
    r"appears?|exists?)\s+(?:\w+\s+){0,4}?(?:afterwards?|after|later|once|when|at the end|in hindsight)|only (?:comes?|turns?|shows?|appears?|arrives?)\s+(?:up |in )?(?:afterwards?|later|after)|"
    r"(?:is|are) not (?:yet )?(?:known|available) (?:until|till|before|at prediction time)|"
    r"(?:isn't|aren't|won't be) (?:yet )?(?:known|available) (?:until|till|before|at prediction time)|in hindsight|gives? (?:it|the answer|the game|everything) away|(?:dead |complete )?giveaway)\b"
)
"""Says of columns that they are known too late."""
SOONER = re.compile(r"提前|提早|事先|预先|早点|\b(?:beforehand|in advance|ahead|early|earlier|sooner|already)\b")
"""What is known late and wanted sooner is the target itself."""
PRIVATE = re.compile(
    r"(?:都|也|全)?(?:是|算|属于|涉及|涉)(?:个人|用户|客户|患者)?(?:的)?(?:隐私|敏感信息|敏感字段|机密|保密信息)|"
    r"\b(?:is|are|counts? as)\s+(?:all\s+|both\s+)?(?:private|confidential|personal (?:data|information)|sensitive|pii|privacy)\b"
)
USELESS = re.compile(
    r"(?:都|也|全)?(?:没啥用|没什么用|没用|无用|没意义|无意义|没啥意义|不相干|无关紧要|纯属噪声)|\b(?:is|are)\s+(?:all\s+|both\s+|just\s+|totally\s+|completely\s+)?"
    r"(?:useless|irrelevant|meaningless|noise|of no use|no use|pointless|rubbish|junk|garbage)\b"
)
LIKEWISE = re.compile(
    r"(?:也是|也一样|也如此|同理|亦然|同样)(?=\s*[,，。;!]|\s*$)|\b(?:too|as well|likewise|also)(?=\s*[,.;!]|\s*$)"
)
"""Says that what went before holds for these columns too."""
ENOUGH = re.compile(
    r"(?:(?:喂给|给|交给|用来)(?:模型|model)?)?(?:做特征|当特征|作为?输入)?就(?:足?够|行|可以|好)(?:了|用)?(?=\s*[,，。;!]|\s*$)|足够了|\b(?:(?:is|are) all (?:you|it|we|the model) "
    r"(?:gets?|needs?|ha(?:s|ve)|may (?:use|see)|can (?:use|see))|(?:is|are) the only (?:inputs?|features?|columns?|things?)|"
    r"(?:is|are) (?:quite )?enough|(?:may|can|should|must) be used,? (?:and |but )?nothing (?:else|more)|will do|and that(?:'s| is) (?:it|all))\b"
)
"""Says behind a list of columns that they are the only inputs."""
ALLOWED = re.compile(
    r"\b(?:is|are)\s+(?:fair game|fine to use|ok(?:ay)? to use|allowed|permitted)\b|(?:都|也|倒)?(?:可以用|能用|可用|随便用)(?=[,，。;]|$)"
)
"""Says of columns that they may be used, which makes them no targets."""
ROWS = re.compile(
    r"大于|小于|超过|低于|高于|不足|不到|等于|以上|以下|缺失|为空|是空|空着|没填|异常|重复|[<>=]|的(?:客户|用户|人|行|记录|样本|数据|订单|患者|学生|那些|那批|那部分)|"
    r"\b(?:over|under|above|below|missing|empty|null|duplicate[ds]?|rows?|records?|samples?)\b"
)
"""Between a column and a verb of leaving out: rows are meant, not the column."""
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

ONLY_ZH = re.compile(
    r"(?:就|单|光|净|仅仅?|只(?:准|许|能|让|可以)?)(?:根据|凭借?|基于|靠|参考|依据|喂|给它)|就(?:用|看|拿)(?=[^,。;]{0,12}[、和与跟])|"
    r"只使用|只用到|只用|仅用|仅使用|只看|只考虑|只拿|光用|光看|单用|单看|只(?:准|许|能|可以)用|只让用"
)
FROM_ZH = re.compile(
    r"根据|基于|依据|依照|通过|利用|使用|凭借|凭|参考|结合|输入(?:是|为|特征)|特征(?:是|为|用|只要|只用|只有)|"
    r"(?<!够)用(?![户途量电水气时车工药])|拿|"
    r"从(?=[^0-9]*(?:预测|判断|估|推))"
)
FROM_EN = re.compile(
    r"\b(?:from|using only|only using|only use|use only|using just|just use|using|use|given|based on|"
    r"based only on|on the basis of|"
    r"with only|with just|by means of|as a function of|only from|out of|features?(?: are| is|:)|"
    r"predictors?(?: are|:)|inputs?(?: are|:)|"
    r"only consider|nothing but|relying on|considering|going by|judging by|taking into account|taking account of|in (?:the )?light of|based upon|looking only at|"
    r"(?:feed|give|show|hand) (?:it|the model)(?: only| just)?)\b(?!\s+(?:everything|all)\b)"
)
TAIL_VAGUE = re.compile(r"^\s*(?:等(?!于|级)|之类|什么的|etc\b|and so on|and the like|or so)")
TAIL_ONLY = re.compile(
    r"^\s*(?:columns?|fields?|features?|variables?)?\s*,?\s*(?:and\s+)?(?:\b(?:only|alone|nothing else|nothing more|no more than that|that's it|that is all|"
    r"that's all)\b|就(?:行|够了?|好|可以)|别的(?:都|一概|一律)?(?:不|别)|其(?:他|它|余)的?(?:都|一概|一律)?(?:不|别))"
)
TAIL_NOUN = re.compile(r"(?:\s+[a-z]+)?\s+(?:columns?|fields?|features?|variables?)\b")
HEADED = re.compile(r"[a-z]+ (?:to|of|from|in|on|for|at)(?: (?:the|a|an|its|their|our))? ")
"""What may stand before the word that names a column: "distance to the subway"."""
FED = re.compile(r"(?:feed|give|show|hand) ")
"""Cues that also start a report or a time limit ("give it an hour"): two columns or "nothing more" make them a list."""
LISTING = re.compile(r"根据|基于|依据|依照|凭|using|given|based")
"""Cues that name inputs even without a verb of learning, where two columns or more follow."""
CONJUNCTION = re.compile(r"和|与|及|跟|and|以及|还有")

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
GROUP_EACH = re.compile(
    r"\b(?P<same>[a-z]{3,})\s+by\s+(?P=same)\b|\b(?:each|every|per)\s+(?P<own>[a-z][a-z ]{1,24}?)\s+(?:on its own|by itself|separately|individually|in turn)\b|"
    r"\b(?:separately|individually|broken down|split|split out|one (?:line|curve|model|forecast|number|figure) (?:each )?)\s*(?:for (?:each|every)|per|by)\s+(?P<split>[a-z][a-z ]{1,24})|"
    r"逐[个条家台座名户站]?(?P<each>(?!日|月|周|季|年|天|步|渐|小时|分钟|行|一|预|估|分|训|算)(?:[\u4e00-\u9fff]{1,4}|[a-z_]{2,20}))|"
    r"(?:分|按)(?P<part>(?!类|组|群|布|析|钟|为|成|数|别|时|解|开|期|享|红|配|级|层|辨|离|清|天|日|月|周|季|年|小时|照)(?:[\u4e00-\u9fff]{1,5}?|[a-z_]{2,20}))(?:来|去|分别|各自|单独|逐个|拆开|拆分)(?:看|预测|预估|算|估|报|统计|做|出)?"
)
"""Asks for one series each, whatever else the sentence says."""
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
FAIR_BY = re.compile(r"\b(?:fair|fairness|fairly|unbiased|bias)(?= (?:by|across|between|with respect to)\b)")
MEMBERS = {
    "gender": re.compile(r"男|女|性别|\b(?:gender|sex|(?:wo)?m[ea]n|females?|males?|boys?|girls?|lad(?:y|ies)|gentlem[ae]n|sexes)\b"),
    "age": re.compile(
        r"老人|老年|老头|老太|年长|年轻|小年轻|中年|青年|大龄|岁数|年纪|年龄|长者|老的少的|老少|\b(?:elder(?:ly|s)?|seniors?|old(?:er)?|young(?:er|sters?)?|"
        r"age[sd]?|age groups?|pensioners?|retirees?)\b"
    ),
    "ethnicity": re.compile(r"民族|种族|少数族裔|肤色|\b(?:rac(?:e|es|ial)|ethnic\w*|minorit(?:y|ies)|skin colou?r)\b"),
    "region": re.compile(r"外地|本地|地域|外省|乡下|农村|城里|\b(?:regions?|regional|locals|out of town|rural|urban)\b"),
    "country": re.compile(r"国籍|外国|哪国|\b(?:foreign\w*|nationalit\w+|immigrants?|countr\w+)\b"),
    "education": re.compile(r"学历|\b(?:graduates?|educated|degrees?|schooling|education)\b"),
    "religion": re.compile(r"宗教|信仰|\b(?:relig\w+|faiths?)\b"),
    "disability": re.compile(r"残疾|残障|\b(?:disab\w+)\b"),
    "marital": re.compile(r"已婚|未婚|单身|婚姻|\b(?:married|single|marital)\b"),
}  # fmt: skip
"""Concept of a protected group → words for its members, which often stand instead of its name."""
CORRECTION = re.compile(
    r"\bno,? sorry\b|\bsorry,?\b|\bno,? wait\b|\bwait,?\b|\bi mean\b|\bi meant\b|\bor rather\b|\bmake that\b|"
    r"\bscratch that\b|\bactually,? no\b|\bactually\b|\brather\b(?! than)|"
    r"说错了|不对,?|哦不,?|啊不,?|应该是|应是|更正|改成|改为|换成|还是(?=用|预测)"
)
NOT_BUT = re.compile(
    r"不是([^,，。;是]{1,20})[,，]?\s*(?:而是|是|要|应该是)|\bnot\s+(?:the\s+)?([\w ]{1,30}?),?\s+but\b|"
    r"\b(?:instead of|rather than)\s+(?:the\s+)?(\w+)|(?:而)?不是([^,，。;是]{1,20})(?=[,，。;]|$)"
)
