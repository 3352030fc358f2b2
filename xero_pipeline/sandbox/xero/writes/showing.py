"""How what hangs on a record is shown: its history, its notes, its allocations, its options."""

from __future__ import annotations

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record, child_of, instant_of, text_of
from xero_pipeline.sandbox.xero.wire import Json, instant_text, wired


def shown_entry(entry: Record) -> Json:
    """An entry of a history, as GET shows it."""
    return {"Changes": entry["Changes"], **_when(entry), "User": entry["User"], "Details": entry["Details"]}


def shown_note(entry: Record) -> Json:
    """A note just made, as PUT shows it."""
    return {**_when(entry, offset=False), "Details": entry["Details"], "ValidationErrors": []}


def shown_allocation(book: Book, allocation: Record) -> Json:
    """An allocation with the id and number of its invoice."""
    invoice_id = text_of(child_of(allocation, "Invoice"), "InvoiceID")
    invoice = book.get("Invoices", invoice_id)
    named = {"InvoiceID": invoice_id, "InvoiceNumber": invoice["InvoiceNumber"]}
    return {**wired(allocation, {}), "Invoice": named}


def shown_option(option: Record) -> Json:
    """A tracking option by itself."""
    status = option["Status"]
    return {
        **option,
        "HasValidationErrors": False,
        "IsDeleted": status == "DELETED",
        "IsArchived": status == "ARCHIVED",
        "IsActive": status == "ACTIVE",
    }


def _when(entry: Record, *, offset: bool = True) -> Json:
    at = instant_of(entry, "DateUTC")
    if at is None:
        raise ValueError("An entry of a history has its time.")
    return {"DateUTCString": at.strftime("%Y-%m-%dT%H:%M:%S"), "DateUTC": instant_text(at, offset=offset)}
