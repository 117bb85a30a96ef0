"""Holidays for trees: public holidays and working days of a country, and the lunar calendar of China with its festivals.

Looked up in tables of one year each, made when a year is first met; so only the years that occur cost anything.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from openglm.core.errors import MissingExtraError, PlanError, did_you_mean
from openglm.core.parts import Card, Columns, Output, State
from openglm.core.words import Said
from openglm.features._dates import DAY_S, varying

NEAR = 15.0
"""Days beyond which a holiday is simply far away: the journeys around Spring Festival begin about 15 days before it."""
AROUND = 30.0
"""The same for Spring Festival itself, in both directions: shops and factories slow down for some weeks. Far away is 30."""
YEARS = range(1950, 2100)
"""Years with tables; the lunar ones end in 2100."""
FESTIVALS = {(1, 1): 1, (1, 15): 2, (5, 5): 3, (7, 7): 4, (8, 15): 5, (9, 9): 6, (12, 8): 7}
"""Lunar month and day → Spring Festival, Lantern, Dragon Boat, Qixi, Mid-Autumn, Double Ninth, Laba."""
EVE = 8  # the day before Spring Festival
PUBLIC = ("holiday", "working_day", "days_to_holiday", "days_since_holiday")
LUNAR = ("lunar_month", "lunar_day", "lunar_festival", "days_from_spring_festival")
PARTS = PUBLIC + LUNAR


class Holiday:
    """Date columns as public holiday, working day, days to the nearest holidays, lunar month and day, and lunar festival.

    A part that is the same in all training rows has no output. Missing stays NaN, and so do days outside the tables. Without
    the package ``borax`` there are no lunar parts.

    Parameters
    ----------
    columns : tuple of str
        Date columns, seconds since 1970-01-01 UTC.
    seed : int
        Unused.
    country : str
        ISO 3166 code of two letters: whose public holidays.
    """

    card: ClassVar[Card] = Card(
        id="holiday",
        title=Said(en="Holidays", zh="节假日"),
        source="packages holidays (public holidays, days worked instead) and borax (lunar calendar), both MIT",
        roles=("date",),
        view="codes",
        package="holidays",
        extra="calendar",
    )

    def __init__(self, *, columns: tuple[str, ...], seed: int = 0, country: str = "CN") -> None:
        self.columns = tuple(columns)
        self.seed = seed
        self.country = country
        self.outputs: tuple[Output, ...] = ()

    def fit(self, x: Columns, y: NDArray[Any] | None) -> Self:
        """Learn which parts vary."""
        names = PARTS if importlib.util.find_spec("borax") else PUBLIC
        kept = [varying(look_up(x[name], self.country, len(names))) for name in self.columns]
        return self.restore({"country": self.country, "kept": kept})

    def transform(self, x: Columns) -> NDArray[np.float32]:
        """Return shape (rows, outputs)."""
        rows = len(next(iter(x.values()))) if x else 0
        blocks = [
            look_up(x[name], self.country, 1 + max(kept))[:, kept]
            for name, kept in zip(self.columns, self._kept, strict=True)
            if kept
        ]
        values = np.hstack(blocks) if blocks else np.empty((rows, 0))
        return values.astype(np.float32)

    def state(self) -> State:
        """Return the country and the parts kept."""
        return {"country": self.country, "kept": self._kept}

    def restore(self, state: State) -> Self:
        """Become the fitted part that ``state`` describes."""
        self.country, self._kept = state["country"], state["kept"]
        levels = {"lunar_festival": EVE + 1}
        self.outputs = tuple(
            Output(f"{name}[{PARTS[j]}]", name, levels.get(PARTS[j], 0))
            for name, kept in zip(self.columns, self._kept, strict=True)
            for j in kept
        )
        return self


def look_up(seconds: NDArray[np.float64], country: str, parts: int = len(PARTS)) -> NDArray[np.float64]:
    """Return the first ``parts`` of :data:`PARTS` for each point in time, shape (rows, parts); NaN where there is none.

    Parameters
    ----------
    seconds : ndarray of shape (rows,)
        Since 1970-01-01 UTC.
    country : str
        ISO 3166 code.
    parts : int
        How many parts; lunar ones begin behind the public ones and need ``borax``.

    Raises
    ------
    MissingExtraError
        If lunar parts are wanted and ``borax`` is not installed.
    PlanError
        If the holidays of the country are not known.

    Examples
    --------
    >>> moment = (np.datetime64("2024-02-10") - np.datetime64("1970-01-01")).astype(float)  # Spring Festival
    >>> look_up(np.array([moment * DAY_S]), "CN")[0].tolist()
    [1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]
    """
    first = np.datetime64(str(YEARS.start), "Y").astype("datetime64[D]").astype(np.int64)
    end = np.datetime64(str(YEARS.stop), "Y").astype("datetime64[D]").astype(np.int64)
    out = np.full((len(seconds), parts), np.nan)
    known = np.isfinite(seconds) & (seconds >= first * DAY_S) & (seconds < end * DAY_S)
    days = np.floor(seconds[known] / DAY_S).astype(np.int64).astype("datetime64[D]")
    years = days.astype("datetime64[Y]")
    places = np.flatnonzero(known)
    for year in np.unique(years):
        here = years == year
        number = int(year.astype(np.int64)) + 1970
        table = (
            _public(country, number) if parts <= len(PUBLIC) else np.hstack([_public(country, number), _lunar(number)])
        )
        out[places[here]] = table[(days[here] - year.astype("datetime64[D]")).astype(np.int64), :parts]
    return out


@lru_cache(maxsize=512)
def _public(country: str, year: int) -> NDArray[np.float64]:
    """Return the public parts for every day of a year, shape (days, 4)."""
    import holidays

    try:
        calendar = holidays.country_holidays(country, years=(year - 1, year, year + 1))
    except NotImplementedError as error:
        raise PlanError(
            Said(en=f"There are no public holidays for '{country}'.", zh=f"没有“{country}”的法定节假日数据。"),
            hint=did_you_mean(country, holidays.list_supported_countries()),
        ) from error
    start = dt.date(year, 1, 1)
    count = (dt.date(year + 1, 1, 1) - start).days
    margin = int(NEAR)
    days = [start + dt.timedelta(days=i) for i in range(-margin, count + margin)]
    free = np.array([day in calendar for day in days])
    place = np.arange(len(days), dtype=np.float64)
    last = np.maximum.accumulate(np.where(free, place, -np.inf))
    following = np.minimum.accumulate(np.where(free, place, np.inf)[::-1])[::-1]
    worked = np.array([calendar.is_working_day(day) for day in days])
    table = np.stack([free, worked, np.minimum(following - place, NEAR), np.minimum(place - last, NEAR)], axis=1)
    return np.asarray(table[margin : margin + count], dtype=np.float64)


@lru_cache(maxsize=512)
def _lunar(year: int) -> NDArray[np.float64]:
    """Return the lunar parts for every day of a year, shape (days, 4); a leap month counts as the month it repeats."""
    try:
        from borax.calendars.lunardate import LunarDate
    except ImportError as error:
        raise MissingExtraError("borax", "calendar", purpose="features:holiday") from error
    start = dt.date(year, 1, 1)
    count = (dt.date(year + 1, 1, 1) - start).days
    spring = [LunarDate(year + i, 1, 1).to_solar_date() for i in (0, 1) if year + i in YEARS]
    table = np.zeros((count, len(LUNAR)))
    for i in range(count):
        day = start + dt.timedelta(days=i)
        moon = LunarDate.from_solar(day)
        festival = 0 if moon.leap else FESTIVALS.get((moon.month, moon.day), 0)
        away = min(((day - new).days for new in spring), key=abs)
        table[i] = moon.month, moon.day, EVE if away == -1 else festival, away if abs(away) <= AROUND else AROUND
    return table
