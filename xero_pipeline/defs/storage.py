"""Dagster's own storage in PostgreSQL, as dagster.yaml names it: through a connection that stays open, and no event asks anew
what tables there are.

dagster-postgres connects anew for every statement, so that processes which live long gather no connections (its storages take
SQLAlchemy's NullPool). To create a run of ours and to store its events takes some four hundred statements, and the
connections alone were more than the work of an idle window. And with a hundred of them Dagster asks PostgreSQL's catalogue
whether its tables have been migrated.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from dagster import DagsterInstance
from dagster._config.config_schema import UserConfigSchema
from dagster._core.storage.base_storage import DagsterStorage
from dagster._serdes import ConfigurableClass, ConfigurableClassData
from dagster_postgres import PostgresRunStorage, PostgresScheduleStorage
from dagster_postgres.utils import create_pg_engine, get_token_provider_from_config, pg_config, pg_url_from_config
from sqlalchemy import event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DisconnectionError

from xero_pipeline.defs.event_log import EventLog

# What an instance keeps open between two statements: Dagster asks some questions while it answers another. Threads that ask at
# the same time open more and close them again, as many as they need: with a limit they could wait for each other.
_KEPT = 2
_NO_LIMIT = -1

_USED_AT = "xero_pipeline used at"
_OPENED_BY = "xero_pipeline opened by"
_LONG_SECONDS = 5.0


def _until_yes(ask: Callable[..., bool]) -> Callable[..., bool]:
    """The same question of a storage, not asked again once the answer was yes: a table or column that is there stays.

    What it is about is the last argument, if any; a connection may come before.
    """

    @wraps(ask)
    def answer(storage: Any, *arguments: Any) -> bool:
        known: set[tuple[str, ...]] = vars(storage).setdefault("_answered_yes", set())
        question = (ask.__name__, *arguments[-1:])
        if question not in known and ask(storage, *arguments):
            known.add(question)
        return question in known

    return answer


# SQLAlchemy's inspector, which Dagster asks, reads everything about every column: forty milliseconds.
_HAS_COLUMN = text(
    "select 1 from pg_catalog.pg_attribute"
    " where attrelid = to_regclass(:table) and attname = :column and attnum > 0 and not attisdropped"
)


def _has_column(conn: Connection, table: str, column: str) -> bool:
    return conn.scalar(_HAS_COLUMN, {"table": table, "column": column}) is not None


class _Kept:
    """What the three storages do otherwise: their connections come from a pool that is given to them, and that goes with them."""

    _engine: Engine

    def keep(self, engine: Engine) -> None:
        self._engine = engine

    def optimize_for_webserver(self, statement_timeout: int, pool_recycle: int, max_overflow: int) -> None:
        super().optimize_for_webserver(statement_timeout, pool_recycle, max_overflow)  # type: ignore[misc]
        event.listen(self._engine, "checkout", _still_there)

    def dispose(self) -> None:
        super().dispose()  # type: ignore[misc]
        self._engine.dispose()


class _Runs(_Kept, PostgresRunStorage):
    @_until_yes
    def has_run_stats_index_cols(self) -> bool:
        with self.connect() as conn:
            return all(_has_column(conn, "runs", column) for column in ("start_time", "end_time"))

    @_until_yes
    def has_backfill_id_column(self) -> bool:
        with self.connect() as conn:
            return _has_column(conn, "runs", "backfill_id")


class _Events(_Kept, EventLog):
    has_table = _until_yes(EventLog.has_table)

    @_until_yes
    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        return _has_column(conn, "asset_keys", column_name)


class _Schedules(_Kept, PostgresScheduleStorage):
    pass


class PooledPostgresStorage(DagsterStorage[DagsterInstance], ConfigurableClass):
    """The storages of dagster-postgres, with its settings, on one pool of connections that keeps two of them open.

    It goes with the instance. One that was lost in between is found out before it is used, and replaced the way Dagster
    connects: five attempts. A process that was forked opens its own. The webserver makes pools of its own in its place, with a
    limit on how long a statement may take.
    """

    def __init__(self, inst_data: ConfigurableClassData | None, config: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._inst_data = inst_data
        url, creates = pg_url_from_config(config), config.get("should_autocreate_tables", True)
        token_provider = get_token_provider_from_config(config)
        self._runs = _Runs(url, creates, token_provider=token_provider)
        self._events = _Events(url, creates, token_provider=token_provider)
        self._schedules = _Schedules(url, creates, token_provider=token_provider)
        pool = {"pool_size": _KEPT, "max_overflow": _NO_LIMIT, "pool_use_lifo": True}
        # Nothing of Dagster's is an hstore, and each new connection would ask what that is here.
        engine = create_pg_engine(url, token_provider, isolation_level="AUTOCOMMIT", use_native_hstore=False, **pool)
        event.listen(engine, "checkout", _still_there)
        for storage in (self._runs, self._events, self._schedules):
            storage.keep(engine)

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        return self._inst_data

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return pg_config()

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PooledPostgresStorage:
        return cls(inst_data, config_value)

    @property
    def run_storage(self) -> PostgresRunStorage:
        return self._runs

    @property
    def event_log_storage(self) -> EventLog:
        return self._events

    @property
    def schedule_storage(self) -> PostgresScheduleStorage:
        return self._schedules


def _still_there(connection: Any, record: Any, proxy: Any) -> None:
    """Raises DisconnectionError, upon which the pool connects anew, when the connection is not ours or the server ended it."""
    if record.info.setdefault(_OPENED_BY, os.getpid()) != os.getpid():
        # Dropped and not closed, for closing would say goodbye to the server in the name of the process that goes on using it.
        record.dbapi_connection = proxy.dbapi_connection = None
        raise DisconnectionError
    now = time.monotonic()
    idle = now - record.info.get(_USED_AT, now)
    record.info[_USED_AT] = now
    # A server that ends a connection says so, and what it said waits to be read. Only one that nobody used for long may be gone
    # without a word, forgotten by something on the way.
    said = select.poll()
    said.register(connection.fileno(), select.POLLIN)
    if idle < _LONG_SECONDS and not said.poll(0):
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except connection.Error:
        raise DisconnectionError from None
