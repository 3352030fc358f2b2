-- What became of the products that people asked to have as items, where Salesforce shows it differently.
with wanted as (
    select
        external_id as product_id,
        case
            when status = 'failed' and resolution is distinct from 'dismiss' then 'Failed'
            when status = 'pending' then 'Pending'
            when status = 'succeeded' then 'Succeeded'
        end as export_status,
        case when status = 'failed' then left(error, 4000) end as message,
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
