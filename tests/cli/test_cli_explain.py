"""``openglm explain``: what drives a model, and rows in words."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import openglm


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run: people with a short contract leave."""
    place = tmp_path_factory.mktemp("explain")
    rng = np.random.default_rng(0)
    months, contract = rng.integers(0, 72, 240), rng.choice(["按月", "按年"], 240)
    leaves = rng.random(240) < 1 / (1 + np.exp(months / 12 - 2 - 2 * (contract == "按月")))
    with (place / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["在网月数", "合同类型", "月费", "是否流失"])
        out.writerows(
            [months[i], contract[i], round(rng.normal(50, 9), 2), "是" if leaves[i] else "否"] for i in range(240)
        )
    openglm.run("预测是否流失", place / "customers.csv", trials=1, out=place / "run", yes=True)
    return place


def test_the_summary_names_what_drives_the_model(trained: Path, call: Any, call_json: Any) -> None:
    """Columns with their mean part, typical rows in words; --json has the report's own lists."""
    done = call("explain", str(trained / "run"))
    assert done.exit_code == 0, done.output
    assert "平均影响" in done.stdout and "因为 " in done.stdout and "典型行" in done.stdout
    assert "because " in call("explain", str(trained / "run"), "--lang", "en").stdout
    code, answer = call_json("explain", str(trained / "run"))
    assert code == 0
    assert {item["column"] for item in answer["contributions"]} == {"在网月数", "合同类型", "月费"}


def test_rows_are_explained_in_words(trained: Path, call: Any, call_json: Any) -> None:
    """One line for each row; --row takes one, --top bounds the columns, and base and parts add up."""
    words = ["explain", str(trained / "run"), str(trained / "customers.csv")]
    done = call(*words, "--row", "3", "--top", "2")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("第 3 行: ") and done.stdout.count("\n") == 1 and "P(是)" in done.stdout
    code, answer = call_json(*words)
    assert code == 0 and len(answer["rows"]) == 240
    for row in answer["rows"]:
        assert row["base"] + sum(term["amount"] for term in row["terms"]) == pytest.approx(row["output"])
    assert call_json(*words, "--row", "3")[1]["rows"][0] == answer["rows"][3]
    assert len(call(*words).stdout.splitlines()) == 20


def test_a_file_holds_every_part(trained: Path, call: Any, tmp_path: Path) -> None:
    """--parts writes one column per input, the base and the prediction."""
    import pandas as pd

    done = call("explain", str(trained / "run"), str(trained / "customers.csv"), "-o", str(tmp_path / "why.csv"))
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "why.csv")
    assert list(table.columns) == ["在网月数", "合同类型", "月费", "base", "prediction"] and len(table) == 240
    np.testing.assert_allclose(table.iloc[:, :4].sum(axis=1), table["prediction"], atol=1e-9)


@pytest.mark.parametrize(
    ("words", "what"),
    [(["--row", "0"], "table"), (["DATA", "--row", "999"], "no row 999"), (["DATA", "-o", "why.doc"], "why.doc")],
)
def test_wrong_words_get_a_sentence(trained: Path, call: Any, words: list[str], what: str) -> None:
    """A row that is not there, a file of no known kind, or --row without a table."""
    given = [str(trained / "customers.csv") if word == "DATA" else word for word in words]
    done = call("explain", str(trained / "run"), *given, "--lang", "en")
    assert done.exit_code == 2 and what in done.output and "Traceback" not in done.output
