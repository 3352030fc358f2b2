"""What was or is to be sent to the other side: written before the call, so that nothing is sent twice or forgotten.

A delivery is one record of one system: pending until its outcome is known. A process that dies between the call and the
answer leaves it pending, and the next run settles it; that is safe because every send is an upsert by external id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import Connection, sql
from psycopg.rows import class_row

from xero_pipeline.warehouse.exact_json import read_exactly

# How often a record that the other side refuses is offered again unchanged, before it waits for a full sync or a change.
ATTEMPTS = 5
# From here on, and from a fifth of them, the planner's guesses about rows it has not counted cost more than counting them.
_ANALYZE_FROM = 1_000
_COUNTED = "select reltuples from pg_class where oid = 'sync.deliveries'::regclass"

_PLAN = """
with wanted as (
    {wanted}
),

-- Ids of Xero and Salesforce are compared byte by byte, and this index is not made for that.
hashed as (
    select external_id collate "default" as external_id, record_name, payload, md5(payload::text) as payload_hash
    from wanted
)

insert into sync.deliveries as known (
    org_id, system, object, external_id, record_name, payload, payload_hash, idempotency_key, status, attempts, first_at
)
select
    %(org_id)s, %(system)s, %(object)s, external_id, record_name, payload, payload_hash,
    md5(%(org_id)s || %(object)s || external_id || payload_hash), 'pending', 0, %(now)s
from hashed
-- A row that conflicts is locked, and so written, even where nothing is changed then: what was sent as it is stays out.
where
    not exists (
        select 1
        from sync.deliveries as sent
        where
            sent.org_id = %(org_id)s and sent.system = %(system)s and sent.object = %(object)s
            and sent.external_id = hashed.external_id
            and sent.payload_hash = hashed.payload_hash
            and (
                sent.status = 'pending'
                or (sent.status = 'succeeded' and not %(differs)s)
                or (sent.status = 'failed' and not %(retry_all)s and sent.attempts >= %(most)s)
            )
    )
on conflict (org_id, system, object, external_id) do update set
    record_name = excluded.record_name,
    payload = excluded.payload,
    payload_hash = excluded.payload_hash,
    idempotency_key = excluded.idempotency_key,
    status = 'pending',
    attempts = case when known.payload_hash = excluded.payload_hash then known.attempts else 0 end
"""

# Records of one parent stay together, so that a chunk never fights another for the parent's row lock.
_PENDING = """
select id, external_id, record_name, payload, idempotency_key, attempts
from sync.deliveries
where org_id = %(org_id)s and system = %(system)s and object = %(object)s and status = 'pending'
order by coalesce(payload ->> 'Account__c', payload #>> '{Invoice__r,Xero_Id__c}', external_id), external_id
"""

_SETTLE = """
with outcome as (
    select *
    from unnest(%(ids)s::bigint[], %(remote_ids)s::text[], %(codes)s::text[], %(errors)s::text[])
        as outcome (id, remote_id, error_code, error)
),

settled as (
    update sync.deliveries as known set
        status = case when outcome.error is null then 'succeeded' else 'failed' end,
        attempts = known.attempts + 1,
        last_at = %(now)s,
        remote_id = coalesce(outcome.remote_id, known.remote_id),
        error_code = outcome.error_code,
        error = outcome.error
    from outcome
    where known.id = outcome.id
    returning known.org_id, known.system, known.object, known.external_id, known.record_name, known.status, known.remote_id,
        known.error_code, known.error
)

insert into sync.events (at, org_id, run_id, system, object, record_id, record_name, action, detail)
select
    %(now)s, org_id, %(run_id)s, system, object, external_id, record_name,
    case when status = 'succeeded' then 'sent' else 'failed' end,
    nullif(jsonb_strip_nulls(jsonb_build_object('remote_id', remote_id, 'code', error_code, 'reason', error)), '{}')
from settled
where status = 'failed' or not %(first)s
"""

_GONE = """
with wanted as (
    {wanted}
)

select known.id, known.external_id, known.remote_id
from sync.deliveries as known
where
    known.org_id = %(org_id)s and known.system = %(system)s and known.object = %(object)s
    and (%(everything)s or split_part(known.external_id, ':', 1) = any(%(removals)s))
    and not exists (select 1 from wanted where wanted.external_id = known.external_id)
order by known.external_id
"""

_FORGET = """
with forgotten as (
    delete from sync.deliveries where id = any(%(ids)s) returning org_id, system, object, external_id, record_name
)

insert into sync.events (at, org_id, run_id, system, object, record_id, record_name, action)
select %(now)s, org_id, %(run_id)s, system, object, external_id, record_name, 'removed'
from forgotten
"""

_PRESENT = 'create temp table present (external_id text collate "C") on commit drop'
_MISSING = """
update sync.deliveries set status = 'pending'
where
    org_id = %(org_id)s and system = %(system)s and object = %(object)s and status = 'succeeded'
    and not exists (select 1 from present where present.external_id = deliveries.external_id)
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record to send. `payload` holds the other side's field names; money in it is Decimal."""

    id: int
    external_id: str
    record_name: str | None
    payload: Mapping[str, object]
    idempotency_key: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a delivery: `error` None means that the other side has the record."""

    delivery_id: int
    remote_id: str | None = None
    error_code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of record of one organisation in one system: the scope of every query here."""

    conn: Connection
    org_id: str
    system: str
    object_name: str

    def _binds(self, **more: object) -> dict[str, object]:
        return {"org_id": self.org_id, "system": self.system, "object": self.object_name, **more}

    def plan(
        self, wanted: str, binds: Mapping[str, object], *, now: datetime, retry_all: bool = False, differs: bool = False
    ) -> int:
        """Write what `wanted` (a query of external_id, record_name, payload) asks for and was not sent as it is; the count.

        Records that failed are offered again until `ATTEMPTS`, or always with `retry_all`. With `differs` the query already
        names only records that the other side shows differently, so they are sent even where the same payload went before.
        """
        more = {"now": now, "retry_all": retry_all, "differs": differs, "most": ATTEMPTS}
        planned = self.conn.execute(_with(_PLAN, wanted), self._binds(**binds) | more).rowcount
        if planned >= _ANALYZE_FROM:
            (counted,) = self.conn.execute(_COUNTED).fetchone() or (0,)
            if planned * 5 > counted:
                self.conn.execute("analyze sync.deliveries")
        return planned

    def pending(self, size: int) -> Iterator[list[Delivery]]:
        """What is to be sent as of now, those of one parent side by side, at most `size` at a time.

        The server sorts once and keeps the result beyond the transaction, so each batch can be settled and committed by itself.
        """
        read_exactly(self.conn)
        with self.conn.cursor("pending_deliveries", withhold=True, row_factory=class_row(Delivery)) as cursor:
            cursor.execute(_PENDING, self._binds())
            self.conn.commit()
            while batch := cursor.fetchmany(size):
                self.conn.commit()
                yield batch

    def settle(self, results: Sequence[Result], *, now: datetime, run_id: str, first: bool = False) -> None:
        """Record outcomes, with an event a record; on the `first` delivery of everything only failures get one."""
        binds = {
            "ids": [r.delivery_id for r in results],
            "remote_ids": [r.remote_id for r in results],
            "codes": [r.error_code for r in results],
            "errors": [r.error for r in results],
            "now": now,
            "run_id": run_id,
            "first": first,
        }
        self.conn.execute(_SETTLE, binds)

    def gone(self, wanted: str, binds: Mapping[str, object]) -> list[tuple[int, str, str | None]]:
        """(delivery id, external id, remote id) of what was sent and `wanted` no longer names.

        Unless the bind `everything` is set, only of those whose external id begins with one in `removals` and a colon.
        """
        return self.conn.execute(_with(_GONE, wanted), self._binds(**binds)).fetchall()

    def forget(self, ids: Iterable[int], *, now: datetime, run_id: str) -> None:
        """Drop deliveries whose record was deleted on the other side, with an event each."""
        self.conn.execute(_FORGET, {"ids": list(ids), "now": now, "run_id": run_id})

    def resend_missing(self, present: Iterable[str]) -> int:
        """Make pending again what was sent but is no longer among the external ids `present` on the other side; the count."""
        self.conn.execute(_PRESENT)
        with self.conn.cursor().copy("copy present from stdin") as copy:
            for external_id in present:
                copy.write_row((external_id,))
        self.conn.execute("analyze present")
        return self.conn.execute(_MISSING, self._binds()).rowcount

    def is_empty(self) -> bool:
        """Whether nothing was ever delivered here."""
        found = "select 1 from sync.deliveries where org_id = %(org_id)s and system = %(system)s and object = %(object)s limit 1"
        return self.conn.execute(found, self._binds()).fetchone() is None


def _with(statement: LiteralString, wanted: str) -> sql.Composed:
    # `wanted` is one of the project's own .sql files, never text from data.
    return sql.SQL(statement).format(wanted=sql.SQL(wanted))
