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
from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.warehouse import tokens
from xero_pipeline.warehouse.connection import Warehouse

Status = Literal["pending", "succeeded", "failed", "dismissed"]
Resolution = Literal["auto_sync", "retry", "dismiss"]

_LOG = """
with entry as (
    select
        deliveries.*,
        case when status = 'failed' and resolution = 'dismiss' then 'dismissed' else status end as shown
    from sync.deliveries
    where org_id = %(org_id)s and system = 'xero'
)

select
    entry.id,
    entry.object,
    entry.external_id,
    entry.record_name,
    entry.shown as status,
    entry.step,
    entry.cause,
    entry.error_code,
    entry.error,
    entry.response,
    entry.attempts,
    entry.first_at,
    entry.last_at,
    entry.remote_id,
    invoices.invoice_number as number,
    entry.online_url,
    entry.resolution,
    entry.resolution_reason,
    entry.resolved_by,
    entry.resolved_at
from entry
left join xero.invoices
    on entry.object = 'invoices' and invoices.org_id = entry.org_id and invoices.invoice_id = entry.remote_id
where
    (%(ids)s::bigint[] is null or entry.id = any(%(ids)s))
    and (%(object)s::text is null or entry.object = %(object)s)
    and (%(external_ids)s::text[] is null or entry.external_id = any(%(external_ids)s))
    and (%(cause)s::text is null or entry.cause = %(cause)s)
    and (%(status)s::text is null or entry.shown = %(status)s)
order by coalesce(entry.last_at, entry.first_at) desc, entry.id desc
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

_DEPENDANTS = """
select distinct invoices.id
from sync.deliveries as prerequisite
inner join sync.export_documents as documents on documents.org_id = prerequisite.org_id
inner join sync.deliveries as invoices
    on invoices.org_id = documents.org_id and invoices.system = 'xero' and invoices.object = 'invoices'
    and invoices.external_id = documents.external_id
left join sync.export_lines as lines
    on lines.org_id = documents.org_id and lines.external_id = documents.external_id
    and lines.product_id = prerequisite.external_id
where
    prerequisite.org_id = %(org_id)s and prerequisite.system = 'xero' and prerequisite.id = any(%(ids)s)
    and (
        (prerequisite.object = 'contacts' and documents.account_id = prerequisite.external_id and invoices.step = 'customer')
        or (prerequisite.object = 'items' and lines.product_id is not null and invoices.step = 'products')
    )
    and invoices.status = 'failed' and invoices.resolution is distinct from 'dismiss'
order by invoices.id
"""

_ORGANISATIONS = "select distinct org_id from sync.deliveries where system = 'xero' and id = any(%(ids)s)"

_FAILED = ("failed", "dismissed")
# What an Auto Sync creates (FF-18); anything else somebody has to mend.
_CREATED_BY_AUTO_SYNC = ("customer_is_known", "item_is_known")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `error` is the reason in a bookkeeper's words, `response` what Xero answered, `number` that of an
    invoice; instants are UTC."""

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
    number: str | None
    online_url: str | None
    resolution: str | None
    resolution_reason: str | None
    resolved_by: str | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures with one root, which one act mends: how many, which, and the reason that the newest of them gives.

    `auto_sync` tells whether an Auto Sync can mend them, because all that is missing is a customer or an item.
    """

    cause: str
    count: int
    ids: tuple[int, ...]
    error: str
    auto_sync: bool


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
    return _entries(conn, org_id, status=status, ids=None if ids is None else list(ids), cause=cause, limit=limit)


def entries_of(conn: Connection, org_id: str, object_name: str, external_ids: Sequence[str]) -> list[Entry]:
    """The entries about these records of one kind."""
    return _entries(conn, org_id, object=object_name, external_ids=list(external_ids), limit=len(external_ids))


def _entries(conn: Connection, org_id: str, **narrowed: object) -> list[Entry]:
    anything = dict.fromkeys(("status", "ids", "cause", "object", "external_ids"))
    with conn.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(_LOG, {**anything, "org_id": org_id, **narrowed}).fetchall()


def open_failures(conn: Connection, org_id: str, *, cause: str | None = None) -> list[Entry]:
    """Everything that waits for a person, or what waits for one cause."""
    return _entries(conn, org_id, status="failed", cause=cause, limit=None)


def entry(conn: Connection, org_id: str, entry_id: int) -> Entry:
    """One entry. Raises Permanent when the log has none with this id."""
    found = _entries(conn, org_id, ids=[entry_id], limit=1)
    if not found:
        raise Permanent(f"The log has no entry {entry_id}.", next_step="`xero-pipeline log ORG` lists them.")
    return found[0]


def org_of(settings: Settings, orgs: Sequence[Org], ids: Sequence[int]) -> Org:
    """The organisation whose log has these entries. Raises Permanent when it is none of these, or several."""
    with Warehouse(settings.warehouse_url).connect(purpose="queue") as conn:
        found = {row[0] for row in conn.execute(_ORGANISATIONS, {"ids": list(ids)}).fetchall()}
        named = [org for org in orgs if (known := tokens.find(conn, "xero", org.alias)) and known.org_id in found]
    if len(found) != 1 or len(named) != 1:
        raise Permanent(
            "These ids are not of one organisation's log.", next_step="`xero-pipeline log ORG` shows those of ORG."
        )
    return named[0]


def causes(entries: Sequence[Entry]) -> list[Cause]:
    """Failures by their root, the most frequent first."""
    grouped: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.status == "failed":
            grouped.setdefault(entry.cause or entry.error_code or "", []).append(entry)
    found = [
        Cause(
            cause,
            len(group),
            tuple(entry.id for entry in group),
            group[0].error or "",
            cause.split(":")[0] in _CREATED_BY_AUTO_SYNC,
        )
        for cause, group in grouped.items()
    ]
    return sorted(found, key=lambda cause: (-cause.count, cause.cause))


def with_dependants(conn: Connection, org_id: str, ids: Sequence[int]) -> list[int]:
    """These failures, and the invoices that failed because a customer or an item among them could not be created: these are
    what a person wants to have sent."""
    found = conn.execute(_DEPENDANTS, {"org_id": org_id, "ids": list(ids)}).fetchall()
    return list(dict.fromkeys((*ids, *(row[0] for row in found))))


def require_failures(conn: Connection, org_id: str, ids: Sequence[int]) -> None:
    """Raises Permanent when one of these has not failed, or is not there."""
    failed = {each.id for each in _entries(conn, org_id, ids=list(ids), limit=None) if each.status in _FAILED}
    others = [str(each) for each in dict.fromkeys(ids) if each not in failed]
    if others:
        raise Permanent(
            f"Nothing has failed under {', '.join(others)}.",
            next_step="`xero-pipeline log ORG --status failed` lists what has.",
        )


def resolve(
    conn: Connection, org_id: str, ids: Sequence[int], resolution: Resolution, *, by: str, reason: str, now: datetime
) -> list[str]:
    """Note what a person decided about these failures; the external ids of those it was noted for, which the next plan honours.

    To have a customer or an item go again is to have the invoices go again that wait for it. Raises Permanent when one of them
    has not failed, or is dismissed without a reason, with nothing noted.
    """
    if resolution == "dismiss" and not reason.strip():
        raise Permanent(
            "A failure is dismissed with a reason.", next_step="Give it as `reason` (--reason); the log keeps it."
        )
    require_failures(conn, org_id, ids)
    binds = {
        "org_id": org_id,
        "ids": list(ids) if resolution == "dismiss" else with_dependants(conn, org_id, ids),
        "resolution": resolution,
        "reason": reason.strip() or None,
        "by": by,
        "now": now,
    }
    return [row[0] for row in conn.execute(_RESOLVE, binds).fetchall()]
