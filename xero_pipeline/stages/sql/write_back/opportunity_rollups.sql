-- The rollup fields of opportunities that differ from what Salesforce shows now; without invoices left they go to 0.00 (BW-45).
with unsent as (
    select external_id as opportunity_id
    from sync.deliveries
    where org_id = %(org_id)s and system = 'salesforce' and object = 'Opportunity' and status in ('pending', 'failed')
),

wanted as (
    select
        opportunities.opportunity_id,
        opportunities.name,
        opportunities.account_id,
        rollups.opportunity_id is not null as has_invoices,
        case when rollups.opportunity_id is null then 0 else rollups.total_invoiced end as total_invoiced,
        case when rollups.opportunity_id is null then 0 else rollups.total_paid end as total_paid,
        case when rollups.opportunity_id is null then 0 else rollups.total_due end as total_due,
        case when rollups.opportunity_id is null then 0 else rollups.total_overdue end as total_overdue,
        case when rollups.opportunity_id is null then 0 else rollups.total_draft end as total_draft
    from salesforce.opportunities
    left join analytics.opportunity_rollups as rollups
        on
            rollups.org_id = %(org_id)s
            and rollups.opportunity_id = opportunities.opportunity_id
            and rollups.currency_code = '*'
    where
        opportunities.org_id = %(salesforce_org_id)s and not opportunities.is_deleted and opportunities.vanished_at is null
        and (%(everything)s or opportunities.opportunity_id = any(%(opportunities)s))
)

select
    wanted.opportunity_id as external_id,
    wanted.name as record_name,
    jsonb_build_object(
        'Xero_Total_Invoiced__c', wanted.total_invoiced,
        'Xero_Total_Paid__c', wanted.total_paid,
        'Xero_Total_Due__c', wanted.total_due,
        'Xero_Total_Overdue__c', wanted.total_overdue,
        'Xero_Total_Draft__c', wanted.total_draft
    ) as payload
from wanted
inner join salesforce.opportunities as shown using (opportunity_id)
left join unsent using (opportunity_id)
where
    shown.org_id = %(salesforce_org_id)s
    -- Figures that could not be sent may hold no longer: whatever is sent next, these take their place first.
    and (unsent.opportunity_id is not null or (
        wanted.total_invoiced, wanted.total_paid, wanted.total_due, wanted.total_overdue, wanted.total_draft
    ) is distinct from (
        shown.xero_total_invoiced, shown.xero_total_paid, shown.xero_total_due, shown.xero_total_overdue, shown.xero_total_draft
    ))
    -- Zeroing is sent before recomputing, opportunities before accounts (BW-48).
    and (unsent.opportunity_id is not null or wanted.has_invoices = %(has_invoices)s)
    and (
        wanted.has_invoices
        or unsent.opportunity_id is not null
        or shown.xero_total_invoiced <> 0 or shown.xero_total_paid <> 0 or shown.xero_total_due <> 0
        or shown.xero_total_overdue <> 0 or shown.xero_total_draft <> 0
    )
