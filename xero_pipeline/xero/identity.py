"""Xero's identity service: getting, renewing and giving back tokens, and the page where a person lets the app in.

Sources: xero.md section 5 and xero-identity.yaml. A code lives 5 minutes and an access token 30; every refresh gives a new
refresh token, and the one before may be used again for 30 minutes if the answer was lost.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import msgspec

from xero_pipeline.certificates import trusted
from xero_pipeline.domain.errors import PipelineError, Reconnect, Transient
from xero_pipeline.domain.org import Switches
from xero_pipeline.xero import faults

# What an export writes to: contacts and items and invoices, never payments or journals. Whether items are covered by the scope
# of settings or by that of invoices is told both ways (xero.md section 2, Items), so both are asked for.
EXPORT_SCOPES = ("accounting.settings", "accounting.contacts", "accounting.invoices")


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and what renews it. `expires_at` is aware UTC. Its repr shows no secret.

    `refresh_token` is empty for a custom connection. `previous_refresh_token` is the one before, if it is still kept.
    """

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(default="", repr=False)
    previous_refresh_token: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation that a person has let the app into. `connection_id` is what disconnecting deletes, not the tenant."""

    connection_id: str
    tenant_id: str
    name: str
    kind: str
    auth_event_id: str


@dataclass(frozen=True, slots=True)
class Consent:
    """A visit to Xero's page: where to send the person, and what must be remembered until they come back."""

    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


class _TokenAnswer(msgspec.Struct):
    access_token: str
    expires_in: int
    refresh_token: str = ""
    scope: str = ""


class _TenantAnswer(msgspec.Struct, rename="camel"):
    id: str
    tenant_id: str
    tenant_type: str = ""
    tenant_name: str | None = None
    auth_event_id: str | None = None


def scopes(switches: Switches, *, exports: bool, person: bool = False) -> tuple[str, ...]:
    """The granular scopes that what is switched on needs (xero.md section 4), reading only unless `exports`.

    `person` adds what the authorisation code grant needs for refresh tokens; custom connections may not ask for it.
    """
    kinds = ["accounting.settings", "accounting.contacts", "accounting.invoices", "accounting.payments"]
    if switches.manual_journals:
        kinds.append("accounting.manualjournals")
    written = EXPORT_SCOPES if exports else ()
    granted = tuple(kind if kind in written else f"{kind}.read" for kind in kinds)
    return ("openid", "profile", "email", "offline_access", *granted) if person else granted


def consent(login_url: str, client_id: str, redirect_uri: str, wanted: Sequence[str]) -> Consent:
    """A fresh visit to the authorize page, with PKCE and a state that only this visit knows."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(wanted),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return Consent(f"{login_url}/identity/connect/authorize?{urlencode(query)}", state, verifier)


def auth_event_id(token: Token) -> str:
    """The consent an access token came from, for telling which tenant was just added; empty if it does not say.

    Only read, not verified: it came straight from Xero, and it selects among tenants Xero lists for this very token.
    """
    parts = token.access_token.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return ""
    return str(claims.get("authentication_event_id", "")) if isinstance(claims, dict) else ""


class Identity:
    """The identity service, as one app sees it. An app without a secret is a PKCE app."""

    def __init__(
        self,
        identity_url: str,
        client_id: str,
        client_secret: str,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client_id = client_id
        self._has_secret = bool(client_secret)
        self._clock = clock
        self._http = httpx.Client(
            base_url=identity_url,
            transport=transport,
            verify=trusted(),
            auth=httpx.BasicAuth(client_id, client_secret) if client_secret else None,
            timeout=httpx.Timeout(30.0, connect=10.0),
            headers={"Accept": "application/json"},
        )

    def __repr__(self) -> str:
        return f"Identity({str(self._http.base_url)!r}, {self._client_id!r})"

    def close(self) -> None:
        self._http.close()

    def client_credentials(self, wanted: Sequence[str]) -> Token:
        """The token of a custom connection: one organisation, no refresh token. Raises Reconnect, Permanent, Transient."""
        return self._token({"grant_type": "client_credentials", "scope": " ".join(wanted)})

    def exchange_code(self, code: str, redirect_uri: str, verifier: str) -> Token:
        """The first token after a person's consent. Raises Reconnect, Permanent, Transient."""
        return self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    def refresh(self, token: Token) -> Token:
        """A new token for an old one. Raises Reconnect when neither of its refresh tokens is accepted; also Transient."""
        if not token.refresh_token:
            raise faults.cannot_refresh()
        try:
            renewed = self._refreshed(token.refresh_token)
        except Reconnect:
            if not token.previous_refresh_token:
                raise
            renewed = self._refreshed(token.previous_refresh_token)
        return replace(
            renewed,
            refresh_token=renewed.refresh_token or token.refresh_token,
            previous_refresh_token=token.refresh_token,
            scopes=renewed.scopes or token.scopes,
        )

    def revoke(self, token: Token) -> None:
        """Give a refresh token back: every organisation that its person connected to this app is disconnected."""
        self._post("/connect/revocation", {"token": token.refresh_token})

    def _refreshed(self, refresh_token: str) -> Token:
        return self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def _token(self, form: dict[str, str]) -> Token:
        asked_at = self._clock()
        response = self._post("/connect/token", form)
        try:
            answer = msgspec.json.decode(response.content, type=_TokenAnswer, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError):
            answer = None
        if answer is None:
            raise Transient("Xero's identity service answered with something that is no token.")
        return Token(
            answer.access_token,
            asked_at + timedelta(seconds=answer.expires_in),
            answer.refresh_token,
            scopes=tuple(answer.scope.split()),
        )

    def _post(self, path: str, form: dict[str, str]) -> httpx.Response:
        if not self._has_secret:
            form = form | {"client_id": self._client_id}
        fault: PipelineError
        try:
            response = self._http.post(path, data=form)
        except httpx.RequestError as error:
            fault = faults.no_answer(error, "the request for a token")
        else:
            if response.is_success:
                return response
            fault = faults.of_token(response)
        raise fault


def tenants(
    api_url: str, token: Token, *, event_id: str = "", transport: httpx.BaseTransport | None = None
) -> tuple[Tenant, ...]:
    """The organisations that a token reaches; with `event_id` only those of that consent. Raises Reconnect, Transient."""
    response = _connections(
        api_url, token, "GET", "/connections", {"authEventId": event_id} if event_id else {}, transport
    )
    try:
        answers = msgspec.json.decode(response.content, type=list[_TenantAnswer])
    except (msgspec.DecodeError, UnicodeDecodeError):
        answers = None
    if answers is None:
        raise Transient("Xero answered the list of connections with something that is none.")
    return tuple(
        Tenant(one.id, one.tenant_id, one.tenant_name or "", one.tenant_type, one.auth_event_id or "")
        for one in answers
        if one.tenant_type in ("", "ORGANISATION")
    )


def disconnect(api_url: str, token: Token, connection_id: str, *, transport: httpx.BaseTransport | None = None) -> None:
    """Disconnect one organisation; one that is disconnected already is fine. Raises Reconnect, Transient."""
    _connections(api_url, token, "DELETE", f"/connections/{connection_id}", {}, transport)


def _connections(
    api_url: str,
    token: Token,
    method: str,
    path: str,
    query: Mapping[str, str],
    transport: httpx.BaseTransport | None,
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token.access_token}", "Accept": "application/json"}
    fault: PipelineError
    with httpx.Client(base_url=api_url, transport=transport, verify=trusted(), timeout=30.0, headers=headers) as http:
        try:
            response = http.request(method, path, params=query)
        except httpx.RequestError as error:
            fault = faults.no_answer(error, "about the connections")
        else:
            if response.is_success or (method == "DELETE" and response.status_code == 404):
                return response
            fault = faults.of_api(response, "the connections")
    raise fault
