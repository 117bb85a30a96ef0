"""What it costs to say hello: CPU time of ``import openglm`` and ``openglm --help``, beside other imports."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

import _common

HEAVY = ("numpy", "pandas", "pyarrow", "pydantic", "sklearn", "scipy", "lightgbm", "catboost", "torch", "typer", "rich")
CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("python -c pass", (sys.executable, "-c", "pass")),
    ("import openglm", (sys.executable, "-c", "import openglm")),
    ("openglm --help", (*_common.CLI, "--help")),
    ("import pandas", (sys.executable, "-c", "import pandas")),
    ("import sklearn.ensemble", (sys.executable, "-c", "import sklearn.ensemble")),
    ("import lightgbm", (sys.executable, "-c", "import lightgbm")),
    ("from openglm import AutoPipeline", (sys.executable, "-c", "from openglm import AutoPipeline")),
)


def cpu_and_wall(command: tuple[str, ...]) -> tuple[float, float]:
    """Return CPU seconds (user and system, children of the child included) and wall seconds of one call."""
    before, start = _children_cpu(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, env=_common.utf8_environment())
    wall = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"{command} failed:\n{done.stderr.decode(errors='replace')}")
    return _children_cpu() - before, wall


def _children_cpu() -> float:
    try:
        import resource
    except ImportError:  # Windows keeps no account of finished children
        return float("nan")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def loaded(statement: str) -> list[str]:
    """Return the heavy modules that a statement leaves in ``sys.modules``."""
    code = f"import sys\n{statement}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7, help="calls per case, their median is shown (default 7)")
    given = parser.parse_args()
    rows = []
    for name, command in CASES:
        cpu_and_wall(command)  # the first call may compile .pyc files
        pairs = [cpu_and_wall(command) for _ in range(given.repeat)]
        rows.append((name, *(f"{statistics.median(column):.3f}" for column in zip(*pairs, strict=True))))
    _common.print_table(("call", "CPU s", "wall s"), rows)
    for statement in ("import openglm", "from openglm import AutoPipeline"):
        print(f"in sys.modules after `{statement}`: {', '.join(loaded(statement)) or 'none of the heavy ones'}")
    print(_common.machine())


if __name__ == "__main__":
    main()
