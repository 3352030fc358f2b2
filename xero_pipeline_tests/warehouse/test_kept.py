"""The connections of a run serve one block after the other, and each block finds them as if they were new."""

from __future__ import annotations

import threading

import psycopg
import pytest

from xero_pipeline.domain.errors import Permanent
from xero_pipeline.warehouse.connection import Warehouse
from xero_pipeline.warehouse.kept import KeptWarehouse

OTHERS = """
select application_name, state, xact_start is not null
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and application_name like 'xero_pipeline%'
"""


def _backend(warehouse: Warehouse, purpose: str = "") -> int:
    with warehouse.connect(purpose=purpose) as conn:
        return conn.info.backend_pid


def _others(database_url: str) -> list[tuple[str, str, bool]]:
    with psycopg.connect(database_url) as conn:
        return conn.execute(OTHERS).fetchall()


def test_blocks_that_follow_each_other_share_a_connection(database_url: str) -> None:
    with KeptWarehouse(database_url) as warehouse:
        assert len({_backend(warehouse) for _ in range(5)}) == 1


def test_blocks_that_overlap_have_a_connection_each(database_url: str) -> None:
    with KeptWarehouse(database_url) as warehouse, warehouse.connect() as one, warehouse.connect() as other:
        assert one.info.backend_pid != other.info.backend_pid


def test_threads_never_share_a_connection_at_one_time(database_url: str) -> None:
    meet = threading.Barrier(4, timeout=30)
    backends: list[int] = []

    def work() -> None:
        with warehouse.connect() as conn:
            meet.wait()
            backends.append(conn.info.backend_pid)

    with KeptWarehouse(database_url) as warehouse:
        for _ in range(2):
            backends.clear()
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(set(backends)) == 4


def test_what_a_block_did_is_committed_at_its_end(database_url: str) -> None:
    with KeptWarehouse(database_url) as warehouse:
        with warehouse.connect() as conn:
            conn.execute("create table kept (n int)")
        with psycopg.connect(database_url) as other:
            assert other.execute("select count(*) from kept").fetchone() == (0,)


def test_a_block_finds_nothing_of_the_one_before_it(database_url: str) -> None:
    with KeptWarehouse(database_url) as warehouse:
        with warehouse.connect(purpose="one") as conn:
            conn.execute("set timezone = 'Pacific/Auckland'")
            conn.execute("set lock_timeout = '1s'")
            conn.execute("declare walk cursor with hold for select 1")
            backend = conn.info.backend_pid
        with warehouse.connect(autocommit=True, purpose="other") as conn:
            assert conn.info.backend_pid == backend
            assert conn.execute("show timezone").fetchone() == ("UTC",)
            assert conn.execute("show lock_timeout").fetchone() == ("0",)
            assert conn.execute("show application_name").fetchone() == ("xero_pipeline other",)
            assert conn.execute("select count(*) from pg_cursors where name = 'walk'").fetchone() == (0,)
            assert conn.autocommit
        with warehouse.connect() as conn:
            assert not conn.autocommit


def test_a_kept_connection_is_idle_and_a_block_that_said_nothing_is_in_no_transaction(database_url: str) -> None:
    with KeptWarehouse(database_url) as warehouse:
        _backend(warehouse, "one")
        assert _others(database_url) == [("xero_pipeline one", "idle", False)]
        with warehouse.connect(purpose="other"):
            assert _others(database_url) == [("xero_pipeline other", "idle", False)]


def test_a_connection_that_was_lost_between_two_blocks_is_replaced(database_url: str) -> None:
    with KeptWarehouse(database_url) as warehouse:
        lost = _backend(warehouse)
        with psycopg.connect(database_url) as conn:
            conn.execute("select pg_terminate_backend(%s, 5000)", [lost])
        assert _backend(warehouse) != lost


def test_a_connection_whose_block_failed_serves_no_other(database_url: str) -> None:
    with KeptWarehouse(database_url) as warehouse:
        before = _backend(warehouse)
        with pytest.raises(Permanent), warehouse.connect() as conn:
            conn.execute("create table kept (n int); select * from no_such_table")
        assert _backend(warehouse) != before
        with warehouse.connect() as conn:
            assert conn.execute("select to_regclass('kept')").fetchone() == (None,)


def test_a_connection_apart_is_never_kept(database_url: str) -> None:
    with KeptWarehouse(database_url) as warehouse:
        kept = _backend(warehouse)
        with warehouse.connect_apart() as conn:
            assert conn.info.backend_pid != kept
        assert conn.closed
        assert _backend(warehouse) == kept


def test_nothing_is_open_once_the_run_is_over(database_url: str) -> None:
    with KeptWarehouse(database_url) as warehouse:
        with warehouse.connect() as one, warehouse.connect() as other:
            pass
        late = warehouse.connect()
        assert [one.closed, other.closed] == [False, False]
    with late:
        late.execute("select 1")
    assert [one.closed, other.closed, late.closed] == [True, True, True]
