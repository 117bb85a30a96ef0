"""Rules for the data that a sentence states, and sentences that state none."""

from __future__ import annotations

import pytest
from nlu_tables import PRESET, table

from openglm.understand import read

ZH = table(
    "客户编号|id", "卡号|id", "电话|many|90", "年龄|int|80", "金额|float", "价格|float", "状态|cat|有效,无效,冻结", "城市|many|30",
    "注册日期|date", "是否流失|cat|否,是",
)  # fmt: skip
EN = table(
    "customer_id|id", "card_number|id", "phone|many|90", "age|int|80", "amount|float", "price|float", "status|cat|A,B,C",
    "city|many|30", "signup_date|date", "churn|cat|no,yes",
)  # fmt: skip
ABOVE = "above"  # the end itself is outside

STATED = [
    (ZH, "预测客户是否流失, 卡号只保留数字, 金额在 0 到 100 万之间", [("卡号", "digits"), ("金额", "range", 0, 1e6)]),
    (ZH, "预测客户会不会流失,价格必须大于0", [("价格", "range", 0, None, ABOVE)]),
    (ZH, "预测流失,电话只要数字", [("电话", "digits")]),
    (ZH, "帮我预测是否流失,年龄超过120的算缺失", [("年龄", "range", None, 120)]),
    (ZH, "只看年龄在18到65岁之间的客户,预测会不会流失", [("年龄", "range", 18, 65), ("年龄", "required")]),
    (ZH, "预测客户流失,没有价格的行去掉", [("价格", "required")]),
    (ZH, "先去掉没有价格的行,再预测是否流失", [("价格", "required")]),
    (ZH, "预测是否流失,状态只能是有效或无效", [("状态", "one_of", ("有效", "无效"))]),
    (ZH, "预测流失,年龄不能为负", [("年龄", "range", 0, None)]),
    (ZH, "预测流失,金额不得超过5万", [("金额", "range", None, 5e4)]),
    (ZH, "把卡号里的空格去掉,然后预测是否流失", [("卡号", "digits")]),
    (ZH, "预测是否流失,电话不能为空", [("电话", "required")]),
    (ZH, "预测流失,价格在10到50万之间", [("价格", "range", 1e5, 5e5)]),
    (ZH, "预测流失;年龄必须在 18 至 65 之间", [("年龄", "range", 18, 65)]),
    (ZH, "只保留金额大于0的订单,预测是否流失", [("金额", "range", 0, None, ABOVE), ("金额", "required")]),
    (ZH, "预测流失,年龄小于0视为错误", [("年龄", "range", 0, None)]),
    (EN, "predict churn for ages between 18 and 65 only", [("age", "range", 18, 65), ("age", "required")]),
    (EN, "predict churn, drop rows without a price", [("price", "required")]),
    (EN, "predict churn; status must be A or B", [("status", "one_of", ("A", "B"))]),
    (EN, "keep only the digits of the phone, then predict churn", [("phone", "digits")]),
    (EN, "predict churn, card numbers should contain only digits", [("card_number", "digits")]),
    (EN, "predict churn, amounts between 0 and 1 million", [("amount", "range", 0, 1e6)]),
    (EN, "predict churn. price must be positive", [("price", "range", 0, None, ABOVE)]),
    (EN, "predict churn, age must not exceed 120", [("age", "range", None, 120)]),
    (EN, "predict churn, ages over 120 are errors", [("age", "range", None, 120)]),
    (EN, "predict churn, price is required", [("price", "required")]),
    (EN, "predict churn, only customers with age between 18 and 65", [("age", "range", 18, 65), ("age", "required")]),
    (EN, "predict churn, remove records where the price is missing", [("price", "required")]),
    (EN, "predict churn, phone: digits only", [("phone", "digits")]),
    (EN, "predict churn, price can't be negative", [("price", "range", 0, None)]),
    (EN, "预测 churn, age 必须在 18 到 65 之间, phone 只保留数字", [("age", "range", 18, 65), ("phone", "digits")]),
    (ZH, "预测是否流失,年龄不超过60", [("年龄", "range", None, 60)]),
    (ZH, "预测是否流失,金额在10到500之间,价格不超过7元/月", [("金额", "range", 10, 500), ("价格", "range", None, 7)]),
    (ZH, "价格不低于10元,预测是否流失", [("价格", "range", 10, None)]),
    (ZH, "预测流失,其中年龄不低于18且不超过60岁", [("年龄", "range", 18, None), ("年龄", "range", None, 60)]),
    (ZH, "预测流失,训练不超过10分钟,年龄不超过60", [("年龄", "range", None, 60)]),
    (EN, "predict churn, age at most 60", [("age", "range", None, 60)]),
    (EN, "predict churn, amount no more than 1k", [("amount", "range", None, 1000)]),
    (EN, "predict churn. The price is at least 5.", [("price", "range", 5, None)]),
    (EN, "predict churn, price > 0.5, age > 17", [("price", "range", 0.5, None, ABOVE), ("age", "range", 18, None)]),
    (
        EN,
        "predict churn, age at most 60 and amount at least 10",
        [("age", "range", None, 60), ("amount", "range", 10, None)],
    ),
    (ZH, "predict 是否流失, 金额 must be between 0 and 5000", [("金额", "range", 0, 5000)]),
]
NONE = [
    (ZH, "预测金额是否大于100万"), (ZH, "金额在0到100万之间的客户会流失吗"), (ZH, "预测是否流失,召回率必须大于0.8"),
    (ZH, "预测流失,训练时间控制在10分钟以内"), (ZH, "预测价格"), (ZH, "预测流失,误报率不能超过2%"), (ZH, "只用年龄和城市预测流失"),
    (ZH, "年龄在18到65岁的客户有多少会流失"), (ZH, "预测流失,不要电话这一列"), (EN, "how many customers between 18 and 65 will churn"),
    (EN, "predict whether amount is over 1 million"), (EN, "predict churn, recall must be at least 0.8"),
    (EN, "predict churn, training should take under 10 minutes"), (EN, "predict churn, only use age and city"),
    (EN, "predict churn and drop the phone column"), (EN, "predict churn with false positives below 2%"),
    (ZH, "预测是否流失,误报率不超过2%"), (ZH, "预测流失,模型不超过5MB"), (ZH, "预测流失,训练时间不超过10分钟"),
    (EN, "predict churn in no more than 10 minutes"), (EN, "predict churn, recall at least 0.9, latency at most 50 ms"),
    (EN, "predict churn for customers aged at most 60"), (EN, "predict churn for customers with age at most 60"),
    (EN, "predict whether age is at most 60"), (ZH, "预测年龄不超过60的客户会不会流失"),
    (EN, "predict if price is between 10 and 20"), (EN, "predict churn, report only numbers"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "sentence", "wanted"), STATED, ids=lambda item: item if isinstance(item, str) else ""
)
def test_stated_rules(schema, sentence, wanted):
    """Column, kind and bounds are found, the words are the evidence, and the target is understood as without them."""
    goal = read(sentence, schema, preset=PRESET)
    (task,) = goal.tasks
    assert task.target == ("是否流失" if schema is ZH else "churn")
    assert not task.excluded and not task.inputs
    found = []
    for rule in task.rules:
        assert rule.words and rule.words in sentence
        ends = {"range": (rule.low, rule.high, *[ABOVE] * rule.strict), "one_of": (rule.values,)}.get(rule.op, ())
        found.append((rule.column, rule.op, *ends))
    assert found == wanted
    assert all(span.text in sentence for span in goal.slots["rules"].evidence)
    assert type(goal).from_json(goal.to_json()) == goal


@pytest.mark.parametrize(("schema", "sentence"), NONE, ids=lambda item: item if isinstance(item, str) else "")
def test_sentences_without_a_rule(schema, sentence):
    """Questions about some rows, limits of the model and ordinary wishes are no rules for the data."""
    assert "rules" not in read(sentence, schema, preset=PRESET).slots


def test_rules_alone_ask_for_cleaning():
    """A sentence of rules only is about the data, not about a model."""
    goal = read("卡号只保留数字, 金额在 0 到 100 万之间", ZH, preset=PRESET)
    assert goal.intent == "clean_data" and len(goal.slots["rules"].value) == 2
