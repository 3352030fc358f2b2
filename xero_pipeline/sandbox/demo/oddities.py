"""What a real organisation has and a tidy generator would not: archived and merged contacts, epoch dates on voided documents."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from xero_pipeline.sandbox.demo.world import World
from xero_pipeline.sandbox.xero.contacts import archive_contact, merge_contacts
from xero_pipeline.sandbox.xero.edit import edit
from xero_pipeline.sandbox.xero.record import Record, instant_of, text_of

ARCHIVED_SHARE = 0.04
MERGES_IN = 250
# The epoch, and day nought of spreadsheets: voided invoices show both in the wild (xero.md section 7, item 2).
ODD_DATES: tuple[Record, ...] = (
    {"DueDate": date(1970, 1, 1)},
    {"Date": date(1970, 1, 1), "DueDate": date(1970, 1, 1)},
    {"DueDate": date(1899, 12, 30)},
)


def merge_some_contacts(world: World) -> None:
    """Merges one customer in every `MERGES_IN` contacts (at least one) into another of the same currency, of late."""
    book, clock = world.book, world.clock
    merged_at = clock.at(clock.today - timedelta(days=3))
    quiet = [
        trader
        for trader in world.customers.known
        if book.get("Contacts", trader.contact_id)["ContactStatus"] == "ACTIVE"
        and trader.since < clock.now - timedelta(days=90)
        and 0 < len(book.index.documents.get(trader.contact_id, {})) < 8
        and _last_stamp(world, trader.contact_id) < merged_at
    ]
    for _ in range(max(1, len(book.collections["Contacts"]) // MERGES_IN)):
        if len(quiet) < 2:
            return
        merged = quiet.pop(world.rng.randrange(len(quiet)))
        into = next((other for other in quiet if other.currency == merged.currency), None)
        if into is not None:
            merge_contacts(book, merged.contact_id, into.contact_id, merged_at)


def archive_some_contacts(world: World) -> None:
    """Archives contacts that owe nothing, are owed nothing and have been quiet for weeks."""
    book, clock = world.book, world.clock
    count = int(len(book.collections["Contacts"]) * ARCHIVED_SHARE)
    contact_ids = list(book.collections["Contacts"])
    world.rng.shuffle(contact_ids)
    for contact_id in contact_ids:
        contact = book.get("Contacts", contact_id)
        archived_at = clock.after(_last_stamp(world, contact_id), 10, 60)
        if archived_at is None or contact["ContactStatus"] != "ACTIVE" or "AccountNumber" not in contact:
            continue
        balances = book.balances(contact_id, clock.today)
        if any(amount for side in balances.values() for amount in side.values()):
            continue
        archive_contact(book, contact_id, archived_at)
        count -= 1
        if count <= 0:
            return


def give_odd_dates(world: World) -> None:
    """Puts dates of long ago on a few voided invoices, without moving their stamps."""
    book = world.book
    voided = [invoice for invoice in book.collections["Invoices"].values() if invoice["Status"] == "VOIDED"]
    for invoice, fields in zip(voided, ODD_DATES, strict=False):
        edit(book, "Invoices", text_of(invoice, "InvoiceID"), fields, world.clock.now, stamp=False)


def _last_stamp(world: World, contact_id: str) -> datetime:
    stamps = [instant_of(world.book.get("Contacts", contact_id), "UpdatedDateUTC")]
    stamps += [instant_of(document, "UpdatedDateUTC") for _, document in world.book.documents_of(contact_id)]
    return max(stamp for stamp in stamps if stamp is not None)
