-- The digest of every record as Xero sent it, by which a full load knows what it need not read again. Whoever else changes what is
-- staged makes the digest void, so that the next full load looks at the record itself and puts it right.
ALTER TABLE xero.invoices ADD COLUMN digest UUID;
ALTER TABLE xero.purchase_orders ADD COLUMN digest UUID;
ALTER TABLE xero.quotes ADD COLUMN digest UUID;
ALTER TABLE xero.credit_notes ADD COLUMN digest UUID;
ALTER TABLE xero.manual_journals ADD COLUMN digest UUID;
ALTER TABLE xero.organisations ADD COLUMN digest UUID;
ALTER TABLE xero.branding_themes ADD COLUMN digest UUID;
ALTER TABLE xero.accounts ADD COLUMN digest UUID;
ALTER TABLE xero.tax_rates ADD COLUMN digest UUID;
ALTER TABLE xero.tracking_categories ADD COLUMN digest UUID;
ALTER TABLE xero.currencies ADD COLUMN digest UUID;
ALTER TABLE xero.items ADD COLUMN digest UUID;
ALTER TABLE xero.contacts ADD COLUMN digest UUID;
ALTER TABLE xero.prepayments ADD COLUMN digest UUID;
ALTER TABLE xero.overpayments ADD COLUMN digest UUID;
ALTER TABLE xero.payments ADD COLUMN digest UUID;

COMMENT ON COLUMN xero.invoices.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.purchase_orders.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.quotes.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.credit_notes.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.manual_journals.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.organisations.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.branding_themes.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.accounts.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.tax_rates.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.tracking_categories.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.currencies.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.items.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.contacts.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.prepayments.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.overpayments.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';
COMMENT ON COLUMN xero.payments.digest IS 'Tells whether Xero still sends the record as it is here; null when other hands changed it here since';

CREATE FUNCTION sync.void_digest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.digest := NULL;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION sync.void_digest() IS 'Of a record that others than a load change';

CREATE TRIGGER invoices_void_digest BEFORE UPDATE ON xero.invoices
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER purchase_orders_void_digest BEFORE UPDATE ON xero.purchase_orders
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER quotes_void_digest BEFORE UPDATE ON xero.quotes
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER credit_notes_void_digest BEFORE UPDATE ON xero.credit_notes
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER manual_journals_void_digest BEFORE UPDATE ON xero.manual_journals
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER organisations_void_digest BEFORE UPDATE ON xero.organisations
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER branding_themes_void_digest BEFORE UPDATE ON xero.branding_themes
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER accounts_void_digest BEFORE UPDATE ON xero.accounts
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER tax_rates_void_digest BEFORE UPDATE ON xero.tax_rates
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER tracking_categories_void_digest BEFORE UPDATE ON xero.tracking_categories
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER currencies_void_digest BEFORE UPDATE ON xero.currencies
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER items_void_digest BEFORE UPDATE ON xero.items
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER contacts_void_digest BEFORE UPDATE ON xero.contacts
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER prepayments_void_digest BEFORE UPDATE ON xero.prepayments
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER overpayments_void_digest BEFORE UPDATE ON xero.overpayments
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE TRIGGER payments_void_digest BEFORE UPDATE ON xero.payments
FOR EACH ROW WHEN (OLD.digest = NEW.digest AND current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digest();

CREATE FUNCTION sync.void_digests() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent TEXT;
BEGIN
    FOREACH parent IN ARRAY TG_ARGV LOOP
        EXECUTE format('UPDATE xero.%I SET digest = NULL WHERE digest IS NOT NULL', parent);
    END LOOP;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION sync.void_digests() IS 'Of all records in the tables named, when others than a load change their lines or allocations';

CREATE TRIGGER invoice_lines_void_digests AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON xero.invoice_lines
FOR EACH STATEMENT WHEN (current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digests('invoices');

CREATE TRIGGER purchase_order_lines_void_digests AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON xero.purchase_order_lines
FOR EACH STATEMENT WHEN (current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digests('purchase_orders');

CREATE TRIGGER quote_lines_void_digests AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON xero.quote_lines
FOR EACH STATEMENT WHEN (current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digests('quotes');

CREATE TRIGGER credit_note_lines_void_digests AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON xero.credit_note_lines
FOR EACH STATEMENT WHEN (current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digests('credit_notes');

CREATE TRIGGER manual_journal_lines_void_digests AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON xero.manual_journal_lines
FOR EACH STATEMENT WHEN (current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digests('manual_journals');

CREATE TRIGGER allocations_void_digests AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON xero.allocations
FOR EACH STATEMENT WHEN (current_setting('xero_pipeline.loading', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION sync.void_digests('credit_notes', 'prepayments', 'overpayments');
