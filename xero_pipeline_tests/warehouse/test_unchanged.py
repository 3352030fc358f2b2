"""What is staged just as Xero sends it is unchanged by its digest, and no more once other hands changed it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.loader import Changes, Load
from xero_pipeline.warehouse.unchanged import Unchanged, unchanged_records
from xero_pipeline_tests.warehouse.loads import INVOICES, LINES, NOON, ORG, OTHER, invoice, later, line, stored

A_LINE = """
insert into xero.invoice_lines (org_id, invoice_id, line_item_id, line_number, synced_at) values ('o', 'a', 'x', 2, now())
"""
ONE, TWO = (UUID(int=number).hex for number in (1, 2))


@pytest.fixture
def conn(warehouse: Warehouse) -> Iterator[psycopg.Connection]:
    with warehouse.connect() as connection:
        staging = Load(connection, ORG, NOON, "run")
        staging.write(INVOICES, [invoice("a", digest=ONE), invoice("b", digest=TWO)])
        staging.write(LINES, [line("a", 1), line("b", 1)])
        staging.merge(INVOICES)
        staging.merge(LINES)
        connection.commit()
        yield connection


@pytest.fixture
def unchanged(warehouse: Warehouse, conn: psycopg.Connection) -> Iterator[Unchanged]:
    with unchanged_records(warehouse, INVOICES, ORG) as asked:
        yield asked


def test_a_record_is_known_with_the_digest_it_was_staged_with(unchanged: Unchanged) -> None:
    assert unchanged(["a", "b", "a", "c"], [ONE, ONE, TWO, ONE]) == {0}


def test_a_record_of_another_organisation_is_not_known(warehouse: Warehouse, conn: psycopg.Connection) -> None:
    with unchanged_records(warehouse, INVOICES, OTHER) as asked:
        assert asked(["a"], [ONE]) == set()


def test_a_record_that_vanished_is_not_known(unchanged: Unchanged, conn: psycopg.Connection) -> None:
    staging = Load(conn, ORG, later(2), "run")
    staging.unchanged(INVOICES, ["b"])
    staging.merge(INVOICES, full=True, seen_before=later(1))
    conn.commit()
    assert unchanged(["a", "b"], [ONE, TWO]) == {1}


@pytest.mark.parametrize(
    ("by_hand", "left"),
    [
        ("update xero.invoices set total = 1 where invoice_id = 'a'", {1}),
        ("delete from xero.invoices where invoice_id = 'a'", {1}),
        ("update xero.invoice_lines set line_amount = 1 where invoice_id = 'a'", set[int]()),
        ("delete from xero.invoice_lines where invoice_id = 'a'", set[int]()),
        ("truncate xero.invoice_lines", set[int]()),
        (A_LINE, set[int]()),
    ],
)
def test_what_other_hands_changed_is_not_known(
    unchanged: Unchanged, conn: psycopg.Connection, by_hand: str, left: set[int]
) -> None:
    conn.execute(by_hand.encode())
    conn.commit()
    assert unchanged(["a", "b"], [ONE, TWO]) == left


def test_a_record_that_is_sent_otherwise_and_means_the_same_is_known_by_its_new_digest(
    unchanged: Unchanged, conn: psycopg.Connection
) -> None:
    staging = Load(conn, ORG, later(1), "run")
    staging.write(INVOICES, [invoice("a", digest=TWO)])
    assert staging.merge(INVOICES) == Changes(unchanged=1)
    conn.commit()
    assert [row["synced_at"] for row in stored(conn)] == [NOON, NOON]
    assert unchanged(["a", "b"], [TWO, TWO]) == {0, 1}


def test_an_older_version_does_not_leave_its_digest(unchanged: Unchanged, conn: psycopg.Connection) -> None:
    staging = Load(conn, ORG, later(1), "run")
    staging.write(INVOICES, [invoice("a", total="1.00", updated=later(-1), digest=TWO)])
    assert staging.merge(INVOICES) == Changes(unchanged=1)
    conn.commit()
    assert unchanged(["a"], [ONE]) == {0}


def test_a_full_load_has_seen_what_arrived_unchanged(conn: psycopg.Connection) -> None:
    staging = Load(conn, ORG, later(2), "run")
    staging.unchanged(INVOICES, ["b"])
    assert staging.merge(INVOICES, full=True, seen_before=later(1)) == Changes(unchanged=1, vanished=1)
    assert staging.merge(LINES) == Changes()
    conn.commit()
    assert [row["vanished_at"] for row in stored(conn)] == [later(2), None]
