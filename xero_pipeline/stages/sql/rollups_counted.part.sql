-- The sales invoices that count towards rollups (products.md 2.2).
select
    invoice_id, contact_id, status, due_date, currency_code, currency_rate,
    {basis} as amount, amount_due, amount_paid, amount_credited
from xero.invoices
where
    org_id = %(org_id)s
    and type = 'ACCREC'
    and in_scope
    and vanished_at is null
    and status not in ('VOIDED', 'DELETED')
