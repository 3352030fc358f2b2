"""Two loads of an organisation at once, which its lock is there to prevent: one of them fails, and no change is lost."""

from __future__ import annotations

from datetime import timedelta

from xero_pipeline.domain.errors import Transient
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.loader import Load
from xero_pipeline_tests.warehouse.crossing import crossing
from xero_pipeline_tests.warehouse.loads import INVOICES, NOON, ORG, invoice, load, stored


def test_a_row_that_somebody_else_changes_meanwhile_fails_the_load(warehouse: Warehouse) -> None:
    newer = [invoice(key, total="2.00", updated=NOON + timedelta(minutes=2)) for key in "ab"]
    with warehouse.connect() as first, warehouse.connect() as second, warehouse.connect() as looking:
        load(first, [invoice("a"), invoice("b")])
        one = Load(first, ORG, NOON + timedelta(hours=1), "one")
        one.write(INVOICES, [invoice("a", total="1.00", updated=NOON + timedelta(minutes=1))])
        one.merge(INVOICES)
        other = Load(second, ORG, NOON + timedelta(hours=2), "other")
        other.write(INVOICES, newer)
        with crossing(second, lambda: other.merge(INVOICES), looking) as raised:
            first.commit()
        assert [type(error) for error in raised] == [Transient]
        assert "changed rows of xero.invoices" in str(raised[0])
        assert [str(row["total"]) for row in stored(first)] == ["1.00", "100.00"]
        # As the next run does, which asks Xero for the same again.
        load(first, newer)
        assert [str(row["total"]) for row in stored(first)] == ["2.00", "2.00"]
