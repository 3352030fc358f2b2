-- The invoices by which some accounts and opportunities are added up, each read once though it may count for both.
create temporary table counted on commit drop as
with match as (
    select contact_id, account_id
    from sync.contact_matches
    where org_id = %(org_id)s and account_id = any(%(accounts)s)
),

link as (
    select invoice_id, target_id as opportunity_id
    from sync.invoice_links
    where
        org_id = %(org_id)s and target_type = 'opportunity' and status in ('linked', 'manual')
        and target_id = any(%(opportunities)s)
),

of_accounts as materialized (
    {counted}
    and contact_id = any(array(select contact_id from match))
),

of_opportunities as (
    {counted}
    and invoice_id = any(array(select invoice_id from link except select invoice_id from of_accounts))
)

select of_accounts.*, match.account_id, link.opportunity_id
from of_accounts
inner join match using (contact_id)
left join link using (invoice_id)
union all
select of_opportunities.*, null, link.opportunity_id
from of_opportunities
inner join link using (invoice_id)
