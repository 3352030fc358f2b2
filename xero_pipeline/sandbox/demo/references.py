"""The references that sales invoices share with opportunities and orders, so that a second system can hold the same deals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import child_of, date_of, decimal_of, text_of

OPPORTUNITY = "opportunity"
ORDER = "order"
KINDS = {"OPP": OPPORTUNITY, "SO": ORDER}
PATTERN = re.compile(r"(OPP|SO)-\d{5,}")


@dataclass(slots=True)
class SalesReference:
    """One deal: its `reference`, its kind (opportunity or order), its customer, and the sales invoices that carry it.

    `total` is the sum of their totals in `currency`, voided and deleted ones left out; `date` is that of the first invoice.
    """

    reference: str
    kind: str
    contact_id: str
    currency: str
    date: date
    total: Decimal = Decimal("0.00")
    invoice_ids: list[str] = field(default_factory=list)


def sales_references(book: Book) -> list[SalesReference]:
    """Every reference of the form OPP-01234 or SO-00456 on an ACCREC invoice, in the order of the book."""
    found: dict[str, SalesReference] = {}
    for invoice_id, invoice in book.collections["Invoices"].items():
        reference = text_of(invoice, "Reference")
        if invoice["Type"] != "ACCREC" or not PATTERN.fullmatch(reference):
            continue
        deal = found.get(reference)
        if deal is None:
            deal = found[reference] = SalesReference(
                reference,
                KINDS[reference.partition("-")[0]],
                text_of(child_of(invoice, "Contact"), "ContactID"),
                text_of(invoice, "CurrencyCode"),
                date_of(invoice, "Date") or date.min,
            )
        deal.invoice_ids.append(invoice_id)
        if invoice["Status"] not in ("VOIDED", "DELETED"):
            deal.total += decimal_of(invoice, "Total")
    return list(found.values())
