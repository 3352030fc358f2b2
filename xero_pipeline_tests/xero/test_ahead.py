"""A page that is asked for ahead is there when it is wanted: one call in all, whatever becomes of it."""

from __future__ import annotations

import threading
from datetime import timedelta

import httpx
import pytest

from xero_pipeline.domain.errors import Throttled
from xero_pipeline.xero import endpoints
from xero_pipeline.xero.budget import CallBudget
from xero_pipeline.xero.client import XeroClient
from xero_pipeline_tests.xero.fake import START, Ledger, client_of, envelope

SINCE = START - timedelta(days=5)


def _ids(client: XeroClient, **asked: object) -> list[str]:
    pages = client.reader.fetch(endpoints.INVOICES, **{"modified_since": SINCE, **asked})  # type: ignore[arg-type]
    return sorted(one for page in pages for one in page.ids)


def test_what_was_asked_for_ahead_is_not_asked_for_again() -> None:
    ledger = Ledger(30)
    client = client_of(ledger.handle)
    client.reader.ahead(endpoints.INVOICES, SINCE)
    client.reader.ahead(endpoints.INVOICES, SINCE)
    assert _ids(client) == [f"id-{n:04}" for n in range(25, 30)]
    assert len(ledger.requests) == 1
    assert _ids(client) == [f"id-{n:04}" for n in range(25, 30)]
    assert len(ledger.requests) == 2


def test_it_counts_for_whoever_takes_it() -> None:
    sent = threading.Event()

    def handle(request: httpx.Request) -> httpx.Response:
        sent.set()
        return envelope("Invoices", [{"InvoiceID": "i1"}])

    client = client_of(handle)
    client.reader.ahead(endpoints.INVOICES, SINCE)
    assert sent.wait(30)
    assert (client.calls, client.bytes) == (0, 0)
    assert _ids(client) == ["i1"]
    assert client.calls_by_endpoint == {"invoices": 1}


@pytest.mark.parametrize(
    "other",
    [{"modified_since": SINCE + timedelta(seconds=1)}, {"params": {"where": 'Type=="ACCREC"'}}],
    ids=["since", "filter"],
)
def test_who_asks_for_something_else_is_answered_that(other: dict[str, object]) -> None:
    ledger = Ledger(30)
    client = client_of(ledger.handle)
    client.reader.ahead(endpoints.INVOICES, SINCE)
    _ids(client, **other)
    client.close()
    assert len(ledger.requests) == 2


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(503),
        httpx.Response(429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "7"}),
        httpx.Response(200, text='{"Invoices": [{"InvoiceID": "i1"'),
        httpx.ReadTimeout("slow"),
    ],
    ids=["503", "429", "cut off", "no answer"],
)
def test_a_failure_ahead_is_the_first_of_the_tries(failure: httpx.Response | Exception) -> None:
    ledger = Ledger(30)
    answers = [failure]

    def handle(request: httpx.Request) -> httpx.Response:
        if not answers:
            return ledger.handle(request)
        answer = answers.pop()
        if isinstance(answer, Exception):
            raise answer
        return answer

    slept: list[float] = []
    budget = CallBudget(sleep=slept.append, clock=lambda: 1000.0 + sum(slept))
    client = client_of(handle, budget=budget)
    client.reader.ahead(endpoints.INVOICES, SINCE)
    assert len(_ids(client)) == 5
    assert client.calls == 2


def test_calls_that_may_not_be_made_are_not_made_ahead_either() -> None:
    budget = CallBudget(sleep=lambda seconds: None)
    budget.observe(httpx.Headers({"X-DayLimit-Remaining": "0"}))
    client = client_of(lambda request: pytest.fail("It was sent."), budget=budget)
    client.reader.ahead(endpoints.INVOICES, SINCE)
    with pytest.raises(Throttled):
        _ids(client)


def test_a_client_is_closed_when_what_is_in_flight_has_come() -> None:
    sent, answer, came = threading.Event(), threading.Event(), threading.Event()

    def handle(request: httpx.Request) -> httpx.Response:
        sent.set()
        assert answer.wait(30)
        came.set()
        return envelope("Invoices", [])

    client = client_of(handle)
    client.reader.ahead(endpoints.INVOICES, SINCE)
    client.reader.ahead(endpoints.CONTACTS, SINCE)
    assert sent.wait(30)
    threading.Timer(0.05, answer.set).start()
    client.close()
    assert came.is_set()


def test_what_changed_after_it_was_asked_for_ahead_is_missed_by_no_page() -> None:
    ledger = Ledger(40)
    client = client_of(ledger.handle)
    client.reader.ahead(endpoints.INVOICES, START - timedelta(days=40))
    for _ in range(500):
        if ledger.requests:
            break
        threading.Event().wait(0.01)
    # The oldest moves to the end, and every page begins one later.
    ledger.edit("id-0000")
    assert set(_ids(client, modified_since=START - timedelta(days=40))) == set(ledger.changed)


def test_lists_that_cannot_tell_what_changed_are_not_asked_ahead() -> None:
    client = client_of(lambda request: pytest.fail("It was sent."))
    client.reader.ahead(endpoints.ENDPOINTS["organisations"], SINCE)
    client.close()


def test_a_list_that_is_wanted_whole_is_asked_for_ahead_all_the_same() -> None:
    sent: list[httpx.Request] = []
    came = threading.Event()

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        came.set()
        return envelope("TaxRates", [{"TaxType": "OUTPUT2", "Name": "GST"}])

    client = client_of(handle)
    client.reader.ahead(endpoints.ENDPOINTS["tax_rates"], None)
    assert came.wait(30)
    assert [one for page in client.reader.fetch(endpoints.ENDPOINTS["tax_rates"]) for one in page.ids] == ["OUTPUT2"]
    assert len(sent) == 1
