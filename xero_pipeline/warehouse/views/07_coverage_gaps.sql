-- Stretches of time, between the first and the last read of an endpoint, that no read made complete. None is the rule.
create or replace view analytics.coverage_gaps as
with covered as (
    select
        org_id,
        endpoint,
        range_agg(tstzrange(covered_from, covered_until)) as stretches
    from sync.windows
    where covered_from is null or covered_from < covered_until
    group by org_id, endpoint
),

uncovered as (
    select org_id, endpoint, unnest(range_merge(stretches)::tstzmultirange - stretches) as gap
    from covered
)

select org_id, endpoint, lower(gap) as gap_start, upper(gap) as gap_end, upper(gap) - lower(gap) as duration
from uncovered;

comment on view analytics.coverage_gaps is 'Time that no finished read of an endpoint covers';
comment on column analytics.coverage_gaps.org_id is 'Organisation, by OrganisationID or Salesforce org id';
comment on column analytics.coverage_gaps.endpoint is 'What was not read, such as invoices';
comment on column analytics.coverage_gaps.gap_start is 'Start of the gap';
comment on column analytics.coverage_gaps.gap_end is 'End of the gap';
comment on column analytics.coverage_gaps.duration is 'How long it is';
