"""The statements of the outbox (`outbox.Outbox`), each over the deliveries of one kind of record of one organisation."""

from __future__ import annotations

COLUMNS = """id, external_id, record_name, payload, source_hash, status, attempts, remote_id, error, step, cause,
    coalesce(resolution, '') as resolution, call_key, called_at, line_ids as lines"""

KNOWN = f"""
select {COLUMNS}
from sync.deliveries
where org_id = %(org_id)s and system = 'xero' and object = %(object)s and external_id = any(%(external_ids)s)
"""

READY = f"""
select {COLUMNS}
from sync.deliveries
where
    org_id = %(org_id)s and system = 'xero' and object = %(object)s
    and status = 'pending' and called_at is null and payload is not null
order by id
"""

IN_DOUBT = f"""
select {COLUMNS}
from sync.deliveries
where org_id = %(org_id)s and system = 'xero' and object = %(object)s and status = 'pending' and called_at is not null
order by called_at, call_key, id
"""

WANT = """
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

REFUSE = """
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

CALL = """
update sync.deliveries set call_key = %(key)s, called_at = %(now)s, last_at = %(now)s, attempts = attempts + 1
where id = any(%(ids)s)
"""

NOT_DONE = "update sync.deliveries set call_key = null, called_at = null where id = any(%(ids)s)"

PLAN_ANEW = "update sync.deliveries set call_key = null, called_at = null, payload = null where id = any(%(ids)s)"

SETTLE = """
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

UNCHANGED = """
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

WITHDRAW = """
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
