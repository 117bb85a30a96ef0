"""The examples in docstrings are true: doctest runs all of them."""

import doctest
import importlib
import pkgutil

import pytest

import openglm

MODULES = sorted(
    info.name for info in pkgutil.walk_packages(openglm.__path__, "openglm.") if "__main__" not in info.name
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    """Every example prints what it says."""
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_there_are_examples():
    """The runner above does find examples."""
    finder = doctest.DocTestFinder()
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(found) >= 5
