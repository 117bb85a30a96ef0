"""Presets: the bundled one by name, a copy by folder."""

import pytest

from openglm.core.errors import SourceError
from openglm.core.preset import BUNDLED, Preset


def test_bundled_preset_and_its_copy(tmp_path):
    """The bundled preset has a portfolio; saved to a folder it loads from there with the same content."""
    bundled = Preset.load()
    assert bundled.read("portfolio.json")["entries"]
    bundled.save(tmp_path / "mine")
    mine = Preset.load(tmp_path / "mine")
    assert mine.read("portfolio.json") == bundled.read("portfolio.json")
    (tmp_path / "mine" / "portfolio.json").write_text('{"entries": []}')
    assert mine.read("portfolio.json") == {"entries": []}


def test_unknown_preset():
    """A name that is neither says what would work."""
    with pytest.raises(SourceError, match=BUNDLED):
        Preset.load("zhipu/unknown")
