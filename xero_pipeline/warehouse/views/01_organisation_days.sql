-- Each organisation's base currency and what day it is there: what every figure in base currency or past due rests on.
-- The IANA zone is a setting of the organisation, written by the metadata stage: Xero names zones as Windows does.
create or replace view analytics.organisation_days as
with zone as (
    select org_id, value #>> '{}' as time_zone
    from sync.settings
    where scope = 'org' and subject = '' and key = 'time_zone'
)

select
    organisations.org_id,
    organisations.name,
    organisations.base_currency,
    coalesce(zone.time_zone, 'UTC') as time_zone,
    (now() at time zone coalesce(zone.time_zone, 'UTC'))::date as today
from xero.organisations
left join zone using (org_id);

comment on view analytics.organisation_days is 'Base currency, time zone and current date of each Xero organisation';
comment on column analytics.organisation_days.org_id is 'Xero organisation, by OrganisationID';
comment on column analytics.organisation_days.name is 'Display name of the organisation';
comment on column analytics.organisation_days.base_currency is 'ISO code of the currency the books are kept in';
comment on column analytics.organisation_days.time_zone is 'IANA time zone of the organisation; UTC until it is known';
comment on column analytics.organisation_days.today is 'The current date in that time zone';
