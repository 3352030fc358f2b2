"""Lists that follow the book's changes show what a list made afresh would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from xero_pipeline.sandbox.demo.organisation import build
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.edit import edit
from xero_pipeline.sandbox.xero.endpoints import BY_NAME
from xero_pipeline.sandbox.xero.listing import Listing
from xero_pipeline.sandbox.xero.params import Parameters
from xero_pipeline.sandbox.xero.record import Record, child_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
QUERIES = [
    ("contacts", {"page": "1", "pageSize": "1000"}),
    ("contacts", {"page": "1", "pageSize": "1000", "includeArchived": "true"}),
    ("contacts", {"order": "Name"}),
    ("contacts", {"where": 'Name.Contains("o")'}),
    ("invoices", {"page": "1", "pageSize": "1000", "Statuses": "PAID,VOIDED"}),
    ("invoices", {"where": 'Contact.ContactStatus=="ACTIVE"'}),
    ("invoices", {"where": 'Type=="ACCREC"'}),
    ("contacts", {"where": 'Name=="oo 7"', "includeArchived": "true"}),
    ("contacts", {"where": 'name="oo 7" and ContactStatus=="ACTIVE"'}),
    ("contacts", {"where": 'Name=="oo 7" OR Name=="oo 8"'}),
    ("invoices", {"InvoiceNumbers": "INV-0001,inv-0002"}),
    ("invoices", {"ContactIDs": "{first},{second}"}),
    ("items", {}),
    ("taxrates", {}),
]
change = st.tuples(
    st.sampled_from(["archive", "rename", "stamp", "void", "add", "remove item", "look"]),
    st.integers(0, 10_000),
    st.integers(-1000, 1000),
)


def shown(listing: Listing) -> list[list[int]]:
    first, second, *_ = listing.book.collections["Contacts"]
    asked = [
        (name, {key: value.format(first=first, second=second) for key, value in query.items()})
        for name, query in QUERIES
    ]
    return [
        [id(record) for record in listing.page(BY_NAME[name], Parameters(query.items()), None).records]
        for name, query in asked
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


def test_who_holds_a_value_is_who_a_scan_finds() -> None:
    book = build(3, NOW, 40)
    invoices = book.collections["Invoices"].values()
    numbers, buyers = ({str(key(each)) for each in list(invoices)[::7]} for key in (_number, _buyer))

    def asked(**query: str) -> set[str]:
        found = Listing(book).page(BY_NAME["invoices"], Parameters(query.items()), None).records
        return {str(record["InvoiceID"]) for record in found}

    def scanned(key: Callable[[Record], object], values: set[str]) -> set[str]:
        return {str(record["InvoiceID"]) for record in invoices if key(record) in values}

    assert asked(InvoiceNumbers=",".join(numbers)) == scanned(_number, numbers)
    assert asked(ContactIDs=",".join(buyers)) == scanned(_buyer, buyers)
    reference = next(str(each["Reference"]) for each in invoices if each.get("Reference"))
    same = scanned(lambda record: record.get("Reference"), {reference})
    assert asked(where=f'Reference=="{reference.lower()}"') == same != set()
    assert asked(where=f'Reference=="{reference}" AND Status=="NONE"') == set()
    assert asked(where=f'Reference=="{reference}" OR Type=="ACCREC"') > same


def _number(record: Record) -> object:
    return record["InvoiceNumber"]


def _buyer(record: Record) -> object:
    return child_of(record, "Contact")["ContactID"]
