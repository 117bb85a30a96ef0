"""More whole sentences over more invented tables, written without looking at what the reader made of the first ones."""

from __future__ import annotations

from typing import Any

import pytest
from nlu_tables import PRESET, table

from openglm.understand import read

B, M, R, F = "binary", "multiclass", "regression", "forecast"

TABLES = {
    "gym": table(
        "MemberID|id",
        "JoinDate|date",
        "AgeYrs|int|60",
        "Gender|cat|F,M",
        "VisitsPerWeek|float",
        "ClassesBooked|int|40",
        "MembershipTier|cat|Basic,Gold,Silver",
        "LockerNo|int|300",
        "Renewed|cat|N,Y",
    ),
    "钢厂": table(
        "炉号|id",
        "碳含量|float",
        "锰含量|float",
        "轧制温度|float",
        "轧制速度|float",
        "班组|cat|甲,乙,丙",
        "抗拉强度|float",
        "表面缺陷|cat|划痕,无,裂纹",
        "是否合格|cat|否,是",
    ),
    "充电站": table(
        "时刻|date", "场站|cat|东站,西站,南站", "气温|float", "在充车辆数|int|90", "充电量_kWh|float", "电价_元|float"
    ),
    "loans_eu": table(
        "app_id|id",
        "app_date|date",
        "age|int|60",
        "net_income_eur|float",
        "loan_amt|float",
        "int_rate|float",
        "purpose|cat|auto,debt,home",
        "emp_len|int|30",
        "dflt_flag|few|0-1",
    ),
    "问诊": table(
        "病历号|id",
        "年龄|int|90",
        "性别|cat|女,男",
        "收缩压|int|120",
        "空腹血糖|float",
        "是否吸烟|cat|否,是",
        "主诉|text",
        "住院天数|int|40",
        "是否糖尿病|few|0-1",
    ),
    "taxi": table(
        "trip_id|id",
        "pickup_datetime|date",
        "dropoff_zone|many|200",
        "trip_miles|float",
        "passenger_cnt|few|1-6",
        "payment_type|cat|card,cash",
        "tip_amt|float",
        "fare_amt|float",
        "trip_secs|float",
    ),
    "recruit": table(
        "candidate_no|id",
        "years_exp|float",
        "degree|cat|BSc,MSc,PhD",
        "city|many|60",
        "test_score|float",
        "source|cat|agency,referral,web",
        "expected_salary|float",
        "hired|bool",
    ),
    "电影": table(
        "影片ID|id",
        "片名|text",
        "导演|many|300",
        "类型|cat|动作,喜剧,爱情,科幻",
        "上映日期|date",
        "制作成本_万|float",
        "豆瓣评分|float",
        "票房_万|float",
    ),
    "turbine": table(
        "unit_no|id",
        "cycle|int|300",
        "vib_mm_s|float",
        "oil_temp|float",
        "rpm|float",
        "power_kw|float",
        "fault_code|cat|bearing,blade,none",
        "rul_hours|float",
    ),
    "外贸": table(
        "合同号|id",
        "国家|many|40",
        "产品类别|cat|家电,服装,玩具",
        "单价_USD|float",
        "数量|int|900",
        "下单日期|date",
        "交货周期_天|int|90",
        "是否退单|few|0-1",
    ),
    "survey": table(
        "resp_id|id",
        "q1|few|1-5",
        "q2|few|1-5",
        "q3|few|1-5",
        "segment|cat|A,B,C,D",
        "nps|few|0-10",
        "recommend|cat|no,yes",
    ),
    "water": table(
        "ph|float", "Hardness|float", "Solids|float", "Chloramines|float", "Turbidity|float", "Potability|few|0-1"
    ),
    "steps_app": table(
        "uid|id",
        "day|date",
        "step_cnt|int|900",
        "sleep_hrs|float",
        "resting_hr|int|60",
        "mood|cat|bad,good,ok",
        "stress_lvl|few|1-5",
    ),
    "tenders": table(
        "tender_no|id",
        "bid_amount|float",
        "n_bidders|int|30",
        "category|cat|it,roads,schools",
        "winner|many|90",
        "won|few|0-1",
    ),
}

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("gym", "who won't renew their membership?", {"target": "Renewed", "task_kind": B}),
    ("gym", "预测会员会不会续费", {"target": "Renewed", "task_kind": B}),
    (
        "gym",
        "Predict Renewed. Leave LockerNo and JoinDate out of it.",
        {"target": "Renewed", "excluded": ["LockerNo", "JoinDate"]},
    ),
    ("gym", "how many visits a week will a member make", {"target": "VisitsPerWeek", "task_kind": R}),
    ("gym", "Which tier does a member belong to?", {"target": "MembershipTier", "task_kind": M}),
    (
        "gym",
        "Renewal model with xgboost please, F1 score, two hours at most",
        {"target": "Renewed", "metric": "f1", "time_budget_seconds": 7200, "models": ["xgboost"]},
    ),
    (
        "gym",
        "I'd like to know if people renew, fair between men and women",
        {"target": "Renewed", "fairness_attribute": "Gender"},
    ),
    ("gym", "续费预测,年龄和性别不参与建模", {"target": "Renewed", "excluded": ["AgeYrs", "Gender"]}),
    ("钢厂", "predict tensile strength", {"target": "抗拉强度", "task_kind": R}),
    ("钢厂", "这炉钢合不合格", {"target": "是否合格", "task_kind": B}),
    ("钢厂", "预测抗拉强度,只用碳含量和锰含量", {"target": "抗拉强度", "inputs": ["碳含量", "锰含量"]}),
    ("钢厂", "识别表面有什么缺陷", {"target": "表面缺陷", "task_kind": M}),
    ("钢厂", "强度预测,R方越大越好,班组这列别用", {"target": "抗拉强度", "metric": "r2", "excluded": ["班组"]}),
    ("钢厂", "which plates fail the inspection", {"target": "是否合格", "task_kind": B}),
    ("充电站", "未来24小时充电量是多少", {"target": "充电量_kWh", "task_kind": F, "horizon": 24, "frequency": "H"}),
    (
        "充电站",
        "forecast the charging demand of each site for the next 7 days",
        {"task_kind": F, "horizon": 7, "group_column": "场站", "target": "充电量_kWh"},
    ),
    ("充电站", "预测电价", {"target": "电价_元"}),
    ("充电站", "明天在充的车辆会有几辆", {"target": "在充车辆数", "task_kind": F, "horizon": 1}),
    ("loans_eu", "Credit default model", {"target": "dflt_flag", "task_kind": B}),
    ("loans_eu", "哪些人会逾期", {"target": "dflt_flag", "task_kind": B}),
    ("loans_eu", "what interest rate should we offer", {"target": "int_rate", "task_kind": R}),
    (
        "loans_eu",
        "预测违约,KS或AUC都行,20分钟",
        {"target": "dflt_flag", "metric": "roc_auc", "time_budget_seconds": 1200},
    ),
    (
        "loans_eu",
        "predict default; the model must not discriminate by age",
        {"target": "dflt_flag", "fairness_attribute": "age"},
    ),
    ("loans_eu", "Predict loan_amt, actually no, int_rate", {"target": "int_rate"}),
    ("loans_eu", "default, split chronologically by app_date", {"target": "dflt_flag", "time_column": "app_date"}),
    ("loans_eu", "违约预测,精确率至少80%", {"target": "dflt_flag", "min_precision": 0.8}),
    ("问诊", "谁有糖尿病", {"target": "是否糖尿病", "task_kind": B}),
    ("问诊", "predict diabetes", {"target": "是否糖尿病", "task_kind": B}),
    ("问诊", "患者要住多久医院", {"target": "住院天数", "task_kind": R}),
    ("问诊", "estimate systolic blood pressure", {"target": "收缩压", "task_kind": R}),
    (
        "问诊",
        "糖尿病筛查,宁可错杀不可漏掉,主诉不用",
        {"target": "是否糖尿病", "metric": "recall", "excluded": ["主诉"]},
    ),
    ("问诊", "糖尿病预测,1代表患病", {"target": "是否糖尿病", "positive_class": 1}),
    ("taxi", "how much will the ride cost", {"target": "fare_amt", "task_kind": R}),
    ("taxi", "预测车费", {"target": "fare_amt", "task_kind": R}),
    ("taxi", "predict how long the trip takes", {"target": "trip_secs", "task_kind": R}),
    ("taxi", "乘客会给多少小费", {"target": "tip_amt", "task_kind": R}),
    ("taxi", "cash or card?", {"target": "payment_type", "task_kind": B}),
    ("taxi", "Predict the tip, but not from the fare.", {"target": "tip_amt"}),
    (
        "taxi",
        "fare model under 3MB, 5 ms per prediction, MAE",
        {"target": "fare_amt", "max_model_mb": 3, "max_latency_ms": 5, "metric": "mae"},
    ),
    ("recruit", "will this applicant get the job", {"target": "hired", "task_kind": B}),
    ("recruit", "候选人会不会被录用", {"target": "hired", "task_kind": B}),
    ("recruit", "what salary will they ask for", {"target": "expected_salary", "task_kind": R}),
    (
        "recruit",
        "predict hired using years_exp, degree and test_score",
        {"target": "hired", "inputs": ["years_exp", "degree", "test_score"]},
    ),
    ("电影", "predict box office", {"target": "票房_万", "task_kind": R}),
    ("电影", "这片子能卖多少票房", {"target": "票房_万", "task_kind": R}),
    ("电影", "预测豆瓣评分,不考虑导演", {"target": "豆瓣评分", "task_kind": R, "excluded": ["导演"]}),
    ("电影", "判断影片属于什么类型", {"target": "类型", "task_kind": M}),
    ("电影", "guess the genre", {"target": "类型", "task_kind": M}),
    ("turbine", "how many hours are left before it fails", {"target": "rul_hours", "task_kind": R}),
    ("turbine", "预测剩余寿命,RMSE", {"target": "rul_hours", "task_kind": R, "metric": "rmse"}),
    ("turbine", "which part is going to fail? classify the fault", {"target": "fault_code", "task_kind": M}),
    ("turbine", "predict power output", {"target": "power_kw", "task_kind": R}),
    ("外贸", "多少天能交货", {"target": "交货周期_天", "task_kind": R}),
    ("外贸", "客户会不会退单", {"target": "是否退单", "task_kind": B}),
    ("外贸", "predict the unit price", {"target": "单价_USD", "task_kind": R}),
    ("外贸", "退单预测,把合同号和下单日期排除掉", {"target": "是否退单", "excluded": ["合同号", "下单日期"]}),
    ("survey", "would they recommend us?", {"target": "recommend", "task_kind": B}),
    (
        "survey",
        "predict the segment from q1, q2 and q3",
        {"target": "segment", "task_kind": M, "inputs": ["q1", "q2", "q3"]},
    ),
    ("water", "is the water safe to drink", {"target": "Potability", "task_kind": B}),
    ("water", "这水能喝吗", {"target": "Potability", "task_kind": B}),
    ("water", "预测浊度", {"target": "Turbidity", "task_kind": R}),
    ("steps_app", "predict mood", {"target": "mood", "task_kind": M}),
    ("steps_app", "预测压力等级", {"target": "stress_lvl", "task_kind": M}),
    ("steps_app", "how many hours will I sleep", {"target": "sleep_hrs", "task_kind": R}),
    ("tenders", "能不能中标", {"target": "won", "task_kind": B}),
    ("tenders", "do we win the bid?", {"target": "won", "task_kind": B}),
    ("gym", "why do people not renew?", {"intent": "explain", "target": "Renewed"}),
    ("gym", "which model is better, lightgbm or knn?", {"intent": "compare"}),
    ("taxi", "去掉重复的行程,把缺失的车费补上", {"intent": "clean_data"}),
    ("taxi", "what columns are there and how many rows", {"intent": "describe_data"}),
    ("taxi", "cluster the trips", {"intent": "build_model", "task_kind": "clustering"}),
    ("taxi", "哪些行程不正常", {"intent": "build_model", "task_kind": "anomaly"}),
    ("taxi", "stop the training", {"intent": "cancel"}),
    ("taxi", "put the trained model behind a REST endpoint", {"intent": "deploy"}),
    ("taxi", "上线后要是效果变差就通知我", {"intent": "monitor"}),
    ("taxi", "apply the existing model to trips_june.csv and save the results", {"intent": "predict"}),
    ("taxi", "the last forecast was way off, that's incorrect", {"intent": "feedback"}),
    ("taxi", "推荐一部好看的电影", {"intent": "other"}),
    ("taxi", "what's the capital of France", {"intent": "other"}),
    ("taxi", "翻译一下这句话", {"intent": "other"}),
    ("taxi", "build something", {"intent": "build_model", "asks": True}),
    ("钢厂", "预测含量", {"intent": "build_model", "asks": True}),
    ("survey", "", {"asks": True}),
]


def understood(name: str, sentence: str) -> dict[str, Any]:
    """Return slots, intent and whether something is asked, as one dict."""
    goal = read(sentence, TABLES[name], preset=PRESET)
    asks = bool(goal.questions) and goal.intent != "other"
    return {"intent": goal.intent, "asks": asks} | {key: slot.value for key, slot in goal.slots.items()}


@pytest.mark.parametrize(("name", "sentence", "expected"), CASES)
def test_understood(name: str, sentence: str, expected: dict[str, Any]) -> None:
    """The stated things are understood, and nothing clear is asked back."""
    found = understood(name, sentence)
    assert {key: found.get(key) for key in expected} == expected
    assert found["asks"] == expected.get("asks", False)
