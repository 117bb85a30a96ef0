"""The cleaning script: it needs nothing of the project, and the table it makes is the product's own, byte for byte."""

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from openglm.core.cleaning import CleanStep, Rule
from openglm.core.errors import SourceError
from openglm.core.task import Task
from openglm.plan import Cleaning
from openglm.prepare import load, prepare

ROWS = 120


def same(path: Path, task: Task, *, cleaning=None) -> str:
    """Run the script in a process that cannot see the project, compare, and return the script."""
    raw = load(path)
    made = Cleaning(raw, prepare(raw, task, cleaning=cleaning)[0])
    script, result = path.with_name("clean.py"), path.with_name("cleaned.csv")
    script.write_text(made.to_python(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", script, path, result], capture_output=True, text=True, cwd=path.parent, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert result.read_bytes() == made.to_csv().encode("utf-8")
    assert "openglm" not in script.read_text(encoding="utf-8")
    return script.read_text(encoding="utf-8")


def money() -> pd.DataFrame:
    """Money, shares, 万 and 亿, units, dates, marks, spellings, a note with commas, quotes and line breaks."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({
        "编号": [f"A{i:05d}" for i in range(ROWS)],
        "金额": [f"￥{value:,.2f}" for value in rng.uniform(-500, 90000, ROWS)],
        "折扣": [f"{value:.1f}%" for value in rng.uniform(0, 100, ROWS)],
        "市值": [f"{value:.2f}{unit}" for value, unit in zip(rng.uniform(1, 99, ROWS), rng.choice(["万", "亿"], ROWS), strict=True)],
        "面积": [f"{value:.1f}平米" for value in rng.uniform(20, 200, ROWS)],
        "日期": [f"2023年{1 + i % 12}月{1 + i % 28}日" for i in range(ROWS)],
        "城市": rng.choice(["北京", "上海", " 深圳 "], ROWS),
        "备注": [f'说明,第{i}条 "引号"\n换行 {i * 37 % 101} 更多的文字' for i in range(ROWS)],
        "温度": rng.normal(20, 5, ROWS).round(2),
        "是否购买": rng.choice(["是", "否"], ROWS),
    })  # fmt: skip
    frame.loc[:9, "温度"] = -999
    frame.loc[10:14, "城市"] = "?"
    frame.loc[15:19, "金额"] = "暂无"
    frame.loc[30:33, "是否购买"] = ""
    return frame


def european() -> pd.DataFrame:
    """Decimal commas, day first, codes with zeros, truth values, gaps, times of day."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({
        "preis": [f"{value:,.2f}".translate(str.maketrans(",.", ".,")) for value in rng.uniform(1, 9999, ROWS)],
        "tag": [f"{1 + i % 28:02d}.{1 + i % 12:02d}.2023 {i % 24:02d}:15" for i in range(ROWS)],
        "plz": [f"0{1000 + i * 7 % 50}" for i in range(ROWS)],
        "aktiv": rng.choice(["true", "false"], ROWS),
        "art": rng.choice(["Nord", "nord", "Süd", "SÜD"], ROWS, p=[0.47, 0.03, 0.47, 0.03]),
        "menge": rng.integers(0, 9, ROWS).astype(object),
        "klein": rng.normal(0, 1e-7, ROWS),
        "gross": rng.integers(1, 9, ROWS) * 10.0**22,
        "ziel": rng.normal(100, 20, ROWS),
    })  # fmt: skip
    frame.loc[::9, "menge"] = None
    frame.loc[3:5, "ziel"] = None
    return frame


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_table_in_any_encoding(tmp_path, encoding):
    """Money, percent, 万/亿, units, Chinese dates and marks, whatever the file's encoding."""
    path = tmp_path / "客户 表.csv"
    money().to_csv(path, index=False, encoding=encoding)
    script = same(path, Task(kind="binary", target="是否购买", metric="auc", sentence='预测"是否购买"'))
    assert "# missing_marks (found, 10 rows): '-999'" in script
    assert "numbers written as text" in script and "unit:平米" in script


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_decimal_commas_and_days_first(tmp_path, separator):
    """European numbers, dates with times, codes with zeros, gaps, tiny and huge numbers; a regression target."""
    path = tmp_path / "tabelle.csv"
    european().to_csv(path, index=False, sep=separator)
    script = same(path, Task(kind="regression", target="ziel", metric="rmse"))
    assert "decimal_comma" in script and "spelling (found" in script


def test_rules_of_the_sentence_and_rows_that_leave(tmp_path):
    """Digits, ranges, allowed values, required values, named rows, and a class of one row."""
    frame = money()
    frame["卡号"] = [f"6222-{i:04d} {i % 7}" for i in range(ROWS)]
    frame["档"] = np.random.default_rng(3).choice(["甲", "乙", "丙"], ROWS)
    frame.loc[50, ["档", "金额"]] = ["丁", "￥10.00"]
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    rules = (
        Rule(column="卡号", op="digits", words="卡号只保留数字"), Rule(column="金额", op="range", low=0, high=50000),
        Rule(column="金额", op="required"), Rule(column="城市", op="one_of", values=("北京", "上海")),
    )  # fmt: skip
    task = Task(
        kind="multiclass", target="档", metric="accuracy", rules=rules, inputs=("卡号", "金额", "城市", "温度", "折扣")
    )
    script = same(path, task)
    assert "REQUIRED = ['金额']" in script and "SINGLE = ['丁']" in script and "卡号只保留数字" in script
    proposed = prepare(load(path), task)[0].cleaning
    steps = (*proposed[1:], CleanStep(op="drop_rows", values=(0, 7, 60)), CleanStep(op="drop_column", column="折扣"))
    assert "DROPPED = [0, 7, 60]" in same(path, task, cleaning=steps)


def test_whole_numbers_written_as_floats(tmp_path):
    """Days such as 20240305.0, as pandas writes them beside gaps, are read in the script as in the product."""
    days = [float(f"2024{1 + i % 12:02d}{1 + i % 28:02d}") for i in range(ROWS)]
    frame = pd.DataFrame({"day": days, "a": np.arange(ROWS) % 17 + 0.5, "n": np.arange(ROWS) % 5, "y": [0, 1, 1] * 40})
    frame.loc[5, "day"] = np.nan
    path = tmp_path / "days.csv"
    frame.to_csv(path, index=False)
    assert "WHOLE = ['day']" in same(path, Task(kind="binary", target="y", metric="auc", inputs=("day", "a", "n")))


def test_columns_without_a_name_blank_lines_and_compression(tmp_path):
    """The header is taken by place; blank lines are no rows; a .gz file is read as it is."""
    lines = ["", ",a,b", *(f"{i % 7},{i % 5}.5,{'xy'[i * i % 3 % 2]}" for i in range(60)), "", ""]
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert "NAMES = ['column_1', 'a', 'b']" in same(path, Task(kind="binary", target="b", metric="auc"))


def test_only_delimited_text(tmp_path):
    """For other sources one sentence says what to do; the cleaned table can be written all the same."""
    path = tmp_path / "t.parquet"
    european().drop(columns="menge").to_parquet(path)
    raw = load(path)
    made = Cleaning(raw, prepare(raw, Task(kind="regression", target="ziel", metric="rmse"))[0])
    with pytest.raises(SourceError, match="delimited text"):
        made.to_python()
    assert made.to_csv().startswith("preis,tag,")


def test_titles_above_the_header_and_files_that_need_mending(tmp_path):
    """Lines above the header are passed over; a file with uneven lines, mended while it is read, gets a sentence, no script."""
    rows = [f"{i % 7},{i % 5}.5,{'xy'[i * i % 3 % 2]}" for i in range(300)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["# exported on Monday", "a,b,c", *rows]))
    same(path, Task(kind="binary", target="c", metric="auc"))
    path.write_text("\n".join(["a,b,c", *rows[:150], "1,2.5,x,,", *rows[150:]]))
    raw = load(path)
    made = Cleaning(raw, prepare(raw, Task(kind="binary", target="c", metric="auc"))[0])
    with pytest.raises(SourceError, match="even file"):
        made.to_python()
