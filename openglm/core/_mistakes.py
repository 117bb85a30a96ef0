"""What is wrong with an edited file, in both languages: pydantic's errors as clauses of one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from openglm.core.words import Said

_SAID: dict[str, tuple[str, str]] = {
    "literal_error": ("'{input}' is none of {expected}", "“{input}”不在可选值之内: {expected}"),
    "missing": ("this entry is missing", "缺少该项"),
    "extra_forbidden": ("there is no such entry", "没有这一项"),
    "greater_than": ("{input} is not above {gt}", "{input} 应大于 {gt}"),
    "greater_than_equal": ("{input} is below {ge}", "{input} 不应小于 {ge}"),
    "less_than": ("{input} is not below {lt}", "{input} 应小于 {lt}"),
    "less_than_equal": ("{input} is above {le}", "{input} 不应大于 {le}"),
    "empty_range": ("the range {low} … {high} is empty: its low end is above its high end",
                    "区间 {low} … {high} 为空: 下限大于上限"),
}  # fmt: skip
_KINDS = {
    "int": ("a whole number", "整数"), "float": ("a number", "数值"), "string": ("text", "文本"),
    "bool": ("true or false", "true 或 false"),
    "tuple": ("a list", "列表"), "list": ("a list", "列表"), "dict": ("names with values", "键值对"),
    "model": ("names with values", "键值对"),
}  # fmt: skip
LONGEST = 60
"""Characters of the wrong value that are shown."""


def mistake(error: Mapping[str, Any]) -> Said:
    """Return what one error of pydantic's ``errors()`` means, without the place and without a full stop.

    Examples
    --------
    >>> mistake({"type": "literal_error", "input": "x", "ctx": {"expected": "'a' or 'b'"}, "msg": ""}).en
    "'x' is none of 'a' or 'b'"
    """
    code, shown = str(error["type"]), str(error.get("input"))
    words = {**error.get("ctx", {}), "input": shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"}
    if code in _SAID:
        en, zh = _SAID[code]
        listed = str(words.get("expected", ""))
        return Said(
            en=en.format(**words),
            zh=zh.format(**{**words, "expected": listed.replace(" or ", "、").replace(", ", "、")}),
        )
    kind = re.match(r"([a-z]+)_(?:type|parsing|from_float|attributes_type)$", code)
    if kind is not None and kind[1] in _KINDS:
        en, zh = _KINDS[kind[1]]
        return Said(en=f"{words['input']} is not {en}", zh=f"{words['input']} 不是{zh}")
    said = str(error["msg"]).removeprefix("Value error, ")
    return Said(en=said, zh=said)


def empty_range(low: float, high: float) -> PydanticCustomError:
    """Return the error of a range whose low end is above its high end."""
    return PydanticCustomError(
        "empty_range", "the range {low} … {high} is empty", {"low": f"{low:.10g}", "high": f"{high:.10g}"}
    )
