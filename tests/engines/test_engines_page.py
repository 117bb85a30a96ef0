"""The page about engines cannot lie: its Python runs, against a server."""

import json
import re
from pathlib import Path

from openglm.testing.chat import MANNERS, ChatServer

PAGE = (Path(__file__).parents[2] / "docs" / "engines.md").read_text(encoding="utf-8")


def test_the_page_runs(capsys, monkeypatch):
    """The block as it stands, with the address of a test server."""
    monkeypatch.delenv("OPENGLM_ENGINE_MODEL", raising=False)
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    said = json.dumps({"target": {"value": "q7", "evidence": ["fly the coop"]}})
    names = {}
    with ChatServer(said) as server:
        exec(compile(code.replace("http://127.0.0.1:8000/v1", server.url), "engines.md", "exec"), names)
    assert "target = q7" in capsys.readouterr().out
    assert names["refined"].tasks[0].target == "q7"


def test_the_number_of_manners():
    """Thirty, says the page."""
    assert len(MANNERS) >= 30
