"""The coverage ledger: which stretch of time each read of an endpoint made complete, and so from where to read next.

A read is recorded in the transaction that staged its rows. What is covered is the union of all reads; the watermark is
where the stretch that reaches back to the beginning ends, so a backfill of one old window never moves it past a hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from psycopg import Connection
from psycopg.rows import class_row

Mode = Literal["delta", "backfill", "full"]

_RECORD = """
INSERT INTO sync.windows (
    org_id, endpoint, covered_from, covered_until, mode, run_id, rows_seen, rows_written, calls, bytes, recorded_at
)
VALUES (
    %(org_id)s, %(endpoint)s, %(covered_from)s, %(covered_until)s, %(mode)s, %(run_id)s, %(rows_seen)s, %(rows_written)s,
    %(calls)s, %(bytes)s, clock_timestamp()
)
"""
# A read from the beginning replaces every read that ended before it, so only those since the latest one are looked at.
_WATERMARKS = """
SELECT asked.endpoint, complete.until
FROM unnest(%(endpoints)s::text[]) AS asked (endpoint)
LEFT JOIN LATERAL (
    WITH beginning AS (
        SELECT max(covered_until) AS covered_until
        FROM sync.windows
        WHERE org_id = %(org_id)s AND endpoint = asked.endpoint AND covered_from IS NULL
    ),

    stretch AS (
        SELECT unnest(range_agg(tstzrange(windows.covered_from, windows.covered_until))) AS covered
        FROM sync.windows
        INNER JOIN beginning ON windows.covered_until >= beginning.covered_until
        WHERE
            windows.org_id = %(org_id)s AND windows.endpoint = asked.endpoint
            AND (windows.covered_from IS NULL OR windows.covered_from < windows.covered_until)
    )

    SELECT upper(covered) AS until
    FROM stretch
    WHERE lower_inf(covered)
) AS complete ON true
"""
_GAPS = """
WITH covered AS (
    SELECT range_agg(tstzrange(covered_from, covered_until)) AS stretches
    FROM sync.windows
    WHERE
        org_id = %(org_id)s AND endpoint = %(endpoint)s
        AND covered_until > %(start)s AND (covered_from IS NULL OR covered_from < least(covered_until, %(end)s))
),

uncovered AS (
    SELECT unnest(tstzmultirange(tstzrange(%(start)s, %(end)s)) - coalesce(stretches, '{}'::tstzmultirange)) AS gap
    FROM covered
)

SELECT lower(gap), upper(gap)
FROM uncovered
ORDER BY gap
"""
_COVERAGE = """
SELECT
    org_id, endpoint, covered_from, covered_until, mode, run_id, rows_seen, rows_written, calls, bytes
FROM sync.windows
WHERE org_id = %(org_id)s AND endpoint = coalesce(%(endpoint)s, endpoint)
ORDER BY id DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """One finished read: everything modified in [covered_from, covered_until), aware UTC; None is the beginning.

    `covered_until` is never later than the start of the read. `bytes` counts answers as they came over the wire.
    """

    org_id: str
    endpoint: str
    covered_from: datetime | None
    covered_until: datetime
    mode: Mode
    run_id: str | None = None
    rows_seen: int = 0
    rows_written: int = 0
    calls: int = 0
    bytes: int = 0


def record(conn: Connection, coverage: Coverage) -> None:
    """Add a read to the ledger, in the caller's transaction."""
    conn.execute(_RECORD, asdict(coverage))


def watermark(conn: Connection, org_id: str, endpoint: str) -> datetime | None:
    """Up to when an endpoint is complete from the beginning, UTC; None when it was never read from the beginning."""
    return watermarks(conn, org_id, [endpoint])[endpoint]


def watermarks(conn: Connection, org_id: str, endpoints: Sequence[str]) -> dict[str, datetime | None]:
    """The same of several endpoints, by their names."""
    return dict(conn.execute(_WATERMARKS, {"org_id": org_id, "endpoints": list(endpoints)}).fetchall())


def gaps(
    conn: Connection, org_id: str, endpoint: str, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The stretches of [start, end) that no read covers, oldest first."""
    bind = {"org_id": org_id, "endpoint": endpoint, "start": start, "end": end}
    return [(lower, upper) for lower, upper in conn.execute(_GAPS, bind)]


def reads(conn: Connection, org_id: str, endpoint: str | None = None, limit: int = 100) -> list[Coverage]:
    """The latest reads of an endpoint, or of all, newest first."""
    with conn.cursor(row_factory=class_row(Coverage)) as cursor:
        return cursor.execute(_COVERAGE, {"org_id": org_id, "endpoint": endpoint, "limit": limit}).fetchall()
