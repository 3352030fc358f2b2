from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.xero import endpoints
from xero_pipeline.xero.client import XeroClient
from xero_pipeline.xero.endpoints import Endpoint
from xero_pipeline.xero.pages import Page
from xero_pipeline_tests.xero.fake import START, Ledger, client_of, envelope


def _ids(client: XeroClient, endpoint: Endpoint = endpoints.INVOICES, **options: Any) -> list[str]:
    return [one for page in client.reader.fetch(endpoint, **options) for one in page.ids]


def _ids_counted_by_who_takes_them(client: XeroClient, endpoint: Endpoint = endpoints.INVOICES) -> list[str]:
    taken: list[str] = []
    for page in client.reader.listing(endpoint, lambda page: page, arrived=lambda: len(set(taken))):
        taken.extend(page.ids)
    return taken


READINGS = {"here": _ids, "by who takes them": _ids_counted_by_who_takes_them}


def _asked(ledger: Ledger) -> list[int]:
    return [int(request.url.params["page"]) for request in ledger.requests]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 95])
def test_every_record_arrives_once_and_no_page_is_asked_for_in_vain(count: int) -> None:
    ledger = Ledger(count)
    assert sorted(_ids(client_of(ledger.handle))) == sorted(ledger.changed)
    assert sorted(_asked(ledger)) == list(range(1, max(1, -(-count // 10)) + 1))


def test_the_last_page_is_read_first_once_their_number_is_known() -> None:
    ledger = Ledger(30)
    list(client_of(ledger.handle).reader.fetch(endpoints.INVOICES))
    assert _asked(ledger)[0] == 1
    assert set(_asked(ledger)[1:]) == {2, 3}


@given(st.data(), st.integers(1, 60), st.booleans(), st.sampled_from(list(READINGS)))
@settings(max_examples=120)
def test_nothing_is_missed_while_records_are_edited_and_created_during_the_reading(
    data: st.DataObject, count: int, counted: bool, reading: str
) -> None:
    ledger = Ledger(count, page_size=10 if counted else 100, counted=counted)
    if not counted:
        # Quotes come in hundreds; so many rows of one second each keep the example small.
        ledger = Ledger(count * 5, page_size=100, counted=False)
    before = set(ledger.changed)
    edits = {
        call: data.draw(st.lists(st.sampled_from([*sorted(before), "new-1", "new-2", "new-3"]), max_size=3))
        for call in range(data.draw(st.integers(0, 6)))
    }

    def edit(call: int) -> None:
        # Only once the reading has begun: what changes before its first answer is simply read.
        for record_id in edits.get(call - 1, ()) if call else ():
            ledger.edit(record_id)

    ledger.before_each = edit
    endpoint = endpoints.INVOICES if counted else endpoints.QUOTES
    assert before <= set(READINGS[reading](client_of(ledger.handle), endpoint))


def test_an_edited_record_that_moved_away_costs_two_more_calls() -> None:
    ledger = Ledger(40)

    def edit(call: int) -> None:
        if call == 1:
            ledger.edit("id-0015")

    ledger.before_each = edit
    assert set(ledger.changed) == set(_ids(client_of(ledger.handle)))
    assert len(ledger.requests) <= 4 + 2


@pytest.mark.parametrize("reading", READINGS.values(), ids=list(READINGS))
def test_a_record_that_slipped_into_a_page_already_read_is_found_again(reading: Callable[..., list[str]]) -> None:
    ledger = Ledger(20)

    def edit(call: int) -> None:
        # Page 1 has been read; editing one of its records moves the first of page 2 into it.
        if call == 1:
            ledger.edit("id-0000")

    ledger.before_each = edit
    read = reading(client_of(ledger.handle))
    assert "id-0010" in read
    assert read.index("id-0010") > 10


def test_records_that_never_arrive_are_an_error_and_what_arrived_is_kept() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        if "If-Modified-Since" in request.headers:
            return envelope("Invoices", [], pagination={"page": 1, "pageSize": 2, "pageCount": 0, "itemCount": 0})
        records = [{"InvoiceID": f"id-{number}"}]
        counts = {"page": number, "pageSize": 2, "pageCount": 2, "itemCount": 3}
        return envelope("Invoices", records, pagination=counts)

    pages = client_of(handle).reader.fetch(endpoints.INVOICES)
    assert {next(pages).ids[0], next(pages).ids[0]} == {"id-1", "id-2"}
    with pytest.raises(Transient, match="3 invoices, but only 2 arrived"):
        list(pages)


def test_a_record_created_meanwhile_does_not_make_up_for_a_missing_one() -> None:
    ledger = Ledger(20)

    def edit(call: int) -> None:
        if call == 1:
            ledger.edit("id-0000")
        if call == 2:
            ledger.edit("new-1")

    ledger.before_each = edit
    assert "id-0010" in _ids(client_of(ledger.handle))


@pytest.mark.parametrize("endpoint", [endpoints.INVOICES, endpoints.QUOTES], ids=lambda one: one.name)
def test_a_page_that_repeats_for_ever_is_refused(endpoint: Endpoint) -> None:
    records = [{"InvoiceID": f"i{n}", "QuoteID": f"q{n}"} for n in range(100)]
    calls = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        number = int(request.url.params["page"])
        counts = {"page": number, "pageSize": 100, "pageCount": 5000, "itemCount": 500_000}
        return envelope(endpoint.plural, records, **({} if endpoint is endpoints.QUOTES else {"pagination": counts}))

    with pytest.raises(Permanent, match="the list would never end"):
        list(client_of(handle).reader.fetch(endpoint))
    assert calls <= 10


def test_an_answer_for_another_page_is_refused() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        counts = {"page": 1, "pageSize": 1, "pageCount": 2, "itemCount": 2}
        return envelope("Invoices", [{"InvoiceID": request.url.params["page"]}], pagination=counts)

    with pytest.raises(Permanent, match="page 1 of invoices when page 2 was asked for"):
        list(client_of(handle).reader.fetch(endpoints.INVOICES))


def test_more_pages_than_records_are_refused() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        counts = {"page": 1, "pageSize": 100, "pageCount": 90, "itemCount": 3}
        return envelope("Invoices", [{"InvoiceID": "i1"}], pagination=counts)

    with pytest.raises(Permanent, match="3 invoices fill 90 pages"):
        list(client_of(handle).reader.fetch(endpoints.INVOICES))


def test_pages_arrive_while_others_are_still_on_their_way_and_never_more_than_five_wait() -> None:
    ledger = Ledger(300)
    pages = client_of(ledger.handle).reader.fetch(endpoints.INVOICES)
    next(pages)
    next(pages)
    pool_is_full = 1 + 1 + 5
    threading.Event().wait(0.1)
    assert len(ledger.requests) <= pool_is_full
    pages.close()  # type: ignore[attr-defined]
    assert len(ledger.requests) <= pool_is_full


def test_a_reader_that_finds_pages_ready_is_not_given_more_than_three_of_them() -> None:
    ledger = Ledger(300)
    answered: list[int] = []

    def handle(request: httpx.Request) -> httpx.Response:
        response = ledger.handle(request)
        answered.append(1)
        return response

    pages = client_of(handle).reader.fetch(endpoints.INVOICES)
    for _ in range(8):
        next(pages)
        # The reader is slow: it comes back when everything that was asked for has been answered, however slow this machine is.
        while len(answered) < len(ledger.requests):
            threading.Event().wait(0.01)
        threading.Event().wait(0.05)
    assert len(ledger.requests) <= 8 + 3
    assert len(list(pages)) == 30 - 8


def _pace() -> tuple[float, tuple[int, int, int]]:
    return sys.getswitchinterval(), gc.get_threshold()


def test_while_pages_are_read_threads_take_turns_at_once_and_cycles_are_looked_for_seldom() -> None:
    # Readings that other tests gave up end here.
    gc.collect()
    before = _pace()
    readings = [client_of(Ledger(30).handle).reader.fetch(endpoints.INVOICES) for _ in range(2)]
    for pages in readings:
        next(pages)
        assert sys.getswitchinterval() < before[0]
        assert gc.get_threshold()[0] > before[1][0]
    # The first to begin ends first, and the other goes on.
    readings[0].close()  # type: ignore[attr-defined]
    assert sys.getswitchinterval() < before[0]
    readings[1].close()  # type: ignore[attr-defined]
    assert _pace() == before


def test_one_answer_is_read_at_a_time_and_a_second_while_one_waits_for_the_warehouse() -> None:
    client, reading = client_of(Ledger(30).handle), threading.Lock()
    asked: list[Sequence[str]] = []
    # Page 1 is read before the two others are asked for.
    both_wait = threading.Barrier(2, timeout=30)

    def prepare(page: Page) -> Page:
        assert reading.acquire(blocking=False)
        time.sleep(0.02)
        reading.release()
        return page

    def unchanged(ids: Sequence[str], digests: Sequence[str]) -> Collection[int]:
        asked.append(ids)
        if len(asked) > 1:
            both_wait.wait()
        return ()

    alone = list(client.reader.listing(endpoints.INVOICES, prepare))
    compared = list(client.reader.listing(endpoints.INVOICES, prepare, unchanged=unchanged))
    assert sorted(page.number for page in alone) == sorted(page.number for page in compared) == [1, 2, 3]


def test_a_failure_comes_after_the_pages_that_arrived() -> None:
    ledger = Ledger(50)
    ledger_answers = ledger.handle

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.params["page"] == "2":
            return httpx.Response(400, json={"Message": "no"})
        return ledger_answers(request)

    pages = client_of(handle).reader.fetch(endpoints.INVOICES)
    arrived: list[int] = []
    with pytest.raises(Permanent):
        arrived.extend(page.number for page in pages)
    assert arrived[:1] == [1]


def test_a_delta_reads_what_changed_since_inclusively_and_to_the_second() -> None:
    ledger = Ledger(30)
    since = START - timedelta(days=5) + timedelta(microseconds=999_999)
    assert _ids(client_of(ledger.handle), modified_since=since) == [f"id-{n:04}" for n in range(25, 30)]
    assert ledger.requests[0].headers["If-Modified-Since"] == "2026-04-26T00:00:00"


def test_quotes_end_with_a_page_that_is_not_full() -> None:
    ledger = Ledger(250, page_size=100, counted=False)
    assert sorted(_ids(client_of(ledger.handle), endpoints.QUOTES)) == sorted(ledger.changed)
    assert "pageSize" not in ledger.requests[0].url.params
    # Pages 1 to 3, and the question what changed meanwhile.
    assert len(ledger.requests) == 4


def test_a_single_page_of_quotes_costs_one_call() -> None:
    ledger = Ledger(99, page_size=100, counted=False)
    assert len(_ids(client_of(ledger.handle), endpoints.QUOTES)) == 99
    assert len(ledger.requests) == 1
