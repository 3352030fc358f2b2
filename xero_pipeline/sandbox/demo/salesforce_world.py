"""What every part of the Salesforce demo draws on: the org being filled, the Xero book it belongs to, one source of chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from xero_pipeline.sandbox.salesforce.incoming import read_record
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.values import Json
from xero_pipeline.sandbox.salesforce.writes import Writer
from xero_pipeline.sandbox.xero.record import Record

# How long ago the org began; nothing in it is older.
HISTORY = timedelta(days=1100)


class XeroBook(Protocol):
    """As much of a Xero book as the sales team has heard of: records by Xero's plural and by id."""

    @property
    def collections(self) -> Mapping[str, Mapping[str, Record]]:
        """`Contacts`, `Invoices` and `Items` are read."""

    @property
    def organisation(self) -> Record:
        """The organisation itself: its lock dates are read."""


@dataclass(slots=True)
class SalesWorld:
    """The org while it is being filled. `entries` are price book entries by item code, `accounts` account ids by ContactID."""

    org: Org
    book: XeroBook
    rng: Random
    now: datetime
    user_id: str = ""
    pricebook_id: str = ""
    owners: list[str] = field(default_factory=list)
    entries: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        """True in `share` of all cases."""
        return self.rng.random() < share

    def past(self, low: float, high: float) -> datetime:
        """A moment between `low` and `high` days ago, in whole seconds."""
        return self.now - timedelta(seconds=int(self.rng.uniform(low, high) * 86_400))

    def add(self, sobject: str, stamp: datetime, body: Mapping[str, Json], *, record_id: str | None = None) -> str:
        """Creates a record at `stamp` through the rules every client meets; its id."""
        incoming = read_record(self.org, self.org.schema.objects[sobject], body)
        return Writer(self.org, self._author(), stamp).create(incoming, record_id=record_id)

    def edit(self, sobject: str, record_id: str, stamp: datetime, body: Mapping[str, Json]) -> None:
        """Changes a record at `stamp`, likewise."""
        incoming = read_record(self.org, self.org.schema.objects[sobject], body)
        Writer(self.org, self._author(), stamp).update(record_id, incoming)

    def _author(self) -> str:
        return self.rng.choice(self.owners) if self.owners else self.user_id
