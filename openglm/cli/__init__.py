"""The command line: one file per verb; each parses, calls the public face, prints. It decides nothing about models.

This file stays empty-handed on purpose: a worker process of a run imports it again, and must not pay for the verbs.
"""

from __future__ import annotations

from typing import Any


def main() -> None:
    """Run the command line on ``sys.argv`` and leave with its exit code."""
    from openglm.cli._app import app
    from openglm.cli._door import speak_utf8

    speak_utf8()
    app(prog_name="openglm")


def __getattr__(name: str) -> Any:
    if name == "app":
        from openglm.cli._app import app

        return app
    raise AttributeError(f"module 'openglm.cli' has no attribute '{name}'")
