"""``openglm chat`` from outside: piped turns, a terminal, Ctrl-C, JSON, and going on with a chat."""

from __future__ import annotations

import codecs
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from openglm.cli import chat as verb


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A table with two columns that matter."""
    rng = np.random.default_rng(0)
    visits, spent = rng.poisson(4, 300), rng.gamma(2, 30, 300).round(1)
    left = rng.random(300) < 1 / (1 + np.exp(0.8 * visits - 3))
    frame = pd.DataFrame({"visits": visits, "spent": spent, "churned": np.where(left, "yes", "no")})
    frame.to_csv(tmp_path / "shop.csv", index=False)
    frame.drop(columns="churned").head(7).to_csv(tmp_path / "new.csv", index=False)
    return tmp_path


def piped(folder: Path, turns: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "openglm", "chat", *words],
        input=turns, capture_output=True, encoding="utf-8", cwd=folder, check=False, timeout=120,
        env={**os.environ, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip


def test_a_pipe_is_a_conversation(shop: Path) -> None:
    """Each turn is echoed with its answer; what is pending at the end is trained; the last line says how to go on."""
    done = piped(shop, "# 注释\n预测是否流失\n\n换成F1\n", "shop.csv", "--trials", "1", "--out", "talk")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("> 预测是否流失\n预测“churned”") and "\n> 换成F1\n指标: AUC → F1" in done.stdout
    assert "> (开始)\n已训练 01-churned" in done.stdout
    assert "openglm chat shop.csv --out talk" in done.stderr
    assert (shop / "talk" / "01-churned" / "report.html").exists()

    again = piped(shop, "predict new.csv\nquit\nuse auc\n", "shop.csv", "--trials", "1", "--out", "talk", "--json")
    lines = [json.loads(line) for line in again.stdout.splitlines()]
    assert again.returncode == 0 and len(lines) == 1 and lines[0]["run"].endswith("01-churned")
    assert len(pd.read_csv(lines[0]["files"][0])) == 7
    assert len((shop / "talk" / "chat.jsonl").read_text(encoding="utf-8").splitlines()) == 5


def test_the_last_turn_decides_the_exit_code(shop: Path) -> None:
    """A mistake that is not the last turn costs nothing; the last one's code is the command's, and nothing is trained."""
    turns = "predict churned\npredict nothing.csv\n"
    failed = piped(shop, turns, "shop.csv", "--trials", "1", "--out", "a")
    assert failed.returncode == 2 and "! There is no file nothing.csv" in failed.stdout
    assert [path.name for path in (shop / "a").iterdir()] == ["chat.jsonl"]
    mended = piped(shop, turns + "help\ngo\n", "shop.csv", "--trials", "1", "--out", "b")
    assert mended.returncode == 0 and "use F1 instead" in mended.stdout and "Trained 01-churned" in mended.stdout


def test_a_table_that_is_not_there(call: Callable[..., Any], tmp_path: Path) -> None:
    """Is said before the first turn, with the exit code of its error; no folder is made."""
    done = call("chat", "nothing.csv", input="predict churn\n")
    assert done.exit_code == 2 and "nothing.csv" in done.stderr and done.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_shows_six_examples(language: str) -> None:
    """Aligned, whatever the script."""
    lines = verb._help(language).splitlines()  # type: ignore[arg-type]
    assert len(lines) == 6
    meanings = [meaning for _, meaning in verb.EXAMPLES[language]]
    assert len({verb._width(line) - verb._width(text) for line, text in zip(lines, meanings, strict=True)}) == 1


class Terminal:
    """The real command at the other end of a pseudo-terminal."""

    def __init__(self, folder: Path, *words: str) -> None:
        import pty

        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "openglm", "chat", *words], stdin=slave, stdout=slave, stderr=slave, cwd=folder,
            env={**os.environ, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "TERM": "xterm", "COLUMNS": "120"}, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.text = ""
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode  # a prompt may come byte by byte

    def until(self, words: str, seconds: float = 60) -> None:
        """Read until the screen has shown ``words``; what was read before counts no more afterwards."""
        import select

        end = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < end, f"no {words!r} in {self.text!r}"
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.text += self.decode(os.read(self.master, 65536))
                except OSError:  # the other end is gone
                    assert words in self.text, self.text
        self.text = self.text.split(words, 1)[1]

    def type(self, words: str) -> None:
        os.write(self.master, words.encode())

    def leave(self) -> int:
        self.type("\x04")
        self.until("--out talk")
        return self.process.wait(30)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_at_a_terminal(shop: Path) -> None:
    """Prompt, help, an edit, Enter trains, Ctrl-C in a long training keeps the best and comes back, Ctrl-D leaves."""
    with Terminal(shop, "shop.csv", "--time", "60", "--out", "talk") as talk:
        talk.until("you> ")
        talk.type("help\n")
        talk.until("export the model")
        talk.until("you> ")
        talk.type("预测是否流失\n")
        talk.until("说“开始”即可训练")
        talk.until("你> ")
        talk.type("\n")
        saved = shop / "talk" / "01-churned" / "pipeline"
        end = time.monotonic() + 50
        while not any(saved.glob("*")):
            assert time.monotonic() < end and talk.process.poll() is None
            time.sleep(0.1)
        talk.process.send_signal(signal.SIGINT)
        talk.until("已提前停止")
        talk.until("你> ")
        assert talk.leave() == 0
    state = json.loads((shop / "talk" / "01-churned" / "state.json").read_text(encoding="utf-8"))
    assert state["status"] == "stopped"
