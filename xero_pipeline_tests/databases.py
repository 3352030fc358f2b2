"""Databases of a test server, copied from a template and dropped again; a copy takes some 10 ms in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
from psycopg import sql

from xero_pipeline.warehouse.embedded import EmbeddedServer

# Migrated, and without a row: what `postgres` of conftest.py makes first.
MIGRATED = "migrated"
# Of PostgreSQL's two ways the cheaper one, as long as a checkpoint is: nothing is ever forced to a disk here.
_COPY = "CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
_DROP = "DROP DATABASE {name} WITH (FORCE)"

_numbers = count(1)


def copy_database(server: EmbeddedServer, template: str) -> str:
    """Make a database like another one, which nobody may be connected to; its name."""
    name = f"test_{next(_numbers)}"
    _run(server, _COPY, name=name, template=template)
    return name


@contextmanager
def copied_database(server: EmbeddedServer, template: str) -> Iterator[str]:
    """The same for as long as a block runs: dropped afterwards, whoever is connected to it."""
    name = copy_database(server, template)
    yield name
    _run(server, _DROP, name=name)


def _run(server: EmbeddedServer, statement: str, **names: str) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL(statement).format(**{part: sql.Identifier(name) for part, name in names.items()}))
