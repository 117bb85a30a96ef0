"""Which language an answer is in."""

from __future__ import annotations

import pytest

from openglm.cli._language import language_of, of_environment
from openglm.core.errors import InputError


@pytest.mark.parametrize(
    ("lang", "sentence", "expected"),
    [
        ("zh", "predict churn", "zh"), ("en", "预测流失", "en"), ("zh-CN", None, "zh"), ("EN_us", None, "en"),
        (None, "预测 churn", "zh"), (None, "predict churn", "en"), (None, None, "en"), (None, "  ", "en"),
    ],
)  # fmt: skip
def test_lang_then_sentence_then_environment(lang: str | None, sentence: str | None, expected: str) -> None:
    """The first that says something decides."""
    assert language_of(lang, sentence) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("zh_CN.UTF-8", "zh"), ("zh", "zh"), ("en_US.UTF-8", "en"), ("C", "en"), ("de_DE", "en")]
)
def test_the_environment(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    """POSIX locale names."""
    monkeypatch.setenv("LC_ALL", value)
    assert of_environment() == expected


def test_lc_all_wins_over_lang(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is POSIX's."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert of_environment() == "en"


def test_an_unknown_language_is_an_input_error() -> None:
    """With the two there are."""
    with pytest.raises(InputError, match="--lang zh or --lang en"):
        language_of("fr")
