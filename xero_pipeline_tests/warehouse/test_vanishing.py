"""What a full load did not see is marked as vanished, and nothing else is."""

from __future__ import annotations

import psycopg

from xero_pipeline.warehouse.loader import Changes
from xero_pipeline_tests.warehouse.loads import (
    INVOICES,
    LINES,
    NOON,
    events,
    invoice,
    later,
    line,
    load,
    row,
    stored,
)


def test_a_full_load_marks_what_it_did_not_see_once(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a"), invoice("b")], [line("b", 1)], log_inserts=False)
    for minute, expected in ((60, Changes(unchanged=1, vanished=1)), (90, Changes(unchanged=1))):
        now = later(minute)
        assert load(conn, [invoice("a")], at=now, full=True, seen_before=now)[0] == expected
    assert [(r["invoice_id"], r["vanished_at"]) for r in stored(conn)] == [("a", None), ("b", later(60))]
    assert [r["line_item_id"] for r in stored(conn, LINES)] == ["b-1"]
    assert events(conn) == [("invoices", "b", "INV-b", "vanished")]


def test_what_changed_after_the_reading_began_never_vanishes(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a"), invoice("b", updated=later(61))], at=later(1))
    assert load(conn, [invoice("a")], at=later(60), full=True, seen_before=later(60))[0].vanished == 0


def test_a_full_load_of_a_part_judges_only_that_part(conn: psycopg.Connection) -> None:
    bill = row(INVOICES, invoice_id="bill", type="ACCPAY", updated_utc=NOON)
    load(conn, [invoice("a"), invoice("b"), bill])
    changes = load(conn, [invoice("a")], at=later(60), full=True, seen_before=later(60), scope={"type": "ACCREC"})[0]
    assert changes.vanished == 1
    assert [r["invoice_id"] for r in stored(conn) if r["vanished_at"]] == ["b"]


def test_an_empty_full_load_is_no_proof_that_everything_is_gone(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a")])
    assert load(conn, [], at=later(60), full=True, seen_before=later(60)) == (Changes(), Changes())


def test_a_record_that_returns_is_no_longer_vanished(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a"), invoice("b")], log_inserts=False)
    load(conn, [invoice("a")], at=later(60), full=True, seen_before=later(60))
    assert load(conn, [invoice("a"), invoice("b")], at=later(90))[0] == Changes(unchanged=1, returned=1)
    assert [r["vanished_at"] for r in stored(conn)] == [None, None]
    assert events(conn)[-1] == ("invoices", "b", "INV-b", "returned")
