-- What the invoices linked to each opportunity add up to, a row a currency and one ('*') in base currency (BW-47, BW-X01).
with
{document},

computed as (
    select
        links.target_id as opportunity_id,
        document.rollup_currency as currency_code,
        -- A document without a rate makes its sum null: no number is better than a wrong one.
        case when bool_and(document.invoiced is not null) then sum(document.invoiced) end as total_invoiced,
        case when bool_and(document.paid is not null) then sum(document.paid) end as total_paid,
        case when bool_and(document.credited is not null) then sum(document.credited) end as total_credited,
        case when bool_and(document.due is not null) then sum(document.due) end as total_due,
        case when bool_and(document.overdue is not null) then sum(document.overdue) end as total_overdue,
        case when bool_and(document.draft is not null) then sum(document.draft) end as total_draft,
        count(*)::integer as documents
    from document
    inner join sync.invoice_links as links
        on
            links.org_id = %(org_id)s
            and links.invoice_id = document.document_id
            and links.target_type = 'opportunity'
            and links.status in ('linked', 'manual')
            {of_targets}
    group by links.target_id, document.rollup_currency
),

gone as (
    delete from analytics.opportunity_rollups as stored
    where
        stored.org_id = %(org_id)s
        {stored_of_targets}
        and not exists (
            select 1 from computed
            where computed.opportunity_id = stored.opportunity_id and computed.currency_code = stored.currency_code
        )
    returning stored.opportunity_id
),

written as (
    insert into analytics.opportunity_rollups (
        org_id, opportunity_id, currency_code, total_invoiced, total_paid, total_credited, total_due, total_overdue, total_draft,
        documents, computed_at
    )
    select
        %(org_id)s, opportunity_id, currency_code, total_invoiced, total_paid, total_credited, total_due, total_overdue,
        total_draft, documents, %(now)s
    from computed
    -- A row that conflicts is locked, and so written, even where nothing is changed then.
    where
        not exists (
            select 1
            from analytics.opportunity_rollups as known
            where
                known.org_id = %(org_id)s
                {known_of_targets}
                and known.opportunity_id = computed.opportunity_id
                and known.currency_code = computed.currency_code
                and (
                    known.total_invoiced, known.total_paid, known.total_credited, known.total_due, known.total_overdue,
                    known.total_draft, known.documents
                ) is not distinct from (
                    computed.total_invoiced, computed.total_paid, computed.total_credited, computed.total_due,
                    computed.total_overdue, computed.total_draft, computed.documents
                )
        )
    on conflict (org_id, opportunity_id, currency_code) do update set
        total_invoiced = excluded.total_invoiced,
        total_paid = excluded.total_paid,
        total_credited = excluded.total_credited,
        total_due = excluded.total_due,
        total_overdue = excluded.total_overdue,
        total_draft = excluded.total_draft,
        documents = excluded.documents,
        computed_at = excluded.computed_at
    returning (xmax = 0) as is_new
)

select
    (select count(*) from computed) as seen,
    (select count(*) from written where is_new) as inserted,
    (select count(*) from written where not is_new) as updated,
    (select count(*) from gone) as removed
