"""When things happen in the demo: working days weighed by season, office hours, terms of payment, rates of the month."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from xero_pipeline.sandbox.xero.record import Record, text_of

MONTHS_OF_HISTORY = 18
# January is quiet, March closes the financial year, December stops at the twentieth.
MONTH_WEIGHT = (0.45, 0.95, 1.35, 0.85, 1.0, 1.05, 0.95, 0.95, 1.1, 1.1, 1.25, 0.8)
WEEKDAY_WEIGHT = (1.0, 1.1, 1.1, 1.05, 0.9, 0.04, 0.01)
MONTH_END_WEIGHT = 2.4
GROWTH_A_DAY = 0.0009
OFFICE_OPENS = 8
OFFICE_MINUTES = 9 * 60 + 30


def months_before(day: date, months: int) -> date:
    """The first of the month, `months` before the month of `day`."""
    position = day.year * 12 + day.month - 1 - months
    return date(position // 12, position % 12 + 1, 1)


def month_starts(start: date, end: date) -> list[date]:
    """The first of every month from the month of `start` to that of `end`."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return [months_before(end, back) for back in range(months, -1, -1)]


class Clock:
    """The calendar of the demo: `start` is 18 months before `now`, `today` is the organisation's date at `now`."""

    def __init__(self, now: datetime, zone: ZoneInfo, rng: Random) -> None:
        self.now = now
        self.zone = zone
        self.rng = rng
        self.today = now.astimezone(zone).date()
        self.start = months_before(self.today, MONTHS_OF_HISTORY)
        self._days = [self.start + timedelta(days=n) for n in range((self.today - self.start).days + 1)]
        self._weights = list(accumulate(_weight(day, self.start) for day in self._days))

    def days(self, count: int) -> list[date]:
        """`count` dates of business between start and today, unsorted."""
        return self.rng.choices(self._days, cum_weights=self._weights, k=count)

    def at(self, day: date) -> datetime:
        """An instant in office hours of `day`, in UTC; never after now."""
        rng = self.rng
        minutes = int(rng.random() * OFFICE_MINUTES)
        moment = time(
            OFFICE_OPENS + minutes // 60, minutes % 60, int(rng.random() * 60), int(rng.random() * 1000) * 1000
        )
        instant = datetime.combine(day, moment, self.zone).astimezone(UTC)
        return instant if instant <= self.now else self.now - timedelta(milliseconds=int(rng.random() * 3_600_000))

    def after(self, instant: datetime, low: float, high: float) -> datetime | None:
        """An instant `low` to `high` days after `instant`, or None when that has not come yet."""
        seconds = (low + self.rng.random() * (high - low)) * 86_400
        later = instant + timedelta(milliseconds=int(seconds * 1000))
        return later if later <= self.now else None

    def day_of(self, instant: datetime) -> date:
        """The organisation's calendar date at `instant`."""
        return instant.astimezone(self.zone).date()


def due_date(day: date, terms: Record) -> date:
    """The due date of a document of `day` under Xero's payment terms `{"Day", "Type"}`."""
    number = terms["Day"]
    if not isinstance(number, int):
        raise TypeError("Terms count whole days.")
    kind = text_of(terms, "Type")
    if kind == "DAYSAFTERBILLDATE":
        return day + timedelta(days=number)
    ahead = 1 if kind == "OFFOLLOWINGMONTH" else 0
    month = months_before(day, -ahead)
    return month.replace(day=min(number, calendar.monthrange(month.year, month.month)[1]))


def monthly_rates(base: Decimal, months: list[date], rng: Random) -> dict[date, Decimal]:
    """A rate a month wandering around `base`, in units of the foreign currency for one of the organisation's."""
    rates: dict[date, Decimal] = {}
    drift = Decimal(0)
    for month in months:
        drift = drift * Decimal("0.7") + Decimal(rng.randint(-15_000, 15_000)) / 1_000_000
        rates[month] = (base + drift).quantize(Decimal("0.000001"))
    return rates


def _weight(day: date, start: date) -> float:
    weight = MONTH_WEIGHT[day.month - 1] * WEEKDAY_WEIGHT[day.weekday()]
    if day.day >= calendar.monthrange(day.year, day.month)[1] - 1:
        weight *= MONTH_END_WEIGHT
    if (day.month == 12 and day.day > 20) or (day.month == 1 and day.day < 8):
        weight *= 0.08
    return weight * (1 + GROWTH_A_DAY * (day - start).days)
