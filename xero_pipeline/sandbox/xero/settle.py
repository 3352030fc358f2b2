"""Taking an amount off a document or putting it back, and what that makes of its status.

A document is PAID once nothing is outstanding, and AUTHORISED again once something is. FullyPaidOnDate stays behind when a
payment is reversed, as it does at Xero (xero.md section 2, Invoices).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from xero_pipeline.sandbox.xero.record import Record, decimal_of


def outstanding_field(plural: str) -> str:
    """The field that says what is left: AmountDue of an invoice or bill, RemainingCredit of a credit."""
    return "AmountDue" if plural == "Invoices" else "RemainingCredit"


def take_off(plural: str, document: Record, amount: Decimal, day: date, *, settled_field: str | None) -> None:
    """Lowers what is outstanding by `amount`; `settled_field` (AmountPaid, AmountCredited) grows by it. Negative undoes."""
    field = outstanding_field(plural)
    left = decimal_of(document, field) - amount
    document[field] = left
    if settled_field is not None:
        document[settled_field] = decimal_of(document, settled_field) + amount
    if left:
        document["Status"] = "AUTHORISED"
    else:
        document["Status"] = "PAID"
        document["FullyPaidOnDate"] = day
