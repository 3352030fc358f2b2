"""Contacts over the API: created, edited sparsely, and named inside a document (xero.md sections 2 and 3)."""

from __future__ import annotations

from xero_pipeline.sandbox.xero.contacts import create_contact, edit_contact
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal
from xero_pipeline.sandbox.xero.writes.hand import Hand

UNIDENTIFIED = (
    "The Contact must contain at least 1 of the following elements to identify the contact: "
    "Name, ContactID, ContactNumber"
)
KEYS = ("ContactID", "ContactNumber", "Name")
# Xero shows every contact with these, filled or not.
ADDRESS_TYPES = ("POBOX", "STREET")
PHONE_TYPES = ("DDI", "DEFAULT", "FAX", "MOBILE")
BLANK_ADDRESS: Record = {"City": "", "Region": "", "PostalCode": "", "Country": ""}
BLANK_PHONE: Record = {"PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}


class ContactRefusal(Refusal):
    """What is wrong with the contact inside a document: Xero reports it there, not on the document."""


def save_contact(hand: Hand, fields: Record, path_id: str) -> Record:
    """Creates a contact, or edits the one of this id, ContactNumber or Name; what an edit does not name is kept."""
    contact_id = hand.meant("Contacts", fields, path_id)
    if not contact_id and not hand.creates_only:
        found = _named(hand, fields)
        contact_id = "" if found is None else text_of(found, "ContactID")
    return _edit(hand, contact_id, fields) if contact_id else _create(hand, fields)


def contact_of_document(hand: Hand, given: Record, *, may_create: bool) -> str:
    """The ContactID that a document's Contact means: by ContactID, then ContactNumber, then Name.

    Any other field beside them edits the contact, and a Name that no active contact has makes one, where the endpoint does that.
    """
    if not any(given.get(key) for key in KEYS):
        raise Refusal(UNIDENTIFIED)
    contact_id = text_of(given, "ContactID")
    found = hand.book.find("Contacts", contact_id) if contact_id else _named(hand, given)
    if found is None and (contact_id or not may_create):
        raise Refusal("The Contact could not be found")  # wording ours
    try:
        if found is None:
            return text_of(_create(hand, given), "ContactID")
        if _changes(found, given):
            _edit(hand, text_of(found, "ContactID"), given)
    except Refusal as refusal:
        raise ContactRefusal(*refusal.messages) from refusal
    return text_of(found, "ContactID")


def _named(hand: Hand, fields: Record) -> Record | None:
    number, name = text_of(fields, "ContactNumber"), text_of(fields, "Name")
    contact_id = hand.book.index.contact_numbers.get(number) if number else None
    if contact_id is not None:
        return hand.book.get("Contacts", contact_id)
    return hand.book.contact_named(name) if name else None


def _create(hand: Hand, fields: Record) -> Record:
    blank: Record = {
        "Addresses": [{"AddressType": kind, **BLANK_ADDRESS} for kind in ADDRESS_TYPES],
        "Phones": [{"PhoneType": kind, **BLANK_PHONE} for kind in PHONE_TYPES],
    }
    new = {field: value for field, value in fields.items() if field != "ContactID"}
    contact = create_contact(hand.book, blank | new | _merged(blank, new), hand.now)
    hand.log(text_of(contact, "ContactID"), "Created")
    return contact


def _edit(hand: Hand, contact_id: str, fields: Record) -> Record:
    contact = hand.book.get("Contacts", contact_id)
    changes = _changes(contact, fields)
    archived = changes.get("ContactStatus") == "ARCHIVED"
    edit_contact(hand.book, contact_id, changes, hand.now)
    hand.log(contact_id, "Archived" if archived else "Edited")
    return contact


def _changes(contact: Record, fields: Record) -> Record:
    changed = {**fields, **_merged(contact, fields)}
    return {field: value for field, value in changed.items() if field != "ContactID" and contact.get(field) != value}


def _merged(contact: Record, fields: Record) -> Record:
    """Addresses and phones by their types over those there; terms by side. A ContactPersons list replaces the old one."""
    merged: Record = {}
    for field, key in (("Addresses", "AddressType"), ("Phones", "PhoneType")):
        if field in fields:
            by_kind = {text_of(entry, key): entry for entry in children_of(contact, field)}
            for entry in children_of(fields, field):
                kind = text_of(entry, key) or ("POBOX" if field == "Addresses" else "DEFAULT")
                by_kind[kind] = by_kind.get(kind, {key: kind}) | entry
            merged[field] = list(by_kind.values())
    if "PaymentTerms" in fields:
        merged["PaymentTerms"] = child_of(contact, "PaymentTerms") | child_of(fields, "PaymentTerms")
    return merged
