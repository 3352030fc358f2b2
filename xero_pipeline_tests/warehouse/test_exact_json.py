"""JSON columns keep amounts exact, and a thousand of them cost what one does a thousand times."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from psycopg.adapt import PyFormat
from psycopg.types.json import Jsonb

from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.exact_json import jsonb, read_exactly
from xero_pipeline.warehouse.outbox import Outbox

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


def test_amounts_come_back_as_they_went(warehouse: Warehouse) -> None:
    content = {
        "Quantity": Decimal("3.0000"),
        "UnitAmount": Decimal("0.1"),
        "Lines": [{"Id": 1, "Amount": Decimal("1e2")}],
    }
    with warehouse.connect() as conn:
        read_exactly(conn)
        row = conn.execute("select %s::jsonb", [jsonb(content)]).fetchone()
    assert row is not None
    assert row[0] == content
    assert [str(row[0][name]) for name in ("Quantity", "UnitAmount")] == ["3.0000", "0.1"]


def test_what_is_kept_and_read_of_a_delivery_leaves_nothing_behind_at_its_connection(warehouse: Warehouse) -> None:
    with warehouse.connect() as conn:
        outbox = Outbox(conn, "org", "invoices", "run", lambda: NOW)

        def one(external_id: str) -> tuple[object, object]:
            outbox.want(external_id, {"Total": Decimal("1.50")}, record_name="A sale", source_hash="h")
            (delivery,) = outbox.known([external_id]).values()
            outbox.succeeded(delivery, "there", {"Total": Decimal("1.50")})
            return conn.adapters.get_dumper(Jsonb, PyFormat.TEXT), conn.adapters.get_loader(3802, 0)  # type: ignore[arg-type]

        first = one("one")
        assert {one(f"sale {number}") for number in range(5)} == {first}
