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


def few_folds(folds: int) -> Said:
    """Return the remark on a score that is not of all folds."""
    return Said(
        en=f"cut short: score of {folds} fold{'s' if folds > 1 else ''} only", zh=f"提前截止：仅 {folds} 折的得分"
    )


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
    "rules": ("rules about the data", "数据规则"), "split": ("how rows are kept apart", "数据划分"),
    "costs": ("what errors cost", "错误成本"), "fairness": ("treated alike", "公平性"),
    "fairness_attribute": ("treated alike across", "公平性列"), "interpretable": ("must be explainable", "要求可解释"),
    "no_gpu": ("no GPU", "不使用 GPU"), "frequency": ("time step", "时间步长"), "preferences": ("wishes", "偏好"),
    "trials": ("models to try", "尝试次数"), "seed": ("random seed", "随机种子"), "memory_mb": ("memory in MB", "内存（MB）"),
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
    "group": ("whole groups on one side", "整组划分，同组不拆开"),
    "time": ("the latest rows are sealed", "按时间划分，封存最新数据"),
    "group-time": ("whole groups, those that began last are sealed", "整组划分，封存最晚开始的组"),
})  # fmt: skip

VERDICTS = _said({
    "leak": ("leak", "泄露"), "doubtful": ("doubtful", "存疑"), "cleared": ("cleared", "排除嫌疑"),
})  # fmt: skip

CLEANING = _said({
    "missing_marks": ("{values} mean missing", "{values} 视为缺失"),
    "spelling": ("one way of writing: {spelling}", "统一写法：{spelling}"),
    "digits": ("only digits are kept", "只保留数字"),
    "range": ("only values {range}; others become missing", "只保留{range}的值，其余视为缺失"),
    "one_of": ("only {values}; others become missing", "只保留 {values}，其余视为缺失"),
    "required": ("rows without a value are left out", "缺少该值的行不参与训练"),
    "numbers": ("text is read as numbers", "文本按数值读取"),
    "dates": ("text is read as dates", "文本按日期读取"), "drop_rows": ("rows are left out", "删除若干行"),
    "drop_column": ("the column is left out", "不使用该列"),
})  # fmt: skip

ROLES = _said({
    "numeric": ("numbers", "数值"), "category": ("categories", "类别"), "date": ("dates", "日期"), "text": ("texts", "文本"),
    "id": ("row names", "标识"), "constant": ("constants", "常量"), "empty": ("empty", "空列"),
})  # fmt: skip

PROMISES = _said({
    "max_false_positive_rate": ("false positive rate at most", "误报率不超过"),
    "min_recall": ("recall at least", "召回率不低于"),
    "min_precision": ("precision at least", "精确率不低于"),
    "max_latency_ms": ("ms for one row at most", "单行预测毫秒数不超过"),
    "max_model_mb": ("model size in MB at most", "模型大小（MB）不超过"),
    "cost_false_positive": ("cost of a false alarm", "误报成本"), "cost_false_negative": ("cost of a miss", "漏报成本"),
})  # fmt: skip

# What the parts of a rule about the data are called.
RULES = _said({
    "column": ("column", "列"), "op": ("rule", "规则"), "low": ("from", "不小于"), "high": ("up to", "不大于"),
    "strict": ("ends excluded", "不含端点"), "values": ("values", "取值"), "words": ("words", "原文"),
    "digits": ("digits only", "只保留数字"), "range": ("range", "取值范围"), "one_of": ("one of", "限定取值"),
    "required": ("must not be missing", "不得缺失"), "method": ("method", "方式"), "group": ("groups", "按组"),
    "time": ("by time", "按时间"), "random": ("at random", "随机"), "stratified": ("class shares kept", "分层随机"),
    "group-time": ("groups by time", "按组与时间"),
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
    "kept_unsure": ("kept, not for certain", "满足，但不确定"), "broken_unsure": ("broken, not for certain", "未满足，但不确定"),
    "promises": ("Limits you asked for", "您提出的限制"), "limit": ("limit", "限制"), "reached": ("reached", "实际"),
    "kept": ("kept", "满足"), "broken": ("not kept", "未满足"),
    "findings": ("The data", "数据情况"), "no_findings": ("Nothing unusual was found.", "未发现异常。"),
    "column": ("column", "列"), "finding": ("what was noticed", "发现"),
    "rows": ("rows", "行"), "columns": ("columns", "列"),
    "inputs": ("inputs", "输入列"), "missing": ("cells missing", "缺失单元格"),
    "split": ("How rows were kept apart", "数据划分"), "train": ("to learn from", "用于训练"),
    "sealed": ("sealed until now", "封存至今"), "folds": ("folds inside training", "训练内折数"),
    "class_shares": ("class", "类别"), "share": ("share", "占比"),
    "leaderboard": ("Models tried", "尝试过的模型"), "score": ("validation score", "验证得分"), "fit": ("fit", "训练耗时"),
    "size": ("size", "大小"), "weight": ("weight", "权重"), "state": ("state", "状态"),
    "defaults": ("defaults", "默认"),
    "leaderboard_note": (
        "Scores on validation rows inside the training part; they were used to choose and are therefore a little too kind.",
        "训练数据内部验证行上的得分；由于用于选择模型，会略偏乐观。"),
    "importance": ("What the model looks at", "模型依据什么判断"),
    "importance_drop": ("worse when shuffled", "打乱后变差"), "code": ("code", "代码"), "number": ("id", "编号"),
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
    "sources": ("From", "数据来源"), "contents": ("Contents", "目录"),
    "cleaning": ("What was done to the data", "数据清洗"), "step": ("step", "步骤"), "touched": ("rows", "涉及行数"),
    "because": ("why", "原因"), "stated": ("you said so", "您的要求"), "found": ("found in the data", "数据中发现"),
    "between": ("between {low} and {high}", "在 {low} 到 {high} 之间"), "from_low": ("from {low}", "不小于 {low}"),
    "to_high": ("up to {high}", "不大于 {high}"), "from_low_strict": ("above {low}", "大于 {low}"),
    "to_high_strict": ("below {high}", "小于 {high}"),
    "between_strict": ("above {low} and below {high}", "大于 {low} 且小于 {high}"),
    "leaks": ("Could a column give the answer away?", "是否有列泄露答案"),
    "leaks_note": (
        "Each suspect was judged by small models on validation folds of the training rows: of this column alone, of all "
        "columns, and of all but this one.",
        "在训练数据的验证折上，用小模型对每个可疑列分别评估：仅用该列、用全部列、去掉该列。"),
    "alone": ("alone", "仅用该列"), "with_it": ("with it", "含该列"), "without_it": ("without it", "去掉该列"),
    "chance": ("knowing nothing", "随机猜测"), "verdict": ("verdict", "结论"), "signs": ("what made it suspect", "可疑之处"),
    "is_kept": ("still used", "仍在使用"), "is_left_out": ("left out", "已排除"),
    "validate": ("judged on", "用于验证"), "learn": ("learned from", "用于学习"), "sealed_short": ("sealed", "封存"),
    "fold_n": ("fold {n}", "第 {n} 折"), "at_last": ("at last", "最终评估"),
    "order_random": ("rows in drawn order", "行（按抽取顺序）"), "order_time": ("time →", "时间 →"),
    "order_group": ("whole groups", "各组（整组）"),
    "split_drawing": ("How rows are used", "各行的用途"),
    "honest_random": ("The same learner, split in two ways", "同一模型在两种划分下的得分"),
    "honest": ("this split", "当前划分"), "random_split": ("random split", "随机划分"),
    "repeated": ("Cross-validated {n} times over", "重复交叉验证 {n} 次"),
    "repeated_short": ("repeated validation", "重复验证"),
    "sealed_score": ("sealed rows", "封存数据"),
    "predict_ms": ("predict, ms per row", "预测 毫秒/行"),
    "contributions": ("How far each column moves a prediction", "各列对预测的平均影响"),
    "contributions_note": (
        "Mean absolute Shapley value on {rows} sealed rows, in the unit of the output.",
        "{rows} 行封存数据上 Shapley 值绝对值的平均，单位与输出一致。"),
    "effects": ("How predictions change along a column", "预测随各列取值的变化"),
    "effects_note": (
        "Line: mean prediction when only this column changes (partial dependence). Band: 80 % of single rows around it. "
        "Grey: where the data lie.",
        "线：仅改变该列时的平均预测（部分依赖）；色带：80% 的单行曲线围绕平均的范围；灰色：数据分布。"),
    "reasons": ("Why the model said so: some typical rows", "典型行的判断依据"),
    "reasons_note": (
        "From the model's starting point, where no column says anything, to the prediction of this row, column by column.",
        "从起点（尚不知道任何一列时的输出）出发，逐列说明如何得到该行的预测。"),
    "surprises": ("The most surprising errors", "最意外的错误"),
    "surprises_note": (
        "Sealed rows on which the model was most wrong. Look at them: wrong labels and missing information show here.",
        "封存数据中模型错得最多的行，值得逐一查看：标注错误或信息缺失常在这里显现。"),
    "row_n": ("Row {n}", "第 {n} 行"), "truth": ("actual", "实际"), "was_said": ("predicted", "预测"),
    "base": ("starting point", "起点"), "rest": ("other columns", "其余各列"), "this_row": ("this row", "该行预测"),
    "reason_because": ("because", "因为"), "raises": ("raises", "提高"), "lowers": ("lowers", "降低"), "loss": ("loss", "损失"),
    "slices": ("Where it is weak", "模型较弱的数据"),
    "slices_note": (
        "Groups of sealed rows with a larger mean loss than elsewhere; p after Bonferroni's correction.",
        "封存数据中平均损失明显偏高的部分；p 值已做 Bonferroni 校正。"),
    "condition": ("rows with", "条件"), "inside": ("loss here", "此处损失"), "outside": ("elsewhere", "其余损失"),
    "p_value": ("p", "p 值"),
    "fairness": ("Are groups treated alike?", "不同群体是否一致"),
    "fairness_note": ("Rates on sealed rows; lines are 95 % intervals.", "封存数据上的比率，线段为 95% 区间。"),
    "selected": ("said to be “{label}”", "判为“{label}”的比例"),
    "true_positive_rate": ("found among true ones", "真正例中被找出的比例"),
    "false_positive_rate": ("false alarms among others", "反例中的误报比例"),
    "calibration_error": ("probability minus outcome", "预测概率减实际比例"), "error": ("mean error", "平均误差"),
    "error_share": ("share of wrong answers", "错误比例"),
    "difference": ("largest difference", "最大差异"), "parity": ("selected share", "被选中比例"),
    "odds": ("hits or false alarms", "命中率或误报率"), "left_out_rows": (
        "{n} rows are in groups too small to judge, or have no value.", "{n} 行因所在群体过小或缺少取值而未评估。"),
    "is_input": ("The model uses this column.", "模型使用了该列。"),
    "is_no_input": ("The model does not use this column.", "模型没有使用该列。"),
    "group": ("group", "群体"),
    "label_doubts": ("Labels to look at again", "值得复核的标签"),
    "label_doubts_note": (
        "Training rows whose label models trained without them contradict most clearly (confident learning).",
        "未见过这些行的模型与其标签明显不一致的训练行（置信学习）。"),
    "given": ("label given", "现有标签"), "likely": ("more likely", "更可能是"), "margin": ("margin", "差距"),
    "row": ("row", "行号"),
    "usage_verify": ("Check every number of this report", "核对本报告的全部数字"),
    "check_note": (
    "openglm verify recomputes every score, interval and chart from the files beside this page, and finds any byte of them "
        "that was changed.",
        "openglm verify 会用本页旁边的文件重新计算所有得分、区间和图表；任何一个字节的改动都会被发现。"),
})  # fmt: skip
