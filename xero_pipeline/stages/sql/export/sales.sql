-- Sales that orgs.yaml selects, opportunities by stage and orders by status, and those that were selected when the last plan was
-- made. Of what that plan found done only what has moved since; with `everything` all of them, with `only` those sales alone.
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
        opportunities.is_deleted or opportunities.vanished_at is not null as is_gone,
        opportunities.system_modstamp
    from salesforce.opportunities
    where opportunities.org_id = %(salesforce_org_id)s

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
        orders.is_deleted or orders.vanished_at is not null as is_gone,
        orders.system_modstamp
    from salesforce.orders
    where orders.org_id = %(salesforce_org_id)s
),

planned as (
    select sale_id, min(planned_at) as planned_at, bool_and(action = 'no_op') as is_done
    from sync.export_documents
    where org_id = %(org_id)s
    group by sale_id
),

candidate as (
    select
        sale.*,
        not sale.is_gone
        and (sale.xero_export is true or not %(require_checkbox)s)
        and (
            sale.is_sold
            or (
                sale.sale_type = 'opportunity'
                and sale.phase = any(%(deposit_stages)s)
                and sale.xero_deposit_percent > 0 and sale.xero_deposit_percent < 100
            )
        ) as is_selected
    from sale
),

-- An order is another word on the opportunity it was made from.
ordered as (
    select orders.opportunity_id as sale_id, count(*) as orders
    from salesforce.orders
    inner join candidate on candidate.sale_id = orders.order_id and candidate.is_selected
    where orders.org_id = %(salesforce_org_id)s and orders.opportunity_id is not null
    group by orders.opportunity_id
)

select
    sale.sale_type,
    sale.sale_id,
    coalesce(sale.name, '') as name,
    coalesce(sale.phase, '') as phase,
    sale.day,
    sale.number,
    coalesce(sale.xero_reference, '') as reference,
    upper(trim(coalesce(nullif(trim(sale.xero_currency), ''), sale.currency_iso_code, ''))) as currency,
    sale.account_id,
    sale.is_selected,
    sale.xero_due_date as due_date,
    sale.xero_deposit_percent as deposit_percent,
    coalesce(users.name, '') as owner,
    coalesce(ordered.orders, 0) as orders,
    coalesce(sale.xero_account_code, '') as account_code,
    coalesce(sale.xero_tax_type, '') as tax_type,
    coalesce(sale.xero_tracking_1, '') as tracking_1,
    coalesce(sale.xero_tracking_2, '') as tracking_2,
    coalesce(sale.xero_branding_theme, '') as branding_theme,
    coalesce(sale.xero_amounts, '') as amounts
from candidate as sale
left join planned using (sale_id)
left join ordered using (sale_id)
left join salesforce.users on users.org_id = %(salesforce_org_id)s and users.user_id = sale.owner_id
where
    (sale.is_selected or planned.sale_id is not null)
    and (%(only)s::text[] is null or sale.sale_id = any(%(only)s))
    -- Clocks differ, and what Salesforce stamped just before the plan may have been committed after it was read.
    and (
        %(everything)s
        or planned.is_done is not true
        or sale.system_modstamp > planned.planned_at - interval '10 minutes'
    )
order by sale.sale_type, sale.sale_id
