-- Whose rollups no longer hold. Loads note what they change in xero.*; these triggers note what changes in who belongs to whom,
-- whether a stage or a person changes it. Nothing is noted for an organisation that never had rollups: its first are of everything.
CREATE TABLE sync.rollups_due (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    org_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT rollups_due_pkey PRIMARY KEY (id)
);

CREATE INDEX rollups_due_record_id_idx ON sync.rollups_due (org_id, kind, record_id);

COMMENT ON TABLE sync.rollups_due IS 'Whose rollups no longer hold, because something they add up has changed since; the next rollups take the rows';
COMMENT ON COLUMN sync.rollups_due.id IS 'Order of noting';
COMMENT ON COLUMN sync.rollups_due.org_id IS 'Xero organisation, by OrganisationID';
COMMENT ON COLUMN sync.rollups_due.kind IS 'contact or invoice in Xero, account or opportunity in Salesforce';
COMMENT ON COLUMN sync.rollups_due.record_id IS 'Id of it';

-- The documents of a contact, for the rollups of a few accounts.
CREATE INDEX invoices_contact_id_idx ON xero.invoices (org_id, contact_id);

CREATE FUNCTION sync.note_matches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.rollups_due (org_id, kind, record_id)
    SELECT DISTINCT changed.org_id, 'account', changed.account_id
    FROM changed
    INNER JOIN sync.settings AS rolled_up
        ON rolled_up.org_id = changed.org_id AND rolled_up.scope = 'org' AND rolled_up.subject = '' AND rolled_up.key = 'rollups'
    WHERE changed.account_id IS NOT NULL;
    RETURN NULL;
END
$$;

CREATE FUNCTION sync.note_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.rollups_due (org_id, kind, record_id)
    SELECT DISTINCT changed.org_id, 'opportunity', changed.target_id
    FROM changed
    INNER JOIN sync.settings AS rolled_up
        ON rolled_up.org_id = changed.org_id AND rolled_up.scope = 'org' AND rolled_up.subject = '' AND rolled_up.key = 'rollups'
    WHERE changed.target_type = 'opportunity' AND changed.target_id IS NOT NULL;
    RETURN NULL;
END
$$;

-- An update changes two: who had it before, and who has it now.
CREATE TRIGGER note_inserted AFTER INSERT ON sync.contact_matches
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_matches();
CREATE TRIGGER note_before AFTER UPDATE ON sync.contact_matches
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_matches();
CREATE TRIGGER note_now AFTER UPDATE ON sync.contact_matches
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_matches();
CREATE TRIGGER note_deleted AFTER DELETE ON sync.contact_matches
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_matches();

CREATE TRIGGER note_inserted AFTER INSERT ON sync.invoice_links
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_links();
CREATE TRIGGER note_before AFTER UPDATE ON sync.invoice_links
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_links();
CREATE TRIGGER note_now AFTER UPDATE ON sync.invoice_links
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_links();
CREATE TRIGGER note_deleted AFTER DELETE ON sync.invoice_links
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_links();
