"""A run says what it is made of: equal runs are equal files, a changed byte is found, and two runs can be told apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from openglm import flow
from openglm.core import manifest
from openglm.core.report import Report
from openglm.explain import verify
from openglm.explain._verify import differing


def table(rows: int = 200, seed: int = 0) -> pd.DataFrame:
    """Simulated machines: warm and worn ones fail more often."""
    rng = np.random.default_rng(seed)
    warm, wear, kind = rng.normal(60, 8, rows), rng.gamma(2, 20, rows), rng.choice(["A", "B", "C"], rows)
    risk = 0.1 * (warm - 60) + 0.03 * (wear - 40) + (kind == "C")
    return pd.DataFrame({
        "warm": warm.round(1), "wear": wear.round(1), "kind": kind, "power": (100 + 3 * warm + 10 * risk).round(2),
        "machine": [f"M{i:05d}" for i in range(rows)], "fails": np.where(rng.random(rows) < 1 / (1 + np.exp(-risk)), "yes", "no"),
    })  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two equal runs of three trials, one with another seed, and one that predicts a value."""
    folder = tmp_path_factory.mktemp("runs")
    flow.run("predict fails", table(), trials=3, out=folder / "one")
    flow.run("predict fails", table(), trials=3, out=folder / "two")
    flow.run("predict fails", table(), trials=1, seed=7, out=folder / "seven")
    flow.run("预测 power", table(), target="power", trials=1, out=folder / "value")
    return folder


@pytest.fixture
def copy(place: Path, tmp_path: Path) -> Path:
    """A run that may be spoilt."""
    return Path(shutil.copytree(place / "one", tmp_path / "spoilt"))


def seal(folder: Path) -> None:
    """Write a new manifest, as somebody would who wants to hide a change."""
    manifest.write(folder, seed=manifest.read(folder).seed)


def test_equal_runs_are_equal_files(place: Path) -> None:
    """One seed, a budget of trials: the same files byte for byte, wall-clock times and the views that show them apart."""
    one, two = place / "one", place / "two"
    assert manifest.names(one) == manifest.names(two)
    timed = {*manifest.TIMED, *manifest.VIEWS, *manifest.LOGS}
    plain = [name for name in manifest.names(one) if Path(name).name not in timed]
    assert len(plain) > 20
    assert [name for name in plain if (one / name).read_bytes() != (two / name).read_bytes()] == []
    rest = [name for name in manifest.names(one) if Path(name).name in manifest.TIMED]
    assert [name for name in rest if manifest.untimed(one, name) != manifest.untimed(two, name)] == []
    assert manifest.read(one).result == manifest.read(two).result
    states = [json.loads(line)["state"] for line in (one / "trials.jsonl").read_text(encoding="utf-8").splitlines()]
    assert states == ["done"] * 4


def test_another_seed_is_another_result(place: Path) -> None:
    """The digest depends on what was done."""
    assert manifest.read(place / "one").result != manifest.read(place / "seven").result


def test_manifest_names_what_took_part(place: Path) -> None:
    """Data, plan, code, packages, seed, and every file."""
    made = manifest.read(place / "seven")
    assert made.seed == 7 and made.data is not None and made.data.rows == 200
    assert made.data.fingerprint == manifest.read(place / "one").data.fingerprint
    assert made.code == manifest.code() and "numpy" in made.packages
    assert made.plan == made.files["plan.yaml"].sha256
    assert {"report.json", "sealed_predictions.csv", "data/sealed.feather", "pipeline/manifest.json"} <= set(made.files)


@pytest.mark.parametrize("name", ["one", "seven", "value"])
def test_a_fresh_run_is_verified(place: Path, name: str) -> None:
    """Classes and values: everything computed again is as it was written."""
    found = verify(place / name)
    assert found.ok, [item.text("en") for item in found.differences]
    said = " ".join(item.en for item in found.checks)
    assert "metrics of the model" in said and "resampled with seed" in said and "report.html" in said


def test_one_byte_of_any_file_is_found(copy: Path) -> None:
    """Each file in turn, the manifest too; the file is named."""
    for name in [*manifest.names(copy), manifest.MANIFEST]:
        path = copy / name
        kept = path.read_bytes()
        if not kept:
            continue
        middle = len(kept) // 2
        path.write_bytes(kept[:middle] + bytes([kept[middle] ^ 1]) + kept[middle + 1 :])
        try:
            assert any(item.file == name for item in verify(copy).differences), name
        except Exception as error:
            assert name in (manifest.MANIFEST, "state.json") and type(error).__name__ == "BundleError", name
        path.write_bytes(kept)
    assert verify(copy).ok


@pytest.mark.parametrize(
    ("change", "place_in_report"),
    [
        (lambda r: {"metrics": {**r.metrics, r.metric: r.metrics[r.metric] + 0.01}}, "metrics.roc_auc"),
        (lambda r: {"baseline": {**r.baseline, "accuracy": 0.1}}, "baseline.accuracy"),
        (lambda r: {"intervals": {**r.intervals, r.metric: r.intervals[r.metric].model_copy(update={"low": 0.8})}},
         "intervals.roc_auc.low"),
        (lambda r: {"gain": r.gain.model_copy(update={"high": 0.9})}, "gain.high"),
        (lambda r: {"better_than_baseline": not r.better_than_baseline}, "better_than_baseline"),
        (lambda r: {"confusion": r.confusion.model_copy(update={"counts": ((40, 0), (0, 0))})}, "confusion.counts[0][0]"),
        (lambda r: {"data": r.data.model_copy(update={"sealed": 4000})}, "data.sealed"),
        (lambda r: {"leaderboard": (r.leaderboard[0].model_copy(update={"score": 0.99}), *r.leaderboard[1:])}, "leaderboard"),
        (lambda r: {"findings": ()}, "findings"),
        (lambda r: {"answer": r.answer.model_copy(update={"en": "Perfect."})}, "answer.en"),
    ],
)  # fmt: skip
def test_a_made_up_number_is_found_by_computing_again(copy: Path, change: Any, place_in_report: str) -> None:
    """Whoever changes a number and all hashes with it is found out all the same."""
    report = Report.from_json((copy / "report.json").read_bytes())
    made_up = report.model_copy(update=change(report))
    (copy / "report.json").write_text(made_up.to_json() + "\n", encoding="utf-8")
    seal(copy)
    places = [item.what for item in verify(copy).differences]
    assert made_up != report
    assert any(what.startswith(place_in_report) for what in places), places


def test_made_up_predictions_are_found(copy: Path) -> None:
    """A truth that is not that of the sealed rows, and a probability that no longer gives the score."""
    path = copy / "sealed_predictions.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    row, truth, *rest = lines[1].split(",")
    lines[1] = ",".join([row, "no" if truth == "yes" else "yes", *rest])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    seal(copy)
    assert f"row {row}, truth" in [item.what for item in verify(copy).differences]


def test_verify_on_the_command_line(place: Path, copy: Path, call: Any, call_json: Any) -> None:
    """Exit code 0 and what was recomputed; 1 and one line for each difference."""
    done = call("verify", str(place / "one"))
    assert done.exit_code == 0 and "8 metrics" in done.stdout and "Everything is as it was written" in done.stdout
    assert "核对" in call("verify", str(place / "one"), "--lang", "zh").stdout
    (copy / "report.md").write_text("better\n", encoding="utf-8")
    done = call("verify", str(copy))
    assert done.exit_code == 1
    assert [line for line in done.stdout.splitlines() if line.startswith("✗ report.md · sha256: expected")]
    code, answer = call_json("verify", str(copy))
    assert code == 1 and not answer["ok"] and answer["differences"][0]["file"] == "report.md"
    (copy / "manifest.json").unlink()
    assert call("verify", str(copy)).exit_code == 6


def test_files_that_came_later_are_a_remark(copy: Path) -> None:
    """A note beside the run changes nothing of it."""
    (copy / "notes.txt").write_text("mine", encoding="utf-8")
    found = verify(copy)
    assert found.ok and any("notes.txt" in item.en for item in found.remarks)


def test_diff_of_equal_runs(place: Path, call: Any, call_json: Any) -> None:
    """Identical but for wall-clock times, in both languages."""
    code, answer = call_json("diff", str(place / "one"), str(place / "two"))
    assert code == 0 and answer["same_result"] and answer["same_data"] and answer["changes"] == []
    assert "结果完全一致" in call("diff", str(place / "one"), str(place / "two"), "--lang", "zh").stdout


def test_diff_pairs_both_models_on_common_rows(place: Path, call: Any, call_json: Any) -> None:
    """Another seed: settings and scores differ, and the rows sealed in both are compared."""
    code, answer = call_json("diff", str(place / "one"), str(place / "seven"))
    assert code == 0 and not answer["same_result"] and answer["same_data"]
    parts = {item["part"] for item in answer["changes"]}
    assert {"settings", "leaderboard", "metrics"} <= parts and "sentence" not in parts
    assert {"part": "settings", "what": "seed", "a": "0", "b": "7"} in answer["changes"]
    if answer["paired"] is not None:  # two seeds may share too few sealed rows
        paired = answer["paired"]
        assert paired["gain"]["value"] == pytest.approx(paired["b"] - paired["a"])
    text = call("diff", str(place / "one"), str(place / "seven"), "--lang", "zh").stdout
    assert "设置" in text and "seed: 0 → 7" in text and "封存数据" in text


def test_diff_of_a_model_with_itself_is_nothing(place: Path) -> None:
    """On its own rows no model is better than itself."""
    from openglm.explain import compare_runs

    found = compare_runs(place / "value", place / "value")
    assert found.paired is not None and found.paired.gain.value == 0.0 and found.paired.rows == 40


def test_diff_of_different_tasks(place: Path, call_json: Any) -> None:
    """Other targets are told, not compared."""
    _, answer = call_json("diff", str(place / "one"), str(place / "value"))
    assert answer["paired"] is None
    assert {"sentence", "metrics"} <= {item["part"] for item in answer["changes"]}


def test_differing_walks_lists_and_numbers() -> None:
    """Not-a-number equals itself, true is not 1, lists of other lengths differ."""
    nan = float("nan")
    assert list(differing({"a": nan}, {"a": nan})) == []
    assert list(differing([1.0], [1.0 + 1e-13])) == []
    assert list(differing(True, 1)) == [("", True, 1)]
    assert [place for place, _, _ in differing({"a": [1]}, {"a": [1, 2]})] == [".a"]


def test_differences_are_told_in_chinese(copy: Path) -> None:
    """No English word of ours is left in the line."""
    (copy / "report.md").unlink()
    lines = [item.text("zh") for item in verify(copy).differences]
    assert any("实际为 无" in line for line in lines), lines
    made = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps(made), encoding="utf-8")
    lines = [item.text("zh") for item in verify(copy).differences]
    assert "manifest.json · 文件格式: 应为 原样,实际为 已被改动" in lines, lines


def test_diff_of_other_tables_is_short(place: Path, call_json: Any) -> None:
    """Columns, scores and steps of only one run stand in one line each; no trial and no cost is listed."""
    _, answer = call_json("diff", str(place / "one"), str(place / "value"))
    assert len(answer["changes"]) < 40
    told = " ".join(f"{item['what']} {item['a']} {item['b']}" for item in answer["changes"])
    assert "{'" not in told and "cost" not in told and "t0001" not in told
    assert "处不同（需求" in answer["said"]


def test_report_formats(place: Path, call: Any) -> None:
    """What report.md, MODEL_CARD.md and report.html hold is what the command prints."""
    for form, name in (("md", "report.md"), ("card", "MODEL_CARD.md"), ("html", "report.html")):
        printed = call("report", str(place / "one"), "--format", form)
        assert printed.exit_code == 0
        assert printed.stdout.strip() == (place / "one" / name).read_text(encoding="utf-8").strip()
