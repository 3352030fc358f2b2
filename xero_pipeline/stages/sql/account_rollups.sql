-- What each Salesforce account was invoiced, paid and owes, a row a currency and one ('*') in base currency (BW-47, BW-X01).
with
{counted}
{document},

credit as (
    select contact_id, currency_code, currency_rate, remaining_credit
    from xero.credit_notes
    where
        org_id = %(org_id)s and type = 'ACCRECCREDIT' and status = 'AUTHORISED' and vanished_at is null
    union all
    select contact_id, currency_code, currency_rate, remaining_credit
    from xero.prepayments
    where
        %(prepayments_count)s and org_id = %(org_id)s and type in ('RECEIVE-PREPAYMENT', 'ARPREPAYMENT')
        and status = 'AUTHORISED' and vanished_at is null
    union all
    select contact_id, currency_code, currency_rate, remaining_credit
    from xero.overpayments
    where
        %(prepayments_count)s and org_id = %(org_id)s and type in ('RECEIVE-OVERPAYMENT', 'AROVERPAYMENT')
        and status = 'AUTHORISED' and vanished_at is null
),

measured as (
    select account_id, rollup_currency, 1 as documents, invoiced, paid, credited, due, overdue, draft, 0::numeric as unallocated
    from document
    union all
    select matches.account_id, basis.currency, 1, 0, 0, 0, 0, 0, 0, round(credit.remaining_credit / basis.rate, 2)
    from credit
    inner join sync.contact_matches as matches
        on matches.org_id = %(org_id)s and matches.contact_id = credit.contact_id and matches.account_id is not null
            and (%(targets)s::text[] is null or matches.account_id = any(%(targets)s))
    cross join lateral (
        values
        (credit.currency_code, 1::numeric),
        ('*', case when credit.currency_code = %(base_currency)s then 1 else nullif(credit.currency_rate, 0) end)
    ) as basis (currency, rate)
    where credit.remaining_credit <> 0
),

computed as (
    select
        account_id,
        rollup_currency as currency_code,
        {totals},
        case when bool_and(unallocated is not null) then sum(unallocated) end as unallocated_credit,
        sum(documents)::integer as documents
    from measured
    group by account_id, rollup_currency
),

labelled as (
    select
        *,
        case
            when total_overdue > 0 then 'Overdue'
            when total_due > 0 then 'Owing'
            when unallocated_credit > 0 then 'In Credit'
            when total_invoiced > 0 then 'Paid Up'
            else 'Draft Only'
        end as status
    from computed
),

stored as (
    select *, ctid as place
    from analytics.account_rollups
    where org_id = %(org_id)s and (%(targets)s::text[] is null or account_id = any(%(targets)s))
),

-- What differs from what is stored, which is written where it was found; who else writes it meanwhile moves it, and that is told.
news as (
    select
        coalesce(labelled.account_id, stored.account_id) as account_id,
        coalesce(labelled.currency_code, stored.currency_code) as currency_code,
        labelled.account_id is null as is_gone,
        stored.account_id is null as is_new,
        stored.place,
        labelled.total_invoiced, labelled.total_paid, labelled.total_credited, labelled.total_due, labelled.total_overdue,
        labelled.total_draft, labelled.unallocated_credit, labelled.documents, labelled.status
    from labelled
    full join stored on stored.account_id = labelled.account_id and stored.currency_code = labelled.currency_code
    where
        (
            labelled.account_id,
            labelled.total_invoiced, labelled.total_paid, labelled.total_credited, labelled.total_due, labelled.total_overdue,
            labelled.total_draft, labelled.unallocated_credit, labelled.documents, labelled.status
        ) is distinct from (
            stored.account_id,
            stored.total_invoiced, stored.total_paid, stored.total_credited, stored.total_due, stored.total_overdue,
            stored.total_draft, stored.unallocated_credit, stored.documents, stored.status
        )
),

gone as (
    delete from analytics.account_rollups as known
    using news
    where news.is_gone and known.ctid = news.place
    returning 1
),

updated as (
    update analytics.account_rollups as known set
        total_invoiced = news.total_invoiced,
        total_paid = news.total_paid,
        total_credited = news.total_credited,
        total_due = news.total_due,
        total_overdue = news.total_overdue,
        total_draft = news.total_draft,
        unallocated_credit = news.unallocated_credit,
        documents = news.documents,
        status = news.status,
        computed_at = %(now)s
    from news
    where not news.is_new and not news.is_gone and known.ctid = news.place
    returning 1
),

inserted as (
    insert into analytics.account_rollups (
        org_id, account_id, currency_code, total_invoiced, total_paid, total_credited, total_due, total_overdue, total_draft,
        unallocated_credit, documents, status, computed_at
    )
    select
        %(org_id)s, account_id, currency_code, total_invoiced, total_paid, total_credited, total_due, total_overdue,
        total_draft, unallocated_credit, documents, status, %(now)s
    from news
    where is_new
    -- The rows of one account lie together, where a delta finds both.
    order by account_id, currency_code
),

-- Salesforce shows base currency; while it was never written to, all of it is to be looked at anyway.
noted as (
    insert into sync.showing_due (org_id, kind, record_id)
    select %(org_id)s, 'account', account_id
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
    (select count(*) from labelled) as seen,
    count(*) filter (where is_new) as inserted,
    count(*) filter (where not is_new and not is_gone) as updated,
    count(*) filter (where is_gone) as removed,
    (select count(*) from updated) + (select count(*) from gone) as rewritten
from news
