-- One row a line of a sales invoice or bill, with its document, account, item, customer and deal beside it.
-- Base-currency amounts are document amounts / CurrencyRate, rounded to the cent by line.
create or replace view analytics.invoice_lines_enriched as
with document as (
    select
        invoices.*,
        case
            when invoices.currency_code = organisation_days.base_currency then 1
            else nullif(invoices.currency_rate, 0)
        end as rate
    from xero.invoices
    inner join analytics.organisation_days using (org_id)
    where invoices.vanished_at is null
),

-- A code can be used again after its account was archived: the active account wins.
account as (
    select distinct on (org_id, code) org_id, code, name, type, class
    from xero.accounts
    where code is not null and vanished_at is null
    order by org_id, code, is_archived, account_id
),

item as (
    select distinct on (org_id, code) org_id, code, name
    from xero.items
    where code is not null
    order by org_id, code, vanished_at is not null, item_id
)

select
    lines.org_id,
    lines.invoice_id,
    lines.line_item_id,
    lines.line_number,
    document.type,
    document.status,
    document.invoice_number,
    document.reference,
    document.date,
    document.due_date,
    document.contact_id,
    document.contact_name,
    document.in_scope,
    lines.description,
    lines.item_code,
    item.name as item_name,
    lines.quantity,
    lines.unit_amount,
    lines.discount_rate,
    document.currency_code,
    document.line_amount_types,
    lines.line_amount,
    lines.tax_amount,
    case when document.line_amount_types = 'Inclusive' then lines.line_amount - lines.tax_amount else lines.line_amount end
        as net_amount,
    round(
        case when document.line_amount_types = 'Inclusive' then lines.line_amount - lines.tax_amount else lines.line_amount end
        / document.rate,
        2
    ) as net_amount_base,
    round(lines.tax_amount / document.rate, 2) as tax_amount_base,
    lines.account_code,
    account.name as account_name,
    account.type as account_type,
    account.class as account_class,
    lines.tax_type,
    lines.tracking_1_name,
    lines.tracking_1_option,
    lines.tracking_2_name,
    lines.tracking_2_option,
    matches.account_id as salesforce_account_id,
    links.target_type as linked_to,
    links.target_id as linked_to_id
from xero.invoice_lines as lines
inner join document using (org_id, invoice_id)
left join account on account.org_id = lines.org_id and account.code = lines.account_code
left join item on item.org_id = lines.org_id and item.code = lines.item_code
left join sync.contact_matches as matches on matches.org_id = lines.org_id and matches.contact_id = document.contact_id
left join sync.invoice_links as links on links.org_id = lines.org_id and links.invoice_id = lines.invoice_id;

comment on view analytics.invoice_lines_enriched is
'Lines of sales invoices and bills with their document, account, item, Salesforce account and deal';
comment on column analytics.invoice_lines_enriched.org_id is 'Xero organisation, by OrganisationID';
comment on column analytics.invoice_lines_enriched.invoice_id is 'Invoice or bill of the line';
comment on column analytics.invoice_lines_enriched.line_item_id is 'Xero''s LineItemID';
comment on column analytics.invoice_lines_enriched.line_number is 'Position in the document, from 1';
comment on column analytics.invoice_lines_enriched.type is 'ACCREC for a sales invoice, ACCPAY for a bill';
comment on column analytics.invoice_lines_enriched.status is 'Status of the document; voided and deleted ones are here too';
comment on column analytics.invoice_lines_enriched.invoice_number is 'Number of the document';
comment on column analytics.invoice_lines_enriched.reference is 'Reference of the document';
comment on column analytics.invoice_lines_enriched.date is 'Date of the document';
comment on column analytics.invoice_lines_enriched.due_date is 'Date it is due to be paid';
comment on column analytics.invoice_lines_enriched.contact_id is 'Contact of the document';
comment on column analytics.invoice_lines_enriched.contact_name is 'Name of the contact on the document';
comment on column analytics.invoice_lines_enriched.in_scope is 'Passes the organisation''s invoice-number prefixes';
comment on column analytics.invoice_lines_enriched.description is 'What the line is for';
comment on column analytics.invoice_lines_enriched.item_code is 'Code of the item';
comment on column analytics.invoice_lines_enriched.item_name is 'Name of the item';
comment on column analytics.invoice_lines_enriched.quantity is 'Number of units';
comment on column analytics.invoice_lines_enriched.unit_amount is 'Price of a unit, in the document''s currency';
comment on column analytics.invoice_lines_enriched.discount_rate is 'Discount in per cent';
comment on column analytics.invoice_lines_enriched.currency_code is 'Currency of the document';
comment on column analytics.invoice_lines_enriched.line_amount_types is 'Whether line_amount holds tax';
comment on column analytics.invoice_lines_enriched.line_amount is 'Amount as on the document, in its currency';
comment on column analytics.invoice_lines_enriched.tax_amount is 'Tax, in the document''s currency';
comment on column analytics.invoice_lines_enriched.net_amount is 'Amount without tax, in the document''s currency';
comment on column analytics.invoice_lines_enriched.net_amount_base is 'Amount without tax in base currency; null without a rate';
comment on column analytics.invoice_lines_enriched.tax_amount_base is 'Tax in base currency; null without a rate';
comment on column analytics.invoice_lines_enriched.account_code is 'Account the line is coded to';
comment on column analytics.invoice_lines_enriched.account_name is 'Name of that account';
comment on column analytics.invoice_lines_enriched.account_type is 'Type of that account, such as REVENUE or EXPENSE';
comment on column analytics.invoice_lines_enriched.account_class is 'Class of that account: ASSET, EQUITY, EXPENSE, LIABILITY, REVENUE';
comment on column analytics.invoice_lines_enriched.tax_type is 'Tax type of the line';
comment on column analytics.invoice_lines_enriched.tracking_1_name is 'First tracking category';
comment on column analytics.invoice_lines_enriched.tracking_1_option is 'Option in the first tracking category';
comment on column analytics.invoice_lines_enriched.tracking_2_name is 'Second tracking category';
comment on column analytics.invoice_lines_enriched.tracking_2_option is 'Option in the second tracking category';
comment on column analytics.invoice_lines_enriched.salesforce_account_id is 'Salesforce account of the contact, where matched';
comment on column analytics.invoice_lines_enriched.linked_to is 'opportunity or order, where linked';
comment on column analytics.invoice_lines_enriched.linked_to_id is 'Salesforce id of that opportunity or order';
