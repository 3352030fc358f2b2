-- What Salesforce may no longer show as it is, noted like whose rollups no longer hold: by loads, and by the triggers on matches
-- and links, which tell both from here on.
CREATE TABLE sync.write_back_due (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    org_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT write_back_due_pkey PRIMARY KEY (id)
);

CREATE INDEX write_back_due_record_id_idx ON sync.write_back_due (org_id, kind, record_id);

COMMENT ON TABLE sync.write_back_due IS 'What Salesforce may no longer show as it is; the next write-back takes the rows';
COMMENT ON COLUMN sync.write_back_due.id IS 'Order of noting';
COMMENT ON COLUMN sync.write_back_due.org_id IS 'Xero organisation, by OrganisationID';
COMMENT ON COLUMN sync.write_back_due.kind IS 'contact, match (of a contact, with its documents), document (invoice or credit note), payment, or removal (of lines)';
COMMENT ON COLUMN sync.write_back_due.record_id IS 'Id of it';

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
    RETURN NULL;
END
$$;
