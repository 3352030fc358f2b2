-- Takes what is due, and says which accounts and opportunities that touches: the ids of a kind as one array, and how many.
with taken as (
    delete from sync.rollups_due
    where org_id = %(org_id)s
    returning kind, record_id
),

-- What is due between two days is overdue on the later one and was not on the other, and no document changed for it.
aged as (
    select invoice_id, contact_id
    from xero.invoices
    where
        %(before)s::date <> %(today)s::date
        and org_id = %(org_id)s and type = 'ACCREC' and status = 'AUTHORISED'
        and due_date >= least(%(before)s::date, %(today)s::date) and due_date < greatest(%(before)s::date, %(today)s::date)
),

contact as (
    select record_id as contact_id from taken where kind = 'contact'
    union
    select contact_id from aged
),

invoice as (
    select record_id as invoice_id from taken where kind = 'invoice'
    union
    select invoice_id from aged
),

touched as (
    select 'account' as kind, record_id from taken where kind = 'account'
    union
    select 'account', matches.account_id
    from sync.contact_matches as matches
    where
        matches.org_id = %(org_id)s and matches.contact_id = any(array(select contact_id from contact))
        and matches.account_id is not null
    union
    select 'opportunity', record_id from taken where kind = 'opportunity'
    union
    select 'opportunity', links.target_id
    from invoice
    inner join sync.invoice_links as links using (invoice_id)
    where links.org_id = %(org_id)s and links.target_type = 'opportunity'
)

select kind, array_agg(record_id)::text, count(*)
from touched
group by kind
