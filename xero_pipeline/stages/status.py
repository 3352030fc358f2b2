"""What is known about each organisation: how far it is covered, what runs now, what ran last, and what is left of the calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import Window, due
from xero_pipeline.settings import Settings
from xero_pipeline.stages.plan import STAGES
from xero_pipeline.stages.session import Clock, utc_now
from xero_pipeline.warehouse import ledger, locks, runs, tokens
from xero_pipeline.warehouse import settings as kept_settings
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.runs import Run

# A succeeded full sync has done all that a metadata sync does.
_COUNTS_AS: dict[Mode, tuple[Mode, ...]] = {"metadata": ("metadata", "full"), "delta": ("delta", "full")}
_RATE_OVER = timedelta(days=7)

_QUEUE = """
select
    count(*) filter (where system = 'salesforce' and status = 'pending'),
    count(*) filter (where system = 'salesforce' and status = 'failed'),
    count(*) filter (where system = 'xero' and status = 'pending'),
    count(*) filter (where system = 'xero' and status = 'failed' and resolution is distinct from 'dismiss'),
    count(*) filter (where system = 'xero' and status = 'failed' and resolution = 'dismiss')
from sync.deliveries
where org_id = %s
"""
_REVIEW = """
select
    (select count(*) from sync.contact_matches where org_id = %(org_id)s and status = 'ambiguous'),
    (select count(*) from sync.invoice_links where org_id = %(org_id)s and status = 'ambiguous')
"""


@dataclass(frozen=True)
class OrgStatus:
    """One organisation as the status command shows it; instants are UTC, None where something never happened.

    `pending` and `failed` count records on their way to Salesforce, `xero_…` those on their way to Xero.
    """

    alias: str
    connected_to: str | None
    connected_at: datetime | None
    disconnected_at: datetime | None
    grant: str | None
    running: str | None
    covered_until: datetime | None
    due: Window | None
    succeeded: int
    finished: int
    calls_left: dict[str, str] | None
    pending: int
    failed: int
    exports: bool
    xero_pending: int
    xero_failed: int
    xero_dismissed: int
    ambiguous_contacts: int
    ambiguous_invoices: int
    recent: list[Run]

    @property
    def success_rate(self) -> float | None:
        """Succeeded of finished runs in the last seven days, 0 to 1 (products.md 2.28)."""
        return self.succeeded / self.finished if self.finished else None


def oldest_watermark(warehouse: Warehouse, org_id: str, org: Org) -> datetime | None:
    """How far every windowed stage of an organisation is complete; None when one of them never ran."""
    with warehouse.connect(purpose="coverage") as conn:
        return _covered(conn, org_id, org)


def coverage(settings: Settings, org: Org) -> datetime | None:
    """The same for an organisation by its configuration; None also when it was never connected."""
    with Warehouse(settings.warehouse_url).connect(purpose="coverage") as conn:
        known = tokens.find(conn, "xero", org.alias)
        return _covered(conn, known.org_id, org) if known and known.org_id else None


def who_holds(settings: Settings, org: Org) -> str | None:
    """A sentence about the sync of an organisation that runs now; None when none does."""
    return _running(Warehouse(settings.warehouse_url), org)


def last_success(settings: Settings, org: Org, mode: Mode) -> datetime | None:
    """When the newest succeeded sync that did what a mode does began, UTC; None when there is none."""
    with Warehouse(settings.warehouse_url).connect(purpose="schedule") as conn:
        return runs.last_success(conn, org.alias, _COUNTS_AS.get(mode, (mode,)))


def status_of(settings: Settings, org: Org, *, runs_shown: int = 5, clock: Clock = utc_now) -> OrgStatus:
    """Everything the status command shows about an organisation; reads only."""
    warehouse = Warehouse(settings.warehouse_url)
    with warehouse.connect(purpose="status") as conn:
        known = tokens.find(conn, "xero", org.alias)
        org_id = known.org_id if known else None
        covered = _covered(conn, org_id, org) if org_id else None
        rate = runs.success_rate(conn, org.alias, clock() - _RATE_OVER)
        left = kept_settings.get(conn, org_id, "xero_calls_left") if org_id else None
        queue = conn.execute(_QUEUE, [org_id]).fetchone() or (0,) * 5
        review = conn.execute(_REVIEW, {"org_id": org_id}).fetchone() or (0, 0)
        recent = runs.latest(conn, org.alias, runs_shown)
    return OrgStatus(
        alias=org.alias,
        connected_to=known.tenant_name if known else None,
        connected_at=known.connected_at if known else None,
        disconnected_at=known.disconnected_at if known else None,
        grant=known.grant_kind if known else None,
        running=_running(warehouse, org),
        covered_until=covered,
        due=due(clock(), covered),
        succeeded=rate.succeeded,
        finished=rate.finished,
        calls_left=left if isinstance(left, dict) else None,
        pending=queue[0],
        failed=queue[1],
        exports=org.export.enabled,
        xero_pending=queue[2],
        xero_failed=queue[3],
        xero_dismissed=queue[4],
        ambiguous_contacts=review[0],
        ambiguous_invoices=review[1],
        recent=recent,
    )


def _running(warehouse: Warehouse, org: Org) -> str | None:
    holder = locks.who_holds(warehouse, org.alias)
    return f"{org.alias} is being synced by {holder}." if holder else None


def _covered(conn: Connection, org_id: str, org: Org) -> datetime | None:
    ends = [ledger.watermark(conn, org_id, stage.name) for stage in STAGES if stage.windowed and stage.enabled(org)]
    return None if None in ends else min(end for end in ends if end is not None)
