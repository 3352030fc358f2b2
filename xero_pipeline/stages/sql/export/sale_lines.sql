-- The lines of these sales with their products, in the order in which people see them.
with line as (
    select
        lines.opportunity_id as sale_id,
        lines.opportunity_line_id as line_id,
        lines.line_number as position,
        lines.product_id,
        lines.quantity,
        lines.unit_price,
        lines.discount,
        lines.total_price,
        lines.description,
        lines.xero_account_code,
        lines.xero_tax_type,
        lines.xero_tracking_1,
        lines.xero_tracking_2
    from salesforce.opportunity_lines as lines
    where
        lines.org_id = %(salesforce_org_id)s and lines.opportunity_id = any(%(sale_ids)s)
        and not lines.is_deleted and lines.vanished_at is null

    union all

    -- Orders know no discount, so Salesforce's own total of a line is before the one that we let people give.
    select
        lines.order_id as sale_id,
        lines.order_line_id as line_id,
        null as position,
        lines.product_id,
        lines.quantity,
        lines.unit_price,
        lines.xero_discount as discount,
        round(lines.total_price * (100 - coalesce(lines.xero_discount, 0)) / 100, 2) as total_price,
        lines.description,
        lines.xero_account_code,
        lines.xero_tax_type,
        lines.xero_tracking_1,
        lines.xero_tracking_2
    from salesforce.order_lines as lines
    where
        lines.org_id = %(salesforce_org_id)s and lines.order_id = any(%(sale_ids)s)
        and not lines.is_deleted and lines.vanished_at is null
)

select
    line.sale_id,
    line.line_id,
    coalesce(line.description, '') as description,
    line.quantity,
    line.unit_price,
    line.discount,
    line.total_price,
    coalesce(line.xero_account_code, '') as account_code,
    coalesce(line.xero_tax_type, '') as tax_type,
    coalesce(line.xero_tracking_1, '') as tracking_1,
    coalesce(line.xero_tracking_2, '') as tracking_2,
    products.product_id,
    coalesce(products.name, '') as product_name,
    coalesce(case when %(by_sku)s then products.stock_keeping_unit else products.product_code end, '') as product_code,
    coalesce(products.family, '') as product_family,
    coalesce(products.description, '') as product_description,
    products.standard_price as product_price,
    coalesce(products.xero_account_code, '') as product_account_code,
    coalesce(products.xero_tax_type, '') as product_tax_type
from line
left join salesforce.products on products.org_id = %(salesforce_org_id)s and products.product_id = line.product_id
order by line.sale_id, line.position nulls last, line.line_id
