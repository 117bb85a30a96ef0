"""The documentation cannot lie: its code runs, and both languages show the same."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _blocks(name, language):
    return [code for tag, code in BLOCK.findall((ROOT / name).read_text(encoding="utf-8")) if tag == language]


@pytest.mark.parametrize("language", ["python", "bash"])
def test_both_readmes_show_the_same_code(language):
    """A change of an example in one language is a change in the other."""
    assert _blocks("README.md", language) == _blocks("README.zh.md", language)


def test_readme_python_runs(tmp_path, monkeypatch):
    """The blocks of the README run as they stand, one after the other, from the folder of the examples (with few trials)."""
    import shutil

    from openglm import AutoPipeline

    shutil.copytree(ROOT / "examples" / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    real = AutoPipeline.__init__
    monkeypatch.setattr(AutoPipeline, "__init__", lambda self, **kw: real(self, **{"trials": 2, **kw}))
    names = {}
    for code in _blocks("README.md", "python"):
        exec(compile(code, "README.md", "exec"), names)
    assert names["result"].task.target == "purchased"


@pytest.mark.parametrize(
    "page", sorted(p.relative_to(ROOT).as_posix() for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
)
def test_links_lead_somewhere(page):
    """Every relative link of the documentation points to a file."""
    text = BLOCK.sub("", (ROOT / page).read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), target
