"""The language model at the doors: flow, AutoPipeline and command line take it, the run folder keeps what was understood."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from openglm import AutoPipeline, flow
from openglm.cli._app import app
from openglm.core.errors import InputError, QuestionError
from openglm.core.run import Run
from openglm.engines.openai_http import OpenAIHTTP
from openglm.testing.chat import ChatServer

SENTENCE = "build a model: which folks are about to fly the coop to the competition"
SAID = json.dumps({"target": {"value": "q7", "evidence": ["fly the coop"]}})


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch, tmp_path):
    for name in ("OPENAI_API_KEY", "OPENGLM_ENGINE_MODEL", "OPENGLM_ENGINE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENGLM_ENGINE_KEY", "sk-secret-123")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def members():
    """A table whose habits do not decide: two columns of two values, the last one a number."""
    rng = np.random.default_rng(0)
    rows = 120
    fee = rng.normal(30, 8, rows).round(2)
    lost = np.where(fee + rng.normal(0, 4, rows) > 33, "yes", "no")
    app_ = rng.choice(["no", "yes"], rows)
    return pd.DataFrame({"monthly_fee": fee, "q7": lost, "q8": app_, "months": rng.integers(1, 70, rows) + 0.5})


def test_understand_and_plan_take_a_url_or_an_engine(members):
    """Without it the sentence is a question, with it a task."""
    assert flow.understand_task(SENTENCE, members).questions
    with ChatServer(SAID) as server:
        goal = flow.understand_task(SENTENCE, members, engine=server.url)
        assert goal.tasks[0].target == "q7"
        assert AutoPipeline(engine=server.url).understand(SENTENCE, members) == goal
        engine = OpenAIHTTP(server.url, model="m")
        assert flow.make_plan(SENTENCE, members, engine=engine).task.target == "q7"
    with pytest.raises(QuestionError):
        flow.make_plan(SENTENCE, members, engine=engine)  # the server is gone: as without one
    with pytest.raises(InputError):
        flow.understand_task(SENTENCE, members, engine="http://user:secret@127.0.0.1/v1")


def test_a_run_keeps_what_was_understood(members, tmp_path):
    """The folder holds the goal with its note and the address, no key; the same call goes on without asking again."""
    members.to_csv("members.csv", index=False)
    events = []
    with ChatServer(SAID) as server:
        result = flow.run(SENTENCE, "members.csv", engine=server.url, trials=1, out="run", listener=events.append)
        assert Run.open(tmp_path / "run").goal.engine.used
        assert any("q7" in event.get("message_en", "") for event in events)
        asked = len(server.requests)
        state = json.loads((tmp_path / "run" / "state.json").read_text(encoding="utf-8"))
        state["status"] = "running"
        state["pid"] = 0
        (tmp_path / "run" / "state.json").write_text(json.dumps(state), encoding="utf-8")
        for name in ("plan.yaml", "board.json"):
            (tmp_path / "run" / name).unlink()
        again = flow.run(SENTENCE, "members.csv", engine=server.url, trials=1, out="run")
        assert len(server.requests) == asked
        assert flow.resume("run").task == again.task == result.task
        assert len(server.requests) == asked
        assert state["call"]["engine"] == server.url
    kept = [file.read_bytes() for file in (tmp_path / "run").rglob("*") if file.is_file()]
    assert not any(b"secret" in data for data in kept)


def test_the_command_line(members):
    """Option and environment; the note is shown."""
    members.to_csv("members.csv", index=False)
    runner = CliRunner()
    with ChatServer(SAID) as server:
        one = runner.invoke(app, ["understand", SENTENCE, "members.csv", "--engine", server.url, "--engine-model", "m"])
        two = runner.invoke(app, ["plan", SENTENCE, "members.csv"], env={"OPENGLM_ENGINE_URL": server.url})
    assert one.exit_code == two.exit_code == 0
    assert "The language model" in one.stdout
    assert "target: q7" in two.stdout
    assert [body["model"] for *_, body in server.requests if body] == ["m", "first-model"]
    lost = runner.invoke(app, ["plan", SENTENCE, "members.csv", "--engine-model", "m"])
    assert isinstance(lost.exception, InputError) or lost.exit_code == 2
