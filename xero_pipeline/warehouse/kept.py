"""The warehouse of one run, whose connections serve block after block.

A new connection costs both sides more than what an idle stage asks of it, for its server process starts without having looked
at a single table, and an idle window made eighty of them.
"""

from __future__ import annotations

from types import TracebackType

import psycopg
from psycopg import sql

from xero_pipeline.warehouse.connection import Warehouse, WarehouseConnection, shown_name

# Whatever a block may have left in its session goes, and a connection that was lost meanwhile is found out.
_ANEW = sql.SQL("CLOSE ALL; RESET ALL; SET application_name = {name}")


class KeptWarehouse(Warehouse):
    """A warehouse that keeps the connections of its blocks for the next ones, as long as its own `with` block lasts.

    Between blocks they are idle and never in a transaction, so nothing is held back while a run waits for Xero. One whose
    block ended with an error is closed, and one that the server ended meanwhile is replaced. Blocks may overlap, in threads
    too: each has a connection to itself.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._idle: list[WarehouseConnection] = []
        self._is_open = False

    def __enter__(self) -> KeptWarehouse:
        self._is_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        while self._idle:
            self._idle.pop().close()

    def connect(self, *, autocommit: bool = False, purpose: str = "") -> WarehouseConnection:
        """A connection for a block, one that is kept if there is any. Raises as the warehouse's own does."""
        while self._idle:
            conn = self._idle.pop()
            try:
                # Outside of a transaction, or the block would be idle in one until it says something itself.
                conn.autocommit = True
                conn.execute(_ANEW.format(name=sql.Literal(shown_name(purpose))))
                conn.autocommit = autocommit
            except psycopg.Error:
                conn.close()
            else:
                return conn
        conn = super().connect(autocommit=autocommit, purpose=purpose)
        conn.take_back = self._take_back
        return conn

    def _take_back(self, conn: WarehouseConnection) -> None:
        if self._is_open:
            self._idle.append(conn)
        else:
            conn.close()
