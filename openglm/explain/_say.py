"""The sentences of a report, in both languages: the answer, what the score means, and what it does not mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from openglm.core.dataset import Dataset, Rows
from openglm.core.evidence import Interval
from openglm.core.finding import Finding
from openglm.core.metrics import METRICS
from openglm.core.report import DataFacts
from openglm.core.task import CLASSIFICATION, Task
from openglm.core.trial import Trial
from openglm.core.words import Said, plural
from openglm.explain._resample import FEW_GROUPS, units_of
from openglm.explain._words import KINDS, METRIC_NAMES, between, number

SLIGHT = 0.1
"""Share of the way from the baseline to perfect below which a gain is called slight: for RMSE it is R², where Cohen (1988,
chapter 9) calls 0.02 small and 0.13 medium; an AUC of 0.55."""
PERFECT = 0.998
"""The same share from which a score is too good to be taken as it is: an AUC of 0.999. Our own choice."""
FEWEST_FOR_DOUBT = 50
"""Scored rows from which a perfect score is doubted: without one error in 50 rows the error rate is below 6 % (rule of three)."""
FEW_ROWS = 100
"""Below this many sealed rows an interval by resampling is itself rough (Efron & Tibshirani 1993, section 13.3)."""


@dataclass(frozen=True)
class Facts:
    """What the sentences are made of."""

    task: Task
    metric: str
    score: float
    base: float
    interval: Interval | None
    better: bool
    rows: int
    data: DataFacts
    model: str
    stopped: bool = False


def skill(name: str, score: float, base: float) -> float:
    """Return how far a score is on the way from the baseline to perfect: 0 there, 1 where nothing is left to do better.

    Squared errors for RMSE, so that it is the share of the variance. Not-a-number where there is no such way.

    Examples
    --------
    >>> round(skill("roc_auc", 0.55, 0.5), 3), round(skill("rmse", 8.0, 10.0), 3)
    (0.1, 0.36)
    """
    known = METRICS[name]
    best = known.high if known.greater_is_better else known.low
    if name == "rmse":
        score, base = score**2, base**2
    return (score - base) / (best - base) if math.isfinite(best) and best != base else math.nan


def title(facts: Facts) -> Said:
    """Return the name of the report."""
    kind, target = KINDS[facts.task.kind], facts.task.target or ""
    return Said(
        en=f"{target}: {kind.en}" if target else kind.en.capitalize(), zh=f"{target}：{kind.zh}" if target else kind.zh
    )


def answer(facts: Facts) -> Said:
    """Return the result in one sentence: better than the baseline or not, by which numbers, on how many rows."""
    target, name = facts.task.target, METRIC_NAMES[facts.metric]
    name_zh = name.zh + (" " if name.zh.isascii() or name.zh[-1].isascii() else "")  # a gap before a Chinese sign
    if not facts.rows or math.isnan(facts.score):
        return Said(
            en=f"A model for “{target}” was made, but there are no rows on which it could be judged honestly.",
            zh=f"“{target}”的模型已生成，但没有可用于客观评估的数据行。",
        )
    score, base = number(facts.score), number(facts.base)
    around_en, around_zh = "", ""
    if facts.interval is not None:
        ends = between(facts.interval.low, facts.interval.high)
        around_en, around_zh = f" (95 % interval {ends})", f"（95% 区间 {ends}）"
    rows, rows_zh = f"{facts.rows:,} unseen rows", f"{facts.rows:,} 行未见过的数据"
    if facts.rows < facts.data.sealed:
        rows = f"{facts.rows:,} of {facts.data.sealed:,} unseen rows (time was short)"
        rows_zh = f"{facts.data.sealed:,} 行未见过的数据中的 {facts.rows:,} 行（时间不足）"
    if facts.model == "baseline" and facts.stopped:
        return Said(
            en=f"The run was stopped before any learner was ready, so what is delivered for “{target}” is the naive baseline: "
            f"{name.en} {score} on {rows}. Let the run end by itself to get a model.",
            zh=f"运行在任何模型训练完成之前被停止，为“{target}”交付的是朴素基线：在 {rows_zh}上，{name_zh}为 {score}。"
            "请让运行自行结束以得到模型。",
        )
    if facts.model == "baseline":
        return Said(
            en=f"No learner was ready in time (or all failed), so what is delivered for “{target}” is the naive baseline: "
            f"{name.en} {score} on {rows}. Give the run more time.",
            zh=f"没有任何模型及时训练完成（或全部失败），为“{target}”交付的是朴素基线：在 {rows_zh}上，"
            f"{name_zh}为 {score}。请增加运行时间。",
        )
    if facts.better:
        slight = skill(facts.metric, facts.score, facts.base) < SLIGHT
        how_en, how_zh = ("only a little better", "仅略优于") if slight else ("better", "明显优于")
        return Said(
            en=f"“{target}” can be predicted {how_en} than by guessing: {name.en} {score}{around_en} on {rows}, where the naive "
            f"baseline reaches {base}.",
            zh=f"“{target}”可以预测，{'但' if slight else '且'}{how_zh}猜测：在 {rows_zh}上，{name_zh}为 {score}{around_zh}，"
            f"而朴素基线为 {base}。",
        )
    return Said(
        en=f"No model was found that reliably predicts “{target}” better than the naive baseline: {name.en} "
        f"{score}{around_en} against {base} on {rows}.",
        zh=f"没有找到能可靠地优于朴素基线的“{target}”模型：在 {rows_zh}上，{name_zh}为 "
        f"{score}{around_zh}，基线为 {base}。",
    )


def meaning(facts: Facts) -> Said:
    """Return what the value of the metric means in everyday words."""
    score = facts.score
    if math.isnan(score):
        return Said(en="The metric does not exist on these rows.", zh="该指标在这些数据行上无法计算。")
    many = facts.task.kind == "multiclass"
    positive = str(facts.task.positive_class if facts.task.positive_class is not None else "1")
    target = facts.task.target
    hundred, value = f"{100 * score:.0f}", number(score)
    span_en, span_zh = "", ""
    if facts.data.value_range is not None:
        low, high = (number(end) for end in facts.data.value_range)
        span_en, span_zh = f"; “{target}” runs from {low} to {high}", f"；“{target}”的范围是 {low} 到 {high}"
    if facts.metric == "roc_auc" and not many:
        return Said(
            en=f"Shown one row of class “{positive}” and one of the other class, the model puts the right one first "
            f"{hundred} times in 100; guessing does so 50 times.",
            zh=f"任取一行“{positive}”类和一行另一类，模型能在 100 次中正确排序 {hundred} 次；随机猜测为 50 次。",
        )
    table = {
        "roc_auc": (
            f"Averaged over the classes, a row of the class is put before a row of another one {hundred} times in 100.",
            f"对各类别取平均，模型在 100 次中有 {hundred} 次把属于该类的行排在其他行之前。",
        ),
        "average_precision": (
            f"Going down the list from the most probable row, {hundred} of 100 rows taken are right, averaged over all hits.",
            f"按概率从高到低选取时，平均每选 100 行约有 {hundred} 行是正确的。",
        ),
        "log_loss": (
            f"The true class was given a probability of {100 * math.exp(-score):.0f} % on (geometric) average; 100 % is perfect.",
            f"模型给真实类别的概率（几何平均）约为 {100 * math.exp(-score):.0f}%；越接近 100% 越好。",
        ),
        "brier": (
            f"The mean squared distance between probability and outcome is {value}; 0 is perfect.",
            f"概率与实际结果之间的均方距离为 {value}；0 为最佳。",
        ),
        "accuracy": (f"{hundred} of 100 rows get the right label.", f"每 100 行约有 {hundred} 行的类别判断正确。"),
        "balanced_accuracy": (
            f"With every class counted alike, {hundred} of 100 rows get the right label.",
            f"各类别同等看待时，每 100 行约有 {hundred} 行判断正确。",
        ),
        "precision": (
            f"Of 100 rows said to be “{positive}”, {hundred} are.",
            f"每 100 行被判为“{positive}”的数据中，约有 {hundred} 行判断正确。",
        ),
        "recall": (
            f"Of 100 rows that are “{positive}”, {hundred} are found.",
            f"每 100 行真正的“{positive}”中，约能找到 {hundred} 行。",
        ),
        "rmse": (
            f"A prediction is typically off by {value}, large errors counting more{span_en}.",
            f"预测值的典型误差约为 {value}（较大误差权重更高）{span_zh}。",
        ),
        "mae": (f"A prediction is off by {value} on average{span_en}.", f"预测值平均偏差 {value}{span_zh}。"),
        "median_absolute_error": (f"Half of the predictions are off by less than {value}{span_en}.",
                                  f"一半预测值的偏差小于 {value}{span_zh}。"),
        "mape": (
            f"A prediction is off by {100 * score:.1f} % of the true value on average.",
            f"预测值平均偏离真实值的 {100 * score:.1f}%。",
        ),
        "r2": (
            f"The model explains {100 * score:.0f} % of what varies in “{target}”; always saying the mean explains 0 %.",
            f"模型解释了“{target}”{100 * score:.0f}% 的变化；始终预测平均值为 0%。",
        ),
    }  # fmt: skip
    if facts.metric in table:
        return Said(en=table[facts.metric][0], zh=table[facts.metric][1])
    up = METRICS[facts.metric].greater_is_better
    return Said(
        en=f"{METRIC_NAMES[facts.metric].en}: {'higher' if up else 'lower'} is better{span_en}.",
        zh=f"{METRIC_NAMES[facts.metric].zh}：越{'高' if up else '低'}越好{span_zh}。",
    )


# ── findings about the answers ──


def doubtful(facts: Facts) -> tuple[Finding, ...]:
    """Return the finding that a score is too good to be taken as it is."""
    share = skill(facts.metric, facts.score, facts.base)
    if facts.rows < FEWEST_FOR_DOUBT or not share >= PERFECT:
        return ()
    name = METRIC_NAMES[facts.metric]
    return (
        Finding(
            severity="warning", code="too-good-to-be-true", rows=facts.rows,
            message=Said(
                en=f"The score on unseen rows is (nearly) perfect ({name.en} {number(facts.score)}), too good to be true in most "
                "cases: look for a leak, a column that is filled in after the outcome is known or computed from it.",
                zh=f"在未见过的数据上得分近乎完美（{name.zh} {number(facts.score)}），通常好得不真实：请检查是否存在泄露，"
                "即在结果已知之后才填写、或由结果计算得到的列。",
            ),
            fix=Said(
                en="Nothing was changed. Look at the most important columns in the report; leave out what is not known at the "
                "time of prediction, and train again.",
                zh="未作改动。请查看报告中最重要的列，剔除预测时无法获得的列后重新训练。",
            ),
        ),
    )  # fmt: skip


def one_answer(label: str, rows: int, right: float, *, limited: bool) -> Finding:
    """Return the finding that every row gets the same label; where limits are stated, what keeping them this way is worth."""
    worth = ("", "")
    if limited:
        worth = " A limit that is kept this way is worth nothing.", "以这种方式满足的限制没有实际意义。"
    return Finding(
        severity="warning", code="one-answer", rows=rows,
        message=Said(
            en=f"The model decides on “{label}” for every one of the {rows:,} scored rows; {100 * right:.0f} % of them "
            f"are.{worth[0]}",
            zh=f"模型把评分的全部 {rows:,} 行都判为“{label}”，其中 {100 * right:.0f}% 正确。{worth[1]}",
        ),
        fix=Said(
            en="Nothing was changed. The probabilities may still put rows in order. Another limit, or the costs of both errors "
            "in the sentence, moves the threshold; more time or better columns may help.",
            zh="未作改动。概率仍可用于排序；可在句子中调整限制或写明两类错误的成本来移动阈值，也可增加时间或补充更有用的列。",
        ),
    )  # fmt: skip


# ── what the score does and does not mean ──

NO_IMPORTANCE = Said(
    en="Which columns matter was not measured: too little time or too few rows were left. A longer --time shows it.",
    zh="剩余时间或数据行不足，未计算各列的重要性；增加 --time 即可查看。",
)


def fewer_rows(scored: int, sealed: int) -> Said:
    """Say that time allowed only a part of the sealed rows."""
    return Said(
        en=f"Time was short: {scored:,} of the {sealed:,} sealed rows were scored, drawn at random.",
        zh=f"时间有限：在 {sealed:,} 行封存数据中随机抽取了 {scored:,} 行进行评分。",
    )


def fewer_columns(measured: int, columns: int) -> Said:
    """Say that time allowed importance for a part of the columns."""
    return Said(
        en=f"Time was short: importance was measured for {measured:,} of {columns:,} columns, likely ones first.",
        zh=f"时间有限：仅计算了 {columns:,} 列中 {measured:,} 列的重要性，优先选择较可能重要的列。",
    )


DELIVERED_TRAIN = Said(
    en="The delivered model is the one that was scored: it has never learned from the sealed rows.",
    zh="交付的模型就是被评分的模型：它从未用封存数据训练。",
)
DELIVERED_ALL = Said(
    en="The score was measured before any sealed row was learned from. Afterwards the delivered model was trained again with "
    "the same recipe on all rows: expect it to be no worse, but do not score it on these rows again.",
    zh="该得分是在封存数据参与训练之前测得的；之后交付的模型按同一方案用全部数据重新训练，"
    "预计不会更差，但请勿再用这些行为它评分。",
)


def limits(
    facts: Facts, data: Dataset, findings: Sequence[Finding], trials: Sequence[Trial], *,
    validation: float | None, refit: bool,
) -> tuple[Said, ...]:  # fmt: skip
    """Return what a reader should know before trusting the score, the specific before the general."""
    found = [*_leaks(findings, data), *_from_score(facts, validation), *_from_split(facts, data, trials, refit)]
    found.append(DELIVERED_TRAIN)
    found.append(
        Said(
            en="The score holds for new rows that come about like these ones. If customers, prices or the way of recording "
            "change, measure again.",
            zh="该得分适用于与当前数据产生方式相同的新数据；若客群、价格或记录方式发生变化，请重新评估。",
        )
    )
    found.append(
        Said(
            en="Importance says what the model uses, not what causes “"
            + str(facts.task.target)
            + "”. Columns that say the "
            "same share their importance.",
            zh=f"重要性表示模型使用了哪些信息，并不代表“{facts.task.target}”的原因；含义相近的列会分摊重要性。",
        )
    )
    return tuple(found)


def _leaks(findings: Sequence[Finding], data: Dataset) -> list[Said]:
    """Warn of possible leaks that the model learned from; one that was left out changes no score."""
    columns = [f"“{item.column}”" for item in findings if item.code.startswith("leak") and item.column in data.schema]
    if not columns:
        return []
    listed = ", ".join(dict.fromkeys(columns))
    return [
        Said(
            en=f"Be careful: {listed} may tell the answer in advance (see the findings). If it is not known at the time of "
            "prediction, the real score is lower.",
            zh=f"注意：{listed} 可能提前泄露答案（见数据问题）。若预测时无法获得该信息，实际得分会更低。",
        )
    ]


def _from_score(facts: Facts, validation: float | None) -> list[Said]:
    found = []
    if 0 < facts.rows < FEW_ROWS:
        found.append(
            Said(
                en=f"Only {plural(facts.rows, 'row')} {'was' if facts.rows == 1 else 'were'} kept for judging: "
                "score and interval are rough.",
                zh=f"仅有 {facts.rows} 行用于评估，得分与区间都较粗略。",
            )
        )
    if validation is not None and facts.interval is not None:
        outside = METRICS[facts.metric].better(validation, facts.score) and not (
            facts.interval.low <= validation <= facts.interval.high
        )
        if outside:
            found.append(
                Said(
                    en=f"During the search the best model scored {number(validation)}; on sealed rows it is "
                    f"{number(facts.score)}. Believe the sealed number: the other one was chosen for being high.",
                    zh=f"搜索过程中的最佳得分为 {number(validation)}，封存数据上为 {number(facts.score)}。"
                    "请以封存数据为准：前者是挑选出来的。",
                )
            )
    return found


def _from_split(facts: Facts, data: Dataset, trials: Sequence[Trial], refit: bool) -> list[Said]:
    found = []
    dates = [column.name for column in data.schema.columns if column.role == "date"]
    if data.split.method in ("random", "stratified") and (dates or data.task.time_column):
        found.append(
            Said(
                en=f"The rows have dates (“{data.task.time_column or dates[0]}”), but sealed rows were drawn at random from "
                "all times. On the future the score can be lower.",
                zh=f"数据含有日期（“{data.task.time_column or dates[0]}”），但封存数据是从所有时间随机抽取的；"
                "用于预测未来时得分可能更低。",
            )
        )
    if not refit and facts.stopped:
        found.append(
            Said(
                en="The run was stopped before the final model was trained again on all training rows; it saw only a part of "
                "them.",
                zh="运行被停止，最终模型未用全部训练数据重新训练，它只用到了其中一部分。",
            )
        )
    elif not refit:
        found.append(
            Said(
                en="There was no time to train the final model again on all training rows; it saw only a part of them.",
                zh="没有足够时间用全部训练数据重新训练最终模型，它只用到了其中一部分。",
            )
        )
    cut = sum(trial.partial and trial.state == "done" for trial in trials)  # not those given up for being bad
    lost = sum(trial.state in ("timeout", "memory", "failed") for trial in trials)
    if cut or lost:
        found.append(
            Said(
                en=f"Of {len(trials)} tried models, {cut} {'was' if cut == 1 else 'were'} cut short by the clock and {lost} did "
                "not finish; more time or memory may give a better one.",
                zh=f"共尝试 {len(trials)} 个模型，其中 {cut} 个被时间限制提前结束，{lost} 个未完成；"
                "增加时间或内存可能得到更好的结果。",
            )
        )
    if facts.task.kind in CLASSIFICATION and facts.data.class_rows:
        rarest = min(facts.data.class_rows.items(), key=lambda item: item[1][1])
        if rarest[1][1] < 20:  # our own: a share of 20 rows has an interval of about ±20 points (Wilson 1927)
            found.append(
                Said(
                    en=f"Class “{rarest[0]}” has only {rarest[1][1]} sealed rows: what is said about it is uncertain.",
                    zh=f"类别“{rarest[0]}”仅有 {rarest[1][1]} 行封存数据，关于该类的结论不够确定。",
                )
            )
    return found


def draws(data: Dataset, sealed: Rows, *, checked: bool) -> tuple[Said, ...]:
    """Say what the intervals of tied rows mean, and that time was short for a look at random folds."""
    found: list[Said] = []
    split = data.split
    if split.method == "time":
        found.append(
            Said(
                en="The interval says how the score varies over stretches of the sealed time. It says nothing of later times in "
                "which something changes.",
                zh="区间反映得分在封存时间段内的波动，并不包含之后情况发生变化的可能。",
            )
        )
    if split.method in ("group", "group-time"):
        groups = units_of(split, sealed).count
        if groups < FEW_GROUPS:
            found.append(
                Said(
                    en=f"Only {groups} groups were kept for judging: the interval is rough."
                    if groups > 1
                    else "Only one group was kept for judging, so that no interval can be given.",
                    zh=f"仅有 {groups} 个组用于评估，区间较粗略。"
                    if groups > 1
                    else "仅有一个组用于评估，无法给出区间。",
                )
            )
    if split.method in ("group", "time", "group-time") and not checked:
        found.append(
            Said(
                en="There was no time to judge the same learner on random folds too; a longer --time shows the difference.",
                zh="时间不足，未与随机划分的得分比较；增加 --time 即可查看差异。",
            )
        )
    return tuple(found)


def usage(run: str) -> dict[str, str]:
    """Return how to use the model: command lines and Python."""
    quoted = f'"{run}"' if any(sign in run for sign in " ()&;'") else run
    return {
        "predict": f"openglm predict {quoted} new.csv -o predictions.csv",
        "python": f'import openglm\nmodel = openglm.load({run!r})\nmodel.predict("new.csv")\nmodel.explain("new.csv")',
        "report": f"openglm report {quoted}",
        "verify": f"openglm verify {quoted}",
        "resume": f"openglm resume {quoted}",
    }
