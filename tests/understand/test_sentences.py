"""What the reader promises on whole sentences: intent, target, kind, limits, exclusions, questions."""

from __future__ import annotations

from typing import Any

import pytest
from nlu_tables import PRESET, TABLES

from openglm.core.task import Goal
from openglm.understand import read

B, M, R, F = "binary", "multiclass", "regression", "forecast"

# (table, sentence, target, kind): plain requests in many words
TARGETS: list[tuple[str, str, str, str]] = [
    ("mobile", "预测客户会不会流失", "is_lost", B),
    ("mobile", "Predict which customers will churn", "is_lost", B),
    ("mobile", "哪些用户快要离网了?", "is_lost", B),
    ("mobile", "谁可能会跑掉,帮我找出来", "is_lost", B),
    ("mobile", "who is about to leave us", "is_lost", B),
    ("mobile", "預測用戶是否會流失", "is_lost", B),
    ("mobile", "估计每个用户一个月用多少流量", "data_gb", R),
    ("mobile", "How much is the monthly fee of a user likely to be?", "monthly_fee", R),
    ("mobile", "classify users by plan_name", "plan_name", M),
    ("mobile", "predict how many minutes people will call", "call_minutes", R),
    ("mobile", "attrition model pls", "is_lost", B),
    ("flats", "预测房价", "成交总价", R),
    ("flats", "predict the house price", "成交总价", R),
    ("flats", "这套房子能卖多少钱", "成交总价", R),
    ("flats", "What would an apartment sell for?", "成交总价", R),
    ("flats", "判断房子的装修档次", "装修情况", M),
    ("flats", "给二手房估个价", "成交总价", R),
    ("clinic", "predict readmission", "readmitted_30d", B),
    ("clinic", "病人会不会再次入院", "readmitted_30d", B),
    ("clinic", "预测患者要住院多少天", "length_of_stay", R),
    ("clinic", "How long will a patient stay in hospital?", "length_of_stay", R),
    ("clinic", "which patients come back to hospital within the month", "readmitted_30d", B),
    ("clinic", "estimate blood sugar from age and bmi", "glucose", R),
    ("clinic", "is this patient a smoker?", "smoker", B),
    ("staff", "预测员工离职", "是否离职", B),
    ("staff", "Which employees are going to quit?", "是否离职", B),
    ("staff", "predict employee turnover", "是否离职", B),
    ("staff", "员工的工资应该是多少", "月薪", R),
    ("staff", "estimate salary", "月薪", R),
    ("staff", "预测绩效评级", "绩效等级", M),
    ("staff", "classify staff by performance", "绩效等级", M),
    ("staff", "谁想跳槽", "是否离职", B),
    ("parcels", "will the parcel arrive late?", "arrived_late", B),
    ("parcels", "包裹会不会晚到", "arrived_late", B),
    ("parcels", "预测几天能送到", "delivery_days", R),
    ("parcels", "how long does shipping take", "delivery_days", R),
    ("parcels", "predict freight cost", "freight_cost", R),
    ("parcels", "运费大概多少", "freight_cost", R),
    ("parcels", "预测订单能否准时送达", "arrived_late", B),
    ("farm", "predict crop yield", "yield_t_ha", R),
    ("farm", "亩产能有多少", "yield_t_ha", R),
    ("farm", "Which crop should be planted here?", "crop", M),
    ("farm", "推荐种什么作物", "crop", M),
    ("farm", "how much will the harvest be", "yield_t_ha", R),
    ("school", "预测学生会不会挂科", "是否挂科", B),
    ("school", "predict whether a student fails the exam", "是否挂科", B),
    ("school", "期末考试能考多少分", "期末成绩", R),
    ("school", "predict the final exam score", "期末成绩", R),
    ("claims", "detect fraudulent claims", "fraud_reported", B),
    ("claims", "识别骗保", "fraud_reported", B),
    ("claims", "how large will the claim be", "claim_amount", R),
    ("claims", "预测赔付金额", "claim_amount", R),
    ("claims", "regress annual_premium on everything except region", "annual_premium", R),
    ("sessions", "对用户购买行为进行预测", "Transaction", B),
    ("sessions", "Will the visitor buy something?", "Transaction", B),
    ("sessions", "predict conversion", "Transaction", B),
    ("sessions", "哪些访客会下单", "Transaction", B),
    ("sessions", "what device do they use", "device", M),
    ("parts", "检测不良品", "is_defect", B),
    ("parts", "predict defects", "is_defect", B),
    ("parts", "classify the defect type", "defect_type", M),
    ("parts", "缺陷属于哪种类型", "defect_type", M),
    ("parts", "预测表面等级", "surface_grade", M),
    ("parts", "predict surface grade", "surface_grade", M),
    ("parts", "regression on surface_grade", "surface_grade", R),
    ("sky", "明天会下雨吗", "rain_tomorrow", B),
    ("sky", "will it rain tomorrow", "rain_tomorrow", B),
    ("songs", "predict how popular a song gets", "popularity", R),
    ("songs", "这首歌会有多火", "popularity", R),
    ("songs", "classify songs into genres", "genre", M),
    ("songs", "识别歌曲流派", "genre", M),
    ("songs", "预测播放量", "streams", R),
    ("plain", "predict the target", "target", B),
    ("plain", "train a classifier", "target", B),
    ("plain", "训练一个分类模型", "target", B),
    ("mails", "过滤垃圾邮件", "label", B),
    ("mails", "is it spam or ham?", "label", B),
    ("cars", "二手车能卖多少钱", "二手车报价", R),
    ("cars", "estimate the price of a used car", "二手车报价", R),
    ("cars", "what is my car worth", "二手车报价", R),
    ("cars", "预测里程", "行驶里程", R),
    ("credit", "预测贷款会不会违约", "loanstatus", B),
    ("credit", "will the borrower default?", "loanstatus", B),
    ("credit", "estimate annual income", "AnnualInc", R),
    ("credit", "贷款用途分类", "LoanPurpose", M),
    ("credit", "how much do they want to borrow", "LoanAmt", R),
    ("hotel", "predict cancellations", "is_canceled", B),
    ("hotel", "客人会不会取消预订", "is_canceled", B),
    ("hotel", "predict the room price", "avg_price_per_room", R),
    ("hotel", "客人会住几晚", "nights", R),
    ("wine", "classify wine quality", "quality", M),
    ("wine", "predict quality", "quality", M),
    ("wine", "用回归预测酒的品质", "quality", R),
    ("wine", "预测酒精度", "alcohol", R),
    ("match", "who wins the match?", "result", M),
    ("match", "预测比赛结果", "result", M),
    ("match", "how many goals will the home team score", "home_goals", R),
    ("shops", "根据是否促销预测营业额", "营业额", R),
    ("photos", "classify the animals in the photos", "species", M),
    ("grid", "predict load_mw from temp_c and humidity", "load_mw", R),
]

# (table, sentence, what must be in the slots)
SLOTS: list[tuple[str, str, dict[str, Any]]] = [
    ("mobile", "流失预测,不要用手机号", {"target": "is_lost", "excluded": ["phone_number"]}),
    ("mobile", "predict churn without the phone number and complaints", {"excluded": ["phone_number", "complaints"]}),
    (
        "mobile",
        "把 monthly_fee 和 data_gb 去掉再预测流失",
        {"target": "is_lost", "excluded": ["monthly_fee", "data_gb"]},
    ),
    ("mobile", "churn, use everything except complaints", {"target": "is_lost", "excluded": ["complaints"]}),
    ("mobile", "预测流失,AUC优先,十分钟之内", {"metric": "roc_auc", "time_budget_seconds": 600}),
    ("mobile", "用LightGBM跑一遍流失预测", {"models": ["lightgbm"], "target": "is_lost"}),
    ("mobile", "churn model, half an hour max, optimise F1", {"time_budget_seconds": 1800, "metric": "f1"}),
    ("mobile", "流失预测,误报率低于2%", {"max_false_positive_rate": 0.02, "target": "is_lost"}),
    ("mobile", "predict churn with recall of at least 90%", {"min_recall": 0.9, "target": "is_lost"}),
    ("mobile", "预测流失,召回率不低于百分之八十", {"min_recall": 0.8}),
    ("mobile", "预测流失,宁可误报也不能漏掉", {"metric": "recall"}),
    ("mobile", "churn model smaller than 10 MB, answers within 20 ms", {"max_model_mb": 10, "max_latency_ms": 20}),
    ("mobile", "流失模型要能解释,不要GPU", {"interpretable": True, "no_gpu": True}),
    ("mobile", "只用 data_gb、call_minutes 预测流失", {"inputs": ["data_gb", "call_minutes"], "target": "is_lost"}),
    ("flats", "预测房价,除了房龄和朝向之外都可以用", {"target": "成交总价", "excluded": ["房龄", "朝向"]}),
    ("flats", "除了建筑面积和楼层,其他都不要用,预测总价", {"inputs": ["建筑面积", "楼层"], "target": "成交总价"}),
    ("flats", "estimate flat prices within 2 minutes, optimise MAE", {"metric": "mae", "time_budget_seconds": 120}),
    ("flats", "用面积、卧室数和楼层预测成交总价", {"inputs": ["建筑面积", "卧室数", "楼层"], "target": "成交总价"}),
    ("flats", "预测房价,用均方根误差评估,一个半小时内完成", {"metric": "rmse", "time_budget_seconds": 5400}),
    ("flats", "小区名称不要放进去,预测房价", {"excluded": ["小区名称"], "target": "成交总价"}),
    (
        "clinic",
        "predict readmitted_30d from age, sex and bmi",
        {"target": "readmitted_30d", "inputs": ["age", "sex", "bmi"]},
    ),
    ("clinic", "predict readmission, positive class is No", {"positive_class": "No"}),
    ("clinic", "预测再入院,对性别要公平", {"fairness_attribute": "sex", "target": "readmitted_30d"}),
    ("clinic", "Predict length_of_stay, no sorry, readmitted_30d", {"target": "readmitted_30d"}),
    ("clinic", "预测的不是住院天数,是再入院", {"target": "readmitted_30d"}),
    ("clinic", "predict readmission, random forest or catboost", {"models": ["random_forest", "catboost"]}),
    ("clinic", "readmission risk, stop after 90 seconds", {"time_budget_seconds": 90, "target": "readmitted_30d"}),
    (
        "clinic",
        "glucose and bmi are leaky, predict readmission",
        {"excluded": ["glucose", "bmi"], "target": "readmitted_30d"},
    ),
    ("staff", "预测离职,姓名和工号别用", {"excluded": ["姓名", "工号"], "target": "是否离职"}),
    ("staff", "目标列是绩效等级,用准确率", {"target": "绩效等级", "metric": "accuracy"}),
    ("staff", "离职预测,按入职日期先后切分", {"time_column": "入职日期", "target": "是否离职"}),
    ("staff", "三分钟出个离职模型", {"time_budget_seconds": 180, "target": "是否离职"}),
    ("staff", "离职预测,一刻钟以内", {"time_budget_seconds": 900}),
    ("staff", "预测离职,不能对年龄有歧视", {"fairness_attribute": "年龄", "target": "是否离职"}),
    ("parcels", "target: delivery_days, metric: MAPE", {"target": "delivery_days", "metric": "mape"}),
    (
        "parcels",
        "ignore carrier; predict late arrivals, precision matters most",
        {"excluded": ["carrier"], "metric": "precision"},
    ),
    ("parcels", "predict arrived_late using only distance_km and weight_kg", {"inputs": ["distance_km", "weight_kg"]}),
    ("farm", "predict yield_t_ha, exclude pesticide and fertilizer_kg", {"excluded": ["pesticide", "fertilizer_kg"]}),
    ("farm", "R2越高越好,预测产量", {"metric": "r2", "target": "yield_t_ha"}),
    ("school", "预测挂科,不用姓名,五分钟", {"excluded": ["姓名"], "time_budget_seconds": 300, "target": "是否挂科"}),
    ("school", "预测挂科,1表示挂科", {"positive_class": 1}),
    (
        "claims",
        "fraud detection, average precision, 45 mins tops",
        {"metric": "average_precision", "time_budget_seconds": 2700},
    ),
    ("claims", "find fraud but no false alarms please", {"metric": "precision", "target": "fraud_reported"}),
    ("sessions", "转化预测,导出onnx并部署", {"outputs": ["deploy", "export_onnx"], "target": "Transaction"}),
    ("sessions", "predict Transaction, save the predictions to a csv", {"outputs": ["predictions_file"]}),
    ("parts", "预测缺陷类型,宏平均F1", {"metric": "f1_macro", "target": "defect_type"}),
    ("songs", "predict popularity, as simple as possible", {"preferences": ["simpler"], "target": "popularity"}),
    ("credit", "default prediction, drop CreditScore", {"excluded": ["CreditScore"], "target": "loanstatus"}),
    ("hotel", "预测取消,log loss,2小时", {"metric": "log_loss", "time_budget_seconds": 7200, "target": "is_canceled"}),
    (
        "hotel",
        "cancellation model, don't use market_segment",
        {"excluded": ["market_segment"], "target": "is_canceled"},
    ),
    ("wine", "predict quality, balanced accuracy", {"metric": "balanced_accuracy"}),
    ("grid", "forecast load_mw 24 hours ahead", {"task_kind": F, "horizon": 24, "frequency": "H", "target": "load_mw"}),
    (
        "grid",
        "预测每个站点未来三天的负荷",
        {"task_kind": F, "horizon": 3, "frequency": "D", "group_column": "station", "target": "load_mw"},
    ),
    (
        "shops",
        "预测未来两周的营业额",
        {"task_kind": F, "horizon": 14, "frequency": "D", "target": "营业额", "time_column": "日期"},
    ),
    ("shops", "forecast turnover for the next month", {"task_kind": F, "horizon": 30, "target": "营业额"}),
    ("shops", "明天会有多少人到店", {"task_kind": F, "horizon": 1, "target": "到店人数"}),
    ("shops", "各城市下个季度的营业额", {"task_kind": F, "group_column": "城市", "target": "营业额"}),
]

INTENTS: list[tuple[str, str, str]] = [
    ("mobile", "哪些因素影响流失", "explain"),
    ("mobile", "why do customers leave?", "explain"),
    ("clinic", "what drives readmission the most", "explain"),
    ("flats", "房价和什么有关", "explain"),
    ("flats", "比较随机森林和线性模型预测房价的效果", "compare"),
    ("clinic", "compare lightgbm and knn on readmitted_30d", "compare"),
    ("mobile", "清洗一下数据,去掉重复行", "clean_data"),
    ("mobile", "remove duplicate rows and fill missing values", "clean_data"),
    ("staff", "这份表有多少行,缺失多少", "describe_data"),
    ("parcels", "give me an overview of this dataset", "describe_data"),
    ("parcels", "describe the columns", "describe_data"),
    ("mobile", "把模型部署成接口", "deploy"),
    ("mobile", "deploy the last model to production", "deploy"),
    ("mobile", "监控线上模型的漂移", "monitor"),
    ("mobile", "keep an eye on drift and alert me", "monitor"),
    ("mobile", "用上次的模型给新数据打分", "predict"),
    ("mobile", "score the new file with the existing model", "predict"),
    ("mobile", "算了,不做了", "cancel"),
    ("mobile", "never mind, stop it", "cancel"),
    ("mobile", "上次的预测结果错了", "feedback"),
    ("mobile", "your last prediction was wrong", "feedback"),
    ("mobile", "write me a poem", "other"),
    ("mobile", "给我讲个笑话", "other"),
    ("mobile", "你好", "other"),
    ("flats", "晚上吃什么", "other"),
    ("songs", "what can you do?", "other"),
    ("mobile", "把用户分成几个群体", "build_model"),
    ("mobile", "segment our users", "build_model"),
    ("parts", "找出异常的记录", "build_model"),
    ("grid", "detect anomalies in the readings", "build_model"),
    ("mobile", "重新训练模型", "build_model"),
]

OPEN_KINDS = [
    ("mobile", "把用户聚类", "clustering"),
    ("mobile", "customer segmentation", "clustering"),
    ("hotel", "find natural groups among the bookings", "clustering"),
    ("grid", "检测异常读数", "anomaly"),
    ("parts", "find outliers in the measurements", "anomaly"),
]

ASKS = [
    ("mobile", ""),
    ("mobile", "😀😀😀"),
    ("mobile", "做个预测"),
    ("staff", "train a model please"),
    ("clinic", "帮我建个模型"),
    ("grid", "预测一下"),
    ("sky", "predict temperature"),
    ("school", "预测期中成绩和期末成绩"),
    ("claims", "predict age"),
]


def goal_of(table: str, sentence: str, **options: Any) -> Goal:
    """Read one sentence over one of the tables."""
    return read(sentence, TABLES[table], preset=PRESET, **options)


@pytest.mark.parametrize(("table", "sentence", "target", "kind"), TARGETS)
def test_target_and_kind(table: str, sentence: str, target: str, kind: str) -> None:
    """A plain request leads to the right column and kind of problem, without a question."""
    goal = goal_of(table, sentence)
    assert not goal.questions
    assert [(task.target, task.kind) for task in goal.tasks] == [(target, kind)]
    assert goal.slots["target"].reason.en
    assert goal.slots["target"].reason.zh


@pytest.mark.parametrize(("table", "sentence", "expected"), SLOTS)
def test_slots(table: str, sentence: str, expected: dict[str, Any]) -> None:
    """Limits, columns and wishes are read as stated, with their words as evidence."""
    slots = goal_of(table, sentence).slots
    assert {name: slots[name].value if name in slots else None for name in expected} == expected
    for name in expected:
        for span in slots[name].evidence:
            assert sentence[span.start : span.end] == span.text


@pytest.mark.parametrize(("table", "sentence", "intent"), INTENTS)
def test_intent(table: str, sentence: str, intent: str) -> None:
    """The coarse intent is recognised."""
    assert goal_of(table, sentence).intent == intent


@pytest.mark.parametrize(("table", "sentence", "kind"), OPEN_KINDS)
def test_kinds_without_target(table: str, sentence: str, kind: str) -> None:
    """Grouping and anomaly detection need no target and say so."""
    goal = goal_of(table, sentence)
    assert [(task.kind, task.target) for task in goal.tasks] == [(kind, None)]


@pytest.mark.parametrize(("table", "sentence"), ASKS)
def test_asks_when_open(table: str, sentence: str) -> None:
    """What is really open is asked once, with at most three options, and nothing starts."""
    goal = goal_of(table, sentence)
    assert not goal.tasks
    assert len(goal.questions) == 1
    assert len(goal.questions[0].options) <= 3
