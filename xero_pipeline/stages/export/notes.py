"""Notes that people write about a sale in Salesforce become history of its invoice in Xero (SFX-24, SFX-X10).

A record of history can be neither changed nor deleted, so a note that is edited is added anew, and whether one whose answer was
lost is there already is read from the history itself.
"""

from __future__ import annotations

from psycopg.rows import dict_row

from xero_pipeline.domain.errors import OutcomeUnknown, Permanent, PipelineError
from xero_pipeline.domain.sales import digest
from xero_pipeline.stages.export.sending import cause_of
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.stages.sql import query
from xero_pipeline.warehouse.connection import WarehouseConnection
from xero_pipeline.warehouse.outbox import Delivery, Outbox
from xero_pipeline.xero.writing import REPEATABLE, SETTLED


def send_notes(session: Session, report: StageReport) -> None:
    """Add every note that is new, or was edited, to the invoice of its sale; one whose sale has none yet waits for it."""
    with session.warehouse.connect(purpose="export notes") as conn:
        outbox = Outbox(conn, session.org_id, "notes", session.run_id, session.clock)
        with conn.cursor(row_factory=dict_row) as cursor:
            binds = {"org_id": session.org_id, "salesforce_org_id": session.salesforce_org_id}
            notes = cursor.execute(query("export/notes").encode(), binds).fetchall()
        known = outbox.known([note["note_id"] for note in notes])
        for note in notes:
            payload = {"InvoiceID": note["invoice_id"], "Details": note["details"]}
            before = known.get(note["note_id"])
            # Told by its text alone: a note on the deposit is not written again when the balance follows.
            asked_again = (
                before is not None and before.status == "failed" and before.resolution in ("retry", "auto_sync")
            )
            if before is None or before.source_hash != digest(note["details"]) or asked_again:
                name = note["invoice_number"] or note["note_id"]
                outbox.want(note["note_id"], payload, record_name=name, source_hash=digest(note["details"]))
        conn.commit()
        for (delivery,) in outbox.in_doubt():
            age = session.clock() - (delivery.called_at or session.started_at)
            if age < REPEATABLE:
                _make(session, conn, outbox, delivery, report, first=False)
            elif age >= SETTLED:
                _look_up(session, conn, outbox, delivery, report)
        for delivery in outbox.ready():
            (called,) = outbox.call([delivery])
            conn.commit()
            _make(session, conn, outbox, called, report, first=True)


def _make(
    session: Session, conn: WarehouseConnection, outbox: Outbox, delivery: Delivery, report: StageReport, *, first: bool
) -> None:
    """Add the note and settle it, by the rules of `sending.Sender`: `first` when nothing was sent under its key before."""
    invoice_id, details = _content(delivery)
    begun = delivery.called_at or session.clock()
    within = begun + REPEATABLE - session.clock()
    try:
        session.xero.writer.add_history("Invoices", invoice_id, details, key=str(delivery.call_key), within=within)
    except OutcomeUnknown as error:
        if not (error.answered and first):
            raise
        _look_up(session, conn, outbox, delivery, report)
    except PipelineError as error:
        if not first:
            raise
        if not isinstance(error, Permanent):
            outbox.not_done([delivery])
            conn.commit()
            raise
        why = {"step": "note", "cause": cause_of(error.message), "code": "refused_by_xero", "error": error.message}
        outbox.failed(delivery, **why, response=None)
        report.failed += 1
    else:
        outbox.succeeded(delivery, invoice_id)
        report.sent += 1
    conn.commit()


def _look_up(
    session: Session, conn: WarehouseConnection, outbox: Outbox, delivery: Delivery, report: StageReport
) -> None:
    invoice_id, details = _content(delivery)
    if any(record.details == details for record in session.xero.writer.history("Invoices", invoice_id)):
        outbox.succeeded(delivery, invoice_id)
        report.sent += 1
    else:
        outbox.not_done([delivery])
    conn.commit()


def _content(delivery: Delivery) -> tuple[str, str]:
    payload = delivery.payload or {}
    return str(payload["InvoiceID"]), str(payload["Details"])
