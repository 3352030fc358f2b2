-- Which contacts may match differently: loads note those that changed and the trigger on matches those a person opened again. Where
-- what accounts are known by has changed, every open contact may, so that is noted once and not by account.
CREATE TABLE sync.matching_due (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    org_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT matching_due_pkey PRIMARY KEY (id)
);

CREATE INDEX matching_due_record_id_idx ON sync.matching_due (org_id, kind, record_id);

COMMENT ON TABLE sync.matching_due IS 'Which contacts may match differently: they, their match or an account changed since; the next matching takes the rows';
COMMENT ON COLUMN sync.matching_due.id IS 'Order of noting';
COMMENT ON COLUMN sync.matching_due.org_id IS 'Xero organisation, by OrganisationID';
COMMENT ON COLUMN sync.matching_due.kind IS 'contact, or accounts where any changed';
COMMENT ON COLUMN sync.matching_due.record_id IS 'Id of it; of accounts that of their Salesforce org';

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
    RETURN NULL;
END
$$;

CREATE FUNCTION sync.note_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.matching_due (org_id, kind, record_id)
    SELECT known.org_id, 'accounts', changed.org_id
    FROM (SELECT DISTINCT org_id FROM changed) AS changed
    CROSS JOIN sync.settings AS known
    WHERE known.scope = 'org' AND known.subject = '' AND known.key = 'matching';
    RETURN NULL;
END
$$;

CREATE FUNCTION sync.note_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.matching_due (org_id, kind, record_id)
    SELECT known.org_id, 'accounts', changed.org_id
    FROM (
        SELECT DISTINCT now_on.org_id
        FROM now_on
        INNER JOIN before USING (org_id, account_id)
        WHERE
            (
                now_on.name, now_on.account_number, now_on.is_person_account, now_on.person_email, now_on.xero_contact_id,
                now_on.is_deleted, now_on.vanished_at IS NULL
            ) IS DISTINCT FROM (
                before.name, before.account_number, before.is_person_account, before.person_email, before.xero_contact_id,
                before.is_deleted, before.vanished_at IS NULL
            )
    ) AS changed
    CROSS JOIN sync.settings AS known
    WHERE known.scope = 'org' AND known.subject = '' AND known.key = 'matching';
    RETURN NULL;
END
$$;

CREATE TRIGGER note_inserted AFTER INSERT ON salesforce.accounts
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_accounts();
CREATE TRIGGER note_changed AFTER UPDATE ON salesforce.accounts
REFERENCING OLD TABLE AS before NEW TABLE AS now_on FOR EACH STATEMENT EXECUTE FUNCTION sync.note_evidence();
CREATE TRIGGER note_deleted AFTER DELETE ON salesforce.accounts
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync.note_accounts();

-- Rollups change a few at a time and only in their figures: with room on its page a row stays there, and no index is written.
ALTER TABLE analytics.account_rollups SET (fillfactor = 80);
ALTER TABLE analytics.opportunity_rollups SET (fillfactor = 80);
