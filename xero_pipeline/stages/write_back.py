"""Write Xero's records and the rollups to Salesforce, and only what changed since it was last delivered (SCW-10, SCW-14).

What Salesforce should hold is a query per object; what it was sent is in sync.deliveries; the difference is sent as upserts by
external id, parents before children. A record that Salesforce refuses waits there with its reason and never stops its
neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from psycopg import Connection

from xero_pipeline.domain.windows import Window
from xero_pipeline.salesforce import bulk, collections
from xero_pipeline.salesforce.collections import Outcome
from xero_pipeline.stages import rollups_shown, salesforce, write_back_due
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.stages.sql import query
from xero_pipeline.stages.write_back_due import Due
from xero_pipeline.warehouse import settings
from xero_pipeline.warehouse.deliveries import Channel, Delivery, Result
from xero_pipeline.warehouse.loader import Changes

EXTERNAL_ID = "Xero_Id__c"
# The setting that names the bulk job at work, so that one whose process dies is ended before anything else is sent.
_JOB = "bulk_job"

Record = Mapping[str, object]


def _account(record: Record) -> str | None:
    """What Salesforce locks while a contact or an invoice is written: its account."""
    return _text(record.get("Account__c"))


def _invoice(record: Record) -> str | None:
    """What Salesforce locks while a line or a payment is written: its invoice."""
    invoice = record.get("Invoice__r")
    return _text(invoice.get(EXTERNAL_ID)) if isinstance(invoice, Mapping) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True)
class Target:
    """One object in Salesforce and the query of what it should hold. `parent` tells whose row lock its records share.

    `kept`, if records are ever deleted, is the query of those that must not be. Records are upserted by our external id, or
    with `by_id` they are Salesforce's own and only some fields are ours; `aspect` tells apart what we write to one object.
    """

    object: str
    wanted: str
    parent: Callable[[Record], str | None] | None = None
    kept: str | None = None
    by_id: bool = False
    aspect: str = ""

    @property
    def name(self) -> str:
        """What its deliveries are known by."""
        return f"{self.object} {self.aspect}".strip()


# Parents before children. Only lines are ever removed: they vanish from their invoice in Xero (D-INV, line update rule).
RECORDS = (
    Target("Xero_Metadata__c", "write_back/xero_metadata"),
    Target("Xero_Contact__c", "write_back/xero_contacts", _account),
    Target("Xero_Invoice__c", "write_back/xero_invoices", _account),
    Target("Xero_Invoice_Line__c", "write_back/xero_invoice_lines", _invoice, kept="write_back/lines_in_xero"),
    Target("Xero_Payment__c", "write_back/xero_payments", _invoice),
)
# Opportunities before accounts, those without invoices (which go to zero) before the others (BW-45 to BW-48).
ROLLUPS = tuple(
    (Target(name, f"write_back/{wanted}", by_id=True), has_invoices)
    for has_invoices in (False, True)
    for name, wanted in (("Opportunity", "opportunity_rollups"), ("Account", "account_rollups"))
)

# What became of what people in Salesforce asked to have in Xero.
EXPORTS = tuple(
    Target(name, f"write_back/{wanted}", by_id=True, aspect="export")
    for name, wanted in (
        ("Opportunity", "sale_exports"),
        ("Order", "sale_exports"),
        ("Product2", "product_exports"),
        ("Xero_Note__c", "note_exports"),
    )
)


def run(session: Session, window: Window) -> StageReport:
    """Deliver what is due, each batch settled in a transaction of its own. `window` does not matter here.

    A run that ends between a call and its answer leaves deliveries pending; the next run sends them again, which changes
    nothing where they had arrived.
    """
    report = StageReport("write_back")
    due, first = _plan_records(session)
    for target in RECORDS:
        _send_pending(session, target, report, first=target in first)
        if target.kept is not None and (due.everything or due.removals):
            _remove(session, target, target.kept, due, report)
        if session.mode == "full":
            _restore_missing(session, target, report)
    rules = session.organisation.rollups
    enabled = {"Account": rules.for_accounts, "Opportunity": rules.for_opportunities}
    if session.organisation.export.enabled:
        send_exports(session, report)
    before = report.sent
    with session.warehouse.connect(purpose="write back") as conn:
        shown = rollups_shown.look(session, conn)
    for target, has_invoices in ROLLUPS:
        if enabled[target.object] and not shown.is_nothing:
            binds = {**session.binds(), **shown.binds(), "has_invoices": has_invoices}
            _deliver(session, target, binds, report, differs=True)
    if not shown.is_nothing:
        with session.warehouse.connect(purpose="write back") as conn:
            rollups_shown.done(session, conn, shown)
    if report.sent > before:
        # The numbers we wrote changed records that are staged here too; read them back, so that both sides are seen as they are.
        for table in ("accounts", "opportunities"):
            salesforce.read(session, table, report)
        _forget_what_agrees(session)
    if report.failed:
        report.problems.append(f"Salesforce refused {report.failed} records; their reasons are in sync.deliveries.")
    return report


def _forget_what_agrees(session: Session) -> None:
    """What was just read back is noted as changed: of it, whatever the rollups agree with need not be looked at next time."""
    with session.warehouse.connect(purpose="write back") as conn:
        shown = rollups_shown.look(session, conn)
        differing: set[str] = set()
        for target, has_invoices in ROLLUPS:
            binds = {**session.binds(), **shown.binds(), "everything": False, "has_invoices": has_invoices}
            differing.update(record_id for record_id, *_ in conn.execute(query(target.wanted), binds))
        rollups_shown.done(session, conn, shown, but=differing)


def send_exports(session: Session, report: StageReport) -> None:
    """Tell Salesforce what became of its sales, products and notes in Xero, and read back what that changed."""
    before = report.sent
    for target in EXPORTS:
        _deliver(session, target, session.binds(), report, differs=True)
    if report.sent > before:
        for table in ("opportunities", "orders", "products", "notes"):
            salesforce.read(session, table, report)


def _plan_records(session: Session) -> tuple[Due, set[Target]]:
    """Plan what is due of every kind of record, in one transaction; that, and the kinds of which nothing was ever sent."""
    with session.warehouse.connect(purpose="write back") as conn:
        due = write_back_due.take(session, conn)
        binds = {**session.binds(), **due.binds()}
        first = set()
        for target in RECORDS:
            channel = Channel(conn, session.org_id, "salesforce", target.name)
            if channel.is_empty():
                first.add(target)
            channel.plan(query(target.wanted), binds, now=session.started_at, retry_all=session.mode == "full")
    return due, first


def _document(line: str) -> str:
    """Whose line it is, by the external id of the line."""
    return line.partition(":")[0]


def _deliver(
    session: Session, target: Target, binds: Mapping[str, object], report: StageReport, *, differs: bool = False
) -> None:
    wanted = query(target.wanted)
    with session.warehouse.connect(purpose="write back") as conn:
        channel = Channel(conn, session.org_id, "salesforce", target.name)
        first = channel.is_empty()
        channel.plan(wanted, binds, now=session.started_at, retry_all=session.mode == "full", differs=differs)
    _send_pending(session, target, report, first=first)


def _send_pending(session: Session, target: Target, report: StageReport, *, first: bool = False) -> None:
    """Send what is pending, batch by batch; each is settled before the next is read."""
    sent = failed = 0
    with session.warehouse.connect(purpose="write back") as conn:
        channel = Channel(conn, session.org_id, "salesforce", target.name)
        _end_job_left(session, conn)
        # What fits one job, which is also the most that memory holds.
        for batch in channel.pending(bulk.MOST):
            results: list[Result] = []
            try:
                results.extend(_result(batch, outcome) for outcome in _send(session, conn, target, batch))
            finally:
                # What was answered before an error is known, and must not be forgotten with it.
                channel.settle(results, now=session.clock(), run_id=session.run_id, first=first)
                conn.commit()
            sent += sum(1 for result in results if result.error is None)
            failed += sum(1 for result in results if result.error is not None)
    report.sent += sent
    report.failed += failed
    _count(report, target.object, sent)


def _count(report: StageReport, name: str, sent: int) -> None:
    key = f"sent_{name.removesuffix('__c').lower()}"
    report.notes[key] = int(report.notes.get(key, 0)) + sent


def _send(session: Session, conn: Connection, target: Target, batch: Sequence[Delivery]) -> Iterator[Outcome]:
    client, name, key = session.salesforce, target.object, "Id" if target.by_id else EXTERNAL_ID
    records: list[Record] = [{key: delivery.external_id, **delivery.payload} for delivery in batch]
    if len(batch) >= bulk.FROM:
        outcomes = bulk.write(
            client, name, key, records, group_by=target.parent, began=partial(_note_job, session, conn)
        )
        yield from outcomes
        _note_job(session, conn, None)
    elif target.by_id:
        yield from collections.update(client, name, records)
    else:
        yield from collections.upsert(client, name, key, records, group_by=target.parent)


def _note_job(session: Session, conn: Connection, job_id: str | None) -> None:
    settings.put(conn, session.org_id, _JOB, job_id, now=session.clock())
    conn.commit()


def _end_job_left(session: Session, conn: Connection) -> None:
    """A job of a process that died may still hold what is outdated by now, and would write it over what is sent next."""
    if session.once(_JOB) and (left := settings.get(conn, session.org_id, _JOB)):
        bulk.end(session.salesforce, str(left))
        _note_job(session, conn, None)


def _result(batch: Sequence[Delivery], outcome: Outcome) -> Result:
    return Result(batch[outcome.index].id, outcome.remote_id, outcome.error_code, outcome.error)


def _remove(session: Session, target: Target, kept: str, due: Due, report: StageReport) -> None:
    """Delete in Salesforce what Xero no longer has: everything sent of what is due that the query `kept` does not name."""
    with session.warehouse.connect(purpose="write back") as conn:
        channel = Channel(conn, session.org_id, "salesforce", target.name)
        gone = channel.gone(query(kept), {**session.binds(), **due.binds()})
        conn.commit()
        remote = [(delivery_id, line, remote_id) for delivery_id, line, remote_id in gone if remote_id]
        never_sent = [delivery_id for delivery_id, _, remote_id in gone if not remote_id]
        outcomes = [*collections.delete(session.salesforce, target.object, [each[2] for each in remote])]
        removed = [remote[outcome.index][0] for outcome in outcomes if outcome.ok]
        if removed or never_sent:
            channel.forget([*removed, *never_sent], now=session.clock(), run_id=session.run_id)
        left = (_document(remote[outcome.index][1]) for outcome in outcomes if not outcome.ok)
        write_back_due.removed(conn, session.org_id, but_of=left)
    report.notes["removed_lines"] = len(removed)


def _restore_missing(session: Session, target: Target, report: StageReport) -> None:
    """Send again what somebody deleted in Salesforce: a full run looks at what is really there."""
    soql = f"SELECT {EXTERNAL_ID} FROM {target.object} WHERE {EXTERNAL_ID} != null"
    with session.warehouse.connect(purpose="write back") as conn:
        channel = Channel(conn, session.org_id, "salesforce", target.name)
        found = session.salesforce.records(soql, include_deleted=False)
        missing = channel.resend_missing(str(record[EXTERNAL_ID]) for record in found)
    if missing:
        report.add(f"salesforce.{target.object}", Changes(returned=missing))
        _send_pending(session, target, report)
