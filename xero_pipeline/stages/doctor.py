"""Everything that must be right for a sync to work, looked at one by one, each fault with its fix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from xero_pipeline.domain.errors import PipelineError, Reconnect
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.zones import iana_of
from xero_pipeline.settings import Settings
from xero_pipeline.stages import connections
from xero_pipeline.stages.connecting import missing_in_salesforce
from xero_pipeline.stages.export.readiness import settings_at_fault, unwritable
from xero_pipeline.stages.export.run import require_books
from xero_pipeline.stages.orgs import load_orgs
from xero_pipeline.stages.session import Clock, utc_now
from xero_pipeline.stages.status import OrgStatus, status_of
from xero_pipeline.warehouse.connection import Warehouse


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what, whether it is right (None: worth knowing), what was found, what to do."""

    about: str
    ok: bool | None
    found: str
    fix: str = ""


def examine(settings: Settings, *, clock: Clock = utc_now) -> Iterator[Finding]:
    """Look at everything; what an earlier fault makes impossible is left out."""
    orgs: tuple[Org, ...] = ()
    try:
        orgs = load_orgs(settings)
        yield Finding(str(settings.orgs_file), True, f"names {', '.join(org.alias for org in orgs)}")
    except PipelineError as error:
        yield _fault(str(settings.orgs_file), error)
    warehouse = Warehouse(settings.warehouse_url)
    try:
        warehouse.check()
        yield Finding("warehouse", True, f"PostgreSQL {_version(warehouse)} at {warehouse.where}, migrated")
    except PipelineError as error:
        yield _fault("warehouse", error)
        orgs = ()
    yield _dagster(settings)
    yield _salesforce(settings, exports=any(org.export.enabled for org in orgs))
    for org in orgs:
        yield from _organisation(settings, org, warehouse, clock)


def _fault(about: str, error: PipelineError) -> Finding:
    return Finding(about, False, error.message, error.next_step)


def _version(warehouse: Warehouse) -> str:
    with warehouse.connect(purpose="doctor") as conn:
        row = conn.execute("select current_setting('server_version')").fetchone()
    return str(row[0]) if row else "?"


def _dagster(settings: Settings) -> Finding:
    if not settings.dagster_postgres_url:
        fix = "`xero-pipeline up` sets DAGSTER_POSTGRES_URL and DAGSTER_HOME; a deployment of your own has to."
        return Finding("Dagster storage", None, "DAGSTER_POSTGRES_URL is not set here", fix)
    if not settings.dagster_postgres_url.startswith("postgresql+psycopg2://"):
        fix = "Begin it with postgresql+psycopg2://; SQLAlchemy 2.1 takes another driver otherwise."
        return Finding("Dagster storage", False, "DAGSTER_POSTGRES_URL does not name its driver", fix)
    return Finding("Dagster storage", True, "DAGSTER_POSTGRES_URL names its driver")


def _salesforce(settings: Settings, *, exports: bool) -> Finding:
    try:
        with connections.salesforce_client(settings) as client:
            missing = missing_in_salesforce(client)
            missing += [
                f"The user may not write {', '.join(each.fields)} of {each.object_name}."
                for each in (unwritable(client) if exports else ())
            ]
            if missing:
                fix = "Deploy xero_pipeline/salesforce/package and assign Xero_Sync_Integration to the user."
                return Finding("Salesforce", False, " ".join(missing), fix)
            budget = client.budget
            left = f", {budget.limit - budget.used:,} of {budget.limit:,} API calls left today" if budget else ""
            return Finding("Salesforce", True, f"org {client.org_id}, every field is there{left}")
    except PipelineError as error:
        return _fault("Salesforce", error)


def _organisation(settings: Settings, org: Org, warehouse: Warehouse, clock: Clock) -> Iterator[Finding]:
    try:
        with ExitStack() as closing:
            client = connections.open_xero(settings, org, warehouse, closing).client
            organisation = client.organisation()
            left = client.left
        calls = f", {left.day:,} calls left today" if left.day is not None else ""
        yield Finding(f"{org.alias}: Xero", True, f"reaches {organisation.name}{calls}")
        yield _time_zone(org, organisation.timezone)
        if org.export.enabled:
            yield from _export(settings, org, warehouse, clock)
    except PipelineError as error:
        yield _fault(f"{org.alias}: Xero", error)
    state = status_of(settings, org, clock=clock)
    yield _schedule(org, state)
    yield _queue(org, state)


def _export(settings: Settings, org: Org, warehouse: Warehouse, clock: Clock) -> Iterator[Finding]:
    about = f"{org.alias}: export"
    try:
        connections.require_export(settings, org, warehouse)
        yield Finding(about, True, "the connection may write invoices, contacts and items")
    except Reconnect as error:
        yield _fault(about, error)
    try:
        require_books(settings, org)
    except PipelineError as error:
        yield Finding(about, None, error.message, error.next_step)
        return
    today = clock().astimezone(ZoneInfo(org.time_zone)).date()
    with warehouse.connect(purpose="doctor") as conn:
        faults = settings_at_fault(conn, connections.known_org_id(conn, org), org.export, today)
    for fault in faults:
        yield Finding(f"{about}, {fault.setting}", False, fault.sentence, fault.fix)
    if not faults:
        yield Finding(f"{about}, settings", True, "every account, tax type, category and theme they name is in Xero")


def _time_zone(org: Org, xero_zone: str | None) -> Finding:
    about = f"{org.alias}: time zone"
    zone = iana_of(xero_zone, "")
    if not zone:
        return Finding(about, None, f"Xero says {xero_zone}, which is not known here; {org.time_zone} is used")
    if zone != org.time_zone:
        fix = f"Set `time_zone: {zone}` in orgs.yaml, unless the schedules are meant to follow another clock."
        return Finding(about, None, f"orgs.yaml says {org.time_zone}, Xero {zone}", fix)
    return Finding(about, True, f"{zone}, as in Xero")


def _schedule(org: Org, state: OrgStatus) -> Finding:
    about = f"{org.alias}: coverage"
    if state.covered_until is None:
        return Finding(about, None, "never synced", f"Run `xero-pipeline sync {org.alias} --mode full`.")
    if state.due is None:
        return Finding(about, True, f"complete until {state.covered_until:%Y-%m-%d %H:%M} UTC")
    late = state.due.end - state.due.start
    fix = f"Switch on the schedule {org.alias}_delta in the Dagster UI, or run `xero-pipeline sync {org.alias}`."
    return Finding(
        about, None, f"complete until {state.covered_until:%Y-%m-%d %H:%M} UTC; {late} of windows are due", fix
    )


def _queue(org: Org, state: OrgStatus) -> Finding:
    about = f"{org.alias}: queue"
    waiting = state.failed + state.xero_failed + state.ambiguous_contacts + state.ambiguous_invoices
    if not waiting:
        return Finding(about, True, "empty")
    found = (
        f"{state.failed:,} records refused by Salesforce, {state.xero_failed:,} that wait on their way to Xero, "
        f"{state.ambiguous_contacts:,} contacts and {state.ambiguous_invoices:,} invoices to review"
    )
    log = f"`xero-pipeline log {org.alias}` tells what waits for Xero. " if state.xero_failed else ""
    return Finding(about, None, found, f"{log}See sync.deliveries, sync.contact_matches and sync.invoice_links.")
