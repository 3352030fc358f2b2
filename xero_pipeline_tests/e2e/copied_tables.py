"""What each table of schema `xero` copies, said once for a client that knows the wire format alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xero_pipeline_tests.e2e.other_clients import Record

LISTS = (
    "Organisations",
    "BrandingThemes",
    "Accounts",
    "TaxRates",
    "TrackingCategories",
    "Currencies",
    "Items",
    "Contacts",
    "Invoices",
    "PurchaseOrders",
    "Quotes",
    "CreditNotes",
    "Prepayments",
    "Overpayments",
    "Payments",
    "ManualJournals",
)
CREDITS = ("CreditNotes", "Prepayments", "Overpayments")

Book = dict[str, list[Record]]


@dataclass(frozen=True)
class Copied:
    """What a table copies: its records on the other side, their id, what is summed (column: field) and counted by value."""

    records: Callable[[Book], Iterable[Record]]
    ids: Mapping[str, str]
    sums: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, str] = field(default_factory=dict)


def _all(plural: str) -> Callable[[Book], list[Record]]:
    return lambda book: book[plural]


def _within(plural: str, parent: str, nested: str) -> Callable[[Book], Iterator[Record]]:
    def records(book: Book) -> Iterator[Record]:
        for record in book[plural]:
            for number, row in enumerate(record.get(nested, []), 1):
                yield {parent: record[parent], "number": number, **row}

    return records


def _allocations(book: Book) -> Iterator[Record]:
    for plural in CREDITS:
        name = plural.removesuffix("s")
        for credit in book[plural]:
            for allocation in credit.get("Allocations", []):
                kind = {"CreditNote": "credit_note", "Prepayment": "prepayment", "Overpayment": "overpayment"}[name]
                yield {"source": credit[f"{name}ID"], "kind": kind, **allocation}


DOCUMENT = {"sub_total": "SubTotal", "total_tax": "TotalTax", "total": "Total", "currency_rate": "CurrencyRate"}
CREDIT = {**DOCUMENT, "remaining_credit": "RemainingCredit"}
LINE = {
    "quantity": "Quantity",
    "unit_amount": "UnitAmount",
    "line_amount": "LineAmount",
    "tax_amount": "TaxAmount",
    "discount_rate": "DiscountRate",
    "discount_amount": "DiscountAmount",
}
CODES = {"account_code": "AccountCode", "tax_type": "TaxType", "item_code": "ItemCode"}
TYPED = {"status": "Status", "type": "Type", "currency_code": "CurrencyCode"}


def _lines(plural: str, parent_id: str) -> Copied:
    records = _within(plural, f"{plural.removesuffix('s')}ID", "LineItems")
    ids = {parent_id: f"{plural.removesuffix('s')}ID", "line_item_id": "LineItemID"}
    return Copied(records, ids, LINE, CODES)


TABLES: Mapping[str, Copied] = {
    "organisations": Copied(_all("Organisations"), {"organisation_id": "OrganisationID"}),
    "branding_themes": Copied(_all("BrandingThemes"), {"branding_theme_id": "BrandingThemeID"}),
    "accounts": Copied(_all("Accounts"), {"account_id": "AccountID"}, {}, {"status": "Status", "class": "Class"}),
    "tax_rates": Copied(
        _all("TaxRates"),
        {"tax_type": "TaxType"},
        {"effective_rate": "EffectiveRate", "display_tax_rate": "DisplayTaxRate"},
        {"status": "Status"},
    ),
    "tracking_categories": Copied(_all("TrackingCategories"), {"tracking_category_id": "TrackingCategoryID"}),
    "tracking_options": Copied(
        _within("TrackingCategories", "TrackingCategoryID", "Options"),
        {"tracking_category_id": "TrackingCategoryID", "tracking_option_id": "TrackingOptionID"},
        {},
        {"status": "Status"},
    ),
    "currencies": Copied(_all("Currencies"), {"code": "Code"}),
    "items": Copied(
        _all("Items"),
        {"item_id": "ItemID"},
        {
            "sales_unit_price": "SalesDetails.UnitPrice",
            "purchase_unit_price": "PurchaseDetails.UnitPrice",
            "quantity_on_hand": "QuantityOnHand",
            "total_cost_pool": "TotalCostPool",
        },
    ),
    "contacts": Copied(
        _all("Contacts"),
        {"contact_id": "ContactID"},
        {
            "accounts_receivable_outstanding": "Balances.AccountsReceivable.Outstanding",
            "accounts_receivable_overdue": "Balances.AccountsReceivable.Overdue",
            "accounts_payable_outstanding": "Balances.AccountsPayable.Outstanding",
            "accounts_payable_overdue": "Balances.AccountsPayable.Overdue",
        },
        {"contact_status": "ContactStatus"},
    ),
    "invoices": Copied(
        _all("Invoices"),
        {"invoice_id": "InvoiceID"},
        {
            **DOCUMENT,
            "total_discount": "TotalDiscount",
            "amount_due": "AmountDue",
            "amount_paid": "AmountPaid",
            "amount_credited": "AmountCredited",
        },
        TYPED,
    ),
    "invoice_lines": _lines("Invoices", "invoice_id"),
    "purchase_orders": Copied(
        _all("PurchaseOrders"), {"purchase_order_id": "PurchaseOrderID"}, DOCUMENT, {"status": "Status"}
    ),
    "purchase_order_lines": _lines("PurchaseOrders", "purchase_order_id"),
    "quotes": Copied(_all("Quotes"), {"quote_id": "QuoteID"}, DOCUMENT, {"status": "Status"}),
    "quote_lines": _lines("Quotes", "quote_id"),
    "credit_notes": Copied(_all("CreditNotes"), {"credit_note_id": "CreditNoteID"}, CREDIT, TYPED),
    "credit_note_lines": _lines("CreditNotes", "credit_note_id"),
    "prepayments": Copied(_all("Prepayments"), {"prepayment_id": "PrepaymentID"}, CREDIT, TYPED),
    "overpayments": Copied(_all("Overpayments"), {"overpayment_id": "OverpaymentID"}, CREDIT, TYPED),
    "allocations": Copied(
        _allocations,
        {"source_id": "source", "allocation_id": "AllocationID", "invoice_id": "Invoice.InvoiceID"},
        {"amount": "Amount"},
        {"source_type": "kind"},
    ),
    "payments": Copied(
        _all("Payments"),
        {"payment_id": "PaymentID"},
        {"amount": "Amount", "bank_amount": "BankAmount", "currency_rate": "CurrencyRate"},
        {"status": "Status", "payment_type": "PaymentType", "account_code": "Account.Code"},
    ),
    "manual_journals": Copied(
        _all("ManualJournals"), {"manual_journal_id": "ManualJournalID"}, {}, {"status": "Status"}
    ),
    "manual_journal_lines": Copied(
        _within("ManualJournals", "ManualJournalID", "JournalLines"),
        {"manual_journal_id": "ManualJournalID", "line_number": "number"},
        {"line_amount": "LineAmount", "tax_amount": "TaxAmount"},
        {"account_code": "AccountCode", "tax_type": "TaxType"},
    ),
}


def at(record: Record, path: str) -> Any:
    """The value at a path such as `Contact.Name`; None where something on the way is missing."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def total(values: Iterable[Decimal | None]) -> Decimal:
    """Their exact sum; what is missing adds nothing."""
    return sum((value for value in values if value is not None), Decimal(0))


def counts(values: Iterable[Any]) -> Counter[str]:
    """How often each occurs; what is missing counts as empty."""
    return Counter(str(value or "") for value in values)
