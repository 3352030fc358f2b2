"""What a load says it wrote, by which a stage knows what to look at: those rows, all of them and no others."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from xero_pipeline.warehouse.loader import Load
from xero_pipeline_tests.warehouse.loads import INVOICES, LINES, NOON, ORG, OTHER, invoice, later, line


def _merged(
    conn: psycopg.Connection, minutes: int, *keys: str, total: str, org: str = ORG, first: bool = False
) -> Load:
    load = Load(conn, org, later(minutes), "run", first=first)
    load.write(INVOICES, [invoice(key, total=total, updated=later(minutes)) for key in keys])
    load.write(LINES, [line(key, 1, total) for key in keys])
    load.merge(INVOICES)
    load.merge(LINES)
    return load


def _written(conn: psycopg.Connection, load: Load, table: str, minutes: int) -> list[str]:
    select = sql.SQL("SELECT invoice_id FROM {} AS written ORDER BY 1").format(load.written(table))
    return [key for (key,) in conn.execute(select, {"org_id": ORG, "now": later(minutes)})]


@pytest.mark.parametrize("first", [False, True])
def test_a_first_load_wrote_everything_of_its_organisation(conn: psycopg.Connection, first: bool) -> None:
    _merged(conn, 0, "x", total="1", org=OTHER)
    conn.commit()
    load = _merged(conn, 0, "a", "b", total="1", first=first)
    assert _written(conn, load, INVOICES, 0) == ["a", "b"]
    assert _written(conn, load, LINES, 0) == ["a", "b"]


def test_a_later_load_wrote_what_is_new_or_changed(conn: psycopg.Connection) -> None:
    _merged(conn, 0, "a", "b", "c", total="1")
    conn.commit()
    load = Load(conn, ORG, later(5), "run")
    load.write(INVOICES, [invoice("a", total="2", updated=later(5)), invoice("b", total="1"), invoice("d")])
    load.write(LINES, [line("a", 1, "1"), line("b", 1, "1"), line("d", 1), line("d", 2)])
    load.merge(INVOICES)
    load.merge(LINES)
    assert _written(conn, load, INVOICES, 5) == ["a", "d"]
    assert _written(conn, load, LINES, 5) == ["d", "d"]


def test_a_first_load_in_which_a_record_came_twice_wrote_that_too(conn: psycopg.Connection) -> None:
    load = Load(conn, ORG, NOON, "run", first=True)
    load.write(INVOICES, [invoice("a"), invoice("b")])
    load.write(INVOICES, [invoice("b", total="2", updated=later(1)), invoice("c")])
    load.merge(INVOICES)
    assert _written(conn, load, INVOICES, 0) == ["a", "b", "c"]
