from __future__ import annotations

import httpx
import pytest

from xero_pipeline.domain.errors import Permanent, PipelineError, Reconnect, Throttled, Transient
from xero_pipeline.salesforce.calls import Budget
from xero_pipeline.salesforce.faults import Refused
from xero_pipeline_tests.salesforce.fake_org import FakeOrg, error

OK = httpx.Response(200, json={})


def _ask(org: FakeOrg) -> object:
    return org.client().call("GET", "limits", doing="asking")


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(503, text="<html><h1>Service Unavailable</h1></html>"),
        httpx.Response(420, text="<html>setting things up</html>"),
        httpx.Response(502, text=""),
        error(500, "UNKNOWN_EXCEPTION"),
        error(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
        error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
        httpx.Response(200, text='{"records":['),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("peer closed connection"),
    ],
)
def test_what_passes_is_tried_again(org: FakeOrg, failure: httpx.Response | Exception) -> None:
    org.will(failure, OK)
    assert _ask(org) == {}
    assert (len(org.asked), len(org.waits)) == (2, 1)


def test_waits_grow_and_end_after_five_tries(org: FakeOrg) -> None:
    org.will(*[error(503, "SERVER_UNAVAILABLE") for _ in range(5)])
    with pytest.raises(Transient, match="HTTP 503"):
        _ask(org)
    assert len(org.asked) == 5
    for wait, base in zip(org.waits, (0.5, 1, 2, 4), strict=True):
        assert base / 2 <= wait <= base * 1.5


def test_the_wait_that_salesforce_asks_for_is_kept(org: FakeOrg) -> None:
    org.will(httpx.Response(503, headers={"Retry-After": "7"}), OK)
    _ask(org)
    assert org.waits == [7.0]


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), Throttled, "API requests of the day"),
        (error(403, "API_DISABLED_FOR_ORG"), Permanent, "Enable API access"),
        (error(403, "INSUFFICIENT_ACCESS"), Permanent, "permission set"),
        (error(400, "INVALID_FIELD", "No such column 'X__c'"), Permanent, "Deploy xero_pipeline/salesforce/package"),
        (error(400, "MALFORMED_QUERY", "unexpected token"), Permanent, "unexpected token"),
        (error(410, "UNSUPPORTED_API_VERSION"), Permanent, "update xero_pipeline"),
        (
            httpx.Response(414, text="<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>"),
            Permanent,
            "URI Too Long",
        ),
        (httpx.Response(401, text="<html>LOGIN_OAUTH_INVALID_TOKEN</html>"), Reconnect, "no longer accepts"),
    ],
)
def test_what_does_not_pass_is_said_at_once(
    org: FakeOrg, answer: httpx.Response, kind: type[PipelineError], says: str
) -> None:
    org.will(answer)
    with pytest.raises(kind, match=says):
        _ask(org)
    assert org.waits == []


def test_a_spent_day_names_its_limit(org: FakeOrg) -> None:
    org.will(error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    with pytest.raises(Throttled) as raised:
        _ask(org)
    assert (raised.value.problem, raised.value.retry_after) == ("day", 3600.0)


def test_a_refusal_keeps_its_code_and_shows_no_markup(org: FakeOrg) -> None:
    org.will(httpx.Response(418, text="<html><b>odd</b></html>"))
    with pytest.raises(Refused) as raised:
        _ask(org)
    assert (raised.value.status, raised.value.code) == (418, "HTTP_418")
    assert "<" not in raised.value.message


def test_a_session_that_ends_again_after_logging_in_is_for_a_person(org: FakeOrg) -> None:
    org.will(error(401, "INVALID_SESSION_ID"), error(401, "INVALID_SESSION_ID"))
    with pytest.raises(Reconnect):
        _ask(org)
    assert (org.logins, len(org.asked)) == (2, 2)


def test_a_login_that_is_down_for_a_moment_is_tried_again(org: FakeOrg) -> None:
    org.login_answers = [httpx.Response(503), httpx.ConnectTimeout("slow")]
    org.will(OK)
    assert _ask(org) == {}
    assert org.logins == 3


def test_the_sync_stops_before_it_uses_up_the_orgs_day(org: FakeOrg) -> None:
    org.limit_info = "api-usage=4000/5000; per-app-api-usage=17/250(appName=sync)"
    client = org.client()
    client.connect()
    with pytest.raises(Throttled, match=r"4000 of the org's 5000 .* stops at 80%"):
        client.limits()
    assert org.asked == []
    assert client.budget == Budget(used=4000, limit=5000)


def test_every_request_is_counted_repeats_and_replays_included(org: FakeOrg) -> None:
    client = org.client()
    client.connect()
    before = client.calls
    org.will(error(503, "SERVER_UNAVAILABLE"), error(401, "INVALID_SESSION_ID"), OK)
    client.call("PATCH", "composite/sobjects", doing="asking", body={"a": 1})
    assert (client.calls - before, client.logins) == (3, 2)


def test_requests_say_who_asks(org: FakeOrg) -> None:
    org.will(OK)
    _ask(org)
    assert org.asked[0].headers["Sforce-Call-Options"] == "client=xero-pipeline"
    assert "gzip" in org.asked[0].headers["Accept-Encoding"]
