-- What became of the products that people asked to have as items, where Salesforce shows it differently.
with wanted as (
    select
        external_id as product_id,
        initcap(status) as export_status,
        -- A dismissal stays a failure, and says who, when and why (products.md 2.26).
        case
            when status = 'failed'
            then left(
                concat_ws(
                    ' ',
                    'Dismissed by ' || case when resolution = 'dismiss' then resolved_by end
                    || ' on ' || (resolved_at at time zone 'UTC')::date || ': ' || resolution_reason,
                    error
                ),
                4000
            )
        end as message,
        remote_id as item_id
    from sync.deliveries
    where org_id = %(org_id)s and system = 'xero' and object = 'items'
)

select
    shown.product_id as external_id,
    shown.name as record_name,
    jsonb_build_object(
        'Xero_Export_Status__c', wanted.export_status,
        'Xero_Export_Message__c', wanted.message,
        'Xero_Item_Id__c', wanted.item_id
    ) as payload
from wanted
inner join salesforce.products as shown using (product_id)
where
    shown.org_id = %(salesforce_org_id)s and not shown.is_deleted and shown.vanished_at is null
    and (wanted.export_status, wanted.message, wanted.item_id)
    is distinct from (shown.xero_export_status, shown.xero_export_message, shown.xero_item_id)
