"""Tokens, consent and connections (xero.md section 5)."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from xero_pipeline.sandbox.server import Sandbox
from xero_pipeline_tests import loopback
from xero_pipeline_tests.loopback import NO_CERTIFICATES
from xero_pipeline_tests.sandbox.http.client import API, Client, connected, credentials

CALLBACK = "http://localhost:8765/callback"
SCOPE = "openid profile email offline_access accounting.contacts accounting.settings.read"


class WebApp:
    """A web app at the browser's side of the fence: asks, lets the user press a button, exchanges the code."""

    def __init__(self, sandbox: Sandbox) -> None:
        # No connection is kept, so nothing has to be closed.
        self.http = httpx.Client(
            verify=NO_CERTIFICATES, base_url=sandbox.url, limits=httpx.Limits(max_keepalive_connections=0)
        )
        announced = sandbox.announcement["xero"]
        assert isinstance(announced, dict)
        self.app = announced["web_app"]
        self.organisations = announced["organisations"]
        self.basic = (self.app["client_id"], self.app["client_secret"])

    def request(self, **changes: str) -> dict[str, str]:
        asked = {
            "response_type": "code",
            "client_id": self.app["client_id"],
            "redirect_uri": CALLBACK,
            "scope": SCOPE,
            "state": "s t/a?te",
        }
        return asked | changes

    def press(self, decision: str = "allow", organisation: int = 0, **changes: str) -> dict[str, str]:
        """The user's answer, as the parameters the redirect carries."""
        tenant_id = self.organisations[organisation]["tenant_id"]
        form = {**self.request(**changes), "decision": decision, "tenant_id": tenant_id}
        response = self.http.post("/identity/connect/authorize", data=form)
        assert response.status_code == 302, response.text
        location = response.headers["Location"]
        assert location.startswith(f"{CALLBACK}?")
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

    def token(self, **form: str) -> httpx.Response:
        return self.http.post("/connect/token", data=form, auth=self.basic)

    def exchange(self, code: str) -> httpx.Response:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)

    def connect(self, organisation: int = 0) -> dict[str, str]:
        response = self.exchange(self.press(organisation=organisation)["code"])
        assert response.status_code == 200, response.text
        return dict(response.json())

    def refresh(self, token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def organisation(self, access_token: str, tenant_id: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {access_token}", "xero-tenant-id": tenant_id, "Accept": "application/json"}
        return self.http.get(f"{API}/Organisation", headers=headers)

    def connections(self, access_token: str) -> list[dict[str, str]]:
        response = self.http.get("/connections", headers={"Authorization": f"Bearer {access_token}"})
        assert response.status_code == 200, response.text
        return list(response.json())


@pytest.fixture
def web(sandbox: Sandbox) -> WebApp:
    return WebApp(sandbox)


def test_a_custom_connection_needs_no_tenant_and_gets_no_refresh_token(shared: Sandbox) -> None:
    response = loopback.post(
        f"{shared.url}/connect/token", data={"grant_type": "client_credentials"}, auth=credentials(shared)
    )

    assert response.json()["expires_in"] == 1800
    assert response.json()["token_type"] == "Bearer"
    assert "refresh_token" not in response.json()
    with connected(shared) as client:
        assert client.get(f"{API}/Organisation").status_code == 200


def test_a_client_may_send_its_secret_in_the_form(shared: Sandbox) -> None:
    client_id, client_secret = credentials(shared)
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}

    assert loopback.post(f"{shared.url}/connect/token", data=form).status_code == 200


@pytest.mark.parametrize(
    ("form", "wrong", "error"),
    [
        ({"grant_type": "client_credentials"}, "secret", "invalid_client"),
        ({"grant_type": "client_credentials"}, "id", "invalid_client"),
        ({"grant_type": "client_credentials"}, "nothing sent", "unauthorized_client"),
        ({"grant_type": "client_credentials", "scope": "accounting.transactions"}, "", "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "openid"}, "", "invalid_scope"),
        ({"grant_type": "password"}, "", "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "gone"}, "", "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "gone"}, "", "invalid_grant"),
    ],
)
def test_token_errors_are_400_with_a_code(shared: Sandbox, form: dict[str, str], wrong: str, error: str) -> None:
    client_id, client_secret = credentials(shared)
    pair = {
        "secret": (client_id, "wrong"),
        "id": ("wrong", client_secret),
        "nothing sent": ("", ""),
    }.get(wrong, (client_id, client_secret))

    response = loopback.post(f"{shared.url}/connect/token", data=form, auth=pair)

    assert (response.status_code, response.json()) == (400, {"error": error})


def test_the_page_lets_a_user_choose_an_organisation(shared: Sandbox) -> None:
    web = WebApp(shared)

    page = web.http.get("/identity/connect/authorize", params=web.request())

    assert page.status_code == 200
    for organisation in web.organisations:
        assert organisation["tenant_id"] in page.text
    assert 'value="allow"' in page.text
    assert 'value="s t/a?te"' in page.text


def test_allowing_leads_to_tokens_and_a_connection(web: WebApp) -> None:
    answer = web.press()
    tokens = web.exchange(answer["code"]).json()
    (connection,) = web.connections(tokens["access_token"])
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})

    assert answer["state"] == "s t/a?te"
    assert {"access_token", "refresh_token", "id_token", "expires_in", "token_type", "scope"} <= tokens.keys()
    assert connection["tenantType"] == "ORGANISATION"
    assert connection["authEventId"] == claims["authentication_event_id"]
    assert len(connection["createdDateUtc"]) == len("2019-12-07T18:46:19.5165400")
    assert web.organisation(tokens["access_token"], connection["tenantId"]).status_code == 200


def test_denying_leads_back_with_access_denied(web: WebApp) -> None:
    assert web.press("deny") == {"error": "access_denied", "state": "s t/a?te"}


def test_a_redirect_to_an_address_by_number_is_not_allowed(shared: Sandbox) -> None:
    web = WebApp(shared)
    asked = web.request(redirect_uri="http://127.0.0.1:8765/callback")

    response = web.http.get("/identity/connect/authorize", params=asked)

    assert response.status_code == 400
    assert "Location" not in response.headers


def test_a_broad_scope_is_sent_back_as_invalid(shared: Sandbox) -> None:
    web = WebApp(shared)

    response = web.http.get("/identity/connect/authorize", params=web.request(scope="accounting.transactions"))

    assert "error=invalid_scope" in response.headers["Location"]


def test_a_code_works_once_and_for_five_minutes(web: WebApp) -> None:
    used, late = web.press()["code"], web.press()["code"]
    assert web.exchange(used).status_code == 200
    assert web.exchange(used).json() == {"error": "invalid_grant"}

    web.http.post("/sandbox/clock", json={"advance_seconds": 301})

    assert web.exchange(late).json() == {"error": "invalid_grant"}


def test_pkce_stands_in_for_a_secret(web: WebApp) -> None:
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()

    def exchange(proof: str) -> httpx.Response:
        code = web.press(code_challenge=challenge, code_challenge_method="S256")["code"]
        form = {
            "grant_type": "authorization_code",
            "client_id": web.app["client_id"],
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": proof,
        }
        return web.http.post("/connect/token", data=form)

    assert exchange("w" * 64).json() == {"error": "invalid_grant"}
    assert exchange(verifier).status_code == 200


def test_refreshing_rotates_and_the_previous_token_has_thirty_minutes(web: WebApp) -> None:
    first = web.connect()["refresh_token"]
    second = web.refresh(first).json()["refresh_token"]
    assert second != first

    web.http.post("/sandbox/clock", json={"advance_seconds": 29 * 60})
    assert web.refresh(first).status_code == 200
    web.http.post("/sandbox/clock", json={"advance_seconds": 2 * 60})

    assert web.refresh(first).json() == {"error": "invalid_grant"}
    assert web.refresh(second).status_code == 200


def test_a_refresh_token_lasts_sixty_days(web: WebApp) -> None:
    token = web.connect()["refresh_token"]
    web.http.post("/sandbox/clock", json={"advance_seconds": 60 * 86_400 + 1})

    assert web.refresh(token).json() == {"error": "invalid_grant"}


def test_an_access_token_lasts_thirty_minutes_of_the_sandboxs_clock(client: Client) -> None:
    client.control("POST", "clock", {"advance_seconds": 1801})

    response = client.get(f"{API}/Organisation")

    assert response.status_code == 401
    assert response.json()["Title"] == "Unauthorized"
    assert response.json()["Detail"].startswith("TokenExpired: token expired at ")


def test_a_token_of_another_maker_is_401(shared: Sandbox) -> None:
    headers = {"Accept": "application/json", "Authorization": "Bearer ey.not.ours"}

    response = loopback.get(f"{shared.url}{API}/Organisation", headers=headers)

    assert (response.status_code, response.json()["Detail"]) == (401, "AuthenticationUnsuccessful")


def test_a_missing_scope_is_401_and_says_so(shared: Sandbox) -> None:
    with connected(shared, "accounting.contacts.read") as client:
        refused = client.get(f"{API}/Invoices")

        assert client.get(f"{API}/Contacts").status_code == 200
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "insufficient_scope")


def test_another_organisation_is_403(shared: Sandbox) -> None:
    web = WebApp(shared)
    tokens = web.connect(organisation=0)

    refused = web.organisation(tokens["access_token"], web.organisations[1]["tenant_id"])

    assert (refused.status_code, refused.json()["Detail"]) == (403, "AuthenticationUnsuccessful")
    assert web.organisation(tokens["access_token"], "").status_code == 403


def test_a_record_of_another_organisation_is_404(shared: Sandbox) -> None:
    with connected(shared) as client:
        elsewhere = client.control("GET", f"xero/{WebApp(shared).organisations[1]['tenant_id']}/records/Contacts")[0]

        assert client.get(f"{API}/Contacts/{elsewhere}").status_code == 404


def test_deleting_a_connection_ends_it(web: WebApp) -> None:
    tokens = web.connect()
    (connection,) = web.connections(tokens["access_token"])
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert web.http.delete(f"/connections/{connection['tenantId']}", headers=headers).status_code == 404
    assert web.http.delete(f"/connections/{connection['id']}", headers=headers).status_code == 204
    assert web.connections(tokens["access_token"]) == []
    assert web.organisation(tokens["access_token"], connection["tenantId"]).status_code == 403


def test_revoking_drops_the_tokens_and_the_connections_of_the_user(web: WebApp) -> None:
    tokens = web.connect()

    revoked = web.http.post("/connect/revocation", data={"token": tokens["refresh_token"]}, auth=web.basic)

    assert (revoked.status_code, revoked.content) == (200, b"")
    assert web.refresh(tokens["refresh_token"]).json() == {"error": "invalid_grant"}
    assert web.connections(tokens["access_token"]) == []


def test_connecting_again_keeps_the_connections_id(web: WebApp) -> None:
    first = web.connections(web.connect()["access_token"])[0]
    second = web.connections(web.connect()["access_token"])[0]

    assert (second["id"], second["createdDateUtc"]) == (first["id"], first["createdDateUtc"])
    assert second["updatedDateUtc"] > first["updatedDateUtc"]


def test_a_custom_connection_may_not_list_connections(reader: Client) -> None:
    assert reader.get("/connections").status_code == 403


def test_an_organisation_that_disconnects_is_403_until_restored(client: Client) -> None:
    tenant = client.control("GET", "xero")[0]["tenant_id"]

    client.control("POST", f"xero/connections/{tenant}/revoke")
    assert client.get(f"{API}/Organisation").status_code == 403
    client.control("POST", f"xero/connections/{tenant}/restore")

    assert client.get(f"{API}/Organisation").status_code == 200


def test_the_published_key_verifies_a_token(shared: Sandbox) -> None:
    tokens = WebApp(shared).connect()
    discovery = loopback.get(f"{shared.url}/.well-known/openid-configuration").json()

    key = jwt.PyJWKSet.from_dict(loopback.get(discovery["jwks_uri"]).json())["sandbox"]
    # The sandbox's clock is not this machine's, by which the library would judge the times.
    claims = jwt.decode(
        tokens["access_token"],
        key.key,
        ["RS256"],
        audience="https://identity.xero.com/resources",
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )

    assert claims["scope"] == SCOPE.split()
    now = datetime.fromisoformat(loopback.get(f"{shared.control}/clock").json()["now"]).timestamp()
    assert claims["nbf"] <= now < claims["exp"] <= now + 1800
