"""Invoices and their lines, loaded as a stage loads them, and what of them is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
from psycopg.rows import dict_row

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
