"""How a sentence wants the rows parted: by groups, along time, at random; and sentences that say nothing about it."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from nlu_tables import PRESET, table

from openglm import flow, prepare
from openglm.core.task import Task
from openglm.understand import Dialogue, read

ZH = table(
    "客户编号|many|300", "病历号|many|200", "设备编号|many|40", "门店|many|30", "客户类型|cat|新,老,大", "订单号|id", "年龄|int|80", "金额|float",
    "出生日期|date", "交易日期|date", "价格|float", "是否流失|cat|否,是",
)  # fmt: skip
EN = table(
    "customer_id|many|300", "patient_no|many|200", "machine|many|40", "store|many|30", "customer_type|cat|new,old,big", "order_id|id",
    "age|int|80", "amount|float", "birth_date|date", "order_date|date", "price|float", "churn|cat|no,yes",
)  # fmt: skip
BARE = table("age|int|80", "amount|float", "city|many|30", "order_no|id", "price|float", "churn|cat|no,yes")
LONE = table("customer_id|many|1", "amount|float", "churn|cat|no,yes")

GROUPS = [
    (ZH, "预测是否流失,按客户分组验证", "客户编号"),
    (ZH, "预测是否流失，按客户编号分组做交叉验证", "客户编号"),
    (ZH, "预测流失, 同一个病人的数据不要既训练又测试", "病历号"),
    (ZH, "预测价格,用没见过的门店验证", "门店"),
    (ZH, "是否流失,训练集和测试集里不要有相同的客户", "客户编号"),
    (ZH, "判断客户是否流失，要用新客户来测试", "客户编号"),
    (ZH, "预测是否流失，留一台设备出来测试", "设备编号"),
    (ZH, "预测价格，确保没有客户同时出现在训练集和测试集", "客户编号"),
    (ZH, "预测价格，按门店划分训练和测试", "门店"),
    (ZH, "同一客户的记录要放在同一折里，预测是否流失", "客户编号"),
    (ZH, "预测是否流失，数据按客户切分", "客户编号"),
    (ZH, "按客户维度划分训练集和验证集，预测流失", "客户编号"),
    (ZH, "预测是否流失，用一部分客户训练，另一部分客户测试", "客户编号"),
    (ZH, "帮我预测是否流失，validate by 客户编号", "客户编号"),
    (EN, "predict churn, split by patient", "patient_no"),
    (EN, "predict churn, validate on unseen customers", "customer_id"),
    (EN, "predict churn, leave-one-machine-out style", "machine"),
    (EN, "predict churn, make sure no user is in both train and test", "customer_id"),
    (EN, "predict price with group k-fold on customer_id", "customer_id"),
    (EN, "predict churn, keep all rows of a customer on one side", "customer_id"),
    (EN, "predict churn, customer-level split", "customer_id"),
    (EN, "predict churn, cross-validate by patient and use AUC", "patient_no"),
    (EN, "predict churn, don't train and test on the same patients", "patient_no"),
    (EN, "The same customer must not appear in both the training and the test set. Predict churn.", "customer_id"),
    (EN, "predict churn, test on machines it has never seen", "machine"),
    (EN, "predict churn, train on some stores and test on the others", "store"),
    (EN, "predict churn; hold out whole stores", "store"),
    (EN, "predict churn, no customer overlap between train and test", "customer_id"),
    (EN, "predict churn, 按 customer_id 分组验证", "customer_id"),
    (EN, "predict churn, grouped by customer_id", "customer_id"),
    (EN, "predict churn grouped by patient, stop after 10 minutes", "patient_no"),
    (ZH, "按客户编号分组,预测是否流失", "客户编号"),
    (BARE, "predict churn, split by city", "city"),
]
TIMES = [
    (ZH, "用最近一个月验证,预测客户是否流失", "交易日期"),
    (ZH, "预测客户会不会流失，按时间先后切分", "交易日期"),
    (ZH, "预测价格，按交易日期先后切分训练集和测试集", "交易日期"),
    (ZH, "预测价格, 用过去训练, 用未来测试", "交易日期"),
    (ZH, "预测价格，最后20%的数据做测试", "交易日期"),
    (ZH, "预测价格，时间外验证", "交易日期"),
    (ZH, "预测流失，验证集用最近两周的", "交易日期"),
    (ZH, "按照日期划分，后20%做验证，预测价格", "交易日期"),
    (ZH, "预测价格，按时间顺序划分，不要随机划分", "交易日期"),
    (ZH, "预测价格，不要用未来的数据预测过去", "交易日期"),
    (ZH, "拿2022年的数据训练，2023年的数据测试，预测价格", "交易日期"),
    (EN, "predict churn with time-based validation", "order_date"),
    (EN, "Predict churn. Train on the past, test on the future.", "order_date"),
    (EN, "train a churn model on the past data and test it on the most recent data", "order_date"),
    (EN, "predict price and use the last month for validation", "order_date"),
    (EN, "predict price, hold out the last 3 months", "order_date"),
    (EN, "predict price, split by order_date", "order_date"),
    (EN, "predict price, split chronologically please", "order_date"),
    (EN, "predict price, never use the future to predict the past", "order_date"),
    (EN, "predict price, out-of-time validation, not random split", "order_date"),
    (EN, "预测churn，用 time series split", "order_date"),
]
RANDOM = [
    (ZH, "预测是否流失，随机划分训练集和测试集"), (ZH, "预测是否流失，按8:2的比例随机划分"), (EN, "predict price, random split"),
    (EN, "predict price, split the data randomly"), (EN, "predict churn with a random train/test split"),
]  # fmt: skip
NONE = [
    (ZH, "预测是否流失，分客户类型预测"), (ZH, "预测每个客户是否流失"), (ZH, "预测新客户会不会流失"), (ZH, "按客户类型分析流失"),
    (ZH, "预测每家门店的价格"), (ZH, "预测客户是否流失，用最近一个月的数据"), (ZH, "预测流失，最后测试一下模型"),
    (ZH, "预测价格，按比例划分训练集"), (ZH, "预测是否流失，5折交叉验证"), (ZH, "预测是否流失，不要按客户分组验证"),
    (ZH, "用随机森林预测是否流失"), (ZH, "先验证数据，再预测是否流失"), (ZH, "同一个客户有多条记录，预测是否流失"),
    (ZH, "预测是否流失，不要随机划分"), (EN, "predict churn by customer"), (EN, "predict price per store"),
    (EN, "predict churn for each customer"), (EN, "predict price split by store"), (EN, "evaluate churn by segment"),
    (EN, "predict churn on new customers"), (EN, "predict price for unseen customers"), (EN, "predict churn, leave out store"),
    (EN, "predict churn, 5-fold cross validation"), (EN, "predict churn, don't split by customer"),
    (EN, "validate the data, then predict churn"), (EN, "predict churn; each customer is in one store"),
    (EN, "check the last month of data for errors"), (EN, "predict churn, report accuracy by store"),
    (EN, "predict churn, grouped by store"), (EN, "predict churn, grouped by age"), (EN, "predict churn, not grouped by customer_id"),
]  # fmt: skip
UNMET = [
    (BARE, "predict churn, time-based validation", "time-based validation"),
    (BARE, "预测churn, 按时间先后切分", "按时间先后切分"),
    (BARE, "predict churn, validate on unseen customers", "validate on unseen customers"),
    (BARE, "预测churn, 按病人分组验证", "按病人分组验证"),
    (BARE, "predict churn, split by order_no", "split by order_no"),
    (EN, "predict churn, split by churn", "split by churn"),
    (LONE, "predict churn, grouped by customer_id", "grouped by customer_id"),
    (LONE, "predict churn, validate by customer_id", "validate by customer_id"),
]
SLOTS = ("group_column", "time_column", "split")


def _said(goal):
    return {name: goal.slots[name].value for name in SLOTS if name in goal.slots}


def _target(sentence):
    return next(name for word, name in WORDS.items() if word in sentence)


WORDS = {"churn": "churn", "price": "price", "流失": "是否流失", "价格": "价格"}


@pytest.mark.parametrize(("slot", "schema", "sentence", "column"), [
    *(("group_column", *case) for case in GROUPS), *(("time_column", *case) for case in TIMES),
])  # fmt: skip
def test_words_of_a_split_fill_a_column(slot, schema, sentence, column):
    """The column, with the sentence's words as evidence; target and inputs are as without these words."""
    goal = read(sentence, schema, preset=PRESET)
    assert _said(goal) == {slot: column}
    assert goal.slots[slot].origin == "stated"
    assert all(sentence[span.start : span.end] == span.text != "" for span in goal.slots[slot].evidence)
    assert getattr(goal.tasks[0], slot) == column
    assert goal.tasks[0].target == _target(sentence)
    assert goal.tasks[0].kind in ("binary", "regression")
    assert goal.tasks[0].excluded == goal.tasks[0].inputs == ()


@pytest.mark.parametrize(("schema", "sentence"), RANDOM)
def test_a_split_at_random_is_honoured(schema, sentence):
    """It reaches the task; groups and times are not looked for."""
    goal = read(sentence, schema, preset=PRESET)
    assert _said(goal) == {"split": "random"}
    assert goal.tasks[0].split == "random"
    assert goal.tasks[0].target == _target(sentence)


@pytest.mark.parametrize(("schema", "sentence"), NONE)
def test_other_words_split_nothing(schema, sentence):
    """Per store, for each customer, on new customers, a split that is denied."""
    assert _said(read(sentence, schema, preset=PRESET)) == {}


@pytest.mark.parametrize(("schema", "sentence", "words"), UNMET)
def test_what_no_column_fits_is_told(schema, sentence, words):
    """No date, no such things, a column that differs in every row, or the target: a note, and nothing else changes."""
    goal = read(sentence, schema, preset=PRESET)
    assert _said(goal) == {}
    slot = goal.slots["ignored"]
    assert slot.value == [words]
    assert slot.reason.en.endswith(".")
    assert slot.reason.zh.endswith("。")
    assert goal.tasks[0].target == "churn"


def test_group_and_time_together():
    """Both are kept; customers drawn at random are groups."""
    goal = read("预测流失,按时间切分,按客户分组验证", ZH, preset=PRESET)
    assert _said(goal) == {"group_column": "客户编号", "time_column": "交易日期"}
    goal = read("predict churn, random split by customer, customer-wise validation", EN, preset=PRESET)
    assert _said(goal) == {"group_column": "customer_id"}


def test_a_forecast_keeps_its_series():
    """There "split by store" asks for one series each, as before."""
    goal = read("forecast price for the next 14 days, split by store", EN, preset=PRESET)
    assert (goal.tasks[0].kind, goal.tasks[0].group_column, goal.tasks[0].split) == ("forecast", "store", None)


def test_turns_edit_the_split():
    """A turn sets it, another replaces it, a third takes it back; other edits leave it alone."""
    talk = Dialogue(ZH, preset=PRESET)
    assert _said(talk.say("预测是否流失")) == {}
    goal = talk.say("按客户分组验证")
    assert (goal.intent, _said(goal), goal.tasks[0].target) == ("build_model", {"group_column": "客户编号"}, "是否流失")
    assert _said(talk.say("不要用年龄")) == {"group_column": "客户编号"}
    assert _said(talk.say("改成按时间先后切分")) == {"time_column": "交易日期"}
    assert _said(talk.say("随机划分吧")) == {"split": "random"}
    assert _said(talk.say("不要随机划分了")) == {}


def test_turns_from_a_split_to_a_forecast():
    """Groups of a split are no series to forecast."""
    talk = Dialogue(EN, preset=PRESET)
    assert _said(talk.say("predict churn, split by customer")) == {"group_column": "customer_id"}
    goal = talk.say("forecast price for the next 7 days")
    assert goal.tasks[0].kind == "forecast"
    assert goal.tasks[0].group_column is None


@pytest.mark.parametrize("piece", ["按客户", "train on the past ", "同一个客户的数据", "split by ", "最近", "a a "])
def test_long_texts_are_read_in_time(piece):
    """No pattern goes wild on a text that begins it again and again."""
    start = time.process_time()
    read(piece * 200, ZH, preset=PRESET)
    assert time.process_time() - start < 3


def _orders() -> pd.DataFrame:
    """Return 300 orders of 60 customers."""
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(60), 5)
    return pd.DataFrame(
        {"客户": [f"c{n}" for n in who], "age": rng.integers(20, 80, 60)[who], "amount": rng.normal(50, 9, 300),
         "churn": np.where(rng.random(300) < 0.4, "yes", "no")}
    )  # fmt: skip


def test_random_words_reach_the_split():
    """``Task.split`` is asked before the finder; without it customers stay whole."""
    raw = prepare.load(_orders())
    task = Task(kind="binary", target="churn", metric="roc_auc")
    assert prepare.prepare(raw, task)[0].split.method == "group"
    assert prepare.prepare(raw, task.model_copy(update={"split": "random"}))[0].split.method == "stratified"


def test_a_sentence_decides_the_split_of_a_run(tmp_path):
    """From the sentence to the report, for a column that the finder would never take: no store is on both sides."""
    orders = _orders().rename(columns={"客户": "store"})
    result = flow.run("预测churn, 按门店分组验证", orders, out=tmp_path / "run", trials=1)
    assert result.report.data.split == "group"
    assert "'store', as asked" in result.report.data.split_reason.en
    assert result.model.task.group_column == "store"
    assert result.model.task.inputs == ("age", "amount")
