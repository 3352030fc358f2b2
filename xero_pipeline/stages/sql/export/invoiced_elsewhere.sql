-- Invoices that stand in Xero for these sales and that are not theirs to edit: linked to the sale though no export made them, or
-- made of the order of an opportunity, or of the opportunity of an order. Voided and deleted ones count for nothing.
with kin as (
    select order_id as sale_id, opportunity_id as other_id
    from salesforce.orders
    where org_id = %(salesforce_org_id)s and order_id = any(%(sale_ids)s) and opportunity_id is not null
    union all
    select opportunity_id as sale_id, order_id as other_id
    from salesforce.orders
    where org_id = %(salesforce_org_id)s and opportunity_id = any(%(sale_ids)s)
),

exported as (
    select split_part(external_id, ':', 1) as sale_id, remote_id as invoice_id
    from sync.deliveries
    where org_id = %(org_id)s and system = 'xero' and object = 'invoices' and remote_id is not null
),

linked as (
    select target_id as sale_id, invoice_id from sync.invoice_links where org_id = %(org_id)s and target_id is not null
),

elsewhere as (
    select linked.sale_id, linked.invoice_id
    from linked
    where
        linked.sale_id = any(%(sale_ids)s)
        and not exists (select 1 from exported where exported.invoice_id = linked.invoice_id)
    union
    select kin.sale_id, coalesce(exported.invoice_id, linked.invoice_id) as invoice_id
    from kin
    left join exported on exported.sale_id = kin.other_id
    left join linked on linked.sale_id = kin.other_id
    where exported.invoice_id is not null or linked.invoice_id is not null
)

select elsewhere.sale_id, invoices.invoice_number
from elsewhere
inner join xero.invoices on invoices.org_id = %(org_id)s and invoices.invoice_id = elsewhere.invoice_id
where
    invoices.status not in ('VOIDED', 'DELETED') and invoices.vanished_at is null
    and (invoices.url is null or invoices.url <> all(%(urls)s))
order by 1, 2
