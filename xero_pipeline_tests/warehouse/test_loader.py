"""How records get into their tables: only what changed is written, nothing newer is lost, and people can see what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.loader import Changes, Load
from xero_pipeline.warehouse.target import Target

ORG = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
INVOICES, LINES = "xero.invoices", "xero.invoice_lines"


def row(table: str, **values: object) -> tuple[object, ...]:
    """A row of a table with the given columns set and every other empty."""
    names = [column.name for column in Target.of(table).columns]
    assert set(values) <= set(names)
    defaults: dict[str, object] = {"in_scope": True, "line_number": 1, "is_archived": False}
    return tuple(values.get(name, defaults.get(name)) for name in names)


def invoice(key: str, *, total: str = "100.00", updated: datetime = NOON, **more: object) -> tuple[object, ...]:
    return row(
        INVOICES,
        invoice_id=key,
        invoice_number=f"INV-{key}",
        total=Decimal(total),
        updated_utc=updated,
        type="ACCREC",
        **more,
    )


def line(key: str, number: int, amount: str = "10.00") -> tuple[object, ...]:
    return row(LINES, invoice_id=key, line_item_id=f"{key}-{number}", line_number=number, line_amount=Decimal(amount))


@pytest.fixture
def conn(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect() as connection:
        yield connection


def load(
    conn: psycopg.Connection,
    invoices: Sequence[tuple[object, ...]],
    lines: Sequence[tuple[object, ...]] = (),
    *,
    at: datetime = NOON,
    org: str = ORG,
    full: bool = False,
    seen_before: datetime | None = None,
    scope: dict[str, str] | None = None,
    log_inserts: bool = True,
) -> tuple[Changes, Changes]:
    staging = Load(conn, org, at, "run")
    staging.write(INVOICES, invoices)
    staging.write(LINES, lines)
    changes = staging.merge(INVOICES, full=full, seen_before=seen_before, scope=scope, log_inserts=log_inserts)
    line_changes = staging.merge(LINES)
    conn.commit()
    return changes, line_changes


def stored(conn: psycopg.Connection, table: str = INVOICES) -> list[dict[str, object]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3".encode()).fetchall()


def events(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    return conn.execute("SELECT object, record_id, record_name, action FROM sync.events ORDER BY id").fetchall()


def later(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


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


def test_organisations_never_touch_each_other(conn: psycopg.Connection) -> None:
    load(conn, [invoice("a"), invoice("b")], [line("a", 1), line("b", 1)])
    load(conn, [invoice("a", total="7")], [line("a", 2)], org=OTHER, at=later(60), full=True, seen_before=later(60))
    load(conn, [invoice("a", updated=later(61))], [], org=OTHER, at=later(62))
    mine = [r for r in stored(conn) if r["org_id"] == ORG]
    assert [(r["total"], r["vanished_at"]) for r in mine] == [(Decimal("100.00"), None)] * 2
    assert len(stored(conn, LINES)) == 2


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
