"""The aged reports of one contact: every document that is still open on a date, and what was paid and credited by then.

Amounts are in the organisation's currency, each rounded once a document, so that the closing balance is what the contact adds to
the control account of `ledger` on that date. Source of the form: the OpenAPI's examples of the two reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from xero_pipeline.sandbox.xero.arithmetic import in_base_currency
from xero_pipeline.sandbox.xero.balances import RECEIVABLE_TYPES
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.index import CREDITS, ID_FIELDS
from xero_pipeline.sandbox.xero.ledger import LIVING, day_of, rate_of, settlements
from xero_pipeline.sandbox.xero.record import ZERO, Record, date_of, decimal_of, text_of


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """One row, in the organisation's currency: a credit's amounts are negative. `due_date` is None for a credit."""

    record_id: str
    day: date
    number: str
    due_date: date | None
    total: Decimal
    paid: Decimal
    credited: Decimal
    due: Decimal


def open_documents(book: Book, contact_id: str, on: date, *, receivable: bool) -> list[OpenDocument]:
    """The contact's documents on one side with something left on the calendar date `on`, by their dates.

    A settlement counts from its own date, even where its document's is later.
    """
    rows = []
    for plural, document in book.documents_of(contact_id):
        if plural not in ("Invoices", *CREDITS) or document["Status"] not in LIVING:
            continue
        if (text_of(document, "Type") in RECEIVABLE_TYPES) is receivable:
            row = _row(book, plural, document, on)
            if row.due:
                rows.append(row)
    return sorted(rows, key=lambda row: (row.day, row.number, row.record_id))


def _row(book: Book, plural: str, document: Record, on: date) -> OpenDocument:
    sign = 1 if plural == "Invoices" else -1
    rate = rate_of(document)
    total = decimal_of(document, "Total") if day_of(document) <= on else ZERO
    settled = [one for one in settlements(book, plural, document) if one.day <= on]
    paid = sum((one.amount for one in settled if one.payment), ZERO)
    credited = sum((one.amount for one in settled if not one.payment), ZERO)
    return OpenDocument(
        text_of(document, ID_FIELDS[plural]),
        day_of(document),
        text_of(document, "InvoiceNumber") or text_of(document, "CreditNoteNumber") or text_of(document, "Reference"),
        date_of(document, "DueDate") if plural == "Invoices" else None,
        sign * in_base_currency(total, rate),
        sign * in_base_currency(paid, rate),
        sign * in_base_currency(credited, rate),
        sign * in_base_currency(total - paid - credited, rate),
    )
