"""From an empty database to the declared tables and views, the same for every process that tries."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql

from xero_pipeline.warehouse import ledger, migrations
from xero_pipeline.warehouse.connection import Warehouse, dagster_url
from xero_pipeline.warehouse.migrations.run import SCHEMAS, view_files
from xero_pipeline.warehouse.tables import metadata

OURS = {"xero", "salesforce", "sync", "analytics"}


@pytest.fixture
def config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def _differences(warehouse: Warehouse) -> list[object]:
    """What Alembic would change to bring the database to the declared tables."""
    with warehouse.engine().connect() as connection:
        options = {
            "include_schemas": True,
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in OURS,
            "include_object": lambda _, name, kind, *__: not (kind == "table" and name == "alembic_version"),
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_the_newest_revision_is_the_one_that_checks_expect(config: Config) -> None:
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_a_migrated_database_is_what_the_tables_declare(warehouse: Warehouse) -> None:
    assert _differences(warehouse) == []


@pytest.fixture
def first_release(empty_database_url: str, config: Config) -> Warehouse:
    """A database of the first release (revision 0001), in use."""
    warehouse = Warehouse(empty_database_url)
    with warehouse.connect() as conn:
        for schema in SCHEMAS:
            conn.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    config.attributes["engine"] = warehouse.engine()
    command.upgrade(config, "0001")
    with warehouse.connect() as conn:
        conn.execute(
            """
            INSERT INTO salesforce.opportunities (org_id, opportunity_id, name, amount, system_modstamp, synced_at)
            VALUES ('00D', '006a', 'Pumps', 115.10, now(), now());
            INSERT INTO salesforce.products (org_id, product_id, name, system_modstamp, synced_at)
            VALUES ('00D', '01ta', 'Pump', now(), now());
            INSERT INTO sync.windows (org_id, endpoint, covered_until, mode, recorded_at)
            SELECT '00D', endpoint, now(), 'full', now()
            FROM unnest('{salesforce.opportunities, salesforce.users, invoices}'::text[]) AS reads (endpoint);
            INSERT INTO sync.deliveries (org_id, system, object, external_id, payload_hash, status, attempts, first_at)
            VALUES ('x', 'salesforce', 'Xero_Invoice__c', 'i-1', 'abc', 'failed', 3, now())
            """
        )
    return warehouse


def test_a_database_of_the_first_release_becomes_todays_and_keeps_its_rows(first_release: Warehouse) -> None:
    first_release.migrate()
    first_release.check()

    assert _differences(first_release) == []
    with first_release.connect() as conn:
        sold = conn.execute("SELECT name, amount, xero_export, xero_currency FROM salesforce.opportunities").fetchall()
        products = conn.execute("SELECT name, xero_sync FROM salesforce.products").fetchall()
        sent = conn.execute("SELECT external_id, status, attempts, step, called_at FROM sync.deliveries").fetchall()
    assert sold == [("Pumps", Decimal("115.10"), False, None)]
    assert products == [("Pump", False)]
    assert sent == [("i-1", "failed", 3, None, None)]


def test_what_gained_columns_is_read_whole_again_and_nothing_else_is(first_release: Warehouse) -> None:
    first_release.migrate()

    with first_release.connect() as conn:
        assert ledger.watermark(conn, "00D", "salesforce.opportunities") is None
        assert ledger.watermark(conn, "00D", "salesforce.users") is not None
        assert ledger.watermark(conn, "00D", "invoices") is not None


def test_every_schema_table_view_and_column_has_a_comment(warehouse: Warehouse) -> None:
    with warehouse.connect() as conn:
        silent = conn.execute(
            """
            SELECT class.oid::regclass::text, attribute.attname
            FROM pg_class AS class
            INNER JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
            INNER JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum >= 0
            WHERE namespace.nspname = ANY(%s) AND class.relkind IN ('r', 'v') AND class.relname <> 'alembic_version'
                AND NOT attribute.attisdropped
                AND (coalesce(col_description(class.oid, attribute.attnum), '') = ''
                    OR coalesce(obj_description(class.oid), '') = '')
            """,
            [list(OURS)],
        ).fetchall()
        schemas = conn.execute("SELECT nspname FROM pg_namespace WHERE obj_description(oid) <> ''").fetchall()
    assert silent == []
    assert {name for (name,) in schemas} >= set(SCHEMAS)


def test_the_organisation_comes_first_in_every_table_of_records() -> None:
    for table in metadata.tables.values():
        if table.schema in ("xero", "salesforce", "analytics"):
            assert next(iter(table.columns)).name == "org_id"
            assert next(iter(table.primary_key.columns)).name == "org_id"


def test_processes_that_migrate_at_once_do_it_once(empty_database_url: str) -> None:
    program = "import sys; from xero_pipeline.warehouse.connection import Warehouse; Warehouse(sys.argv[1]).migrate()"
    arguments = [sys.executable, "-c", program, empty_database_url]
    processes = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[1] for process in processes] == ["", ""]
    Warehouse(empty_database_url).check()


def test_migrating_again_changes_nothing(warehouse: Warehouse) -> None:
    def state() -> list[tuple[object, ...]]:
        with warehouse.connect() as conn:
            return conn.execute(
                "SELECT max(xmin::text::bigint) FROM pg_class UNION ALL SELECT count(*) FROM pg_class"
            ).fetchall()

    before = state()
    warehouse.migrate()
    assert state() == before


def test_a_changed_view_is_brought_up_to_its_file(warehouse: Warehouse) -> None:
    with warehouse.connect() as conn:
        conn.execute("DROP VIEW analytics.payments_by_month")
        conn.execute("""UPDATE sync.settings SET value = '"older"' WHERE key = 'views'""")
    warehouse.migrate()
    with warehouse.connect() as conn:
        views = conn.execute("SELECT viewname FROM pg_views WHERE schemaname = 'analytics'").fetchall()
    assert {name for (name,) in views} == {file.stem[3:] for file in view_files()}


@pytest.mark.filterwarnings("ignore")
def test_dagster_keeps_its_storage_in_a_schema_of_its_own(warehouse: Warehouse, tmp_path: Path) -> None:
    from dagster import DagsterInstance

    (tmp_path / "dagster.yaml").write_text(
        f"storage:\n  postgres:\n    postgres_url: '{dagster_url(warehouse.url)}'\ntelemetry: {{enabled: false}}\n"
    )
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        instance.get_runs_count()
        instance.all_asset_keys()
        instance.all_instigator_state()
    with warehouse.connect() as conn:
        tables = conn.execute(
            "SELECT schemaname, count(*) FROM pg_tables WHERE tablename IN "
            "('runs', 'event_logs', 'instigators', 'job_ticks', 'asset_keys') GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert tables == [("dagster", 5), ("sync", 1)]
