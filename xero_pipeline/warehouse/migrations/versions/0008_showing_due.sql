-- Whose figures in Salesforce may not be the rollups': rollups note whose changed, and triggers where Salesforce shows others.
CREATE TABLE sync.showing_due (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    org_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT showing_due_pkey PRIMARY KEY (id)
);

CREATE INDEX showing_due_record_id_idx ON sync.showing_due (org_id, kind, record_id);

COMMENT ON TABLE sync.showing_due IS 'Whose figures in Salesforce may not be the rollups, because either changed since; the next write-back takes the rows';
COMMENT ON COLUMN sync.showing_due.id IS 'Order of noting';
COMMENT ON COLUMN sync.showing_due.org_id IS 'Xero organisation, by OrganisationID';
COMMENT ON COLUMN sync.showing_due.kind IS 'account or opportunity in Salesforce';
COMMENT ON COLUMN sync.showing_due.record_id IS 'Id of it';

CREATE FUNCTION sync.note_new_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.showing_due (org_id, kind, record_id)
    SELECT known.org_id, 'account', now_on.account_id
    FROM now_on
    CROSS JOIN sync.settings AS known
    WHERE known.scope = 'org' AND known.subject = '' AND known.key = 'showing';
    RETURN NULL;
END
$$;

CREATE FUNCTION sync.note_shown_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.showing_due (org_id, kind, record_id)
    SELECT known.org_id, 'account', now_on.account_id
    FROM now_on
    INNER JOIN before USING (org_id, account_id)
    CROSS JOIN sync.settings AS known
    WHERE
        known.scope = 'org' AND known.subject = '' AND known.key = 'showing'
        AND (
            now_on.xero_total_invoiced, now_on.xero_total_paid, now_on.xero_total_credited, now_on.xero_total_due,
            now_on.xero_total_overdue, now_on.xero_total_draft, now_on.xero_unallocated_credit, now_on.xero_account_status,
            now_on.is_deleted, now_on.vanished_at IS NULL
        ) IS DISTINCT FROM (
            before.xero_total_invoiced, before.xero_total_paid, before.xero_total_credited, before.xero_total_due,
            before.xero_total_overdue, before.xero_total_draft, before.xero_unallocated_credit, before.xero_account_status,
            before.is_deleted, before.vanished_at IS NULL
        );
    RETURN NULL;
END
$$;

CREATE TRIGGER note_new AFTER INSERT ON salesforce.accounts
REFERENCING NEW TABLE AS now_on FOR EACH STATEMENT EXECUTE FUNCTION sync.note_new_accounts();
CREATE TRIGGER note_shown AFTER UPDATE ON salesforce.accounts
REFERENCING OLD TABLE AS before NEW TABLE AS now_on FOR EACH STATEMENT EXECUTE FUNCTION sync.note_shown_accounts();

CREATE FUNCTION sync.note_new_opportunities() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.showing_due (org_id, kind, record_id)
    SELECT known.org_id, 'opportunity', now_on.opportunity_id
    FROM now_on
    CROSS JOIN sync.settings AS known
    WHERE known.scope = 'org' AND known.subject = '' AND known.key = 'showing';
    RETURN NULL;
END
$$;

CREATE FUNCTION sync.note_shown_opportunities() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync.showing_due (org_id, kind, record_id)
    SELECT known.org_id, 'opportunity', now_on.opportunity_id
    FROM now_on
    INNER JOIN before USING (org_id, opportunity_id)
    CROSS JOIN sync.settings AS known
    WHERE
        known.scope = 'org' AND known.subject = '' AND known.key = 'showing'
        AND (
            now_on.xero_total_invoiced, now_on.xero_total_paid, now_on.xero_total_due, now_on.xero_total_overdue,
            now_on.xero_total_draft, now_on.is_deleted, now_on.vanished_at IS NULL
        ) IS DISTINCT FROM (
            before.xero_total_invoiced, before.xero_total_paid, before.xero_total_due, before.xero_total_overdue,
            before.xero_total_draft, before.is_deleted, before.vanished_at IS NULL
        );
    RETURN NULL;
END
$$;

CREATE TRIGGER note_new AFTER INSERT ON salesforce.opportunities
REFERENCING NEW TABLE AS now_on FOR EACH STATEMENT EXECUTE FUNCTION sync.note_new_opportunities();
CREATE TRIGGER note_shown AFTER UPDATE ON salesforce.opportunities
REFERENCING OLD TABLE AS before NEW TABLE AS now_on FOR EACH STATEMENT EXECUTE FUNCTION sync.note_shown_opportunities();
