"""How hard is the simulated purchase log? The best possible AUC, and what the deleted cells cost.

The true probability knows every cell. Whoever sees only the file can at best know the mean of that probability given
the cells that are left; it is estimated here by a boosting model that learns the *probability itself* from many more
simulated rows of another seed. It is an estimate from below: more rows bring it a little higher.
"""

from __future__ import annotations

import argparse
from typing import Any

import _common
import numpy as np

OTHER_WORDS = ("", "618", "double11", "brand", "retarget", "new", "returning", "member")


def visible_features(simulator: Any, log: Any) -> np.ndarray:
    """Return what the file shows as numbers, deleted cells as NaN, shape (rows, features)."""
    stamps = log.columns["started_at"].tolist()  # "2024-11-11 20:15"
    made = [np.array([float(stamp[at : at + 2]) for stamp in stamps]) for at in (5, 8, 11)]  # month, day, hour
    for name in (name for name in log.columns if name not in ("session_id", "started_at")):
        values = log.columns[name]
        numbers = _codes(simulator, values) if values.dtype == object else values.astype(np.float64)
        made.append(np.where(log.missing[name], np.nan, numbers) if name in log.missing else numbers)
    return np.column_stack(made)


def _codes(simulator: Any, values: np.ndarray) -> np.ndarray:
    words = (*simulator.STEPS, *simulator.REGIONS, *simulator.DEVICES, *simulator.SOURCES, *OTHER_WORDS)
    place = {word: float(i) for i, word in enumerate(words)}
    return np.array([place[value] for value in values.tolist()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300_000, help="simulated rows to learn the probability from")
    given = parser.parse_args()
    import lightgbm

    simulator = _common.simulator()
    log = simulator.simulate()
    big = simulator.simulate(given.rows, simulator.SEED + 1000)
    # Leaves and rounds as large as 300k noise-free rows can carry.
    model = lightgbm.LGBMRegressor(
        n_estimators=800, learning_rate=0.08, num_leaves=127, objective="cross_entropy", verbose=-1
    )
    model.fit(visible_features(simulator, big), big.probability)
    seen = np.asarray(model.predict(visible_features(simulator, log)))
    full = simulator.auc(log.outcome, log.probability)
    visible = simulator.auc(log.outcome, seen)
    _common.print_table(
        ("purchase_log.csv, all rows", "AUC", "of the best"),
        [
            ("best possible (true probability)", f"{full:.4f}", "100.0 %"),
            ("best possible from the visible cells (estimate)", f"{visible:.4f}", f"{visible / full * 100:.1f} %"),
        ],
    )
    print(f"share of purchases {log.outcome.mean():.4f}")
    print(_common.machine())


if __name__ == "__main__":
    main()
