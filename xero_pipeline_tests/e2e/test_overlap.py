"""Two syncs of one organisation never overlap, however each was started; those of two organisations do."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import psycopg
import pytest
from psycopg import sql

from xero_pipeline.domain.errors import AlreadyRunning
from xero_pipeline.stages.plan import Stage
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import utc_now
from xero_pipeline.stages.sync import sync
from xero_pipeline.warehouse import locks
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.databases import MIGRATED, copied_database, copy_database
from xero_pipeline_tests.e2e.faults_bench import READS, Bench, environment_of, orgs_file, settings_for, small_world
from xero_pipeline_tests.e2e.faults_gate import closed_gate
from xero_pipeline_tests.e2e.faults_starters import KINDS, STARTERS, shell_command
from xero_pipeline_tests.e2e.faults_web_app import connect

SECONDS = 60
LOCK = f"{SECONDS}s"
OTHER = READS.model_copy(update={"alias": "other"})
OVERLAPPING = """
select one.run_id, other.run_id
from sync.runs as one
inner join sync.runs as other on one.alias = other.alias and one.run_id < other.run_id
where tstzrange(one.started_at, one.ended_at) && tstzrange(other.started_at, other.ended_at)
"""


@pytest.fixture(scope="module")
def database(postgres: EmbeddedServer) -> str:
    """What `synced_pair` syncs into, to be copied."""
    return copy_database(postgres, MIGRATED)


@pytest.fixture(scope="module")
def synced_pair(postgres: EmbeddedServer, database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Two organisations of one sandbox, connected by one web app and synced once."""
    home = tmp_path_factory.mktemp("overlap")
    with small_world(organisations=2, real_time=True) as (world, sandbox):
        app = next(app for app in world.identity.apps.values() if not app.custom)
        web_app = {"XERO_CLIENT_ID": app.client_id, "XERO_CLIENT_SECRET": app.client_secret}
        orgs = str(orgs_file(home / "orgs.yaml", READS, OTHER))
        more = {**web_app, "XERO_PIPELINE_ORGS": orgs, "XERO_PIPELINE_SECRET_KEY": "a-key-of-the-tests"}
        settings = settings_for(sandbox, postgres.url(database), home, **more)
        for org, tenant in zip((READS, OTHER), world.tenants, strict=True):
            connect(settings, org, tenant.tenant_id, tenant.name)
            sync(settings, org)
        yield Bench(world, sandbox, settings, READS, None)  # type: ignore[arg-type]


@pytest.fixture
def bench(synced_pair: Bench, database: str, postgres: EmbeddedServer) -> Iterator[Bench]:
    """The two organisations with a database of the test's own."""
    with copied_database(postgres, database) as name:
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as conn:
            # A sync that should have been refused must not stand before the gate for ever.
            limited = sql.SQL("ALTER DATABASE {} SET lock_timeout = {}")
            conn.execute(limited.format(sql.Identifier(name), sql.Literal(LOCK)))
        yield synced_pair.other(warehouse_url=postgres.url(name))


@pytest.mark.parametrize("holder", STARTERS)
def test_while_one_sync_runs_every_other_is_refused_and_changes_nothing(bench: Bench, holder: str) -> None:
    # An idle sync need not look at the table at all.
    bench.edit("Contacts", bench.ids("Contacts")[0], EmailAddress=f"{holder.replace(' ', '-')}@example.com")
    with ThreadPoolExecutor(1) as pool, closed_gate(bench.warehouse, "xero.contacts") as gate:
        held = pool.submit(STARTERS[holder], bench)
        gate.wait_for_somebody()
        ((run_id, kind),) = bench.rows("select run_id, kind from sync.runs where outcome = 'running'")
        assert kind == KINDS[holder]
        before = gate.digest()
        bench.world.log.clear()
        for name, start in STARTERS.items():
            refused = start(bench)
            assert refused.code == 3, (name, refused.said)
            assert f"demo is being synced already by a {kind} sync (run {run_id}, started" in refused.said
            assert "Nothing was changed; try again when it has ended." in refused.said
            assert gate.digest() == before, name
            assert bench.requests("/") == [], name
        gate.open()
        ended = held.result(SECONDS)
    assert ended.code == 0, ended.said
    assert bench.rows("select outcome from sync.runs where run_id = %s", run_id) == [("succeeded",)]
    assert bench.rows(OVERLAPPING) == []


def test_a_refusal_in_the_shell_is_one_sentence(bench: Bench) -> None:
    with locks.org_lock(bench.warehouse, "demo", kind="scheduled", run_id="1234"):
        refused = STARTERS["shell"](bench)
    assert refused.code == 3
    (sentence,) = refused.said.splitlines()
    assert sentence.startswith("Error: demo is being synced already by a scheduled sync (run 1234, started ")


def test_a_run_begins_when_it_holds_the_lock_and_not_before(bench: Bench) -> None:
    holders: list[bool] = []

    def clock() -> datetime:
        holders.append(locks.who_holds(bench.warehouse, "demo") is not None)
        return utc_now()

    sync(bench.settings, READS, "rollups", clock=clock)
    assert all(holders)


def test_syncs_that_start_at_the_same_moment_run_one_at_a_time(bench: Bench) -> None:
    start = threading.Barrier(4)

    def contend() -> bool:
        start.wait(SECONDS)
        try:
            sync(bench.settings, READS, "rollups")
        except AlreadyRunning:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda _: contend(), range(4)))
    assert any(ended)
    assert bench.rows("select count(*) from sync.runs where mode = 'rollups'") == [(sum(ended),)]
    assert bench.rows(OVERLAPPING) == []


def test_two_organisations_are_synced_at_the_same_time(bench: Bench) -> None:
    half_way, go_on = threading.Event(), threading.Event()

    def pause(stage: Stage, report: StageReport | None) -> None:
        if stage.name == "invoices" and report is None:
            half_way.set()
            go_on.wait(SECONDS)

    with ThreadPoolExecutor(1) as pool:
        demo = pool.submit(lambda: sync(bench.settings, READS, progress=pause))
        try:
            assert half_way.wait(SECONDS)
            other = sync(bench.settings, OTHER)
            assert not demo.done()
        finally:
            go_on.set()
        run_id = demo.result(SECONDS).run_id
    span = "select tstzrange(started_at, ended_at) from sync.runs where run_id = %s"
    ((within,),) = bench.rows(f"select ({span}) @> ({span})", run_id, other.run_id)
    assert within
    assert bench.rows("select count(distinct org_id) from sync.runs where outcome = 'succeeded'") == [(2,)]


def test_a_killed_sync_frees_its_organisation_at_once_and_the_next_one_says_that_it_died(bench: Bench) -> None:
    with closed_gate(bench.warehouse, "xero.contacts") as gate:
        process = subprocess.Popen(
            shell_command("demo"),
            env=environment_of(bench.settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        gate.wait_for_somebody()
        assert locks.who_holds(bench.warehouse, "demo") is not None
        process.kill()
        process.wait()
        assert _free_within(bench.warehouse, seconds=2)
    ((dead,),) = bench.rows("select run_id from sync.runs where outcome = 'running'")
    done = sync(bench.settings, READS)
    assert bench.rows("select outcome, error from sync.runs where run_id = %s", dead) == [
        ("failed", "Its process ended without saying how: it was killed or crashed.")
    ]
    assert bench.rows("select outcome from sync.runs where run_id = %s", done.run_id) == [("succeeded",)]
    assert bench.rows(OVERLAPPING) == []


def _free_within(warehouse: Warehouse, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while locks.who_holds(warehouse, "demo") is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
