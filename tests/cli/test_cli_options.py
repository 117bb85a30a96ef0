"""What people write for times, sizes, sentence and data."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openglm.cli._options import megabytes, seconds, sentence_and_data
from openglm.core.errors import InputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60", 60), ("90s", 90), ("10m", 600), ("10 min", 600), ("1h", 3600), ("1.5h", 5400), ("1h30m", 5400), ("0.5", 0.5),
        ("10分钟", 600), ("2小时", 7200), ("1小时30分", 5400), ("30秒", 30), (" 5 Minutes ", 300), ("1 hour 5 seconds", 3605),
    ],
)  # fmt: skip
def test_times(text: str, expected: float) -> None:
    """Seconds, minutes and hours in both languages, also one after the other."""
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "0", "-5", "10 parsecs", "m10", "1e3", "5m-", "inf", "nan"])
def test_no_times(text: str) -> None:
    """Everything else is one sentence that shows how to write it."""
    with pytest.raises(InputError, match="--time 60"):
        seconds(text)


def test_no_time_is_no_time() -> None:
    """Without --time the sentence or the default decides."""
    assert seconds(None) is None


@given(st.integers(1, 10**6), st.sampled_from([("s", 1), ("m", 60), ("h", 3600), ("分钟", 60), ("", 1)]))
def test_a_number_and_a_unit_multiply(number: int, unit: tuple[str, int]) -> None:
    """n units are n times one unit."""
    assert seconds(f"{number}{unit[0]}") == number * unit[1]


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_an_input_error(text: str) -> None:
    """Nothing a person types is a crash."""
    try:
        found = seconds(text)
    except InputError:
        return
    assert found is not None and found > 0


@pytest.mark.parametrize(
    ("text", "expected"), [("2000", 2000), ("2G", 2048), ("1.5gb", 1536), ("512 MiB", 512), (None, None)]
)
def test_sizes(text: str | None, expected: int | None) -> None:
    """A bare number is MiB."""
    assert megabytes(text) == expected


@pytest.mark.parametrize("text", ["99", "0", "lots", "2T", "-2000"])
def test_no_sizes(text: str) -> None:
    """Below the 100 MiB that Budget needs, or unreadable: refused."""
    with pytest.raises(InputError, match="--memory 2000"):
        megabytes(text)


def test_sentence_and_data_in_either_order(tmp_path: Path) -> None:
    """The one that is a file is the data."""
    table = tmp_path / "t.csv"
    table.write_text("a\n1\n", encoding="utf-8")
    assert sentence_and_data("predict a", str(table), may_be_silent=False) == ("predict a", str(table))
    assert sentence_and_data(str(table), "predict a", may_be_silent=False) == ("predict a", str(table))


def test_one_word_is_the_data_when_plan_or_target_speak() -> None:
    """``openglm run --plan plan.yaml DATA`` needs no sentence."""
    assert sentence_and_data("t.csv", None, may_be_silent=True) == ("", "t.csv")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    """A file alone lacks the sentence; a sentence alone lacks the data."""
    (tmp_path / "t.csv").touch()
    with pytest.raises(InputError, match="sentence is missing"):
        sentence_and_data(str(tmp_path / "t.csv"), None, may_be_silent=False)
    for words in (("predict churn", None), (None, None)):
        with pytest.raises(InputError, match="data is missing"):
            sentence_and_data(*words, may_be_silent=False)
