"""Purchase orders and quotes: promises that move no money, each with its own statuses (xero.md section 2)."""

from __future__ import annotations

from datetime import datetime

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.drafting import APPROVED, Kind, draft, give_number
from xero_pipeline.sandbox.xero.record import Record, text_of
from xero_pipeline.sandbox.xero.redrafting import check_complete, put_in_place, redrafted
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


def update_order_fields(book: Book, plural: str, record_id: str, fields: Record, now: datetime) -> Record:
    """Edits the headers and lines of a purchase order or quote that is not deleted."""
    order = book.get(plural, record_id)
    if order["Status"] == "DELETED":
        raise Refusal(_wrong_status(plural))
    kind = PURCHASE_ORDER if plural == "PurchaseOrders" else QUOTE
    changed, _ = redrafted(book, kind, order, fields)
    if plural == "Quotes":
        changed["LineAmountTypes"] = text_of(changed, "LineAmountTypes").upper()
    put_in_place(book, plural, order, changed)
    book.touch(plural, record_id, now)
    return order


def change_order_status(book: Book, plural: str, record_id: str, status: str, now: datetime) -> Record:
    """Moves a purchase order or quote to `status` by its table of transitions."""
    order = book.get(plural, record_id)
    if status not in TRANSITIONS[plural].get(text_of(order, "Status"), frozenset()):
        raise Refusal(_wrong_status(plural))
    if status in APPROVED:
        check_complete(book, PURCHASE_ORDER if plural == "PurchaseOrders" else QUOTE, order)
    order["Status"] = status
    book.touch(plural, record_id, now)
    return order


def _wrong_status(plural: str) -> str:
    word = "Purchase Order" if plural == "PurchaseOrders" else "Quote"
    return f"{word} not of valid status for modification"


def _create(book: Book, kind: Kind, fields: Record, now: datetime, more: Record) -> Record:
    status = text_of(fields, "Status") or "DRAFT"
    if status not in TRANSITIONS[kind.plural]:
        raise Refusal("Document status is not valid")  # wording ours
    order = draft(book, kind, fields, now, status=status) | more
    give_number(book, kind, order, fields)
    return book.add(kind.plural, order, now)
