"""One sync of an organisation at a time, everywhere: advisory locks of PostgreSQL, held by a connection of their own.

The server frees a lock when its connection ends, so a killed process never leaves one behind. Dagster's run queue keeps
runs apart too, but not ad-hoc materializations and not the command line (dagster.md, fact 7).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection, errors, sql

from xero_pipeline.domain.errors import AlreadyRunning, Transient
from xero_pipeline.warehouse.connection import Warehouse, translated

# The first half of every key of ours ("xero"), so that no other program's locks in the database are met.
_SPACE = 0x7865726F
_TRY = "SELECT pg_try_advisory_lock(%(space)s, hashtext(%(name)s))"
_WAIT = "SELECT pg_advisory_lock(%(space)s, hashtext(%(name)s))"
# A dead machine's connection is noticed after a minute, not after the two hours of TCP's defaults.
_NOTICE_DEATH = (
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; "
    "SET idle_session_timeout = 0"
)
# The lock tells which process holds it, and the runs table what that process is doing.
_WHO = """
WITH holder AS (
    SELECT activity.application_name, activity.backend_start
    FROM pg_locks AS locks
    INNER JOIN pg_stat_activity AS activity USING (pid)
    WHERE
        locks.locktype = 'advisory'
        AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND locks.classid = %(space)s
        AND locks.objid = (hashtext(%(name)s)::bigint & 4294967295)::oid
        AND locks.objsubid = 2
        AND locks.granted
    LIMIT 1
),

running AS (
    SELECT run_id, kind, started_at, stage
    FROM sync.runs
    WHERE alias = %(alias)s AND outcome = 'running'
    ORDER BY started_at DESC
    LIMIT 1
)

SELECT running.kind, running.run_id, coalesce(running.started_at, holder.backend_start), running.stage, holder.application_name
FROM holder
LEFT JOIN running ON holder.application_name IS NULL OR holder.application_name LIKE '%%' || running.run_id
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an organisation's lock: the kind and id of the run, when it started (aware UTC), the stage it has reached."""

    kind: str
    run_id: str
    started_at: datetime
    stage: str | None = None

    def __str__(self) -> str:
        stage = f", now at {self.stage}" if self.stage else ""
        return f"a {self.kind} sync (run {self.run_id}, started {self.started_at:%Y-%m-%d %H:%M:%S} UTC{stage})"


@contextmanager
def org_lock(warehouse: Warehouse, alias: str, *, kind: str, run_id: str) -> Iterator[OrgLock]:
    """Hold the lock of an organisation for as long as the block runs.

    Raises AlreadyRunning at once, naming the holder, when another process or thread has it.
    """
    with _session(warehouse, f"{kind} {run_id}") as conn:
        row = conn.execute(_TRY, _bind(alias)).fetchone()
        if row is None or not row[0]:
            holder = _find(conn, alias)
            raise AlreadyRunning(
                f"{alias} is being synced already by {holder or 'a run that is just starting or ending'}."
            )
        yield OrgLock(conn, alias)


class OrgLock:
    """An organisation's lock while it is held."""

    def __init__(self, conn: Connection, alias: str) -> None:
        self._conn = conn
        self._alias = alias

    def check(self) -> None:
        """Make sure the lock is still held. Raises Transient when its connection was lost, and the lock with it."""
        try:
            self._conn.execute("SELECT 1")
        except errors.OperationalError as error:
            raise Transient(f"The connection that held the lock of {self._alias} was lost.") from error


def who_holds(warehouse: Warehouse, alias: str) -> Holder | None:
    """Who holds an organisation's lock, without taking it; None when it is free."""
    with warehouse.connect(autocommit=True) as conn:
        return _find(conn, alias)


@contextmanager
def shared_lock(warehouse: Warehouse, name: str, *, timeout: float) -> Iterator[None]:
    """Hold a lock on something that organisations share, such as the Salesforce org; wait for it at most `timeout` seconds.

    Raises Transient when it is not free by then. Not reentrant: a thread that holds it would wait for itself.
    """
    with _session(warehouse, f"shared {name}") as conn:
        limit = sql.SQL("SET lock_timeout = {}").format(sql.Literal(max(1, int(timeout * 1000))))
        conn.execute(limit)
        try:
            conn.execute(_WAIT, {"space": _SPACE, "name": f"shared {name}"})
        except errors.LockNotAvailable:
            raise Transient(f"Another sync was busy with {name} for more than {timeout:g} seconds.") from None
        yield


@contextmanager
def _session(warehouse: Warehouse, purpose: str) -> Iterator[Connection]:
    """A connection that is idle between statements, never in a transaction, which would hold back vacuum."""
    conn = warehouse.connect_apart(autocommit=True, purpose=purpose)
    try:
        conn.execute(_NOTICE_DEATH)
    except errors.Error as error:
        conn.close()
        raise translated(error) from error
    try:
        yield conn
    finally:
        # A server notices a closed connection a moment later, and the next sync may ask before that.
        with suppress(errors.Error):
            conn.execute("SELECT pg_advisory_unlock_all()")
        conn.close()


def _find(conn: Connection, alias: str) -> Holder | None:
    row = conn.execute(_WHO, {**_bind(alias), "alias": alias}).fetchone()
    if row is None:
        return None
    kind, run_id, started_at, stage, name = row
    # The run's row comes a moment after its lock; the connection's name already says what it will be.
    _, named_kind, named_run = f"{name or ''}   ".split(" ", 2)
    return Holder(kind or named_kind, run_id or named_run.strip(), started_at, stage)


def _bind(alias: str) -> dict[str, object]:
    return {"space": _SPACE, "name": f"org {alias}"}
