-- The rollup fields of accounts that differ from what Salesforce shows now. Accounts that show numbers but have no invoices
-- left go to 0.00 (BW-46); those that never had any stay empty.
with unsent as (
    select external_id as account_id
    from sync.deliveries
    where org_id = %(org_id)s and system = 'salesforce' and object = 'Account' and status in ('pending', 'failed')
),

wanted as (
    select
        accounts.account_id,
        accounts.name,
        rollups.account_id is not null as has_invoices,
        case when rollups.account_id is null then 0 else rollups.total_invoiced end as total_invoiced,
        case when rollups.account_id is null then 0 else rollups.total_paid end as total_paid,
        case when rollups.account_id is null then 0 else rollups.total_credited end as total_credited,
        case when rollups.account_id is null then 0 else rollups.total_due end as total_due,
        case when rollups.account_id is null then 0 else rollups.total_overdue end as total_overdue,
        case when rollups.account_id is null then 0 else rollups.total_draft end as total_draft,
        case when rollups.account_id is null then 0 else rollups.unallocated_credit end as unallocated_credit,
        rollups.status
    from salesforce.accounts
    left join analytics.account_rollups as rollups
        on rollups.org_id = %(org_id)s and rollups.account_id = accounts.account_id and rollups.currency_code = '*'
    where
        accounts.org_id = %(salesforce_org_id)s and not accounts.is_deleted and accounts.vanished_at is null
        and (%(everything)s or accounts.account_id = any(%(accounts)s))
)

select
    wanted.account_id as external_id,
    wanted.name as record_name,
    jsonb_build_object(
        'Xero_Total_Invoiced__c', wanted.total_invoiced,
        'Xero_Total_Paid__c', wanted.total_paid,
        'Xero_Total_Credited__c', wanted.total_credited,
        'Xero_Total_Due__c', wanted.total_due,
        'Xero_Total_Overdue__c', wanted.total_overdue,
        'Xero_Total_Draft__c', wanted.total_draft,
        'Xero_Unallocated_Credit__c', wanted.unallocated_credit,
        'Xero_Account_Status__c', wanted.status
    ) as payload
from wanted
inner join salesforce.accounts as shown using (account_id)
left join unsent using (account_id)
where
    shown.org_id = %(salesforce_org_id)s
    -- Figures that could not be sent may hold no longer: whatever is sent next, these take their place first.
    and (unsent.account_id is not null or (
        wanted.total_invoiced, wanted.total_paid, wanted.total_credited, wanted.total_due, wanted.total_overdue,
        wanted.total_draft, wanted.unallocated_credit, wanted.status
    ) is distinct from (
        shown.xero_total_invoiced, shown.xero_total_paid, shown.xero_total_credited, shown.xero_total_due,
        shown.xero_total_overdue, shown.xero_total_draft, shown.xero_unallocated_credit, shown.xero_account_status
    ))
    -- Zeroing is sent before recomputing, opportunities before accounts (BW-48).
    and (unsent.account_id is not null or wanted.has_invoices = %(has_invoices)s)
    and (
        wanted.has_invoices
        or unsent.account_id is not null
        or shown.xero_total_invoiced <> 0 or shown.xero_total_paid <> 0 or shown.xero_total_credited <> 0
        or shown.xero_total_due <> 0 or shown.xero_total_overdue <> 0 or shown.xero_total_draft <> 0
        or shown.xero_unallocated_credit <> 0
    )
