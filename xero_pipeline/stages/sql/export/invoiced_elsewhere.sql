-- Invoices that stand in Xero for these sales and that no export made: linked to the sale, and neither voided nor deleted.
select links.target_id as sale_id, invoices.invoice_number
from sync.invoice_links as links
inner join xero.invoices using (org_id, invoice_id)
where
    links.org_id = %(org_id)s and links.target_id = any(%(sale_ids)s)
    and invoices.status not in ('VOIDED', 'DELETED') and invoices.vanished_at is null
    and not (invoices.url is not null and invoices.url = any(%(urls)s))
    and not exists (
        select 1
        from sync.deliveries
        where
            deliveries.org_id = %(org_id)s and deliveries.system = 'xero' and deliveries.object = 'invoices'
            and deliveries.remote_id = invoices.invoice_id
    )
order by 1, 2
