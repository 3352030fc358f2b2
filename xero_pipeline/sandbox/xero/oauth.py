"""Xero's identity server on HTTP: token, revocation, discovery, the page where a user allows an app in, and /connections."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from xero_pipeline.sandbox.xero import refusals
from xero_pipeline.sandbox.xero.authorize_page import authorize_page
from xero_pipeline.sandbox.xero.identity import Identity, OAuthError
from xero_pipeline.sandbox.xero.oauth_state import CONNECTIONS_SCOPE, Caller
from xero_pipeline.sandbox.xero.tenants import Tenants

CARRIED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
)


class OAuthServer:
    """The routes of one identity server and the organisations its users can choose from."""

    def __init__(self, identity: Identity, tenants: Tenants) -> None:
        self.identity = identity
        self.tenants = tenants

    def routes(self) -> list[BaseRoute]:
        """Everything but the accounting API. `/Connections` is how the SDKs spell it."""
        return [
            Route("/connect/token", self.token, methods=["POST"]),
            Route("/connect/revocation", self.revocation, methods=["POST"]),
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/.well-known/openid-configuration/jwks", self.keys),
            Route("/identity/connect/authorize", self.ask, methods=["GET"]),
            Route("/identity/connect/authorize", self.decide, methods=["POST"]),
            *(Route(path, self.connections, methods=["GET"]) for path in ("/connections", "/Connections")),
            *(
                Route(f"{path}/{{connection_id}}", self.disconnect, methods=["DELETE"])
                for path in ("/connections", "/Connections")
            ),
        ]

    async def token(self, request: Request) -> Response:
        """Every grant; errors are 400 with a snake_case code (xero.md section 5)."""
        form = await _form(request)
        client_id, client_secret = _client(request, form)
        grant = form.get("grant_type", "")
        try:
            if grant == "client_credentials":
                app = self.identity.authenticate(client_id, client_secret)
                answer = self.identity.client_credentials(app, form.get("scope", ""))
            elif grant == "authorization_code":
                answer = self.identity.exchange_code(
                    client_id,
                    client_secret,
                    form.get("code", ""),
                    form.get("redirect_uri", ""),
                    form.get("code_verifier", ""),
                )
            elif grant == "refresh_token":
                answer = self.identity.refresh(client_id, client_secret, form.get("refresh_token", ""))
            else:
                raise OAuthError("unsupported_grant_type")
        except OAuthError as error:
            return JSONResponse({"error": str(error)}, 400, headers={"Cache-Control": "no-store"})
        return JSONResponse(answer, headers={"Cache-Control": "no-store, no-cache, max-age=0", "Pragma": "no-cache"})

    async def revocation(self, request: Request) -> Response:
        """200 with an empty body, also for a token that is none."""
        form = await _form(request)
        try:
            self.identity.revoke(*_client(request, form), form.get("token", ""))
        except OAuthError as error:
            return JSONResponse({"error": str(error)}, 400)
        return Response()

    async def discovery(self, request: Request) -> Response:
        """The OpenID document, with this server's own addresses."""
        base = str(request.base_url).rstrip("/")
        return JSONResponse(
            {
                "issuer": "https://identity.xero.com",
                "jwks_uri": f"{base}/.well-known/openid-configuration/jwks",
                "authorization_endpoint": f"{base}/identity/connect/authorize",
                "token_endpoint": f"{base}/connect/token",
                "revocation_endpoint": f"{base}/connect/revocation",
                "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
                "response_types_supported": ["code"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["plain", "S256"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(self, request: Request) -> Response:
        """The key tokens are signed with."""
        return JSONResponse(self.identity.signer.key_set())

    async def ask(self, request: Request) -> Response:
        """The page a user sees: choose an organisation, allow or cancel."""
        asked = dict(request.query_params)
        refused = self._refuse(asked)
        if refused is not None:
            return refused
        carried = {name: asked.get(name, "") for name in CARRIED}
        tenants = [(tenant.tenant_id, tenant.name) for tenant in self.tenants]
        return HTMLResponse(
            authorize_page(self.identity.apps[asked["client_id"]].name, tenants, asked["scope"], carried)
        )

    async def decide(self, request: Request) -> Response:
        """What the user pressed: back to the app with a code, or with access_denied."""
        asked = await _form(request)
        refused = self._refuse(asked)
        if refused is not None:
            return refused
        tenant_id = asked.get("tenant_id", "")
        if asked.get("decision") != "allow" or self.tenants.find(tenant_id) is None:
            return _back(asked, {"error": "access_denied"})
        code = self.identity.consent(
            asked["client_id"],
            [tenant_id],
            asked["scope"].split(),
            asked["redirect_uri"],
            challenge=asked.get("code_challenge", ""),
            challenge_method=asked.get("code_challenge_method", ""),
            nonce=asked.get("nonce", ""),
        )
        return _back(asked, {"code": code, "scope": asked["scope"], "session_state": uuid.uuid4().hex})

    async def connections(self, request: Request) -> Response:
        """The organisations the caller may use. A custom connection may not ask (xero.md section 5): 403."""
        caller = self._caller(request)
        if isinstance(caller, Response):
            return caller
        event = request.query_params.get("authEventId", "")
        return JSONResponse(
            [
                {
                    "id": held.id,
                    "authEventId": held.auth_event_id,
                    "tenantId": held.tenant_id,
                    "tenantType": "ORGANISATION",
                    "tenantName": tenant.name,
                    "createdDateUtc": _seven_decimals(held.created),
                    "updatedDateUtc": _seven_decimals(held.updated),
                }
                for held in self.identity.connections_of(caller)
                if event in ("", held.auth_event_id) and (tenant := self.tenants.find(held.tenant_id)) is not None
            ]
        )

    async def disconnect(self, request: Request) -> Response:
        """204, or 404 for a connection that is not the caller's."""
        caller = self._caller(request)
        if isinstance(caller, Response):
            return caller
        gone = self.identity.delete_connection(caller, request.path_params["connection_id"])
        return Response(status_code=204) if gone else refusals.not_found()

    def _caller(self, request: Request) -> Caller | Response:
        try:
            caller = self.identity.caller(refusals.bearer_of(request))
        except OAuthError as error:
            return refusals.unauthorised(str(error))
        if not caller.user_id and CONNECTIONS_SCOPE not in caller.scopes:
            return refusals.forbidden()
        return caller

    def _refuse(self, asked: Mapping[str, str]) -> Response | None:
        """A page for what must not be redirected to, a redirect for what the app should hear about (RFC 6749, 4.1.2.1)."""
        if asked.get("client_id", "") not in self.identity.apps or not _allowed_redirect(asked.get("redirect_uri", "")):
            problem = (
                "unauthorized_client" if asked.get("client_id", "") not in self.identity.apps else "invalid_request"
            )
            text = "Unknown client or redirect URI. A redirect is https, or http://localhost; http://127.0.0.1 is not allowed."
            return HTMLResponse(f"<!doctype html><title>Error</title><h1>Error: {problem}</h1><p>{text}</p>", 400)
        try:
            self.identity.check_authorization(
                asked["client_id"], asked.get("scope", ""), asked.get("response_type", "")
            )
        except OAuthError as error:
            return _back(asked, {"error": str(error)})
        return None


def _allowed_redirect(uri: str) -> bool:
    """https anywhere, or http on localhost: Xero takes no http://127.0.0.1 (xero.md section 5)."""
    parts = urlsplit(uri)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost")
    )


def _back(asked: Mapping[str, str], answer: dict[str, str]) -> Response:
    if asked.get("state"):
        answer["state"] = asked["state"]
    uri = asked["redirect_uri"]
    return RedirectResponse(f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}", 302)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _client(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """Basic header or form fields: the documents show the first, the SDKs send the second."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, client_secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote(client_id), unquote(client_secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def _seven_decimals(instant: str) -> str:
    """`2019-12-07T18:46:19.5165400`: no zone, seven decimals, as recorded."""
    return f"{datetime.fromisoformat(instant):%Y-%m-%dT%H:%M:%S.%f}0"
