"""What a write is on the wire, and what each answer to it is taken for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from xero_pipeline.domain.errors import OutcomeUnknown, Permanent, PipelineError, Reconnect, Throttled, Transient
from xero_pipeline.xero.answers import Answer
from xero_pipeline.xero.budget import CallBudget
from xero_pipeline.xero.identity import Token
from xero_pipeline.xero.oauth import MemoryTokenStore, XeroAuth
from xero_pipeline_tests.xero.fake import START, client_of, envelope, no_sleep

Json = dict[str, Any]
NO_ID = "00000000-0000-0000-0000-000000000000"
SALES: list[Json] = [{"Url": "https://sf.test/1", "Total": Decimal("1.50")}, {"Url": "https://sf.test/2"}]


def _element(number: int, **fields: object) -> Json:
    good = {
        "InvoiceID": f"id-{number}",
        "Url": f"https://sf.test/{number}",
        "StatusAttributeString": "OK",
        "HasErrors": False,
    }
    return good | fields


def _refused(number: int, *messages: str, **fields: object) -> Json:
    errors = [{"Message": message} for message in messages]
    bad = {"InvoiceID": NO_ID, "StatusAttributeString": "ERROR", "HasErrors": True, "ValidationErrors": errors}
    return _element(number, **bad) | fields


GOOD = envelope("Invoices", [_element(1), _element(2)])


def _exception(*elements: Json, **fields: object) -> httpx.Response:
    body = {"ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred"}
    return httpx.Response(400, json=body | {"Elements": list(elements)} | fields)


class Script:
    """Answers with one response or failure after another, the last one for ever."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waited = 0.0

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def put(self, elements: list[Json] = SALES, *, within: timedelta | None = None, **options: Any) -> list[Answer]:
        budget = CallBudget(clock=lambda: self.waited, sleep=self._wait)
        with client_of(self.handle, budget=budget, **options) as client:
            return client.writer.put("Invoices", elements, key="the-key", within=within)

    def fails(self, kind: type[PipelineError]) -> Any:
        with pytest.raises(kind) as caught:
            self.put()
        assert type(caught.value) is kind
        # Errors of the HTTP library carry the request, and with it the token.
        assert not isinstance(caught.value.__cause__ or caught.value.__context__, httpx.HTTPError)
        return caught.value

    def _wait(self, seconds: float) -> None:
        self.waited += seconds


@pytest.mark.parametrize(
    ("plural", "query"),
    [
        ("Invoices", {"summarizeErrors": "false", "unitdp": "4"}),
        ("Items", {"summarizeErrors": "false", "unitdp": "4"}),
        ("Contacts", {"summarizeErrors": "false"}),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_batch_is_asked_as_xero_wants_it(method: str, plural: str, query: dict[str, str]) -> None:
    asked: list[httpx.Request] = []
    id_field = f"{plural[:-1]}ID"

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return envelope(plural, [{id_field: "a", "StatusAttributeString": "OK"}])

    with client_of(handle, tenant_id="t1") as client:
        send = client.writer.put if method == "PUT" else client.writer.post
        send(plural, [{"Amount": Decimal("0.10"), "Name": "Ōtaki"}], key="a-key")
        assert client.calls_by_endpoint == {plural.lower(): 1}
    (request,) = asked
    assert (request.method, request.url.path, dict(request.url.params)) == (method, f"/api.xro/2.0/{plural}", query)
    assert request.content == f'{{"{plural}":[{{"Amount":0.1,"Name":"Ōtaki"}}]}}'.encode()
    wanted = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Idempotency-Key": "a-key",
        "xero-tenant-id": "t1",
    }
    assert {name: request.headers[name] for name in wanted} == wanted


def test_every_element_has_its_own_answer_in_the_order_sent() -> None:
    warned = _element(
        1, StatusAttributeString="WARNING", Warnings=[{"Message": "Rate looks odd"}], Total=Decimal("1.5")
    )
    warned["Total"] = 1.5
    script = Script(envelope("Invoices", [warned, _refused(2, "Too long", "Too long", "Too late")]))
    good, bad = script.put()
    assert (good.ok, good.messages, good.warnings) == (True, (), ("Rate looks odd",))
    assert (good.record["InvoiceID"], repr(good.record["Total"])) == ("id-1", "Decimal('1.5')")
    assert (bad.ok, bad.messages) == (False, ("Too long", "Too late"))


def test_reasons_are_found_wherever_xero_puts_them() -> None:
    nested = _refused(2, "Own") | {
        "Contact": {"ValidationErrors": [{"Message": "Email address must be valid."}]},
        "LineItems": [
            {"ValidationErrors": [{"Description": "Account code '999' is not a valid code"}]},
            {
                "ValidationErrors": [{"Message": "Own"}],
                "Tracking": [{"ValidationErrors": [{"Message": "No such option"}]}],
            },
        ],
    }
    _, bad = Script(envelope("Invoices", [_element(1), nested])).put()
    assert bad.messages == (
        "Own",
        "Email address must be valid.",
        "Account code '999' is not a valid code",
        "No such option",
    )


def test_a_refusal_may_come_without_a_reason() -> None:
    _, bad = Script(envelope("Invoices", [_element(1), _refused(2)])).put()
    assert (bad.ok, bad.messages) == (False, ())


def test_an_update_that_is_refused_keeps_its_id_and_is_refused_all_the_same() -> None:
    (answer,) = Script(envelope("Invoices", [_refused(1, "Locked", InvoiceID="id-1")])).put([{"InvoiceID": "id-1"}])
    assert not answer.ok


@pytest.mark.parametrize(
    "elements",
    [
        [_element(1)],
        [_element(1), _element(2), _element(3)],
        [_element(2), _element(1)],
        [_element(1), _element(2, InvoiceID=NO_ID)],
        [_element(1), _element(2, InvoiceID=None)],
        [_element(1), _element(2, HasErrors=True)],
        ["text", _element(2)],
    ],
    ids=["too few", "too many", "another order", "good without an id", "good with no id", "good and bad", "no objects"],
)
def test_an_answer_that_does_not_line_up_is_never_guessed_at(elements: list[Json]) -> None:
    script = Script(envelope("Invoices", elements))
    assert script.fails(OutcomeUnknown).answered
    assert len(script.requests) == 1


def test_an_answer_that_holds_the_ids_sent_in_another_order_is_not_taken() -> None:
    sent = [{"InvoiceID": "id-1"}, {"InvoiceID": "id-2"}]
    script = Script(envelope("Invoices", [_element(2, Url=None), _element(1, Url=None)]))
    with pytest.raises(OutcomeUnknown, match="another order"):
        script.put(sent)


@pytest.mark.parametrize(
    ("answer", "answered"),
    [
        (httpx.ReadTimeout("slow"), False),
        (httpx.WriteTimeout("slow"), False),
        (httpx.ReadError("reset"), False),
        (httpx.WriteError("reset"), False),
        (httpx.RemoteProtocolError("Server disconnected"), False),
        (httpx.Response(500, text="An error occurred in Xero"), True),
        (httpx.Response(503, text="The Organisation is offline", headers={"Retry-After": "300"}), True),
        (httpx.Response(502, text="<html>Bad Gateway</html>"), False),
        (httpx.Response(504, text="<html>Gateway Timeout</html>"), False),
        (httpx.Response(408), False),
        (httpx.Response(409), False),
        (httpx.Response(200, text="<html>Please wait</html>"), True),
        (httpx.Response(200, text='{"Invoices": [{"InvoiceID": "id-1"'), True),
        (httpx.Response(200, text='{"Invoices": [{"Total": NaN}]}'), True),
        (httpx.Response(200, text='{"Invoices": null}'), True),
        (httpx.Response(204), True),
        (httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=b""), True),
    ],
)
def test_a_write_whose_outcome_is_not_known_is_sent_once_and_told_as_such(
    answer: httpx.Response | Exception, answered: bool
) -> None:
    script = Script(answer)
    assert script.fails(OutcomeUnknown).answered is answered
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"),
        httpx.ConnectTimeout("slow"),
        httpx.PoolTimeout("busy"),
        httpx.Response(429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "7"}),
        httpx.Response(429, headers={"X-Rate-Limit-Problem": "concurrent"}),
    ],
    ids=lambda one: one.__class__.__name__ if isinstance(one, Exception) else str(one.status_code),
)
def test_what_certainly_did_nothing_is_sent_again_under_the_same_key(failure: httpx.Response | Exception) -> None:
    script = Script(failure, failure, GOOD)
    assert [answer.ok for answer in script.put()] == [True, True]
    assert {request.headers["Idempotency-Key"] for request in script.requests} == {"the-key"}
    assert len({request.content for request in script.requests}) == 1
    assert len(script.requests) == 3


def test_a_server_that_cannot_be_reached_is_transient_and_no_doubt_remains() -> None:
    script = Script(httpx.ConnectError("refused"))
    script.fails(Transient)
    assert len(script.requests) == 5


def test_a_refusal_because_of_limits_followed_by_silence_is_a_doubt() -> None:
    limits = httpx.Response(429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "1"})
    script = Script(limits, httpx.ReadTimeout("slow"))
    assert not script.fails(OutcomeUnknown).answered
    assert len(script.requests) == 2


def test_a_spent_day_is_told_at_once() -> None:
    script = Script(httpx.Response(429, headers={"X-Rate-Limit-Problem": "day", "Retry-After": "66975"}))
    assert script.fails(Throttled).problem == "day"
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (
            _exception(Message="Idempotency Key: the-key is used with a different request."),
            Permanent,
            "from another request",
        ),
        (
            httpx.Response(
                400, json={"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": "'x' is no date"}
            ),
            Permanent,
            "'x' is no date",
        ),
        (httpx.Response(400, text="<html>bad</html>"), Permanent, "as asked (400)."),
        (httpx.Response(413), Permanent, "413"),
        (httpx.Response(404, text="cannot be found"), Permanent, "does not know"),
        (httpx.Response(403, json={"Detail": "AuthenticationUnsuccessful"}), Reconnect, "disconnected"),
        (
            httpx.Response(401, headers={"WWW-Authenticate": "insufficient_scope"}),
            Reconnect,
            "the scope that PUT Invoices",
        ),
    ],
)
def test_a_request_that_is_refused_as_a_whole_did_nothing(
    response: httpx.Response, kind: type[PipelineError], words: str
) -> None:
    script = Script(response)
    assert words in script.fails(kind).message
    assert len(script.requests) == 1


def test_errors_told_for_the_whole_request_are_still_told_an_element_each() -> None:
    answers = Script(_exception(_refused(1, "Too long"), _refused(2, "Too late"))).put()
    assert [(answer.ok, answer.messages) for answer in answers] == [(False, ("Too long",)), (False, ("Too late",))]


@pytest.mark.parametrize("named", [[_element(1), _refused(2, "Too late")], [_refused(2, "Too late")]])
def test_what_became_of_the_others_is_not_known_when_some_refuse_the_whole_request(named: list[Json]) -> None:
    doubt = Script(_exception(*named)).fails(OutcomeUnknown)
    assert (doubt.answered, doubt.refused) == (True, {1: ("Too late",)})
    assert "Too late" in doubt.message


def test_a_whole_request_refused_for_an_element_nobody_sent_is_a_doubt() -> None:
    assert Script(_exception(_refused(7, "Too late"))).fails(OutcomeUnknown).refused == {}


def test_a_token_that_ended_is_renewed_and_the_same_request_sent_once_more() -> None:
    script = Script(httpx.Response(401, json={"Detail": "TokenExpired"}), GOOD)
    tokens = iter("ab")
    auth = XeroAuth(MemoryTokenStore(), lambda kept: Token(next(tokens), START.replace(year=2999)))
    assert all(answer.ok for answer in script.put(auth=auth))
    first, second = script.requests
    assert [first.headers["Authorization"], second.headers["Authorization"]] == [
        "Bearer a",
        "Bearer b",
    ] or first is second
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "the-key"


def test_silence_after_a_renewed_token_is_no_answer() -> None:
    script = Script(httpx.Response(401, json={"Detail": "TokenExpired"}), httpx.ReadTimeout("slow"))
    auth = XeroAuth(MemoryTokenStore(), lambda kept: Token("t", START.replace(year=2999)))
    with pytest.raises(OutcomeUnknown) as caught:
        script.put(auth=auth)
    assert not caught.value.answered


def test_a_token_that_cannot_be_renewed_just_now_leaves_no_doubt() -> None:
    script = Script(httpx.Response(401, json={"Detail": "TokenExpired"}))

    def renew(kept: Token | None) -> Token:
        if kept is not None:
            raise Transient("Xero's identity service could not answer (503).")
        return Token("t", START.replace(year=2999))

    with pytest.raises(Transient) as caught:
        script.put(auth=XeroAuth(MemoryTokenStore(), renew))
    assert type(caught.value) is Transient


def test_a_batch_is_50_elements_at_most_and_none_cost_no_call() -> None:
    script = Script(GOOD)
    with pytest.raises(ValueError, match="51 Invoices are more than the 50"):
        script.put([{}] * 51)
    assert script.put([]) == []
    assert script.requests == []


@pytest.mark.parametrize("key", ["", "k" * 129, "clé", "line\nbreak"])
def test_a_key_that_xero_would_refuse_is_never_sent(key: str) -> None:
    script = Script(GOOD)
    with client_of(script.handle) as client, pytest.raises(ValueError, match="idempotency key"):
        client.writer.put("Invoices", SALES, key=key)
    assert script.requests == []


def test_only_what_has_a_key_of_ours_is_written() -> None:
    with client_of(Script(GOOD).handle) as client, pytest.raises(ValueError, match="Payments are not written"):
        client.writer.put("Payments", [{}], key="k")


def test_what_postgresql_cannot_store_is_taken_out_of_an_answer() -> None:
    content = json.dumps({"Invoices": [_element(1, Reference="a\u0000b\ud83d")]}).encode()
    (answer,) = Script(httpx.Response(200, content=content)).put(SALES[:1])
    assert answer.record["Reference"] == "ab"


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


def test_a_note_that_is_refused_says_why() -> None:
    refused = envelope("HistoryRecords", [{"ValidationErrors": [{"Message": "Details is too long"}]}])
    for answer in (refused, _exception({"ValidationErrors": [{"Message": "Details is too long"}]})):
        with client_of(Script(answer).handle) as client, pytest.raises(Permanent, match="Details is too long"):
            client.writer.add_history("Invoices", "i1", "x", key="k")


def test_writes_and_their_look_ups_use_the_share_of_calls_that_reading_leaves() -> None:
    few = httpx.Response(200, json={"Invoices": [_element(1)]}, headers={"X-DayLimit-Remaining": "40"})
    gone = httpx.Response(404, headers={"X-DayLimit-Remaining": "39"})
    script = Script(few, few, gone)
    with client_of(script.handle, budget=CallBudget(day_limit=1000, sleep=no_sleep)) as client:
        client.writer.put("Invoices", SALES[:1], key="one")
        with pytest.raises(Throttled, match="kept for exports"):
            client.organisation()
        client.writer.put("Invoices", SALES[:1], key="two")
        assert client.writer.item_by_code("A") is None
        assert client.calls == 3


def test_a_request_whose_turn_comes_too_late_for_its_key_is_not_sent_again() -> None:
    limits = httpx.Response(429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "40"})
    in_time, late = Script(limits, GOOD), Script(limits, GOOD)
    assert len(in_time.put(within=timedelta(seconds=41))) == 2
    with pytest.raises(Transient, match="came too late") as caught:
        late.put(within=timedelta(seconds=39))
    assert type(caught.value) is Transient
    assert (len(in_time.requests), len(late.requests)) == (2, 1)
