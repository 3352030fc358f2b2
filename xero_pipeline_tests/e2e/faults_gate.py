"""A gate in the middle of a sync: a table that nobody may write to until the test lets them.

A sync that reaches the table waits there, as a real one waits for a slow server, with its lock held and its run under way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from xero_pipeline.warehouse.connection import Warehouse

SECONDS = 60
POLL = 0.02
# Everything in the warehouse, as a digest a table: what a sync that is refused must leave as it is.
_TABLES = """
select format('%I.%I', schemaname, tablename)
from pg_tables
where schemaname in ('xero', 'salesforce', 'analytics', 'sync')
"""
_WAITING = """
select count(*)
from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'relation'
"""


class Gate:
    """A gate that is closed; syncs that want to write to its table wait."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn
        self._open = False

    def wait_for_somebody(self) -> None:
        """Until a sync stands before the gate."""
        deadline = time.monotonic() + SECONDS
        while not self._waiting():
            assert time.monotonic() < deadline, "no sync reached the gate"
            time.sleep(POLL)

    def _waiting(self) -> int:
        # What pg_stat_activity shows is kept until the end of a transaction, and this one lasts as long as the gate.
        self._conn.execute("select pg_stat_clear_snapshot()")
        row = self._conn.execute(_WAITING).fetchone()
        return row[0] if row else 0

    def digest(self) -> dict[str, str]:
        """Every table of the warehouse as it is committed now, a digest each."""
        found: dict[str, str] = {}
        for (name,) in self._conn.execute(_TABLES).fetchall():
            query = sql.SQL("select coalesce(md5(string_agg(each::text, ',' order by each::text)), '') from {} as each")
            row = self._conn.execute(query.format(sql.Identifier(*name.split(".")))).fetchone()
            found[name] = row[0] if row else ""
        return found

    def open(self) -> None:
        """Let everybody through."""
        self._conn.rollback()


@contextmanager
def closed_gate(warehouse: Warehouse, table: str) -> Iterator[Gate]:
    """A gate before a table, opened at the end of the block at the latest."""
    with psycopg.connect(warehouse.url) as conn:
        conn.execute(sql.SQL("lock table {} in access exclusive mode").format(sql.Identifier(*table.split("."))))
        gate = Gate(conn)
        try:
            yield gate
        finally:
            gate.open()
