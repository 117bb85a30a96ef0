"""The sample data are what they are said to be."""

from __future__ import annotations

import csv
import importlib.util
import io
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
LOG, NEW, README = (EXAMPLES / "data" / name for name in ("purchase_log.csv", "new_sessions.csv", "README.md"))


@pytest.fixture(scope="module")
def shop() -> ModuleType:
    """The simulator, loaded from its file."""
    spec = importlib.util.spec_from_file_location("make_purchase_log", EXAMPLES / "make_purchase_log.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """The committed log as text cells."""
    return list(csv.DictReader(io.StringIO(LOG.read_bytes().decode("utf-8"))))


def test_the_committed_files_are_what_the_simulator_writes(shop: ModuleType) -> None:
    """Both files equal the output of the documented seeds, byte for byte."""
    assert shop.to_csv(shop.simulate(12000, 7)) == LOG.read_bytes()
    assert shop.to_csv(shop.simulate(200, 8, shop.NEXT_MONTH), outcome=False) == NEW.read_bytes()


def test_the_readme_states_the_best_possible_auc(shop: ModuleType) -> None:
    """The stated AUC, in both languages, is the one of the true probability."""
    stated = re.findall(r"\*\*(0\.\d{4})\*\*", README.read_text(encoding="utf-8"))
    assert stated == [f"{shop.best_possible_auc():.4f}"] * 2


def test_the_readme_explains_every_column(rows: list[dict[str, str]]) -> None:
    """The table of columns is complete and in the order of the file."""
    listed = re.findall(r"^\| `(\w+)` \|", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert listed == list(rows[0])


def test_simple_statistics(rows: list[dict[str, str]]) -> None:
    """Ids are unique, about 15 % buy, the documented shares are missing, and the file stays small."""
    assert len(rows) == 12000 == len({row["session_id"] for row in rows})
    assert LOG.stat().st_size < 1_500_000
    assert np.mean([row["purchased"] == "1" for row in rows]) == pytest.approx(0.15, abs=0.0005)
    share = {name: float(np.mean([row[name] == "" for row in rows])) for name in rows[0]}
    expected = {"region": 0.02, "product_seconds": 0.04, "bounce_rate": 0.03, "exit_rate": 0.03, "load_ms": 0.06}
    for name, value in expected.items():
        assert share[name] == pytest.approx(value, abs=0.005), name  # 3 standard errors of 0.06 in 12,000 rows
    assert all((row["days_since_last"] == "") == (row["visitor"] == "new") for row in rows)
    assert all((row["bounce_rate"] == "") == (row["exit_rate"] == "") for row in rows)
    assert {name for name, value in share.items() if value} == {*expected, "campaign", "days_since_last", "page_value"}


def test_what_is_missing_is_partly_a_hint(rows: list[dict[str, str]]) -> None:
    """Sessions without a page value buy more often than the others."""
    bought = {gone: [r["purchased"] == "1" for r in rows if (r["page_value"] == "") is gone] for gone in (True, False)}
    assert np.mean(bought[True]) > 1.3 * np.mean(bought[False])


def test_the_sales_bring_more_sessions_and_time_runs_forward(rows: list[dict[str, str]]) -> None:
    """Rows are in the order of time; each sale is busiest at its end."""
    stamps = [row["started_at"] for row in rows]
    assert stamps == sorted(stamps)
    days, count = np.unique([stamp[5:10] for stamp in stamps], return_counts=True)
    assert {"11-11", "11-10"} & set(days[np.argsort(count)[-3:]])
    summer = days < "07-01"
    assert days[summer][np.argmax(count[summer])] in {"06-16", "06-17", "06-18"}


def test_the_file_does_not_hold_the_probability(shop: ModuleType, rows: list[dict[str, str]]) -> None:
    """No single numeric column ranks the sessions nearly as well as the truth does."""
    log = shop.simulate()
    best = shop.auc(log.outcome, log.probability)
    for name, values in log.columns.items():
        if values.dtype != object:
            one = shop.auc(log.outcome, np.nan_to_num(values.astype(float), nan=-1.0))
            assert max(one, 1 - one) < best - 0.05, name
    assert [row["purchased"] for row in rows] == [str(v) for v in log.outcome.tolist()]


def test_the_true_probability_is_calibrated(shop: ModuleType) -> None:
    """Among sessions of like probability, that share buys: within 4 standard errors in each tenth."""
    log = shop.simulate(40_000, 11)
    for tenth in np.array_split(np.argsort(log.probability, kind="stable"), 10):
        p = log.probability[tenth]
        error = np.sqrt(np.sum(p * (1 - p))) / len(tenth)
        assert abs(log.outcome[tenth].mean() - p.mean()) < 4 * error


def test_true_probability_is_keyed_by_session_in_row_order(shop: ModuleType, rows: list[dict[str, str]]) -> None:
    """Callers can join by id or by row number; a part of the rows has its own best possible AUC."""
    truth = shop.true_probability()
    assert list(truth) == [row["session_id"] for row in rows]
    part = list(range(0, 12000, 4))
    outcome = np.array([int(rows[i]["purchased"]) for i in part])
    p = np.array(list(truth.values()))[part]
    assert shop.best_possible_auc(part) == shop.auc(outcome, p) != shop.best_possible_auc()


def test_auc_counts_pairs(shop: ModuleType) -> None:
    """The rank formula equals counting all pairs, ties half."""
    rng = np.random.default_rng(0)
    truth, score = rng.integers(0, 2, 60), rng.integers(0, 9, 60)
    good, bad = score[truth == 1], score[truth == 0]
    pairs = np.mean((good[:, None] > bad) + 0.5 * (good[:, None] == bad))
    assert shop.auc(truth, score) == pytest.approx(pairs)
    with pytest.raises(ValueError, match="both outcomes"):
        shop.auc(np.ones(3), np.arange(3))


def test_other_sizes_and_seeds(shop: ModuleType) -> None:
    """One row works, equal seeds agree, other seeds differ, nought is refused."""
    assert shop.to_csv(shop.simulate(1, 3)).count(b"\n") == 2
    assert shop.to_csv(shop.simulate(50, 3)) == shop.to_csv(shop.simulate(50, 3))
    assert shop.to_csv(shop.simulate(50, 3)) != shop.to_csv(shop.simulate(50, 4))
    with pytest.raises(ValueError, match="at least 1"):
        shop.simulate(0)


def test_the_snippet_is_the_one_from_the_documents() -> None:
    """The five lines stand verbatim, without a main guard."""
    assert (EXAMPLES / "snippet.py").read_text(encoding="utf-8") == (
        "from openglm import AutoPipeline\n"
        'pipeline = AutoPipeline.from_pretrained("zhipu/Open-AutoGLM")\n'
        'result = pipeline(task="对用户购买行为进行预测", data="data/purchase_log.csv")\n'
        'print(result["model"])\n'
        'print(result["metrics"])\n'
    )


def test_the_command_line_writes_a_log(shop: ModuleType, tmp_path: Path, monkeypatch, capsys) -> None:
    """``--rows --seed --out`` writes that log and says its best possible AUC."""
    out = tmp_path / "deeper" / "log.csv"
    monkeypatch.setattr(sys, "argv", ["make_purchase_log.py", "--rows", "300", "--seed", "5", "--out", str(out)])
    shop.main()
    log = shop.simulate(300, 5)
    assert out.read_bytes() == shop.to_csv(log)
    assert f"{shop.auc(log.outcome, log.probability):.4f}" in capsys.readouterr().out
