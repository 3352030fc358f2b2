"""Invoices, bills, credit notes, purchase orders and quotes over the API: created, edited, moved from status to status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from xero_pipeline.sandbox.xero import credits as credit_notes
from xero_pipeline.sandbox.xero import documents, orders
from xero_pipeline.sandbox.xero.arithmetic import cents
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.index import ID_FIELDS, NUMBER_FIELDS
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.tracking import named_on_line
from xero_pipeline.sandbox.xero.writes.contact import contact_of_document
from xero_pipeline.sandbox.xero.writes.hand import WORDS, Hand

CLOSING = frozenset({"VOIDED", "DELETED"})
NUMBER = range(32, 127)  # a document number is printable ASCII
# Xero's words for what happened to a document, as its history has them.
HAPPENED = {
    "SUBMITTED": "Submitted",
    "AUTHORISED": "Approved",
    "VOIDED": "Voided",
    "DELETED": "Deleted",
    "DRAFT": "Returned to draft",
    "SENT": "Sent",
    "ACCEPTED": "Accepted",
    "DECLINED": "Declined",
    "INVOICED": "Invoiced",
    "BILLED": "Billed",
}


@dataclass(frozen=True, slots=True)
class Actions:
    """What the book can do with one kind of document. `makes_contacts`: an unknown Name makes a contact."""

    create: Callable[[Book, Record, datetime], Record]
    update: Callable[[Book, str, Record, datetime], Record]
    move: Callable[[Book, str, str, datetime], Record]
    makes_contacts: bool = False
    four_places: bool = False


ACTIONS = {
    "Invoices": Actions(
        documents.create_invoice, documents.update_invoice_fields, documents.change_status, makes_contacts=True
    ),
    "CreditNotes": Actions(
        credit_notes.create_credit_note,
        credit_notes.update_credit_note_fields,
        credit_notes.change_credit_note_status,
        makes_contacts=True,
    ),
    # Unit amounts of these have four places without unitdp (xero.md section 1).
    "PurchaseOrders": Actions(
        orders.create_purchase_order,
        lambda book, record_id, fields, now: orders.update_order_fields(book, "PurchaseOrders", record_id, fields, now),
        lambda book, record_id, status, now: orders.change_order_status(book, "PurchaseOrders", record_id, status, now),
        four_places=True,
    ),
    "Quotes": Actions(
        orders.create_quote,
        lambda book, record_id, fields, now: orders.update_order_fields(book, "Quotes", record_id, fields, now),
        lambda book, record_id, status, now: orders.change_order_status(book, "Quotes", record_id, status, now),
        four_places=True,
    ),
}


def save_document(hand: Hand, plural: str, fields: Record, path_id: str) -> Record:
    """Creates a document, or edits the one of this id or (POST) number and then moves it to the status asked for."""
    record_id = hand.meant(plural, fields, path_id)
    document = hand.book.get(plural, record_id) if record_id else {}
    prepared = _prepared(hand, plural, fields, document)
    if not record_id:
        return _create(hand, plural, prepared)
    if "Type" in fields and fields["Type"] != document["Type"]:
        raise Refusal(f"{WORDS[plural]} type cannot be changed")  # wording ours
    return _update(hand, plural, record_id, prepared)


def _create(hand: Hand, plural: str, fields: Record) -> Record:
    if plural in ("Invoices", "CreditNotes") and "Type" not in fields:
        raise Refusal(f"{WORDS[plural]} type must be specified")  # wording ours
    if plural == "Quotes" and not ("Date" in fields and fields.get("LineItems")):
        raise Refusal("A quote must have a date and at least one line item")  # wording ours
    document = ACTIONS[plural].create(hand.book, fields, hand.now)
    contact = hand.book.get("Contacts", text_of(child_of(document, "Contact"), "ContactID"))
    number = text_of(document, NUMBER_FIELDS[plural])
    record_id = text_of(document, ID_FIELDS[plural])
    hand.log(record_id, "Created", f"{number} to {contact['Name']} for {document['Total']}.")
    if document["Status"] in ("AUTHORISED", "PAID"):
        hand.log(record_id, "Approved")
    return document


def _update(hand: Hand, plural: str, record_id: str, fields: Record) -> Record:
    document, actions = hand.book.get(plural, record_id), ACTIONS[plural]
    before, status = text_of(document, "Status"), text_of(fields, "Status")
    moves = status not in ("", before)
    content = {field: value for field, value in fields.items() if field not in ("Status", "Type", ID_FIELDS[plural])}
    if plural == "Quotes" and "LineItems" in content:
        # An update that names no LineAmountTypes prices its lines as exclusive of tax (xero.md section 2, Quotes).
        content.setdefault("LineAmountTypes", "EXCLUSIVE")
    # What closes a document changes nothing else about it.
    if not moves or (content and status not in CLOSING):
        actions.update(hand.book, record_id, content, hand.now)
        hand.log(record_id, "Edited")
    if moves:
        actions.move(hand.book, record_id, status, hand.now)
        hand.log(record_id, HAPPENED[status])
    return document


def _prepared(hand: Hand, plural: str, fields: Record, document: Record) -> Record:
    actions, prepared = ACTIONS[plural], dict(fields)
    number = text_of(fields, NUMBER_FIELDS[plural])
    if any(ord(character) not in NUMBER for character in number):
        raise Refusal(f"{NUMBER_FIELDS[plural]} must be printable ASCII")  # wording ours
    theme = text_of(fields, "BrandingThemeID")
    if theme and hand.book.find("BrandingThemes", theme) is None:
        raise Refusal("The branding theme could not be found")  # wording ours
    if "Contact" in fields:
        contact_id = contact_of_document(hand, child_of(fields, "Contact"), may_create=actions.makes_contacts)
        prepared["Contact"] = {"ContactID": contact_id}
    if "LineItems" in fields:
        there = {text_of(line, "LineItemID") for line in children_of(document, "LineItems")}
        places = 4 if actions.four_places else hand.unit_places
        prepared["LineItems"] = [_line(hand.book, line, places, there) for line in children_of(fields, "LineItems")]
    return prepared


def _line(book: Book, given: Record, places: int, there: set[str]) -> Record:
    line = with_account_code(book, given)
    if line.get("LineItemID") not in there:
        line.pop("LineItemID", None)  # an id of no line here makes a new line, with an id of Xero's
    unit_amount = line.get("UnitAmount")
    if isinstance(unit_amount, Decimal) and places == 2:
        line["UnitAmount"] = cents(unit_amount)
    if "Tracking" in line:
        line["Tracking"] = named_on_line(book, children_of(line, "Tracking"))
    return line


def with_account_code(book: Book, given: Record) -> Record:
    """A line whose account is named by its code, where it was named by its id."""
    line = {field: value for field, value in given.items() if field != "AccountID"}
    account_id = text_of(given, "AccountID")
    if account_id and not line.get("AccountCode"):
        account = book.find("Accounts", account_id)
        if account is None or "Code" not in account:
            raise Refusal("Account could not be found")
        line["AccountCode"] = account["Code"]
    return line
