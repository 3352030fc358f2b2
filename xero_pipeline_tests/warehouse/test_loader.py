"""How records get into their tables: only what changed is written, nothing newer is lost, and people can see what happened."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.loader import Changes, Load
from xero_pipeline.warehouse.target import Target
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
    row,
    stored,
)


def test_new_records_are_inserted_and_stamped_with_the_sync(conn: psycopg.Connection) -> None:
    assert load(conn, [invoice("a"), invoice("b")])[0] == Changes(inserted=2)
    assert [(r["org_id"], r["invoice_id"], r["synced_at"]) for r in stored(conn)] == [
        (ORG, "a", NOON),
        (ORG, "b", NOON),
    ]


def test_loading_the_same_again_writes_nothing(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a")], [line("a", 1)])
    before = conn.execute("SELECT xmin, ctid FROM xero.invoices").fetchall()
    conn.execute("DELETE FROM sync.events")
    assert load(conn, [invoice("a")], [line("a", 1)], at=later(5)) == (Changes(unchanged=1), Changes(unchanged=1))
    assert conn.execute("SELECT xmin, ctid FROM xero.invoices").fetchall() == before
    assert events(conn) == []


def test_numbers_that_differ_only_in_trailing_zeros_are_the_same(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a", total="10.5")])
    assert load(conn, [invoice("a", total="10.50")])[0] == Changes(unchanged=1)


def test_a_changed_record_is_rewritten_and_logged_by_name(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a"), invoice("b")], log_inserts=False)
    changed = invoice("a", total="90.00", updated=later(1))
    assert load(conn, [changed, invoice("b")], at=later(2))[0] == Changes(updated=1, unchanged=1)
    assert [(r["total"], r["synced_at"]) for r in stored(conn)] == [
        (Decimal("90.00"), later(2)),
        (Decimal("100.00"), NOON),
    ]
    assert events(conn) == [("invoices", "a", "INV-a", "updated")]


def test_content_that_changed_without_its_stamp_is_drift(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a")], log_inserts=False)
    assert load(conn, [invoice("a", total="90.00")])[0] == Changes(updated=1, drifted=1)
    assert events(conn) == [("invoices", "a", "INV-a", "drifted")]


def test_an_older_version_never_replaces_a_newer_one_nor_its_lines(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a", total="90.00", updated=later(10))], [line("a", 1, "90.00")])
    stale = load(conn, [invoice("a")], [line("a", 1), line("a", 2)], at=later(20))
    assert stale == (Changes(unchanged=1), Changes(unchanged=2))
    assert [r["total"] for r in stored(conn)] == [Decimal("90.00")]
    assert [r["line_amount"] for r in stored(conn, LINES)] == [Decimal("90.00")]


def test_a_record_seen_on_two_pages_keeps_its_newest_version_with_the_lines_that_came_with_it(
    conn: psycopg.Connection,
) -> None:
    staging = Load(conn, ORG, NOON, "run")
    staging.write(INVOICES, [invoice("a", total="2", updated=later(2)), invoice("b")])
    staging.write(LINES, [line("a", 1, "2"), line("b", 1)])
    staging.write(INVOICES, [invoice("a", total="1", updated=later(1)), invoice("c")])
    staging.write(LINES, [line("a", 1, "1"), line("a", 2, "1"), line("c", 1)])
    assert staging.merge(INVOICES) == Changes(inserted=3)
    assert staging.merge(LINES) == Changes(inserted=3)
    assert next((r["invoice_id"], r["total"]) for r in stored(conn)) == ("a", Decimal(2))
    assert next((r["line_item_id"], r["line_amount"]) for r in stored(conn, LINES)) == ("a-1", Decimal(2))


def test_of_two_equally_new_versions_the_one_written_last_wins(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a", total="1"), invoice("a", total="2")])
    assert [r["total"] for r in stored(conn)] == [Decimal(2)]


def test_lines_a_document_no_longer_has_are_removed_and_other_documents_keep_theirs(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a"), invoice("b")], [line("a", 1), line("a", 2), line("b", 1)])
    changes = load(conn, [invoice("a", updated=later(1))], [line("a", 2)], at=later(2))
    assert changes == (Changes(updated=1), Changes(unchanged=1, removed=1))
    assert [r["line_item_id"] for r in stored(conn, LINES)] == ["a-2", "b-1"]


def test_a_document_that_lost_all_its_lines_keeps_none(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a")], [line("a", 1)])
    assert load(conn, [invoice("a", updated=later(1))])[1] == Changes(removed=1)


def test_lines_that_changed_while_their_document_did_not_are_logged_as_drift(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a"), invoice("b")], [line("a", 1), line("b", 1)], log_inserts=False)
    changed = [invoice("a"), invoice("b", updated=later(1))]
    assert load(conn, changed, [line("a", 1, "9"), line("b", 1, "9")], at=later(2))[1] == Changes(updated=2, drifted=1)
    assert events(conn) == [("invoices", "b", "INV-b", "updated"), ("invoice_lines", "a", "INV-a", "drifted")]


def test_allocations_belong_to_whichever_credit_they_came_with(conn: psycopg.Connection) -> None:
    def allocation(source: str, key: str) -> tuple[object, ...]:
        return row(
            "xero.allocations", source_id=source, allocation_id=key, source_type="credit_note", amount=Decimal(5)
        )

    def write(at: datetime, *allocations: tuple[object, ...]) -> Changes:
        staging = Load(conn, ORG, at, "run")
        staging.write("xero.credit_notes", [row("xero.credit_notes", credit_note_id="c", updated_utc=at)])
        staging.write("xero.overpayments", [row("xero.overpayments", overpayment_id="o", updated_utc=at)])
        staging.write("xero.allocations", allocations)
        staging.merge("xero.credit_notes")
        staging.merge("xero.overpayments")
        changes = staging.merge("xero.allocations")
        conn.commit()
        return changes

    assert write(NOON, allocation("c", "1"), allocation("o", "2")) == Changes(inserted=2)
    assert write(later(1), allocation("c", "1")) == Changes(unchanged=1, removed=1)


def test_organisations_never_touch_each_other(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a"), invoice("b")], [line("a", 1), line("b", 1)])
    load(conn, [invoice("a", total="7")], [line("a", 2)], org=OTHER, at=later(60), full=True, seen_before=later(60))
    load(conn, [invoice("a", updated=later(61))], [], org=OTHER, at=later(62))
    mine = [r for r in stored(conn) if r["org_id"] == ORG]
    assert [(r["total"], r["vanished_at"]) for r in mine] == [(Decimal("100.00"), None)] * 2
    assert len(stored(conn, LINES)) == 2


def test_a_load_with_nothing_in_it_executes_nothing(conn: psycopg.Connection) -> None:
    staging = Load(conn, ORG, NOON, "run")
    assert staging.write(INVOICES, iter(())) == 0
    assert staging.merge(INVOICES) == staging.merge(LINES) == Changes()
    assert conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


@pytest.mark.parametrize("first", [True, False], ids=["first load", "later load"])
def test_distinct_records_are_counted_however_they_come(conn: psycopg.Connection, first: bool) -> None:
    staging = Load(conn, ORG, NOON, "run", first=first)
    assert staging.arrived(INVOICES) == 0
    staging.write(INVOICES, [invoice("a"), invoice("b")])
    assert staging.arrived(INVOICES) == 2
    # On a first load the repeated record is what ends the straight way.
    staging.write(INVOICES, [invoice("b"), invoice("c")])
    staging.unchanged(INVOICES, ["c", "d"])
    assert staging.arrived(INVOICES) == 4
    assert staging.arrived(INVOICES, {"a", "c", "unreadable"}) == 5


def test_records_of_other_organisations_do_not_count_as_arrived(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a"), invoice("z")], org=OTHER)
    staging = Load(conn, ORG, NOON, "run", first=True)
    staging.write(INVOICES, [invoice("a")])
    assert staging.arrived(INVOICES, ["z"]) == 2


def test_a_row_of_the_wrong_length_is_refused(conn: psycopg.Connection) -> None:
    with pytest.raises(ValueError, match="has not the 32 columns"):
        Load(conn, ORG, NOON, "run").write(INVOICES, [invoice("a")[:-1]])


text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.none() | text,
            st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=4),
            st.none() | st.dates(date(1900, 1, 1)),
            st.none() | st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)),
            st.none() | st.booleans(),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_value_comes_back_as_it_was_written(
    conn: psycopg.Connection, values: list[tuple[str | None, Decimal | None, date | None, datetime | None, bool | None]]
) -> None:
    rows = [
        row(INVOICES, invoice_id=f"{n}", reference=t, total=m, date=d, updated_utc=i, is_discounted=b)
        for n, (t, m, d, i, b) in enumerate(values)
    ]
    staging = Load(conn, ORG, NOON, "run")
    staging.write(INVOICES, rows)
    staging.merge(INVOICES)
    back = conn.execute(
        "SELECT reference, total, date, updated_utc, is_discounted FROM xero.invoices ORDER BY invoice_id::int"
    ).fetchall()
    conn.rollback()
    assert back == values


@settings(max_examples=40)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=6),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
)
def test_whatever_the_order_of_loads_the_newest_version_of_each_record_stands(
    conn: psycopg.Connection, loads: list[list[tuple[str, int, int]]], first: bool
) -> None:
    expected: dict[str, tuple[int, int]] = {}
    for records in loads:
        staging = Load(conn, ORG, NOON, None, first=first)
        for key, stamp, lines in records:
            staging.write(INVOICES, [invoice(key, total=str(lines), updated=later(stamp))])
            staging.write(LINES, [line(key, n) for n in range(lines)])
            if stamp >= expected.get(key, (-1, 0))[0]:
                expected[key] = (stamp, lines)
        staging.merge(INVOICES)
        staging.merge(LINES)
    found = conn.execute(
        "SELECT invoice_id, updated_utc, total, (SELECT count(*) FROM xero.invoice_lines AS l "
        "WHERE l.invoice_id = i.invoice_id) FROM xero.invoices AS i"
    ).fetchall()
    conn.rollback()
    assert {key: (updated, int(total), lines) for key, updated, total, lines in found} == {
        key: (later(stamp), lines, lines) for key, (stamp, lines) in expected.items()
    }


def test_a_contact_whose_balances_alone_changed_has_not_drifted(warehouse: Warehouse) -> None:
    """Xero moves no stamp when balances move, so that is an update like any other (xero.md section 1)."""
    columns = Target.of("xero.contacts").columns
    row = {column.name: None for column in columns} | {
        "contact_id": "c-1",
        "name": "Harbour Cafe",
        "is_archived": False,
        "accounts_receivable_outstanding": Decimal("10.00"),
        "updated_utc": datetime(2026, 1, 1, tzinfo=UTC),
    }
    outcomes = []
    for changed in ({}, {"accounts_receivable_outstanding": Decimal("0.00")}, {"name": "Harbour Café"}):
        row |= changed
        with warehouse.connect() as conn:
            load = Load(conn, "org", datetime.now(UTC), "run")
            load.write("xero.contacts", [tuple(row[column.name] for column in columns)])
            changes = load.merge("xero.contacts")
            outcomes.append((changes.inserted, changes.updated, changes.drifted))
    assert outcomes == [(1, 0, 0), (0, 1, 0), (0, 1, 1)]
