"""Fixtures of the tests that break a sync: `bench`, on a sandbox that all of them share, and `own_bench`, on its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from xero_pipeline.sandbox.server import Sandbox
from xero_pipeline.sandbox.world import World
from xero_pipeline.stages.sync import sync
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.databases import MIGRATED, copied_database, copy_database
from xero_pipeline_tests.e2e.faults_bench import (
    READS,
    WRITES,
    Bench,
    Contents,
    contents_of,
    settings_for,
    small_world,
)


@pytest.fixture(scope="session")
def shared_world() -> Iterator[tuple[World, Sandbox]]:
    """The sandbox of all tests that write nothing to it."""
    with small_world() as served:
        yield served


@pytest.fixture(scope="session")
def faultless(
    shared_world: tuple[World, Sandbox], postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Contents:
    """What the warehouse holds after a sync that nothing disturbed."""
    world, sandbox = shared_world
    home = tmp_path_factory.mktemp("faultless")
    settings = settings_for(sandbox, postgres.url(), home)
    Warehouse(settings.warehouse_url).migrate()
    sync(settings, READS, clock=world.clock.now)
    return contents_of(Warehouse(settings.warehouse_url))


@pytest.fixture
def bench(
    shared_world: tuple[World, Sandbox],
    faultless: Contents,
    database_url: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Bench]:
    """The shared sandbox and a database without a row."""
    world, sandbox = shared_world
    world.log.clear()
    yield Bench(world, sandbox, settings_for(sandbox, database_url, tmp_path), READS, caplog, faultless)
    world.faults.rules.clear()


@pytest.fixture(scope="session")
def synced(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with the state of a sandbox in it, and the name of the database that was synced from it."""
    home, database = tmp_path_factory.mktemp("synced"), copy_database(postgres, MIGRATED)
    with small_world(state=home / "sandbox") as (world, sandbox):
        settings = settings_for(sandbox, postgres.url(database), home)
        sync(settings, WRITES, clock=world.clock.now)
    return home, database


@pytest.fixture
def own_bench(
    synced: tuple[Path, str], postgres: EmbeddedServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[Bench]:
    """A sandbox of the test's own, which it may change, and a database in step with it; writing back is switched on."""
    home, template = synced
    shutil.copytree(home, tmp_path / "home")
    with (
        copied_database(postgres, template) as database,
        small_world(state=tmp_path / "home" / "sandbox") as (world, sandbox),
    ):
        yield Bench(world, sandbox, settings_for(sandbox, postgres.url(database), tmp_path / "home"), WRITES, caplog)
