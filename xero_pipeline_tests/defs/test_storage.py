"""Dagster's storage reaches PostgreSQL through a connection that stays open, gathers none, and survives its loss."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import dagster as dg
import psycopg
import pytest
import yaml
from sqlalchemy import event
from sqlalchemy.engine import Connection

from xero_pipeline.definitions import RUN_ENVIRONMENT
from xero_pipeline.defs.event_log import EventLog
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.plan import Stage
from xero_pipeline.stages.report import StageReport
from xero_pipeline.warehouse.connection import dagster_url
from xero_pipeline_tests.defs.conftest import Build, Sessions

_KEY = "2026-03-08-08:52"
_KEYS = [dg.AssetKey(["demo", "xero", table]) for table in ("contacts", "invoices", "bills")]
_BACKENDS = """
select pid
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and application_name = %s
"""
_NAME = "dagster under test"


@pytest.fixture
def instance(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance that keeps its runs in the test's database, in the storage that dagster.yaml names."""
    with psycopg.connect(database_url) as conn:
        conn.execute("create schema if not exists dagster")
    url = f"{dagster_url(database_url)}&application_name={_NAME.replace(' ', '%20')}"
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    storage = yaml.safe_load(Path("dagster.yaml").read_text())["storage"]
    configured = {"storage": storage, "telemetry": {"enabled": False}}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(configured))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def _backends(database_url: str) -> set[int]:
    with psycopg.connect(database_url) as conn:
        return {pid for (pid,) in conn.execute(_BACKENDS, [_NAME])}


def _all_ended(database_url: str) -> bool:
    """Whether no connection is left; the server notices a moment later that one was closed."""
    for _ in range(500):
        if not _backends(database_url):
            return True
        time.sleep(0.02)
    return False


def _use(instance: dg.DagsterInstance) -> None:
    """A question to each of the three storages."""
    instance.get_runs_count()
    instance.all_asset_keys()
    instance.all_instigator_state()


def test_runs_events_and_schedules_are_asked_through_one_connection_that_ends_with_the_instance(
    instance: dg.DagsterInstance, database_url: str
) -> None:
    assert _all_ended(database_url)
    _use(instance)
    kept = _backends(database_url)
    _use(instance)
    assert len(kept) == 1
    assert _backends(database_url) == kept
    instance.dispose()
    assert _all_ended(database_url)


def test_threads_do_not_wait_for_each_other_and_leave_two_connections(
    instance: dg.DagsterInstance, database_url: str
) -> None:
    together = Barrier(8, timeout=30)

    def ask(number: int) -> None:
        with instance.event_log_storage.index_connection():  # type: ignore[attr-defined]
            together.wait()
            _use(instance)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(8)))
    for _ in range(500):
        if len(_backends(database_url)) <= 2:
            break
        time.sleep(0.02)
    assert len(_backends(database_url)) == 2


@pytest.mark.parametrize("webserver", [False, True])
def test_connections_that_a_restart_of_the_server_ended_are_replaced(
    instance: dg.DagsterInstance, database_url: str, webserver: bool
) -> None:
    if webserver:
        instance.optimize_for_webserver(statement_timeout=15_000, pool_recycle=3600, max_overflow=20)
    with instance.event_log_storage.index_connection():  # type: ignore[attr-defined]
        _use(instance)
    lost = _backends(database_url)
    assert len(lost) in (2, 3)
    with psycopg.connect(database_url) as conn:
        for pid in lost:
            conn.execute("select pg_terminate_backend(%s, 5000)", [pid])
    with instance.event_log_storage.index_connection():  # type: ignore[attr-defined]
        _use(instance)
    assert not lost & _backends(database_url)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_opens_a_connection_of_its_own(instance: dg.DagsterInstance, database_url: str) -> None:
    _use(instance)
    kept = _backends(database_url)
    child = os.fork()
    if not child:
        try:
            _use(instance)
            gc.collect()
            os._exit(0 if len(_backends(database_url) - kept) == 1 else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    _use(instance)
    assert kept <= _backends(database_url)


def test_a_table_that_was_not_there_is_asked_for_again_and_one_that_was_is_not(
    instance: dg.DagsterInstance, database_url: str
) -> None:
    events = instance.event_log_storage
    assert not events.has_table("later")  # type: ignore[attr-defined]
    with psycopg.connect(database_url) as conn:
        conn.execute("create table dagster.later ()")
    assert events.has_table("later")  # type: ignore[attr-defined]
    with psycopg.connect(database_url) as conn:
        conn.execute("drop table dagster.later")
    assert events.has_table("later")  # type: ignore[attr-defined]
    assert not events.has_table("never")  # type: ignore[attr-defined]


def test_every_event_of_a_run_is_stored(build: Build, instance: dg.DagsterInstance, database_url: str) -> None:
    job = build().resolve_job_def("demo_delta")
    result = job.execute_in_process(partition_key=_KEY, asset_selection=_KEYS, instance=instance)
    stored = instance.all_logs(result.run_id)
    of_steps = [entry.dagster_event for entry in stored if entry.dagster_event and entry.dagster_event.is_step_event]
    assert [event.event_type for event in of_steps] == [e.event_type for e in result.all_events if e.is_step_event]
    assert all(instance.get_latest_materialization_event(key) for key in _KEYS)
    assert instance.get_run_by_id(result.run_id).status == dg.DagsterRunStatus.SUCCESS  # type: ignore[union-attr]
    assert len(_backends(database_url)) <= 2


def test_a_run_goes_on_when_the_server_ends_the_connection_that_its_events_go_through(
    build: Build, instance: dg.DagsterInstance, sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    perform, lost = sessions.perform, set[int]()

    def lose(stage: Stage, window: Window) -> StageReport:
        with psycopg.connect(database_url) as conn:
            for pid in _backends(database_url):
                conn.execute("select pg_terminate_backend(%s, 5000)", [pid])
                lost.add(pid)
        return perform(stage, window)

    monkeypatch.setattr(sessions, "perform", lose)
    job = build().resolve_job_def("demo_delta")
    result = job.execute_in_process(partition_key=_KEY, asset_selection=_KEYS, instance=instance)
    assert result.success
    assert len(lost) >= 2
    assert all(instance.get_latest_materialization_event(key) for key in _KEYS)


def test_a_run_does_not_ask_with_each_event_what_tables_dagster_has(build: Build, instance: dg.DagsterInstance) -> None:
    asked: list[str] = []

    def note(conn: object, cursor: object, statement: str, values: object, *rest: object) -> None:
        asked.append(f"{statement} {values}")

    event.listen(instance.event_log_storage._engine, "before_cursor_execute", note)  # type: ignore[attr-defined]
    job = build().resolve_job_def("demo_delta")
    assert job.execute_in_process(partition_key=_KEY, asset_selection=_KEYS, instance=instance).success
    catalogue = [statement for statement in asked if "pg_catalog.pg_class" in statement]
    assert len(asked) > 50
    assert len(catalogue) <= len(set(catalogue)) + 1


def test_events_that_are_stored_together_are_stored_once_even_when_that_fails_half_way(
    build: Build, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in RUN_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    keep, kept = EventLog._keep_latest, list[int]()

    def fail_once(log: EventLog, conn: Connection, events: Sequence[tuple[dg.EventLogEntry, int]]) -> None:
        kept.append(len(events))
        if len(kept) == 1:
            raise RuntimeError("The server was restarted.")
        keep(log, conn, events)

    monkeypatch.setattr(EventLog, "_keep_latest", fail_once)
    job = build().resolve_job_def("demo_delta")
    result = job.execute_in_process(partition_key=_KEY, asset_selection=_KEYS, instance=instance)
    assert "The server was restarted." in capsys.readouterr().err
    planned = instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
    keys = [entry.dagster_event.asset_key for entry in planned if entry.dagster_event]
    assert sorted(map(str, keys)) == sorted(map(str, set(keys)))
    assert set(_KEYS) <= set(keys)
