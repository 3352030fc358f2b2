"""The tables of the export's plan hold the evidence that the checks look at, whole and in its own types."""

from __future__ import annotations

import dataclasses
import typing
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Date, Integer, Numeric, Text

from xero_pipeline.domain.drafts import Draft, DraftLine
from xero_pipeline.domain.export_checks import EXPORT_CHECKS
from xero_pipeline.warehouse.tables import metadata

TABLES: dict[str, type] = {"sync.export_documents": Draft, "sync.export_lines": DraftLine}
# What a plan adds to the evidence.
PLAN = {
    "sync.export_documents": {
        "org_id",
        "plan_id",
        "planned_at",
        "action",
        "reasons",
        "cause",
        "before",
        "after",
        "creates",
        "payload",
    },
    "sync.export_lines": {"org_id", "external_id"},
}
KINDS: dict[object, type] = {str: Text, int: Integer, Decimal: Numeric, date: Date}


def _kinds(evidence: type) -> dict[str, type]:
    """The column type of each field: text for words from a list, too."""
    hints = typing.get_type_hints(evidence)
    given = {name: set(typing.get_args(hint) or (hint,)) - {type(None)} for name, hint in hints.items()}
    return {name: KINDS.get(next(iter(types)), Text) for name, types in given.items() if name != "lines"}


@pytest.mark.parametrize("table", TABLES)
def test_every_field_of_the_evidence_has_a_column_of_its_type(table: str) -> None:
    columns = metadata.tables[table].columns
    kinds = _kinds(TABLES[table])
    assert {name for name in columns.keys() if name not in PLAN[table]} == set(kinds)  # noqa: SIM118 - a collection
    assert {name: kind for name, kind in kinds.items() if not isinstance(columns[name].type, kind)} == {}


def test_every_check_looks_at_a_column_of_its_table_and_can_name_its_subject() -> None:
    for check in EXPORT_CHECKS:
        columns = metadata.tables["sync.export_documents" if check.grain == "document" else "sync.export_lines"].columns
        assert check.field in columns, check.name
        assert check.subject in columns, check.name


def test_money_and_quantities_are_exact() -> None:
    for name in TABLES:
        numeric = [field.name for field in dataclasses.fields(TABLES[name]) if "Decimal" in str(field.type)]
        assert numeric
        assert all(metadata.tables[name].columns[column].type.asdecimal for column in numeric)  # type: ignore[attr-defined]
