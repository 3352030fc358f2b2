"""Lists that follow the book's changes show what a list made afresh would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from xero_pipeline.sandbox.demo.organisation import build
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.edit import edit
from xero_pipeline.sandbox.xero.endpoints import BY_NAME
from xero_pipeline.sandbox.xero.listing import Listing
from xero_pipeline.sandbox.xero.params import Parameters

NOW = datetime(2026, 11, 22, tzinfo=UTC)
QUERIES = [
    ("contacts", {"page": "1", "pageSize": "1000"}),
    ("contacts", {"page": "1", "pageSize": "1000", "includeArchived": "true"}),
    ("contacts", {"order": "Name"}),
    ("contacts", {"where": 'Name.Contains("o")'}),
    ("invoices", {"page": "1", "pageSize": "1000", "Statuses": "PAID,VOIDED"}),
    ("invoices", {"where": 'Contact.ContactStatus=="ACTIVE"'}),
    ("invoices", {"where": 'Type=="ACCREC"'}),
    ("items", {}),
    ("taxrates", {}),
]
change = st.tuples(
    st.sampled_from(["archive", "rename", "stamp", "void", "add", "remove item", "look"]),
    st.integers(0, 10_000),
    st.integers(-1000, 1000),
)


def shown(listing: Listing) -> list[list[int]]:
    return [
        [id(record) for record in listing.page(BY_NAME[name], Parameters(query.items()), None).records]
        for name, query in QUERIES
    ]


def change_book(book: Book, kind: str, which: int, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    contacts, invoices, items = (list(book.collections[plural]) for plural in ("Contacts", "Invoices", "Items"))
    contact, invoice = contacts[which % len(contacts)], invoices[which % len(invoices)]
    if kind == "archive":
        edit(book, "Contacts", contact, {"ContactStatus": "ARCHIVED"}, at)
    elif kind == "rename":
        edit(book, "Contacts", contact, {"Name": f"Oo {which}"}, at, stamp=False)
    elif kind == "stamp":
        edit(book, "Invoices", invoice, {}, at)
    elif kind == "void":
        edit(book, "Invoices", invoice, {"Status": "VOIDED"}, at)
    elif kind == "add":
        book.add("Contacts", dict(book.get("Contacts", contact)) | {"ContactID": book.new_id()}, at)
    elif kind == "remove item" and items:
        book.remove("Items", items[which % len(items)])


@settings(max_examples=20)
@given(st.lists(change, max_size=12))
def test_a_list_that_follows_shows_what_a_fresh_one_would(changes: list[tuple[str, int, int]]) -> None:
    book = build(3, NOW, 5)
    listing = Listing(book)
    shown(listing)
    for kind, which, minutes in changes:
        change_book(book, kind, which, minutes)
        if kind == "look":
            shown(listing)  # a list may be asked for between a change and its being followed
        if which % 3:
            listing.follow(book.drain_changes())
        assert shown(listing) == shown(Listing(book))
