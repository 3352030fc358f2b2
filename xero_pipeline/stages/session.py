"""One sync of one organisation: the lock it holds, the clients it talks through, the row it leaves in sync.runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Literal, Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from psycopg import Connection

from xero_pipeline import certificates
from xero_pipeline.domain.errors import PipelineError
from xero_pipeline.domain.modes import Mode, reads_everything
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import Window, modified_since
from xero_pipeline.domain.zones import iana_of
from xero_pipeline.salesforce.client import SalesforceClient
from xero_pipeline.settings import Settings
from xero_pipeline.stages import connections, counting
from xero_pipeline.stages.checks import Check, CheckResult
from xero_pipeline.stages.known import Known
from xero_pipeline.stages.report import StageReport
from xero_pipeline.warehouse import locks, runs
from xero_pipeline.warehouse import settings as kept_settings
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.kept import KeptWarehouse
from xero_pipeline.xero.client import XeroClient

Kind = Literal["scheduled", "manual", "backfill", "initial"]
Clock = Callable[[], datetime]
# Waits so many seconds before a call is tried again.
Sleep = Callable[[float], None]

# The name that sync.runs and locks know the shared Salesforce stage by.
SHARED = "salesforce"


def utc_now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


class Stage(Protocol):
    """What a session can perform: see `plan.Stage`."""

    @property
    def name(self) -> str: ...
    @property
    def windowed(self) -> bool: ...
    @property
    def run(self) -> Callable[[Session, Window], StageReport]: ...


class OpenSession(Protocol):
    """What opens a session; the real one is `open_session`, tests may put another in its place."""

    def __call__(
        self, settings: Settings, org: Org | None, *, kind: Kind, mode: Mode, dagster_run_id: str | None = None
    ) -> AbstractContextManager[Session]: ...


@dataclass
class Session:
    """What stages are given: ports, the organisation, and the one instant (`started_at`, UTC) that this run's rows carry.

    `plan_id` is the plan of the export that this run is to apply, where it is not to make one of its own. `to_read` names the
    endpoints that this run has yet to read what changed of, in order.
    """

    settings: Settings
    org: Org | None
    warehouse: Warehouse
    run_id: str
    kind: Kind
    mode: Mode
    started_at: datetime
    clock: Clock
    sleep: Sleep = time.sleep
    lock: locks.OrgLock | None = None
    known: Known = field(default_factory=Known)
    reports: list[StageReport] = field(default_factory=list)
    since: datetime | None = None
    plan_id: str | None = None
    to_read: list[str] = field(default_factory=list)
    _closing: ExitStack = field(default_factory=ExitStack)
    _caught_up: set[str] = field(default_factory=set)

    @property
    def organisation(self) -> Org:
        """The organisation of this run; the shared Salesforce session has none."""
        if self.org is None:
            raise ValueError("the shared Salesforce session has no Xero organisation")
        return self.org

    @property
    def reads_everything(self) -> bool:
        """Whether this run removes the lower bound of what it reads."""
        return reads_everything(self.mode)

    @cached_property
    def _connection(self) -> connections.XeroConnection:
        return connections.open_xero(self.settings, self.organisation, self.warehouse, self._closing, sleep=self.sleep)

    @property
    def _used(self) -> XeroClient | None:
        return self._connection.used if "_connection" in self.__dict__ else None

    @property
    def xero(self) -> XeroClient:
        """The client of this organisation, connected on first use."""
        return self._connection.client

    @property
    def org_id(self) -> str:
        """The organisation's id at Xero: the first part of every key of its rows."""
        return self._connection.org_id

    @cached_property
    def salesforce(self) -> SalesforceClient:
        """The client of the Salesforce org, connected on first use."""
        return self._closing.enter_context(connections.salesforce_client(self.settings, sleep=self.sleep))

    @cached_property
    def salesforce_org_id(self) -> str:
        """The id of the Salesforce org, 18 characters."""
        return self.salesforce.org_id

    def modified_since(self, window: Window, watermark: datetime | None) -> datetime | None:
        """Where reading starts (domain/windows.py). `since`, if the user set it, can reach further back but never leave a gap."""
        since = modified_since(window, watermark)
        return min(since, self.since) if since and self.since else since

    def binds(self) -> dict[str, object]:
        """The values that every query of the join stages binds."""
        return {
            "org_id": self.org_id,
            "salesforce_org_id": self.salesforce_org_id,
            "now": self.started_at,
            "run_id": self.run_id,
        }

    def today(self, conn: Connection) -> date:
        """The calendar date at the organisation: in Xero's time zone for it, or that of `orgs.yaml` (products.md 2.2)."""
        row = conn.execute("select timezone from xero.organisations where org_id = %s", [self.org_id]).fetchone()
        zone = iana_of(row[0] if row else None, self.organisation.time_zone)
        return self.clock().astimezone(ZoneInfo(zone)).date()

    def done(self, stage: str) -> bool:
        """Whether this run has performed a stage already."""
        return any(report.stage == stage for report in self.reports)

    def once(self, what: str) -> bool:
        """True the first time it is asked about `what` in this run."""
        if what in self._caught_up:
            return False
        self._caught_up.add(what)
        return True

    def perform(self, stage: Stage, window: Window) -> StageReport:
        """Run a stage, time it and count its calls. What it staged before an error stays; the error goes on to the caller.

        Raises Transient, before anything is done, when the lock was lost: another sync may be running by now.
        """
        if self.lock is not None:
            self.lock.check()
        began = time.monotonic()
        before = self._calls()
        if self.org is not None:
            with self.warehouse.connect(purpose="run") as conn:
                asked = (window.start, window.end) if stage.windowed else None
                runs.progress(conn, self.run_id, stage=stage.name, window=asked)
        try:
            report = stage.run(self, window)
        except BaseException:
            self.known.forget()
            raise
        after = self._calls()
        report.seconds = time.monotonic() - began
        report.calls, report.salesforce_calls, report.bytes = (b - a for a, b in zip(before, after, strict=True))
        counting.count_rows(self.warehouse, self.known, report, self._id_in)
        counting.look_anew(self.warehouse, report)
        self.reports.append(report)
        return report

    def _id_in(self, schema: str) -> str:
        """The id that rows of a schema belong to."""
        return self.salesforce_org_id if schema == "salesforce" else self.org_id

    def check(self, check: Check) -> CheckResult:
        """Look for the rows that break a rule, unless it is known to hold as nothing that it rests on was written since."""
        if self.known.holds(check):
            return check.unchanged()
        with self.warehouse.connect(purpose=check.name) as conn:
            result = check.run(conn, self.organisation, self.org_id)
        self.known.looked(check, passed=result.passed)
        return result

    def _calls(self) -> tuple[int, int, int]:
        xero = self._used
        salesforce = self.__dict__.get("salesforce")
        return (
            xero.calls if xero else 0,
            salesforce.calls if salesforce else 0,
            (xero.bytes if xero else 0) + (salesforce.bytes if salesforce else 0),
        )

    def finish(self, error: BaseException | None) -> None:
        """Close the clients and end the row in sync.runs; `error` is what the run ended with, if it failed."""
        connected = "_connection" in self.__dict__
        used = self._used
        left = used.left if used else None
        self._closing.close()
        if self.org is None:
            return
        with self.warehouse.connect(purpose="run") as conn:
            stands = runs.finish(
                conn,
                run_id=self.run_id,
                outcome="failed" if error else "succeeded",
                ended_at=self.clock(),
                error=_sentence(error) if error else None,
                org_id=self.org_id if connected else None,
                rows_seen=sum(report.rows_seen for report in self.reports),
                rows_written=sum(report.rows_written for report in self.reports),
                calls=sum(report.calls for report in self.reports),
                deliveries=sum(report.sent for report in self.reports),
            )
            if stands and connected and not error:
                self.known.put_back(conn, self.org_id, self.clock())
            if left and left.day is not None:
                kept = {"day": str(left.day), "minute": str(left.minute), "at": self.clock().isoformat()}
                kept_settings.put(conn, self.org_id, "xero_calls_left", kept, now=self.clock())


def _sentence(error: BaseException) -> str:
    # Anything that is not of our taxonomy may quote a value, so only its kind is kept; the log of the run has the rest.
    return str(error) if isinstance(error, PipelineError) else f"{type(error).__name__}; see the log of the run."


@contextmanager
def open_session(
    settings: Settings,
    org: Org | None,
    *,
    kind: Kind,
    mode: Mode,
    dagster_run_id: str | None = None,
    clock: Clock = utc_now,
    sleep: Sleep = time.sleep,
) -> Iterator[Session]:
    """The only sync of an organisation, for the block: lock taken, row in sync.runs begun, both ended however it ends.

    An organisation that never had a sync succeed makes it an initial one, whoever started it. Without an organisation it is
    the shared Salesforce stage, which locks for itself and leaves no row of its own in sync.runs.

    Raises AlreadyRunning, with nothing changed, when another sync of the
    organisation runs, and Permanent or Transient when the warehouse cannot be used.
    """
    run_id = str(uuid4())
    certificates.read_ahead()
    with ExitStack() as held:
        warehouse = held.enter_context(KeptWarehouse(settings.warehouse_url))
        warehouse.check()
        lock = None
        if org is not None:
            lock = held.enter_context(locks.org_lock(warehouse, org.alias, kind=kind, run_id=run_id))
        # Only once the lock is held, so that no two runs of an organisation overlap in sync.runs either.
        started_at = clock()
        known = Known()
        if org is not None:
            with warehouse.connect(purpose="run") as conn:
                known = Known.take(conn, org.alias)
                if reads_everything(mode):
                    known.forget()
                if runs.last_success(conn, org.alias, ["delta", "full"]) is None:
                    kind = "initial"
                runs.start(
                    conn,
                    run_id=run_id,
                    alias=org.alias,
                    kind=kind,
                    mode=mode,
                    started_at=started_at,
                    dagster_run_id=dagster_run_id,
                )
        session = Session(settings, org, warehouse, run_id, kind, mode, started_at, clock, sleep, lock, known)
        try:
            yield session
        except BaseException as error:
            # A warehouse that is gone cannot be told; what went wrong first is what the caller needs to know, and the start
            # of the next run marks this one.
            with suppress(PipelineError):
                session.finish(error)
            raise
        session.finish(None)
