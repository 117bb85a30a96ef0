"""Errors know the way out, in both languages."""

import pytest

from openglm.core import errors
from openglm.core.errors import MissingExtraError, OpenGLMError, did_you_mean
from openglm.core.words import Said


def _all(kind):
    return {kind}.union(*(_all(sub) for sub in kind.__subclasses__()))


def test_every_error_has_codes():
    """Shell and server read their codes from the class; there is no second mapping."""
    for kind in _all(OpenGLMError):
        assert 1 <= kind.exit_code <= 130
        assert 400 <= kind.http_status <= 599
    assert len(_all(OpenGLMError)) <= 15


def test_the_tree_in_the_docstring_is_the_tree():
    """The drawing at the top of the module names every class with its real codes."""
    for kind in _all(OpenGLMError):
        line = next(text for text in errors.__doc__.splitlines() if f"{kind.__name__} " in text)
        assert f"exit {kind.exit_code} " in line
        assert f"http {kind.http_status}" in line


def test_text_joins_message_and_hint():
    """Message and hint are one paragraph in the language asked for."""
    error = OpenGLMError(Said(en="A.", zh="甲。"), hint=Said(en="Do B.", zh="做乙。"))
    assert error.text("en") == "A. Do B."
    assert error.text("zh") == "甲。做乙。"


def test_missing_extra_names_the_command():
    """A missing package is one sentence that says how to install it."""
    assert 'pip install "openglm[catboost]"' in MissingExtraError("catboost", "catboost", purpose="CatBoost").text("zh")


@pytest.mark.parametrize(("name", "expected"), [("chrn", "'churn'"), ("CHURN ", "'churn'")])
def test_did_you_mean_finds_near_names(name, expected):
    """Spelling mistakes, case and blanks are forgiven in the hint."""
    assert expected in did_you_mean(name, ["age", "churn"]).en


def test_did_you_mean_lists_few_names():
    """When nothing is near, the known names are listed, many of them cut."""
    assert did_you_mean("zzz", ["a", "b"]).en == "There are: a, b."
    assert "and 8 more" in did_you_mean("zzz", [f"col{i:02d}xxxx" for i in range(20)]).en
