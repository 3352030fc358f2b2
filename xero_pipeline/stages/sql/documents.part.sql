-- The invoices that count, in document and in base currency (products.md 2.4).
-- base = amount / CurrencyRate, to the cent; without a rate there is no base figure, rather than a wrong one.
document as (
    select
        counted.{target},
        basis.currency as rollup_currency,
        case when counted.status in ('AUTHORISED', 'PAID') then round(counted.amount / basis.rate, 2) else 0 end as invoiced,
        case when counted.status in ('AUTHORISED', 'PAID') then round(counted.amount_paid / basis.rate, 2) else 0 end as paid,
        case when counted.status in ('AUTHORISED', 'PAID') then round(counted.amount_credited / basis.rate, 2) else 0 end as credited,
        case when counted.status = 'AUTHORISED' then round(counted.amount_due / basis.rate, 2) else 0 end as due,
        case
            when counted.status = 'AUTHORISED' and counted.due_date < %(today)s then round(counted.amount_due / basis.rate, 2)
            else 0
        end as overdue,
        case when counted.status = any(%(draft_statuses)s) then round(counted.amount / basis.rate, 2) else 0 end as draft
    from counted
    cross join lateral (
        values
        (counted.currency_code, 1::numeric),
        ('*', case when counted.currency_code = %(base_currency)s then 1 else nullif(counted.currency_rate, 0) end)
    ) as basis (currency, rate)
)
