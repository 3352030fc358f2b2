"""Finding the record that a path names: by its id, or by its natural key where the endpoint takes one."""

from __future__ import annotations

from xero_pipeline.sandbox.xero.book import ORGANISATION, Book
from xero_pipeline.sandbox.xero.endpoints import Endpoint
from xero_pipeline.sandbox.xero.record import Record, text_of

CHILDREN = frozenset({"history", "allocations", "options"})


def find_record(book: Book, endpoint: Endpoint, key: str) -> Record | None:
    """The record with this id or natural key, or None."""
    if endpoint.plural == ORGANISATION:
        return book.organisation if text_of(book.organisation, "OrganisationID") == key.lower() else None
    found = book.find(endpoint.plural, key.lower()) or book.find(endpoint.plural, key)
    if found is None and endpoint.natural_key and endpoint.plural in book.index.numbers:
        found = book.numbered(endpoint.plural, key)
    if found is None and endpoint.plural == "Contacts" and key in book.index.contact_numbers:
        found = book.get("Contacts", book.index.contact_numbers[key])
    if found is None and endpoint.plural == "Invoices":
        # Numbers of bills repeat and are in no index.
        found = next((bill for bill in book.collections["Invoices"].values() if bill.get("InvoiceNumber") == key), None)
    return found


def split_path(key: str) -> tuple[str, str, str]:
    """What follows an endpoint's name: (key of the record, lower-case name of its child collection or "", id in that or "")."""
    parent, _, last = key.rpartition("/")
    if last.lower() in CHILDREN and parent:
        return parent, last.lower(), ""
    grandparent, _, child = parent.rpartition("/")
    if child.lower() in CHILDREN and grandparent:
        return grandparent, child.lower(), last
    return key, "", ""
