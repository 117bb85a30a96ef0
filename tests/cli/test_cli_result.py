"""What is printed after a run, beyond the scores."""

from __future__ import annotations

import io
import math
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from openglm.cli._result import _limits, _understood
from openglm.cli._show import leaderboard_table
from openglm.core.evidence import Interval
from openglm.core.report import Promise
from openglm.core.task import Goal, Slot, Span
from openglm.core.words import Said

PROMISES = (
    Promise(constraint="min_recall", limit=0.9, value=0.95, kept=True),
    Promise(constraint="max_false_positive_rate", limit=0.02, value=0.035, kept=False),
    Promise(constraint="max_model_mb", limit=5, value=math.nan, kept=False),
)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "Limit you set: recall at least 0.9: kept (0.95)",
                "Limit you set: false positive rate at most 0.02: NOT kept (0.035)",
                "Limit you set: model size in MB at most 5: could not be measured",
            ],
        ),
        (
            "zh",
            [
                "您提出的限制: 召回率不低于 0.9: 满足(实际 0.95)",
                "您提出的限制: 误报率不超过 0.02: 未满足(实际 0.035)",
                "您提出的限制: 模型大小(MB)不超过 5: 无法衡量",
            ],
        ),
    ],
)
def test_every_limit_is_answered(language: Any, lines: list[str]) -> None:
    """Kept or not on the sealed rows, with what was reached."""
    paper = io.StringIO()
    report: Any = SimpleNamespace(promises=PROMISES)
    _limits(Console(file=paper, width=140), report, language)
    assert paper.getvalue().splitlines() == lines


@pytest.mark.parametrize(
    ("language", "end"), [("en", "kept, not for certain (0.0097, 95 % 0.004 – 0.02)"), ("zh", "满足，但不确定")]
)
def test_an_uncertain_limit_is_said_to_be_uncertain(language: Any, end: str) -> None:
    """The terminal says as much as the report."""
    around = Interval(value=0.0097, low=0.004, high=0.02)
    promise = Promise(constraint="max_false_positive_rate", limit=0.01, value=0.0097, kept=True, interval=around)
    paper = io.StringIO()
    report: Any = SimpleNamespace(promises=(promise,))
    _limits(Console(file=paper, width=140), report, language)
    assert end in paper.getvalue()


def test_a_score_of_one_fold_is_marked() -> None:
    """In the list of models, too."""
    paper = io.StringIO()
    row = {"id": "t0002", "model": "lightgbm", "state": "done", "score": 1.0, "partial": True, "folds": 1}
    Console(file=paper, width=140).print(leaderboard_table([row], "roc_auc", "en"))
    assert "score of 1 fold only" in paper.getvalue()


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["  left aside: 'by shop' One shop.", "judged by average_precision (for recall)"]),
        ("zh", ["  未采用: “by shop” 只有一家。", "以 average_precision(代替 recall) 评判"]),
    ],
)
def test_what_was_left_aside_and_what_ranks_is_told(language: Any, lines: list[str]) -> None:
    """Words that nothing follows from are not dropped in silence; the metric has the name that the scores have."""
    paper = io.StringIO()
    said = Said(en="One shop.", zh="只有一家。")
    slot = Slot(value=["by shop"], origin="stated", evidence=(Span(start=0, end=7, text="by shop"),), reason=said)
    goal = Goal(intent="build_model", confidence=1.0, slots={"ignored": slot}, sentence="by shop", language=language)
    task = {"kind": "binary", "target": "y", "metric": "recall"}
    _understood(Console(file=paper, width=140), goal, task, language)
    assert all(line in paper.getvalue() for line in lines)
