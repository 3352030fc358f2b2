"""Rows of the tables of documents, their lines and their allocations, in the order of their columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from xero_pipeline.xero.dates import calendar, instant
from xero_pipeline.xero.records import (
    Allocation,
    ContactRef,
    CreditNote,
    DocumentRef,
    Invoice,
    Line,
    ManualJournal,
    Overpayment,
    Prepayment,
    PurchaseOrder,
    Quote,
    Tracking,
)
from xero_pipeline.xero.wire import Row

_NOTHING = Decimal(0)
_NO_CONTACT = ContactRef()
_NO_DOCUMENT = DocumentRef()
_NO_TRACKING: Row = (None,) * 8


def _tracking(values: Sequence[Tracking] | None) -> Row:
    if not values:
        return _NO_TRACKING
    first = values[0]
    row = (first.tracking_category_id, first.tracking_option_id, first.name, first.option)
    if len(values) == 1:
        return (*row, None, None, None, None)
    second = values[1]
    return (*row, second.tracking_category_id, second.tracking_option_id, second.name, second.option)


def line_rows(document_id: str, lines: Sequence[Line] | None) -> Iterator[Row]:
    for number, line in enumerate(lines or (), 1):
        yield (
            document_id,
            line.line_item_id or str(number),
            number,
            line.description,
            line.quantity,
            line.unit_amount,
            line.item_code,
            line.account_code,
            line.account_id,
            line.tax_type,
            line.tax_amount,
            line.line_amount,
            line.discount_rate,
            line.discount_amount,
            *_tracking(line.tracking),
        )


def allocation_rows(source_type: str, source_id: str, allocations: Sequence[Allocation] | None) -> Iterator[Row]:
    """`source_type` is credit_note, prepayment or overpayment. An allocation that was taken back is left out."""
    for number, allocation in enumerate(allocations or (), 1):
        if allocation.is_deleted:
            continue
        invoice = allocation.invoice or _NO_DOCUMENT
        yield (
            source_id,
            allocation.allocation_id or f"{source_id}:{invoice.invoice_id or ''}:{number}",
            source_type,
            invoice.invoice_id,
            invoice.invoice_number,
            allocation.amount,
            calendar(allocation.date),
        )


def invoice_row(record: Invoice, *, in_scope: bool) -> Row:
    contact = record.contact or _NO_CONTACT
    return (
        record.invoice_id,
        record.type,
        record.status,
        record.invoice_number,
        record.reference,
        contact.contact_id,
        contact.name,
        calendar(record.date),
        calendar(record.due_date),
        calendar(record.expected_payment_date),
        calendar(record.planned_payment_date),
        record.line_amount_types,
        record.currency_code,
        record.currency_rate,
        record.sub_total,
        record.total_tax,
        record.total,
        record.total_discount,
        record.amount_due,
        record.amount_paid,
        # An invoice that is read or answered by itself leaves it out where nothing is credited (xero.md section 2, Invoices).
        _NOTHING if record.amount_credited is None else record.amount_credited,
        record.cis_deduction,
        calendar(record.fully_paid_on_date),
        record.branding_theme_id,
        record.repeating_invoice_id,
        record.url,
        record.sent_to_contact,
        record.is_discounted,
        record.has_attachments,
        in_scope,
        instant(record.updated_date_utc),
    )


def purchase_order_row(record: PurchaseOrder) -> Row:
    contact = record.contact or _NO_CONTACT
    return (
        record.purchase_order_id,
        record.status,
        record.purchase_order_number,
        record.reference,
        contact.contact_id,
        contact.name,
        calendar(record.date),
        calendar(record.delivery_date),
        calendar(record.expected_arrival_date),
        record.line_amount_types,
        record.currency_code,
        record.currency_rate,
        record.sub_total,
        record.total_tax,
        record.total,
        record.total_discount,
        record.branding_theme_id,
        record.delivery_address,
        record.attention_to,
        record.telephone,
        record.delivery_instructions,
        record.sent_to_contact,
        record.is_discounted,
        record.has_attachments,
        instant(record.updated_date_utc),
    )


def quote_row(record: Quote) -> Row:
    contact = record.contact or _NO_CONTACT
    return (
        record.quote_id,
        record.status,
        record.quote_number,
        record.reference,
        record.title,
        record.summary,
        record.terms,
        contact.contact_id,
        contact.name,
        calendar(record.date),
        calendar(record.expiry_date),
        record.line_amount_types,
        record.currency_code,
        record.currency_rate,
        record.sub_total,
        record.total_tax,
        record.total,
        record.total_discount,
        record.branding_theme_id,
        instant(record.updated_date_utc),
    )


def credit_note_row(record: CreditNote) -> Row:
    contact = record.contact or _NO_CONTACT
    return (
        record.credit_note_id,
        record.type,
        record.status,
        record.credit_note_number,
        record.reference,
        contact.contact_id,
        contact.name,
        calendar(record.date),
        calendar(record.due_date),
        record.line_amount_types,
        record.currency_code,
        record.currency_rate,
        record.sub_total,
        record.total_tax,
        record.total,
        record.remaining_credit,
        record.applied_amount,
        record.cis_deduction,
        calendar(record.fully_paid_on_date),
        record.branding_theme_id,
        record.sent_to_contact,
        record.has_attachments,
        instant(record.updated_date_utc),
    )


def prepayment_row(record: Prepayment) -> Row:
    contact = record.contact or _NO_CONTACT
    return (
        record.prepayment_id,
        record.type,
        record.status,
        record.reference,
        record.invoice_number,
        contact.contact_id,
        contact.name,
        calendar(record.date),
        record.line_amount_types,
        record.currency_code,
        record.currency_rate,
        record.sub_total,
        record.total_tax,
        record.total,
        record.remaining_credit,
        record.applied_amount,
        record.branding_theme_id,
        record.has_attachments,
        instant(record.updated_date_utc),
    )


def overpayment_row(record: Overpayment) -> Row:
    contact = record.contact or _NO_CONTACT
    return (
        record.overpayment_id,
        record.type,
        record.status,
        record.reference,
        contact.contact_id,
        contact.name,
        calendar(record.date),
        record.line_amount_types,
        record.currency_code,
        record.currency_rate,
        record.sub_total,
        record.total_tax,
        record.total,
        record.remaining_credit,
        record.applied_amount,
        record.has_attachments,
        instant(record.updated_date_utc),
    )


def manual_journal_row(record: ManualJournal) -> Row:
    return (
        record.manual_journal_id,
        record.status,
        record.narration,
        calendar(record.date),
        record.line_amount_types,
        record.url,
        record.show_on_cash_basis_reports,
        record.has_attachments,
        record.status == "ARCHIVED",
        instant(record.updated_date_utc),
    )


def journal_line_rows(record: ManualJournal) -> Iterator[Row]:
    for number, line in enumerate(record.journal_lines or (), 1):
        yield (
            record.manual_journal_id,
            str(number),
            number,
            line.description,
            line.account_code,
            line.account_id,
            line.tax_type,
            line.tax_amount,
            line.line_amount,
            line.is_blank,
            *_tracking(line.tracking),
        )
