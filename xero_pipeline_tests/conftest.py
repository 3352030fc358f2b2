"""A real PostgreSQL for every test that asks for one: `database_url`, a fresh migrated database, and its `warehouse`.

Every worker of a parallel run has a server of its own, so no worker waits for another's and none can stop it; databases
are copied from a migrated template, which takes some 30 ms.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count

import hypothesis
import psycopg
import pytest
from psycopg import sql

from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.homes import temporary_home

# How long an example takes says more of the machine than of the code, and the examples share what their test's fixtures made.
_UNHURRIED = {
    "deadline": None,
    "suppress_health_check": [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
}
# The same examples in every run, so that no run fails on one that nobody has seen; `make examples` looks for such.
hypothesis.settings.register_profile("repeatable", derandomize=True, **_UNHURRIED)
hypothesis.settings.register_profile("random", print_blob=True, **_UNHURRIED)
hypothesis.settings.load_profile(os.environ.get("XERO_PIPELINE_HYPOTHESIS", "repeatable"))

_TEMPLATE = "migrated"
_numbers = count(1)

# A test's data need not survive the machine.
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB"}


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedServer]:
    """The server of this worker, with a migrated template database."""
    with temporary_home() as home, EmbeddedServer(home, settings=_FAST) as server:
        with psycopg.connect(server.url("postgres"), autocommit=True) as conn:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
        Warehouse(server.url(_TEMPLATE)).migrate()
        yield server


@pytest.fixture
def empty_database_url(postgres: EmbeddedServer) -> Iterator[str]:
    """A database with nothing in it, dropped after the test."""
    yield from _database(postgres, "template1")


@pytest.fixture
def database_url(postgres: EmbeddedServer) -> Iterator[str]:
    """A migrated database without a row, dropped after the test."""
    yield from _database(postgres, _TEMPLATE)


@pytest.fixture
def warehouse(database_url: str) -> Warehouse:
    """The same database, as the package reaches it."""
    return Warehouse(database_url)


def _database(server: EmbeddedServer, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    parts = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    with psycopg.connect(server.url("postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY").format(**parts))
    yield server.url(name)
    with psycopg.connect(server.url("postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**parts))
