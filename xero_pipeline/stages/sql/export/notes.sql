-- Notes on sales that have an invoice in Xero, each with the invoice it goes to: the balance rather than the deposit.
with invoice as (
    select distinct on (split_part(external_id, ':', 1))
        split_part(external_id, ':', 1) as sale_id,
        remote_id as invoice_id
    from sync.deliveries
    where org_id = %(org_id)s and system = 'xero' and object = 'invoices' and remote_id is not null
    order by split_part(external_id, ':', 1), external_id like '%%:deposit', external_id
)

select notes.note_id, left(btrim(notes.details), 2500) as details, invoice.invoice_id, invoices.invoice_number
from salesforce.notes
inner join invoice on invoice.sale_id = coalesce(notes.opportunity_id, notes.order_id)
left join xero.invoices on invoices.org_id = %(org_id)s and invoices.invoice_id = invoice.invoice_id
where
    notes.org_id = %(salesforce_org_id)s and not notes.is_deleted and notes.vanished_at is null
    and btrim(notes.details) <> ''
order by notes.note_id
