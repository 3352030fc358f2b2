"""Contacts, documents and payments as Xero sends them (xero.md section 2)."""

from __future__ import annotations

from decimal import Decimal

from xero_pipeline.xero.wire import Record


class Address(Record):
    address_type: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    address_line4: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    attention_to: str | None = None


class Phone(Record):
    phone_type: str | None = None
    phone_number: str | None = None
    phone_area_code: str | None = None
    phone_country_code: str | None = None


class ContactPerson(Record):
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    include_in_emails: bool | None = None


class Terms(Record):
    day: int | None = None
    type: str | None = None


class PaymentTerms(Record):
    bills: Terms | None = None
    sales: Terms | None = None


class Balance(Record):
    outstanding: Decimal | None = None
    overdue: Decimal | None = None


class Balances(Record):
    accounts_receivable: Balance | None = None
    accounts_payable: Balance | None = None


class BrandingThemeRef(Record):
    branding_theme_id: str | None = None


class Contact(Record):
    contact_id: str
    name: str | None = None
    contact_status: str | None = None
    contact_number: str | None = None
    account_number: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    company_number: str | None = None
    tax_number: str | None = None
    is_customer: bool | None = None
    is_supplier: bool | None = None
    default_currency: str | None = None
    website: str | None = None
    discount: Decimal | None = None
    accounts_receivable_tax_type: str | None = None
    accounts_payable_tax_type: str | None = None
    sales_default_account_code: str | None = None
    purchases_default_account_code: str | None = None
    sales_default_line_amount_type: str | None = None
    purchases_default_line_amount_type: str | None = None
    payment_terms: PaymentTerms | None = None
    branding_theme: BrandingThemeRef | None = None
    phones: list[Phone] | None = None
    addresses: list[Address] | None = None
    contact_persons: list[ContactPerson] | None = None
    merged_to_contact_id: str | None = None
    balances: Balances | None = None
    has_attachments: bool | None = None
    updated_date_utc: str | None = None


class ContactRef(Record):
    """The contact inside a document: a summary."""

    contact_id: str | None = None
    name: str | None = None


class Tracking(Record):
    tracking_category_id: str | None = None
    tracking_option_id: str | None = None
    name: str | None = None
    option: str | None = None


class Line(Record):
    """A line of an invoice, purchase order, quote or credit note."""

    line_item_id: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    item_code: str | None = None
    account_code: str | None = None
    account_id: str | None = None
    tax_type: str | None = None
    tax_amount: Decimal | None = None
    line_amount: Decimal | None = None
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    tracking: list[Tracking] | None = None


class Document(Record):
    """What every document has. Amounts are in `currency_code`."""

    status: str | None = None
    contact: ContactRef | None = None
    date: str | None = None
    line_amount_types: str | None = None
    currency_code: str | None = None
    currency_rate: Decimal | None = None
    sub_total: Decimal | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None
    reference: str | None = None
    updated_date_utc: str | None = None


class Invoice(Document, kw_only=True):
    """A sales invoice (ACCREC) or a bill (ACCPAY)."""

    invoice_id: str
    type: str | None = None
    invoice_number: str | None = None
    due_date: str | None = None
    expected_payment_date: str | None = None
    planned_payment_date: str | None = None
    total_discount: Decimal | None = None
    amount_due: Decimal | None = None
    amount_paid: Decimal | None = None
    amount_credited: Decimal | None = None
    cis_deduction: Decimal | None = None
    fully_paid_on_date: str | None = None
    branding_theme_id: str | None = None
    repeating_invoice_id: str | None = None
    url: str | None = None
    sent_to_contact: bool | None = None
    is_discounted: bool | None = None
    has_attachments: bool | None = None
    line_items: list[Line] | None = None


class PurchaseOrder(Document, kw_only=True):
    purchase_order_id: str
    purchase_order_number: str | None = None
    delivery_date: str | None = None
    expected_arrival_date: str | None = None
    total_discount: Decimal | None = None
    branding_theme_id: str | None = None
    delivery_address: str | None = None
    attention_to: str | None = None
    telephone: str | None = None
    delivery_instructions: str | None = None
    sent_to_contact: bool | None = None
    is_discounted: bool | None = None
    has_attachments: bool | None = None
    line_items: list[Line] | None = None


class Quote(Document, kw_only=True):
    quote_id: str
    quote_number: str | None = None
    title: str | None = None
    summary: str | None = None
    terms: str | None = None
    expiry_date: str | None = None
    total_discount: Decimal | None = None
    branding_theme_id: str | None = None
    line_items: list[Line] | None = None


class DocumentRef(Record):
    """The document inside a payment or an allocation: a summary."""

    type: str | None = None
    invoice_id: str | None = None
    invoice_number: str | None = None
    credit_note_id: str | None = None
    credit_note_number: str | None = None
    prepayment_id: str | None = None
    overpayment_id: str | None = None
    contact: ContactRef | None = None
    currency_code: str | None = None


class Allocation(Record):
    allocation_id: str | None = None
    invoice: DocumentRef | None = None
    amount: Decimal | None = None
    date: str | None = None
    is_deleted: bool | None = None


class Credit(Document):
    """What credit notes, prepayments and overpayments share."""

    type: str | None = None
    remaining_credit: Decimal | None = None
    applied_amount: Decimal | None = None
    has_attachments: bool | None = None
    allocations: list[Allocation] | None = None


class CreditNote(Credit, kw_only=True):
    credit_note_id: str
    credit_note_number: str | None = None
    due_date: str | None = None
    cis_deduction: Decimal | None = None
    fully_paid_on_date: str | None = None
    branding_theme_id: str | None = None
    sent_to_contact: bool | None = None
    line_items: list[Line] | None = None


class Prepayment(Credit, kw_only=True):
    prepayment_id: str
    invoice_number: str | None = None
    branding_theme_id: str | None = None


class Overpayment(Credit, kw_only=True):
    overpayment_id: str


class AccountRef(Record):
    account_id: str | None = None
    code: str | None = None


class BatchRef(Record):
    batch_payment_id: str | None = None


class Payment(Record):
    payment_id: str
    status: str | None = None
    payment_type: str | None = None
    date: str | None = None
    amount: Decimal | None = None
    bank_amount: Decimal | None = None
    currency_rate: Decimal | None = None
    reference: str | None = None
    is_reconciled: bool | None = None
    invoice: DocumentRef | None = None
    credit_note: DocumentRef | None = None
    prepayment: DocumentRef | None = None
    overpayment: DocumentRef | None = None
    batch_payment_id: str | None = None
    batch_payment: BatchRef | None = None
    account: AccountRef | None = None
    updated_date_utc: str | None = None


class JournalLine(Record):
    description: str | None = None
    account_code: str | None = None
    account_id: str | None = None
    tax_type: str | None = None
    tax_amount: Decimal | None = None
    line_amount: Decimal | None = None
    is_blank: bool | None = None
    tracking: list[Tracking] | None = None


class ManualJournal(Record):
    manual_journal_id: str
    status: str | None = None
    narration: str | None = None
    date: str | None = None
    line_amount_types: str | None = None
    url: str | None = None
    show_on_cash_basis_reports: bool | None = None
    has_attachments: bool | None = None
    journal_lines: list[JournalLine] | None = None
    updated_date_utc: str | None = None
