"""A sandbox and the warehouse that was synced from it, kept once and copied for each test.

The sandbox's state is a directory and the warehouse a database, so a snapshot of both, taken after the initial sync, gives
every test a pair of its own that agrees to the row. Both run on the sandbox's clock, which stands still until it is moved.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org, Switches
from xero_pipeline.sandbox.server import Sandbox, running_world
from xero_pipeline.sandbox.world import World, build_world
from xero_pipeline.settings import Settings
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.sync import SyncOutcome, sync
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.clocks import standing_clock
from xero_pipeline_tests.databases import MIGRATED, copied_database, copy_database
from xero_pipeline_tests.loopback import NO_CERTIFICATES

EVERYTHING = Switches(purchase_orders=True, quotes=True, prepayments=True, overpayments=True, manual_journals=True)
DEMO = Org(alias="demo", time_zone="Pacific/Auckland", sync=EVERYTHING)


@dataclass(frozen=True)
class Snapshot:
    """What a pair is copied from: the sandbox's state, the database, and the outcome of the sync that filled it."""

    server: EmbeddedServer
    home: Path
    state: Path
    database: str
    org: Org
    outcome: SyncOutcome


@dataclass
class Pair:
    """A sandbox that runs, and the warehouse that keeps step with it."""

    world: World
    sandbox: Sandbox
    settings: Settings
    org: Org
    warehouse: Warehouse
    http: httpx.Client

    @property
    def now(self) -> datetime:
        """The time on both sides, UTC."""
        return self.world.clock.now()

    def pass_time(self, **by: float) -> None:
        """Let time pass on both sides: arguments of timedelta."""
        self.world.clock.advance(timedelta(**by).total_seconds())

    def sync(self, mode: Mode = "delta", *, org: Org | None = None, since: datetime | None = None) -> SyncOutcome:
        """A sync, a minute after whatever happened last. Calls that are tried again are tried at once."""
        self.pass_time(minutes=1)
        clock = self.world.clock.now
        return sync(self.settings, org or self.org, mode, since=since, clock=clock, sleep=lambda seconds: None)

    def control(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """A call of the control API."""
        answer = self.http.request(method, f"{self.sandbox.control}/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def pull(self, lever: str, **arguments: object) -> dict[str, Any]:
        """What a person at Xero's screens does, a second after whatever happened last."""
        self.pass_time(seconds=1)
        done: dict[str, Any] = self.control("POST", f"xero/first/actions/{lever}", arguments)
        return done

    def fault(self, what: str, path: str, **rest: object) -> None:
        """Break the requests whose path matches, until `mend`."""
        self.control("POST", "faults", {"what": what, "match": {"path": path}, **rest})

    def mend(self) -> None:
        """Break nothing any more."""
        self.control("DELETE", "faults")

    def in_salesforce(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """What a person in Salesforce does to a record, a second after whatever happened last."""
        self.pass_time(seconds=1)
        done: dict[str, Any] = self.control(method, f"salesforce/records/{path}", body)
        return done

    def forget_requests(self) -> None:
        """Count the sandbox's requests from zero."""
        self.control("DELETE", "requests")

    def requests(self, system: str) -> list[dict[str, Any]]:
        """The requests one system answered since they were forgotten, signing in left out."""
        log = self.control("GET", f"requests?system={system}&limit=50000")["requests"]
        return [each for each in log if "/connect/" not in each["path"] and "/oauth2/" not in each["path"]]

    def salesforce_writes(self) -> list[dict[str, Any]]:
        """The requests that asked Salesforce to change something."""
        return [each for each in self.requests("salesforce") if each["method"] != "GET"]

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """The rows of a query of the test's own."""
        with psycopg.connect(self.settings.warehouse_url, row_factory=dict_row) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def row(self, query: str, *values: object) -> dict[str, Any]:
        """The only row of a query of the test's own."""
        (row,) = self.rows(query, *values)
        return row

    def run(self, statement: str, *values: object) -> int:
        """Change the warehouse behind the package's back; answers how many rows that changed."""
        with psycopg.connect(self.settings.warehouse_url) as conn:
            return conn.execute(statement.encode(), values).rowcount


def report_of(stage: str, outcome: SyncOutcome) -> StageReport:
    """What one stage told of a sync."""
    (report,) = (report for report in outcome.reports if report.stage == stage)
    return report


def _settings(sandbox: Sandbox, server: EmbeddedServer, home: Path, database: str) -> Settings:
    return Settings.from_environment(
        {**sandbox.environment, "WAREHOUSE_URL": server.url(database), "XERO_PIPELINE_HOME": str(home)}
    )


def take_snapshot(server: EmbeddedServer, home: Path, *, invoices: int, org: Org = DEMO) -> Snapshot:
    """Build a sandbox, sync an empty warehouse from it, and keep both as they are then."""
    state, database = home / "state", copy_database(server, MIGRATED)
    world = build_world(seed=1, invoices=invoices, state=state, clock=standing_clock())
    with running_world(world) as sandbox:
        settings = _settings(sandbox, server, home, database)
        outcome = sync(settings, org, "full", clock=world.clock.now)
    with Warehouse(settings.warehouse_url).connect() as conn:
        # What autovacuum would have done by the time of the next sync; a copied database is too young for it.
        conn.execute("analyze")
    return Snapshot(server, home, state, database, org, outcome)


def go_on(snapshot: Snapshot, home: Path, mode: Mode, *, org: Org) -> Snapshot:
    """What another snapshot has become a minute and one more sync later, kept beside it."""
    server, database = snapshot.server, copy_database(snapshot.server, snapshot.database)
    state = Path(shutil.copytree(snapshot.state, home / "state"))
    world = build_world(seed=1, invoices=1, state=state)
    with running_world(world) as sandbox:
        world.clock.advance(60)
        outcome = sync(_settings(sandbox, server, home, database), org, mode, clock=world.clock.now)
    return Snapshot(server, home, state, database, org, outcome)


@contextmanager
def fresh(server: EmbeddedServer, home: Path, *, invoices: int) -> Iterator[Pair]:
    """A sandbox in which nothing was ever written and a warehouse that was never synced from it."""
    world = build_world(seed=1, invoices=invoices, clock=standing_clock())
    with copied_database(server, MIGRATED) as database, _running(world, server, database, home, DEMO) as pair:
        yield pair


@contextmanager
def copied(snapshot: Snapshot, directory: Path, *, empty: bool = False) -> Iterator[Pair]:
    """A pair of the test's own, dropped afterwards. With `empty` the warehouse is one that was never synced."""
    server, template = snapshot.server, MIGRATED if empty else snapshot.database
    state = Path(shutil.copytree(snapshot.state, directory / "state"))
    world = build_world(seed=1, invoices=1, state=state)
    with (
        copied_database(server, template) as database,
        _running(world, server, database, snapshot.home, snapshot.org) as pair,
    ):
        yield pair


@contextmanager
def _running(world: World, server: EmbeddedServer, database: str, home: Path, org: Org) -> Iterator[Pair]:
    # The control API speaks plain HTTP; reading the certificates of the world for it would take longer than the call.
    with (
        running_world(world) as sandbox,
        httpx.Client(trust_env=False, verify=NO_CERTIFICATES) as http,
    ):
        settings = _settings(sandbox, server, home, database)
        yield Pair(world, sandbox, settings, org, Warehouse(settings.warehouse_url), http)
