"""What a wrong answer costs, told in several ways; and sentences that only sound like it."""

from __future__ import annotations

import pandas as pd
import pytest

from openglm import understand
from openglm.core.preset import BUNDLED, Preset
from openglm.prepare import load
from openglm.understand._costs import costs

KNOWN = {
    "漏一个损失100, 误报损失5": (100, 5),
    "漏报代价100,误报代价5": (100, 5),
    "漏掉一个客户亏2000元,误报一次只花20元": (2000, 20),
    "误报成本是3,漏报成本是30": (30, 3),
    "漏检一个损失一千,误检一个损失五十": (1000, 50),
    "漏报的代价是误报的10倍": (10, 1),
    "漏一个比误报严重二十倍": (20, 1),
    "漏一个顶十个误报": (10, 1),
    "误报的成本是漏报的3倍": (1, 3),
    "假阴性代价5万,假阳性代价2千": (50_000, 2_000),
    "漏判损失 500 , 误判 20": (500, 20),
    "a miss costs 10 times a false alarm": (10, 1),
    "a miss costs ten times as much as a false alarm": (10, 1),
    "missing one is 20x worse than a false positive": (20, 1),
    "false negatives are 5 times as costly as false positives": (5, 1),
    "each missed fraud costs $1,500 and each false alarm costs $25": (1500, 25),
    "a false alarm costs 5, a miss costs 100": (100, 5),
    "a miss costs us 300, a false alarm only 4": (300, 4),
    "false alarms cost 2.5 while a false negative costs 40": (40, 2.5),
    "one miss is worth 15 false alarms": (15, 1),
    "a false positive costs three times a false negative": (1, 3),
    "missing a churner costs 500 and an unnecessary call costs 12": (500, 12),
}
NONE = [
    "误报率不超过2%", "漏报率低于5%, 误报率低于1%", "召回率至少90%", "不能漏掉任何一个", "漏一个损失100",
    "keep false alarms below 2 %", "false positive rate under 5 %, recall at least 0.9", "a miss costs 100",
    "the missing values cost us 10 rows", "cost of false alarms in the last 5 days", "predict the cost of a claim",
    "预测成本", "损失函数用平方误差", "训练10分钟, 误报少一点", "missing values in 10 columns, false labels in 5",
]  # fmt: skip


@pytest.mark.parametrize("text", KNOWN)
def test_costs_of_both_errors(text):
    """A miss and a false alarm, in money or as a ratio, in either order."""
    assert {cost.slot: cost.value for cost in costs(text)} == dict(
        zip(("cost_false_negative", "cost_false_positive"), KNOWN[text], strict=True)
    )


@pytest.mark.parametrize("text", NONE)
def test_limits_and_other_numbers_are_no_costs(text):
    """Rates, a single cost, and words that only look alike."""
    assert costs(text) == ()


@pytest.fixture(scope="module")
def schema():
    rows = range(60)
    frame = pd.DataFrame(
        {
            "amount": [i * 1.5 for i in rows],
            "tenure": [i % 17 for i in rows],
            "churn": ["yes" if i % 3 else "no" for i in rows],
        }
    )
    return load(frame).schema


@pytest.mark.parametrize(
    "sentence",
    [
        "Predict churn. A miss costs 100, a false alarm costs 5.",
        "预测churn, 漏一个损失100, 误报损失5",
        "predict churn, 漏报代价100, 误报代价5, 训练30秒",
        "预测churn,不能漏,漏一个损失100,误报损失5",
    ],
)
def test_a_sentence_fills_the_constraints(schema, sentence):
    """The costs reach the task with their words as evidence, and nothing else changes."""
    goal = understand.read(sentence, schema, preset=Preset.load(BUNDLED))
    task = goal.tasks[0]
    assert (task.constraints.cost_false_negative, task.constraints.cost_false_positive) == (100, 5)
    assert task.target == "churn" and task.constraints.max_false_positive_rate is None
    assert task.metric == "roc_auc"
    slot = goal.slots["cost_false_negative"]
    assert slot.origin == "stated" and "100" in slot.evidence[0].text


@pytest.mark.parametrize(("sentence", "metric"), [
    ("预测churn,漏掉的成本是误报的20倍", "roc_auc"), ("预测churn, 漏一个损失100,误报损失5, 以F1评判", "f1"),
    ("预测churn, 一个都不能漏", "recall"),
])  # fmt: skip
def test_costs_replace_a_vague_wish_but_no_named_metric(schema, sentence, metric):
    """What a miss costs is no wish for recall at any price."""
    goal = understand.read(sentence, schema, preset=Preset.load(BUNDLED))
    assert goal.tasks[0].metric == metric
