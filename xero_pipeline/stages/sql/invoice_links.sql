-- Ties sales invoices to the opportunity or order they name (BW-10; products.md 2.9, 2.10).
-- Only invoices without a link are looked at; exactly one record of the same account links, anything else waits for a person.
with unmapped as (
    select
        invoices.org_id,
        invoices.invoice_id,
        lower(btrim(invoices.{xero_field})) as reference,
        matches.account_id
    from xero.invoices
    left join sync.contact_matches as matches using (org_id, contact_id)
    left join sync.invoice_links as links using (org_id, invoice_id)
    where
        invoices.org_id = %(org_id)s
        and invoices.type = 'ACCREC'
        and invoices.status <> 'DELETED'
        and invoices.in_scope
        and invoices.vanished_at is null
        and btrim(invoices.{xero_field}) <> ''
        and (links.invoice_id is null or links.status = 'ambiguous')
        and (%(everything)s or invoices.invoice_id = any(%(invoices)s) or invoices.contact_id = any(%(contacts)s))
),

target as (
    select 'order' as target_type, order_id as target_id, account_id, lower(btrim({order_field})) as reference
    from salesforce.orders
    where org_id = %(salesforce_org_id)s and not is_deleted and vanished_at is null
    union all
    select 'opportunity', opportunity_id, account_id, lower(btrim({opportunity_field}))
    from salesforce.opportunities
    where org_id = %(salesforce_org_id)s and not is_deleted and vanished_at is null
),

hit as (
    select
        unmapped.invoice_id,
        target.target_type,
        target.target_id,
        unmapped.account_id is not null and target.account_id is not distinct from unmapped.account_id as same_account
    from unmapped
    inner join target using (reference)
),

choice as (
    select
        invoice_id,
        array_agg(target_id) filter (where same_account and target_type = %(preferred)s) as preferred,
        array_agg(target_id) filter (where same_account and target_type = %(other)s) as other,
        jsonb_agg(
            jsonb_build_object('type', target_type, 'id', target_id, 'same_account', same_account)
            order by target_type, target_id
        ) as candidates
    from hit
    group by invoice_id
),

decision as (
    select
        invoice_id,
        candidates,
        case
            when cardinality(preferred) = 1 then %(preferred)s
            when preferred is null and cardinality(other) = 1 then %(other)s
        end as target_type,
        case
            when cardinality(preferred) = 1 then preferred[1]
            when preferred is null and cardinality(other) = 1 then other[1]
        end as target_id
    from choice
),

written as (
    insert into sync.invoice_links as links
        (org_id, invoice_id, target_type, target_id, rule, status, candidates, decided_at, run_id)
    select
        %(org_id)s,
        invoice_id,
        target_type,
        target_id,
        %(rule)s,
        case when target_id is null then 'ambiguous' else 'linked' end,
        case when target_id is null then candidates end,
        %(now)s,
        %(run_id)s
    from decision
    -- A row that conflicts is locked, and so written, even where nothing is changed then.
    where
        not exists (
            select 1
            from sync.invoice_links as known
            where
                known.org_id = %(org_id)s
                and known.invoice_id = decision.invoice_id
                and decision.target_id is null
                and known.status = 'ambiguous'
                and known.candidates = decision.candidates
        )
    -- In the order of two of its indexes, which many rows are put into at half the cost then.
    order by invoice_id
    on conflict (org_id, invoice_id) do update set
        target_type = excluded.target_type,
        target_id = excluded.target_id,
        rule = excluded.rule,
        status = excluded.status,
        candidates = excluded.candidates,
        decided_at = excluded.decided_at,
        run_id = excluded.run_id
    returning (xmax = 0) as is_new
)

select
    count(*) filter (where is_new) as inserted,
    count(*) filter (where not is_new) as updated
from written
