-- Payments and refunds by month; reversed ones (status DELETED) are not counted.
create or replace view analytics.payments_by_month as
with payment as (
    select
        payments.org_id,
        date_trunc('month', payments.date)::date as month,
        payments.payment_type,
        payments.currency_code,
        payments.amount,
        round(
            payments.amount
            / case
                when payments.currency_code = organisation_days.base_currency then 1
                else nullif(payments.currency_rate, 0)
            end,
            2
        ) as amount_base
    from xero.payments
    inner join analytics.organisation_days using (org_id)
    where payments.status <> 'DELETED' and payments.vanished_at is null
)

select
    org_id,
    month,
    payment_type,
    currency_code,
    count(*) as payments,
    sum(amount) as amount,
    -- One payment without a rate leaves the month without a base figure, rather than with a wrong one.
    case when bool_and(amount_base is not null) then sum(amount_base) end as amount_base
from payment
group by org_id, month, payment_type, currency_code;

comment on view analytics.payments_by_month is 'Payments and refunds by month, kind and currency';
comment on column analytics.payments_by_month.org_id is 'Xero organisation, by OrganisationID';
comment on column analytics.payments_by_month.month is 'First day of the month';
comment on column analytics.payments_by_month.payment_type is 'ACCRECPAYMENT, ACCPAYPAYMENT or the refund of a credit';
comment on column analytics.payments_by_month.currency_code is 'Currency of the documents paid';
comment on column analytics.payments_by_month.payments is 'Number of payments';
comment on column analytics.payments_by_month.amount is 'Sum, in that currency';
comment on column analytics.payments_by_month.amount_base is 'Sum in base currency; null where a rate is missing';
