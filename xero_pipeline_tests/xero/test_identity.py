from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from xero_pipeline.domain.errors import Permanent, PipelineError, Reconnect, Transient
from xero_pipeline.domain.org import Switches
from xero_pipeline.xero import identity
from xero_pipeline.xero.identity import Identity, Tenant, Token

NOW = datetime(2026, 5, 1, tzinfo=UTC)
OLD = Token("old-access", NOW, "old-refresh", scopes=("accounting.contacts",))


def _form(request: httpx.Request) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(request.content.decode()).items()}


class Server:
    """An identity service that answers in turn and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception, secret: str = "s3cret") -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.identity = Identity(
            "http://identity.test", "app-1", secret, transport=httpx.MockTransport(self._handle), clock=lambda: NOW
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def _granted(**fields: object) -> httpx.Response:
    return httpx.Response(200, json={"access_token": "new-access", "expires_in": 1800, "token_type": "Bearer"} | fields)


def _refused(error: str) -> httpx.Response:
    return httpx.Response(400, json={"error": error})


def test_a_custom_connection_asks_with_the_apps_own_credentials_and_scopes() -> None:
    server = Server(_granted(scope="accounting.contacts accounting.settings.read"))
    token = server.identity.client_credentials(["accounting.contacts", "accounting.settings.read"])
    (request,) = server.requests
    assert (request.method, request.url.path) == ("POST", "/connect/token")
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"app-1:s3cret").decode()
    assert _form(request) == {
        "grant_type": "client_credentials",
        "scope": "accounting.contacts accounting.settings.read",
    }
    assert token == Token(
        "new-access", NOW + timedelta(minutes=30), scopes=("accounting.contacts", "accounting.settings.read")
    )


def test_a_code_is_exchanged_with_the_verifier_that_was_kept() -> None:
    server = Server(_granted(refresh_token="new-refresh"))
    token = server.identity.exchange_code("code-1", "http://localhost:8989/callback", "verifier-1")
    assert _form(server.requests[0]) == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "http://localhost:8989/callback",
        "code_verifier": "verifier-1",
    }
    assert token.refresh_token == "new-refresh"


def test_an_app_without_a_secret_names_itself_in_the_form() -> None:
    server = Server(_granted(refresh_token="new-refresh"), secret="")
    server.identity.refresh(OLD)
    assert "Authorization" not in server.requests[0].headers
    assert _form(server.requests[0])["client_id"] == "app-1"


def test_a_refresh_keeps_the_token_before_beside_the_new_one() -> None:
    token = Server(_granted(refresh_token="new-refresh")).identity.refresh(OLD)
    assert (token.refresh_token, token.previous_refresh_token) == ("new-refresh", "old-refresh")
    assert token.scopes == OLD.scopes


def test_the_token_before_is_tried_when_the_newest_is_refused() -> None:
    server = Server(_refused("invalid_grant"), _granted(refresh_token="third"))
    server.identity.refresh(Token("a", NOW, "second", previous_refresh_token="first"))
    assert [_form(request)["refresh_token"] for request in server.requests] == ["second", "first"]


def test_a_token_without_a_refresh_token_cannot_be_refreshed() -> None:
    with pytest.raises(Reconnect, match="cannot be renewed"):
        Server().identity.refresh(Token("a", NOW))


@pytest.mark.parametrize(
    ("answer", "kind", "words", "advice"),
    [
        (_refused("invalid_grant"), Reconnect, "no longer accepts the authorisation", "xero-pipeline connect xero"),
        (_refused("invalid_client"), Reconnect, "client id and secret", "XERO_CLIENT_SECRET"),
        (httpx.Response(401, json={"error": "invalid_client"}), Reconnect, "client id and secret", "XERO_CLIENT_ID"),
        (_refused("unauthorized_client"), Reconnect, "sign in this way", "XERO_CLIENT_ID"),
        (_refused("invalid_scope"), Reconnect, "scopes", "scopes it lacks"),
        (_refused("unsupported_grant_type"), Permanent, "unsupported_grant_type", "XERO_IDENTITY_URL"),
        (httpx.Response(404, text="<html>"), Permanent, "404", "XERO_IDENTITY_URL"),
        (httpx.Response(500), Transient, "500", "next run"),
        (httpx.Response(200, text="<html>"), Transient, "no token", "next run"),
        (httpx.ConnectError("refused"), Transient, "ConnectError", "next run"),
    ],
)
def test_every_refusal_is_told_with_what_to_do(
    answer: httpx.Response | Exception, kind: type[PipelineError], words: str, advice: str
) -> None:
    with pytest.raises(kind) as caught:
        Server(answer).identity.refresh(OLD)
    assert words in caught.value.message
    assert advice in caught.value.next_step
    for secret in ("s3cret", "old-refresh", "old-access"):
        assert secret not in f"{caught.value!r} {caught.value.__context__!r} {vars(caught.value)}"


def test_revoking_gives_the_refresh_token_back() -> None:
    server = Server(httpx.Response(200))
    server.identity.revoke(OLD)
    assert server.requests[0].url.path == "/connect/revocation"
    assert _form(server.requests[0]) == {"token": "old-refresh"}


def test_nothing_secret_is_shown_by_repr() -> None:
    visit = identity.consent("https://login.xero.com", "app-1", "http://localhost:1/cb", ["openid"])
    shown = f"{OLD!r} {Server().identity!r} {visit!r}"
    for secret in ("old-access", "old-refresh", "s3cret", visit.verifier):
        assert secret not in shown


def test_a_visit_to_the_consent_page_carries_pkce_and_a_state_of_its_own() -> None:
    visits = [
        identity.consent("https://login.xero.com", "app-1", "http://localhost:8989/callback", ["openid", "a.b"])
        for _ in range(2)
    ]
    url = urlsplit(visits[0].url)
    query = {key: values[0] for key, values in parse_qs(url.query).items()}
    assert url._replace(query="").geturl() == "https://login.xero.com/identity/connect/authorize"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(visits[0].verifier.encode()).digest()).decode().rstrip("=")
    assert query == {
        "response_type": "code",
        "client_id": "app-1",
        "redirect_uri": "http://localhost:8989/callback",
        "scope": "openid a.b",
        "state": visits[0].state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    assert 43 <= len(visits[0].verifier) <= 128
    assert visits[0].state != visits[1].state


def test_scopes_are_the_granular_ones_of_what_is_switched_on() -> None:
    assert identity.scopes(Switches(), exports=False) == (
        "accounting.settings.read",
        "accounting.contacts.read",
        "accounting.invoices.read",
        "accounting.payments.read",
    )
    assert "accounting.manualjournals.read" in identity.scopes(Switches(manual_journals=True), exports=True)
    assert identity.scopes(Switches(), exports=True) == (
        "accounting.settings",
        "accounting.contacts",
        "accounting.invoices",
        "accounting.payments.read",
    )
    assert "offline_access" in identity.scopes(Switches(), exports=False, person=True)
    assert "offline_access" not in identity.scopes(Switches(), exports=True)


def _jwt(**claims: str) -> str:
    return "h." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".s"


@pytest.mark.parametrize(
    ("access_token", "expected"),
    [(_jwt(authentication_event_id="e1"), "e1"), (_jwt(scope="x"), ""), ("opaque", ""), ("a.!!!.c", "")],
)
def test_the_consent_a_token_came_from_is_read_from_it(access_token: str, expected: str) -> None:
    assert identity.auth_event_id(Token(access_token, NOW)) == expected


def _api(handler: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    return httpx.MockTransport(handler)


def test_the_organisations_of_a_connection_are_listed_and_practices_left_out() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        assert (request.url.path, dict(request.url.params)) == ("/connections", {"authEventId": "e1"})
        assert request.headers["Authorization"] == "Bearer old-access"
        one = {"createdDateUtc": "2019-12-07T18:46:19.5165400", "authEventId": "e1"}
        organisation = {"id": "c1", "tenantId": "t1", "tenantType": "ORGANISATION", "tenantName": "Demo Company (NZ)"}
        return httpx.Response(
            200, json=[one | organisation, {"id": "c2", "tenantId": "t2", "tenantType": "PRACTICEMANAGER"}]
        )

    assert identity.tenants("http://api.test", OLD, event_id="e1", transport=_api(handle)) == (
        Tenant("c1", "t1", "Demo Company (NZ)", "ORGANISATION", "e1"),
    )


@pytest.mark.parametrize("status", [204, 404])
def test_disconnecting_what_is_disconnected_already_is_fine(status: int) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("DELETE", "/connections/c1")
        return httpx.Response(status)

    identity.disconnect("http://api.test", OLD, "c1", transport=_api(handle))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(httpx.Response(401), Reconnect), (httpx.Response(500), Transient), (httpx.Response(200, text="<x>"), Transient)],
)
def test_a_list_of_connections_that_fails_says_why(answer: httpx.Response, kind: type[PipelineError]) -> None:
    with pytest.raises(kind):
        identity.tenants("http://api.test", OLD, transport=_api(lambda request: answer))
