"""Every sync leaves a row in `sync.runs`: what started it, how far it got, how it ended, what it cost.

A run that says `running` while the caller holds its organisation's lock belongs to a process that died: starting the next
one marks it as failed.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from psycopg import Connection
from psycopg.rows import class_row

_ABANDON = """
UPDATE sync.runs
SET outcome = 'failed', ended_at = %(started_at)s, error = 'Its process ended without saying how: it was killed or crashed.'
WHERE alias = %(alias)s AND outcome = 'running' AND run_id <> %(run_id)s
"""
_START = """
INSERT INTO sync.runs (
    run_id, alias, org_id, kind, mode, dagster_run_id, window_start, window_end, started_at, outcome, holder_pid, holder_host
)
VALUES (
    %(run_id)s, %(alias)s, %(org_id)s, %(kind)s, %(mode)s, %(dagster_run_id)s, %(window_start)s, %(window_end)s,
    %(started_at)s, 'running', %(holder_pid)s, %(holder_host)s
)
"""
_PROGRESS = """
UPDATE sync.runs
SET
    stage = coalesce(%(stage)s, stage),
    org_id = coalesce(%(org_id)s, org_id),
    window_start = coalesce(%(window_start)s, window_start),
    window_end = coalesce(%(window_end)s, window_end)
WHERE run_id = %(run_id)s
"""
_FINISH = """
UPDATE sync.runs
SET
    ended_at = %(ended_at)s,
    outcome = %(outcome)s,
    error = %(error)s,
    stage = coalesce(%(stage)s, stage),
    org_id = coalesce(%(org_id)s, org_id),
    rows_seen = %(rows_seen)s,
    rows_written = %(rows_written)s,
    calls = %(calls)s,
    deliveries = %(deliveries)s
-- A run that lost its lock may have been marked as failed by its successor; that stands.
WHERE run_id = %(run_id)s AND outcome = 'running'
"""
_LATEST = """
SELECT
    run_id, alias, org_id, kind, mode, dagster_run_id, window_start, window_end, started_at, ended_at, outcome, error, stage,
    rows_seen, rows_written, calls, deliveries, holder_pid, holder_host
FROM sync.runs
WHERE alias = coalesce(%(alias)s, alias)
ORDER BY started_at DESC
LIMIT %(limit)s
"""
_LAST_SUCCESS = """
SELECT max(started_at)
FROM sync.runs
WHERE alias = %(alias)s AND outcome = 'succeeded' AND mode = any(%(modes)s)
"""
# Runs that have not ended say nothing about success (products.md 2.28).
_SUCCESS_RATE = """
SELECT
    count(*) FILTER (WHERE outcome = 'succeeded'),
    count(*) FILTER (WHERE outcome IN ('succeeded', 'failed'))
FROM sync.runs
WHERE alias = %(alias)s AND started_at >= coalesce(%(since)s, started_at)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One row of `sync.runs`; instants are aware UTC."""

    run_id: str
    alias: str
    org_id: str | None
    kind: str
    mode: str
    dagster_run_id: str | None
    window_start: datetime | None
    window_end: datetime | None
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    error: str | None
    stage: str | None
    rows_seen: int
    rows_written: int
    calls: int
    deliveries: int
    holder_pid: int
    holder_host: str


@dataclass(frozen=True, slots=True)
class SuccessRate:
    """How many of the runs that ended by themselves succeeded."""

    succeeded: int
    finished: int

    @property
    def rate(self) -> Fraction | None:
        """Between 0 and 1; None when none has finished."""
        return Fraction(self.succeeded, self.finished) if self.finished else None


def start(
    conn: Connection,
    *,
    run_id: str,
    alias: str,
    kind: str,
    mode: str,
    started_at: datetime,
    org_id: str | None = None,
    dagster_run_id: str | None = None,
    window: tuple[datetime, datetime] | None = None,
) -> int:
    """Record that a run began; how many earlier runs of the organisation turned out to be dead.

    The caller holds the organisation's lock. `kind` is scheduled, manual, backfill or initial.
    """
    bind = {
        "run_id": run_id,
        "alias": alias,
        "org_id": org_id,
        "kind": kind,
        "mode": mode,
        "dagster_run_id": dagster_run_id,
        "window_start": window[0] if window else None,
        "window_end": window[1] if window else None,
        "started_at": started_at,
        **_holder(),
    }
    abandoned = conn.execute(_ABANDON, bind).rowcount
    conn.execute(_START, bind)
    return abandoned


def progress(
    conn: Connection,
    run_id: str,
    *,
    stage: str | None = None,
    org_id: str | None = None,
    window: tuple[datetime, datetime] | None = None,
) -> None:
    """Record which stage a run has reached, over which windows, and which organisation it turned out to be."""
    start, end = window or (None, None)
    bind = {"run_id": run_id, "stage": stage, "org_id": org_id, "window_start": start, "window_end": end}
    conn.execute(_PROGRESS, bind)


def finish(
    conn: Connection,
    *,
    run_id: str,
    outcome: str,
    ended_at: datetime,
    error: str | None = None,
    stage: str | None = None,
    org_id: str | None = None,
    rows_seen: int = 0,
    rows_written: int = 0,
    calls: int = 0,
    deliveries: int = 0,
) -> bool:
    """Record how a run ended: succeeded or failed, `error` in one sentence without secrets.

    False when a run that came after it has marked it as dead already.
    """
    bind = {
        "run_id": run_id,
        "outcome": outcome,
        "ended_at": ended_at,
        "error": error,
        "stage": stage,
        "org_id": org_id,
        "rows_seen": rows_seen,
        "rows_written": rows_written,
        "calls": calls,
        "deliveries": deliveries,
    }
    return conn.execute(_FINISH, bind).rowcount > 0


def latest(conn: Connection, alias: str | None = None, limit: int = 20) -> list[Run]:
    """The latest runs of an organisation, or of all, newest first."""
    with conn.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(_LATEST, {"alias": alias, "limit": limit}).fetchall()


def last_success(conn: Connection, alias: str, modes: Sequence[str]) -> datetime | None:
    """When the latest succeeded run of any of these modes began, UTC; None when there is none."""
    row = conn.execute(_LAST_SUCCESS, {"alias": alias, "modes": list(modes)}).fetchone()
    return None if row is None else row[0]


def success_rate(conn: Connection, alias: str, since: datetime | None = None) -> SuccessRate:
    """Succeeded and finished runs of an organisation, of those started since an instant or of all."""
    row = conn.execute(_SUCCESS_RATE, {"alias": alias, "since": since}).fetchone()
    assert row is not None
    return SuccessRate(*row)


def _holder() -> dict[str, object]:
    return {"holder_pid": os.getpid(), "holder_host": socket.gethostname()}
