"""The history and notes of each record (xero.md section 2, History).

Kept from the first write that comes over the API: what the demo organisation did before, and what a person does by the control
API's levers, leaves none. Adding to it stamps no record. Newest first when read, as recorded answers show.
"""

from __future__ import annotations

from datetime import datetime

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record, children_of, text_of

ENTITIES = frozenset(
    {
        "Contacts",
        "CreditNotes",
        "Invoices",
        "Items",
        "ManualJournals",
        "Overpayments",
        "Payments",
        "Prepayments",
        "PurchaseOrders",
        "Quotes",
    }
)
API_USER = "System Generated"


def append(book: Book, record_id: str, changes: str, details: str, now: datetime, app: str = "") -> Record:
    """Adds an entry: `changes` is Xero's word for what happened, Note for a note; `now` is aware.

    With its first entry a record's history keeps the `app` that made the record, if one did.
    """
    entry: Record = {"Changes": changes, "DateUTC": now, "User": API_USER, "Details": details}
    history = book.find("History", record_id)
    if history is None:
        book.add("History", {"RecordID": record_id, "Entries": [entry], **({"CreatedBy": app} if app else {})})
    else:
        history["Entries"] = [*children_of(history, "Entries"), entry]
        book.mark("History", record_id)
    return entry


def created_by(book: Book, record_id: str) -> str:
    """The name of the app that made a record over the API, or "" for one that a person made."""
    history = book.find("History", record_id)
    return "" if history is None else text_of(history, "CreatedBy")


def entries(book: Book, record_id: str) -> list[Record]:
    """The entries of a record, newest first."""
    history = book.find("History", record_id)
    return [] if history is None else children_of(history, "Entries")[::-1]
