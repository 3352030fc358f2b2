"""A run's events reach Dagster's PostgreSQL through a connection that stays open, and survive its loss."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import dagster as dg
import psycopg
import pytest
from sqlalchemy import event

from xero_pipeline.defs.storage import connected
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
    """A Dagster instance that keeps its runs in the test's database."""
    with psycopg.connect(database_url) as conn:
        conn.execute("create schema if not exists dagster")
    url = f"{dagster_url(database_url)}&application_name={_NAME.replace(' ', '%20')}"
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url)
    configured = """
        storage: {postgres: {postgres_url: {env: DAGSTER_POSTGRES_URL}}}
        telemetry: {enabled: false}
    """
    (tmp_path / "dagster.yaml").write_text(dedent(configured))
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


def test_storage_asks_through_one_connection_for_the_block_and_is_as_it_was_afterwards(
    instance: dg.DagsterInstance, database_url: str
) -> None:
    instance.get_runs_count()
    assert _all_ended(database_url)
    with connected(instance):
        instance.get_runs_count()
        kept = _backends(database_url)
        instance.get_runs_count()
        assert len(kept) == 1
        assert _backends(database_url) == kept
        with connected(instance):
            instance.get_runs_count()
        assert _backends(database_url) == kept
    instance.get_runs_count()
    assert _all_ended(database_url)


def test_a_connection_of_the_storage_that_was_lost_is_replaced(instance: dg.DagsterInstance, database_url: str) -> None:
    with connected(instance):
        instance.get_runs_count()
        (lost,) = _backends(database_url)
        with psycopg.connect(database_url) as conn:
            conn.execute("select pg_terminate_backend(%s, 5000)", [lost])
        assert instance.get_runs_count() == 0
        assert lost not in _backends(database_url)


def test_every_event_of_a_run_is_stored(build: Build, instance: dg.DagsterInstance, database_url: str) -> None:
    job = build().resolve_job_def("demo_delta")
    result = job.execute_in_process(partition_key=_KEY, asset_selection=_KEYS, instance=instance)
    stored = instance.all_logs(result.run_id)
    of_steps = [entry.dagster_event for entry in stored if entry.dagster_event and entry.dagster_event.is_step_event]
    assert [event.event_type for event in of_steps] == [e.event_type for e in result.all_events if e.is_step_event]
    assert all(instance.get_latest_materialization_event(key) for key in _KEYS)
    assert instance.get_run_by_id(result.run_id).status == dg.DagsterRunStatus.SUCCESS  # type: ignore[union-attr]
    assert _all_ended(database_url)


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

    with connected(instance):
        event.listen(instance.event_log_storage._engine, "before_cursor_execute", note)  # type: ignore[attr-defined]
        job = build().resolve_job_def("demo_delta")
        assert job.execute_in_process(partition_key=_KEY, asset_selection=_KEYS, instance=instance).success
        catalogue = [statement for statement in asked if "pg_catalog.pg_class" in statement]
        assert len(asked) > 50
        assert len(catalogue) <= len(set(catalogue)) + 1
    assert not {"has_table", "_has_asset_key_col_on_connection"} & set(vars(instance.event_log_storage))


def test_a_storage_without_connections_stays_as_it_is() -> None:
    with dg.DagsterInstance.ephemeral() as instance, connected(instance):
        assert instance.get_runs_count() == 0
    with connected(None):
        pass
