"""How a sentence wants the rows parted: "按客户分组验证", "validate on unseen patients", "train on the past, test on the future".

Words of validation must stand beside the group or the time: "predict churn by customer" and "分客户类型预测" part nothing; "grouped
by customer_id", where nothing is forecast, needs none if the column numbers things that come back. What is
found is masked before anything else is read, so that its words become neither target nor exclusion.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from openglm.core.words import Said
from openglm.understand._columns import Profile
from openglm.understand._lexicon import Lexicon
from openglm.understand._linker import Link, Linker
from openglm.understand._normalise import GAP, has_han, mask, stem, words_of

MOST = 4  # matches of one pattern that are followed up; a sentence has one
SURE = 0.9  # of a concept that names a group: "客户" is a customer, "单位" may be anything

_SETS = r"(?:训练|测试|验证|检验|校验)"
_TRY = r"(?:验证(?!码)|测试|检验|校验|回测|考核)"
_OWN = r"(?:的)?(?:所有|全部|多条|多次|任何)?(?:数据|记录|样本|行|观测|病历|检查|照片|图片|影像|订单|信息|资料|交易)?"
_G = r"(?P<g>[\u4e00-\u9fffa-z_][\u4e00-\u9fffa-z0-9_ ]{0,15}?)"
_SAME = r"(?:同一?(?:个|位|台|名|家|只|辆|块|条|批|套)?|相同的?|一样的|一个|每一?个|任何一?个?|任一)"
_CV = r"(?:(?:[kK五十三]|\d+)[折重-]?(?:fold)?)?(?:交叉)?"
_NOT = r"(?:不要|不能|不可以?|不得|不许|不允许|不应该?|不会|别|避免|勿|没有|没)"
_BOTH = (
    rf"(?:既(?:在|用于|用来|做|当|出现在)?{_SETS}|同时(?:在|出现在|用于|用来|属于|落在|进入)?[^,。;!?]{{0,6}}?{_SETS}|跨(?:越)?{_SETS}|"
    rf"一(?:部分|半|些)[^,。;!?]{{0,6}}{_SETS}|(?:出现在|落在|分到|进入?|跨)(?:两边|两侧|两个集合|多个?折|不同的?折))[^,。;!?]*"
)
_ONE_SIDE = r"(?:都|全|全部|必须|只能|要|应该?|得)*(?:放|分|落|留|待|出现|划|归)(?:在|到|进|入)?(?:同一|一)(?:个)?(?:侧|边|折|份|集合?|组|fold)(?:里|中|内)?"
_GROUPS_ZH = (
    # 按客户分组验证, 按病人做交叉验证, 按设备分组划分训练集
    rf"按(?:照)?\s*{_SAME}?{_G}(?:来|去)?(?:进行|做)?(?:分组|分块|分折|成组)(?:之?后|来|地|再|做|进行|的|,)*{_CV}(?:{_TRY}|切分|划分|拆分|分割|抽样)(?:集)?",
    rf"按(?:照)?\s*{_SAME}?{_G}(?:来|去)?(?:做|进行|的)*{_CV}(?:交叉|留出|折外|分组){_TRY}",
    rf"按(?:照)?\s*{_SAME}?{_G}(?:来|去|做|进行)*验证(?=$|[\s,。;!?|吧])",
    rf"按(?:照)?\s*{_SAME}?{_G}(?:来|去|做|进行)*(?:切分|划分|拆分|分割|分开)(?:成|为|出)?(?:数据集?|样本)?(?:成|为|出)?{_SETS}(?:集|数据)?(?:\s*(?:和|与|跟|及|/|、|\+)\s*{_SETS}(?:集|数据)?)*",
    rf"(?:训练集?\s*(?:和|与|跟|/|、)\s*(?:测试|验证)集?)(?:要|应该?|必须|请|得)?按(?:照)?\s*{_SAME}?{_G}(?:来|去|做|进行)*(?:切分|划分|拆分|分割|分开|分)",
    # 同一个病人的数据不要既训练又测试
    rf"{_SAME}{_G}{_OWN}(?:都|也|绝对|千万)?{_NOT}[^,。;!?]{{0,6}}?{_BOTH}",
    rf"(?:没有|不要有|不能有|不会有|避免){_SAME}?{_G}{_OWN}(?:同时)?(?:既)?(?:出现)?(?:在|于)?{_SETS}集?(?:和|与|跟|又|、){_SETS}集?[^,。;!?]*",
    rf"(?:没有|避免|不要让?|不能让?|别让|防止){_SAME}?{_G}{_OWN}{_BOTH}",
    rf"{_SAME}?{_G}{_OWN}{_NOT}同时(?:出现)?(?:在|于)?{_SETS}集?[^,。;!?]*{_SETS}[^,。;!?]*",
    rf"{_SAME}{_G}{_OWN}{_ONE_SIDE}",
    rf"{_SAME}{_G}{_OWN}(?:只能|只|仅)(?:出现|放|分|留)?(?:在|到)?{_SETS}集?(?:或者?|/){_SETS}集?(?:里|中)?(?:之一)?",
    rf"(?:训练集?\s*(?:和|与|跟|/|、)\s*(?:测试|验证)集?)(?:里|中|之间|上)?(?:的)?{_NOT}(?:有|出现|共享|包含)?{_SAME}(?:的)?{_G}(?=$|[\s,。;!?|])",
    rf"(?:训练集?\s*(?:和|与|跟|/|、)\s*(?:测试|验证)集?)(?:里|中|之间|上)?(?:的)?{_G}{_NOT}(?:有)?(?:重叠|重复|重合|交叉|交集|相同)",
    # 用没见过的客户验证, 留一台机器出来测试
    rf"(?:用|拿|在|以|对)?(?:从?没有?(?:见|出现|训练|学)过|从未(?:见|出现)过|未(?:曾)?(?:见|出现)过?|全新|新)的?{_G}{_OWN}(?:上|身上|里)?(?:来|去|做|进行|作为|当)*{_TRY}(?:集|模型|效果)?",
    rf"(?:每次)?留(?:出|下)?(?:一|1|几|若干|部分)(?:个|台|位|名|家|只|批|部分)?{_G}(?:不参与训练)?(?:出来|不训练)?(?:法|来|做|当|作为|用于|用来|的)*(?:交叉)?{_TRY}(?:集)?",
    rf"用(?:一部分|一些|部分|一半)的?{_G}{_OWN}(?:来|做)?训练\s*[,，]?\s*(?:再|然后)?用?(?:另一部分|另一些|另外一些|其余|剩下|另一半|其他)的?{_OWN}(?:\w{{0,4}}?){_TRY}",
)
_LOOSE_GROUPS_ZH = (
    rf"(?:数据|样本|行)?按(?:照)?\s*{_SAME}?{_G}(?:来|去|做|进行)*(?:切分|划分|拆分|分割)(?:数据集?|样本)?(?=$|[\s,。;!?|吧])",
)
_NUMBERED_ZH = (
    rf"(?:(?<=[\s,，。;!?|])|^(?=[^,，。;!?]*[\s,，。;]))(?:请|并|再|要|需要)*按(?:照)?\s*{_SAME}?{_G}(?:来|去|进行|做)*分组(?:即可|就行|吧)?(?=$|[\s,，。;!?|])",
)
_NUMBERED_EN = (
    r"(?<![a-z_])group(?:ed|ing)?\s+by\s+(?:the\s+|each\s+)?(?P<s>[a-z][a-z0-9_]*)(?:\s+column)?(?=\s*(?:$|[,.;!?|]))",
)
"""Words of grouping alone; they count for a column that numbers things ("customer_id"), others may be one model or sum for each."""
_LENGTH = r"(?:(?:\d+(?:\.\d+)?|[一二两三四五六七八九十半几])?\s*个?(?:多)?(?:天|日|周|星期|月|季度?|年|小时|班次)(?:左右|内)?|\d+(?:\.\d+)?\s*%|[一二两三]成|五分之一|四分之一|十分之一|一段时间?|一部分|那?部分)"
_DATA = r"(?:的)?(?:数据|记录|样本|行|订单|交易|部分)?"
_LATE = r"(?:最近|最后|最新|最晚|近期|近|末尾|后面|后|靠后|晚|较新|较晚|新)"
_DO = r"(?:来|去|做|作为|当作?|留作?|留着|留出来?|用于|用来|拿来|进行|上|单独|给|成|一下)*"
_TIMES_ZH = (
    rf"(?:用|拿|以|把|将|在|留出?|保留)?{_LATE}(?:的)?(?:这|那)?(?:{_LENGTH}{_DATA}|(?:的)?(?:数据|记录|样本))(?:留出来|留着)?[,，]?{_DO}{_TRY}(?:集|数据|样本)?",
    rf"(?:用|拿|在)?(?P<m1>(?:用|拿|在)?(?:过去|以前|历史|早期|早些?|前面|之前|老|旧|先前|(?:19|20)\d\d\s*年?)(?:那?一?段?时间?)?{_DATA}(?:上|来|去|做)*(?:训练|学习?|建模|拟合))(?:模型)?\s*[,，;]?\s*(?:再|然后|而|和|并)?"
    rf"(?P<m2>(?:用|拿|在)?(?:未来|之后|以后|后面|后来|后续|最近|近期|新|将来|较新|(?:19|20)\d\d\s*年?)(?:那?一?段?时间?)?{_DATA}(?:上|来|去|做)*{_TRY}(?:集)?)",
    rf"按(?:照)?\s*(?P<t>[\u4e00-\u9fffa-z_][\u4e00-\u9fffa-z0-9_ ]{{0,11}}?)(?:的)?(?:先后|顺序|早晚|前后)*(?:来|去|做|进行|的)*{_CV}(?:切分|划分|拆分|分割|分|切|{_TRY}|交叉{_TRY})(?:成|出)?(?:数据集?)?(?:成|为|出)?(?:{_SETS}(?:集|数据)?(?:\s*(?:和|与|跟|及|/|、)\s*{_SETS}(?:集|数据)?)*)?",
    rf"(?:做|用|采用|使用)?(?:时间外|跨期|跨时间|时间序列式?|时序|时间顺序|滚动(?:窗口)?|前推|滑窗|oot)(?:的)?(?:交叉)?(?:{_TRY}|切分|划分|拆分|分割)(?:集)?",
    rf"{_TRY}集(?:就|都|要|只)?(?:用|拿|取|选|是|为){_LATE}(?:的)?(?:这|那)?{_LENGTH}{_DATA}(?:的)?",
    r"(?:不要|不能|别|不得|避免|防止|不许)(?:用|拿|让|使用)?(?:未来|将来|以后|后面)(?:的)?(?:数据|信息|样本)?(?:来|去)?(?:预测|训练|学|推|泄露到?|泄漏到?|猜)(?:过去|以前|之前|历史)",
)
_RANDOM_ZH = (
    rf"(?:按[\d:: ]+的?比例)?(?:就|直接|采用|使用|用|做)?(?:完全|纯)?随机(?:地|来|打乱(?:后|再|,)?|抽样)?(?:来|去|做|进行|的)*(?:切分|划分|拆分|分割|分成|分为|留出{_TRY}?|交叉{_TRY}|{_TRY})"
    rf"(?:数据集?|样本)?(?:成|为|出)?(?:{_SETS}(?:集|数据)?(?:\s*(?:和|与|跟|及|/|、)\s*{_SETS}(?:集|数据)?)*|就行|即可)?",
)

_X = r"(?P<g>[a-z\u4e00-\u9fff][a-z0-9_\u4e00-\u9fff]*(?:[ -][a-z0-9_]+){0,2})"
_ONE = r"(?P<g>[a-z][a-z0-9_]*(?:[ -][a-z0-9_]+)?)"
_VALIDATE = (
    r"(?:(?:cross|re)?[- ]?validat(?:e|es|ed|ing|ion)|cv|k-?folds?|\d+-?folds?|hold-?out|back-?test(?:s|ed|ing)?)"
)
_TEST = r"(?:(?:cross[- ]?)?validat(?:e|es|ed|ing|ion)|test(?:s|ed|ing)?|evaluat(?:e|es|ed|ing|ion)|assess(?:ed|ing)?|measured?|judged?|verif(?:y|ied)|back-?test(?:ed|ing)?|generali[sz]es?|check(?:ed)?(?= (?:it|the model|this|that|on)))"
_BOTH_EN = (
    r"(?:both (?:the )?(?:sides|sets|parts|splits?|folds)|(?:both )?(?:the )?train\w*(?: sets?| data| part| fold)?,? ?(?:and|&|/|or|nor|as well as) ?(?:in |the )*(?:test|valid|evaluat|hold)\w*(?: sets?| data| part| fold)?|"
    r"(?:more than|two|several|different|multiple) (?:one )?(?:folds?|sides?|splits?|sets?|parts?))"
)
_ONE_EN = r"(?:(?:the )?same|one|a single) (?:side|fold|part|split|set|partition)(?: of the split)?"
_ROWS_EN = r"(?:'s?|s')?(?: (?:rows|records|data|samples|visits|measurements|images|orders|readings|observations|transactions))?"
_AGAINST = r"(?:it|the model|this|them|performance|quality|everything|results?)"
_GROUPS_EN = (
    rf"\bgroup(?:ed)?[- ]?(?:k-?fold|cv|cross[- ]?validation|validation|split|shuffle split|hold-?out)s?\s+(?:by|on|per|along|over|with|using|for)\s+(?:the )?{_X}",
    rf"\b(?:(?:please|do|use|run|with|and)\s+)?{_VALIDATE}\s+(?:{_AGAINST}\s+)?(?:is |are |should be |must be |be )?(?:grouped |split |done |made |stratified )?(?:by|per|across|along)\s+(?:the )?(?:whole |entire |each )?{_X}",
    rf"\b(?:train(?:ing)?\s*(?:and|/|&|-)\s*(?:test|validation)\w*(?:\s+(?:split|sets?|data))?|(?:the )?folds)\s+(?:is |are |should be |must be |be )?(?:grouped |split |made |cut |divided |drawn )*(?:by|per|along)\s+(?:the )?{_X}",
    r"\bgroup(?:ed)?\s+(?:the (?:rows|data)\s+)?by\s+(?:the )?(?P<s>[a-z][a-z0-9_]*)\s+(?:for|in|when|during)\s+(?:the |your |our )*(?:train\w*[-/ ](?:and )?test\w*\s*|cross[- ]?|k-?fold\s+)*(?:splits?|splitting|validation|validating|cv|folds)\b",
    rf"\b{_TEST}\s+(?:{_AGAINST}\s+)?(?:on|against|with|using|to|for|over)\s+(?:only\s+)?(?:the\s+|some\s+)?(?:completely\s+|entirely\s+|totally\s+|whole\s+)*"
    rf"(?:unseen|new|never[- ]seen|unknown|other|different)\s+{_ONE}",
    rf"\b{_TEST}\s+(?:{_AGAINST}\s+)?on\s+(?:the )?{_ONE}\s+(?:that|which|who|whom)?\s*(?:it|the model)?\s*(?:has|have|was|were|had|is|are)?\s*(?:never|not|n't)\s+(?:been\s+)?(?:seen|trained|known|in train\w*|used)(?: (?:on|before|in training))*",
    rf"\bhold(?:ing)?\s+out\s+(?:(?:some|a few|\d+ ?%(?: of)?|whole|entire|complete|all|one|the)\s+)*(?:whole|entire|complete)\s+{_ONE}",
    r"\bleave[- ](?:one|1|p|some)[- ](?P<g>[a-z][a-z0-9_]*(?:[ -][a-z0-9_]+)?)[- ]out(?:\s+(?:style|cross[- ]?validation|validation|cv|split|testing))*",
    rf"\b(?:no|never|not (?:a|any|one)|(?:make sure|ensure|so) that no|the same|same|one|any|a|each|every)\s+(?:single\s+)?{_ONE}{_ROWS_EN}\s+(?:is|are|be|appears?|shows? up|must|should|may|can(?:not|'t)?|ends? up|in|on|lands?|sits?|never|goes|occurs?|spans?|falls?|shared|mustn't|shouldn't|does)"
    rf"[^.;!?]{{0,32}}?(?:{_BOTH_EN})",
    rf"\b{_ONE}{_ROWS_EN}\s+(?:must not|mustn't|should not|shouldn't|may not|cannot|can't|never|do not|don't)\s+(?:\w+ ){{0,3}}?(?:in |on |between |across |of )?(?:the )?(?:{_BOTH_EN})",
    rf"\b(?:keep|put|have|leave|place)\s+(?:all |the )*(?:rows|records|data|visits|samples|measurements|images|orders|readings|observations|transactions)\s+(?:of|from|for|belonging to)\s+(?:a|an|one|each|every|the same|any)\s+(?:single\s+)?{_ONE}"
    rf"\s+(?:together(?:\s+(?:in|on)\s+{_ONE_EN})?|(?:in|on|into)\s+{_ONE_EN})",
    rf"\b(?:each|every|a|one|the same)\s+{_ONE}{_ROWS_EN}\s+(?:must|should|has to|have to|is|are|stays?|goes|be|needs? to)\s+(?:\w+ ){{0,3}}?(?:in|on|into)\s+{_ONE_EN}",
    rf"\bkeep\s+(?:each |every |all |the )*{_ONE}{_ROWS_EN}\s+(?:together\s+)?(?:in|on|within)\s+{_ONE_EN}",
    rf"\bno\s+{_ONE}\s+overlap\s+(?:between|across|in|of)\s+(?:the )?(?:train\w*|folds|splits?|sets?)(?:[ ,]*(?:and|/|&)[ ]*(?:the )?(?:test|valid|evaluat|hold)\w*)?(?: sets?| data)?",
    rf"\b(?:no|avoid|prevent|without)\s+(?:any\s+)?(?:leak(?:s|age|ing)?|overlap)\s+(?:across|between|of|over)\s+(?:the )?{_ONE}",
    rf"\b(?:do not|don't|never)\s+train\s+and\s+(?:test|validate|evaluate)\s+on\s+the\s+same\s+{_ONE}",
    r"\b(?P<s>[a-z][a-z0-9_]*)[- ](?:level|wise|based|grouped|disjoint|independent)\s+(?:train[-/ ]test\s+|train/validation\s+|k-?fold\s+|group\s+|hold-?out\s+)*(?:splits?|splitting|validation|cross[- ]?validation|cv|folds|hold-?out)\b",
    rf"\btrain\s+(?:it |the model )?on\s+(?:some|most|a few|half|part)(?: of)?(?: the)?\s+(?P<s>[a-z][a-z0-9_]*)\s*(?:,|and|,\s*and|then)\s*(?:then\s+)?{_TEST}\s+(?:it |the model )?on\s+(?:the\s+)?(?:others?|rest|remaining(?: ones)?|different ones|new ones|remainder)",
)
_LOOSE_GROUPS_EN = (
    rf"(?:(?<=[,.;:!?|()])\s*|^\s*|\b(?:and|please|then|but|must|should|to|data|rows|be|it|is|are)\s+)(?:the data )?(?:split|divide|partition)\s+(?:the )?(?:data |rows |it |them |everything |table |dataset )?(?:by|per|on|along)\s+(?:the )?(?:whole |entire )?{_X}",
)
_PAST_EN = r"(?:past|old(?:er|est)?|earlier|earliest|early|previous|history|historical|first|prior|(?:19|20)\d\d)"
_LATE_EN = r"(?:future|recent|newer|newest|latest|later|last|most recent|what came (?:later|after)|what comes (?:later|after)|following|subsequent|final|(?:19|20)\d\d)"
_LENGTH_EN = r"(?:(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|few|couple of)\s+)?(?:hours?|days?|weeks?|fortnights?|months?|quarters?|years?|seasons?)(?:'s?)?(?: worth)?(?: of (?:the )?(?:data|rows|records))?"
_PART_EN = r"(?:\d+(?:\.\d+)?\s*(?:%|percent)(?: of (?:the )?(?:data|rows|records))?|fifth|quarter|third|tenth|(?:data|rows|records|samples|part|period|portion|observations|transactions|ones))"
_TAIL_EN = rf"(?:the\s+)?(?:most recent|last|latest|newest|final|past|previous)\s+(?:{_LENGTH_EN}|{_PART_EN})(?:\s+(?:data|rows|records))?"
_TIMES_EN = (
    r"\b(?:(?:use|with|do|using|a|an)\s+)*(?:time[- ](?:based|ordered|aware|wise|series|respecting)|temporal|chronological|out[- ]of[- ]time|rolling(?:[- ](?:origin|window))?|walk[- ]forward|expanding[- ]window|forward[- ]chaining)[- ]+"
    r"(?:train[-/ ]test\s+|k-?fold\s+|hold-?out\s+|cross[- ]?)*(?:splits?|splitting|validation|validate|cv|hold-?out|test(?:ing|s)?(?: set)?|back-?test(?:ing)?|evaluation)\b",
    r"\btime[- ](?:split|hold-?out|cv|validation)s?\b|\btimeseriessplit\b|\bforward chaining\b|\b(?:split|validate|cross[- ]?validate|divide|partition)\s+(?:(?:the )?(?:data|rows|it|them|table|train(?:ing)? and test(?:ing)?)\s+)?(?:chronologically|temporally|over time|in time|along time|in (?:time|chronological) order)\b",
    rf"\btrain(?:ed|ing)?\b(?P<gap>[^.;!?,]{{0,40}}?)(?P<m1>\b(?:on|with|using|from)\s+(?:the\s+|only\s+)*{_PAST_EN}(?:\s+(?:data|rows|records|ones|part|{_LENGTH_EN}|half))?)\b[^.;!?]{{0,12}}?(?P<m2>\b{_TEST}\s+(?:{_AGAINST}\s+)?(?:on|with|using|against)\s+(?:the\s+|only\s+)*{_LATE_EN}(?:\s+(?:data|rows|records|ones|part|{_LENGTH_EN}|half))?)\b",
    rf"\b(?:{_TEST}|hold(?:ing)?\s+out|set(?:ting)?\s+aside|seal)\s+(?:{_AGAINST}\s+)?(?:(?:on|with|using|over|against)\s+)?(?:only\s+)?{_TAIL_EN}(?:\s+(?:for|as)\s+(?:the\s+|a\s+)?(?:{_TEST}|hold-?out)(?:\s+(?:set|data))?)?",
    rf"\b(?:use|keep|take|reserve|save|leave|with|put)?\s*{_TAIL_EN}\s+(?:aside\s+|out\s+|back\s+)?(?:(?:for|as|to|in|into)\s+)?(?:the\s+|a\s+|our\s+)?(?:{_TEST}|hold-?out|validation|test)(?:\s+(?:set|data|part))?",
    rf"\b{_VALIDATE}\s+(?:{_AGAINST}\s+)?(?:by|along|on|over)\s+(?:the )?(?P<t>time|dates?|calendar time|months?|years?|weeks?|days?|[a-z]+_(?:date|time|at|day|month|year))\b",
    r"\b(?:split|divide|partition)\s+(?:(?:the )?(?:data|rows|it|them|table|train(?:ing)? and test(?:ing)?(?: sets?)?)\s+)?(?:by|along|on)\s+(?:the )?(?P<t>time|dates?|calendar time|years?|months?|(?:[a-z]+ )?dates?|[a-z]+_(?:date|time|at|day|month|year))\b",
    r"\b(?:do not|don't|never)\s+(?:use|let|train on|learn from)\s+(?:the\s+)?future\s+(?:data\s+|rows\s+)?(?:to\s+)?(?:predict|leak into|explain|for|guess)\s+(?:the\s+)?past\b|\bno\s+(?:peeking|looking|peek|leak(?:age)?)\s+(?:into|from|at)\s+the\s+future\b",
)
_RANDOM_EN = (
    r"\b(?:(?:use|with|do|just|using|a|an|the|plain|simple|purely|pure)\s+)*random(?:ly|i[sz]ed)?[- ](?:train[-/ ]test\s+|stratified\s+|k-?fold\s+|shuffled?\s+|cross[- ]?|80/20\s+|70/30\s+|\d\d[/:-]\d\d\s+)*(?:splits?|splitting|folds|validation|validate|hold-?out|partition)\b",
    r"\b(?:split|divide|partition|validate|shuffle and split)\s+(?:(?:the )?(?:data|rows|it|them|table|dataset|train(?:ing)? and test(?:ing)?(?: sets?)?)\s+)?(?:\d\d[/:-]\d\d\s+)?(?:completely\s+|purely\s+|just\s+)?(?:at random|randomly)\b|\bshuffled? (?:split|folds|cross[- ]?validation)\b",
)
_NEGATED = re.compile(
    r"(?:不要|别|不用|无需|不必|不需要|勿|不能|不是|而不是|而非|不再|禁止|拒绝|取消|不)\s*(?:再|做|用|采用|使用)?\s*$|"
    r"(?:\b(?:do not|don't|dont|no need (?:to|for)|not|never|no|without|instead of|rather than|avoid|stop|drop|forget|skip|no longer|nothing like)\s+(?:a |an |the |any |use |using |do |doing |to |be )*)$"
)
_TIME_WORD = re.compile(
    r"(?:时间|日期|先后|年份|月份|时序|发生)*(?:时间|日期|先后|顺序|年份?|月份?|时序|早晚)|time|dates?|calendar time|months?|years?|weeks?|days?"
)
_FILLED = re.compile(
    r"^(?:the|a|an|each|every|same|whole|entire|different|individual|single|不同的?|各个?|每一?个?|同一?个?|整个?|(?:真|其)实|完整的?)\s*|"
    r"\s*(?:columns?|fields?|levels?|列|字段|的|为单位|维度|这一?列|粒度|级别?)$"
)
_NUMBERING = re.compile(
    r"(?<=[\w])[\s_\-]*(?:(?P<id>ids?|no|nr|num|number|code|key|uuid|hash|ref|编号|编码|号码?|代码|标识)|(?P<name>name|姓名|名称|名字|名))$"
)
_KNOWN_AS = {
    "学号": "student", "工号": "employee", "病历号": "patient", "住院号": "patient", "就诊号": "patient", "mrn": "patient", "subject": "patient",
    "vin": "vehicle", "车牌": "vehicle", "车牌号": "vehicle", "uid": "customer", "会员号": "customer", "unit": "machine", "engine": "machine",
}  # fmt: skip
"""Names, without their "id", that stand for a concept which the lexicon does not give them."""
_ABOUT_PERSON = re.compile(
    r"birth|born|\bdob\b|出生|生日|expir|valid|到期|有效期|until"
)  # dates that do not say when a row happened
_CLOCKS = re.compile(
    r"(?:^|_)(?:years?|date|time|timestamp|month|period|yearmonth|year_month)$|年份|年月|^年$|月份|时间$|日期$"
)


@dataclass
class Splits:
    """How the rows are to be parted, with the words that say so (folded positions).

    Parameters
    ----------
    group, time : Link or None
        Column whose rows stay together, column along which past and future part.
    random : (int, int) or None
        Words that ask for parts drawn at random.
    unmet : list of (int, int, Said)
        Words that no column fits, with the reason.
    spans : list of (int, int)
        Words that are spoken for.
    """

    group: Link | None = None
    time: Link | None = None
    random: tuple[int, int] | None = None
    unmet: list[tuple[int, int, Said]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.group or self.time or self.random)


def read_splits(folded: str, linker: Linker, lexicon: Lexicon, rows: int, ahead: Callable[[str], bool]) -> Splits:
    """Return how a sentence wants the rows parted.

    Parameters
    ----------
    folded : str
        The sentence.
    linker, lexicon : Linker, Lexicon
        Of the table and the preset.
    rows : int
        Of the table.
    ahead : callable
        Whether a text looks into the future: there "split by store" asks for one series each.
    """
    reader = _Reader(folded, linker, lexicon, rows)
    reader.random()
    reader.times()
    reader.groups(_GROUPS)
    if not ahead(reader.text):
        reader.groups(_LOOSE)
        reader.groups(_NUMBERED, numbered=True)
    found = reader.found
    if found.group or found.time:  # "split randomly by customer": customers are drawn at random
        found.random = None
    return found


class _Reader:
    """Reads the patterns of one text, the surest first."""

    def __init__(self, text: str, linker: Linker, lexicon: Lexicon, rows: int) -> None:
        self.text, self.linker, self.lexicon, self.rows = text, linker, lexicon, rows
        self.found = Splits()

    def _take(self, *spans: tuple[int, int]) -> None:
        self.found.spans += spans
        self.text = mask(self.text, list(spans))

    def _matches(self, patterns: tuple[re.Pattern[str], ...]) -> list[re.Match[str]]:
        """Return the matches of each pattern; one that is denied is masked, so that it asks for nothing."""
        made: list[re.Match[str]] = []
        for m in (m for pattern in patterns for m in islice(pattern.finditer(self.text), MOST)):
            if GAP in self.text[m.start() : m.end()]:
                continue
            denied = _NEGATED.search(self.text, max(0, m.start() - 24), m.start())
            if denied is None:
                made.append(m)
            elif self._about(m):
                self._take((denied.start(), m.end()))
        return made

    def _about(self, m: re.Match[str]) -> bool:
        """Say whether a match names things or a time, or needs to name none."""
        names = [m[name] for name in ("g", "s", "t") if name in m.re.groupindex and m[name]]
        return not names or any(self._named(name) or self._group(name) for name in names)

    def random(self) -> None:
        for m in self._matches(_RANDOM):
            self.found.random = self.found.random or m.span()
            self._take(m.span())

    def times(self) -> None:
        for m in self._matches(_TIMES):
            if GAP in self.text[m.start() : m.end()]:
                continue
            said = m["t"].strip() if "t" in m.re.groupindex and m["t"] else ""
            column = self._time(said)
            if column is None and said and not _TIME_WORD.fullmatch(said):
                continue  # "按客户切分" is about a group
            spans = [m.span(name) for name in ("m1", "m2")] if "m1" in m.re.groupindex and m["m1"] else [m.span()]
            if column is None:
                self.found.unmet.append((spans[0][0], spans[-1][1], NO_TIME))
            else:
                self.found.time = self.found.time or Link(column, SURE, "concept", tuple(spans))
            self._take(*spans)

    def groups(self, patterns: tuple[re.Pattern[str], ...], *, numbered: bool = False) -> None:
        """Read groups; ``numbered`` takes only columns whose name says that they number things."""
        for m in self._matches(patterns):
            if self.found.group is not None or GAP in self.text[m.start() : m.end()]:
                continue
            name = "s" if "s" in m.re.groupindex else "g"
            options = list(self._pieces(*m.span(name)))
            for start, end in options:
                profile = self._group(self.text[start:end])
                if profile is None or (numbered and not _numbers_things(profile)):
                    continue
                stop = end if m.end(name) == m.end() else m.end()
                if profile.column.n_unique < 2:
                    self._unmet(m.start(), stop, _single(profile.name))
                elif profile.column.n_unique >= self.rows:
                    self._unmet(m.start(), stop, _unique(profile.name))
                else:
                    self.found.group = Link(profile.name, SURE, "concept", ((m.start(), stop),))
                    self._take((m.start(), stop))
                break
            else:
                if numbered:
                    continue
                thing = next(((s, e) for s, e in options if self._named(self.text[s:e])), None)
                if thing:
                    stop = thing[1] if m.end(name) == m.end() else m.end()
                    self._unmet(m.start(), stop, _no_group(self.text[slice(*thing)].strip()))

    def _unmet(self, start: int, end: int, reason: Said) -> None:
        self.found.unmet.append((start, end, reason))
        self._take((start, end))

    def _pieces(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the words of a group's name, the longest first: "customer and then" is a customer."""
        text = self.text[start:end]
        if has_han(text):
            return [(start, end)]
        return [(start, start + m.start()) for m in reversed(list(re.finditer(r"(?=[ -])|$", text))) if m.start()]

    # -- columns -------------------------------------------------------------------------------------------------

    def _time(self, said: str) -> str | None:
        """Return the column that says when a row happened: the one named, else the first date that is no birthday."""
        profiles = self.linker.profiles
        if said and not _TIME_WORD.fullmatch(said):
            return next(
                (
                    link.column
                    for link in self.linker.links(said)
                    if link.score >= 0.4 and (_is_clock(self.linker.by_name[link.column]))
                ),
                None,
            )
        dates = [profile for profile in profiles if profile.column.role == "date"]
        dates = [profile for profile in dates if not _ABOUT_PERSON.search(profile.folded)] or [
            profile for profile in profiles if profile.column.role != "date" and _is_clock(profile)
        ]
        return dates[0].name if dates else None

    def _group(self, said: str) -> Profile | None:
        """Return the column whose values are the things named; of several that come back, the plainest name."""
        said = _bare(said)
        if not said:
            return None
        meant = self._concepts(said)
        best: tuple[int, int, Profile] | None = None
        for profile in self.linker.profiles:
            column = profile.column
            if column.role in ("date", "empty") or column.dtype in ("float", "bool") or column.n_unique < 1:
                continue
            name = re.sub(r"(?<=[a-z])(?=\d+$)", "_", profile.folded)
            number = _NUMBERING.search(_apart(profile.name))
            body = _apart(profile.name)[: number.start()].strip(" _-") if number else _apart(profile.name)
            if _same(said, name) or _same(said, _apart(profile.name)):
                rank = 0
            elif _same(said, body) or meant & (self._concepts(body) | self._concepts(profile.folded)):
                rank = 1 if number is None else 2 if number["id"] else 3
            else:
                continue
            key = rank + 10 * (column.n_unique >= self.rows or column.n_unique < 2), profile.position
            if best is None or key < best[:2]:
                best = *key, profile
        return best[2] if best else None

    def _concepts(self, text: str) -> set[str]:
        """Return what a name means as a whole."""
        text = text.strip()
        hits = self.lexicon.concepts.find(text, words_of(text))
        whole = {hit.key for hit in hits if hit.weight >= SURE and (hit.start, hit.end) == (0, len(text))}
        return whole | ({_KNOWN_AS[text]} if text in _KNOWN_AS else set())

    def _named(self, said: str) -> bool:
        """Say whether words name things that rows can belong to, or a time."""
        said = _bare(said)
        return bool(_TIME_WORD.fullmatch(said)) or any(
            self.lexicon.natures.get(concept) == "entity" for concept in self._concepts(said)
        )


def _bare(said: str) -> str:
    """Return the words without "the", "each" and "column"."""
    said, before = said.strip(), ""
    while said != before:
        before, said = said, _FILLED.sub("", said).strip()
    return said


def _apart(name: str) -> str:
    """Return a name in lower case, its words apart: "customerID" → "customer id"."""
    return re.sub(r"[\s_\-]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.strip())).casefold()


def _same(said: str, name: str) -> bool:
    left, right = re.split(r"[\s_\-]+", said), re.split(r"[\s_\-]+", name)
    return len(left) == len(right) and all(a == b or stem(a) == stem(b) for a, b in zip(left, right, strict=True))


def _numbers_things(profile: Profile) -> bool:
    """Say whether a column's name ends in "id", "编号" and the like."""
    number = _NUMBERING.search(_apart(profile.name))
    return number is not None and bool(number["id"])


def _is_clock(profile: Profile) -> bool:
    column = profile.column
    return column.role == "date" or (column.role == "numeric" and bool(_CLOCKS.search(profile.folded)))


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


_GROUPS, _LOOSE = _compiled(*_GROUPS_ZH, *_GROUPS_EN), _compiled(*_LOOSE_GROUPS_ZH, *_LOOSE_GROUPS_EN)
_NUMBERED = _compiled(*_NUMBERED_ZH, *_NUMBERED_EN)
_TIMES, _RANDOM = _compiled(*_TIMES_ZH, *_TIMES_EN), _compiled(*_RANDOM_ZH, *_RANDOM_EN)

NO_TIME = Said(
    en="The table has no column that says when a row happened, so the rows are not split along time.",
    zh="表中没有表示发生时间的列,因此没有按时间划分。",
)


def _no_group(words: str) -> Said:
    return Said(
        en=f"No column says which {words} a row belongs to, so the rows are not split by it.",
        zh=f"表中没有表示“{words}”的列,因此没有按其分组划分。",
    )


def _unique(name: str) -> Said:
    return Said(
        en=f"Every row has a '{name}' of its own, so there is nothing to keep together.",
        zh=f"每一行的“{name}”都不相同,没有需要放在一起的行。",
    )


def _single(name: str) -> Said:
    return Said(
        en=f"All rows have the same '{name}', so they cannot be split by it.",
        zh=f"所有行的“{name}”都相同,无法按其分组划分。",
    )
