"""Connections to one warehouse that are used again, as a pooler between the package and PostgreSQL would have it.

A sync opens some seventy connections, and for each of them PostgreSQL starts a process that learns the catalogue anew: more
work, in tests of small organisations, than all that is asked through them. Here a process serves one connection after another,
clean between two.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from xero_pipeline.warehouse.connection import Warehouse, WarehouseConnection

_CLEAN = "close all; reset all; discard temp; select pg_advisory_unlock_all()"


class _Reused(WarehouseConnection):
    """A connection that is handed back when it is closed."""

    idle: list[_Reused] | None = None

    def close(self) -> None:
        if self.closed or self.idle is None:
            super().close()
            return
        try:
            self.rollback()
            self.autocommit = True
            self.execute(_CLEAN, prepare=False)
        except psycopg.Error:
            super().close()
            return
        # What one user of the connection set on how values are read is not the next one's.
        self._adapters = None
        self.idle.append(self)

    def hand_out(self, *, autocommit: bool, purpose: str) -> None:
        """Make it what `Warehouse.connect` would open."""
        name = f"xero_pipeline {purpose}".strip()[:63]
        self.execute("select set_config('application_name', %s, false)", [name])
        self.autocommit = autocommit


@contextmanager
def pooled(url: str) -> Iterator[None]:
    """For the block, `Warehouse.connect` to this database hands out connections that were closed, the newest first."""
    idle: list[_Reused] = []
    ours, opened = Warehouse(url).url, Warehouse.connect

    def connect(warehouse: Warehouse, *, autocommit: bool = False, purpose: str = "") -> WarehouseConnection:
        if warehouse.url != ours:
            return opened(warehouse, autocommit=autocommit, purpose=purpose)
        while idle:
            conn = idle.pop()
            try:
                conn.hand_out(autocommit=autocommit, purpose=purpose)
            except psycopg.Error:
                # The server ended it meanwhile.
                psycopg.Connection.close(conn)
            else:
                return conn
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("xero_pipeline.warehouse.connection.WarehouseConnection", _Reused)
            conn = opened(warehouse, autocommit=autocommit, purpose=purpose)
        assert isinstance(conn, _Reused)
        conn.idle = idle
        return conn

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Warehouse, "connect", connect)
        try:
            yield
        finally:
            for conn in idle:
                psycopg.Connection.close(conn)
