"""Which records are staged just as they arrive, told by their digests, so that nobody reads and compares them again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from psycopg import Connection, sql

from xero_pipeline.warehouse.connection import Warehouse, WarehouseConnection
from xero_pipeline.warehouse.target import Target

_UNCHANGED = sql.SQL("""
SELECT arrived.place - 1
FROM unnest(%(ids)s::text[], %(digests)s::uuid[]) WITH ORDINALITY AS arrived (record_id, digest, place)
INNER JOIN {table} AS stored ON stored.org_id = %(org_id)s AND stored.{record} = arrived.record_id
WHERE stored.digest = arrived.digest AND stored.vanished_at IS NULL
""")

# Whoever else changes what is staged makes the digests of it void (migration 0005), and the next full load looks again.
_OURS = "SELECT set_config('xero_pipeline.loading', 'on', true)"


def keep_digests(conn: Connection) -> None:
    """What this transaction changes from here on is as Xero sent it, or nothing that Xero sends."""
    conn.execute(_OURS)


class Unchanged:
    """Asks a table of records of one organisation. Threads may share it: psycopg lets one ask at a time."""

    def __init__(self, conn: WarehouseConnection, table: str, org_id: str) -> None:
        self._conn = conn
        self._statement = _UNCHANGED.format(**Target.of(table).names)
        self._org_id = org_id

    def __call__(self, ids: Sequence[str], digests: Sequence[str]) -> Collection[int]:
        """The places, from 0, of the ids whose record has the digest beside it. Raises Transient or Permanent."""
        bind = {"org_id": self._org_id, "ids": list(ids), "digests": list(digests)}
        return {place for (place,) in self._conn.execute(self._statement, bind)}


@contextmanager
def unchanged_records(warehouse: Warehouse, table: str, org_id: str) -> Iterator[Unchanged]:
    """Answers from what was committed before, for the block."""
    with warehouse.connect(autocommit=True, purpose=f"unchanged {table}") as conn:
        yield Unchanged(conn, table, org_id)
