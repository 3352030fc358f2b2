-- A delta asks of every invoice that changed which opportunity it counts for, and most count for none: the index alone answers.
CREATE INDEX invoice_links_opportunity_idx ON sync.invoice_links (org_id, invoice_id) INCLUDE (target_id)
WHERE target_type = 'opportunity';
