"""Logging in to Salesforce: JWT bearer or client credentials, one token a run, renewed once when the session ends.

Neither flow has a refresh token, so none can be lost, rotated away or raced for: a dead token is simply asked for again
(salesforce.md section 1). The token lives in memory only.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, timedelta

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from xero_pipeline.domain.errors import Permanent, Reconnect, Transient
from xero_pipeline.salesforce.faults import one_line, session_is_dead
from xero_pipeline.salesforce.values import decode

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SHARED_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
# Salesforce refuses assertions that live much longer than this.
_ASSERTION_LIFE = timedelta(minutes=3)

# What Salesforce says of a dead grant (salesforce.md section 1): part of its words, what happened, what to do.
_DEAD_GRANTS: tuple[tuple[str, str, str], ...] = (
    ("inactive user", "the user the sync signs in as is deactivated",
     "Activate the user in Salesforce Setup, or sign in as another with SALESFORCE_USERNAME."),
    ("user is locked", "the user the sync signs in as is locked out", "Unlock the user in Salesforce Setup."),
    ("hasn't approved", "the connected app is not approved for the user the sync signs in as",
     "Set the app's permitted users to 'Admin approved users are pre-authorized' and give the user its permission set."),
    ("audience", "the login address does not belong to the kind of org",
     "Set SALESFORCE_LOGIN_URL to https://login.salesforce.com for production, https://test.salesforce.com for a sandbox org."),
    ("no client credentials user", "the connected app names no user to run as",
     "Enable the client credentials flow on the app and choose its Run As user."),
    ("expired access/refresh token", "the grant was revoked or has expired", "Approve the connected app again."),
    ("authentication failure", "the user may not log in from here or now, or its password was changed",
     "Check the user's login hours, IP ranges and state in Salesforce Setup."),
    ("invalid expiration", "this machine's clock is wrong", "Set the clock of this machine."),
    ("expired authorization code", "this machine's clock is wrong", "Set the clock of this machine."),
    ("invalid assertion", "the signature does not fit the app's certificate",
     "Upload the certificate of SALESFORCE_PRIVATE_KEY to the connected app."),
    ("invalid_client", "the client id or secret is wrong, or was rotated",
     "Copy SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET from the connected app again."),
    ("unsupported_grant_type", "the connected app does not allow this way to log in",
     "Enable JWT bearer or client credentials on the connected app."),
)  # fmt: skip


def audience_of(login_url: str) -> str:
    """Who a JWT is addressed to: production or test login for hosts of Salesforce, the login address itself elsewhere."""
    host = httpx.URL(login_url).host
    if host.endswith(".sandbox.my.salesforce.com") or host == "test.salesforce.com":
        return "https://test.salesforce.com"
    if host.endswith(".my.salesforce.com") or host == "login.salesforce.com":
        return "https://login.salesforce.com"
    return login_url.rstrip("/")


def load_key(pem: str) -> RSAPrivateKey:
    """The RSA key of a PEM text, whose line breaks may be written as `\\n`, as environment files do.

    Raises Permanent, without a word of the key, when it is none. Whether its numbers are a key's is left to Salesforce, which
    refuses what another signs: to prove it takes 35 ms, with 4,096 bits 240, and every run reads its key.
    """
    text = pem.replace("\\n", "\n").strip().encode()
    try:
        key = load_pem_private_key(text, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise Permanent(
            "SALESFORCE_PRIVATE_KEY is not an unencrypted RSA private key in PEM form.",
            next_step="Set it to the text of the key file, from BEGIN to END.",
        )
    return key


class SalesforceAuth(httpx.Auth):
    """Signs requests with the run's token, moves them to the org's instance, and logs in again once when the session ended.

    Requests may be built on any host: the flow sends them to the `instance_url` of the login answer, which is the only host
    that data calls may use. With `private_key` (PEM) the flow is JWT bearer as `username`, else client credentials.

    The flow raises Reconnect for a dead grant, Permanent for settings that cannot work, Transient when login itself failed in
    a way that passes. `audience` overrides the JWT's `aud`.
    """

    requires_response_body = True

    def __init__(
        self,
        login_url: str,
        client_id: str,
        *,
        client_secret: str = "",
        private_key: str = "",
        username: str = "",
        audience: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not login_url.startswith(("http://", "https://")):
            raise Permanent(
                f"{login_url!r} is not a login address.", next_step="Set SALESFORCE_LOGIN_URL to an https:// address."
            )
        if not client_id:
            raise Permanent("No Salesforce client id is set.", next_step="Set SALESFORCE_CLIENT_ID.")
        if private_key and not username:
            raise Permanent("A private key is set, but no user to sign in as.", next_step="Set SALESFORCE_USERNAME.")
        if not private_key and not client_secret:
            raise Permanent(
                "Neither a private key nor a client secret is set for Salesforce.",
                next_step="Set SALESFORCE_PRIVATE_KEY (JWT bearer) or SALESFORCE_CLIENT_SECRET (client credentials).",
            )
        if not private_key and httpx.URL(login_url).host in _SHARED_LOGIN_HOSTS:
            raise Permanent(
                "Client credentials are only accepted at the org's own address, not at the shared login page.",
                next_step="Set SALESFORCE_LOGIN_URL to https://<your domain>.my.salesforce.com.",
            )
        self._login_url = login_url.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._key = load_key(private_key) if private_key else None
        self._username = username
        self._audience = audience or audience_of(login_url)
        self._now = now
        self._token = ""
        self.instance_url = ""
        self.identity_url = ""
        self.logins = 0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not self._token:
            self._keep((yield self._login()))
        self._sign(request)
        response = yield request
        # Only a session that ended is cured by logging in; any other 401 would come back for ever (salesforce.md 6.24).
        if session_is_dead(response):
            self._keep((yield self._login()))
            self._sign(request)
            yield request

    def _sign(self, request: httpx.Request) -> None:
        instance = httpx.URL(self.instance_url)
        request.url = request.url.copy_with(scheme=instance.scheme, host=instance.host, port=instance.port)
        request.headers["Host"] = instance.netloc.decode("ascii")
        request.headers["Authorization"] = f"Bearer {self._token}"

    def _login(self) -> httpx.Request:
        self._token = ""
        self.logins += 1
        if self._key is None:
            form = {
                "grant_type": "client_credentials",
                "client_id": self._client_id,
                "client_secret": self._client_secret,
            }
        else:
            claims = {
                "iss": self._client_id,
                "sub": self._username,
                "aud": self._audience,
                "exp": self._now() + _ASSERTION_LIFE,
            }
            form = {"grant_type": _JWT_BEARER, "assertion": jwt.encode(claims, self._key, algorithm="RS256")}
        return httpx.Request(
            "POST", f"{self._login_url}/services/oauth2/token", data=form, headers={"Accept": "application/json"}
        )

    def _keep(self, response: httpx.Response) -> None:
        try:
            decoded = decode(response.content)
        except ValueError:
            decoded = None
        answer: Mapping[str, object] = decoded if isinstance(decoded, dict) else {}
        if response.is_success:
            self._keep_token(answer)
            return
        if response.status_code >= 500 or response.status_code in (408, 420, 429):
            raise Transient(f"Salesforce could not answer the login (HTTP {response.status_code}).")
        if "error" not in answer:
            raise Permanent(
                f"{self._login_url} does not answer as a Salesforce login (HTTP {response.status_code}).",
                next_step="Check SALESFORCE_LOGIN_URL.",
            )
        raise self._refusal(str(answer["error"]), str(answer.get("error_description") or ""))

    def _keep_token(self, answer: Mapping[str, object]) -> None:
        token, instance, identity = (str(answer.get(name) or "") for name in ("access_token", "instance_url", "id"))
        if not token or not instance.startswith(("http://", "https://")):
            raise Transient("Salesforce answered the login without a token or without the address of the org.")
        if self._login_url.startswith("https://") and not instance.startswith("https://"):
            raise Permanent(
                f"Salesforce named {instance} as the org's address, which is not encrypted; the token is not sent there.",
                next_step="Check SALESFORCE_LOGIN_URL.",
            )
        self._token, self.instance_url, self.identity_url = token, instance.rstrip("/"), identity

    def _refusal(self, error: str, description: str) -> Reconnect:
        said = f"{error}: {one_line(description, 200)}" if description else error
        if self._client_secret:  # Should the answer ever repeat what was sent, the secret is taken out of the sentence.
            said = said.replace(self._client_secret, "…")
        for part, happened, next_step in _DEAD_GRANTS:
            if part in said.casefold():
                return Reconnect(f"Salesforce refused the login: {happened} ({said}).", next_step=next_step)
        return Reconnect(
            f"Salesforce refused the login ({said}).",
            next_step="Check the connected app and its user in Salesforce Setup, then run `xero-pipeline connect salesforce`.",
        )
