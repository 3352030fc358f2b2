"""Purchase orders and quotes: promises that move no money, each with its own statuses (xero.md section 2)."""

from __future__ import annotations

from datetime import datetime

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.drafting import Kind, draft, give_number
from xero_pipeline.sandbox.xero.record import Record, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

PURCHASE_ORDER = Kind(
    "PurchaseOrders",
    "PurchaseOrderID",
    "PurchaseOrderNumber",
    "PO-",
    selling=False,
    discounts=False,
    carries=(
        "Reference",
        "BrandingThemeID",
        "DeliveryDate",
        "DeliveryAddress",
        "AttentionTo",
        "Telephone",
        "DeliveryInstructions",
        "ExpectedArrivalDate",
        "SentToContact",
    ),
)
QUOTE = Kind(
    "Quotes",
    "QuoteID",
    "QuoteNumber",
    "QU-",
    selling=True,
    discounts=True,
    carries=("Reference", "BrandingThemeID", "ExpiryDate", "Title", "Summary", "Terms"),
)
# Xero publishes no table for purchase orders; this one follows its screens. The quotes' was observed (xero.md section 2, Quotes).
PURCHASE_ORDER_TRANSITIONS = {
    "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
    "SUBMITTED": frozenset({"SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"}),
    "AUTHORISED": frozenset({"AUTHORISED", "DRAFT", "BILLED", "DELETED"}),
    "BILLED": frozenset({"BILLED", "AUTHORISED", "DELETED"}),
}
QUOTE_TRANSITIONS = {
    "DRAFT": frozenset({"DRAFT", "SENT", "DELETED"}),
    "SENT": frozenset({"SENT", "ACCEPTED", "DECLINED", "DELETED"}),
    "ACCEPTED": frozenset({"ACCEPTED", "INVOICED", "SENT", "DELETED"}),
    "DECLINED": frozenset({"DECLINED", "SENT", "DELETED"}),
    "INVOICED": frozenset({"INVOICED", "SENT", "DELETED"}),
}
TRANSITIONS = {"PurchaseOrders": PURCHASE_ORDER_TRANSITIONS, "Quotes": QUOTE_TRANSITIONS}


def create_purchase_order(book: Book, fields: Record, now: datetime) -> Record:
    """A new purchase order in any living status; the contact must exist already."""
    return _create(book, PURCHASE_ORDER, fields, now, {"Type": "PURCHASEORDER"})


def create_quote(book: Book, fields: Record, now: datetime) -> Record:
    """A new quote in any living status; its LineAmountTypes is kept in capitals, as Xero sends it."""
    quote = _create(book, QUOTE, fields, now, {})
    quote["LineAmountTypes"] = text_of(quote, "LineAmountTypes").upper()
    return quote


def change_order_status(book: Book, plural: str, record_id: str, status: str, now: datetime) -> Record:
    """Moves a purchase order or quote to `status` by its table of transitions."""
    order = book.get(plural, record_id)
    if status not in TRANSITIONS[plural].get(text_of(order, "Status"), frozenset()):
        word = "Purchase Order" if plural == "PurchaseOrders" else "Quote"
        raise Refusal(f"{word} not of valid status for modification")
    order["Status"] = status
    book.touch(plural, record_id, now)
    return order


def _create(book: Book, kind: Kind, fields: Record, now: datetime, more: Record) -> Record:
    status = text_of(fields, "Status") or "DRAFT"
    if status not in TRANSITIONS[kind.plural]:
        raise Refusal("Document status is not valid")  # wording ours
    order = draft(book, kind, fields, now, status=status) | more
    give_number(book, kind, order, fields)
    return book.add(kind.plural, order, now)
