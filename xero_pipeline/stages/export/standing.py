"""Whether what was planned still holds at the moment of sending: an edit overwrites the lines of an invoice, whoever made them.

A create is planned against the books as they are staged, and Xero refuses what does not fit them. An edit says what becomes of
every line, so the invoice is read again first; where that changes what would be sent, the next plan shows it before it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xero_pipeline.stages.export.plan import plan_sales
from xero_pipeline.stages.export.sources import select
from xero_pipeline.stages.reading import load_invoices
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse.connection import WarehouseConnection
from xero_pipeline.warehouse.outbox import Outbox

Row = Mapping[str, Any]


def that_hold(session: Session, conn: WarehouseConnection, due: Sequence[Row], report: StageReport) -> list[Row]:
    """The rows of the plan whose sale is what it was and whose payload would be the same if it were planned now.

    A plan that this run has made is trusted as far as it creates. Reads the invoices that would be edited, 40 a call; raises what
    the client raises. What is left out is left to the next plan, and nothing of it that still waited from an earlier run is sent.
    """
    selection = select(
        conn,
        org_id=session.org_id,
        salesforce_org_id=session.salesforce_org_id,
        export=session.organisation.export,
        only=[row["sale_id"] for row in due],
    )
    now = {sale.sale_id: sale.source_hash for sale in selection.sales}
    unmoved = [row for row in due if now.get(row["sale_id"]) == row["source_hash"]]
    if moved := len(due) - len(unmoved):
        report.problems.append(f"{moved} sales have changed since they were planned; the next plan takes them up.")
    edited = [str(row["payload"]["InvoiceID"]) for row in unmoved if row["action"] == "update"]
    seen = load_invoices(session, conn, edited, report) if edited else set()
    conn.commit()
    in_question = [row for row in unmoved if row["action"] == "update" or not session.done("export_plan")]
    wanted = {row["sale_id"] for row in in_question}
    planned = plan_sales(session, conn, [sale for sale in selection.sales if sale.sale_id in wanted])
    anew = {each.draft.external_id: (each.decision.action, each.payload) for each in planned}
    changed = {
        row["external_id"]
        for row in in_question
        if anew.get(row["external_id"]) != (row["action"], row["payload"])
        or (row["action"] == "update" and row["payload"]["InvoiceID"] not in seen)
    }
    if changed:
        report.problems.append(
            f"{len(changed)} invoices would become something else by now, because Xero has changed since they were planned; "
            "the next plan takes them up."
        )
    held = [row for row in unmoved if row["external_id"] not in changed]
    _leave(session, conn, due, held)
    return held


def _leave(session: Session, conn: WarehouseConnection, due: Sequence[Row], held: Sequence[Row]) -> None:
    kept = {row["external_id"] for row in held}
    outbox = Outbox(conn, session.org_id, "invoices", session.run_id, session.clock)
    left = outbox.known([row["external_id"] for row in due if row["external_id"] not in kept])
    waiting = [each for each in left.values() if each.status == "pending" and not each.in_doubt]
    if waiting:
        outbox.plan_anew(waiting)
        conn.commit()
