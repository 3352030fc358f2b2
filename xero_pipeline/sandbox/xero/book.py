"""The book of one organisation: every record Xero would hold for it, by collection and id, and who belongs to whom.

The book keeps records, stamps and cross references; the rules live beside it, one module a kind of action. It does no I/O: a
store drains `drain_changes()` and writes `records()`, and `Book.load` takes them back.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from xero_pipeline.sandbox.xero.balances import Balance, balances
from xero_pipeline.sandbox.xero.index import ID_FIELDS, Index
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, text_of

ORGANISATION = "Organisation"
# Xero names zones by compressed Windows ids (xero.md section 2, Organisation).
ZONES = {
    "NEWZEALANDSTANDARDTIME": "Pacific/Auckland",
    "AUSEASTERNSTANDARDTIME": "Australia/Sydney",
    "EAUSTRALIASTANDARDTIME": "Australia/Brisbane",
    "GMTSTANDARDTIME": "Europe/London",
    "EASTERNSTANDARDTIME": "America/New_York",
    "UTC": "UTC",
}


class Allocated(NamedTuple):
    """One allocation as its invoice sees it: the credit it came from (`plural`, `source_id`) and the allocation itself."""

    plural: str
    source_id: str
    allocation: Record


def guid() -> str:
    """A fresh lower-case GUID."""
    return str(uuid.uuid4())


def to_millisecond(instant: datetime) -> datetime:
    """`instant` cut to the millisecond, the precision of Xero's stamps."""
    excess = instant.microsecond % 1000
    return instant.replace(microsecond=instant.microsecond - excess) if excess else instant


class Book:
    """One organisation. `collections` maps Xero's plural to id to record; currencies are by Code, tax rates by TaxType.

    `changed` holds the (plural, id) pairs touched since the last `drain_changes`; `revisions` counts changes by collection, so
    that a reader can keep a sorted copy for as long as the count stands.
    """

    def __init__(self, organisation: Record, new_id: Callable[[], str] = guid) -> None:
        self.organisation = organisation
        self.new_id = new_id
        self.collections: dict[str, dict[str, Record]] = {plural: {} for plural in ID_FIELDS}
        self.changed: set[tuple[str, str]] = set()
        self.revisions: dict[str, int] = dict.fromkeys((ORGANISATION, *ID_FIELDS), 0)
        self.index = Index()
        self._contact_references: dict[str, Record] = {}
        self._attempts: list[dict[tuple[str, str], Record | None]] = []

    @classmethod
    def load(cls, records: Iterable[tuple[str, str, Record]], new_id: Callable[[], str] = guid) -> Book:
        """The book that `records()` gave, in the same order: the organisation first."""
        stream = iter(records)
        plural, _, organisation = next(stream, ("", "", {}))
        if plural != ORGANISATION:
            raise ValueError("A book starts with its organisation.")
        book = cls(organisation, new_id)
        for plural, record_id, record in stream:
            book.collections[plural][record_id] = record
            book.index.learn(plural, record)
        return book

    def records(self) -> Iterator[tuple[str, str, Record]]:
        """Every (plural, id, record), the organisation first."""
        yield ORGANISATION, text_of(self.organisation, "OrganisationID"), self.organisation
        for plural, collection in self.collections.items():
            for record_id, record in collection.items():
                yield plural, record_id, record

    # -- the organisation ------------------------------------------------------------------------------------------------

    @property
    def base_currency(self) -> str:
        """The currency code of the organisation's own accounts."""
        return text_of(self.organisation, "BaseCurrency")

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone, UTC for a Windows id outside `ZONES`."""
        return ZoneInfo(ZONES.get(text_of(self.organisation, "Timezone"), "UTC"))

    def today(self, now: datetime) -> date:
        """The calendar date at `now` where the organisation is."""
        return now.astimezone(self.zone).date()

    # -- records ---------------------------------------------------------------------------------------------------------

    def get(self, plural: str, record_id: str) -> Record:
        """The record, or KeyError."""
        if self._attempts:
            self._remember(plural, record_id)
        return self.collections[plural][record_id]

    def find(self, plural: str, record_id: str) -> Record | None:
        """The record, or None."""
        if self._attempts:
            self._remember(plural, record_id)
        return self.collections[plural].get(record_id)

    def numbered(self, plural: str, number: str) -> Record | None:
        """The record with this natural key: document number, item code or account code. Bills have none."""
        record_id = self.index.numbers[plural].get(number)
        return None if record_id is None else self.get(plural, record_id)

    def account(self, code_or_id: str) -> Record | None:
        """The account with this code or AccountID; a bank account may have no code."""
        return self.numbered("Accounts", code_or_id) or self.find("Accounts", code_or_id)

    def contact_named(self, name: str) -> Record | None:
        """The active contact of this name, whatever the case; archived namesakes do not count."""
        record_id = self.index.contact_names.get(name.casefold())
        return None if record_id is None else self.get("Contacts", record_id)

    def contact_reference(self, contact_id: str) -> Record:
        """`{"ContactID": id}`, one shared dict a contact."""
        reference = self._contact_references.get(contact_id)
        if reference is None:
            reference = self._contact_references[contact_id] = {"ContactID": contact_id}
        return reference

    def add(self, plural: str, record: Record, now: datetime | None = None) -> Record:
        """Takes a new record in, stamped with `now` unless it is None (Xero stamps no branding themes, rates or currencies)."""
        record_id = text_of(record, ID_FIELDS[plural])
        self._remember(plural, record_id)
        self.collections[plural][record_id] = record
        self.index.learn(plural, record)
        if now is None:
            self.mark(plural, record_id)
        else:
            self.touch(plural, record_id, now)
        return record

    def remove(self, plural: str, record_id: str) -> None:
        """Takes a record out for good, as Xero does with items alone; the pair in `changed` then names no record."""
        self._remember(plural, record_id)
        self.index.forget(plural, self.collections[plural].pop(record_id))
        self.mark(plural, record_id)

    def rekey(self, plural: str, record: Record, fields: Record) -> None:
        """Changes fields that may be keys or references; None takes a field away. Stamps and marks nothing."""
        self.index.forget(plural, record)
        for field, value in fields.items():
            if value is None:
                record.pop(field, None)
            else:
                record[field] = value
        self.index.learn(plural, record)

    # -- all or nothing --------------------------------------------------------------------------------------------------

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Several actions as one: when an exception leaves the block, every record is again as it was before it.

        Blocks nest. Records are copied as the actions fetch them, which works because actions replace what is nested in a record
        and never change it in place.
        """
        before: dict[tuple[str, str], Record | None] = {}
        changed, revisions, numbers = set(self.changed), dict(self.revisions), self.index.highest_numbers()
        self._attempts.append(before)
        try:
            yield
        except BaseException:
            self._attempts.pop()
            for (plural, record_id), kept in before.items():
                self._put_back(plural, record_id, kept)
            # Nobody has read in between, so nobody needs to know: a refused write is kept, listed and told nowhere.
            self.changed, self.revisions = changed, revisions
            self.index.count_from(numbers)
            raise
        self._attempts.pop()
        if self._attempts:
            outer = self._attempts[-1]
            outer.update((key, kept) for key, kept in before.items() if key not in outer)

    def _remember(self, plural: str, record_id: str) -> None:
        if self._attempts and (plural, record_id) not in self._attempts[-1]:
            record = self.collections[plural].get(record_id)
            self._attempts[-1][plural, record_id] = None if record is None else dict(record)

    def _put_back(self, plural: str, record_id: str, kept: Record | None) -> None:
        record = self.collections[plural].get(record_id)
        if record is kept or (record is not None and kept is not None and _same(record, kept)):
            return
        if record is not None:
            self.index.forget(plural, record)
        if kept is None:
            del self.collections[plural][record_id]
        else:
            # The record's own dict stays: others may hold it.
            record = self.collections[plural].setdefault(record_id, {}) if record is None else record
            record.clear()
            record.update(kept)
            self.index.learn(plural, record)

    # -- what changed ----------------------------------------------------------------------------------------------------

    def touch(self, plural: str, record_id: str, now: datetime) -> None:
        """Moves UpdatedDateUTC to `now`, to the millisecond, and marks the record changed."""
        self.collections[plural][record_id]["UpdatedDateUTC"] = to_millisecond(now)
        self.mark(plural, record_id)

    def mark(self, plural: str, record_id: str) -> None:
        """Marks a record changed without moving its stamp."""
        self.changed.add((plural, record_id))
        self.revisions[plural] += 1

    def drain_changes(self) -> set[tuple[str, str]]:
        """The (plural, id) pairs changed since the last drain; a pair that names no record was removed."""
        drained, self.changed = self.changed, set()
        return drained

    # -- who belongs to whom ---------------------------------------------------------------------------------------------

    def documents_of(self, contact_id: str) -> Iterator[tuple[str, Record]]:
        """Every (plural, document) of a contact: invoices, bills, orders, quotes and credits."""
        for record_id, plural in self.index.documents.get(contact_id, {}).items():
            yield plural, self.collections[plural][record_id]

    def payments_of(self, document_id: str, *, include_deleted: bool = False) -> list[Record]:
        """The payments on an invoice, bill, credit note, prepayment or overpayment; reversed ones only when asked for."""
        payments = self.collections["Payments"]
        found = [payments[payment_id] for payment_id in self.index.payments.get(document_id, ())]
        return found if include_deleted else [payment for payment in found if payment["Status"] != "DELETED"]

    def allocations_to(self, invoice_id: str) -> list[Allocated]:
        """The credit notes, prepayments and overpayments allocated to an invoice or bill."""
        return [
            Allocated(plural, source_id, allocation)
            for source_id, plural in self.index.allocations.get(invoice_id, {}).items()
            for allocation in children_of(self.collections[plural][source_id], "Allocations")
            if child_of(allocation, "Invoice").get("InvoiceID") == invoice_id
        ]

    def balances(self, contact_id: str, today: date) -> dict[str, Balance]:
        """A contact's Outstanding and Overdue on both sides, in the base currency; `today` is the organisation's date."""
        return balances(self.documents_of(contact_id), today)


def _same(record: Record, kept: Record) -> bool:
    """Whether a record still holds the very values of its copy: 1.0 equals 1.00, and is not the same."""
    return record.keys() == kept.keys() and all(value is kept[field] for field, value in record.items())
