"""What is printed after a run, beyond the scores."""

from __future__ import annotations

import io
import math
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from openglm.cli._result import _limits
from openglm.core.report import Promise

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
