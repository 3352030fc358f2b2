"""Apply the plan: create the customers it names, then create and update its invoices, each exactly as it was planned.

A sale that has moved since is left to the next plan; one that a check refused goes to the queue with its reasons, at no call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages import salesforce, write_back
from xero_pipeline.stages.export.items import newest
from xero_pipeline.stages.export.kinds import CONTACTS, INVOICES, ITEMS
from xero_pipeline.stages.export.leave import may_write
from xero_pipeline.stages.export.notes import send_notes
from xero_pipeline.stages.export.online_urls import fetch_online_urls
from xero_pipeline.stages.export.plan import make_plan
from xero_pipeline.stages.export.prerequisites import close_those_there, with_customers, with_items
from xero_pipeline.stages.export.sending import Sender
from xero_pipeline.stages.export.standing import that_hold
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.stages.sql import query
from xero_pipeline.warehouse import export_plan
from xero_pipeline.warehouse.connection import WarehouseConnection
from xero_pipeline.warehouse.loader import Changes
from xero_pipeline.warehouse.outbox import Lines, Outbox

Row = Mapping[str, Any]

_SOURCES = ("opportunities", "opportunity_lines", "orders", "order_lines")


def run(session: Session, window: Window) -> StageReport:
    """Apply the plan that the run is to apply, or the newest. `window` does not matter here."""
    report = StageReport("export_invoices")
    apply(session, report, session.plan_id)
    return report


def apply(session: Session, report: StageReport, plan_id: str | None = None) -> None:
    """Apply the plan of this id, or the newest; then send notes, and tell Salesforce what has become of all of it.

    What is in doubt from an earlier run is settled first, because what is sent now may depend on it. Raises Permanent when
    another plan has taken the place of `plan_id`, and what the client raises; what was done before an error is written down.
    """
    if not may_write(session, report):
        return
    if not session.done("salesforce"):
        # So that a sale that moved since it was planned is seen to have moved.
        for table in _SOURCES:
            salesforce.read(session, table, report)
    try:
        with session.warehouse.connect(purpose="export") as conn:
            settled = sum(Sender(session, conn, kind, report).settle_doubts() for kind in (CONTACTS, ITEMS, INVOICES))
            if settled and plan_id is None:
                # The plan was made while it was not known what there is in Xero.
                make_plan(session)
            plan = _plan(session, conn, plan_id)
            _queue(session, conn, plan, report)
            close_those_there(session, conn)
            due: list[Row] = [row for row in plan if row["action"] in ("create", "update")]
            due = that_hold(session, conn, due, report)
            due = with_customers(session, conn, due, report)
            due = with_items(session, conn, due, report)
            _want(session, conn, due)
            try:
                Sender(session, conn, INVOICES, report).send()
            finally:
                # Of a call that was not settled whole nothing is settled.
                conn.rollback()
                export_plan.close(conn, session.org_id)
                _link(session, conn, report)
                conn.commit()
        if session.organisation.export.notes:
            send_notes(session, report)
        fetch_online_urls(session, report)
    finally:
        write_back.send_exports(session, report)


def _plan(session: Session, conn: Connection, plan_id: str | None) -> list[dict[str, Any]]:
    plan = export_plan.documents(conn, session.org_id, ("create", "update", "blocked", "no_op"))
    if plan_id is None:
        return plan
    require_newest(conn, session.org_id, session.organisation, plan_id)
    return [row for row in plan if row["plan_id"] == plan_id]


def require_newest(conn: Connection, org_id: str, org: Org, plan_id: str) -> None:
    """Raises Permanent when another plan was made since this one."""
    if newest(conn, org_id) != plan_id:
        raise Permanent(
            f"Plan {plan_id} is not the newest: another has taken its place, and nothing of it is sent.",
            next_step=f"Make a new one with `xero-pipeline export {org.alias} --dry-run`.",
        )


def _queue(session: Session, conn: WarehouseConnection, plan: Sequence[Row], report: StageReport) -> None:
    """What the checks refuse waits for a person, with every reason; what comes to nothing is settled."""
    outbox = Outbox(conn, session.org_id, INVOICES.object_name, session.run_id, session.clock)
    blocked = [row for row in plan if row["action"] == "blocked"]
    for row in blocked:
        reasons = row["reasons"]
        outbox.refuse(
            row["external_id"],
            record_name=row["sale_name"] or row["sale_id"],
            source_hash=row["source_hash"],
            judged_at=row["planned_at"],
            step=reasons[0]["step"],
            cause=row["cause"],
            code=reasons[0]["check"],
            error=" ".join(dict.fromkeys(f"{reason['sentence']} {reason['fix']}" for reason in reasons)),
        )
    for row in plan:
        if row["action"] == "no_op":
            outbox.unchanged(row["external_id"], row["source_hash"])
    conn.commit()
    report.notes["refused"] = len(blocked)


def _want(session: Session, conn: WarehouseConnection, due: Sequence[Row]) -> None:
    outbox = Outbox(conn, session.org_id, INVOICES.object_name, session.run_id, session.clock)
    external_ids = [row["external_id"] for row in due]
    lines = export_plan.lines(conn, session.org_id, external_ids)
    known = outbox.known(external_ids)
    for row in due:
        before = known.get(row["external_id"])
        outbox.want(
            row["external_id"],
            row["payload"],
            record_name=row["sale_name"] or row["sale_id"],
            source_hash=row["source_hash"],
            remote_id=row["payload"].get("InvoiceID"),
            lines=_lines(row, lines.get(row["external_id"], ()), before.lines if before else None),
        )
    conn.commit()


def _link(session: Session, conn: Connection, report: StageReport) -> None:
    conn.execute(query("export/found_again").encode(), session.binds())
    linked = conn.execute(query("export/links").encode(), session.binds()).rowcount
    if linked:
        report.add("sync.invoice_links", Changes(inserted=linked))


def _lines(row: Row, planned: Sequence[Row], before: Lines | None) -> Lines:
    """Each line of the sale with its id in Xero, where it has one: the payload has them in the same order.

    Lines that go are kept in mind after them: should Xero refuse the edit, they are still ours to take away, and nobody else's.
    """
    sent = row["payload"]["LineItems"]
    lines = [(line["line_id"], item.get("LineItemID")) for line, item in zip(planned, sent, strict=False)]
    stay = {line_id for line_id, _ in lines}
    return [*lines, *((line_id, item_id) for line_id, item_id in before or () if item_id and line_id not in stay)]
