"""Whole commands on a small table: run, then everything that can be asked about a run."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SENTENCE = "predict which customers will churn"
BUDGET = ["--time", "120", "--trials", "1"]  # ends after one trial; the time only bounds a very busy machine


def openglm(*words: str, cwd: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own, as a user does."""
    call = [sys.executable, "-m", "openglm", *words]
    return subprocess.run(call, cwd=cwd, capture_output=True, encoding="utf-8", check=False, **more)


def write_table(path: Path, rows: int = 160, seed: int = 0) -> None:
    """Simulated customers: those with a short contract who came lately leave more often."""
    rng = np.random.default_rng(seed)
    months, contract = rng.integers(0, 72, rows), rng.choice(["month", "year"], rows)
    leaves = rng.random(rows) < 1 / (1 + np.exp(months / 12 - 2 - 2 * (contract == "month")))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["customer_id", "months", "contract", "fee", "churn"])
        for i in range(rows):
            out.writerow(
                [f"C{i:05d}", months[i], contract[i], round(rng.normal(50, 9), 2), "Yes" if leaves[i] else "No"]
            )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A finished run: its working folder and what ``run --json`` printed."""
    place = tmp_path_factory.mktemp("work")
    write_table(place / "customers.csv")
    answer = openglm("run", SENTENCE, "customers.csv", *BUDGET, "--json", cwd=place)
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stdout
    return place, json.loads(answer.stdout)


@pytest.fixture
def work(done: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder with the finished run, as the current one."""
    monkeypatch.chdir(done[0])
    return done[0]


def test_run_json_has_the_promised_shape(done: tuple[Path, dict[str, Any]]) -> None:
    """Others build on these keys."""
    place, answer = done
    assert {"run", "task", "model", "metrics", "baseline", "leaderboard", "report", "seconds", "findings"} <= set(
        answer
    )
    assert (answer["task"]["target"], answer["task"]["kind"]) == ("churn", "binary")
    assert Path(answer["run"]).parent == (place / "runs").resolve()
    assert Path(answer["report"]).exists()
    assert "customer_id" in {item["column"] for item in answer["findings"] if item["code"].startswith("id")}


def test_predict_keeps_the_rows_in_order(work: Path, call: Any) -> None:
    """Columns prediction and proba_<class>, printed as CSV or written by the ending of the file."""
    import pandas as pd

    printed = call("predict", "last", "customers.csv")
    assert printed.exit_code == 0, printed.stderr
    rows = list(csv.DictReader(printed.stdout.splitlines()))
    assert len(rows) == 160 and list(rows[0]) == ["prediction", "proba_No", "proba_Yes"]
    assert call("predict", "last", "customers.csv", "-o", "p.parquet").exit_code == 0
    assert call("predict", "last", "customers.csv", "-o", "p.jsonl").exit_code == 0
    assert call("predict", "last", "customers.csv", "-o", "p.csv").exit_code == 0
    expected = [row["prediction"] for row in rows]
    assert pd.read_parquet("p.parquet")["prediction"].tolist() == expected
    assert [
        json.loads(line)["prediction"] for line in Path("p.jsonl").read_text(encoding="utf-8").splitlines()
    ] == expected
    assert Path("p.csv").read_text(encoding="utf-8") == printed.stdout
    half = [str(row) for row in (work / "customers.csv").read_text(encoding="utf-8").splitlines()]
    Path("reversed.csv").write_text("\n".join([half[0], *reversed(half[1:])]), encoding="utf-8")
    turned = list(csv.DictReader(call("predict", "last", "reversed.csv").stdout.splitlines()))
    assert turned == rows[::-1]


def test_predict_says_what_it_ignored(work: Path, call: Any, call_json: Any) -> None:
    """Extra columns and unseen categories, on standard error."""
    lines = (work / "customers.csv").read_text(encoding="utf-8").splitlines()[:4]
    lines[0] += ",colour"
    lines[1:] = [line.replace("month", "decade").replace("year", "decade") + ",red" for line in lines[1:]]
    Path("odd.csv").write_text("\n".join(lines), encoding="utf-8")
    done = call("predict", "last", "odd.csv")
    assert done.exit_code == 0 and "colour" in done.stderr and "'contract': 3 cells" in done.stderr
    code, answer = call_json("predict", "last", "odd.csv")
    assert code == 0 and "colour" in answer["ignored"] and answer["unseen"] == {"contract": 3}
    assert [set(row) for row in answer["predictions"]] == [{"prediction", "proba_No", "proba_Yes"}] * 3


def test_predict_says_what_it_could_not_read(work: Path, call: Any, call_json: Any) -> None:
    """A number column's cells that became missing: how many, with an example; real gaps are none of them."""
    fees = ["29.85 abc", "n/a", "?", "", "12.5", "many"]
    rows = [f"C{i},{i},month,{fee}" for i, fee in enumerate(fees)]
    Path("torn.csv").write_text("\n".join(["customer_id,months,contract,FEE", *rows]), encoding="utf-8")
    done = call("predict", "last", "torn.csv")
    assert done.exit_code == 0 and "'fee': 2 cells" in done.stderr and "'29.85 abc'" in done.stderr
    assert "months" not in done.stderr
    code, answer = call_json("predict", "last", "torn.csv")
    (warning,) = answer["warnings"]
    assert code == 0 and (warning["column"], warning["cells"], warning["example"]) == ("fee", 2, "29.85 abc")
    assert call_json("predict", "last", "customers.csv")[1]["warnings"] == []


def test_predict_makes_no_folder(work: Path, call: Any) -> None:
    """A slip in the path is an error, not a new folder."""
    done = call("predict", "last", "customers.csv", "-o", "nodir/p.csv")
    assert done.exit_code == 2 and "nodir does not exist" in done.stderr
    assert not Path("nodir").exists()


def test_predict_takes_a_saved_model_folder(work: Path, call: Any, done: tuple[Path, dict[str, Any]]) -> None:
    """Not only a run."""
    folder = str(Path(done[1]["run"]) / "pipeline")
    assert call("predict", folder, "customers.csv").stdout == call("predict", "last", "customers.csv").stdout


def test_leaderboard_report_and_list_agree(
    work: Path, call: Any, call_json: Any, done: tuple[Path, dict[str, Any]]
) -> None:
    """They read the same folder."""
    answer = done[1]
    assert call_json("leaderboard", "last")[1]["leaderboard"] == answer["leaderboard"]
    (line,) = call_json("list")[1]["runs"]
    assert (line["status"], line["target"], line["score"]) == ("finished", "churn", answer["metrics"][answer["metric"]])
    assert call("report", "last", "--format", "path").stdout.strip() == str(Path(answer["report"]).resolve())
    assert call_json("report", "last") == (
        0,
        json.loads((Path(answer["run"]) / "report.json").read_text(encoding="utf-8")),
    )
    for form in ("text", "md"):
        shown = call("report", "last", "--format", form)
        assert shown.exit_code == 0 and "months" in shown.stdout
    assert "得分" in call("report", "last", "--format", "md", "--lang", "zh").stdout


def test_resuming_a_finished_run_shows_it_again(
    work: Path, call: Any, call_json: Any, done: tuple[Path, dict[str, Any]]
) -> None:
    """In both shapes and languages; nothing is trained."""
    assert call_json("resume", "last")[1]["metrics"] == done[1]["metrics"]
    english, chinese = call("resume", "last").stdout, call("resume", "last", "--lang", "zh").stdout
    assert all(word in english for word in ("Understood", "churn", "baseline", "openglm predict", "report.html"))
    assert all(word in chinese for word in ("理解为", "churn", "基线", "openglm predict", "report.html"))


def test_stop_refuses_the_finished_run(work: Path, call: Any) -> None:
    """Kindly."""
    assert call("stop", "last").exit_code == 2


def test_understand_shows_the_evidence(work: Path, call: Any, call_json: Any) -> None:
    """The whole goal as JSON; its slots as a table."""
    code, goal = call_json("understand", SENTENCE, "customers.csv")
    assert code == 0 and goal["slots"]["target"]["value"] == "churn"
    shown = call("understand", SENTENCE, "customers.csv")
    assert shown.exit_code == 0 and SENTENCE in shown.stdout and "churn" in shown.stdout
    assert "槽位" in call("understand", "预测客户会不会流失", "customers.csv").stdout


def test_understand_reads_a_sheet(work: Path, call: Any, call_json: Any) -> None:
    """As every verb that reads a table."""
    import pandas as pd

    with pd.ExcelWriter("book.xlsx") as book:
        pd.DataFrame({"note": ["a", "b"]}).to_excel(book, sheet_name="cover", index=False)
        pd.read_csv("customers.csv").to_excel(book, sheet_name="rows", index=False)
    code, goal = call_json("understand", SENTENCE, "book.xlsx", "--sheet", "rows")
    assert code == 0 and goal["slots"]["target"]["value"] == "churn"
    assert "Did you mean 'rows'" in call("understand", SENTENCE, "book.xlsx", "--sheet", "row").stderr


def test_the_plan_can_be_printed_edited_and_run(work: Path, call: Any, tmp_path: Path) -> None:
    """YAML on standard output and nothing else; ``run --plan`` needs no sentence."""
    one = ["--trials", "1"]  # without a time limit nothing has to be enforced: no worker processes
    printed = call("plan", SENTENCE, "customers.csv", *one)
    assert printed.exit_code == 0, printed.stderr
    assert call("run", SENTENCE, "customers.csv", *one, "--plan-only").stdout == printed.stdout
    edited = printed.stdout.replace("metric: roc_auc", "metric: accuracy")
    assert edited != printed.stdout
    (tmp_path / "plan.yaml").write_text(edited, encoding="utf-8")
    ran = call(
        "run", "--plan", str(tmp_path / "plan.yaml"), "customers.csv", *BUDGET, "--out", str(tmp_path / "out"), "--json"
    )
    assert ran.exit_code == 0, ran.stdout
    assert json.loads(ran.stdout)["metric"] == "accuracy"


def test_check_finds_blockers(work: Path, call: Any, call_json: Any, tmp_path: Path) -> None:
    """Exit code 1 for what cannot be learned, 0 otherwise."""
    code, answer = call_json("check", "customers.csv", "--target", "churn")
    assert code == 0
    assert all({"severity", "code", "column", "message"} <= set(item) for item in answer["findings"])
    (tmp_path / "constant.csv").write_text("a,b\n" + "1,2\n" * 40, encoding="utf-8")
    code, answer = call_json("check", str(tmp_path / "constant.csv"), "--target", "b")
    assert code == 1 and "blocker" in {item["severity"] for item in answer["findings"]}
    assert call("check", str(tmp_path / "constant.csv"), "--target", "b").exit_code == 1


MISTAKES = [
    (["run", SENTENCE, "nowhere.csv"], 2),
    (["run", SENTENCE, "."], 2),
    (["run", SENTENCE], 2),
    (["run", "customers.csv"], 2),
    (["run"], 2),
    (["run", SENTENCE, "customers.csv", "--target", "chrun"], 2),
    (["run", SENTENCE, "customers.csv", "--metric", "beauty"], 2),
    (["run", SENTENCE, "customers.csv", "--time", "soon"], 2),
    (["run", SENTENCE, "customers.csv", "--memory", "1"], 2),
    (["run", SENTENCE, "customers.csv", "--preset", "nobody/nothing"], 2),
    (["run", SENTENCE, "customers.csv", "--lang", "fr"], 2),
    (["run", "--plan", "customers.csv", "customers.csv"], 2),
    (["run", "--plan", "nowhere.yaml", "customers.csv"], 2),
    (["run", "--plan", ".", "customers.csv"], 2),
    (["run", "--plan", "garbage.bin", "customers.csv"], 2),
    (["plan", SENTENCE, "garbage.bin"], 2),
    (["plan", SENTENCE, "empty.csv"], 2),
    (["check", "nowhere.csv"], 2),
    (["check", "customers.csv", "--target", "nothing"], 2),
    (["understand", SENTENCE, "nowhere.csv"], 2),
    (["predict", "last", "nowhere.csv"], 2),
    (["predict", "last", "empty.csv"], 2),
    (["predict", "last", "short.csv"], 2),
    (["predict", "last", "customers.csv", "-o", "pred.docx"], 2),
    (["predict", "last", "customers.csv", "-o", "."], 2),
    (["predict", "last", "customers.csv", "-o", "nodir/p.csv"], 2),
    (["predict", ".", "customers.csv"], 6),
    (["resume", "."], 6),
]


@pytest.mark.parametrize(
    ("words", "code"), MISTAKES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_mistake_is_one_sentence(work: Path, call: Any, call_json: Any, words: list[str], code: int) -> None:
    """What, where, how to mend it; no traceback; nothing on standard output; the same as JSON; no run is left behind."""
    Path("garbage.bin").write_bytes(bytes(range(256)) * 8)
    Path("empty.csv").touch()
    Path("short.csv").write_text("months\n3\n", encoding="utf-8")
    before = sorted(Path("runs").iterdir())
    said = call(*words)
    assert (said.exit_code, said.stdout) == (code, ""), said.stderr
    assert "Traceback" not in said.stderr and "unexpected" not in said.stderr
    answered, body = call_json(*words)
    assert answered == code and body["error"]["exit_code"] == code
    assert body["error"]["message"] and body["error"]["hint"]
    assert sorted(Path("runs").iterdir()) == before


def test_a_question_leaves_with_4_and_its_answers(work: Path, call: Any, call_json: Any) -> None:
    """Nobody is at the keyboard of a test: the options are printed, and how to answer."""
    Path("two.csv").write_text("a,b\n" + "".join(f"{i % 2},{i % 3 % 2}\n" for i in range(60)), encoding="utf-8")
    said = call("run", "train a model", "two.csv", *BUDGET)
    assert (said.exit_code, said.stdout) == (4, "")
    assert "--target" in said.stderr and "--yes" in said.stderr and "1. " in said.stderr
    code, body = call_json("run", "train a model", "two.csv", *BUDGET)
    assert code == 4 and set(body["error"]["options"]) <= {"a", "b"} and body["error"]["options"]


def test_yes_takes_the_first_answer_and_target_any(work: Path, call_json: Any, tmp_path: Path) -> None:
    """The two ways to answer without a keyboard; with --target the sentence may be left out."""
    plan = ["plan", "customers.csv", "--trials", "1"]
    assert call_json(*plan, "train a model", "--yes")[1]["task"]["target"] == "churn"
    assert call_json(*plan, "--target", "contract")[1]["task"]["target"] == "contract"


# ── processes that are really stopped ──


def begin(place: Path, *more: str) -> tuple[subprocess.Popen[str], Path]:
    """Start a long run and return it with its folder once it has a usable model."""
    write_table(place / "t.csv", rows=400)
    call = [sys.executable, "-m", "openglm", "run", SENTENCE, "t.csv", "--time", "300", "--out", "r", "--json", *more]
    flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if sys.platform == "win32" else {}
    process = subprocess.Popen(
        call, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", **flags
    )
    events = place / "r" / "events.jsonl"
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if events.exists() and '"trial"' in events.read_text(encoding="utf-8"):
            break
        time.sleep(0.1)
    return process, place / "r"


@pytest.mark.slow
def test_stop_from_another_window_keeps_the_best(tmp_path: Path) -> None:
    """The run ends soon, with exit code 0, a valid result, and the status "stopped"."""
    process, folder = begin(tmp_path)
    assert openglm("stop", "r", cwd=tmp_path).returncode == 0
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, ""), out
    assert json.loads(out)["status"] == "stopped"
    assert openglm("predict", str(folder), "t.csv", "-o", "p.csv", cwd=tmp_path).returncode == 0


@pytest.mark.slow
def test_ctrl_c_keeps_the_best(tmp_path: Path) -> None:
    """The same by keyboard."""
    process, _ = begin(tmp_path)
    process.send_signal(signal.CTRL_BREAK_EVENT if sys.platform == "win32" else signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out
    assert json.loads(out)["status"] == "stopped"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL; TerminateProcess is tested there by the budget")
def test_a_killed_run_is_listed_and_resumed(tmp_path: Path) -> None:
    """kill -9, then list says interrupted, then resume finishes it."""
    process, _ = begin(tmp_path, "--trials", "3")
    process.kill()
    process.communicate(timeout=60)
    (line,) = json.loads(openglm("list", ".", "--json", cwd=tmp_path).stdout)["runs"]
    assert line["status"] == "interrupted"
    resumed = openglm("resume", "r", "--json", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stdout
    assert json.loads(resumed.stdout)["status"] == "finished"
