"""How many rows the tables hold that a stage wrote to, for people and for PostgreSQL's planner."""

from __future__ import annotations

from collections.abc import Callable

from psycopg import sql

from xero_pipeline.stages.known import Known
from xero_pipeline.stages.report import StageReport
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.loader import GLANCE
from xero_pipeline.warehouse.tables.metadata import is_id, metadata

_ROWS = sql.SQL("(select count(*) from {table} where org_id = {id})")
# As small as this, a table is looked at after any change of ten rows.
_SMALL = 50


def count_rows(warehouse: Warehouse, known: Known, report: StageReport, id_in: Callable[[str], str]) -> None:
    """Say in the report how many rows of the organisation its tables hold now: those that are not known are counted.

    `id_in` answers with the id that rows of a schema belong to.
    """
    # Objects of Salesforce are no tables.
    tables = [name for name in report.tables if "__c" not in name]
    unknown = [name for name in known.written(report) if name in tables]
    if unknown:
        counts = [
            _ROWS.format(table=sql.Identifier(schema, table), id=sql.Literal(id_in(schema)))
            for schema, _, table in (name.partition(".") for name in unknown)
        ]
        with warehouse.connect(purpose="row counts") as conn:
            found = conn.execute(sql.SQL("select {}").format(sql.SQL(", ").join(counts))).fetchone() or ()
        report.row_counts = dict(zip(unknown, found, strict=True))
        known.counted(report.row_counts)
    report.row_counts |= {name: known.rows[name] for name in tables if name in known.rows}


def look_anew(warehouse: Warehouse, report: StageReport) -> None:
    """Let PostgreSQL look at tables that changed by a fifth: autovacuum does so a minute later, and until then whatever
    joins them is planned for tables of the size they had. What they are joined by, ids, is looked at; the rest can wait."""
    changed = [
        name for name, count in report.row_counts.items() if report.tables[name].written * 5 > max(count, _SMALL)
    ]
    if changed:
        tables = sql.SQL(", ").join(
            sql.SQL("{} ({})").format(
                sql.Identifier(*name.split(".")), sql.SQL(", ").join(map(sql.Identifier, _ids(name)))
            )
            for name in changed
        )
        with warehouse.connect(purpose="statistics") as conn:
            conn.execute(GLANCE)
            conn.execute(sql.SQL("analyze {}").format(tables))


def _ids(table: str) -> list[str]:
    return [column.name for column in metadata.tables[table].columns if is_id(column)]
