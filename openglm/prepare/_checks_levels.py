"""One level written in several ways, and text that was decoded wrongly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

# Traditional → simplified for the characters that tables of people, places, goods and answers use; pairs side by side.
_PAIRS = (
    "東东臺台灣湾廣广門门龍龙慶庆陝陕蘇苏滬沪貴贵雲云內内遼辽寧宁長长濟济鄭郑漢汉業业員员學学國国華华醫医藥药電电腦脑"
    "機机車车買买賣卖價价錢钱銀银貨货單单號号類类級级區区縣县鄉乡鎮镇街街路路樓楼層层廳厅廚厨衛卫陽阳陰阴風风飛飞馬马"
    "魚鱼鳥鸟黃黄紅红綠绿藍蓝無无開开關关聯联網网絡络線线話话語语說说讀读寫写書书報报紙纸筆笔畫画圖图館馆場场廠厂農农"
    "軍军隊队警警務务經经營营財财產产資资貸贷債债費费稅税險险保保證证護护照照優优劣劣壞坏舊旧新新頭头髮发臉脸體体歲岁"
    "個个隻只條条張张塊块兩两雙双對对錯错數数據据庫库時时間间點点鐘钟週周際际際际離离婚婚獨独親亲婦妇兒儿孫孙爺爷媽妈"
    "問问題题應应該该為为與与從从來来過过還还進进遠远邊边這这裡里裏里麼么們们誰谁沒没給给讓让請请謝谢認认識识試试驗验"
    "練练習习師师傳传統统總总結结構构設设備备計计劃划組组織织團团會会議议權权責责獎奖懲惩罰罚盜盗竊窃殺杀傷伤病病瘋疯"
    "癥症癱瘫療疗術术診诊斷断檢检測测標标準准確确實实際际歷历曆历史史後后複复復复雜杂簡简單单難难輕轻軟软硬硬濕湿乾干"
    "熱热涼凉溫温氣气灰灰塵尘煙烟燈灯爐炉燒烧煉炼鐵铁鋼钢銅铜鋁铝錫锡鉛铅針针釘钉鍋锅鎖锁鏡镜鏈链錶表錄录鍵键鑰钥"
    "頁页項项順顺預预領领頻频顏颜額额願愿顧顾顯显飯饭飲饮飾饰養养餐餐餘余館馆駕驾駛驶騎骑驅驱驚惊骯肮髒脏鬆松鬧闹鮮鲜"
    "麗丽麥麦黨党齊齐齒齿龜龟達达運运遊游適适選选遞递遲迟郵邮釋释鑽钻閉闭閒闲閱阅隨随隱隐雞鸡響响頂顶須须歡欢殘残"
    "歸归殼壳氫氢漁渔滅灭滾滚滿满潔洁潤润澤泽災灾煩烦營营爭争牆墙狀状猶犹獲获環环現现瓊琼產产畢毕異异當当瘡疮發发"
    "監监盤盘眾众睏困矯矫碼码磚砖禮礼種种稱称穩稳窮穷競竞節节範范糧粮約约級级細细終终綜综維维緊紧編编緩缓縮缩績绩繁繁"
    "續续罷罢羅罗義义職职聲声聽听肅肃膚肤膽胆臨临舉举艙舱藝艺蘭兰處处虛虚蟲虫衝冲補补裝装製制見见規规視视覺觉觀观"
    "訂订討讨訓训記记許许訴诉詞词評评詢询詳详誤误課课調调談谈論论譯译貓猫負负貢贡貧贫貿贸賀贺賊贼賓宾賞赏賠赔賬账"
    "購购贈赠贏赢趕赶跡迹踐践軌轨軸轴較较載载輔辅輛辆輩辈輪轮輸输轉转轟轰辦办辭辞連连園园圓圆聖圣執执堅坚報报塗涂"
    "壓压壯壮夢梦夠够奪夺奮奋婁娄嬰婴寬宽審审寶宝將将專专尋寻導导屆届屬属島岛峽峡崗岗嶺岭帶带幫帮幹干幾几廢废廳厅"
    "彈弹強强彎弯徑径徵征徹彻恆恒惡恶態态慣惯憂忧憲宪懷怀戰战戲戏戶户拋抛挾挟捨舍掃扫採采換换揮挥損损搶抢擁拥擇择"
    "擊击擔担擬拟擴扩擾扰攜携攝摄敗败敵敌樣样樹树橋桥檔档欄栏"
)
SIMPLIFIED = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))
# What a finger may hit instead, on the usual keyboard; other single letters make other words ("inland", "island").
_ROWS = ("qwertyuiop", " asdfghjkl", "  zxcvbnm")
_BESIDE = {
    row[i]: "".join(other[max(0, i - 1) : i + 2] for other in _ROWS[max(0, j - 1) : j + 2]).replace(row[i], "")
    for j, row in enumerate(_ROWS)
    for i in range(len(row))
}
LONG = 6  # letters; shorter words have true neighbours (cat, car)
RARE = 20  # a typing mistake is at most 1/20 as frequent as the right word: our own, twice the usual rate of careful typists
RARE_SHARE = 0.02  # and in at most so many rows
MANY = 2000  # levels; above it is free text


def spellings(levels: Sequence[str], counts: Sequence[int]) -> dict[str, str]:
    """Return how levels that mean the same are called: variant → the most frequent way to write it.

    Case, blanks, full-width forms, hyphens and traditional characters do not make another level. A rare long word of Latin
    letters within one edit (Damerau) of a frequent one is a typing mistake, unless the edit touches a digit, the first
    letter or a word of a single letter; a letter in place of another must be its neighbour on the keyboard.

    Parameters
    ----------
    levels : sequence of str
        Different values of a category.
    counts : sequence of int
        Rows of each.
    """
    if len(levels) > MANY:
        return {}
    rows = {str(level): int(count) for level, count in zip(levels, counts, strict=True)}
    groups: dict[str, list[str]] = {}
    for level in rows:
        groups.setdefault(plain_level(level), []).append(level)
    best = {key: max(group, key=lambda level: (rows[level], level.istitle(), level)) for key, group in groups.items()}
    found = {level: best[key] for key, group in groups.items() for level in group if level != best[key]}
    totals = {key: sum(rows[level] for level in group) for key, group in groups.items()}
    for wrong, right in _typos(totals):
        found.update(dict.fromkeys(groups[wrong], best[right]))
    return found


def plain_level(level: str) -> str:
    """Return a level without what does not tell levels apart: width, case, outer and repeated blanks, "-" and "_"."""
    text = unicodedata.normalize("NFKC", level).casefold().translate(SIMPLIFIED)
    return re.sub(r"(?<=\w)[\s_\-]+(?=\w)", " ", re.sub(r"[\u200b\ufeff\xa0]", " ", text)).strip() or level


def _typos(totals: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Yield (rare, frequent) pairs of long words one edit apart."""
    total = sum(totals.values())
    long = [key for key in totals if len(key) >= LONG - 1 and key.isascii()]
    near: dict[str, list[str]] = {}
    for key in long:  # words one edit apart share a form with one letter left out (symmetric deletion)
        for form in {key, *(key[:i] + key[i + 1 :] for i in range(1, len(key)))}:
            near.setdefault(form, []).append(key)
    for wrong in sorted(long, key=lambda key: totals[key]):
        if totals[wrong] * RARE > max(totals.values()) or totals[wrong] > RARE_SHARE * total:
            continue
        forms = {wrong, *(wrong[:i] + wrong[i + 1 :] for i in range(1, len(wrong)))}
        others = {key for form in forms for key in near[form] if totals[key] >= RARE * totals[wrong]}
        right = [key for key in others if max(len(wrong), len(key)) >= LONG and _one_edit(wrong, key)]
        if right:
            yield wrong, max(right, key=lambda key: (totals[key], key))


def _one_edit(one: str, two: str) -> bool:
    """Say whether two words differ in one letter that may be a slip of the finger."""
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    end = 0
    while end < min(len(one), len(two)) - start and one[-1 - end] == two[-1 - end]:
        end += 1
    left, right = one[start : len(one) - end], two[start : len(two) - end]
    if start == 0 or re.search(r"[\d\W]", left + right):
        return False
    if _stands_alone(one, start, len(left)) or _stands_alone(two, start, len(right)):
        return False
    if len(left) == len(right) == 1:
        return right in _BESIDE.get(left, "")
    return max(len(left), len(right)) <= 1 or (len(left) == 2 and left == right[::-1])


def _stands_alone(text: str, start: int, length: int) -> bool:
    """Say whether the edited part is a whole word: "type a" and "type b" are no slips."""
    before, after = text[start - 1 : start], text[start + length : start + length + 1]
    return length > 0 and not before.isalnum() and not after.isalnum()


# ── damaged text ──

# UTF-8 read as cp1252 or Latin-1: a lead byte as Ã Â â å … and what a continuation byte becomes; U+FFFD; UTF-8 read as GBK.
_DAMAGED = re.compile(
    r"\ufffd|[\u00c2-\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u2013-\u203a\u20ac\u2122]|"
    r"â(?:€|\u0080)|[\u00e3-\u00e9][\u0080-\u00bf\u0152-\u0192\u2013-\u20ac\u2122]{2}|锟斤拷|烫烫烫|ï»¿"
)


def is_damaged(text: Any) -> bool:
    """Say whether a text was decoded with the wrong encoding: "CafÃ©", "锟斤拷"."""
    return isinstance(text, str) and not text.isascii() and bool(_DAMAGED.search(text))
