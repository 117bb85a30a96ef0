"""The leak court: what is left out, doubted and cleared, and what is said about it."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from openglm.core.dataset import Dataset
from openglm.core.errors import DataError
from openglm.core.task import Task
from openglm.prepare import load, prepare
from openglm.prepare._court import KEPT, _rows_for_rare, _sample, court

ROWS = 900


def table(seed=0) -> pd.DataFrame:
    """Return a table in which 'a' and 'b' honestly predict 'y' to some degree."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.normal(size=ROWS), "b": rng.normal(size=ROWS), "c": rng.choice(list("uvw"), ROWS)})
    frame["y"] = (frame["a"] + 0.5 * frame["b"] + rng.normal(0, 1.0, ROWS) > 0.4).astype(int)
    return frame


def judged(frame, kind="binary", target="y", **more):
    data, findings = prepare(load(frame), Task(kind=kind, target=target, metric="", **more))
    return data, findings, {suspect.column: suspect for suspect in data.suspects}


def test_a_nearly_perfect_column_beside_weak_ones_is_a_leak():
    """Alone nearly perfect, and without it the score falls far: left out, with the scores that say so."""
    frame = table()
    flip = np.random.default_rng(1).random(ROWS) < 0.01
    frame["code"] = np.where(frame["y"].to_numpy() ^ flip, "K4", "M7")
    data, findings, suspects = judged(frame)
    suspect = suspects["code"]
    assert (suspect.verdict, suspect.kept) == ("leak", False)
    assert set(data.train.x) == {"a", "b", "c"}
    assert suspect.without_it < 0.5 < 0.9 < suspect.alone
    (finding,) = [finding for finding in findings if finding.column == "code"]
    assert finding.code == "leak-too-good"
    assert "inputs=['code'" in finding.fix.en
    assert finding.message.zh


def test_strong_but_redundant_is_doubtful():
    """Where the others know nearly as much, a perfect column may be honest: kept, and the user is asked."""
    frame = table()
    for i in range(10):  # each alone far from perfect, all together nearly
        frame[f"m{i}"] = frame["y"] * 4 + np.random.default_rng(i).normal(0, 2, ROWS)
    frame["perfect"] = frame["y"] * 4 + np.random.default_rng(40).uniform(0, 3, ROWS)
    data, findings, suspects = judged(frame)
    assert suspects["perfect"].verdict == "doubtful"
    assert "perfect" in data.train.x
    assert "leak-doubtful-perfect-ranking" in {finding.code for finding in findings}


@pytest.mark.parametrize("name", ["refund_amount", "v"])
def test_a_name_is_a_witness(name):
    """The same strong column is accused under a name that speaks of the outcome, and left alone under another."""
    frame = table()
    rng = np.random.default_rng(1)
    frame[name] = np.where(frame["y"] ^ (rng.random(ROWS) < 0.15), rng.gamma(2, 50, ROWS), rng.gamma(2, 5, ROWS))
    verdicts = {column: suspect.verdict for column, suspect in judged(frame)[2].items()}
    assert verdicts == ({"refund_amount": "leak"} if name == "refund_amount" else {})


def test_named_inputs_are_kept_and_reported():
    """Who asks for a column by name gets it, with the warning."""
    frame = table()
    frame["copy"] = frame["y"].map({0: "no", 1: "yes"})
    data, findings, suspects = judged(frame, inputs=("a", "copy"))
    assert (suspects["copy"].verdict, suspects["copy"].kept) == ("leak", True)
    assert "copy" in data.train.x
    assert [finding.fix for finding in findings if finding.code == "leak-copy"] == [KEPT]


def test_a_leak_that_is_the_whole_signal_is_said():
    """When nothing else predicts, the finding says it; when nothing else is left, it is an error."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(ROWS, 3)), columns=list("abc"))
    frame["y"] = rng.integers(0, 2, ROWS)
    frame["copy"] = frame["y"] * 5 + 1
    _, findings, _ = judged(frame)
    (said,) = [finding.message for finding in findings if finding.column == "copy"]
    assert "whole signal" in said.en
    assert "全部信号" in said.zh
    with pytest.raises(DataError, match="gives the target"):
        judged(frame[["copy", "y"]])


@pytest.mark.parametrize(
    ("loader", "kind"),
    [
        (load_iris, "multiclass"), (load_wine, "multiclass"), (load_breast_cancer, "binary"), (load_diabetes, "regression"),
    ],
)  # fmt: skip
def test_honest_columns_are_not_accused(loader, kind):
    """Petal width, worst perimeter and s5 are strong because the world is so."""
    data, _, suspects = judged(loader(as_frame=True).frame, kind, "target")
    assert {column: suspect for column, suspect in suspects.items() if suspect.verdict != "cleared"} == {}
    assert len(data.train.x) == loader().data.shape[1]


def test_order_and_conflicting_copies_are_said():
    """A table sorted by its target, and copies with other answers, are named without accusing a column."""
    frame = table().sort_values("y", ignore_index=True)
    codes = {finding.code for finding in judged(frame)[1]}
    assert "leak-row-order" in codes
    twins = frame.sample(80, random_state=0)
    twins["y"] = 1 - twins["y"]
    both = pd.concat([table(), twins]).sample(frac=1, random_state=1)
    (finding,) = [item for item in judged(both)[1] if item.code == "duplicates-disagree"]
    assert 40 < finding.rows <= 160
    assert "duplicates-disagree" not in {item.code for item in judged(table())[1]}


def test_sealed_rows_are_never_seen():
    """Poison in the sealed rows changes neither verdict nor score."""
    frame = table()
    frame["code"] = frame["y"] * 2.0 + np.random.default_rng(1).normal(0, 0.2, ROWS)
    data, _, suspects = judged(frame)
    poisoned = frame.copy()
    sealed = data.sealed.index
    poisoned.loc[sealed, "code"] = np.random.default_rng(2).normal(size=len(sealed)) * 1e6
    poisoned.loc[sealed, "a"] = np.random.default_rng(3).normal(size=len(sealed)) * 1e6
    again, _, others = judged(poisoned)
    assert np.array_equal(again.sealed.index, sealed)
    assert others == suspects
    assert suspects["code"].verdict == "leak"


def test_the_same_seed_gives_the_same_verdicts(tmp_path):
    """Judging is repeatable, and the suspects are saved with the data."""
    frame = table()
    frame["code"] = frame["y"] * 2.0 + np.random.default_rng(1).normal(0, 0.2, ROWS)
    data, _, _ = judged(frame)
    assert judged(frame)[0].suspects == data.suspects
    data.save(tmp_path)
    assert Dataset.load(tmp_path, sealed=True).suspects == data.suspects


def test_numbers_are_judged_too():
    """In a regression the noised target is a leak, and an honest strong column is not."""
    rng = np.random.default_rng(0)
    size = rng.gamma(4, 20, ROWS)
    frame = pd.DataFrame({"size": size, "age": rng.normal(size=ROWS), "y": 3 * size + rng.normal(0, 60, ROWS)})
    frame["late"] = frame["y"] + rng.normal(0, 5, ROWS)
    _, _, suspects = judged(frame, "regression")
    assert {column: suspect.verdict for column, suspect in suspects.items()} == {"late": "leak"}


def test_a_wide_table_is_screened_in_bounds():
    """Of thousands of columns the leak is still found."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    x = {f"c{i}": rng.normal(size=300) for i in range(1700)} | {"late": y + rng.normal(0, 0.1, 300)}
    suspects = court(
        x, y, np.arange(300) % 5, columns=(), kind="binary", target="y", named=(), keys={}, times=None, forward=False,
        order=np.arange(300), seconds=0.5,
    )  # fmt: skip
    assert [(suspect.column, suspect.verdict) for suspect in suspects] == [("late", "leak")]


def test_hold_out_and_time_folds():
    """One hold-out part, and folds along time, are enough to judge by."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 1200)
    x = {"late": y + rng.normal(0, 0.1, 1200), "a": rng.normal(size=1200)}
    for folds, forward in ((np.where(rng.random(1200) < 0.2, 0, -1), False), (np.repeat([-1, 0, 1, 2], 300), True)):
        (suspect,) = court(
            x, y, folds, columns=(), kind="binary", target="y", named=(), keys={}, times=None, forward=forward,
            order=np.arange(1200),
        )  # fmt: skip
        assert (suspect.column, suspect.verdict) == ("late", "leak")


def test_the_page_runs(capsys):
    """The example in the section about leaks runs, and shows what it says."""
    page = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    section = page.split("## Leaks", 1)[1].split("\n## ", 1)[0]
    for code in re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
        exec(compile(code, "docs/data.md", "exec"), {})
    assert "refund_amount leak" in capsys.readouterr().out


def engines(units=20, seed=0) -> pd.DataFrame:
    """Return runs of engines until they fail, with sensors that drift towards the end, and the cycles that are left."""
    rng = np.random.default_rng(seed)
    length = rng.integers(60, 180, units)
    unit = np.repeat(np.arange(units), length)
    left = np.concatenate([np.arange(n)[::-1] for n in length])
    wear = np.exp(-left / rng.uniform(5, 40, units)[unit]) + rng.normal(0, 0.3, units)[unit]
    sensors = {f"s{i}": wear * rng.uniform(0.2, 1) + rng.normal(0, 0.5, len(unit)) for i in range(12)}
    return pd.DataFrame({"unit": unit, "rul": left, **sensors, "fails": (left <= 20).astype(int)})


@pytest.mark.parametrize("seconds", [0.1, 0.9, None])
def test_a_short_budget_spares_no_column_that_orders_the_target(seconds):
    """Cycles left separate the classes without any error: out, however little time there is, and by the same scores."""
    data, findings = prepare(load(engines()), Task(kind="binary", target="fails", metric=""), seconds=seconds)
    plain, _ = prepare(load(engines()), Task(kind="binary", target="fails", metric=""))
    (suspect,) = [suspect for suspect in data.suspects if suspect.column == "rul"]
    assert (suspect.verdict, suspect.kept) == ("leak", False)
    assert data.suspects == plain.suspects
    assert "leak-perfect-ranking" in {finding.code for finding in findings}


def test_a_smaller_sample_is_a_part_of_a_larger_one_and_holds_the_rare_class():
    """What is exact in many rows is so in few of them; a sign needs some rows of the rarer class."""
    small, large = (_sample(5000, most, np.random.default_rng(0)) for most in (1000, 3000))
    assert set(small) < set(large)
    y = np.zeros(10_000, dtype=np.int64)
    y[::200] = 1
    assert _rows_for_rare(y, "binary") == 6000
    assert _rows_for_rare(y, "regression") == 0
