-- Whoever takes what is due takes all of it, so an index of it only makes noting dearer: by as much again.
DROP INDEX sync.rollups_due_record_id_idx;
DROP INDEX sync.matching_due_record_id_idx;
DROP INDEX sync.linking_due_record_id_idx;
DROP INDEX sync.write_back_due_record_id_idx;
DROP INDEX sync.showing_due_record_id_idx;

-- Most invoices that change count for no opportunity, and that by digests of their ids an index of a third of the size tells.
DROP INDEX sync.invoice_links_opportunity_idx;
CREATE INDEX invoice_links_opportunity_idx ON sync.invoice_links USING hash (invoice_id) WHERE target_type = 'opportunity';
