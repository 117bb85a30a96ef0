"""Personal data: which column holds names, phone numbers, mail addresses, numbers of cards and papers; and how a value is masked.

Looks at a sample of distinct values, never at all rows. A shape that anything may have (a run of digits, some words) counts
only with a checksum, a known prefix or a name of the column that says so.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date

from openglm.core.finding import Finding
from openglm.core.schema import Column
from openglm.core.words import Said

SAMPLE = 300
"""Distinct values looked at; the standard error of a share is then below 3 %."""
MOST = 0.8
"""Share of them that must fit. Our own choice: one value in five may be blank, cut off or mistyped."""
FEW = 3
"""Different starts of phone numbers that a column without a telling name must show: running numbers share one."""
TITLED = 0.5
"""Share of Latin names with a title or a comma that speaks for people where the column is just called "name"."""
LONG = 6
"""Characters that an address has on average at least; shorter values are codes, such as U and R for urban and rural."""

KINDS: dict[str, Said] = {
    "name": Said(en="names of people", zh="姓名"),
    "phone": Said(en="phone numbers", zh="电话号码"),
    "email": Said(en="mail addresses", zh="电子邮箱"),
    "id_card": Said(en="numbers of identity papers", zh="身份证件号码"),
    "bank_card": Said(en="numbers of bank cards", zh="银行卡号"),
    "address": Said(en="addresses", zh="地址"),
    "ip": Said(en="network addresses (IP)", zh="网络地址 (IP)"),
    "plate": Said(en="licence plates", zh="车牌号"),
}
"""Sort of personal data (:attr:`openglm.core.schema.Column.personal`) → what it is called."""

# ── values ──

_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[A-Za-z]{2,}")
# Ministry of Industry and Information Technology, numbering plan: segments given to mobile networks.
_MOBILE = re.compile(r"(?:\+?86)?1(?:3\d|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])\d{8}")
_ABROAD = re.compile(r"\+[1-9]\d{7,14}")  # ITU-T E.164: at most 15 digits
_NORTH_AMERICA = re.compile(r"(?:\+?1[-. ]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}")
_ANY_PHONE = re.compile(r"\+?\d{7,15}")
_SSN = re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")  # United States, Social Security Administration
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-HJ-NP-Z][·. -]?"
    r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]"
)
_GAPS = re.compile(r"[\s()./-]+")
_WHOLE = re.compile(r"(\d+)\.0")  # a whole number that was read as a real one

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def is_id_card(text: str) -> bool:
    """Say whether a text is a Chinese resident identity number: GB 11643-1999, check digit by ISO 7064 MOD 11-2.

    Examples
    --------
    >>> is_id_card("11010519491231002X"), is_id_card("110105194912310021")
    (True, False)
    """
    if not re.fullmatch(r"[1-9]\d{16}[\dXx]", text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text, strict=False))
    return _CHECKS[total % 11] == text[-1].upper() and _is_day(text[6:14])


def is_bank_card(text: str) -> bool:
    """Say whether a text is a payment card number: ISO/IEC 7812, 15 to 19 digits, check digit of Luhn (1960).

    Examples
    --------
    >>> is_bank_card("6222020200112231"), is_bank_card("4111 1111 1111 1111")
    (False, True)
    """
    digits = _GAPS.sub("", text)
    if not re.fullmatch(r"[2-6]\d{14,18}", digits):
        return False
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _is_day(text: str) -> bool:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).year > 1850
    except ValueError:
        return False


def _is_old_card(text: str) -> bool:
    """Say whether a text is an identity number of 15 digits, as given out until 1999."""
    return bool(re.fullmatch(r"[1-9]\d{14}", text)) and _is_day("19" + text[6:12])


def _is_ip(text: str) -> bool:
    if text.count(".") != 3 and text.count(":") < 2:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_mobile(text: str) -> bool:
    return bool(_MOBILE.fullmatch(_GAPS.sub("", text)))


def _is_phone(text: str) -> bool:
    return bool(_ABROAD.fullmatch(_GAPS.sub("", text)) or _NORTH_AMERICA.fullmatch(text))


# ── names of columns ──

_LATIN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAMED: dict[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    # kind → names in Chinese, names in English (of the words joined by blanks)
    "phone": (
        re.compile(r"手机|电话|联系方式|传真"),
        re.compile(r"\b(?:phone|mobile|telephone|tel|cell|cellphone|fax|msisdn)\b"),
    ),
    "id_card": (re.compile(r"身份证|证件号|护照号"), re.compile(r"\b(?:id card|idcard|ssn|passport|national id)\b")),
    "name": (
        re.compile(
            r"姓名|户名|联系人|收货人|收件人|寄件人|申请人|投保人|被保险人|法人代表|紧急联系人|^(?:客户|患者|病人|学生|员工|乘客|用户|会员|医生|教师)名(?:字|称)?$"
        ),
        re.compile(
            r"\b(?:full|first|last|middle|maiden|given|family|person|customer|client|patient|passenger|employee|student|member|contact|"
            r"holder|cardholder|applicant|guest|user|doctor|teacher) ?name\b|^(?:surname|firstname|lastname|fullname|forename)$"
        ),
    ),
    "address": (re.compile(r"地址|住址|居住地|收货地|门牌"), re.compile(r"\b(?:address|addr|street)\b")),
}
_JUST_NAME = re.compile(r"^(?:name|names|名字|名)$")
_NO_PERSON = re.compile(r"\b(?:mac|web|url|email|mail|file|host|wallet|memory)\b|用户名|昵称")
_VERSION = re.compile(r"\b(?:version|ver|release|firmware|build)\b|版本")

_HAN = re.compile(r"[\u4e00-\u9fff·]{2,5}")
# The hundred most frequent family names, Ministry of Public Security, 2020 report on names; and the usual double ones.
_FAMILY = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "皇甫", "司徒", "令狐", "慕容", "尉迟", "长孙", "端木", "公孙")
_LATIN_NAME = re.compile(r"[A-Z][A-Za-z'’.-]*(?:,? \(?[\"“]?[A-Z][A-Za-z'’.\"”)-]*){1,6}")
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Master|Dr|Prof)\b\.?|^[A-Z][\w'’-]+, [A-Z]")
_STREET = re.compile(
    r"[\u4e00-\u9fff].*(?:路|街|巷|弄|号|室|栋|幢|单元|村|镇|乡)|\d+.*\b(?:st|street|ave|avenue|rd|road|ln|lane|dr|drive|blvd|way|apt|"
    r"court|ct|square|place|box|strasse|straße|rue)\b|\b(?:street|avenue|road|lane|drive|strasse|straße|rue)\b.*\d|straße \d",
    re.IGNORECASE,
)


def personal_kind(name: str, values: Sequence[object]) -> str:
    """Return the sort of personal data of a column, a key of :data:`KINDS`, or nothing.

    Parameters
    ----------
    name : str
        Of the column.
    values : sequence
        Distinct values as the source writes them; at most :data:`SAMPLE` are looked at.

    Examples
    --------
    >>> personal_kind("tel", ["13812345678", "15987654321"]), personal_kind("price", [12.5, 13.0])
    ('phone', '')
    """
    texts = [text for value in values[:: max(1, len(values) // SAMPLE)][:SAMPLE] if (text := _text(value))]
    if not texts:
        return ""
    words = " ".join(_LATIN.findall(name)).casefold()

    def said(kind: str) -> bool:
        han, latin = _NAMED[kind]
        return bool(han.search(name) or latin.search(words))

    if any(c.isdigit() for c in texts[0]):
        kind = _by_digits(texts, said, f"{words} {name}")
        if kind:
            return kind
    elif _mostly(texts, lambda t: bool(_EMAIL.fullmatch(t))):
        return "email"
    if _NO_PERSON.search(words) or _NO_PERSON.search(name):
        return ""
    if (said("name") and _mostly(texts, _may_be_name)) or (_JUST_NAME.search(words or name) and _are_people(texts)):
        return "name"
    is_long = sum(map(len, texts)) >= LONG * len(texts)
    return "address" if said("address") and is_long and _mostly(texts, lambda t: bool(_STREET.search(t)), 0.5) else ""


def _by_digits(texts: Sequence[str], said: Callable[[str], bool], name: str) -> str:
    """Return what values with digits are; the strictest shape first."""
    if _mostly(texts, is_id_card) or _mostly(texts, lambda t: bool(_SSN.fullmatch(t))):
        return "id_card"
    if said("id_card") and _mostly(texts, lambda t: is_id_card(t) or _is_old_card(t)):
        return "id_card"
    if _mostly(texts, lambda t: bool(_EMAIL.fullmatch(t))):
        return "email"
    if _mostly(texts, lambda t: bool(_PLATE.fullmatch(t))):
        return "plate"
    if said("phone") and _mostly(texts, lambda t: bool(_ANY_PHONE.fullmatch(_GAPS.sub("", t)))):
        return "phone"
    if _mostly(texts, _is_phone) or (_mostly(texts, _is_mobile) and len({_start(t) for t in texts}) >= FEW):
        return "phone"
    if len(texts) > 1 and _mostly(texts, is_bank_card):
        return "bank_card"
    if not _VERSION.search(name) and _mostly(texts, _is_ip):
        return "ip"
    return ""


def _start(text: str) -> str:
    return _GAPS.sub("", text)[-11:-8]


def _mostly(texts: Sequence[str], fits: Callable[[str], bool], share: float = MOST) -> bool:
    """Say whether so many texts fit; a look at a few ends most columns."""
    few = texts[:: max(1, len(texts) // 20)]
    if sum(map(fits, few)) < share * len(few) / 2:
        return False
    return sum(map(fits, texts)) >= share * len(texts)


def _may_be_name(text: str) -> bool:
    """Say whether a text may name a person: a few letters, no digit."""
    return len(text) <= 80 and not any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def _are_people(texts: Sequence[str]) -> bool:
    """Say whether values of a column "name" name people, and not goods, places or firms."""
    if _mostly(texts, lambda t: bool(_HAN.fullmatch(t)) and (t[0] in _FAMILY or t.startswith(_DOUBLE)) and len(t) <= 4):
        return True
    return _mostly(texts, lambda t: bool(_LATIN_NAME.match(t))) and _mostly(
        texts, lambda t: bool(_TITLE.search(t)), TITLED
    )


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = unicodedata.normalize("NFKC", str(value)).strip()
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


# ── masking ──

_EMAIL_IN = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LONG_DIGITS = re.compile(r"(?<![\d.])(?:\d{17}[\dXx]|\d{15,19}|(?:\+?86[- ]?)?1[3-9]\d{9})(?![\d.])")


def mask(kind: str, value: object) -> str:
    """Return a value with what tells who it is replaced by asterisks.

    Parameters
    ----------
    kind : str
        A key of :data:`KINDS`; with an unknown one everything is hidden.
    value : object
        As the source writes it.

    Examples
    --------
    >>> mask("phone", "13812341234"), mask("email", "anna@example.com"), mask("name", "张三丰"), mask("ip", "10.0.0.7")
    ('138****1234', 'a***@example.com', '张**', '10.0.*.*')
    """
    text = _text(value)
    if kind == "phone":
        digits = _GAPS.sub("", text)
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else "****" + digits[-2:]
    if kind == "email":
        user, _, host = text.partition("@")
        return f"{user[:1]}***@{host}" if host else "***"
    if kind == "name":
        if _HAN.fullmatch(text):
            return text[0] + "*" * (len(text) - 1)
        return text[:1] + "***"
    if kind == "id_card":
        return f"{text[:3]}***********{text[-2:]}" if len(text) >= 15 else "***" + text[-2:]
    if kind == "bank_card":
        digits = _GAPS.sub("", text)
        return f"{digits[:4]} **** {digits[-4:]}"
    if kind == "ip":
        return ".".join(text.split(".")[:2]) + ".*.*" if text.count(".") == 3 else text[:4] + ":*"
    if kind == "plate":
        return text[:2] + "****"
    if kind == "address":
        return text[:3] + "***"
    return "***"


def scrub(text: str) -> str:
    """Return free text with mail addresses, mobile, card and identity numbers in it masked.

    Examples
    --------
    >>> scrub("ask anna@example.com or 13812341234")
    'ask a***@example.com or 138****1234'
    """
    if "@" in text:
        text = _EMAIL_IN.sub(lambda m: mask("email", m[0]), text)
    return _LONG_DIGITS.sub(_masked_digits, text)


def _masked_digits(found: re.Match[str]) -> str:
    text = found[0]
    for kind, fits in (("id_card", is_id_card), ("phone", _is_mobile), ("bank_card", is_bank_card)):
        if fits(text):
            return mask(kind, text)
    return text


# ── what is said ──


def finding(column: Column, *, kept: bool) -> Finding:
    """Return the finding for a column of personal data, left out or used because the user named it."""
    name, kind = column.name, KINDS[column.personal]
    message = Said(
        en=f"'{name}' holds personal data: {kind.en} (such as {column.examples[0] if column.examples else '***'}).",
        zh=f"“{name}”含个人信息: {kind.zh}(如 {column.examples[0] if column.examples else '***'})。",
    )
    if kept:
        fix = Said(
            en="Used because it is named among the inputs; its values are masked wherever they are shown.",
            zh="因已在输入中指定而使用;展示时其取值均已脱敏。",
        )
        return Finding(severity="warning", code="personal-used", column=name, message=message, fix=fix)
    fix = Said(
        en=f"Not learned from, and masked wherever it is shown. Name it among the inputs to use it: inputs=['{name}', …].",
        zh=f"不参与建模,展示时均已脱敏。如需使用,请在输入中明确列出: inputs=['{name}', …]。",
    )
    return Finding(severity="warning", code="personal-excluded", column=name, message=message, fix=fix)
