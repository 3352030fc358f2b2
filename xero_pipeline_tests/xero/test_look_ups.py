"""What a writer looks for at Xero before and after it writes, and what is never taken for its absence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline_tests.xero.fake import START, client_of, envelope
from xero_pipeline_tests.xero.writes import Script

Look = Callable[[Any], object]


@pytest.mark.parametrize(
    ("look", "path", "query", "nothing"),
    [
        (lambda w: w.contact_by_number("a/b c"), "Contacts/a%2Fb%20c", {"includeArchived": "true"}, None),
        (lambda w: w.item_by_code("50%"), "Items/50%25", {"unitdp": "4"}, None),
        (lambda w: w.online_invoice_url("i1"), "Invoices/i1/OnlineInvoice", {}, None),
        (lambda w: w.history("Invoices", "i1"), "Invoices/i1/History", {}, []),
    ],
)
def test_what_xero_does_not_know_is_nothing(look: Look, path: str, query: Mapping[str, str], nothing: object) -> None:
    script = Script(httpx.Response(404, text="The resource you're looking for cannot be found"))
    with client_of(script.handle) as client:
        assert look(client.writer) == nothing
    (request,) = script.requests
    assert request.url.raw_path.decode().partition("?")[0] == f"/api.xro/2.0/{path}"
    assert dict(request.url.params) == query


def test_a_look_up_that_fails_is_never_taken_for_nothing() -> None:
    for look in (lambda w: w.item_by_code("A"), lambda w: list(w.invoices_of(["c1"], modified_since=START))):
        for answer in (httpx.Response(500), httpx.Response(200, text='{"Items": ['), httpx.ReadTimeout("slow")):
            with client_of(Script(answer).handle) as client, pytest.raises(Transient):
                look(client.writer)


def test_an_invoice_that_cannot_be_read_might_be_the_one_that_is_looked_for() -> None:
    bad = envelope("Invoices", [{"InvoiceID": "i1", "Total": "much"}])
    with client_of(Script(bad).handle) as client, pytest.raises(Permanent, match="not certain"):
        list(client.writer.invoices_of(["c1"], modified_since=START))


def test_invoices_are_looked_for_forty_contacts_at_a_time() -> None:
    script = Script(envelope("Invoices", []))
    with client_of(script.handle) as client:
        list(client.writer.invoices_of([f"c{n}" for n in range(95)], modified_since=START))
    asked = [request.url.params["ContactIDs"].split(",") for request in script.requests]
    assert [len(batch) for batch in asked] == [40, 40, 15]
    assert {request.headers["If-Modified-Since"] for request in script.requests} == {"2026-05-01T00:00:00"}
    assert script.requests[0].url.params["unitdp"] == "4"
    assert script.requests[0].url.params["pageSize"] == "1000"


def test_a_name_with_a_quotation_mark_is_searched_for_and_held_against_the_answer() -> None:
    records = [{"ContactID": "c1", "Name": 'the "Shed"'}, {"ContactID": "c2", "Name": 'The "Shed" Limited'}]
    script = Script(envelope("Contacts", records))
    with client_of(script.handle) as client:
        assert [one.contact_id for one in client.writer.contacts_named('The "Shed"')] == ["c1"]
    assert script.requests[0].url.params["searchTerm"] == 'The "Shed"'
    assert "where" not in script.requests[0].url.params
