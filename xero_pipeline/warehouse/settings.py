"""Settings that live with the data, in `sync.settings`: of everything, of one organisation, of one Salesforce account."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from psycopg import Connection
from psycopg.types.json import Jsonb

Value: TypeAlias = str | int | bool | list[str] | dict[str, str] | None

_PUT = """
INSERT INTO sync.settings AS known (org_id, scope, subject, key, value, updated_at, updated_by)
VALUES (%(org_id)s, %(scope)s, %(subject)s, %(key)s, %(value)s, %(now)s, %(by)s)
ON CONFLICT (org_id, scope, subject, key) DO UPDATE SET
    value = excluded.value,
    updated_at = excluded.updated_at,
    updated_by = excluded.updated_by
WHERE known.value IS DISTINCT FROM excluded.value
"""
_GET = """
SELECT value
FROM sync.settings
WHERE org_id = %(org_id)s AND scope = %(scope)s AND subject = %(subject)s AND key = %(key)s
"""

_TAKE = """
DELETE FROM sync.settings
WHERE org_id = %(org_id)s AND scope = %(scope)s AND subject = %(subject)s AND key = %(key)s
RETURNING value
"""


def put(
    conn: Connection, org_id: str, key: str, value: Value, *, now: datetime, account_id: str = "", by: str | None = None
) -> bool:
    """Set one setting, of an organisation or of one of its Salesforce accounts; whether that changed anything.

    An empty `org_id` sets it for everything. `by` says who did it.
    """
    bind = {**_where(org_id, key, account_id), "value": Jsonb(value), "now": now, "by": by}
    return conn.execute(_PUT, bind).rowcount > 0


def get(conn: Connection, org_id: str, key: str, *, account_id: str = "") -> Value:
    """The value of one setting in exactly that scope; None when it was never set."""
    row = conn.execute(_GET, _where(org_id, key, account_id)).fetchone()
    return None if row is None else row[0]


def take(conn: Connection, org_id: str, key: str) -> Value:
    """The value of one setting, which is unset with it; None when it was never set."""
    row = conn.execute(_TAKE, _where(org_id, key, "")).fetchone()
    return None if row is None else row[0]


def _where(org_id: str, key: str, account_id: str) -> dict[str, object]:
    scope = "account" if account_id else "org" if org_id else "global"
    return {"org_id": org_id, "scope": scope, "subject": account_id, "key": key}
