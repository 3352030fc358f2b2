"""What every part of the demo draws on: the book being filled, one source of chance, the calendar, and who trades what."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random

from xero_pipeline.sandbox.demo.clock import Clock
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record

LOYALTY = 1.5
# The bits of a GUID that say "version 4, variant 1", and the mask of those left to chance.
VERSION_4 = 0x0000_0000_0000_4000_8000_0000_0000_0000
RANDOM_BITS = 0xFFFF_FFFF_FFFF_0FFF_3FFF_FFFF_FFFF_FFFF


@dataclass(slots=True)
class Trader:
    """A contact as the generator knows it: where it is, what it pays in, how late it pays (days), what it supplies."""

    contact_id: str
    since: datetime
    region: str
    currency: str
    terms: Record
    lateness: float
    line_amount_types: str
    supplies: tuple[str, str, str, int, int] | None = None


@dataclass(slots=True)
class Traders:
    """Traders in the order in which they became known; the earlier they came the more they trade."""

    known: list[Trader] = field(default_factory=list)
    _since: list[datetime] = field(default_factory=list)

    def add(self, trader: Trader) -> None:
        """Takes in the next trader, known later than every one before."""
        self.known.append(trader)
        self._since.append(trader.since)

    def pick(self, at: datetime, rng: Random) -> Trader:
        """One of those known at `at`."""
        return self.known[int(bisect_right(self._since, at) * rng.random() ** LOYALTY)]


@dataclass(slots=True)
class World:
    """The demo while it is being built."""

    book: Book
    rng: Random
    clock: Clock
    items: dict[str, list[Record]]
    regions: dict[str, Record]
    departments: dict[str, Record]
    themes: list[str]
    rates: dict[str, dict[date, Decimal]]
    card: str
    customers: Traders = field(default_factory=Traders)
    suppliers: Traders = field(default_factory=Traders)
    deals: int = 1000
    orders: int = 100
    batches: dict[date, Record] = field(default_factory=dict)
    _tracking: dict[tuple[str, str], list[Record]] = field(default_factory=dict)

    def chance(self, share: float) -> bool:
        """True for `share` of the calls."""
        return self.rng.random() < share

    def rate(self, currency: str, day: date) -> Decimal | None:
        """The rate of the month of `day`, or None in the organisation's currency."""
        rates = self.rates.get(currency)
        return None if rates is None else rates[day.replace(day=1)]

    def tracking(self, region: str, department: str) -> list[Record]:
        """The tracking of a line, one shared list a combination."""
        key = (region, department)
        if key not in self._tracking:
            self._tracking[key] = [
                choices[name]
                for choices, name in ((self.regions, region), (self.departments, department))
                if name in choices
            ]
        return self._tracking[key]


def seeded_ids(rng: Random) -> Callable[[], str]:
    """GUIDs of version 4 that follow from the seed."""

    def new_id() -> str:
        digits = f"{rng.getrandbits(128) & RANDOM_BITS | VERSION_4:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    return new_id
