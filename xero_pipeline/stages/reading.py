"""The way in from Xero: pages are fetched, flattened, loaded and merged, and the ledger says what that covered.

All of one endpoint is one transaction, ledger row included: either everything it read is staged and covered, or nothing is
covered. Only when Xero stops answering half-way are the pages that did arrive kept, without moving the watermark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, fields
from datetime import datetime

from psycopg import Connection, sql

from xero_pipeline.domain.errors import PipelineError, Throttled, Transient
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session
from xero_pipeline.warehouse import events, ledger
from xero_pipeline.warehouse.csv_rows import Batch
from xero_pipeline.warehouse.loader import Load, encoded
from xero_pipeline.warehouse.unchanged import unchanged_records
from xero_pipeline.xero.endpoints import ENDPOINTS, SALES_INVOICES_ONLY, Endpoint
from xero_pipeline.xero.pages import Page
from xero_pipeline.xero.records import Invoice
from xero_pipeline.xero.rows import flatten

AfterMerge = Callable[[Connection, Load, StageReport], None]

# First pages that lie ready, or are on their way: what a run that fails may have asked for in vain.
_READY = 2


@dataclass(frozen=True, slots=True)
class Encoded(Page):
    """A page whose records are rows by now, as lines of JSON by table; it does not hold the records themselves."""

    tables: Mapping[str, Sequence[Batch]] = field(default_factory=dict)


def read(
    session: Session,
    window: Window,
    name: str,
    report: StageReport,
    *,
    everything: bool = False,
    then: str | None = None,
    after_merge: AfterMerge | None = None,
) -> None:
    """Stage what changed at one endpoint, or all of it with `everything` or in a full run, and record what that covers.

    The lower bound is min(end of the first window - 28 minutes, last success - overlap), or none where nothing was ever read.
    `then` is the list that is read next, everything of it. `after_merge` runs inside the transaction. Raises what the client
    raises.
    """
    endpoint = ENDPOINTS[name]
    with session.warehouse.connect(purpose=name) as conn:
        watermark = ledger.watermark(conn, session.org_id, name)
    since = None if everything else _since(session, window, watermark)
    calls, received = session.xero.calls, session.xero.bytes
    until = session.started_at
    # Most of a list that is read whole, and was before, is here just as it comes.
    again = since is None and watermark is not None and endpoint.paging == "numbered"
    asking = (
        unchanged_records(session.warehouse, f"xero.{endpoint.shape.table}", session.org_id) if again else nullcontext()
    )
    with asking as unchanged, session.warehouse.connect(purpose=name) as conn:
        load = Load(conn, session.org_id, session.started_at, session.run_id, first=watermark is None)
        interrupted: PipelineError | None = None
        seen = 0
        set_aside: set[str] = set()

        def arrived() -> int:
            return load.arrived(f"xero.{endpoint.shape.table}", set_aside)

        try:
            pages = session.xero.reader.listing(
                endpoint,
                encoding(session),
                modified_since=since,
                params=_narrowing(session, name),
                unchanged=unchanged,
                arrived=arrived,
            )
            for page in pages:
                _look_ahead(session, window, name, then, conn)
                seen += len(page.ids)
                if page.server_time is not None:
                    # What Xero stamps, its own clock decides: a clock of ours that runs ahead must not hide a change.
                    until = min(until, page.server_time)
                write(session, conn, load, page, report)
                set_aside.update(bad.record_id for bad in page.bad)
        except (Transient, Throttled) as error:
            interrupted = error
        # A record that could not be read is there all the same, so a list with one proves of none that it is gone.
        whole = since is None and interrupted is None and not set_aside
        merge(session, load, endpoint, report, seen_before=until if whole else None, first=watermark is None)
        # Xero would not answer more calls now, and must not cost the pages that did arrive.
        if seen and after_merge is not None and interrupted is None:
            after_merge(conn, load, report)
        if interrupted is None:
            ledger.record(
                conn,
                ledger.Coverage(
                    org_id=session.org_id,
                    endpoint=name,
                    covered_from=since,
                    covered_until=until,
                    mode="full" if since is None else "backfill" if session.kind == "backfill" else "delta",
                    run_id=session.run_id,
                    rows_seen=seen,
                    rows_written=report.rows_written,
                    calls=session.xero.calls - calls,
                    bytes=session.xero.bytes - received,
                ),
            )
    report.rows_seen += seen
    report.since, report.until = since, until
    if interrupted is not None:
        raise interrupted


def _since(session: Session, window: Window, watermark: datetime | None) -> datetime | None:
    return None if session.reads_everything else session.modified_since(window, watermark)


def _look_ahead(session: Session, window: Window, name: str, then: str | None, conn: Connection) -> None:
    """Ask for the list, and for what changed at the endpoints, that are read after this one: while one is staged Xero answers for
    the next."""
    if then:
        session.xero.reader.ahead(ENDPOINTS[then], None)
    if name in session.to_read:
        del session.to_read[: session.to_read.index(name) + 1]
    for following in session.to_read[:_READY]:
        if session.once(f"look ahead to {following}"):
            since = _since(session, window, ledger.watermark(conn, session.org_id, following))
            # All there ever was comes as fast as it can be staged, and the first page of it would only lie there.
            if since is not None:
                session.xero.reader.ahead(ENDPOINTS[following], since, _narrowing(session, following))


def _narrowing(session: Session, name: str) -> Mapping[str, str]:
    return SALES_INVOICES_ONLY if name == "invoices" and not session.organisation.sync.bills else {}


def encoding(session: Session) -> Callable[[Page], Encoded]:
    """What makes rows of a page, in the thread it arrives in: PostgreSQL takes one page while others are made ready."""
    in_scope = session.organisation.in_scope

    def prepared(page: Page) -> Encoded:
        flat = flatten(page.endpoint.shape, page.records, in_scope, page.digests)
        tables = {table: list(encoded(f"xero.{table}", rows)) for table, rows in flat.tables.items()}
        kept = {one.name: getattr(page, one.name) for one in fields(Page)}
        return Encoded(**{**kept, "records": (), "bad": (*page.bad, *flat.bad)}, tables=tables)

    return prepared


def write(session: Session, conn: Connection, load: Load, page: Encoded, report: StageReport) -> None:
    """Put one page into the load; records that cannot be used are set aside with their reason."""
    endpoint = page.endpoint
    for table, batches in page.tables.items():
        load.copy(f"xero.{table}", batches)
    load.unchanged(f"xero.{endpoint.shape.table}", page.unchanged)
    for bad in page.bad:
        report.problems.append(bad.message)
        events.record(
            conn,
            at=session.started_at,
            org_id=session.org_id,
            run_id=session.run_id,
            system="xero",
            object=endpoint.name,
            record_id=bad.record_id,
            action="failed",
            detail={"reason": bad.message},
        )


def merge(
    session: Session, load: Load, endpoint: Endpoint, report: StageReport, *, seen_before: datetime | None, first: bool
) -> None:
    """Merge every table of an endpoint, parents first. With `seen_before` what was not seen is marked vanished."""
    # Bills that are switched off are not asked for, so not seeing them proves nothing.
    scope = {"type": "ACCREC"} if _narrowing(session, endpoint.name) else None
    for name in (f"xero.{table}" for table in endpoint.tables):
        changes = load.merge(
            name, full=seen_before is not None, seen_before=seen_before, scope=scope, log_inserts=not first
        )
        if load.was_new(name):
            session.known.began_empty(name)
        report.add(name, changes)


# Documents whose contact is not staged yet (BW-26, BW-31, BW-35).
_MISSING_CONTACTS = """
with named as materialized (
    select distinct contact_id from {documents} as documents where org_id = %(org_id)s and contact_id is not null
)

select contact_id
from named
where not exists (select 1 from xero.contacts where contacts.org_id = %(org_id)s and contacts.contact_id = named.contact_id)
"""


def fetch_missing_contacts(session: Session, table: str, conn: Connection, load: Load, report: StageReport) -> None:
    """Fetch the contacts that documents refer to and the warehouse lacks, in the transaction of the load that wrote documents.

    The documents of all runs are looked at, because one that was interrupted left some, unless the run before found all contacts.
    """
    name = f"xero.{table}"
    complete = name in session.known.with_contacts
    documents = load.written(name) if complete else sql.Identifier("xero", table)
    statement = sql.SQL(_MISSING_CONTACTS).format(documents=documents)
    binds = {"org_id": session.org_id, "now": session.started_at}
    missing = [row[0] for row in conn.execute(statement, binds)]
    # Those that are fetched now the next run looks for once more: Xero may not have them.
    session.known.found_contacts(name, all_of_them=not missing)
    if missing:
        report.notes["contacts_fetched"] = len(missing)
        load_contacts(session, conn, missing, report)


def load_contacts(session: Session, conn: Connection, ids: Iterable[str], report: StageReport) -> None:
    """Stage single contacts by id, whatever their stamp says."""
    contacts = ENDPOINTS["contacts"]
    load = Load(conn, session.org_id, session.started_at, session.run_id)
    prepared = encoding(session)
    for page in session.xero.reader.fetch(contacts, ids=list(ids)):
        write(session, conn, load, prepared(page), report)
    merge(session, load, contacts, report, seen_before=None, first=False)


def load_invoices(session: Session, conn: Connection, ids: Sequence[str], report: StageReport) -> set[str]:
    """Stage single invoices by id, as they are now, 40 a call of those kept for exports; the ids of those that could be read."""
    invoices = ENDPOINTS["invoices"]
    load = Load(conn, session.org_id, session.started_at, session.run_id)
    seen: set[str] = set()
    prepared = encoding(session)
    for page in session.xero.writer.invoices(ids):
        encoded_page = prepared(page)
        write(session, conn, load, encoded_page, report)
        # Which of a page it was that could not be used is not worth telling apart here.
        if not encoded_page.bad:
            seen |= {record.invoice_id for record in page.records if isinstance(record, Invoice)}
    merge(session, load, invoices, report, seen_before=None, first=False)
    return seen
