"""Xero's identity: apps, users' consents, connections, codes and tokens, by the rules of xero.md section 5.

Logic alone; `oauth` puts it on HTTP. Every time limit follows the sandbox's clock. Access tokens are JWTs that nothing has to
remember: what a user or Xero takes back is the connection, and without one a living token meets 403.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from xero_pipeline.sandbox.clock import Clock
from xero_pipeline.sandbox.xero.oauth_state import (
    CONNECTIONS_SCOPE,
    GRANULAR,
    WEB_SCOPES,
    App,
    Caller,
    Code,
    Connection,
    Refresh,
)
from xero_pipeline.sandbox.xero.tokens import Signer

ACCESS_SECONDS = 1800
CODE_LIFE = timedelta(minutes=5)
REFRESH_LIFE = timedelta(days=60)
GRACE = timedelta(minutes=30)


class OAuthError(Exception):
    """A refusal of the token endpoint; the message is its snake_case error code."""


@dataclass(slots=True)
class Identity:
    """Everything the identity server remembers. `changed` is set by whatever has to survive a restart."""

    clock: Clock
    signer: Signer
    apps: dict[str, App] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    refreshes: dict[str, Refresh] = field(default_factory=dict)
    user_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    changed: bool = True

    # -- apps ------------------------------------------------------------------------------------------------------------

    def register(self, name: str, tenant_id: str = "") -> App:
        """A new app: a custom connection when it names its organisation, else a web app."""
        app = App(secrets.token_hex(16).upper(), secrets.token_urlsafe(36), name, tenant_id)
        self.apps[app.client_id] = app
        self.changed = True
        return app

    def authenticate(self, client_id: str, client_secret: str) -> App:
        """The app with this secret, else OAuthError: unauthorized_client without an id, invalid_client for a wrong pair."""
        if not client_id:
            raise OAuthError("unauthorized_client")
        app = self.apps.get(client_id)
        if app is None or not secrets.compare_digest(app.client_secret.encode(), client_secret.encode()):
            raise OAuthError("invalid_client")
        return app

    # -- consent ---------------------------------------------------------------------------------------------------------

    def check_authorization(self, client_id: str, scope: str, response_type: str) -> list[str]:
        """The scopes asked for, else OAuthError with the code the redirect carries."""
        app = self.apps.get(client_id)
        if app is None or app.custom:
            raise OAuthError("unauthorized_client")
        if response_type != "code":
            raise OAuthError("unsupported_response_type")
        scopes = scope.split()
        if not scopes or not WEB_SCOPES.issuperset(scopes):
            raise OAuthError("invalid_scope")
        return scopes

    def consent(
        self,
        client_id: str,
        tenant_ids: Iterable[str],
        scopes: list[str],
        redirect_uri: str,
        *,
        challenge: str = "",
        challenge_method: str = "",
        nonce: str = "",
    ) -> str:
        """The user allows the app into the organisations; answers the code. Connecting again keeps the connection's id."""
        now, event = self.clock.now(), str(uuid.uuid4())
        for tenant_id in tenant_ids:
            known = self._connection(client_id, tenant_id)
            if known is None:
                connection_id = str(uuid.uuid4())
                known = Connection(connection_id, client_id, self.user_id, tenant_id, event, now.isoformat(), "")
                self.connections[connection_id] = known
            known.auth_event_id, known.updated = event, now.isoformat()
        code = secrets.token_urlsafe(32)
        expires = (now + CODE_LIFE).isoformat()
        self.codes[code] = Code(
            client_id, self.user_id, event, scopes, redirect_uri, challenge, challenge_method or "plain", nonce, expires
        )
        self.changed = True
        return code

    # -- the three grants ------------------------------------------------------------------------------------------------

    def client_credentials(self, app: App, scope: str) -> dict[str, object]:
        """A custom connection's token, or a web app's with `app.connections`; without `scope` all the app may have."""
        allowed = GRANULAR if app.custom else frozenset({CONNECTIONS_SCOPE})
        if not app.connected:
            raise OAuthError("unauthorized_client")  # the code for a disconnected custom connection is unverified
        scopes = scope.split() or (sorted(allowed) if app.custom else [])
        if not scopes or not allowed.issuperset(scopes):
            # An app that is no custom connection has no organisation to give, and openid scopes need a user.
            raise OAuthError("invalid_scope" if app.custom or scope else "unauthorized_client")
        return self._access(app, "", "", scopes)

    def exchange_code(
        self, client_id: str, client_secret: str, code: str, redirect_uri: str, verifier: str
    ) -> dict[str, object]:
        """Tokens for a code. A public app proves itself by its PKCE verifier and sends no secret."""
        found = self.codes.pop(code, None)
        self.changed = True
        public = not client_secret and found is not None and bool(found.challenge)
        app = self._app(client_id) if public else self.authenticate(client_id, client_secret)
        if found is None or found.client_id != app.client_id or found.redirect_uri != redirect_uri:
            raise OAuthError("invalid_grant")
        if datetime.fromisoformat(found.expires) < self.clock.now() or not found.proved_by(verifier):
            raise OAuthError("invalid_grant")
        answer = self._access(app, found.user_id, found.auth_event_id, found.scopes)
        if "openid" in found.scopes:
            answer["id_token"] = self.signer.id_token(app.client_id, found.user_id, found.nonce, self.clock.now())
        return self._with_refresh(answer, app, found.user_id, found.auth_event_id, found.scopes, public=public)

    def refresh(self, client_id: str, client_secret: str, token: str) -> dict[str, object]:
        """New tokens for a refresh token, which is rotated; the previous one still works for 30 minutes from then."""
        found, now = self.refreshes.get(token), self.clock.now()
        public = not client_secret and found is not None and found.public
        app = self._app(client_id) if public else self.authenticate(client_id, client_secret)
        if found is None or found.client_id != app.client_id or datetime.fromisoformat(found.expires) < now:
            raise OAuthError("invalid_grant")
        if found.rotated and datetime.fromisoformat(found.rotated) + GRACE < now:
            raise OAuthError("invalid_grant")
        found.rotated = found.rotated or now.isoformat()
        self._forget_old(now)
        answer = self._access(app, found.user_id, found.auth_event_id, found.scopes)
        return self._with_refresh(answer, app, found.user_id, found.auth_event_id, found.scopes, public=found.public)

    def revoke(self, client_id: str, client_secret: str, token: str) -> None:
        """Takes a refresh token back, with every token and connection of its user for this app. An unknown one is no error."""
        found = self.refreshes.get(token)
        public = not client_secret and found is not None and found.public
        app = self._app(client_id) if public else self.authenticate(client_id, client_secret)
        if found is None or found.client_id != app.client_id:
            return
        mine = (app.client_id, found.user_id)
        self.refreshes = {key: held for key, held in self.refreshes.items() if (held.client_id, held.user_id) != mine}
        self.connections = {
            key: held for key, held in self.connections.items() if (held.client_id, held.user_id) != mine
        }
        self.changed = True

    # -- using a token ---------------------------------------------------------------------------------------------------

    def caller(self, bearer: str) -> Caller:
        """Whom the access token stands for, else OAuthError with the Detail of the 401."""
        claims = self.signer.read(bearer)
        app = self.apps.get(str(claims.get("client_id", ""))) if claims else None
        if claims is None or app is None:
            raise OAuthError("AuthenticationUnsuccessful")
        expires = int(str(claims["exp"]))
        if expires <= self.clock.now().timestamp():
            raise OAuthError(
                f"TokenExpired: token expired at {datetime.fromtimestamp(expires, self.clock.now().tzinfo):%m/%d/%Y %H:%M:%S}"
            )
        scopes = claims["scope"]
        if not isinstance(scopes, list):
            raise OAuthError("AuthenticationUnsuccessful")
        return Caller(app.client_id, str(claims.get("xero_userid", "")), frozenset(map(str, scopes)), app)

    def tenant_of(self, caller: Caller, tenant_header: str) -> str | None:
        """The organisation the call is about, None without a connection to it; a custom connection needs no header."""
        if caller.app.custom:
            own = caller.app.tenant_id
            return own if caller.app.connected and tenant_header.lower() in ("", own) else None
        return next(
            (
                held.tenant_id
                for held in self.connections_of(caller)
                if caller.user_id and held.tenant_id == tenant_header.lower()
            ),
            None,
        )

    def connections_of(self, caller: Caller) -> list[Connection]:
        """The caller's connections: its user's, or with `app.connections` all of the app."""
        return [
            held
            for held in self.connections.values()
            if held.client_id == caller.client_id and caller.user_id in ("", held.user_id)
        ]

    def delete_connection(self, caller: Caller, connection_id: str) -> bool:
        """Disconnects one organisation; False when the caller has no such connection."""
        if all(held.id != connection_id for held in self.connections_of(caller)):
            return False
        del self.connections[connection_id]
        self.changed = True
        return True

    def disconnect(self, tenant_id: str) -> int:
        """What a user does in Xero: every app loses the organisation. Answers how many connections that ended."""
        gone = [key for key, held in self.connections.items() if held.tenant_id == tenant_id]
        for key in gone:
            del self.connections[key]
        custom = [app for app in self.apps.values() if app.tenant_id == tenant_id and app.connected]
        for app in custom:
            app.connected = False
        self.changed = True
        return len(gone) + len(custom)

    def reconnect(self, tenant_id: str) -> None:
        """Authorises the organisation's custom connection again; web apps come back through consent."""
        for app in self.apps.values():
            if app.tenant_id == tenant_id:
                app.connected = True
        self.changed = True

    # -- keeping ---------------------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, object]:
        """Everything as plain JSON, keys and secrets included: the sandbox's own, worth nothing elsewhere."""
        return {
            "user_id": self.user_id,
            "key": self.signer.pem,
            "apps": [asdict(app) for app in self.apps.values()],
            "connections": [asdict(held) for held in self.connections.values()],
            "codes": {code: asdict(held) for code, held in self.codes.items()},
            "refreshes": {token: asdict(held) for token, held in self.refreshes.items()},
        }

    # -- inside ----------------------------------------------------------------------------------------------------------

    def _app(self, client_id: str) -> App:
        if client_id not in self.apps:
            raise OAuthError("invalid_client")
        return self.apps[client_id]

    def _connection(self, client_id: str, tenant_id: str) -> Connection | None:
        return next(
            (held for held in self.connections.values() if (held.client_id, held.tenant_id) == (client_id, tenant_id)),
            None,
        )

    def _access(self, app: App, user_id: str, auth_event_id: str, scopes: list[str]) -> dict[str, object]:
        token = self.signer.access_token(
            app.client_id, user_id, auth_event_id, scopes, self.clock.now(), ACCESS_SECONDS
        )
        return {"access_token": token, "expires_in": ACCESS_SECONDS, "token_type": "Bearer", "scope": " ".join(scopes)}

    def _with_refresh(
        self, answer: dict[str, object], app: App, user_id: str, auth_event_id: str, scopes: list[str], *, public: bool
    ) -> dict[str, object]:
        if "offline_access" in scopes:
            token = secrets.token_urlsafe(32)
            expires = (self.clock.now() + REFRESH_LIFE).isoformat()
            self.refreshes[token] = Refresh(app.client_id, user_id, auth_event_id, scopes, expires, public)
            answer["refresh_token"] = token
        self.changed = True
        return answer

    def _forget_old(self, now: datetime) -> None:
        self.refreshes = {
            token: held
            for token, held in self.refreshes.items()
            if datetime.fromisoformat(held.expires) >= now
            and not (held.rotated and datetime.fromisoformat(held.rotated) + GRACE < now)
        }


def load_identity(clock: Clock, kept: dict[str, object]) -> Identity:
    """The identity server that `Identity.dump` described."""
    return Identity(
        clock,
        Signer(str(kept["key"])),
        {app["client_id"]: App(**app) for app in kept["apps"]},  # type: ignore[attr-defined]
        {held["id"]: Connection(**held) for held in kept["connections"]},  # type: ignore[attr-defined]
        {code: Code(**held) for code, held in kept["codes"].items()},  # type: ignore[attr-defined]
        {token: Refresh(**held) for token, held in kept["refreshes"].items()},  # type: ignore[attr-defined]
        str(kept["user_id"]),
        changed=False,
    )
