"""Dagster's own storage, as a run uses it: events go through one open connection, and no event asks anew what tables there are.

Dagster connects to PostgreSQL anew for every statement, so that processes which live long gather no connections (the storages of
dagster-postgres take SQLAlchemy's NullPool). A run of ours writes some two hundred events and asks as much again; the
connections alone were half of the wall time of an idle window. And with a hundred of them Dagster asks PostgreSQL's catalogue
whether its tables have been migrated, which none is while a run lasts.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import dagster as dg

# Without a limit and never too old, in the terms of SQLAlchemy's pool: what a run opens ends with it.
_NO_LIMIT = -1
_FOREVER = -1
_NO_TIMEOUT = 0

# What Dagster's storage asks the catalogue for: whether there is a table, and whether assets have a column.
_ASKS_OF_TABLES = ("has_table", "_has_asset_key_col_on_connection")

_USED_AT = "xero_pipeline used at"
_LONG_SECONDS = 5.0


@contextmanager
def connected(instance: dg.DagsterInstance | None) -> Iterator[None]:
    """Let the storage of runs and events keep its connections for the block, and be as it was afterwards.

    One that was lost in between is found out before it is used, and replaced the way Dagster connects: five attempts. Does
    nothing to another storage than PostgreSQL, nor where an outer block did it already.
    """
    with ExitStack() as undone:
        for storage in (instance.run_storage, instance.event_log_storage) if instance else ():
            undone.enter_context(_pooled(storage))
        yield


@contextmanager
def _pooled(storage: Any) -> Iterator[None]:
    from sqlalchemy import event
    from sqlalchemy.pool import NullPool

    before = getattr(storage, "_engine", None)
    if not isinstance(getattr(before, "pool", None), NullPool):
        yield
        return
    # What Dagster's webserver does with its storage when it starts.
    storage.optimize_for_webserver(statement_timeout=_NO_TIMEOUT, pool_recycle=_FOREVER, max_overflow=_NO_LIMIT)
    pooled = storage._engine
    if pooled is before:
        yield
        return
    event.listen(pooled, "checkout", _still_there)
    try:
        with _knowing_its_tables(storage):
            yield
    finally:
        storage._engine = before
        pooled.dispose()


@contextmanager
def _knowing_its_tables(storage: Any) -> Iterator[None]:
    asked = {name: _once(getattr(storage, name)) for name in _ASKS_OF_TABLES if hasattr(storage, name)}
    vars(storage).update(asked)
    try:
        yield
    finally:
        for name in asked:
            del vars(storage)[name]


def _once(ask: Callable[..., bool]) -> Callable[..., bool]:
    """The same, asked once for each value of its last argument: a name, which a connection may come before."""
    answers: dict[str, bool] = {}

    def answer(*arguments: Any) -> bool:
        name = arguments[-1]
        if name not in answers:
            answers[name] = ask(*arguments)
        return answers[name]

    return answer


def _still_there(connection: Any, record: Any, proxy: object) -> None:
    """Raises DisconnectionError, upon which the pool connects anew, when the server has ended the connection."""
    from sqlalchemy.exc import DisconnectionError

    now = time.monotonic()
    idle = now - record.info.get(_USED_AT, 0.0)
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
