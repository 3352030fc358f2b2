"""What is true of every book at every moment, checked from the records alone and never from the book's own indexes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from xero_pipeline.sandbox.xero.arithmetic import in_base_currency, line_amount, line_tax
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import ZERO, Record, child_of, children_of, decimal_of, text_of

CREDITS = {"CreditNotes": "CreditNoteID", "Prepayments": "PrepaymentID", "Overpayments": "OverpaymentID"}
NAMES = {
    "Invoice": "InvoiceID",
    "CreditNote": "CreditNoteID",
    "Prepayment": "PrepaymentID",
    "Overpayment": "OverpaymentID",
}


def check(book: Book, today: date) -> None:
    """Raises AssertionError for the first invariant that does not hold."""
    paid, credited, used = _movements(book)
    for invoice_id, invoice in book.collections["Invoices"].items():
        _check_invoice(invoice, paid[invoice_id], credited[invoice_id])
        _check_lines(book, invoice)
    for plural, id_field in CREDITS.items():
        for source_id, source in book.collections[plural].items():
            left = decimal_of(source, "Total") - used[source_id] - paid[source_id]
            closed = source["Status"] in ("VOIDED", "DELETED")
            assert decimal_of(source, "RemainingCredit") == (ZERO if closed else left), (plural, source[id_field])
            approved = source["Status"] not in ("DRAFT", "SUBMITTED")
            assert (source["Status"] == "PAID") == (left == 0 and approved and not closed), source
            _check_lines(book, source)
    for plural in ("PurchaseOrders", "Quotes"):
        for order in book.collections[plural].values():
            _check_lines(book, order)
    _check_balances(book, today)


def _movements(book: Book) -> tuple[dict[str, Decimal], dict[str, Decimal], dict[str, Decimal]]:
    paid: dict[str, Decimal] = defaultdict(lambda: ZERO)
    credited: dict[str, Decimal] = defaultdict(lambda: ZERO)
    used: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for payment in book.collections["Payments"].values():
        for name, id_field in NAMES.items():
            if name in payment and payment["Status"] == "AUTHORISED":
                paid[text_of(child_of(payment, name), id_field)] += decimal_of(payment, "Amount")
    for plural in CREDITS:
        for source_id, source in book.collections[plural].items():
            for allocation in children_of(source, "Allocations"):
                amount = decimal_of(allocation, "Amount")
                assert amount > 0
                credited[text_of(child_of(allocation, "Invoice"), "InvoiceID")] += amount
                used[source_id] += amount
    return paid, credited, used


def _check_invoice(invoice: Record, paid: Decimal, credited: Decimal) -> None:
    due = decimal_of(invoice, "AmountDue")
    assert decimal_of(invoice, "AmountPaid") == paid, invoice
    assert decimal_of(invoice, "AmountCredited") == credited, invoice
    if invoice["Status"] in ("VOIDED", "DELETED"):
        assert due == paid == credited == 0, invoice
    else:
        assert decimal_of(invoice, "Total") == paid + credited + due, invoice
        assert due >= 0, invoice
        assert (invoice["Status"] == "PAID") == (due == 0 and invoice["Status"] not in ("DRAFT", "SUBMITTED")), invoice
    if invoice["Status"] == "PAID":
        assert "FullyPaidOnDate" in invoice


def _check_lines(book: Book, document: Record) -> None:
    types = text_of(document, "LineAmountTypes").casefold()
    amounts = taxes = ZERO
    for line in children_of(document, "LineItems"):
        amount, tax = decimal_of(line, "LineAmount"), decimal_of(line, "TaxAmount")
        amounts += amount
        taxes += tax
        if "UnitAmount" not in line:
            continue
        rate = decimal_of(line, "DiscountRate") if "DiscountRate" in line else None
        assert amount == line_amount(decimal_of(line, "Quantity"), decimal_of(line, "UnitAmount"), discount_rate=rate)
        if "TaxType" in line and not text_of(line, "Description").startswith("Credit: "):
            percent = decimal_of(book.get("TaxRates", text_of(line, "TaxType")), "EffectiveRate")
            wording = {"exclusive": "Exclusive", "inclusive": "Inclusive", "notax": "NoTax"}[types]
            assert tax == line_tax(amount, percent, wording), line
    total = amounts if types == "inclusive" else amounts + taxes
    assert decimal_of(document, "Total") == total == decimal_of(document, "SubTotal") + taxes, document
    assert decimal_of(document, "TotalTax") == taxes, document
    for field in ("SubTotal", "TotalTax", "Total"):
        assert decimal_of(document, field).as_tuple().exponent == -2


def _check_balances(book: Book, today: date) -> None:
    outstanding: dict[tuple[str, bool], Decimal] = defaultdict(lambda: ZERO)
    overdue: dict[tuple[str, bool], Decimal] = defaultdict(lambda: ZERO)
    for plural in ("Invoices", *CREDITS):
        for document in book.collections[plural].values():
            if document["Status"] != "AUTHORISED":
                continue
            kind = text_of(document, "Type")
            side = (text_of(child_of(document, "Contact"), "ContactID"), kind.startswith(("ACCREC", "RECEIVE")))
            rate = decimal_of(document, "CurrencyRate") if "CurrencyRate" in document else None
            if plural != "Invoices":
                outstanding[side] -= in_base_currency(decimal_of(document, "RemainingCredit"), rate)
                continue
            due = in_base_currency(decimal_of(document, "AmountDue"), rate)
            outstanding[side] += due
            due_date = document.get("DueDate")
            if isinstance(due_date, date) and due_date < today:
                overdue[side] += due
    for contact_id in book.collections["Contacts"]:
        found = book.balances(contact_id, today)
        for name, receivable in (("AccountsReceivable", True), ("AccountsPayable", False)):
            side = (contact_id, receivable)
            assert found[name] == {"Outstanding": outstanding[side], "Overdue": overdue[side]}, (contact_id, name)
