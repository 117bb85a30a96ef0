"""How numbers, tables and JSON look."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import numpy as np
import pytest

from openglm.cli import _show as show
from openglm.core.finding import Finding
from openglm.core.words import Said


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.92346, "0.9235"),
        (0, "0.0000"),
        (123456.0, "1.235e+05"),
        (0.00001, "1e-05"),
        (None, "-"),
        (float("nan"), "-"),
        ("NaN", "-"),
        (True, "-"),
    ],
)
def test_number(value: Any, expected: str) -> None:
    """Four digits where that is readable, "-" where there is no number."""
    assert show.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(8.24, "8.2 s"), (60, "1 min 00 s"), (185.4, "3 min 05 s"), (3720, "1 h 02 min")]
)
def test_duration(value: float, expected: str) -> None:
    """Seconds, minutes, hours."""
    assert show.duration(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0, "0 B"), (999, "999 B"), (3400, "3.4 kB"), (3_400_000, "3.4 MB"), (5e9, "5.0 GB")]
)
def test_size(value: float, expected: str) -> None:
    """Decimal units, as file managers show them."""
    assert show.size(value) == expected


def test_json_is_json_for_every_reader(capsys: pytest.CaptureFixture[str]) -> None:
    """No NaN, numpy numbers as numbers, Chinese as it is."""
    show.print_json({"a": float("nan"), "b": np.float64(1.5), "c": (np.int64(2), float("inf")), "预测": "是"})
    text = capsys.readouterr().out
    assert json.loads(text, parse_constant=pytest.fail) == {"a": None, "b": 1.5, "c": [2, None], "预测": "是"}
    assert "预测" in text


def test_user_text_is_never_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column may be called [bold]."""
    paper = io.StringIO()
    monkeypatch.setattr(sys, "stdout", paper)
    finding = Finding(severity="note", code="x", column="[bold red]", message=Said(en="see [/] :smile:", zh=""))
    show.console().print(show.findings_table([finding], "en"))
    assert "[bold red]" in paper.getvalue() and "see [/] :smile:" in paper.getvalue()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_findings_are_sorted_by_severity(monkeypatch: pytest.MonkeyPatch, language: Any) -> None:
    """Blockers first, in the reader's language."""
    paper = io.StringIO()
    monkeypatch.setattr(sys, "stdout", paper)
    severities: tuple[Any, ...] = ("note", "blocker", "warning")
    items = [Finding(severity=s, code=f"c-{s}", message=Said(en="english", zh="中文")) for s in severities]
    show.console().print(show.findings_table(items, language))
    text = paper.getvalue()
    assert text.index("c-blocker") < text.index("c-warning") < text.index("c-note")
    assert {"en": "english", "zh": "中文"}[language] in text
