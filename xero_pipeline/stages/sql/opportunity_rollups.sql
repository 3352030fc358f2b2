-- What the invoices linked to each opportunity add up to, a row a currency and one ('*') in base currency (BW-47, BW-X01).
with
{counted}
{document},

computed as (
    select
        opportunity_id,
        rollup_currency as currency_code,
        {totals},
        count(*)::integer as documents
    from document
    group by opportunity_id, rollup_currency
),

stored as (
    select *, ctid as place
    from analytics.opportunity_rollups
    where org_id = %(org_id)s and (%(targets)s::text[] is null or opportunity_id = any(%(targets)s))
),

-- What differs from what is stored, which is written where it was found; who else writes it meanwhile moves it, and that is told.
news as (
    select
        coalesce(computed.opportunity_id, stored.opportunity_id) as opportunity_id,
        coalesce(computed.currency_code, stored.currency_code) as currency_code,
        computed.opportunity_id is null as is_gone,
        stored.opportunity_id is null as is_new,
        stored.place,
        computed.total_invoiced, computed.total_paid, computed.total_credited, computed.total_due, computed.total_overdue,
        computed.total_draft, computed.documents
    from computed
    full join stored on stored.opportunity_id = computed.opportunity_id and stored.currency_code = computed.currency_code
    where
        (
            computed.opportunity_id,
            computed.total_invoiced, computed.total_paid, computed.total_credited, computed.total_due, computed.total_overdue,
            computed.total_draft, computed.documents
        ) is distinct from (
            stored.opportunity_id,
            stored.total_invoiced, stored.total_paid, stored.total_credited, stored.total_due, stored.total_overdue,
            stored.total_draft, stored.documents
        )
),

gone as (
    delete from analytics.opportunity_rollups as known
    using news
    where news.is_gone and known.ctid = news.place
    returning 1
),

updated as (
    update analytics.opportunity_rollups as known set
        total_invoiced = news.total_invoiced,
        total_paid = news.total_paid,
        total_credited = news.total_credited,
        total_due = news.total_due,
        total_overdue = news.total_overdue,
        total_draft = news.total_draft,
        documents = news.documents,
        computed_at = %(now)s
    from news
    where not news.is_new and not news.is_gone and known.ctid = news.place
    returning 1
),

inserted as (
    insert into analytics.opportunity_rollups (
        org_id, opportunity_id, currency_code, total_invoiced, total_paid, total_credited, total_due, total_overdue,
        total_draft, documents, computed_at
    )
    select
        %(org_id)s, opportunity_id, currency_code, total_invoiced, total_paid, total_credited, total_due, total_overdue,
        total_draft, documents, %(now)s
    from news
    where is_new
    -- The rows of one opportunity lie together, where a delta finds both.
    order by opportunity_id, currency_code
),

-- Salesforce shows base currency; while it was never written to, all of it is to be looked at anyway.
noted as (
    insert into sync.showing_due (org_id, kind, record_id)
    select %(org_id)s, 'opportunity', opportunity_id
    from news
    where
        currency_code = '*'
        and exists (
            select 1
            from sync.settings
            where org_id = %(org_id)s and scope = 'org' and subject = '' and key = 'showing'
        )
)

select
    (select count(*) from computed) as seen,
    count(*) filter (where is_new) as inserted,
    count(*) filter (where not is_new and not is_gone) as updated,
    count(*) filter (where is_gone) as removed,
    (select count(*) from updated) + (select count(*) from gone) as rewritten
from news
