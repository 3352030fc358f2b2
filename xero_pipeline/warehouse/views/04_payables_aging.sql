-- Every open bill and how long it is past due, today in the organisation's own time zone.
create or replace view analytics.payables_aging as
with open_document as (
    select
        invoices.*,
        organisation_days.today,
        greatest(organisation_days.today - invoices.due_date, 0) as days_overdue,
        case
            when invoices.currency_code = organisation_days.base_currency then 1
            else nullif(invoices.currency_rate, 0)
        end as rate
    from xero.invoices
    inner join analytics.organisation_days using (org_id)
    where
        invoices.type = 'ACCPAY'
        and invoices.status = 'AUTHORISED'
        and invoices.amount_due <> 0
        and invoices.vanished_at is null
)

select
    org_id,
    invoice_id,
    invoice_number,
    reference,
    contact_id,
    contact_name,
    date,
    due_date,
    today as as_of,
    days_overdue,
    -- A document without a due date is never overdue.
    case
        when coalesce(days_overdue, 0) = 0 then 'current'
        when days_overdue <= 30 then '1-30'
        when days_overdue <= 60 then '31-60'
        when days_overdue <= 90 then '61-90'
        else '90+'
    end as bucket,
    currency_code,
    amount_due,
    round(amount_due / rate, 2) as amount_due_base
from open_document;

comment on view analytics.payables_aging is 'Open bills by how long they are past due';
comment on column analytics.payables_aging.org_id is 'Xero organisation, by OrganisationID';
comment on column analytics.payables_aging.invoice_id is 'The open bill';
comment on column analytics.payables_aging.invoice_number is 'Its number';
comment on column analytics.payables_aging.reference is 'Its reference';
comment on column analytics.payables_aging.contact_id is 'The supplier';
comment on column analytics.payables_aging.contact_name is 'Name of the supplier on the document';
comment on column analytics.payables_aging.date is 'Date of the document';
comment on column analytics.payables_aging.due_date is 'Date it is due to be paid';
comment on column analytics.payables_aging.as_of is 'Today, in the organisation''s time zone';
comment on column analytics.payables_aging.days_overdue is 'Whole days past due; 0 when not yet due, null without a due date';
comment on column analytics.payables_aging.bucket is 'current, 1-30, 31-60, 61-90 or 90+ days past due';
comment on column analytics.payables_aging.currency_code is 'Currency of amount_due';
comment on column analytics.payables_aging.amount_due is 'Still to be paid, in the document''s currency';
comment on column analytics.payables_aging.amount_due_base is 'Still to be paid, in base currency; null without a rate';
