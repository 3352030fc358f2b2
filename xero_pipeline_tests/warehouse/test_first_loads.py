"""The first load of an organisation goes straight into the tables, and ends as any other load of the same."""

from __future__ import annotations

from decimal import Decimal

import psycopg

from xero_pipeline.warehouse.loader import Changes, Load
from xero_pipeline_tests.warehouse.loads import (
    INVOICES,
    LINES,
    NOON,
    ORG,
    OTHER,
    events,
    invoice,
    later,
    line,
    load,
    stored,
)


def test_a_first_load_can_leave_its_rows_out_of_the_events(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a")], log_inserts=False)
    assert events(conn) == []
    load(conn, [invoice("b")])
    assert events(conn) == [("invoices", "b", "INV-b", "inserted")]


def test_a_first_load_goes_straight_into_the_tables_until_a_record_comes_twice(conn: psycopg.Connection) -> None:
    staging = Load(conn, ORG, NOON, "run", first=True)
    staging.write(INVOICES, [invoice("a"), invoice("b")])
    staging.write(LINES, [line("a", 1), line("a", 2), line("b", 1)])
    assert len(stored(conn)) == 2, "before any merge"

    staging.write(INVOICES, [invoice("b", total="7.00", updated=later(1)), invoice("c")])
    staging.write(LINES, [line("b", 2), line("c", 1)])
    assert len(stored(conn)) == 2, "a page that brings one again waits for the merge"

    assert staging.merge(INVOICES, full=True, seen_before=NOON, log_inserts=False) == Changes(inserted=3, updated=1)
    staging.merge(LINES)
    assert staging.was_new(INVOICES)
    assert staging.was_new(LINES)
    assert [(row["invoice_id"], row["total"], row["synced_at"], row["vanished_at"]) for row in stored(conn)] == [
        ("a", Decimal("100.00"), NOON, None),
        ("b", Decimal("7.00"), NOON, None),
        ("c", Decimal("100.00"), NOON, None),
    ]
    assert [row["line_item_id"] for row in stored(conn, LINES)] == ["a-1", "a-2", "b-2", "c-1"]


def test_of_two_lines_with_one_id_in_a_first_load_the_last_stands(conn: psycopg.Connection) -> None:
    staging = Load(conn, ORG, NOON, "run", first=True)
    staging.write(INVOICES, [invoice("a"), invoice("b")])
    staging.write(LINES, [line("a", 1, "1.00"), line("a", 1, "2.00"), line("b", 1)])
    staging.write(INVOICES, [invoice("c")])
    staging.write(LINES, [line("c", 1)])

    assert staging.merge(INVOICES, log_inserts=False) == Changes(inserted=3)
    assert staging.merge(LINES) == Changes(inserted=3)
    assert [row["line_amount"] for row in stored(conn, LINES)] == [Decimal("2.00"), Decimal("10.00"), Decimal("10.00")]


def test_only_an_organisation_without_a_row_is_loaded_straight(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a")], org=OTHER)
    load(conn, [invoice("a")])
    staging = Load(conn, ORG, later(1), "run", first=True)
    staging.write(INVOICES, [invoice("b")])

    assert [(row["org_id"], row["invoice_id"]) for row in stored(conn)] == [(ORG, "a"), (OTHER, "a")]
    assert staging.merge(INVOICES) == Changes(inserted=1)
    assert not staging.was_new(INVOICES)
