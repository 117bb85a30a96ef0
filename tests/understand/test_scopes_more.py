"""Structure of sentences: postponed exclusions, enumerated inputs, groups to be fair to, series and their steps."""

from __future__ import annotations

from typing import Any

import pytest
from nlu_tables import PRESET, table

from openglm.understand import read

TABLES = {
    "clinic": table(
        "record_no|id",
        "patient_name|id",
        "gender|cat|F,M",
        "age|int|80",
        "bmi|float",
        "blood_pressure|int|90",
        "doctor|many|40",
        "discharge_code|cat|a,b,c",
        "bill_total|float",
        "relapse|few|0-1",
    ),
    "贷款": table(
        "合同号|id",
        "身份证号|id",
        "客户姓名|id",
        "性别|cat|女,男",
        "年龄|int|60",
        "学历|cat|本科,专科,高中",
        "月收入|float",
        "催收次数|int|20",
        "回收金额|float",
        "贷款金额|float",
        "是否违约|cat|否,是",
    ),
    "shops": table(
        "date|date",
        "shop|many|30",
        "region|cat|east,north,south,west",
        "footfall|int|400",
        "temperature|float",
        "sales|float",
    ),
    "电站": table(
        "时间|date",
        "电站|cat|甲站,乙站,丙站",
        "辐照度|float",
        "气温|float",
        "发电量|float",
    ),
    "houses": table(
        "house_id|id",
        "area|float",
        "bedrooms|few|1-6",
        "floor|int|30",
        "distance_to_school|float",
        "agent_fee|float",
        "sale_price|float",
    ),
    "workshop": table(
        "工件号|id",
        "operator|cat|li,wang,zhao",
        "machine|cat|m1,m2,m3",
        "temperature|float",
        "pressure|float",
        "检验员|cat|孙,钱",
        "scrap|few|0-1",
    ),
}  # fmt: skip

EXCLUDED: list[tuple[str, str, str, set[str]]] = [
    ("clinic", "predict relapse. discharge_code is only filled in afterwards, so leave that out", "relapse", {"discharge_code"}),
    ("clinic", "relapse prediction; bill_total and discharge_code are only known afterwards, so out they go", "relapse", {"bill_total", "discharge_code"}),
    ("clinic", "Predict relapse. The bill total comes weeks later, so that has to go.", "relapse", {"bill_total"}),
    ("clinic", "Predict relapse. bill_total and discharge_code come weeks later. Leave both out.", "relapse", {"bill_total", "discharge_code"}),
    ("clinic", "predict relapse, patient_name and record_no are confidential", "relapse", {"patient_name", "record_no"}),
    ("clinic", "predict relapse, bmi is fine to use, bill_total isn't", "relapse", {"bill_total"}),
    ("clinic", "predict relapse with bill_total aside", "relapse", {"bill_total"}),
    ("clinic", "relapse model 跑一个，bill_total 跟 discharge_code drop 掉", "relapse", {"bill_total", "discharge_code"}),
    ("clinic", "预测 relapse，bill_total 出院以后才知道，别喂给 model", "relapse", {"bill_total"}),
    ("clinic", "predict relapse and ditch the doctor and the blood pressure", "relapse", {"doctor", "blood_pressure"}),
    ("贷款", "预测是否违约，回收金额是事后才有的，剔掉", "是否违约", {"回收金额"}),
    ("贷款", "预测是否违约，催收次数和回收金额都是放款以后才产生的", "是否违约", {"催收次数", "回收金额"}),
    ("贷款", "谁会违约？姓名和身份证号都是隐私，碰不得", "是否违约", {"客户姓名", "身份证号"}),
    ("贷款", "谁会违约？身份证号属于个人隐私", "是否违约", {"身份证号"}),
    ("贷款", "判断是否违约，催收次数那列就别看了", "是否违约", {"催收次数"}),
    ("贷款", "预测是否违约，催收次数、回收金额不算，其余都用上", "是否违约", {"催收次数", "回收金额"}),
    ("贷款", "预测是否违约，除了性别和学历其余都能用", "是否违约", {"性别", "学历"}),
    ("贷款", "预测是否违约，身份证号合同号都别用", "是否违约", {"身份证号", "合同号"}),
    ("workshop", "预测 scrap，操作员和 machine 不算", "scrap", {"operator", "machine"}),
    ("workshop", "scrap or not, the operator and the machine have to go", "scrap", {"operator", "machine"}),
    ("贷款", "predict 是否违约, 催收次数 is recorded later on, so please ignore it", "是否违约", {"催收次数"}),
    ("clinic", "predict relapse; bill_total gives it away, so bin it", "relapse", {"bill_total"}),
    ("clinic", "predict relapse; patient_name and record_no are useless", "relapse", {"patient_name", "record_no"}),
    ("clinic", "Will they relapse? The bmi column? Skip it.", "relapse", {"bmi"}),
    ("贷款", "预测是否违约，客户姓名没啥用，扔了；合同号也是", "是否违约", {"客户姓名", "合同号"}),
    ("贷款", "预测是否违约，性别不行", "是否违约", {"性别"}),
    ("houses", "sale price, agent_fee is only set later, that one has to go", "sale_price", {"agent_fee"}),
    ("贷款", "贷款金额，年龄、学历都别用", "贷款金额", {"年龄", "学历"}),
    ("贷款", "客户姓名，合同号，都不要，预测是否违约", "是否违约", {"客户姓名", "合同号"}),
]  # fmt: skip

INPUTS: list[tuple[str, str, str, set[str]]] = [
    ("clinic", "Work out the risk of relapse, given age, gender and which doctor they saw", "relapse", {"age", "gender", "doctor"}),
    ("clinic", "Relapse. Feed it age, bmi and blood pressure, nothing more.", "relapse", {"age", "bmi", "blood_pressure"}),
    ("houses", "What price should I ask for, using area, floor and distance to the school?", "sale_price", {"area", "floor", "distance_to_school"}),
    ("贷款", "就根据年龄、学历和月收入，看这人会不会违约", "是否违约", {"年龄", "学历", "月收入"}),
    ("贷款", "单凭月收入和年龄，判断是否违约", "是否违约", {"月收入", "年龄"}),
    ("贷款", "只能用年龄和学历，预测是否违约", "是否违约", {"年龄", "学历"}),
    ("workshop", "scrap 的 classifier，given temperature and pressure", "scrap", {"temperature", "pressure"}),
    ("贷款", "年龄、性别、学历，这三个喂给模型就够了，预测是否违约", "是否违约", {"年龄", "性别", "学历"}),
    ("clinic", "Age, gender and bmi are all you get. Predict relapse.", "relapse", {"age", "gender", "bmi"}),
    ("houses", "sale price; area and floor may be used, nothing else", "sale_price", {"area", "floor"}),
    ("houses", "predict the sale price, taking into account area, bedrooms and floor", "sale_price", {"area", "bedrooms", "floor"}),
]  # fmt: skip

FAIR: list[tuple[str, str, str, str]] = [
    ("贷款", "预测是否违约，男的女的得一碗水端平", "是否违约", "性别"),
    ("贷款", "违约模型不能歧视老人家", "是否违约", "年龄"),
    ("贷款", "predict 是否违约 and treat men and women alike", "是否违约", "性别"),
    ("clinic", "predict relapse, it must not discriminate against the elderly", "relapse", "age"),
    ("clinic", "Predict relapse, be fair to women", "relapse", "gender"),
    ("workshop", "预测 scrap，三个 machine 之间要公平", "scrap", "machine"),
    ("clinic", "predict relapse, and don't let men have an edge over women", "relapse", "gender"),
    ("贷款", "预测是否违约，年轻的年长的要同等对待", "是否违约", "年龄"),
]  # fmt: skip

SERIES: list[tuple[str, str, dict[str, Any]]] = [
    ("shops", "sales ten days out, shop by shop", {"target": "sales", "group_column": "shop", "horizon": 10, "frequency": "D"}),
    ("shops", "forecast sales over the coming fortnight, each shop on its own", {"target": "sales", "group_column": "shop", "horizon": 14, "frequency": "D"}),
    ("shops", "forecast sales for the next 7 days, broken down by region", {"target": "sales", "group_column": "region", "horizon": 7, "frequency": "D"}),
    ("电站", "往后四个小时各电站的发电量，十五分钟一个点", {"target": "发电量", "group_column": "电站", "horizon": 16, "frequency": "15min"}),
    ("电站", "发电量 for the next two days at 15-minute steps", {"target": "发电量", "horizon": 192, "frequency": "15min"}),
    ("电站", "forecast 发电量 for the next 2 days, hourly", {"target": "发电量", "horizon": 48, "frequency": "H"}),
    ("电站", "预测未来一天的发电量，逐小时", {"target": "发电量", "horizon": 24, "frequency": "H"}),
    ("电站", "预测未来3小时的发电量，训练十五分钟", {"target": "发电量", "horizon": 3, "frequency": "H", "time_budget_seconds": 900.0}),
    ("shops", "逐家shop预测下周的sales", {"target": "sales", "group_column": "shop", "horizon": 7}),
    ("shops", "预测未来两周的sales，分shop来看", {"target": "sales", "group_column": "shop", "horizon": 14}),
    ("电站", "未来6小时发电量，每15分钟一个值，十分钟内训完", {"target": "发电量", "horizon": 24, "frequency": "15min", "time_budget_seconds": 600.0}),
    ("电站", "预测未来两周的发电量，逐个电站来", {"target": "发电量", "group_column": "电站", "horizon": 14}),
]  # fmt: skip


def _values(name: str, sentence: str) -> dict[str, Any]:
    goal = read(sentence, TABLES[name], preset=PRESET)
    assert not goal.questions, goal.questions
    return {key: slot.value for key, slot in goal.slots.items()}


@pytest.mark.parametrize(("name", "sentence", "target", "columns"), EXCLUDED)
def test_left_out(name: str, sentence: str, target: str, columns: set[str]) -> None:
    values = _values(name, sentence)
    assert (values["target"], set(values["excluded"])) == (target, columns)


@pytest.mark.parametrize(("name", "sentence", "target", "columns"), INPUTS)
def test_inputs(name: str, sentence: str, target: str, columns: set[str]) -> None:
    values = _values(name, sentence)
    assert (values["target"], set(values["inputs"])) == (target, columns)


@pytest.mark.parametrize(("name", "sentence", "target", "column"), FAIR)
def test_fair(name: str, sentence: str, target: str, column: str) -> None:
    values = _values(name, sentence)
    assert (values["target"], values["fairness_attribute"]) == (target, column)


@pytest.mark.parametrize(("name", "sentence", "wanted"), SERIES)
def test_series(name: str, sentence: str, wanted: dict[str, Any]) -> None:
    values = _values(name, sentence)
    assert {key: values.get(key) for key in wanted} == wanted


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("贷款", "是否违约要半年后才知道，帮我提前预测"),
        ("clinic", "relapse is only known months later, predict it"),
        ("clinic", "Predict relapse. Leave it running overnight."),
        ("clinic", "predict relapse, drop rows with missing values"),
        ("贷款", "违约预测，结果出来后剔掉重复的行"),
        ("贷款", "把年龄大于60的去掉，再预测是否违约"),
        ("贷款", "预测是否违约，月收入缺失的不要"),
        ("clinic", "relapse or not. don't use it in production yet"),
        ("clinic", "predict relapse and deploy it as well"),
    ],
)
def test_nothing_is_left_out(name: str, sentence: str) -> None:
    """What is known late is often the target itself, and not all that is dropped is a column."""
    values = _values(name, sentence)
    assert "excluded" not in values
    assert values["target"] in ("是否违约", "relapse")
