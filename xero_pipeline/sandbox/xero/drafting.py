"""What every document starts from: an active contact, a subscribed currency, open dates, priced lines and totals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from xero_pipeline.sandbox.xero.arithmetic import LINE_AMOUNT_TYPES
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.currencies import currency_of
from xero_pipeline.sandbox.xero.lines import Pricing, price_line, total_lines
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, date_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

APPROVED = frozenset({"SUBMITTED", "AUTHORISED", "BILLED", "SENT", "ACCEPTED", "INVOICED"})
# Quotes spell LineAmountTypes in capitals, every other document in words (xero.md section 2, Quotes).
TYPES_BY_CAPITALS = {name.upper(): name for name in LINE_AMOUNT_TYPES}
NO_LINES = "One or more line items must be specified"
# The first and second are the published OpenAPI's; the others are worded after them.
NUMBER_TAKEN = {
    "Invoices": "Invoice # must be unique.",
    "PurchaseOrders": "Order number must be unique",
    "CreditNotes": "Credit Note # must be unique.",
    "Quotes": "Quote # must be unique.",
}
MISSING_CONTACT = "A Contact must be specified for this type of transaction"
# As integrators' help pages quote it (Hubdoc's "Contact has been archived" among them).
ARCHIVED_CONTACT = (
    "The contact with the specified contact details has been archived. "
    "The contact must be un-archived before creating new invoices or credit notes."
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document: its collection, its fields for id and number, the prefix of its own numbers, and its side."""

    plural: str
    id_field: str
    number_field: str
    prefix: str
    selling: bool
    discounts: bool
    carries: tuple[str, ...]


def draft(book: Book, kind: Kind, fields: Record, now: datetime, *, status: str, control: bool = False) -> Record:
    """A new document's common part, priced and not yet in the book; `Date` defaults to today where the organisation is."""
    contact_id = text_of(child_of(fields, "Contact"), "ContactID")
    check_contact(book, contact_id)
    code, rate = currency_of(book, fields)
    line_amount_types = check_line_amount_types(fields)
    day = date_of(fields, "Date") or book.today(now)
    check_open(book, day)
    pricing = Pricing(kind.selling, line_amount_types, kind.discounts, status in APPROVED, control)
    lines = children_of(fields, "LineItems")
    if not lines and pricing.complete:
        raise Refusal(NO_LINES)
    document: Record = {
        kind.id_field: text_of(fields, kind.id_field) or book.new_id(),
        "Contact": book.contact_reference(contact_id),
        "Date": day,
        "Status": status,
        "LineAmountTypes": line_amount_types,
        "LineItems": [price_line(book, line, pricing) for line in lines],
        "CurrencyCode": code,
        "HasAttachments": False,
    }
    if rate is not None:
        document["CurrencyRate"] = rate
    for field in kind.carries:
        if field in fields:
            document[field] = fields[field]
    total_lines(document, line_amount_types)
    return document


def give_number(book: Book, kind: Kind, document: Record, fields: Record) -> None:
    """The number asked for, refused while a living document has it, or the next of the kind's own."""
    number = text_of(fields, kind.number_field)
    if number:
        check_number_free(book, kind, number)
    document[kind.number_field] = number or book.index.next_number(kind.prefix)


def check_number_free(book: Book, kind: Kind, number: str) -> None:
    """Refuses a number that a document neither voided nor deleted already has."""
    holder = book.numbered(kind.plural, number)
    if holder is not None and holder["Status"] not in ("VOIDED", "DELETED"):
        raise Refusal(NUMBER_TAKEN[kind.plural])


def check_contact(book: Book, contact_id: str) -> None:
    """Refuses a document without a contact, or with one that is archived."""
    contact = book.find("Contacts", contact_id)
    if contact is None:
        raise Refusal(MISSING_CONTACT)
    if contact["ContactStatus"] != "ACTIVE":
        raise Refusal(ARCHIVED_CONTACT)


def check_line_amount_types(fields: Record) -> str:
    """The document's LineAmountTypes, Exclusive when it names none."""
    given = text_of(fields, "LineAmountTypes") or "Exclusive"
    return TYPES_BY_CAPITALS[given.upper()]


def check_open(book: Book, day: date) -> None:
    """Refuses a date on or before either lock date of the organisation."""
    for field, name in (("PeriodLockDate", "period"), ("EndOfYearLockDate", "end of year")):
        lock = date_of(book.organisation, field)
        if lock is not None and day <= lock:
            raise Refusal(
                f"The document date cannot be before the {name} lock date, currently set at {lock:%d %b %Y}",
            )
