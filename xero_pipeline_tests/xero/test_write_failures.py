"""What is known of a write that fails: that nothing was done, and it is sent again, or nothing, and it is not."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from xero_pipeline.domain.errors import OutcomeUnknown, Permanent, PipelineError, Reconnect, Throttled, Transient
from xero_pipeline.xero.budget import CallBudget
from xero_pipeline.xero.identity import Token
from xero_pipeline.xero.oauth import MemoryTokenStore, XeroAuth
from xero_pipeline_tests.xero.fake import START, client_of, no_sleep
from xero_pipeline_tests.xero.writes import GOOD, SALES, Json, Script, element, exception, refused_element


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
            exception(Message="Idempotency Key: the-key is used with a different request."),
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
    answers = Script(exception(refused_element(1, "Too long"), refused_element(2, "Too late"))).put()
    assert [(answer.ok, answer.messages) for answer in answers] == [(False, ("Too long",)), (False, ("Too late",))]


@pytest.mark.parametrize("named", [[element(1), refused_element(2, "Too late")], [refused_element(2, "Too late")]])
def test_what_became_of_the_others_is_not_known_when_some_refuse_the_whole_request(named: list[Json]) -> None:
    doubt = Script(exception(*named)).fails(OutcomeUnknown)
    assert (doubt.answered, doubt.refused) == (True, {1: ("Too late",)})
    assert "Too late" in doubt.message


def test_a_whole_request_refused_for_an_element_nobody_sent_is_a_doubt() -> None:
    assert Script(exception(refused_element(7, "Too late"))).fails(OutcomeUnknown).refused == {}


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


def test_writes_and_their_look_ups_use_the_share_of_calls_that_reading_leaves() -> None:
    few = httpx.Response(200, json={"Invoices": [element(1)]}, headers={"X-DayLimit-Remaining": "40"})
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
