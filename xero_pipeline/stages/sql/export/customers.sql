-- The accounts that these sales are with.
select
    account_id,
    coalesce(name, '') as name,
    coalesce(account_number, '') as number,
    coalesce(person_email, '') as email,
    coalesce(phone, '') as phone,
    coalesce(is_person_account, false) as is_person_account,
    coalesce(billing_street, '') as street,
    coalesce(billing_city, '') as city,
    coalesce(billing_state, '') as state,
    coalesce(billing_postal_code, '') as postal_code,
    coalesce(billing_country, '') as country,
    coalesce(xero_contact_id, '') as xero_contact_id,
    coalesce(xero_do_not_sync, false) as do_not_sync,
    coalesce(xero_account_code, '') as account_code,
    coalesce(xero_tax_type, '') as tax_type,
    coalesce(xero_tracking_1, '') as tracking_1,
    coalesce(xero_tracking_2, '') as tracking_2,
    coalesce(xero_branding_theme, '') as branding_theme,
    coalesce(xero_amounts, '') as amounts
from salesforce.accounts
where
    org_id = %(salesforce_org_id)s and account_id = any(%(account_ids)s)
    and not is_deleted and vanished_at is null
