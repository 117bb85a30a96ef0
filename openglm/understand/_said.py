"""What the reader says, in both languages: reasons, questions and refusals. Texts only; nothing is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openglm.core.errors import ColumnError, InputError, did_you_mean
from openglm.core.task import Choice, Question
from openglm.core.words import Said

if TYPE_CHECKING:
    from openglm.understand._columns import Profile
    from openglm.understand._lexicon import Lexicon
    from openglm.understand._target import Candidate

KIND_NAMES = {
    "binary": ("two classes", "二分类"), "multiclass": ("several classes", "多分类"), "regression": ("a number", "回归"),
    "forecast": ("a forecast", "时序预测"), "anomaly": ("anomaly detection", "异常检测"), "clustering": ("grouping", "聚类"),
}  # fmt: skip
ROLE_NAMES = {
    "numeric": "数值", "category": "类别", "text": "文本", "date": "日期", "id": "编号", "constant": "常量", "empty": "空列",
}  # fmt: skip
"""Column roles in Chinese; the English ones are the role words themselves."""
_HABITS = (
    ("marked", "its name says it is the outcome", "列名表明它是结果列"),
    ("two_valued", "it has exactly two values", "它恰好有两个取值"),
)


def choice_reason(item: Candidate, lexicon: Lexicon, text: str) -> Said:
    """Say why a column could be the target."""
    en, zh = _link_words(item, lexicon, text)
    habits_en, habits_zh = _habits(item.profile)
    return Said(
        en="; ".join(part for part in (en, *habits_en) if part) + ".",
        zh=";".join(part for part in (zh, *habits_zh) if part) + "。",
    )  # fmt: skip


def _link_words(item: Candidate, lexicon: Lexicon, text: str) -> tuple[str, str]:
    link = item.link
    if link is None:
        return "nothing in the sentence names it", "句中没有词语指明它"
    words = " … ".join(dict.fromkeys(text[start:end].strip() for start, end in link.spans))
    name = item.profile.name
    if link.how == "concept":
        en, zh = lexicon.concept_words.get(link.concept, (link.concept, link.concept))
        return (
            f"\"{words}\" is about {en}, and so is the column '{name}'",
            f"“{words}”说的是“{zh}”,与列“{name}”含义相关",
        )
    texts = {
        "name": (f'"{words}" is the name of the column', f"“{words}”就是列名"),
        "part": (f"\"{words}\" is part of the name '{name}'", f"“{words}”是列名“{name}”的一部分"),
        "typo": (f"\"{words}\" looks like '{name}' misspelt", f"“{words}”像是“{name}”的误写"),
        "value": (f"\"{words}\" are values of the column '{name}'", f"“{words}”是列“{name}”的取值"),
    }
    return texts[link.how]


def _habits(profile: Profile) -> tuple[list[str], list[str]]:
    en = [text for field, text, _ in _HABITS if getattr(profile, field)]
    zh = [text for field, _, text in _HABITS if getattr(profile, field)]
    if profile.two_valued and profile.column.levels:
        shown = "/".join(str(level) for level in profile.column.levels)
        en[-1], zh[-1] = f"it has exactly two values ({shown})", f"它恰好有两个取值({shown})"
    if profile.position == 0:
        return [*en, "it is the first column"], [*zh, "它是第一列"]
    if profile.last:
        return [*en, "it is the last column"], [*zh, "它是最后一列"]
    return en, zh


def target_question(options: tuple[Choice, ...]) -> Question:
    """Ask which column is meant."""
    names = [option.column for option in options]
    if not names:
        return Question(
            slot="target",
            text=Said(
                en="Which column is to be predicted? None of them looks like an outcome.",
                zh="要预测哪一列?没有哪一列看起来像结果列。",
            ),
        )
    return Question(
        slot="target",
        text=Said(
            en="Which column is to be predicted: " + ", ".join(f"'{name}'" for name in names) + "?",
            zh="要预测哪一列:" + "、".join(f"“{name}”" for name in names) + "?",
        ),
        options=options,
    )  # fmt: skip


def refusal() -> Question:
    """Say kindly what this house does instead."""
    return Question(
        slot="intent",
        text=Said(
            en="I can only learn from tables: tell me what to predict, for example 'predict which customers will churn'.",
            zh="我只会从表格数据中学习:请告诉我要预测什么,例如“预测哪些客户会流失”。",
        ),
    )


def unknown_column(name: str, known: tuple[str, ...]) -> ColumnError:
    """The sentence names a column that the table does not have."""
    return ColumnError(
        Said(en=f"There is no column '{name}'.", zh=f"没有名为“{name}”的列。"), hint=did_you_mean(name, known)
    )  # fmt: skip


def contradicts(asked: str, profile: Profile) -> InputError:
    """The asked kind of problem and the column's values do not go together."""
    name, column = profile.name, profile.column
    shown = ", ".join(str(level) for level in column.levels[:3])
    if asked == "regression":
        return InputError(
            Said(
                en=f"Regression needs numbers, but '{name}' holds classes ({shown} …).",
                zh=f"回归需要数值,而“{name}”是类别({shown} …)。",
            ),
            hint=Said(en="Ask for classification, or name a numeric target.", zh="请改为分类,或指定数值型目标列。"),
        )
    return InputError(
        Said(
            en=f"Classification needs classes, but '{name}' holds {column.n_unique} different numbers.",
            zh=f"分类需要类别,而“{name}”有 {column.n_unique} 个不同的数值。",
        ),
        hint=Said(en="Ask for regression, or name a column with classes.", zh="请改为回归,或指定类别型目标列。"),
    )


def excluded_target(name: str) -> InputError:
    """The target is among the columns to leave out."""
    return InputError(
        Said(en=f"'{name}' is to be predicted and to be left out at once.", zh=f"“{name}”既要预测又要排除。"),
        hint=Said(en="Remove one of the two.", zh="请去掉其中之一。"),
    )


def usual_metric(kind: str) -> Said:
    """Say that a metric is the usual one for a kind of problem."""
    en, zh = KIND_NAMES.get(kind, (kind, kind))
    return Said(en=f"The usual one for {en}.", zh=f"{zh}的常用指标。")


def kind_reason(kind: str, profile: Profile | None) -> Said:
    """Say why the target makes this kind of problem."""
    en, zh = KIND_NAMES[kind]
    if profile is None:
        return Said(en=f"The sentence asks for {en}.", zh=f"句子要求{zh}。")
    count, role = profile.column.n_unique, profile.column.role
    return Said(
        en=f"'{profile.name}' has {count} different values ({role}): {en}.",
        zh=f"“{profile.name}”有 {count} 个不同取值({ROLE_NAMES.get(role, role)}):{zh}。",
    )  # fmt: skip
