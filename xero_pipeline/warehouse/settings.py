"""Settings that live with the data of an organisation, such as the time zone that views reckon overdue in."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection
from psycopg.types.json import Jsonb

_PUT = """
insert into sync.settings (org_id, scope, subject, key, value, updated_at, updated_by)
values (%(org_id)s, 'org', '', %(key)s, %(value)s, %(now)s, 'sync')
on conflict (org_id, scope, subject, key) do update set
    value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by
where settings.value is distinct from excluded.value
"""


def put(conn: Connection, org_id: str, key: str, value: object, *, now: datetime) -> bool:
    """Keep a setting of an organisation; whether that changed it."""
    return conn.execute(_PUT, {"org_id": org_id, "key": key, "value": Jsonb(value), "now": now}).rowcount > 0
