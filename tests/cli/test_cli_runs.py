"""Finding, listing, stopping runs; the leaderboard of a run that is not finished."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openglm.cli import _runs
from openglm.core.errors import BundleError
from openglm.core.run import Run


def test_a_run_is_found_by_folder_name_and_last(make_run: Any, tmp_path: Path) -> None:
    """Newest by its own clock, whatever the folders are called."""
    old = make_run("zz", created_at="2026-01-01T00:00:00+00:00")
    new = make_run("aa", created_at="2026-01-02T00:00:00+00:00")
    assert _runs.find(str(old.path)) == old.path
    assert _runs.find("zz").resolve() == old.path
    assert _runs.find("last").resolve() == new.path


def test_no_run_is_one_sentence(make_run: Any, call: Any) -> None:
    """With the nearest name, exit code 6, in every verb that takes a run."""
    make_run("customers")
    with pytest.raises(BundleError, match="Did you mean 'customers'"):
        _runs.find("custmers")
    for verb in (["report"], ["leaderboard"], ["stop"], ["resume"], ["predict"]):
        done = call(*verb, "custmers", *(["x.csv"] if verb == ["predict"] else []))
        assert (done.exit_code, done.stdout) == (6, "")
        assert "Did you mean 'customers'" in done.stderr


def test_last_without_runs_says_how_to_start(call: Any) -> None:
    """A newcomer's first mistake."""
    done = call("report", "last")
    assert done.exit_code == 6 and "openglm run" in done.stderr


def test_the_list_is_newest_first_and_survives_damage(make_run: Any, call_json: Any, call: Any, tmp_path: Path) -> None:
    """Damaged, interrupted and strange folders are said to be so, or left out."""
    make_run("first", created_at="2026-01-01T00:00:00+00:00")
    make_run("second", "stopped", created_at="2026-01-02T00:00:00+00:00")
    dead = make_run("third", "running", created_at="2026-01-03T00:00:00+00:00")
    dead.mark("running", pid=0)
    broken = make_run("fourth")
    (broken.path / "state.json").write_bytes(b"\xff{")
    half = make_run("fifth", created_at="2026-01-01T12:00:00+00:00")
    (half.path / "goal.json").write_text("{", encoding="utf-8")
    (half.path / "report.json").write_text("[]", encoding="utf-8")
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / "a file").touch()

    code, answer = call_json("list")

    assert code == 0
    lines = {line["run"]: line for line in answer["runs"]}
    assert [line["run"] for line in answer["runs"] if line["run"] != "fourth"] == ["third", "second", "fifth", "first"]
    assert {name: line["status"] for name, line in lines.items()} == {
        "first": "finished", "second": "stopped", "third": "interrupted", "fourth": "damaged", "fifth": "finished",
    }  # fmt: skip
    assert (lines["first"]["target"], lines["first"]["metric"], lines["first"]["seconds"]) == ("Churn", "roc_auc", 12.3)
    assert lines["fifth"]["target"] is None
    text = call("list").stdout
    assert "damaged" in text and "Churn" in text


def test_models_of_a_conversation_are_runs(make_run: Any, call_json: Any, call: Any, tmp_path: Path) -> None:
    """Listed beside the others, found by their place, as "last", and as the last model of their conversation."""
    make_run("alone", created_at="2026-01-02T00:00:00+00:00")
    make_run("chat-shop/01-bought", created_at="2026-01-01T00:00:00+00:00")
    newest = make_run("chat-shop/02-bought", created_at="2026-01-03T00:00:00+00:00")
    make_run("chat-shop/table", created_at="2026-01-04T00:00:00+00:00")
    (tmp_path / "runs" / "chat-shop" / "chat.jsonl").write_text('{"chat": 1}\n', encoding="utf-8")

    _, answer = call_json("list")

    assert [line["run"] for line in answer["runs"]] == ["chat-shop/02-bought", "alone", "chat-shop/01-bought"]
    for name in ("last", "chat-shop", "chat-shop/02-bought", str(newest.path.parent)):
        assert _runs.find(name).resolve() == newest.path.resolve()
    assert "chat-shop/01-bought" in call("report", "chat-shop/01-bough").stderr


def test_an_empty_list_is_no_error(call: Any, call_json: Any) -> None:
    """Not even where the folder does not exist."""
    done = call("list", "nowhere")
    assert (done.exit_code, done.stdout) == (0, "") and "openglm run" in done.stderr
    assert call_json("list") == (0, {"runs": []})


def test_the_leaderboard_of_an_unfinished_run(make_run: Any, call: Any, call_json: Any) -> None:
    """Its trials so far, best first, failures last with their reason."""
    make_run("a", "running")
    code, answer = call_json("leaderboard", "a")
    assert (code, answer["metric"]) == (0, "roc_auc")
    assert [row["model"] for row in answer["leaderboard"]] == ["lightgbm", "knn", "linear"]
    assert "no luck" in call("leaderboard", "a").stdout


def test_a_damaged_trial_log_is_one_sentence(make_run: Any, call: Any) -> None:
    """Lines of another shape are no crash."""
    run = make_run("a", "running")
    with (run.path / "trials.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"state": "?"}\n')
    done = call("leaderboard", "a")
    assert done.exit_code == 6 and "damaged" in done.stderr


def test_a_report_that_is_not_there_yet(make_run: Any, call: Any) -> None:
    """Says what to do: wait for a living run, resume a dead one."""
    make_run("alive", "running")
    make_run("dead", "failed")
    assert "Wait" in call("report", "alive").stderr
    assert "openglm resume" in call("report", "dead").stderr
    assert call("report", "dead").exit_code == 6
    assert call("report", "dead", "--format", "pdf").exit_code == 2


def test_stop_asks_a_living_run(make_run: Any, call: Any, call_json: Any) -> None:
    """The request lies in its folder and the caller is told what happens next."""
    run: Run = make_run("a", "running")
    done = call("stop", "last")
    assert (done.exit_code, done.stdout) == (0, "") and "best so far" in done.stderr
    assert run.is_asked_to_stop()
    assert call_json("stop", "a")[1]["asked"] is True


@pytest.mark.parametrize(
    ("status", "hint"), [("finished", "openglm report"), ("stopped", "openglm report"), ("failed", "openglm report")]
)
def test_stop_refuses_what_has_ended(make_run: Any, call: Any, status: str, hint: str) -> None:
    """Kindly, with what can be done instead, and without leaving a request behind."""
    run: Run = make_run("a", status)
    done = call("stop", "a")
    assert done.exit_code == 2 and status in done.stderr and hint in done.stderr
    assert not run.is_asked_to_stop()


def test_stop_refuses_a_run_nobody_works_on(make_run: Any, call: Any) -> None:
    """An interrupted run is resumed, not stopped."""
    run: Run = make_run("a", "running")
    run.mark("running", pid=0)
    done = call("stop", "a")
    assert done.exit_code == 2 and "openglm resume" in done.stderr


def test_a_run_answers_in_the_language_of_its_sentence(make_run: Any, call: Any) -> None:
    """--lang overrides it."""
    run: Run = make_run("a", "running")
    run.write("goal.json", run.goal.model_copy(update={"language": "zh"}))
    assert "模型" in call("leaderboard", "a").stdout
    assert "model" in call("leaderboard", "a", "--lang", "en").stdout


def test_a_run_that_only_looked_has_no_report_to_wait_for(call: Any, tmp_path: Path) -> None:
    """The hint says where its findings are; "resume" would bring nothing."""
    run = Run(tmp_path / "look")
    run.start("fingerprint", {})
    run.mark("finished", pid=0)
    done = call("report", "look")
    assert done.exit_code == 6 and "only looked at the table" in done.stderr and "findings.json" in done.stderr
    assert "resume" not in done.stderr
