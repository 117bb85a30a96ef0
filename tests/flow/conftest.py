"""Small tables and real commands for whole stories."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest


def make_shop(rows=600, seed=0):
    """A small simulated table: an id, numbers, categories, a date, gaps, and a yes/no outcome."""
    rng = np.random.default_rng(seed)
    visits, spent = rng.poisson(4, rows), rng.gamma(2, 30, rows)
    city = rng.choice(["北京", "上海", "成都"], rows)
    logit = 0.5 * visits + 0.02 * spent + (city == "成都") - 4
    return pd.DataFrame(
        {
            "user_id": [f"U{i:05d}" for i in range(rows)],
            "visits": visits,
            "spent": np.where(rng.random(rows) < 0.1, np.nan, spent.round(2)),
            "city": city,
            "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, rows), unit="D"),
            "churned": np.where(rng.random(rows) < 1 / (1 + np.exp(-logit)), "yes", "no"),
        }
    )


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def shop_csv(tmp_path):
    path = tmp_path / "shop.csv"
    make_shop().to_csv(path, index=False)
    return path


@pytest.fixture
def openglm(tmp_path):
    """Run or start the real command in a fresh folder."""

    class Command:
        env = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "120"}

        def __call__(self, *args, check=None):
            done = subprocess.run(
                [sys.executable, "-m", "openglm", *map(str, args)],
                capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env=self.env, timeout=180, check=False,
            )  # fmt: skip
            if check is not None:
                assert done.returncode == check, done.stderr + done.stdout
            return done

        def json(self, *args, check=0):
            return json.loads(self(*args, "--json", check=check).stdout)

        def start(self, *args):
            return subprocess.Popen(
                [sys.executable, "-m", "openglm", *map(str, args)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=tmp_path, env=self.env,
                start_new_session=True,
            )  # fmt: skip

    return Command()


def wait_for(happened, seconds=90):
    """Poll until something has happened; fail loudly instead of hanging."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
