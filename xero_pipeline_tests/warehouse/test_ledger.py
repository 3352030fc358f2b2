"""What has been read of each endpoint: the watermark, the gaps, and why a backfill never hides a hole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st

from xero_pipeline.warehouse import ledger
from xero_pipeline.warehouse.ledger import Coverage

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def read(
    conn: psycopg.Connection, since: int | None, until: int, *, org: str = "o", endpoint: str = "invoices"
) -> None:
    mode: ledger.Mode = "full" if since is None else "delta"
    ledger.record(conn, Coverage(org, endpoint, None if since is None else at(since), at(until), mode))


def test_what_was_never_read_from_the_beginning_has_no_watermark(conn: psycopg.Connection) -> None:
    assert ledger.watermark(conn, "o", "invoices") is None
    read(conn, 5, 6)
    assert ledger.watermark(conn, "o", "invoices") is None


def test_reads_that_touch_or_overlap_move_the_watermark(conn: psycopg.Connection) -> None:
    for since, until in ((None, 10), (9, 11), (11, 12)):
        read(conn, since, until)
    assert ledger.watermark(conn, "o", "invoices") == at(12)


def test_a_backfill_beyond_a_hole_does_not_move_the_watermark(conn: psycopg.Connection) -> None:
    read(conn, None, 10)
    read(conn, 15, 16)
    assert ledger.watermark(conn, "o", "invoices") == at(10)
    read(conn, 10, 15)
    assert ledger.watermark(conn, "o", "invoices") == at(16)


def test_an_older_backfill_does_not_move_the_watermark_back(conn: psycopg.Connection) -> None:
    read(conn, None, 10)
    read(conn, 2, 4)
    assert ledger.watermark(conn, "o", "invoices") == at(10)


def test_organisations_and_endpoints_have_watermarks_of_their_own(conn: psycopg.Connection) -> None:
    read(conn, None, 10)
    read(conn, None, 20, org="p")
    read(conn, None, 30, endpoint="contacts")
    assert ledger.watermark(conn, "o", "invoices") == at(10)


def test_the_gaps_of_a_stretch_are_what_no_read_covers(conn: psycopg.Connection) -> None:
    assert ledger.gaps(conn, "o", "invoices", at(0), at(4)) == [(at(0), at(4))]
    read(conn, 1, 2)
    read(conn, 3, 9)
    assert ledger.gaps(conn, "o", "invoices", at(0), at(8)) == [(at(0), at(1)), (at(2), at(3))]
    read(conn, None, 4)
    assert ledger.gaps(conn, "o", "invoices", at(0), at(8)) == []


def test_the_view_of_gaps_shows_holes_between_reads(conn: psycopg.Connection) -> None:
    read(conn, None, 10)
    read(conn, 12, 13)
    found = conn.execute(
        "SELECT org_id, endpoint, gap_start, gap_end, duration FROM analytics.coverage_gaps"
    ).fetchall()
    assert found == [("o", "invoices", at(10), at(12), timedelta(hours=2))]


def test_reads_are_listed_newest_first(conn: psycopg.Connection) -> None:
    read(conn, None, 10)
    read(conn, 10, 11, endpoint="contacts")
    assert [(r.endpoint, r.covered_from, r.mode) for r in ledger.reads(conn, "o")] == [
        ("contacts", at(10), "delta"),
        ("invoices", None, "full"),
    ]
    assert len(ledger.reads(conn, "o", "contacts")) == 1


hours = st.integers(0, 12)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.none() | hours, hours), max_size=8), hours, hours)
def test_watermark_and_gaps_agree_with_counting_hour_by_hour(
    conn: psycopg.Connection, reads: list[tuple[int | None, int]], start: int, length: int
) -> None:
    for since, until in reads:
        read(conn, since, until)
    covered = {hour for since, until in reads for hour in range(-1 if since is None else since, until)}
    read_through = [hour for hour in range(13) if all(earlier in covered for earlier in range(-1, hour))]
    expected = at(max(read_through)) if any(since is None for since, _ in reads) else None
    found = ledger.watermark(conn, "o", "invoices"), ledger.gaps(conn, "o", "invoices", at(start), at(start + length))
    conn.rollback()
    assert found[0] == expected
    hour_of = {at(hour): hour for hour in range(-1, 26)}
    missing = {hour for lower, upper in found[1] for hour in range(hour_of[lower], hour_of[upper])}
    assert missing == {hour for hour in range(start, start + length) if hour not in covered}
