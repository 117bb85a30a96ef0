"""What is seen of a run's events."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from rich.console import Console

from openglm.cli._progress import STAGES, Status, follow, line, picture
from openglm.core.errors import StoppedError

STORY: list[dict[str, Any]] = [
    {"event": "stage", "stage": "load", "second": 0.0},
    {"event": "start", "run": "runs/a", "budget_s": 60.0, "second": 0.2},
    {"event": "understood", "target": "Churn", "kind": "binary", "metric": "roc_auc", "second": 0.3},
    {"event": "finding", "severity": "warning", "message": "Column 'x' looks like a leak.", "second": 0.4},
    {"event": "finding", "severity": "note", "message": "Filled.", "second": 0.4},
    {"event": "stage", "stage": "search", "second": 1.0},
    {"event": "baseline", "id": "t0000", "score": 0.5, "second": 1.5},
    {"event": "trial", "id": "t0001", "model": "knn", "state": "done", "score": 0.8, "best": 0.8, "second": 2.0},
    {"event": "trial", "id": "t0002", "model": "linear", "state": "failed", "score": None, "best": 0.8, "second": 3.0},
    {"event": "model-saved", "model": "knn", "score": 0.8, "bytes": 10, "second": 3.1},
    {"event": "note", "message_en": "stopping", "message_zh": "正在停止", "second": 4.0},
]


def test_the_status_follows_the_story() -> None:
    """Stage, counts, best and baseline are those of the last events."""
    status = Status()
    for event in STORY:
        status.take(event)
    assert (status.stage, status.run, status.budget_s) == ("search", "runs/a", 60.0)
    assert (status.tried, status.failed, status.best, status.model, status.baseline) == (2, 1, 0.8, "knn", 0.5)


def test_in_a_pipe_every_event_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error only; notes about the data wait for the end."""
    with follow("en") as listen:
        for event in STORY:
            listen(event)
    seen = capsys.readouterr()
    assert seen.out == ""
    lines = seen.err.splitlines()
    assert len(lines) == len(STORY) - 1
    assert lines[6].split() == ["2.0", "s", "t0001", "knn:", "0.8000", "(best", "0.8000)"]
    assert lines[7].endswith("t0002 linear: failed (best 0.8000)")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "3 candidates were given up after their first fold"), ("zh", "3 个候选在第一折之后被放弃")],
)
def test_candidates_given_up_are_one_line(capsys: pytest.CaptureFixture[str], language: Any, words: str) -> None:
    """Said once, at the end of the search, and not again."""
    stopped = {"event": "trial", "id": "t9", "model": "knn", "state": "stopped", "best": 0.8, "second": 5.0}
    with follow(language) as listen:
        for event in [stopped] * 3:
            listen(event)
        assert capsys.readouterr().err == ""
        listen({"event": "searched", "second": 6.0})
        assert capsys.readouterr().err == f"    6.0 s  {words}\n"
        listen({"event": "stage", "stage": "refit", "second": 6.1})
    assert words not in capsys.readouterr().err


def test_in_chinese_the_lines_are_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    """The same story in the other language."""
    with follow("zh") as listen:
        for event in STORY:
            listen(event)
    text = capsys.readouterr().err
    assert all(word in text for word in ("读取数据", "时限 60 秒", "朴素基线 0.5000", "最佳 0.8000", "正在停止"))


def test_after_json_a_pipe_stays_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that reads JSON gets no lines beside it."""
    with follow("en", quiet=True) as listen:
        for event in STORY:
            listen(event)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "name", ["start", "stage", "understood", "baseline", "trial", "model-saved", "finding", "note", "new-one", None]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_event_without_its_keys_breaks_nothing(name: Any, language: Any) -> None:
    """Events of other versions may lack anything."""
    Status().take({"event": name})
    assert isinstance(line({"event": name}, language), str | None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_live_picture_shows_what_matters(language: Any) -> None:
    """Stage, counts, best against baseline, time against budget, memory."""
    status = Status()
    for event in STORY:
        status.take(event)
    paper = Console(file=io.StringIO(), width=100)
    paper.print(picture(status, 123_000_000, language))
    text = paper.file.getvalue()  # type: ignore[attr-defined]
    assert all(
        word in text
        for word in (STAGES["search"].text(language), "2", "0.8000 knn", "0.5000", "1 min 00 s", "123.0 MB")
    )


def test_the_live_block_on_a_terminal_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remarks stay above it; stdout is untouched."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen, out = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    with follow("en") as listen:
        for event in STORY:
            listen(event)
    assert "target 'Churn', two classes, judged by roc_auc" in screen.getvalue()
    assert out.getvalue() == ""


def test_ctrl_c_says_how_to_go_on() -> None:
    """The run's folder is known from its events."""
    with pytest.raises(StoppedError, match="openglm resume runs/a") as caught, follow("en", quiet=True) as listen:
        listen(STORY[1])
        raise KeyboardInterrupt
    assert caught.value.exit_code == 130


def test_a_broken_display_never_ends_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the listener meets, the run goes on."""
    with follow("en") as listen:
        monkeypatch.setattr(sys, "stderr", None)
        listen({"event": "trial", "score": object()})
