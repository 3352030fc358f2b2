-- Products by id, or with `ticked` those that people want to have as items in Xero.
select
    product_id,
    coalesce(name, '') as product_name,
    coalesce(case when %(by_sku)s then stock_keeping_unit else product_code end, '') as product_code,
    coalesce(family, '') as product_family,
    coalesce(description, '') as product_description,
    standard_price as product_price,
    coalesce(xero_account_code, '') as product_account_code,
    coalesce(xero_tax_type, '') as product_tax_type
from salesforce.products
where
    org_id = %(salesforce_org_id)s and not is_deleted and vanished_at is null
    and case when %(ticked)s then xero_sync is true else product_id = any(%(product_ids)s) end
order by product_id
