from __future__ import annotations

import pytest

from xero_pipeline.salesforce.objects import OBJECTS
from xero_pipeline.warehouse.tables.metadata import BOOKKEEPING, metadata


@pytest.mark.parametrize("table", OBJECTS)
def test_the_columns_read_are_the_columns_of_the_table_in_its_order(table: str) -> None:
    columns = [
        column.name for column in metadata.tables[f"salesforce.{table}"].columns if column.name not in BOOKKEEPING
    ]
    assert [column.name for column in OBJECTS[table].columns] == columns


@pytest.mark.parametrize("table", OBJECTS)
def test_every_column_of_a_table_says_what_it_holds(table: str) -> None:
    described = metadata.tables[f"salesforce.{table}"]
    assert described.comment
    assert all(column.comment for column in described.columns)


def test_every_table_of_the_schema_is_read() -> None:
    assert {name for name in metadata.tables if name.startswith("salesforce.")} == {
        f"salesforce.{name}" for name in OBJECTS
    }


def test_every_object_is_read_by_its_stamp_and_its_id() -> None:
    for each in OBJECTS.values():
        assert {"Id", "SystemModstamp"} <= {column.field for column in each.columns if column.presence == "required"}
