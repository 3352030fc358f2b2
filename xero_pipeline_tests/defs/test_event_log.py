"""Events wait for each other and are stored together; what is kept of them is what Dagster's own storage would have kept."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dagster as dg
import psycopg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.events import (
    AssetMaterializationPlannedData,
    AssetObservationData,
    EngineEventData,
    StepMaterializationData,
)
from dagster._core.execution.plan.objects import StepSuccessData
from dagster_postgres import PostgresEventLogStorage
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import event as sqlalchemy_event

from xero_pipeline.defs.event_log import EventLog
from xero_pipeline.warehouse.connection import dagster_url

_ASSETS = [dg.AssetKey(["demo", table]) for table in ("contacts", "invoices", "payments")]
_RUNS = ["run one", "run two"]
_TABLES = {
    "event_logs": "run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition",
    "asset_keys": "asset_key, last_materialization, last_run_id, last_materialization_timestamp",
    "asset_event_tags": "asset_key, key, value, event_timestamp",
    "asset_check_executions": "asset_key, check_name, partition, run_id, execution_status, evaluation_event,"
    " evaluation_event_timestamp, evaluation_event_storage_id, materialization_event_storage_id",
}


@dataclass
class Logs:
    """A database that two storages write to, each in a schema of its own: ours, and that of dagster-postgres."""

    url: str
    ours: EventLog
    theirs: PostgresEventLogStorage

    def rows(self, log: PostgresEventLogStorage, table: str, columns: str = "") -> list[tuple[object, ...]]:
        schema = "ours" if log is self.ours else "theirs"
        chosen = sql.SQL(columns or _TABLES[table])  # type: ignore[arg-type]
        with psycopg.connect(self.url) as conn:
            statement = sql.SQL("select {} from {} order by id").format(chosen, sql.Identifier(schema, table))
            found = conn.execute(statement).fetchall()
        return sorted(found) if table == "asset_keys" else found

    def begin_anew(self) -> None:
        with psycopg.connect(self.url) as conn:
            for schema in ("ours", "theirs"):
                for table in _TABLES:
                    conn.execute(sql.SQL("truncate {} restart identity").format(sql.Identifier(schema, table)))


@pytest.fixture
def logs(database_url: str) -> Iterator[Logs]:
    for schema in ("ours", "theirs"):
        with psycopg.connect(database_url) as conn:
            conn.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    url = dagster_url(database_url)
    ours = EventLog(url.replace("search_path%3Ddagster", "search_path%3Dours"))
    theirs = PostgresEventLogStorage(url.replace("search_path%3Ddagster", "search_path%3Dtheirs"))
    yield Logs(database_url, ours, theirs)
    ours.dispose()
    theirs.dispose()


def _entry(
    kind: dg.DagsterEventType, data: object, run: str = _RUNS[0], at: float = 1_772_962_200.0
) -> dg.EventLogEntry:
    happened = dg.DagsterEvent(kind.value, "demo_delta", step_key="a step", event_specific_data=data)  # type: ignore[arg-type]
    return dg.EventLogEntry(None, 10, "", run, at, "a step", "demo_delta", happened)  # type: ignore[arg-type]


def _said(text: str) -> dg.EventLogEntry:
    return dg.EventLogEntry(None, 20, text, _RUNS[0], 1_772_962_200.0)  # type: ignore[arg-type]


def _materialized(
    asset: dg.AssetKey = _ASSETS[0], run: str = _RUNS[0], at: float = 1_772_962_200.0
) -> dg.EventLogEntry:
    made = dg.AssetMaterialization(asset, partition="2026-03-08-08:52", tags={"dagster/data_version": "1"})
    return _entry(dg.DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(made), run, at)


_SUCCESS = _entry(dg.DagsterEventType.STEP_SUCCESS, StepSuccessData(12.5))
_RUN_SUCCESS = _entry(dg.DagsterEventType.RUN_SUCCESS, None)


def _check_planned(asset: dg.AssetKey) -> dg.EventLogEntry:
    planned = AssetCheckEvaluationPlanned(asset_key=asset, check_name="codes_are_known")
    return _entry(dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED, planned)


_PLANNED = _check_planned(_ASSETS[0])


@st.composite
def _event(draw: st.DrawFn) -> dg.EventLogEntry:
    """Any event of a run that a storage keeps something of, and some that it only keeps."""
    asset, run = draw(st.sampled_from(_ASSETS)), draw(st.sampled_from(_RUNS))
    at = 1_772_962_200.0 + draw(st.integers(0, 5))
    types = dg.DagsterEventType
    match draw(st.sampled_from(["made", "observed", "planned", "evaluated", "began", "step", "run", "said"])):
        case "made":
            return _materialized(asset, run, at)
        case "observed":
            seen = dg.AssetObservation(asset, tags=draw(st.sampled_from([{}, {"dagster/data_version": "2"}])))
            return _entry(types.ASSET_OBSERVATION, AssetObservationData(seen), run, at)
        case "planned":
            return _entry(types.ASSET_MATERIALIZATION_PLANNED, AssetMaterializationPlannedData(asset), run, at)
        case "evaluated":
            passed = draw(st.booleans())
            looked = dg.AssetCheckEvaluation(asset_key=asset, check_name="codes_are_known", passed=passed, metadata={})
            return _entry(types.ASSET_CHECK_EVALUATION, looked, run, at)
        case "began":
            return _entry(types.ENGINE_EVENT, EngineEventData.in_process(7), run, at)
        case "step":
            return _SUCCESS
        case "run":
            return _RUN_SUCCESS
        case _:
            return _said("One line has no account code.")


@given(events=st.lists(_event(), max_size=12), asked_after=st.sets(st.integers(0, 11)), together=st.booleans())
@settings(max_examples=60)
def test_what_is_kept_is_what_dagsters_own_storage_keeps(
    logs: Logs, events: Sequence[dg.EventLogEntry], asked_after: set[int], together: bool
) -> None:
    logs.begin_anew()
    for log in (logs.ours, logs.theirs):
        if together:
            log.store_event_batch([_check_planned(asset) for asset in _ASSETS])
        for number, entry in enumerate(events):
            log.store_event(entry)
            if number in asked_after:
                log.all_asset_keys()
        log.all_asset_keys()
    for table in _TABLES:
        assert logs.rows(logs.ours, table) == logs.rows(logs.theirs, table)


def test_who_asks_is_told_of_all_that_came_before(logs: Logs) -> None:
    logs.ours.store_event(_materialized())
    assert logs.rows(logs.ours, "event_logs") == []
    assert logs.ours.all_asset_keys() == [_ASSETS[0]]
    assert len(logs.rows(logs.ours, "event_logs")) == 1


def test_the_events_of_a_step_are_stored_by_themselves_a_moment_later(logs: Logs) -> None:
    logs.ours.store_event(_materialized())
    logs.ours.store_event(_SUCCESS)
    for _ in range(500):
        if len(logs.rows(logs.ours, "event_logs")) == 2:
            break
        time.sleep(0.02)
    assert len(logs.rows(logs.ours, "event_logs")) == 2
    logs.ours.dispose()
    assert len(logs.rows(logs.ours, "event_logs")) == 2


@pytest.mark.parametrize("urgent", [_RUN_SUCCESS, _PLANNED, _said("Nothing was due.")], ids=["state", "plan", "word"])
def test_what_may_not_wait_is_stored_at_once_and_after_what_waited(logs: Logs, urgent: dg.EventLogEntry) -> None:
    logs.ours.store_event(_materialized())
    logs.ours.store_event(urgent)
    stored = [kind for (kind,) in logs.rows(logs.ours, "event_logs", "dagster_event_type")]
    assert stored == ["ASSET_MATERIALIZATION", urgent.dagster_event and urgent.dagster_event.event_type_value]


def test_a_step_costs_a_few_statements_however_much_it_tells(logs: Logs) -> None:
    asked: list[str] = []
    logs.ours.all_asset_keys()

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    sqlalchemy_event.listen(logs.ours._engine, "before_cursor_execute", note)
    for _ in range(10):
        for asset in _ASSETS:
            logs.ours.store_event(_materialized(asset))
        logs.ours.store_event(_SUCCESS)
    logs.ours.store_event(_RUN_SUCCESS)
    assert len(logs.rows(logs.ours, "event_logs")) == 41
    # The events, their tags and the assets; and two questions that are asked once, whether Dagster has its tables.
    assert len(asked) <= 5


def test_an_event_that_cannot_be_stored_costs_no_other_and_whoever_stores_next_is_told(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, row = (
        _entry(dg.DagsterEventType.STEP_SUCCESS, StepSuccessData(1.0), "a run that is none"),
        logs.ours._event_to_row,
    )

    def refuse(entry: dg.EventLogEntry) -> dict[str, object]:
        if entry is bad:
            raise ValueError("It cannot be written down.")
        return row(entry)

    monkeypatch.setattr(logs.ours, "_event_to_row", refuse)
    for entry in (_materialized(), bad, _SUCCESS):
        logs.ours.store_event(entry)
    with pytest.raises(ValueError, match="cannot be written down"):
        logs.ours.store_event(_RUN_SUCCESS)
    stored = [kind for (kind,) in logs.rows(logs.ours, "event_logs", "dagster_event_type")]
    assert stored == ["ASSET_MATERIALIZATION", "STEP_SUCCESS", "PIPELINE_SUCCESS"]
    logs.ours.store_event(_RUN_SUCCESS)


def test_what_could_not_be_stored_while_nobody_asked_waits_on(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def refuse(events: Sequence[dg.EventLogEntry]) -> None:
        tried.append(len(events))
        raise psycopg.OperationalError("The server was restarted.")

    with monkeypatch.context() as broken:
        broken.setattr(logs.ours, "_store", refuse)
        logs.ours.store_event(_SUCCESS)
        for _ in range(500):
            if tried:
                break
            time.sleep(0.02)
    assert tried == [1]
    logs.ours.store_event(_materialized())
    assert logs.ours.all_asset_keys() == [_ASSETS[0]]
    stored = [kind for (kind,) in logs.rows(logs.ours, "event_logs", "dagster_event_type")]
    assert stored == ["STEP_SUCCESS", "ASSET_MATERIALIZATION"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_waits_is_stored_by_the_process_that_was_told_of_it_and_by_no_fork(logs: Logs) -> None:
    logs.ours.all_asset_keys()
    logs.ours._engine.dispose()
    logs.ours.store_event(_materialized())
    child = os.fork()
    if not child:
        try:
            logs.ours.store_event(_RUN_SUCCESS)
            os._exit(0 if len(logs.rows(logs.ours, "event_logs")) == 1 else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    logs.ours.dispose()
    stored = [kind for (kind,) in logs.rows(logs.ours, "event_logs", "dagster_event_type")]
    assert sorted(map(str, stored)) == ["ASSET_MATERIALIZATION", "PIPELINE_SUCCESS"]
