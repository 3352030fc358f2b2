"""Tables of schema `xero` for documents with lines: invoices, bills, purchase orders, quotes, credits, journals."""

from __future__ import annotations

from sqlalchemy import Index, Table
from sqlalchemy import text as sql

from xero_pipeline.warehouse.tables.metadata import (
    AnyColumn,
    children,
    day,
    flag,
    integer,
    is_archived,
    key,
    money,
    number,
    records,
    ref,
    text,
    updated_utc,
)


def contact() -> tuple[AnyColumn, ...]:
    """Whom a document is with."""
    return (
        ref("contact_id", "Contact of the document"),
        text("contact_name", "Name of the contact when the document was read"),
    )


def currency() -> tuple[AnyColumn, ...]:
    """What a document's amounts are in."""
    return (
        text("line_amount_types", "Whether line amounts hold tax: Exclusive, Inclusive or NoTax; quotes in upper case"),
        text("currency_code", "ISO code of the currency every amount of the document is in"),
        number("currency_rate", "Exchange rate: units of the document's currency for one of the base currency"),
    )


def totals() -> tuple[AnyColumn, ...]:
    """The sums of a document, in its own currency."""
    return (
        money("sub_total", "Total before tax, in the document's currency"),
        money("total_tax", "Tax, rounded by line and then summed, in the document's currency"),
        money("total", "Total with tax, in the document's currency"),
    )


def tracking() -> tuple[AnyColumn, ...]:
    """The two tracking values a line can carry, in the order Xero sends them."""
    return (
        ref("tracking_1_category_id", "Category of the line's first tracking value"),
        ref("tracking_1_option_id", "Option of the line's first tracking value"),
        text("tracking_1_name", "Category name of the line's first tracking value"),
        text("tracking_1_option", "Option name of the line's first tracking value"),
        ref("tracking_2_category_id", "Category of the line's second tracking value"),
        ref("tracking_2_option_id", "Option of the line's second tracking value"),
        text("tracking_2_name", "Category name of the line's second tracking value"),
        text("tracking_2_option", "Option name of the line's second tracking value"),
    )


def lines(name: str, comment: str, parent_id: str, parent: str, *, written_back: bool = False) -> Table:
    """The lines of one kind of document; `written_back` says that Salesforce is sent them."""
    return children(
        "xero",
        name,
        comment,
        key(parent_id, "Document the line belongs to"),
        key("line_item_id", "Xero's LineItemID; the line's number where Xero sends none"),
        integer("line_number", "Position in the document, from 1", required=True),
        text("description", "What the line is for"),
        number("quantity", "Number of units, up to 4 decimals"),
        money("unit_amount", "Price of a unit in the document's currency, up to 4 decimals"),
        text("item_code", "Code of the item, where the line names one"),
        text("account_code", "Account the line is coded to"),
        ref("account_id", "Account the line is coded to, by id"),
        text("tax_type", "Tax type of the line"),
        money("tax_amount", "Tax of the line in the document's currency"),
        money("line_amount", "Quantity x unit amount less discount, in the document's currency"),
        number("discount_rate", "Discount in per cent, where given as a rate"),
        money("discount_amount", "Discount in the document's currency, where given as an amount"),
        *tracking(),
        parents=(parent,),
        named_by="description",
        due={"write_back": {"document": parent_id}} if written_back else None,
    )


invoices = records(
    "xero",
    "invoices",
    "Sales invoices (type ACCREC) and bills (type ACCPAY), every status: voided and deleted ones stay and say so",
    key("invoice_id", "Xero's InvoiceID"),
    text("type", "ACCREC for a sales invoice, ACCPAY for a bill"),
    text("status", "DRAFT, SUBMITTED, AUTHORISED, PAID, VOIDED or DELETED"),
    text("invoice_number", "Number: ours and unique on sales invoices, the supplier's on bills"),
    text("reference", "Reference; sales invoices only"),
    *contact(),
    day("date", "Date of the document"),
    day("due_date", "Date it is due to be paid"),
    day("expected_payment_date", "When the customer is expected to pay; sales invoices only"),
    day("planned_payment_date", "When payment is planned; bills only"),
    *currency(),
    *totals(),
    money("total_discount", "Discount given on the lines, in the document's currency"),
    money("amount_due", "Still to be paid, in the document's currency"),
    money("amount_paid", "Paid by payments, in the document's currency"),
    money("amount_credited", "Covered by credit notes, prepayments and overpayments, in the document's currency"),
    money("cis_deduction", "UK Construction Industry Scheme deduction, in the document's currency"),
    day(
        "fully_paid_on_date",
        "When it was paid in full; stays after a reversal, so it never tells paid from unpaid",
    ),
    ref("branding_theme_id", "Theme it is printed with; sales invoices only"),
    ref("repeating_invoice_id", "Template it was made from"),
    text("url", "Link to a source document elsewhere"),
    flag("sent_to_contact", "Marked as sent to the contact; null where Xero does not say", default=None),
    flag("is_discounted", "A line has a discount; null where Xero does not say", default=None),
    flag("has_attachments", "Files are attached; null where Xero does not say", default=None),
    flag("in_scope", "Passes the organisation's invoice-number prefixes; bills always do", default=True),
    updated_utc(),
    named_by="invoice_number",
    due={
        "linking": {"invoice": "invoice_id"},
        "rollups": {"contact": "contact_id", "invoice": "invoice_id"},
        "write_back": {"document": "invoice_id"},
    },
    indexes=(
        Index("invoices_contact_id_idx", "org_id", "contact_id"),
        Index(
            "invoices_without_rate_idx",
            "org_id",
            "currency_code",
            postgresql_where=sql("coalesce(currency_rate, 0) = 0"),
        ),
    ),
)

invoice_lines = lines(
    "invoice_lines", "Lines of sales invoices and bills", "invoice_id", "xero.invoices", written_back=True
)

purchase_orders = records(
    "xero",
    "purchase_orders",
    "Purchase orders, every status",
    key("purchase_order_id", "Xero's PurchaseOrderID"),
    text("status", "DRAFT, SUBMITTED, AUTHORISED, BILLED or DELETED"),
    text("purchase_order_number", "Number, unique in the organisation"),
    text("reference", "Reference"),
    *contact(),
    day("date", "Date of the document"),
    day("delivery_date", "Date the goods are to be delivered"),
    day("expected_arrival_date", "Date the goods are expected"),
    *currency(),
    *totals(),
    money("total_discount", "Discount given on the lines, in the document's currency"),
    ref("branding_theme_id", "Theme it is printed with"),
    text("delivery_address", "Where the goods go"),
    text("attention_to", "Who takes delivery"),
    text("telephone", "Telephone number for the delivery"),
    text("delivery_instructions", "Instructions for the delivery"),
    flag("sent_to_contact", "Marked as sent to the contact; null where Xero does not say", default=None),
    flag("is_discounted", "A line has a discount; null where Xero does not say", default=None),
    flag("has_attachments", "Files are attached; null where Xero does not say", default=None),
    updated_utc(),
    named_by="purchase_order_number",
)

purchase_order_lines = lines(
    "purchase_order_lines", "Lines of purchase orders", "purchase_order_id", "xero.purchase_orders"
)

quotes = records(
    "xero",
    "quotes",
    "Quotes, every status",
    key("quote_id", "Xero's QuoteID"),
    text("status", "DRAFT, SENT, DECLINED, ACCEPTED, INVOICED or DELETED"),
    text("quote_number", "Number, unique in the organisation"),
    text("reference", "Reference"),
    text("title", "Title"),
    text("summary", "Summary"),
    text("terms", "Terms"),
    *contact(),
    day("date", "Date of the document"),
    day("expiry_date", "Date the offer ends"),
    *currency(),
    *totals(),
    money("total_discount", "Discount given on the lines, in the document's currency"),
    ref("branding_theme_id", "Theme it is printed with"),
    updated_utc(),
    named_by="quote_number",
)

quote_lines = lines("quote_lines", "Lines of quotes", "quote_id", "xero.quotes")

credit_notes = records(
    "xero",
    "credit_notes",
    "Credit notes to customers (type ACCRECCREDIT) and from suppliers (type ACCPAYCREDIT), every status",
    key("credit_note_id", "Xero's CreditNoteID"),
    text("type", "ACCRECCREDIT for a customer's, ACCPAYCREDIT for a supplier's"),
    text("status", "DRAFT, SUBMITTED, AUTHORISED, PAID, VOIDED or DELETED"),
    text("credit_note_number", "Number"),
    text("reference", "Reference; customers' credit notes only"),
    *contact(),
    day("date", "Date of the document"),
    day("due_date", "Due date, where one is set"),
    *currency(),
    *totals(),
    money("remaining_credit", "Not yet allocated or refunded, in the document's currency"),
    money("applied_amount", "Allocated or refunded, in the document's currency"),
    money("cis_deduction", "UK Construction Industry Scheme deduction, in the document's currency"),
    day("fully_paid_on_date", "When it was used up; stays behind after a reversal"),
    ref("branding_theme_id", "Theme it is printed with"),
    flag("sent_to_contact", "Marked as sent to the contact; null where Xero does not say", default=None),
    flag("has_attachments", "Files are attached; null where Xero does not say", default=None),
    updated_utc(),
    named_by="credit_note_number",
    due={"rollups": {"contact": "contact_id"}, "write_back": {"document": "credit_note_id"}},
)

credit_note_lines = lines(
    "credit_note_lines", "Lines of credit notes", "credit_note_id", "xero.credit_notes", written_back=True
)

manual_journals = records(
    "xero",
    "manual_journals",
    "Manual journals, every status",
    key("manual_journal_id", "Xero's ManualJournalID"),
    text("status", "DRAFT, POSTED, DELETED, VOIDED or ARCHIVED"),
    text("narration", "What the journal is for"),
    day("date", "Date it is posted on"),
    text("line_amount_types", "Whether line amounts hold tax: Exclusive, Inclusive or NoTax"),
    text("url", "Link to a source document elsewhere"),
    flag("show_on_cash_basis_reports", "Counted in cash basis reports; null where Xero does not say", default=None),
    flag("has_attachments", "Files are attached; null where Xero does not say", default=None),
    is_archived(),
    updated_utc(),
    named_by="narration",
)

manual_journal_lines = children(
    "xero",
    "manual_journal_lines",
    "Lines of manual journals, in base currency; Xero gives them no id, so their position is their key",
    key("manual_journal_id", "Journal the line belongs to"),
    key("journal_line_id", "Position in the journal, as text"),
    integer("line_number", "Position in the journal, from 1", required=True),
    text("description", "What the line is for"),
    text("account_code", "Account the line is posted to"),
    ref("account_id", "Account the line is posted to, by id"),
    text("tax_type", "Tax type of the line"),
    money("tax_amount", "Tax of the line in base currency"),
    money("line_amount", "Amount in base currency: debits positive, credits negative"),
    flag("is_blank", "A line without content; null where Xero does not say", default=None),
    *tracking(),
    parents=("xero.manual_journals",),
    named_by="description",
)
