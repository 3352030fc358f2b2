"""The log of what went to Xero and the queue of what did not, and what a person can do about it: Auto Sync, Retry, Dismiss.

The three are wishes that the next plan honours (FF-17 to FF-21; products.md 2.25, 2.26). Auto Sync lets the customer and the
items that are missing be created even where orgs.yaml does not; Retry lets nothing be created even where it does; Dismiss closes
a failure, with who, when and why, until its source changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

from xero_pipeline.domain.errors import Permanent

Status = Literal["pending", "succeeded", "failed", "dismissed"]
Resolution = Literal["auto_sync", "retry", "dismiss"]

_LOG = """
select
    id,
    object,
    external_id,
    record_name,
    case when status = 'failed' and resolution = 'dismiss' then 'dismissed' else status end as status,
    step,
    cause,
    error_code,
    error,
    response,
    attempts,
    first_at,
    last_at,
    remote_id,
    resolution,
    resolution_reason,
    resolved_by,
    resolved_at
from sync.deliveries
where
    org_id = %(org_id)s and system = 'xero'
    and (%(ids)s::bigint[] is null or id = any(%(ids)s))
    and (%(cause)s::text is null or cause = %(cause)s)
    and (
        %(status)s::text is null
        or case when status = 'failed' and resolution = 'dismiss' then 'dismissed' else status end = %(status)s
    )
order by coalesce(last_at, first_at) desc, id desc
limit %(limit)s
"""

_RESOLVE = """
with resolved as (
    update sync.deliveries set
        resolution = %(resolution)s,
        resolution_reason = %(reason)s,
        resolved_by = %(by)s,
        resolved_at = %(now)s
    where org_id = %(org_id)s and system = 'xero' and id = any(%(ids)s) and status = 'failed' and called_at is null
    returning *
)

insert into sync.events (at, org_id, system, object, record_id, record_name, action, detail)
select
    %(now)s, org_id, system, object, external_id, record_name, 'resolved',
    jsonb_strip_nulls(jsonb_build_object('resolution', resolution, 'by', resolved_by, 'reason', resolution_reason))
from resolved
returning record_id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `error` is the reason in a bookkeeper's words, `response` what Xero answered, instants are UTC."""

    id: int
    object: str
    external_id: str
    record_name: str | None
    status: Status
    step: str | None
    cause: str | None
    error_code: str | None
    error: str | None
    response: Any
    attempts: int
    first_at: datetime
    last_at: datetime | None
    remote_id: str | None
    resolution: str | None
    resolution_reason: str | None
    resolved_by: str | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures with one root, which one act mends: how many, which, and the reason that the newest of them gives."""

    cause: str
    count: int
    ids: tuple[int, ...]
    error: str


def log(
    conn: Connection,
    org_id: str,
    *,
    status: Status | None = None,
    ids: Sequence[int] | None = None,
    cause: str | None = None,
    limit: int = 200,
) -> list[Entry]:
    """The newest entries, of one status, of these ids or of one cause where that is asked for."""
    binds = {
        "org_id": org_id,
        "status": status,
        "ids": None if ids is None else list(ids),
        "cause": cause,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(_LOG, binds).fetchall()


def causes(entries: Sequence[Entry]) -> list[Cause]:
    """Failures by their root, the most frequent first."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.status == "failed":
            grouped.setdefault(entry.cause or entry.error_code or "", []).append(entry)
    found = [
        Cause(cause, len(group), tuple(entry.id for entry in group), group[0].error or "")
        for cause, group in grouped.items()
    ]
    return sorted(found, key=lambda cause: (-cause.count, cause.cause))


def resolve(
    conn: Connection, org_id: str, ids: Sequence[int], resolution: Resolution, *, by: str, reason: str, now: datetime
) -> list[str]:
    """Note what a person decided about these failures; the external ids of those it was noted for, which the next plan honours.

    Raises Permanent when one of them is not a failure that waits, with nothing noted.
    """
    if resolution == "dismiss" and not reason.strip():
        raise Permanent("A failure is dismissed with a reason.", next_step="Give it with --reason.")
    failed = {
        entry.id for entry in log(conn, org_id, ids=ids, limit=len(ids)) if entry.status in ("failed", "dismissed")
    }
    others = [str(each) for each in ids if each not in failed]
    if others:
        raise Permanent(
            f"Nothing has failed under {', '.join(others)}.",
            next_step="`xero-pipeline log ORG --status failed` lists what has.",
        )
    binds = {
        "org_id": org_id,
        "ids": list(ids),
        "resolution": resolution,
        "reason": reason or None,
        "by": by,
        "now": now,
    }
    return [row[0] for row in conn.execute(_RESOLVE, binds).fetchall()]
