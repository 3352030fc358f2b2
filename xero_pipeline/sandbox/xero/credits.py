"""Credit notes, prepayments and overpayments, and their allocation to invoices and bills (xero.md section 2)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.drafting import Kind, check_open, draft, give_number
from xero_pipeline.sandbox.xero.index import CREDITS
from xero_pipeline.sandbox.xero.record import ZERO, Record, child_of, children_of, date_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.redrafting import WRONG_STATUS, check_complete, put_in_place, redrafted
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.settle import take_off

CARRIED = ("Reference", "BrandingThemeID", "SentToContact")
NOTE_TO_CUSTOMER = Kind("CreditNotes", "CreditNoteID", "CreditNoteNumber", "CN-", True, False, CARRIED)
NOTE_FROM_SUPPLIER = Kind("CreditNotes", "CreditNoteID", "CreditNoteNumber", "SCN-", False, False, CARRIED)
RECEIVED_PREPAYMENT = Kind("Prepayments", "PrepaymentID", "", "", True, False, ("Reference",))
SPENT_PREPAYMENT = Kind("Prepayments", "PrepaymentID", "", "", False, False, ("Reference",))
RECEIVED_OVERPAYMENT = Kind("Overpayments", "OverpaymentID", "", "", True, False, ("Reference",))
SPENT_OVERPAYMENT = Kind("Overpayments", "OverpaymentID", "", "", False, False, ("Reference",))

KINDS = {
    "ACCRECCREDIT": NOTE_TO_CUSTOMER,
    "ACCPAYCREDIT": NOTE_FROM_SUPPLIER,
    "RECEIVE-PREPAYMENT": RECEIVED_PREPAYMENT,
    "SPEND-PREPAYMENT": SPENT_PREPAYMENT,
    "RECEIVE-OVERPAYMENT": RECEIVED_OVERPAYMENT,
    "SPEND-OVERPAYMENT": SPENT_OVERPAYMENT,
}
CREDITED = {name: "ACCREC" if kind.selling else "ACCPAY" for name, kind in KINDS.items()}
TRANSITIONS = {
    "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
    "SUBMITTED": frozenset({"SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"}),
    "AUTHORISED": frozenset({"AUTHORISED", "VOIDED"}),
}
EDITABLE_WHEN_SETTLED = frozenset({"Reference", "BrandingThemeID", "SentToContact"})


def create_credit_note(book: Book, fields: Record, now: datetime) -> Record:
    """A new ACCRECCREDIT or ACCPAYCREDIT; Status defaults to DRAFT. Allocating is a second step, as at Xero."""
    status = text_of(fields, "Status") or "DRAFT"
    if status not in ("DRAFT", "SUBMITTED", "AUTHORISED"):
        raise Refusal(WRONG_STATUS["CreditNotes"])
    kind = KINDS[text_of(fields, "Type")]
    note = _credit(book, kind, fields, now, status)
    give_number(book, kind, note, fields)
    return book.add("CreditNotes", note, now)


def update_credit_note_fields(book: Book, credit_note_id: str, fields: Record, now: datetime) -> Record:
    """Edits headers and lines as `update_invoice_fields` does; of an allocated or refunded one, `EDITABLE_WHEN_SETTLED` alone."""
    note = book.get("CreditNotes", credit_note_id)
    if note["Status"] in ("VOIDED", "DELETED"):
        raise Refusal(WRONG_STATUS["CreditNotes"])
    settled = is_used(note)
    allowed = EDITABLE_WHEN_SETTLED if settled else None
    changed, _ = redrafted(book, KINDS[text_of(note, "Type")], note, fields, settled_headers=allowed)
    if note["Status"] == "AUTHORISED":
        _check_total(changed)
    if not settled:
        changed["RemainingCredit"] = changed["Total"]
    put_in_place(book, "CreditNotes", note, changed)
    book.touch("CreditNotes", credit_note_id, now)
    return note


def change_credit_note_status(book: Book, credit_note_id: str, status: str, now: datetime) -> Record:
    """Approves, voids or deletes a credit note; one that was allocated or refunded cannot be voided."""
    note = book.get("CreditNotes", credit_note_id)
    if status not in TRANSITIONS.get(text_of(note, "Status"), frozenset()) or (status == "VOIDED" and is_used(note)):
        raise Refusal(WRONG_STATUS["CreditNotes"])
    if status in ("SUBMITTED", "AUTHORISED"):
        check_complete(book, KINDS[text_of(note, "Type")], note)
    if status == "AUTHORISED":
        _check_total(note)
    check_open(book, _date(note))
    note["Status"] = status
    if status in ("VOIDED", "DELETED"):
        note["RemainingCredit"] = ZERO
    book.touch("CreditNotes", credit_note_id, now)
    return note


def is_used(credit: Record) -> bool:
    """Whether any of the credit was allocated or refunded."""
    return credit["Status"] == "PAID" or decimal_of(credit, "RemainingCredit") != decimal_of(credit, "Total")


def create_prepayment(book: Book, fields: Record, now: datetime) -> Record:
    """Money received (or spent) ahead of a document, coded to accounts with tax; made by a bank transaction at Xero."""
    prepayment = _credit(book, KINDS[text_of(fields, "Type")], fields, now, "AUTHORISED")
    return book.add("Prepayments", prepayment, now)


def create_overpayment(book: Book, fields: Record, now: datetime) -> Record:
    """Money received (or spent) above a document: one line, coded to the control account without tax."""
    kind = KINDS[text_of(fields, "Type")]
    if len(children_of(fields, "LineItems")) != 1:
        raise Refusal("An overpayment must have exactly one line item")  # wording ours
    control = _control_account(book, "DEBTORS" if kind.selling else "CREDITORS")
    line = children_of(fields, "LineItems")[0] | {"AccountCode": control["Code"], "TaxType": "NONE"}
    overpayment = _credit(
        book, kind, {**fields, "LineItems": [line], "LineAmountTypes": "NoTax"}, now, "AUTHORISED", control=True
    )
    return book.add("Overpayments", overpayment, now)


def allocate(book: Book, source_id: str, invoice_id: str, amount: Decimal, now: datetime) -> Record:
    """Uses `amount` of a credit for an invoice or bill of the same contact, side and currency.

    Returns the allocation, dated the later of the two documents. Both documents carry the same stamp afterwards.
    """
    plural, source = credit_of(book, source_id)
    invoice = book.find("Invoices", invoice_id)
    if invoice is None or invoice["Type"] != CREDITED[text_of(source, "Type")]:
        raise Refusal("Invoice could not be found")  # wording ours
    if invoice["Status"] == "PAID":
        raise Refusal("The invoice you are trying to allocate to has already been paid off")
    if source["Status"] != "AUTHORISED" or invoice["Status"] != "AUTHORISED":
        raise Refusal("Credit can only be allocated between Authorised documents")  # wording ours
    if child_of(source, "Contact")["ContactID"] != child_of(invoice, "Contact")["ContactID"]:
        raise Refusal("The contact on the credit and the invoice must be the same")  # wording ours
    if source["CurrencyCode"] != invoice["CurrencyCode"]:
        raise Refusal("The currency of the credit and the invoice must be the same")  # wording ours
    if amount <= 0:
        raise Refusal("The amount to allocate must be greater than zero")  # wording ours
    if amount > decimal_of(source, "RemainingCredit"):
        raise Refusal("The amount to allocate exceeds the remaining credit")  # wording ours
    if amount > decimal_of(invoice, "AmountDue"):
        raise Refusal("Credit Note cannot be allocated as amount is greater than amount outstanding")
    day = max(_date(source), _date(invoice))
    check_open(book, day)
    allocation: Record = {
        "AllocationID": book.new_id(),
        "Amount": amount,
        "Date": day,
        "Invoice": {"InvoiceID": invoice_id},
    }
    source["Allocations"] = [*children_of(source, "Allocations"), allocation]
    book.index.allocated(invoice_id, source_id, plural)
    take_off(plural, source, amount, day, settled_field=None)
    take_off("Invoices", invoice, amount, day, settled_field="AmountCredited")
    book.touch(plural, source_id, now)
    book.touch("Invoices", invoice_id, now)
    return allocation


def remove_allocation(book: Book, source_id: str, allocation_id: str, now: datetime) -> Record:
    """Takes an allocation back; both documents are open again and carry the same stamp. Returns what was removed."""
    plural, source = credit_of(book, source_id)
    allocations = children_of(source, "Allocations")
    removed = next((found for found in allocations if found["AllocationID"] == allocation_id), None)
    if removed is None:
        raise Refusal("Allocation could not be found")  # wording ours
    invoice_id = text_of(child_of(removed, "Invoice"), "InvoiceID")
    invoice = book.get("Invoices", invoice_id)
    check_open(book, _date(removed))
    source["Allocations"] = [found for found in allocations if found is not removed]
    if all(child_of(found, "Invoice")["InvoiceID"] != invoice_id for found in children_of(source, "Allocations")):
        del book.index.allocations[invoice_id][source_id]
    amount = -decimal_of(removed, "Amount")
    take_off(plural, source, amount, book.today(now), settled_field=None)
    take_off("Invoices", invoice, amount, book.today(now), settled_field="AmountCredited")
    book.touch(plural, source_id, now)
    book.touch("Invoices", invoice_id, now)
    return removed


def credit_of(book: Book, source_id: str) -> tuple[str, Record]:
    """The (plural, credit) with this id, or a Refusal."""
    for plural in CREDITS:
        source = book.find(plural, source_id)
        if source is not None:
            return plural, source
    raise Refusal("The credit could not be found")  # wording ours


def _credit(book: Book, kind: Kind, fields: Record, now: datetime, status: str, *, control: bool = False) -> Record:
    credit = draft(book, kind, fields, now, status=status, control=control)
    if status == "AUTHORISED":
        _check_total(credit)
    return credit | {"Type": fields["Type"], "RemainingCredit": credit["Total"], "Allocations": []}


def _check_total(credit: Record) -> None:
    if decimal_of(credit, "Total") <= 0:
        raise Refusal("The document total must be greater than zero")  # wording ours


def _control_account(book: Book, system_account: str) -> Record:
    return next(
        found for found in book.collections["Accounts"].values() if found.get("SystemAccount") == system_account
    )


def _date(document: Record) -> date:
    day = date_of(document, "Date")
    if day is None:
        raise Refusal("The document has no date")  # wording ours
    return day
