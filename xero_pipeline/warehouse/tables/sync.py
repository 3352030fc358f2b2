"""Tables of schema `sync`: what the pipeline knows about itself: connections, coverage, runs, events, deliveries, links."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy import text as sql

from xero_pipeline.warehouse.tables.metadata import (
    AnyColumn,
    big,
    instant,
    integer,
    json,
    key,
    metadata,
    org_id,
    ref,
    text,
)
from xero_pipeline.warehouse.tables.sync_export import export_documents, export_lines


def _sync(name: str, comment: str, *columns: AnyColumn | Column[bytes] | UniqueConstraint | Index) -> Table:
    return Table(name, metadata, *columns, schema="sync", comment=comment)


def _number(comment: str) -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True, comment=comment)


def _organisation() -> Column[str]:
    return text("org_id", "Xero organisation, by OrganisationID", required=True)


def _encrypted(name: str, comment: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=True, comment=comment)


connections = _sync(
    "connections",
    "How each organisation and the Salesforce org are reached; tokens are encrypted and never shown",
    key("system", "xero or salesforce"),
    key("alias", "Alias of the organisation in orgs.yaml; salesforce for the Salesforce org"),
    ref("org_id", "Xero tenant id, which is the OrganisationID, or the Salesforce org id; null until known"),
    text("tenant_name", "Name of the organisation on the other side"),
    ref("remote_connection_id", "Xero's id of the connection itself, which disconnecting deletes"),
    text("grant_kind", "authorization_code, client_credentials or jwt_bearer", required=True),
    text("client_id", "App the tokens were given to", required=True),
    text("instance_url", "Where the API is reached, where the token says so (Salesforce)"),
    text("scopes", "Scopes granted, separated by spaces"),
    _encrypted("access_token", "Current access token, encrypted"),
    _encrypted("refresh_token", "Current refresh token, encrypted; null for grants without one"),
    _encrypted("previous_refresh_token", "Refresh token before the current one, encrypted: Xero honours it 30 minutes"),
    instant("previous_until", "When the previous refresh token is worth nothing any more"),
    instant("expires_at", "When the access token ends"),
    instant("connected_at", "When the connection was made", required=True),
    instant("disconnected_at", "When it was disconnected; null while connected"),
    integer(
        "version", "Counts token changes: a refresh writes only over the version it read", required=True, default=1
    ),
)

windows = _sync(
    "windows",
    "Coverage ledger: each finished read of an endpoint and the stretch of time it made complete",
    _number("Order of recording"),
    _organisation(),
    text("endpoint", "What was read, such as invoices or contacts", required=True),
    instant("covered_from", "Everything modified since then was read; null is the beginning"),
    instant(
        "covered_until", "Everything modified before then was read; never after the start of the read", required=True
    ),
    text("mode", "delta, backfill or full", required=True),
    ref("run_id", "Run that read it"),
    big("rows_seen", "Rows read", default=0),
    big("rows_written", "Rows that were new or had changed", default=0),
    big("calls", "API calls made", default=0),
    big("bytes", "Bytes of answers received, before decompression", default=0),
    instant("recorded_at", "When the read was committed", required=True),
    Index("windows_coverage_idx", "org_id", "endpoint", "covered_until"),
)

runs = _sync(
    "runs",
    "Every sync of an organisation: what started it, when, and how it ended",
    key("run_id", "Run, by an id of our own"),
    text("alias", "Alias of the organisation in orgs.yaml", required=True),
    ref("org_id", "Xero organisation, by OrganisationID; null until the connection told"),
    text("kind", "scheduled, manual, backfill or initial", required=True),
    text("mode", "delta, full, metadata, rollups, restart-invoices, restart-contacts or export", required=True),
    ref("dagster_run_id", "Run in Dagster; null when run from the command line"),
    instant("window_start", "Start of the windows asked for; null when none were"),
    instant("window_end", "End of the windows asked for; null when none were"),
    instant("started_at", "When it started", required=True),
    instant("ended_at", "When it ended; null while it runs"),
    text("outcome", "running, succeeded or failed", required=True),
    text("error", "Why it failed, in one sentence"),
    text("stage", "Stage it reached"),
    big("rows_seen", "Rows read", default=0),
    big("rows_written", "Rows that were new or had changed", default=0),
    big("calls", "API calls made", default=0),
    big("deliveries", "Records sent to either side", default=0),
    integer("holder_pid", "Process that runs it", required=True),
    text("holder_host", "Machine it runs on", required=True),
    Index("runs_alias_started_at_idx", "alias", "started_at"),
)

events = _sync(
    "events",
    "What happened to single records: one row a change, failure, delivery or decision",
    _number("Order of events"),
    instant("at", "When it happened", required=True),
    _organisation(),
    ref("run_id", "Run in which it happened"),
    text("system", "Side the record lives on: xero or salesforce", required=True),
    text("object", "Table or object of the record, such as invoices", required=True),
    ref("record_id", "Id of the record there"),
    text("record_name", "What people call it: number, name or code"),
    text(
        "action",
        "inserted, updated, drifted, vanished, returned, sent, removed, failed, matched or ambiguous",
        required=True,
    ),
    json("detail", "More about it: ids, reasons, before and after"),
    Index("events_org_id_at_idx", "org_id", "at"),
    Index("events_record_id_idx", "record_id"),
)

deliveries = _sync(
    "deliveries",
    "What was or is to be sent to either side, one row a record: the queue, and the proof that nothing is sent twice",
    _number("Delivery, as the command line names it"),
    _organisation(),
    text("system", "Side it is sent to: xero or salesforce", required=True),
    text("object", "Object there, such as Xero_Invoice__c or contacts", required=True),
    text("external_id", "What the record is upserted by", required=True),
    text("record_name", "What people call it: number, name or code"),
    text("payload_hash", "Digest of the payload, by which a change is told", required=True),
    json("payload", "Fields to send, in the other side's names"),
    text("idempotency_key", "Same for every try of the same payload: the other side acts on it once"),
    text("status", "pending, succeeded or failed", required=True),
    integer("attempts", "Times it was sent with this payload", required=True, default=0),
    instant("first_at", "When it was first wanted", required=True),
    instant("last_at", "When it was last tried"),
    ref("remote_id", "Id the other side gave the record"),
    text("error_code", "Code of the last refusal"),
    text("error", "Reason of the last refusal"),
    json("response", "What the other side answered last"),
    text("resolution", "What a person decided: auto_sync, retry or dismiss"),
    text("resolution_reason", "Why they decided so"),
    text("resolved_by", "Who decided"),
    instant("resolved_at", "When they decided"),
    text("step", "Step of the export that failed: customer, products, invoice, item or note"),
    text("cause", "Root cause of the failure, the same for all that one act would mend, such as item_is_known:GTW-3"),
    text("source_hash", "Digest of the Salesforce records it was made from, by which a later change of them is told"),
    text("call_key", "Idempotency key of the call it last went out in; null until it did"),
    instant("called_at", "When that call was begun; null before it, and again once its outcome is known"),
    json("line_ids", "The lines in the order they are sent in: id in Salesforce and, once known, LineItemID in Xero"),
    text("online_url", "Where the customer can see the invoice in Xero"),
    UniqueConstraint("org_id", "system", "object", "external_id"),
    Index("deliveries_open_idx", "org_id", "status", postgresql_where=sql("status <> 'succeeded'")),
)

contact_matches = _sync(
    "contact_matches",
    "Which Salesforce account each Xero contact is, or why that is open",
    org_id("Xero organisation of the contact, by OrganisationID"),
    key("contact_id", "Xero contact"),
    ref("salesforce_org_id", "Salesforce org of the account"),
    ref("account_id", "Salesforce account; null while ambiguous or unmatched"),
    text("rule", "Rule that decided"),
    text("status", "matched, ambiguous, unmatched or manual", required=True),
    json("candidates", "Accounts that fit, where several do"),
    text("evidence", "What the decision rests on, in words"),
    instant("decided_at", "When it was decided", required=True),
    ref("run_id", "Run that decided; null for a person"),
    Index("contact_matches_account_id_idx", "account_id"),
)

invoice_links = _sync(
    "invoice_links",
    "Which opportunity or order each sales invoice belongs to, or why that is open",
    org_id("Xero organisation of the invoice, by OrganisationID"),
    key("invoice_id", "Xero invoice"),
    text("target_type", "opportunity or order; null while ambiguous"),
    ref("target_id", "Salesforce opportunity or order; null while ambiguous"),
    text("rule", "Rule that decided"),
    text("status", "linked, ambiguous or manual", required=True),
    json("candidates", "Records that fit, where several do"),
    instant("decided_at", "When it was decided", required=True),
    ref("run_id", "Run that decided; null for a person"),
    Index("invoice_links_target_id_idx", "target_id"),
    Index(
        "invoice_links_opportunity_idx",
        "invoice_id",
        postgresql_using="hash",
        postgresql_where=sql("target_type = 'opportunity'"),
    ),
)


def _due(consumer: str, comment: str, kinds: str, record: str = "Id of it") -> Table:
    # No key but the number: a row that stood in the way of another would hide a change that its consumer did not see yet. Nor an
    # index: its consumer takes all there are, and what a load notes it compares with those few at once.
    return _sync(
        f"{consumer}_due",
        comment,
        _number("Order of noting"),
        Column("org_id", Text(collation="C"), nullable=False, comment="Xero organisation, by OrganisationID"),
        text("kind", kinds, required=True),
        Column("record_id", Text(collation="C"), nullable=False, comment=record),
    )


rollups_due = _due(
    "rollups",
    "Whose rollups no longer hold, because something they add up has changed since; the next rollups take the rows",
    "contact or invoice in Xero, account or opportunity in Salesforce",
)

matching_due = _due(
    "matching",
    "Which contacts may match differently: they, their match or an account changed since; the next matching takes the rows",
    "contact, or accounts where any changed",
    "Id of it; of accounts that of their Salesforce org",
)

linking_due = _due(
    "linking",
    "Which invoices may be linked differently: they, their contact or what they name changed; the next linking takes the rows",
    "invoice, contact (all its invoices), or targets where any opportunity or order changed",
    "Id of it; of targets that of their Salesforce org",
)

write_back_due = _due(
    "write_back",
    "What Salesforce may no longer show as it is; the next write-back takes the rows",
    "contact, match (of a contact, with its documents), document (invoice or credit note), payment, or removal (of lines)",
)

showing_due = _due(
    "showing",
    "Whose figures in Salesforce may not be the rollups, because either changed since; the next write-back takes the rows",
    "account or opportunity in Salesforce",
)

settings = _sync(
    "settings",
    "Settings that live with the data: of everything, of an organisation, or of one Salesforce account",
    Column(
        "org_id", Text(collation="C"), primary_key=True, server_default="", comment="Xero organisation; empty for all"
    ),
    key("scope", "global, org or account"),
    Column(
        "subject",
        Text(collation="C"),
        primary_key=True,
        server_default="",
        comment="Salesforce account the setting is for, with scope account; else empty",
    ),
    key("key", "Name of the setting, such as time_zone"),
    json("value", "Value of the setting"),
    instant("updated_at", "When it was last set", required=True),
    text("updated_by", "Who or what set it"),
)

TABLES = (
    connections,
    windows,
    runs,
    events,
    deliveries,
    contact_matches,
    invoice_links,
    rollups_due,
    matching_due,
    linking_due,
    write_back_due,
    showing_due,
    settings,
    export_documents,
    export_lines,
)
