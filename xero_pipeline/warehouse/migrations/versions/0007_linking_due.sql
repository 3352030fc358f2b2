-- Which invoices may be linked differently: loads note those that changed, and triggers those whose link changed and the contacts
-- whose account did. Where what opportunities or orders are found by has changed, any invoice may, so that is noted once.
CREATE TABLE sync.linking_due (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    org_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT linking_due_pkey PRIMARY KEY (id)
);

CREATE INDEX linking_due_record_id_idx ON sync.linking_due (org_id, kind, record_id);

COMMENT ON TABLE sync.linking_due IS 'Which invoices may be linked differently: they, their contact or what they name changed; the next linking takes the rows';
COMMENT ON COLUMN sync.linking_due.id IS 'Order of noting';
COMMENT ON COLUMN sync.linking_due.org_id IS 'Xero organisation, by OrganisationID';
COMMENT ON COLUMN sync.linking_due.kind IS 'invoice, contact (all its invoices), or targets where any opportunity or order changed';
COMMENT ON COLUMN sync.linking_due.record_id IS 'Id of it; of targets that of their Salesforce org';

CREATE OR REPLACE FUNCTION sync.note_matches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.rollups_due (org_id, kind, record_id)
    SELECT DISTINCT changed.org_id, 'account', changed.account_id
    FROM changed
    INNER JOIN sync.settings AS known
        ON known.org_id = changed.org_id AND known.scope = 'org' AND known.subject = '' AND known.key = 'rollups'
    WHERE changed.account_id IS NOT NULL;

    INSERT INTO sync.write_back_due (org_id, kind, record_id)
    SELECT changed.org_id, 'match', changed.contact_id
    FROM changed
    INNER JOIN sync.settings AS known
        ON known.org_id = changed.org_id AND known.scope = 'org' AND known.subject = '' AND known.key = 'write_back';

    INSERT INTO sync.matching_due (org_id, kind, record_id)
    SELECT changed.org_id, 'contact', changed.contact_id
    FROM changed
    INNER JOIN sync.settings AS known
        ON known.org_id = changed.org_id AND known.scope = 'org' AND known.subject = '' AND known.key = 'matching';

    INSERT INTO sync.linking_due (org_id, kind, record_id)
    SELECT changed.org_id, 'contact', changed.contact_id
    FROM changed
    INNER JOIN sync.settings AS known
        ON known.org_id = changed.org_id AND known.scope = 'org' AND known.subject = '' AND known.key = 'linking';
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION sync.note_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.rollups_due (org_id, kind, record_id)
    SELECT DISTINCT changed.org_id, 'opportunity', changed.target_id
    FROM changed
    INNER JOIN sync.settings AS known
        ON known.org_id = changed.org_id AND known.scope = 'org' AND known.subject = '' AND known.key = 'rollups'
    WHERE changed.target_type = 'opportunity' AND changed.target_id IS NOT NULL;

    INSERT INTO sync.write_back_due (org_id, kind, record_id)
    SELECT changed.org_id, 'document', changed.invoice_id
    FROM changed
    INNER JOIN sync.settings AS known
        ON known.org_id = changed.org_id AND known.scope = 'org' AND known.subject = '' AND known.key = 'write_back';

    INSERT INTO sync.linking_due (org_id, kind, record_id)
    SELECT changed.org_id, 'invoice', changed.invoice_id
    FROM changed
    INNER JOIN sync.settings AS known
        ON known.org_id = changed.org_id AND known.scope = 'org' AND known.subject = '' AND known.key = 'linking';
    RETURN NULL;
END
$$;

CREATE FUNCTION sync.note_targets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.linking_due (org_id, kind, record_id)
    SELECT known.org_id, 'targets', changed.org_id
    FROM (SELECT DISTINCT org_id FROM changed) AS changed
    CROSS JOIN sync.settings AS known
    WHERE known.scope = 'org' AND known.subject = '' AND known.key = 'linking';
    RETURN NULL;
END
$$;

CREATE FUNCTION sync.note_opportunities() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.linking_due (org_id, kind, record_id)
    SELECT known.org_id, 'targets', changed.org_id
    FROM (
        SELECT DISTINCT now_on.org_id
        FROM now_on
        INNER JOIN before USING (org_id, opportunity_id)
        WHERE
            (now_on.account_id, now_on.name, now_on.xero_reference, now_on.is_deleted, now_on.vanished_at IS NULL)
            IS DISTINCT FROM
            (before.account_id, before.name, before.xero_reference, before.is_deleted, before.vanished_at IS NULL)
    ) AS changed
    CROSS JOIN sync.settings AS known
    WHERE known.scope = 'org' AND known.subject = '' AND known.key = 'linking';
    RETURN NULL;
END
$$;

CREATE FUNCTION sync.note_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.linking_due (org_id, kind, record_id)
    SELECT known.org_id, 'targets', changed.org_id
    FROM (
        SELECT DISTINCT now_on.org_id
        FROM now_on
        INNER JOIN before USING (org_id, order_id)
        WHERE
            (now_on.account_id, now_on.order_number, now_on.xero_reference, now_on.is_deleted, now_on.vanished_at IS NULL)
            IS DISTINCT FROM
            (before.account_id, before.order_number, before.xero_reference, before.is_deleted, before.vanished_at IS NULL)
    ) AS changed
    CROSS JOIN sync.settings AS known
    WHERE known.scope = 'org' AND known.subject = '' AND known.key = 'linking';
    RETURN NULL;
END
$$;

CREATE TRIGGER note_inserted AFTER INSERT ON salesforce.opportunities
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_targets();
CREATE TRIGGER note_changed AFTER UPDATE ON salesforce.opportunities
REFERENCING OLD TABLE AS before NEW TABLE AS now_on FOR EACH STATEMENT EXECUTE FUNCTION sync.note_opportunities();
CREATE TRIGGER note_deleted AFTER DELETE ON salesforce.opportunities
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_targets();

CREATE TRIGGER note_inserted AFTER INSERT ON salesforce.orders
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_targets();
CREATE TRIGGER note_changed AFTER UPDATE ON salesforce.orders
REFERENCING OLD TABLE AS before NEW TABLE AS now_on FOR EACH STATEMENT EXECUTE FUNCTION sync.note_orders();
CREATE TRIGGER note_deleted AFTER DELETE ON salesforce.orders
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_targets();
