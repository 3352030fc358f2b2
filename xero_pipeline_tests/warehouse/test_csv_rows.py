"""What rows hold is what PostgreSQL reads: any text, numbers to the last digit, dates, instants, and nothing as nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg import sql

from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.csv_rows import OPTIONS, encode, finished

# What CSV, JSON and COPY each take for something of their own.
SPECIAL = st.sampled_from(
    ['"', "\\", ",", "\n", "\r", "\t", "\b", "\f", "\v", "\0", "\x1f", "]\n[", "\\.", "null", "\\n"]
)
TEXTS = st.lists(st.one_of(SPECIAL, st.text(st.characters(exclude_categories=["Cs"]), max_size=5))).map("".join)
ROWS = st.tuples(
    TEXTS,
    st.none() | TEXTS,
    st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**14), max_value=10**14),
    st.none() | st.dates(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.booleans(),
    st.none() | st.integers(-(2**31), 2**31 - 1),
)


@pytest.fixture
def conn(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    with psycopg.connect(warehouse.url, autocommit=True) as conn:
        conn.execute("set time zone 'UTC'")
        conn.execute(
            "create temp table read (must text not null, may text, number numeric, day date, at timestamptz, so boolean,"
            " whole integer, tail text, place integer)"
        )
        yield conn


@given(st.lists(ROWS, min_size=1, max_size=20), TEXTS)
@example([("\\.\n\\.", "null", Decimal("1E+3"), date.max, datetime.min.replace(tzinfo=UTC), True, 0)], "]\n[")
@example([("\\\\n", "\\u0000", Decimal("-0.00"), date.min, None, False, None)], '"')
@example([("", None, None, None, None, None, None)], "")
def test_what_rows_hold_is_what_postgresql_reads(conn: psycopg.Connection, rows: list[tuple], tail: str) -> None:
    conn.execute("truncate read")
    for _, lines in encode(rows, 7):
        with conn.cursor().copy(sql.SQL("copy read from stdin {}").format(sql.SQL(OPTIONS))) as copy:
            copy.write(finished(lines, tail, 7))

    read = conn.execute("select must, may, number, day, at, so, whole, tail, place from read order by ctid").fetchall()
    assert read == [(*map(storable, row), storable(tail), 7) for row in rows]


def storable(value: object) -> object:
    """PostgreSQL's text knows no NUL."""
    return value.replace("\0", "") if isinstance(value, str) else value


def test_more_rows_than_a_batch_come_in_batches() -> None:
    assert [count for count, _ in encode(((number,) for number in range(4_500)), 1)] == [2_000, 2_000, 500]
