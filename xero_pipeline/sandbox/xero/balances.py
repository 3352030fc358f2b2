"""What a contact owes and is owed, summed from its documents in the organisation's currency.

Outstanding nets what is due against unallocated credit, so it can be negative; Overdue counts late documents only and is
never netted, so it can exceed Outstanding, as the published examples show.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from xero_pipeline.sandbox.xero.arithmetic import in_base_currency
from xero_pipeline.sandbox.xero.record import ZERO, Record, date_of, decimal_of, text_of

RECEIVABLE_TYPES = frozenset({"ACCREC", "ACCRECCREDIT", "RECEIVE-PREPAYMENT", "RECEIVE-OVERPAYMENT"})

Balance = dict[str, Decimal]


def balances(documents: Iterable[tuple[str, Record]], today: date) -> dict[str, Balance]:
    """Balances of the (plural, document) pairs of one contact; `today` is the organisation's calendar date."""
    outstanding = {True: ZERO, False: ZERO}
    overdue = {True: ZERO, False: ZERO}
    for plural, document in documents:
        if document.get("Status") != "AUTHORISED":
            continue
        receivable = text_of(document, "Type") in RECEIVABLE_TYPES
        rate = decimal_of(document, "CurrencyRate") if "CurrencyRate" in document else None
        if plural == "Invoices":
            due = in_base_currency(decimal_of(document, "AmountDue"), rate)
            outstanding[receivable] += due
            due_date = date_of(document, "DueDate")
            if due_date is not None and due_date < today:
                overdue[receivable] += due
        elif plural in ("CreditNotes", "Prepayments", "Overpayments"):
            outstanding[receivable] -= in_base_currency(decimal_of(document, "RemainingCredit"), rate)
    return {
        "AccountsReceivable": {"Outstanding": outstanding[True], "Overdue": overdue[True]},
        "AccountsPayable": {"Outstanding": outstanding[False], "Overdue": overdue[False]},
    }
