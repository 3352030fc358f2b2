"""Rows of contacts and of payments, in the order of their columns."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from xero_pipeline.xero.dates import calendar, instant
from xero_pipeline.xero.records import (
    AccountRef,
    Address,
    Balance,
    Balances,
    Contact,
    ContactRef,
    DocumentRef,
    Payment,
    PaymentTerms,
    Phone,
    Terms,
)
from xero_pipeline.xero.setting_rows import json_text
from xero_pipeline.xero.wire import Row

_NO_ADDRESS = Address()
_NO_BALANCE = Balance()
_NO_BALANCES = Balances()
_NO_CONTACT = ContactRef()
_NO_DOCUMENT = DocumentRef()
_NO_TERM = Terms()
_NO_TERMS = PaymentTerms()
_NO_ACCOUNT = AccountRef()


def _phones(phones: Sequence[Phone] | None) -> dict[str | None, str | None]:
    """Each kind of phone as one text: country code, area code and number, those that are set, with spaces."""
    return {
        phone.phone_type: " ".join(
            part for part in (phone.phone_country_code, phone.phone_area_code, phone.phone_number) if part
        )
        or None
        for phone in phones or ()
    }


def _address(address: Address) -> Row:
    return (
        address.address_line1,
        address.address_line2,
        address.address_line3,
        address.address_line4,
        address.city,
        address.region,
        address.postal_code,
        address.country,
        address.attention_to,
    )


def contact_row(record: Contact) -> Row:
    terms = record.payment_terms or _NO_TERMS
    sales, bills = terms.sales or _NO_TERM, terms.bills or _NO_TERM
    phones = _phones(record.phones)
    addresses = {address.address_type: address for address in record.addresses or ()}
    balances = record.balances or _NO_BALANCES
    receivable, payable = balances.accounts_receivable or _NO_BALANCE, balances.accounts_payable or _NO_BALANCE
    return (
        record.contact_id,
        record.name,
        record.contact_status,
        record.contact_number,
        record.account_number,
        record.first_name,
        record.last_name,
        record.email_address,
        record.company_number,
        record.tax_number,
        record.is_customer,
        record.is_supplier,
        record.default_currency,
        record.website,
        record.discount,
        record.accounts_receivable_tax_type,
        record.accounts_payable_tax_type,
        record.sales_default_account_code,
        record.purchases_default_account_code,
        record.sales_default_line_amount_type,
        record.purchases_default_line_amount_type,
        sales.day,
        sales.type,
        bills.day,
        bills.type,
        record.branding_theme.branding_theme_id if record.branding_theme else None,
        phones.get("DEFAULT"),
        phones.get("MOBILE"),
        phones.get("DDI"),
        phones.get("FAX"),
        *_address(addresses.get("STREET", _NO_ADDRESS)),
        *_address(addresses.get("POBOX", _NO_ADDRESS)),
        json_text([msgspec.structs.asdict(person) for person in record.contact_persons or ()]),
        record.merged_to_contact_id,
        receivable.outstanding,
        receivable.overdue,
        payable.outstanding,
        payable.overdue,
        record.has_attachments,
        record.contact_status == "ARCHIVED",
        instant(record.updated_date_utc),
    )


def _paid(record: Payment) -> Row:
    """What was paid: id and number of an invoice, id and number of a credit note, id of a prepayment, id of an overpayment.

    Xero shows a refunded credit note as an `Invoice` of type ACCRECCREDIT whose InvoiceID is the credit note's (example of
    GET /Payments in the OpenAPI description), so the kind is taken from the type, not from the field's name.
    """
    invoice, note = record.invoice or _NO_DOCUMENT, record.credit_note or _NO_DOCUMENT
    note_id, note_number = note.credit_note_id, note.credit_note_number
    prepayment_id = record.prepayment.prepayment_id if record.prepayment else None
    overpayment_id = record.overpayment.overpayment_id if record.overpayment else None
    kind = invoice.type or ""
    if kind.endswith("CREDIT"):
        note_id, note_number = note_id or invoice.invoice_id, note_number or invoice.invoice_number
    elif kind.endswith("PREPAYMENT"):
        prepayment_id = prepayment_id or invoice.invoice_id
    elif kind.endswith("OVERPAYMENT"):
        overpayment_id = overpayment_id or invoice.invoice_id
    else:
        return (invoice.invoice_id, invoice.invoice_number, note_id, note_number, prepayment_id, overpayment_id)
    return (None, None, note_id, note_number, prepayment_id, overpayment_id)


def payment_row(record: Payment) -> Row:
    document = record.invoice or record.credit_note or record.prepayment or record.overpayment or _NO_DOCUMENT
    contact = document.contact or _NO_CONTACT
    account = record.account or _NO_ACCOUNT
    batch = record.batch_payment.batch_payment_id if record.batch_payment else None
    return (
        record.payment_id,
        record.status,
        record.payment_type,
        calendar(record.date),
        record.amount,
        record.bank_amount,
        document.currency_code,
        record.currency_rate,
        record.reference,
        record.is_reconciled,
        *_paid(record),
        record.batch_payment_id or batch,
        account.account_id,
        account.code,
        contact.contact_id,
        contact.name,
        instant(record.updated_date_utc),
    )
