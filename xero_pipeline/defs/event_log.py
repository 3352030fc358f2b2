"""Dagster's event log in PostgreSQL, many events a statement.

A step tells what it did in a dozen events within a few milliseconds, and dagster-postgres spends up to eight statements on
each: two on the event, of which one tells listeners that Dagster no longer has, and the rest on what is kept of the latest of
its asset or check.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakMethod

from dagster import DagsterEventType, EventLogEntry
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS
from dagster._core.storage.event_log import AssetKeyTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.migration import ASSET_KEY_INDEX_COLS
from dagster_postgres import PostgresEventLogStorage
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

# What a step tells on its way. Nobody acts on one of these alone, and others follow at once.
_MAY_WAIT = {
    DagsterEventType.ENGINE_EVENT,
    DagsterEventType.RESOURCE_INIT_STARTED,
    DagsterEventType.RESOURCE_INIT_SUCCESS,
    DagsterEventType.LOGS_CAPTURED,
    DagsterEventType.STEP_START,
    DagsterEventType.STEP_OUTPUT,
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.ASSET_CHECK_EVALUATION,
    DagsterEventType.STEP_SUCCESS,
}
_WAIT_SECONDS = 0.1

_STORE = SqlEventLogStorageTable.insert().returning(SqlEventLogStorageTable.c.id, sort_by_parameter_order=True)


class EventLog(PostgresEventLogStorage):
    """The events of a step wait for each other, at most a tenth of a second, and are stored in one transaction.

    They wait for nothing else: who asks this storage anything is told of all that came before, and a failure, a plan or the
    state of a run is stored at once, after what waited. A process that is killed loses what waited, as if it had been killed
    that much earlier.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        self._together = threading.local()
        self._expect_nothing()
        forget = WeakMethod(self._expect_nothing)
        os.register_at_fork(after_in_child=lambda: (still_there := forget()) and still_there())
        super().__init__(*arguments, **settings)

    def _expect_nothing(self) -> None:
        """As it begins, and as it is in a process that was forked: what waits is its parent's to store."""
        self._waiting: list[EventLogEntry] = []
        self._writing = threading.RLock()
        self._watching: threading.Thread | None = None
        self._disposed = threading.Event()

    def store_event(self, event: EventLogEntry) -> None:
        with self._writing:
            self._waiting.append(event)
            if not _is_of(event, _MAY_WAIT) or self._disposed.is_set():
                self._write()
            elif not self._watching:
                self._watching = threading.Thread(target=self._watch, name="events")
                self._watching.start()

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """All of them or none, in one transaction: where this fails Dagster stores them once more, one by one."""
        with self._writing:
            self._write()
            self._store([event for event in events if not event.get_dagster_event().is_asset_failed_to_materialize])

    def dispose(self) -> None:
        self._disposed.set()
        with self._writing:
            self._write()
        super().dispose()

    def _write(self) -> None:
        """Store what waits; where that fails one by one, so that no event is lost for the sake of another.

        Raises what the first of those met that could not be stored.
        """
        events, self._waiting = self._waiting, []
        try:
            self._store(events)
        except Exception:
            if failed := [error for event in events if (error := self._failure_of(event))]:
                raise failed[0] from None

    def _watch(self) -> None:
        """Every tenth of a second, as long as events come, store what waits."""
        while not self._disposed.wait(_WAIT_SECONDS):
            with self._writing:
                # Where storing fails they go on waiting, for whoever stores or asks next and can be told.
                if not self._waiting or self._failure_of(*self._waiting):
                    self._watching = None
                    return
                self._waiting.clear()

    def _failure_of(self, *events: EventLogEntry) -> Exception | None:
        try:
            self._store(events)
        except Exception as error:
            return error
        return None

    def _store(self, events: Sequence[EventLogEntry]) -> None:
        if not events:
            return
        with self._transaction() as conn:
            ids = conn.execute(_STORE, [self._event_to_row(event) for event in events]).scalars().all()
            of_assets = [(event, at) for event, at in zip(events, ids, strict=True) if _is_of(event, ASSET_EVENTS)]
            if of_assets:
                self._store_asset_event_tags(conn, *zip(*of_assets, strict=True))
                self._keep_latest(conn, of_assets)
            for event, at in zip(events, ids, strict=True):
                if _is_of(event, ASSET_CHECK_EVENTS):
                    self.store_asset_check_event(event, at)

    def _keep_latest(self, conn: Connection, events: Sequence[tuple[EventLogEntry, int]]) -> None:
        """What Dagster's table of assets says of the last event about each, as if one had been stored after the other."""
        indexed = self.has_secondary_index(ASSET_KEY_INDEX_COLS)
        latest: dict[str, dict[str, Any]] = {}
        for event, at in events:
            if asset := event.get_dagster_event().asset_key:
                latest.setdefault(asset.to_string(), {}).update(self._get_asset_entry_values(event, at, indexed))
        columns = sorted({column for values in latest.values() for column in values})
        # In one order, or two runs could wait for each other's assets.
        rows = [
            {"asset_key": name, **{column: latest[name].get(column) for column in columns}} for name in sorted(latest)
        ]
        new, key = insert(AssetKeyTable), [AssetKeyTable.c.asset_key]
        told = {column: func.coalesce(new.excluded[column], AssetKeyTable.c[column]) for column in columns}
        upsert = new.on_conflict_do_update(index_elements=key, set_=told) if told else new.on_conflict_do_nothing()
        conn.execute(upsert, rows)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with super()._connect() as conn, conn.execution_options(isolation_level="READ COMMITTED").begin():
            self._together.conn = conn
            try:
                yield conn
            finally:
                del self._together.conn

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        """A connection for a block, which within a transaction is that of the transaction; else what waits is stored before."""
        if hasattr(self._together, "conn"):
            yield self._together.conn
            return
        with self._writing:
            self._write()
        with super()._connect() as conn:
            yield conn


def _is_of(event: EventLogEntry, types: set[DagsterEventType]) -> bool:
    return event.is_dagster_event and event.dagster_event_type in types
