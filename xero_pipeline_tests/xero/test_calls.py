from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable, Generator
from datetime import timedelta

import httpx
import pytest

from xero_pipeline.domain.errors import Permanent, PipelineError, Reconnect, Throttled, Transient
from xero_pipeline.xero import endpoints
from xero_pipeline.xero.budget import CallBudget
from xero_pipeline.xero.client import XeroClient
from xero_pipeline_tests.xero.fake import START, NoAuth, client_of, envelope, no_sleep

GOOD = envelope(
    "Invoices", [{"InvoiceID": "i1"}], pagination={"page": 1, "pageSize": 9, "pageCount": 1, "itemCount": 1}
)


class Script:
    """Answers with one response or failure after another, then with a good page."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else GOOD
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def read(self, **options: object) -> list[str]:
        budget = CallBudget(sleep=self.slept.append, clock=lambda: 1000.0 + sum(self.slept))
        with client_of(self.handle, budget=budget, sleep=self.slept.append, **options) as client:
            return [one for page in client.reader.fetch(endpoints.INVOICES) for one in page.ids]

    def fails(self, kind: type[PipelineError]) -> PipelineError:
        with pytest.raises(kind) as caught:
            self.read()
        assert caught.value.__cause__ is None
        return caught.value


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("cut off"),
        httpx.Response(500, text="oops"),
        httpx.Response(503, text="The Organisation is offline"),
        httpx.Response(200, text="<html>maintenance</html>"),
        httpx.Response(200, text='{"Invoices": [{"InvoiceID": "i1"'),
        httpx.Response(429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "7"}),
        httpx.Response(429, headers={"X-Rate-Limit-Problem": "concurrent"}),
        httpx.Response(429),
    ],
    ids=lambda one: one.__class__.__name__ if isinstance(one, Exception) else str(one.status_code),
)
def test_a_failure_that_passes_is_met_with_another_try(failure: httpx.Response | Exception) -> None:
    script = Script(failure, failure)
    assert script.read() == ["i1"]
    assert len(script.requests) == 3
    assert len(script.slept) == 2


def test_pauses_grow_and_stay_within_a_few_seconds() -> None:
    script = Script(*[httpx.ReadTimeout("slow")] * 4)
    script.read()
    for pause, longest in zip(script.slept, (0.5, 1, 2, 4), strict=True):
        assert longest / 2 <= pause <= longest


def test_a_timeout_that_does_not_pass_is_transient() -> None:
    script = Script(*[httpx.ReadTimeout("slow")] * 9)
    assert script.fails(Transient).message == "Xero did not answer GET Invoices (ReadTimeout)."
    assert len(script.requests) == 5


def test_a_body_that_stays_cut_off_is_transient() -> None:
    script = Script(*[httpx.Response(200, text='{"Invoices": [')] * 9)
    assert "cut off" in script.fails(Transient).message


def test_an_unavailability_that_says_how_long_is_not_waited_for_in_the_run() -> None:
    script = Script(httpx.Response(503, text="The Organisation is offline", headers={"Retry-After": "300"}))
    assert "(503: The Organisation is offline)" in script.fails(Transient).message
    assert (len(script.requests), script.slept) == (1, [])


def test_a_short_retry_after_is_obeyed() -> None:
    script = Script(httpx.Response(429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "42"}))
    script.read()
    assert script.slept == [42]


def test_a_spent_day_is_told_at_once() -> None:
    script = Script(httpx.Response(429, headers={"X-Rate-Limit-Problem": "day", "Retry-After": "66975"}))
    fault = script.fails(Throttled)
    assert isinstance(fault, Throttled)
    assert (fault.problem, fault.retry_after) == ("day", 66975)
    assert (len(script.requests), script.slept) == (1, [])


def test_being_throttled_again_and_again_ends_the_run() -> None:
    script = Script(*[httpx.Response(429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "1"})] * 9)
    fault = script.fails(Throttled)
    assert isinstance(fault, Throttled)
    assert fault.problem == "minute"
    assert len(script.requests) == 5


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (
            httpx.Response(
                400, json={"ErrorNumber": 16, "Type": "QueryParseException", "Message": "No property 'Foo'"}
            ),
            Permanent,
            "(400: No property 'Foo')",
        ),
        (
            httpx.Response(
                400,
                json={
                    "Message": "A validation exception occurred",
                    "Elements": [{"ValidationErrors": [{"Message": "Too much"}]}],
                },
            ),
            Permanent,
            "A validation exception occurred Too much",
        ),
        (httpx.Response(400, text="<html>bad</html>"), Permanent, "as asked (400)."),
        (
            httpx.Response(403, json={"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}),
            Reconnect,
            "disconnected",
        ),
        (httpx.Response(404, text="The resource you're looking for cannot be found"), Permanent, "does not know"),
        (httpx.Response(401, json={"Detail": "TokenExpired: token expired"}), Reconnect, "not even a new one"),
        (httpx.Response(401, headers={"WWW-Authenticate": "insufficient_scope"}), Reconnect, "lacks the scope"),
        (httpx.Response(401, headers={"WWW-Authenticate": "insufficent_scope"}), Reconnect, "lacks the scope"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.test"}), Permanent, "302"),
        (httpx.Response(415), Permanent, "415"),
    ],
)
def test_a_failure_that_stays_is_told_at_once_with_what_to_do(
    response: httpx.Response, kind: type[PipelineError], words: str
) -> None:
    script = Script(response)
    fault = script.fails(kind)
    assert words in fault.message
    assert type(fault) is kind
    assert len(script.requests) == 1


def test_a_list_that_did_not_change_may_be_answered_with_304() -> None:
    client = client_of(lambda request: httpx.Response(304))
    (page,) = client.reader.fetch(endpoints.INVOICES, START)
    assert (list(page.records), client.calls) == ([], 1)


def test_every_call_says_who_asks_for_which_organisation_and_for_json() -> None:
    script = Script()
    script.read(tenant_id="t1")
    (request,) = script.requests
    assert request.headers["Accept"] == "application/json"
    assert request.headers["xero-tenant-id"] == "t1"
    assert request.headers["User-Agent"].startswith("xero-pipeline")
    assert "gzip" in request.headers["Accept-Encoding"]


def test_a_custom_connection_names_no_tenant() -> None:
    script = Script()
    script.read()
    assert "xero-tenant-id" not in script.requests[0].headers


@pytest.mark.parametrize(
    ("endpoint", "path", "query"),
    [
        (endpoints.ORGANISATIONS, "Organisation", {}),
        (endpoints.ACCOUNTS, "Accounts", {}),
        (endpoints.TRACKING_CATEGORIES, "TrackingCategories", {"includeArchived": "true"}),
        (endpoints.ITEMS, "Items", {"unitdp": "4"}),
        (endpoints.CONTACTS, "Contacts", {"includeArchived": "true", "page": "1", "pageSize": "1000"}),
        (
            endpoints.INVOICES,
            "Invoices",
            {"includeArchived": "true", "unitdp": "4", "page": "1", "pageSize": "1000"},
        ),
        (endpoints.PAYMENTS, "Payments", {"page": "1", "pageSize": "1000"}),
        (endpoints.QUOTES, "Quotes", {"page": "1"}),
    ],
    ids=lambda value: value.name if isinstance(value, endpoints.Endpoint) else None,
)
def test_each_endpoint_is_asked_as_xero_wants_it(
    endpoint: endpoints.Endpoint, path: str, query: dict[str, str]
) -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return envelope(endpoint.plural, [])

    list(client_of(handle).reader.fetch(endpoint))
    assert asked[0].url.path == f"/api.xro/2.0/{path}"
    assert dict(asked[0].url.params) == query


def test_bills_that_are_switched_off_are_not_read() -> None:
    script = Script()
    with client_of(script.handle) as client:
        list(client.reader.fetch(endpoints.INVOICES, params=endpoints.SALES_INVOICES_ONLY))
    assert script.requests[0].url.params["where"] == 'Type=="ACCREC"'


def test_an_endpoint_without_if_modified_since_is_read_whole() -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return envelope("TaxRates", [])

    list(client_of(handle).reader.fetch(endpoints.TAX_RATES, START))
    assert "If-Modified-Since" not in asked[0].headers


def test_a_delta_is_asked_for_in_utc() -> None:
    script = Script()
    with client_of(script.handle) as client:
        list(client.reader.fetch(endpoints.INVOICES, START.astimezone() + timedelta(hours=3)))
    assert script.requests[0].headers["If-Modified-Since"] == "2026-05-01T03:00:00"


def test_ids_are_asked_for_in_batches_of_forty() -> None:
    batches: list[list[str]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        batch = request.url.params["IDs"].split(",")
        batches.append(batch)
        # One of them is gone at Xero: that is no error.
        return envelope("Contacts", [{"ContactID": one} for one in batch if one != "c0"])

    wanted = [f"c{n}" for n in range(95)]
    read = [one for page in client_of(handle).reader.fetch(endpoints.CONTACTS, ids=wanted) for one in page.ids]
    assert [len(batch) for batch in batches] == [40, 40, 15]
    assert read == wanted[1:]


def test_no_ids_cost_no_call() -> None:
    client = client_of(lambda request: httpx.Response(500))
    assert list(client.reader.fetch(endpoints.CONTACTS, ids=[])) == []
    assert client.calls == 0


def test_payments_cannot_be_asked_for_by_id() -> None:
    with pytest.raises(ValueError, match="payments cannot be read by id"):
        list(client_of(lambda request: GOOD).reader.fetch(endpoints.PAYMENTS, ids=["p1"]))


def test_calls_and_bytes_are_counted_by_endpoint_and_the_budget_is_told() -> None:
    body = gzip.compress(json.dumps({"Invoices": [{"InvoiceID": "i1", "Reference": "x" * 5000}]}).encode())
    answers = [httpx.Response(500), httpx.Response(200)]

    def handle(request: httpx.Request) -> httpx.Response:
        if answers.pop(0).status_code == 500:
            return httpx.Response(500)
        headers = {"Content-Encoding": "gzip", "X-DayLimit-Remaining": "4998", "X-MinLimit-Remaining": "58"}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))

    client = client_of(handle)
    (page,) = client.reader.fetch(endpoints.INVOICES)
    assert (page.ids, client.bytes) == (["i1"], len(body))
    assert (client.calls, client.calls_by_endpoint) == (2, {"invoices": 2})
    assert (client.left.day, client.left.minute) == (4998, 58)


def test_the_organisation_itself_is_one_call() -> None:
    records = [{"OrganisationID": "o1", "Name": "Demo Company (NZ)", "BaseCurrency": "NZD"}]
    client = client_of(lambda request: envelope("Organisations", records))
    assert (client.organisation().organisation_id, client.calls) == ("o1", 1)


def test_a_connection_without_an_organisation_says_so() -> None:
    with pytest.raises(Permanent, match="no organisation"):
        client_of(lambda request: envelope("Organisations", [])).organisation()


class _Bearer(NoAuth):
    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = "Bearer very-secret-token"
        yield request


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: httpx.Response(401, json={"Detail": "TokenExpired"}),
        lambda request: httpx.Response(403),
        lambda request: httpx.Response(500),
        lambda request: (_ for _ in ()).throw(httpx.ConnectError("refused", request=request)),
    ],
)
def test_no_error_repr_or_log_line_holds_a_token(
    answer: Callable[[httpx.Request], httpx.Response], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    budget = CallBudget(sleep=no_sleep)
    client = XeroClient(
        "http://xero.test", _Bearer(), budget=budget, sleep=no_sleep, transport=httpx.MockTransport(answer)
    )
    with pytest.raises(PipelineError) as caught:
        list(client.reader.fetch(endpoints.INVOICES))
    chain: BaseException | None = caught.value
    told = [repr(client), caplog.text]
    while chain is not None:
        assert isinstance(chain, PipelineError)
        told += [str(chain), repr(chain), repr(vars(chain))]
        chain = chain.__cause__ or chain.__context__
    assert "very-secret-token" not in " ".join(told)
