"""That a sandbox of a hundred thousand invoices is no bottleneck: what must not grow, and bounds far above what is measured.

Processor time is counted, not the clock on the wall, so that a busy machine changes little.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.demo import organisation
from xero_pipeline.sandbox.world import World, build_world
from xero_pipeline.sandbox.xero import holders, listing
from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.codec import decode, encode
from xero_pipeline.sandbox.xero.endpoints import BY_NAME
from xero_pipeline.sandbox.xero.listing import Listing
from xero_pipeline.sandbox.xero.params import Parameters
from xero_pipeline.sandbox.xero.record import Record, child_of, children_of
from xero_pipeline.sandbox.xero.selecting import Selection
from xero_pipeline.sandbox.xero.views import View
from xero_pipeline.sandbox.xero.wire import body

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PAGE = Parameters([("page", "1"), ("pageSize", "1000"), ("includeArchived", "true")])


@pytest.fixture(scope="module")
def world() -> World:
    clock = Clock()
    clock.stop()
    clock.set(NOW)
    return build_world(seed=4, invoices=1000, clock=clock)


def book_of(world: World) -> Book:
    return next(iter(world.tenants)).book


def seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def test_the_first_page_looks_at_no_record_but_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    selections = next(iter(world.tenants)).listing

    def refuse(record: Record) -> datetime:
        raise AssertionError(record)

    monkeypatch.setattr(listing, "_stamp", refuse)

    for name in ("invoices", "payments", "creditnotes", "manualjournals", "items"):
        assert selections.page(BY_NAME[name], PAGE, None).records


@pytest.mark.parametrize(
    ("name", "value"),
    [("InvoiceNumbers", "INV-0001"), ("where", 'Reference=="OPP-01002"'), ("ContactIDs", "{contact}")],
)
def test_a_look_up_goes_through_a_collection_once(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    book, selections, seen = book_of(world), Listing(book_of(world)), []
    asked = value.format(contact=next(iter(book.collections["Contacts"])))
    selections.page(BY_NAME["invoices"], Parameters([(name, "nothing" if name != "where" else 'Reference=="-"')]), None)

    def refuse(*arguments: object) -> None:
        raise AssertionError(arguments)

    monkeypatch.setattr(holders, "_enter", refuse)
    monkeypatch.setattr(Selection, "takes", lambda selection, record: not seen.append(record))
    found = selections.page(BY_NAME["invoices"], Parameters([(name, asked)]), None).records

    assert 0 < len(seen) == len(found) < 30


def test_a_filtered_page_comes_in_the_same_order_as_a_whole_one(world: World) -> None:
    selections = Listing(book_of(world))
    whole = selections.page(BY_NAME["invoices"], PAGE, None).records
    sales = selections.page(
        BY_NAME["invoices"], Parameters([("page", "1"), ("pageSize", "1000"), ("where", 'Type=="ACCREC"')]), None
    )

    assert sales.records[:300] == [record for record in whole if record["Type"] == "ACCREC"][:300]


def test_a_page_of_a_thousand_invoices_takes_a_fraction_of_a_second(world: World) -> None:
    book, endpoint = book_of(world), BY_NAME["invoices"]
    selections = next(iter(world.tenants)).listing

    def serve() -> None:
        records = selections.page(endpoint, PAGE, None).records
        assert len(records) == 1000
        view = View(book, date(2026, 11, 22))
        body({"Invoices": [view.show(endpoint, record) for record in records]})

    assert min(seconds(serve) for _ in range(3)) < 0.25


def test_a_thousand_invoices_and_all_that_belongs_to_them_are_made_in_seconds() -> None:
    assert seconds(lambda: organisation.build(4, NOW, 1000)) < 2.5


def test_what_records_shared_they_share_again_when_they_are_taken_up(world: World) -> None:
    invoices = [decode(encode(record)) for record in book_of(world).collections["Invoices"].values()]
    lines = [line for invoice in invoices for line in children_of(invoice, "LineItems")]
    contacts = [child_of(invoice, "Contact") for invoice in invoices]
    tracking = [line["Tracking"] for line in lines if line.get("Tracking")]

    assert len({id(contact) for contact in contacts}) == len({str(contact) for contact in contacts})
    assert len({id(entry) for entry in tracking}) == len({str(entry) for entry in tracking})
    for field in ("Status", "LineAmountTypes", "Date", "Total"):
        assert len({id(invoice[field]) for invoice in invoices}) == len({str(invoice[field]) for invoice in invoices})
