"""A bench to break a sync on: a small sandbox, a database that is empty at first, and what must hold after every failure.

The sandbox is built once for all tests that only read from it; each test has a database and a home of its own. Nothing here
waits: pauses of the clients are noted instead of slept.
"""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from psycopg import sql

import xero_pipeline
from xero_pipeline.domain.errors import PipelineError
from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org, Switches
from xero_pipeline.sandbox.faults import Rule
from xero_pipeline.sandbox.server import Sandbox, running_world
from xero_pipeline.sandbox.world import World, build_world
from xero_pipeline.settings import VARIABLES, Settings
from xero_pipeline.stages.sync import Progress, SyncOutcome, silent, sync
from xero_pipeline.warehouse import locks
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.xero.endpoints import Endpoint
from xero_pipeline_tests import loopback
from xero_pipeline_tests.clocks import running_clock

# Settings whose field is not called as their variable.
_FIELD = {
    "XERO_PIPELINE_HOME": "home",
    "XERO_PIPELINE_ORGS": "orgs_file",
    "XERO_PIPELINE_SECRET_KEY": "secret_key",
    "XERO_PIPELINE_SCHEDULES": "schedules_running",
}

F = TypeVar("F", bound=PipelineError)
Contents = dict[str, list[str]]

# Prepayments and overpayments are in the balances that checks compare, so they are switched on; what else could be is not.
READS = Org(
    alias="demo",
    time_zone="Pacific/Auckland",
    sync=Switches(prepayments=True, overpayments=True),
    write_back=False,
)
WRITES = READS.model_copy(update={"write_back": True})


_TABLES = """
select format('%I.%I', schemaname, tablename)
from pg_tables
where
    schemaname in ('xero', 'salesforce', 'analytics')
    or (schemaname = 'sync' and tablename in ('contact_matches', 'invoice_links'))
order by 1
"""
# What people read about runs and records.
_WRITTEN = """
select error from sync.runs union all
select detail::text from sync.events union all
select error from sync.deliveries
"""
# What differs between two runs that did the same.
_OF_THE_RUN = ["synced_at", "computed_at", "decided_at", "run_id"]
# Secrets that look like themselves wherever they turn up: the beginning of a JSON web token, a private key.
_TELLTALE = ("eyJ", "PRIVATE KEY")


@dataclass
class Bench:
    """A sandbox, the settings that lead to it, and a warehouse; `waits` holds the pauses clients asked for, in seconds."""

    world: World
    sandbox: Sandbox
    settings: Settings
    org: Org
    log: pytest.LogCaptureFixture
    faultless: Contents = field(default_factory=dict, repr=False)
    waits: list[float] = field(default_factory=list)

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.settings.warehouse_url)

    def other(self, org: Mapping[str, object] | None = None, **settings: object) -> Bench:
        """The same bench with other settings, or another configuration of the organisation."""
        changed = replace(self.settings, **settings)  # type: ignore[arg-type]
        return replace(self, settings=changed, org=self.org.model_copy(update=dict(org or {})))

    def fault(self, what: str, path: str, *, first: int = 0, **options: object) -> Rule:
        """Spoil the requests whose path fits, after the `first` ones, which pass."""
        match = {"path": path}
        if first:
            self.world.faults.add({"what": "delay", "seconds": 0, "match": match, "count": first})
        return self.world.faults.add({"what": what, "match": match, **options})

    def control(self, path: str, body: Mapping[str, object] | None = None, *, method: str = "POST") -> Any:
        """A call of the control API."""
        answer = loopback.request(method, f"{self.sandbox.control}/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def edit(self, plural: str, record_id: str, **fields: object) -> None:
        """Change fields of a record in Xero, whatever its rules would say."""
        self.control("xero/first/actions/edit", {"plural": plural, "id": record_id, "fields": fields})

    def ids(self, plural: str) -> list[str]:
        """The ids of a collection in Xero."""
        found: list[str] = self.control(f"xero/first/records/{plural}", method="GET")
        return found

    def requests(self, path: str) -> list[dict[str, Any]]:
        """The requests to this path since the test began."""
        found: list[dict[str, Any]] = self.control(f"requests?path={path}&limit=10000", method="GET")["requests"]
        return found

    def sync(self, mode: Mode = "delta", *, progress: Progress = silent) -> SyncOutcome:
        """A sync, with its pauses noted."""
        clock = self.world.clock.now
        return sync(self.settings, self.org, mode, clock=clock, sleep=self.waits.append, progress=progress)

    def fails(
        self, kind: type[F], *words: str, mode: Mode = "delta", progress: Progress = silent, recorded: bool = True
    ) -> F:
        """A sync that fails as it should: told in one sentence, marked in sync.runs if `recorded`, nothing lost or left over."""
        before = self.counts()
        with self.log.at_level("DEBUG"), pytest.raises(PipelineError) as caught:
            self.sync(mode, progress=progress)
        error = caught.value
        assert type(error) is kind, repr(error)
        self.assert_told(error, *words)
        if recorded:
            outcome, reason = self.rows("select outcome, error from sync.runs order by started_at desc limit 1")[0]
            assert (outcome, reason) == ("failed", str(error))
        self.assert_nothing_left_over()
        self.assert_no_secret(str(error), "".join(traceback.format_exception(error)), self.log.text)
        self.assert_only_grew(before)
        return error

    def heals(self, mode: Mode = "delta") -> SyncOutcome:
        """Take the faults away; the next sync succeeds, loses nothing, and the warehouse is as if nothing had happened."""
        self.world.faults.rules.clear()
        before = self.counts()
        outcome = self.sync(mode)
        self.assert_only_grew(before)
        self.assert_nothing_left_over()
        if self.faultless:
            self.assert_complete()
        else:
            self.assert_settled()
        return outcome

    def assert_told(self, error: PipelineError, *words: str) -> None:
        """One sentence of what and where, and one of what to do next."""
        assert error.message.endswith("."), error.message
        assert "\n" not in str(error)
        assert error.next_step.endswith("."), f"no next step: {error.message}"
        for word in words:
            assert word in str(error)

    def assert_no_secret(self, *texts: str) -> None:
        """Neither these texts nor what the run wrote down holds a token, a secret or a key."""
        written = self.rows(_WRITTEN)
        everything = "\n".join([*texts, *(str(row[0]) for row in written)])
        for secret in (*_TELLTALE, *self.secrets()):
            assert secret not in everything

    def secrets(self) -> set[str]:
        """Every secret and token the sandbox knows, and what these settings carry as such."""
        known = {app.client_secret for app in self.world.identity.apps.values()}
        known |= {*self.world.identity.refreshes, *self.world.org.tokens}
        known |= {self.settings.xero_client_secret, self.settings.salesforce_client_secret, self.settings.secret_key}
        return known - {""}

    def assert_nothing_left_over(self) -> None:
        """No run says it is running, and nobody holds the organisation's lock."""
        assert self.rows("select run_id from sync.runs where outcome = 'running' or ended_at is null") == []
        assert locks.who_holds(self.warehouse, self.org.alias) is None

    def assert_only_grew(self, before: Mapping[str, int]) -> None:
        """No table has fewer rows than before."""
        lost = {table: (before[table], count) for table, count in self.counts().items() if count < before[table]}
        assert not lost

    def assert_complete(self) -> None:
        """The warehouse holds what that of a sync without faults holds, to the value."""
        contents = contents_of(self.warehouse)
        for table, rows in self.faultless.items():
            assert contents[table] == rows, table

    def assert_settled(self) -> None:
        """A full sync finds nothing to write and nothing to send."""
        outcome = self.sync("full")
        assert (outcome.rows_written, outcome.sent) == (0, 0), [
            (report.stage, report.tables, report.notes)
            for report in outcome.reports
            if report.rows_written or report.sent
        ]

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        with self.warehouse.connect() as conn:
            tables = [row[0] for row in conn.execute(_TABLES)]
            each = sql.SQL(" union all ").join(
                sql.SQL("select {}, count(*) from {}").format(sql.Literal(name), sql.Identifier(*name.split(".")))
                for name in tables
            )
            return dict(conn.execute(each).fetchall())

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query of the test's own."""
        with self.warehouse.connect() as conn:
            return conn.execute(query.encode(), values).fetchall()

    def change(self, statement: str, *values: object) -> int:
        """Change the warehouse behind the package's back; answers how many rows that changed."""
        with self.warehouse.connect() as conn:
            return conn.execute(statement.encode(), values).rowcount

    def count(self, table: str) -> int:
        """Rows of one table."""
        return int(self.rows(f"select count(*) from {table}")[0][0])


@contextmanager
def small_world(
    *, organisations: int = 1, state: Path | None = None, real_time: bool = False
) -> Iterator[tuple[World, Sandbox]]:
    """A sandbox of some 60 sales invoices an organisation, or that of `state`, served by a thread of this process.

    It is built at `START`, mid-morning where the organisation is, and its clock runs on from there, so that no test sees overdue
    change; or, for clients that have no other clock than this machine's, from now.
    """
    world = build_world(seed=1, invoices=60, organisations=organisations, state=state, clock=running_clock())
    if real_time:
        world.clock.set(datetime.now(UTC))
    with running_world(world) as sandbox:
        yield world, sandbox


def settings_for(sandbox: Sandbox, warehouse_url: str, home: Path, **more: str) -> Settings:
    """The settings that lead to a sandbox and a database."""
    environment = {**sandbox.environment, "WAREHOUSE_URL": warehouse_url, "XERO_PIPELINE_HOME": str(home), **more}
    return Settings.from_environment(environment)


def contents_of(warehouse: Warehouse) -> Contents:
    """Every row of every table that a sync fills, as sorted JSON without what differs from run to run."""
    found: Contents = {}
    with warehouse.connect() as conn:
        for (name,) in conn.execute(_TABLES).fetchall():
            table = sql.Identifier(*name.split("."))
            query = sql.SQL("select to_jsonb(each) - %s::text[] from {} as each").format(table)
            rows = conn.execute(query, [_OF_THE_RUN]).fetchall()
            found[name] = sorted(json.dumps(row, sort_keys=True) for (row,) in rows)
    return found


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of another process with the same settings, and nothing of this one's but what Python needs."""
    values = {
        variable.name: getattr(settings, _FIELD.get(variable.name, variable.name.lower())) for variable in VARIABLES
    }
    python = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    texts = {name: str(value) for name, value in values.items() if isinstance(value, str | Path) and str(value)}
    return {**python, **texts, "PYTHONPATH": str(Path(xero_pipeline.__file__).parents[1])}


def orgs_file(path: Path, *orgs: Org) -> Path:
    """A file that names these organisations."""
    path.write_text(json.dumps({"orgs": [org.model_dump(mode="json") for org in orgs]}), encoding="utf-8")
    return path


def pages_of(size: int) -> property:
    """What `Endpoint.page_size` is to be for lists of a few dozen records to have several pages."""
    sizes = {"none": 0, "numbered": size, "short": 100}

    def page_size(endpoint: Endpoint) -> int:
        return sizes[endpoint.paging]

    return property(page_size)
