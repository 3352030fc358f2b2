"""Editing a document that is there: which headers may change, lines matched by LineItemID, and its totals worked out anew.

Source: xero.md section 2, Invoices ("Line update rule", "Editable after part/full payment").
"""

from __future__ import annotations

from xero_pipeline.sandbox.xero.arithmetic import six_places
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.currencies import currency_of
from xero_pipeline.sandbox.xero.drafting import (
    APPROVED,
    NO_LINES,
    Kind,
    check_contact,
    check_line_amount_types,
    check_number_free,
    check_open,
)
from xero_pipeline.sandbox.xero.lines import Pricing, price_line, reprice_line, total_lines
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, date_of, decimal_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

ALLOCATED = "This document cannot be edited as it has a payment or credit note allocated to it."
WRONG_STATUS = {
    "Invoices": "Invoice not of valid status for modification",
    "CreditNotes": "Credit note not of valid status for modification",
}
COMMON = ("Contact", "Date", "LineAmountTypes", "CurrencyCode", "CurrencyRate")
LINE_EDITABLE_WHEN_SETTLED = frozenset({"LineItemID", "Description", "AccountCode", "Tracking"})


def redrafted(
    book: Book, kind: Kind, document: Record, fields: Record, *, settled_headers: frozenset[str] | None = None
) -> tuple[Record, frozenset[str]]:
    """The document as `fields` would have it, and the names of the headers that differ; the book is left as it is.

    `settled_headers` are the only headers that may change on a document with a payment or credit on it; None for one without.
    Read-only fields are passed over, as Xero does; None takes a header away.
    """
    headers = changed_headers(kind, document, fields)
    settled = settled_headers is not None
    if settled_headers is not None and not headers.keys() <= settled_headers:
        raise settled_refusal(kind, document)
    _check_headers(book, kind, document, headers)
    changed = document | headers
    if "CurrencyCode" in headers:
        # A new currency brings its own rate, unless one came along.
        named: Record = {field: fields[field] for field in ("CurrencyCode", "CurrencyRate") if field in fields}
        changed["CurrencyCode"], changed["CurrencyRate"] = currency_of(book, named)
    elif headers.get("CurrencyRate") is not None:
        changed["CurrencyRate"] = six_places(decimal_of(headers, "CurrencyRate"))
    if "Contact" in headers:
        changed["Contact"] = book.contact_reference(text_of(child_of(headers, "Contact"), "ContactID"))
    pricing = pricing_of(kind, changed)
    if "LineItems" in fields:
        given = children_of(fields, "LineItems")
        if "LineAmountTypes" in headers:
            # Every line's tax has to be worked out again, so every line is one whose price was given.
            given = [{"TaxType": _tax_type(document, line), **line} for line in given]
        if settled and _reprices(document, given):
            raise settled_refusal(kind, document)
        changed["LineItems"] = _updated_lines(book, document, given, pricing)
    elif "LineAmountTypes" in headers:
        changed["LineItems"] = [
            reprice_line(book, line, {"TaxType": line.get("TaxType", "")}, pricing)
            for line in children_of(document, "LineItems")
        ]
    total_lines(changed, pricing.line_amount_types)
    return changed, frozenset(headers)


def settled_refusal(kind: Kind, document: Record) -> Refusal:
    """Why a document with a payment or credit on it stays as it is; one that is PAID has the wrong status besides."""
    status = (WRONG_STATUS[kind.plural],) if document["Status"] == "PAID" else ()
    return Refusal(*status, ALLOCATED)


def put_in_place(book: Book, plural: str, document: Record, changed: Record) -> None:
    """Makes `document` what `changed` says, keys and references included."""
    gone: Record = {field: None for field in document if changed.get(field) is None}
    book.rekey(plural, document, changed | gone)


def changed_headers(kind: Kind, document: Record, fields: Record) -> Record:
    """The headers among `fields` that would change something; a document sent back as it was read changes nothing."""
    changed: Record = {}
    for field in (*kind.carries, *COMMON, kind.number_field):
        if field not in fields:
            continue
        old, new = document.get(field), fields[field]
        if field == "Contact":
            same = child_of(document, field).get("ContactID") == child_of(fields, field).get("ContactID")
        elif field == "LineAmountTypes":
            same = text_of(document, field).upper() == text_of(fields, field).upper()
        else:
            same = old == new
        if not same:
            changed[field] = new
    return changed


def pricing_of(kind: Kind, document: Record) -> Pricing:
    """How the lines of a document are priced as it stands."""
    return Pricing(kind.selling, check_line_amount_types(document), kind.discounts, document["Status"] in APPROVED)


def check_complete(book: Book, kind: Kind, document: Record) -> None:
    """Refuses to approve a document without lines, or with a line that lacks what only a draft's may lack."""
    lines = children_of(document, "LineItems")
    if not lines:
        raise Refusal(NO_LINES)
    pricing = Pricing(kind.selling, check_line_amount_types(document), kind.discounts, complete=True)
    for line in lines:
        price_line(book, line, pricing)


def _check_headers(book: Book, kind: Kind, document: Record, headers: Record) -> None:
    number = text_of(headers, kind.number_field) if headers.get(kind.number_field) is not None else ""
    if number and kind.prefix:
        check_number_free(book, kind, number)
    if "Contact" in headers:
        check_contact(book, text_of(child_of(headers, "Contact"), "ContactID"))
    for dated in (document, headers):
        day = date_of(dated, "Date")
        if day is not None:
            check_open(book, day)


def _updated_lines(book: Book, document: Record, given: list[Record], pricing: Pricing) -> list[Record]:
    existing = {text_of(line, "LineItemID"): line for line in children_of(document, "LineItems")}
    named = [text_of(line, "LineItemID") for line in given if line.get("LineItemID")]
    if len(named) != len(set(named)):
        raise Refusal("A line item can be given once only")  # wording ours
    if not given and pricing.complete:
        raise Refusal(NO_LINES)
    lines = []
    for fields in given:
        line = existing.get(text_of(fields, "LineItemID"))
        lines.append(price_line(book, fields, pricing) if line is None else reprice_line(book, line, fields, pricing))
    return lines


def _tax_type(document: Record, given: Record) -> str:
    for line in children_of(document, "LineItems"):
        if line["LineItemID"] == given.get("LineItemID"):
            return text_of(line, "TaxType")
    return ""


def _reprices(document: Record, given: list[Record]) -> bool:
    """Whether lines come, go or change in more than a settled document's may."""
    existing = {text_of(line, "LineItemID"): line for line in children_of(document, "LineItems")}
    named = [text_of(line, "LineItemID") for line in given]
    return sorted(named) != sorted(existing) or any(_repriced(line, existing) for line in given)


def _repriced(fields: Record, existing: dict[str, Record]) -> bool:
    line = existing[text_of(fields, "LineItemID")]
    changed = {field for field, value in fields.items() if line.get(field) != value}
    return not changed <= LINE_EDITABLE_WHEN_SETTLED
