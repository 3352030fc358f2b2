"""How a run gets its clients: settings and the stored connection in, a signed-in Xero or Salesforce client out."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial

from psycopg import Connection

from xero_pipeline.domain.errors import Permanent, Reconnect
from xero_pipeline.domain.org import Org
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.settings import Settings
from xero_pipeline.warehouse import tokens
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.tokens import StoredToken, TokenShelf
from xero_pipeline.warehouse.vault import vault
from xero_pipeline.xero import identity
from xero_pipeline.xero.client import XeroClient
from xero_pipeline.xero.identity import Identity, Token
from xero_pipeline.xero.oauth import MemoryTokenStore, Renew, XeroAuth, custom_connection, refresh_grant
from xero_pipeline.xero.oauth import TokenStore as XeroTokenStore

CUSTOM_CONNECTION = "client_credentials"
WEB_APP = "authorization_code"


@dataclass(frozen=True)
class XeroConnection:
    """An organisation's id, the first part of every key of its rows, and its client, which is made when it is first used: stages
    that only join what is staged call nobody."""

    org_id: str
    make: Callable[[], XeroClient]

    @cached_property
    def client(self) -> XeroClient:
        return self.make()

    @property
    def used(self) -> XeroClient | None:
        """The client, if one was made."""
        return self.__dict__.get("client")


def open_xero(
    settings: Settings,
    org: Org,
    warehouse: Warehouse,
    closing: ExitStack,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> XeroConnection:
    """The client of an organisation; what has to be closed goes on `closing`, `sleep` waits before a call is tried again.

    A connection made in the browser is used if there is one; otherwise the app is taken for a custom connection, which is
    bound to one organisation and is remembered the first time. Raises Reconnect when the connection was cut, Permanent when
    no app is set or `orgs.yaml` names another organisation.
    """
    require_xero_app(settings)
    with warehouse.connect(purpose="connection") as conn:
        known = tokens.find(conn, "xero", org.alias)
    if known is not None and known.disconnected_at is not None:
        raise Reconnect(f"{org.alias} was disconnected from Xero on {known.disconnected_at:%Y-%m-%d}.")
    if known is not None and known.client_id != settings.xero_client_id:
        # It was made by another app, whose tokens are none of this one's.
        known = None
    if known is not None and known.org_id is not None:
        # The file may have been corrected since the connection was made.
        require_tenant(org, known.org_id, known.tenant_name)
    if known is not None and known.grant_kind == WEB_APP:
        if known.org_id is None:
            raise Reconnect(f"The connection of {org.alias} names no organisation.")
        return XeroConnection(known.org_id, partial(_signed_in, settings, org, warehouse, closing, known.org_id, sleep))
    make = partial(_custom, settings, org, closing, sleep)
    if known is not None and known.org_id is not None:
        return XeroConnection(known.org_id, make)
    client = make()
    return XeroConnection(_remember(settings, org, warehouse, client), lambda: client)


def _signed_in(
    settings: Settings, org: Org, warehouse: Warehouse, closing: ExitStack, org_id: str, sleep: Callable[[float], None]
) -> XeroClient:
    """The client of a connection that was made in the browser."""
    tokens_kept, renew, app = web_app_tokens(settings, org, warehouse)
    closing.callback(app.close)
    auth = XeroAuth(tokens_kept, renew)
    return closing.enter_context(XeroClient(settings.xero_api_url, auth, tenant_id=org_id, sleep=sleep))


def _custom(settings: Settings, org: Org, closing: ExitStack, sleep: Callable[[float], None]) -> XeroClient:
    """The client of a custom connection. Its token can be had anew at any time by whoever knows the secret, so it is not kept."""
    app = identity_of(settings)
    closing.callback(app.close)
    wanted = identity.scopes(org.sync, exports=org.export.enabled)
    auth = XeroAuth(MemoryTokenStore(), custom_connection(app, wanted))
    return closing.enter_context(XeroClient(settings.xero_api_url, auth, sleep=sleep))


def require_export(settings: Settings, org: Org, warehouse: Warehouse) -> None:
    """Raises Reconnect, naming the scopes, when the connection was made before exports were switched on and may only read.

    To be called before the first write. A custom connection asks for what it needs with every token, and is refused then.
    """
    with warehouse.connect(purpose="connection") as conn:
        known = tokens.find(conn, "xero", org.alias)
    if known is None or known.grant_kind != WEB_APP or known.client_id != settings.xero_client_id or not known.scopes:
        return
    lacking = [scope for scope in identity.EXPORT_SCOPES if scope not in known.scopes.split()]
    if lacking:
        raise Reconnect(
            f"The connection of {org.alias} may read Xero but not write to it: it lacks {', '.join(lacking)}. "
            "It was made before exports were switched on.",
            next_step=f"Connect again with `xero-pipeline connect xero {org.alias}`; reading goes on meanwhile.",
        )


class _XeroTokens:
    """The stored token of a connection made in the browser, as the Xero client knows tokens."""

    def __init__(self, shelf: TokenShelf) -> None:
        self._shelf = shelf

    def current(self) -> Token | None:
        kept = self._shelf.current()
        return token_of(kept) if kept else None

    def refresh(self, renew: Renew) -> Token:
        return token_of(self._shelf.refresh(lambda kept: stored(renew(token_of(kept) if kept else None))))


def _kept_tokens(settings: Settings, org: Org, warehouse: Warehouse) -> _XeroTokens:
    return _XeroTokens(TokenShelf(warehouse, vault(settings.secret_key, settings.home), org.alias))


def web_app_tokens(settings: Settings, org: Org, warehouse: Warehouse) -> tuple[XeroTokenStore, Renew, Identity]:
    """The stored token of a connection made in the browser, how it is renewed, and the identity service to close after."""
    app = identity_of(settings)
    return _kept_tokens(settings, org, warehouse), refresh_grant(app), app


def token_of(kept: StoredToken) -> Token:
    """A stored token as the client knows it."""
    return Token(kept.access_token, kept.expires_at, kept.refresh_token, kept.previous_refresh_token, kept.scopes)


def stored(token: Token) -> StoredToken:
    """A client's token as it is stored."""
    return StoredToken(
        token.access_token, token.expires_at, token.refresh_token, token.previous_refresh_token, token.scopes
    )


def _remember(settings: Settings, org: Org, warehouse: Warehouse, client: XeroClient) -> str:
    """Ask a custom connection which organisation it is bound to, and keep the answer."""
    organisation = client.organisation()
    require_tenant(org, organisation.organisation_id, organisation.name)
    with warehouse.connect(purpose="connection") as conn:
        tokens.save(
            conn,
            vault(settings.secret_key, settings.home),
            system="xero",
            alias=org.alias,
            org_id=organisation.organisation_id,
            tenant_name=organisation.name,
            grant_kind=CUSTOM_CONNECTION,
            client_id=settings.xero_client_id,
        )
    return organisation.organisation_id


def require_tenant(org: Org, tenant_id: str, name: str | None) -> None:
    """Raises Permanent when `orgs.yaml` names another organisation than the one that was reached."""
    if org.tenant and org.tenant not in (tenant_id, name):
        raise Permanent(
            f"The connection reaches {name or tenant_id}, but {org.alias} is to be {org.tenant}.",
            next_step="Correct `tenant` in orgs.yaml, or connect that organisation.",
        )


def require_xero_app(settings: Settings) -> None:
    """Raises Permanent when no Xero app is set."""
    if not settings.xero_client_id:
        raise Permanent(
            "No Xero app is set.",
            next_step="Set XERO_CLIENT_ID and XERO_CLIENT_SECRET, or run `xero-pipeline up` for the sandbox.",
        )


def identity_of(settings: Settings) -> Identity:
    """Xero's identity service, as the app of the settings sees it."""
    return Identity(settings.xero_identity_url, settings.xero_client_id, settings.xero_client_secret)


def salesforce_client(
    settings: Settings, *, sleep: Callable[[float], None] = time.sleep, timeout: float = 120.0
) -> SalesforceClient:
    """The client of the Salesforce org; `sleep` waits before a call is tried again, `timeout` is how long one call may take,
    in seconds. Raises Permanent when no app is set."""
    if not settings.salesforce_client_id:
        raise Permanent(
            "No Salesforce app is set.",
            next_step="Set SALESFORCE_CLIENT_ID and its key or secret, or run `xero-pipeline up` for the sandbox.",
        )
    return SalesforceClient(
        settings.salesforce_login_url,
        settings.salesforce_client_id,
        client_secret=settings.salesforce_client_secret,
        private_key=settings.salesforce_private_key,
        username=settings.salesforce_username,
        timeout=timeout,
        sleep=sleep,
    )


def known_org_id(conn: Connection, org: Org) -> str:
    """The id of an organisation that was connected before. Raises Permanent when it never was."""
    known = tokens.find(conn, "xero", org.alias)
    if known is None or known.org_id is None:
        raise Permanent(f"{org.alias} was never synced.", next_step=f"Run `xero-pipeline sync {org.alias}` first.")
    return known.org_id
