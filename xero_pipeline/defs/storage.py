"""Dagster's own storage, as a run uses it: events go through one open connection, not through a new one each.

Dagster connects to PostgreSQL anew for every statement, so that processes which live long gather no connections (the storages of
dagster-postgres take SQLAlchemy's NullPool). A run of ours writes some two hundred events and asks as much again; the
connections alone were half of the wall time of an idle window.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import dagster as dg

# Without a limit and never too old, in the terms of SQLAlchemy's pool: what a run opens ends with it.
_NO_LIMIT = -1
_FOREVER = -1
_NO_TIMEOUT = 0

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
        yield
    finally:
        storage._engine = before
        pooled.dispose()


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
