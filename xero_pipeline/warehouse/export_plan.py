"""The newest plan of an export, as it is kept: a row an invoice to be with its lines, replaced sale by sale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row
from sqlalchemy import Table

from xero_pipeline.warehouse.exact_json import jsonb, read_exactly
from xero_pipeline.warehouse.tables.sync_export import export_documents, export_lines

Row = Mapping[str, Any]

_FORGET = """
with sale as (
    select external_id
    from sync.export_documents
    where org_id = %(org_id)s and sale_id = any(%(sale_ids)s)
),

line as (
    delete from sync.export_lines
    where org_id = %(org_id)s and external_id in (select external_id from sale)
)

delete from sync.export_documents where org_id = %(org_id)s and external_id in (select external_id from sale)
"""

_DOCUMENTS = """
select *
from sync.export_documents
where org_id = %(org_id)s and (%(actions)s::text[] is null or action = any(%(actions)s))
order by sale_type, sale_name, external_id
"""

_CLOSE = """
update sync.export_documents as documents set
    action = case when deliveries.status = 'succeeded' then 'no_op' else 'waiting' end,
    reasons = case
        when deliveries.status = 'failed'
        then jsonb_build_array(jsonb_build_object('check', deliveries.error_code, 'sentence', deliveries.error))
    end,
    cause = deliveries.cause,
    payload = null,
    creates = null
from sync.deliveries
where
    documents.org_id = %(org_id)s and documents.action in ('create', 'update')
    and deliveries.org_id = documents.org_id and deliveries.system = 'xero' and deliveries.object = 'invoices'
    and deliveries.external_id = documents.external_id
    and deliveries.source_hash = documents.source_hash and deliveries.status <> 'pending'
"""

_LINES = """
select external_id, line_id, position, item_code, item_state, product_id, account_code, tax_type
from sync.export_lines
where org_id = %(org_id)s and external_id = any(%(external_ids)s)
order by external_id, position
"""


def replace(
    conn: Connection, org_id: str, sale_ids: Sequence[str], documents: Iterable[Row], lines: Iterable[Row]
) -> None:
    """Put these rows in the place of all that is planned for these sales; sales that are named without a row leave the plan."""
    conn.execute(_FORGET, {"org_id": org_id, "sale_ids": list(sale_ids)})
    for table, rows in ((export_documents, documents), (export_lines, lines)):
        prepared = [_prepared(table, row) for row in rows]
        if prepared:
            with conn.cursor() as cursor:
                cursor.executemany(_insert(table), prepared)


def documents(conn: Connection, org_id: str, actions: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of the plan, or those with these actions."""
    read_exactly(conn)
    with conn.cursor(row_factory=dict_row) as cursor:
        binds = {"org_id": org_id, "actions": None if actions is None else list(actions)}
        return cursor.execute(_DOCUMENTS, binds).fetchall()


def lines(conn: Connection, org_id: str, external_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The lines of these invoices in their order, by external id."""
    found: dict[str, list[dict[str, Any]]] = {}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_LINES, {"org_id": org_id, "external_ids": list(external_ids)}):
            found.setdefault(row["external_id"], []).append(row)
    return found


def close(conn: Connection, org_id: str) -> None:
    """What was sent as it was planned is done, and what Xero refused waits for a person."""
    conn.execute(_CLOSE, {"org_id": org_id})


def _insert(table: Table) -> sql.Composed:
    names = [column.name for column in table.columns]
    return sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(*table.fullname.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(map(sql.Placeholder, names)),
    )


def _prepared(table: Table, row: Row) -> dict[str, object]:
    values = {column.name: row.get(column.name) for column in table.columns}
    return {name: jsonb(value) if isinstance(value, (dict, list)) else value for name, value in values.items()}
