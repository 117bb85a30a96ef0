"""The fixed words of both views of a report, in both languages, and how numbers are written for people."""

from __future__ import annotations

import math

from openglm.core.words import Said


def number(value: float | None) -> str:
    """Return a number as people read it: about four digits that count, thousands apart, "–" where there is none.

    Examples
    --------
    >>> [number(v) for v in (0.93104, 12.3456, 54321.7, -0.00012, float("nan"))]
    ['0.931', '12.35', '54,322', '-0.00012', '–']
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    size = abs(value)
    if size >= 1e9:
        return f"{value:.4g}"
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 100:
        return f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}" if size >= 10 else f"{value:.3f}"
    if size >= 0.001 or size == 0:
        return f"{value:.3f}" if size else "0"
    return f"{value:.5f}" if size >= 1e-5 else f"{value:.1e}"


def between(low: float, high: float) -> str:
    """Return a range that is never broken over two lines.

    Examples
    --------
    >>> between(0.85, 0.884).split()
    ['0.850', '–', '0.884']
    """
    return f"{number(low)}\u00a0–\u00a0{number(high)}"


def size(n: int) -> str:
    """Return bytes for people.

    Examples
    --------
    >>> [size(n) for n in (0, 900, 52_300, 3_400_000)]
    ['–', '900 B', '51 KB', '3.2 MB']
    """
    if n <= 0:
        return "–"
    if n < 1024:
        return f"{n} B"
    return f"{n / 1024:.0f} KB" if n < 2**20 else f"{n / 2**20:.1f} MB"


def duration(seconds: float) -> str:
    """Return seconds for people.

    Examples
    --------
    >>> [duration(s) for s in (0.04, 12.34, 61, 3725)]
    ['0.04 s', '12.3 s', '1 min 1 s', '1 h 2 min']
    """
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _said(pairs: dict[str, tuple[str, str]]) -> dict[str, Said]:
    return {key: Said(en=en, zh=zh) for key, (en, zh) in pairs.items()}


KINDS = _said({
    "binary": ("two classes", "二分类"), "multiclass": ("several classes", "多分类"), "regression": ("a value", "数值预测"),
    "forecast": ("a forecast", "时间序列预测"), "anomaly": ("anomalies", "异常检测"), "clustering": ("groups", "聚类"),
})  # fmt: skip

METRIC_NAMES = _said({
    "roc_auc": ("ROC AUC", "AUC"), "average_precision": ("average precision", "平均精度 AP"),
    "log_loss": ("log loss", "对数损失"), "brier": ("Brier score", "Brier 分数"), "accuracy": ("accuracy", "准确率"),
    "balanced_accuracy": ("balanced accuracy", "均衡准确率"), "f1": ("F1", "F1"), "precision": ("precision", "精确率"),
    "recall": ("recall", "召回率"), "f1_macro": ("macro F1", "宏平均 F1"), "f1_micro": ("micro F1", "微平均 F1"),
    "f1_weighted": ("weighted F1", "加权 F1"), "precision_macro": ("macro precision", "宏平均精确率"),
    "recall_macro": ("macro recall", "宏平均召回率"), "matthews_corrcoef": ("Matthews correlation", "马修斯相关系数"),
    "quadratic_kappa": ("quadratic kappa", "二次加权 Kappa"), "rmse": ("RMSE", "均方根误差 RMSE"),
    "mse": ("mean squared error", "均方误差 MSE"), "mae": ("mean absolute error", "平均绝对误差 MAE"),
    "median_absolute_error": ("median absolute error", "绝对误差中位数"), "mape": ("MAPE", "平均绝对百分比误差 MAPE"),
    "smape": ("sMAPE", "对称百分比误差 sMAPE"), "rmsle": ("RMSLE", "对数均方根误差 RMSLE"), "r2": ("R²", "R²"),
})  # fmt: skip

SLOTS = _said({
    "target": ("target", "目标列"), "task_kind": ("kind of problem", "问题类型"), "metric": ("metric", "指标"),
    "excluded": ("left out", "排除的列"), "ids": ("row names", "标识列"), "positive_class": ("class in question", "正类"),
    "time_budget_seconds": ("time", "时间预算"), "inputs": ("inputs", "输入列"), "models": ("models", "模型"),
    "constraints": ("limits", "约束"), "intent": ("intent", "意图"), "horizon": ("horizon", "预测步长"),
    "time_column": ("order of time", "时间列"), "group_column": ("groups", "分组列"), "language": ("language", "语言"),
})  # fmt: skip

ORIGINS = _said({
    "stated": ("said in the sentence", "句中说明"), "inferred": ("inferred from the data", "由数据推断"),
    "default": ("default", "默认值"),
})  # fmt: skip

STATES = _said({
    "done": ("done", "完成"), "failed": ("failed", "失败"), "timeout": ("out of time", "超时"),
    "memory": ("out of memory", "内存不足"), "stopped": ("stopped", "已停止"),
})  # fmt: skip

SEVERITIES = _said({
    "blocker": ("blocker", "严重"), "warning": ("look at this", "请留意"), "note": ("done", "已处理"),
})  # fmt: skip

SPLITS = _said({
    "stratified": ("at random, class shares kept", "随机抽取，保持类别比例"), "random": ("at random", "随机抽取"),
})  # fmt: skip

ROLES = _said({
    "numeric": ("numbers", "数值"), "category": ("categories", "类别"), "date": ("dates", "日期"), "text": ("texts", "文本"),
    "id": ("row names", "标识"), "constant": ("constants", "常量"), "empty": ("empty", "空列"),
})  # fmt: skip

PROMISES = _said({
    "max_false_positive_rate": ("false positive rate at most", "误报率不超过"), "min_recall": ("recall at least", "召回率不低于"),
    "min_precision": ("precision at least", "精确率不低于"), "max_latency_ms": ("ms for one row at most", "单行预测毫秒数不超过"),
    "max_model_mb": ("model size in MB at most", "模型大小（MB）不超过"),
})  # fmt: skip

# Headings, column heads and captions of both views.
LABELS = _said({
    "report": ("Model report", "模型报告"),
    "better": ("Better than the naive baseline", "优于朴素基线"),
    "not_better": ("Not reliably better than the naive baseline", "未能可靠地优于朴素基线"),
    "gain": ("gain", "提升"), "interval": ("95 % interval", "95% 区间"),
    "metrics": ("Key metrics", "关键指标"), "metric": ("metric", "指标"), "model": ("model", "模型"),
    "baseline": ("baseline", "基线"), "this_model": ("this model", "本模型"), "chosen": ("chosen", "优化目标"),
    "higher": ("higher is better", "越高越好"), "lower": ("lower is better", "越低越好"),
    "understood": ("What was understood", "理解结果"), "steps": ("What was done", "执行步骤"),
    "confidence": ("confidence", "置信度"), "what": ("what", "内容"), "value": ("value", "取值"), "why": ("evidence", "依据"),
    "alternatives": ("Not taken instead", "未采用的其他候选"),
    "promises": ("Limits you asked for", "您提出的限制"), "limit": ("limit", "限制"), "reached": ("reached", "实际"),
    "kept": ("kept", "满足"), "broken": ("not kept", "未满足"),
    "findings": ("The data", "数据情况"), "no_findings": ("Nothing unusual was found.", "未发现异常。"),
    "column": ("column", "列"), "finding": ("what was noticed", "发现"),
    "rows": ("rows", "行"), "columns": ("columns", "列"),
    "inputs": ("inputs", "输入列"), "missing": ("cells missing", "缺失单元格"),
    "split": ("How rows were kept apart", "数据划分"), "train": ("to learn from", "用于训练"),
    "sealed": ("sealed until now", "封存至今"), "folds": ("folds inside training", "训练内折数"),
    "class_shares": ("class", "类别"), "share": ("share", "占比"),
    "leaderboard": ("Models tried", "尝试过的模型"), "score": ("validation score", "验证得分"), "fit": ("time", "耗时"),
    "size": ("size", "大小"), "weight": ("weight", "权重"), "state": ("state", "状态"),
    "defaults": ("defaults", "默认"),
    "leaderboard_note": (
        "Scores on validation rows inside the training part; they were used to choose and are therefore a little too kind.",
        "训练数据内部验证行上的得分；由于用于选择模型，会略偏乐观。"),
    "importance": ("What the model looks at", "模型依据什么判断"),
    "importance_note": (
        "How much the metric suffers when a column is shuffled, on {rows} sealed rows, with 95 % interval.",
        "打乱某一列后指标变差的程度（基于 {rows} 行封存数据，附 95% 区间）。"),
    "and_more": ("and {n} more columns with less influence", "另有 {n} 列影响较小"),
    "confusion": ("Where it is right and wrong", "判断对错的分布"),
    "actual": ("actual", "实际"), "predicted": ("predicted", "预测"),
    "confusion_note": (
        "Rows: what it was. Columns: what the model said. Darker: a larger share of the row.",
        "行为实际类别，列为模型判断；颜色越深，占该行比例越大。"),
    "threshold_note": ("“{label}” is predicted from a probability of {threshold}.", "概率达到 {threshold} 时判为“{label}”。"),
    "residuals": ("Predicted and actual values", "预测值与实际值"),
    "residuals_note": (
        "Each dot is a sealed row; on the line, the prediction is exact. Half of the errors lie between {low} and {high}.",
        "每个点是一行封存数据，落在线上表示预测完全准确。一半的误差在 {low} 到 {high} 之间。"),
    "calibration": ("Can the probabilities be believed?", "概率是否可信"),
    "calibration_note": (
        "On the line, what was promised came true. Mean distance: {gap}.", "落在线上表示概率与实际一致。平均偏差 {gap}。"),
    "observed": ("came true", "实际发生比例"), "probability": ("predicted probability", "预测概率"),
    "roc": ("Hits against false alarms", "命中与误报"),
    "roc_note": (
        "The further up and left, the better. The dot is the threshold in use.", "曲线越靠左上越好；圆点为当前阈值。"),
    "fpr": ("false alarms", "误报率"), "tpr": ("hits", "命中率"),
    "timeline": ("How the search went", "搜索过程"),
    "timeline_note": (
        "Each dot is a model; the line is the best so far; crosses did not finish.",
        "每个点是一个模型，折线为当前最佳，叉号表示未完成。"),
    "seconds": ("seconds since the start", "开始后的秒数"),
    "limits": ("What this does and does not mean", "如何理解这些结果"),
    "usage": ("Use it", "如何使用"),
    "usage_predict": ("Predict new rows", "预测新数据"), "usage_python": ("In Python", "在 Python 中"),
    "usage_report": ("Read this report in the terminal", "在终端查看报告"),
    "usage_resume": ("Go on with this run", "继续该运行"),
    "speed": ("one row {one} ms, in batches {batch} ms per row, {size} on disk",
        "单行 {one} 毫秒，批量每行 {batch} 毫秒，占用 {size}"),
    "took": ("took {seconds} of {budget}", "用时 {seconds} / {budget}"), "took_only": ("took {seconds}", "用时 {seconds}"),
    "yes": ("yes", "是"), "no": ("no", "否"),
    "seed": ("seed", "随机种子"),
    "and_rows": ("and {n} more", "另有 {n} 个"), "final": ("Final model", "最终模型"),
})  # fmt: skip
