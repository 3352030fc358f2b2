-- Sales that orgs.yaml selects and that the last plan has not seen as they are: opportunities by stage, orders by status. With
-- %(everything)s all of them; with %(only)s those sales and no others. Only %(org_id)s decides what was planned.
with sale as (
    select
        'opportunity' as sale_type,
        opportunities.opportunity_id as sale_id,
        opportunities.name,
        opportunities.stage_name as phase,
        opportunities.close_date as day,
        '' as number,
        opportunities.stage_name = any(%(stages)s) as is_sold,
        opportunities.account_id,
        opportunities.owner_id,
        opportunities.currency_iso_code,
        opportunities.xero_reference,
        opportunities.xero_export,
        opportunities.xero_currency,
        opportunities.xero_due_date,
        opportunities.xero_deposit_percent,
        opportunities.xero_account_code,
        opportunities.xero_tax_type,
        opportunities.xero_tracking_1,
        opportunities.xero_tracking_2,
        opportunities.xero_branding_theme,
        opportunities.xero_amounts,
        opportunities.system_modstamp
    from salesforce.opportunities
    where
        opportunities.org_id = %(salesforce_org_id)s
        and not opportunities.is_deleted and opportunities.vanished_at is null

    union all

    select
        'order' as sale_type,
        orders.order_id as sale_id,
        orders.order_number as name,
        orders.status as phase,
        orders.effective_date as day,
        coalesce(orders.order_number, '') as number,
        orders.status = any(%(statuses)s) as is_sold,
        orders.account_id,
        orders.owner_id,
        orders.currency_iso_code,
        orders.xero_reference,
        orders.xero_export,
        orders.xero_currency,
        orders.xero_due_date,
        orders.xero_deposit_percent,
        orders.xero_account_code,
        orders.xero_tax_type,
        orders.xero_tracking_1,
        orders.xero_tracking_2,
        orders.xero_branding_theme,
        orders.xero_amounts,
        orders.system_modstamp
    from salesforce.orders
    where orders.org_id = %(salesforce_org_id)s and not orders.is_deleted and orders.vanished_at is null
),

settled as (
    select documents.sale_id, min(documents.planned_at) as planned_at
    from sync.export_documents as documents
    where documents.org_id = %(org_id)s
    group by documents.sale_id
    having bool_and(documents.action = 'no_op')
)

select
    sale.sale_type,
    sale.sale_id,
    coalesce(sale.name, '') as name,
    coalesce(sale.phase, '') as phase,
    sale.day,
    sale.number,
    coalesce(sale.xero_reference, '') as reference,
    upper(trim(coalesce(sale.xero_currency, sale.currency_iso_code, ''))) as currency,
    sale.account_id,
    sale.xero_due_date as due_date,
    sale.xero_deposit_percent as deposit_percent,
    coalesce(users.name, '') as owner,
    coalesce(sale.xero_account_code, '') as account_code,
    coalesce(sale.xero_tax_type, '') as tax_type,
    coalesce(sale.xero_tracking_1, '') as tracking_1,
    coalesce(sale.xero_tracking_2, '') as tracking_2,
    coalesce(sale.xero_branding_theme, '') as branding_theme,
    coalesce(sale.xero_amounts, '') as amounts
from sale
left join settled using (sale_id)
left join salesforce.users on users.org_id = %(salesforce_org_id)s and users.user_id = sale.owner_id
where
    (sale.is_sold or (sale.phase = any(%(deposit_stages)s) and sale.xero_deposit_percent > 0))
    and (sale.xero_export or not %(require_checkbox)s)
    and (%(only)s::text[] is null or sale.sale_id = any(%(only)s))
    -- Clocks differ, and what Salesforce stamped just before the plan may have been committed after it was read.
    and (
        %(everything)s
        or settled.planned_at is null
        or sale.system_modstamp > settled.planned_at - interval '10 minutes'
    )
order by sale.sale_type, sale.sale_id
