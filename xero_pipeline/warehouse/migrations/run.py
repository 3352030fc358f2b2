"""Migrate by API, no alembic.ini: take the lock, run the revisions, then bring the views to what their files say."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors, sql
from psycopg.types.json import Jsonb

from xero_pipeline.warehouse.connection import DAGSTER_SCHEMA, WarehouseConnection, translated
from xero_pipeline.warehouse.migrations import HEAD

if TYPE_CHECKING:
    from xero_pipeline.warehouse.connection import Warehouse

SCHEMAS = {
    "xero": "What Xero holds, one table an endpoint, Xero's field names in snake_case",
    "salesforce": "What Salesforce holds of accounts, contacts, products and deals",
    "sync": "What the pipeline knows about itself: coverage, runs, events, deliveries, matches, links",
    "analytics": "Views and tables for analysts",
    DAGSTER_SCHEMA: "Dagster's own storage: runs, event logs, schedules",
}
VIEWS = Path(__file__).parent.parent / "views"

# Any number does, as long as nothing else in the database uses it.
_LOCK = 0x7865726F
_STATE = """
SELECT
    (SELECT version_num FROM sync.alembic_version),
    (SELECT value #>> '{}' FROM sync.settings WHERE org_id = '' AND scope = 'global' AND key = 'views')
"""
_REMEMBER_VIEWS = """
INSERT INTO sync.settings AS known (org_id, scope, subject, key, value, updated_at, updated_by)
VALUES ('', 'global', '', 'views', %(digest)s, %(now)s, 'migrations')
ON CONFLICT (org_id, scope, subject, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
"""


def migrate(warehouse: Warehouse) -> None:
    """Bring the database to `HEAD` and the views to their files. Costs one query when there is nothing to do.

    A second process waits for the first on an advisory lock and then finds nothing to do. Raises Transient or Permanent.
    """
    digest = _views_digest()
    with warehouse.connect(autocommit=True, purpose="migration") as conn:
        if _state(conn) == (HEAD, digest):
            return
        conn.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        revision, views = _state(conn)
        if revision != HEAD:
            _create_schemas(conn)
            _upgrade(warehouse)
        if views != digest:
            with conn.transaction():
                for file in view_files():
                    conn.execute(sql.SQL(file.read_text()))
                conn.execute(_REMEMBER_VIEWS, {"digest": Jsonb(digest), "now": datetime.now(UTC)})


def view_files() -> list[Path]:
    """The view definitions, in the order in which they may refer to each other: by name."""
    return sorted(VIEWS.glob("*.sql"))


def _views_digest() -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in view_files())).hexdigest()


def _state(conn: WarehouseConnection) -> tuple[str | None, str | None]:
    try:
        row = conn.execute(_STATE).fetchone()
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return None, None
    return (None, None) if row is None else (row[0], row[1])


def _create_schemas(conn: WarehouseConnection) -> None:
    for name, comment in SCHEMAS.items():
        schema = sql.Identifier(name)
        conn.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        conn.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(schema, sql.Literal(comment)))


def _upgrade(warehouse: Warehouse) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import DBAPIError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = warehouse.engine()
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise translated(error.orig) from error
        raise
