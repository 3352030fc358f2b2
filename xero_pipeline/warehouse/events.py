"""What happened to single records, for people: one row each in `sync.events`, in the transaction in which it happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

_RECORD = """
INSERT INTO sync.events (at, org_id, run_id, system, object, record_id, record_name, action, detail)
VALUES (
    %(at)s, %(org_id)s, %(run_id)s, %(system)s, %(object)s, %(record_id)s, %(record_name)s, %(action)s, %(detail)s
)
"""
_LATEST = """
SELECT id, at, org_id, run_id, system, object, record_id, record_name, action, detail
FROM sync.events
WHERE
    org_id = %(org_id)s
    AND run_id IS NOT DISTINCT FROM coalesce(%(run_id)s, run_id)
    AND action = coalesce(%(action)s, action)
ORDER BY id DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One row of `sync.events`; `at` is aware UTC, `detail` is what the action needs to be understood."""

    id: int
    at: datetime
    org_id: str
    run_id: str | None
    system: str
    object: str
    record_id: str | None
    record_name: str | None
    action: str
    detail: dict[str, str] | None


def record(
    conn: Connection,
    *,
    at: datetime,
    org_id: str,
    run_id: str | None,
    system: str,
    object: str,  # noqa: A002
    record_id: str | None,
    action: str,
    record_name: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add one event. Sets of records are logged by the statement that changes them, not through here."""
    bind = {
        "at": at,
        "org_id": org_id,
        "run_id": run_id,
        "system": system,
        "object": object,
        "record_id": record_id,
        "record_name": record_name,
        "action": action,
        "detail": None if detail is None else Jsonb(dict(detail)),
    }
    conn.execute(_RECORD, bind)


def latest(
    conn: Connection, org_id: str, *, run_id: str | None = None, action: str | None = None, limit: int = 100
) -> list[Event]:
    """The latest events of an organisation, newest first; of one run or of one kind if asked."""
    with conn.cursor(row_factory=class_row(Event)) as cursor:
        bind = {"org_id": org_id, "run_id": run_id, "action": action, "limit": limit}
        return cursor.execute(_LATEST, bind).fetchall()
