"""The public face: small, pinned, and free to import."""

import json
import subprocess
import sys

import openglm

HEAVY = ("sklearn", "torch", "pandas", "numpy", "pydantic", "lightgbm", "catboost", "pyarrow", "rich", "typer")


def test_exported_names():
    """The list of names is the real one, short, and none is equal to a room's."""
    rooms = {
        "understand",
        "prepare",
        "plan",
        "search",
        "explain",
        "ship",
        "serve",
        "watch",
        "features",
        "models",
        "core",
    }
    assert len(openglm.__all__) < 15
    assert not rooms & set(openglm.__all__)
    assert all(getattr(openglm, name) is not None for name in openglm.__all__)
    assert set(openglm.__all__) == set(openglm._HOMES) == set(dir(openglm)) - {"__version__"}


def test_import_loads_nothing_heavy():
    """``import openglm`` loads none of the libraries it stands on."""
    code = f"import sys, json, openglm; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    assert json.loads(subprocess.check_output([sys.executable, "-c", code])) == []


def test_help_loads_nothing_heavy():
    """``openglm --help`` needs typer only."""
    heavy = [name for name in HEAVY if name not in ("rich", "typer")]
    code = (
        "import sys, json, contextlib, io\nfrom openglm.cli import main\nsys.argv = ['openglm', '--help']\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()\n"
        f"print(json.dumps([m for m in {heavy!r} if m in sys.modules]))"
    )
    assert json.loads(subprocess.check_output([sys.executable, "-c", code])) == []
