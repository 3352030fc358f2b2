"""Contacts: created, edited, archived and merged (xero.md section 2, Contacts)."""

from __future__ import annotations

import re
from datetime import datetime

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record, text_of
from xero_pipeline.sandbox.xero.refusal import Refusal

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
NAME_LIMIT = 255
# Xero works these out itself; a write that carries them is not refused, they are passed over.
READ_ONLY = frozenset({"ContactID", "UpdatedDateUTC", "Balances", "IsCustomer", "IsSupplier", "MergedToContactID"})


def create_contact(book: Book, fields: Record, now: datetime) -> Record:
    """A new active contact; refused without a name, or with a name or account number that an active contact has."""
    contact: Record = {
        "ContactID": text_of(fields, "ContactID") or book.new_id(),
        "ContactStatus": "ACTIVE",
        "Name": "",
        "EmailAddress": "",
        "BankAccountDetails": "",
        "IsCustomer": False,
        "IsSupplier": False,
        "HasAttachments": False,
    }
    contact |= {field: value for field, value in fields.items() if field not in READ_ONLY}
    _check(book, contact)
    return book.add("Contacts", contact, now)


def edit_contact(book: Book, contact_id: str, fields: Record, now: datetime) -> Record:
    """Changes what `fields` names and keeps the rest; None takes a field away. Archived contacts are edited only to restore."""
    contact = book.get("Contacts", contact_id)
    changes = {field: value for field, value in fields.items() if field not in READ_ONLY}
    if contact["ContactStatus"] != "ACTIVE" and changes.get("ContactStatus") != "ACTIVE":
        raise Refusal("The contact is archived and cannot be edited")  # wording ours
    _check(book, contact | changes)
    book.rekey("Contacts", contact, changes)
    book.touch("Contacts", contact_id, now)
    return contact


def archive_contact(book: Book, contact_id: str, now: datetime) -> Record:
    """Archives a contact: it keeps its documents and can be put on no new one."""
    contact = book.get("Contacts", contact_id)
    book.rekey("Contacts", contact, {"ContactStatus": "ARCHIVED"})
    book.touch("Contacts", contact_id, now)
    return contact


def merge_contacts(book: Book, from_id: str, into_id: str, now: datetime) -> Record:
    """Merges one contact into another, which is returned and whose stamp does not move (xero.md section 1).

    The merged one is archived and points at the survivor. Its documents move with it; whether Xero stamps those is stated in no
    source, and the book does, since their Contact changed.
    """
    merged, survivor = book.get("Contacts", from_id), book.get("Contacts", into_id)
    if from_id == into_id or merged["ContactStatus"] != "ACTIVE" or survivor["ContactStatus"] != "ACTIVE":
        raise Refusal("Contacts can only be merged into another active contact")  # wording ours
    reference = book.contact_reference(into_id)
    for document_id, plural in list(book.index.documents.get(from_id, {}).items()):
        book.rekey(plural, book.get(plural, document_id), {"Contact": reference})
        book.touch(plural, document_id, now)
    for flag in ("IsCustomer", "IsSupplier"):
        survivor[flag] = bool(survivor.get(flag)) or bool(merged.get(flag))
    book.rekey("Contacts", merged, {"ContactStatus": "ARCHIVED", "MergedToContactID": into_id})
    book.touch("Contacts", from_id, now)
    book.mark("Contacts", into_id)
    return survivor


def _check(book: Book, contact: Record) -> None:
    name = text_of(contact, "Name")
    contact_id = text_of(contact, "ContactID")
    if not name:
        raise Refusal("Contact Name cannot be empty.")
    if len(name) > NAME_LIMIT or name != " ".join(name.split()) or "<" in name or ">" in name:
        raise Refusal("Contact Name is not valid")  # wording ours
    namesake = book.contact_named(name)
    if contact["ContactStatus"] == "ACTIVE" and namesake is not None and namesake["ContactID"] != contact_id:
        raise Refusal(
            f"The contact name {name} is already assigned to another contact. "
            "The contact name must be unique across all active contacts."
        )
    number = text_of(contact, "AccountNumber") if contact.get("AccountNumber") else ""
    if number and book.index.account_numbers.get(number, contact_id) != contact_id:
        raise Refusal("The Account Number already exists. Please enter a different Account Number.")
    code = text_of(contact, "ContactNumber") if contact.get("ContactNumber") else ""
    if code and book.index.contact_numbers.get(code, contact_id) != contact_id:
        raise Refusal("Another contact has this contact number. Please enter a different contact number.")
    currency = text_of(contact, "DefaultCurrency") if contact.get("DefaultCurrency") else book.base_currency
    if currency != book.base_currency and currency not in book.collections["Currencies"]:
        raise Refusal(f"Organisation is not subscribed to currency {currency}")
    email = text_of(contact, "EmailAddress") if contact.get("EmailAddress") else ""
    if email and not EMAIL.fullmatch(email):
        raise Refusal("Email address must be valid.")
