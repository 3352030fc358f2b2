"""A real PostgreSQL for every test that asks for one: `database_url`, a fresh migrated database, and its `warehouse`.

Every worker of a parallel run has a server of its own, so no worker waits for another's and none can stop it; databases
are copied from a migrated template (databases.py).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import hypothesis
import psycopg
import pytest

from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.databases import MIGRATED, copied_database
from xero_pipeline_tests.homes import temporary_home
from xero_pipeline_tests.memory import keep_temporary_files

keep_temporary_files()

# How long an example takes says more of the machine than of the code, and the examples share what their test's fixtures made.
_UNHURRIED = {
    "deadline": None,
    "suppress_health_check": [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
}
# The same examples in every run, so that no run fails on one that nobody has seen; `make examples` looks for such.
hypothesis.settings.register_profile("repeatable", derandomize=True, **_UNHURRIED)
hypothesis.settings.register_profile("random", print_blob=True, **_UNHURRIED)
hypothesis.settings.load_profile(os.environ.get("XERO_PIPELINE_HYPOTHESIS", "repeatable"))

# A test's data need not survive the machine, and is gone before autovacuum could do it any good.
_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "autovacuum": "off",
}


def pytest_collection_finish() -> None:
    """What was imported by now stays, and need not be looked through for garbage again and again."""
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedServer]:
    """The server of this worker, with a migrated template database."""
    with temporary_home() as home, EmbeddedServer(home, settings=_FAST) as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {MIGRATED}".encode())
        Warehouse(server.url(MIGRATED)).migrate()
        yield server


@pytest.fixture
def empty_database_url(postgres: EmbeddedServer) -> Iterator[str]:
    """A database with nothing in it, dropped after the test."""
    with copied_database(postgres, "template1") as name:
        yield postgres.url(name)


@pytest.fixture
def database_url(postgres: EmbeddedServer) -> Iterator[str]:
    """A migrated database without a row, dropped after the test."""
    with copied_database(postgres, MIGRATED) as name:
        yield postgres.url(name)


@pytest.fixture
def warehouse(database_url: str) -> Warehouse:
    """The same database, as the package reaches it."""
    return Warehouse(database_url)
