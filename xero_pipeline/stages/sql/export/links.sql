-- Ties exported invoices to the sale each was made from, whatever their reference says. What a person linked stays.
insert into sync.invoice_links as links
    (org_id, invoice_id, target_type, target_id, rule, status, candidates, decided_at, run_id)
select
    deliveries.org_id,
    deliveries.remote_id,
    documents.sale_type,
    documents.sale_id,
    'exported from this record',
    'linked',
    null,
    %(now)s,
    %(run_id)s
from sync.deliveries
inner join sync.export_documents as documents using (org_id, external_id)
inner join xero.invoices on invoices.org_id = deliveries.org_id and invoices.invoice_id = deliveries.remote_id
where
    deliveries.org_id = %(org_id)s and deliveries.system = 'xero' and deliveries.object = 'invoices'
    and invoices.status <> 'DELETED' and invoices.in_scope and invoices.vanished_at is null
on conflict (org_id, invoice_id) do update set
    target_type = excluded.target_type,
    target_id = excluded.target_id,
    rule = excluded.rule,
    status = excluded.status,
    candidates = excluded.candidates,
    decided_at = excluded.decided_at,
    run_id = excluded.run_id
where links.status <> 'manual' and links.target_id is distinct from excluded.target_id
