"""The command line as a whole: every verb answers --help, starts quickly, and the page in docs says what help says."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from openglm import __version__
from openglm.cli import app

ROOT = Path(__file__).resolve().parents[2]
VERBS = [
    "run",
    "chat",
    "plan",
    "check",
    "understand",
    "predict",
    "explain",
    "leaderboard",
    "report",
    "verify",
    "diff",
    "list",
    "resume",
    "stop",
    "doctor",
    "new",
]


def test_the_verbs_are_these() -> None:
    """Nothing is missing and nothing came by accident."""
    group: Any = typer.main.get_command(app)
    assert list(group.commands) == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(call: Any, verb: str) -> None:
    """--help shows an example that starts with the verb itself, and leaves with 0."""
    done = call(verb, "--help")
    assert done.exit_code == 0
    assert f"openglm {verb}" in done.stdout.split("Arguments")[0].split("\n", 1)[1]
    assert "\\b" not in done.stdout and "\b" not in done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_word_and_option_has_a_help_text(verb: str) -> None:
    """No option is left unexplained, and --lang and --json are everywhere."""
    group: Any = typer.main.get_command(app)
    params = group.commands[verb].params
    assert [item.name for item in params if not item.help] == []
    assert {"lang", "as_json"} <= {item.name for item in params}


def test_a_shared_option_is_described_once() -> None:
    """The same option means the same in every verb."""
    group: Any = typer.main.get_command(app)
    texts: dict[str, set[str]] = {}
    for verb in group.commands.values():
        for item in verb.params:
            if item.param_type_name == "option":
                texts.setdefault(item.opts[0], set()).add(item.help)
    assert {name: found for name, found in texts.items() if len(found) > 1} == {}


def test_without_a_verb_the_help_is_shown(call: Any) -> None:
    """``openglm`` alone is a question, not a mistake."""
    done = call()
    assert done.exit_code == 0
    assert "Commands:" in done.stdout


def test_version(call: Any) -> None:
    """--version prints the package's own."""
    assert call("--version").stdout == f"openglm {__version__}\n"


def test_an_unknown_verb_or_option_is_a_usage_error(call: Any) -> None:
    """Exit code 2, the nearest verb, and no traceback."""
    done = call("rnu")
    assert done.exit_code == 2
    assert "run" in done.stderr and "Traceback" not in done.stderr
    assert call("list", "--jsn").exit_code == 2


def test_a_usage_error_after_json_is_json(call_json: Any) -> None:
    """A program that asked for JSON gets it, even when it mistyped an option."""
    code, answer = call_json("predict", "--otput", "x.csv")
    assert code == 2
    assert answer["error"]["exit_code"] == 2
    assert "--otput" in answer["error"]["message"]


ROOMS = {"rich", "numpy", "pandas", "sklearn", "openglm.flow", "openglm.core"}


# typer itself may use pydantic to read the options of a verb; for the first page it must not be needed.
@pytest.mark.parametrize(("words", "heavy"), [(["--help"], ROOMS | {"pydantic"}), (["run", "--help"], ROOMS)])
def test_help_loads_nothing_heavy(words: list[str], heavy: set[str]) -> None:
    """--help needs no rich, numpy or any room."""
    code = (
        "import sys\nfrom openglm.cli import app\n"
        f"try:\n    app({words!r})\nexcept SystemExit:\n    pass\n"
        f"sys.exit(','.join(sorted({heavy!r} & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_worker_that_imports_the_door_does_not_pay_for_the_verbs() -> None:
    """A spawned process imports openglm.__main__ again: typer stays out of it."""
    code = "import sys, openglm.__main__; sys.exit('typer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_python_m_openglm_speaks_utf8_into_a_pipe() -> None:
    """Redirected output is UTF-8 even where the locale is not."""
    env = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-m", "openglm", "--help"], capture_output=True, env=env, check=False)
    assert done.returncode == 0
    assert "一句话加一份数据" in done.stdout.decode("utf-8")


def test_the_page_in_docs_is_fresh() -> None:
    """docs/cli.md is what docs/make_cli.py writes now; if not: python docs/make_cli.py."""
    made = runpy.run_path(str(ROOT / "docs" / "make_cli.py"))["page"]()
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == made
