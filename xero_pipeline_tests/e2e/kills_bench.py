"""What a kill is done to: a real sync in a process of its own, of an empty warehouse or of one that has changes to write back.

Both begin from a sandbox and a database that were made once and are copied for each kill. All clocks are real, because the
process has its own; documents that would be overdue tomorrow and are not today are moved out of the way of midnight.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import httpx
import psycopg

from xero_pipeline.sandbox.demo.world import seeded_ids
from xero_pipeline.sandbox.requests_log import Entry
from xero_pipeline.sandbox.server import running_world
from xero_pipeline.sandbox.world import build_world
from xero_pipeline.stages.plan import Mode
from xero_pipeline.stages.sync import sync
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.databases import MIGRATED, copied_database, copy_database
from xero_pipeline_tests.e2e.faults_bench import environment_of, orgs_file, settings_for
from xero_pipeline_tests.e2e.pair import DEMO
from xero_pipeline_tests.e2e.schedules_ground import Ground, make_state
from xero_pipeline_tests.e2e.schedules_history import DEEDS, People
from xero_pipeline_tests.e2e.schedules_state import State, end_state
from xero_pipeline_tests.loopback import NO_CERTIFICATES

SEED = 7
_CHANGES = 60
_SECONDS = 120
_FREED_WITHIN = 60.0
_MIDNIGHT = timedelta(days=3)

_numbers = count(1)
_LOCKS = """
select count(*)
from pg_locks
where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
"""


@dataclass(frozen=True)
class Start:
    """What kills of one kind begin from: a sandbox's state and a database, the mode of the sync, and what it comes to.

    `seconds` is how long it took from its first request, `requests` how many it made, both without a kill.
    """

    name: str
    state: Path
    database: str
    mode: Mode
    expected: State
    seconds: float
    requests: int
    writes: int


class Process:
    """A sync in a process of its own."""

    def __init__(self, ground: Ground, mode: Mode, directory: Path) -> None:
        orgs = orgs_file(directory / "orgs.yaml", ground.org)
        environment = {**environment_of(ground.settings), "XERO_PIPELINE_ORGS": str(orgs)}
        command = [sys.executable, "-m", "xero_pipeline.cli", "sync", ground.org.alias, "--mode", mode, "--json"]
        self._output = (directory / "output").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=self._output)

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._process.kill()
        self._process.wait(_SECONDS)

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return self._process.wait(_SECONDS)

    def said(self) -> str:
        """What it wrote to standard error."""
        self._output.seek(0)
        return self._output.read()

    def close(self) -> None:
        if not self.ended:
            self.kill()
        self._output.close()


@contextmanager
def started(ground: Ground, mode: Mode, directory: Path) -> Iterator[Process]:
    """A sync that has been started; killed at the end of the block if it still runs."""
    process = Process(ground, mode, directory)
    try:
        yield process
    finally:
        process.close()


@contextmanager
def served(
    server: EmbeddedServer, state: Path, template: str, directory: Path, *, keep: Path | None = None
) -> Iterator[Ground]:
    """A copy of both sides, gone afterwards; the sandbox's state goes to `keep`, if given."""
    home = directory / f"kill_{next(_numbers)}"
    copied = Path(shutil.copytree(state, home / "sandbox"))
    world = build_world(seed=1, invoices=1, state=copied)
    next(iter(world.tenants)).book.new_id = seeded_ids(Random(f"{SEED} changes"))
    with (
        copied_database(server, template) as database,
        running_world(world) as sandbox,
        httpx.Client(verify=NO_CERTIFICATES, base_url=sandbox.control, trust_env=False) as control,
    ):
        yield Ground(world, sandbox, settings_for(sandbox, server.url(database), home), DEMO, control)
    if keep is not None:
        copied.rename(keep)
    shutil.rmtree(home)


def first_sync(server: EmbeddedServer, directory: Path) -> Start:
    """An empty warehouse, to be synced whole."""
    state = make_state(directory / "new", SEED)
    ready = directory / "ready"
    with served(server, state, MIGRATED, directory, keep=ready) as ground:
        _let_run(ground)
        for invoice_id, invoice in ground.book.collections["Invoices"].items():
            if abs(invoice.get("DueDate", date.min) - datetime.now(UTC).date()) < _MIDNIGHT:
                fields = {"DueDate": str(invoice["DueDate"] + 2 * _MIDNIGHT)}
                _control(ground, "/xero/first/actions/edit", {"plural": "Invoices", "id": invoice_id, "fields": fields})
    return _measured(server, "full sync", ready, MIGRATED, "full", directory)


def write_back(server: EmbeddedServer, before: Start, directory: Path) -> Start:
    """A warehouse that was in step before people did a great deal in Xero and Salesforce, to be brought up to date."""
    changed = directory / "changed"
    with served(server, before.state, before.database, directory, keep=changed) as ground:
        sync(ground.settings, ground.org, "full")
        database = _copied_quiet(server, ground)
        people = People(ground, Random(SEED))
        for _ in range(_CHANGES):
            people.rng.choice(DEEDS)(people)
    return _measured(server, "write-back", changed, database, "delta", directory)


def _measured(server: EmbeddedServer, name: str, state: Path, database: str, mode: Mode, directory: Path) -> Start:
    with served(server, state, database, directory) as ground, started(ground, mode, directory) as process:
        assert process.wait() == 0, process.said()
        ended, entries = datetime.now(UTC), ground.world.log.entries
        first = next(entry for entry in entries if name == "full sync" or is_write(entry))
        since = datetime.fromisoformat(first.at)
        return Start(
            name,
            state,
            database,
            mode,
            end_state(ground),
            (ended - since).total_seconds(),
            len(entries),
            sum(1 for entry in entries if is_write(entry)),
        )


def is_write(entry: Entry) -> bool:
    """Whether a request asked Salesforce to change something."""
    return entry.path.startswith("/services/data/") and entry.method != "GET"


def freed(ground: Ground) -> bool:
    """Whether every lock of the killed process is free by now, or in a moment."""
    deadline = time.monotonic() + _FREED_WITHIN
    while rows(ground, _LOCKS) != [(0,)]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def rows(ground: Ground, query: str, *values: object) -> list[tuple[object, ...]]:
    """The rows of a query of the test's own."""
    with Warehouse(ground.settings.warehouse_url).connect() as conn:
        return conn.execute(query.encode(), values).fetchall()


def _let_run(ground: Ground) -> None:
    ground.world.clock.run()
    ground.world.clock.set(datetime.now(UTC))


def _control(ground: Ground, path: str, body: dict[str, object]) -> None:
    answer = ground.control.post(path, json=body)
    assert answer.is_success, answer.text


def _copied_quiet(server: EmbeddedServer, ground: Ground) -> str:
    with psycopg.connect(ground.settings.warehouse_url) as conn:
        conn.execute("analyze")
        row = conn.execute("select current_database()").fetchone()
    assert row is not None
    return copy_database(server, row[0])
