-- What became of the opportunities, or the orders, that people asked to have invoiced, where Salesforce shows it differently.
with exported as (
    select
        split_part(deliveries.external_id, ':', 1) as sale_id,
        deliveries.external_id,
        deliveries.status,
        -- A dismissal stays a failure, and says who, when and why (products.md 2.26); a sale that was taken back is none.
        concat_ws(
            ' ',
            'Dismissed by ' || case when deliveries.resolution = 'dismiss' then deliveries.resolved_by end
            || ' on ' || (deliveries.resolved_at at time zone 'UTC')::date || ': ' || deliveries.resolution_reason,
            deliveries.error
        ) as error,
        coalesce(deliveries.resolution = 'dismiss' and deliveries.resolved_by = 'export', false) as is_withdrawn,
        invoices.invoice_id,
        invoices.invoice_number,
        invoices.status as invoice_status,
        nullif(deliveries.online_url, '') as online_url
    from sync.deliveries
    left join xero.invoices on invoices.org_id = %(org_id)s and invoices.invoice_id = deliveries.remote_id
    where deliveries.org_id = %(org_id)s and deliveries.system = 'xero' and deliveries.object = 'invoices'
),

outcome as (
    select
        sale_id,
        case
            when bool_or(status = 'failed' and not is_withdrawn) then 'Failed'
            when bool_or(status = 'pending') then 'Pending'
            when bool_or(status = 'succeeded') then 'Succeeded'
        end as export_status,
        left(
            string_agg(error, ' ' order by external_id) filter (where status = 'failed' and not is_withdrawn), 4000
        ) as message,
        -- Of a deposit and a balance the balance is shown, once there is one.
        (array_agg(invoice_id order by external_id like '%%:deposit') filter (where invoice_id is not null))[1] as invoice_id
    from exported
    group by sale_id
),

wanted as (
    select
        outcome.sale_id,
        outcome.export_status,
        outcome.message,
        exported.invoice_id,
        exported.invoice_number,
        exported.invoice_status,
        exported.online_url
    from outcome
    left join exported on exported.sale_id = outcome.sale_id and exported.invoice_id = outcome.invoice_id
),

shown as (
    select
        'Opportunity export' as object,
        opportunity_id as sale_id,
        name,
        xero_export_status,
        xero_export_message,
        xero_invoice_id,
        xero_invoice_number,
        xero_invoice_status,
        xero_invoice_url
    from salesforce.opportunities
    where org_id = %(salesforce_org_id)s and not is_deleted and vanished_at is null

    union all

    select
        'Order export' as object,
        order_id as sale_id,
        order_number as name,
        xero_export_status,
        xero_export_message,
        xero_invoice_id,
        xero_invoice_number,
        xero_invoice_status,
        xero_invoice_url
    from salesforce.orders
    where org_id = %(salesforce_org_id)s and not is_deleted and vanished_at is null
)

select
    shown.sale_id as external_id,
    shown.name as record_name,
    jsonb_build_object(
        'Xero_Export_Status__c', wanted.export_status,
        'Xero_Export_Message__c', wanted.message,
        'Xero_Invoice_Id__c', wanted.invoice_id,
        'Xero_Invoice_Number__c', wanted.invoice_number,
        'Xero_Invoice_Status__c', wanted.invoice_status,
        'Xero_Invoice_Url__c', wanted.online_url
    ) as payload
from wanted
inner join shown using (sale_id)
where
    shown.object = %(object)s
    and (
        wanted.export_status, wanted.message, wanted.invoice_id, wanted.invoice_number, wanted.invoice_status, wanted.online_url
    ) is distinct from (
        shown.xero_export_status, shown.xero_export_message, shown.xero_invoice_id, shown.xero_invoice_number,
        shown.xero_invoice_status, shown.xero_invoice_url
    )
