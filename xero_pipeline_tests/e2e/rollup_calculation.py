"""Rollups by a second hand: amounts from Xero's API, worked out in Python, who belongs to whom from the warehouse."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from xero_pipeline_tests.e2e.other_clients import Record, xero
from xero_pipeline_tests.e2e.pair import Pair

ZERO, CENT = Decimal(0), Decimal("0.01")
ACCOUNT_FIELDS = {
    "Xero_Total_Invoiced__c": "total_invoiced",
    "Xero_Total_Paid__c": "total_paid",
    "Xero_Total_Credited__c": "total_credited",
    "Xero_Total_Due__c": "total_due",
    "Xero_Total_Overdue__c": "total_overdue",
    "Xero_Total_Draft__c": "total_draft",
    "Xero_Unallocated_Credit__c": "unallocated_credit",
}
OPPORTUNITY_FIELDS = {
    field: name for field, name in ACCOUNT_FIELDS.items() if name not in ("total_credited", "unallocated_credit")
}
FIGURES = tuple(ACCOUNT_FIELDS.values())

# By (record, currency): a figure by name.
Sums = dict[tuple[str, str], dict[str, Decimal]]


def _day(wire: str) -> date:
    milliseconds = int(wire.removeprefix("/Date(").removesuffix("+0000)/"))
    return (datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)).date()


def _figures(invoice: Record, rate: Decimal, today: date) -> dict[str, Decimal]:
    """What one sales invoice adds, in the currency that the rate leads to (products.md 2.2)."""

    def worth(name: str) -> Decimal:
        return Decimal(invoice.get(name, ZERO) / rate).quantize(CENT, ROUND_HALF_UP)

    status = invoice["Status"]
    if status in ("DRAFT", "SUBMITTED"):
        return {"total_draft": worth("Total")}
    if status not in ("AUTHORISED", "PAID"):
        return {}
    due = worth("AmountDue") if status == "AUTHORISED" else ZERO
    overdue = "DueDate" in invoice and _day(invoice["DueDate"]) < today
    return {
        "total_invoiced": worth("Total"),
        "total_paid": worth("AmountPaid"),
        "total_credited": worth("AmountCredited"),
        "total_due": due,
        "total_overdue": due if overdue else ZERO,
    }


class Calculation:
    """What the rollups have to be now."""

    def __init__(self, pair: Pair) -> None:
        with xero(pair.sandbox) as client:
            self.base = client.list("Organisations")[0]["BaseCurrency"]
            self.invoices = [each for each in client.list("Invoices") if each["Type"] == "ACCREC"]
            self.credits = [
                each
                for plural in ("CreditNotes", "Prepayments", "Overpayments")
                for each in client.list(plural)
                if each["Status"] == "AUTHORISED"
                and each["Type"] in ("ACCRECCREDIT", "RECEIVE-PREPAYMENT", "RECEIVE-OVERPAYMENT")
            ]
        self.today = pair.now.astimezone(ZoneInfo("Pacific/Auckland")).date()
        matches = pair.rows("select contact_id, account_id from sync.contact_matches where account_id is not null")
        self.account_of = {row["contact_id"]: row["account_id"] for row in matches}
        links = pair.rows(
            "select invoice_id, target_id from sync.invoice_links where status = 'linked' and target_type = 'opportunity'"
        )
        self.opportunity_of = {row["invoice_id"]: row["target_id"] for row in links}

    def accounts(self) -> Sums:
        """By account and currency, `*` for all in base currency."""
        sums: Sums = defaultdict(lambda: dict.fromkeys(FIGURES, ZERO))
        for invoice in self.invoices:
            self._add(sums, self.account_of.get(invoice["Contact"]["ContactID"]), invoice, None)
        for credit in self.credits:
            if credit["RemainingCredit"]:
                self._add(sums, self.account_of.get(credit["Contact"]["ContactID"]), credit, "RemainingCredit")
        return sums

    def opportunities(self) -> Sums:
        """The same by opportunity."""
        sums: Sums = defaultdict(lambda: dict.fromkeys(FIGURES, ZERO))
        for invoice in self.invoices:
            self._add(sums, self.opportunity_of.get(invoice["InvoiceID"]), invoice, None)
        return sums

    def _add(self, sums: Sums, record: str | None, document: Record, credit: str | None) -> None:
        if record is None or document["Status"] in ("VOIDED", "DELETED"):
            return
        currency = document["CurrencyCode"]
        rate = Decimal(1) if currency == self.base else document["CurrencyRate"]
        for name, by in ((currency, Decimal(1)), ("*", rate)):
            if credit is None:
                figures = _figures(document, by, self.today)
            else:
                figures = {"unallocated_credit": (document[credit] / by).quantize(CENT, ROUND_HALF_UP)}
            for figure, amount in figures.items():
                sums[record, name][figure] += amount
