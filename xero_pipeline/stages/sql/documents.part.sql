-- The sales documents that count towards rollups, in document and in base currency (products.md 2.2, 2.4).
-- base = amount / CurrencyRate, to the cent; without a rate there is no base figure, rather than a wrong one.
document as (
    select
        invoices.invoice_id as document_id,
        invoices.contact_id,
        invoices.currency_code,
        basis.currency as rollup_currency,
        case when invoices.status in ('AUTHORISED', 'PAID') then round(invoices.{basis} / basis.rate, 2) else 0 end as invoiced,
        case when invoices.status in ('AUTHORISED', 'PAID') then round(invoices.amount_paid / basis.rate, 2) else 0 end as paid,
        case when invoices.status in ('AUTHORISED', 'PAID') then round(invoices.amount_credited / basis.rate, 2) else 0 end as credited,
        case when invoices.status = 'AUTHORISED' then round(invoices.amount_due / basis.rate, 2) else 0 end as due,
        case
            when invoices.status = 'AUTHORISED' and invoices.due_date < %(today)s then round(invoices.amount_due / basis.rate, 2)
            else 0
        end as overdue,
        case when invoices.status = any(%(draft_statuses)s) then round(invoices.{basis} / basis.rate, 2) else 0 end as draft
    from xero.invoices
    cross join lateral (
        values
        (invoices.currency_code, 1::numeric),
        ('*', case when invoices.currency_code = %(base_currency)s then 1 else nullif(invoices.currency_rate, 0) end)
    ) as basis (currency, rate)
    where
        invoices.org_id = %(org_id)s
        and invoices.type = 'ACCREC'
        and invoices.in_scope
        and invoices.vanished_at is null
        and invoices.status not in ('VOIDED', 'DELETED')
        {only}
)
