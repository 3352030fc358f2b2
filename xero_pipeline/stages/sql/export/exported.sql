-- What these sales have become in Xero already: invoices that were delivered, and, should the ledger of deliveries ever be lost,
-- invoices that carry the sale's address.
with known as (
    select external_id, remote_id as invoice_id, line_ids
    from sync.deliveries
    where
        org_id = %(org_id)s and system = 'xero' and object = 'invoices'
        and external_id = any(%(external_ids)s) and remote_id is not null
),

carried as (
    -- Of several that carry it the one that stands, and of those the newest.
    select distinct on (address.external_id) address.external_id, invoices.invoice_id, null::jsonb as line_ids
    from unnest(%(external_ids)s::text[], %(urls)s::text[]) as address (external_id, url)
    inner join xero.invoices on invoices.org_id = %(org_id)s and invoices.url = address.url
    where
        invoices.type = 'ACCREC'
        and not exists (select 1 from known where known.external_id = address.external_id)
    order by
        address.external_id,
        invoices.status in ('VOIDED', 'DELETED'),
        invoices.vanished_at is not null,
        invoices.updated_utc desc nulls last,
        invoices.invoice_id
),

exported as (
    select * from known
    union all
    select * from carried
)

select
    exported.external_id,
    exported.invoice_id,
    exported.line_ids,
    coalesce(invoices.invoice_number, '') as number,
    coalesce(invoices.status, 'DELETED') as status,
    coalesce(invoices.contact_id, '') as contact_id,
    invoices.date as day,
    invoices.due_date,
    coalesce(invoices.reference, '') as reference,
    coalesce(invoices.currency_code, '') as currency,
    coalesce(invoices.line_amount_types, '') as amounts,
    coalesce(invoices.branding_theme_id, '') as branding_theme_id,
    coalesce(invoices.amount_paid, 0) as amount_paid,
    coalesce(invoices.amount_credited, 0) as amount_credited,
    invoices.invoice_id is null or invoices.vanished_at is not null as vanished,
    (
        select
            jsonb_agg(
                jsonb_build_object(
                    'line_item_id', lines.line_item_id,
                    'description', lines.description,
                    'quantity', lines.quantity,
                    'unit_amount', lines.unit_amount,
                    'discount_rate', lines.discount_rate,
                    'item_code', lines.item_code,
                    'account_code', lines.account_code,
                    'tax_type', lines.tax_type,
                    'tracking', jsonb_build_array(
                        jsonb_build_array(lines.tracking_1_name, lines.tracking_1_option),
                        jsonb_build_array(lines.tracking_2_name, lines.tracking_2_option)
                    )
                )
                order by lines.line_number
            )
        from xero.invoice_lines as lines
        where lines.org_id = %(org_id)s and lines.invoice_id = exported.invoice_id
    ) as lines
from exported
left join xero.invoices on invoices.org_id = %(org_id)s and invoices.invoice_id = exported.invoice_id
