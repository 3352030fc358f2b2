"""Payments and allocations over the API: made, and taken back (xero.md section 2, Payments and CreditNotes)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from xero_pipeline.sandbox.xero.arithmetic import cents, six_places
from xero_pipeline.sandbox.xero.credits import allocate, remove_allocation
from xero_pipeline.sandbox.xero.index import CREDITS, ID_FIELDS, NUMBER_FIELDS, PAYABLE
from xero_pipeline.sandbox.xero.money_in import document_of, pay, reverse_payment
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, date_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.writes.hand import Hand

EXTRA = ("Reference", "IsReconciled", "BankAmount", "CurrencyRate")


def save_payment(hand: Hand, fields: Record, path_id: str) -> Record:
    """Makes a payment on exactly one document, or reverses one (Status DELETED): nothing else about a payment can change."""
    payment_id = hand.meant("Payments", fields, path_id)
    if payment_id:
        if fields.get("Status") != "DELETED":
            raise Refusal("Payments cannot be edited: delete it and make another")  # wording ours
        return _reverse(hand, payment_id)
    plural, document = _paid(hand, fields)
    day = date_of(fields, "Date") or hand.book.today(hand.now)
    extra: Record = {field: fields[field] for field in EXTRA if field in fields}
    if isinstance(rate := extra.get("CurrencyRate"), Decimal):
        extra["CurrencyRate"] = six_places(rate)
    amount = cents(decimal_of(fields, "Amount"))
    document_id = text_of(document, ID_FIELDS[plural])
    payment = pay(hand.book, document_id, _account(hand, fields), amount, day, hand.now, extra=extra)
    hand.log(text_of(payment, "PaymentID"), "Created")
    hand.log(document_id, "Paid", f"Payment of {amount} on {day:%d %b %Y}.")
    return payment


def save_allocation(hand: Hand, plural: str, source_id: str, fields: Record) -> Record:
    """Allocates a credit to an invoice or bill; answers the allocation."""
    key = child_of(fields, "Invoice")
    invoice = _found(hand, "Invoices", key)
    if invoice is None:
        raise Refusal("Invoice could not be found")  # wording ours
    invoice_id, amount = text_of(invoice, "InvoiceID"), cents(decimal_of(fields, "Amount"))
    allocation = allocate(hand.book, source_id, invoice_id, amount, hand.now)
    hand.log(source_id, "Credit Applied", f"{amount} to {invoice['InvoiceNumber'] or invoice_id}.")
    source = hand.book.get(plural, source_id)
    number = source.get("CreditNoteNumber", source_id)
    hand.log(invoice_id, "Credit Applied", f"{amount} from {number}.")
    return allocation


def delete_allocation(hand: Hand, source_id: str, allocation_id: str) -> Record:
    """Takes an allocation back; answers what was removed."""
    removed = remove_allocation(hand.book, source_id, allocation_id, hand.now)
    for record_id in (source_id, text_of(child_of(removed, "Invoice"), "InvoiceID")):
        hand.log(record_id, "Credit Removed", f"{removed['Amount']}.")
    return removed


def allocation_of(hand: Hand, plural: str, source_id: str, allocation_id: str) -> Record | None:
    """The allocation of this id, or None."""
    allocations = children_of(hand.book.get(plural, source_id), "Allocations")
    return next((found for found in allocations if found["AllocationID"] == allocation_id), None)


def _reverse(hand: Hand, payment_id: str) -> Record:
    payment = reverse_payment(hand.book, payment_id, hand.now)
    plural, document = document_of(hand.book, payment)
    day = payment["Date"]
    shown = f"{day:%d %b %Y}" if isinstance(day, date) else ""
    hand.log(payment_id, "Deleted")
    hand.log(text_of(document, ID_FIELDS[plural]), "Payment Deleted", f"Payment of {payment['Amount']} on {shown}.")
    return payment


def _paid(hand: Hand, fields: Record) -> tuple[str, Record]:
    """The one document to be paid, of the four kinds there are."""
    keys = {f"{name}s": child_of(fields, name) for name in PAYABLE if name in fields}
    for plural, name in (("Invoices", "InvoiceNumber"), ("CreditNotes", "CreditNoteNumber")):
        if name in fields and plural not in keys:
            keys[plural] = {name: fields[name]}
    if len(keys) != 1:
        raise Refusal("A payment must be for one invoice, credit note, prepayment or overpayment")  # wording ours
    ((plural, key),) = keys.items()
    document = _found(hand, plural, key)
    if document is None:
        raise Refusal(f"{'Credit' if plural in CREDITS else 'Invoice'} could not be found")  # wording ours
    return plural, document


def _found(hand: Hand, plural: str, key: Record) -> Record | None:
    record_id = text_of(key, ID_FIELDS[plural])
    if record_id:
        return hand.book.find(plural, record_id)
    number = text_of(key, NUMBER_FIELDS.get(plural, ""))
    return hand.book.numbered(plural, number) if number else None


def _account(hand: Hand, fields: Record) -> str:
    account = child_of(fields, "Account")
    return text_of(account, "AccountID") or text_of(account, "Code")
