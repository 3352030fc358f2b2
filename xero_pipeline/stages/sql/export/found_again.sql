-- Invoices that were exported and that no delivery tells of any more, because the ledger was lost: known again by the address of
-- the sale that each carries, where nothing has to be changed about them.
insert into sync.deliveries (
    org_id, system, object, external_id, record_name, payload_hash, source_hash, status, attempts, first_at, last_at, remote_id
)
select
    documents.org_id,
    'xero',
    'invoices',
    documents.external_id,
    documents.sale_name,
    documents.source_hash,
    documents.source_hash,
    'succeeded',
    0,
    %(now)s,
    %(now)s,
    invoices.invoice_id
from sync.export_documents as documents
inner join xero.invoices
    on invoices.org_id = documents.org_id and invoices.type = 'ACCREC'
    and invoices.url like '%%/' || documents.sale_id || case documents.part when 'whole' then '' else '?part=' || documents.part end
where
    documents.org_id = %(org_id)s and documents.action = 'no_op'
    and not exists (
        select 1
        from sync.deliveries
        where
            deliveries.org_id = documents.org_id and deliveries.system = 'xero' and deliveries.object = 'invoices'
            and deliveries.external_id = documents.external_id
    )
on conflict (org_id, system, object, external_id) do nothing
