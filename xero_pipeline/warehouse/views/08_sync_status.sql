-- One row an organisation: is it connected, is it running, when did it last work, how fresh and how complete is it.
create or replace view analytics.sync_status as
with organisation as (
    select alias, max(org_id) as org_id
    from (
        select alias, org_id from sync.runs
        union all
        select alias, org_id from sync.connections where system = 'xero'
    ) as known
    group by alias
),

connection as (
    select alias, tenant_name, connected_at, disconnected_at
    from sync.connections
    where system = 'xero'
),

last_run as (
    select distinct on (alias) alias, run_id, kind, mode, started_at, ended_at, outcome, stage, error
    from sync.runs
    order by alias, started_at desc
),

last_success as (
    select alias, max(ended_at) as at
    from sync.runs
    where outcome = 'succeeded'
    group by alias
),

-- Runs that have not ended say nothing about success (products.md 2.28).
recent as (
    select
        alias,
        count(*) filter (where outcome = 'succeeded') as succeeded,
        count(*) filter (where outcome in ('succeeded', 'failed')) as finished
    from sync.runs
    where started_at > now() - interval '7 days'
    group by alias
),

endpoint as (
    select org_id, endpoint, max(covered_until) as covered_until
    from sync.windows
    group by org_id, endpoint
),

freshness as (
    select org_id, min(covered_until) as fresh_until
    from endpoint
    group by org_id
),

gap as (
    select org_id, count(*) as gaps
    from analytics.coverage_gaps
    group by org_id
),

queue as (
    select
        org_id,
        count(*) filter (where status = 'pending') as pending,
        count(*) filter (where status = 'failed') as failed
    from sync.deliveries
    group by org_id
)

select
    organisation.alias,
    organisation.org_id,
    connection.tenant_name,
    connection.connected_at,
    connection.disconnected_at,
    last_run.run_id as last_run_id,
    last_run.kind as last_run_kind,
    last_run.mode as last_run_mode,
    last_run.started_at as last_run_started_at,
    last_run.ended_at as last_run_ended_at,
    last_run.outcome as last_run_outcome,
    last_run.stage as last_run_stage,
    last_run.error as last_run_error,
    last_success.at as last_success_at,
    coalesce(recent.succeeded, 0) as succeeded_7_days,
    coalesce(recent.finished, 0) as finished_7_days,
    round(recent.succeeded::numeric / nullif(recent.finished, 0), 4) as success_rate_7_days,
    freshness.fresh_until,
    coalesce(gap.gaps, 0) as coverage_gaps,
    coalesce(queue.pending, 0) as deliveries_pending,
    coalesce(queue.failed, 0) as deliveries_failed
from organisation
left join connection using (alias)
left join last_run using (alias)
left join last_success using (alias)
left join recent using (alias)
left join freshness on freshness.org_id = organisation.org_id
left join gap on gap.org_id = organisation.org_id
left join queue on queue.org_id = organisation.org_id;

comment on view analytics.sync_status is 'How each organisation stands: connection, last runs, success rate, freshness, queue';
comment on column analytics.sync_status.alias is 'Alias of the organisation in orgs.yaml';
comment on column analytics.sync_status.org_id is 'Xero organisation, by OrganisationID';
comment on column analytics.sync_status.tenant_name is 'Name of the organisation in Xero';
comment on column analytics.sync_status.connected_at is 'When it was connected';
comment on column analytics.sync_status.disconnected_at is 'When it was disconnected: its data is stale since then';
comment on column analytics.sync_status.last_run_id is 'Latest run';
comment on column analytics.sync_status.last_run_kind is 'scheduled, manual, backfill or initial';
comment on column analytics.sync_status.last_run_mode is 'What it was asked to do';
comment on column analytics.sync_status.last_run_started_at is 'When it started';
comment on column analytics.sync_status.last_run_ended_at is 'When it ended; null while it runs';
comment on column analytics.sync_status.last_run_outcome is 'running, succeeded or failed';
comment on column analytics.sync_status.last_run_stage is 'Stage it reached';
comment on column analytics.sync_status.last_run_error is 'Why it failed';
comment on column analytics.sync_status.last_success_at is 'When a run last succeeded';
comment on column analytics.sync_status.succeeded_7_days is 'Runs of the last 7 days that succeeded';
comment on column analytics.sync_status.finished_7_days is 'Runs of the last 7 days that succeeded or failed';
comment on column analytics.sync_status.success_rate_7_days is 'The first by the second; null when none finished';
comment on column analytics.sync_status.fresh_until is 'Every endpoint is complete up to then';
comment on column analytics.sync_status.coverage_gaps is 'Gaps in what was read; see coverage_gaps';
comment on column analytics.sync_status.deliveries_pending is 'Records waiting to be sent';
comment on column analytics.sync_status.deliveries_failed is 'Records the other side refused';
