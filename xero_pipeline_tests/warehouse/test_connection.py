"""One URL in, connections out, and one clear sentence when the server cannot be used."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from xero_pipeline.domain.errors import Permanent, Transient
from xero_pipeline.warehouse.connection import Warehouse, WarehouseConnection, dagster_url, libpq_url, sqlalchemy_url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@h:1/d",
        "postgres://u:p@h:1/d",
        "postgresql+psycopg2://u:p@h:1/d",
        " postgresql+asyncpg://u:p@h:1/d",
    ],
)
def test_any_spelling_of_the_url_is_the_same_server(url: str) -> None:
    assert libpq_url(url) == "postgresql://u:p@h:1/d"
    assert sqlalchemy_url(url) == "postgresql+psycopg://u:p@h:1/d"


@pytest.mark.parametrize(
    "url", ["mysql://h/d", "h/d", "", "postgresql://h:port/d", "postgresql://h/d?no_such_option=1"]
)
def test_another_kind_of_url_is_refused(url: str) -> None:
    with pytest.raises(Permanent, match="not a PostgreSQL address"):
        Warehouse(url)


def test_dagster_gets_its_own_driver_and_schema_and_keeps_what_the_url_says() -> None:
    url = dagster_url("postgresql://u:p%40@h/d?sslmode=require&options=-c%20work_mem%3D8MB")
    assert url == (
        "postgresql+psycopg2://u:p%40@h/d?sslmode=require&options=-c%20work_mem%3D8MB%20-c%20search_path%3Ddagster"
    )


def test_a_server_that_is_not_there_may_come_back() -> None:
    with pytest.raises(Transient, match=r"127\.0\.0\.1:1/d cannot be reached"):
        Warehouse("postgresql://u:secret@127.0.0.1:1/d").connect()


def test_no_message_holds_the_password() -> None:
    with pytest.raises(Transient) as caught:
        Warehouse("postgresql://u:secret@127.0.0.1:1/d").connect()
    assert "secret" not in str(caught.value)
    with pytest.raises(Permanent) as refused:
        Warehouse("postgresql://u:secret@h:port/d")
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(Warehouse("postgresql://u:secret@h/d"))


def test_a_database_that_does_not_exist_needs_a_person(database_url: str) -> None:
    missing = database_url.replace("/test_", "/no_such_")
    with pytest.raises(Permanent, match="does not exist"):
        Warehouse(missing).connect()


def test_an_old_server_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xero_pipeline.warehouse.connection.OLDEST_SERVER", 99)
    with pytest.raises(Permanent, match="99 or newer is needed"):
        warehouse.connect()


def test_a_database_without_tables_is_told_apart_from_one_that_is_behind(
    empty_database_url: str, warehouse: Warehouse
) -> None:
    with pytest.raises(Permanent, match="has no tables yet"):
        Warehouse(empty_database_url).check()
    warehouse.check()
    with warehouse.connect() as conn:
        conn.execute("UPDATE sync.alembic_version SET version_num = '0000'")
    with pytest.raises(Permanent, match="is at revision 0000"):
        warehouse.check()


def test_instants_come_back_in_utc_and_the_connection_says_what_it_is_for(warehouse: Warehouse) -> None:
    with warehouse.connect(purpose="invoices") as conn:
        assert conn.execute("SHOW timezone").fetchone() == ("UTC",)
        assert conn.execute("SHOW application_name").fetchone() == ("xero_pipeline invoices",)


def test_a_block_is_one_transaction(warehouse: Warehouse) -> None:
    def half() -> None:
        with warehouse.connect() as conn:
            conn.execute("CREATE TABLE half_done (n int)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with warehouse.connect() as conn:
        assert conn.execute("SELECT to_regclass('half_done')").fetchone() == (None,)


def test_what_postgresql_raises_leaves_a_block_as_one_of_our_errors(warehouse: Warehouse) -> None:
    with pytest.raises(Permanent, match="no_such_table"), warehouse.connect() as conn:
        conn.execute("SELECT * FROM no_such_table")

    def lose(conn: WarehouseConnection) -> None:
        with warehouse.connect() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [conn.info.backend_pid])
        conn.execute("SELECT 1")

    with pytest.raises(Transient), warehouse.connect() as conn:
        lose(conn)


def test_lost_deadlocks_and_full_disks_may_be_run_again() -> None:
    from xero_pipeline.warehouse.connection import translated

    kinds: list[type[psycopg.Error]] = [errors.DeadlockDetected, errors.DiskFull, errors.AdminShutdown]
    assert [type(translated(kind("x"))) for kind in kinds] == [Transient] * 3
    assert type(translated(errors.UniqueViolation("x"))) is Permanent
