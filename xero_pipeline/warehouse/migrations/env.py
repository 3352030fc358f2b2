"""What Alembic runs: every revision up to the target in one transaction, the version kept in schema `sync`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine
from sqlalchemy.sql.schema import SchemaItem

from xero_pipeline.warehouse.tables import metadata


def _ours(item: SchemaItem, name: str | None, kind: str, reflected: bool, compare_to: SchemaItem | None) -> bool:
    return not (kind == "table" and name == "alembic_version")


def _schema(name: str | None, kind: str, parents: object) -> bool:
    return kind != "schema" or name in {"xero", "salesforce", "sync", "analytics"}


engine: Engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema="sync",
        include_schemas=True,
        include_name=_schema,
        include_object=_ours,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
