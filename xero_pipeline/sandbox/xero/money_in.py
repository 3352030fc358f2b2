"""Payments: made on an invoice, bill or credit, reversed and reconciled (xero.md section 2, Payments).

A payment and its document always carry the same stamp, to the millisecond; reconciling stamps the payment alone.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from xero_pipeline.sandbox.xero.arithmetic import in_base_currency
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.drafting import check_open
from xero_pipeline.sandbox.xero.index import CREDITS, ID_FIELDS, PAYABLE
from xero_pipeline.sandbox.xero.record import Record, child_of, date_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.settle import outstanding_field, take_off

PAYMENT_TYPES = {
    "ACCREC": "ACCRECPAYMENT",
    "ACCPAY": "ACCPAYPAYMENT",
    "ACCRECCREDIT": "ARCREDITPAYMENT",
    "ACCPAYCREDIT": "APCREDITPAYMENT",
    "RECEIVE-PREPAYMENT": "ARPREPAYMENTPAYMENT",
    "SPEND-PREPAYMENT": "APPREPAYMENTPAYMENT",
    "RECEIVE-OVERPAYMENT": "AROVERPAYMENTPAYMENT",
    "SPEND-OVERPAYMENT": "APOVERPAYMENTPAYMENT",
}
NESTED_NAMES = {f"{name}s": name for name in PAYABLE}
PAR = Decimal("1.000000")
UNAPPROVED = "Payments can only be made against Authorised documents"
TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"


def pay(
    book: Book,
    document_id: str,
    account: str,
    amount: Decimal,
    day: date,
    now: datetime,
    *,
    extra: Record | None = None,
) -> Record:
    """Pays `amount` (in the document's currency) on an invoice or bill, or refunds that much of a credit.

    `account` is a code or an AccountID: a bank account, or one that allows payments. `extra` carries Reference, CurrencyRate,
    BankAmount, IsReconciled and BatchPayment.
    """
    plural, document = payable(book, document_id)
    # Both are said of a document that is paid already, as integrators' help pages quote them.
    wrong = [UNAPPROVED] if document["Status"] != "AUTHORISED" else []
    wrong += [TOO_MUCH] if amount > decimal_of(document, outstanding_field(plural)) else []
    if wrong:
        raise Refusal(*wrong)
    if amount <= 0:
        raise Refusal("Payment amount must be greater than zero")  # wording ours
    paid_from = _payment_account(book, account)
    check_open(book, day)
    extra = extra or {}
    rate = decimal_of(extra, "CurrencyRate") if "CurrencyRate" in extra else document.get("CurrencyRate", PAR)
    payment: Record = {
        "PaymentID": book.new_id(),
        NESTED_NAMES[plural]: {ID_FIELDS[plural]: document_id},
        "Account": account_reference(paid_from),
        "Date": day,
        "Amount": amount,
        "BankAmount": in_base_currency(amount, rate if isinstance(rate, Decimal) else None),
        "CurrencyRate": rate,
        "PaymentType": PAYMENT_TYPES[text_of(document, "Type")],
        "Status": "AUTHORISED",
        "IsReconciled": bool(extra.get("IsReconciled", False)),
        "HasAccount": True,
    }
    if paid_from.get("CurrencyCode", book.base_currency) != book.base_currency:
        payment["BankAmount"] = amount
    for field in ("Reference", "BankAmount", "BatchPayment"):
        if field in extra:
            payment[field] = extra[field]
    take_off(plural, document, amount, day, settled_field="AmountPaid" if plural == "Invoices" else None)
    book.add("Payments", payment, now)
    book.touch(plural, document_id, now)
    return payment


def reverse_payment(book: Book, payment_id: str, now: datetime) -> Record:
    """Takes a payment back: it stays as DELETED, its document is open again and keeps its old FullyPaidOnDate."""
    payment = book.get("Payments", payment_id)
    if payment["Status"] == "DELETED":
        raise Refusal("Payment not of valid status for modification")  # wording ours
    if "BatchPayment" in payment:
        raise Refusal("Payments made by batch cannot be deleted")  # wording ours
    day = date_of(payment, "Date")
    if day is not None:
        check_open(book, day)
    plural, document = document_of(book, payment)
    payment["Status"] = "DELETED"
    amount = -decimal_of(payment, "Amount")
    take_off(plural, document, amount, book.today(now), settled_field="AmountPaid" if plural == "Invoices" else None)
    book.touch("Payments", payment_id, now)
    book.touch(plural, text_of(document, ID_FIELDS[plural]), now)
    return payment


def reconcile_payment(book: Book, payment_id: str, now: datetime) -> Record:
    """Matches a payment with a bank line: stamps the payment and leaves the document's stamp where it was."""
    payment = book.get("Payments", payment_id)
    if payment["Status"] == "DELETED":
        raise Refusal("Payment not of valid status for modification")  # wording ours
    payment["IsReconciled"] = True
    book.touch("Payments", payment_id, now)
    return payment


def payable(book: Book, document_id: str) -> tuple[str, Record]:
    """The (plural, document) of an id that can be paid or refunded, or a Refusal."""
    for plural in ("Invoices", *CREDITS):
        document = book.find(plural, document_id)
        if document is not None:
            return plural, document
    raise Refusal("Payments must be made against an invoice, credit note, prepayment or overpayment")  # wording ours


def document_of(book: Book, payment: Record) -> tuple[str, Record]:
    """The (plural, document) that a payment was made on."""
    for plural, name in NESTED_NAMES.items():
        if name in payment:
            return plural, book.get(plural, text_of(child_of(payment, name), ID_FIELDS[plural]))
    raise KeyError(text_of(payment, "PaymentID"))


def account_reference(account: Record) -> Record:
    """`{"AccountID", "Code"}` of an account, without Code where a bank account has none."""
    reference: Record = {"AccountID": account["AccountID"]}
    if "Code" in account:
        reference["Code"] = account["Code"]
    return reference


def _payment_account(book: Book, code_or_id: str) -> Record:
    account = book.account(code_or_id)
    if account is None or account["Status"] != "ACTIVE":
        raise Refusal("Account could not be found")
    if account["Type"] != "BANK" and not account.get("EnablePaymentsToAccount"):
        raise Refusal("The account must be a bank account or allow payments")  # wording ours
    return account
