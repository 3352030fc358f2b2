"""Signing in to the sandbox's Salesforce, and no longer being signed in."""

from __future__ import annotations

import gzip
import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from xero_pipeline.sandbox.salesforce import Org
from xero_pipeline_tests.sandbox.salesforce.client import COLLEAGUE, DATA, INTEGRATION, Salesforce, StandingClock

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def assertion(org: Org, key: str | None = None, **claims: object) -> str:
    expires = int(time.time()) + 180
    body = {
        "iss": org.settings.client_id,
        "sub": INTEGRATION,
        "aud": "https://login.salesforce.com",
        "exp": expires,
        **claims,
    }
    return jwt.encode(body, key or org.settings.private_key, algorithm="RS256")


def jwt_sign_in(http: httpx.Client, text: str) -> tuple[int, dict[str, str]]:
    response = http.post("/services/oauth2/token", data={"grant_type": JWT_BEARER, "assertion": text})
    return response.status_code, response.json()


def test_a_signed_assertion_gives_a_session_on_the_host_that_was_asked(http: httpx.Client, org: Org) -> None:
    status, body = jwt_sign_in(http, assertion(org))
    assert status == 200
    assert body["instance_url"] == str(http.base_url).rstrip("/")
    assert body["token_type"] == "Bearer"
    assert "expires_in" not in body
    assert body["id"] == f"{body['instance_url']}/id/{org.settings.org_id}/{org.integration_user_id}"


def test_the_expiry_of_an_assertion_may_be_text(http: httpx.Client, org: Org) -> None:
    assert jwt_sign_in(http, assertion(org, exp=str(int(time.time()) + 180)))[0] == 200


def test_an_assertion_that_has_just_expired_is_still_good(http: httpx.Client, org: Org) -> None:
    assert jwt_sign_in(http, assertion(org, exp=int(time.time()) - 60))[0] == 200


def test_the_audience_may_be_the_sandbox_itself(http: httpx.Client, org: Org) -> None:
    assert jwt_sign_in(http, assertion(org, aud=str(http.base_url).rstrip("/")))[0] == 200


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"aud": "https://login.example.com"}, "invalid_grant", "audience is invalid"),
        ({"sub": "nobody@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"sub": COLLEAGUE}, "invalid_grant", "user hasn't approved this consumer"),
        ({"iss": "another app"}, "invalid_client_id", "client identifier invalid"),
        ({"exp": 1_700_000_000}, "invalid_grant", "expired authorization code"),
        ({"exp": "soon"}, "invalid_grant", "invalid expiration"),
    ],
)
def test_a_wrong_claim_is_refused(
    http: httpx.Client, org: Org, claims: dict[str, object], error: str, description: str
) -> None:
    assert jwt_sign_in(http, assertion(org, **claims)) == (400, {"error": error, "error_description": description})


def test_an_assertion_signed_with_another_key_is_refused(http: httpx.Client, org: Org) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    assert jwt_sign_in(http, assertion(org, key=pem))[1]["error"] == "invalid_grant"


def test_client_credentials_may_come_as_basic_authentication(http: httpx.Client, org: Org) -> None:
    response = http.post(
        "/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(org.settings.client_id, org.settings.client_secret),
    )
    assert response.status_code == 200
    assert response.json()["issued_at"].isdigit()


def test_a_wrong_secret_is_an_invalid_client(salesforce: Salesforce) -> None:
    response = salesforce.sign_in(client_secret="wrong")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_client")


def test_other_grants_are_not_supported(salesforce: Salesforce) -> None:
    assert salesforce.sign_in(grant_type="password").json()["error"] == "unsupported_grant_type"


def test_a_deactivated_user_loses_the_session_and_cannot_sign_in(salesforce: Salesforce) -> None:
    salesforce.http.post(f"/sandbox/salesforce/users/{INTEGRATION}", json={"IsActive": False})
    assert salesforce.call("GET", "limits").status_code == 401
    assert salesforce.sign_in().json() == {"error": "invalid_grant", "error_description": "inactive user"}
    salesforce.http.post(f"/sandbox/salesforce/users/{INTEGRATION}", json={"IsActive": True})
    assert salesforce.sign_in().status_code == 200


def test_a_session_that_is_not_used_expires(salesforce: Salesforce, clock: StandingClock) -> None:
    clock.move(hours=2, seconds=1)
    response = salesforce.call("GET", "limits")
    assert response.status_code == 401
    assert response.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_use_prolongs_a_session(salesforce: Salesforce, clock: StandingClock) -> None:
    for _ in range(3):
        clock.move(minutes=90)
        assert salesforce.call("GET", "limits").status_code == 200


def test_a_revoked_token_is_dead(salesforce: Salesforce) -> None:
    assert salesforce.http.post("/services/oauth2/revoke", data={"token": salesforce.token}).status_code == 200
    assert salesforce.call("GET", "limits").status_code == 401
    assert salesforce.http.post("/services/oauth2/revoke", data={"token": salesforce.token}).status_code == 400


def test_expiring_every_token_on_the_control_api_ends_the_session(salesforce: Salesforce) -> None:
    assert salesforce.http.post("/sandbox/salesforce/expire", json={"tokens": True}).json()["tokens"] == 1
    assert salesforce.call("GET", "limits").status_code == 401


def test_the_identity_url_tells_who_a_token_belongs_to(salesforce: Salesforce, org: Org) -> None:
    identity = salesforce.call("GET", httpx.URL(salesforce.sign_in().json()["id"]).path).json()
    assert identity["username"] == INTEGRATION
    assert identity["user_id"] == org.integration_user_id
    assert identity["organization_id"] == org.settings.org_id
    assert salesforce.http.get(f"/id/{org.settings.org_id}/{org.integration_user_id}").status_code == 403


def test_versions_are_listed_without_a_session(http: httpx.Client) -> None:
    versions = http.get("/services/data").json()
    assert {"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"} in versions


@pytest.mark.parametrize(
    ("version", "status"), [("30.0", 410), ("31.0", 200), ("68.0", 200), ("69.0", 404), ("66", 404)]
)
def test_retired_versions_are_gone_and_future_ones_unknown(salesforce: Salesforce, version: str, status: int) -> None:
    assert salesforce.call("GET", f"/services/data/v{version}/limits").status_code == status


def test_the_api_budget_is_told_and_enforced(salesforce: Salesforce, clock: StandingClock) -> None:
    salesforce.http.post("/sandbox/salesforce/settings", json={"daily_api_requests": 2})
    assert salesforce.call("GET", "limits").headers["Sforce-Limit-Info"] == "api-usage=1/2"
    assert salesforce.call("GET", "limits").json() == {"DailyApiRequests": {"Max": 2, "Remaining": 0}}
    refused = salesforce.call("GET", "limits")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    clock.move(hours=25)
    salesforce.token = salesforce.sign_in().json()["access_token"]
    assert salesforce.call("GET", "limits").status_code == 200


def test_the_old_bulk_api_says_that_it_is_off(http: httpx.Client) -> None:
    response = http.post("/services/async/59.0/job", json={})
    assert (response.status_code, response.json()["exceptionCode"]) == (400, "FeatureNotEnabled")


def test_a_uri_beyond_the_limit_gets_an_html_414(salesforce: Salesforce) -> None:
    response = salesforce.call("GET", "query", params={"q": "x" * 17_000})
    assert (response.status_code, response.text.startswith("<h1>Bad Message 414")) == (414, True)


def test_headers_beyond_the_limit_get_an_html_431(salesforce: Salesforce) -> None:
    response = salesforce.call("GET", "limits", {"X-Padding": "x" * 16_384})
    assert (response.status_code, response.text.startswith("<h1>Bad Message 431")) == (431, True)


def test_bodies_are_compressed_both_ways(salesforce: Salesforce) -> None:
    response = salesforce.call(
        "POST",
        "sobjects/Account",
        content=gzip.compress(b'{"Name": "Packed"}'),
        headers={"Content-Encoding": "gzip", "Content-Type": "application/json"},
    )
    assert response.status_code == 201
    described = salesforce.call("GET", f"{DATA}/sobjects/Account/describe", headers={"Accept-Encoding": "gzip"})
    assert described.headers["Content-Encoding"] == "gzip"
    assert described.json()["name"] == "Account"
