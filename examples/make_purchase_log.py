"""A simulated log of web-shop sessions that knows its own best possible score.

Visitors with a hidden interest arrive through the year, with weekends, evenings and the 6.18 and 11.11 sales; they
come from campaigns and other sources, walk down the funnel landing → product → cart → checkout, and buy or not. The
outcome is drawn with a known probability that depends on the *visible* columns only, non-linearly, with interactions;
afterwards cells are deleted. So nobody can beat the true probability, and its AUC is the best possible one.

The file never holds the probability. Only uniform numbers of PCG64 are drawn (their stream is fixed across numpy
versions and platforms, numpy NEP 19) and every float is rounded, so a seed gives the same bytes everywhere.
No real person or shop is in it, and no real data set was fitted: all numbers below are our own invention.

    python make_purchase_log.py                       # writes data/purchase_log.csv and data/new_sessions.csv
    python make_purchase_log.py --rows 50000 --seed 3 --out big.csv
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROWS, SEED = 12_000, 7
NEW_ROWS, NEW_SEED = 200, 8
DATA = Path(__file__).resolve().parent / "data"
OUTCOME = "purchased"

Floats = NDArray[np.float64]
Table = dict[str, NDArray[Any]]

YEAR = (datetime(2024, 1, 1), 366)  # first day and number of days of the log
NEXT_MONTH = (datetime(2025, 1, 1), 31)  # the new sessions come after it
STEPS = ("landing", "product", "cart", "checkout")
REGIONS = ("华东", "华南", "华北", "华中", "西南", "东北", "西北")
DEVICES = ("mobile", "desktop", "tablet")
SOURCES = ("search", "direct", "ads", "email", "social", "affiliate")
# Share of sessions per hour of the day: quiet nights, a lunch break, busy evenings.
HOURS = (1.5, 0.8, 0.4, 0.3, 0.3, 0.5, 1, 2, 3, 4, 4.5, 4.5, 5, 4.5, 4, 4, 4, 4, 4.5, 6, 8, 8.5, 7, 4)


@dataclass(frozen=True)
class Log:
    """One simulation.

    Parameters
    ----------
    columns : dict of str to ndarray of shape (rows,)
        As they really were, outcome not included.
    missing : dict of str to ndarray of shape (rows,)
        Which cells of a column are not written to the file.
    probability : ndarray of shape (rows,)
        True probability of the outcome.
    outcome : ndarray of shape (rows,), int64
        0 or 1.
    """

    columns: Table
    missing: dict[str, NDArray[np.bool_]]
    probability: Floats
    outcome: NDArray[np.int64]


def simulate(rows: int = ROWS, seed: int = SEED, period: tuple[datetime, int] = YEAR) -> Log:
    """Return a log of ``rows`` sessions (>= 1), ordered in time; equal arguments give equal logs."""
    if rows < 1:
        raise ValueError("rows must be at least 1")
    rng = np.random.Generator(np.random.PCG64(seed))
    columns, interest = _visits(rows, rng, period)
    _walk(columns, interest, rng)
    probability = np.round(1 / (1 + np.exp(-_logit(columns))), 9)
    outcome = (rng.random(rows) < probability).astype(np.int64)
    return Log(columns, _gaps(columns, rng), probability, outcome)


def true_probability(seed: int = SEED, rows: int = ROWS) -> dict[str, float]:
    """Return the true probability of a purchase for each session id, in the order of the rows."""
    log = simulate(rows, seed)
    return dict(zip(log.columns["session_id"].tolist(), log.probability.tolist(), strict=True))


def best_possible_auc(rows: Iterable[int] | None = None, *, seed: int = SEED, total: int = ROWS) -> float:
    """Return the AUC of the true probability: what nobody can beat, apart from luck.

    Parameters
    ----------
    rows : iterable of int or None
        Row numbers counted from 0, for instance the sealed rows of a run; all by default.
    seed, total : int
        The seed and the number of rows of the log.
    """
    log = simulate(total, seed)
    chosen = np.arange(total) if rows is None else np.fromiter(rows, dtype=np.int64)
    return auc(log.outcome[chosen], log.probability[chosen])


def auc(truth: ArrayLike, score: ArrayLike) -> float:
    """Return the area under the ROC curve as a rank sum (Mann & Whitney 1947), ties counted half."""
    truth = np.asarray(truth, dtype=bool)
    _, place, count = np.unique(np.asarray(score, dtype=np.float64), return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2  # mean rank of each distinct value, counted from 1
    good, bad = int(truth.sum()), int((~truth).sum())
    if not good or not bad:
        raise ValueError("the AUC needs both outcomes")
    return float((rank[place][truth].sum() - good * (good + 1) / 2) / (good * bad))


def to_csv(log: Log, *, outcome: bool = True) -> bytes:
    """Return the log as UTF-8 CSV with line feeds as line ends and an empty cell for what is missing."""
    texts = {name: [_spell(value) for value in values.tolist()] for name, values in log.columns.items()}
    for name, gone in log.missing.items():
        for row in np.flatnonzero(gone).tolist():
            texts[name][row] = ""
    if outcome:
        texts[OUTCOME] = [str(value) for value in log.outcome.tolist()]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(texts)
    writer.writerows(zip(*texts.values(), strict=True))
    return out.getvalue().encode("utf-8")


# ── who comes, and when ──


def _visits(rows: int, rng: np.random.Generator, period: tuple[datetime, int]) -> tuple[Table, Floats]:
    """Return the columns known on arrival, and the hidden interest of each session."""
    first, days = period
    dates = [first + timedelta(days=i) for i in range(days)]
    day = _pick(rng.random(rows), [_traffic(date) for date in dates])
    minute = 60 * _pick(rng.random(rows), HOURS) + np.floor(60 * rng.random(rows)).astype(np.int64)
    order = np.lexsort((minute, day))
    day, minute = day[order], minute[order]

    # Some visitors come often: the square of a uniform number crowds the low visitor numbers.
    people = max(1, int(0.9 * rows))
    who = np.floor(people * rng.random(rows) ** 2).astype(np.int64)
    taste, loyal = _normal(rng, people)[who], rng.random(people)[who]
    interest = 0.6 * taste + 0.8 * _normal(rng, rows)
    since = _days_since(who, day + minute / 1440, rng, loyal)
    known = np.isfinite(since)
    orders = np.where(loyal > 0.5, np.floor(np.maximum(0, -1 + 4.5 * loyal + 0.9 * taste)), 0).astype(np.int64)

    peak = np.array([_sale(date) for date in dates], dtype=object)[day]
    source = _pick_rows(rng.random(rows), _sources(peak != "", known))
    campaign = np.where(
        np.isin(source, (2, 3)) & (rng.random(rows) < 0.8), peak, ""
    )  # ads and emails carry the sale's tag
    usual = np.isin(source, (2, 3)) & (campaign == "") & (rng.random(rows) < 0.5)
    campaign[usual] = np.array(["brand", "retarget"], dtype=object)[(rng.random(rows)[usual] < 0.5).astype(np.int64)]
    device = _pick(rng.random(rows), (0.62, 0.31, 0.07))
    # An odd multiplier (Knuth, TAOCP vol. 3, section 6.4) scatters the ids without ever repeating one.
    number = (np.arange(rows, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(rng.random() * 2**32)) % np.uint64(
        2**32
    )
    stamps = [dates[d] + timedelta(minutes=m) for d, m in zip(day.tolist(), minute.tolist(), strict=True)]
    columns: Table = {
        "session_id": np.array([f"s{i:08x}" for i in number.tolist()], dtype=object),
        "started_at": np.array([f"{stamp:%Y-%m-%d %H:%M}" for stamp in stamps], dtype=object),
        "weekend": np.array([int(stamp.weekday() >= 5) for stamp in stamps]),
        "region": np.array(REGIONS, dtype=object)[_pick(rng.random(rows), (30, 22, 16, 12, 10, 6, 4))],
        "device": np.array(DEVICES, dtype=object)[device],
        "source": np.array(SOURCES, dtype=object)[source],
        "campaign": campaign,
        "visitor": np.where(known, np.where((orders > 0) & (loyal > 0.7), "member", "returning"), "new").astype(object),
        "days_since_last": np.round(since, 1),
        "past_orders": orders,
    }
    return columns, interest


def _traffic(date: datetime) -> float:
    """Visits per day, relative: weekends, the weeks before the sales, the quiet Spring Festival."""
    weight = 1.2 if date.weekday() >= 5 else 1.0
    if (2, 8) <= (date.month, date.day) <= (2, 17):
        weight *= 0.5
    sale = _sale(date)
    last = 18 if sale == "618" else 11
    return weight * (1.2 + 1.8 * date.day / last if sale else 1.0)


def _sale(date: datetime) -> str:
    """Name of the sale on this day: 6.18 from the 10th of June, 11.11 from the 1st of November."""
    if date.month == 6 and 10 <= date.day <= 18:
        return "618"
    return "double11" if date.month == 11 and date.day <= 11 else ""


def _days_since(who: NDArray[np.int64], when: Floats, rng: np.random.Generator, loyal: Floats) -> Floats:
    """Days since the same visitor's session before; NaN for a first visit. Loyal ones came before the log began."""
    order = np.lexsort((when, who))
    gap = np.full(len(who), np.nan)
    same = np.diff(who[order]) == 0
    gap[order[1:][same]] = np.diff(when[order])[same]
    before = 0.5 - 30 * np.log1p(-rng.random(len(who)))  # exponential, mean one month
    return np.where(np.isnan(gap) & (loyal > 0.5), before, gap)


def _sources(sale: NDArray[np.bool_], known: NDArray[np.bool_]) -> Floats:
    """Weights of the sources, shape (rows, sources): sales bring ads and emails, emails reach known visitors."""
    weights = np.tile(np.array([30.0, 22.0, 18.0, 6.0, 16.0, 8.0]), (len(sale), 1))
    weights[sale, 2] *= 1.8
    weights[known, 3] *= 2.5
    weights[known, 1] *= 1.5
    return weights


# ── what they do ──


def _walk(columns: Table, interest: Floats, rng: np.random.Generator) -> None:
    """Add the columns of the walk down the funnel: landing → product → cart → checkout."""
    rows = len(interest)
    mobile = columns["device"] == "mobile"
    known = columns["visitor"] != "new"
    stays = rng.random(rows) < _share(1.5 + 0.8 * interest + 0.3 * known)
    seen = np.where(stays, 1 + np.floor(np.exp(1.9 + 0.45 * interest - 0.25 * mobile + 0.75 * _normal(rng, rows))), 0)
    per_page = np.exp(3.45 + 0.15 * interest + 0.75 * _normal(rng, rows))  # seconds, median half a minute
    carts = stays & (rng.random(rows) < _share(-1.25 + 0.9 * interest + 0.35 * np.log1p(seen) - 0.35))
    pays = carts & (rng.random(rows) < _share(-0.5 + 0.5 * interest))
    step = stays.astype(np.int64) + carts + pays
    worth = carts | (stays & (rng.random(rows) < 0.12))
    value = np.where(worth, np.exp(2.2 + 0.4 * pays + 0.2 * interest + 0.8 * _normal(rng, rows)), 0)
    info = np.floor(np.maximum(0, -1.2 - 1.6 * np.log(rng.random(rows) + 1e-12)))
    bounce = np.where(stays, 0.012, 0.16) * np.exp(0.6 * _normal(rng, rows) - 0.2 * interest)
    leave = bounce + 0.03 * np.exp(0.5 * _normal(rng, rows) - 0.25 * interest)
    load = np.exp(6.9 + 0.35 * mobile + 0.4 * _normal(rng, rows))  # milliseconds, median one second
    columns |= {
        "info_pages": info.astype(np.int64),
        "searches": np.floor(np.where(stays, -1.3 * np.log(rng.random(rows) + 1e-12), 0)).astype(np.int64),
        "product_pages": seen.astype(np.int64),
        "product_seconds": np.round(seen * per_page).astype(np.int64),
        "cart_items": np.where(carts, 1 + np.floor(-0.9 * np.log(rng.random(rows) + 1e-12)), 0).astype(np.int64),
        "deepest_page": np.array(STEPS, dtype=object)[step],
        "page_value": np.round(value, 1),
        "bounce_rate": np.round(np.minimum(bounce, 1), 3),
        "exit_rate": np.round(np.minimum(leave, 1), 3),
        "load_ms": np.round(load, -1).astype(np.int64),
        "coupon_shown": (rng.random(rows) < np.where(known, 0.22, 0.35)).astype(np.int64),
    }


def _logit(columns: Table) -> Floats:
    """Return the log-odds of a purchase, from visible columns only: main effects, curves, and interactions."""
    step = np.array([STEPS.index(name) for name in columns["deepest_page"].tolist()])
    mobile, new = columns["device"] == "mobile", columns["visitor"] == "new"
    member, cart = columns["visitor"] == "member", step >= 2
    stamps = columns["started_at"].tolist()
    month, hour = np.array([int(s[5:7]) for s in stamps]), np.array([int(s[11:13]) for s in stamps])
    sale = np.array([_sale(datetime.fromisoformat(s)) != "" for s in stamps])
    pages = np.maximum(columns["product_pages"], 1)
    attention = np.log(np.maximum(columns["product_seconds"] / pages, 1) / 35)  # 0 at 35 seconds a page
    recent = np.where(new, 0, np.exp(-np.nan_to_num(columns["days_since_last"]) / 10))
    tagged = np.isin(columns["source"], ("ads", "email"))
    coupon = columns["coupon_shown"] == 1
    logit: Floats = (
        -2.42
        + np.array([-2.2, 0.0, 1.5, 2.4])[step]
        + np.where(mobile & cart & (hour < 19), 0.35, 1.0) * np.log1p(columns["page_value"] / 6)  # weaker on such phones, too
        - 1.1 * (mobile & cart & (hour < 19))  # carts are left on the phone by day, paid in the evening
        + 0.9 * np.log(np.minimum(pages, 20) / 8) - 0.12 * np.maximum(pages - 20, 0)  # who looks at everything buys nothing
        - 1.0 * np.minimum(attention**2, 4)  # neither skimming nor lost: a curve with its top at 35 s a page
        - 9.0 * np.minimum(columns["exit_rate"], 0.2)
        + np.where(columns["coupon_shown"] == 1, 0.5, 0.1) * np.minimum(columns["past_orders"], 4)
        + 1.5 * recent * np.where(cart, 1.5, 0.4)  # back soon, with something in the cart
        + coupon * np.where(new, 1.8, np.where(member, -1.2, 0.2))  # a coupon wins new visitors, members wait for a better one
        + sale * np.where(tagged, 1.4, 0.2)
        + 0.35 * (month == 12) - 0.4 * (month == 2)
        - 1.2 * ((columns["searches"] >= 3) & (columns["product_pages"] < 8))  # searched and did not find
        - 0.5 * mobile * np.clip(columns["load_ms"] / 1000 - 1, 0, 3)
        - 0.4 * np.maximum(columns["cart_items"] - 3, 0)  # a cart used as a list of wishes
        + 0.25 * np.isin(columns["region"], ("华东", "华南"))
    )  # fmt: skip
    return logit


def _gaps(columns: Table, rng: np.random.Generator) -> dict[str, NDArray[np.bool_]]:
    """Say which cells are lost: some at random, some for a reason that is itself a hint."""
    rows = len(columns["session_id"])
    mobile, cart = columns["device"] == "mobile", np.isin(columns["deepest_page"], ("cart", "checkout"))
    blocked = rng.random(rows) < 0.03  # the measuring script was blocked: both rates go
    return {
        "region": rng.random(rows) < 0.02,
        "days_since_last": np.isnan(columns["days_since_last"]),  # first visit
        "product_seconds": rng.random(rows) < 0.04,
        "page_value": rng.random(rows) < np.where(mobile & cart, 0.10, 0.02),  # the app does not always report it
        "bounce_rate": blocked,
        "exit_rate": blocked,
        "load_ms": rng.random(rows) < 0.06,
    }


# ── small tools ──


def _share(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logit)), dtype=np.float64)


def _normal(rng: np.random.Generator, size: int) -> Floats:
    """Standard normal numbers from uniform ones (Box & Muller 1958)."""
    radius = np.sqrt(-2 * np.log1p(-rng.random(size)))
    return np.asarray(radius * np.cos(2 * np.pi * rng.random(size)), dtype=np.float64)


def _pick(uniform: Floats, weights: Sequence[float]) -> NDArray[np.int64]:
    """Turn uniform numbers into indices drawn with these weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], uniform, side="right").astype(np.int64)


def _pick_rows(uniform: Floats, weights: Floats) -> NDArray[np.int64]:
    """Do the same with other weights in each row, shape (rows, choices)."""
    edges = np.cumsum(weights, axis=1)
    return np.asarray((uniform[:, None] * edges[:, -1:] >= edges).sum(axis=1), dtype=np.int64)


def _spell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}" if value == value else ""
    return str(value)


def main() -> None:
    """Write the two files of ``data/``, or one log of your own."""
    parser = argparse.ArgumentParser(description="Simulate a log of web-shop sessions.")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"number of sessions (default {ROWS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed (default {SEED})")
    parser.add_argument("--out", type=Path, help="CSV file to write (default: data/, with new_sessions.csv beside it)")
    given = parser.parse_args()
    log = simulate(given.rows, given.seed)
    out = given.out or DATA / "purchase_log.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(to_csv(log))
    print(f"{out}: {given.rows} simulated sessions, {log.outcome.mean():.1%} with a purchase")
    if given.out is None:
        (DATA / "new_sessions.csv").write_bytes(to_csv(simulate(NEW_ROWS, NEW_SEED, NEXT_MONTH), outcome=False))
        print(f"{DATA / 'new_sessions.csv'}: {NEW_ROWS} sessions without the outcome")
    print(f"best possible AUC (true probability against outcome): {auc(log.outcome, log.probability):.4f}")


if __name__ == "__main__":
    main()
