"""Signing in: JWT bearer and client credentials, revocation, and who a token belongs to.

Errors are `400 {"error", "error_description"}` as in reference/salesforce.md, section 1. There is no `expires_in` and no refresh
token: a lost or expired session is simply asked for again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qs, unquote

import jwt
from cryptography.hazmat.primitives import serialization
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from xero_pipeline.sandbox.salesforce.failures import ApiError
from xero_pipeline.sandbox.salesforce.org import Org
from xero_pipeline.sandbox.salesforce.values import Row
from xero_pipeline.sandbox.salesforce.web import Api, answer, bearer

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
LEEWAY = timedelta(seconds=180)


class OAuthError(Exception):
    """A refused grant: the two words of the answer."""

    def __init__(self, error: str, description: str) -> None:
        self.error = error
        self.description = description
        super().__init__(f"{error}: {description}")


def oauth_routes(api: Api) -> list[Route]:
    """`/services/oauth2/token`, `/revoke`, `/userinfo` and `/id/{org}/{user}`."""

    async def token(request: Request) -> Response:
        form = _form(await request.body())
        try:
            return answer(_grant(api, request, form))
        except OAuthError as refused:
            return answer({"error": refused.error, "error_description": refused.description}, 400)

    async def revoke(request: Request) -> Response:
        form = _form(await request.body()) | _form(request.url.query.encode())
        if api.org.drop_tokens([form.get("token", "")]):
            return Response(status_code=200)
        return answer({"error": "invalid_token", "error_description": "invalid token"}, 400)

    async def identity(request: Request) -> Response:
        try:
            user_id = bearer(api.org, request, api.now())
        except ApiError:
            # The identity service answers in plain text, unlike the data API.
            return PlainTextResponse("Bad_OAuth_Token", 403)
        return answer(_identity(api.org, request, user_id))

    return [
        Route("/services/oauth2/token", token, methods=["POST"]),
        Route("/services/oauth2/revoke", revoke, methods=["GET", "POST"]),
        Route("/services/oauth2/userinfo", identity, methods=["GET", "POST"]),
        Route("/id/{org_id}/{user_id}", identity, methods=["GET"]),
    ]


def instance_url(request: Request) -> str:
    """Where the client reached this server: the sandbox is its own My Domain, whatever its port."""
    return f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"


def _form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _grant(api: Api, request: Request, form: dict[str, str]) -> dict[str, str]:
    grant = form.get("grant_type", "")
    now = api.now()
    if grant == JWT_BEARER:
        user = _assertion_user(api.org, request, form.get("assertion", ""), now)
    elif grant == "client_credentials":
        user = _client_user(api.org, request, form)
    else:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    if not user["IsActive"]:
        raise OAuthError("invalid_grant", "inactive user")
    host = instance_url(request)
    body = {
        "access_token": api.org.new_token(str(user["Id"]), now),
        "scope": "api id",
        "instance_url": host,
        "id": f"{host}/id/{api.org.settings.org_id}/{user['Id']}",
        "token_type": "Bearer",
    }
    if grant == "client_credentials":
        body["issued_at"] = str(int(now.timestamp() * 1000))
        signed = hmac.digest(
            api.org.settings.client_secret.encode(), (body["id"] + body["issued_at"]).encode(), hashlib.sha256
        )
        body["signature"] = base64.b64encode(signed).decode()
    return body


def _client_user(org: Org, request: Request, form: dict[str, str]) -> Row:
    client_id, client_secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthError("invalid_client", "invalid client credentials") from None
        client_id, client_secret = unquote(name), unquote(secret)
    if client_id != org.settings.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(client_secret.encode(), org.settings.client_secret.encode()):
        raise OAuthError("invalid_client", "invalid client credentials")
    user = org.user(org.settings.username)
    if user is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    return user


def _assertion_user(org: Org, request: Request, assertion: str, now: datetime) -> Row:
    try:
        # Expiry and audience are checked below: real clients send `exp` as text, and the audience may be this host.
        claims = jwt.decode(
            assertion,
            _public_key(org.settings.private_key),
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_nbf": False},
        )
    except jwt.PyJWTError:
        raise OAuthError("invalid_grant", "invalid assertion") from None
    if claims.get("iss") != org.settings.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if str(claims.get("aud", "")).rstrip("/") not in (*AUDIENCES, instance_url(request)):
        raise OAuthError("invalid_grant", "audience is invalid")
    _check_expiry(claims.get("exp"), now)
    username = str(claims.get("sub", ""))
    user = org.user(username)
    if user is None or username not in org.settings.approved_usernames:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    return user


def _check_expiry(exp: object, now: datetime) -> None:
    if not isinstance(exp, int | str) or not str(exp).isdigit():
        raise OAuthError("invalid_grant", "invalid expiration")
    expires = datetime.fromtimestamp(int(exp), UTC)
    # An assertion lives in the machine's time, and the sandbox's clock may have been moved: good in either is good.
    if expires + LEEWAY < now and expires + LEEWAY < datetime.now(UTC):
        raise OAuthError("invalid_grant", "expired authorization code")


@lru_cache(maxsize=8)
def _public_key(private_key: str) -> bytes:
    # Reading a private key proves its primes, which takes longer than all the rest of signing in.
    key = serialization.load_pem_private_key(private_key.encode(), None)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _identity(org: Org, request: Request, user_id: str) -> dict[str, object]:
    user = org.row(user_id) or {}
    host = instance_url(request)
    return {
        "id": f"{host}/id/{org.settings.org_id}/{user_id}",
        "user_id": user_id,
        "organization_id": org.settings.org_id,
        "username": user.get("Username"),
        "display_name": user.get("Name"),
        "email": user.get("Email"),
        "active": user.get("IsActive"),
        "user_type": "STANDARD",
        "timezone": user.get("TimeZoneSidKey"),
        "locale": user.get("LocaleSidKey"),
        "language": user.get("LanguageLocaleKey"),
        "urls": {
            "rest": f"{host}/services/data/v{{version}}/",
            "query": f"{host}/services/data/v{{version}}/query/",
            "sobjects": f"{host}/services/data/v{{version}}/sobjects/",
        },
    }
