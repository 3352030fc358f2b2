"""Sales invoices and bills: created, edited, approved, voided and deleted as Xero allows (xero.md section 2, Invoices)."""

from __future__ import annotations

from datetime import datetime

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.drafting import Kind, check_number_free, check_open, draft, give_number
from xero_pipeline.sandbox.xero.lines import reprice_line
from xero_pipeline.sandbox.xero.record import ZERO, Record, child_of, children_of, date_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.redrafting import (
    WRONG_STATUS,
    check_complete,
    pricing_of,
    put_in_place,
    redrafted,
    settled_refusal,
)
from xero_pipeline.sandbox.xero.refusal import Refusal

CARRIED = (
    "DueDate",
    "Reference",
    "BrandingThemeID",
    "SentToContact",
    "Url",
    "ExpectedPaymentDate",
    "PlannedPaymentDate",
)
SALE = Kind("Invoices", "InvoiceID", "InvoiceNumber", "INV-", selling=True, discounts=True, carries=CARRIED)
BILL = Kind("Invoices", "InvoiceID", "InvoiceNumber", "", selling=False, discounts=False, carries=CARRIED)

OPEN_TRANSITIONS = {
    "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
    "SUBMITTED": frozenset({"SUBMITTED", "AUTHORISED", "DRAFT", "DELETED"}),
    "AUTHORISED": frozenset({"AUTHORISED", "VOIDED"}),
}
EDITABLE_WHEN_SETTLED = frozenset(
    {
        "Reference",
        "DueDate",
        "InvoiceNumber",
        "BrandingThemeID",
        "Contact",
        "Url",
        "PlannedPaymentDate",
        "SentToContact",
    }
)
# Xero moves no stamp for these on a document that is partly paid (xero.md section 1).
UNSTAMPED_WHEN_PART_PAID = frozenset({"DueDate", "SentToContact"})


def kind_of(document: Record) -> Kind:
    """SALE for ACCREC, BILL for ACCPAY."""
    return SALE if document["Type"] == "ACCREC" else BILL


def create_invoice(book: Book, fields: Record, now: datetime) -> Record:
    """A new ACCREC or ACCPAY from Xero's own fields; Status defaults to DRAFT and may be SUBMITTED or AUTHORISED."""
    status = text_of(fields, "Status") or "DRAFT"
    if status not in OPEN_TRANSITIONS:
        raise Refusal(WRONG_STATUS["Invoices"])
    kind = kind_of(fields)
    _check_url(fields)
    if status != "DRAFT":
        _check_due_date(fields)
    if kind is SALE and text_of(fields, "InvoiceNumber"):
        check_number_free(book, kind, text_of(fields, "InvoiceNumber"))
    invoice = draft(book, kind, fields, now, status=status)
    _check_total(invoice)
    invoice["Type"] = fields["Type"]
    if kind is SALE:
        give_number(book, kind, invoice, fields)
    else:
        invoice["InvoiceNumber"] = text_of(fields, "InvoiceNumber")
        invoice.pop("Reference", None)
    invoice["AmountDue"], invoice["AmountPaid"], invoice["AmountCredited"] = invoice["Total"], ZERO, ZERO
    if status == "AUTHORISED":
        _settle_nothing(invoice)
    book.add("Invoices", invoice, now)
    _mark_side(book, text_of(child_of(invoice, "Contact"), "ContactID"), kind)
    return invoice


def change_status(book: Book, invoice_id: str, status: str, now: datetime) -> Record:
    """Moves a document to `status` by Xero's table of transitions; PAID is never set by hand."""
    invoice = book.get("Invoices", invoice_id)
    if status == "VOIDED" and is_settled(invoice):
        raise settled_refusal(kind_of(invoice), invoice)
    if status not in OPEN_TRANSITIONS.get(text_of(invoice, "Status"), frozenset()):
        raise Refusal(WRONG_STATUS["Invoices"])
    if status in ("SUBMITTED", "AUTHORISED"):
        _check_due_date(invoice)
        check_complete(book, kind_of(invoice), invoice)
    day = date_of(invoice, "Date")
    if day is not None:
        check_open(book, day)
    invoice["Status"] = status
    if status == "AUTHORISED":
        _settle_nothing(invoice)
    if status in ("VOIDED", "DELETED"):
        invoice["AmountDue"] = ZERO
    book.touch("Invoices", invoice_id, now)
    return invoice


def submit(book: Book, invoice_id: str, now: datetime) -> Record:
    """Sends a draft for approval."""
    return change_status(book, invoice_id, "SUBMITTED", now)


def approve(book: Book, invoice_id: str, now: datetime) -> Record:
    """Makes a draft or submitted document AUTHORISED, or PAID at once when its total is nil."""
    return change_status(book, invoice_id, "AUTHORISED", now)


def void_invoice(book: Book, invoice_id: str, now: datetime) -> Record:
    """Voids an approved document; refused while a payment or credit is on it. Total and lines stay, AmountDue is 0.00."""
    return change_status(book, invoice_id, "VOIDED", now)


def delete_draft(book: Book, invoice_id: str, now: datetime) -> Record:
    """Deletes a draft or submitted document, which stays in the book as DELETED."""
    return change_status(book, invoice_id, "DELETED", now)


def update_invoice_fields(book: Book, invoice_id: str, fields: Record, now: datetime) -> Record:
    """Edits header fields and, with `LineItems`, the lines: an id updates its line, none adds one, an id left out deletes.

    Once a payment or credit is on the document only `EDITABLE_WHEN_SETTLED` and a line's description, account and tracking may
    change. Status moves by `change_status`, and read-only fields are passed over, as Xero does. None takes a header field away.
    """
    invoice = book.get("Invoices", invoice_id)
    if invoice["Status"] in ("VOIDED", "DELETED"):
        raise Refusal(WRONG_STATUS["Invoices"])
    kind, settled = kind_of(invoice), is_settled(invoice)
    if kind is BILL:
        fields = {field: value for field, value in fields.items() if field != "Reference"}
    allowed = EDITABLE_WHEN_SETTLED if settled else None
    _check_url(fields)
    changed, headers = redrafted(book, kind, invoice, fields, settled_headers=allowed)
    if "Contact" in headers and decimal_of(invoice, "AmountCredited"):
        raise settled_refusal(kind, invoice)
    if "DueDate" in headers and invoice["Status"] != "DRAFT":
        _check_due_date(changed)
    _check_total(changed)
    if not settled:
        changed["AmountDue"] = changed["Total"]
    put_in_place(book, "Invoices", invoice, changed)
    if "Contact" in headers:
        _mark_side(book, text_of(child_of(invoice, "Contact"), "ContactID"), kind)
    if invoice["Status"] == "AUTHORISED":
        _settle_nothing(invoice)
    part_paid = settled and decimal_of(invoice, "AmountDue")
    if part_paid and headers and "LineItems" not in fields and headers <= UNSTAMPED_WHEN_PART_PAID:
        book.mark("Invoices", invoice_id)
    else:
        book.touch("Invoices", invoice_id, now)
    return invoice


def edit_line_account(book: Book, invoice_id: str, line_id: str, account_code: str) -> Record:
    """Codes a line to another account. Xero moves no stamp for it, so neither does the book: only a full read finds it."""
    invoice = book.get("Invoices", invoice_id)
    line = next(line for line in children_of(invoice, "LineItems") if line["LineItemID"] == line_id)
    line["AccountCode"] = reprice_line(
        book, line, {"AccountCode": account_code}, pricing_of(kind_of(invoice), invoice)
    )["AccountCode"]
    book.mark("Invoices", invoice_id)
    return invoice


def is_settled(invoice: Record) -> bool:
    """Whether a payment or a credit is on the document."""
    settled = decimal_of(invoice, "AmountPaid") or decimal_of(invoice, "AmountCredited")
    return bool(settled) or invoice["Status"] == "PAID"


def _check_url(fields: Record) -> None:
    if "xero" in text_of(fields, "Url").lower():
        raise Refusal("Url must not contain xero")  # the rule is documented (xero.md section 2), the wording ours


def _check_due_date(fields: Record) -> None:
    if date_of(fields, "DueDate") is None:
        raise Refusal("The document due date must be specified")  # wording ours


def _check_total(invoice: Record) -> None:
    if decimal_of(invoice, "Total") < 0:
        raise Refusal("The document total must not be negative")  # wording ours


def _settle_nothing(invoice: Record) -> None:
    if not decimal_of(invoice, "AmountDue"):
        invoice["Status"] = "PAID"
        invoice["FullyPaidOnDate"] = invoice["Date"]


def _mark_side(book: Book, contact_id: str, kind: Kind) -> None:
    contact = book.get("Contacts", contact_id)
    flag = "IsCustomer" if kind.selling else "IsSupplier"
    if not contact.get(flag):
        contact[flag] = True  # the first document of a side sets it, and moves no stamp (xero.md section 1)
        book.mark("Contacts", contact_id)
