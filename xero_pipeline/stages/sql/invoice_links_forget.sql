-- Drops what no longer holds: a link whose target was deleted in Salesforce, a choice whose candidates are all gone.
-- What a person linked stays.
with alive as (
    select opportunity_id as target_id
    from salesforce.opportunities
    where org_id = %(salesforce_org_id)s and not is_deleted and vanished_at is null
    union all
    select order_id
    from salesforce.orders
    where org_id = %(salesforce_org_id)s and not is_deleted and vanished_at is null
),

candidate as (
    select links.invoice_id, named.record ->> 'id' as target_id
    from sync.invoice_links as links
    left join lateral jsonb_array_elements(links.candidates) as named (record) on true
    where
        links.org_id = %(org_id)s
        and (%(everything)s or links.invoice_id = any(%(invoices)s))
        and links.status = 'ambiguous'
),

stale as (
    select links.invoice_id
    from sync.invoice_links as links
    where
        links.org_id = %(org_id)s
        and (%(everything)s or links.invoice_id = any(%(invoices)s))
        and links.status = 'linked'
        and not exists (select 1 from alive where alive.target_id = links.target_id)
    union all
    select candidate.invoice_id
    from candidate
    left join alive using (target_id)
    group by candidate.invoice_id
    having count(alive.target_id) = 0
)

delete from sync.invoice_links as links
using stale
where links.org_id = %(org_id)s and links.invoice_id = stale.invoice_id
