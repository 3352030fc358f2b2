"""What is to be written to Xero: every delivery is kept with its payload before the call, and each call with its key.

A call that was begun is in doubt until its outcome is written here. Its deliveries carry the same `call_key` and are told in the
order of their ids, so that the very same request can be made again by a process that knows nothing else of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from psycopg import Connection
from psycopg.rows import class_row

from xero_pipeline.warehouse.exact_json import encoded, jsonb, read_exactly

_COLUMNS = """id, external_id, record_name, payload, source_hash, status, attempts, remote_id, error, step, cause,
    coalesce(resolution, '') as resolution, call_key, called_at, line_ids as lines"""

_KNOWN = f"""
select {_COLUMNS}
from sync.deliveries
where org_id = %(org_id)s and system = 'xero' and object = %(object)s and external_id = any(%(external_ids)s)
"""

_READY = f"""
select {_COLUMNS}
from sync.deliveries
where
    org_id = %(org_id)s and system = 'xero' and object = %(object)s
    and status = 'pending' and called_at is null and payload is not null
order by id
"""

_IN_DOUBT = f"""
select {_COLUMNS}
from sync.deliveries
where org_id = %(org_id)s and system = 'xero' and object = %(object)s and status = 'pending' and called_at is not null
order by called_at, call_key, id
"""

_WANT = """
insert into sync.deliveries as known (
    org_id, system, object, external_id, record_name, payload, payload_hash, source_hash, status, attempts, first_at, remote_id,
    line_ids
)
values (
    %(org_id)s, 'xero', %(object)s, %(external_id)s, %(record_name)s, %(payload)s, %(payload_hash)s, %(source_hash)s, 'pending',
    0, %(now)s, %(remote_id)s, %(line_ids)s
)
on conflict (org_id, system, object, external_id) do update set
    record_name = excluded.record_name,
    payload = excluded.payload,
    payload_hash = excluded.payload_hash,
    source_hash = excluded.source_hash,
    status = 'pending',
    -- What was dismissed and comes back with a change is no longer dismissed; who asked for it to go again stays until it has.
    resolution = nullif(known.resolution, 'dismiss'),
    remote_id = coalesce(known.remote_id, excluded.remote_id),
    line_ids = coalesce(excluded.line_ids, known.line_ids)
-- What is in doubt may have been done, and is never overwritten.
where known.called_at is null
"""

_REFUSE = """
with refused as (
    insert into sync.deliveries as known (
        org_id, system, object, external_id, record_name, payload_hash, source_hash, status, attempts, first_at, last_at, step,
        cause, error_code, error
    )
    values (
        %(org_id)s, 'xero', %(object)s, %(external_id)s, %(record_name)s, %(source_hash)s, %(source_hash)s, 'failed', 0, %(now)s,
        %(now)s, %(step)s, %(cause)s, %(error_code)s, %(error)s
    )
    on conflict (org_id, system, object, external_id) do update set
        record_name = excluded.record_name,
        payload = null,
        payload_hash = excluded.payload_hash,
        source_hash = excluded.source_hash,
        status = 'failed',
        last_at = excluded.last_at,
        step = excluded.step,
        cause = excluded.cause,
        error_code = excluded.error_code,
        error = excluded.error,
        response = null,
        resolution = null,
        resolution_reason = null,
        resolved_by = null,
        resolved_at = null
    where
        known.called_at is null
        -- What a person has decided since then is not of this plan, and the next one honours it.
        and coalesce(known.resolved_at < %(judged_at)s, true)
        and (
            known.status <> 'failed' or known.resolution in ('retry', 'auto_sync')
            or known.source_hash is distinct from excluded.source_hash or known.error is distinct from excluded.error
        )
    returning *
)

insert into sync.events (at, org_id, run_id, system, object, record_id, record_name, action, detail)
select
    %(now)s, org_id, %(run_id)s, system, object, external_id, record_name, 'failed',
    jsonb_build_object('code', error_code, 'reason', error)
from refused
"""

_CALL = """
update sync.deliveries set call_key = %(key)s, called_at = %(now)s, last_at = %(now)s, attempts = attempts + 1
where id = any(%(ids)s)
"""

_NOT_DONE = "update sync.deliveries set call_key = null, called_at = null where id = any(%(ids)s)"

_PLAN_ANEW = "update sync.deliveries set call_key = null, called_at = null, payload = null where id = any(%(ids)s)"

_SETTLE = """
with settled as (
    update sync.deliveries set
        status = %(status)s,
        called_at = null,
        remote_id = coalesce(%(remote_id)s, remote_id),
        line_ids = coalesce(%(line_ids)s, line_ids),
        step = %(step)s,
        cause = %(cause)s,
        error_code = %(error_code)s,
        error = %(error)s,
        response = %(response)s,
        resolution = null,
        resolution_reason = null,
        resolved_by = null,
        resolved_at = null
    where id = %(id)s
    returning *
)

insert into sync.events (at, org_id, run_id, system, object, record_id, record_name, action, detail)
select
    %(now)s, org_id, %(run_id)s, system, object, external_id, record_name,
    case when status = 'succeeded' then 'sent' else 'failed' end,
    nullif(jsonb_strip_nulls(jsonb_build_object('remote_id', remote_id, 'code', error_code, 'reason', error)), '{}')
from settled
"""

_UNCHANGED = """
update sync.deliveries set
    status = 'succeeded',
    source_hash = %(source_hash)s,
    resolution = null,
    step = null,
    cause = null,
    error_code = null,
    error = null
where
    org_id = %(org_id)s and system = 'xero' and object = %(object)s and external_id = %(external_id)s and called_at is null
    and (status <> 'succeeded' or source_hash is distinct from %(source_hash)s)
"""

_WITHDRAW = """
update sync.deliveries set
    status = 'failed',
    resolution = 'dismiss',
    resolution_reason = 'It is no longer selected in Salesforce.',
    resolved_by = 'export',
    resolved_at = %(now)s,
    -- Should it be selected again, it has moved.
    source_hash = null,
    error = coalesce(error, 'It was not sent before it was taken back.')
where
    org_id = %(org_id)s and system = 'xero' and object = %(object)s and split_part(external_id, ':', 1) = any(%(sale_ids)s)
    and called_at is null and status <> 'succeeded' and resolution is distinct from 'dismiss'
"""


# The lines of an invoice in the order they are sent in: the id of each in Salesforce, and in Xero where that is known.
Lines: TypeAlias = Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record on its way to Xero. `called_at` (aware UTC) is when a call was begun whose outcome is not known."""

    id: int
    external_id: str
    record_name: str | None
    payload: Mapping[str, Any] | None
    source_hash: str | None
    status: Literal["pending", "succeeded", "failed"]
    attempts: int
    remote_id: str | None
    error: str | None
    step: str | None
    cause: str | None
    resolution: str
    call_key: str | None
    called_at: datetime | None
    lines: Lines | None

    @property
    def in_doubt(self) -> bool:
        return self.status == "pending" and self.called_at is not None


@dataclass(frozen=True, slots=True)
class Outbox:
    """The deliveries of one kind of record (contacts, items, invoices or notes) of one organisation. The caller commits.

    `clock` tells the instant, aware UTC, that calls and outcomes are stamped with.
    """

    conn: Connection
    org_id: str
    object_name: str
    run_id: str
    clock: Callable[[], datetime]

    def known(self, external_ids: Sequence[str]) -> dict[str, Delivery]:
        """What is known of these records, by external id."""
        found = self._deliveries(_KNOWN, external_ids=list(external_ids))
        return {delivery.external_id: delivery for delivery in found}

    def ready(self) -> list[Delivery]:
        """What waits to be sent, oldest first."""
        return self._deliveries(_READY)

    def in_doubt(self) -> list[list[Delivery]]:
        """The calls whose outcome is not known, oldest first, each with its deliveries in the order they were sent in."""
        calls: dict[str, list[Delivery]] = {}
        for delivery in self._deliveries(_IN_DOUBT):
            calls.setdefault(str(delivery.call_key), []).append(delivery)
        return list(calls.values())

    def want(
        self,
        external_id: str,
        payload: Mapping[str, Any],
        *,
        record_name: str,
        source_hash: str,
        remote_id: str | None = None,
        lines: Lines | None = None,
    ) -> None:
        """Keep what is to be sent. A record that is in doubt keeps what it was sent with."""
        content = {"payload": jsonb(dict(payload)), "payload_hash": _digest(payload), "source_hash": source_hash}
        ids = {"remote_id": remote_id, "line_ids": None if lines is None else jsonb([list(pair) for pair in lines])}
        self._execute(_WANT, external_id=external_id, record_name=record_name, **content, **ids)

    def refuse(
        self,
        external_id: str,
        *,
        record_name: str,
        source_hash: str,
        judged_at: datetime,
        step: str,
        cause: str,
        code: str,
        error: str,
    ) -> None:
        """Put a record into the queue unsent, with the reason. One that waits there for the same reason stays as it is, and so
        does one that a person has decided about since `judged_at`, aware UTC."""
        why = {"step": step, "cause": cause, "error_code": code, "error": error}
        what = {"record_name": record_name, "source_hash": source_hash, "judged_at": judged_at}
        self._execute(_REFUSE, external_id=external_id, **what, **why)

    def call(self, deliveries: Sequence[Delivery]) -> str:
        """Begin a call for these deliveries, in the order of their ids: its idempotency key. Commit before it is made."""
        parts = [f"{each.id} {each.attempts} {_digest(each.payload or {})}" for each in deliveries]
        key = hashlib.sha256("\n".join([self.org_id, self.run_id, self.object_name, *parts]).encode()).hexdigest()
        self._execute(_CALL, key=key, ids=[each.id for each in deliveries])
        return key

    def not_done(self, deliveries: Sequence[Delivery]) -> None:
        """The call was made in vain: its deliveries wait to be sent anew, with another key."""
        self._execute(_NOT_DONE, ids=[each.id for each in deliveries])

    def plan_anew(self, deliveries: Sequence[Delivery]) -> None:
        """Nothing is sent of these before the next plan, which sees what the call has left."""
        self._execute(_PLAN_ANEW, ids=[each.id for each in deliveries])

    def succeeded(
        self, delivery: Delivery, remote_id: str, response: object = None, lines: Lines | None = None
    ) -> None:
        """Xero has the record; `lines` are now known by their ids there."""
        pairs = None if lines is None else [list(pair) for pair in lines]
        self._settle(delivery, "succeeded", remote_id=remote_id, response=response, line_ids=pairs)

    def failed(self, delivery: Delivery, *, step: str, cause: str, code: str, error: str, response: object) -> None:
        """Xero refused the record; it waits in the queue."""
        self._settle(delivery, "failed", step=step, cause=cause, error_code=code, error=error, response=response)

    def unchanged(self, external_id: str, source_hash: str) -> None:
        """The record moved in Salesforce and nothing follows from it in Xero."""
        self._execute(_UNCHANGED, external_id=external_id, source_hash=source_hash)

    def withdraw(self, sale_ids: Sequence[str]) -> int:
        """Close what failed or still waits of sales that are no longer selected; how many."""
        return self.conn.execute(_WITHDRAW, self._binds(sale_ids=list(sale_ids))).rowcount

    def _settle(self, delivery: Delivery, status: str, **outcome: object) -> None:
        empty = dict.fromkeys(("remote_id", "line_ids", "step", "cause", "error_code", "error", "response"))
        values = {**empty, **outcome}
        for name in ("line_ids", "response"):
            values[name] = None if values[name] is None else jsonb(values[name])
        self._execute(_SETTLE, id=delivery.id, status=status, **values)

    def _deliveries(self, statement: str, **binds: object) -> list[Delivery]:
        read_exactly(self.conn)
        with self.conn.cursor(row_factory=class_row(Delivery)) as cursor:
            return cursor.execute(statement.encode(), self._binds(**binds)).fetchall()

    def _execute(self, statement: str, **binds: object) -> None:
        self.conn.execute(statement.encode(), self._binds(**binds))

    def _binds(self, **more: object) -> dict[str, object]:
        scope = {"org_id": self.org_id, "object": self.object_name, "run_id": self.run_id, "now": self.clock()}
        return {**scope, **more}


def _digest(payload: Mapping[str, Any]) -> str:
    return hashlib.sha256(encoded(payload)).hexdigest()
