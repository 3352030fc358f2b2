"""Connections and their tokens: `sync.connections`, encrypted, and renewed by one process at a time.

Xero gives a new refresh token with every renewal and takes the old one for 30 minutes more, so two processes that renew at
once would lock each other out. Here the row is locked, read again, renewed only if nobody else did, and written over the
version that was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from psycopg import Connection as DatabaseConnection
from psycopg.rows import class_row

from xero_pipeline.domain.errors import Reconnect, Transient
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.vault import Vault, vault

__all__ = ["GRACE", "Connection", "StoredToken", "TokenShelf", "disconnect", "every", "find", "save", "vault"]

# How long Xero honours a refresh token after it was used, in case the answer never arrived (xero.md section 4).
GRACE = timedelta(minutes=30)

_SELECT = """
SELECT
    system, alias, org_id, tenant_name, remote_connection_id, grant_kind, client_id, instance_url, scopes, connected_at,
    disconnected_at, expires_at
FROM sync.connections
WHERE system = coalesce(%(system)s, system) AND alias = coalesce(%(alias)s, alias)
ORDER BY system DESC, alias
"""
# Tokens of another app are worth nothing; those of the same app stay unless new ones come.
_SAVE = """
INSERT INTO sync.connections AS known (
    system, alias, org_id, tenant_name, remote_connection_id, grant_kind, client_id, instance_url, scopes, access_token,
    refresh_token, expires_at, connected_at
)
VALUES (
    %(system)s, %(alias)s, %(org_id)s, %(tenant_name)s, %(remote_connection_id)s, %(grant_kind)s, %(client_id)s,
    %(instance_url)s, %(scopes)s, %(access_token)s, %(refresh_token)s, %(expires_at)s, %(now)s
)
ON CONFLICT (system, alias) DO UPDATE SET
    org_id = excluded.org_id,
    tenant_name = excluded.tenant_name,
    remote_connection_id = excluded.remote_connection_id,
    grant_kind = excluded.grant_kind,
    client_id = excluded.client_id,
    instance_url = excluded.instance_url,
    scopes = CASE WHEN {keeps} THEN known.scopes ELSE excluded.scopes END,
    access_token = CASE WHEN {keeps} THEN known.access_token ELSE excluded.access_token END,
    refresh_token = CASE WHEN {keeps} THEN known.refresh_token ELSE excluded.refresh_token END,
    previous_refresh_token = CASE WHEN {keeps} THEN known.previous_refresh_token END,
    previous_until = CASE WHEN {keeps} THEN known.previous_until END,
    expires_at = CASE WHEN {keeps} THEN known.expires_at ELSE excluded.expires_at END,
    connected_at = CASE
        WHEN known.disconnected_at IS NULL AND known.org_id = excluded.org_id THEN known.connected_at
        ELSE excluded.connected_at
    END,
    disconnected_at = NULL,
    version = known.version + 1
""".replace("{keeps}", "excluded.access_token IS NULL AND known.client_id = excluded.client_id")
_DISCONNECT = """
UPDATE sync.connections
SET
    access_token = NULL,
    refresh_token = NULL,
    previous_refresh_token = NULL,
    previous_until = NULL,
    expires_at = NULL,
    disconnected_at = %(now)s,
    version = version + 1
WHERE system = %(system)s AND alias = %(alias)s AND disconnected_at IS NULL
"""
_READ = """
SELECT version, access_token, expires_at, refresh_token, previous_refresh_token, previous_until, scopes
FROM sync.connections
WHERE system = %(system)s AND alias = %(alias)s AND disconnected_at IS NULL
"""
_READ_LOCKED = f"{_READ} FOR UPDATE"
_RENEW = """
UPDATE sync.connections
SET
    access_token = %(access_token)s,
    expires_at = %(expires_at)s,
    refresh_token = %(refresh_token)s,
    previous_refresh_token = %(previous_refresh_token)s,
    previous_until = %(previous_until)s,
    scopes = %(scopes)s,
    version = version + 1
WHERE system = %(system)s AND alias = %(alias)s AND version = %(version)s
"""


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token as it is kept; texts are empty where there is none, `expires_at` is aware UTC. Its repr shows no secret.

    `previous_refresh_token` is the one before, while Xero still honours it.
    """

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(default="", repr=False)
    previous_refresh_token: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """One row of `sync.connections` without its tokens; `org_id` is the Xero tenant id or the Salesforce org id."""

    system: str
    alias: str
    org_id: str | None
    tenant_name: str | None
    remote_connection_id: str | None
    grant_kind: str
    client_id: str
    instance_url: str | None
    scopes: str | None
    connected_at: datetime
    disconnected_at: datetime | None
    expires_at: datetime | None


def find(conn: DatabaseConnection, system: str, alias: str) -> Connection | None:
    """The connection of an organisation's alias, or of `salesforce`, disconnected ones included."""
    found = _select(conn, system, alias)
    return found[0] if found else None


def every(conn: DatabaseConnection, system: str | None = None) -> list[Connection]:
    """All connections, or those to one system, Xero's first."""
    return _select(conn, system, None)


def save(
    conn: DatabaseConnection,
    vault: Vault,
    *,
    system: str,
    alias: str,
    grant_kind: str,
    client_id: str,
    org_id: str | None,
    tenant_name: str | None,
    token: StoredToken | None = None,
    remote_connection_id: str | None = None,
    instance_url: str | None = None,
    now: datetime | None = None,
) -> None:
    """Record what a connection reaches, and that it is connected, in the caller's transaction.

    Without a `token`, one kept for the same app stays. `grant_kind` is authorization_code, client_credentials or
    jwt_bearer.
    """
    bind = {
        "system": system,
        "alias": alias,
        "org_id": org_id,
        "tenant_name": tenant_name,
        "remote_connection_id": remote_connection_id,
        "grant_kind": grant_kind,
        "client_id": client_id,
        "instance_url": instance_url,
        "now": now or datetime.now(UTC),
        **_sealed(vault, token),
    }
    conn.execute(_SAVE, bind)


def disconnect(conn: DatabaseConnection, system: str, alias: str, *, now: datetime | None = None) -> bool:
    """Destroy the tokens and mark the connection; whether it was connected. Its data stays (products.md 2.24)."""
    bind = {"system": system, "alias": alias, "now": now or datetime.now(UTC)}
    return conn.execute(_DISCONNECT, bind).rowcount > 0


class TokenShelf:
    """The token of one saved connection, shared by every process that uses the warehouse.

    `clock` tells the time that the grace of a replaced refresh token is counted by.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        vault: Vault,
        alias: str,
        *,
        system: str = "xero",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._warehouse = warehouse
        self._vault = vault
        self._clock = clock
        self._bind = {"system": system, "alias": alias}

    def current(self) -> StoredToken | None:
        """The token as it is kept now; None when there is none. Raises Reconnect when it cannot be decrypted."""
        with self._warehouse.connect() as conn:
            return self._read(conn, _READ)[1]

    def refresh(self, renew: Callable[[StoredToken | None], StoredToken]) -> StoredToken:
        """Give `renew` what is kept, keep what it gives back, and return it; one caller at a time, in all processes.

        `renew` is called under the lock, so it sees what a faster process has just stored; giving the same token back
        changes nothing. The refresh token it replaces is kept for 30 minutes. When `renew` raises, nothing is changed and
        the error goes on. Raises Reconnect when the connection was never saved or is disconnected.
        """
        with self._warehouse.connect(purpose="token refresh") as conn:
            version, kept = self._read(conn, _READ_LOCKED)
            token = renew(kept)
            if version is None:
                raise Reconnect(f"{self._bind['alias']} is not connected.")
            if kept is None or token.access_token != kept.access_token:
                self._write(conn, version, kept, token)
            return token

    def _read(self, conn: DatabaseConnection, query: str) -> tuple[int | None, StoredToken | None]:
        row = conn.execute(query.encode(), self._bind).fetchone()
        if row is None or row[1] is None:
            return (None if row is None else row[0]), None
        version, access, expires_at, refresh, previous, previous_until, scopes = row
        in_grace = previous is not None and previous_until is not None and previous_until > self._clock()
        token = StoredToken(
            access_token=self._vault.decrypt(access),
            expires_at=expires_at,
            refresh_token=self._vault.decrypt(refresh) if refresh else "",
            previous_refresh_token=self._vault.decrypt(previous) if in_grace else "",
            scopes=tuple(scopes.split()) if scopes else (),
        )
        return version, token

    def _write(self, conn: DatabaseConnection, version: int, before: StoredToken | None, token: StoredToken) -> None:
        replaced = before.refresh_token if before and before.refresh_token != token.refresh_token else ""
        bind = {
            **self._bind,
            **_sealed(self._vault, token),
            "version": version,
            "previous_refresh_token": self._vault.encrypt(replaced) if replaced else None,
            "previous_until": self._clock() + GRACE if replaced else None,
        }
        if conn.execute(_RENEW, bind).rowcount != 1:
            raise Transient("Another process changed the connection while its token was renewed.")


def _sealed(vault: Vault, token: StoredToken | None) -> dict[str, object]:
    return {
        "access_token": vault.encrypt(token.access_token) if token else None,
        "refresh_token": vault.encrypt(token.refresh_token) if token and token.refresh_token else None,
        "expires_at": token.expires_at if token else None,
        "scopes": (" ".join(token.scopes) or None) if token else None,
    }


def _select(conn: DatabaseConnection, system: str | None, alias: str | None) -> list[Connection]:
    with conn.cursor(row_factory=class_row(Connection)) as cursor:
        return cursor.execute(_SELECT, {"system": system, "alias": alias}).fetchall()
