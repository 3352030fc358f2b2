-- The contacts that may be these customers': by id, by the account's id, by account number, by name, and whoever took one of them over.
with recursive candidate as (
    select contacts.*
    from xero.contacts
    where
        contacts.org_id = %(org_id)s and contacts.vanished_at is null
        and (
            contacts.contact_id = any(%(contact_ids)s)
            or contacts.contact_number = any(%(account_ids)s)
            or lower(regexp_replace(btrim(contacts.account_number), '\s+', ' ', 'g')) = any(%(numbers)s)
            or lower(regexp_replace(btrim(contacts.name), '\s+', ' ', 'g')) = any(%(names)s)
        )
    union
    select heir.*
    from candidate
    inner join xero.contacts as heir
        on heir.org_id = %(org_id)s and heir.contact_id = candidate.merged_to_contact_id and heir.vanished_at is null
)

select
    contact_id,
    coalesce(name, '') as name,
    coalesce(contact_status, '') as status,
    coalesce(account_number, '') as account_number,
    coalesce(contact_number, '') as contact_number,
    coalesce(merged_to_contact_id, '') as merged_to,
    payment_terms_sales_day,
    payment_terms_sales_type
from candidate
