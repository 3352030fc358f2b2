"""Prove the staged documents against Xero: every contact's balances, read again where its documents changed.

Xero does not stamp a contact when its balances move (xero.md section 1), so the contacts whose documents this run changed are
read again by id, and only those: an idle window costs no call here. The proof itself is the view
analytics.contact_balances_proof, and the check on it stops what would write wrong numbers to Salesforce.
"""

from __future__ import annotations

from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.reading import load_contacts, read
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import ledger

# Ids go 40 to a call, contacts come 1,000 to a page: past this share of the book, reading all of it costs fewer calls.
_IDS_A_CALL = 40
_CONTACTS_A_PAGE = 1000

_TOUCHED = """
with document as (
    select contact_id, synced_at, updated_utc from xero.invoices where org_id = %(org_id)s
    union all
    select contact_id, synced_at, updated_utc from xero.credit_notes where org_id = %(org_id)s
    union all
    select contact_id, synced_at, updated_utc from xero.prepayments where org_id = %(org_id)s
    union all
    select contact_id, synced_at, updated_utc from xero.overpayments where org_id = %(org_id)s
)

select distinct contact_id
from document
where
    contact_id is not null
    and synced_at > %(since)s
    -- Contacts that this run has read already are as new as their documents, unless a document moved meanwhile.
    and (not %(contacts_read)s or updated_utc >= %(now)s)
"""

_CONTACTS = "select count(*) from xero.contacts where org_id = %(org_id)s"

_PROOF = """
select count(*) as contacts, count(*) filter (where not ties) as differing
from analytics.contact_balances_proof
where org_id = %(org_id)s
"""


def run(session: Session, window: Window) -> StageReport:
    """Read the touched contacts again and count how many tie; a difference is a problem of the report."""
    report = StageReport("balances")
    with session.warehouse.connect(purpose="balances") as conn:
        since = ledger.watermark(conn, session.org_id, "balances")
        binds = {
            "org_id": session.org_id,
            "since": since or "-infinity",
            "now": session.started_at,
            "contacts_read": any(r.stage == "contacts" and r.since is None for r in session.reports),
        }
        touched = [row[0] for row in conn.execute(_TOUCHED, binds)]
        (contacts,) = conn.execute(_CONTACTS, binds).fetchone() or (0,)
    if touched and len(touched) / _IDS_A_CALL > contacts / _CONTACTS_A_PAGE + 1:
        read(session, window, "contacts", report, everything=True)
    with session.warehouse.connect(purpose="balances") as conn:
        if touched and not report.tables:
            load_contacts(session, conn, touched, report)
        ledger.record(
            conn,
            ledger.Coverage(
                org_id=session.org_id,
                endpoint="balances",
                covered_from=since,
                covered_until=session.started_at,
                mode="delta",
                run_id=session.run_id,
                rows_seen=len(touched),
                rows_written=report.rows_written,
            ),
        )
        proven, differing = conn.execute(_PROOF, binds).fetchone() or (0, 0)
    report.since, report.until = since, session.started_at
    report.notes.update(contacts_touched=len(touched), contacts_proven=proven, contacts_differing=differing)
    if differing:
        report.problems.append(f"{differing} of {proven} contacts differ from their balances in Xero.")
    return report
