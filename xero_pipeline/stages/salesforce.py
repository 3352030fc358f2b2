"""Stage Salesforce: users, accounts, contacts, products, opportunities and orders with their lines, deleted ones included.

One Salesforce org serves every Xero organisation, so this stage is shared: whichever sync comes first reads what changed, and
a second one waits for it and then finds nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from xero_pipeline.domain.errors import BadRecord
from xero_pipeline.domain.windows import Window
from xero_pipeline.salesforce import reader
from xero_pipeline.salesforce.objects import OBJECTS
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import events, ledger, locks
from xero_pipeline.warehouse.loader import Load

T = TypeVar("T")

# Rows written to PostgreSQL at a time.
_ROWS = 2000
# How long a sync waits for another that is reading Salesforce, seconds.
_PATIENCE = 300.0


def run(session: Session, window: Window) -> StageReport:
    """Everything modified since the last success, by SystemModstamp; `window` does not matter: the watermark does."""
    report = StageReport("salesforce")
    with locks.shared_lock(session.warehouse, "salesforce", timeout=_PATIENCE):
        for table in OBJECTS:
            read(session, table, report)
    return report


def read(session: Session, table: str, report: StageReport) -> None:
    """Stage what changed of one object, one transaction with its ledger row."""
    endpoint, org_id = f"salesforce.{table}", session.salesforce_org_id
    planned = reader.plan(session.salesforce, table)
    if planned is None:
        report.notes[f"no_{table}"] = "not switched on in this Salesforce org"
        return
    if planned.hidden:
        report.problems.append(f"The Salesforce user may not see {', '.join(planned.hidden)} of {planned.object.name}.")
    with session.warehouse.connect(purpose=endpoint) as conn:
        watermark = ledger.watermark(conn, org_id, endpoint)
        since = None if session.mode == "full" and not session.done("salesforce") else watermark
        bad: list[BadRecord] = []
        load = Load(conn, org_id, session.started_at, session.run_id, first=watermark is None)
        calls, received, seen = session.salesforce.calls, session.salesforce.bytes, 0
        for chunk in _chunks(reader.rows(session.salesforce, table, since, set_aside=bad.append)):
            load.write(endpoint, chunk)
            seen += len(chunk)
        # With a record set aside, not having seen another proves nothing.
        whole = since is None and not bad
        changes = load.merge(endpoint, full=whole, seen_before=session.started_at, log_inserts=watermark is not None)
        report.add(endpoint, changes)
        for record in bad:
            report.problems.append(record.message)
            events.record(
                conn,
                at=session.started_at,
                org_id=org_id,
                run_id=session.run_id,
                system="salesforce",
                object=table,
                record_id=record.record_id,
                action="failed",
                detail={"reason": record.message},
            )
        ledger.record(
            conn,
            ledger.Coverage(
                org_id=org_id,
                endpoint=endpoint,
                covered_from=since,
                covered_until=session.started_at,
                mode="full" if since is None else "delta",
                run_id=session.run_id,
                rows_seen=seen,
                rows_written=report.rows_written,
                calls=session.salesforce.calls - calls,
                bytes=session.salesforce.bytes - received,
            ),
        )
    report.rows_seen += seen
    report.until = session.started_at


def _chunks(rows: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(rows, _ROWS)):
        yield chunk
