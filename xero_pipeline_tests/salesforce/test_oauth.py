from __future__ import annotations

import base64
from collections.abc import Generator
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from xero_pipeline.domain.errors import Permanent, Reconnect, Transient
from xero_pipeline.salesforce.oauth import SalesforceAuth, audience_of

LOGIN = "https://acme.my.salesforce.com"
NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _auth(**options: object) -> SalesforceAuth:
    return SalesforceAuth(LOGIN, "app", **{"client_secret": "hush", "now": lambda: NOW, **options})  # type: ignore[arg-type]


def _token(name: str = "t1", instance: str = "https://acme.my.salesforce.com") -> httpx.Response:
    return httpx.Response(200, json={"access_token": name, "instance_url": instance, "id": f"{LOGIN}/id/00D/005"})


def _begin(auth: SalesforceAuth) -> tuple[Generator[httpx.Request, httpx.Response, None], httpx.Request]:
    flow = auth.auth_flow(httpx.Request("GET", "http://elsewhere.test/services/data/v66.0/limits?a=b"))
    return flow, next(flow)


def _form(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def _dead_session() -> httpx.Response:
    return httpx.Response(401, json=[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}])


def test_client_credentials_are_sent_to_the_orgs_own_address() -> None:
    _, login = _begin(_auth())
    assert str(login.url) == f"{LOGIN}/services/oauth2/token"
    assert _form(login) == {"grant_type": "client_credentials", "client_id": "app", "client_secret": "hush"}


def test_a_private_key_makes_it_a_signed_assertion_for_the_user(key: rsa.RSAPrivateKey, pem: str) -> None:
    _, login = _begin(_auth(private_key=pem, username="sync@acme.test"))
    assert _form(login)["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    options = {"verify_exp": False}
    audience = "https://login.salesforce.com"
    claims = jwt.decode(_form(login)["assertion"], key.public_key(), ["RS256"], audience=audience, options=options)
    assert (claims["iss"], claims["sub"], claims["exp"] - NOW.timestamp()) == ("app", "sync@acme.test", 180)
    assert "hush" not in login.content.decode()


def test_a_private_key_may_have_its_line_breaks_written_out(pem: str) -> None:
    _begin(_auth(private_key=pem.replace("\n", "\\n"), username="sync@acme.test"))


@pytest.mark.parametrize(
    ("login_url", "audience"),
    [
        ("https://login.salesforce.com/", "https://login.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("http://127.0.0.1:8088/", "http://127.0.0.1:8088"),
    ],
)
def test_an_assertion_is_addressed_to_the_login_of_the_kind_of_org(login_url: str, audience: str) -> None:
    assert audience_of(login_url) == audience


def test_a_configured_audience_wins(pem: str) -> None:
    _, login = _begin(_auth(private_key=pem, username="u", audience="https://site.example.test"))
    claims = jwt.decode(_form(login)["assertion"], options={"verify_signature": False})
    assert claims["aud"] == "https://site.example.test"


def test_data_calls_go_to_the_instance_that_the_login_named() -> None:
    flow, _ = _begin(_auth())
    request = flow.send(_token(instance="https://acme.my.salesforce.com:8443"))
    assert str(request.url) == "https://acme.my.salesforce.com:8443/services/data/v66.0/limits?a=b"
    assert (request.headers["Host"], request.headers["Authorization"]) == ("acme.my.salesforce.com:8443", "Bearer t1")


def test_the_token_serves_the_whole_run() -> None:
    auth = _auth()
    flow, _ = _begin(auth)
    flow.send(_token())
    _, second = _begin(auth)
    assert second.headers["Authorization"] == "Bearer t1"
    assert auth.logins == 1


def test_a_session_that_ended_is_renewed_and_the_request_replayed_once() -> None:
    auth = _auth()
    flow, _ = _begin(auth)
    flow.send(_token("t1"))
    assert flow.send(_dead_session()).url.path == "/services/oauth2/token"
    assert flow.send(_token("t2")).headers["Authorization"] == "Bearer t2"
    with pytest.raises(StopIteration):
        flow.send(_dead_session())
    assert auth.logins == 2


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(
            401, json=[{"message": "Connected app is not attached to Agent", "errorCode": "INVALID_AUTH_HEADER"}]
        ),
        httpx.Response(401, text="<html>LOGIN_OAUTH_INVALID_TOKEN</html>"),
        httpx.Response(403, json=[{"message": "no", "errorCode": "INVALID_SESSION_ID"}]),
    ],
)
def test_any_other_refusal_does_not_log_in_again(answer: httpx.Response) -> None:
    flow, _ = _begin(_auth())
    flow.send(_token())
    with pytest.raises(StopIteration):
        flow.send(answer)


@pytest.mark.parametrize(
    ("error", "description", "says"),
    [
        ("invalid_grant", "inactive user", "deactivated"),
        ("invalid_grant", "user hasn't approved this consumer", "not approved"),
        ("invalid_grant", "Audience validation failed", "login address"),
        ("invalid_grant", "user is locked", "locked out"),
        ("invalid_grant", "authentication failure", "may not log in"),
        ("invalid_grant", "expired access/refresh token", "revoked"),
        ("invalid_grant", "no client credentials user enabled", "no user to run as"),
        ("invalid_client", "invalid client credentials", "client id or secret is wrong"),
        ("unsupported_grant_type", "grant type not supported", "does not allow"),
        ("invalid_request", "something new", "something new"),
    ],
)
def test_a_dead_grant_is_for_a_person_to_renew_and_says_what_to_do(error: str, description: str, says: str) -> None:
    flow, _ = _begin(_auth())
    with pytest.raises(Reconnect, match=says) as raised:
        flow.send(httpx.Response(400, json={"error": error, "error_description": description}))
    assert raised.value.next_step


def test_a_secret_never_shows_in_an_error() -> None:
    flow, _ = _begin(_auth())
    with pytest.raises(Reconnect) as raised:
        flow.send(httpx.Response(400, json={"error": "invalid_client", "error_description": "bad secret hush"}))
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_login_that_is_down_passes(status: int) -> None:
    flow, _ = _begin(_auth())
    with pytest.raises(Transient):
        flow.send(httpx.Response(status, text="<html>busy</html>"))


def test_an_address_that_is_no_login_is_said_to_be_none() -> None:
    flow, _ = _begin(_auth())
    with pytest.raises(Permanent, match="does not answer as a Salesforce login"):
        flow.send(httpx.Response(404, text="<html>not found</html>"))


@pytest.mark.parametrize("body", [{}, {"access_token": "t"}, {"access_token": "t", "instance_url": "acme"}, ["t"]])
def test_a_login_answer_without_token_or_address_is_not_used(body: object) -> None:
    flow, _ = _begin(_auth())
    with pytest.raises(Transient):
        flow.send(httpx.Response(200, json=body))


def test_a_token_from_an_encrypted_login_is_not_sent_unencrypted() -> None:
    flow, _ = _begin(_auth())
    with pytest.raises(Permanent, match="not encrypted"):
        flow.send(_token(instance="http://acme.my.salesforce.com"))


@pytest.mark.parametrize(
    ("login_url", "options", "says"),
    [
        ("acme.my.salesforce.com", {"client_secret": "s"}, "not a login address"),
        ("https://login.salesforce.com", {"client_secret": "s"}, "org's own address"),
        (LOGIN, {}, "Neither a private key nor a client secret"),
        (LOGIN, {"private_key": "x"}, "no user to sign in as"),
        (LOGIN, {"private_key": "not a key", "username": "u"}, "SALESFORCE_PRIVATE_KEY"),
    ],
)
def test_settings_that_cannot_work_are_named_before_anything_is_sent(
    login_url: str, options: dict[str, str], says: str
) -> None:
    with pytest.raises(Permanent, match=says) as raised:
        SalesforceAuth(login_url, "app", **options)  # type: ignore[arg-type]
    assert raised.value.next_step


def test_a_key_that_is_none_is_not_repeated() -> None:
    body = base64.b64encode(b"private words").decode()
    with pytest.raises(Permanent) as raised:
        _auth(private_key=f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----", username="u")
    assert body not in str(raised.value)
